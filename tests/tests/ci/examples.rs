//! The examples of docs/ci.md, run as they are written there.

use std::{fs, path::Path};

use goproctor_tests::command::repository;

use super::{
    place::{Place, text},
    python,
};

/// The capabilities of a container of docker, without those that are added.
const OF_A_CONTAINER: &str = "chown,dac_override,fsetid,fowner,mknod,net_raw,setgid,setuid,setfcap,setpcap,net_bind_service,sys_chroot,kill,audit_write";

/// A line a command of a job, in its order.
const COMMANDS: &str = "
import sys, yaml
def walk(node):
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ('run', 'script'):
                for command in value if isinstance(value, list) else [value]:
                    print(command)
            else:
                walk(value)
    elif isinstance(node, list):
        for item in node:
            walk(item)
walk(yaml.safe_load(open(sys.argv[1])))
";

/// The blocks of a language.
fn blocks(language: &str) -> Vec<String> {
    let page = fs::read_to_string(repository().join("docs/ci.md")).unwrap();
    let fence = format!("```{language}\n");
    let blocks = page.split(&fence).skip(1);
    let blocks: Vec<_> = blocks
        .map(|rest| rest.split("```").next().unwrap().to_owned())
        .collect();
    assert!(!blocks.is_empty(), "docs/ci.md has no {language}");
    blocks
}

/// The lines of all blocks of sh that begin so, without comments.
fn lines(begin: &str) -> Vec<String> {
    let blocks = blocks("sh").concat();
    let lines = blocks
        .lines()
        .map(|line| line.split(" #").next().unwrap().trim_end());
    let lines = lines.filter(|line| line.starts_with(begin));
    lines.map(str::to_owned).collect()
}

/// A place with specs that pass, one of which is named as in the examples.
fn place() -> Place {
    let place = Place::of_case("passes/partition");
    fs::rename(
        place.work().join("slow.proctor.toml"),
        place.work().join("shop.proctor.toml"),
    )
    .unwrap();
    place
}

fn succeeds(place: &Place, script: &str, variables: &[(&str, &str)]) {
    let output = place.bash(script, variables);
    assert!(output.status.success(), "{script}: {}", text(&output));
}

#[test]
fn no_example_is_of_another_kind() {
    let kinds = [
        "goproctor run",
        "goproctor replay",
        "docker run",
        "gotestsum",
    ];
    for line in lines("") {
        let is_known = line.is_empty() || kinds.iter().any(|kind| line.starts_with(kind));
        assert!(is_known, "{line}");
    }
}

#[test]
fn commands_work_as_they_are_written() {
    let place = place();
    let commands = lines("goproctor ");
    assert!(commands.len() >= 6, "{commands:?}");
    for command in commands {
        succeeds(&place, &command, &[]);
    }
    assert!(
        place
            .read("junit.xml")
            .contains("<testsuite name=\"shop.proctor.toml\"")
    );
}

#[test]
fn jobs_of_github_run_all_tests_in_parts() {
    let place = place();
    // Root needs no sudo.
    place.add_command("sudo", "exec \"$@\"");
    let job = &blocks("yaml")[0];
    let mut tests = 0;
    for part in ["1", "2"] {
        for command in commands(&place, job) {
            let command = command.replace("${{ matrix.part }}", part);
            succeeds(&place, &command, &[("GITHUB_ACTIONS", "true")]);
        }
        tests += place.read("junit.xml").matches("<testcase ").count();
    }
    assert_eq!(tests, 4);
    assert!(job.contains("name: junit-${{ matrix.part }}\n          path: junit.xml\n"));
}

#[test]
fn jobs_of_gitlab_run_all_tests_in_parts() {
    let place = place();
    let job = &blocks("yaml")[1];
    let mut tests = 0;
    for part in ["1", "2"] {
        for command in commands(&place, job) {
            succeeds(
                &place,
                &command,
                &[("CI_NODE_INDEX", part), ("CI_NODE_TOTAL", "2")],
            );
        }
        tests += place.read("junit.xml").matches("<testcase ").count();
    }
    assert_eq!(tests, 4);
    assert!(job.contains("parallel: 2\n") && job.contains("junit: junit.xml\n"));
}

fn commands(place: &Place, job: &str) -> Vec<String> {
    let path = place.work().join("job.yaml");
    fs::write(&path, job).unwrap();
    let commands = python::run(COMMANDS, &[&path]);
    let commands: Vec<_> = commands.lines().map(str::to_owned).collect();
    assert!(!commands.is_empty(), "{job}");
    commands
}

/// What the page gives containers is what goproctor itself asks for, and enough; without it goproctor says what to give.
#[test]
fn a_container_with_these_capabilities_can_watch() {
    let place = place();
    let line = &lines("docker run")[0];
    let words: Vec<&str> = line.split(' ').collect();
    let added = words.windows(2).filter(|pair| pair[0] == "--cap-add");
    let mut added: Vec<String> = added.map(|pair| pair[1].to_lowercase()).collect();
    let of_runner = &blocks("toml")[0].parse::<toml::Table>().unwrap()["runners"][0]["docker"];
    let of_runner = of_runner["cap_add"].as_array().unwrap();
    let of_runner: Vec<_> = of_runner
        .iter()
        .map(|name| name.as_str().unwrap().to_lowercase())
        .collect();
    assert_eq!(added, of_runner);
    // What the page says of kernels before 6.6.
    if kernel::file_capabilities().contains("sys_admin") {
        added.push("sys_admin".to_owned());
    }
    let command = line.split(" IMAGE ").nth(1).unwrap();
    let within = |capabilities: &str, command: &str| {
        let set = capabilities
            .split(',')
            .map(|name| format!(",+{name}"))
            .collect::<String>();
        format!("setpriv --bounding-set=-all{set} --inh-caps=-all bash -c '{command}'")
    };
    let enough = format!("{OF_A_CONTAINER},{}", added.join(","));
    let output = place.bash(&within(&enough, "goproctor doctor"), &[]);
    assert!(text(&output).contains("\nready\n"), "{}", text(&output));
    succeeds(&place, &within(&enough, command), &[]);
    assert!(Path::new(&place.work()).join("junit.xml").is_file());

    let output = place.bash(&within(OF_A_CONTAINER, "goproctor doctor"), &[]);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output));
    let flags: String = added
        .iter()
        .map(|name| format!(" --cap-add={}", name.to_uppercase()))
        .collect();
    assert!(
        text(&output).contains(&format!("docker run{flags} ")),
        "{}",
        text(&output)
    );
}

/// The report of another tool, which reads what `goproctor test` prints, has what does not hold inside.
#[test]
fn gotestsum_reports_what_does_not_hold_inside_go_tests() {
    let place = Place::of_case("passes/list");
    let install = format!(
        "GOBIN={} GOFLAGS=-mod=mod go install gotest.tools/gotestsum@v1.13.0",
        place.commands().display()
    );
    let elsewhere = format!("cd / && {install}");
    succeeds(&place, &elsewhere, &[]);
    for (name, content) in [
        ("go.mod", "module example.test/shop\n\ngo 1.21\n"),
        (
            "shop.go",
            "package shop\n\n//go:noinline\nfunc Checkout() int { return 1 }\n",
        ),
        (
            "shop_test.go",
            "package shop\n\nimport \"testing\"\n\nfunc TestCheckout(t *testing.T) { Checkout() }\n",
        ),
        (
            "shop.proctor.toml",
            "[functions]\ncheckout = \"shop.Checkout\"\n\n[[test]]\ngo-test = \"TestCheckout\"\ncount = { checkout = 2 }\n",
        ),
    ] {
        fs::write(place.work().join(name), content).unwrap();
    }
    fs::remove_file(place.work().join("slow.proctor.toml")).unwrap();
    let output = place.bash(&lines("gotestsum")[0], &[]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    let report = place.read("junit.xml");
    assert!(
        report.contains("shop.proctor.toml:6: calls of checkout: want 2, got 1"),
        "{report}"
    );
}
