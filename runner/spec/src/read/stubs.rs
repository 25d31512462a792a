//! `[stubs]`: services that the program calls.

use std::net::SocketAddr;

use model::suggestion::nearest;

use super::{received, request};
use crate::{
    Span, Spanned, SpecError,
    cursor::{Entry, Node, Table},
    document::{Answer, AnswerAction, Route, Stub, Upstream, is_name},
    grammar,
};

/// The keys of an answer, which a stub with one answer may have itself.
const ANSWER_KEYS: [&str; 5] = ["status", "body", "headers", "delay", "drop"];

/// The stubs of the file; the program must get the URL of each.
pub(super) fn stubs(node: &Node<'_>) -> Option<Vec<Stub>> {
    let mut stubs = Vec::new();
    // An argument that could not be read may have it.
    let arguments_known = node.context.error_count() == 0;
    for entry in node.entries()? {
        if !is_name(&entry.key.value) {
            node.report(
                SpecError::at(
                    entry.key.span.clone(),
                    "a stub's name consists of letters, digits, _ and -",
                )
                .label("not usable in ${stub.NAME}"),
            );
            continue;
        }
        let name = format!("stub.{}", entry.key.value);
        if arguments_known && !node.context.given.borrow().contains(&name) {
            node.report(
                SpecError::at(
                    entry.key.span.clone(),
                    "the program does not get this stub's URL",
                )
                .label(format!("no ${{{name}}} in its args or env"))
                .help(format!(
                    "${{{name}}} is the stub's URL, for instance: args = [\"-site=${{{name}}}\"]"
                )),
            );
        }
        stubs.extend(stub(&entry, false));
    }
    Some(stubs)
}

/// A test's own answers of stubs that the file declares.
pub(super) fn overrides(node: &Node<'_>) -> Option<Vec<Stub>> {
    let mut stubs = Vec::new();
    for entry in node.entries()? {
        let known = &node.context.stubs;
        if !known.contains(entry.key.value.as_str()) {
            let mut error = SpecError::at(
                entry.key.span.clone(),
                format!("there is no stub `{}`", entry.key.value),
            )
            .label("not in [stubs]");
            error.help = node
                .context
                .did_you_mean(&entry.key.value, known.iter().copied());
            node.report(error);
        }
        stubs.extend(stub(&entry, true));
    }
    Some(stubs)
}

fn stub(entry: &Entry<'_>, of_test: bool) -> Option<Stub> {
    let mut table = entry.node.table(&grammar::STUB)?;
    let received_at = table.span_of("received");
    let received = table.read("received", received::received);
    if let Some(span) = received_at.clone().filter(|_| !of_test) {
        let name = &entry.key.value;
        table.report(
            SpecError::at(span, "what a stub receives is judged in a test")
                .label("not here")
                .help(format!(
                    "write [[test.stubs.{name}.received]] behind the test"
                )),
        );
    }
    let upstream_at = table.span_of("upstream");
    let upstream = table.read("upstream", upstream);
    if let Some(span) = upstream_at.clone().filter(|_| of_test) {
        let name = &entry.key.value;
        table.report(
            SpecError::at(span, "an upstream belongs to the stub, not to a test")
                .label("not here")
                .help(format!("write it in [stubs.{name}]")),
        );
    }
    let own = ANSWER_KEYS.iter().find_map(|key| table.span_of(key));
    let list = table.span_of("answers");
    let routes = table.read("routes", routes);
    let is_silent = received_at.is_some() || upstream_at.is_some();
    let has_answers = own.is_some() || list.is_some() || routes.is_some() || !is_silent;
    let answers = match (own, list) {
        (Some(own), Some(list)) => {
            table.report(
                SpecError::at(own, "a stub has one answer or a list of them, not both")
                    .label("one answer")
                    .related(list, "a list of answers"),
            );
            answer_of(&mut table);
            table.read("answers", answers);
            None
        }
        (None, Some(_)) => table.read("answers", answers),
        (None, None) if routes.is_some() || !has_answers => Some(Vec::new()),
        _ => answer_of(&mut table).map(|answer| vec![answer]),
    };
    table.finish();
    Some(Stub {
        name: entry.key.clone(),
        answers: answers?,
        routes: routes.unwrap_or_default(),
        has_answers,
        received: received.unwrap_or_default(),
        upstream,
    })
}

/// The address in `http://127.0.0.1:9000`: of this machine, since goproctor sends requests to no other.
fn upstream(node: &Node<'_>) -> Option<Upstream> {
    let text = node.filled_text()?.value;
    let place = text.strip_prefix("http://").map(|rest| {
        let place = rest.strip_suffix('/').unwrap_or(rest);
        match place.strip_prefix("localhost:") {
            Some(port) => format!("127.0.0.1:{port}"),
            None => place.to_owned(),
        }
    });
    let address: Option<SocketAddr> = place.and_then(|place| place.parse().ok());
    let wrong = match address {
        Some(address) if address.port() == 0 => "port 0 is no service's port",
        Some(address) if address.ip().is_loopback() => {
            return Some(Upstream {
                address,
                is_asked: false,
            });
        }
        Some(_) => "an upstream is on this machine",
        None => "an upstream is http:// with an address and a port of this machine",
    };
    node.refuse(
        node.error(wrong)
            .help("for instance: upstream = \"http://127.0.0.1:9000\""),
    )
}

fn answers(node: &Node<'_>) -> Option<Vec<Answer>> {
    let nodes = node.one_or_more()?;
    if nodes.is_empty() {
        return node.refuse(
            node.error(format!("{} is empty", node.name))
                .label("no answer to give"),
        );
    }
    let answers: Vec<_> = nodes.iter().filter_map(answer).collect();
    (answers.len() == nodes.len()).then_some(answers)
}

fn answer(node: &Node<'_>) -> Option<Answer> {
    let mut table = node.table(&grammar::ANSWER)?;
    let answer = answer_of(&mut table);
    table.finish();
    answer
}

/// The answer that a table's keys describe.
fn answer_of(table: &mut Table<'_>) -> Option<Answer> {
    let dropped = table.span_of("drop");
    let content = ["status", "body", "headers"]
        .iter()
        .find_map(|key| table.span_of(key));
    let body_at = table.span_of("body");
    let status = table.read("status", |node| node.integer(200, 599));
    let body = table.read("body", Node::text).map(|body| body.value);
    let headers = table.read("headers", headers).unwrap_or_default();
    let delay = table.read("delay", Node::duration).unwrap_or_default();
    let action = if table.read("drop", Node::flag).unwrap_or(false) {
        if let (Some(dropped), Some(content)) = (dropped, content) {
            return table.refuse(
                SpecError::at(content, "a stub that drops the connection sends no answer")
                    .label("never sent")
                    .related(dropped, "dropped here"),
            );
        }
        AnswerAction::Drop
    } else {
        let status = status
            .and_then(|status| u16::try_from(status).ok())
            .unwrap_or(200);
        if let (204 | 304, Some(span), false) =
            (status, body_at, body.as_ref().is_none_or(String::is_empty))
        {
            return table.refuse(SpecError::at(
                span,
                format!("a response of status {status} has no body"),
            ));
        }
        AnswerAction::Respond {
            status,
            body: body.unwrap_or_default(),
            headers,
        }
    };
    Some(Answer { action, delay })
}

fn headers(node: &Node<'_>) -> Option<Vec<(String, String)>> {
    let mut headers = Vec::new();
    for Entry { key, node } in node.entries()? {
        let Some(value) = node.text() else { continue };
        if request::header_is_sound(&node, &key, &value.value).is_some() {
            headers.push((key.value, value.value));
        }
    }
    Some(headers)
}

fn routes(node: &Node<'_>) -> Option<Vec<Route>> {
    let mut routes = Vec::new();
    for Entry { key, node } in node.entries()? {
        if let Some(span) = without_slash(&node, &key) {
            node.report(
                SpecError::at(span, "the path of a route begins with /").label("no / in front"),
            );
            continue;
        }
        let Some((method, path)) = method_and_path(&key) else {
            node.report(
                SpecError::at(key.span, "a route is a method and a path")
                    .label("neither query nor placeholder")
                    .help("for instance: \"GET /a\""),
            );
            continue;
        };
        if !METHODS.contains(&method.as_str()) {
            let span = node.context.inside(&key.span, &key.value, 0..method.len());
            node.report(
                SpecError::at(span, format!("unknown method `{method}`"))
                    .label("not a method that is known")
                    .help(match nearest(&method, METHODS) {
                        Some(meant) => format!("did you mean `{meant}`?"),
                        None => format!("methods are {}", METHODS.join(", ")),
                    }),
            );
            continue;
        }
        if let Some(answers) = answers(&node) {
            routes.push(Route {
                method,
                path,
                answers,
            });
        }
    }
    Some(routes)
}

/// The methods of HTTP and WebDAV (RFC 9110, 9.3; RFC 5789; RFC 4918), and some more that services have.
const METHODS: [&str; 22] = [
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "DELETE",
    "CONNECT",
    "OPTIONS",
    "TRACE",
    "PATCH",
    "COPY",
    "LOCK",
    "MKCOL",
    "MOVE",
    "PROPFIND",
    "PROPPATCH",
    "UNLOCK",
    "REPORT",
    "SEARCH",
    "QUERY",
    "MERGE",
    "LIST",
    "PURGE",
];

/// The place of a path that does not begin with a slash, behind a method.
fn without_slash(node: &Node<'_>, key: &Spanned<String>) -> Option<Span> {
    let (method, path) = key.value.split_once(' ')?;
    let is_path = !path.is_empty() && !path.starts_with('/') && METHODS.contains(&method);
    is_path.then(|| {
        let place = method.len() + 1..key.value.len();
        node.context.inside(&key.span, &key.value, place)
    })
}

fn method_and_path(key: &Spanned<String>) -> Option<(String, String)> {
    let (method, path) = key.value.split_once(' ')?;
    let method_is_sound = !method.is_empty() && method.chars().all(|c| c.is_ascii_uppercase());
    let path_is_sound = path.starts_with('/')
        && !path.contains(['?', '#'])
        && path.chars().all(|c| c.is_ascii_graphic());
    (method_is_sound && path_is_sound).then(|| (method.to_owned(), path.to_owned()))
}
