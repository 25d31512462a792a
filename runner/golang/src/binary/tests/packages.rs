//! What packages are called, against what programs tell of their own types.

use model::{TypeId, notation::short_name};

use super::{types::everything, *};

const MAIN: &str = r#"package main

import (
	"fmt"

	fiber "example.com/program.v2/inner/v3"
	"example.com/program.v2/plain"
	yaml "example.com/program.v2/yaml.v3"
)

func tell(value interface{}) { fmt.Printf("%T\n", value) }

func main() {
	tell(fiber.New())
	tell(map[string]*yaml.Node{"a": yaml.New()})
	tell([]plain.Item{*plain.New()})
}
"#;

fn build(release: &str) -> Program {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for (path, package, ty) in [
        ("inner/v3", "fiber", "Error"),
        ("yaml.v3", "yaml", "Node"),
        ("plain", "plain", "Item"),
    ] {
        fs::create_dir_all(at(path)).unwrap();
        let source = format!(
            "package {package}\n\ntype {ty} struct{{ N int }}\n\n//go:noinline\nfunc New() *{ty} {{ return &{ty}{{1}} }}\n"
        );
        fs::write(at(path).join("code.go"), source).unwrap();
    }
    fs::write(at("main.go"), MAIN).unwrap();
    let module = "module example.com/program.v2\n\ngo 1.15\n";
    fs::write(at("go.mod"), module).unwrap();
    let path = at("program");
    let mut go = go(release);
    output(
        go.current_dir(folder.path())
            .args(["build", "-o", "program", "."]),
    );
    Program {
        _folder: folder,
        path,
        release: release.to_owned(),
    }
}

#[test]
fn packages_are_called_as_their_source_says() {
    for release in RELEASES {
        let program = build(release);
        let told = output(&mut Command::new(&program.path));
        assert_eq!(told, "*fiber.Error\nmap[string]*yaml.Node\n[]plain.Item\n");
        let binary = program.open();
        let meant = binary.packages().meanings("yaml.New").unwrap().short_for;
        let meant: Vec<_> = meant.iter().map(|pattern| pattern.text()).collect();
        assert_eq!(
            meant,
            ["example.com/program.v2/yaml.v3.New", "main.yaml.New"],
            "with {release}"
        );
        let types = everything(&binary, &[]).types;
        let packages = types.packages();
        for (path, name) in [
            ("example.com/program.v2/inner/v3", "fiber"),
            ("example.com/program.v2/yaml.v3", "yaml"),
        ] {
            let known = packages.of(&format!("{path}.New"));
            assert_eq!(known, Some((path, name)), "with {release}");
        }
        assert_eq!(packages.of("example.com/program.v2/plain.New"), None);
        let all = (0..u32::try_from(types.len()).unwrap()).map(TypeId);
        let short: BTreeSet<_> = all.map(|ty| short_name(types.name(ty), packages)).collect();
        for line in told.lines() {
            assert!(short.contains(line), "{line} with {release}");
        }
    }
}
