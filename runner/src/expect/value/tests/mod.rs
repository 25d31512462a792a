//! Values of every kind against matchers of every kind.

mod scalars;
mod soundness;
mod table;
mod world;
