//! Go types and signatures by chance, the same for the same seed.

use std::fmt;

use fastrand::Rng;

/// A Go type, as source text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GoType {
    /// A type that its name tells.
    Named(&'static str),
    /// `[n]T`
    Array(u64, Box<GoType>),
    /// `struct { … }`; a field is blank or named by its number.
    Struct(Vec<(bool, GoType)>),
}

/// The types without parts; those with pointers last.
const NAMED: [&str; 35] = [
    "bool",
    "int8",
    "int16",
    "int32",
    "int64",
    "int",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "uint",
    "uintptr",
    "float32",
    "float64",
    "complex64",
    "complex128",
    "int",
    "float64",
    "string",
    "[]int",
    "*int",
    "unsafe.Pointer",
    "map[string]int",
    "chan int",
    "func()",
    "interface{}",
    "error",
    "string",
    "[]string",
    "Level",
    "Point",
    "Pair",
    "Nothing",
    "Item",
    "Names",
];

impl GoType {
    fn random(random: &mut Rng, levels: u32) -> Self {
        let kind = if levels == 0 { 0 } else { random.u64(..10) };
        match kind {
            0..=6 => {
                let index = usize::try_from(random.u64(..NAMED.len() as u64)).unwrap_or(0);
                Self::Named(NAMED[index])
            }
            7 => Self::Array(random.u64(..4), Box::new(Self::random(random, levels - 1))),
            _ => {
                let fields = random.u64(..5);
                Self::Struct(
                    (0..fields)
                        .map(|_| (random.u64(..8) == 0, Self::random(random, levels - 1)))
                        .collect(),
                )
            }
        }
    }
}

impl fmt::Display for GoType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => f.write_str(name),
            Self::Array(count, element) => write!(f, "[{count}]{element}"),
            Self::Struct(fields) => {
                f.write_str("struct { ")?;
                for (index, (blank, ty)) in fields.iter().enumerate() {
                    if *blank {
                        write!(f, "_ {ty}; ")?;
                    } else {
                        write!(f, "F{index} {ty}; ")?;
                    }
                }
                f.write_str("}")
            }
        }
    }
}

/// A parameter or a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// What the source calls it.
    pub name: Name,
    /// Its type.
    pub ty: GoType,
}

/// What the source calls a parameter or a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// Nothing; then no other of the list has a name.
    None,
    /// `_`
    Blank,
    /// By its number: `p3`, `r0`.
    Numbered,
}

/// A function's parameters and results.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The parameters.
    pub parameters: Vec<Parameter>,
    /// The results.
    pub results: Vec<Parameter>,
    /// Whether the last parameter, a slice, is written as `...T`.
    pub variadic: bool,
}

impl Signature {
    /// One by chance: up to twelve parameters and six results. Of eight lists one has no names, and in the others one
    /// name of five is blank.
    pub fn random(random: &mut Rng) -> Self {
        let mut list = |most| {
            let count = random.u64(..most);
            let unnamed = random.u64(..8) == 0;
            (0..count)
                .map(|_| Parameter {
                    name: match random.u64(..5) {
                        _ if unnamed => Name::None,
                        0 => Name::Blank,
                        _ => Name::Numbered,
                    },
                    ty: GoType::random(random, 3),
                })
                .collect::<Vec<_>>()
        };
        let (parameters, results) = (list(13), list(7));
        let is_slice = |last: &Parameter| matches!(last.ty, GoType::Named("[]int" | "[]string"));
        Self {
            variadic: parameters.last().is_some_and(is_slice),
            parameters,
            results,
        }
    }
}

impl Name {
    /// What stands before the type.
    fn text(self, prefix: &str, number: usize) -> String {
        match self {
            Self::None => String::new(),
            Self::Blank => "_ ".to_owned(),
            Self::Numbered => format!("{prefix}{number} "),
        }
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |prefix: &str, list: &[Parameter]| -> Vec<String> {
            let texts = list.iter().enumerate();
            texts
                .map(|(number, one)| format!("{}{}", one.name.text(prefix, number), one.ty))
                .collect()
        };
        let mut parameters = list("p", &self.parameters);
        if self.variadic
            && let Some(last) = parameters.last_mut()
        {
            *last = last.replace("[]", "...");
        }
        let results = list("r", &self.results);
        write!(f, "({}) ({})", parameters.join(", "), results.join(", "))
    }
}
