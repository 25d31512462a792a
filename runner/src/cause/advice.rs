//! What to write so that a program does as before.

use super::Cause;

/// The lines to write, each with where; what there is to do else.
pub(crate) fn advice(cause: &Cause, is_go_test: bool) -> Vec<String> {
    match cause {
        Cause::Settings(settings) => {
            let place = match is_go_test {
                true => "in a _test.go file of the package, above `package`",
                false => "in package main, above `package`",
            };
            let lines = settings.iter().map(|setting| match setting.removed {
                Some(minor) => format!(
                    "Go 1.{minor} has no {} any more: change what uses it before you upgrade",
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
    use crate::cause::{Cause, SettingCause};

    fn setting(removed: Option<u32>) -> Cause {
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
            ["Go 1.27 has no urlstrictcolons any more: change what uses it before you upgrade"]
        );
        assert_eq!(
            advice(&Cause::Experiments(vec!["noswissmap".to_owned()]), false),
            ["GOEXPERIMENT=noswissmap    in the environment of go build"]
        );
    }
}
