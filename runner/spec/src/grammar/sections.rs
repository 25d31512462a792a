//! All tables together.

use super::{
    file::{BUILD, FUNCTION, HAND_OFF, LIMITS, PROGRAM, READY, REDACT, SERVER, SPEC, TLS},
    shape::Section,
    stub::{ANSWER, STUB},
    test::{CALLS, REQUEST, SEND, SEQUENCE, STEP, TEST},
    values::{ERROR, MATCHER},
};

/// All sections, in the order of the documentation.
pub(crate) static SECTIONS: [&Section; 20] = [
    &SPEC, &PROGRAM, &READY, &TLS, &BUILD, &STUB, &ANSWER, &FUNCTION, &LIMITS, &REDACT, &HAND_OFF,
    &SERVER, &TEST, &REQUEST, &SEND, &SEQUENCE, &STEP, &CALLS, &ERROR, &MATCHER,
];
