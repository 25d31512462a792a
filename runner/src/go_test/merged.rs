//! The verdicts of several specs on the same runs of Go tests.

use super::protocol::Verdict;

/// Verdicts on runs of Go tests, by their full names, one each.
#[derive(Debug, Default)]
pub(super) struct Merged {
    verdicts: Vec<(String, Verdict)>,
}

impl Merged {
    /// Adds those of one spec. Its n-th run of a name is the n-th of the other specs.
    pub(super) fn add(&mut self, of_spec: Vec<(String, Verdict)>) {
        let known = self.verdicts.len();
        let mut taken = vec![false; known];
        for (name, verdict) in of_spec {
            let mut places = self.verdicts.iter().take(known).zip(&taken);
            match places.position(|((other, _), taken)| !taken && *other == name) {
                Some(place) => {
                    taken[place] = true;
                    self.verdicts[place].1.join(verdict);
                }
                None => self.verdicts.push((name, verdict)),
            }
        }
    }

    pub(super) fn into_verdicts(self) -> Vec<(String, Verdict)> {
        self.verdicts
    }
}

impl Verdict {
    /// Takes in that of another spec: a test fails if one of them says so.
    pub(super) fn join(&mut self, other: Self) {
        self.fails |= other.fails;
        self.lines.extend(other.lines);
        self.places.extend(other.places);
        self.artifacts.extend(other.artifacts);
    }
}

#[cfg(test)]
mod tests {
    use super::{Merged, Verdict};

    fn verdict(name: &str, line: &str) -> (String, Verdict) {
        let lines = vec![line.to_owned()];
        let fails = line.starts_with("fails");
        (
            name.to_owned(),
            Verdict {
                fails,
                lines,
                places: Vec::new(),
                artifacts: Vec::new(),
            },
        )
    }

    #[test]
    fn each_run_has_one_verdict_of_all_specs() {
        let mut merged = Merged::default();
        merged.add(vec![
            verdict("TestA", "passes 1"),
            verdict("TestB", "passes"),
            verdict("TestA", "fails 2"),
        ]);
        merged.add(vec![
            verdict("TestC", "passes"),
            verdict("TestA", "fails 3"),
            verdict("TestA", "passes 4"),
            verdict("TestA", "passes 5"),
        ]);
        let told: Vec<_> = merged
            .into_verdicts()
            .into_iter()
            .map(|(name, verdict)| (name, verdict.fails, verdict.lines.join(", ")))
            .collect();
        let told: Vec<_> = told
            .iter()
            .map(|(name, fails, lines)| (name.as_str(), *fails, lines.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                ("TestA", true, "passes 1, fails 3"),
                ("TestB", false, "passes"),
                ("TestA", true, "fails 2, passes 4"),
                ("TestC", false, "passes"),
                ("TestA", false, "passes 5"),
            ]
        );
    }
}
