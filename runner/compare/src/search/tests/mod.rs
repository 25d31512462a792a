//! Searches against planted causes.

mod bisection;
mod cause;
