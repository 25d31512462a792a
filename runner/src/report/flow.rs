//! Calls as they begin and end, a line each, indented by how deep they are on their goroutine: `goproctor trace --flow`.
//!
//! ```text
//!    0.000000  g34    -> handler(&http.response{…}, GET /)
//!    0.000412  g34      -> checkSite()
//!    0.003120  g34      <- checkSite → 200  2.7ms
//!    0.003140  g34    <- handler  3.1ms
//! ```

use std::{collections::HashMap, fmt::Write as _};

use anstyle::Style;
use model::{Call, FunctionId, Goid, Observation, ProcessId, Timestamp};

use super::call_line::{Shown, call_part, duration};

/// Levels that are indented; what is deeper is written as deep as these.
const MAX_LEVELS: usize = 24;

/// The columns of time, goroutine and arrow.
const LEFT: usize = 24;

/// A call, whatever its number in an observation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct OpenCall {
    function: FunctionId,
    entered: Timestamp,
}

/// Writes calls as they begin and end. An observation may report a call that runs, and a later one the same call when it has ended.
#[derive(Debug, Default)]
pub(crate) struct Flow {
    /// The calls that were written and have not ended, outermost first.
    open: HashMap<(ProcessId, Goid), Vec<OpenCall>>,
    /// When the first one began.
    first: Option<Timestamp>,
    width: usize,
    color: bool,
}

/// A call begins or ends.
struct Event<'a> {
    time: Timestamp,
    call: &'a Call,
    is_end: bool,
}

impl Flow {
    /// Writes lines of that width.
    pub(crate) fn new(width: usize, color: bool) -> Self {
        Self {
            width,
            color,
            ..Self::default()
        }
    }

    /// The lines of what an observation has: by time, and each with a line break at its end.
    pub(crate) fn lines(&mut self, observation: &Observation) -> String {
        let mut events: Vec<Event<'_>> = Vec::new();
        for call in &observation.calls {
            if !self.is_open(call) {
                events.push(Event {
                    time: call.entered,
                    call,
                    is_end: false,
                });
            }
            if let Some(left) = call.left {
                events.push(Event {
                    time: left,
                    call,
                    is_end: true,
                });
            }
        }
        // Calls are in the order of their entry, and what is entered at the same moment is nested.
        events.sort_by_key(|event| event.time);
        let mut text = String::new();
        for event in events {
            self.write(observation, &event, &mut text);
        }
        text
    }

    fn is_open(&self, call: &Call) -> bool {
        let open = self.open.get(&goroutine(call));
        open.is_some_and(|open| open.contains(&of(call)))
    }

    fn write(&mut self, observation: &Observation, event: &Event<'_>, text: &mut String) {
        let Event { time, call, is_end } = *event;
        let first = *self.first.get_or_insert(time);
        let level = match is_end {
            false => self.enter(call),
            true => self.leave(call),
        };
        let indent = 2 * level.min(MAX_LEVELS);
        let (arrow, shown) = match is_end {
            false => ("->", Shown::Entry),
            true => ("<-", Shown::End),
        };
        let took = call
            .left
            .filter(|_| is_end)
            .map(|left| duration(call, left));
        let took = took.map_or_else(String::new, |took| format!("  {took}"));
        let room = self.width.saturating_sub(LEFT + indent + took.len());
        let line = call_part(observation, call, None, false, room, shown);
        let dim = match self.color {
            true => Style::new().dimmed(),
            false => Style::new(),
        };
        let seconds = time.since(first).0 as f64 / 1e9;
        let goid = call.goroutine.to_string();
        let _ = writeln!(
            text,
            "{dim}{seconds:>11.6}  {goid:<6}{dim:#} {:indent$}{arrow} {line}{dim}{took}{dim:#}",
            ""
        );
    }

    /// A call begins; gives how many are open around it.
    fn enter(&mut self, call: &Call) -> usize {
        let open = self.open.entry(goroutine(call)).or_default();
        open.push(of(call));
        open.len() - 1
    }

    /// A call ends, and with it what is open within; gives how many were open around it.
    fn leave(&mut self, call: &Call) -> usize {
        let key = goroutine(call);
        let Some(open) = self.open.get_mut(&key) else {
            return 0;
        };
        let Some(level) = open.iter().rposition(|open| *open == of(call)) else {
            return open.len();
        };
        // What ends at the same moment may come later.
        open.remove(level);
        if open.is_empty() {
            self.open.remove(&key);
        }
        level
    }
}

fn goroutine(call: &Call) -> (ProcessId, Goid) {
    (call.process, call.goroutine)
}

fn of(call: &Call) -> OpenCall {
    OpenCall {
        function: call.function,
        entered: call.entered,
    }
}

#[cfg(test)]
mod tests {
    use model::{Outcome, testing};

    use super::*;
    use crate::report::tree_tests::played;

    #[test]
    fn calls_are_written_when_they_begin_and_end() {
        let mut flow = Flow::new(100, false);
        insta::assert_snapshot!(flow.lines(&played()));
    }

    fn observed(calls: Vec<Call>) -> Observation {
        Observation {
            calls,
            ..Observation::default()
        }
    }

    fn call(id: u64, entered: u64, left: Option<u64>) -> Call {
        Call {
            left: left.map(Timestamp),
            outcome: match left {
                Some(_) => Outcome::Returned,
                None => Outcome::Running,
            },
            ..testing::call(id, Goid(1), FunctionId(0), Timestamp(entered))
        }
    }

    /// The arrows, each with its indent.
    fn arrows(text: &str) -> Vec<String> {
        let arrows = text.lines().map(|line| {
            let line = &line[20..];
            let end = line.find('?').unwrap();
            line[..end].trim_end().to_owned()
        });
        arrows.collect()
    }

    #[test]
    fn a_call_that_runs_is_begun_once() {
        let mut flow = Flow::new(100, false);
        let first = flow.lines(&observed(vec![
            call(0, 1_000, None),
            call(1, 2_000, Some(3_000)),
        ]));
        assert_eq!(arrows(&first), ["->", "  ->", "  <-"]);
        let second = flow.lines(&observed(vec![call(0, 4_000, None)]));
        assert_eq!(arrows(&second), ["  ->"]);
        let ends = observed(vec![
            call(0, 4_000, Some(5_000)),
            call(1, 1_000, Some(6_000)),
        ]);
        let third = flow.lines(&ends);
        assert_eq!(arrows(&third), ["  <-", "<-"]);
        assert!(flow.open.is_empty());
        assert!(third.starts_with("   0.000004  g1 "), "{third}");
    }
}
