//! Snapshot files: whatever stands in one, it is compared or refused, and what is accepted is the same afterwards.

use std::fs;

use judge::snapshot::{Comparison, Rest, Store};
use tempfile::TempDir;

pub(super) fn hold(bytes: &[u8]) {
    let (Ok(folder), text) = (TempDir::new(), String::from_utf8_lossy(bytes)) else {
        return;
    };
    let store = Store::new(folder.path(), "fuzz").read_only(false);
    let path = store.path("test");
    fs::create_dir_all(path.parent().unwrap_or(folder.path())).expect("a folder of our own");
    fs::write(&path, bytes).expect("a file of our own");
    // An error or a comparison: nothing else.
    let _ = store.compare("test", "text");
    let _ = store.pending();
    let seen = compare::snapshot::difference(&text, &text, &|_| Vec::new());
    assert!(seen.is_empty(), "{text:?} differs from itself");
    fs::remove_file(&path).expect("it was written");
    if store.write_new("test", &text, &Rest::default()).is_ok() && store.accept("test").is_ok() {
        let compared = store.compare("test", &text);
        assert!(
            matches!(compared, Ok(Comparison::Same)),
            "{text:?}: {compared:?}"
        );
    }
}
