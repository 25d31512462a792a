//! What a call's last result must be, which is an error.
//!
//! - **The chain** of an error is what `errors.Is` and `errors.As` walk: the error itself, then what it wraps. What the
//!   standard library's types wrap is known. Another struct that holds errors is taken to wrap them: what is found in
//!   it counts; but that something is *not* in the chain can't be told then, for what its `Unwrap` method gives is not
//!   known.
//! - **`is`** asks for identity with a package's variable as Go's `==` on interfaces does: the same dynamic type, and the
//!   same pointer or an equal value. Of `Is` methods that of `syscall.Errno` alone is known.
//! - **`as`** asks for a dynamic type of that name, full or short.

mod chain;
mod demand;
mod identity;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]
mod tests;

pub(super) use demand::ErrorDemand;
