//! `request`: what is sent, and what must come back.

use std::collections::BTreeSet;

use toml::de::DeValue;

use super::{
    json,
    literal::Subject,
    matcher, save,
    template::{self, Place, template},
};
use crate::{
    Spanned, SpecError,
    cursor::{Entry, Node, Table},
    document::{
        HttpVersion, RequestBody, RequestSpec, TargetError, Template, TemplatePart, check_target,
        is_token,
    },
    grammar,
    matcher::Matcher,
};

/// The keys that name a method.
const METHODS: [&str; 7] = ["get", "post", "put", "patch", "delete", "head", "options"];

type Headers = Vec<(String, Template)>;

/// One request, or several in order.
pub(super) fn requests(node: &Node<'_>) -> Option<Vec<RequestSpec>> {
    let nodes = node.one_or_more()?;
    if nodes.is_empty() {
        node.report(node.error("there is no request in this list"));
    }
    Some(nodes.iter().filter_map(request).collect())
}

fn request(node: &Node<'_>) -> Option<RequestSpec> {
    let mut table = node.table(&grammar::REQUEST)?;
    let method = method(&mut table);
    let headers_at = table.span_of("headers");
    let mut headers = table.read("headers", headers).unwrap_or_default();
    let body = table.read("send", send).unwrap_or_default();
    if let (Some(span), Some(name)) = (headers_at, shared_name(&headers, &body.headers)) {
        node.report(SpecError::at(
            span,
            format!("the header `{name}` is also in `send`"),
        ));
    }
    headers.extend(body.headers);
    let concurrency_at = table.span_of("concurrency");
    let body_at = table.span_of("body");
    let repeat = table
        .read("repeat", |node| node.integer(1, 1_000_000))
        .unwrap_or(1);
    let concurrency = table
        .read("concurrency", |node| node.integer(1, 10_000))
        .unwrap_or(1);
    let timeout = table.read("timeout", Node::time_limit);
    let http = table.read("http", |node| {
        let http = match node.integer(1, 2)? {
            2 => HttpVersion::Two,
            _ => HttpVersion::One,
        };
        Some(Spanned::new(http, node.span.clone()))
    });
    let status = table.read("status", |node| matcher::matcher(node, Subject::Status));
    let expected_body = table.read("body", |node| matcher::matcher(node, Subject::Text));
    let json_at = table.span_of("json");
    let expected_json = table.read("json", json::expectations);
    let expected_headers = table.read("response-headers", expected_headers);
    let save_at = table.span_of("save");
    // Behind the placeholders: what a request saves, it does not know itself.
    let save = table.read("save", save::save).unwrap_or_default();
    table.finish();
    if let Some(span) = save_at.filter(|_| repeat > 1) {
        node.report(
            SpecError::at(span, format!("one of {repeat} answers can't be chosen"))
                .label("`save` needs one answer")
                .help("remove `repeat`, or save from a request of its own"),
        );
    }
    if let Some(http) = &http
        && let Some(name) = header_of_one(&headers, http.value)
    {
        node.report(
            SpecError::at(http.span.clone(), format!("HTTP/2 has no header `{name}`"))
                .label("it is one of HTTP/1.1")
                .help("remove the header, or send the request with http = 1"),
        );
    }
    if let Some(span) = concurrency_at.filter(|_| concurrency > repeat) {
        node.report(
            SpecError::at(span, format!("{concurrency} at a time of {repeat} in all"))
                .label("more than there are")
                .help(
                    "`repeat` is how often the request is sent, `concurrency` how many at a time",
                ),
        );
    }
    let (method, target) = method?;
    let plain = RequestSpec::new(method.clone(), target);
    if let Some(span) = body_at.or(json_at).filter(|_| method == "HEAD") {
        node.report(SpecError::at(span, "the answer to HEAD has no body"));
    }
    Some(RequestSpec {
        http: http.map_or_else(HttpVersion::default, |http| http.value),
        headers,
        timeout: timeout.unwrap_or(plain.timeout),
        body: body.content,
        repeat,
        concurrency,
        status,
        expected_body,
        expected_headers: expected_headers.unwrap_or_default(),
        expected_json: expected_json.unwrap_or_default(),
        save,
        span: node.span.clone(),
        ..plain
    })
}

/// The method and the path, which must be there once.
fn method(table: &mut Table<'_>) -> Option<(String, Spanned<Template>)> {
    let (method, node) = one_method(table, "a request has one method")?;
    Some((method, target(&node)?))
}

/// The method, upper case, and the value of its key, which must be there once.
pub(super) fn one_method<'a>(table: &mut Table<'a>, only_one: &str) -> Option<(String, Node<'a>)> {
    let mut found: Option<(&str, crate::Span, Node<'_>)> = None;
    for key in METHODS {
        let Some(span) = table.span_of(key) else {
            continue;
        };
        let Some(node) = table.take(key) else {
            continue;
        };
        if let Some((first, first_span, _)) = &found {
            return table.refuse(
                SpecError::at(span, only_one)
                    .label(format!("or `{key}`"))
                    .related(first_span.clone(), format!("either `{first}`"))
                    .help("several requests are several [[test.request]]"),
            );
        }
        found = Some((key, span, node));
    }
    let Some((method, _, node)) = found else {
        return table.refuse(
            table
                .error("a request needs a method and a path")
                .label("no method here")
                .help("for instance: get = \"/\"; there are get, post, put, patch, delete, head, options"),
        );
    };
    Some((method.to_uppercase(), node))
}

fn target(node: &Node<'_>) -> Option<Spanned<Template>> {
    let template = template(node, Place::Request)?;
    let text = match template.value.parts.first() {
        Some(TemplatePart::Literal(_)) => template::literal(&template.value),
        // It may be the whole path, as a header Location has it.
        Some(TemplatePart::Saved(_)) => format!("/{}", template::literal(&template.value)),
        _ => String::new(),
    };
    target_is_sound(node, &text)?;
    Some(template)
}

/// Reports a path with its query that can't be sent as it is.
pub(super) fn target_is_sound(node: &Node<'_>, text: &str) -> Option<()> {
    let error = match check_target(text) {
        Ok(()) => return Some(()),
        Err(error) => error,
    };
    let refused = node.error(error.to_string());
    node.refuse(match error {
        TargetError::NoSlash => refused
            .label("no / in front")
            .help("requests go to the program itself: the path and the query are enough"),
        TargetError::Character(_) => refused.help("percent-encode it: %20 for a blank"),
    })
}

/// What `send` says.
#[derive(Default)]
struct Send {
    content: Option<RequestBody>,
    headers: Headers,
}

fn send(node: &Node<'_>) -> Option<Send> {
    let mut table = node.table(&grammar::SEND)?;
    let mut headers = table.read("headers", headers).unwrap_or_default();
    let bodies: Vec<Node<'_>> = ["text", "json", "form"]
        .into_iter()
        .filter_map(|key| table.take(key))
        .collect();
    table.finish();
    let content = match bodies.as_slice() {
        [] => None,
        [body] => match body.name.as_str() {
            "`text`" => Some(RequestBody::Text(template(body, Place::Request)?.value)),
            "`json`" => Some(json(body, &mut headers)?),
            _ => Some(RequestBody::Form(form(body)?)),
        },
        [first, second, ..] => node.refuse(
            second
                .error("a request has one body")
                .label("or this")
                .related(first.span.clone(), "either this"),
        ),
    };
    Some(Send { content, headers })
}

/// A JSON body. With placeholders it is text of the content type that JSON has.
fn json(node: &Node<'_>, headers: &mut Headers) -> Option<RequestBody> {
    let mut text = String::new();
    write_json(node, &mut text)?;
    let template = template::parts(node, &text, Place::Request)?;
    if let [TemplatePart::Literal(literal)] = template.parts.as_slice() {
        return Some(RequestBody::Json(literal.clone()));
    }
    let content_type = "Content-Type";
    if !headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case(content_type))
    {
        let value = TemplatePart::Literal("application/json".to_owned());
        let value = Template { parts: vec![value] };
        headers.push((content_type.to_owned(), value));
    }
    Some(RequestBody::JsonTemplate(template))
}

/// Writes a TOML value as JSON, keys in the order of the file.
fn write_json(node: &Node<'_>, text: &mut String) -> Option<()> {
    match node.value {
        DeValue::Boolean(value) => text.push_str(if *value { "true" } else { "false" }),
        DeValue::String(value) => text.push_str(&json_string(value)?),
        DeValue::Integer(value) => {
            let integer = i128::from_str_radix(value.as_str(), value.radix()).ok()?;
            text.push_str(&integer.to_string());
        }
        DeValue::Float(value) => {
            let number = value.as_str().parse().ok();
            let Some(number) = number.and_then(serde_json::Number::from_f64) else {
                return node.mismatch("a number that JSON knows");
            };
            text.push_str(&number.to_string());
        }
        DeValue::Datetime(_) => return node.mismatch("a value that JSON knows"),
        DeValue::Array(_) => {
            text.push('[');
            for (index, element) in node.list()?.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write_json(element, text)?;
            }
            text.push(']');
        }
        DeValue::Table(_) => {
            text.push('{');
            for (index, entry) in node.entries()?.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                text.push_str(&json_string(&entry.key.value)?);
                text.push(':');
                write_json(&entry.node, text)?;
            }
            text.push('}');
        }
    }
    Some(())
}

fn json_string(text: &str) -> Option<String> {
    serde_json::to_string(text).ok()
}

fn form(node: &Node<'_>) -> Option<Headers> {
    let mut fields = Vec::new();
    for Entry { key, node } in node.entries()? {
        let value = match node.value {
            DeValue::Integer(number) => Some(plain(number.to_string())),
            DeValue::Boolean(flag) => Some(plain(flag.to_string())),
            _ => template(&node, Place::Request).map(|value| value.value),
        };
        if let Some(value) = value {
            fields.push((key.value, value));
        }
    }
    Some(fields)
}

fn plain(text: String) -> Template {
    Template {
        parts: vec![TemplatePart::Literal(text)],
    }
}

/// Headers that are sent.
fn headers(node: &Node<'_>) -> Option<Headers> {
    let mut headers: Headers = Vec::new();
    let mut names = BTreeSet::new();
    for Entry { key, node } in node.entries()? {
        let Some(value) = template(&node, Place::Request) else {
            continue;
        };
        let ours = ["content-length", "transfer-encoding", "connection"];
        if ours.iter().any(|name| key.value.eq_ignore_ascii_case(name)) {
            node.report(
                SpecError::at(key.span, format!("goproctor sets `{}` itself", key.value))
                    .label("can't be set"),
            );
            continue;
        }
        if !names.insert(key.value.to_lowercase()) {
            node.report(SpecError::at(
                key.span,
                format!("the header `{}` is there twice", key.value),
            ));
            continue;
        }
        if header_is_sound(&node, &key, &template::literal(&value.value)).is_some() {
            headers.push((key.value, value.value));
        }
    }
    Some(headers)
}

/// Reports a header that can't be sent.
pub(super) fn header_is_sound(node: &Node<'_>, key: &Spanned<String>, value: &str) -> Option<()> {
    header_name(node, key)?;
    if value.chars().any(|c| c.is_control() && c != '\t') {
        return node.refuse(
            node.error("a header is one line")
                .label("with a control character"),
        );
    }
    Some(())
}

/// Reports a name that no header can have (RFC 9110, 5.1).
fn header_name(node: &Node<'_>, key: &Spanned<String>) -> Option<()> {
    if !is_token(&key.value) {
        return node.refuse(
            SpecError::at(key.span.clone(), "this is not a header name")
                .label("not a token of HTTP"),
        );
    }
    Some(())
}

/// A header about a connection of HTTP/1.1, in a request of HTTP/2 (RFC 9113, 8.2.2).
fn header_of_one(headers: &Headers, http: HttpVersion) -> Option<&str> {
    let of_one = |(name, value): &&(String, Template)| {
        let is = |other: &str| name.eq_ignore_ascii_case(other);
        ["keep-alive", "proxy-connection", "upgrade"]
            .into_iter()
            .any(is)
            || is("te") && template::literal(value) != "trailers"
    };
    let found = headers.iter().find(of_one);
    found
        .filter(|_| http == HttpVersion::Two)
        .map(|(name, _)| name.as_str())
}

/// What response headers must be, by name in lower case.
pub(super) fn expected_headers(node: &Node<'_>) -> Option<Vec<(String, Spanned<Matcher>)>> {
    let mut headers = Vec::new();
    for Entry { key, node } in node.entries()? {
        let matcher = matcher::matcher(&node, Subject::Text);
        if let (Some(()), Some(matcher)) = (header_name(&node, &key), matcher) {
            headers.push((key.value.to_lowercase(), matcher));
        }
    }
    Some(headers)
}

/// A header that is in both.
fn shared_name<'a>(some: &'a Headers, others: &Headers) -> Option<&'a str> {
    let others: BTreeSet<String> = others.iter().map(|(name, _)| name.to_lowercase()).collect();
    some.iter()
        .map(|(name, _)| name.as_str())
        .find(|name| others.contains(&name.to_lowercase()))
}
