//! What goproctor says of the runs of tests, and who says it.

/// What goproctor says of one run of a test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Whether the test fails.
    pub fails: bool,
    /// Why, without indentation. Printed if the test fails.
    pub lines: Vec<String>,
    /// The places in specs of what does not hold, such as `shop.proctor.toml:9`. An attribute of the test, where releases have those.
    pub places: Vec<String>,
    /// The directories of artifacts that goproctor left for the run, whether it fails or not.
    pub artifacts: Vec<String>,
}

/// How a test ended by itself, as its report says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// `--- PASS`
    Passed,
    /// `--- FAIL`
    Failed,
    /// `--- SKIP`
    Skipped,
}

/// Where verdicts come from. Names are those that the binary prints, such as `TestX/free_shipping`.
///
/// A test may print a line that looks like a report, so a method may wait for the recording to catch up with the
/// moment of the call, but not for a run that has not ended by then: the binary may wait until its output is read.
pub trait Verdicts {
    /// The verdict on the next run of that test that has ended; none if there is no such run, or it has no spec.
    ///
    /// Runs of one name follow one another (`-count`, `-cpu`). In plain mode only those that failed by themselves are
    /// reported: a source that knows how runs ended skips those that ended otherwise, and leaves them to [`Self::rest`].
    fn next(&mut self, test: &str, outcome: Outcome) -> Option<Verdict>;

    /// The verdicts on the runs below the run of that top-level test that [`Self::next`] was just asked for, in the
    /// order of their ends. Not asked for in JSON mode, where each subtest is reported by itself.
    ///
    /// In plain mode, skipped subtests are not printed: leave them out. A passing verdict on a subtest that has no spec
    /// makes it appear above the failing ones below it.
    fn below(&mut self, test: &str) -> Vec<(String, Verdict)>;

    /// The verdicts on all runs that have ended and that were not asked for: in plain mode, of benchmarks, and of
    /// tests that the binary never reported. In the order of their ends; without skipped runs, as in [`Self::below`].
    ///
    /// Asked for at the last line, and once more when the binary has ended. Each verdict is given once.
    fn rest(&mut self) -> Vec<(String, Verdict)>;
}

/// What became of the output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Whether a verdict failed: the exit code is 1 if the binary's own was 0.
    pub failed: bool,
    /// How many runs of tests failed by their own verdict, without their parents.
    pub failed_tests: usize,
}
