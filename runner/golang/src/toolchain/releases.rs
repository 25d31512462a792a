//! Which releases of Go there are, and how one of them comes here.

use std::{
    env,
    ffi::OsString,
    fs,
    path::Path,
    sync::{Arc, atomic::AtomicBool},
};

use super::{build::or_status, command::Toolchain, error::BuildError, request::GoOptions};
use crate::{GoRelease, KnownReleases};

/// The module that the go command fetches releases as.
const MODULE: &str = "golang.org/toolchain";

/// The releases that are known, and why these may not be all.
#[derive(Clone, Debug)]
pub struct ReleaseIndex {
    /// They.
    pub known: KnownReleases,
    /// Why the go command can't list all: then those are known that are here. None if it can.
    pub problem: Option<String>,
}

/// Asks the go command which releases it can fetch for this machine, through GOPROXY, and which ones are here.
///
/// # Errors
/// There is no go command, it does not answer, or it was cancelled.
pub fn known_releases(
    cancel: &Arc<AtomicBool>,
    progress: &mut dyn FnMut(&str),
) -> Result<ReleaseIndex, BuildError> {
    // Outside of a module neither `-mod` nor a workspace means anything, and GOFLAGS may have flags of other commands.
    let environment: Vec<(OsString, OsString)> = [
        ("GOFLAGS", "-mod=mod"),
        ("GOWORK", "off"),
        ("GO111MODULE", "on"),
    ]
    .map(|(name, value)| (name.into(), value.into()))
    .into();
    let options = GoOptions {
        go: None,
        toolchain: Some("local"),
        environment: &environment,
        user: None,
        cancel,
        for_this_machine: true,
    };
    let toolchain = Toolchain::find(options, &env::temp_dir(), progress)?;
    let arguments = ["list", "-m", "-versions", MODULE].map(OsString::from);
    let finished = toolchain.run(&arguments, cancel, progress)?;
    let here = here(&toolchain.module_cache);
    let local = toolchain.release;
    if !finished.status.success() {
        return Ok(ReleaseIndex {
            known: KnownReleases::new(here, local),
            problem: Some(or_status(finished.stderr, finished.status)),
        });
    }
    let listed = String::from_utf8_lossy(&finished.stdout);
    let listed = listed.split_whitespace().filter_map(of_version);
    Ok(ReleaseIndex {
        known: KnownReleases::new(listed.chain(here), local),
        problem: None,
    })
}

/// The releases that were fetched already.
fn here(module_cache: &Path) -> Vec<GoRelease> {
    let Some((parent, name)) = MODULE.rsplit_once('/') else {
        return Vec::new();
    };
    // A cache without any has no such folder.
    let entries = fs::read_dir(module_cache.join(parent))
        .into_iter()
        .flatten();
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    names
        .filter_map(|entry| of_version(entry.strip_prefix(name)?.strip_prefix('@')?))
        .collect()
}

/// The release that a version of the module is, if it is one for this machine: `v0.0.1-go1.26.8.linux-amd64`.
fn of_version(version: &str) -> Option<GoRelease> {
    let release = version.strip_prefix("v0.0.1-")?;
    let release = release.strip_suffix(&format!(".linux-{}", arch::GOARCH))?;
    release.parse().ok()
}

/// Sees that a release is here, and fetches it if need be.
///
/// # Errors
/// It can't be had.
pub fn fetch(
    release: &GoRelease,
    cancel: &Arc<AtomicBool>,
    progress: &mut dyn FnMut(&str),
) -> Result<(), BuildError> {
    let options = GoOptions {
        go: None,
        toolchain: Some(release.as_str()),
        environment: &[],
        user: None,
        cancel,
        for_this_machine: true,
    };
    Toolchain::find(options, &env::temp_dir(), progress).map(|_| ())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{here, of_version};

    #[test]
    fn versions_of_the_module_are_releases_for_a_machine() {
        let own = format!("v0.0.1-go1.26rc1.linux-{}", arch::GOARCH);
        assert_eq!(of_version(&own).unwrap().as_str(), "go1.26rc1");
        for other in [
            "golang.org/toolchain",
            "v0.0.1-go1.26.8.windows-amd64",
            "v0.0.1-go.linux-amd64",
        ] {
            assert!(of_version(other).is_none(), "{other}");
        }
    }

    #[test]
    fn what_was_fetched_is_found_in_the_module_cache() {
        let cache = tempfile::tempdir().unwrap();
        assert!(here(cache.path()).is_empty());
        let name = format!(
            "golang.org/toolchain@v0.0.1-go1.21.13.linux-{}",
            arch::GOARCH
        );
        fs::create_dir_all(cache.path().join(name)).unwrap();
        fs::create_dir_all(cache.path().join("golang.org/x/tools@v0.1.0")).unwrap();
        let found: Vec<_> = here(cache.path()).iter().map(ToString::to_string).collect();
        assert_eq!(found, ["go1.21.13"]);
    }
}
