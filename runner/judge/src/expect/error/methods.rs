//! What the methods `Is` and `As` of errors say, which `errors.Is` and `errors.As` call.
//!
//! The binary says which type has such a method ([`ErrorMethods`](model::ErrorMethods)). What those of the
//! standard library say is known, from Go 1.15 to 1.27; what others say is not.

use model::{
    Content, TypeTable, Value,
    notation::{self, short_type},
};

use super::super::{Reason, truth::Truth};

/// What `errors.Is` is asked for: the value of a variable.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target<'a> {
    /// The variable's name, with the full package path.
    pub(super) name: &'a str,
    /// Its value, of its dynamic type.
    pub(super) value: &'a Value,
}

/// The `Is` methods of the standard library, by the types that have them.
const IS: [(&str, IsMethod); 8] = [
    // syscall/syscall_unix.go
    ("syscall.Errno", IsMethod::Errno),
    // net/net.go
    ("net.canceledError", IsMethod::Equals(&CANCELED)),
    ("*net.timeoutError", IsMethod::Equals(&DEADLINE_EXCEEDED)),
    // net/http/transport.go
    (
        "*net/http.timeoutError",
        IsMethod::Equals(&DEADLINE_EXCEEDED),
    ),
    // net/http/request.go
    ("*net/http.ProtocolError", IsMethod::NotSupported),
    // os/signal/signal.go
    ("os/signal.signalError", IsMethod::Equals(&CANCELED)),
    // quic/errors.go
    ("*golang.org/x/net/quic.ApplicationError", IsMethod::OwnType),
    (
        "*vendor/golang.org/x/net/quic.ApplicationError",
        IsMethod::OwnType,
    ),
];

/// The one of these types that had no such method at first (up to Go 1.18).
const LATE: &str = "*net.timeoutError";

/// What an `Is` method of the standard library says.
#[derive(Clone, Copy, Debug)]
enum IsMethod {
    /// Whether the target is that variable.
    Equals(&'static Sentinel),
    /// Whether the target is the variable of `internal/oserror` or `errors` that the number means.
    Errno,
    /// Whether it is `net/http.ErrNotSupported` and the target `errors.ErrUnsupported`.
    NotSupported,
    /// Something of a target of its own type, else no.
    OwnType,
}

/// A variable of the standard library.
#[derive(Debug)]
enum Sentinel {
    /// Made by `errors.New`.
    New {
        /// Its names.
        names: &'static [&'static str],
        /// What it says.
        message: &'static str,
    },
    /// The one value of its type.
    Only(&'static str),
}

const CANCELED: Sentinel = Sentinel::New {
    names: &["context.Canceled"],
    message: "context canceled",
};
const DEADLINE_EXCEEDED: Sentinel = Sentinel::Only("context.deadlineExceededError");
const PERMISSION: Sentinel = Sentinel::New {
    names: &[
        "io/fs.ErrPermission",
        "os.ErrPermission",
        "internal/oserror.ErrPermission",
    ],
    message: "permission denied",
};
const EXIST: Sentinel = Sentinel::New {
    names: &["io/fs.ErrExist", "os.ErrExist", "internal/oserror.ErrExist"],
    message: "file already exists",
};
const NOT_EXIST: Sentinel = Sentinel::New {
    names: &[
        "io/fs.ErrNotExist",
        "os.ErrNotExist",
        "internal/oserror.ErrNotExist",
    ],
    message: "file does not exist",
};
const UNSUPPORTED: Sentinel = Sentinel::New {
    names: &["errors.ErrUnsupported"],
    message: "unsupported operation",
};
/// What `net/http.ErrNotSupported` says.
const NOT_SUPPORTED: &[u8] = b"feature not supported";

/// What an error's method `Is` says of a target; no if it has none.
pub(super) fn is(error: &Value, target: Target<'_>, types: &TypeTable) -> Truth {
    let methods = types.error_methods(error.ty);
    if methods.is_some_and(|methods| !methods.is) {
        return Truth::No;
    }
    let name = types.name(error.ty);
    let known = IS.iter().find(|(known, _)| *known == name);
    match known {
        Some((_, method)) => match method.says(error, target, types) {
            Truth::Yes if methods.is_none() && name == LATE => not_known("Is", error, types),
            truth => truth,
        },
        None if methods.is_none() && super::chain::is_known(name) => Truth::No,
        None => not_known("Is", error, types),
    }
}

/// What an error's method `As` says of any type but its own; no if it has none.
pub(super) fn r#as(error: &Value, types: &TypeTable) -> Truth {
    let has = match types.error_methods(error.ty) {
        Some(methods) => methods.r#as,
        None => !super::chain::is_known(types.name(error.ty)),
    };
    if has {
        not_known("As", error, types)
    } else {
        Truth::No
    }
}

fn not_known(method: &'static str, error: &Value, types: &TypeTable) -> Truth {
    Truth::Unknown(Reason::Method {
        ty: short_type(error.ty, types),
        method,
        is_certain: types.error_methods(error.ty).is_some(),
    })
}

impl IsMethod {
    fn says(self, error: &Value, target: Target<'_>, types: &TypeTable) -> Truth {
        match self {
            Self::Equals(sentinel) => sentinel.is(target, types),
            Self::Errno => errno_is(error, target, types),
            Self::NotSupported => {
                let same = || match notation::error_message(error, types) {
                    Some(message) if message.is_whole() && message.bytes() != NOT_SUPPORTED => {
                        Truth::No
                    }
                    _ => Truth::Unknown(Reason::MayBe {
                        what: "the error".to_owned(),
                        variable: "net/http.ErrNotSupported",
                    }),
                };
                UNSUPPORTED.is(target, types).and(same)
            }
            Self::OwnType if types.name(target.value.ty) == types.name(error.ty) => {
                not_known("Is", error, types)
            }
            Self::OwnType => Truth::No,
        }
    }
}

/// What `syscall.Errno`'s method says; the numbers are Linux's.
fn errno_is(error: &Value, target: Target<'_>, types: &TypeTable) -> Truth {
    let number = match error.content {
        Content::Uint(number) => number,
        Content::Unread(status) => return Truth::Unknown(Reason::Unread(status)),
        _ => return not_known("Is", error, types),
    };
    let sentinel = match number {
        1 | 13 => &PERMISSION,
        17 | 39 => &EXIST,
        2 => &NOT_EXIST,
        38 | 95 => &UNSUPPORTED,
        _ => return Truth::No,
    };
    sentinel.is(target, types)
}

impl Sentinel {
    /// Whether a target is this variable. Another variable of the same text may have been set to it.
    fn is(&self, target: Target<'_>, types: &TypeTable) -> Truth {
        let ty = types.name(target.value.ty);
        let (names, wanted) = match self {
            Self::Only(only) => return (ty == *only).into(),
            Self::New { names, message } => (*names, message.as_bytes()),
        };
        if names.contains(&target.name) {
            return Truth::Yes;
        }
        if ty != "*errors.errorString" {
            return Truth::No;
        }
        let message = notation::error_message(target.value, types);
        let differs = message.is_some_and(|message| {
            let bytes = message.bytes();
            !wanted.starts_with(bytes) || (message.is_whole() && bytes != wanted)
        });
        if differs {
            return Truth::No;
        }
        Truth::Unknown(Reason::MayBe {
            what: target.name.to_owned(),
            variable: names.first().copied().unwrap_or_default(),
        })
    }
}
