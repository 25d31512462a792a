//! Well-known values as a person writes them: each text that values are shown as can be read back, also where it is spelled
//! otherwise (`1500ms` for `1.5s`).

use std::net::{IpAddr, SocketAddr};

use super::{Form, address, buffer, context, http, number, sync, time};
use crate::{
    Kind, Moment, Text, TypeId, TypeTable, Value, duration,
    notation::{errno, subject::Subject},
};

/// What a text says of a value of a well-known type; equal for all spellings of one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// A `time.Duration`, in nanoseconds.
    Duration(i64),
    /// A `time.Time`, and its location if that is named.
    Moment(Moment, Option<String>),
    /// Anything else, as it is shown.
    Text(String),
}

/// How the values of a well-known type are spelled.
#[derive(Clone, Copy, Debug)]
pub struct Spelling(&'static Row);

#[derive(Debug)]
struct Row {
    /// The type's name without type arguments.
    name: &'static str,
    /// The text that a value is shown as; none where that was not read.
    show: for<'a> fn(Subject<'a>) -> Option<Text>,
    /// What such a text says; none if no value is shown so.
    read: fn(&str) -> Option<Meaning>,
    /// Such a text.
    example: &'static str,
}

const fn row(
    name: &'static str,
    show: for<'a> fn(Subject<'a>) -> Option<Text>,
    read: fn(&str) -> Option<Meaning>,
    example: &'static str,
) -> Row {
    Row {
        name,
        show,
        read,
        example,
    }
}

/// How the values of a type are spelled, if they are shown as text although they are none.
#[must_use]
pub fn spelling(types: &TypeTable, ty: TypeId) -> Option<Spelling> {
    let known = types.get(ty)?;
    if known.name.ends_with(".UUID") {
        let is_byte = |element| {
            let element = types.get(element);
            element.is_some_and(|element| element.kind == Kind::Uint && element.size == 1)
        };
        return match known.kind {
            Kind::Array { element, count: 16 } | Kind::Slice { element } if is_byte(element) => {
                Some(Spelling(&UUID))
            }
            _ => None,
        };
    }
    let row = ROWS.iter().find(|row| row.name == known.name)?;
    Some(Spelling(row))
}

impl Spelling {
    /// The text that a value is shown as, of which perhaps only the beginning was read; none where what it takes was not.
    #[must_use]
    pub fn shown(self, value: &Value, types: &TypeTable) -> Option<Text> {
        (self.0.show)(Subject::new(value, types))
    }

    /// What a text says; none if no value is shown so.
    #[must_use]
    pub fn read(self, text: &str) -> Option<Meaning> {
        (self.0.read)(text)
    }

    /// A text that a value can be shown as.
    #[must_use]
    pub const fn example(self) -> &'static str {
        self.0.example
    }
}

/// Whether the location of a `time.Time` was read.
#[must_use]
pub fn has_location(value: &Value, types: &TypeTable) -> bool {
    let location = Subject::new(value, types).field("loc");
    location.is_some_and(|location| {
        let name = location.target().and_then(|target| target.field("name"));
        location.is_nil() || name.and_then(Subject::string).is_some()
    })
}

const ROWS: &[Row] = &[
    row("bytes.Buffer", buffer::unread, any, "text"),
    row("context.backgroundCtx", contexts, any, "context.Background"),
    row(
        "context.cancelCtx",
        contexts,
        any,
        "context.Background.WithCancel",
    ),
    row("context.emptyCtx", contexts, any, "context.Empty"),
    row(
        "context.afterFuncCtx",
        contexts,
        any,
        "context.Background.WithCancel",
    ),
    row(
        "context.timerCtx",
        contexts,
        any,
        "context.Background.WithCancel",
    ),
    row("context.todoCtx", contexts, any, "context.TODO"),
    row(
        "context.valueCtx",
        contexts,
        any,
        "context.Background.WithValue(\"key\", \"value\")",
    ),
    row(
        "context.withoutCancelCtx",
        contexts,
        any,
        "context.Background.WithoutCancel",
    ),
    row(
        "math/big.Int",
        |subject| line(number::big_int(subject)),
        integer,
        "-12",
    ),
    row(
        "math/big.Rat",
        |subject| line(number::big_rat(subject)),
        ratio,
        "1/3",
    ),
    row(
        "net.IP",
        |subject| line(address::ip(subject)),
        ip,
        "127.0.0.1",
    ),
    row(
        "net.IPNet",
        |subject| line(address::network(subject)),
        network,
        "10.0.0.0/8",
    ),
    row("net.IPAddr", sockets, socket, "127.0.0.1"),
    row("net.TCPAddr", sockets, socket, "127.0.0.1:80"),
    row("net.UDPAddr", sockets, socket, "127.0.0.1:80"),
    row("net.UnixAddr", sockets, any, "/run/a.sock"),
    row(
        "net/http.Request",
        |subject| line(http::request(subject)),
        any,
        "GET /path",
    ),
    row(
        "net/netip.Addr",
        |subject| line(address::netip(subject)),
        netip,
        "127.0.0.1",
    ),
    row(
        "net/url.URL",
        |subject| whole(http::url_text(subject)),
        any,
        "https://example.com/path",
    ),
    row(
        "regexp.Regexp",
        |subject| whole(buffer::expression(subject).map(str::to_owned)),
        any,
        "^a+$",
    ),
    row("strings.Builder", buffer::built, any, "text"),
    row(
        "sync.Mutex",
        |subject| line(sync::mutex(subject)),
        mutex,
        "locked",
    ),
    row(
        "sync.Once",
        |subject| line(sync::once(subject)),
        once,
        "done",
    ),
    row(
        "sync.RWMutex",
        |subject| line(sync::read_write_mutex(subject)),
        any,
        "locked",
    ),
    row(
        "syscall.Errno",
        |subject| whole(errno::errno(subject.uint()?)),
        error_number,
        "no such file or directory",
    ),
    row(
        "time.Duration",
        |subject| line(time::duration(subject)),
        length,
        "1.5s",
    ),
    row(
        "time.Month",
        |subject| line(time::month(subject)),
        month,
        "January",
    ),
    row(
        "time.Time",
        |subject| line(time::time(subject)),
        moment,
        "2026-01-02T03:04:05Z",
    ),
    row(
        "time.Weekday",
        |subject| line(time::weekday(subject)),
        weekday,
        "Monday",
    ),
];

static UUID: Row = row(
    "UUID",
    |subject| line(number::uuid(subject)),
    uuid,
    "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
);

fn whole(text: Option<String>) -> Option<Text> {
    Some(Text::whole(text?.into_bytes()))
}

/// The text of a form that has no parts.
fn line(form: Option<Form<'_>>) -> Option<Text> {
    match form? {
        Form::Plain(layout) | Form::Named(layout) | Form::Whole(layout) => {
            whole(Some(layout.line()))
        }
        Form::Holds(_) => None,
    }
}

fn contexts(subject: Subject<'_>) -> Option<Text> {
    line(context::form(subject))
}

fn sockets(subject: Subject<'_>) -> Option<Text> {
    whole(address::socket(subject))
}

#[expect(clippy::unnecessary_wraps, reason = "the other types refuse texts")]
fn any(text: &str) -> Option<Meaning> {
    Some(Meaning::Text(text.to_owned()))
}

fn one_of(names: &[&str], text: &str) -> Option<Meaning> {
    any(text).filter(|_| names.contains(&text))
}

fn mutex(text: &str) -> Option<Meaning> {
    one_of(&["locked", "unlocked"], text)
}

fn once(text: &str) -> Option<Meaning> {
    one_of(&["done", "not done"], text)
}

fn month(text: &str) -> Option<Meaning> {
    one_of(&time::MONTHS, text)
}

fn weekday(text: &str) -> Option<Meaning> {
    one_of(&time::DAYS, text)
}

fn length(text: &str) -> Option<Meaning> {
    duration(text).ok().map(Meaning::Duration)
}

/// RFC 3339, and the name of the location behind it.
fn moment(text: &str) -> Option<Meaning> {
    if text == "time.Time{}" {
        return Some(Meaning::Moment(Moment::ZERO, None));
    }
    let (moment, location) = match text
        .strip_suffix(')')
        .and_then(|text| text.split_once(" ("))
    {
        Some((moment, location)) => (moment, Some(location.to_owned())),
        None => (text, None),
    };
    let location = location.filter(|location| location != "UTC");
    Some(Meaning::Moment(Moment::parse(moment)?, location))
}

fn error_number(text: &str) -> Option<Meaning> {
    any(text).filter(|_| errno::is_text(text))
}

fn digits(text: &str) -> Option<&str> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let plain = text.trim_start_matches('0');
    is_number.then_some(if plain.is_empty() { "0" } else { plain })
}

fn signed(text: &str) -> Option<String> {
    let (sign, number) = match text.strip_prefix('-') {
        Some(number) => ("-", number),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    match digits(number)? {
        "0" => Some("0".to_owned()),
        number => Some(format!("{sign}{number}")),
    }
}

fn integer(text: &str) -> Option<Meaning> {
    signed(text).map(Meaning::Text)
}

/// In lowest terms, as Go keeps them.
fn ratio(text: &str) -> Option<Meaning> {
    let (numerator, denominator) = text.split_once('/').unwrap_or((text, "1"));
    let (numerator, denominator) = (signed(numerator)?, digits(denominator)?);
    let small = |number: &str| number.trim_start_matches('-').parse::<u128>().ok();
    let is_lowest = match (small(&numerator), small(denominator)) {
        (_, Some(0)) => false,
        (Some(a), Some(b)) => greatest_common_divisor(a, b) == 1,
        _ => true,
    };
    is_lowest.then(|| Meaning::Text(format!("{numerator}/{denominator}")))
}

const fn greatest_common_divisor(a: u128, b: u128) -> u128 {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

fn ip(text: &str) -> Option<Meaning> {
    let ip: IpAddr = text.parse().ok()?;
    Some(Meaning::Text(ip.to_canonical().to_string()))
}

fn network(text: &str) -> Option<Meaning> {
    let (ip, ones) = text.split_once('/')?;
    let ip: IpAddr = ip.parse().ok()?;
    let ones: u32 = digits(ones)?.parse().ok()?;
    let bits = if ip.is_ipv4() { 32 } else { 128 };
    (ones <= bits).then(|| Meaning::Text(format!("{ip}/{ones}")))
}

fn netip(text: &str) -> Option<Meaning> {
    if text == "invalid IP" {
        return any(text);
    }
    let (ip, zone) = match text.split_once('%') {
        Some((ip, zone)) => (ip, Some(zone)),
        None => (text, None),
    };
    let ip: IpAddr = ip.parse().ok()?;
    match zone {
        None => Some(Meaning::Text(ip.to_string())),
        Some(zone) if ip.is_ipv6() && !zone.is_empty() => {
            Some(Meaning::Text(format!("{ip}%{zone}")))
        }
        Some(_) => None,
    }
}

/// An address and a port, either of which may be missing, or a zone are in it.
fn socket(text: &str) -> Option<Meaning> {
    let address = text
        .parse::<SocketAddr>()
        .map(|address| SocketAddr::new(address.ip().to_canonical(), address.port()).to_string());
    let ip = || {
        text.parse::<IpAddr>()
            .map(|ip| ip.to_canonical().to_string())
    };
    let canonical = address.or_else(|_| ip());
    any(&canonical.unwrap_or_else(|_| text.to_owned()))
}

/// Five groups of digits, in whatever case.
fn uuid(text: &str) -> Option<Meaning> {
    let groups = text.split('-').map(str::len);
    let is_uuid = groups.eq([8, 4, 4, 4, 12])
        && text
            .bytes()
            .all(|byte| byte == b'-' || byte.is_ascii_hexdigit());
    is_uuid.then(|| Meaning::Text(text.to_ascii_lowercase()))
}
