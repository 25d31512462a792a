//! Signatures: a function's parameters and results as the compiler declared them in DWARF.
//!
//! Only names, types and order are taken. The ABI says where the values are: DWARF's own locations
//! are wrong or missing in several releases.

use std::{
    collections::{BTreeMap, HashMap},
    ops::Range,
};

use model::{Address, Kind, Type, TypeId, TypeTable};

use super::{
    Binary, BinaryError, FunctionSymbol, Signature, SignatureParameter, UnknownResults,
    attributes::GO_DICTIONARY_INDEX,
    author::Author,
    debug::{Debug, EntryOffset},
    declared::{Completion, normalise_names},
    index::Body,
    signature::DICTIONARY,
    type_entry::target,
    types::TypeReader,
    wholeness::{Judge, List},
};
use crate::{Declaration, code::ContextUse, names};

/// The releases whose DWARF has all parameters of function literals but the dictionary.
const DICTIONARY_LEFT_OUT: Range<u32> = 22..27;

/// Reads signatures; their types go into a table that others write to as well.
pub(super) struct Signatures<'d, 'a, 't> {
    binary: &'d Binary,
    debug: &'d Debug<'a>,
    types: &'t mut TypeReader<'d, 'a>,
    declarations: &'d BTreeMap<Address, Declaration>,
    /// All types of the binary, by name; read when the first is looked up.
    type_names: Option<HashMap<String, EntryOffset>>,
    dictionary: Option<TypeId>,
}

/// A signature that is still to be judged.
pub(super) struct Draft {
    /// As far as it is known.
    pub(super) signature: Signature,
    generic: bool,
    declared: bool,
    /// The dictionary that it may take before its parameters.
    dictionary: Option<SignatureParameter>,
}

impl<'d, 'a, 't> Signatures<'d, 'a, 't> {
    /// `declarations` are the functions' own, as far as they are known.
    pub(super) const fn new(
        binary: &'d Binary,
        debug: &'d Debug<'a>,
        declarations: &'d BTreeMap<Address, Declaration>,
        types: &'t mut TypeReader<'d, 'a>,
    ) -> Self {
        Self {
            binary,
            debug,
            types,
            declarations,
            type_names: None,
            dictionary: None,
        }
    }

    /// What the binary and the source have of the signatures of these functions.
    pub(super) fn drafts(
        mut self,
        wanted: &[&FunctionSymbol],
    ) -> Result<BTreeMap<Address, Draft>, BinaryError> {
        let mut drafts = BTreeMap::new();
        for function in wanted {
            if let Some(body) = self.binary.index.bodies.get(&function.start)
                && body.author != Author::Assembly
                && !function.is_wrapper()
                && let Some(draft) = self.draft(function, body)?
            {
                drafts.insert(function.start, draft);
            }
        }
        Ok(drafts)
    }

    fn draft(
        &mut self,
        function: &FunctionSymbol,
        body: &Body,
    ) -> Result<Option<Draft>, BinaryError> {
        let (mut signature, receiver) = self.described(body)?;
        let known = self.declarations.get(&function.start);
        let declaration = known.filter(|_| Judge::doubts(self.binary.release()));
        if let Some(declaration) = declaration {
            match self.completion(declaration)?.complete(signature) {
                Some(completed) => signature = completed,
                None => return Ok(None),
            }
        } else if self.binary.release().minor() == 17 && body.origin.is_none() {
            // Go 1.17 forgets results in registers, but for what may be inlined.
            signature.unknown_results = Some(UnknownResults::LeftOut);
            signature.results.clear();
        } else {
            let is_literal = names::is_literal(&names::canonical(&function.name));
            if let Some(declaration) = known.filter(|_| is_literal) {
                hide_captured(&mut signature.parameters, declaration);
            }
            if signature.results.is_empty() && self.binary.may_lack_results() {
                signature = self.with_results(body, signature, known)?;
            }
        }
        if function.name.contains("[go.shape.") {
            let role = generic_role(&function.name, &receiver);
            self.add_dictionary(role, &mut signature.parameters);
        }
        normalise_names(&mut signature);
        let dictionary = self
            .may_take_dictionary(function, &signature)
            .then(|| self.dictionary());
        Ok(Some(Draft {
            dictionary,
            signature,
            generic: function.name.contains('['),
            declared: declaration.is_some(),
        }))
    }

    /// A signature without results, with those that the source declares.
    ///
    /// The DWARF leaves out results that the body of a loop over a function returns; the compiler names what it makes for
    /// such a loop `#yield1`, `#state1` and the like, and the body `main.f-range1`
    /// (`cmd/compile/internal/rangefunc/rewrite.go`).
    fn with_results(
        &mut self,
        body: &Body,
        signature: Signature,
        declaration: Option<&Declaration>,
    ) -> Result<Signature, BinaryError> {
        let Some(declaration) = declaration else {
            let ranges = self.ranges_over_functions(body)?;
            return Ok(Signature {
                unknown_results: ranges.then_some(UnknownResults::RangeOverFunction),
                ..signature
            });
        };
        if declaration.results.is_empty() {
            return Ok(signature);
        }
        Ok(self.completion(declaration)?.with_results(signature))
    }

    fn completion<'c>(
        &'c mut self,
        declaration: &'c Declaration,
    ) -> Result<Completion<'c, 'd, 'a>, BinaryError> {
        let names = match &mut self.type_names {
            Some(names) => names,
            slot @ None => slot.insert(self.binary.index.type_names(self.debug)?),
        };
        Ok(Completion {
            names,
            types: self.types,
            declaration,
        })
    }

    fn ranges_over_functions(&self, body: &Body) -> Result<bool, BinaryError> {
        let tags = [gimli::DW_TAG_variable, gimli::DW_TAG_inlined_subroutine];
        for entry in self.debug.below(body.entry, &tags, true)? {
            let entry = match entry.reference(gimli::DW_AT_abstract_origin) {
                Some(origin) => self.debug.entry(origin)?,
                None => entry,
            };
            let name = entry.name()?;
            if name.starts_with('#') || name.contains("-range") {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What the DWARF has of a signature, and the name of the first parameter's type. The body's own entry
    /// lists all; what it shares with inlined copies is described where it refers to, but unnamed results
    /// are only here.
    fn described(&mut self, body: &Body) -> Result<(Signature, String), BinaryError> {
        let debug = self.debug;
        let mut signature = Signature::default();
        let mut first = String::new();
        for listed in debug.below(body.entry, &[gimli::DW_TAG_formal_parameter], false)? {
            let entry = match listed.reference(gimli::DW_AT_abstract_origin) {
                Some(origin) => debug.entry(origin)?,
                None => listed,
            };
            let ty = target(&entry, gimli::DW_AT_type)?;
            let name = entry.name()?.into_owned();
            let described = debug.entry(ty)?;
            let parameter = SignatureParameter {
                dictionary_index: described.number(GO_DICTIONARY_INDEX),
                ty: self.types.id(ty),
                hidden: name == DICTIONARY || name.starts_with('&'),
                name,
            };
            if !entry.flag(gimli::DW_AT_variable_parameter) {
                if signature.parameters.is_empty() {
                    first = names::unescape(&described.name()?).into_owned();
                }
                signature.parameters.push(parameter);
            } else if signature.results.iter().all(|result| *result != parameter) {
                // Up to Go 1.26 a result that is kept on the stack too is described twice.
                signature.results.push(parameter);
            }
        }
        Ok((signature, first))
    }

    /// Adds the dictionary of a generic function's body, which the DWARF has from Go 1.27 on: the first
    /// parameter up to 1.19, then the first one after the receiver.
    fn add_dictionary(&mut self, role: GenericRole, parameters: &mut Vec<SignatureParameter>) {
        if role == GenericRole::None || parameters.iter().any(|p| p.name == DICTIONARY) {
            return;
        }
        let after_receiver = role == GenericRole::Method && self.binary.release().minor() >= 20;
        let place = usize::from(after_receiver).min(parameters.len());
        parameters.insert(place, self.dictionary());
    }

    fn dictionary(&mut self) -> SignatureParameter {
        let ty = *self.dictionary.get_or_insert_with(|| {
            self.types.add(Type {
                name: "*uintptr".to_owned(),
                size: 8,
                kind: Kind::Pointer { target: None },
            })
        });
        SignatureParameter {
            name: DICTIONARY.to_owned(),
            ty,
            hidden: true,
            dictionary_index: None,
        }
    }

    /// Whether a function literal in a generic one may take a dictionary that the DWARF leaves out: one that does not take it
    /// from its closure.
    fn may_take_dictionary(&self, function: &FunctionSymbol, signature: &Signature) -> bool {
        let code = self.binary.code(function.start..function.end);
        DICTIONARY_LEFT_OUT.contains(&self.binary.release().minor())
            && function.name.contains("[go.shape.")
            && names::is_literal(&names::canonical(&function.name))
            && !signature.parameters.is_empty()
            && signature.parameters.iter().all(|p| p.name != DICTIONARY)
            && !code.is_ok_and(|code| ContextUse::of(code, function.start).needed)
    }
}

impl Draft {
    /// Whether only the function table says if it takes a dictionary.
    pub(super) const fn needs_function_table(&self) -> bool {
        self.dictionary.is_some()
    }

    /// The signature, if it has all parameters. `dictionary` says whether a function takes one before such parameters.
    pub(super) fn judged(
        self,
        judge: &Judge<'_>,
        types: &TypeTable,
        address: Address,
        dictionary: impl Fn(&[TypeId]) -> Option<bool>,
    ) -> Option<Signature> {
        let ids = |list: &[SignatureParameter]| -> Vec<_> { list.iter().map(|p| p.ty).collect() };
        let mut signature = self.signature;
        if let Some(first) = self.dictionary
            && dictionary(&ids(&signature.parameters))?
        {
            signature.parameters.insert(0, first);
        }
        let list = List {
            parameters: ids(&signature.parameters),
            results: match signature.unknown_results {
                None => Some(ids(&signature.results)),
                Some(_) => None,
            },
            generic: self.generic,
            declared: self.declared,
        };
        judge.is_whole(types, address, &list).then_some(signature)
    }
}

/// What a body whose name has type arguments is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum GenericRole {
    /// A function of its own: its dictionary is passed first.
    Function,
    /// A method: its dictionary is passed along with the receiver.
    Method,
    /// Something inside of one, which has the dictionary from there.
    None,
}

/// The role by the name, `p.F[…]`, `p.(*T[…]).M` or `p.T[…].M`, where `…` are shapes. The last of them
/// may also be a closure, `p.F[…].func1`; then `receiver`, the first parameter's type, is not `p.T[…]`.
fn generic_role(name: &str, receiver: &str) -> GenericRole {
    let Some(end) = name.rfind(']') else {
        return GenericRole::None;
    };
    let (generic, rest) = name.split_at(end + 1);
    let is_inside = |rest: &str| rest.contains(['.', '-']);
    if rest.is_empty() {
        GenericRole::Function
    } else if let Some(method) = rest.strip_prefix(").")
        && !is_inside(method)
    {
        GenericRole::Method
    } else if let Some(method) = rest.strip_prefix('.')
        && !is_inside(method)
        && (receiver == generic || !method.strip_prefix("func").is_some_and(names::is_number))
    {
        GenericRole::Method
    } else {
        GenericRole::None
    }
}

/// Hides what the source has not: a function literal that is called where it is written gets the variables that it uses
/// as parameters before its own (`cmd/compile/internal/walk/closure.go`, `directClosureCall`).
fn hide_captured(parameters: &mut [SignatureParameter], declaration: &Declaration) {
    let captured = parameters
        .len()
        .saturating_sub(declaration.parameters.len());
    for parameter in parameters.iter_mut().take(captured) {
        parameter.hidden = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closures_of_generic_functions_take_no_dictionary() {
        use GenericRole::{Function, Method, None};
        for (name, receiver, role) in [
            (
                "main.Map[go.shape.int,go.shape.string]",
                "[]go.shape.int",
                Function,
            ),
            (
                "main.(*Tree[go.shape.int]).Insert",
                "*main.Tree[go.shape.int]",
                Method,
            ),
            (
                "main.Pair[go.shape.int].Get",
                "main.Pair[go.shape.int]",
                Method,
            ),
            ("main.Pair[go.shape.int].Get", "", Method),
            (
                "main.Pair[go.shape.int].func1",
                "main.Pair[go.shape.int]",
                Method,
            ),
            ("main.Map[go.shape.int].func1", "int", None),
            ("main.Map[go.shape.int].func1.2", "int", None),
            ("main.Map[go.shape.int]-range1", "int", None),
            ("main.(*Tree[go.shape.int]).Insert.func1", "", None),
            ("main.(*Tree[go.shape.int]).Insert-fm", "", None),
        ] {
            assert_eq!(generic_role(name, receiver), role, "{name} {receiver}");
        }
    }
}
