//! Values of answers that later requests carry on.

use std::collections::BTreeSet;

use cookie_store::RawCookie;
use model::Answer;
use regex::Regex;
use serde_json::Value;
use spec::document::{CaptureSource, JsonPath};

/// The one value that a source has in an answer; else what there is instead.
pub(super) fn capture(source: &CaptureSource, answer: &Answer) -> Result<String, String> {
    let Answer::Response {
        headers,
        body,
        truncated,
        ..
    } = answer
    else {
        return Err(answer.to_string());
    };
    match source {
        CaptureSource::Header(name) => one_of(named(headers, name)),
        CaptureSource::Cookie(name) => {
            let set = named(headers, "set-cookie");
            let cookies = set.filter_map(|text| RawCookie::parse(text).ok());
            let own = cookies.filter(|cookie| cookie.name() == name);
            let values: Vec<String> = own.map(|cookie| cookie.value().to_owned()).collect();
            one_of(values.iter().map(String::as_str))
        }
        CaptureSource::Json(_) | CaptureSource::Body(_) if *truncated => {
            Err(format!("a body of more than {} bytes", body.len()))
        }
        CaptureSource::Json(path) => of_json(path, body),
        CaptureSource::Body(regex) => of_body(regex, body),
    }
}

fn named<'h>(headers: &'h [(String, String)], name: &str) -> impl Iterator<Item = &'h str> {
    let is_named = move |(header, _): &&(String, String)| header.eq_ignore_ascii_case(name);
    let own = headers.iter().filter(is_named);
    own.map(|(_, value)| value.as_str())
}

fn of_json(path: &JsonPath, body: &[u8]) -> Result<String, String> {
    let value: Value = serde_json::from_slice(body).map_err(|error| match body.is_empty() {
        true => "an empty body".to_owned(),
        false => format!("no JSON: {error}"),
    })?;
    match path.select(&value).as_slice() {
        [] => Err("nothing".to_owned()),
        [Value::String(text)] => Ok(text.clone()),
        [scalar @ (Value::Number(_) | Value::Bool(_))] => Ok(scalar.to_string()),
        [Value::Null] => Err("null".to_owned()),
        [Value::Array(elements)] => Err(format!("a list of {}", elements.len())),
        [Value::Object(_)] => Err("an object".to_owned()),
        several => Err(format!("{} values", several.len())),
    }
}

fn of_body(regex: &Regex, body: &[u8]) -> Result<String, String> {
    let text = String::from_utf8_lossy(body);
    let groups = regex.captures_iter(&text);
    one_of(groups.filter_map(|groups| Some(groups.get(1)?.as_str())))
}

/// The only value there is, however often it is there.
fn one_of<'v>(values: impl Iterator<Item = &'v str>) -> Result<String, String> {
    let values: BTreeSet<&str> = values.collect();
    match values.len() {
        0 => Err("nothing".to_owned()),
        1 => Ok(values.into_iter().collect()),
        several => Err(format!("{several} values")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(headers: &[(&str, &str)], body: &str) -> Answer {
        let headers = headers.iter();
        Answer::Response {
            status: 200,
            headers: headers
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            body: body.as_bytes().to_vec(),
            truncated: false,
        }
    }

    fn json(path: &str) -> CaptureSource {
        CaptureSource::Json(JsonPath::parse(path).unwrap())
    }

    fn body(regex: &str) -> CaptureSource {
        CaptureSource::Body(Regex::new(regex).unwrap())
    }

    #[test]
    fn one_value_is_taken() {
        let answer = answer(
            &[
                ("set-cookie", "sid=a%20b; Path=/; HttpOnly"),
                ("set-cookie", "theme=dark"),
                ("location", "/orders/7"),
            ],
            r#"{"id": 7, "name": "a\nb", "ok": true, "big": 18446744073709551615, "x": [{"y": 1.5}]}"#,
        );
        for (source, value) in [
            (json("id"), "7"),
            (json("name"), "a\nb"),
            (json("ok"), "true"),
            (json("big"), "18446744073709551615"),
            (json("x[0].y"), "1.5"),
            (CaptureSource::Cookie("sid".to_owned()), "a%20b"),
            (CaptureSource::Header("Location".to_owned()), "/orders/7"),
            (body("\"id\": ([0-9]+)"), "7"),
            // The same twice is one.
            (body("(tr)ue|(?:name)"), "tr"),
        ] {
            assert_eq!(capture(&source, &answer).as_deref(), Ok(value), "{source}");
        }
    }

    #[test]
    fn none_or_several_are_told() {
        let seen = answer(
            &[
                ("set-cookie", "a=1"),
                ("set-cookie", "a=2"),
                ("x", "1"),
                ("x", "2"),
            ],
            r#"{"list": [1, 2], "none": null, "o": {}}"#,
        );
        for (source, found) in [
            (json("missing"), "nothing"),
            (json("list"), "a list of 2"),
            (json("list[*]"), "2 values"),
            (json("none"), "null"),
            (json("o"), "an object"),
            (CaptureSource::Cookie("a".to_owned()), "2 values"),
            (CaptureSource::Cookie("b".to_owned()), "nothing"),
            (CaptureSource::Header("X".to_owned()), "2 values"),
            (body("([0-9])"), "2 values"),
            (body("(x)"), "nothing"),
        ] {
            assert_eq!(capture(&source, &seen), Err(found.to_owned()), "{source}");
        }
        let html = capture(&json("id"), &answer(&[], "<html>")).unwrap_err();
        assert!(html.starts_with("no JSON: "), "{html}");
        assert_eq!(
            capture(&json("id"), &answer(&[], "")),
            Err("an empty body".to_owned())
        );
        assert_eq!(
            capture(&json("id"), &Answer::TimedOut),
            Err("no answer in time".to_owned())
        );
    }
}
