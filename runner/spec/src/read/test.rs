//! `[[test]]`: what is sent, and what must be seen.

use std::time::Duration;

use super::{
    bound::latency, calls, execution, functions, go_test, literal::Subject, matcher, part, request,
    sequence, stubs,
};
use crate::{
    Spanned, SpecError,
    cursor::{Entry, Node},
    document::{CallExpectation, CountExpectation, LatencyExpectation, Test},
    grammar,
};

/// How long goroutines of answered requests are waited for, by default.
const SETTLE: Duration = Duration::from_secs(1);
/// How long a test may take, by default.
const WITHIN: Duration = Duration::from_secs(60);

/// The tests of a file.
pub(super) fn tests(node: &Node<'_>) -> Option<Vec<Test>> {
    if node.value.is_table() {
        return node.refuse(
            node.error("tests are a list")
                .label("a single table")
                .help("write [[test]]"),
        );
    }
    let nodes = node.list()?;
    if nodes.is_empty() {
        node.report(node.error("there is no test in this spec"));
    }
    let tests = nodes.iter().enumerate().filter_map(|(index, one)| {
        node.context.look_at(Some(index));
        test(one)
    });
    let tests = tests.collect();
    node.context.look_at(None);
    Some(tests)
}

fn test(node: &Node<'_>) -> Option<Test> {
    let errors_before = node.context.error_count();
    let mut table = node.table(&grammar::TEST)?;
    let go_test = table.read("go-test", go_test::name);
    let name = match go_test.is_some() && table.span_of("name").is_none() {
        true => go_test
            .as_ref()
            .map(|name| name.clone().map(|name| name.as_str().to_owned())),
        false => table.required("name", name),
    };
    let tags = table.read("tags", |node| node.each(tag));
    if go_test.is_some() {
        go_test::refuse_work(&mut table);
        execution::refuse(&mut table);
    } else if table.span_of("request").is_none() {
        go_test::refuse_goroutines(&mut table);
    }
    let captures = &node.context.captures;
    captures.begin_test();
    let before_at = table.span_of("before");
    let before = node.context.error_count();
    let first = table.read("before", request::requests).unwrap_or_default();
    let request_at = table.span_of("request");
    let requests = table.read("request", request::requests).unwrap_or_default();
    if node.context.error_count() > before {
        let mut unread = node.context.unread_requests.borrow_mut();
        unread.insert(node.span.start);
    }
    node.context.report_captures();
    let cookies_at = table.span_of("cookies");
    let cookies = table.read("cookies", Node::flag).unwrap_or(false);
    for (key, span) in [("before", before_at), ("cookies", cookies_at)] {
        if let Some(span) = span.filter(|_| request_at.is_none() && go_test.is_none()) {
            node.report(
                SpecError::at(span, format!("`{key}` is for a test that sends requests"))
                    .label("no `request` beside it"),
            );
        }
    }
    let stubs = table.read("stubs", stubs::overrides).unwrap_or_default();
    let from = table.read("from", calls::scope);
    let sequence = table.read("sequence", sequence::sequence);
    let counts = table.read("count", counted).unwrap_or_default();
    let counts_per_request = table.read("count-per-request", counted);
    let flows = table.read("flow", part::flows).unwrap_or_default();
    let never = table.read("never", |node| node.each(functions::label));
    let calls = table.read("calls", calls).unwrap_or_default();
    let latency = table.read("latency", latencies).unwrap_or_default();
    let left = table.read("goroutines", go_test::left).flatten();
    let snapshot = table.read("snapshot", |node| {
        Some(Spanned::new(node.flag()?, node.span.clone()))
    });
    let execution = execution::execution(&mut table);
    let settle = table.read("settle", Node::duration).unwrap_or(SETTLE);
    let within = table.read("within", Node::time_limit).unwrap_or(WITHIN);
    table.finish();
    let test = Test {
        name: name?,
        go_test,
        before: first,
        tags: tags.unwrap_or_default(),
        requests,
        cookies,
        stubs,
        from,
        sequence,
        counts,
        counts_per_request: counts_per_request.unwrap_or_default(),
        flows,
        never: never.unwrap_or_default(),
        calls,
        latency,
        left,
        snapshot,
        execution,
        settle,
        within,
        span: node.span.clone(),
    };
    // What could not be read has been reported, and was meant to judge.
    if !test.can_fail() && node.context.error_count() == errors_before {
        node.report(
            node.error(format!("the test `{}` judges nothing", test.name.value))
                .label("can never fail")
                .help("give it a request, a sequence, a count, calls, a flow, never, latency, stdout, exit or snapshot = true"),
        );
    }
    Some(test)
}

fn name(node: &Node<'_>) -> Option<Spanned<String>> {
    let text = node.filled_text()?;
    if text.value.contains(char::is_control) {
        return node.refuse(node.error("a test's name is one line"));
    }
    Some(text)
}

fn tag(node: &Node<'_>) -> Option<Spanned<String>> {
    let text = node.filled_text()?;
    if text
        .value
        .contains(|c: char| c.is_whitespace() || c.is_control() || c == ',')
    {
        return node.refuse(
            node.error("a tag is one word")
                .help("several tags are a list: tags = [\"slow\", \"db\"]"),
        );
    }
    Some(text)
}

/// Entries of a table whose keys are in `[functions]`.
fn labelled<'a, T>(
    node: &Node<'a>,
    read: impl Fn(Spanned<String>, &Node<'a>) -> Option<T>,
) -> Option<Vec<T>> {
    let entries = node.entries()?;
    let read = |Entry { key, node }: Entry<'a>| {
        let label = functions::known(&node, key.clone());
        // The value of an unknown name is read all the same: it may be wrong too.
        let expectation = read(key, &node);
        label.and(expectation)
    };
    Some(entries.into_iter().filter_map(read).collect())
}

fn counted(node: &Node<'_>) -> Option<Vec<CountExpectation>> {
    labelled(node, |label, node| {
        Some(CountExpectation {
            label,
            matcher: matcher::matcher(node, Subject::Count)?,
        })
    })
}

fn calls(node: &Node<'_>) -> Option<Vec<CallExpectation>> {
    labelled(node, calls::call)
}

fn latencies(node: &Node<'_>) -> Option<Vec<LatencyExpectation>> {
    labelled(node, |label, node| {
        let nodes = node.one_or_more()?;
        if nodes.is_empty() {
            node.report(node.error(format!("{} has no bound", node.name)));
        }
        Some(LatencyExpectation {
            label,
            bounds: nodes.iter().filter_map(latency).collect(),
        })
    })
}
