//! Values out of registers and memory: a pure function of a record, and of what is known of the program beforehand.
//!
//! It is total: any bytes and any types give values, each leaf a value or the reason why it is not known. And it is
//! bounded: what one hit takes of time and memory does not depend on what the memory says.
//!
//! ```
//! use std::sync::Arc;
//! use model::{Content, Kind, Limits, Location, Parameter, Piece, Place, Type, plan::Plan};
//! use trace::{decode::{Decoder, Program}, record::Record};
//! use goproctor_ebpf::RecordClass;
//!
//! let mut plan = Plan::default();
//! let int16 = plan.types.push(Type { name: "int16".into(), size: 2, kind: Kind::Int });
//! let program = Program::new(Arc::new(plan), Box::new(|_| None));
//! let location = Location {
//!     pieces: vec![Piece { place: Place::Register(arch::INTEGER_ARGUMENTS[0]), offset: 0, size: 2 }],
//! };
//! let parameter = Parameter { name: "n".into(), ty: int16, location };
//!
//! // A record whose registers are all ones.
//! let mut bytes = vec![0xff; RecordClass::Scalar.size()];
//! bytes[4..8].copy_from_slice(&(RecordClass::Scalar as u32).to_le_bytes());
//! bytes[60..64].copy_from_slice(&0_u32.to_le_bytes());
//! let record = Record::parse(&bytes)?;
//! let decoder = Decoder::new(&program, &record, 0);
//! let values = decoder.parameters(&[parameter], Limits::default());
//! assert_eq!(values[0].content, Content::Int(-1));
//! # Ok::<(), trace::record::RecordError>(())
//! ```

mod decoder;
mod image;
mod interface;
mod map;
mod order;
mod origin;
mod pick;
mod program;
mod scalar;
mod sequence;
mod texts;
mod walk;

pub use decoder::Decoder;
pub(crate) use decoder::text_at;
pub use pick::Saved;
pub use program::{CodePlaces, FunctionNames, Program};

#[cfg(test)]
mod tests;
