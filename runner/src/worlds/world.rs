//! What a program is built and run with, where it is not as its spec says.

use std::{ffi::OsString, path::PathBuf};

use model::Retention;
use spec::{
    Span, Spanned, Spec,
    document::{Origin, Template, TemplatePart, Test},
};

use crate::session::{self, Watch, WatchedFunction};

/// What a program is built and run with, where it is not as its spec says. Nothing of the default is.
#[derive(Clone, Debug, Default)]
pub(crate) struct World {
    /// The Go release that wins over the spec's own: `go1.26.8`.
    pub(crate) release: Option<String>,
    /// The folder that stands for the spec's own: that of another revision. The spec itself and its snapshots stay where they are.
    pub(crate) folder: Option<PathBuf>,
    /// A binary that stands for the program.
    pub(crate) binary: Option<PathBuf>,
    /// Flags for `go build` and `go test` after the spec's own: `-modfile=…`. Paths in them are absolute, or relative to the folder
    /// that go runs in.
    pub(crate) flags: Vec<String>,
    /// Variables of go itself: GOEXPERIMENT.
    pub(crate) build_environment: Vec<(OsString, OsString)>,
    /// Variables of the program, or of the test binary: GODEBUG.
    pub(crate) environment: Vec<(String, String)>,
    /// Further functions to watch, under labels that the spec does not have. Verdicts and snapshots are those without them. One that
    /// the program does not have is left out: no label of the observation is its own then.
    pub(crate) watched: Vec<WatchedFunction>,
}

impl World {
    /// A spec as it is in this world, with some of its tests.
    pub(super) fn spec(&self, spec: &Spec, tests: &[&Test]) -> Spec {
        let mut spec = spec.clone();
        let is_meant = |test: &Test| {
            tests
                .iter()
                .any(|meant| meant.name.value == test.name.value)
        };
        spec.tests.retain(is_meant);
        let program = &mut spec.program;
        program.build_with(self.release.as_deref());
        if let Some(binary) = &self.binary {
            program.origin = Origin::Binary(unplaced(binary.clone()));
        }
        let flags = self.flags.iter().cloned().map(unplaced);
        program.build.flags.extend(flags);
        for (name, value) in &self.environment {
            program.env.retain(|(existing, _)| existing != name);
            let value = Template {
                parts: vec![TemplatePart::Literal(value.clone())],
            };
            program.env.push((name.clone(), unplaced(value)));
        }
        spec
    }

    /// What is watched for a spec that is [as it is in this world](Self::spec). At least so much is to be kept of each test's calls.
    pub(super) fn watch(&self, spec: &Spec, at_least: Retention) -> Watch {
        let mut watch = session::watch_of(spec, at_least);
        if let Some(folder) = &self.folder {
            watch.folder.clone_from(folder);
        }
        watch.build_environment.clone_from(&self.build_environment);
        watch.functions.extend(self.watched.iter().cloned());
        watch
    }
}

/// Something that no place in a file says.
fn unplaced<T>(value: T) -> Spanned<T> {
    Spanned::new(value, Span::default())
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use model::Retention;
    use spec::{Source, Spec, document::Origin};

    use super::World;

    const SPEC: &str = r#"
[program]
package = "./cmd/shop"
args = ["${port}"]
env = { MODE = "test", GODEBUG = "a=1" }
toolchain = "go1.21.13"
build = { flags = ["-trimpath"] }

[functions]
publish = "main.publish"

[[test]]
name = "one"
request = { get = "/" }
count = { publish = 1 }

[[test]]
name = "two"
request = { get = "/" }
count = { publish = 1 }
"#;

    fn spec() -> Spec {
        let source = Source::new("shop/shop.proctor.toml", SPEC);
        spec::parse(source).unwrap()
    }

    #[test]
    fn a_spec_is_as_its_world_says() {
        let spec = spec();
        let world = World {
            release: Some("go1.27.3".to_owned()),
            flags: vec!["-modfile=/other.mod".to_owned()],
            environment: vec![("GODEBUG".to_owned(), "b=0".to_owned())],
            ..World::default()
        };
        let other = world.spec(&spec, &[&spec.tests[1]]);
        assert_eq!(other.tests.len(), 1);
        assert_eq!(other.tests[0].name.value, "two");
        assert_eq!(other.program.toolchain.unwrap().value, "go1.27.3");
        let flags: Vec<_> = other.program.build.flags.iter().map(|f| &f.value).collect();
        assert_eq!(flags, ["-trimpath", "-modfile=/other.mod"]);
        let names: Vec<_> = other.program.env.iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["MODE", "GODEBUG"]);
    }

    #[test]
    fn a_spec_is_as_it_is_where_its_world_says_nothing() {
        let spec = spec();
        let same = World::default().spec(&spec, &spec.tests.iter().collect::<Vec<_>>());
        assert_eq!(format!("{same:?}"), format!("{spec:?}"));
    }

    #[test]
    fn another_folder_and_binary_stand_for_its_own() {
        let spec = spec();
        let world = World {
            folder: Some(PathBuf::from("/revision/shop")),
            binary: Some(PathBuf::from("/bin/shop")),
            ..World::default()
        };
        let other = world.spec(&spec, &[&spec.tests[0]]);
        assert!(
            matches!(&other.program.origin, Origin::Binary(path) if path.value == Path::new("/bin/shop"))
        );
        assert_eq!(other.folder(), Path::new("shop"), "its snapshots stay");
        let watch = world.watch(&other, Retention::Totals);
        assert_eq!(watch.folder, Path::new("/revision/shop"));
    }
}
