//! What a binary's description of a function lacks or has too much of, release by release; with the source's own
//! words where they are given.

use std::collections::BTreeSet;

use crate::{
    golang::{Abi, Signature, SignatureParameter, declared::DeclaredSignature, names},
    model::{Kind, Type, TypeId, TypeTable},
};

/// What decides how far a description can be trusted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Context<'a> {
    /// The function's symbol.
    pub(super) name: &'a str,
    /// The Go release's minor number.
    pub(super) minor: u32,
    /// The function's ABI.
    pub(super) abi: Abi,
    /// What the source declares, if that is known.
    pub(super) declared: Option<&'a DeclaredSignature>,
}

/// The parameters and results as the machine code has them, and which of them the source has.
pub(super) fn complete(
    types: &mut TypeTable,
    described: &Signature,
    context: Context<'_>,
) -> Signature {
    let mut signature = Signature {
        parameters: each_once(&described.parameters),
        results: each_once(&described.results),
    };
    add_dictionary(types, &mut signature.parameters, context);
    hide_captured(&mut signature.parameters, context);
    if results_are_lost(context) {
        signature.results = match context.declared {
            Some(declared) => declared_results(types, declared, context.name),
            None => vec![unknown(types)],
        };
    }
    signature
}

/// A value of which nothing is known.
pub(super) fn unknown(types: &mut TypeTable) -> SignatureParameter {
    SignatureParameter {
        name: "_".to_owned(),
        ty: unknown_type(types, "?"),
        hidden: false,
    }
}

fn unknown_type(types: &mut TypeTable, name: &str) -> TypeId {
    types.push(Type {
        name: name.to_owned(),
        size: 0,
        kind: Kind::Unknown,
    })
}

/// A function with `defer` lists its unnamed results twice (seen from Go 1.18 to 1.26).
fn each_once(list: &[SignatureParameter]) -> Vec<SignatureParameter> {
    let mut seen = BTreeSet::new();
    list.iter()
        .filter(|one| one.name.is_empty() || one.name == "_" || seen.insert(one.name.as_str()))
        .cloned()
        .collect()
}

/// A body that instances share takes a dictionary, which is described from Go 1.27 on only. It comes after the
/// receiver (cmd/compile/internal/noder/reader.go, `shapeSig`), or in Go 1.18 and 1.19 before it
/// (noder/stencil.go, `genericSubst`).
fn add_dictionary(
    types: &mut TypeTable,
    parameters: &mut Vec<SignatureParameter>,
    context: Context<'_>,
) {
    const AFTER_RECEIVER: u32 = 20;
    let Some(instance) = names::shared_instance(context.name) else {
        return;
    };
    if parameters.iter().any(|parameter| parameter.hidden) {
        return;
    }
    let receivers = usize::from(instance.method && context.minor >= AFTER_RECEIVER);
    let dictionary = SignatureParameter {
        name: ".dict".to_owned(),
        ty: types.push(Type {
            name: "*[0]uintptr".to_owned(),
            size: 8,
            kind: Kind::UnsafePointer,
        }),
        hidden: true,
    };
    parameters.insert(receivers.min(parameters.len()), dictionary);
}

/// A literal that is called where it stands takes the variables that it captures as parameters before its own
/// (cmd/compile/internal/gc/closure.go, `transformclosure`; walk/closure.go, `directClosureCall`): `&x` by
/// reference, `x` by value.
fn hide_captured(parameters: &mut [SignatureParameter], context: Context<'_>) {
    if !names::is_literal(context.name) {
        return;
    }
    for parameter in parameters.iter_mut() {
        parameter.hidden |= parameter.name.starts_with('&');
    }
    let Some(declared) = context.declared else {
        return;
    };
    let shown = parameters.iter().filter(|one| !one.hidden).count();
    let captured = shown.saturating_sub(declared.parameters);
    for parameter in parameters
        .iter_mut()
        .filter(|one| !one.hidden)
        .take(captured)
    {
        parameter.hidden = true;
    }
}

/// Go 1.17 does not describe results in registers, unless they have a place on the stack too
/// (cmd/compile/internal/ssagen/pgen.go, `AllocFrame`, drops the others' declarations).
const fn results_are_lost(context: Context<'_>) -> bool {
    const LOST: u32 = 17;
    context.minor == LOST && matches!(context.abi, Abi::Register)
}

fn declared_results(
    types: &mut TypeTable,
    declared: &DeclaredSignature,
    function: &str,
) -> Vec<SignatureParameter> {
    declared
        .results
        .iter()
        .map(|result| SignatureParameter {
            name: result.name.clone(),
            ty: resolve(types, &result.ty, names::package(function)),
            hidden: false,
        })
        .collect()
}

/// The type that the source's words mean in a package. What can't be told is of unknown kind.
fn resolve(types: &mut TypeTable, text: &str, package: &str) -> TypeId {
    let text = text.trim();
    let qualified = if text.contains('.') || builtin(text).is_some() || !is_identifier(text) {
        text.to_owned()
    } else {
        format!("{package}.{text}")
    };
    let known = (0..)
        .map(TypeId)
        .take(types.len())
        .find(|id| types.name(*id) == qualified);
    if let Some(id) = known {
        return id;
    }
    let made = match builtin(text) {
        Some((size, kind)) => Some((size, kind)),
        None => composite(types, text, package),
    };
    match made {
        Some((size, kind)) => types.push(Type {
            name: qualified,
            size,
            kind,
        }),
        None => unknown_type(types, &qualified),
    }
}

fn builtin(name: &str) -> Option<(u64, Kind)> {
    Some(match name {
        "bool" => (1, Kind::Bool),
        "int8" => (1, Kind::Int),
        "int16" => (2, Kind::Int),
        "int32" | "rune" => (4, Kind::Int),
        "int" | "int64" => (8, Kind::Int),
        "uint8" | "byte" => (1, Kind::Uint),
        "uint16" => (2, Kind::Uint),
        "uint32" => (4, Kind::Uint),
        "uint" | "uint64" | "uintptr" => (8, Kind::Uint),
        "float32" => (4, Kind::Float),
        "float64" => (8, Kind::Float),
        "complex64" => (8, Kind::Complex),
        "complex128" => (16, Kind::Complex),
        "string" => (16, Kind::String),
        "error" => (16, Kind::Interface { empty: false }),
        "any" | "interface{}" => (16, Kind::Interface { empty: true }),
        "unsafe.Pointer" => (8, Kind::UnsafePointer),
        _ => return None,
    })
}

/// A type whose words tell what it is made of, so far as the ABI is concerned.
fn composite(types: &mut TypeTable, text: &str, package: &str) -> Option<(u64, Kind)> {
    if let Some(target) = text.strip_prefix('*') {
        let target = Some(resolve(types, target, package));
        return Some((8, Kind::Pointer { target }));
    }
    if let Some(element) = text.strip_prefix("[]") {
        let element = resolve(types, element, package);
        return Some((24, Kind::Slice { element }));
    }
    let starts = |word: &str| {
        text.strip_prefix(word)
            .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
    };
    if starts("func") {
        return Some((8, Kind::Func));
    }
    if starts("interface") {
        return Some((16, Kind::Interface { empty: false }));
    }
    if starts("map") {
        let (key, value) = (unknown_type(types, "?"), unknown_type(types, "?"));
        return Some((8, Kind::Map { key, value }));
    }
    if starts("chan") || text.starts_with("<-") {
        let element = unknown_type(types, "?");
        return Some((8, Kind::Channel { element }));
    }
    None
}

fn is_identifier(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]
mod tests {
    use super::*;

    fn types() -> (TypeTable, TypeId) {
        let mut types = TypeTable::default();
        let int = types.push(Type {
            name: "int".into(),
            size: 8,
            kind: Kind::Int,
        });
        (types, int)
    }

    fn parameter(name: &str, ty: TypeId) -> SignatureParameter {
        SignatureParameter {
            name: name.into(),
            ty,
            hidden: false,
        }
    }

    fn completed(
        name: &str,
        minor: u32,
        parameters: &[&str],
        results: &[&str],
        declared: Option<&DeclaredSignature>,
    ) -> (TypeTable, Signature) {
        let (mut types, int) = types();
        let list = |names: &[&str]| names.iter().map(|name| parameter(name, int)).collect();
        let described = Signature {
            parameters: list(parameters),
            results: list(results),
        };
        let context = Context {
            name,
            minor,
            abi: if minor < 17 { Abi::Stack } else { Abi::Register },
            declared,
        };
        let signature = complete(&mut types, &described, context);
        (types, signature)
    }

    /// `name` or `(name)` if it is hidden.
    fn shown(list: &[SignatureParameter]) -> String {
        let names: Vec<_> = list
            .iter()
            .map(|one| match one.hidden {
                true => format!("({})", one.name),
                false => one.name.clone(),
            })
            .collect();
        names.join(" ")
    }

    fn parameters(name: &str, minor: u32, list: &[&str]) -> String {
        shown(&completed(name, minor, list, &[], None).1.parameters)
    }

    #[test]
    fn a_result_that_is_listed_twice_is_one() {
        let (_, signature) = completed("main.f", 26, &["a", "_", "_"], &["~r0", "~r0", "~r1"], None);
        assert_eq!(shown(&signature.results), "~r0 ~r1");
        assert_eq!(shown(&signature.parameters), "a _ _");
    }

    #[test]
    fn shared_bodies_take_a_dictionary() {
        let function = "main.Map[go.shape.int]";
        let method = "main.(*List[go.shape.int]).Push";
        assert_eq!(parameters(function, 22, &["x", "f"]), "(.dict) x f");
        assert_eq!(parameters(method, 22, &["l", "x"]), "l (.dict) x");
        assert_eq!(parameters(method, 18, &["l", "x"]), "(.dict) l x");
        assert_eq!(parameters("main.Map", 22, &["x"]), "x");
        assert_eq!(parameters("main.Map[int]", 22, &["x"]), "x");
        // A literal finds the dictionary among what it captures.
        assert_eq!(parameters("main.Map[go.shape.int].func1", 22, &["x"]), "x");
    }

    #[test]
    fn captured_variables_are_not_shown() {
        assert_eq!(parameters("main.f.func1", 16, &["&k", "n"]), "(&k) n");
        let declared = DeclaredSignature::parse("func(n int) {}").unwrap();
        let (_, signature) = completed("main.f.func1", 16, &["c", "&k", "n"], &[], Some(&declared));
        assert_eq!(shown(&signature.parameters), "(c) (&k) n");
    }

    #[test]
    fn results_of_go_1_17_come_from_the_source_or_are_unknown() {
        let (types, signature) = completed("main.f", 17, &["a"], &["~r1"], None);
        assert_eq!(
            types.get(signature.results[0].ty).unwrap().kind,
            Kind::Unknown
        );
        let declared = DeclaredSignature::parse(
            "func f(a int) (n int, s string, p *T, l []byte, err error, t T, m map[string]int) {}",
        )
        .unwrap();
        let (types, signature) = completed("main.f", 17, &["a"], &[], Some(&declared));
        let seen: Vec<_> = signature
            .results
            .iter()
            .map(|result| {
                let ty = types.get(result.ty).unwrap();
                format!("{} {} {}", result.name, ty.name, ty.size)
            })
            .collect();
        assert_eq!(
            seen,
            [
                "n int 8",
                "s string 16",
                "p *T 8",
                "l []byte 24",
                "err error 16",
                "t main.T 0",
                "m map[string]int 8"
            ]
        );
        let nothing = DeclaredSignature::parse("func f(a int) {}").unwrap();
        let (_, signature) = completed("main.f", 17, &["a"], &[], Some(&nothing));
        assert!(signature.results.is_empty());
    }
}
