//! `*url.URL` and `*http.Request`.

use super::Form;
use crate::notation::subject::Subject;

/// Go, `net/url/url.go`, `URL.Redacted`.
pub(super) fn url(subject: Subject<'_>) -> Option<Form<'_>> {
    let text = url_text(subject).filter(|text| !text.is_empty())?;
    Some(Form::plain(text))
}

pub(super) fn url_text(url: Subject<'_>) -> Option<String> {
    let string = |name| url.field(name).and_then(Subject::string);
    let mut text = String::new();
    let (scheme, opaque, host) = (string("Scheme")?, string("Opaque")?, string("Host")?);
    if !scheme.is_empty() {
        text.push_str(scheme);
        text.push(':');
    }
    if opaque.is_empty() {
        let path = path(string("Path")?, string("RawPath")?);
        let user = user(url.field("User")?)?;
        let omits_host = url.field("OmitHost").and_then(Subject::boolean);
        let has_host = !host.is_empty() || !user.is_empty();
        let begins_empty = !scheme.is_empty() && !path.is_empty() && omits_host != Some(true);
        if has_host || begins_empty {
            text.push_str("//");
            text.push_str(&user);
            // Brackets and zones of IPv6 addresses are written as they are.
            text.push_str(simple(host, "[]:%")?);
        }
        if !path.is_empty() && !path.starts_with('/') && !host.is_empty() {
            text.push('/');
        }
        let first = path.split('/').next().unwrap_or_default();
        if text.is_empty() && first.contains(':') {
            text.push_str("./");
        }
        text.push_str(&path);
    } else {
        text.push_str(opaque);
    }
    let query = string("RawQuery")?;
    if !query.is_empty() || url.field("ForceQuery")?.boolean()? {
        text.push('?');
        text.push_str(query);
    }
    match string("Fragment")? {
        "" => {}
        fragment => {
            text.push('#');
            text.push_str(simple(fragment, "/?")?);
        }
    }
    Some(text)
}

/// The text, if a URL has it as it is; `also` are characters that it may have besides.
fn simple<'a>(text: &'a str, also: &str) -> Option<&'a str> {
    let is_simple = |c: char| c.is_ascii_alphanumeric() || "-_.~$&+,:;=@".contains(c);
    text.chars()
        .all(|c| is_simple(c) || also.contains(c))
        .then_some(text)
}

/// Go, `net/url/url.go`, `URL.EscapedPath`: the path as it was escaped, if that is not as Go would do it.
fn path(path: &str, raw: &str) -> String {
    let may_stand = |byte: u8| byte.is_ascii_alphanumeric() || RAW_PATH.contains(&byte);
    if !raw.is_empty() && raw.bytes().all(may_stand) && decoded(raw) == path.as_bytes() {
        return raw.to_owned();
    }
    if path == "*" {
        return path.to_owned();
    }
    let mut escaped = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~$&+,/:;=@".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

/// What an escaped path may consist of, besides letters and digits (Go, `net/url/url.go`, `validEncoded`).
const RAW_PATH: &[u8] = b"-_.~!$&'()*+,;=:@[]%/";

/// A path without escapes; those that are wrong stay.
fn decoded(path: &str) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = after
            .get(..2)
            .and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match byte.filter(|_| *first == b'%') {
            Some(byte) => {
                decoded.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                decoded.push(*first);
                rest = after;
            }
        }
    }
    decoded
}

/// User and password before a host; passwords are never shown.
fn user(user: Subject<'_>) -> Option<String> {
    if user.is_nil() {
        return Some(String::new());
    }
    let user = user.target()?;
    let name = simple(user.field("username")?.string()?, "")?;
    let password = if user.field("passwordSet")?.boolean()? {
        ":xxxxx"
    } else {
        ""
    };
    Some(format!("{name}{password}@"))
}

/// Method and target as they are in the request line; of a client's request, which has none yet, the URL.
/// Go, `net/http/request.go`, `Request`.
pub(super) fn request(subject: Subject<'_>) -> Option<Form<'_>> {
    let method = match subject.field("Method")?.string()? {
        "" => "GET",
        method => method,
    };
    let target = match subject.field("RequestURI")?.string()? {
        "" => url_text(subject.field("URL")?.target()?)?,
        target => target.to_owned(),
    };
    Some(Form::plain(format!("{method} {target}")))
}
