//! `flow = [["service.returns.0", "publish.o"]]`: values that travel from call to call.
//!
//! Every call of a later part's function must have a value there that a call of the part before had by then, in the
//! same request; with `from = "anywhere"` or without requests, in any. By then: that call was entered before (for an
//! argument), or had returned before (for a result), the later one was entered; where the later part is a result, before
//! it returned.
//!
//! Values are the same as [`ValueIdentity`](model::ValueIdentity) has it. Nil proves
//! nothing: where the later one is nil and so was an earlier one, it is not decided, nor where what was not
//! read, or was cut, could be the same.

mod index;
mod judge;
mod sketch;

pub(super) use judge::judge;
