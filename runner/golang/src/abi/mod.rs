//! Where Go puts arguments and results: a function's parameter types give each value's registers or stack slots.
//!
//! Two conventions exist. The *stack ABI* (ABI0: everything to Go 1.16, and assembly ever since) lays receiver,
//! parameters and results out on the caller's stack. The *register ABI* (ABIInternal, from Go 1.17) follows
//! [`cmd/compile/abi-internal.md`](https://go.dev/s/regabi), "Function call argument and result passing"; with no
//! registers at all its rules give the stack ABI, so one algorithm serves both.
//!
//! ```
//! use golang::{Abi, abi::assign};
//! use model::{Kind, Piece, Place, Type, TypeTable};
//!
//! let mut types = TypeTable::default();
//! let int = types.push(Type { name: "int".into(), size: 8, kind: Kind::Int });
//! let first = |abi| assign(abi, &types, &[int], &[]).parameters[0].pieces.clone();
//! let at = |place| vec![Piece { place, offset: 0, size: 8 }];
//! assert_eq!(first(Abi::Register), at(Place::Register(arch::INTEGER_ARGUMENTS[0])));
//! assert_eq!(first(Abi::Stack), at(Place::Stack(arch::STACK_ARGUMENTS as i64)));
//! ```

mod assignment;
mod shape;

#[cfg(test)]
mod tests;

pub use assignment::{Assignment, assign};
