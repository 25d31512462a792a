//! What errors say. The strings were printed by Go itself: `told.go`.

use crate::testing::World;
use crate::{
    Kind, Status, Value,
    notation::{error_message, value},
};

/// Builds an error, and gives what it says.
fn said(build: impl FnOnce(&mut World) -> Value) -> Option<String> {
    let mut world = World::default();
    let built = build(&mut world);
    let error = world.interface("error", built);
    let message = error_message(&error, &world.types)?;
    assert!(message.is_whole());
    assert_eq!(message.full(), Some(message.bytes().len() as u64));
    Some(String::from_utf8(message.bytes().to_vec()).unwrap())
}

/// A pointer to a struct of strings, and perhaps an error in its field `Err`.
fn pointer(w: &mut World, name: &str, texts: &[(&str, &str)], inner: Option<Value>) -> Value {
    let mut fields: Vec<(&str, Value)> = texts.iter().map(|(n, t)| (*n, w.text(t))).collect();
    if let Some(inner) = inner {
        fields.push(("Err", w.interface("error", inner)));
    }
    let error = w.structure(name, fields);
    w.pointer(error)
}

fn errno(w: &mut World, number: u64) -> Value {
    w.uint("syscall.Errno", number)
}

fn plain(w: &mut World, text: &str) -> Value {
    pointer(w, "errors.errorString", &[("s", text)], None)
}

fn missing(w: &mut World, name: &str) -> Value {
    let inner = errno(w, 2);
    pointer(
        w,
        name,
        &[("Op", "open"), ("Path", "/nowhere")],
        Some(inner),
    )
}

fn refused(w: &mut World) -> Value {
    let inner = errno(w, 111);
    pointer(w, "os.SyscallError", &[("Syscall", "connect")], Some(inner))
}

fn tcp(w: &mut World, ip: &[u8], port: i64, zone: &str) -> Value {
    let fields = vec![
        ("IP", w.bytes("net.IP", ip)),
        ("Port", w.int(port)),
        ("Zone", w.text(zone)),
    ];
    let address = w.structure("net.TCPAddr", fields);
    w.pointer(address)
}

const LOCAL: [u8; 16] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1];
const LINK: [u8; 16] = [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];

fn dial(w: &mut World) -> Value {
    let (source, address) = (tcp(w, &LOCAL, 5, ""), tcp(w, &LINK, 80, "eth0"));
    let inner = refused(w);
    let fields = vec![
        ("Op", w.text("dial")),
        ("Net", w.text("tcp")),
        ("Source", w.interface("net.Addr", source)),
        ("Addr", w.interface("net.Addr", address)),
        ("Err", w.interface("error", inner)),
    ];
    let error = w.structure("net.OpError", fields);
    w.pointer(error)
}

#[test]
fn errors_of_files_and_of_the_system() {
    let open = Some("open /nowhere: no such file or directory".to_owned());
    assert_eq!(said(|w| missing(w, "io/fs.PathError")), open);
    assert_eq!(said(|w| missing(w, "os.PathError")), open);
    assert_eq!(
        said(|w| {
            let inner = errno(w, 17);
            let texts = [("Op", "link"), ("Old", "a"), ("New", "b")];
            pointer(w, "os.LinkError", &texts, Some(inner))
        })
        .unwrap(),
        "link a b: file exists"
    );
    assert_eq!(said(refused).unwrap(), "connect: connection refused");
    assert_eq!(
        said(|w| {
            let inner = plain(w, "executable file not found in $PATH");
            pointer(w, "os/exec.Error", &[("Name", "nothing")], Some(inner))
        })
        .unwrap(),
        r#"exec: "nothing": executable file not found in $PATH"#
    );
    assert_eq!(
        said(|w| pointer(w, "internal/poll.DeadlineExceededError", &[], None)).unwrap(),
        "i/o timeout"
    );
}

#[test]
fn errors_of_the_network() {
    let dialling = "dial tcp 127.0.0.1:5->[fe80::1%eth0]:80: connect: connection refused";
    assert_eq!(said(dial).unwrap(), dialling);
    assert_eq!(
        said(|w| {
            let address = tcp(w, &LOCAL, 5, "");
            let inner = plain(w, "x");
            let fields = vec![
                ("Op", w.text("listen")),
                ("Net", w.text("tcp")),
                ("Source", w.nil("net.Addr")),
                ("Addr", w.interface("net.Addr", address)),
                ("Err", w.interface("error", inner)),
            ];
            let error = w.structure("net.OpError", fields);
            w.pointer(error)
        })
        .unwrap(),
        "listen tcp 127.0.0.1:5: x"
    );
    let lookup = |server: &str| {
        let texts = [
            ("Err", "no such host"),
            ("Name", "a.test"),
            ("Server", server),
        ];
        said(|w| pointer(w, "net.DNSError", &texts, None)).unwrap()
    };
    assert_eq!(
        lookup("1.1.1.1:53"),
        "lookup a.test on 1.1.1.1:53: no such host"
    );
    assert_eq!(lookup(""), "lookup a.test: no such host");
    let address = |address: &str| {
        let texts = [("Err", "missing port in address"), ("Addr", address)];
        said(|w| pointer(w, "net.AddrError", &texts, None)).unwrap()
    };
    assert_eq!(address("a"), "address a: missing port in address");
    assert_eq!(address(""), "missing port in address");
    let parse = [("Type", "CIDR address"), ("Text", "x")];
    assert_eq!(
        said(|w| pointer(w, "net.ParseError", &parse, None)).unwrap(),
        "invalid CIDR address: x"
    );
    assert_eq!(
        said(|w| w.named_text("net.UnknownNetworkError", "udx")).unwrap(),
        "unknown network udx"
    );
    assert_eq!(
        said(|w| {
            let inner = dial(w);
            let texts = [("Op", "Get"), ("URL", r#"http://a/"b""#)];
            pointer(w, "net/url.Error", &texts, Some(inner))
        })
        .unwrap(),
        format!(r#"Get "http://a/\"b\"": {dialling}"#)
    );
    assert_eq!(
        said(|w| w.named_text("net/url.EscapeError", "%zz")).unwrap(),
        r#"invalid URL escape "%zz""#
    );
}

#[test]
fn errors_of_parsing() {
    assert_eq!(
        said(|w| {
            let inner = plain(w, "invalid syntax");
            let texts = [("Func", "Atoi"), ("Num", "1\x002")];
            pointer(w, "strconv.NumError", &texts, Some(inner))
        })
        .unwrap(),
        r#"strconv.Atoi: parsing "1\x002": invalid syntax"#
    );
    let time = |value: &str, element: &str, message: &str| {
        let texts = [
            ("Layout", "2006-01-02"),
            ("Value", value),
            ("LayoutElem", "2006"),
            ("ValueElem", element),
            ("Message", message),
        ];
        said(|w| pointer(w, "time.ParseError", &texts, None)).unwrap()
    };
    assert_eq!(
        time("monday", "monday", ""),
        r#"parsing time "monday" as "2006-01-02": cannot parse "monday" as "2006""#
    );
    assert_eq!(
        time("2020-02-31", "", ": day out of range"),
        r#"parsing time "2020-02-31": day out of range"#
    );
}

#[test]
fn errors_around_errors() {
    let wrapped = |w: &mut World| {
        let inner = missing(w, "io/fs.PathError");
        let fields = vec![
            (
                "msg",
                w.text("load: open /nowhere: no such file or directory"),
            ),
            ("err", w.interface("error", inner)),
        ];
        let error = w.structure("fmt.wrapError", fields);
        w.pointer(error)
    };
    assert_eq!(
        said(wrapped).unwrap(),
        "load: open /nowhere: no such file or directory"
    );
    let joined = |w: &mut World| {
        let (first, second) = (plain(w, "a"), missing(w, "io/fs.PathError"));
        let errors = vec![w.interface("error", first), w.interface("error", second)];
        let fields = vec![("errs", w.slice("[]error", errors, 2))];
        let error = w.structure("errors.joinError", fields);
        w.pointer(error)
    };
    assert_eq!(
        said(joined).unwrap(),
        "a\nopen /nowhere: no such file or directory"
    );
    assert_eq!(
        said(|w| w.structure("context.deadlineExceededError", vec![])).unwrap(),
        "context deadline exceeded"
    );
}

#[test]
fn what_is_not_known_of_a_message_is_said() {
    let mut w = World::default();
    let own = w.structure("main.failure", vec![]);
    assert_eq!(error_message(&own, &w.types), None);
    // Of an error of the program's own, only what is around it is known.
    let around = pointer(
        &mut w,
        "io/fs.PathError",
        &[("Op", "open"), ("Path", "/a")],
        Some(own),
    );
    let message = error_message(&around, &w.types).unwrap();
    assert_eq!((message.bytes(), message.full()), (&b"open /a: "[..], None));
    let text = value(&around, &w.types);
    assert_eq!(
        text,
        r#"&fs.PathError{Op: "open", Path: "/a", Err: main.failure{}}"#
    );
    // A path that was cut leaves what comes behind it unknown, but its length is not.
    let fields = vec![
        ("Op", w.text("open")),
        ("Path", w.cut_text(b"/ab", 10)),
        ("Err", errno(&mut w, 2)),
    ];
    let cut = w.structure("io/fs.PathError", fields);
    let cut = w.pointer(cut);
    let message = error_message(&cut, &w.types).unwrap();
    let full = "open ".len() + 10 + ": no such file or directory".len();
    assert_eq!(
        (message.bytes(), message.full()),
        (&b"open /ab"[..], Some(full as u64))
    );
    let unread = w.unread(
        "*errors.errorString",
        Kind::Pointer { target: None },
        Status::LostChunk,
    );
    assert_eq!(error_message(&unread, &w.types), None);
    let stale = errno(&mut w, 116);
    assert_eq!(error_message(&stale, &w.types), None);
}

#[test]
fn errors_are_shown_by_their_message() {
    let shown = |build: fn(&mut World) -> Value| {
        let mut world = World::default();
        let built = build(&mut world);
        let error = world.interface("error", built);
        value(&error, &world.types)
    };
    assert_eq!(
        shown(|w| plain(w, "sql: no rows")),
        r#"error("sql: no rows")"#
    );
    assert_eq!(
        shown(|w| missing(w, "os.PathError")),
        r#"&fs.PathError("open /nowhere: no such file or directory")"#
    );
    assert_eq!(
        shown(|w| errno(w, 2)),
        r#"syscall.Errno("no such file or directory")"#
    );
}
