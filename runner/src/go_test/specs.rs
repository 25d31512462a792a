//! The specs of a package's Go tests: `*.proctor.toml` in its folder.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use spec::{Spec, SpecErrors, document::TemplatePart};

/// How a spec's file name ends.
const ENDING: &str = ".proctor.toml";

/// How wide what is wrong with a spec may be, in a test's output.
const WIDTH: usize = 110;

/// The specs of Go tests in a folder, by name, with the errors of those that are wrong. Specs of programs are passed over.
///
/// # Errors
/// The folder can't be read.
pub(crate) fn specs_in(folder: &Path) -> io::Result<Vec<Result<Spec, SpecErrors>>> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.to_string_lossy().ends_with(ENDING))
        .collect();
    paths.sort();
    let specs = paths.iter().map(|path| spec::read(path));
    Ok(specs
        .filter(|spec| {
            spec.as_ref()
                .map_or_else(names_go_tests, Spec::is_of_go_tests)
        })
        .collect())
}

/// All specs, or what is wrong with some of them.
pub(crate) fn all_right(specs: Vec<Result<Spec, SpecErrors>>) -> Result<Vec<Spec>, String> {
    let (right, wrong): (Vec<_>, Vec<_>) = specs.into_iter().partition(Result::is_ok);
    let wrong = wrong.into_iter().filter_map(Result::err);
    let wrong: String = wrong
        .map(|errors| errors.render(false, true, WIDTH))
        .collect();
    match wrong.is_empty() {
        true => Ok(right.into_iter().flatten().collect()),
        false => Err(wrong),
    }
}

/// The variables of goproctor's own environment that specs give to their test binaries.
pub(super) fn variables(specs: &[Spec]) -> Vec<String> {
    let templates = specs.iter().flat_map(|spec| &spec.program.env);
    let parts = templates.flat_map(|(_, template)| &template.value.parts);
    let names = parts.filter_map(|part| match part {
        TemplatePart::Environment(variable) => Some(variable.name.clone()),
        _ => None,
    });
    names.collect()
}

/// Whether a spec that is wrong seems to be meant for Go tests.
fn names_go_tests(errors: &SpecErrors) -> bool {
    errors.source.text.lines().any(|line| {
        let line = line.trim_start();
        line.starts_with("go-test") || line.starts_with("[go-test]")
    })
}
