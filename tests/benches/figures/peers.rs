//! The tools to compare with, each told to do the same as goproctor.

use std::{
    fs::{self, File},
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use model::FileOffset;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use super::{Outcome, Setup, program::PerCall};

/// How long a peer may take to set its probes.
const START: Duration = Duration::from_secs(30);

/// bpftrace, watching the function of one binary: a string and two ints at each entry, written to a file.
pub(crate) struct Bpftrace {
    child: Child,
    output: PathBuf,
    errors: PathBuf,
}

impl Bpftrace {
    /// Starts it and gives it the time to set its probe.
    pub(crate) fn begin(binary: &Path, folder: &Path) -> Outcome<Self> {
        let script = format!(
            r#"uprobe:{}:main.watched {{ printf("%s %d %d\n", str(reg("ax"), reg("bx")), reg("cx"), reg("di")); }}"#,
            binary.display()
        );
        Self::start(&script, &[], folder)
    }

    fn start(script: &str, options: &[&str], folder: &Path) -> Outcome<Self> {
        let (output, errors) = (folder.join("bpftrace.txt"), folder.join("bpftrace.err"));
        // The last one's would say that the probes of this one are set.
        let _ = fs::remove_file(&output);
        let child = Command::new("bpftrace")
            .arg("-o")
            .arg(&output)
            .args(options)
            .args(["-e", script])
            .env("BPFTRACE_STRLEN", "64")
            .stdout(Stdio::null())
            .stderr(File::create(&errors)?)
            .spawn()
            .map_err(|error| format!("bpftrace: {error}"))?;
        let mut peer = Self {
            child,
            output,
            errors,
        };
        let begin = Instant::now();
        while !fs::read_to_string(&peer.output).is_ok_and(|text| text.contains("Attaching")) {
            if begin.elapsed() > START || peer.child.try_wait()?.is_some() {
                return Err(format!("bpftrace does not set its probe: {}", peer.said()).into());
            }
            thread::sleep(Duration::from_millis(20));
        }
        // It says so before it does; that it did is seen by what it has written at the end.
        thread::sleep(Duration::from_secs(2));
        Ok(peer)
    }

    /// Ends it and tells how many lines it wrote.
    pub(crate) fn end(mut self) -> Outcome<usize> {
        self.stop()?;
        let lines = BufReader::new(File::open(&self.output)?).split(b'\n');
        let mut seen = 0;
        for line in lines {
            seen += usize::from(line?.ends_with(b" 2020"));
        }
        Ok(seen)
    }

    /// What it said on its standard error.
    fn said(&self) -> String {
        fs::read_to_string(&self.errors).unwrap_or_else(|error| error.to_string())
    }

    fn stop(&mut self) -> Outcome<()> {
        let process = Pid::from_raw(i32::try_from(self.child.id())?);
        kill(process, Signal::SIGINT)?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Bpftrace {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// bpftrace, counting the hits of probes that read nothing.
pub(crate) struct Counting(Bpftrace);

impl Counting {
    /// Starts it and gives it the time to set its probes. The binary must have no symbols: of an address within a
    /// function bpftrace wants to read the code, which not every build of it can; without symbols it takes offsets.
    pub(crate) fn begin(stripped: &Path, sites: &[FileOffset], folder: &Path) -> Outcome<Self> {
        let probes: Vec<_> = sites
            .iter()
            .map(|site| format!("uprobe:{}:{:#x}", stripped.display(), site.0))
            .collect();
        let script = format!("{} {{ @hits = count(); }}", probes.join(",\n"));
        Bpftrace::start(&script, &["--unsafe"], folder).map(Self)
    }

    /// Ends it and tells how many hits it counted.
    pub(crate) fn end(mut self) -> Outcome<u64> {
        self.0.stop()?;
        let printed = fs::read_to_string(&self.0.output)?;
        let hits = printed
            .lines()
            .find_map(|line| line.strip_prefix("@hits: "));
        let hits = hits.ok_or_else(|| format!("bpftrace counted nothing: {}", self.0.said()))?;
        Ok(hits.trim().parse()?)
    }
}

/// Runs the program under `dlv trace --ebpf`, which tells entry and return of the function.
pub(crate) fn delve(setup: &Setup, binary: &Path, calls: u64) -> Outcome<PerCall> {
    let output = Command::new(&setup.dlv)
        .args(["trace", "--ebpf", "--exec"])
        .arg(binary)
        .args(["main.watched", "--", "-calls", &calls.to_string()])
        .stdin(Stdio::null())
        .output()?;
    let told = String::from_utf8_lossy(&output.stderr);
    let printed = String::from_utf8_lossy(&output.stdout);
    let entries = told.matches("main.watched(").count() + printed.matches("main.watched(").count();
    if (entries as u64) < calls {
        let last = told.lines().last().unwrap_or_default();
        return Err(format!("dlv told {entries} of {calls} calls: {last}").into());
    }
    PerCall::parse(&printed)
}

/// How long dlv takes to load a binary and to set a breakpoint by a function's name, which is what a plan is to
/// goproctor.
pub(crate) fn delve_load(setup: &Setup, binary: &Path) -> Outcome<Duration> {
    let script = setup.scratch.path().join("dlv.txt");
    fs::write(&script, "break main.main\nexit\n")?;
    let begin = Instant::now();
    let output = Command::new(&setup.dlv)
        .arg("exec")
        .arg("--allow-non-terminal-interactive=true")
        .arg("--init")
        .arg(&script)
        .arg(binary)
        .stdin(Stdio::null())
        .output()?;
    let took = begin.elapsed();
    let said = String::from_utf8_lossy(&output.stdout);
    if !said.contains("main.main()") {
        let error = String::from_utf8_lossy(&output.stderr);
        return Err(format!("dlv set no breakpoint: {said}{error}").into());
    }
    Ok(took)
}
