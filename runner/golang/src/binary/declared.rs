//! Adding from the source what the DWARF leaves out of a parameter list.

use std::collections::HashMap;

use model::{Field, Kind, Type, TypeId};

use super::{
    Signature, SignatureParameter, UnknownResults, debug::EntryOffset, predeclared,
    types::TypeReader,
};
use crate::{
    Declaration,
    declaration::{Declared, FieldText, TypeText, Word},
    names::is_number,
};

/// Types that the standard library gives a second name (`os/types.go`, `os/dir.go`, `os/error.go`).
const ALIASES: [(&str, &str); 4] = [
    ("os.DirEntry", "io/fs.DirEntry"),
    ("os.FileInfo", "io/fs.FileInfo"),
    ("os.FileMode", "io/fs.FileMode"),
    ("os.PathError", "io/fs.PathError"),
];

/// Completes one signature by what the source declares.
pub(super) struct Completion<'c, 'd, 'a> {
    /// All types of the binary, by name.
    pub(super) names: &'c HashMap<String, EntryOffset>,
    /// Where types of the source go that the binary lacks.
    pub(super) types: &'c mut TypeReader<'d, 'a>,
    /// The declaration.
    pub(super) declaration: &'c Declaration,
}

impl Completion<'_, '_, '_> {
    /// The signature that the DWARF gives, completed. None if the two do not fit, or a type is not found: then the
    /// parameters are not known.
    pub(super) fn complete(&mut self, signature: Signature) -> Option<Signature> {
        let parameters = self.parameters(signature.parameters.clone())?;
        Some(Signature {
            parameters,
            ..self.with_results(signature)
        })
    }

    /// The signature with the results that the source declares.
    pub(super) fn with_results(&mut self, signature: Signature) -> Signature {
        let results = self.results(&signature.results);
        Signature {
            unknown_results: results.is_none().then_some(UnknownResults::NoSuchType),
            results: results.unwrap_or_default(),
            ..signature
        }
    }

    /// The source's order counts: up to Go 1.16 the DWARF has values of size zero in another. What the DWARF has and
    /// the source has not are variables that a closure uses and its caller passes (up to Go 1.16); they come first.
    fn parameters(
        &mut self,
        described: Vec<SignatureParameter>,
    ) -> Option<Vec<SignatureParameter>> {
        let declared = &self.declaration.parameters;
        let (described, captured): (Vec<_>, Vec<_>) =
            described.into_iter().partition(|described| {
                let mut declared = declared.iter();
                declared.any(|declared| declared.name.as_ref() == Some(&described.name))
            });
        let captured = captured.into_iter().map(|parameter| {
            Some(SignatureParameter {
                hidden: true,
                ..parameter
            })
        });
        let declared = declared.iter().map(|one| self.described(&described, one));
        captured.chain(declared).collect()
    }

    /// The results as the source declares them; none if a type is not found. The DWARF lacks results with the name `_`,
    /// and Go 1.17's lacks most.
    fn results(&mut self, described: &[SignatureParameter]) -> Option<Vec<SignatureParameter>> {
        let declared = &self.declaration.results;
        if declared.iter().all(|result| result.name.is_none())
            && described.len() == declared.len()
            && let Some(described) = in_numbered_order(described)
        {
            return Some(described);
        }
        declared
            .iter()
            .map(|one| self.described(described, one))
            .collect()
    }

    /// The one that the DWARF describes by that name, or else one made of the source.
    fn described(
        &mut self,
        described: &[SignatureParameter],
        declared: &Declared,
    ) -> Option<SignatureParameter> {
        let mut same = described.iter();
        let same = same.find(|described| declared.name.as_ref() == Some(&described.name));
        if let Some(described) = same {
            return Some(described.clone());
        }
        Some(SignatureParameter {
            name: declared.name.clone().unwrap_or_else(|| "_".to_owned()),
            ty: self.type_id(&declared.ty)?,
            hidden: false,
            dictionary_index: None,
        })
    }

    /// The binary's type for the source's, or one of the same shape where the binary has none.
    fn type_id(&mut self, text: &TypeText) -> Option<TypeId> {
        let name = text.go_name(&|word| self.named(word));
        if let Some(entry) = name.as_ref().and_then(|name| self.names.get(name)) {
            return Some(self.types.id(*entry));
        }
        let predeclared = name.as_deref().and_then(predeclared::by_linker);
        let display = name.unwrap_or_else(|| text.to_string());
        let (size, kind) = match text {
            TypeText::Pointer(target) => {
                let target = Some(self.pointed(target));
                (8, Kind::Pointer { target })
            }
            TypeText::Slice(element) => {
                let element = self.pointed(element);
                (24, Kind::Slice { element })
            }
            TypeText::Map(key, value) => {
                let kind = Kind::Map {
                    key: self.pointed(key),
                    value: self.pointed(value),
                    layout: None,
                };
                (8, kind)
            }
            TypeText::Channel(_, element) => {
                let element = self.pointed(element);
                (8, Kind::Channel { element })
            }
            TypeText::Func { .. } => (8, Kind::Func),
            TypeText::EmptyInterface => (16, Kind::Interface { empty: true }),
            TypeText::Interface(_) => (16, Kind::Interface { empty: false }),
            TypeText::Array(count, element) => {
                let element = self.type_id(element)?;
                return Some(self.types.add_array(display, element, *count));
            }
            TypeText::Struct(fields) => {
                let fields = fields.iter().map(|field| self.field(field));
                let fields = fields.collect::<Option<_>>()?;
                return Some(self.types.add_struct(display, fields));
            }
            TypeText::Named { .. } => predeclared.map(|known| (known.size, known.kind.clone()))?,
            TypeText::Other(_) => return None,
        };
        let name = display;
        Some(self.types.add(Type { name, size, kind }))
    }

    /// A type that another one points to, so that it need not be known.
    fn pointed(&mut self, text: &TypeText) -> TypeId {
        self.type_id(text).unwrap_or_else(|| {
            self.types.add(Type {
                name: text.to_string(),
                size: 0,
                kind: Kind::Unknown,
            })
        })
    }

    /// A field whose offset is still to be found.
    fn field(&mut self, field: &FieldText) -> Option<Field> {
        Some(Field {
            name: match &field.name {
                Some(name) => name.clone(),
                None => field.ty.embedded_name()?,
            },
            offset: 0,
            ty: self.type_id(&field.ty)?,
            embedded: field.name.is_none(),
        })
    }

    /// The linker's name for a word of the source.
    fn named(&self, word: Word<'_>) -> Option<String> {
        let name = self.spelled_out(word)?;
        let alias = ALIASES.iter().find(|(alias, _)| *alias == name);
        Some(match alias {
            Some((_, own)) if self.names.contains_key(*own) => (*own).to_owned(),
            _ => name,
        })
    }

    fn spelled_out(&self, word: Word<'_>) -> Option<String> {
        match word {
            Word::Own(name) => {
                let own = format!("{}.{name}", self.declaration.package);
                match predeclared::by_source(name) {
                    Some(known) if !self.names.contains_key(&own) => Some(known.linker.to_owned()),
                    // The package may give the name another meaning than Go.
                    Some(_) => None,
                    None => Some(own),
                }
            }
            Word::Imported("unsafe", "Pointer") => Some("unsafe.Pointer".to_owned()),
            Word::Imported(package, name) => self.imported(package, name),
            Word::Other(_) => None,
        }
    }

    fn is_type(&self, name: &str) -> bool {
        self.names.contains_key(name) || ALIASES.iter().any(|(alias, _)| *alias == name)
    }

    /// A type of another package: the import that the file names so, or else the only one whose path
    /// could be that package's and that has such a type.
    fn imported(&self, package: &str, name: &str) -> Option<String> {
        let imports = &self.declaration.imports;
        let renamed = imports
            .iter()
            .find(|import| import.name.as_deref() == Some(package));
        if let Some(import) = renamed {
            return Some(format!("{}.{name}", import.path));
        }
        let mut candidates = imports
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
    let ordered = numbered.into_iter().map(|(_, result)| result.clone());
    Some(ordered.collect())
}

/// Whether a package of that path may have that name: it mostly is the last element, or the one before a
/// version, or part of it (`gopkg.in/yaml.v3`, `github.com/mattn/go-isatty`).
fn may_be_called(path: &str, package: &str) -> bool {
    let mut elements = path.rsplit('/');
    let last = elements.next().unwrap_or(path);
    let is_version = last.strip_prefix('v').is_some_and(is_number);
    let before = elements.next().filter(|_| is_version);
    last.contains(package) || before.is_some_and(|element| element.contains(package))
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
