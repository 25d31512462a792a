//! Packages that are listed, and where they are.

use std::{fs, path::Path};

use tempfile::TempDir;

use super::{
    FUNCTIONS, RELEASES, SHOP, out_of_line, packages, passes, prepare, run, shop_functions, watched,
};
use crate::toolchain::tests::module;

#[test]
fn folders_have_spaces_and_vendored_packages() {
    let folder = TempDir::new().unwrap();
    let shop = folder.path().join("my shop");
    let mut files = SHOP.to_vec();
    files.push((
        "go.mod",
        "module a.test/program\n\ngo 1.15\n\nrequire b.test/far v1.0.0\n",
    ));
    files.push((
        "vendor/modules.txt",
        "# b.test/far v1.0.0\n## explicit\nb.test/far\n",
    ));
    files.push((
        "vendor/b.test/far/far.go",
        "package far\n\nfunc Away(n int) int { return n + 9 }\n",
    ));
    files.push((
        "far_test.go",
        "package shop\n\nimport (\n\t\"testing\"\n\n\t\"b.test/far\"\n)\n\nfunc TestFar(t *testing.T) { t.Log(far.Away(helper(1))) }\n",
    ));
    for (name, text) in files {
        let path = shop.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let mut functions = shop_functions();
    functions.functions.push("far.Away".to_owned());
    for release in RELEASES {
        let run = passes(
            folder.path(),
            release,
            &["-C", "my shop", "./..."],
            &[functions.clone()],
        );
        assert_eq!(out_of_line(&run), FUNCTIONS, "{release}: {}", run.text());
        assert!(
            run.symbols("program.test").contains("b.test/far.Away"),
            "{}",
            run.text()
        );
        assert!(run.has_dwarf("program.test"), "{}", run.text());
    }
}

#[test]
fn what_go_can_not_load_is_left_to_go_test() {
    let folder = module(SHOP);
    fs::create_dir(folder.path().join("broken")).unwrap();
    for (name, text) in [
        ("broken/a.go", "package broken\n\nfunc f( {\n"),
        (
            "broken/a_test.go",
            "package broken\n\nimport _ \"a.test/program/missing\"\n",
        ),
    ] {
        fs::write(folder.path().join(name), text).unwrap();
    }
    for release in RELEASES {
        let listed = packages(folder.path(), release, &["./...", "./nowhere"]);
        assert_eq!(listed.problem, None, "{release}");
        let problems: Vec<&str> = listed
            .packages
            .iter()
            .filter(|p| p.problem.is_some())
            .map(|p| p.import_path.as_str())
            .collect();
        assert!(
            problems.iter().any(|path| path.ends_with("nowhere")),
            "{release}: {problems:?}"
        );
        let run = run(
            folder.path(),
            release,
            &["./...", "./nowhere"],
            &[
                shop_functions(),
                watched("a.test/program/broken", &["broken.f"]),
            ],
        );
        assert_eq!(
            run.output.status.code(),
            Some(1),
            "{release}: {}",
            run.text()
        );
        assert!(run.text().contains("nowhere"), "{release}: {}", run.text());

        let empty = TempDir::new().unwrap();
        let listed = packages(empty.path(), release, &["./..."]);
        let mut listed_packages = listed.packages.iter();
        assert!(
            listed_packages.all(|package| package.problem.is_some()),
            "{release}: {listed:?}"
        );
        let build = prepare(
            &listed,
            &[watched("a.test/program", &["program.*"])],
            &[Path::new("/bin/env")],
        )
        .unwrap();
        assert_eq!(build.arguments, ["test", "-exec=/bin/env", "./..."]);
    }
}

#[test]
fn packages_say_what_they_have() {
    let folder = module(SHOP);
    for release in RELEASES {
        let listed = packages(folder.path(), release, &["./..."]);
        let told: Vec<(&str, &str, usize, usize)> = listed
            .packages
            .iter()
            .map(|p| {
                (
                    p.import_path.as_str(),
                    p.name.as_str(),
                    p.internal_tests.len(),
                    p.external_tests.len(),
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("a.test/program", "shop", 1, 1),
                ("a.test/program/cart", "cart", 1, 0),
                ("a.test/program/plain", "plain", 0, 0),
                ("a.test/program/serve", "main", 1, 0),
            ],
            "{release}"
        );
        assert!(
            listed
                .packages
                .iter()
                .all(|p| p.main_module && p.problem.is_none())
        );
        assert_eq!(
            listed.packages[1].folder,
            fs::canonicalize(folder.path()).unwrap().join("cart")
        );
        assert!(!listed.packages[2].has_tests());
        let files = packages(
            folder.path(),
            release,
            &["cart/cart.go", "cart/cart_test.go"],
        );
        assert_eq!(files.packages[0].import_path, "command-line-arguments");
        let run = passes(
            folder.path(),
            release,
            &["cart/cart.go", "cart/cart_test.go"],
            &[watched(
                "command-line-arguments",
                &["command-line-arguments.Size"],
            )],
        );
        let (name, _) = run.binaries.first_key_value().unwrap();
        assert!(
            run.has_dwarf(name) && run.symbols(name).contains("command-line-arguments.Size"),
            "{}",
            run.text()
        );
    }
}
