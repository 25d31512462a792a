//! Everything that a plan needs to know of a binary's types and functions, read at once.

use std::collections::{BTreeMap, BTreeSet};

use model::{Address, TypeId, TypeTable};

use super::{
    Binary, BinaryError, RuntimeType, Signature, SignatureParameter, closures,
    functions::{Draft, Signatures},
    instances::{Candidates, Dictionaries},
    methods::tell_error_methods,
    runtime_types::{Listed, RuntimeTypes},
    types::TypeReader,
    undescribed::add_undescribed,
    variables,
};
use crate::{Declaration, names};

/// What is asked of a binary.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// The functions whose signatures are wanted, by the address of their first byte.
    pub functions: &'a BTreeSet<Address>,
    /// Their own declarations, as far as the source is at hand; see [`Binary::signatures_with_source`].
    pub declarations: &'a BTreeMap<Address, Declaration>,
    /// Whether the types that interfaces can hold and the closures are wanted too.
    pub dynamic: bool,
    /// The package variables that are wanted, by their full names, e.g. `database/sql.ErrNoRows`.
    pub variables: &'a [String],
    /// The types that are asserted of an interface although those that it can hold may not be wanted, by their full names, e.g.
    /// `*net/http.http2responseWriter`.
    pub asserted: &'a [&'a str],
}

/// What a binary tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description {
    /// All types that the rest speaks of, and what they reach.
    pub types: TypeTable,
    /// The signatures of those functions whose parameters are described.
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

/// A function literal that captures variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClosureLayout {
    /// The address of its body, which is the first word of its closures.
    pub code: Address,
    /// The variables as a struct whose offsets count from the closure's begin; those that are captured by reference are
    /// pointers. None where the binary does not tell.
    pub captured: Option<TypeId>,
}

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
            .filter(|(function, _)| names::shared_instance(&function.name).is_some())
            .collect();
        if shared.is_empty() {
            return Ok(Candidates::default());
        }
        Ok(Dictionaries::read(&self.image)?.candidates(&self.image, &shared))
    }
}
