//! What a call's last result must be, which is an error.
//!
//! - **The chain** of an error is what `errors.Is` and `errors.As` walk: the error itself, then what it wraps. A type
//!   without a method `Unwrap` wraps nothing, and what the standard library's types wrap is known. Another struct with one
//!   field that holds errors is taken to wrap those: what is found in it counts; but that something is *not* in the chain
//!   is not known then, since only its `Unwrap` method knows what it wraps.
//! - **`is`** asks for identity with a package's variable as Go's `==` on interfaces does: the same dynamic type, and the
//!   same pointer or an equal value. An `Is` method of the standard library's is known too; one of another type may say
//!   anything.
//! - **`as`** asks for a dynamic type of that name, full or short. What an `As` method says of others is not known.

mod chain;
mod demand;
mod identity;
mod methods;
#[cfg(test)]
mod tests;

pub(super) use demand::ErrorDemand;
