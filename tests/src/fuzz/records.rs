//! Raw records and whole recordings: each is taken in or counted as lost, and what was seen can be shown.

use std::{fs, path::Path, sync::Arc};

use model::{Loss, Timestamp, notation, plan::Plan};
use trace::{Tracer, record::restored, recording::Recording};

/// The plan of a real program with values of every kind.
pub(super) fn plan() -> Arc<Plan> {
    static PLAN: std::sync::OnceLock<Arc<Plan>> = std::sync::OnceLock::new();
    let read = || {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/recordings/go1.27.3.recording");
        let recording = Recording::open(&path).expect("it is in the repository");
        Arc::new(recording.header().plan.clone())
    };
    Arc::clone(PLAN.get_or_init(read))
}

/// Bytes as records, each with its length before it.
pub(super) fn hold(bytes: &[u8]) {
    let mut tracer = Tracer::new(plan(), Box::new(|_| None), Vec::new());
    let mut rest = bytes;
    let mut fed: u64 = 0;
    let mut refused: u64 = 0;
    while let Some((length, after)) = rest.split_first_chunk::<2>() {
        let length = usize::from(u16::from_le_bytes(*length)).min(after.len());
        let (record, after) = after.split_at(length);
        fed += 1;
        refused += u64::from(tracer.feed(&restored(record.to_vec())).is_err());
        rest = after;
    }
    let observation = tracer.observe(Timestamp(0), Timestamp(u64::MAX), Loss::default());
    assert_eq!(tracer.counts().hits, fed);
    assert!(observation.loss.total() >= refused);
    for call in &observation.calls {
        for value in call.arguments.iter().chain(&call.results) {
            let _ = notation::value(value, &observation.types);
            let _ = notation::json(value, &observation.types);
        }
    }
}

/// Bytes as a recording.
pub(super) fn hold_recorded(bytes: &[u8]) {
    let file = tempfile::NamedTempFile::new().expect("a file of our own");
    fs::write(file.path(), bytes).expect("a file of our own");
    if let Ok(recording) = Recording::open(file.path()) {
        for index in 0..recording.tests().len() {
            // An observation or an error: nothing else.
            let _ = recording.observe(index);
        }
    }
}
