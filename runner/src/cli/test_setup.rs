//! What `goproctor test` knows before it starts go: the packages, their specs, and what goes into `-exec`.

use std::{env, ffi::OsString, path::PathBuf};

use golang::toolchain::{
    TestBuild, TestCommand, TestPackage, TestPackages, TestRequest, WatchedPackage, test_packages,
};
use spec::Spec;

use super::Failure;
use crate::{
    go_test::{self, Package},
    session::{self, Cancel},
};

/// The packages that a command names.
///
/// # Errors
/// go can't be asked.
pub(super) fn list(
    command: TestCommand,
    cancel: &Cancel,
    progress: &mut dyn FnMut(&str),
) -> Result<TestPackages, Failure> {
    let mut request = TestRequest::new(command, current_folder()?);
    request.cancel = cancel.flag();
    test_packages(&request, progress).map_err(world)
}

/// The folder that goproctor was started in.
///
/// # Errors
/// The system does not say.
pub(super) fn current_folder() -> Result<PathBuf, Failure> {
    env::current_dir()
        .map_err(|error| Failure::world(format!("cannot find the current folder: {error}")))
}

/// A package that has specs of Go tests.
pub(super) struct Found {
    import_path: String,
    folder: PathBuf,
    /// They, or what is wrong with them.
    specs: Result<Vec<Spec>, String>,
}

impl Found {
    /// A package with specs that are not beside it.
    pub(super) fn with(package: &TestPackage, specs: Vec<Spec>) -> Self {
        Self {
            import_path: package.import_path.clone(),
            folder: package.folder.clone(),
            specs: Ok(specs),
        }
    }

    /// What is watched of it.
    pub(super) fn watched(&self) -> WatchedPackage {
        let specs = self.specs.as_deref().unwrap_or_default();
        session::watched_package(&self.import_path, specs)
    }

    /// Its specs, or what is wrong with them.
    pub(super) fn specs(&self) -> Result<&[Spec], &str> {
        self.specs.as_deref().map_err(String::as_str)
    }

    /// It, as a helper takes it.
    pub(super) fn package(self, build: &TestBuild) -> Package {
        let declarations = build.declarations.get(&self.import_path);
        Package {
            folder: self.folder,
            specs: self.specs,
            besides: Vec::new(),
            declarations: declarations.cloned(),
        }
    }
}

/// The packages that have specs of Go tests.
///
/// # Errors
/// A folder can't be read.
pub(super) fn found(listed: &TestPackages) -> Result<Vec<Found>, Failure> {
    let mut all = Vec::new();
    for package in listed.packages.iter().filter(|package| package.has_tests()) {
        let specs = go_test::specs_in(&package.folder).map_err(|error| {
            Failure::world(format!(
                "cannot look for specs in {}: {error}",
                package.folder.display()
            ))
        })?;
        if !specs.is_empty() {
            all.push(Found {
                import_path: package.import_path.clone(),
                folder: package.folder.clone(),
                specs: go_test::all_right(specs),
            });
        }
    }
    Ok(all)
}

/// What goes into `-exec`.
///
/// # Errors
/// The system does not say which file this program is.
pub(super) fn own_exec() -> Result<Vec<OsString>, Failure> {
    go_test::own_exec()
        .map_err(|error| Failure::world(format!("cannot find goproctor's own file: {error}")))
}

/// What is wrong with the world.
pub(super) fn world(error: impl std::fmt::Display) -> Failure {
    Failure::world(error.to_string())
}
