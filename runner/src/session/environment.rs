//! The program's environment, as far as a spec or a command line declares it.

use std::ffi::OsString;

use spec::{
    Spec, SpecError, SpecErrors,
    document::{Program, TemplatePart, Workdir, hidden_race_reports},
};

use super::SessionError;
use crate::target::{TemplateVars, variable};

/// The status with which the race detector ends a program that would have ended with 0, unless GORACE says otherwise.
const ENDED_BY_RACES: i32 = 66;

/// What a spec asks of our own environment and is not there, at its place.
///
/// # Errors
/// Such a variable.
pub(crate) fn check(spec: &Spec) -> Result<(), SessionError> {
    let values = spec.program.env.iter().map(|(_, value)| value);
    let parts = values.flat_map(|value| value.value.parts.iter().map(|part| (part, &value.span)));
    let errors = parts.filter_map(|(part, span)| {
        let TemplatePart::Environment(part) = part else {
            return None;
        };
        let error = variable(part).err()?;
        let help = format!(
            "set it, give the program another value with --env, or a default: ${{env.{}:-}}",
            part.name
        );
        Some(SpecError::at(span.clone(), error.to_string()).help(help))
    });
    none_of(spec, errors.collect())
}

fn none_of(spec: &Spec, errors: Vec<SpecError>) -> Result<(), SessionError> {
    if errors.is_empty() {
        return Ok(());
    }
    Err(SessionError::Spec(Box::new(SpecErrors {
        source: spec.source.clone(),
        errors,
    })))
}

/// Whether the working folder that a spec names is there.
///
/// # Errors
/// It is not.
pub(super) fn check_workdir(spec: &Spec) -> Result<(), SessionError> {
    let workdir = spec.program.workdir.iter();
    let missing = workdir.filter_map(|workdir| {
        let Workdir::BesideSpec(path) = &workdir.value else {
            return None;
        };
        let folder = spec.folder().join(path);
        if folder.is_dir() {
            return None;
        }
        let message = format!("there is no folder {}", folder.display());
        let error = SpecError::at(workdir.span.clone(), message);
        Some(
            error
                .label("looked for beside the spec")
                .help("name one that is there, or one below ${dir}, which is made"),
        )
    });
    none_of(spec, missing.collect())
}

/// The variables that the program is given, with their values.
pub(super) fn declared(
    program: &Program,
    vars: TemplateVars<'_>,
) -> Result<Vec<(OsString, OsString)>, SessionError> {
    let declared = program.env.iter();
    declared
        .map(|(name, value)| Ok((name.into(), vars.fill(&value.value)?.into())))
        .collect()
}

/// The status with which the race detector ends a program with this environment, where all else went well and it had
/// something to report.
///
/// # Errors
/// It would write its reports to where they are not read.
pub(super) fn race_status(environment: &[(OsString, OsString)]) -> Result<i32, SessionError> {
    let options = environment.iter().rev().find(|(name, _)| name == "GORACE");
    let Some((_, options)) = options else {
        return Ok(ENDED_BY_RACES);
    };
    let options = options.to_string_lossy();
    if let Some(option) = hidden_race_reports(&options) {
        return Err(SessionError::HiddenRaces(option.to_owned()));
    }
    let options = options.split(|c: char| !c.is_alphanumeric() && c != '=' && c != '_');
    let mut codes = options.filter_map(|option| option.strip_prefix("exitcode=")?.parse().ok());
    Ok(codes.next_back().unwrap_or(ENDED_BY_RACES))
}
