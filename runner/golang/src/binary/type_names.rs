//! The names of types that only the program's own [data](super::type_data) describes.

use std::collections::HashMap;

use model::Address;

use super::type_data::{Form, Header, TypeData, flag};
use crate::names;

/// How long a name may be that is composed of others, in bytes, and how deep those are looked for.
const MAX_NAME: usize = 1 << 12;
const MAX_NAME_DEPTH: usize = 32;

/// Writes types' names with full package paths, of their parts.
pub(super) struct Names<'n, 'b> {
    data: &'n TypeData<'b>,
    found: &'n HashMap<Address, (Header, Form)>,
    /// The names of types that are known otherwise.
    known: &'n dyn Fn(Address) -> Option<String>,
    memo: HashMap<Address, Option<String>>,
}

impl<'n, 'b> Names<'n, 'b> {
    pub(super) fn new(
        data: &'n TypeData<'b>,
        found: &'n HashMap<Address, (Header, Form)>,
        known: &'n dyn Fn(Address) -> Option<String>,
    ) -> Self {
        Self {
            data,
            found,
            known,
            memo: HashMap::new(),
        }
    }

    /// The name of the type at that address.
    pub(super) fn of(&mut self, address: Address) -> String {
        self.full(address, 0).unwrap_or_else(|| "?".to_owned())
    }

    fn full(&mut self, address: Address, depth: usize) -> Option<String> {
        if let Some(known) = self.memo.get(&address) {
            return known.clone();
        }
        if let Some(name) = (self.known)(address) {
            return Some(name);
        }
        let (header, form) = self.found.get(&address)?;
        let short = self.data.text(header)?;
        let composed = if header.flags & flag::NAMED != 0 {
            self.data
                .package(address, header)
                .map(|package| qualified(&package, &short))
        } else if depth > MAX_NAME_DEPTH {
            None
        } else {
            self.composed(form, depth + 1)
        };
        let name = composed
            .filter(|name| name.len() <= MAX_NAME)
            .unwrap_or(short);
        self.memo.insert(address, Some(name.clone()));
        Some(name)
    }

    fn composed(&mut self, form: &Form, depth: usize) -> Option<String> {
        Some(match form {
            Form::Plain | Form::Interface { .. } => return None,
            Form::Pointer(target) => format!("*{}", self.full(*target, depth)?),
            Form::Slice(element) => format!("[]{}", self.full(*element, depth)?),
            Form::Array(element, count) => format!("[{count}]{}", self.full(*element, depth)?),
            Form::Channel(element, direction) => {
                let element = self.full(*element, depth)?;
                match direction {
                    1 => format!("<-chan {element}"),
                    2 => format!("chan<- {element}"),
                    _ if element.starts_with("<-") => format!("chan ({element})"),
                    _ => format!("chan {element}"),
                }
            }
            Form::Map { key, value, .. } => format!(
                "map[{}]{}",
                self.full(*key, depth)?,
                self.full(*value, depth)?
            ),
            Form::Func {
                parameters,
                results,
                variadic,
            } => {
                let mut parameters = self.list(parameters, depth)?;
                if *variadic && let Some(last) = parameters.last_mut() {
                    *last = format!("...{}", last.strip_prefix("[]")?);
                }
                names::function_type(&parameters, &self.list(results, depth)?)
            }
            Form::Struct(fields) if fields.is_empty() => "struct {}".to_owned(),
            Form::Struct(fields) => {
                let mut parts = Vec::with_capacity(fields.len());
                for field in fields {
                    let ty = self.full(field.ty, depth)?;
                    let tag = if field.tag.is_empty() {
                        String::new()
                    } else {
                        format!(" {:?}", field.tag)
                    };
                    parts.push(if field.embedded {
                        format!("{ty}{tag}")
                    } else {
                        format!("{} {ty}{tag}", field.name)
                    });
                }
                format!("struct {{ {} }}", parts.join("; "))
            }
        })
    }

    fn list(&mut self, types: &[Address], depth: usize) -> Option<Vec<String>> {
        types.iter().map(|ty| self.full(*ty, depth)).collect()
    }
}

/// A type's name with its package's path in place of the package's name: `main.List[int]`.
fn qualified(package: &str, short: &str) -> String {
    let end = short.find('[').unwrap_or(short.len());
    let own = short[..end]
        .rfind('.')
        .map_or(short, |dot| &short[dot + 1..]);
    format!("{package}.{own}")
}
