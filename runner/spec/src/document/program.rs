//! The program under test: `[program]`.

use std::{path::PathBuf, time::Duration};

use super::{Span, Spanned, Template};

/// The program under test.
#[derive(Clone, Debug)]
pub struct Program {
    /// Where it comes from.
    pub origin: Origin,
    /// Its arguments.
    pub args: Vec<Spanned<Template>>,
    /// Environment variables that it gets besides the default ones, by name.
    pub env: Vec<(String, Spanned<Template>)>,
    /// Files that are written into its temporary folder before each start, by their paths there.
    pub files: Vec<(Spanned<PathBuf>, Spanned<Template>)>,
    /// The folder that it works in; none: that of its package or binary.
    pub workdir: Option<Spanned<Workdir>>,
    /// Commands that are run before each start, each with its arguments.
    pub setup: Vec<Spanned<Vec<Spanned<Template>>>>,
    /// When it counts as ready.
    pub ready: Ready,
    /// The Go toolchain to build with, e.g. `go1.26.8`; none: the go command's own choice.
    pub toolchain: Option<Spanned<String>>,
    /// How to build it.
    pub build: Build,
    /// Whether each test gets a fresh process. Default true.
    pub restart: bool,
    /// Whether our copy of it is changed so that watching a return costs as little as watching an entry. Default false.
    pub fast_returns: bool,
    /// Whether its port speaks TLS: `tls = true`, `tls = { ca = "ca.pem" }`.
    pub tls: Option<Spanned<Tls>>,
}

impl Program {
    /// A program without arguments and environment that is ready when its port accepts a connection.
    #[must_use]
    pub fn new(origin: Origin) -> Self {
        Self {
            origin,
            args: Vec::new(),
            env: Vec::new(),
            files: Vec::new(),
            workdir: None,
            setup: Vec::new(),
            ready: Ready::default(),
            toolchain: None,
            build: Build::default(),
            restart: true,
            fast_returns: false,
            tls: None,
        }
    }

    /// All that may tell it a port: its arguments, its environment, its files.
    pub fn given(&self) -> impl Iterator<Item = &Template> {
        let env = self.env.iter().map(|(_, value)| value);
        let files = self.files.iter().map(|(_, content)| content);
        let all = self.args.iter().chain(env).chain(files);
        all.map(|template| &template.value)
    }

    /// Has it built with this Go release, if there is one, whatever its spec says.
    pub fn build_with(&mut self, release: Option<&str>) {
        if let Some(release) = release {
            self.toolchain = Some(Spanned::new(release.to_owned(), Span::default()));
        }
    }
}

/// The folder that a program works in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Workdir {
    /// One that exists, relative to the spec's folder.
    BesideSpec(PathBuf),
    /// One below the program's temporary folder, which is made if it is not there.
    OfProcess(PathBuf),
}

/// How a program that speaks TLS is talked to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tls {
    /// Whatever its certificate is: it was started by us, on loopback.
    Unverified,
    /// Its certificate must be issued by one in this PEM file, relative to the spec, for the name `localhost` or
    /// `127.0.0.1`.
    Trusting(PathBuf),
}

/// The version of HTTP that a request is sent with: `http = 2`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum HttpVersion {
    /// HTTP/1.1, one request at a time on a connection.
    #[default]
    One,
    /// HTTP/2, all `concurrency` requests at a time on one connection: after ALPN where the program speaks TLS, else with prior
    /// knowledge.
    Two,
}

/// Where the program comes from.
#[derive(Clone, Debug)]
pub enum Origin {
    /// A package for `go build`: an import path, or a path relative to the spec.
    Package(Spanned<String>),
    /// A binary that exists already, relative to the spec.
    Binary(Spanned<PathBuf>),
    /// The test binary that `go test` builds and starts for the package of the spec's folder. The place is that of the first Go test.
    GoTest(Span),
}

impl Origin {
    /// Its place in the file.
    #[must_use]
    pub const fn span(&self) -> &Span {
        match self {
            Self::Package(package) => &package.span,
            Self::Binary(binary) => &binary.span,
            Self::GoTest(span) => span,
        }
    }
}

/// Options for `go build`.
#[derive(Clone, Debug, Default)]
pub struct Build {
    /// Build tags.
    pub tags: Vec<String>,
    /// Further flags, as given.
    pub flags: Vec<Spanned<String>>,
    /// Whether to build with the race detector.
    pub race: bool,
    /// Where it says so.
    pub race_at: Option<Span>,
}

/// When the program counts as ready.
#[derive(Clone, Debug)]
pub struct Ready {
    /// What to try.
    pub probe: ReadyProbe,
    /// How long to try. Default 10 s.
    pub within: Duration,
    /// Its place in the file; none for the default.
    pub span: Option<Span>,
}

impl Default for Ready {
    fn default() -> Self {
        Self {
            probe: ReadyProbe::Accepts,
            within: Duration::from_secs(10),
            span: None,
        }
    }
}

/// How readiness is tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadyProbe {
    /// The port `${port}` accepts a connection.
    Accepts,
    /// A GET of that path on `${port}` is answered with a status below 400.
    Get(String),
}

/// The option in a value of `GORACE` that may keep the race detector's reports from the program's output, where they are read.
#[must_use]
pub fn hidden_race_reports(options: &str) -> Option<&str> {
    let options = options.split(|c: char| c.is_ascii_whitespace() || matches!(c, ',' | ':'));
    let mut options = options.filter_map(|option| option.split_once('='));
    let hides = options.find(|(option, to)| match *option {
        "log_path" => !matches!(to.trim_matches(['"', '\'']), "stderr" | "stdout"),
        "report_bugs" | "include" | "include_if_exists" => true,
        _ => false,
    });
    hides.map(|(option, _)| option)
}
