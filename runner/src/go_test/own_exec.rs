//! What goes into `-exec`: this goproctor.

use std::{env, ffi::OsString, io, path::Path};

/// The words of the `-exec` that this goproctor judges by.
///
/// # Errors
/// The system does not say which file this program is.
pub(crate) fn own_exec() -> io::Result<Vec<OsString>> {
    Ok(vec![env::current_exe()?.into(), "exec".into()])
}

/// Whether the words of an `-exec` are ours.
pub(crate) fn is_own_exec(exec: &[String]) -> bool {
    let own = env::current_exe().and_then(|own| own.canonicalize());
    let [program, command] = exec else {
        return false;
    };
    command == "exec"
        && matches!((Path::new(program).canonicalize(), own), (Ok(one), Ok(own)) if one == own)
}
