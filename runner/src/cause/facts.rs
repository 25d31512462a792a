//! What cmd/go says of a program with one release and one `go` line.

use std::path::PathBuf;

use golang::{
    godebug::{MovedSetting, SettingValues, SettingWorld, moved_settings},
    toolchain::{ReleaseFacts, Survey, SurveyError, SurveyRequest},
};
use spec::{Spec, document::Origin};

use crate::{session::Cancel, worlds::World};

/// What is known of a world before anything is built in it.
pub(super) struct Facts {
    /// The release.
    pub(super) release: ReleaseFacts,
    /// What the program, or the test binary, starts with.
    pub(super) values: SettingValues,
}

impl Facts {
    /// Asks the go of a world.
    pub(super) fn of(survey: &Survey, spec: &Spec) -> Result<Self, SurveyError> {
        let values = match spec.is_of_go_tests() {
            true => {
                let tests = survey.test_settings(&["."])?;
                tests.into_iter().next().map(|test| test.settings)
            }
            false => Some(survey.program_settings(&package(spec))?),
        };
        Ok(Self {
            release: survey.facts()?,
            values: values.unwrap_or_default(),
        })
    }

    fn world(&self) -> SettingWorld<'_> {
        SettingWorld {
            release: &self.release.release,
            table: &self.release.settings,
            values: &self.values,
        }
    }

    /// The settings that behave differently in another world.
    pub(super) fn moved(&self, new: &Self) -> Vec<MovedSetting> {
        moved_settings(&self.world(), &new.world())
    }
}

/// The go that builds a spec's program in a world.
///
/// # Errors
/// There is no go, or the release is unavailable.
pub(crate) fn survey(
    spec: &Spec,
    world: &World,
    cancel: &Cancel,
    progress: &mut dyn FnMut(&str),
) -> Result<Survey, SurveyError> {
    let declared = spec.program.toolchain.as_ref();
    let flags = spec.program.build.flags.iter();
    let flags = flags.map(|flag| flag.value.clone());
    let request = SurveyRequest {
        folder: module_folder(spec),
        toolchain: (world.release.clone())
            .or_else(|| declared.map(|release| release.value.clone())),
        environment: world.build_environment.clone(),
        flags: flags.chain(world.flags.iter().cloned()).collect(),
        cancel: cancel.flag(),
        ..SurveyRequest::default()
    };
    Survey::begin(&request, progress)
}

/// The packages that are built, as go takes them in the [folder](module_folder).
pub(crate) fn package(spec: &Spec) -> String {
    match &spec.program.origin {
        Origin::Package(package) if !is_local(&package.value) => package.value.clone(),
        _ => ".".to_owned(),
    }
}

/// The folder that decides which module it is.
fn module_folder(spec: &Spec) -> PathBuf {
    let folder = match spec.folder() {
        folder if folder.as_os_str().is_empty() => PathBuf::from("."),
        folder => folder,
    };
    match &spec.program.origin {
        Origin::Package(package) if is_local(&package.value) => folder.join(&package.value),
        _ => folder,
    }
}

fn is_local(package: &str) -> bool {
    package.starts_with(['.', '/'])
}
