//! The runtime's and the standard library's functions that goproctor itself watches, whatever a spec says.
//!
//! All of them have the same names on Go 1.15 to 1.27; from Go 1.17 on they are `ABIInternal`.

use super::Declaration;

/// A function that goproctor itself watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Implicit {
    /// The main goroutine's function: the self-check's known fact is that goroutine 1 runs it.
    Main,
    /// Makes a goroutine; its result is the new `*g`. It runs on the system stack.
    NewGoroutine,
    /// Queues a goroutine to be run, on the system stack: what creates one calls it next. It is not watched itself.
    QueueGoroutine,
    /// Ends the goroutine that calls it.
    GoroutineExit,
    /// Goes on in the frame whose deferred function recovered a panic. It runs on the system stack, its argument is the
    /// goroutine's `*g`.
    Recovery,
    /// Ends the process for a panic that nobody recovered, on the stack of the goroutine that panicked.
    FatalPanic,
    /// Serves one request of a `net/http` server, for HTTP/1 and HTTP/2 alike.
    ServeRequest,
    /// Runs the handler of one HTTP/2 stream that `golang.org/x/net/http2` serves, which may not be `net/http`'s
    /// (`golang.org/x/net/http2/h2c`).
    ServeStream,
    /// Likewise where that module leaves the work to `net/http` (from Go 1.27).
    ServeInternalStream,
    /// Sends one request of a `net/http` client over an HTTP/1 connection, in the goroutine that asks for it.
    SendRequest,
    /// Runs a test, a subtest, or a fuzz target with one seed, in a goroutine of its own.
    RunTest,
    /// Runs a fuzz target, likewise.
    RunFuzzTarget,
    /// Runs a benchmark with one number of iterations.
    RunBenchmark,
    /// Runs an example.
    RunExample,
    /// Ends a test as skipped.
    SkipTest,
    /// Marks a test as failed, and those around it.
    FailTest,
}

impl Implicit {
    /// The function's name.
    #[must_use]
    pub const fn function(self) -> &'static str {
        match self {
            Self::Main => "runtime.main",
            Self::NewGoroutine => "runtime.newproc1",
            Self::QueueGoroutine => "runtime.runqput",
            Self::GoroutineExit => "runtime.goexit1",
            Self::Recovery => "runtime.recovery",
            Self::FatalPanic => "runtime.fatalpanic",
            Self::ServeRequest => "net/http.serverHandler.ServeHTTP",
            Self::ServeStream => "golang.org/x/net/http2.(*serverConn).runHandler",
            Self::ServeInternalStream => "net/http/internal/http2.(*serverConn).runHandler",
            Self::SendRequest => "net/http.(*persistConn).roundTrip",
            Self::RunTest => "testing.tRunner",
            Self::RunFuzzTarget => "testing.fRunner",
            Self::RunBenchmark => "testing.(*B).runN",
            Self::RunExample => "testing.runExample",
            Self::SkipTest => "testing.(*common).SkipNow",
            Self::FailTest => "testing.(*common).Fail",
        }
    }

    /// Its declaration (`runtime/proc.go`) in releases whose binaries do not describe it as a whole: up to Go 1.16
    /// what follows `narg` might be something else, for all that can be seen, and Go 1.17 leaves out results.
    #[must_use]
    pub fn declaration(self, minor: u32) -> Option<Declaration> {
        const TO_GO_1_17: &str = "package runtime

func newproc1(fn *funcval, argp unsafe.Pointer, narg int32, callergp *g, callerpc uintptr) *g
";
        match self {
            Self::NewGoroutine if minor <= 17 => {
                Declaration::at_offset(TO_GO_1_17.as_bytes(), TO_GO_1_17.find("func")?, "runtime")
            }
            _ => None,
        }
    }

    /// Whether every Go program has it.
    #[must_use]
    pub const fn is_in_every_program(self) -> bool {
        match self {
            Self::Main
            | Self::NewGoroutine
            | Self::GoroutineExit
            | Self::Recovery
            | Self::FatalPanic => true,
            Self::ServeRequest
            | Self::ServeStream
            | Self::ServeInternalStream
            | Self::QueueGoroutine
            | Self::SendRequest
            | Self::RunTest
            | Self::RunFuzzTarget
            | Self::RunBenchmark
            | Self::RunExample
            | Self::SkipTest
            | Self::FailTest => false,
        }
    }
}
