//! Random Go signatures, and programs that tell where the compiler really puts their values.
//!
//! The truth comes from a callee in assembly. It is called through a func value of the signature's type, so that the
//! compiler passes arguments as it does to any Go function; it writes down all registers and the stack above the
//! return address, fills both with known patterns and returns, so that the results show where the compiler
//! looks for them.

mod program;
mod types;

pub use program::{Dump, Program};
pub use types::{GoType, Name, Parameter, Signature};
