//! What a spec's program comes from.

use std::path::Path;

use golang::toolchain::{self, ProgramFiles};
use spec::{
    Spec,
    document::{Origin, Tls},
};

use super::{
    Cancel,
    prepare::{build_request, package_folder},
};

/// The files that a spec's program is built from, as far as they are for somebody to change, or the binary that it is; and the
/// certificates that it is trusted by. Of a package that go can't list it is what is known without go; `known` is what was listed
/// before.
pub(crate) fn program_files(
    spec: &Spec,
    known: Option<&ProgramFiles>,
    cancel: &Cancel,
) -> ProgramFiles {
    let folder = spec.folder();
    let mut files = match &spec.program.origin {
        Origin::Package(package) => {
            let mut request = build_request(
                &spec.program,
                &package.value,
                &folder,
                &std::env::temp_dir(),
            );
            request.cancel = cancel.flag();
            let listed = toolchain::program_files(&request);
            listed.unwrap_or_else(|_| {
                known
                    .cloned()
                    .unwrap_or_else(|| of_package(&package_folder(&folder, &package.value)))
            })
        }
        Origin::Binary(path) => {
            let mut files = ProgramFiles::default();
            files.files.insert(folder.join(&path.value));
            files
        }
        Origin::GoTest(_) => ProgramFiles::default(),
    };
    let tls = spec.program.tls.as_ref();
    if let Some(Tls::Trusting(path)) = tls.map(|tls| &tls.value) {
        files.files.insert(folder.join(path));
    }
    files
}

/// What a package in a folder comes from at least: the folder, and what its module is described by.
fn of_package(folder: &Path) -> ProgramFiles {
    let mut files = ProgramFiles::default();
    files.folders.insert(folder.to_owned());
    if let Ok(folder) = folder.canonicalize() {
        let mut above = folder.ancestors().map(|folder| folder.join("go.mod"));
        files.files.extend(above.find(|file| file.is_file()));
    }
    files
}
