//! Verdicts on runs that had ended before anybody asked: `go test` without `-v` asks at the end, and the calls of all runs would
//! have to be kept until then.

use super::protocol::Verdict;

/// Such verdicts of one spec, in the order of the runs' ends.
#[derive(Debug, Default)]
pub(super) struct Ahead(Vec<Judged>);

#[derive(Debug)]
struct Judged {
    name: String,
    /// Whether the run failed by itself.
    failed: bool,
    verdict: Verdict,
}

impl Ahead {
    pub(super) fn add(&mut self, name: String, failed: bool, verdict: Verdict) {
        self.0.push(Judged {
            name,
            failed,
            verdict,
        });
    }

    /// Takes that of the first run of the Go test of that name that failed by itself or not.
    pub(super) fn take(&mut self, name: &str, failed: bool) -> Option<Verdict> {
        self.take_first(|judged| judged.name == name && judged.failed == failed)
    }

    /// Takes that of the first run of the Go test of that name.
    pub(super) fn take_any(&mut self, name: &str) -> Option<Verdict> {
        self.take_first(|judged| judged.name == name)
    }

    fn take_first(&mut self, is_meant: impl Fn(&Judged) -> bool) -> Option<Verdict> {
        let place = self.0.iter().position(is_meant)?;
        Some(self.0.remove(place).verdict)
    }

    /// Takes those of all Go tests whose names are meant.
    pub(super) fn take_all(&mut self, is_meant: impl Fn(&str) -> bool) -> Vec<(String, Verdict)> {
        let taken = self.0.extract_if(.., |judged| is_meant(&judged.name));
        taken.map(|judged| (judged.name, judged.verdict)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Ahead, Verdict};

    #[test]
    fn each_run_has_its_verdict_once() {
        let verdict = |line: &str| Verdict {
            fails: true,
            lines: vec![line.to_owned()],
            places: Vec::new(),
            artifacts: Vec::new(),
        };
        let mut ahead = Ahead::default();
        for (name, failed, line) in [
            ("TestA/x", false, "first"),
            ("TestA", false, "second"),
            ("TestA/x", true, "third"),
            ("TestA/x", false, "fourth"),
            ("TestB", false, "fifth"),
        ] {
            ahead.add(name.to_owned(), failed, verdict(line));
        }
        assert_eq!(ahead.take("TestA/x", true), Some(verdict("third")));
        assert_eq!(ahead.take("TestA/x", true), None);
        assert_eq!(ahead.take_any("TestA/x"), Some(verdict("first")));
        let below = ahead.take_all(|name| name.starts_with("TestA/"));
        assert_eq!(below, [("TestA/x".to_owned(), verdict("fourth"))]);
        let names: Vec<String> = ahead
            .take_all(|_| true)
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(names, ["TestA", "TestB"]);
    }
}
