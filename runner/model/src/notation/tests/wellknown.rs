//! Well-known types. Strings that Go has for such a value were printed by it: `told.go`.

use crate::testing::World;
use crate::{
    Kind, Status, Value,
    notation::{Identities, stable_values, value},
};

fn shown(build: impl FnOnce(&mut World) -> Value) -> String {
    let mut world = World::default();
    let built = build(&mut world);
    value(&built, &world.types)
}

fn boxed(build: impl FnOnce(&mut World) -> Value) -> String {
    shown(|world| {
        let dynamic = build(world);
        world.interface("interface {}", dynamic)
    })
}

#[test]
fn durations_months_and_days() {
    for (nanoseconds, go) in [
        (0, "0s"),
        (1, "1ns"),
        (1100, "1.1µs"),
        (2_200_000, "2.2ms"),
        (3_300_000_000, "3.3s"),
        (245_001_000_000, "4m5.001s"),
        (18_001_000_000_000, "5h0m1s"),
        (-1_500_000_000, "-1.5s"),
        (i64::MAX, "2562047h47m16.854775807s"),
        (i64::MIN, "-2562047h47m16.854775808s"),
    ] {
        assert_eq!(shown(|w| w.named_int("time.Duration", nanoseconds)), go);
    }
    assert_eq!(
        boxed(|w| w.named_int("time.Duration", 5)),
        "time.Duration(5ns)"
    );
    assert_eq!(shown(|w| w.named_int("time.Month", 2)), "February");
    assert_eq!(shown(|w| w.named_int("time.Month", 13)), "13");
    assert_eq!(shown(|w| w.named_int("time.Weekday", 0)), "Sunday");
}

fn time(w: &mut World, wall: u64, ext: i64, location: Option<&str>) -> Value {
    let loc = match location {
        Some(name) => {
            let name = w.text(name);
            let location = w.structure("time.Location", vec![("name", name)]);
            w.pointer(location)
        }
        None => w.nil("*time.Location"),
    };
    let fields = vec![
        ("wall", w.uint("uint64", wall)),
        ("ext", w.int(ext)),
        ("loc", loc),
    ];
    w.structure("time.Time", fields)
}

#[test]
fn moments() {
    for (seconds, nanoseconds, go) in [
        (63_718_576_215, 120, "2020-02-29T12:30:15.00000012Z"),
        (59_453_308_799, 0, "1884-12-31T23:59:59Z"),
        (1, 0, "0001-01-01T00:00:01Z"),
        (66_243_139_200, 0, "2100-03-01T00:00:00Z"),
        (62_135_596_799, 0, "1969-12-31T23:59:59Z"),
    ] {
        assert_eq!(shown(|w| time(w, nanoseconds, seconds, None)), go);
        // With a monotonic clock, which is left out, the seconds count from 1885.
        let since_1885 = seconds - 59_453_308_800;
        if let Ok(since_1885) = u64::try_from(since_1885) {
            let wall = 1 << 63 | since_1885 << 30 | nanoseconds;
            assert_eq!(shown(|w| time(w, wall, 12_345, Some("Local"))), go);
        }
    }
    assert_eq!(shown(|w| time(w, 0, 0, None)), "time.Time{}");
    let berlin = shown(|w| time(w, 0, 66_243_139_200, Some("Europe/Berlin")));
    assert_eq!(berlin, "2100-03-01T00:00:00Z (Europe/Berlin)");
    let far = shown(|w| time(w, 0, i64::MAX, None));
    assert_eq!(far, "time.Time{…}");
}

#[test]
fn addresses() {
    let ip = |bytes: &[u8]| shown(|w| w.bytes("net.IP", bytes));
    assert_eq!(ip(&[1, 2, 3, 4]), "1.2.3.4");
    assert_eq!(
        ip(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 1, 2, 3, 4]),
        "1.2.3.4"
    );
    let long = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1];
    assert_eq!(ip(&long), "2001:db8::1:0:0:1");
    assert_eq!(ip(&[1, 2]), "net.IP{0x01, 0x02}");
    let network = |address: &[u8], mask: &[u8]| {
        shown(|w| {
            let fields = vec![
                ("IP", w.bytes("net.IP", address)),
                ("Mask", w.bytes("net.IPMask", mask)),
            ];
            let network = w.structure("net.IPNet", fields);
            w.pointer(network)
        })
    };
    assert_eq!(
        network(&[10, 1, 0, 0], &[0xff, 0xff, 0xf0, 0]),
        "10.1.0.0/20"
    );
    assert!(network(&[10, 1, 0, 0], &[0xff, 0, 0xf0, 0]).starts_with("&net.IPNet{"));
    assert!(network(&[10, 1, 0, 0], &[0xff, 0xf0, 0xf0, 0]).starts_with("&net.IPNet{"));
    let netip = |hi: u64, lo: u64, detail: Option<(bool, &str)>| {
        shown(|w| {
            let words = vec![("hi", w.uint("uint64", hi)), ("lo", w.uint("uint64", lo))];
            let bits = w.structure("net/netip.uint128", words);
            let pointer = match detail {
                Some((is_six, zone)) => {
                    let fields = vec![("isV6", w.boolean(is_six)), ("zoneV6", w.text(zone))];
                    let detail = w.structure("net/netip.addrDetail", fields);
                    w.pointer(detail)
                }
                None => w.nil("*net/netip.addrDetail"),
            };
            let handle = w.structure(
                "unique.Handle[net/netip.addrDetail]",
                vec![("value", pointer)],
            );
            w.structure("net/netip.Addr", vec![("addr", bits), ("z", handle)])
        })
    };
    assert_eq!(netip(0, 0xffff_0102_0304, Some((false, ""))), "1.2.3.4");
    assert_eq!(
        netip(0, 0xffff_0102_0304, Some((true, ""))),
        "::ffff:1.2.3.4"
    );
    assert_eq!(netip(0xfe80 << 48, 1, Some((true, "eth0"))), "fe80::1%eth0");
    assert_eq!(netip(0, 0, None), "invalid IP");
}

fn big(w: &mut World, is_negative: bool, words: &[u64]) -> Value {
    let values = words
        .iter()
        .map(|word| w.uint("math/big.Word", *word))
        .collect();
    let abs = w.slice("math/big.nat", values, words.len() as u64);
    let neg = w.boolean(is_negative);
    w.structure("math/big.Int", vec![("neg", neg), ("abs", abs)])
}

#[test]
fn large_numbers() {
    assert_eq!(
        shown(|w| {
            let number = big(w, true, &[1, 0, 1_000_000_000]);
            w.pointer(number)
        }),
        "-340282366920938463463374607431768211456000000001"
    );
    assert_eq!(shown(|w| big(w, false, &[])), "0");
    assert_eq!(
        shown(|w| {
            let parts = vec![("a", big(w, true, &[3])), ("b", big(w, false, &[4]))];
            w.structure("math/big.Rat", parts)
        }),
        "-3/4"
    );
    let uuid: Vec<u8> = (0..16).collect();
    assert_eq!(
        shown(|w| w.bytes("github.com/google/uuid.UUID", &uuid)),
        "00010203-0405-0607-0809-0a0b0c0d0e0f"
    );
}

#[expect(clippy::too_many_arguments, reason = "these are the fields")]
fn url(
    w: &mut World,
    scheme: &str,
    opaque: &str,
    user: bool,
    host: &str,
    path: &str,
    raw: &str,
    query: &str,
    fragment: &str,
    force: bool,
) -> Value {
    let user = if user {
        let fields = vec![
            ("username", w.text("u")),
            ("password", w.text("secret")),
            ("passwordSet", w.boolean(true)),
        ];
        let user = w.structure("net/url.Userinfo", fields);
        w.pointer(user)
    } else {
        w.nil("*net/url.Userinfo")
    };
    let fields = vec![
        ("Scheme", w.text(scheme)),
        ("Opaque", w.text(opaque)),
        ("User", user),
        ("Host", w.text(host)),
        ("Path", w.text(path)),
        ("RawPath", w.text(raw)),
        ("ForceQuery", w.boolean(force)),
        ("RawQuery", w.text(query)),
        ("Fragment", w.text(fragment)),
    ];
    let url = w.structure("net/url.URL", fields);
    w.pointer(url)
}

#[test]
fn urls_and_requests() {
    assert_eq!(
        shown(|w| url(
            w,
            "https",
            "",
            true,
            "a.test:80",
            "/a b/c",
            "",
            "x=1&y",
            "f",
            false
        )),
        "https://u:xxxxx@a.test:80/a%20b/c?x=1&y#f"
    );
    assert_eq!(
        shown(|w| url(w, "mailto", "a@b.c", false, "", "", "", "", "", false)),
        "mailto:a@b.c"
    );
    assert_eq!(
        shown(|w| url(w, "", "", false, "", "/a/b", "", "", "", true)),
        "/a/b?"
    );
    assert_eq!(
        shown(|w| url(w, "", "", false, "h", "", "", "", "", false)),
        "//h"
    );
    assert_eq!(
        shown(|w| url(w, "", "", false, "", "/a/b/ü", "/a%2fb/ü", "", "", false)),
        "/a/b/%C3%BC"
    );
    assert_eq!(
        shown(|w| url(w, "", "", false, "", "/a/b", "/a%2fb", "", "", false)),
        "/a%2fb"
    );
    assert_eq!(
        shown(|w| url(w, "file", "", false, "", "/a", "", "", "", false)),
        "file:///a"
    );
    let request = |w: &mut World, target: &str| {
        let url = url(w, "http", "", false, "h", "/p", "", "", "", false);
        let fields = vec![
            ("Method", w.text("")),
            ("URL", url),
            ("RequestURI", w.text(target)),
        ];
        let request = w.structure("net/http.Request", fields);
        w.pointer(request)
    };
    assert_eq!(shown(|w| request(w, "/?name=Go")), "GET /?name=Go");
    assert_eq!(shown(|w| request(w, "")), "GET http://h/p");
    assert_eq!(boxed(|w| request(w, "/")), "&http.Request(GET /)");
}

#[test]
fn contexts() {
    let chain = |w: &mut World, root: Value| {
        let (key, val) = (w.text("id"), w.int(5));
        let fields = vec![
            ("Context", w.interface("context.Context", root)),
            ("key", w.interface("interface {}", key)),
            ("val", w.interface("interface {}", val)),
        ];
        let value = w.structure("context.valueCtx", fields);
        let value = w.pointer(value);
        let inner = vec![("Context", w.interface("context.Context", value))];
        let cancel = w.structure("context.cancelCtx", inner);
        let deadline = time(w, 0, 66_243_139_200, None);
        let timer = w.structure(
            "context.timerCtx",
            vec![("cancelCtx", cancel), ("deadline", deadline)],
        );
        let timer = w.pointer(timer);
        w.interface("context.Context", timer)
    };
    assert_eq!(
        shown(|w| {
            let root = w.structure("context.backgroundCtx", vec![]);
            chain(w, root)
        }),
        r#"context.Background.WithValue("id", int).WithDeadline(2100-03-01T00:00:00Z)"#
    );
    let stable = |build: fn(&mut World) -> Value| {
        let mut world = World::default();
        let root = build(&mut world);
        let value = chain(&mut world, root);
        stable_values(&[value], &world.types, None, &mut Identities::default())[0].line()
    };
    // Older releases do not tell Background from TODO, and a deadline is another one each time.
    let text = r#"context.Empty.WithValue("id", int).WithDeadline"#;
    assert_eq!(stable(|w| w.structure("context.todoCtx", vec![])), text);
    assert_eq!(
        stable(|w| {
            let root = w.named_int("context.emptyCtx", 0);
            w.pointer(root)
        }),
        text
    );
    assert_eq!(
        stable(|w| {
            let root = w.unread_struct("main.ctx", Status::DepthLimit);
            w.pointer(root)
        }),
        r#"….WithValue("id", int).WithDeadline"#
    );
    assert_eq!(
        stable(|w| w.structure("example.com/a.Ctx", vec![])),
        r#"a.Ctx.WithValue("id", int).WithDeadline"#
    );
}

#[test]
fn locks() {
    let state = |w: &mut World, state: i64| {
        let fields = vec![
            ("state", w.named_int("int32", state)),
            ("sema", w.uint("uint32", 0)),
        ];
        (
            w.structure("sync.Mutex", fields.clone()),
            w.structure("internal/sync.Mutex", fields),
        )
    };
    assert_eq!(shown(|w| state(w, 1).0), "sync.Mutex(locked)");
    assert_eq!(
        shown(|w| {
            let inner = state(w, 0).1;
            w.structure("sync.Mutex", vec![("mu", inner)])
        }),
        "sync.Mutex(unlocked)"
    );
    let read_write = |readers: i64, waited_for: i64, is_atomic: bool| {
        shown(|w| {
            let mut count = |number| {
                let number = w.named_int("int32", number);
                if is_atomic {
                    w.structure("sync/atomic.Int32", vec![("v", number)])
                } else {
                    number
                }
            };
            let fields = vec![
                ("readerCount", count(readers)),
                ("readerWait", count(waited_for)),
            ];
            w.structure("sync.RWMutex", fields)
        })
    };
    for is_atomic in [false, true] {
        assert_eq!(read_write(0, 0, is_atomic), "sync.RWMutex(unlocked)");
        assert_eq!(read_write(3, 0, is_atomic), "sync.RWMutex(3 readers)");
        assert_eq!(read_write(-(1 << 30), 0, is_atomic), "sync.RWMutex(locked)");
        assert_eq!(
            read_write(1 - (1 << 30), 1, is_atomic),
            "sync.RWMutex(1 reader, a writer waits)"
        );
    }
    let once = |w: &mut World, done: Value| w.structure("sync.Once", vec![("done", done)]);
    assert_eq!(
        shown(|w| {
            let done = w.uint("uint32", 1);
            once(w, done)
        }),
        "sync.Once(done)"
    );
    assert_eq!(
        shown(|w| {
            let done = w.uint("uint32", 0);
            let done = w.structure("sync/atomic.Bool", vec![("v", done)]);
            once(w, done)
        }),
        "sync.Once(not done)"
    );
    assert_eq!(
        shown(|w| {
            let v = w.int(5);
            w.structure("sync/atomic.Int64", vec![("v", v)])
        }),
        "atomic.Int64(5)"
    );
    assert_eq!(
        shown(|w| {
            let v = w.named_int("int8", 5);
            let v = w.interface("interface {}", v);
            w.structure("sync/atomic.Value", vec![("v", v)])
        }),
        "atomic.Value(int8(5))"
    );
}

#[test]
fn text_in_buffers() {
    let buffer = |off: i64, full: u64| {
        shown(|w| {
            let fields = vec![
                ("buf", w.cut_bytes("[]uint8", b"hello", full)),
                ("off", w.int(off)),
            ];
            let buffer = w.structure("bytes.Buffer", fields);
            w.pointer(buffer)
        })
    };
    assert_eq!(buffer(2, 5), r#"&bytes.Buffer("llo")"#);
    assert_eq!(buffer(2, 9), r#"&bytes.Buffer("llo"…(+4 bytes))"#);
    assert!(buffer(7, 9).starts_with("&bytes.Buffer{"));
    assert_eq!(
        shown(|w| {
            let buf = w.bytes("[]uint8", b"ab");
            w.structure("strings.Builder", vec![("buf", buf)])
        }),
        r#"strings.Builder("ab")"#
    );
    let raw = |text: &[u8]| shown(|w| w.bytes("encoding/json.RawMessage", text));
    assert_eq!(raw(br#"{"a":1}"#), r#"{"a":1}"#);
    assert_eq!(raw(b"[\n]"), r#"json.RawMessage("[\n]")"#);
    assert_eq!(
        shown(|w| w.named_text("encoding/json.Number", "1.5e3")),
        "1.5e3"
    );
    assert_eq!(
        shown(|w| {
            let expr = w.text(r"^\d+$");
            let regexp = w.structure("regexp.Regexp", vec![("expr", expr)]);
            w.pointer(regexp)
        }),
        r"&regexp.Regexp(`^\d+$`)"
    );
}

#[test]
fn what_is_not_as_expected_is_shown_like_any_other_value() {
    assert_eq!(
        shown(|w| {
            let state = w.unread("int32", Kind::Int, Status::LostChunk);
            w.structure("sync.Mutex", vec![("state", state)])
        }),
        "sync.Mutex{…}"
    );
    assert_eq!(shown(|w| w.structure("time.Time", vec![])), "time.Time{}");
    assert_eq!(
        shown(|w| w.unread_struct("net/url.URL", Status::DepthLimit)),
        "url.URL{…}"
    );
}
