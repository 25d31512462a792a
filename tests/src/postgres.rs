//! A PostgreSQL that go-fixtures/service/with-postgres starts, for tests that run many commands beside it.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use crate::command::repository;

/// A PostgreSQL on loopback. It ends, and nothing is left of it, when this is dropped or the test ends otherwise: its
/// script waits for the end of its input.
pub struct Postgres {
    script: Child,
    /// `DATABASE_URL`, as the script gives it to commands.
    pub url: String,
}

impl Postgres {
    /// Starts one.
    ///
    /// # Panics
    /// It does not start.
    #[must_use]
    #[expect(clippy::panic, reason = "a test without its database must fail")]
    pub fn start() -> Self {
        let mut script = Command::new(repository().join("go-fixtures/service/with-postgres"))
            .args(["sh", "-c", r#"echo "$DATABASE_URL"; cat"#])
            .current_dir(Path::new("/"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("with-postgres can't be run: {error}"));
        let mut url = String::new();
        if let Some(output) = script.stdout.take() {
            let _ = BufReader::new(output).read_line(&mut url);
        }
        assert!(
            url.starts_with("postgres://"),
            "PostgreSQL did not start: {:?}",
            script.wait()
        );
        Self {
            script,
            url: url.trim().to_owned(),
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.script.stdin.take());
        let _ = self.script.wait();
    }
}
