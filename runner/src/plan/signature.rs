//! Signatures as calls are shown with: what the binary describes, completed by the source's own words.
//!
//! A binary of Go before 1.22 may leave parameters out of its description, and one of Go 1.17 leaves out results;
//! [`Binary::signatures`](crate::golang::Binary::signatures) gives only what is whole. Where the source is at hand
//! it tells the rest; otherwise what is not known is shown as unknown.

use crate::{
    golang::{
        Signature, SignatureParameter,
        declared::{DeclaredParameter, DeclaredSignature},
        names,
    },
    model::{Kind, Type, TypeId, TypeTable},
};

/// The signature of the function of that name; none if nothing is known of its parameters.
pub(super) fn complete(
    types: &mut TypeTable,
    name: &str,
    described: Option<&Signature>,
    declared: Option<&DeclaredSignature>,
) -> Option<Signature> {
    let mut source = Source {
        types,
        package: names::package(name),
    };
    let Some(described) = described else {
        // Captured variables and dictionaries are parameters that the source does not tell of.
        let tells_all = !names::is_literal(name) && names::shared_instance(name).is_none();
        return declared
            .filter(|_| tells_all)
            .map(|declared| source.signature(declared));
    };
    let mut signature = described.clone();
    if let Some(declared) = declared.filter(|_| names::is_literal(name)) {
        hide_captured(&mut signature.parameters, declared.parameters.len());
    }
    if !signature.results_known {
        signature.results = match declared {
            Some(declared) => source.parameters(&declared.results),
            None => vec![unknown(source.types)],
        };
        signature.results_known = declared.is_some();
    }
    Some(signature)
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

/// A literal that is called where it stands takes the variables that it captures as parameters before its own
/// (cmd/compile/internal/gc/closure.go, `transformclosure`; walk/closure.go, `directClosureCall`).
fn hide_captured(parameters: &mut [SignatureParameter], declared: usize) {
    let shown = parameters.iter().filter(|one| !one.hidden).count();
    parameters
        .iter_mut()
        .filter(|one| !one.hidden)
        .take(shown.saturating_sub(declared))
        .for_each(|captured| captured.hidden = true);
}

/// The source's words for types, in a package.
struct Source<'t, 'n> {
    types: &'t mut TypeTable,
    package: &'n str,
}

impl Source<'_, '_> {
    fn signature(&mut self, declared: &DeclaredSignature) -> Signature {
        let mut parameters = self.parameters(declared.receiver.as_slice());
        parameters.extend(self.parameters(&declared.parameters));
        Signature {
            parameters,
            results: self.parameters(&declared.results),
            results_known: true,
        }
    }

    fn parameters(&mut self, declared: &[DeclaredParameter]) -> Vec<SignatureParameter> {
        declared
            .iter()
            .map(|one| SignatureParameter {
                name: one.name.clone(),
                ty: self.resolve(&one.ty),
                hidden: false,
            })
            .collect()
    }

    /// The type that words mean: one that the table has, or one that is made of what the words tell. What can't
    /// be told is of unknown kind.
    fn resolve(&mut self, text: &str) -> TypeId {
        let text = text.trim();
        let local = builtin(text).is_none() && is_identifier(text);
        let name = if local {
            format!("{}.{text}", self.package)
        } else {
            text.to_owned()
        };
        let known = (0..)
            .map(TypeId)
            .take(self.types.len())
            .find(|id| self.types.name(*id) == name);
        if let Some(id) = known {
            return id;
        }
        match builtin(text).or_else(|| self.composite(text)) {
            Some((size, kind)) => self.types.push(Type { name, size, kind }),
            None => unknown_type(self.types, &name),
        }
    }

    /// A type whose words tell what it is made of, so far as the ABI is concerned.
    fn composite(&mut self, text: &str) -> Option<(u64, Kind)> {
        if let Some(target) = text.strip_prefix('*') {
            let target = Some(self.resolve(target));
            return Some((8, Kind::Pointer { target }));
        }
        if let Some(element) = text.strip_prefix("[]") {
            let element = self.resolve(element);
            return Some((24, Kind::Slice { element }));
        }
        if starts_with_word(text, "map") {
            let (key, value) = (unknown_type(self.types, "?"), unknown_type(self.types, "?"));
            return Some((8, Kind::Map { key, value }));
        }
        if starts_with_word(text, "chan") || text.starts_with("<-") {
            let element = unknown_type(self.types, "?");
            return Some((8, Kind::Channel { element }));
        }
        if starts_with_word(text, "func") {
            return Some((8, Kind::Func));
        }
        starts_with_word(text, "interface").then_some((16, Kind::Interface { empty: false }))
    }
}

fn starts_with_word(text: &str, word: &str) -> bool {
    text.strip_prefix(word)
        .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
}

fn is_identifier(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_alphanumeric() || c == '_')
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

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;

    fn described(parameters: &[&str], results_known: bool) -> (TypeTable, Signature) {
        let mut types = TypeTable::default();
        let int = types.push(Type {
            name: "int".into(),
            size: 8,
            kind: Kind::Int,
        });
        let parameters = parameters
            .iter()
            .map(|name| SignatureParameter {
                name: (*name).into(),
                ty: int,
                hidden: name.starts_with('&'),
            })
            .collect();
        let signature = Signature {
            parameters,
            results: Vec::new(),
            results_known,
        };
        (types, signature)
    }

    /// `name type size`, or `(name …)` if it is hidden.
    fn shown(types: &TypeTable, list: &[SignatureParameter]) -> Vec<String> {
        list.iter()
            .map(|one| {
                let ty = types.get(one.ty).unwrap();
                let text = format!("{} {} {}", one.name, ty.name, ty.size);
                match one.hidden {
                    true => format!("({text})"),
                    false => text,
                }
            })
            .collect()
    }

    fn declared(text: &str) -> DeclaredSignature {
        DeclaredSignature::parse(text).unwrap()
    }

    #[test]
    fn variables_that_a_literal_captures_are_not_shown() {
        let (mut types, described) = described(&["c", "&k", "n"], true);
        let source = declared("func(n int) {}");
        let name = "main.f.func1";
        let signature = complete(&mut types, name, Some(&described), Some(&source)).unwrap();
        assert_eq!(
            shown(&types, &signature.parameters),
            ["(c int 8)", "(&k int 8)", "n int 8"]
        );
    }

    #[test]
    fn results_that_the_binary_lacks_come_from_the_source() {
        let (mut types, described) = described(&["a"], false);
        let source = declared(
            "func f(a int) (n int, s string, p *T, l []byte, err error, t T, m map[string]int)",
        );
        let signature = complete(&mut types, "main.f", Some(&described), Some(&source)).unwrap();
        assert_eq!(
            shown(&types, &signature.results),
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
    }

    #[test]
    fn results_of_which_nothing_is_known_are_one_unknown() {
        let (mut types, described) = described(&["a"], false);
        let signature = complete(&mut types, "main.f", Some(&described), None).unwrap();
        assert_eq!(shown(&types, &signature.results), ["_ ? 0"]);
        assert!(!signature.results_known);
    }

    #[test]
    fn a_function_that_the_binary_does_not_describe_is_taken_from_the_source() {
        let mut types = TypeTable::default();
        let source = declared("func (t *T) f(_ int, b ...string) bool");
        let signature = complete(&mut types, "main.(*T).f", None, Some(&source)).unwrap();
        assert_eq!(
            shown(&types, &signature.parameters),
            ["t *T 8", "_ int 8", "b []string 24"]
        );
        assert_eq!(shown(&types, &signature.results), ["_ bool 1"]);
        for hidden in ["main.f.func1", "main.F[go.shape.int]"] {
            assert_eq!(complete(&mut types, hidden, None, Some(&source)), None);
        }
        assert_eq!(complete(&mut types, "main.f", None, None), None);
    }
}
