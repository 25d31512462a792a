//! Python with packages of its registry, in an environment of the tests' own.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::OnceLock,
};

use super::place::text;

/// What others read our files with, of these versions: JUnit reports, schemas of XML, YAML.
const PACKAGES: [&str; 3] = ["junitparser==5.0.3", "lxml==6.1.3", "PyYAML==6.0.4"];

/// Runs a script with arguments, and gives what it wrote.
pub(crate) fn run(script: &str, arguments: &[&Path]) -> String {
    let output = output(script, arguments);
    assert!(output.status.success(), "{}", text(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// How a script ended.
pub(crate) fn output(script: &str, arguments: &[&Path]) -> Output {
    let mut command = Command::new(python());
    command
        .args(["-c", script])
        .args(arguments)
        .output()
        .unwrap()
}

/// The interpreter, with the packages.
fn python() -> &'static Path {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python");
        let python = folder.join("bin/python");
        let stamp = folder.join("packages");
        let wanted = PACKAGES.join(" ");
        if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
            return python;
        }
        let made = Command::new("python3")
            .args(["-m", "venv", "--clear"])
            .arg(&folder)
            .output();
        let made = made.unwrap();
        assert!(made.status.success(), "{}", text(&made));
        let mut install = Command::new(&python);
        let installed = install
            .args(["-m", "pip", "install", "--quiet"])
            .args(PACKAGES)
            .output();
        let installed = installed.unwrap();
        assert!(installed.status.success(), "{}", text(&installed));
        fs::write(stamp, wanted).unwrap();
        python
    })
}
