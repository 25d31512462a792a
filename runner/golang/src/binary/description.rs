//! Everything that a plan needs to know of a binary's types and functions, read at once.

use std::collections::{BTreeMap, BTreeSet};

use model::{Address, TypeId, TypeTable};

use super::{
    Binary, BinaryError, ClosureLayout, FunctionSymbol, InstanceSignature, RuntimeType, Signature,
    closures,
    functions::{Draft, Signatures},
    instances::{Candidates, Dictionaries},
    methods::tell_error_methods,
    pclntab::FunctionTable,
    runtime_types::{Listed, RuntimeTypes},
    types::TypeReader,
    undescribed::add_undescribed,
    variables,
    wholeness::{Judge, takes_dictionary},
};
use crate::{Declaration, names};

/// What is asked of a binary.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// The functions whose signatures are wanted, by the address of their first byte.
    pub functions: &'a BTreeSet<Address>,
    /// Their own declarations, as far as the source is at hand. Up to Go 1.21 they have what the binary leaves out:
    /// parameters without a name and, in Go 1.17, results. From 1.22 on the binary has all ([`Binary::needs_source`]),
    /// and they only say which parameters of a function literal are its own.
    pub declarations: &'a BTreeMap<Address, Declaration>,
    /// Whether the types that interfaces can hold and the closures are wanted too.
    pub dynamic: bool,
    /// The package variables that are wanted, by their full names, e.g. `database/sql.ErrNoRows`.
    pub variables: &'a [String],
    /// The types that are asserted of an interface although those that it can hold may not be wanted, by their full names, e.g.
    /// `*net/http.http2responseWriter`.
    pub asserted: &'a [&'a str],
}

/// What a binary says of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description {
    /// All types that the rest speaks of, and what they reach.
    pub types: TypeTable,
    /// The signatures of those functions whose parameters are described. A function is not here if the binary does not
    /// describe its parameters: one in assembly or C, a wrapper, and up to Go 1.21 one that may have parameters without a
    /// name, which the binaries of those releases leave out. (One of size zero may then be missing from the list, which
    /// moves no other.)
    pub signatures: BTreeMap<Address, Signature>,
    /// The types that interfaces can hold, by address; none unless they were wanted.
    pub dynamic: Vec<RuntimeType>,
    /// The function literals that capture variables, by address; none unless they were wanted.
    pub closures: Vec<ClosureLayout>,
    /// The instances that share the body of a generic function, for those of `functions` that are such bodies.
    pub instances: BTreeMap<Address, Vec<InstanceSignature>>,
    /// The package variables that are there: their address and their type.
    pub variables: BTreeMap<String, (Address, TypeId)>,
    /// Those of the asserted types that the program has at run time.
    pub asserted: Vec<RuntimeType>,
}

impl Binary {
    /// Reads all that is asked for, in one table of types.
    ///
    /// # Errors
    /// If the DWARF of what was asked for is malformed.
    pub fn describe(&self, scope: &Scope<'_>) -> Result<Description, BinaryError> {
        let debug = self.debug();
        let mut types = TypeReader::new(&debug);
        let drafts = Signatures::new(self, &debug, scope.declarations, &mut types)
            .drafts(&self.described_functions(scope.functions))?;
        let candidates = self.instance_candidates(&drafts)?;
        let mut asserted = BTreeSet::new();
        let needed =
            scope.dynamic || !candidates.addresses.is_empty() || !scope.asserted.is_empty();
        let listed = if needed {
            let runtime = RuntimeTypes::read(&debug, &self.index, &self.image, self.release())?;
            asserted = runtime.named(&debug, scope.asserted)?;
            let wanted = |address| {
                scope.dynamic
                    || candidates.addresses.contains(&address)
                    || asserted.contains(&address)
            };
            runtime.list(&mut types, wanted)
        } else {
            Listed::default()
        };
        let closures = if scope.dynamic {
            closures::read(self, &debug, &mut types)?
        } else {
            Vec::new()
        };
        let variables = variables::read(&debug, &self.index.units, scope.variables, &mut types)?;
        let mut types = self.finished(types)?;
        let signatures = self.judged(drafts, &types);
        let mut dynamic = listed.confirmed(&types);
        let is_asserted = |ty: &&RuntimeType| asserted.contains(&ty.address);
        let asserted = dynamic.iter().filter(is_asserted).copied().collect();
        if scope.dynamic {
            add_undescribed(&self.image, self.release(), &mut types, &mut dynamic);
            tell_error_methods(&self.image, self.release(), &mut types, &dynamic);
        }
        let known = dynamic.iter().map(|known| (known.address, known.ty));
        Ok(Description {
            instances: candidates.instances(&signatures, &known.collect(), &types),
            signatures,
            dynamic: if scope.dynamic { dynamic } else { Vec::new() },
            closures,
            variables,
            asserted,
            types,
        })
    }

    /// The instances that may share the generic ones of these functions' bodies.
    fn instance_candidates(
        &self,
        drafts: &BTreeMap<Address, Draft>,
    ) -> Result<Candidates, BinaryError> {
        let shared: Vec<_> = drafts
            .iter()
            .filter_map(|(start, draft)| Some((self.function_at(*start)?, &draft.signature)))
            .filter(|(function, _)| names::is_shared_instance(&function.name))
            .collect();
        if shared.is_empty() {
            return Ok(Candidates::default());
        }
        Ok(Dictionaries::read(&self.image)?.candidates(&self.image, &shared))
    }

    /// Those of the functions that begin at these addresses.
    fn described_functions(&self, starts: &BTreeSet<Address>) -> Vec<&FunctionSymbol> {
        let at = |start: &Address| self.function_at(*start).filter(|f| f.start == *start);
        starts.iter().filter_map(at).collect()
    }

    /// The signatures that have all parameters.
    fn judged(
        &self,
        drafts: BTreeMap<Address, Draft>,
        types: &TypeTable,
    ) -> BTreeMap<Address, Signature> {
        let judge = Judge::new(self.release(), &self.image, self.function_table.as_ref());
        let own_table = drafts
            .values()
            .any(Draft::needs_function_table)
            .then(|| FunctionTable::find(&self.image))
            .flatten();
        let judged = |(address, draft): (Address, Draft)| {
            let dictionary = |parameters: &[TypeId]| {
                let table = own_table.as_ref()?;
                takes_dictionary(table, &self.image, types, address, parameters)
            };
            Some((address, draft.judged(&judge, types, address, dictionary)?))
        };
        drafts.into_iter().filter_map(judged).collect()
    }

    /// The table of all types that were asked for.
    fn finished(&self, types: TypeReader<'_, '_>) -> Result<TypeTable, BinaryError> {
        let mut types = types.finish(&self.index.constants)?;
        if matches!(self.release().minor(), 18 | 19) {
            types.rename(names::unnumbered_shape_types);
        }
        // The shape of all pointers is `*uint8`: only the instance says what one of them points to.
        types.forget_targets(|name| name.starts_with("go.shape.*"));
        types.rename(names::without_local_numbers);
        types.rename(names::unqualified_fields);
        types.name_packages(self.index.packages.clone());
        Ok(types)
    }
}
