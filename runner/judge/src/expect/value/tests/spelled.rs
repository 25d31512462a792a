//! Values of well-known types against the texts that they are shown as.

use model::{Kind, Status, Type, Value, notation, testing::World};
use spec::matcher::{Comparison, Matcher, TextMatcher, TimeText};

use crate::expect::{
    testing::{compares, is, matches},
    truth::Truth,
    value::value_matches,
};

fn judge(matcher: &Matcher, value: &Value, world: &World) -> Truth {
    value_matches(matcher, value, &world.types)
}

/// Bytes of an array type, as a UUID's.
fn array(world: &mut World, name: &str, bytes: &[u8], read: usize) -> Value {
    let mut value = world.cut_bytes(name, &bytes[..read], bytes.len() as u64);
    let element = world.ty("uint8", 1, Kind::Uint);
    let count = bytes.len() as u64;
    let kind = Kind::Array { element, count };
    value.ty = world.types.push(Type {
        name: name.to_owned(),
        size: count,
        kind,
    });
    value
}

const UUID: [u8; 16] = [
    0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0, 0xc0, 0x4f, 0xd4, 0x30, 0xc8,
];

/// Seconds from year 1 to 2026-01-02T03:04:05Z.
const IN_2026: i64 = 63_902_919_845;

fn time(w: &mut World, ext: i64, location: Option<&str>) -> Value {
    let loc = match location {
        Some("?") => w.unread(
            "*time.Location",
            Kind::Pointer { target: None },
            Status::DepthLimit,
        ),
        Some(name) => {
            let name = w.text(name);
            let location = w.structure("time.Location", vec![("name", name)]);
            w.pointer(location)
        }
        None => w.nil("*time.Location"),
    };
    let fields = vec![
        ("wall", w.uint("uint64", 0)),
        ("ext", w.int(ext)),
        ("loc", loc),
    ];
    w.structure("time.Time", fields)
}

fn big(w: &mut World, words: &[u64], negative: bool) -> Value {
    let words: Vec<_> = words
        .iter()
        .map(|word| w.uint("math/big.Word", *word))
        .collect();
    let full = words.len() as u64;
    let fields = vec![
        ("neg", w.boolean(negative)),
        ("abs", w.slice("math/big.nat", words, full)),
    ];
    w.structure("math/big.Int", fields)
}

#[test]
fn every_shown_text_is_accepted_and_so_are_its_other_spellings() {
    let mut w = World::default();
    let (seconds, utc) = (IN_2026, Some("UTC"));
    let mapped = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1];
    let url = {
        let text = |w: &mut World, text| w.text(text);
        let fields = vec![
            ("Scheme", text(&mut w, "https")),
            ("Opaque", text(&mut w, "")),
            ("User", w.nil("*net/url.Userinfo")),
            ("Host", text(&mut w, "go.dev")),
            ("Path", text(&mut w, "/doc")),
            ("RawPath", text(&mut w, "")),
            ("ForceQuery", w.boolean(false)),
            ("RawQuery", text(&mut w, "q=1")),
            ("Fragment", text(&mut w, "")),
        ];
        let url = w.structure("net/url.URL", fields);
        w.pointer(url)
    };
    let tcp = {
        let fields = vec![
            ("IP", w.bytes("net.IP", &[127, 0, 0, 1])),
            ("Port", w.int(80)),
            ("Zone", w.text("")),
        ];
        let address = w.structure("net.TCPAddr", fields);
        w.pointer(address)
    };
    let network = {
        let fields = vec![
            ("IP", w.bytes("net.IP", &[10, 0, 0, 0])),
            ("Mask", w.bytes("net.IPMask", &[0xff, 0, 0, 0])),
        ];
        w.structure("net.IPNet", fields)
    };
    let lock = {
        let fields = vec![("state", w.of("int32", 4, Kind::Int, model::Content::Int(1)))];
        w.structure("sync.Mutex", fields)
    };
    let expression = {
        let fields = vec![("expr", w.text("^a\"+$"))];
        let regexp = w.structure("regexp.Regexp", fields);
        w.pointer(regexp)
    };
    let buffer = {
        let fields = vec![("buf", w.bytes("[]uint8", b"xabc")), ("off", w.int(1))];
        w.structure("bytes.Buffer", fields)
    };
    let values = [
        (
            w.named_int("time.Duration", 1_500_000_000),
            &["1.5s", "1500ms", "1s500ms"][..],
            "1.6s",
        ),
        (
            w.named_int("time.Duration", -1_100),
            &["-1.1µs", "-1100ns", "-1.1us"],
            "1.1µs",
        ),
        (w.named_int("time.Month", 2), &["February"], "March"),
        (w.named_int("time.Weekday", 1), &["Monday"], "Tuesday"),
        (
            time(&mut w, seconds, utc),
            &[
                "2026-01-02T03:04:05Z",
                "2026-01-02T05:04:05+02:00",
                "2026-01-02T03:04:05Z (UTC)",
            ],
            "2026-01-02T03:04:06Z",
        ),
        (
            time(&mut w, seconds, Some("Europe/Berlin")),
            &[
                "2026-01-02T03:04:05Z (Europe/Berlin)",
                "2026-01-02T03:04:05Z",
            ],
            "2026-01-02T03:04:05Z (Europe/Paris)",
        ),
        (
            time(&mut w, 0, None),
            &["time.Time{}", "0001-01-01T00:00:00Z"],
            "0001-01-01T00:00:01Z",
        ),
        (
            array(&mut w, "google/uuid.UUID", &UUID, 16),
            &[
                "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
                "6BA7B810-9DAD-11D1-80B4-00C04FD430C8",
            ],
            "6ba7b810-9dad-11d1-80b4-00c04fd430c9",
        ),
        (
            w.bytes("net.IP", &mapped),
            &["127.0.0.1", "::ffff:127.0.0.1"],
            "127.0.0.2",
        ),
        (network, &["10.0.0.0/8", "10.0.0.0/08"], "10.0.0.0/9"),
        (
            tcp,
            &["127.0.0.1:80", "[::ffff:127.0.0.1]:80"],
            "127.0.0.1:81",
        ),
        (url, &["https://go.dev/doc?q=1"], "https://go.dev/doc"),
        (
            big(&mut w, &[0, 1], true),
            &["-18446744073709551616", "-018446744073709551616"],
            "18446744073709551616",
        ),
        (lock, &["locked"], "unlocked"),
        (expression, &["^a\"+$"], "^a+$"),
        (buffer, &["abc"], "xabc"),
        (
            w.uint("syscall.Errno", 2),
            &["no such file or directory"],
            "file exists",
        ),
    ];
    for (value, texts, other) in values {
        let shown = notation::value(&value, &w.types);
        assert!(
            shown.contains(texts[0]) || texts[0].contains('"'),
            "{shown}"
        );
        for text in texts {
            assert_eq!(judge(&is(*text), &value, &w), Truth::Yes, "{shown} {text}");
            let held = w.interface("interface {}", value.clone());
            assert_eq!(
                judge(&is(*text), &held, &w),
                Truth::Yes,
                "{shown} {text} in any"
            );
        }
        assert_eq!(judge(&is(other), &value, &w), Truth::No, "{shown} {other}");
        let parts = Matcher::Text(TextMatcher::Contains(texts[0][1..].to_owned()));
        assert_eq!(judge(&parts, &value, &w), Truth::Yes, "{shown} contains");
        assert_eq!(
            judge(&matches("^never$"), &value, &w),
            Truth::No,
            "{shown} matches"
        );
    }
}

#[test]
fn lengths_and_points_of_time_have_an_order() {
    let mut w = World::default();
    let length = w.named_int("time.Duration", 1_500_000_000);
    let moment = time(&mut w, IN_2026, None);
    let plain = w.int(1_500_000_000);
    let than = |comparison, text| Matcher::CompareTime(comparison, TimeText::read(text).unwrap());
    use Comparison::{Ge, Gt, Le, Lt};
    for (value, comparison, text, holds) in [
        (&length, Lt, "2s", true),
        (&length, Lt, "1500ms", false),
        (&length, Le, "1500ms", true),
        (&length, Gt, "1.4s", true),
        (&length, Ge, "1.6s", false),
        (&moment, Lt, "2026-01-02T03:04:06Z", true),
        (&moment, Ge, "2026-01-02T05:04:05+02:00", true),
        (&moment, Gt, "2026-01-02T03:04:05Z", false),
        // Neither is what the other is, and a number is neither.
        (&length, Lt, "2026-01-02T03:04:06Z", false),
        (&moment, Ge, "1s", false),
        (&plain, Lt, "2s", false),
    ] {
        assert_eq!(
            judge(&than(comparison, text), value, &w),
            holds.into(),
            "{comparison} {text}"
        );
    }
    assert_eq!(judge(&compares(Lt, 2_000_000_000), &length, &w), Truth::Yes);
    assert_eq!(judge(&is(1_500_000_000), &length, &w), Truth::Yes);
    assert!(TimeText::read("2020").is_none() && TimeText::read("x").is_none());
}

#[test]
fn what_was_not_read_is_not_judged() {
    let mut w = World::default();
    let uuid = array(&mut w, "a.UUID", &UUID, 8);
    let unread = |truth: &Truth| matches!(truth, Truth::Unknown(_));
    let text = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
    assert!(unread(&judge(&is(text), &uuid, &w)));
    let berlin = "2026-01-02T03:04:05Z (Europe/Berlin)";
    let somewhere = time(&mut w, IN_2026, Some("?"));
    assert!(unread(&judge(&is(berlin), &somewhere, &w)));
    assert_eq!(
        judge(&is("2026-01-02T03:04:05Z"), &somewhere, &w),
        Truth::Yes
    );
    let fields = vec![
        ("wall", w.unread("uint64", Kind::Uint, Status::DepthLimit)),
        ("ext", w.int(0)),
    ];
    let moment = w.structure("time.Time", fields);
    assert!(unread(&judge(&is("2026-01-02T03:04:05Z"), &moment, &w)));
    let fields = vec![
        ("buf", w.cut_bytes("[]uint8", b"abc", 9)),
        ("off", w.int(0)),
    ];
    let buffer = w.structure("bytes.Buffer", fields);
    assert!(unread(&judge(&is("abcdefghi"), &buffer, &w)));
    assert_eq!(judge(&is("abcdefgh"), &buffer, &w), Truth::No);
    assert_eq!(judge(&is("xbcdefghi"), &buffer, &w), Truth::No);
    // Numbers without a name, and an error number that releases word differently.
    let month = w.named_int("time.Month", 13);
    assert_eq!(judge(&is("January"), &month, &w), Truth::No);
    assert_eq!(judge(&is(13), &month, &w), Truth::Yes);
    let stale = w.uint("syscall.Errno", 116);
    assert!(unread(&judge(&is("stale file handle"), &stale, &w)));
    assert_eq!(judge(&is(116), &stale, &w), Truth::Yes);
}

#[test]
fn bytes_are_still_text() {
    let mut w = World::default();
    let name = array(&mut w, "main.Name", b"abcdefghijklmnop", 16);
    assert_eq!(judge(&is("abcdefghijklmnop"), &name, &w), Truth::Yes);
    let uuid = array(&mut w, "main.UUID", b"abcdefghijklmnop", 16);
    assert_eq!(judge(&is("abcdefghijklmnop"), &uuid, &w), Truth::Yes);
    assert_eq!(judge(&is("abcdefghijklmnoq"), &uuid, &w), Truth::No);
    assert_eq!(
        judge(&is("61626364-6566-6768-696a-6b6c6d6e6f70"), &uuid, &w),
        Truth::Yes
    );
}

#[test]
fn errors_are_their_messages() {
    let mut w = World::default();
    let fields = vec![("s", w.text("EOF"))];
    let eof = w.structure("errors.errorString", fields);
    let eof = w.pointer(eof);
    let eof = w.interface("error", eof);
    assert_eq!(notation::value(&eof, &w.types), "error(\"EOF\")");
    assert_eq!(judge(&is("EOF"), &eof, &w), Truth::Yes);
    assert_eq!(judge(&is("EOG"), &eof, &w), Truth::No);
    assert_eq!(judge(&matches("^E"), &eof, &w), Truth::Yes);
    let network = w.named_text("net.UnknownNetworkError", "udx");
    for text in ["unknown network udx", "udx"] {
        assert_eq!(judge(&is(text), &network, &w), Truth::Yes);
    }
}

#[test]
fn numbers_in_structs_are_numbers() {
    let mut w = World::default();
    let fields = vec![("v", w.named_int("int64", 5))];
    let counter = w.structure("sync/atomic.Int64", fields);
    assert_eq!(judge(&is(5), &counter, &w), Truth::Yes);
    assert_eq!(judge(&compares(Comparison::Gt, 5), &counter, &w), Truth::No);
    let fields = vec![("v", w.uint("uint32", 1))];
    let flag = w.structure("sync/atomic.Bool", fields);
    assert_eq!(judge(&is(true), &flag, &w), Truth::Yes);
    assert_eq!(judge(&is(1), &flag, &w), Truth::No);
    let text = w.text("x");
    let fields = vec![("v", w.interface("interface {}", text))];
    let any = w.structure("sync/atomic.Value", fields);
    assert_eq!(judge(&is("x"), &any, &w), Truth::Yes);
    assert_eq!(judge(&is("y"), &any, &w), Truth::No);
    let huge = big(&mut w, &[0, 0, 1], false);
    let small = big(&mut w, &[12], true);
    assert_eq!(judge(&is(-12), &small, &w), Truth::Yes);
    assert_eq!(judge(&compares(Comparison::Lt, 0), &small, &w), Truth::Yes);
    assert_eq!(judge(&compares(Comparison::Gt, 7), &huge, &w), Truth::Yes);
}
