//! How long the parts of a session took.

use std::time::Duration;

/// How long the parts of a session took, as somebody who waits for it sees it.
///
/// The kernel program is loaded, and what a hit costs is measured, while something else is done, if there is something: of that
/// only what had to be waited for counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timings {
    /// From the package to the binary, or to a copy of it: go's own time, `go list`, and what is written for it.
    pub build: Duration,
    /// Of that, `go build` alone.
    pub go_build: Duration,
    /// Reading the binary.
    pub read: Duration,
    /// Finding what to probe and what to read there.
    pub plan: Duration,
    /// Loading the kernel program, which the kernel verifies.
    pub verify: Duration,
    /// Measuring what a hit costs.
    pub calibrate: Duration,
    /// Setting the probes.
    pub attach: Duration,
    /// Starting the program until it is ready, for all tests together.
    pub start: Duration,
    /// What the tests had it do.
    pub work: Duration,
    /// Waiting for what that had begun.
    pub settle: Duration,
    /// Ending the program.
    pub stop: Duration,
    /// Taking the probes off.
    pub detach: Duration,
}

impl Timings {
    /// All of them with their names, in the order in which they happen. `go_build` is a part of `build`.
    #[must_use]
    pub const fn parts(&self) -> [(&'static str, Duration); 12] {
        [
            ("build", self.build),
            ("go_build", self.go_build),
            ("read", self.read),
            ("plan", self.plan),
            ("verify", self.verify),
            ("calibrate", self.calibrate),
            ("attach", self.attach),
            ("start", self.start),
            ("work", self.work),
            ("settle", self.settle),
            ("stop", self.stop),
            ("detach", self.detach),
        ]
    }
}
