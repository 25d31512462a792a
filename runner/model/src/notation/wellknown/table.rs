//! Which types are well known.

use super::{Form, address, buffer, context, http, number, sync, time};
use crate::notation::{subject::Subject, text::is_printable};

/// A type's name without type arguments, and how its values are shown.
type Row = (&'static str, for<'a> fn(Subject<'a>) -> Option<Form<'a>>);

/// The well-known types.
const ROWS: &[Row] = &[
    ("bytes.Buffer", buffer::buffer),
    ("context.backgroundCtx", context::form),
    ("context.cancelCtx", context::form),
    ("context.emptyCtx", context::form),
    ("context.afterFuncCtx", context::form),
    ("context.timerCtx", context::form),
    ("context.todoCtx", context::form),
    ("context.valueCtx", context::form),
    ("context.withoutCancelCtx", context::form),
    ("encoding/json.Number", buffer::json_number),
    ("encoding/json.RawMessage", buffer::raw_message),
    ("math/big.Int", number::big_int),
    ("math/big.Rat", number::big_rat),
    ("net.IP", address::ip),
    ("net.IPNet", address::network),
    ("net.IPAddr", address::socket_form),
    ("net.TCPAddr", address::socket_form),
    ("net.UDPAddr", address::socket_form),
    ("net.UnixAddr", address::socket_form),
    ("net/http.Request", http::request),
    ("net/netip.Addr", address::netip),
    ("net/url.URL", http::url),
    ("regexp.Regexp", buffer::regexp),
    ("strings.Builder", buffer::builder),
    ("sync.Mutex", sync::mutex),
    ("sync.Once", sync::once),
    ("sync.RWMutex", sync::read_write_mutex),
    ("sync/atomic.Bool", sync::atomic_bool),
    ("sync/atomic.Int32", sync::atomic_number),
    ("sync/atomic.Int64", sync::atomic_number),
    ("sync/atomic.Uint32", sync::atomic_number),
    ("sync/atomic.Uint64", sync::atomic_number),
    ("sync/atomic.Uintptr", sync::atomic_number),
    ("sync/atomic.Value", sync::atomic_value),
    ("time.Duration", time::duration),
    ("time.Month", time::month),
    ("time.Time", time::time),
    ("time.Weekday", time::weekday),
];

/// How a value is shown, if its type is well known and what that takes was read.
pub(in crate::notation) fn form(subject: Subject<'_>) -> Option<Form<'_>> {
    let name = subject.type_name();
    let form = if name.ends_with(".UUID") {
        number::uuid(subject)
    } else {
        let (_, show) = ROWS.iter().find(|(known, _)| *known == name)?;
        show(subject)
    }?;
    match &form {
        Form::Plain(layout) | Form::Named(layout) | Form::Whole(layout) => {
            // What the text consists of is the program's: it must neither end the line nor change a terminal.
            layout.line().chars().all(is_printable).then_some(form)
        }
        Form::Holds(_) => Some(form),
    }
}
