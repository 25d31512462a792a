//! `sync` and `sync/atomic`.

use super::Form;
use crate::notation::subject::Subject;

/// Whether a mutex is locked: bit 0 of its state, which is in `internal/sync.Mutex` from Go 1.24 on
/// (Go, `sync/mutex.go`).
fn is_locked(mutex: Subject<'_>) -> Option<bool> {
    let inner = mutex.field("mu").unwrap_or(mutex);
    Some(inner.field("state")?.int()? & 1 != 0)
}

pub(super) fn mutex(subject: Subject<'_>) -> Option<Form<'_>> {
    Some(Form::named(if is_locked(subject)? {
        "locked"
    } else {
        "unlocked"
    }))
}

/// An integer that is atomic in newer releases.
fn number(subject: Subject<'_>) -> Option<i64> {
    let inner = subject.field("v").unwrap_or(subject);
    inner.int().or_else(|| i64::try_from(inner.uint()?).ok())
}

/// Go, `sync/rwmutex.go`: the count of readers is less than 0 as long as a writer has it or waits for those that
/// were there before.
pub(super) fn read_write_mutex(subject: Subject<'_>) -> Option<Form<'_>> {
    let readers = number(subject.field("readerCount")?)?;
    let waited_for = number(subject.field("readerWait")?)?;
    Some(Form::named(match (readers, waited_for) {
        (0, _) => "unlocked".to_owned(),
        (1, _) => "1 reader".to_owned(),
        (1.., _) => format!("{readers} readers"),
        (_, ..=0) => "locked".to_owned(),
        (_, 1) => "1 reader, a writer waits".to_owned(),
        (_, _) => format!("{waited_for} readers, a writer waits"),
    }))
}

/// Go, `sync/once.go`: `done` is a `uint32`, an `atomic.Uint32` or an `atomic.Bool`.
pub(super) fn once(subject: Subject<'_>) -> Option<Form<'_>> {
    Some(Form::named(match number(subject.field("done")?)? {
        0 => "not done",
        _ => "done",
    }))
}

/// Go, `sync/atomic/type.go`, `Bool`: a `uint32`.
pub(super) fn atomic_bool(subject: Subject<'_>) -> Option<Form<'_>> {
    Some(Form::named(match subject.field("v")?.uint()? {
        0 => "false",
        _ => "true",
    }))
}

/// Go, `sync/atomic/type.go`, `Int32` and the like.
pub(super) fn atomic_number(subject: Subject<'_>) -> Option<Form<'_>> {
    let inner = subject.field("v")?;
    let signed = inner.int().map(|number| number.to_string());
    let text = signed.or_else(|| Some(inner.uint()?.to_string()))?;
    Some(Form::named(text))
}

/// Go, `sync/atomic/value.go`, `Value`.
pub(super) fn atomic_value(subject: Subject<'_>) -> Option<Form<'_>> {
    Some(Form::Holds(subject.field("v")?.value))
}
