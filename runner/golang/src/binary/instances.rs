//! The instances of generic functions: which types each dictionary is for.
//!
//! Bodies are shared by instances whose type arguments have the same shape; what they are is in the dictionary that a
//! call passes (`cmd/compile/internal/noder/{stencil,reader}.go`). The linker's symbol table has the dictionaries by name,
//! the DWARF of a body has which entry is the type of which parameter (`DW_AT_go_dict_index`), and the entries are
//! addresses of runtime types.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::{Address, Kind, TypeId, TypeTable};

use super::{
    BinaryError, FunctionSymbol, Signature, SignatureParameter, elf::Image, predeclared,
    signature::DICTIONARY,
};
use crate::names::{self, SHAPE};

/// What is between a package and the name of an instance in a dictionary's symbol.
const MARK: &str = "..dict.";
/// How deep shapes are compared, and how many types of them.
const MAX_DEPTH: usize = 8;
const MAX_COMPARED: usize = 256;

/// An instance of a generic function: one of those that share a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceSignature {
    /// The address of its dictionary, as linked.
    pub dictionary: Address,
    /// Its name in Go's notation, e.g. `main.(*List[main.Item]).Push`.
    pub name: String,
    /// The parameters of the shared body's signature, with the types of this instance where they are known.
    pub parameters: Vec<SignatureParameter>,
    /// The results, likewise.
    pub results: Vec<SignatureParameter>,
}

/// A dictionary.
#[derive(Clone, Debug)]
struct Dictionary {
    address: Address,
    /// Its size in bytes; 0 where the symbol has none.
    size: u64,
    /// The type arguments in brackets.
    arguments: String,
}

/// The dictionaries of a binary, by the name of what they are for without type arguments.
#[derive(Debug, Default)]
pub(super) struct Dictionaries {
    by_name: HashMap<String, Vec<Dictionary>>,
}

impl Dictionaries {
    /// Reads the symbol table.
    pub(super) fn read(image: &Image) -> Result<Self, BinaryError> {
        let mut by_name: HashMap<String, Vec<Dictionary>> = HashMap::new();
        let mark = MARK.as_bytes();
        for symbol in image.symbols()? {
            if !symbol.name.windows(mark.len()).any(|bytes| bytes == mark) {
                continue;
            }
            let name = String::from_utf8_lossy(symbol.name);
            let name = names::unescape(&name);
            let Some((package, instance)) = name.split_once(MARK) else {
                continue;
            };
            let Some(name) = InstanceName::parse(instance) else {
                continue;
            };
            if name.arguments.contains(SHAPE) {
                continue;
            }
            let generic = format!("{package}.{}{}", name.before, name.after);
            by_name.entry(generic).or_default().push(Dictionary {
                address: Address(symbol.address),
                size: symbol.size,
                arguments: name.arguments.to_owned(),
            });
        }
        Ok(Self { by_name })
    }

    /// Those that may be passed to a body: a function's own, up to Go 1.19 a method's own, then that of the type.
    fn of(&self, function: &FunctionSymbol) -> &[Dictionary] {
        let Some(name) = InstanceName::parse(&function.name) else {
            return &[];
        };
        let own = format!("{}{}", name.before, name.after);
        let receiver = name.before.replace("(*", "");
        self.by_name
            .get(&own)
            .or_else(|| self.by_name.get(&receiver))
            .map_or(&[], Vec::as_slice)
    }

    /// The instances that may share these bodies, and the addresses of their types.
    pub(super) fn candidates(
        &self,
        image: &Image,
        functions: &[(&FunctionSymbol, &Signature)],
    ) -> Candidates {
        let mut candidates = Candidates::default();
        for (function, signature) in functions {
            let Some(name) = InstanceName::parse(&function.name) else {
                continue;
            };
            let with_dictionary = signature.parameters.iter().any(|p| p.name == DICTIONARY);
            if !with_dictionary || !name.arguments.contains(SHAPE) {
                continue;
            }
            let dictionaries = self.of(function).iter();
            let dictionaries = dictionaries.filter(|d| may_fit(&d.arguments, name.arguments));
            for dictionary in dictionaries {
                let types = entries(image, dictionary, signature);
                candidates.addresses.extend(types.values().copied());
                let arguments = names::without_local_numbers(&dictionary.arguments);
                let instance = Candidate {
                    name: format!("{}{arguments}{}", name.before, name.after),
                    dictionary: dictionary.address,
                    types,
                };
                let function = candidates.by_function.entry(function.start);
                function.or_default().push(instance);
            }
        }
        candidates
    }
}

/// A name with type arguments, taken apart: `main.(*List`, `[main.Item]`, `).Push`.
struct InstanceName<'a> {
    before: &'a str,
    arguments: &'a str,
    after: &'a str,
}

impl<'a> InstanceName<'a> {
    fn parse(name: &'a str) -> Option<Self> {
        let start = name.find('[')?;
        let (before, rest) = name.split_at(start);
        let mut depth = 0_u32;
        let end = rest.bytes().position(|byte| {
            match byte {
                b'[' => depth += 1,
                b']' => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0
        })?;
        let (arguments, after) = rest.split_at_checked(end + 1)?;
        Some(Self {
            before,
            arguments,
            after,
        })
    }
}

/// Whether type arguments may have these shapes, as far as their names show it.
fn may_fit(arguments: &str, shapes: &str) -> bool {
    let (arguments, shapes) = (listed(arguments), listed(shapes));
    let fits = |(argument, shape): (&&str, &&str)| {
        let Some(shape) = shape.strip_prefix(SHAPE) else {
            return argument == shape;
        };
        // The shape of a predeclared type has its name; `error` is declared as any other type.
        let predeclared = *argument != "error" && predeclared::by_linker(argument).is_some();
        // Up to Go 1.19 shapes have numbers: `go.shape.int_0`.
        let rest = shape.strip_prefix(*argument);
        !predeclared || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
    };
    arguments.len() == shapes.len() && arguments.iter().zip(&shapes).all(fits)
}

/// The type arguments in brackets, one by one.
fn listed(arguments: &str) -> Vec<&str> {
    let inner = arguments
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(arguments);
    let mut depth = 0_i32;
    inner
        .split(|c: char| {
            match c {
                '[' | '(' | '{' => depth += 1,
                ']' | ')' | '}' => depth -= 1,
                _ => {}
            }
            c == ',' && depth == 0
        })
        .map(str::trim)
        .collect()
}

/// The addresses of the runtime types that a dictionary has for a signature's parameters, by the entry's index.
fn entries(
    image: &Image,
    dictionary: &Dictionary,
    signature: &Signature,
) -> BTreeMap<u64, Address> {
    let listed = signature.parameters.iter().chain(&signature.results);
    let entry = |parameter: &SignatureParameter| {
        let index = parameter.dictionary_index?;
        let offset = index.checked_mul(8)?;
        if dictionary.size != 0 && offset.checked_add(8)? > dictionary.size {
            return None;
        }
        let address = Address(dictionary.address.0.checked_add(offset)?);
        Some((index, image.pointer_at(address)?))
    };
    listed.filter_map(entry).collect()
}

/// An instance that may share a body.
#[derive(Debug)]
struct Candidate {
    name: String,
    dictionary: Address,
    /// The addresses of its types, by the index of the dictionary's entry.
    types: BTreeMap<u64, Address>,
}

/// Instances that may share bodies.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    by_function: BTreeMap<Address, Vec<Candidate>>,
    /// The runtime types that have to be known.
    pub(super) addresses: BTreeSet<Address>,
}

impl Candidates {
    /// Those whose types have the shapes of the body's, with them.
    pub(super) fn instances(
        self,
        signatures: &BTreeMap<Address, Signature>,
        known: &BTreeMap<Address, TypeId>,
        types: &TypeTable,
    ) -> BTreeMap<Address, Vec<InstanceSignature>> {
        let mut instances: BTreeMap<Address, Vec<InstanceSignature>> = BTreeMap::new();
        for (function, candidates) in self.by_function {
            let Some(signature) = signatures.get(&function) else {
                continue;
            };
            for candidate in candidates {
                if let Some(instance) = candidate.instance(signature, known, types) {
                    instances.entry(function).or_default().push(instance);
                }
            }
        }
        instances
    }
}

impl Candidate {
    fn instance(
        self,
        signature: &Signature,
        known: &BTreeMap<Address, TypeId>,
        types: &TypeTable,
    ) -> Option<InstanceSignature> {
        let concrete = |parameter: &SignatureParameter| {
            let index = parameter.dictionary_index;
            let address = index.and_then(|index| self.types.get(&index));
            let Some(ty) = address.and_then(|address| known.get(address)) else {
                return Some(parameter.clone());
            };
            Shapes::new(types)
                .alike(parameter.ty, *ty, 0)
                .then(|| SignatureParameter {
                    ty: *ty,
                    ..parameter.clone()
                })
        };
        let all = |list: &[SignatureParameter]| list.iter().map(concrete).collect::<Option<_>>();
        let parameters = all(&signature.parameters)?;
        let results = all(&signature.results)?;
        Some(InstanceSignature {
            dictionary: self.dictionary,
            name: self.name,
            parameters,
            results,
        })
    }
}

/// Compares types by what they are made of.
struct Shapes<'t> {
    types: &'t TypeTable,
    compared: usize,
}

impl<'t> Shapes<'t> {
    const fn new(types: &'t TypeTable) -> Self {
        Self { types, compared: 0 }
    }

    /// Whether a type has that shape; pointers are all alike.
    fn alike(&mut self, shape: TypeId, ty: TypeId, depth: usize) -> bool {
        self.compared += 1;
        if shape == ty || depth > MAX_DEPTH || self.compared > MAX_COMPARED {
            return true;
        }
        let (Some(shape), Some(ty)) = (self.types.get(shape), self.types.get(ty)) else {
            return false;
        };
        if shape.size != ty.size {
            return false;
        }
        match (&shape.kind, &ty.kind) {
            (Kind::Slice { element: a }, Kind::Slice { element: b })
            | (Kind::Channel { element: a }, Kind::Channel { element: b }) => {
                self.alike(*a, *b, depth + 1)
            }
            (
                Kind::Array {
                    element: a,
                    count: m,
                },
                Kind::Array {
                    element: b,
                    count: n,
                },
            ) => m == n && self.alike(*a, *b, depth + 1),
            (
                Kind::Map {
                    key: a, value: c, ..
                },
                Kind::Map {
                    key: b, value: d, ..
                },
            ) => self.alike(*a, *b, depth + 1) && self.alike(*c, *d, depth + 1),
            (Kind::Struct { fields: a }, Kind::Struct { fields: b }) => {
                a.len() == b.len()
                    && a.iter()
                        .zip(b)
                        .all(|(a, b)| a.offset == b.offset && self.alike(a.ty, b.ty, depth + 1))
            }
            (Kind::Interface { empty: a }, Kind::Interface { empty: b }) => a == b,
            (a, b) => std::mem::discriminant(a) == std::mem::discriminant(b),
        }
    }
}
