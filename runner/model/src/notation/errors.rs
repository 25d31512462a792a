//! What the standard library's errors say, from their fields. One row a type.

use super::{errno::errno, message::Message, subject::Subject, wellknown::address};
use crate::{Content, Status, TypeTable, Value};

/// Errors around errors that are followed.
const MAX_DEPTH: usize = 16;

/// What `Error()` of an error says; `value` is an interface or what one holds. None where the type is not known to
/// goproctor, or nothing of the message is.
///
/// ```
/// use model::{Content, Kind, Type, TypeTable, Value, notation};
///
/// let mut types = TypeTable::default();
/// let ty = types.push(Type { name: "syscall.Errno".into(), size: 8, kind: Kind::Uint });
/// let value = Value { ty, content: Content::Uint(2) };
/// let message = notation::error_message(&value, &types).ok_or("it is known")?;
/// assert_eq!(message.bytes(), b"no such file or directory");
/// # Ok::<(), &str>(())
/// ```
#[must_use]
pub fn error_message(value: &Value, types: &TypeTable) -> Option<Message> {
    message(Subject::new(value, types), 0)
        .filter(|message| !message.bytes().is_empty() || message.is_whole())
}

fn message(error: Subject<'_>, depth: usize) -> Option<Message> {
    let error = error.dynamic();
    if depth >= MAX_DEPTH || matches!(error.value.content, Content::Unread(Status::Cycle)) {
        return None;
    }
    let name = error.type_name();
    let (name, error) = match name.strip_prefix('*') {
        Some(name) => (name, error.target()?),
        None => (name, error),
    };
    if matches!(error.value.content, Content::Unread(_)) {
        return None;
    }
    let inner = |field: &str| message(error.field(field)?, depth + 1);
    let text = |field: &str| error.field(field).and_then(Subject::text);
    let says = Message::says;
    let nothing = Message::default;
    Some(match name {
        // errors/errors.go
        "errors.errorString" => nothing().then_text(text("s")),
        // errors/join.go
        "errors.joinError" => joined(error.field("errs")?, depth)?,
        // fmt/errors.go
        "fmt.wrapError" | "fmt.wrapErrors" => nothing().then_text(text("msg")),
        // io/fs/fs.go; os/error.go up to Go 1.15
        "io/fs.PathError" | "os.PathError" => nothing()
            .then_text(text("Op"))
            .then(" ")
            .then_text(text("Path"))
            .then(": ")
            .then_message(inner("Err")),
        // os/error.go
        "os.SyscallError" => nothing()
            .then_text(text("Syscall"))
            .then(": ")
            .then_message(inner("Err")),
        // os/file.go
        "os.LinkError" => nothing()
            .then_text(text("Op"))
            .then(" ")
            .then_text(text("Old"))
            .then(" ")
            .then_text(text("New"))
            .then(": ")
            .then_message(inner("Err")),
        // syscall/syscall_unix.go
        "syscall.Errno" => says(&errno(error.uint()?)?),
        // os/exec/exec.go
        "os/exec.Error" => says("exec: ")
            .then_quoted(text("Name"))
            .then(": ")
            .then_message(inner("Err")),
        // net/net.go
        "net.OpError" => network(error, inner("Err")),
        "net.DNSError" => says("lookup ")
            .then_text(text("Name"))
            .then_message(optional(error.field("Server")?, " on "))
            .then(": ")
            .then_text(text("Err")),
        "net.AddrError" if text("Addr").is_some_and(|address| address.full == 0) => {
            nothing().then_text(text("Err"))
        }
        "net.AddrError" => says("address ")
            .then_text(text("Addr"))
            .then(": ")
            .then_text(text("Err")),
        "net.ParseError" => says("invalid ")
            .then_text(text("Type"))
            .then(": ")
            .then_text(text("Text")),
        "net.UnknownNetworkError" => says("unknown network ").then_text(error.text()),
        "net.InvalidAddrError" => nothing().then_text(error.text()),
        "net.timeoutError" | "internal/poll.DeadlineExceededError" => says("i/o timeout"),
        "net.canceledError" => says("operation was canceled"),
        "net.notFoundError" => nothing().then_text(text("s")),
        "internal/poll.errNetClosing" => says("use of closed network connection"),
        // net/url/url.go
        "net/url.Error" => nothing()
            .then_text(text("Op"))
            .then(" ")
            .then_quoted(text("URL"))
            .then(": ")
            .then_message(inner("Err")),
        "net/url.EscapeError" => says("invalid URL escape ").then_quoted(error.text()),
        "net/url.InvalidHostError" => says("invalid character ")
            .then_quoted(error.text())
            .then(" in host name"),
        // net/textproto/textproto.go
        "net/textproto.ProtocolError" => nothing().then_text(error.text()),
        // net/http/request.go, net/http/transport.go
        "net/http.MaxBytesError" => says("http: request body too large"),
        "net/http.ProtocolError" => nothing().then_text(text("ErrorString")),
        "net/http.httpError" | "net/http.timeoutError" => nothing().then_text(text("err")),
        "net/http.tlsHandshakeTimeoutError" => says("net/http: TLS handshake timeout"),
        // strconv/atoi.go, strconv/number.go
        "strconv.NumError" => says("strconv.")
            .then_text(text("Func"))
            .then(": parsing ")
            .then_quoted(text("Num"))
            .then(": ")
            .then_message(inner("Err")),
        // encoding/json/scanner.go
        "encoding/json.SyntaxError" => nothing().then_text(text("msg")),
        // encoding/json/decode.go: the name of a type follows, which only the process knows.
        "encoding/json.UnmarshalTypeError" => says("json: cannot unmarshal ")
            .then_text(text("Value"))
            .then(" into ")
            .then_unknown(),
        // context/context.go
        "context.deadlineExceededError" => says("context deadline exceeded"),
        // time/format.go
        "time.ParseError" => parsing_time(error),
        // runtime/error.go
        "runtime.errorString" => says("runtime error: ").then_text(error.text()),
        "runtime.plainError" => nothing().then_text(error.text()),
        _ => return None,
    })
}

/// The messages of all errors, a line each.
fn joined(errors: Subject<'_>, depth: usize) -> Option<Message> {
    let mut joined: Option<Message> = None;
    let Some(errors) = errors.elements() else {
        return Some(Message::default().then_unknown());
    };
    for error in errors {
        let next = message(error, depth + 1);
        joined = Some(match joined {
            Some(before) => before.then("\n").then_message(next),
            None => Message::default().then_message(next),
        });
    }
    joined
}

/// A string behind `before`, if it is not empty.
fn optional(text: Subject<'_>, before: &str) -> Option<Message> {
    let text = text.text()?;
    if text.full == 0 {
        return Some(Message::default());
    }
    Some(Message::says(before).then_text(Some(text)))
}

/// `dial tcp 127.0.0.1:1->127.0.0.1:2: connection refused`
fn network(error: Subject<'_>, inner: Option<Message>) -> Message {
    let field = |name: &str| error.field(name);
    let text = |name: &str| field(name).and_then(Subject::text);
    let source = field("Source");
    let has_source = source.is_some_and(|source| !source.is_nil());
    let arrow = if has_source { "->" } else { " " };
    Message::default()
        .then_text(text("Op"))
        .then_message(field("Net").and_then(|net| optional(net, " ")))
        .then_message(source.and_then(|source| host(source, " ")))
        .then_message(field("Addr").and_then(|address| host(address, arrow)))
        .then(": ")
        .then_message(inner)
}

/// A `net.Addr` behind `before`, if it is not nil.
fn host(address: Subject<'_>, before: &str) -> Option<Message> {
    if address.is_nil() {
        return Some(Message::default());
    }
    let address = address::socket(address.dynamic())?;
    Some(Message::says(before).then(&address))
}

/// Older releases quote nothing inside the quotes, newer ones what is special; what is not special is the same.
fn parsing_time(error: Subject<'_>) -> Message {
    let quote = |message: Message, field: &str| {
        let text = error.field(field).and_then(Subject::string);
        let is_simple = |text: &&str| {
            text.chars()
                .all(|c| (c == ' ' || c.is_ascii_graphic()) && c != '"' && c != '\\')
        };
        match text.filter(is_simple) {
            Some(text) => message.then(&format!("\"{text}\"")),
            None => message.then("\"").then_unknown(),
        }
    };
    let message = quote(Message::says("parsing time "), "Value");
    let own = error.field("Message").and_then(Subject::text);
    if own.is_none_or(|own| own.full > 0) {
        return message.then_text(own);
    }
    let message = quote(message.then(" as "), "Layout");
    let message = quote(message.then(": cannot parse "), "ValueElem");
    quote(message.then(" as "), "LayoutElem")
}
