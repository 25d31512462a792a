//! Types as the source writes them.

use std::fmt;

use crate::names;

/// A type as the source writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TypeText {
    /// `T`, of this package or predeclared, or `p.T`.
    Named {
        /// The package, as the file calls it.
        package: Option<String>,
        /// The type.
        name: String,
    },
    /// `*T`
    Pointer(Box<Self>),
    /// `[]T`
    Slice(Box<Self>),
    /// `[2]T`
    Array(u64, Box<Self>),
    /// `map[K]V`
    Map(Box<Self>, Box<Self>),
    /// `chan T`, `<-chan T` or `chan<- T`: what is before the element, and the element.
    Channel(&'static str, Box<Self>),
    /// `func(A, B) C`
    Func {
        /// The types of the parameters; of a variadic one the element's.
        parameters: Vec<Self>,
        /// Whether the last one is variadic.
        variadic: bool,
        /// The types of the results.
        results: Vec<Self>,
    },
    /// `interface{}` or `any`
    EmptyInterface,
    /// `interface{ M() }`, with methods of its own, as it is written.
    Interface(String),
    /// `struct{ A, b int; _ bool; io.Reader }`
    Struct(Vec<FieldText>),
    /// What cannot be looked up: type parameters, local types, other literals.
    Other(String),
}

/// A field of a struct as the source writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FieldText {
    /// Its name, also if that is `_`; none for an embedded field.
    pub(crate) name: Option<String>,
    /// Its type.
    pub(crate) ty: TypeText,
}

/// A part of a type that has to be looked up to be written as Go's linker does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Word<'a> {
    /// A type of this package or a predeclared one.
    Own(&'a str),
    /// A type of another package, which the file calls so.
    Imported(&'a str, &'a str),
    /// [`TypeText::Other`].
    Other(&'a str),
}

impl TypeText {
    /// The name of a field that embeds this type; none if it can't be embedded.
    pub(crate) fn embedded_name(&self) -> Option<String> {
        match self {
            Self::Named { name, .. } => Some(name.clone()),
            Self::Pointer(target) => match &**target {
                Self::Named { name, .. } => Some(name.clone()),
                _ => None,
            },
            _ => None,
        }
    }

    /// The type as Go's linker writes it, its words as `named` says; none if that does not know one.
    pub(crate) fn go_name(&self, named: &impl Fn(Word<'_>) -> Option<String>) -> Option<String> {
        let list = |types: &[Self]| -> Option<Vec<String>> {
            types.iter().map(|ty| ty.go_name(named)).collect()
        };
        Some(match self {
            Self::Named { package, name } => named(match package {
                Some(package) => Word::Imported(package, name),
                None => Word::Own(name),
            })?,
            Self::Pointer(target) => format!("*{}", target.go_name(named)?),
            Self::Slice(element) => format!("[]{}", element.go_name(named)?),
            Self::Array(count, element) => format!("[{count}]{}", element.go_name(named)?),
            Self::Map(key, value) => {
                format!("map[{}]{}", key.go_name(named)?, value.go_name(named)?)
            }
            Self::Channel(direction, element) => {
                let inner = element.go_name(named)?;
                match **element {
                    Self::Channel("<-chan ", _) if *direction == "chan " => {
                        format!("chan ({inner})")
                    }
                    _ => format!("{direction}{inner}"),
                }
            }
            Self::Func {
                parameters,
                variadic,
                results,
            } => {
                let mut parameters = list(parameters)?;
                if *variadic && let Some(last) = parameters.last_mut() {
                    last.insert_str(0, "...");
                }
                names::function_type(&parameters, &list(results)?)
            }
            Self::EmptyInterface => "interface {}".to_owned(),
            Self::Struct(fields) if fields.is_empty() => "struct {}".to_owned(),
            Self::Struct(fields) => {
                let fields: Option<Vec<_>> = fields
                    .iter()
                    .map(|field| {
                        let ty = field.ty.go_name(named)?;
                        Some(match &field.name {
                            Some(name) => format!("{name} {ty}"),
                            None => ty,
                        })
                    })
                    .collect();
                format!("struct {{ {} }}", fields?.join("; "))
            }
            Self::Interface(text) | Self::Other(text) => named(Word::Other(text))?,
        })
    }
}

impl fmt::Display for TypeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let as_written = |word: Word<'_>| {
            Some(match word {
                Word::Own(text) | Word::Other(text) => text.to_owned(),
                Word::Imported(package, name) => format!("{package}.{name}"),
            })
        };
        f.write_str(&self.go_name(&as_written).unwrap_or_default())
    }
}
