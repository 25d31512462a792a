//! The Go program that calls every signature, and what it tells.

use std::{fmt::Write as _, fs, io, path::Path};

use super::{GoType, Name, Parameter, Signature};

/// The source of a program.
#[derive(Clone, Debug)]
pub struct Program<'a> {
    /// The signatures that it calls; the n-th is also the type of its function `main.s<n>`.
    pub signatures: &'a [Signature],
}

/// What one call showed.
#[derive(Clone, Debug, Default)]
pub struct Dump {
    /// The arguments' bytes in memory.
    pub arguments: Vec<Vec<u8>>,
    /// The results' bytes in memory.
    pub results: Vec<Vec<u8>>,
    /// RAX RBX RCX RDX RSI RDI RBP RSP R8 … R15 at the callee's entry, 8 bytes each.
    pub registers: Vec<u8>,
    /// X0 … X14 there, 16 bytes each.
    pub vectors: Vec<u8>,
    /// The stack there, from the return address upwards.
    pub stack: Vec<u8>,
    /// The same registers at the callee's return.
    pub result_registers: Vec<u8>,
    /// The vector registers at its return.
    pub result_vectors: Vec<u8>,
    /// The stack at its return, from the word after the return address upwards.
    pub result_stack: Vec<u8>,
}

/// Everything that does not depend on the signatures.
const FRAME: &str = r#"package main

import (
	"bufio"
	"fmt"
	"os"
	"reflect"
	"runtime/debug"
	"unsafe"
)

// Written by the callee.
var (
	regs [16]uint64
	vecs [15][2]uint64
	stack [300]uint64
)

// Taken by the callee for its return.
var (
	fillRegs [16]uint64
	fillVecs [15][2]uint64
	fillStack [256]uint64
)

// What every pointer points to; never read.
var ground [1 << 16]byte

// Types with names of their own.
type (
	Level   int8
	Point   struct{ X, Y int32 }
	Pair    [2]float32
	Nothing struct{}
	Item    struct {
		Name  string
		level Level
		Where *Point
	}
	Names []string
)

// dump is the callee, in assembly; dumpAddress gives where it begins.
func dump()
func dumpAddress() uintptr

var target = func() *uintptr { a := dumpAddress(); return &a }()

var out = bufio.NewWriter(os.Stdout)

var state uint64 = 88172645463325252

func random() uint64 {
	state ^= state << 13
	state ^= state >> 7
	state ^= state << 17
	return state
}

func pointer() uint64 { return uint64(uintptr(unsafe.Pointer(&ground[random()%8000*8]))) }

// fill writes a value by chance that the collector can live with.
func fill(p unsafe.Pointer, t reflect.Type) {
	at := func(offset uintptr) unsafe.Pointer { return unsafe.Pointer(uintptr(p) + offset) }
	switch t.Kind() {
	case reflect.Bool:
		*(*uint8)(p) = uint8(random() & 1)
	case reflect.String:
		*(*uint64)(p), *(*uint64)(at(8)) = pointer(), random()%100
	case reflect.Slice:
		*(*uint64)(p), *(*uint64)(at(8)), *(*uint64)(at(16)) = pointer(), random()%100, 100
	case reflect.Ptr, reflect.UnsafePointer, reflect.Map, reflect.Chan, reflect.Func:
		*(*uint64)(p) = pointer()
	case reflect.Interface:
		*(*uint64)(p), *(*uint64)(at(8)) = pointer(), pointer()
	case reflect.Array:
		for i := 0; i < t.Len(); i++ {
			fill(at(uintptr(i)*t.Elem().Size()), t.Elem())
		}
	case reflect.Struct:
		for i := 0; i < t.NumField(); i++ {
			fill(at(t.Field(i).Offset), t.Field(i).Type)
		}
	default:
		for i := uintptr(0); i < t.Size(); i++ {
			*(*uint8)(at(i)) = uint8(random() >> 24)
		}
	}
}

func bytes(p unsafe.Pointer, n uintptr) {
	for i := uintptr(0); i < n; i++ {
		fmt.Fprintf(out, "%02x", *(*uint8)(unsafe.Pointer(uintptr(p) + i)))
	}
}

func field(name string, p unsafe.Pointer, n uintptr) {
	out.WriteString(name + " ")
	bytes(p, n)
	out.WriteString("\n")
}

// prepare sets the patterns that the callee returns with. With pointers in the results all words point into ground.
func prepare(pointers bool) {
	next := uint64(0)
	word := func() uint64 {
		if !pointers {
			return random()
		}
		next++
		return uint64(uintptr(unsafe.Pointer(&ground[0]))) + next*8
	}
	for i := range fillRegs {
		fillRegs[i] = word()
	}
	for i := range fillVecs {
		fillVecs[i] = [2]uint64{random(), random()}
	}
	for i := range fillStack {
		fillStack[i] = word()
	}
}

func report() {
	field("registers", unsafe.Pointer(&regs), unsafe.Sizeof(regs))
	field("vectors", unsafe.Pointer(&vecs), unsafe.Sizeof(vecs))
	field("stack", unsafe.Pointer(&stack), 256*8)
	field("result_registers", unsafe.Pointer(&fillRegs), unsafe.Sizeof(fillRegs))
	field("result_vectors", unsafe.Pointer(&fillVecs), unsafe.Sizeof(fillVecs))
	field("result_stack", unsafe.Pointer(&fillStack), unsafe.Sizeof(fillStack))
}

// room makes its callers' frames large enough for the stack that the callee fills.
//go:noinline
func room(a [400]uint64) uint64 { return a[random()%400] }

var never bool

func main() {
	debug.SetGCPercent(-1)
	if never {
		fmt.Println(kept...)
	}
	for i, call := range calls {
		fmt.Fprintf(out, "call %d\n", i)
		call()
	}
	out.Flush()
}
"#;

/// The callee. Arguments and results are where the compiler puts them for a Go function: nothing is declared here.
const ASSEMBLY: &str = r#"#include "textflag.h"

TEXT ·dumpAddress(SB), NOSPLIT, $0-8
	LEAQ ·dump(SB), AX
	MOVQ AX, ret+0(FP)
	RET

TEXT ·dump(SB), NOSPLIT|NOFRAME, $0-0
	MOVQ AX, ·regs+0(SB)
	MOVQ BX, ·regs+8(SB)
	MOVQ CX, ·regs+16(SB)
	MOVQ DX, ·regs+24(SB)
	MOVQ SI, ·regs+32(SB)
	MOVQ DI, ·regs+40(SB)
	MOVQ BP, ·regs+48(SB)
	MOVQ SP, ·regs+56(SB)
	MOVQ R8, ·regs+64(SB)
	MOVQ R9, ·regs+72(SB)
	MOVQ R10, ·regs+80(SB)
	MOVQ R11, ·regs+88(SB)
	MOVQ R12, ·regs+96(SB)
	MOVQ R13, ·regs+104(SB)
	MOVQ R14, ·regs+112(SB)
	MOVQ R15, ·regs+120(SB)
@SAVE@
	CLD
	MOVQ SP, SI
	LEAQ ·stack(SB), DI
	MOVQ $256, CX
	REP; MOVSQ
	LEAQ ·fillStack(SB), SI
	MOVQ SP, DI
	ADDQ $8, DI
	MOVQ $256, CX
	REP; MOVSQ
@LOAD@
	MOVQ ·fillRegs+0(SB), AX
	MOVQ ·fillRegs+8(SB), BX
	MOVQ ·fillRegs+16(SB), CX
	MOVQ ·fillRegs+32(SB), SI
	MOVQ ·fillRegs+40(SB), DI
	MOVQ ·fillRegs+64(SB), R8
	MOVQ ·fillRegs+72(SB), R9
	MOVQ ·fillRegs+80(SB), R10
	MOVQ ·fillRegs+88(SB), R11
	RET
"#;

impl Program<'_> {
    /// Writes the program's module into an empty folder.
    ///
    /// # Errors
    /// A file can't be written.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        fs::write(
            folder.join("go.mod"),
            "module goproctor.test/abitruth\n\ngo 1.15\n",
        )?;
        fs::write(folder.join("main.go"), FRAME)?;
        let lines =
            |line: &dyn Fn(usize) -> String| (0..15).map(line).collect::<Vec<_>>().join("\n");
        let save = lines(&|n| format!("\tMOVOU X{n}, ·vecs+{}(SB)", n * 16));
        let load = lines(&|n| format!("\tMOVOU ·fillVecs+{}(SB), X{n}", n * 16));
        fs::write(
            folder.join("dump_amd64.s"),
            ASSEMBLY.replace("@SAVE@", &save).replace("@LOAD@", &load),
        )?;
        fs::write(folder.join("calls.go"), self.calls())
    }

    /// One function a signature that calls the callee, and one of the signature for the debug information.
    fn calls(&self) -> String {
        let mut text = String::from(
            "package main\n\nimport (\n\t\"reflect\"\n\t\"unsafe\"\n)\n\nvar calls = []func(){\n",
        );
        for index in 0..self.signatures.len() {
            let _ = writeln!(text, "\tc{index},");
        }
        text.push_str("}\n\nvar kept = []interface{}{\n");
        for index in 0..self.signatures.len() {
            let _ = writeln!(text, "\ts{index},");
        }
        text.push_str("}\n");
        for (index, signature) in self.signatures.iter().enumerate() {
            call(&mut text, index, signature);
        }
        text
    }
}

fn call(text: &mut String, index: usize, signature: &Signature) {
    let names = |prefix: &str, count: usize| {
        (0..count)
            .map(|n| format!("{prefix}{n}"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let mut parameters = names("p", signature.parameters.len());
    if signature.variadic {
        parameters.push_str("...");
    }
    let results = names("r", signature.results.len());
    let mut body = String::new();
    for (n, Parameter { ty, .. }) in signature.parameters.iter().enumerate() {
        let _ = writeln!(
            body,
            "\tvar p{n} {ty}\n\tfill(unsafe.Pointer(&p{n}), reflect.TypeOf(&p{n}).Elem())"
        );
    }
    let pointers = signature
        .results
        .iter()
        .any(|result| has_pointers(&result.ty));
    let _ = writeln!(body, "\tprepare({pointers})");
    let _ = writeln!(
        body,
        "\tf := *(*func{})(unsafe.Pointer(&target))",
        signature
    );
    let _ = match results.as_str() {
        "" => writeln!(body, "\tf({parameters})"),
        results => writeln!(body, "\t{results} := f({parameters})"),
    };
    for (name, prefix, count) in [
        ("argument", "p", signature.parameters.len()),
        ("result", "r", signature.results.len()),
    ] {
        for n in 0..count {
            let _ = writeln!(
                body,
                "\tfield(\"{name}\", unsafe.Pointer(&{prefix}{n}), unsafe.Sizeof({prefix}{n}))"
            );
        }
    }
    // What may be inlined is described in another way, even where it is not.
    let inlining = if index.is_multiple_of(3) {
        ""
    } else {
        "//go:noinline\n"
    };
    let _ = write!(
        text,
        "\n{inlining}func s{index}{signature} {{ {} }}\n\n//go:noinline\nfunc c{index}() {{\n\
         {body}\treport()\n\tif never {{\n\t\troom([400]uint64{{}})\n\t\ts{index}({parameters})\n\t}}\n}}\n",
        nothing(signature)
    );
}

/// What a function does that gives zeros.
fn nothing(signature: &Signature) -> String {
    if signature
        .results
        .iter()
        .any(|result| result.name != Name::None)
    {
        return "return".to_owned();
    }
    let zeros = signature.results.iter().enumerate();
    let (variables, names): (String, Vec<_>) = zeros
        .map(|(n, result)| (format!("var z{n} {}; ", result.ty), format!("z{n}")))
        .unzip();
    format!("{variables}return {}", names.join(", "))
}

fn has_pointers(ty: &GoType) -> bool {
    match ty {
        GoType::Named(name) => {
            !matches!(
                *name,
                "bool" | "uintptr" | "Level" | "Point" | "Pair" | "Nothing"
            ) && !["int", "uint", "float", "complex"]
                .iter()
                .any(|number| name.starts_with(number))
                || *name == "interface{}"
        }
        GoType::Array(_, element) => has_pointers(element),
        GoType::Struct(fields) => fields.iter().any(|(_, ty)| has_pointers(ty)),
    }
}

impl Dump {
    /// The dumps of all calls, from what the program printed.
    ///
    /// # Errors
    /// A line that is not understood.
    pub fn all(printed: &str) -> Result<Vec<Self>, String> {
        let mut dumps: Vec<Self> = Vec::new();
        for line in printed.lines() {
            let (name, rest) = line
                .split_once(' ')
                .ok_or_else(|| format!("no field: {line}"))?;
            if name == "call" {
                dumps.push(Self::default());
                continue;
            }
            let dump = dumps.last_mut().ok_or("a field before the first call")?;
            let bytes = bytes(rest)?;
            match name {
                "argument" => dump.arguments.push(bytes),
                "result" => dump.results.push(bytes),
                "registers" => dump.registers = bytes,
                "vectors" => dump.vectors = bytes,
                "stack" => dump.stack = bytes,
                "result_registers" => dump.result_registers = bytes,
                "result_vectors" => dump.result_vectors = bytes,
                "result_stack" => dump.result_stack = bytes,
                _ => return Err(format!("an unknown field: {name}")),
            }
        }
        Ok(dumps)
    }
}

fn bytes(hex: &str) -> Result<Vec<u8>, String> {
    let digits = hex.as_bytes();
    digits
        .chunks(2)
        .map(|pair| {
            let pair = std::str::from_utf8(pair).map_err(|error| error.to_string())?;
            u8::from_str_radix(pair, 16).map_err(|error| error.to_string())
        })
        .collect()
}
