//! Filling up from the source what the DWARF leaves out of a parameter list.

use std::collections::HashMap;

use super::{
    BinaryError, Signature, SignatureParameter,
    debug::{Debug, EntryOffset},
    index::Index,
    types::TypeReader,
};
use crate::{
    golang::{
        Declaration,
        declaration::{Declared, TypeText, Word},
    },
    model::{Kind, Type, TypeId},
};

/// The types that Go has in every package (`go/types/universe.go`), with what the linker calls them.
const PREDECLARED: [(&str, &str); 22] = [
    ("any", "interface {}"),
    ("bool", "bool"),
    ("byte", "uint8"),
    ("complex128", "complex128"),
    ("complex64", "complex64"),
    ("error", "error"),
    ("float32", "float32"),
    ("float64", "float64"),
    ("int", "int"),
    ("int16", "int16"),
    ("int32", "int32"),
    ("int64", "int64"),
    ("int8", "int8"),
    ("rune", "int32"),
    ("string", "string"),
    ("uint", "uint"),
    ("uint16", "uint16"),
    ("uint32", "uint32"),
    ("uint64", "uint64"),
    ("uint8", "uint8"),
    ("uintptr", "uintptr"),
    ("unsafe.Pointer", "unsafe.Pointer"),
];

/// Finds the binary's types for what the source writes.
pub(super) struct SourceTypes {
    names: HashMap<String, EntryOffset>,
}

impl SourceTypes {
    /// Reads the names of all types in the binary.
    pub(super) fn read(debug: &Debug<'_>, index: &Index) -> Result<Self, BinaryError> {
        Ok(Self {
            names: index.type_names(debug)?,
        })
    }

    /// Completes a signature that the DWARF gives by what the source declares. None if the two cannot be
    /// brought together, or a type is not found: then the parameters are not known.
    pub(super) fn complete(
        &self,
        types: &mut TypeReader<'_, '_>,
        signature: Signature,
        declaration: &Declaration,
    ) -> Option<Signature> {
        let results = self.results(types, &signature.results, declaration);
        Some(Signature {
            parameters: self.parameters(types, signature.parameters, declaration)?,
            results_known: results.is_some(),
            results: results.unwrap_or_default(),
        })
    }

    /// What the DWARF has and the source has not are variables that a closure uses and its caller passes
    /// (up to Go 1.16); they come first.
    fn parameters(
        &self,
        types: &mut TypeReader<'_, '_>,
        described: Vec<SignatureParameter>,
        declaration: &Declaration,
    ) -> Option<Vec<SignatureParameter>> {
        let mut described = described.into_iter().peekable();
        let is_declared = |parameter: &SignatureParameter| {
            declaration
                .parameters
                .iter()
                .any(|declared| declared.name.as_deref() == Some(&parameter.name))
        };
        let mut parameters = Vec::new();
        while let Some(captured) = described.next_if(|parameter| !is_declared(parameter)) {
            parameters.push(SignatureParameter {
                hidden: true,
                ..captured
            });
        }
        for declared in &declaration.parameters {
            let same =
                |parameter: &SignatureParameter| declared.name.as_deref() == Some(&parameter.name);
            parameters.push(match described.next_if(same) {
                Some(parameter) => parameter,
                None => self.parameter(types, declared, declaration)?,
            });
        }
        described.next().is_none().then_some(parameters)
    }

    fn results(
        &self,
        types: &mut TypeReader<'_, '_>,
        described: &[SignatureParameter],
        declaration: &Declaration,
    ) -> Option<Vec<SignatureParameter>> {
        let agree = |(described, declared): (&SignatureParameter, &Declared)| {
            declared.name.as_ref().map_or_else(
                || described.name.starts_with('~') || described.name == "_",
                |name| described.name == *name,
            )
        };
        let all = described.len() == declaration.results.len();
        if all && described.iter().zip(&declaration.results).all(agree) {
            return Some(described.to_vec());
        }
        declaration
            .results
            .iter()
            .map(|declared| self.parameter(types, declared, declaration))
            .collect()
    }

    fn parameter(
        &self,
        types: &mut TypeReader<'_, '_>,
        declared: &Declared,
        declaration: &Declaration,
    ) -> Option<SignatureParameter> {
        Some(SignatureParameter {
            name: declared.name.clone().unwrap_or_else(|| "_".to_owned()),
            ty: self.type_id(types, &declared.ty, declaration)?,
            hidden: false,
        })
    }

    /// The binary's type for the source's, or one of the same shape where the binary has none.
    fn type_id(
        &self,
        types: &mut TypeReader<'_, '_>,
        text: &TypeText,
        declaration: &Declaration,
    ) -> Option<TypeId> {
        let name = text.go_name(&|word| self.named(word, declaration));
        if let Some(entry) = name.as_ref().and_then(|name| self.names.get(name)) {
            return Some(types.id(*entry));
        }
        let mut part = |text: &TypeText| {
            self.type_id(types, text, declaration)
                .unwrap_or_else(|| types.add(unknown(text)))
        };
        let (size, kind) = match text {
            TypeText::Pointer(target) => {
                let target = Some(part(target));
                (8, Kind::Pointer { target })
            }
            TypeText::Slice(element) => {
                let element = part(element);
                (24, Kind::Slice { element })
            }
            TypeText::Map(key, value) => {
                let (key, value) = (part(key), part(value));
                (8, Kind::Map { key, value })
            }
            TypeText::Channel(_, element) => {
                let element = part(element);
                (8, Kind::Channel { element })
            }
            TypeText::Func { .. } => (8, Kind::Func),
            TypeText::EmptyInterface => (16, Kind::Interface { empty: true }),
            TypeText::EmptyStruct => (0, Kind::Struct { fields: Vec::new() }),
            TypeText::Array(..) | TypeText::Named { .. } | TypeText::Other(_) => return None,
        };
        let name = name.unwrap_or_else(|| text.to_string());
        Some(types.add(Type { name, size, kind }))
    }

    /// The linker's name for a word of the source.
    fn named(&self, word: Word<'_>, declaration: &Declaration) -> Option<String> {
        match word {
            Word::Own(name) => {
                let own = format!("{}.{name}", declaration.package);
                let predeclared = PREDECLARED.iter().find(|(source, _)| *source == name);
                match predeclared {
                    Some((_, linker)) if !self.names.contains_key(&own) => {
                        Some((*linker).to_owned())
                    }
                    // The package may give the name another meaning than Go.
                    Some(_) => None,
                    None => Some(own),
                }
            }
            Word::Imported("unsafe", "Pointer") => Some("unsafe.Pointer".to_owned()),
            Word::Imported(package, name) => self.imported(package, name, declaration),
            Word::Other(_) => None,
        }
    }

    /// A type of another package: the import that the file names so, or else the only one whose path
    /// could be that package's and that has such a type.
    fn imported(&self, package: &str, name: &str, declaration: &Declaration) -> Option<String> {
        let renamed = declaration
            .imports
            .iter()
            .find(|import| import.name.as_deref() == Some(package));
        if let Some(import) = renamed {
            return Some(format!("{}.{name}", import.path));
        }
        let mut candidates = declaration
            .imports
            .iter()
            .filter(|import| import.name.is_none() && may_be_called(&import.path, package))
            .map(|import| format!("{}.{name}", import.path))
            .filter(|name| self.names.contains_key(name));
        let only = candidates.next()?;
        candidates.next().is_none().then_some(only)
    }
}

/// Whether a package of that path may have that name: it mostly is the last element, or the one before a
/// version, or part of it (`gopkg.in/yaml.v3`, `github.com/mattn/go-isatty`).
fn may_be_called(path: &str, package: &str) -> bool {
    let mut elements = path.rsplit('/');
    let last = elements.next().unwrap_or(path);
    let is_version = last.strip_prefix('v').is_some_and(|number| {
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    });
    let before = elements.next().filter(|_| is_version);
    last.contains(package) || before.is_some_and(|element| element.contains(package))
}

fn unknown(text: &TypeText) -> Type {
    Type {
        name: text.to_string(),
        size: 0,
        kind: Kind::Unknown,
    }
}

/// Names parameters and results alike for all releases: `_` for a parameter without a name, `~r` and its
/// number among the results for such a result.
pub(super) fn normalise_names(signature: &mut Signature) {
    for parameter in &mut signature.parameters {
        if parameter.name.starts_with('~') {
            parameter.name = "_".to_owned();
        }
    }
    for (number, result) in signature.results.iter_mut().enumerate() {
        if result.name.starts_with('~') || result.name == "_" {
            result.name = format!("~r{number}");
        }
    }
}
