//! The files that a program is built from, as far as they are for somebody to change.

use std::{
    collections::BTreeSet,
    ffi::OsString,
    path::{Path, PathBuf},
};

use super::{
    build::{Target, given_flags, or_status},
    command::Toolchain,
    error::BuildError,
    flags,
    list::{NOT_UNDERSTOOD, names, records},
    request::BuildRequest,
};

/// Fields of each package, a list of names each; embedded files came with Go 1.16.
const FIELDS: [&str; 10] = [
    "GoFiles",
    "CgoFiles",
    "CFiles",
    "CXXFiles",
    "HFiles",
    "MFiles",
    "FFiles",
    "SFiles",
    "SysoFiles",
    EMBEDDED,
];
const EMBEDDED: &str = "EmbedFiles";
const EMBEDDED_SINCE: u32 = 16;

/// The files that a program is built from: those of its main module, and of others that are neither the standard library's nor in
/// the module cache.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProgramFiles {
    /// The folders of its packages: a Go file that appears there may belong to it.
    pub folders: BTreeSet<PathBuf>,
    /// The files of its packages, whatever they hold, and what its modules are described by.
    pub files: BTreeSet<PathBuf>,
}

/// Lists the files of a program, though it may not build.
///
/// # Errors
/// Go is not found, or can't list the package.
pub fn program_files(request: &BuildRequest) -> Result<ProgramFiles, BuildError> {
    let given = given_flags(request)?;
    let target = Target::of(request)?;
    let ignore = &mut |_: &str| {};
    let toolchain = Toolchain::find(request.go_options(), &target.folder, ignore)?;
    let mut arguments: Vec<OsString> = ["list", "-deps", "-e", "-f"].map(OsString::from).into();
    arguments.push(template(toolchain.release.minor()).into());
    if flags::is_known("-buildvcs", &toolchain.release) {
        arguments.push("-buildvcs=false".into());
    }
    arguments.extend(flags::for_list(&given).map(OsString::from));
    arguments.extend(["--".into(), target.package.clone().into()]);
    let finished = toolchain.run(&arguments, &request.cancel, ignore)?;
    let failed = |output| BuildError::ListFailed {
        package: request.package.clone(),
        output,
        hint: String::new(),
    };
    if !finished.status.success() {
        return Err(failed(or_status(finished.stderr, finished.status)));
    }
    let mut files = parse(&finished.stdout, &toolchain.module_cache)
        .ok_or_else(|| failed(NOT_UNDERSTOOD.to_owned()))?;
    files.folders.insert(target.folder.clone());
    files.files.extend(of_workspace(&target.folder));
    Ok(files)
}

fn template(minor: u32) -> String {
    let has = |field: &&'static str| minor >= EMBEDDED_SINCE || *field != EMBEDDED;
    let lists: String = FIELDS
        .into_iter()
        .filter(has)
        .map(|field| format!(r#"{{{{range .{field}}}}}{{{{.}}}}{{{{"\x1e"}}}}{{{{end}}}}"#))
        .collect();
    format!(
        r#"{{{{.Standard}}}}{{{{"\x1f"}}}}{{{{.Dir}}}}{{{{"\x1f"}}}}{{{{with .Module}}}}{{{{.GoMod}}}}{{{{end}}}}{{{{"\x1f"}}}}{lists}{{{{"\x1d"}}}}"#
    )
}

/// Reads what the template prints; none if it is anything else.
fn parse(output: &[u8], module_cache: &Path) -> Option<ProgramFiles> {
    let mut all = ProgramFiles::default();
    for record in records(output)? {
        let fields: Vec<&str> = record.split('\x1f').collect();
        let &[standard, folder, go_mod, files] = fields.as_slice() else {
            return None;
        };
        let folder = Path::new(folder);
        let is_cached = !module_cache.as_os_str().is_empty() && folder.starts_with(module_cache);
        if standard.parse::<bool>().ok()? || folder.as_os_str().is_empty() || is_cached {
            continue;
        }
        let files = names(files);
        all.files.extend(files.iter().map(|file| folder.join(file)));
        all.folders.insert(folder.to_owned());
        if !go_mod.is_empty() {
            let go_mod = PathBuf::from(go_mod);
            all.files.insert(go_mod.with_file_name("go.sum"));
            all.files.insert(go_mod);
        }
    }
    Some(all)
}

/// The files of the workspace that a folder is in, if it is in one.
fn of_workspace(folder: &Path) -> Vec<PathBuf> {
    let mut above = folder.ancestors().map(|folder| folder.join("go.work"));
    let file = above.find(|file| file.is_file());
    file.map_or_else(Vec::new, |file| {
        vec![file.with_file_name("go.work.sum"), file]
    })
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::{parse, template};

    #[test]
    fn what_nobody_changes_is_left_out() {
        let output = b"true\x1f/go/src/net\x1f\x1fdial.go\x1e\x1d\n\
            false\x1f/home/me/go/pkg/mod/a.test/b@v1.0.0\x1f/home/me/go/pkg/mod/cache/b.mod\x1fb.go\x1e\x1d\n\
            true\x1f\x1f\x1f\x1d\n\
            false\x1f/home/me/shop\x1f/home/me/shop/go.mod\x1fmain.go\x1epage/index.html\x1e\x1d\n";
        let files = parse(output, Path::new("/home/me/go/pkg/mod")).unwrap();
        let folders: Vec<_> = files.folders.iter().collect();
        assert_eq!(folders, [Path::new("/home/me/shop")]);
        let wanted = ["go.mod", "go.sum", "main.go", "page/index.html"];
        let wanted = wanted.map(|name| PathBuf::from("/home/me/shop").join(name));
        assert_eq!(files.files.into_iter().collect::<Vec<_>>(), wanted);
        assert!(parse(b"hello\n", Path::new("")).is_none());
    }

    #[test]
    fn what_an_old_release_does_not_know_is_not_asked_of_it() {
        assert!(template(16).contains(".EmbedFiles"));
        assert!(!template(15).contains(".EmbedFiles"));
    }
}
