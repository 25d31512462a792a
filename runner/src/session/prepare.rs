//! From a spec to a plan: the program is built, its binary read, and every name found. No privileges are needed.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use arch::Stepping;
use golang::{
    Binary, BinaryError, Meanings, Pattern,
    declaration::SourceFile,
    names,
    toolchain::{self, BuildRequest, Declarations},
};
use model::{
    Address, SiteLoss,
    plan::{Plan, Role, Site},
};
use plan::{Built, Declared, ImplicitProbes, LabelError, PlanError, PlannedReturns, SelectError};
use spec::document::Origin;
use tempfile::TempDir;

use super::{
    Cancel, FunctionError, FunctionErrors, SessionError, Timings, Watch, WatchedFunction,
    folder::kept_folder,
    function_names::{all_function_names, code_places, function_names},
    pinned::{self, WatchedLiteral},
};
use crate::{target::Running, tls::TlsClient};

/// What a session says while it prepares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The program is being built.
    Building(String),
    /// A line that `go` wrote.
    Go(String),
    /// The binary is being read.
    Reading,
    /// Something that a person should know.
    Warning(String),
    /// Probes are being set.
    Attaching(usize),
}

/// A program that is ready to be watched.
pub struct Prepared {
    /// What is watched.
    pub watch: Watch,
    /// The program's file: our own build or a private copy.
    pub path: PathBuf,
    /// The folder that the program works in.
    pub folder: PathBuf,
    /// What was read of it.
    pub binary: Arc<Binary>,
    /// What to probe and read.
    pub plan: Arc<Plan>,
    /// What became of each `ret`, where fast returns were asked for.
    pub returns: PlannedReturns,
    /// How its TLS is spoken; none where it speaks none.
    pub tls: Option<TlsClient>,
    /// The watched function literals of a program that was built, as the source has them, by their names.
    pub literals: BTreeMap<String, WatchedLiteral>,
    /// How long all of this took.
    pub timings: Timings,
    /// Holds the program's file, if we made it.
    pub(super) _output: Option<TempDir>,
}

impl Prepared {
    /// How the kernel executes the instruction at a site.
    ///
    /// # Errors
    /// If the file holds no code there.
    pub fn stepping(&self, site: &Site) -> Result<Stepping, BinaryError> {
        self.returns.stepping(&self.binary, site.address)
    }

    /// Whether the race detector is in the program. Without it, the runtime has no such function.
    pub(super) fn detects_races(&self) -> bool {
        !self.binary.function_named("runtime.raceinit").is_empty()
    }

    /// Whether what was lost is of a function whose first instruction is probed and is the head of a loop.
    pub(super) fn begins_with_a_loop(&self, lost: &SiteLoss) -> bool {
        let Some(function) = lost.function else {
            return false;
        };
        let entry = Role::Entry {
            function,
            loop_head: true,
        };
        let mut sites = self.plan.sites.iter();
        sites.any(|site| site.roles.contains(&entry))
    }

    /// Names what a goroutine runs, by the address in the binary where it begins.
    #[must_use]
    pub fn names(&self) -> trace::FunctionNames {
        function_names(Arc::clone(&self.binary))
    }

    /// Names places in the program's code.
    pub(super) fn places(&self) -> trace::CodePlaces {
        code_places(Arc::clone(&self.binary))
    }

    /// The names, without a need of the binary.
    pub(super) fn all_names(&self) -> trace::FunctionNames {
        all_function_names(&self.binary)
    }
}

/// Builds or copies the program that is to be watched, reads it and plans the probes.
///
/// # Errors
/// The program can't be built or read, has not what is to be watched, or the certificates that it is trusted by can't be read.
pub fn prepare(
    watch: Watch,
    cancel: &Cancel,
    progress: &mut dyn FnMut(Progress),
) -> Result<Prepared, SessionError> {
    let (prepared, errors) = prepare_what_fits(watch, cancel, progress)?;
    match errors.is_empty() {
        true => Ok(prepared),
        false => Err(FunctionErrors(errors).into()),
    }
}

/// The same, without the functions that can't be watched as they are named.
pub(super) fn prepare_what_fits(
    watch: Watch,
    cancel: &Cancel,
    progress: &mut dyn FnMut(Progress),
) -> Result<(Prepared, Vec<FunctionError>), SessionError> {
    let tls = watch.program.tls.as_ref();
    let tls = tls
        .map(|tls| TlsClient::new(&tls.value, &watch.folder))
        .transpose()?;
    let output = kept_folder().map_err(SessionError::file("make a temporary folder"))?;
    let begun = Instant::now();
    let mut program = Program::of(&watch, cancel, output.path(), Vec::new(), progress)?;
    let mut timings = Timings {
        build: begun.elapsed(),
        go_build: program.go_took,
        ..Timings::default()
    };
    let mut planned = program.plan(&watch, &mut timings, progress);
    let inlined = inlined(&planned);
    if program.from_source && !inlined.is_empty() {
        // A generic function of a dependency may be inlined in spite of a hint: then what uses it is built without any inlining.
        let begun = Instant::now();
        program = Program::of(&watch, cancel, output.path(), inlined, progress)?;
        timings.build += begun.elapsed();
        timings.go_build += program.go_took;
        planned = program.plan(&watch, &mut timings, progress);
    }
    let (binary, built) = planned?;
    for warning in &built.warnings {
        progress(Progress::Warning(warning.to_string()));
    }
    let errors = errors(&program.patterns, built.errors);
    if built.returns.redirections().next().is_some() {
        toolchain::redirect_returns(&program.path, built.returns.redirections())?;
    }
    let prepared = Prepared {
        literals: program.literals(&built.plan),
        returns: built.returns,
        watch,
        path: program.path,
        folder: program.folder,
        binary,
        plan: Arc::new(built.plan),
        tls,
        timings,
        _output: Some(output),
    };
    Ok((prepared, errors))
}

/// The binary that the user's own build gives: with inlining as the compiler likes it.
pub(super) fn built_plainly(
    watch: &Watch,
    cancel: &Cancel,
    progress: &mut dyn FnMut(Progress),
) -> Result<Binary, SessionError> {
    let output = kept_folder().map_err(SessionError::file("make a temporary folder"))?;
    let nothing = Watch {
        functions: Vec::new(),
        ..watch.clone()
    };
    let program = Program::of(&nothing, cancel, output.path(), Vec::new(), progress)?;
    program.read(watch, progress)
}

/// The functions that can't be watched: those that stand for no pattern, and those whose pattern does not fit the binary.
fn errors(
    patterns: &[Result<String, FunctionError>],
    of_labels: Vec<LabelError>,
) -> Vec<FunctionError> {
    let of_closures = patterns.iter().filter_map(|pattern| pattern.clone().err());
    of_closures
        .chain(of_labels.into_iter().map(FunctionError::from))
        .collect()
}

/// Reads the program that a process runs and plans the probes. Where its goroutines came from
/// is read with each call, since most of them are older than the probes.
///
/// # Errors
/// The program can't be read, or has not what is to be watched.
pub(crate) fn prepare_running(
    watch: Watch,
    running: &Running,
    progress: &mut dyn FnMut(Progress),
) -> Result<Prepared, SessionError> {
    progress(Progress::Reading);
    let path = running.executable();
    let open = |path: &Path| {
        let wrong = |error| SessionError::Binary {
            path: fs::read_link(path).unwrap_or_else(|_| path.to_owned()),
            error,
        };
        Binary::open(path).map_err(wrong)
    };
    let binary = open(&path)?;
    let patterns = pinned::patterns(&watch.functions, None);
    let mut request = watch.plan_request(&patterns);
    request.ancestry = true;
    let built = plan::build(&binary, &request)?;
    let errors = errors(&patterns, built.errors);
    if !errors.is_empty() {
        return Err(FunctionErrors(errors).into());
    }
    for warning in &built.warnings {
        progress(Progress::Warning(warning.to_string()));
    }
    Ok(as_it_is(watch, path, binary, built.plan))
}

/// Reads the test binary that `go test` has built and plans the probes. Gives the functions, too, that can't be watched as they
/// are named. `declarations` are what the source declares, if that is known.
///
/// # Errors
/// The binary can't be read, or it is no test binary that goproctor knows.
pub(super) fn prepare_test_binary(
    watch: Watch,
    path: &Path,
    declarations: Option<&Declarations>,
    needs: &TestNeeds<'_>,
    progress: &mut dyn FnMut(Progress),
) -> Result<(Prepared, Vec<FunctionError>), SessionError> {
    progress(Progress::Reading);
    let binary = Binary::open(path).map_err(|error| SessionError::Binary {
        path: path.to_owned(),
        error,
    })?;
    let patterns = pinned::patterns(&watch.functions, declarations);
    let declared = declarations.map(|declarations| declared(&patterns, declarations));
    let mut request = watch.plan_request(&patterns);
    request.implicit = ImplicitProbes {
        goroutine_ends: needs.goroutine_ends,
        ..ImplicitProbes::TESTS
    };
    request.looked_at = Some((needs.looked_at)(&binary));
    request.declared = declared.as_ref();
    let mut built = plan::build(&binary, &request)?;
    if built.plan.module.is_none() {
        // A test binary does not say it up to Go 1.23.
        let go_mod = toolchain::go_mod(&watch.folder)?;
        built.plan.module = go_mod.and_then(|go_mod| go_mod.module);
    }
    for warning in &built.warnings {
        progress(Progress::Warning(warning.to_string()));
    }
    let errors = errors(&patterns, built.errors);
    Ok((as_it_is(watch, path.to_owned(), binary, built.plan), errors))
}

/// What is needed of a test binary.
pub(super) struct TestNeeds<'a> {
    /// The functions of its Go tests that are looked at.
    pub(super) looked_at: &'a dyn Fn(&Binary) -> BTreeSet<Address>,
    /// Whether it must be seen when each goroutine ends.
    pub(super) goroutine_ends: bool,
}

/// A program that is watched as it is.
pub(super) fn as_it_is(watch: Watch, path: PathBuf, binary: Binary, plan: Plan) -> Prepared {
    Prepared {
        watch,
        folder: folder_of(&path),
        path,
        binary: Arc::new(binary),
        plan: Arc::new(plan),
        returns: PlannedReturns::default(),
        tls: None,
        literals: BTreeMap::new(),
        timings: Timings::default(),
        _output: None,
    }
}

/// The program's file, and what its source says.
struct Program {
    path: PathBuf,
    folder: PathBuf,
    /// The name or glob of each watched function.
    patterns: Vec<Result<String, FunctionError>>,
    declared: Option<Declared>,
    /// All that the source declares; nothing without a source.
    declarations: Declarations,
    /// The functions whose packages were built without inlining.
    without_inlining: Vec<String>,
    from_source: bool,
    /// How long `go build` alone took.
    go_took: Duration,
}

impl Program {
    /// Builds or copies it; the packages of functions `without_inlining` are built without any.
    fn of(
        watch: &Watch,
        cancel: &Cancel,
        output: &Path,
        without_inlining: Vec<String>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Self, SessionError> {
        let package = match &watch.program.origin {
            Origin::Package(package) => package,
            Origin::GoTest(_) => return Err(SessionError::GoTests),
            Origin::Binary(path) => {
                let original = watch.folder.join(&path.value);
                return Ok(Self {
                    path: toolchain::copy_binary(&original, output)?,
                    folder: folder_of(&original),
                    patterns: pinned::patterns(&watch.functions, None),
                    declared: None,
                    declarations: Declarations::default(),
                    without_inlining,
                    from_source: false,
                    go_took: Duration::ZERO,
                });
            }
        };
        progress(Progress::Building(package.value.clone()));
        let mut request = build_request(&watch.program, &package.value, &watch.folder, output)
            .watching(watch.functions.iter().map(WatchedFunction::candidates));
        let floats = watch.functions.iter().filter(|function| function.floats);
        request.floats = floats.map(WatchedFunction::candidates).collect();
        request.cancel = cancel.flag();
        request.environment.clone_from(&watch.build_environment);
        request.environment.extend(work_folder(output)?);
        request.without_inlining.clone_from(&without_inlining);
        let built = toolchain::build(&request, &mut |line| {
            progress(Progress::Go(line.to_owned()))
        })?;
        if cancel.is_set() {
            return Err(SessionError::Cancelled);
        }
        let patterns = pinned::patterns(&watch.functions, Some(&built.declarations));
        Ok(Self {
            path: built.binary,
            folder: package_folder(&watch.folder, &package.value),
            declared: Some(declared(&patterns, &built.declarations)),
            patterns,
            declarations: built.declarations,
            without_inlining,
            from_source: true,
            go_took: built.go_took,
        })
    }

    fn read(
        &self,
        watch: &Watch,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Binary, SessionError> {
        progress(Progress::Reading);
        Binary::open(&self.path).map_err(|error| SessionError::Binary {
            path: match &watch.program.origin {
                Origin::Binary(given) => given.value.clone(),
                Origin::Package(_) | Origin::GoTest(_) => self.path.clone(),
            },
            error,
        })
    }

    fn plan(
        &self,
        watch: &Watch,
        timings: &mut Timings,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(Arc<Binary>, Built), SessionError> {
        let begun = Instant::now();
        let binary = self.read(watch, progress)?;
        let read = Instant::now();
        timings.read += read - begun;
        let mut request = watch.plan_request(&self.patterns);
        request.declared = self.declared.as_ref();
        if self.from_source && self.without_inlining.is_empty() {
            // Built once more without inlining, it may be seen whole.
            let labels = request.labels.iter_mut();
            labels.for_each(|label| label.accepts_inlined = false);
        }
        let built = plan::build(&binary, &request);
        timings.plan += read.elapsed();
        Ok((Arc::new(binary), built?))
    }

    /// The watched literals, by the names that the plan has for them.
    fn literals(&self, plan: &Plan) -> BTreeMap<String, WatchedLiteral> {
        let watched: BTreeSet<_> = plan
            .functions
            .iter()
            .map(|function| names::without_type_arguments(&function.name))
            .collect();
        let literals = self.declarations.literals().filter_map(|literal| {
            let name = names::canonical(&literal.name);
            watched.contains(&name).then(|| {
                let literal = WatchedLiteral::of(literal, &self.declarations);
                (name.into_owned(), literal)
            })
        });
        literals.collect()
    }
}

/// How a program is built from a package, whatever is watched of it.
pub(super) fn build_request(
    program: &spec::document::Program,
    package: &str,
    folder: &Path,
    output: &Path,
) -> BuildRequest {
    let mut request = BuildRequest::new(package, folder, output);
    let release = program.toolchain.as_ref();
    request.toolchain = release.map(|release| release.value.clone());
    request.tags.clone_from(&program.build.tags);
    let flags = program.build.flags.iter();
    request.flags = flags.map(|flag| flag.value.clone()).collect();
    request.race = program.build.race;
    request
}

/// Where go keeps what it is making: a go that is killed does not remove it, and we do.
fn work_folder(output: &Path) -> Result<Option<(OsString, OsString)>, SessionError> {
    const VARIABLE: &str = "GOTMPDIR";
    if env::var_os(VARIABLE).is_some() {
        return Ok(None);
    }
    let folder = output.join("work");
    fs::create_dir_all(&folder).map_err(SessionError::file("make a temporary folder"))?;
    Ok(Some((VARIABLE.into(), folder.into())))
}

/// The functions that can't be watched because they were inlined.
fn inlined(planned: &Result<(Arc<Binary>, Built), SessionError>) -> Vec<String> {
    let errors = match planned {
        Ok((_, built)) => &built.errors,
        Err(SessionError::Plan(PlanError::Redactions { labels, .. })) => labels,
        Err(_) => return Vec::new(),
    };
    let names = errors.iter().filter_map(|error| match &error.source {
        SelectError::InlinedAway { name, .. } | SelectError::PartlyInlined { name, .. } => {
            Some(name.clone())
        }
        _ => None,
    });
    names.collect()
}

fn folder_of(file: &Path) -> PathBuf {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
        _ => PathBuf::from("."),
    }
}

/// The folder of a package that is named by a path; for an import path, the folder where it was resolved.
pub(super) fn package_folder(folder: &Path, package: &str) -> PathBuf {
    if package.starts_with('.') || package.starts_with('/') {
        folder.join(package)
    } else {
        folder.to_path_buf()
    }
}

/// What the source declares of the functions that these names and globs may mean.
fn declared(patterns: &[Result<String, FunctionError>], declarations: &Declarations) -> Declared {
    let meanings = patterns.iter().flatten().flat_map(|pattern| {
        // What is not a glob is refused when the binary is searched.
        declarations.packages.meanings(pattern)
    });
    let wanted: Vec<Pattern> = meanings.flat_map(Meanings::into_patterns).collect();
    let is_wanted = |name: &str| wanted.iter().any(|pattern| pattern.matches_declared(name));
    let mut files = SourceFiles::default();
    let mut all = Declared::new();
    let functions = declarations.functions.iter().map(|function| {
        let place = (&function.file, function.offset);
        (&function.name, &function.package, place)
    });
    let declared = functions.chain(declarations.literals().map(|literal| {
        let place = (&literal.file, literal.range.start);
        (&literal.name, &literal.package, place)
    }));
    for (name, package, (file, offset)) in declared.filter(|(name, ..)| is_wanted(name)) {
        let declaration = files
            .file(file)
            .and_then(|file| file.declaration_at(offset, package));
        if let Some(declaration) = declaration {
            all.insert(names::canonical(name).into_owned(), declaration);
        }
    }
    all
}

/// The source file that was parsed last: declarations come file by file.
#[derive(Default)]
struct SourceFiles {
    path: PathBuf,
    file: Option<SourceFile>,
}

impl SourceFiles {
    fn file(&mut self, path: &Path) -> Option<&SourceFile> {
        if self.path != path {
            self.file = fs::read(path).ok().and_then(SourceFile::parse);
            self.path = path.to_path_buf();
        }
        self.file.as_ref()
    }
}
