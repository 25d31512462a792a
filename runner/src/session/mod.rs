//! One run: build → read → plan → self-check → attach → release → ready → drive → settle → drain → judge.

mod cancel;

pub use cancel::Cancel;
