//! Why something differs, in words and as JSON.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use crate::cause::{Cause, SettingCause, selected};

/// So many calls of a stack are shown.
const MAX_FRAMES: usize = 12;

/// Why a difference is there, in lines.
pub(super) fn because(cause: &Cause) -> Vec<String> {
    match cause {
        Cause::Settings(settings) => settings.iter().flat_map(of_setting).collect(),
        Cause::LoopVariables => vec![
            "because loops have a variable for each iteration from a `go 1.22` line on".to_owned(),
        ],
        Cause::Experiments(switches) => vec![format!(
            "because of experiments: with GOEXPERIMENT={} it is as before",
            switches.join(",")
        )],
        Cause::Release {
            last_same,
            first_different,
        } => vec![format!(
            "it begins with {first_different}; {last_same} does as before. No GODEBUG setting brings that back"
        )],
        Cause::Modules(modules) => modules
            .iter()
            .map(|module| {
                let mut line = format!(
                    "because of {} {} → {}",
                    module.path,
                    selected(module.old.as_ref()),
                    selected(module.new.as_ref())
                );
                if let Some((last, first)) = &module.versions {
                    let _ = write!(line, ": it begins with {first}; {last} does as before");
                }
                line
            })
            .collect(),
        Cause::Revision { commit, subject } => {
            let short = commit.get(..12).unwrap_or(commit);
            vec![format!("it begins with {short} {subject}")]
        }
        Cause::Unknown(why) => vec![format!("why was not found: {why}")],
    }
}

fn of_setting(setting: &SettingCause) -> Vec<String> {
    let moved = match (setting.since, &setting.removed) {
        (_, Some(removed)) => format!(", which Go 1.{} no longer has", removed.minor),
        (Some(minor), None) => format!(", whose default moved with Go 1.{minor}"),
        (None, None) => String::new(),
    };
    let mut lines = vec![format!("because of GODEBUG {}{moved}", setting.name)];
    for stack in &setting.stacks {
        lines.push("used at".to_owned());
        lines.extend(
            stack
                .iter()
                .take(MAX_FRAMES)
                .map(|frame| format!("  {frame}")),
        );
    }
    if let Some(why) = &setting.no_stacks {
        lines.push(format!("where it is used is not known: {why}"));
    }
    lines
}

/// A cause as an object.
pub(super) fn cause_json(cause: &Cause) -> Json {
    match cause {
        Cause::Settings(settings) => json!({
            "kind": "settings",
            "settings": settings.iter().map(|setting| json!({
                "name": setting.name,
                "old": setting.old,
                "since": setting.since,
                "removed": setting.removed.as_ref().map(|removed| removed.minor),
                "stacks": setting.stacks,
            })).collect::<Vec<_>>(),
        }),
        Cause::LoopVariables => json!({ "kind": "loop_variables" }),
        Cause::Experiments(switches) => json!({ "kind": "experiments", "as_before": switches }),
        Cause::Release {
            last_same,
            first_different,
        } => json!({
            "kind": "release",
            "last_same": last_same.to_string(),
            "first_different": first_different.to_string(),
        }),
        Cause::Modules(modules) => json!({
            "kind": "modules",
            "modules": modules.iter().map(|module| json!({
                "path": module.path,
                "old": selected(module.old.as_ref()),
                "new": selected(module.new.as_ref()),
                "last_same": module.versions.as_ref().map(|(last, _)| last),
                "first_different": module.versions.as_ref().map(|(_, first)| first),
            })).collect::<Vec<_>>(),
        }),
        Cause::Revision { commit, subject } => {
            json!({ "kind": "revision", "commit": commit, "subject": subject })
        }
        Cause::Unknown(why) => json!({ "kind": "unknown", "reason": why }),
    }
}
