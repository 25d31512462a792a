//! What real releases say; they are fetched if they are not there.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use tempfile::TempDir;

use super::{ModuleChange, ReleaseFacts, Survey, SurveyError, SurveyRequest};
use crate::{
    experiments::moved_experiments,
    godebug::{SettingTable, SettingWorld, Trial, moved_settings},
    modules::{ModuleVersion, Selected, module_differences},
};

fn survey(folder: &Path, release: &str) -> Survey {
    let request = SurveyRequest {
        folder: folder.to_owned(),
        toolchain: Some(release.to_owned()),
        environment: vec![("GOENV".into(), "off".into())],
        ..SurveyRequest::default()
    };
    Survey::begin(&request, &mut |_| {}).unwrap()
}

fn facts(release: &str) -> ReleaseFacts {
    let folder = TempDir::new().unwrap();
    survey(folder.path(), release).facts().unwrap()
}

fn files(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

const MAIN: (&str, &str) = ("main.go", "package main\n\nfunc main() {}\n");

#[test]
fn releases_have_the_settings_of_their_tables() {
    let counts = |release| {
        let SettingTable { settings, removed } = facts(release).settings;
        let moved = settings.iter().filter(|setting| setting.change.is_some());
        (moved.count(), removed.len())
    };
    // As counted with grep: `Changed:` and lines of `Removed`.
    assert_eq!(counts("go1.16.15"), (0, 0));
    assert_eq!(counts("go1.20.14"), (0, 0));
    assert_eq!(counts("go1.21.13"), (2, 0));
    assert_eq!(counts("go1.22.12"), (7, 0));
    assert_eq!(counts("go1.23.12"), (16, 0));
    assert_eq!(counts("go1.25.8"), (29, 0));
    assert_eq!(counts("go1.26.8"), (32, 1));
    assert_eq!(counts("go1.27.3"), (28, 9));
}

/// The table, applied by us, gives what cmd/go derives from it.
#[test]
fn go_lines_set_what_go_list_says() {
    for release in ["go1.21.13", "go1.23.12", "go1.26.8", "go1.27.3"] {
        let table = facts(release).settings;
        let minor = release.parse::<crate::GoRelease>().unwrap().minor();
        for line in (16..=minor).step_by(2) {
            let go_mod = format!("module a.test/p\n\ngo 1.{line}\n");
            let folder = files(&[("go.mod", &go_mod), MAIN]);
            let said = survey(folder.path(), release)
                .program_settings(".")
                .unwrap();
            assert_eq!(said, table.of_go_line(line), "{release}, go 1.{line}");
        }
    }
}

#[test]
fn lines_of_the_program_and_of_its_tests_count() {
    let folder = files(&[
        (
            "go.mod",
            "module a.test/p\n\ngo 1.25\n\ngodebug panicnil=1\n",
        ),
        (
            "main.go",
            "//go:debug urlstrictcolons=1\n\npackage main\n\nfunc main() {}\n",
        ),
        ("p_test.go", "//go:debug http2server=0\n\npackage main\n"),
    ]);
    let survey = survey(folder.path(), "go1.26.8");
    let settings = survey.program_settings(".").unwrap();
    assert_eq!(settings.get("urlstrictcolons"), Some("1"));
    assert_eq!(settings.get("panicnil"), Some("1"));
    assert_eq!(settings.get("http2server"), None);
    let tests = survey.test_settings(&["."]).unwrap();
    assert_eq!(tests.len(), 1);
    assert_eq!(tests[0].import_path, "a.test/p");
    assert_eq!(tests[0].settings.get("http2server"), Some("0"));
}

#[test]
fn a_setting_that_a_release_no_longer_has_is_gos_error() {
    let folder = files(&[
        ("go.mod", "module a.test/p\n\ngo 1.25\n"),
        (
            "main.go",
            "//go:debug asynctimerchan=1\n\npackage main\n\nfunc main() {}\n",
        ),
    ]);
    let before = survey(folder.path(), "go1.26.8");
    let settings = before.program_settings(".").unwrap();
    assert_eq!(settings.get("asynctimerchan"), Some("1"));
    let removed = facts("go1.27.3").settings;
    let refused: Vec<_> = removed.refused(&settings).collect();
    assert_eq!(
        (refused[0].0.name.as_str(), refused[0].1),
        ("asynctimerchan", "1")
    );
    // `go list` does not look; `go build` does.
    let build = Command::new("go")
        .args(["build", "-o", "/dev/null", "."])
        .env("GOTOOLCHAIN", "go1.27.3")
        .env("GOFLAGS", "-buildvcs=false")
        .current_dir(folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&build.stderr).into_owned();
    assert!(
        said.contains("removed GODEBUG \"asynctimerchan\""),
        "{said}"
    );
}

#[test]
fn settings_that_moved_between_releases_are_known_with_how_to_try_them() {
    let (old, new) = (facts("go1.20.14"), facts("go1.27.3"));
    let folder = files(&[("go.mod", "module a.test/p\n\ngo 1.20\n"), MAIN]);
    let values = |release| {
        survey(folder.path(), release)
            .program_settings(".")
            .unwrap()
    };
    let (old_values, new_values) = (values("go1.20.14"), values("go1.27.3"));
    let moved = |new_values| {
        moved_settings(
            &SettingWorld {
                release: &old.release,
                table: &old.settings,
                values: &old_values,
            },
            &SettingWorld {
                release: &new.release,
                table: &new.settings,
                values: new_values,
            },
        )
    };
    assert_eq!(
        moved(&new_values),
        [],
        "go 1.20 keeps all that Go 1.27 can keep"
    );
    let newest = moved(&new.settings.of_go_line(27));
    assert_eq!(
        newest.len(),
        27,
        "all but netedns0, which moved with Go 1.19"
    );
    assert!(
        newest
            .iter()
            .all(|setting| matches!(setting.trial, Trial::OnNew(_)))
    );
}

#[test]
fn experiments_are_known_by_release() {
    let on = |release| -> String {
        let on = facts(release).experiments.on;
        on.into_iter().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(on("go1.16.15"), "");
    assert_eq!(
        on("go1.21.13"),
        "coverageredesign regabiargs regabiwrappers"
    );
    assert_eq!(
        on("go1.26.8"),
        "dwarf5 greenteagc randomizedheapbase64 regabiargs regabiwrappers"
    );
    let moved = moved_experiments(
        &facts("go1.26.8").experiments,
        &facts("go1.27.3").experiments,
    );
    let trials: Vec<_> = moved
        .iter()
        .filter_map(|one| one.trial.as_deref())
        .collect();
    assert_eq!(trials, ["nojsonv2", "nosizespecializedmalloc"]);
    let moved = moved_experiments(
        &facts("go1.25.8").experiments,
        &facts("go1.26.8").experiments,
    );
    let gone: Vec<_> = moved
        .iter()
        .filter(|one| one.trial.is_none())
        .map(|one| one.name.as_str())
        .collect();
    assert_eq!(gone, ["aliastypeparams", "swissmap", "synchashtriemap"]);
}

/// The loop's variable is one for all rounds up to a `go 1.21` line.
const LOOP: &str = "package main\n\nfunc main() {\n\tvar fs []func() int\n\tfor i := 0; i < 3; i++ {\n\
    \t\tfs = append(fs, func() int { return i })\n\t}\n\tprint(fs[0]())\n}\n";

fn run(folder: &Path, flags: &[String]) -> String {
    let output = Command::new("go")
        .arg("run")
        .args(flags)
        .arg(".")
        .env("GOFLAGS", "-buildvcs=false")
        .current_dir(folder)
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_module_is_built_with_another_go_line() {
    let folder = files(&[
        (
            "go.mod",
            "module a.test/p\n\ngo 1.21\n\ntoolchain go1.22.0\n",
        ),
        ("main.go", LOOP),
    ]);
    let output = TempDir::new().unwrap();
    let change = ModuleChange {
        go: Some("1.26".to_owned()),
        ..ModuleChange::default()
    };
    let old = survey(folder.path(), "go1.26.8");
    let changed = old.change_module(&change, &["."], output.path()).unwrap();
    assert_eq!(run(folder.path(), &[]), "3");
    assert_eq!(run(folder.path(), &changed.flags), "0");
    assert_eq!(
        fs::read_to_string(output.path().join("go.mod")).unwrap(),
        "module a.test/p\n\ngo 1.26\n"
    );
    let request = SurveyRequest {
        folder: folder.path().to_owned(),
        flags: changed.flags,
        ..SurveyRequest::default()
    };
    let new = Survey::begin(&request, &mut |_| {}).unwrap();
    assert!(new.program_settings(".").unwrap().is_empty());
    assert!(!old.program_settings(".").unwrap().is_empty());
}

#[test]
fn a_workspace_is_built_with_another_go_line() {
    let folder = files(&[
        ("go.work", "go 1.21\n\nuse (\n\t./a\n\t./b\n)\n"),
        ("a/go.mod", "module a.test/a\n\ngo 1.21\n"),
        (
            "a/main.go",
            &LOOP
                .replace("print(", "b.Print()\n\tprint(")
                .replace("main\n", "main\n\nimport \"a.test/b\"\n"),
        ),
        ("b/go.mod", "module a.test/b\n\ngo 1.20\n"),
        (
            "b/b.go",
            &LOOP
                .replace("package main", "package b")
                .replace("main()", "Print()"),
        ),
    ]);
    let output = TempDir::new().unwrap();
    let module = folder.path().join("a");
    let change = ModuleChange {
        go: Some("1.26".to_owned()),
        ..ModuleChange::default()
    };
    let old = survey(&module, "go1.26.8");
    let changed = old.change_module(&change, &["."], output.path()).unwrap();
    assert_eq!(run(&module, &[]), "33");
    assert_eq!(run(&module, &changed.flags), "00");
    let change = ModuleChange {
        modules: BTreeMap::from([("a.test/b".to_owned(), None)]),
        ..ModuleChange::default()
    };
    let error = old
        .change_module(&change, &["."], output.path())
        .unwrap_err();
    assert!(matches!(error, SurveyError::Workspace { .. }), "{error}");
}

#[test]
fn a_module_needs_the_go_line_of_what_it_requires() {
    let folder = files(&[
        (
            "go.mod",
            "module a.test/a\n\ngo 1.25\n\nrequire a.test/b v0.0.0\n\nreplace a.test/b => ./b\n",
        ),
        (
            "main.go",
            "package main\n\nimport \"a.test/b\"\n\nfunc main() { b.Print() }\n",
        ),
        ("b/go.mod", "module a.test/b\n\ngo 1.25\n"),
        ("b/b.go", "package b\n\nfunc Print() { print(\"b\") }\n"),
    ]);
    let output = TempDir::new().unwrap();
    let survey = survey(folder.path(), "go1.26.8");
    let change = |go: &str| ModuleChange {
        go: Some(go.to_owned()),
        ..ModuleChange::default()
    };
    let error = survey
        .change_module(&change("1.21"), &["."], output.path())
        .unwrap_err();
    assert!(error.to_string().contains("1.25"), "{error}");
    let changed = survey
        .change_module(&change("1.26"), &["."], output.path())
        .unwrap();
    assert_eq!(run(folder.path(), &changed.flags), "b");
}

/// Modules of a proxy that is a folder.
fn proxy() -> TempDir {
    let proxy = TempDir::new().unwrap();
    for (module, versions) in [
        ("a.test/one", ["v1.0.0", "v1.1.0", "v1.2.0"]),
        ("a.test/two", ["v1.0.0", "v1.1.0", "v1.2.0"]),
    ] {
        let folder = proxy.path().join(module).join("@v");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("list"), versions.join("\n")).unwrap();
        for version in versions {
            // Version 1.2.0 of the one needs 1.1.0 of the other at least.
            let needs = match (module, version) {
                ("a.test/one", "v1.2.0") => "\nrequire a.test/two v1.1.0\n",
                _ => "",
            };
            let go_mod = format!("module {module}\n\ngo 1.20\n{needs}");
            fs::write(folder.join(format!("{version}.mod")), &go_mod).unwrap();
            fs::write(
                folder.join(format!("{version}.info")),
                format!("{{\"Version\":\"{version}\"}}"),
            )
            .unwrap();
            let source = files(&[
                (&format!("{module}@{version}/go.mod"), &go_mod),
                (
                    &format!("{module}@{version}/x.go"),
                    &format!(
                        "package {}\n\nconst Version = \"{version} \"\n",
                        &module[7..]
                    ),
                ),
            ]);
            let zip = Command::new("python3")
                .args(["-c", "import sys,zipfile,os\nz=zipfile.ZipFile(sys.argv[1],'w')\nfor d,_,fs in os.walk('.'):\n  [z.write(os.path.join(d,f)) for f in fs]"])
                .arg(folder.join(format!("{version}.zip")))
                .current_dir(source.path())
                .status()
                .unwrap();
            assert!(zip.success());
        }
    }
    proxy
}

#[test]
fn versions_are_taken_from_another_go_mod() {
    let proxy = proxy();
    let cache = TempDir::new().unwrap();
    let environment: Vec<(std::ffi::OsString, std::ffi::OsString)> = vec![
        (
            "GOPROXY".into(),
            format!("file://{}", proxy.path().display()).into(),
        ),
        ("GONOSUMDB".into(), "a.test".into()),
        ("GOFLAGS".into(), "-modcacherw -buildvcs=false".into()),
        ("GOMODCACHE".into(), cache.path().into()),
    ];
    let go_mod = |one: &str, two: &str| {
        format!(
            "module a.test/p\n\ngo 1.20\n\nrequire (\n\ta.test/one {one}\n\ta.test/two {two}\n)\n"
        )
    };
    let main = "package main\n\nimport (\n\t\"a.test/one\"\n\t\"a.test/two\"\n)\n\nfunc main() { print(one.Version, two.Version) }\n";
    let old = files(&[("go.mod", &go_mod("v1.0.0", "v1.0.0")), ("main.go", main)]);
    let new = files(&[("go.mod", &go_mod("v1.2.0", "v1.2.0")), ("main.go", main)]);
    let request = SurveyRequest {
        folder: old.path().to_owned(),
        toolchain: Some("local".to_owned()),
        environment: environment.clone(),
        ..SurveyRequest::default()
    };
    let survey = Survey::begin(&request, &mut |_| {}).unwrap();
    let (before, after) = [&old, &new]
        .map(|folder| survey.mod_file(&folder.path().join("go.mod")).unwrap())
        .into();
    let differences = module_differences(&before, &after);
    assert_eq!(differences.len(), 2);
    let all = survey.versions("a.test/one").unwrap();
    let version = |text| ModuleVersion::new(text);
    let steps = version("v1.0.0").steps_to(&version("v1.2.0"), &all);
    assert_eq!(steps, [version("v1.1.0"), version("v1.2.0")]);

    let taken = |paths: &[&str]| {
        let output = TempDir::new().unwrap();
        let modules = differences
            .iter()
            .filter(|one| paths.contains(&one.path.as_str()));
        let change = ModuleChange {
            modules: modules
                .map(|one| (one.path.clone(), one.new.clone()))
                .collect(),
            from: Some(new.path().join("go.mod")),
            ..ModuleChange::default()
        };
        let changed = survey
            .change_module(&change, &["."], output.path())
            .unwrap();
        let run = Command::new("go")
            .arg("run")
            .args(&changed.flags)
            .arg(".")
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .current_dir(old.path())
            .output()
            .unwrap();
        (
            String::from_utf8_lossy(&run.stderr).trim().to_owned(),
            changed.otherwise,
        )
    };
    assert_eq!(taken(&[]).0, "v1.0.0 v1.0.0");
    assert_eq!(taken(&["a.test/two"]).0, "v1.0.0 v1.2.0");
    assert_eq!(
        taken(&["a.test/one"]).0,
        "v1.2.0 v1.1.0",
        "what it needs moves with it"
    );
    assert_eq!(taken(&["a.test/one", "a.test/two"]).0, "v1.2.0 v1.2.0");

    // Backwards: what the others require stays.
    let change = ModuleChange {
        modules: BTreeMap::from([(
            "a.test/two".to_owned(),
            Some(Selected::Version(version("v1.0.0"))),
        )]),
        ..ModuleChange::default()
    };
    let request = SurveyRequest {
        folder: new.path().to_owned(),
        ..request
    };
    let survey = Survey::begin(&request, &mut |_| {}).unwrap();
    let output = TempDir::new().unwrap();
    let changed = survey
        .change_module(&change, &["."], output.path())
        .unwrap();
    let seen = Selected::Version(version("v1.1.0"));
    assert_eq!(
        changed.otherwise,
        BTreeMap::from([("a.test/two".to_owned(), Some(seen))])
    );
}
