//! The tracer is fed with what a Go program would make the kernel program write, built by hand.

mod attribution;
mod bulk;
mod copies;
mod decoding;
mod go_tests;
mod goroutines;
mod hand_off;
mod outcomes;
mod overflow;
mod pairing;
mod polls;
mod property;
mod room;
mod windows;
