use std::{ffi::OsString, path::Path};

use super::TestCommand;

fn arguments(line: &str) -> Vec<OsString> {
    line.split_whitespace().map(OsString::from).collect()
}

fn parse(line: &str) -> TestCommand {
    TestCommand::parse(&arguments(line))
}

fn parse_with(line: &str, release: &str, goflags: &[&str]) -> TestCommand {
    let goflags: Vec<String> = goflags.iter().map(ToString::to_string).collect();
    parse(line).for_release(&release.parse().unwrap(), &goflags)
}

#[test]
fn packages_are_the_first_words_that_are_no_flags() {
    for (line, packages) in [
        ("", ""),
        ("./...", "./..."),
        ("a b", "a b"),
        ("-v a b -run x", "a b"),
        ("-run TestX a", "a"),
        ("-run=TestX a", "a"),
        ("--run TestX a", "a"),
        ("-test.run TestX a", "a"),
        ("-race a", "a"),
        ("-race=false a", "a"),
        ("-test.v a", "a"),
        ("a -v b", "a"),
        // A word after a flag that go does not know may be its value.
        ("-slow a", ""),
        ("-slow=1 a", ""),
        ("-slow -v a", ""),
        ("a -slow b -v", "a"),
        ("-test.race a", ""),
        ("-args a", ""),
        ("a -args b", "a"),
        ("--args a", ""),
        ("-args=x a", ""),
        ("-- a", ""),
        ("a -- b", "a"),
        ("- ---x -=y", "- ---x -=y"),
        ("-ldflags -s a", "a"),
        ("-exec x a", "a"),
        ("-vet off a", "a"),
        ("-vet=off a", "a"),
        ("-json -c -i -n -x a", "a"),
        (
            "-cover -coverpkg ./... -covermode set -coverprofile c a",
            "a",
        ),
        ("-C x a", "a"),
        ("-p 2 -o x -tags t a", "a"),
        ("-shuffle on -fuzz F -fuzztime 1s -skip S a", "a"),
        ("-artifacts -outputdir o a", "a"),
        ("-buildvcs a", "a"),
        ("-debug-actiongraph f a", "a"),
        ("a_test.go b.go", "a_test.go b.go"),
    ] {
        assert_eq!(parse(line).packages(), arguments(packages), "{line}");
    }
}

#[test]
fn flags_of_go_are_found_wherever_it_looks_for_them() {
    for (line, race) in [
        ("-race", true),
        ("a -race", true),
        ("-slow -race", true),
        ("-slow x -race", true),
        ("a -slow x -race", true),
        // x can't be the value of a flag, so what follows is the test's.
        ("-slow=1 x -race", false),
        ("a -slow=1 x -race", false),
        ("a -slow x y -race", false),
        ("a -v x -race", false),
        ("a -args -race", false),
        ("a -- -race", false),
        ("-run -race", false),
        ("-race=0", false),
        ("-race=true", true),
        ("-race -race=false", false),
        ("--race", true),
        ("-test.race", false),
    ] {
        assert_eq!(parse(line).is_set("race"), race, "{line}");
    }
}

#[test]
fn the_last_value_counts() {
    let command = parse("-run A -tags x a -test.run=B --count=1 -v=test2json");
    assert_eq!(command.value("run"), Some("B"));
    assert_eq!(command.value("count"), Some("1"));
    assert_eq!(command.value("tags"), Some("x"));
    assert_eq!(command.value("timeout"), None);
    assert!(command.is_set("v"));
}

#[test]
fn flags_are_added_where_they_win_and_change_nothing() {
    for (line, expected) in [
        ("", "+"),
        ("a b", "+ a b"),
        ("-v a", "+ -v a"),
        ("-slow a", "+ -slow a"),
        ("-C x a", "-C x + a"),
        ("-C=x -v a", "-C=x + -v a"),
        ("-exec x -v a", "-exec x + -v a"),
        ("a -gcflags=all=-N -v", "a -gcflags=all=-N + -v"),
        ("-ldflags=-s a -overlay o b", "-ldflags=-s a -overlay o + b"),
        ("a -slow -gcflags=-N b -v", "a -slow -gcflags=-N + b -v"),
        ("a -args -exec x", "+ a -args -exec x"),
    ] {
        let command = parse(line);
        let with = command.with(&["-exec=+".into()]);
        let expected = expected.replace('+', "-exec=+");
        assert_eq!(with, arguments(&expected), "{line}");
        let again = TestCommand::parse(&with);
        assert_eq!(again.packages(), command.packages(), "{line}");
        assert_eq!(again.value("exec"), Some("+"), "{line}");
        assert_eq!(again.is_set("v"), command.is_set("v"), "{line}");
    }
}

#[test]
fn the_users_own_exec_is_split_into_its_words() {
    let exec = |value: &str| TestCommand::parse(&["-exec".into(), value.into()]).exec();
    assert_eq!(exec("sudo -E").unwrap(), ["sudo", "-E"]);
    assert_eq!(
        exec("'/my tools/x' \"a b\" c'd").unwrap(),
        ["/my tools/x", "a b", "c'd"]
    );
    assert_eq!(exec(""), None);
    assert_eq!(exec("'open"), None);
    assert_eq!(parse("a").exec(), None);
}

#[test]
fn what_go_does_besides_running_tests_is_known() {
    for line in [
        "-c", "-i", "-n a", "-c=true", "-h", "-help a", "--help", "-?", "-run", "-v -C x",
    ] {
        assert!(!parse(line).runs_tests(), "{line}");
    }
    for line in ["", "-c=false", "a -args -h", "-run -h", "-C x -v"] {
        assert!(parse(line).runs_tests(), "{line}");
    }
    assert!(!parse("-help").runs_tests());
}

#[test]
fn coverage_is_implied_by_its_flags() {
    for (line, covering, packages) in [
        ("", false, ""),
        ("-cover", true, ""),
        ("-covermode=set", true, ""),
        ("-coverprofile c.out", true, ""),
        ("-coverpkg=./...,net", true, "./... net"),
        ("-coverprofile c.out -cover=false", false, ""),
        ("-cover=false -coverprofile c.out", true, ""),
    ] {
        let command = parse(line);
        assert_eq!(command.is_covering(), covering, "{line}");
        let covered: Vec<&str> = command.covered_packages().collect();
        assert_eq!(covered.join(" "), packages, "{line}");
    }
}

#[test]
fn the_folder_is_that_of_the_first_flag() {
    let folder = Path::new("/shop");
    assert_eq!(parse("-C cart a").folder(folder), Path::new("/shop/cart"));
    assert_eq!(parse("--C=/other").folder(folder), Path::new("/other"));
    assert_eq!(parse("a").folder(folder), folder);
}

#[test]
fn flags_that_a_release_does_not_know_are_those_of_the_test() {
    let packages = |line, release| parse_with(line, release, &[]).packages().to_owned();
    assert_eq!(packages("-overlay o a", "go1.16.15"), ["a"]);
    assert_eq!(packages("-overlay o a", "go1.15.15"), arguments(""));
    assert_eq!(packages("-shuffle on a", "go1.17.13"), ["a"]);
    assert_eq!(packages("-shuffle on a", "go1.16.15"), arguments(""));
    assert_eq!(packages("-i a", "go1.18.10"), ["a"]);
    assert_eq!(packages("-i a", "go1.20.14"), arguments(""));
    assert!(parse_with("-c -i", "go1.27.3", &[]).is_set("c"));
    assert_eq!(packages("-artifacts a", "go1.25.0"), arguments(""));
    assert_eq!(packages("-artifacts a", "go1.26.8"), ["a"]);
}

#[test]
fn goflags_come_first() {
    let goflags = ["-race", "-test.run=A", "-exec='x y' z", "-o=p", "-unknown"];
    let command = parse_with("-run B -cover=false a", "go1.27.3", &goflags);
    assert!(command.is_set("race") && !command.is_covering());
    assert_eq!(command.value("run"), Some("B"));
    assert_eq!(command.exec().unwrap(), ["x y", "z"]);
    let own: Vec<&str> = command
        .own_flags()
        .iter()
        .map(|flag| flag.name.as_str())
        .collect();
    assert_eq!(own, ["run", "cover"]);
    let covering = parse_with("a", "go1.27.3", &["-coverprofile=c"]);
    assert!(covering.is_covering() && covering.own_flags().is_empty());
    assert_eq!(covering.with(&["+".into()]), arguments("+ a"));
}
