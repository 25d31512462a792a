//! The lines of a recording.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{
    form::{Form, forms},
    plan::Plan,
    test::{TestBegin, TestEnd},
};
use crate::recording::contents;

/// The version of the format; raised with every change that an older version can't read.
pub(in crate::recording) const FORMAT_VERSION: u32 = 2;

forms! {
    struct Header for contents::Header {
        goproctor: String,
        plan: Plan,
        hit_costs: Vec<u64>,
        spec: Option<SpecText>,
    }

    struct SpecText for contents::SpecText {
        name: String,
        text: String,
        used or default: Vec<UsedText>,
    }

    struct UsedText for contents::UsedText { name: String, text: String }
}

/// One line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::recording) enum Line<'a> {
    /// Begins a test.
    Test(TestBegin),
    /// A record in base64, up to its last byte that means something.
    Record(Cow<'a, str>),
    /// Bytes in base64 that came as a record, but are none.
    Malformed(Cow<'a, str>),
    /// A process ended.
    Exit {
        /// Which.
        process: u32,
        /// When, on the records' clock.
        time: u64,
    },
    /// Ends a test.
    End(Box<TestEnd>),
    /// Ends the recording: so many tests.
    Tests(usize),
}

/// The first line. Of a header nothing is understood until the version is known to be ours.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::recording) struct FirstLine<H> {
    /// The version of the format.
    pub(in crate::recording) goproctor_recording: u32,
    /// What was watched.
    pub(in crate::recording) header: H,
}
