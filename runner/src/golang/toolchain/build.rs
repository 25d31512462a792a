//! `go build` of the program under test.

use std::{
    collections::{BTreeSet, HashMap},
    ffi::OsString,
    fs,
    os::unix::fs::{PermissionsExt, chown},
    path::{Path, PathBuf},
    sync::{Arc, atomic::AtomicBool},
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use super::{
    command::Toolchain,
    error::BuildError,
    flags::{self, Flag, Place},
    gcflags::{self, Setting},
    hints::{Hints, Reach},
    list::{self, Package},
    release::Release,
    source::{DeclaredFunction, Literal},
    wanted::Wanted,
};

/// What to build, and how.
#[derive(Clone, Debug)]
pub struct BuildRequest {
    /// The package: an import path, or a path that is absolute or begins with `.`.
    pub package: String,
    /// The folder that a relative package starts from, and where an import path is resolved.
    pub folder: PathBuf,
    /// Where the binary goes; it must exist and be writable for `user`.
    pub output: PathBuf,
    /// The functions that must not be inlined: names or globs.
    pub functions: Vec<String>,
    /// Import paths of packages in which nothing is to be inlined; `main` for the program's own. For a second build
    /// when a function was inlined in spite of a hint: a closure into its function, a generic of a dependency into
    /// the package that uses it.
    pub no_inline_packages: Vec<String>,
    /// The go command; none to look for it on the PATH and in the usual places.
    pub go: Option<PathBuf>,
    /// The release to build with, `go1.26.8` or `1.26.8`, or `local`; none for the go command's own choice.
    pub toolchain: Option<String>,
    /// Build tags.
    pub tags: Vec<String>,
    /// Further flags for `go build`, an argument each. Paths in them are relative to the folder that go runs in: the
    /// package's, or [`Self::folder`] for an import path.
    pub flags: Vec<String>,
    /// Whether to build with the race detector.
    pub race: bool,
    /// Variables that are added to the environment of go.
    pub environment: Vec<(OsString, OsString)>,
    /// Whom go runs as; none for ourselves.
    pub user: Option<BuildUser>,
    /// When it becomes true the build ends at once, and go with all that it started.
    pub cancel: Arc<AtomicBool>,
}

impl BuildRequest {
    /// A request with nothing but the package, the folder that it is relative to, and the output folder.
    #[must_use]
    pub fn new(
        package: impl Into<String>,
        folder: impl Into<PathBuf>,
        output: impl Into<PathBuf>,
    ) -> Self {
        Self {
            package: package.into(),
            folder: folder.into(),
            output: output.into(),
            functions: Vec::new(),
            no_inline_packages: Vec::new(),
            go: None,
            toolchain: None,
            tags: Vec::new(),
            flags: Vec::new(),
            race: false,
            environment: Vec::new(),
            user: None,
            cancel: Arc::default(),
        }
    }

    /// The request with functions that must not be inlined.
    #[must_use]
    pub fn watching<T: Into<String>>(mut self, functions: impl IntoIterator<Item = T>) -> Self {
        self.functions.extend(functions.into_iter().map(Into::into));
        self
    }
}

/// An account that go runs as, with its own caches and settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildUser {
    /// User id.
    pub uid: u32,
    /// Group id; supplementary groups are dropped.
    pub gid: u32,
    /// Login name.
    pub name: String,
    /// Home folder.
    pub home: PathBuf,
}

/// A program that was built.
#[derive(Debug)]
pub struct Built {
    /// The binary, in the output folder.
    pub binary: PathBuf,
    /// The release that built it.
    pub release: Release,
    /// The command line as it was run, for a shell. The overlay in it is gone.
    pub command: String,
    /// How long all of it took, go's own time included.
    pub took: Duration,
    /// How much of that was spent waiting for `go build` alone.
    pub go_took: Duration,
    /// What the source declares.
    pub declarations: Declarations,
}

/// What the source of the packages declares that may hold wanted functions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declarations {
    /// Functions and methods.
    pub functions: Vec<DeclaredFunction>,
    /// Literals outside of functions.
    pub literals: Vec<Literal>,
}

impl Declarations {
    /// The function of that name, without type parameters. A name that is declared but not in the binary was dropped
    /// by the linker, because nothing calls it.
    #[must_use]
    pub fn function(&self, name: &str) -> Option<&DeclaredFunction> {
        self.functions.iter().find(|function| function.name == name)
    }

    /// The literal of that name.
    #[must_use]
    pub fn literal(&self, name: &str) -> Option<&Literal> {
        let inner = self
            .functions
            .iter()
            .flat_map(|function| &function.literals);
        inner
            .chain(&self.literals)
            .find(|literal| literal.name == name)
    }
}

/// Builds a program whose wanted functions are not inlined. Each line that go says meanwhile goes to `progress`.
///
/// # Errors
/// Go is not found or can't be had in that release, the package is none or no program, a flag can't be used, or go
/// itself fails; or it was cancelled.
pub fn build(request: &BuildRequest, progress: &mut dyn FnMut(&str)) -> Result<Built, BuildError> {
    let started = Instant::now();
    let wanted = request
        .functions
        .iter()
        .map(|text| Wanted::parse(text))
        .collect::<Result<Vec<_>, _>>()?;
    let given = given_flags(request)?;
    let target = Target::of(request)?;
    let output =
        fs::canonicalize(&request.output).map_err(BuildError::file(&request.output, "find"))?;
    let toolchain = Toolchain::find(request, &target.folder, progress)?;

    let mut all_flags = flags::parse(&toolchain.goflags, Place::Environment)?;
    all_flags.extend(given.iter().cloned());
    flags::check(&all_flags)?;

    let packages = list_packages(request, &toolchain, &target, &given, progress)?;
    let root = the_program(request, &packages)?;
    flags::check_linker(&all_flags, root, &target.folder)?;

    let mut replaced = read_overlay(&all_flags, &target.folder)?;
    let reach = Reach {
        overlay: toolchain.release.has_overlay(),
        module_cache: &toolchain.module_cache,
        replaced: &replaced,
    };
    let hints = Hints::find(&packages, &wanted, &reach)?;
    let overlay = write_overlay(&hints, &mut replaced, request.user.as_ref())?;

    let binary = output.join(binary_name(root));
    let mut arguments: Vec<OsString> = vec!["build".into(), "-o".into(), binary.clone().into()];
    arguments.extend(given.iter().map(|flag| flag.argument().into()));
    arguments.extend(without_inlining(
        request,
        &packages,
        &hints,
        &all_flags,
        &target.folder,
    ));
    if let Some(overlay) = &overlay {
        let mut argument = OsString::from("-overlay=");
        argument.push(overlay.path().join("overlay.json"));
        arguments.push(argument);
    }
    arguments.push(target.package.into());

    let command = toolchain.line(&arguments);
    let go_started = Instant::now();
    let finished = toolchain.run(&arguments, &request.cancel, progress)?;
    if !finished.status.success() {
        return Err(BuildError::Failed {
            output: or_status(finished.stderr, finished.status),
            command,
        });
    }
    Ok(Built {
        binary,
        release: toolchain.release,
        command,
        took: started.elapsed(),
        go_took: go_started.elapsed(),
        declarations: hints.declarations,
    })
}

/// Copies a binary that exists already into a folder, so that probes on it reach our own process alone.
///
/// # Errors
/// It is no file, or can't be read or written.
pub fn copy_binary(binary: &Path, folder: &Path) -> Result<PathBuf, BuildError> {
    let data = fs::metadata(binary).map_err(BuildError::file(binary, "read"))?;
    let name = binary.file_name().filter(|_| data.is_file());
    let Some(name) = name else {
        let source = std::io::Error::other("it is not a file: name the program's binary");
        return Err(BuildError::File {
            path: binary.to_owned(),
            action: "run",
            source,
        });
    };
    let copy = folder.join(name);
    fs::copy(binary, &copy).map_err(BuildError::file(&copy, "write"))?;
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o755))
        .map_err(BuildError::file(&copy, "make executable"))?;
    Ok(copy)
}

/// Where go runs and what it is told to build.
struct Target {
    folder: PathBuf,
    package: String,
}

impl Target {
    /// A path becomes the folder that go runs in: it may lie in another module than the folder it is relative to.
    fn of(request: &BuildRequest) -> Result<Self, BuildError> {
        let package = request.package.as_str();
        let local = matches!(package, "." | "..")
            || ["./", "../", "/"]
                .iter()
                .any(|start| package.starts_with(start));
        let (folder, package) = match local {
            true => (request.folder.join(package), "."),
            false => (request.folder.clone(), package),
        };
        match fs::canonicalize(&folder) {
            Ok(folder) if folder.is_dir() => Ok(Self {
                folder,
                package: package.to_owned(),
            }),
            _ => Err(BuildError::NoFolder {
                package: request.package.clone(),
                folder,
            }),
        }
    }
}

/// The flags of the request: its own options first, so that a flag that is given has the last word.
fn given_flags(request: &BuildRequest) -> Result<Vec<Flag>, BuildError> {
    let mut arguments = Vec::new();
    if request.race {
        arguments.push("-race".to_owned());
    }
    if !request.tags.is_empty() {
        arguments.push(format!("-tags={}", request.tags.join(",")));
    }
    arguments.extend(request.flags.iter().cloned());
    flags::parse(&arguments, Place::Spec)
}

fn list_packages(
    request: &BuildRequest,
    toolchain: &Toolchain,
    target: &Target,
    given: &[Flag],
    progress: &mut dyn FnMut(&str),
) -> Result<Vec<Package>, BuildError> {
    let mut arguments: Vec<OsString> = ["list", "-deps", "-e", "-f", list::TEMPLATE]
        .map(OsString::from)
        .into();
    if toolchain.release.has_buildvcs() {
        arguments.push("-buildvcs=false".into());
    }
    arguments.extend(flags::for_list(given).map(OsString::from));
    // A package path can't be taken for a flag.
    arguments.extend(["--".into(), target.package.clone().into()]);
    let finished = toolchain.run(&arguments, &request.cancel, progress)?;
    let failed = |output| BuildError::ListFailed {
        package: request.package.clone(),
        output,
        hint: hint_for(request),
    };
    if !finished.status.success() {
        return Err(failed(or_status(finished.stderr, finished.status)));
    }
    list::parse(&finished.stdout)
        .ok_or_else(|| failed("go list printed something that is not understood".to_owned()))
}

/// Advice for a folder that was written like an import path.
fn hint_for(request: &BuildRequest) -> String {
    match request.folder.join(&request.package).is_dir() && !request.package.starts_with(['.', '/'])
    {
        true => format!(
            "\nIf the folder is meant, write it as ./{}",
            request.package
        ),
        false => String::new(),
    }
}

/// The one package that was named; it must be a program. One that has no name is go's to complain about.
fn the_program<'a>(
    request: &BuildRequest,
    packages: &'a [Package],
) -> Result<&'a Package, BuildError> {
    let named: Vec<&Package> = packages.iter().filter(|package| package.root).collect();
    let &[root] = named.as_slice() else {
        return Err(BuildError::NotOnePackage {
            package: request.package.clone(),
            count: named.len(),
        });
    };
    if root.name != "main" && !root.name.is_empty() {
        return Err(BuildError::NotAProgram {
            package: request.package.clone(),
            name: root.name.clone(),
        });
    }
    Ok(root)
}

/// The `-gcflags` for the packages that are compiled without inlining, after all others and with what those say.
fn without_inlining(
    request: &BuildRequest,
    packages: &[Package],
    hints: &Hints,
    all_flags: &[Flag],
    folder: &Path,
) -> Vec<OsString> {
    let settings: Vec<Setting> = all_flags
        .iter()
        .filter(|flag| flag.name == "gcflags")
        .filter_map(|flag| Some(Setting::parse(flag.value.as_deref()?, folder)))
        .collect();
    let asked: BTreeSet<&str> = request
        .no_inline_packages
        .iter()
        .map(String::as_str)
        .collect();
    let is_meant = |package: &&Package| {
        hints.packages.contains(&package.import_path)
            || asked.contains(package.import_path.as_str())
            || asked.contains(package.prefix())
    };
    packages
        .iter()
        .filter(is_meant)
        .filter_map(|package| gcflags::without_inlining(&settings, package))
        .map(OsString::from)
        .collect()
}

/// The file that `go build -overlay` takes.
#[derive(Default, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Overlay {
    #[serde(default)]
    replace: HashMap<PathBuf, PathBuf>,
}

/// What the user's own overlay replaces, by full path; none for a file that it removes.
fn read_overlay(
    flags: &[Flag],
    folder: &Path,
) -> Result<HashMap<PathBuf, Option<PathBuf>>, BuildError> {
    let given = flags
        .iter()
        .rfind(|flag| flag.name == "overlay")
        .and_then(|flag| flag.value.as_ref());
    let Some(path) = given
        .filter(|path| !path.is_empty())
        .map(|path| folder.join(path))
    else {
        return Ok(HashMap::new());
    };
    let text = fs::read(&path).map_err(BuildError::file(&path, "read"))?;
    let overlay: Overlay =
        serde_json::from_slice(&text).map_err(|error| BuildError::InvalidOverlay {
            path,
            reason: error.to_string(),
        })?;
    let full = |(from, to): (PathBuf, PathBuf)| {
        let to = (!to.as_os_str().is_empty()).then(|| folder.join(to));
        (folder.join(from), to)
    };
    Ok(overlay.replace.into_iter().map(full).collect())
}

/// Writes the hinted files and the overlay that puts them in place, into a folder that lives as long as the result.
fn write_overlay(
    hints: &Hints,
    replaced: &mut HashMap<PathBuf, Option<PathBuf>>,
    user: Option<&BuildUser>,
) -> Result<Option<TempDir>, BuildError> {
    if hints.files.is_empty() {
        return Ok(None);
    }
    let temporary = std::env::temp_dir();
    let folder = tempfile::Builder::new()
        .prefix("goproctor-overlay-")
        .tempdir_in(&temporary)
        .map_err(BuildError::file(temporary, "write"))?;
    for (number, (path, text)) in hints.files.iter().enumerate() {
        let file = folder.path().join(format!("{number}.go"));
        fs::write(&file, text).map_err(BuildError::file(&file, "write"))?;
        replaced.insert(path.clone(), Some(file));
    }
    let replace = replaced
        .iter()
        .map(|(from, to)| (from.clone(), to.clone().unwrap_or_default()))
        .collect();
    let json = folder.path().join("overlay.json");
    let text =
        serde_json::to_vec(&Overlay { replace }).map_err(|error| BuildError::InvalidOverlay {
            path: json.clone(),
            reason: error.to_string(),
        })?;
    fs::write(&json, text).map_err(BuildError::file(&json, "write"))?;
    if let Some(user) = user {
        chown(folder.path(), Some(user.uid), Some(user.gid))
            .map_err(BuildError::file(folder.path(), "hand over"))?;
    }
    Ok(Some(folder))
}

/// The name that `go build` would give the binary: the last element of the import path that is no version.
fn binary_name(root: &Package) -> &str {
    let is_version = |element: &str| {
        element
            .strip_prefix('v')
            .is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_digit()) && !digits.is_empty())
    };
    let mut elements = root
        .import_path
        .rsplit('/')
        .filter(|element| !element.is_empty());
    elements
        .find(|element| !is_version(element))
        .unwrap_or("program")
}

fn or_status(output: String, status: std::process::ExitStatus) -> String {
    match output.is_empty() {
        true => status.to_string(),
        false => output,
    }
}
