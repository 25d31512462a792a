//! The program while it runs: launched with its ports, folder and environment, sent requests, ended.

use std::{
    sync::atomic::AtomicBool,
    time::{Duration, Instant},
};

use kernel::clock;
use model::{Exit, ProcessId, Races, Timestamp};
use nix::sys::signal::Signal;
use spec::document::{Execution, RequestSpec, StopSignal};
use trace::redact::Patterns;

use super::{
    Cancel, Prepared, SessionError, environment,
    setup::{self, Surroundings, arguments},
};
use crate::{
    drive::{Carry, Context, DriveResult, Driver, Http, Stubs},
    target::{
        self, Ended, Identity, LEFT_OUT, Ports, StartFailure, Target, TargetError, TargetProcess,
        TemplateVars, TemporaryFolder, last_lines,
    },
    tls::TlsClient,
};

/// How often one looks for a signal while the program works.
const LOOK: Duration = Duration::from_millis(50);

/// How the program is started this time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Start<'a> {
    /// What its test says of that.
    pub(super) execution: &'a Execution,
    /// By when what is run before must be done.
    pub(super) deadline: Instant,
}

/// The program while it runs.
pub(super) struct Process {
    pub(super) target: Box<dyn TargetProcess>,
    pub(super) driver: Box<dyn Driver>,
    pub(super) id: ProcessId,
    /// When it was released from its gate.
    pub(super) launched: Timestamp,
    /// When it was found to be ready.
    pub(super) ready: Timestamp,
    pub(super) ports: Ports,
    /// The status with which the race detector ends it where all else went well.
    pub(super) race_status: i32,
    pub(super) tls: Option<TlsClient>,
    pub(super) folder: TemporaryFolder,
}

impl Process {
    /// Launches the program and waits until it is ready, if it serves.
    pub(super) fn launch(
        prepared: &Prepared,
        identity: &Identity,
        stubs: &Stubs,
        start: &Start<'_>,
        cancel: &Cancel,
    ) -> Result<Self, SessionError> {
        let folder = TemporaryFolder::create()
            .map_err(SessionError::file("make the program's temporary folder"))?;
        let program = &prepared.watch.program;
        let mut ports = Ports::reserve(prepared.watch.port_names())?;
        let vars = vars(&ports, stubs, &folder);
        let declared = environment::declared(program, vars)?;
        let race_status = environment::race_status(&declared)?;
        let surroundings = Surroundings {
            env: target::environment(&folder, declared),
            folder: setup::working_folder(prepared, vars)?,
            user: identity.user.clone(),
        };
        setup::write_files(program, folder.path(), vars)?;
        setup::run(program, &surroundings, vars, start.deadline, cancel)?;
        let mut request = surroundings.request(prepared.path.clone());
        let execution = start.execution;
        let args = execution.args.as_ref().map(|args| &args.value);
        request.args = arguments(args.unwrap_or(&program.args), vars)?;
        let stdin = execution.stdin.as_ref();
        request.stdin = stdin.map(|text| vars.fill(&text.value)).transpose()?;
        let mut target = Target::launch(request)?;
        let id = ProcessId(target.pid());
        let launched = clock::now();
        ports.release();
        target.release()?;
        if let Some(port) = port(&ports) {
            let ready = &program.ready;
            let tls = prepared.tls.as_ref();
            target.wait_ready(&ready.probe, port, tls, ready.within, &cancel.flag())?;
        }
        Ok(Self {
            target: Box::new(target),
            driver: Box::new(Http),
            id,
            launched,
            ready: clock::now(),
            ports,
            race_status,
            tls: prepared.tls.clone(),
            folder,
        })
    }

    /// The port that requests go to, if the program serves.
    pub(super) fn port(&self) -> Option<u16> {
        port(&self.ports)
    }

    /// Sends requests.
    pub(super) fn drive(
        &self,
        requests: &[RequestSpec],
        carry: &Carry,
        stubs: &Stubs,
        deadline: Instant,
        cancel: &AtomicBool,
    ) -> Result<DriveResult, SessionError> {
        let context = Context {
            carry,
            address: ([127, 0, 0, 1], self.port().unwrap_or_default()).into(),
            vars: vars(&self.ports, stubs, &self.folder),
            tls: self.tls.as_ref(),
            deadline: Some(deadline),
            cancel,
        };
        Ok(self.driver.run(requests, &context)?)
    }

    /// Waits for a program that serves nothing; false if it does not end in time.
    pub(super) fn wait_for_end(
        &self,
        deadline: Instant,
        cancel: &Cancel,
    ) -> Result<bool, SessionError> {
        loop {
            if cancel.is_set() {
                return Err(SessionError::Cancelled);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if self.target.wait_exited(left.min(LOOK)).is_some() {
                return Ok(true);
            }
            if left.is_zero() {
                return Ok(false);
            }
        }
    }

    /// Sends it a signal; gives when.
    pub(super) fn signal(&self, signal: StopSignal) -> Timestamp {
        let at = clock::now();
        self.target.signal(match signal {
            StopSignal::Term => Signal::SIGTERM,
            StopSignal::Int => Signal::SIGINT,
            StopSignal::Quit => Signal::SIGQUIT,
            StopSignal::Hup => Signal::SIGHUP,
        });
        at
    }

    /// How it ended, if it did. Where the race detector ended it although all else went well, that is an end that went well.
    pub(super) fn exit(&self, races: Option<&Races>) -> Option<Exit> {
        let raced = races.is_some_and(|races| races.total() > 0);
        Some(match self.target.exited()? {
            Ended::Exited(status) if raced && status == self.race_status => Exit::Code(0),
            ended => ended.into(),
        })
    }

    /// The error for a program that ended before any of its Go code ran.
    pub(super) fn ended_at_start(&self, ended: Ended) -> TargetError {
        TargetError::NotReady {
            failure: StartFailure::EndedAtStart(ended),
            output: self.target.said(ended),
        }
    }

    /// The last lines that the program wrote behind so many bytes, without what must not be seen.
    pub(super) fn last_lines(&self, written: u64, patterns: &Patterns) -> Vec<String> {
        // All that is kept is looked at, since a pattern may match many lines.
        let lines = last_lines(&patterns.clean(&self.target.output_since(written)));
        lines
            .iter()
            .map(|line| cleaned_line(line, patterns))
            .collect()
    }

    /// The lines behind so many bytes that tell of uses of a setting whose value has a pattern, without what must not be seen.
    pub(super) fn setting_uses(&self, written: u64, patterns: &Patterns) -> Vec<String> {
        let output = self.target.output_since(written);
        let output = patterns.clean(&output);
        let uses = output.lines().filter(|line| is_setting_use(line));
        uses.map(str::to_owned).collect()
    }

    /// How the program ended although it should not have, and what it wrote: why it crashed, and its last lines. Nothing
    /// that must not be seen is in it.
    pub(super) fn died(&self, patterns: &Patterns) -> Option<String> {
        let ended = self.target.exited()?;
        if self.port().is_none() && ended == Ended::Exited(0) {
            return None;
        }
        let lines = cleaned(&self.target.said(ended), patterns);
        Some(if lines.is_empty() {
            format!("the program {ended} during the test; it wrote nothing")
        } else {
            let lines = lines.join("\n  ");
            format!("the program {ended} during the test; it wrote:\n  {lines}")
        })
    }

    /// Values of this run, and the placeholders that stand for them.
    pub(super) fn substitutions(&self, stubs: &Stubs) -> Vec<(String, String)> {
        let ports = self.ports.numbers().iter().map(|(name, number)| {
            let placeholder = match name.as_str() {
                "" => "${port}".to_owned(),
                name => format!("${{port.{name}}}"),
            };
            (number.to_string(), placeholder)
        });
        let stubs = stubs.urls().iter();
        let stubs = stubs.map(|(name, url)| (url.clone(), format!("${{stub.{name}}}")));
        let folder = self.folder.path().display().to_string();
        ports
            .chain(stubs)
            .chain([(folder, "${dir}".to_owned())])
            .collect()
    }
}

/// Whether a line of output tells of the use of a setting (internal/bisect, `AppendMarker`).
pub(crate) fn is_setting_use(line: &str) -> bool {
    line.contains("[bisect-match 0x")
}

/// Lines of the program's output without what must not be seen.
pub(super) fn cleaned(lines: &[String], patterns: &Patterns) -> Vec<String> {
    // A pattern may match more than one line.
    let text = lines.join("\n");
    let text = patterns.clean(&text);
    text.lines()
        .map(|line| cleaned_line(line, patterns))
        .collect()
}

/// A line of the program's output without what must not be seen, nor what may begin that where the line was cut.
pub(super) fn cleaned_line(line: &str, patterns: &Patterns) -> String {
    let line = patterns.clean(line);
    match line.strip_suffix(LEFT_OUT) {
        Some(kept) => {
            let mut bytes = kept.as_bytes().to_vec();
            patterns.clean_bytes(&mut bytes, true);
            String::from_utf8_lossy(&bytes).into_owned() + LEFT_OUT
        }
        None => line.into_owned(),
    }
}

/// The port that requests go to: `${port}`, or the only one there is.
fn port(ports: &Ports) -> Option<u16> {
    ports
        .number("")
        .or_else(|| ports.numbers().values().next().copied())
}

fn vars<'a>(ports: &'a Ports, stubs: &'a Stubs, folder: &'a TemporaryFolder) -> TemplateVars<'a> {
    TemplateVars {
        ports: Some(ports.numbers()),
        stubs: Some(stubs.urls()),
        folder: Some(folder.path()),
        number: None,
        saved: None,
    }
}
