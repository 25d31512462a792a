//! Filling up from the source what the DWARF leaves out of a parameter list.

use std::collections::HashMap;

use model::{Field, Kind, Type, TypeId};

use super::{
    BinaryError, Signature, SignatureParameter, UnknownResults,
    debug::{Debug, EntryOffset},
    index::Index,
    types::TypeReader,
};
use crate::{
    Declaration,
    declaration::{Declared, FieldText, TypeText, Word},
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

/// Types that the standard library gives a second name (`os/types.go`, `os/dir.go`, `os/error.go`).
const ALIASES: [(&str, &str); 4] = [
    ("os.DirEntry", "io/fs.DirEntry"),
    ("os.FileInfo", "io/fs.FileInfo"),
    ("os.FileMode", "io/fs.FileMode"),
    ("os.PathError", "io/fs.PathError"),
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
            unknown_results: results.is_none().then_some(UnknownResults::NoSuchType),
            results: results.unwrap_or_default(),
        })
    }

    /// The source's order counts: up to Go 1.16 the DWARF has values of size zero in another. What the DWARF has and
    /// the source has not are variables that a closure uses and its caller passes (up to Go 1.16); they come first.
    fn parameters(
        &self,
        types: &mut TypeReader<'_, '_>,
        described: Vec<SignatureParameter>,
        declaration: &Declaration,
    ) -> Option<Vec<SignatureParameter>> {
        let (described, captured): (Vec<_>, Vec<_>) =
            described.into_iter().partition(|described| {
                let same = |declared: &Declared| declared.name.as_ref() == Some(&described.name);
                declaration.parameters.iter().any(same)
            });
        let captured = captured.into_iter().map(|parameter| {
            Some(SignatureParameter {
                hidden: true,
                ..parameter
            })
        });
        let declared = declaration.parameters.iter();
        let declared = declared.map(|one| self.described(types, &described, one, declaration));
        captured.chain(declared).collect()
    }

    /// The results as the source declares them; none if a type is not found. The DWARF has no results whose name is `_`, and
    /// Go 1.17's few at all.
    pub(super) fn results(
        &self,
        types: &mut TypeReader<'_, '_>,
        described: &[SignatureParameter],
        declaration: &Declaration,
    ) -> Option<Vec<SignatureParameter>> {
        let unnamed = declaration
            .results
            .iter()
            .all(|result| result.name.is_none());
        if unnamed
            && described.len() == declaration.results.len()
            && let Some(described) = in_numbered_order(described)
        {
            return Some(described);
        }
        let declared = declaration.results.iter();
        declared
            .map(|one| self.described(types, described, one, declaration))
            .collect()
    }

    /// The one that the DWARF describes by that name, or else one made of the source.
    fn described(
        &self,
        types: &mut TypeReader<'_, '_>,
        described: &[SignatureParameter],
        declared: &Declared,
        declaration: &Declaration,
    ) -> Option<SignatureParameter> {
        let same = described
            .iter()
            .find(|described| declared.name.as_ref() == Some(&described.name));
        match same {
            Some(described) => Some(described.clone()),
            None => self.parameter(types, declared, declaration),
        }
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
            dictionary_index: None,
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
        let predeclared = name.as_deref().and_then(predeclared);
        let display = name.unwrap_or_else(|| text.to_string());
        let (size, kind) = match text {
            TypeText::Pointer(target) => {
                let target = Some(self.pointed(types, target, declaration));
                (8, Kind::Pointer { target })
            }
            TypeText::Slice(element) => {
                let element = self.pointed(types, element, declaration);
                (24, Kind::Slice { element })
            }
            TypeText::Map(key, value) => {
                let key = self.pointed(types, key, declaration);
                let value = self.pointed(types, value, declaration);
                (
                    8,
                    Kind::Map {
                        key,
                        value,
                        layout: None,
                    },
                )
            }
            TypeText::Channel(_, element) => {
                let element = self.pointed(types, element, declaration);
                (8, Kind::Channel { element })
            }
            TypeText::Func { .. } => (8, Kind::Func),
            TypeText::EmptyInterface => (16, Kind::Interface { empty: true }),
            TypeText::Interface(_) => (16, Kind::Interface { empty: false }),
            TypeText::Array(count, element) => {
                let element = self.type_id(types, element, declaration)?;
                return Some(types.add_array(display, element, *count));
            }
            TypeText::Struct(fields) => {
                let fields = self.fields(types, fields, declaration)?;
                return Some(types.add_struct(display, fields));
            }
            TypeText::Named { .. } => predeclared?,
            TypeText::Other(_) => return None,
        };
        Some(types.add(Type {
            name: display,
            size,
            kind,
        }))
    }

    /// A type that another one points to, so that it need not be known.
    fn pointed(
        &self,
        types: &mut TypeReader<'_, '_>,
        text: &TypeText,
        declaration: &Declaration,
    ) -> TypeId {
        self.type_id(types, text, declaration)
            .unwrap_or_else(|| types.add(unknown(text)))
    }

    /// Fields whose offsets are still to be found.
    fn fields(
        &self,
        types: &mut TypeReader<'_, '_>,
        fields: &[FieldText],
        declaration: &Declaration,
    ) -> Option<Vec<Field>> {
        fields
            .iter()
            .map(|field| {
                Some(Field {
                    name: match &field.name {
                        Some(name) => name.clone(),
                        None => field.ty.embedded_name()?,
                    },
                    offset: 0,
                    ty: self.type_id(types, &field.ty, declaration)?,
                    embedded: field.name.is_none(),
                })
            })
            .collect()
    }

    /// The linker's name for a word of the source.
    fn named(&self, word: Word<'_>, declaration: &Declaration) -> Option<String> {
        let name = self.spelled_out(word, declaration)?;
        let alias = ALIASES.iter().find(|(alias, _)| *alias == name);
        Some(match alias {
            Some((_, own)) if self.names.contains_key(*own) => (*own).to_owned(),
            _ => name,
        })
    }

    fn spelled_out(&self, word: Word<'_>, declaration: &Declaration) -> Option<String> {
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

    fn is_type(&self, name: &str) -> bool {
        self.names.contains_key(name) || ALIASES.iter().any(|(alias, _)| *alias == name)
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
            .filter(|name| self.is_type(name));
        let only = candidates.next()?;
        candidates.next().is_none().then_some(only)
    }
}

/// Results that are all called `~r` and a number, in the order of these; up to Go 1.16 the DWARF has those of size
/// zero in another.
fn in_numbered_order(results: &[SignatureParameter]) -> Option<Vec<SignatureParameter>> {
    let numbered = results.iter().map(|result| {
        let number = result.name.strip_prefix("~r")?.parse::<u32>().ok()?;
        Some((number, result))
    });
    let mut numbered: Vec<_> = numbered.collect::<Option<_>>()?;
    numbered.sort_by_key(|(number, _)| *number);
    Some(
        numbered
            .into_iter()
            .map(|(_, result)| result.clone())
            .collect(),
    )
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

/// The size and the kind of a predeclared type by the linker's name.
fn predeclared(name: &str) -> Option<(u64, Kind)> {
    Some(match name {
        "bool" => (1, Kind::Bool),
        "int8" => (1, Kind::Int),
        "int16" => (2, Kind::Int),
        "int32" => (4, Kind::Int),
        "int64" | "int" => (8, Kind::Int),
        "uint8" => (1, Kind::Uint),
        "uint16" => (2, Kind::Uint),
        "uint32" => (4, Kind::Uint),
        "uint64" | "uint" | "uintptr" => (8, Kind::Uint),
        "float32" => (4, Kind::Float),
        "float64" => (8, Kind::Float),
        "complex64" => (8, Kind::Complex),
        "complex128" => (16, Kind::Complex),
        "string" => (16, Kind::String),
        "unsafe.Pointer" => (8, Kind::UnsafePointer),
        "error" => (16, Kind::Interface { empty: false }),
        "interface {}" => (16, Kind::Interface { empty: true }),
        _ => return None,
    })
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
