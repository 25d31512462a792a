//! Records → calls: pairing, goroutines, parents, requests, endings. Pure and streaming; knows neither the
//! kernel nor files.

pub mod source;
