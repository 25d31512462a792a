//! An error and what it wraps.

use model::{Content, Kind, Status, TypeId, TypeTable, Value, notation::short_type};

use super::super::{Reason, truth::Truth};

/// How many errors of a chain are looked at; memory that is written meanwhile could make it longer than it is.
const MAX_ERRORS: usize = 1024;

/// What an error of the standard library wraps, by its dynamic type: the fields that its `Unwrap` method gives. Those
/// without a field wrap nothing (Go 1.16 to 1.27).
const KNOWN: [(&str, Option<&str>); 56] = [
    ("*errors.errorString", None),
    ("*errors.joinError", Some("errs")),
    ("*fmt.wrapError", Some("err")),
    ("*fmt.wrapErrors", Some("errs")),
    ("*fmt.fmtError", None),
    ("*io/fs.PathError", Some("Err")),
    ("*os.PathError", Some("Err")),
    ("*os.LinkError", Some("Err")),
    ("*os.SyscallError", Some("Err")),
    ("*os/exec.Error", Some("Err")),
    ("os/exec.wrappedError", Some("err")),
    ("*os/exec.ExitError", None),
    ("syscall.Errno", None),
    ("runtime.errorString", None),
    ("runtime.plainError", None),
    ("runtime.boundsError", None),
    ("*runtime.TypeAssertionError", None),
    ("context.deadlineExceededError", None),
    ("*internal/poll.DeadlineExceededError", None),
    ("internal/poll.errNetClosing", None),
    ("*net.OpError", Some("Err")),
    ("*net.DNSError", Some("UnwrapErr")),
    ("*net.DNSConfigError", Some("Err")),
    ("*net.AddrError", None),
    ("*net.ParseError", None),
    ("net.InvalidAddrError", None),
    ("net.UnknownNetworkError", None),
    ("*net.timeoutError", None),
    ("net.canceledError", None),
    ("*net/url.Error", Some("Err")),
    ("net/url.EscapeError", None),
    ("net/url.InvalidHostError", None),
    ("*net/http.ProtocolError", None),
    ("*net/http.MaxBytesError", None),
    ("net/http.nothingWrittenError", Some("error")),
    ("net/http.transportReadFromServerError", Some("err")),
    ("*net/textproto.Error", None),
    ("net/textproto.ProtocolError", None),
    ("*strconv.NumError", Some("Err")),
    ("*time.ParseError", None),
    ("*encoding/json.SyntaxError", None),
    ("*encoding/json.InvalidUnmarshalError", None),
    ("*encoding/json.UnsupportedTypeError", None),
    ("*encoding/json.UnsupportedValueError", None),
    ("*encoding/json.MarshalerError", Some("Err")),
    ("*encoding/csv.ParseError", Some("Err")),
    ("encoding/base64.CorruptInputError", None),
    ("encoding/hex.InvalidByteError", None),
    ("*encoding/xml.SyntaxError", None),
    ("*crypto/tls.CertificateVerificationError", Some("Err")),
    ("*crypto/tls.permanentError", Some("err")),
    ("crypto/x509.SystemRootsError", Some("Err")),
    ("text/template.ExecError", Some("Err")),
    ("*net/http.timeoutError", None),
    ("*net/http.httpError", None),
    ("os/signal.signalError", None),
];

/// What an error of that type wraps, if that is known.
fn wraps(name: &str) -> Option<Option<&'static str>> {
    let known = KNOWN.iter().find(|(known, _)| *known == name);
    known.map(|(_, field)| *field)
}

/// Whether it is known of a type of that name which methods it has; those of the [table](super::methods) aside, it has
/// neither `Is` nor `As`.
pub(super) fn is_known(name: &str) -> bool {
    wraps(name).is_some()
}

/// An error and what it wraps, as far as that is known.
#[derive(Debug, Default)]
pub(super) struct Chain<'a> {
    /// The errors, of their dynamic types, the outermost first.
    errors: Vec<&'a Value>,
    /// Why there may be more.
    more: Option<Reason>,
}

impl<'a> Chain<'a> {
    /// The chain of an interface's value.
    pub(super) fn of(error: &'a Value, types: &TypeTable) -> Self {
        let mut chain = Self::default();
        let mut waiting = vec![error];
        while let Some(error) = waiting.pop() {
            let Some(error) = chain.held(error) else {
                continue;
            };
            if chain.errors.len() == MAX_ERRORS {
                chain.more.get_or_insert(Reason::TooManyErrors);
                break;
            }
            chain.errors.push(error);
            let wrapped = chain.wrapped(error, types);
            waiting.extend(wrapped.into_iter().rev());
        }
        chain
    }

    /// Whether it holds for one of the chain.
    pub(super) fn any(&self, is_so: impl Fn(&Value) -> Truth) -> Truth {
        let rest = self.more.clone().map(Truth::Unknown);
        Truth::any(self.errors.iter().map(|error| is_so(error)).chain(rest))
    }

    /// Notes why there may be more; gives nothing.
    fn leave_open<T>(&mut self, reason: Reason) -> Option<T> {
        self.more.get_or_insert(reason);
        None
    }

    /// What an interface holds, or a value of another kind itself; none if it is nil or not known.
    fn held(&mut self, error: &'a Value) -> Option<&'a Value> {
        match &error.content {
            Content::Nil => None,
            Content::Interface(inner) => Some(inner),
            content => match Reason::unread(content) {
                Some(reason) => self.leave_open(reason),
                None => Some(error),
            },
        }
    }

    /// What an error wraps, in order: nothing if its type has no method `Unwrap`.
    fn wrapped(&mut self, error: &'a Value, types: &TypeTable) -> Vec<&'a Value> {
        let methods = types.error_methods(error.ty);
        if methods.is_some_and(|methods| !methods.unwrap) {
            return Vec::new();
        }
        match wraps(types.name(error.ty)) {
            Some(Some(field)) => self.field(error, field, types).unwrap_or_default(),
            Some(None) if methods.is_none() => Vec::new(),
            Some(None) | None => self.perhaps_wrapped(error, types),
        }
    }

    /// The errors in a field of a struct that is known to wrap them; none if the release's struct has no such field.
    fn field(&mut self, error: &'a Value, name: &str, types: &TypeTable) -> Option<Vec<&'a Value>> {
        let (ty, fields) = self.fields(error)?;
        let Some(Kind::Struct { fields: described }) = types.kind(ty) else {
            return self.leave_open(Reason::Unread(Status::TypeUnknown));
        };
        let index = described.iter().position(|field| field.name == name)?;
        Some(self.listed(fields.get(index)?))
    }

    /// The error in the one field of a struct that holds any: its `Unwrap` is taken to give that, or something else. Which
    /// of several fields it gives is not known.
    fn perhaps_wrapped(&mut self, error: &'a Value, types: &TypeTable) -> Vec<&'a Value> {
        let fields = self.fields(error).map_or(&[][..], |(_, fields)| fields);
        let mut held = fields.iter().filter(|field| is_error(types, field.ty));
        let found = match (held.next(), held.next()) {
            (Some(only), None) => self.listed(only),
            _ => Vec::new(),
        };
        let wraps = || Reason::Wraps(short_type(error.ty, types));
        self.more.get_or_insert_with(wraps);
        found
    }

    /// The fields of a struct, or of the one that a pointer leads to, with its type.
    fn fields(&mut self, error: &'a Value) -> Option<(TypeId, &'a [Value])> {
        let error = match &error.content {
            Content::Pointer(pointer) => &pointer.target,
            _ => error,
        };
        match &error.content {
            Content::Struct(fields) => Some((error.ty, fields)),
            content => self.leave_open(Reason::unread(content)?),
        }
    }

    /// An error, or the errors of a list.
    fn listed(&mut self, value: &'a Value) -> Vec<&'a Value> {
        let Content::Elements(elements) = &value.content else {
            return vec![value];
        };
        if elements.full > elements.values.len() as u64 {
            self.more.get_or_insert(Reason::Unread(Status::Cut));
        }
        elements.values.iter().collect()
    }
}

/// Whether a type is `error` or an interface that says by its name that it is one, or a list of such.
fn is_error(types: &TypeTable, ty: TypeId) -> bool {
    let ty = match types.kind(ty) {
        Some(Kind::Slice { element } | Kind::Array { element, .. }) => *element,
        _ => ty,
    };
    types.get(ty).is_some_and(|ty| {
        let says_so = ty.name == "error" || ty.name.ends_with("Error");
        says_so && matches!(ty.kind, Kind::Interface { empty: false })
    })
}
