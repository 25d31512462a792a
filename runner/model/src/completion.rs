//! How a test came to its end, and what was still going on then.

use std::fmt;

use serde::Serialize;

use super::{CodePlace, Goid, Nanoseconds};

/// So many requests and so many goroutines are named at most.
pub const MAX_NAMED: usize = 16;

/// How a test came to its end. A session that is cancelled judges nothing, and has none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Completion {
    /// What ended it.
    pub end: End,
    /// How long that took: after the last answer, or after the program's launch where nothing was sent.
    #[serde(rename = "after_ns")]
    pub after: Nanoseconds,
    /// How long it might have taken.
    #[serde(rename = "limit_ns")]
    pub limit: Nanoseconds,
    /// What was still going on.
    #[serde(skip_serializing_if = "Running::is_nothing")]
    pub running: Running,
}

/// What ended a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// Its requests were answered, and their goroutines had ended.
    Settled,
    /// `settle` passed, and its goroutines had not ended.
    SettlePassed,
    /// `within` passed.
    Deadline,
    /// The program ended.
    ProcessEnded,
    /// The program was ready, and the test sends nothing.
    Ready,
}

/// What requests of a test still do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Running {
    /// Requests whose handlers run, at most [`MAX_NAMED`]: method and target as far as they are known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub requests: Vec<String>,
    /// Goroutines that they own, at most [`MAX_NAMED`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub goroutines: Vec<RunningGoroutine>,
    /// How many more there are of both.
    pub more: u64,
    /// How many hand-offs have not been taken.
    pub hand_offs: u64,
}

/// A goroutine that runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RunningGoroutine {
    /// Which.
    pub goid: Goid,
    /// The function that it started with, if that is known.
    pub function: Option<String>,
    /// The `go` statement that started it, where that was asked for and is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started: Option<CodePlace>,
}

impl Running {
    /// Whether nothing was going on any more.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.total() == 0
    }

    /// How much it is.
    #[must_use]
    pub fn total(&self) -> u64 {
        (self.requests.len() + self.goroutines.len()) as u64 + self.more + self.hand_offs
    }
}

impl Completion {
    /// Whether more might have been seen later, had one waited.
    #[must_use]
    pub const fn is_cut(&self) -> bool {
        matches!(self.end, End::SettlePassed | End::Deadline)
    }
}

impl fmt::Display for RunningGoroutine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.goid)?;
        match &self.function {
            Some(function) => write!(f, " {function}"),
            None => Ok(()),
        }
    }
}

/// `g34 main.worker, g35 main.worker, GET /slow and 3 more, 1 hand-off`
impl fmt::Display for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let goroutines = self.goroutines.iter().map(ToString::to_string);
        let named: Vec<String> = self.requests.iter().cloned().chain(goroutines).collect();
        f.write_str(&named.join(", "))?;
        if self.more > 0 {
            write!(f, " and {} more", self.more)?;
        }
        let comma = if self.total() == self.hand_offs {
            ""
        } else {
            ", "
        };
        match self.hand_offs {
            0 => Ok(()),
            1 => write!(f, "{comma}1 hand-off that was not taken"),
            several => write!(f, "{comma}{several} hand-offs that were not taken"),
        }
    }
}

/// What the test did: `settled 12ms after the last answer`
impl fmt::Display for Completion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (after, limit) = (self.after.brief(), self.limit.brief());
        match self.end {
            End::Settled => write!(f, "settled {after} after the last answer"),
            End::SettlePassed => write!(f, "was not settled within {limit}"),
            End::Deadline => write!(f, "ran out of time after {limit}"),
            End::ProcessEnded => write!(f, "ended with the program, after {after}"),
            End::Ready => write!(f, "ended when the program was ready, after {after}"),
        }?;
        if self.running.total() > 0 {
            write!(f, "; still running: {}", self.running)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn running(goroutines: &[u64]) -> Running {
        let goroutines = goroutines.iter().map(|goid| RunningGoroutine {
            goid: Goid(*goid),
            function: Some("main.worker".to_owned()),
            started: None,
        });
        Running {
            goroutines: goroutines.collect(),
            ..Running::default()
        }
    }

    #[test]
    fn what_still_runs_is_named() {
        let completion = Completion {
            end: End::SettlePassed,
            after: Nanoseconds(1_002_000_000),
            limit: Nanoseconds(1_000_000_000),
            running: Running {
                requests: vec!["GET /slow".to_owned()],
                more: 3,
                hand_offs: 1,
                ..running(&[7])
            },
        };
        assert_eq!(
            completion.to_string(),
            "was not settled within 1s; still running: GET /slow, g7 main.worker and 3 more, 1 hand-off that was not taken"
        );
        assert!(completion.is_cut());
    }

    #[test]
    fn hand_offs_alone_are_named_too() {
        let running = Running {
            hand_offs: 2,
            ..Running::default()
        };
        assert_eq!(running.to_string(), "2 hand-offs that were not taken");
    }

    #[test]
    fn a_settled_test_says_how_long_it_took() {
        let completion = Completion {
            end: End::Settled,
            after: Nanoseconds(12_400_000),
            limit: Nanoseconds(1_000_000_000),
            running: Running::default(),
        };
        assert_eq!(completion.to_string(), "settled 12ms after the last answer");
    }
}
