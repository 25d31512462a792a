//! The tables and keys of the language, in one place: the reader's did-you-mean, the JSON Schema and the key tables
//! of `docs/spec.md` are all derived from here.

mod config;
mod file;
mod shape;
mod test;
mod values;

pub(crate) use config::{
    CONFIG, CONFIG_SECTIONS, MAX_COUNT, MAX_JOBS, MAX_RETRIES, MAX_RING, SETTINGS,
};
pub(crate) use file::{
    ACCEPT, BUILD, FUNCTION, GO_TEST, HAND_OFF, INLINED, LIMITS, PROGRAM, READY, REDACT, SECTIONS,
    SERVER, SPEC, TLS,
};
pub(crate) use shape::{Key, REQUIRED, Section, Shape};
pub(crate) use test::{
    ANSWER, CALLS, CAPTURE, LEFT, RECEIVED, REQUEST, SEND, SEQUENCE, STEP, STUB, TEST,
};
pub(crate) use values::{ERROR, MATCHER};
