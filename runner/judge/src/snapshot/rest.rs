//! How the rest of a test went whose snapshot is new: its header says so, since a review knows nothing of the run.

use super::file;

/// How the rest of a test went whose snapshot is new.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rest {
    /// What does not hold or could not be decided besides the snapshot, in few words; empty where all holds.
    pub wrong: String,
    /// What else to know before it is accepted, such as values that are others in each run; may be empty.
    pub advice: String,
}

/// The header's key for what is wrong besides.
const REST: &str = "rest-of-test";
/// What stands there where all holds.
const HOLDS: &str = "holds";
/// The header's key for what else to know.
const ADVICE: &str = "advice";

impl Rest {
    /// The lines of the header.
    pub(super) fn header(&self) -> Vec<(&str, &str)> {
        let rest = match self.wrong.as_str() {
            "" => HOLDS,
            wrong => wrong,
        };
        let advice = Some((ADVICE, self.advice.as_str())).filter(|(_, advice)| !advice.is_empty());
        [(REST, rest)].into_iter().chain(advice).collect()
    }

    /// What a file's header says.
    pub(super) fn of(file: &str) -> Self {
        let wrong = match file::header(file, REST) {
            Some(rest) if rest == HOLDS => String::new(),
            Some(rest) => rest,
            None => "it is not known how the rest of its test went: run the test again".to_owned(),
        };
        Self {
            wrong,
            advice: file::header(file, ADVICE).unwrap_or_default(),
        }
    }
}
