//! What the tests may not ask, as they have given up the rights: their own executable, started again, answers it.

use std::{
    collections::BTreeSet,
    env, fs,
    path::Path,
    process::{Command, ExitCode},
};

use nix::{libc, unistd::Pid};

/// The first argument with which the tests' own executable tells what these may not ask: they have given up the rights.
/// With a folder, which processes were started from there; with a process's number, what links and programs of the
/// kernel it has; with these, which still exist.
pub(crate) const ASK: &str = "__ask";

/// All processes that were started from a folder, and how.
pub(super) fn processes(folder: &Path) -> Vec<(Pid, String)> {
    let lines = ask(&[folder.display().to_string()]).into_iter();
    let processes = lines.map(|line| {
        let (number, name) = line.split_once(' ').unwrap();
        (Pid::from_raw(number.parse().unwrap()), name.to_owned())
    });
    processes.collect()
}

/// The links and programs of the kernel that a process has, as `link 7` and `prog 9`.
pub(super) fn held_by(process: Pid) -> BTreeSet<String> {
    ask(&[process.to_string()]).into_iter().collect()
}

/// Which of these the kernel still has.
pub(super) fn existing(objects: &BTreeSet<String>) -> Vec<String> {
    let objects: Vec<String> = objects.iter().cloned().collect();
    ask(&objects)
}

fn ask(about: &[String]) -> Vec<String> {
    let output = Command::new("/proc/self/exe")
        .arg(ASK)
        .args(about)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let told = String::from_utf8_lossy(&output.stdout);
    told.lines().map(str::to_owned).collect()
}

/// Answers on standard output.
pub(crate) fn answer() -> ExitCode {
    let about: Vec<String> = env::args().skip(2).collect();
    match about.first() {
        Some(folder) if folder.starts_with('/') => tell_processes(folder),
        Some(number) if number.parse::<u32>().is_ok() => tell_held(number),
        _ => tell_existing(&about),
    }
}

/// All processes that were started from a folder, by their executable, arguments or environment.
fn tell_processes(folder: &str) -> ExitCode {
    let numbers = fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbers = numbers.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    for number in numbers.filter(|number| *number != std::process::id()) {
        let read = |name: &str| fs::read(format!("/proc/{number}/{name}")).unwrap_or_default();
        let text = |name: &str| String::from_utf8_lossy(&read(name)).replace('\0', " ");
        let executable = fs::read_link(format!("/proc/{number}/exe")).unwrap_or_default();
        let name = format!("{} {}", executable.display(), text("cmdline"));
        let asking = name.contains(ASK);
        if !asking && (name.contains(folder) || text("environ").contains(folder)) {
            println!("{number} {}", name.replace('\n', " "));
        }
    }
    ExitCode::SUCCESS
}

fn tell_held(process: &str) -> ExitCode {
    // A process that has ended has none.
    let files = fs::read_dir(format!("/proc/{process}/fdinfo"));
    let files = files.into_iter().flatten().flatten();
    for text in files.filter_map(|file| fs::read_to_string(file.path()).ok()) {
        for line in text.lines() {
            for (field, kind) in [("link_id:", "link"), ("prog_id:", "prog")] {
                if let Some(id) = line.strip_prefix(field) {
                    println!("{kind} {}", id.trim());
                }
            }
        }
    }
    ExitCode::SUCCESS
}

fn tell_existing(objects: &[String]) -> ExitCode {
    // linux/bpf.h
    const PROG_GET_FD_BY_ID: i32 = 13;
    const LINK_GET_FD_BY_ID: i32 = 30;
    for object in objects {
        let command = match object.split_once(' ') {
            Some(("link", _)) => LINK_GET_FD_BY_ID,
            _ => PROG_GET_FD_BY_ID,
        };
        let Some(id) = object
            .split_once(' ')
            .and_then(|(_, id)| id.parse::<u32>().ok())
        else {
            eprintln!("{object} is no object");
            return ExitCode::FAILURE;
        };
        let attributes = [id, 0, 0, 0];
        // SAFETY: the kernel reads these 16 bytes; the descriptor that it may give ends with this process.
        let given = unsafe {
            libc::syscall(
                libc::SYS_bpf,
                command,
                attributes.as_ptr(),
                size_of_val(&attributes),
            )
        };
        if given >= 0 {
            println!("{object}");
        } else if nix::errno::Errno::last() != nix::errno::Errno::ENOENT {
            eprintln!("{object}: {}", nix::errno::Errno::last());
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
