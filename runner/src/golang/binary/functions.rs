//! Signatures: a function's parameters and results as the compiler declared them in DWARF.

use crate::model::TypeId;

/// A function's parameters and results, in the order of its declaration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signature {
    /// The parameters, the receiver first.
    pub parameters: Vec<SignatureParameter>,
    /// The results.
    pub results: Vec<SignatureParameter>,
}

/// One parameter or result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureParameter {
    /// Its name; `_` or the compiler's own (`~r0`) where the source gives none.
    pub name: String,
    /// Its type.
    pub ty: TypeId,
    /// Whether the source does not have it: a generic function's dictionary (`.dict`).
    pub hidden: bool,
}
