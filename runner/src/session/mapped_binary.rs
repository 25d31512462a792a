//! A test binary of which is seen which functions its tests reach: by probes at entries alone.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
};

use golang::{Binary, names};
use model::{FunctionId, ProcessId, SourcePosition};
use plan::{ImplicitProbes, LabelError, PlanRequest, PlanWarning, SelectError, WatchedLabel};
use spec::{
    Span,
    document::{Origin, Program},
};
use trace::Tracer;

use super::{
    FunctionError, FunctionErrors, Prepared, Progress, SessionError, Watch, WatchRedactions,
    drain::{DRAIN, Drain},
    kernels::{Kernels, Lent},
    prepare::as_it_is,
    probes::{attach_lent, tracer},
    self_check::check_main,
};

/// How many functions of one binary may be watched: the kernel side has room for 16,384 places, some of which are goproctor's own.
pub(crate) const MAX_FUNCTIONS: usize = 16_000;

/// A test binary with a probe at the entry of each function that some patterns mean.
pub(crate) struct MappedBinary {
    prepared: Prepared,
    drain: Drain,
    seen: BTreeMap<FunctionId, Seen>,
    /// The functions whose calls are not seen, or not all, and why.
    unseen: BTreeMap<String, String>,
    /// The process that `go test` runs.
    process: Option<ProcessId>,
    // Last: the probes go when nothing reads their records any more.
    _kernel: Lent,
}

/// Who reached a function.
#[derive(Clone, Debug, Default)]
struct Seen {
    tests: BTreeSet<String>,
    outside: bool,
}

/// A function of a test binary, and who reached it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MappedFunction {
    /// Its name as the source has it, with the full package path.
    pub(crate) name: String,
    /// Where it begins in the source.
    pub(crate) position: Option<SourcePosition>,
    /// The full names of the tests whose own work reached it.
    pub(crate) tests: BTreeSet<String>,
    /// Whether work reached it that belongs to no test: of `init`, of `TestMain`, of a process that a test started.
    pub(crate) outside: bool,
    /// How many of its hits were lost.
    pub(crate) lost: u64,
}

/// What was seen of a test binary.
#[derive(Clone, Debug, Default)]
pub(crate) struct MappedTests {
    /// The functions that have probes.
    pub(crate) functions: Vec<MappedFunction>,
    /// The functions whose calls are not seen, or not all, and why.
    pub(crate) unseen: BTreeMap<String, String>,
    /// How many hits were lost that show which test a call belongs to.
    pub(crate) lost: u64,
}

impl MappedBinary {
    /// Reads a test binary, and sets a probe at the entry of each function of it that the patterns mean. One that means nothing here is
    /// passed over.
    ///
    /// # Errors
    /// The binary can't be read or watched, or a pattern can't be understood or means more than can be watched.
    pub(crate) fn begin(
        path: &Path,
        patterns: &[String],
        kernels: &Arc<Kernels>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Self, SessionError> {
        progress(Progress::Reading);
        let binary = Binary::open(path).map_err(|error| SessionError::Binary {
            path: path.to_owned(),
            error,
        })?;
        let labels = patterns.iter().map(|pattern| WatchedLabel {
            arguments: false,
            results: false,
            accepts_inlined: true,
            ..WatchedLabel::new(pattern.clone(), pattern.clone())
        });
        let mut request = PlanRequest::new(labels.collect());
        request.implicit = ImplicitProbes::TESTS;
        request.entries_only = true;
        request.glob_limit = MAX_FUNCTIONS;
        let built = plan::build(&binary, &request)?;
        let mut unseen = unseen(built.errors)?;
        built
            .warnings
            .into_iter()
            .for_each(|warning| note(&mut unseen, warning));
        let prepared = as_it_is(watch(path), path.to_owned(), binary, built.plan);
        let (mut kernel, costs) = attach_lent(&prepared, kernels, progress)?;
        let records = kernel.kernel().records()?;
        let patterns = prepared.watch.patterns()?;
        let tracer = tracer(&prepared, prepared.names(), costs);
        Ok(Self {
            drain: Drain::begin(records, tracer, patterns),
            prepared,
            seen: BTreeMap::new(),
            unseen,
            process: None,
            _kernel: kernel,
        })
    }

    /// The Go release that built it: `N` of `go1.N`.
    pub(crate) fn minor(&self) -> u32 {
        self.prepared.binary.release().minor()
    }

    /// The process that `go test` runs has been started.
    pub(crate) fn started(&mut self, process: ProcessId) {
        self.process = Some(process);
    }

    /// Takes down what was reached since, so that it needs no memory any more.
    pub(crate) fn note_reached(&mut self) {
        let (reached, main) = self.drain.with(|tracer: &mut Tracer| {
            let main = tracer.main_entered();
            (tracer.take_reached(), main)
        });
        // The first process that began: tests start others of the same binary.
        let process = self.process.or(main.map(|main| main.process));
        for one in reached {
            let seen = self.seen.entry(one.function).or_default();
            match one.test.filter(|_| process == Some(one.process)) {
                Some(test) => {
                    seen.tests.insert(test);
                }
                None => seen.outside = true,
            }
        }
    }

    /// What was seen, when the process has ended.
    ///
    /// # Errors
    /// Records can't be read, or the runtime is not as it must be.
    pub(crate) fn finish(mut self) -> Result<MappedTests, SessionError> {
        let mut loss = self.drain.flush(DRAIN)?.loss;
        self.note_reached();
        let unusable = self.drain.with(Tracer::take_unusable);
        unusable.sites.into_iter().for_each(|lost| loss.add(lost));
        if let Some(process) = self.process {
            let main = self.drain.with(|tracer: &mut Tracer| tracer.main_entered());
            check_main(main, process, self.prepared.binary.release().as_str())?;
        }
        let mut lost: BTreeMap<FunctionId, u64> = BTreeMap::new();
        let mut own = 0_u64;
        for site in &loss.sites {
            match site.function {
                Some(function) => *lost.entry(function).or_default() += site.lost,
                None => own = own.saturating_add(site.lost),
            }
        }
        let functions = self.prepared.plan.functions.iter().map(|function| {
            let seen = self.seen.remove(&function.id).unwrap_or_default();
            MappedFunction {
                name: names::without_type_arguments(&function.name).into_owned(),
                position: function.position.clone(),
                tests: seen.tests,
                outside: seen.outside,
                lost: lost.get(&function.id).copied().unwrap_or_default(),
            }
        });
        Ok(MappedTests {
            functions: functions.collect(),
            unseen: std::mem::take(&mut self.unseen),
            lost: own,
        })
    }
}

/// What was asked for is in the plan already.
fn watch(path: &Path) -> Watch {
    Watch {
        program: Program::new(Origin::GoTest(Span::default())),
        folder: path.parent().unwrap_or(path).to_owned(),
        build_environment: Vec::new(),
        stubs: Vec::new(),
        functions: Vec::new(),
        hand_offs: Vec::new(),
        server: None,
        redactions: WatchRedactions::default(),
    }
}

const INLINED: &str = "the compiler inlined it";

/// The functions that are nowhere but in their callers. That a pattern means nothing in this binary is no error: it may in another.
fn unseen(errors: Vec<LabelError>) -> Result<BTreeMap<String, String>, SessionError> {
    let mut unseen = BTreeMap::new();
    let mut wrong = Vec::new();
    for error in errors {
        match error.source {
            SelectError::Unknown { .. }
            | SelectError::NoMatch { .. }
            | SelectError::Unreachable { .. } => {}
            SelectError::AllInlinedAway { functions, .. } => {
                unseen.extend(functions.into_iter().map(|name| (name, INLINED.to_owned())));
            }
            SelectError::InlinedAway { name, .. } => {
                unseen.insert(name, INLINED.to_owned());
            }
            _ => wrong.push(FunctionError::from(error)),
        }
    }
    match wrong.is_empty() {
        true => Ok(unseen),
        false => Err(FunctionErrors(wrong).into()),
    }
}

/// Takes down which functions a warning is about, if it says that calls of them are not seen.
fn note(unseen: &mut BTreeMap<String, String>, warning: PlanWarning) {
    let mut add = |name: &str, why: &str| {
        let name = names::without_type_arguments(name).into_owned();
        unseen.entry(name).or_insert_with(|| why.to_owned());
    };
    match warning {
        PlanWarning::PartlyInlined { function, into, .. } => {
            add(&function, &format!("inlined in places: {into}"));
        }
        PlanWarning::InlinedAway { functions, .. } => {
            functions.iter().for_each(|name| add(name, INLINED));
        }
        PlanWarning::HoldersNames { literals, .. } => literals
            .iter()
            .for_each(|name| add(name, "it came with an inlined function")),
        _ => {}
    }
}
