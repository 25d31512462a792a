//! Flags that are the user's own.

use std::{fs, path::Path};

use super::{
    FUNCTIONS, RELEASES, SHOP, TestBuildRequest, WatchedPackage, out_of_line, packages, passes,
    prepare, prepare_test, shop_functions,
};
use crate::toolchain::{TestCommand, TestRequest, test_packages, tests::module};

#[test]
fn covered_packages_are_compiled_without_inlining() {
    let folder = module(SHOP);
    let functions = [shop_functions()];
    for release in RELEASES {
        for (arguments, cart) in [
            (&["-cover", "."][..], false),
            (&["-cover", "-covermode=atomic", "./..."], true),
            (&["-coverpkg=./...", "."], true),
            (
                &["-coverprofile=c.out", "-coverpkg=a.test/program", "./..."],
                false,
            ),
        ] {
            let run = passes(folder.path(), release, arguments, &functions);
            assert_eq!(out_of_line(&run), FUNCTIONS, "{release}: {}", run.text());
            let line = run.line();
            assert!(line.contains("-gcflags=a.test/program=-l"), "{line}");
            assert_eq!(
                line.contains("-gcflags=a.test/program/cart=-l"),
                cart,
                "{line}"
            );
        }
    }
}

#[test]
fn flags_that_last_need_no_overlay() {
    let folder = module(SHOP);
    let flags = |arguments: &[&str], watched: &[WatchedPackage]| {
        let packages = packages(folder.path(), "go1.27.3", arguments);
        let request = TestBuildRequest {
            packages: &packages,
            watched: watched.to_vec(),
            exec: vec!["/bin/goproctor".into(), "exec".into()],
            lasting: true,
        };
        let build = prepare_test(&request, &mut |_| {}).unwrap();
        let flags = build.flags.iter();
        let flags = flags.map(|flag| flag.to_str().unwrap().to_owned());
        flags.collect::<Vec<_>>()
    };
    let exec = "-exec=/bin/goproctor exec";
    assert_eq!(
        flags(&["./..."], &[shop_functions()]),
        [
            exec,
            "-gcflags=a.test/program=-l",
            "-gcflags=a.test/program/cart=-l",
            "-ldflags=-w=false -s=false -compressdwarf=false",
        ]
    );
    assert_eq!(
        flags(&["-ldflags=-X a.b=c", "."], &[shop_functions()]),
        [
            exec,
            "-gcflags=a.test/program=-l",
            "-gcflags=a.test/program/cart=-l",
            "-ldflags=a.test/program=-X a.b=c -w=false -s=false -compressdwarf=false",
        ]
    );
    assert_eq!(
        flags(&["."], &[]),
        [exec, "-ldflags=-w=false -s=false -compressdwarf=false"]
    );
}

#[test]
fn the_race_detector_changes_nothing() {
    let folder = module(SHOP);
    for release in ["go1.20.14", "go1.27.3"] {
        for arguments in [&["-race", "."][..], &["-race", "-cover", "."]] {
            let run = passes(folder.path(), release, arguments, &[shop_functions()]);
            assert_eq!(out_of_line(&run), FUNCTIONS, "{release}: {}", run.text());
            assert!(run.has_dwarf("program.test"), "{}", run.text());
        }
    }
}

#[test]
fn the_users_own_flags_hold() {
    let folder = module(SHOP);
    let functions = [shop_functions()];
    for release in RELEASES {
        for arguments in [
            &[
                "-v",
                "-ldflags=-X a.test/program.Version=mine",
                "-gcflags=all=-N",
                "./...",
            ][..],
            &[
                "./...",
                "-v",
                "-gcflags",
                "-N -d=panic=0",
                "-ldflags",
                "all=-X 'a.test/program.Version=mine'",
            ],
            &[
                ".",
                "-ldflags=./...=-s -w -X a.test/program.Version=mine",
                "-v",
                "-gcflags=./...=-N",
            ],
        ] {
            let run = passes(folder.path(), release, arguments, &functions);
            let text = run.text();
            assert!(text.contains("version mine"), "{release}: {text}");
            assert_eq!(out_of_line(&run), FUNCTIONS, "{release}: {text}");
            assert!(run.has_dwarf("program.test"), "{release}: {text}");
            let listed = packages(folder.path(), release, arguments);
            let build = prepare(&listed, &functions, &[Path::new("/bin/env")]).unwrap();
            let again = TestCommand::parse(&build.arguments[1..]);
            assert_eq!(
                again.packages(),
                TestCommand::parse(&arguments.iter().map(Into::into).collect::<Vec<_>>())
                    .packages()
            );
        }
    }
}

#[test]
fn the_users_own_overlay_stays_and_is_hinted() {
    let folder = module(SHOP);
    for (name, text) in [
        (
            "other.txt",
            "package shop\n\nimport \"a.test/program/cart\"\n\nvar Version = \"overlaid\"\n\nvar order = func() int { return 1 }\n\n\
          func Checkout(n int) int { return price(n) + cart.Size(n) }\n\nfunc price(n int) int { return n * 3 }\n",
        ),
        (
            "overlay.json",
            "{\"Replace\": {\"shop.go\": \"other.txt\"}}",
        ),
    ] {
        fs::write(folder.path().join(name), text).unwrap();
    }
    for release in RELEASES {
        let run = passes(
            folder.path(),
            release,
            &["-overlay", "overlay.json", "-v", "."],
            &[shop_functions()],
        );
        assert!(
            run.text().contains("version overlaid"),
            "{release}: {}",
            run.text()
        );
        assert_eq!(out_of_line(&run), FUNCTIONS, "{release}: {}", run.text());
    }
}

#[test]
fn goflags_are_merged() {
    let folder = module(SHOP);
    let mut request = TestRequest::new(TestCommand::parse(&[".".into()]), folder.path());
    request.toolchain = Some("go1.27.3".to_owned());
    request.environment = vec![(
        "GOFLAGS".into(),
        "'-exec=/my/x -v' '-gcflags=all=-N -B' '-ldflags=-X a.test/program.Version=mine' -cover -json"
            .into(),
    )];
    let listed = test_packages(&request, &mut |_| {}).unwrap();
    assert!(listed.packages[0].has_tests() && listed.command.is_set("json"));
    let build = prepare(&listed, &[shop_functions()], &[Path::new("/bin/env")]).unwrap();
    assert_eq!((listed.problem, build.problem), (None, None));
    assert_eq!(build.exec.unwrap(), ["/my/x", "-v"]);
    assert_eq!(build.arguments[..2], ["test", "-exec=/bin/env"]);
    for flag in [
        "-gcflags=a.test/program=-N -B -l",
        "-ldflags=a.test/program=-X a.test/program.Version=mine -w=false -s=false -compressdwarf=false",
    ] {
        assert!(
            build.arguments.iter().any(|given| given == flag),
            "{:?}",
            build.arguments
        );
    }
}

#[test]
fn floats_take_their_packages() {
    let folder = module(SHOP);
    for release in ["go1.16.15", "go1.27.3"] {
        let listed = packages(folder.path(), release, &["./..."]);
        let mut functions = shop_functions();
        functions.floats = vec![
            "cart.Size".to_owned(),
            "outside".to_owned(),
            "program_test.outside".to_owned(),
        ];
        let build = prepare(&listed, &[functions], &[]).unwrap();
        for flag in [
            "-gcflags=a.test/program/cart=-N",
            "-gcflags=a.test/program=-N",
        ] {
            let count = build
                .arguments
                .iter()
                .filter(|given| *given == flag)
                .count();
            assert_eq!(count, 1, "{release}: {:?}", build.arguments);
        }
    }
}
