//! Comparisons of simulated programs, of which it is known what differs.

mod error_rate;
mod origin;
mod power;
mod simulation;
mod verdict;
