//! Values of every kind against matchers of every kind.

mod scalars;
mod soundness;
mod spelled;
mod table;
mod world;
