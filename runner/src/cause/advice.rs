//! What to write so that a program does as before.

use super::{Cause, RemovedIn};

/// The lines to write, each with where; what there is to do else.
pub(crate) fn advice(cause: &Cause, is_go_test: bool) -> Vec<String> {
    match cause {
        Cause::Settings(settings) => {
            let place = match is_go_test {
                true => "in a _test.go file of the package, above `package`",
                false => "in package main, above `package`",
            };
            let lines = settings.iter().map(|setting| match &setting.removed {
                Some(RemovedIn { minor, last }) => format!(
                    "toolchain {last}    in go.mod, until nothing needs {}: Go 1.{minor} no longer has it",
                    setting.name
                ),
                None => format!("//go:debug {}={}    {place}", setting.name, setting.old),
            });
            lines.collect()
        }
        Cause::LoopVariables => vec![
            "//go:build go1.21    at the top of the files with the loops, or declare the variable outside of the loop".to_owned(),
        ],
        Cause::Experiments(switches) => {
            vec![format!("GOEXPERIMENT={}    in the environment of go build", switches.join(","))]
        }
        Cause::Release { last_same, .. } => {
            vec![format!("toolchain {last_same}    in go.mod, until the program is changed")]
        }
        Cause::Modules(modules) => {
            let lines = modules.iter().map(|module| match &module.versions {
                Some((last, _)) => format!("go get {}@{last}", module.path),
                None => format!("go get {}@{}", module.path, selected(module.old.as_ref())),
            });
            lines.collect()
        }
        Cause::Revision { .. } | Cause::Unknown(_) => Vec::new(),
    }
}

/// What go.mod selects, as `go get` takes it.
pub(crate) fn selected(selected: Option<&golang::modules::Selected>) -> String {
    use golang::modules::Selected;
    match selected {
        None => "none".to_owned(),
        Some(Selected::Version(version)) => version.as_str().to_owned(),
        Some(Selected::Replaced { path, version }) => format!("{path} {}", version.as_str()),
        Some(Selected::Folder(folder)) => folder.display().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::advice;
    use crate::cause::{Cause, RemovedIn, SettingCause};

    fn setting(removed: Option<u32>) -> Cause {
        let removed = removed.map(|minor| RemovedIn {
            minor,
            last: "go1.26.8".parse().unwrap(),
        });
        Cause::Settings(vec![SettingCause {
            name: "urlstrictcolons".to_owned(),
            old: "0".to_owned(),
            since: Some(26),
            removed,
            stacks: Vec::new(),
            no_stacks: None,
        }])
    }

    #[test]
    fn what_is_to_be_written_can_be_copied() {
        assert_eq!(
            advice(&setting(None), false),
            ["//go:debug urlstrictcolons=0    in package main, above `package`"]
        );
        assert_eq!(
            advice(&setting(Some(27)), false),
            [
                "toolchain go1.26.8    in go.mod, until nothing needs urlstrictcolons: Go 1.27 no longer has it"
            ]
        );
        assert_eq!(
            advice(&Cause::Experiments(vec!["noswissmap".to_owned()]), false),
            ["GOEXPERIMENT=noswissmap    in the environment of go build"]
        );
    }
}
