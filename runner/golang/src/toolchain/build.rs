//! `go build` of the program under test.

use std::{
    collections::BTreeSet,
    ffi::OsString,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use super::{
    command::Toolchain,
    compiler::{Compiler, bears_unoptimised, without_inlining},
    error::BuildError,
    flag::{Flag, Place},
    flags, gcflags,
    hints::{HintFinder, Reach},
    list::{self, Package},
    optimisation::Unoptimised,
    overlay, replacement,
    request::BuildRequest,
    source::Declarations,
};
use crate::{GoRelease, names};

/// A program that was built.
#[derive(Debug)]
pub struct Built {
    /// The binary, in the output folder.
    pub binary: PathBuf,
    /// The release that built it.
    pub release: GoRelease,
    /// The command line as it was run, for a shell. The overlay in it is gone.
    pub command: String,
    /// How long all of it took, go's own time included.
    pub took: Duration,
    /// How much of that was spent waiting for `go build` alone.
    pub go_took: Duration,
    /// What the source declares.
    pub declarations: Declarations,
}

/// Builds a program whose wanted functions are not inlined, and hands each line that go prints to `progress`.
///
/// # Errors
/// Go is not found, that release is unavailable, the package does not exist or is not a program, a flag is not
/// supported, go itself fails, or the build was cancelled.
pub fn build(request: &BuildRequest, progress: &mut dyn FnMut(&str)) -> Result<Built, BuildError> {
    let started = Instant::now();
    let given = given_flags(request)?;
    let target = Target::of(request)?;
    let output =
        fs::canonicalize(&request.output).map_err(BuildError::file(&request.output, "find"))?;
    let toolchain = Toolchain::find(request.go_options(), &target.folder, progress)?;

    let mut all_flags = flags::parse(&toolchain.goflags, Place::Environment)?;
    all_flags.extend(given.iter().cloned());
    flags::check(&all_flags)?;

    let packages = list_packages(request, &toolchain, &target, &given, progress)?;
    let root = the_program(request, &packages)?;
    flags::check_linker(&all_flags, root, &target.folder)?;

    let mut replaced = replacement::read(&all_flags, &target.folder)?;
    let covered = BTreeSet::new();
    let mut finder = HintFinder::new(Reach {
        overlay: flags::is_known("-overlay", &toolchain.release),
        changes_loops: overlay::changes_loops(&toolchain.release),
        module_cache: &toolchain.module_cache,
        replaced: &replaced,
        covered: &covered,
    });
    let wanted = list::patterns(&packages, request.functions.iter().map(String::as_str))?;
    let declarations = finder.read(&packages, &wanted)?;
    let hints = finder.finish();
    let overlay = replacement::write(&hints.files, &mut replaced, request.user.as_ref())?;

    let binary = output.join(binary_name(root));
    let arguments = |unoptimised: &Unoptimised| {
        let mut arguments: Vec<OsString> = vec!["build".into(), "-o".into(), binary.clone().into()];
        arguments.extend(quick_linking(&all_flags).map(OsString::from));
        arguments.extend(given.iter().map(|flag| flag.argument().into()));
        let compiler = Compiler {
            without_inlining: &without_inlining(
                &request.without_inlining,
                &hints.packages,
                &packages,
            ),
            unoptimised,
            settings: &gcflags::settings(&all_flags, "gcflags", &target.folder),
        };
        arguments.extend(compiler.flags(&packages));
        if let Some(overlay) = &overlay {
            arguments.push(replacement::argument(overlay));
        }
        // A package path can't be taken for a flag.
        arguments.extend(["--".into(), target.package.clone().into()]);
        arguments
    };
    let floats = list::patterns(&packages, request.floats.iter().map(String::as_str))?;
    let unoptimised = Unoptimised::find(&packages, &floats, &declarations);

    let go_started = Instant::now();
    let mut line = arguments(&unoptimised);
    let mut finished = toolchain.run(&line, &request.cancel, progress)?;
    let less = unoptimised
        .declaring_only()
        .filter(|_| !finished.status.success() && !bears_unoptimised(&toolchain.release));
    if let Some(less) = less {
        progress(
            "the compiler fails on generic functions without optimisation: building again with it",
        );
        line = arguments(&less);
        finished = toolchain.run(&line, &request.cancel, progress)?;
    }
    let command = toolchain.line(&line);
    if !finished.status.success() {
        return Err(BuildError::Failed {
            output: replacement::original_names(
                &or_status(finished.stderr, finished.status),
                &replaced,
                &target.folder,
            ),
            hint: hint_for(request),
            command,
        });
    }
    Ok(Built {
        binary,
        release: toolchain.release,
        command,
        took: started.elapsed(),
        go_took: go_started.elapsed(),
        declarations,
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

/// Where go runs and what it builds.
pub(super) struct Target {
    pub(super) folder: PathBuf,
    pub(super) package: String,
}

impl Target {
    /// A path becomes the folder that go runs in: it may lie in another module than the folder it is relative to.
    pub(super) fn of(request: &BuildRequest) -> Result<Self, BuildError> {
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

/// What spares the linker compressing what is read at once. Somebody's own settings of the linker stay as they are.
fn quick_linking(all_flags: &[Flag]) -> Option<&'static str> {
    let is_set = all_flags.iter().any(|flag| flag.name == "ldflags");
    (!is_set).then_some("-ldflags=-compressdwarf=false")
}

/// The flags of the request: its own options first, so that a flag that is given has the last word.
pub(super) fn given_flags(request: &BuildRequest) -> Result<Vec<Flag>, BuildError> {
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
    if flags::is_known("-buildvcs", &toolchain.release) {
        arguments.push("-buildvcs=false".into());
    }
    arguments.extend(flags::for_list(given).map(OsString::from));
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
    list::parse(&finished.stdout).ok_or_else(|| failed(list::NOT_UNDERSTOOD.to_owned()))
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

/// The name that `go build` would give the binary: the last element of the import path that is no version.
fn binary_name(root: &Package) -> &str {
    let is_version = |element: &str| element.strip_prefix('v').is_some_and(names::is_number);
    let mut elements = root
        .import_path
        .rsplit('/')
        .filter(|element| !element.is_empty());
    elements
        .find(|element| !is_version(element))
        .unwrap_or("program")
}

/// What a command printed, or how it ended if that is nothing.
pub(super) fn or_status(output: String, status: std::process::ExitStatus) -> String {
    match output.is_empty() {
        true => status.to_string(),
        false => output,
    }
}
