//! Everything that a plan needs to know of a binary's types and functions, read at once.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Binary, BinaryError, RuntimeType, Signature, SignatureParameter, functions::Signatures,
    runtime_types::RuntimeTypes, types::TypeReader,
};
use crate::{
    golang::Declaration,
    model::{Address, TypeId, TypeTable},
};

/// What is asked of a binary.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// The functions whose signatures are wanted, by the address of their first byte.
    pub functions: &'a BTreeSet<Address>,
    /// Their own declarations, as far as the source is at hand; see [`Binary::signatures_with_source`].
    pub declarations: &'a BTreeMap<Address, Declaration>,
    /// Whether the types that interfaces can hold, the closures, and the instances of generic functions are wanted too.
    pub dynamic: bool,
    /// The package variables that are wanted, by their full names, e.g. `database/sql.ErrNoRows`.
    pub variables: &'a [String],
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
    /// The instances that share a generic function's body; none unless they were wanted.
    pub instances: BTreeMap<Address, Vec<InstanceSignature>>,
    /// The package variables that are there: their address and their type.
    pub variables: BTreeMap<String, (Address, TypeId)>,
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
        let dynamic = scope
            .dynamic
            .then(|| {
                RuntimeTypes::read(&debug, &self.index, &self.image, self.release(), &mut types)
            })
            .transpose()?;
        let types = self.finished(types)?;
        Ok(Description {
            signatures: self.judged(drafts, &types),
            dynamic: dynamic.map_or_else(Vec::new, |dynamic| dynamic.confirmed(&types)),
            closures: Vec::new(),
            instances: BTreeMap::new(),
            variables: BTreeMap::new(),
            types,
        })
    }
}
