//! What can be said on the command line.
//!
//! Flags that `go test` has too are taken in its own spelling, with one dash: `-run`, `-skip`, `-v`, `-json`,
//! `-count`, `-failfast`.

use std::{ffi::OsString, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};
use golang::ReleaseList;
use model::Limits;

use super::{
    argument_groups::{
        EnvironmentArguments, KernelArguments, ReturnArguments, Selection, UserArguments,
    },
    completions::CompletionsArguments,
    diff_arguments::DiffArguments,
    displays::DisplayArguments,
    man::ManArguments,
    partition::Partition,
    run_groups::{ConfigArguments, ManyArguments},
    snapshot_arguments::{ReviewArguments, SnapshotArguments},
    trace_question::QuestionArguments,
    upgrade_arguments::UpgradeArguments,
};

/// The whole command line.
#[derive(Debug, Parser)]
#[command(
    name = "goproctor",
    version,
    about = "Behavioural proof of Go programs from the inside",
    long_about = "goproctor builds a Go program, watches the functions that a spec declares while it sends the \
                  program requests, and judges what it saw: which functions were called, in what order, with which \
                  arguments and results, and how long they took. The program is not changed.",
    after_help = "Exit codes: 0 all passed · 1 an expectation failed · 2 the spec or the usage is wrong · \
                  3 it could not run · 4 inconclusive",
    disable_help_subcommand = true
)]
pub(crate) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run specs and judge what is seen
    Run(RunArguments),
    /// Show the calls of a program, without a spec
    Trace(TraceArguments),
    /// Review the snapshots that wait for a decision, one at a time, with single keys
    Review(ReviewArguments),
    /// Accept, reject, compare or settle snapshots without a terminal
    Snapshot(SnapshotArguments),
    /// Check specs, and show what each name means in the program, without running it
    Check(CheckArguments),
    /// Run the same tests in two worlds (Go releases, revisions, binaries), and show what differs
    Diff(DiffArguments),
    /// Find out what a newer Go release changes in a program, why, and what to write
    Upgrade(UpgradeArguments),
    /// Report what this machine can do, and how to fix what is missing
    Doctor(DoctorArguments),
    /// Judge a recorded session again, without the program or the kernel
    Replay(ReplayArguments),
    /// Print the JSON Schema of specs, for editors
    Schema,
    /// Run `go test`, and judge what happens inside while its tests run
    Test(TestArguments),
    /// Run `go test`, and show which tests reach each function
    Map(MapArguments),
    /// Run specs with several Go releases, and show how each did with each
    Matrix(MatrixArguments),
    /// Run a test binary for `go test -exec 'goproctor exec'`
    Exec(ExecArguments),
    /// Print what makes a shell complete goproctor's words
    Completions(CompletionsArguments),
    /// Print the manual, or write its pages
    Man(ManArguments),
}

/// `goproctor run`
#[derive(Clone, Debug, Args)]
#[command(after_help = "Examples:\n  \
    goproctor run                                  every *.proctor.toml below this folder\n  \
    goproctor run site.proctor.toml -v             one spec, each verdict and the calls\n  \
    goproctor run -run 'answer' -count 3           the tests whose names match, three times\n  \
    goproctor run --jobs 2 --retries 1             two specs at a time; what fails is tried once more\n  \
    goproctor run site.proctor.toml --watch        again whenever something that it depends on changes\n  \
    goproctor run site.proctor.toml --accept       take the snapshots as they are now\n  \
    goproctor run --partition 2/5 --junit junit.xml    in a CI (docs/ci.md)")]
pub struct RunArguments {
    /// Specs, or folders in which to find `*.proctor.toml` files
    #[arg(value_name = "PATH", default_value = ".")]
    pub paths: Vec<PathBuf>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "the fields say it")]
    pub selection: Selection,
    #[command(flatten)]
    #[expect(missing_docs, reason = "the fields say it")]
    pub display: DisplayArguments,
    /// Accept new and changed snapshots
    #[arg(long)]
    pub accept: bool,
    /// Run each test this many times
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub count: u32,
    /// Stop at the first test that does not pass
    #[arg(long, value_name = "true|false", action = clap::ArgAction::Set, num_args = 0..=1, require_equals = true, default_value_t = false, default_missing_value = "true", hide_possible_values = true, hide_default_value = true)]
    pub failfast: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "the fields say it")]
    pub many: ManyArguments,
    #[command(flatten)]
    #[expect(missing_docs, reason = "the fields say it")]
    pub config: ConfigArguments,
    /// Build with this Go release, e.g. go1.26.8 (overrides the spec)
    #[arg(long, value_name = "RELEASE")]
    pub go: Option<String>,
    /// Record the session to replay it later; one spec only
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Have each stub's `upstream` answer in its place, and write the answers to this file as tables for the spec; one spec only
    #[arg(long, value_name = "FILE", conflicts_with_all = ["record", "accept", "count", "retries", "watch"])]
    pub record_stubs: Option<PathBuf>,
    /// Print the tests that would be run, and run nothing
    #[arg(long, conflicts_with_all = ["accept", "record", "record_stubs", "junit"])]
    pub list: bool,
    /// Run one part of the tests, e.g. 2/5; each is in exactly one part, which adding others does not change (docs/ci.md)
    #[arg(long, value_name = "PART/PARTS")]
    pub partition: Option<Partition>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "the fields say it")]
    pub environment: EnvironmentArguments,
    #[command(flatten)]
    #[expect(missing_docs, reason = "the fields say it")]
    pub returns: ReturnArguments,
    #[command(flatten)]
    #[expect(missing_docs, reason = "the fields say it")]
    pub user: UserArguments,
    #[command(flatten)]
    #[expect(missing_docs, reason = "the fields say it")]
    pub kernel: KernelArguments,
}

/// `goproctor trace`
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    goproctor trace ./cmd/shop -f 'main.*' --get /orders/1 -- -addr='127.0.0.1:${port}'\n  \
    goproctor trace ./server -f 'main.(*Shop).*' -f net/http.Get --get / --get /about\n  \
    goproctor trace ./cmd/shop -f 'main.*' --get / --format perfetto > shop.json   open it at ui.perfetto.dev\n  \
    goproctor trace --pid 4711 -f 'main.*' --for 10s        a process that runs already")]
pub struct TraceArguments {
    /// A Go package (path or import path) or a binary with debug information
    #[arg(value_name = "PACKAGE-OR-BINARY", required_unless_present = "pid")]
    pub program: Option<String>,
    /// Watch a running process, and leave it running
    #[arg(long, value_name = "PID", conflicts_with_all = ["program", "get", "post", "header", "ready", "go", "variables", "fast_returns", "user", "args"])]
    pub pid: Option<u32>,
    /// Functions to watch: a name, or a glob such as 'main.*'
    #[arg(short = 'f', long = "function", value_name = "NAME", required = true)]
    pub functions: Vec<String>,
    /// Send a GET of this path; may be given several times
    #[arg(long, value_name = "PATH")]
    pub get: Vec<String>,
    /// Send a POST to this path, after all GETs; may be given several times
    #[arg(long, value_name = "PATH")]
    pub post: Vec<String>,
    /// The body of each POST
    #[arg(long, value_name = "TEXT", requires = "post")]
    pub send: Option<String>,
    /// Send this header with each request; may be given several times
    #[arg(long, value_name = "NAME: VALUE")]
    pub header: Vec<String>,
    /// Watch for this long, or until the program ends, e.g. 2s
    #[arg(long = "for", value_name = "DURATION")]
    pub duration: Option<String>,
    /// Wait until this path answers before sending requests (default: until the port accepts a connection)
    #[arg(long, value_name = "PATH")]
    pub ready: Option<String>,
    /// Build with this Go release, e.g. go1.26.8
    #[arg(long, value_name = "RELEASE")]
    pub go: Option<String>,
    /// Show at most this many bytes of a string
    #[arg(long, value_name = "BYTES", default_value_t = 256, value_parser = clap::value_parser!(u32).range(1..=i64::from(Limits::MAX_STRING)))]
    pub string: u32,
    /// Follow pointers, slices, maps and interfaces this many levels deep
    #[arg(long, value_name = "LEVELS", default_value_t = 3, value_parser = clap::value_parser!(u32).range(0..=i64::from(Limits::MAX_DEPTH)))]
    pub depth: u32,
    /// Show at most this many elements of a slice, an array or a map
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u32).range(0..=i64::from(Limits::MAX_ELEMENTS)))]
    pub elements: u32,
    /// Read at most this many bytes of memory for one call
    #[arg(long, value_name = "BYTES", default_value_t = 16_384, value_parser = clap::value_parser!(u32).range(i64::from(Limits::MIN_BYTES)..=i64::from(Limits::MAX_BYTES)))]
    pub bytes: u32,
    /// Never read values of this name, such as '*.Password' or login.token
    #[arg(long, value_name = "PATH")]
    pub redact: Vec<String>,
    /// Never read values of this type, such as main.Secret
    #[arg(long, value_name = "TYPE")]
    pub redact_type: Vec<String>,
    /// Overwrite all text that matches this regular expression
    #[arg(long, value_name = "REGEX")]
    pub redact_text: Vec<String>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "the fields say it")]
    pub question: QuestionArguments,
    /// Show calls as they begin and end, a line each, indented by how deep they are on their goroutine
    #[arg(long, conflicts_with_all = ["format", "json"])]
    pub flow: bool,
    /// Print trees, JSON lines (docs/json.md), or a timeline for <https://ui.perfetto.dev>
    #[arg(long, value_enum, value_name = "text|json|perfetto", default_value_t = TraceFormat::Text, hide_possible_values = true, hide_default_value = true)]
    pub format: TraceFormat,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    pub json: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "the fields say it")]
    pub environment: EnvironmentArguments,
    #[command(flatten)]
    #[expect(missing_docs, reason = "the fields say it")]
    pub returns: ReturnArguments,
    #[command(flatten)]
    #[expect(missing_docs, reason = "the fields say it")]
    pub user: UserArguments,
    #[command(flatten)]
    #[expect(missing_docs, reason = "the fields say it")]
    pub kernel: KernelArguments,
    /// Arguments of the program; ${port} is a free port
    #[arg(last = true, value_name = "ARGS")]
    pub args: Vec<String>,
}

/// How `goproctor trace` prints what it saw.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum TraceFormat {
    /// Trees of requests, goroutines and calls
    #[default]
    Text,
    /// JSON: one request, goroutine or call a line (docs/json.md)
    Json,
    /// A timeline for <https://ui.perfetto.dev>: redirect it to a file and open the file there
    Perfetto,
}

/// `goproctor check`
#[derive(Debug, Args)]
pub struct CheckArguments {
    /// Specs, or folders in which to find `*.proctor.toml` files
    #[arg(value_name = "PATH", default_value = ".")]
    pub paths: Vec<PathBuf>,
    /// Build with this Go release, e.g. go1.26.8 (overrides the spec)
    #[arg(long, value_name = "RELEASE")]
    pub go: Option<String>,
    /// Show each probe, what it reads, and whether the kernel emulates or steps its instruction (its cost)
    #[arg(short, long)]
    pub verbose: bool,
    /// Print the whole plan: each probe site and what is read there
    #[arg(long)]
    pub plan: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "the fields say it")]
    pub returns: ReturnArguments,
    #[command(flatten)]
    #[expect(missing_docs, reason = "the fields say it")]
    pub user: UserArguments,
}

/// `goproctor doctor`
#[derive(Debug, Args)]
pub struct DoctorArguments {
    /// Report as JSON
    #[arg(long)]
    pub json: bool,
    /// Print only the file capabilities that watching needs on this kernel, in the form that setcap takes
    #[arg(long, conflicts_with = "json")]
    pub capabilities: bool,
}

/// `goproctor replay`
#[derive(Debug, Args)]
pub struct ReplayArguments {
    /// A recording that `goproctor run --record` wrote
    #[arg(value_name = "FILE")]
    pub recording: PathBuf,
    /// Use this spec instead of the recorded one
    #[arg(long, value_name = "SPEC")]
    pub spec: Option<PathBuf>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "the fields say it")]
    pub selection: Selection,
    #[command(flatten)]
    #[expect(missing_docs, reason = "the fields say it")]
    pub display: DisplayArguments,
}

/// `goproctor test`
#[derive(Debug, Args)]
#[command(
    override_usage = "goproctor test [--accept] [--calls FILE] [--ring MIB] [GO TEST ARGUMENTS]\n       \
    goproctor test --tree TEST [GO TEST ARGUMENTS]\n       \
    goproctor test --print-flags[=json] [GO TEST ARGUMENTS]",
    after_help = "Examples:\n  \
    goproctor test ./...                           as `go test ./...`, with the specs beside the tests\n  \
    goproctor test -run TestCheckout -v .          with flags of go test\n  \
    goproctor test --accept -run TestCheckout .    take the snapshots as they are now\n  \
    goproctor test --tree TestCheckout/gift .      the calls of a test as a tree\n  \
    gotestsum --raw-command -- goproctor test -json ./...\n  \
    GOFLAGS=\"$(goproctor test --print-flags ./...)\" go test ./...\n\n\
    The exit code is go's. GOPROCTOR=off runs the tests without goproctor. See docs/go-test.md."
)]
pub struct TestArguments {
    /// Accept new and changed snapshots (implies -count=1)
    #[arg(long)]
    pub accept: bool,
    /// Write the calls of the tests that are judged to this file, as JSON lines (docs/json.md; implies -count=1)
    #[arg(long, value_name = "FILE")]
    pub calls: Option<PathBuf>,
    /// Run this test alone, and show its calls of the package's own functions; needs no spec
    #[arg(long, value_name = "TEST", conflicts_with_all = ["accept", "calls"])]
    pub tree: Option<String>,
    /// Run nothing; print the flags that plain `go test` needs: for GOFLAGS and a shell, or as JSON for an editor's settings
    #[arg(long, value_enum, value_name = "words|json", num_args = 0..=1, require_equals = true, default_missing_value = "words", hide_possible_values = true, conflicts_with_all = ["accept", "calls", "tree"])]
    pub print_flags: Option<FlagsForm>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "the fields say it")]
    pub kernel: KernelArguments,
    /// Flags and packages, as `go test` takes them
    #[arg(
        value_name = "GO TEST ARGUMENTS",
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    pub command: Vec<OsString>,
}

/// How `goproctor test` prints flags of `go test`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FlagsForm {
    /// Words, quoted as GOFLAGS and a shell take them
    Words,
    /// A JSON array, as editors take it
    Json,
}

/// `goproctor map`
#[derive(Debug, Args)]
#[command(
    override_usage = "goproctor map [-f NAME]... [--since REVISION] [--json] [--ring MIB] [GO TEST ARGUMENTS]",
    after_help = "Examples:\n  \
    goproctor map ./...                            the functions of the tested packages, and their tests\n  \
    goproctor map -f 'shop.(*Cart).*' ./...        some functions, of any package\n  \
    goproctor map --since HEAD ./...               the tests that reach what is not committed yet\n  \
    goproctor map --since \"$(git merge-base main HEAD)\" ./...\n                                                 \
    those that reach what this branch changed\n  \
    goproctor map --json -run TestCheckout .       JSON lines (docs/json.md), with flags of go test\n\n\
    What go test prints goes to standard error. See docs/go-test.md."
)]
pub struct MapArguments {
    /// Functions to look at: a name, or a glob such as 'shop.*' (default: all of the tested packages)
    #[arg(short = 'f', long = "function", value_name = "NAME")]
    pub functions: Vec<String>,
    /// Look at what changed since a git revision, such as HEAD or main: which tests reach it, and the commands that run them
    #[arg(long, value_name = "REVISION", allow_hyphen_values = true)]
    pub since: Option<String>,
    /// Print JSON lines (docs/json.md)
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "the fields say it")]
    pub kernel: KernelArguments,
    /// Flags and packages, as `go test` takes them
    #[arg(
        value_name = "GO TEST ARGUMENTS",
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    pub command: Vec<OsString>,
}

/// `goproctor matrix`
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    goproctor matrix                          all specs, from the go line of their modules on\n  \
    goproctor matrix --go 1.16,1.21..stable   the last patches of 1.16 and of 1.21 and newer\n  \
    goproctor matrix --go 1.26.4..1.26.8      all patches between two of one release\n  \
    goproctor matrix --go oldstable,stable --markdown > matrix.md\n\n\
    A release is 1.26 (its last patch), 1.26.8, stable, oldstable or local (the installed one); the\n\
    go command fetches those that are missing. A cell is ✓ and the number of tests that passed, ✗\n\
    and how many failed, ? and how many could not be decided, or ! if they could not run. Snapshots\n\
    are compared and never written. See docs/upgrade.md.")]
pub struct MatrixArguments {
    /// Specs, or folders in which to find `*.proctor.toml` files: of programs and of Go tests
    #[arg(value_name = "PATH", default_value = ".")]
    pub paths: Vec<PathBuf>,
    /// Go releases and ranges, with commas between them (default: from the go line of a spec's module to the newest)
    #[arg(long, value_name = "RELEASES")]
    pub go: Option<ReleaseList>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "the fields say it")]
    pub selection: Selection,
    /// Report as JSON, a line for each cell as it is done (docs/json.md)
    #[arg(long, conflicts_with = "markdown")]
    pub json: bool,
    /// Report as Markdown, for a pull request
    #[arg(long)]
    pub markdown: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "the fields say it")]
    pub environment: EnvironmentArguments,
    #[command(flatten)]
    #[expect(missing_docs, reason = "the fields say it")]
    pub returns: ReturnArguments,
    #[command(flatten)]
    #[expect(missing_docs, reason = "the fields say it")]
    pub user: UserArguments,
    #[command(flatten)]
    #[expect(missing_docs, reason = "the fields say it")]
    pub kernel: KernelArguments,
}

/// `goproctor exec`
#[derive(Debug, Args)]
pub struct ExecArguments {
    /// The test binary and its arguments, as `go test` gives them
    #[arg(
        value_name = "BINARY",
        trailing_var_arg = true,
        allow_hyphen_values = true,
        required = true
    )]
    pub command: Vec<OsString>,
}

/// Flags that `go test` spells with one dash.
const GO_TEST_FLAGS: [&str; 5] = ["run", "skip", "json", "count", "failfast"];

/// The commands whose arguments are those of `go test` or of a test binary.
const AS_GO_SAYS: [&str; 3] = ["exec", "map", "test"];

/// The command line with `go test`'s one-dash flags in two-dash form, up to a `--`.
pub(crate) fn two_dashes(
    given: impl IntoIterator<Item = OsString>,
) -> impl Iterator<Item = OsString> {
    let mut rest = false;
    given.into_iter().enumerate().map(move |(index, argument)| {
        let Some(text) = argument.to_str() else {
            return argument;
        };
        // What goes to go or to its binary stays as it is.
        rest |= text == "--" || (index == 1 && AS_GO_SAYS.contains(&text));
        let flag = text.strip_prefix('-').filter(|_| !rest);
        let name = flag.map(|flag| flag.split('=').next().unwrap_or(flag));
        match (flag, name) {
            (Some(flag), Some(name)) if GO_TEST_FLAGS.contains(&name) => {
                OsString::from(format!("--{flag}"))
            }
            _ => argument,
        }
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::{Arguments, two_dashes};

    #[test]
    fn flags_of_go_test_are_taken_with_one_dash() {
        let given = ["goproctor", "run", "-run=x", "-v", "--", "-json"].map(Into::into);
        let taken: Vec<_> = two_dashes(given).collect();
        assert_eq!(taken, ["goproctor", "run", "--run=x", "-v", "--", "-json"]);
    }

    #[test]
    fn the_definition_is_consistent() {
        Arguments::command().debug_assert();
    }
}
