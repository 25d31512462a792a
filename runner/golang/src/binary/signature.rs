//! Functions' parameters and results.

use model::TypeId;

/// What the compiler calls the parameter with a generic function's type arguments.
pub(super) const DICTIONARY: &str = ".dict";

/// A function's parameters and results, in the order of the ABI.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signature {
    /// The parameters, the receiver first.
    pub parameters: Vec<SignatureParameter>,
    /// The results; none are listed where they are not known.
    pub results: Vec<SignatureParameter>,
    /// Why the results are not known; none if they are.
    pub unknown_results: Option<UnknownResults>,
}

/// Why a function's results are not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnknownResults {
    /// Go 1.17 leaves them out of the debug information, and the source is not at hand.
    LeftOut,
    /// The function loops over a function: the debug information leaves out the results that the loop's body sets, and
    /// the source is not at hand.
    RangeOverFunction,
    /// The source declares results of a type that the binary does not have.
    NoSuchType,
}

/// One parameter or result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureParameter {
    /// Its name; where the source gives none, `_` for a parameter, and `~r0` and so on for a result.
    pub name: String,
    /// Its type.
    pub ty: TypeId,
    /// Whether the source does not have it: a generic function's dictionary (`.dict`), or up to Go 1.16 a
    /// variable that a closure uses and that its caller passes (`&x`).
    pub hidden: bool,
    /// Which entry of the function's dictionary is its type, where that depends on type arguments.
    pub dictionary_index: Option<u64>,
}
