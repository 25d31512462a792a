//! What runs of Go tests leave behind under `go test -artifacts`.

use std::{
    fs::{self, File, Permissions},
    io::{self, BufWriter, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use model::{Observation, ScopeId};
use regex::Regex;

use crate::{
    report::{Perfetto, TestReport, run_lines},
    session::TestBinary,
};

/// The first release (`go1.N`) whose tests have artifacts.
const SINCE: u32 = 26;

/// The calls of a run as a timeline.
const TIMELINE: &str = "timeline.json";

/// The calls of a run as JSON lines.
const CALLS: &str = "calls.jsonl";

/// Where the tests of a package leave artifacts.
pub(super) struct Artifacts {
    /// The folder of all packages: `_artifacts`.
    folder: PathBuf,
    /// The import path of the package without that of its module.
    package: String,
}

impl Artifacts {
    /// Those of a test binary in the folder of all artifacts; none if its release has none.
    pub(super) fn of(binary: &TestBinary<'_>, folder: PathBuf) -> Option<Self> {
        (binary.minor() >= SINCE).then(|| Self {
            folder,
            package: within_module(binary.import_path(), binary.module()).to_owned(),
        })
    }

    /// The folder that the directories of a test are in.
    pub(super) fn of_test(&self, test: &str) -> PathBuf {
        self.folder.join(base(&self.package, test))
    }

    /// Writes what was seen of a run into a directory of its own, and gives that; none if nothing could be seen.
    pub(super) fn leave(&self, report: &TestReport) -> io::Result<Option<PathBuf>> {
        let Some(Ok(run)) = report.evidence.scopes.first() else {
            return Ok(None);
        };
        let folder = self.of_test(&report.name);
        fs::create_dir_all(&folder)?;
        // As os.MkdirTemp makes it; one that could not be filled goes again.
        let directory = tempfile::Builder::new()
            .prefix("")
            .permissions(Permissions::from_mode(0o700))
            .tempdir_in(&folder)?;
        write(directory.path(), &report.evidence.observation, *run)?;
        Ok(Some(directory.keep()))
    }
}

fn write(directory: &Path, observation: &Observation, run: ScopeId) -> io::Result<()> {
    let file = |name: &str| File::create(directory.join(name)).map(BufWriter::new);
    let mut timeline = Perfetto::new(file(TIMELINE)?);
    timeline.add_within(observation, run)?;
    timeline.finish()?;
    let mut calls = file(CALLS)?;
    for line in run_lines(observation, run) {
        serde_json::to_writer(&mut calls, &line)?;
        calls.write_all(b"\n")?;
    }
    calls.flush()
}

/// A package's import path without that of its module.
fn within_module<'p>(import_path: &'p str, module: &str) -> &'p str {
    let rest = import_path.strip_prefix(module).unwrap_or(import_path);
    rest.strip_prefix('/').unwrap_or(rest)
}

/// The folder of a test's directories, as `testing.(*common).relativeArtifactBase` names it from Go 1.27 on. Go 1.26 means the same,
/// but begins its path with a slash, and then drops it as no local one.
fn base(package: &str, test: &str) -> String {
    let name = shortened(&test.replace('/', "__"));
    let path = match package {
        "" => name,
        package => format!("{package}/{name}"),
    };
    let path = SYMBOLS.replace_all(&path, "").into_owned();
    // fs.ValidPath
    let is_element = |element: &str| !matches!(element, "" | "." | "..");
    match path.split('/').all(is_element) {
        true => path,
        false => String::new(),
    }
}

/// What has no place in a path (testing.removeSymbolsExcept).
#[expect(
    clippy::expect_used,
    reason = "the pattern is a constant, and the tests compile it"
)]
static SYMBOLS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[^\p{L}\p{N}!#$%&()+,\-.=@^_{}~ /]").expect("the pattern is well-formed")
});

/// A name of 64 bytes at most: the last ones of a longer one are its hash.
fn shortened(name: &str) -> String {
    const MAX: usize = 64;
    if name.len() <= MAX {
        return name.to_owned();
    }
    let hash = format!("{:x}", hash(name));
    let kept = name.as_bytes().get(..MAX - hash.len()).unwrap_or_default();
    // Of a character that is cut nothing stays: its replacement is a symbol.
    format!("{}{hash}", String::from_utf8_lossy(kept))
}

/// testing.hashString
fn hash(text: &str) -> u64 {
    text.bytes().fold(0, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(1_099_511_628_211)
    })
}

#[cfg(test)]
mod tests {
    use super::{base, within_module};

    #[test]
    fn a_package_is_named_within_its_module() {
        for (import_path, module, within) in [
            ("example.com/shop", "example.com/shop", ""),
            ("example.com/shop/cart", "example.com/shop", "cart"),
            ("example.com/other", "example.com/shop", "example.com/other"),
            ("strings", "", "strings"),
            ("", "", ""),
        ] {
            assert_eq!(within_module(import_path, module), within, "{import_path}");
        }
    }

    // Worked out from the source of Go 1.27.3; the live tests hold names of these kinds against those that testing itself gives.
    #[test]
    fn a_test_is_named_as_testing_names_its_artifacts() {
        const LONG: &str =
            "TestVeryLongNameThatExceedsSixtyFourCharactersAndThereforeMustBeTruncatedAndHashed";
        for (package, test, path) in [
            ("", "TestRoot", "TestRoot"),
            (
                "deep/pkg",
                "TestParent/Sub_Test",
                "deep/pkg/TestParent__Sub_Test",
            ),
            (
                "p",
                "TestX/with*stars:and\\more",
                "p/TestX__withstarsandmore",
            ),
            ("p", "TestX/é½中", "p/TestX__é½中"),
            ("p", "TestX/हिन्दी☕", "p/TestX__हनद"),
            ("p", "TestX/#00", "p/TestX__#00"),
            ("a:b", "TestX", "ab/TestX"),
            ("*", "TestX", ""),
            ("..", "TestX", ""),
            (
                "p",
                LONG,
                "p/TestVeryLongNameThatExceedsSixtyFourCharactersAn7b94cc4fce19e465",
            ),
            (
                "p",
                "TestX/ääääääääääääääääääääääääääääääääääääääää",
                "p/TestX__ääääääääääääääääääääe8354d8059d69bea",
            ),
        ] {
            assert_eq!(base(package, test), path, "{package} {test}");
        }
    }
}
