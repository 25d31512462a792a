//! Runs a spec through the library, as `goproctor run` does, and gives back what was seen.

use goproctor::{
    report::{TestOutcome, TestReport},
    session::{self, Cancel, Live, LiveOptions, SessionError, SnapshotMode},
};
use judge::expect::{Evidence, Finding};
use model::Retention;
use spec::{Spec, SpecErrors};

use crate::harness;

/// Bytes of the ring in tests that say nothing else, as `goproctor run` has it.
pub const RING_BYTES: u32 = 32 << 20;

/// A test that was run.
pub struct Tested {
    /// What was concluded.
    pub report: TestReport,
    /// The temporary folder of the program, `${dir}` in the spec.
    pub folder: String,
    /// What was said of the program beforehand.
    pub warnings: Vec<String>,
}

impl Tested {
    /// What was seen.
    #[must_use]
    pub const fn evidence(&self) -> &Evidence {
        &self.report.evidence
    }

    /// A line for each verdict, and how the test went as a whole.
    #[must_use]
    pub fn verdicts(&self) -> Vec<String> {
        let whole = match self.report.outcome() {
            TestOutcome::Passed => "passed".to_owned(),
            other => format!("{other:?}: {:?}", self.report.could_not_run),
        };
        let verdicts = self.report.verdicts.iter().map(|verdict| {
            let finding = match &verdict.finding {
                Finding::Passed { .. } => "passed".to_owned(),
                Finding::Failed(failure) => format!("failed: {failure:?}"),
                Finding::Inconclusive(inconclusive) => format!("inconclusive: {inconclusive:?}"),
            };
            format!("{}: {finding}", verdict.subject)
        });
        std::iter::once(format!("{}: {whole}", self.report.name))
            .chain(verdicts)
            .collect()
    }
}

/// Builds the spec's program with a Go release, runs all tests and judges them; no snapshot is written. What a test
/// brought is given to `look` while the program's folder still exists (`restart = false` keeps it until the end).
///
/// # Errors
/// It could not be run.
pub fn run(
    spec: &Spec,
    release: &str,
    ring_bytes: u32,
    look: &mut dyn FnMut(&Tested),
) -> Result<(), SessionError> {
    let options = LiveOptions {
        ring_bytes,
        record: None,
    };
    run_with(spec, release, &options, look)
}

/// The same with all options.
///
/// # Errors
/// It could not be run.
pub fn run_with(
    spec: &Spec,
    release: &str,
    options: &LiveOptions,
    look: &mut dyn FnMut(&Tested),
) -> Result<(), SessionError> {
    let mut spec = in_the_way_that_is_tested(spec);
    spec.program.build_with(Some(release));
    let spec = &spec;
    let cancel = Cancel::default();
    let mut warnings = Vec::new();
    let mut progress = |progress| {
        if let session::Progress::Warning(warning) = progress {
            warnings.push(warning);
        }
    };
    let at_least = Retention::Calls;
    let (prepared, wrong) = session::prepare_spec(spec, at_least, &cancel, &mut progress)?;
    if let Some(errors) = wrong {
        return Err(SessionError::Spec(Box::new(errors)));
    }
    let mut live = Live::begin(
        prepared,
        harness::identity(),
        &cancel,
        options,
        &mut progress,
    )?;
    for test in &spec.tests {
        let work = session::work_of(spec, test, &live.prepared().watch, at_least);
        let ran = live.run(&work)?;
        let folder = ran
            .substitutions
            .iter()
            .find(|(_, placeholder)| placeholder == "${dir}");
        let folder = folder.map_or_else(String::new, |(path, _)| path.clone());
        let report = session::judge(
            spec,
            test,
            ran,
            SnapshotMode::ReadOnly,
            std::time::Duration::ZERO,
        )?;
        look(&Tested {
            report,
            folder,
            warnings: warnings.clone(),
        });
    }
    live.end()?;
    for warning in warnings {
        println!("{release}: {warning}");
    }
    Ok(())
}

/// The spec with returns probed at the ends of other functions, where all tests are to run so: `FAST_RETURNS=1`.
fn in_the_way_that_is_tested(spec: &Spec) -> Spec {
    let mut spec = spec.clone();
    spec.program.fast_returns |= std::env::var_os("FAST_RETURNS").is_some();
    spec
}

/// What is wrong with a spec, with carets.
#[must_use]
pub fn text(errors: &SpecErrors) -> String {
    errors.render(false, false, 120)
}

/// Why a spec could not be run.
#[must_use]
pub fn reason(error: &SessionError) -> String {
    match error {
        SessionError::Spec(errors) => text(errors),
        other => other.to_string(),
    }
}
