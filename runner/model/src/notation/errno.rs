//! The system's error numbers in words.

/// What `syscall.Errno.Error` says on linux/amd64 (Go, `syscall/zerrors_linux_amd64.go`, `errors`;
/// `syscall/syscall_unix.go`); linux/arm64 knows one more, 133. None for the one that releases word differently (`ESTALE`).
pub(super) fn errno(number: u64) -> Option<String> {
    if number == ESTALE {
        return None;
    }
    let text = usize::try_from(number)
        .ok()
        .and_then(|index| ERRORS.get(index))
        .filter(|text| !text.is_empty());
    Some(text.map_or_else(|| format!("errno {number}"), |text| (*text).to_owned()))
}

/// Whether an error number says this.
pub(super) fn is_text(text: &str) -> bool {
    let number = text.strip_prefix("errno ").map(str::parse);
    match number {
        Some(Ok(number)) => errno(number).as_deref() == Some(text),
        Some(Err(_)) => false,
        None => !text.is_empty() && ERRORS.contains(&text),
    }
}

/// "stale NFS file handle" in older releases, "stale file handle" in newer ones.
const ESTALE: u64 = 116;

/// By number; empty where there is none.
const ERRORS: [&str; 133] = [
    "",
    "operation not permitted",
    "no such file or directory",
    "no such process",
    "interrupted system call",
    "input/output error",
    "no such device or address",
    "argument list too long",
    "exec format error",
    "bad file descriptor",
    "no child processes",
    "resource temporarily unavailable",
    "cannot allocate memory",
    "permission denied",
    "bad address",
    "block device required",
    "device or resource busy",
    "file exists",
    "invalid cross-device link",
    "no such device",
    "not a directory",
    "is a directory",
    "invalid argument",
    "too many open files in system",
    "too many open files",
    "inappropriate ioctl for device",
    "text file busy",
    "file too large",
    "no space left on device",
    "illegal seek",
    "read-only file system",
    "too many links",
    "broken pipe",
    "numerical argument out of domain",
    "numerical result out of range",
    "resource deadlock avoided",
    "file name too long",
    "no locks available",
    "function not implemented",
    "directory not empty",
    "too many levels of symbolic links",
    "",
    "no message of desired type",
    "identifier removed",
    "channel number out of range",
    "level 2 not synchronized",
    "level 3 halted",
    "level 3 reset",
    "link number out of range",
    "protocol driver not attached",
    "no CSI structure available",
    "level 2 halted",
    "invalid exchange",
    "invalid request descriptor",
    "exchange full",
    "no anode",
    "invalid request code",
    "invalid slot",
    "",
    "bad font file format",
    "device not a stream",
    "no data available",
    "timer expired",
    "out of streams resources",
    "machine is not on the network",
    "package not installed",
    "object is remote",
    "link has been severed",
    "advertise error",
    "srmount error",
    "communication error on send",
    "protocol error",
    "multihop attempted",
    "RFS specific error",
    "bad message",
    "value too large for defined data type",
    "name not unique on network",
    "file descriptor in bad state",
    "remote address changed",
    "can not access a needed shared library",
    "accessing a corrupted shared library",
    ".lib section in a.out corrupted",
    "attempting to link in too many shared libraries",
    "cannot exec a shared library directly",
    "invalid or incomplete multibyte or wide character",
    "interrupted system call should be restarted",
    "streams pipe error",
    "too many users",
    "socket operation on non-socket",
    "destination address required",
    "message too long",
    "protocol wrong type for socket",
    "protocol not available",
    "protocol not supported",
    "socket type not supported",
    "operation not supported",
    "protocol family not supported",
    "address family not supported by protocol",
    "address already in use",
    "cannot assign requested address",
    "network is down",
    "network is unreachable",
    "network dropped connection on reset",
    "software caused connection abort",
    "connection reset by peer",
    "no buffer space available",
    "transport endpoint is already connected",
    "transport endpoint is not connected",
    "cannot send after transport endpoint shutdown",
    "too many references: cannot splice",
    "connection timed out",
    "connection refused",
    "host is down",
    "no route to host",
    "operation already in progress",
    "operation now in progress",
    "",
    "structure needs cleaning",
    "not a XENIX named type file",
    "no XENIX semaphores available",
    "is a named type file",
    "remote I/O error",
    "disk quota exceeded",
    "no medium found",
    "wrong medium type",
    "operation canceled",
    "required key not available",
    "key has expired",
    "key has been revoked",
    "key was rejected by service",
    "owner died",
    "state not recoverable",
    "operation not possible due to RF-kill",
];

#[cfg(test)]
mod tests {
    use super::errno;

    #[test]
    fn numbers_are_in_words_as_go_says_them() {
        // As Go prints them: tests/told.go.
        for (number, go) in [
            (0, "errno 0"),
            (1, "operation not permitted"),
            (2, "no such file or directory"),
            (11, "resource temporarily unavailable"),
            (41, "errno 41"),
            (104, "connection reset by peer"),
            (111, "connection refused"),
            (133, "errno 133"),
            (134, "errno 134"),
        ] {
            assert_eq!(errno(number).as_deref(), Some(go));
        }
        assert_eq!(errno(116), None);
    }
}
