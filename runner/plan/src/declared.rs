//! What a program's source declares.

use std::collections::BTreeMap;

use golang::Declaration;

/// The functions and literals that a program's source declares, by their canonical names without type
/// arguments: `main.handler`, `net.(*Resolver).lookupIP`, `main.serve.func1`, `main.init.func2`.
pub type Declared = BTreeMap<String, Declaration>;
