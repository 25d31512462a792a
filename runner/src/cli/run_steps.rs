//! What happens while a spec is run, on its way to whoever reports it.

use std::io;

use model::Races;
use spec::{Spec, SpecErrors};

use super::{
    Failure,
    arguments::RunArguments,
    screen::{Screen, Waiting},
};
use crate::{
    report::{Run, TestReport},
    session::{Progress, Timings},
};

/// Something that happens while a spec is run.
pub(super) enum Step {
    /// The session says what it does.
    Progress(Progress),
    /// The spec is wrong, or does not fit its program.
    SpecIsWrong(SpecErrors),
    /// A test of that name began.
    TestStarted(String),
    /// A test ended.
    TestEnded(Box<TestReport>),
    /// Data races were reported while no test ran.
    Raced(Races),
    /// Something for standard error.
    Notice(String),
    /// The session is over.
    SpecEnded(Box<Timings>),
}

/// Shows what happens, spec by spec.
pub(super) struct Reporter {
    waiting: Waiting,
    pub(super) run: Run<'static>,
    screen: Screen,
}

impl Reporter {
    /// As the command line has it.
    ///
    /// # Errors
    /// A report can't be written.
    pub(super) fn new(arguments: &RunArguments, screen: Screen) -> Result<Self, Failure> {
        Ok(Self {
            waiting: Waiting::new(&screen, arguments.display.verbose),
            run: Run::new(arguments.display.displays(&screen)?),
            screen,
        })
    }

    /// Tells the displays what ended the run before its end.
    pub(super) fn broke(&mut self, failure: Failure) -> Failure {
        self.clear();
        let reason = failure.to_string();
        // A display that can't write may be what ended it.
        let _ = self.run.broke(&reason, failure.exit());
        failure.reported()
    }

    /// Shows a step of a spec.
    ///
    /// # Errors
    /// It can't be written.
    pub(super) fn show(&mut self, spec: &Spec, step: Step) -> io::Result<()> {
        let run = &mut self.run;
        match step {
            Step::Progress(progress) => self.waiting.show(&progress),
            Step::SpecIsWrong(errors) => {
                let text = self.screen.render(&errors);
                self.waiting.aside(|| eprint!("{text}"));
                self.waiting.aside(|| run.spec_is_wrong(&errors))?;
            }
            Step::TestStarted(name) => {
                run.test_started(&spec.source, &name)?;
                self.waiting.test(&name);
            }
            Step::TestEnded(report) => self.report(&report)?,
            Step::Raced(races) => self.print_races(spec, &races)?,
            Step::Notice(text) => self.notice(&text),
            Step::SpecEnded(timings) => self
                .waiting
                .aside(|| run.spec_ended(&spec.source, &timings))?,
        }
        Ok(())
    }

    /// Says something on standard error.
    pub(super) fn notice(&self, text: &str) {
        self.waiting.aside(|| eprintln!("goproctor: {text}"));
    }

    /// Shows that something is waited for.
    pub(super) fn wait_for(&self, what: &str) {
        self.waiting.doing(what);
    }

    /// Nothing more is being done.
    pub(super) fn clear(&self) {
        self.waiting.clear();
    }

    fn report(&mut self, report: &TestReport) -> io::Result<()> {
        let run = &mut self.run;
        self.waiting.aside(|| run.test_ended(report))?;
        let accepted = report
            .attempts()
            .filter_map(|attempt| attempt.accepted.as_ref());
        for accepted in accepted {
            self.notice(&format!("accepted {}", accepted.display()));
        }
        if !report.snapshot_notes.is_empty() {
            let (name, notes) = (&report.name, report.snapshot_notes.join("\n  "));
            self.notice(&format!(
                "the snapshot of {name} will not be the same next time\n  {notes}"
            ));
        }
        Ok(())
    }

    /// Prints the data races that were reported after the last test of a process.
    fn print_races(&mut self, spec: &Spec, races: &Races) -> io::Result<()> {
        self.run.raced(&spec.source, races)?;
        for race in &races.reports {
            self.notice(&format!(
                "{}: a data race was reported after the last test, while the program was being ended:\n  {}",
                spec.source.path.display(),
                race.text.replace('\n', "\n  ")
            ));
        }
        Ok(())
    }
}
