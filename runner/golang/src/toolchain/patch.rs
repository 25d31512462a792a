//! Changing a program's file before it runs.

use std::{fs, io::Write as _, os::unix::fs::PermissionsExt as _, path::Path};

use arch::{Flow, instructions};

use super::BuildError;
use crate::Redirection;

/// Puts jumps in place of functions' epilogues in a program's file, all of them or none: a file with the jumps takes the place of
/// the one without. The file must be ours alone and must not run yet. Its symbols, its debug information and its build ID stay as
/// they are.
///
/// # Errors
/// The file can't be read or written, does not have the bytes that are to be replaced, or does not have the jumps afterwards.
pub fn redirect_returns<'r>(
    binary: &Path,
    redirections: impl Iterator<Item = &'r Redirection> + Clone,
) -> Result<(), BuildError> {
    let mut bytes = fs::read(binary).map_err(BuildError::file(binary, "read"))?;
    for redirection in redirections.clone() {
        let patch = &redirection.patch;
        let place = usize::try_from(patch.offset.0).ok();
        let place = place.and_then(|start| bytes.get_mut(start..start + patch.before.len()));
        match place {
            Some(place) if *place == *patch.before => place.copy_from_slice(&patch.after),
            _ => return Err(other_code(binary, redirection)),
        }
    }
    replace(binary, &bytes)?;
    let written = fs::read(binary).map_err(BuildError::file(binary, "read"))?;
    let mut redirections = redirections;
    match redirections.find(|redirection| !leads_to_twin(&written, redirection)) {
        Some(redirection) => Err(other_code(binary, redirection)),
        None => Ok(()),
    }
}

fn other_code(binary: &Path, redirection: &Redirection) -> BuildError {
    BuildError::OtherCode {
        path: binary.to_owned(),
        address: redirection.patch.address,
    }
}

/// Whether the bytes in place of an epilogue are decoded as a jump to its twin.
fn leads_to_twin(file: &[u8], redirection: &Redirection) -> bool {
    let patch = &redirection.patch;
    let code = usize::try_from(patch.offset.0)
        .ok()
        .and_then(|start| file.get(start..start + patch.after.len()));
    let first = code.and_then(|code| instructions(code, patch.address.0).next());
    first.is_some_and(|jump| {
        jump.is_ok_and(|jump| jump.flow() == Flow::Jump(Some(redirection.twin.0)))
    })
}

/// Puts a file with these bytes in the place of a program's.
fn replace(binary: &Path, bytes: &[u8]) -> Result<(), BuildError> {
    let written = |action| BuildError::file(binary, action);
    let folder = binary.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(written("write"))?;
    file.write_all(bytes).map_err(written("write"))?;
    file.as_file()
        .set_permissions(fs::Permissions::from_mode(0o755))
        .map_err(written("make executable"))?;
    file.persist(binary)
        .map_err(|error| error.error)
        .map_err(written("write"))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use model::{Address, FileOffset};
    use tempfile::TempDir;

    use super::*;
    use crate::Patch;

    const NOPS: [u8; 4] = [0x90; 4];
    const EPILOGUE: [u8; 6] = [0x48, 0x83, 0xc4, 8, 0x5d, 0xc3];

    fn redirection(after: &[u8]) -> Redirection {
        Redirection {
            patch: Patch {
                address: Address(0x1004),
                offset: FileOffset(4),
                before: EPILOGUE.to_vec(),
                after: after.to_vec(),
            },
            twin: Address(0x1109),
            through: "main.other".to_owned(),
            below: 16,
        }
    }

    fn file() -> (TempDir, std::path::PathBuf) {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("program");
        fs::write(&path, [&NOPS[..], &EPILOGUE, &NOPS].concat()).unwrap();
        (folder, path)
    }

    #[test]
    fn an_epilogue_becomes_a_jump_in_a_file_that_can_be_executed() {
        let (_folder, path) = file();
        let jump = redirection(&[0xe9, 0, 1, 0, 0, 0xcc]);
        redirect_returns(&path, [&jump].into_iter()).unwrap();
        let expected = [&NOPS[..], &jump.patch.after, &NOPS].concat();
        assert_eq!(fs::read(&path).unwrap(), expected);
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o755);
        let entries = fs::read_dir(path.parent().unwrap()).unwrap();
        assert_eq!(entries.count(), 1);
    }

    #[test]
    fn other_bytes_than_those_that_were_planned_for_are_left_alone() {
        let (_folder, path) = file();
        fs::write(&path, [0x90; 14]).unwrap();
        let jump = redirection(&[0xe9, 0, 1, 0, 0, 0xcc]);
        let error = redirect_returns(&path, [&jump].into_iter()).unwrap_err();
        assert!(matches!(error, BuildError::OtherCode { .. }), "{error}");
        assert_eq!(fs::read(&path).unwrap(), [0x90; 14]);
    }

    #[test]
    fn a_jump_that_leads_elsewhere_is_found() {
        let (_folder, path) = file();
        let jump = redirection(&[0xe9, 0, 2, 0, 0, 0xcc]);
        let error = redirect_returns(&path, [&jump].into_iter()).unwrap_err();
        assert!(matches!(error, BuildError::OtherCode { .. }), "{error}");
    }
}
