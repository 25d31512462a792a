//! One change of a program at a time: it is found, named where it begins, and nothing else is.

use judge::outline::Began;
use model::{Outcome, notation::Layout};

use super::compare;
use crate::{
    Change, Comparison, Side, What,
    run::{Node, Run, Settled},
    testing::{call, goroutine, part, run},
    value::Value,
};

/// `serve` prices an order, stores it and writes down that it did.
fn serve() -> Node {
    call("serve", &["7"])
        .with([
            call("price", &["2"])
                .with([call("rate", &["\"EUR\""]).gives("3")])
                .gives("6"),
            call("store", &["6"]).gives("nil"),
            call("audit", &["\"stored\""]),
        ])
        .gives("6")
}

fn differences(
    before: impl IntoIterator<Item = Node>,
    after: impl IntoIterator<Item = Node>,
) -> Comparison {
    compare(
        &Side::settle(vec![run(before)]),
        &Side::settle(vec![run(after)]),
    )
}

/// A change in words: where, what.
fn told(change: &Change) -> String {
    let around = change.stack.last().map_or("-", String::as_str);
    let values = |values: &[crate::ValueChange]| -> String {
        let values = values.iter().map(|value| {
            let side = |text: &Option<String>| text.clone().unwrap_or_else(|| "nothing".into());
            format!(
                "{} {}→{}",
                value.path,
                side(&value.before),
                side(&value.after)
            )
        });
        values.collect::<Vec<_>>().join(", ")
    };
    let what = match &change.what {
        What::Arguments(changes) => format!("with {}", values(changes)),
        What::Results(changes) => format!("gives {}", values(changes)),
        What::Outcome { before, after } => format!("{:?}→{:?}", before.0, after.0),
        What::Calls { before, after, .. } => format!("{before}×→{after}×"),
        What::Order {
            other,
            earlier: true,
        } => format!("before {other}"),
        What::Order {
            other,
            earlier: false,
        } => format!("after {other}"),
        What::Goroutine { own } => format!("own goroutine: {own}"),
        What::Answer { before, after } => format!("answer {before}→{after}"),
        What::Part { added } => format!("part added: {added}"),
        What::Asked {
            request,
            before,
            after,
        } => format!("{request} {before}×→{after}×"),
    };
    format!("{around}: {} {what}", change.function)
}

/// The one difference that there must be, and its consequences.
fn only(comparison: &Comparison) -> (String, Vec<String>) {
    let [difference] = comparison.differences.as_slice() else {
        panic!("{:#?}", comparison.differences);
    };
    let consequences = difference.consequences.iter().map(told).collect();
    (told(&difference.root), consequences)
}

#[test]
fn a_program_does_not_differ_from_itself() {
    assert_eq!(differences([serve()], [serve()]), Comparison::default());
}

#[test]
fn another_argument_begins_in_the_caller() {
    let mut after = serve();
    after.below[0] = call("price", &["3"])
        .with([call("rate", &["\"EUR\""]).gives("3")])
        .gives("9");
    after.below[1] = call("store", &["9"]).gives("nil");
    let (root, consequences) = only(&differences([serve()], [after]));
    assert_eq!(root, "main.serve: main.price with a 2→3");
    assert_eq!(
        consequences,
        [
            "main.serve: main.price gives returns[0] 6→9",
            "main.serve: main.store with a 6→9"
        ]
    );
}

#[test]
fn another_result_begins_in_the_innermost_call_that_has_it() {
    let mut after = serve();
    after.below[0] = call("price", &["2"])
        .with([call("rate", &["\"EUR\""]).gives("4")])
        .gives("8");
    let (root, consequences) = only(&differences([serve()], [after]));
    assert_eq!(root, "main.price: main.rate gives returns[0] 3→4");
    assert_eq!(
        consequences,
        ["main.serve: main.price gives returns[0] 6→8"]
    );
}

#[test]
fn one_call_more_begins_in_the_caller() {
    let mut after = serve();
    after.below.push(call("audit", &["\"again\""]));
    assert_eq!(
        only(&differences([serve()], [after.clone()])).0,
        "main.serve: main.audit 1×→2×"
    );
    assert_eq!(
        only(&differences([after], [serve()])).0,
        "main.serve: main.audit 2×→1×"
    );
    let mut after = serve();
    after.below[0].below.clear();
    assert_eq!(
        only(&differences([serve()], [after])).0,
        "main.price: main.rate 1×→0×"
    );
}

#[test]
fn another_order_is_one_difference() {
    let mut after = serve();
    after.below.swap(1, 2);
    let (root, consequences) = only(&differences([serve()], [after]));
    assert!(
        [
            "main.serve: main.audit before main.store",
            "main.serve: main.store after main.audit"
        ]
        .contains(&root.as_str()),
        "{root}"
    );
    assert!(consequences.is_empty(), "{consequences:?}");
}

#[test]
fn a_panic_in_place_of_an_error_begins_where_it_is() {
    let mut after = serve().ending(Outcome::Panicked);
    after.below[1] = call("store", &["6"]).ending(Outcome::Panicked);
    after.below.pop();
    let (root, consequences) = only(&differences([serve()], [after]));
    assert_eq!(root, "main.serve: main.store Returned→Panicked");
    assert_eq!(
        consequences,
        [
            "main.serve: main.audit 1×→0×",
            "-: main.serve Returned→Panicked"
        ]
    );
}

#[test]
fn a_call_that_moves_to_a_goroutine_is_told_as_that() {
    let mut after = serve();
    after.below[2] = after.below[2].clone().in_go();
    assert_eq!(
        only(&differences([serve()], [after])).0,
        "main.serve: main.audit own goroutine: true"
    );
    let mut after = serve();
    after.below[2] = goroutine([call("audit", &["\"stored\""])]);
    let back = only(&differences([after.clone()], [serve()])).0;
    assert_eq!(back, "main.serve: main.audit own goroutine: false");
    let (root, consequences) = only(&differences([serve()], [after]));
    assert_eq!(root, "main.serve: main.audit own goroutine: true");
    assert!(consequences.is_empty());
}

#[test]
fn a_goroutine_is_the_same_under_another_name() {
    let with = |name: &str| {
        let mut serve = serve();
        let mut goroutine = goroutine([call("ping", &[])]);
        goroutine.key = name.to_owned();
        serve.below.push(goroutine);
        serve
    };
    let found = differences([with("main.serve.func")], [with("main.serve.serve.func")]);
    assert_eq!(found, Comparison::default());
}

#[test]
fn an_answer_follows_from_the_calls_where_they_differ() {
    let answered = |answer: &str, below: Node| -> Run {
        let mut part = part("GET /", [below]);
        part.answer = Settled::Always(answer.to_owned());
        Run {
            parts: vec![part],
            ..Run::default()
        }
    };
    let side = |run: Run| Side::settle(vec![run]);
    let before = side(answered("200", serve()));
    let root = only(&compare(&before, &side(answered("404", serve()))));
    assert_eq!(root, ("-:  answer 200→404".to_owned(), vec![]));
    let mut changed = serve();
    changed.below.truncate(2);
    let (root, consequences) = only(&compare(&before, &side(answered("500", changed))));
    assert_eq!(root, "main.serve: main.audit 1×→0×");
    assert_eq!(consequences, ["-:  answer 200→500"]);
}

#[test]
fn a_stub_that_is_asked_again_is_found_where_no_call_is_watched() {
    let asking = |times: usize| {
        let mut run = run([serve()]);
        run.asked = vec!["rates: GET /rates".to_owned(); times];
        Side::settle(vec![run])
    };
    let (root, _) = only(&compare(&asking(1), &asking(2)));
    assert_eq!(root, "-:  rates: GET /rates 1×→2×");
}

#[test]
fn the_same_difference_in_other_requests_is_one() {
    let requests = |change: bool| {
        let mut one = serve();
        if change {
            one.below.pop();
        }
        let parts = ["GET /a", "GET /b", "GET /c"].map(|name| part(name, [one.clone()]));
        Side::settle(vec![Run {
            parts: parts.into(),
            ..Run::default()
        }])
    };
    let found = compare(&requests(false), &requests(true));
    assert_eq!(only(&found).0, "main.serve: main.audit 1×→0×");
    assert_eq!(found.differences[0].root.part, "GET /a");
    assert_eq!(found.differences[0].also, ["GET /b", "GET /c"]);
}

#[test]
fn what_happened_first_is_the_root_whichever_goroutine_did_it() {
    // The reader of a channel begins before the writer.
    let stages = |made: &str| {
        call("track", &[]).at(1, 99).with([
            call("render", &[])
                .in_go()
                .at(2, 90)
                .with([call("show", &[made]).at(50, 51)]),
            call("source", &[])
                .in_go()
                .at(3, 80)
                .with([call("make", &["1"]).gives(made).at(20, 21)]),
        ])
    };
    let (root, consequences) = only(&differences([stages("7")], [stages("8")]));
    assert_eq!(root, "main.source: main.make gives returns[0] 7→8");
    assert_eq!(consequences, ["main.render: main.show with a 7→8"]);
}

#[test]
fn what_a_later_request_is_given_by_the_state_of_the_program_follows() {
    let requests = |count: &str, sold: &str, rate: &str| {
        let first = call("handle", &["0"]).with([call("next", &["0"]).gives(count)]);
        let second = call("handle", &[sold]).with([call("next", &[sold]).gives("2")]);
        let third =
            call("handle", &["2"]).with([call("rate", &["1"]).gives(rate), call("f", &[rate])]);
        let parts = vec![
            part("GET /a", [first]),
            part("GET /b", [second]),
            part("GET /c", [third]),
        ];
        Side::settle(vec![Run {
            parts,
            ..Run::default()
        }])
    };
    let (root, consequences) = only(&compare(&requests("1", "1", "5"), &requests("3", "3", "5")));
    assert_eq!(root, "main.handle: main.next gives returns[0] 1→3");
    assert_eq!(
        consequences,
        [
            "-: main.handle with a 1→3",
            "main.handle: main.next with a 1→3"
        ]
    );
    let found = compare(&requests("1", "1", "5"), &requests("3", "3", "6")).differences;
    assert_eq!(
        told(&found[1].root),
        "main.handle: main.rate gives returns[0] 5→6"
    );
    assert!(found[1].later);
    let found = compare(&requests("1", "1", "5"), &requests("1", "3", "5"));
    assert_eq!(only(&found).0, "-: main.handle with a 1→3");
}

#[test]
fn of_goroutines_that_do_the_same_the_one_that_is_shown_first_is_the_root() {
    let both = |results: [&str; 2]| {
        let one =
            |result: &str, time: u64| call("job", &[]).in_go().at(time, time + 1).gives(result);
        call("plan", &[])
            .at(1, 99)
            .with([one(results[0], 30), one(results[1], 20)])
    };
    let found = differences([both(["1", "2"])], [both(["7", "8"])]);
    assert_eq!(only(&found).0, "main.plan: main.job gives returns[0] 1→7");
}

#[test]
fn what_is_gone_or_new_has_its_place_among_what_others_do() {
    let stages = |makes: bool, shows: &str| {
        let made = makes.then(|| call("make", &["1"]).at(20, 21));
        call("track", &[]).at(1, 99).with([
            call("render", &[])
                .in_go()
                .at(2, 90)
                .with([call("show", &[shows]).at(50, 51)]),
            call("source", &[]).in_go().at(3, 80).with(made),
        ])
    };
    let found = differences([stages(true, "7")], [stages(false, "8")]);
    assert_eq!(only(&found).0, "main.source: main.make 1×→0×");
    let found = differences([stages(false, "7")], [stages(true, "8")]);
    assert_eq!(only(&found).0, "main.source: main.make 0×→1×");
}

#[test]
fn a_go_test_and_the_requests_that_it_sends_are_one() {
    let sides = |result: &str, logged: &str, requests: usize| {
        let mut test = part("TestBank", [call("log", &[logged]).at(50, 51)]);
        test.is_run = true;
        let request = |number: u64| {
            let time = 10 + number * 30;
            part(
                "POST /",
                [call("parse", &["x"]).gives(result).at(time, time + 1)],
            )
        };
        let requests = (0..requests).map(|number| request(number as u64));
        let parts = std::iter::once(test).chain(requests).collect();
        Side::settle(vec![Run {
            parts,
            ..Run::default()
        }])
    };
    let found = compare(&sides("7", "1", 2), &sides("8", "2", 1));
    let (root, consequences) = only(&found);
    assert_eq!(root, "-: main.parse gives returns[0] 7→8");
    assert_eq!(
        consequences,
        ["-: main.log with a 1→2", "-:  part added: false"]
    );
    let found = compare(&sides("7", "1", 2), &sides("7", "1", 1));
    assert_eq!(only(&found).0, "-:  part added: false");
}

#[test]
fn a_difference_that_begins_in_several_tests_is_told_in_the_first() {
    let one = |count: &str, lines: &str| {
        let side = |count: &str, lines: &str| {
            Side::settle(vec![run([
                call("serve", &[]).with([call("price", &[count, lines])])
            ])])
        };
        compare(&side("1", "1"), &side(count, lines))
    };
    let mut tests = [
        ("a", one("2", "1")),
        ("b", one("1", "1")),
        ("c", one("1", "2")),
        ("d", one("3", "1")),
    ];
    crate::join(tests.iter_mut().map(|(name, found)| (*name, found)));
    let [(_, a), (_, b), (_, c), (_, d)] = tests;
    assert_eq!(only(&a).0, "main.serve: main.price with a 1→2");
    assert_eq!(a.differences[0].tests, ["d"]);
    assert_eq!(b, Comparison::default());
    assert_eq!(only(&c).0, "main.serve: main.price with b 1→2");
    assert_eq!(c.differences[0].number, 2);
    assert!(d.differences.is_empty());
    assert_eq!(d.repeated[0].number, 1);
    assert_eq!(
        told(&d.repeated[0].root),
        "main.serve: main.price with a 1→3"
    );
}

#[test]
fn state_that_differed_in_an_earlier_test_is_no_difference_of_its_own() {
    let handled_with = |of_shop: &str, name: &str, below: Vec<Node>| {
        let mut handler = call(name, &[]).with(below);
        let field = Layout::leaf(of_shop).labelled("Currency: ");
        let shop = Value::new(&Layout::group("&main.Shop{", vec![field], "}"));
        handler.call.as_mut().unwrap().arguments = vec![("shop".to_owned(), shop)];
        Side::settle(vec![run([
            call("serve", &[]).with([call("route", &[]), handler])
        ])])
    };
    let compared = |name: &str, before: Vec<Node>, after: Vec<Node>| {
        compare(
            &handled_with("\"EUR\"", name, before),
            &handled_with("\"USD\"", name, after),
        )
    };
    let mut tests = [
        ("a", compared("buy", vec![], vec![])),
        ("b", compared("sell", vec![], vec![])),
        ("c", compared("ship", vec![], vec![call("notify", &[])])),
    ];
    crate::join(tests.iter_mut().map(|(name, found)| (*name, found)));
    let [(_, a), (_, b), (_, c)] = tests;
    assert_eq!(
        only(&a).0,
        "main.serve: main.buy with shop.Currency \"EUR\"→\"USD\""
    );
    assert_eq!(a.differences[0].tests, ["b"]);
    assert!(b.differences.is_empty());
    assert_eq!(b.repeated[0].number, 1);
    assert_eq!(
        only(&c),
        ("main.ship: main.notify 0×→1×".to_owned(), vec![])
    );
    assert_eq!(c.differences[0].number, 2);
}

#[test]
fn another_element_of_a_list_is_no_other_difference() {
    let requests = |changed: &str| {
        let one = |name: &str, first: &str, second: &str| {
            let mut call = call("store", &[]);
            let list = |text: &str| Layout::leaf(text);
            let value = Value::new(&Layout::group(
                "[]int{",
                vec![list(first), list(second)],
                "}",
            ));
            call.call.as_mut().unwrap().arguments = vec![("items".to_owned(), value)];
            part(name, [call])
        };
        let parts = vec![one("GET /a", changed, "1"), one("GET /b", "1", changed)];
        Side::settle(vec![Run {
            parts,
            ..Run::default()
        }])
    };
    let found = compare(&requests("1"), &requests("2"));
    assert_eq!(only(&found).0, "-: main.store with items[0] 1→2");
    assert_eq!(found.differences[0].also, ["GET /b"]);
}

#[test]
fn what_varies_on_a_side_is_no_difference() {
    let timed = |time: &str| run([call("f", &[time, "1"])]);
    let before = Side::settle(vec![timed("10"), timed("20")]);
    let after = Side::settle(vec![timed("30"), timed("31")]);
    assert_eq!(compare(&before, &after), Comparison::default());
    let once = Side::settle(vec![timed("30")]);
    assert_eq!(compare(&before, &once), Comparison::default());
    let retrying = |times: usize| run((0..times).map(|_| call("try", &[])));
    let before = Side::settle(vec![retrying(1), retrying(3)]);
    let after = Side::settle(vec![retrying(2), retrying(2)]);
    assert_eq!(compare(&before, &after), Comparison::default());
}

#[test]
fn a_doubt_is_told_beside_what_was_found() {
    let mut doubtful = run([serve()]);
    doubtful.doubt = Some("3 hits were lost".to_owned());
    let found = compare(
        &Side::settle(vec![doubtful]),
        &Side::settle(vec![run([serve()])]),
    );
    assert!(found.differences.is_empty());
    assert_eq!(found.doubt.as_deref(), Some("3 hits were lost"));
}

/// Random trees, each with one random change: it is found, and there is no other root.
#[test]
fn any_one_change_of_any_tree_is_one_difference() {
    let mut random = fastrand::Rng::with_seed(16);
    for round in 0..5000 {
        let mut budget = random.usize(1..25);
        let before = tree(&mut random, &mut budget, 0);
        let mut after = before.clone();
        let wanted = change(&mut random, &mut after);
        let found = differences([before.clone()], [after.clone()]);
        let [difference] = found.differences.as_slice() else {
            let found = found.differences.iter().map(|found| told(&found.root));
            let found: Vec<String> = found.collect();
            panic!("round {round}: {wanted}: {found:?} in {}", drawn(&before));
        };
        let told = told(&difference.root);
        let drawn = drawn(&before);
        assert!(
            told.contains(&wanted),
            "round {round}: {wanted} is not in {told}: {drawn}"
        );
    }
}

fn drawn(node: &Node) -> String {
    let go = if node.began == Settled::Always(Began::ByGo) {
        "go "
    } else {
        ""
    };
    let argument = node.call.as_ref().unwrap().arguments[0].1.line();
    let below: Vec<String> = node.below.iter().map(drawn).collect();
    format!("{go}{}({argument})[{}]", node.key, below.join(" "))
}

fn tree(random: &mut fastrand::Rng, budget: &mut usize, depth: usize) -> Node {
    let name = ["a", "b", "c", "d"][random.usize(0..4)];
    let mut node = call(name, &[["1", "2", "3"][random.usize(0..3)]]).gives("0");
    if random.bool() {
        node = node.in_go();
    }
    while *budget > 0 && depth < 4 && random.bool() {
        *budget -= 1;
        node.below.push(tree(random, budget, depth + 1));
    }
    node
}

/// Changes something anywhere in a tree; what is then to be told.
fn change(random: &mut fastrand::Rng, node: &mut Node) -> String {
    if !node.below.is_empty() && random.u8(0..3) > 0 {
        let index = random.usize(0..node.below.len());
        return change(random, &mut node.below[index]);
    }
    let shape = node.call.as_mut().unwrap();
    match random.u8(0..4) {
        0 => {
            shape.results = call("x", &[]).gives("9").call.unwrap().results;
            format!("{} gives returns[0] 0→9", node.name)
        }
        1 => {
            shape.outcome = Settled::Always(Outcome::Panicked);
            format!("{} Returned→Panicked", node.name)
        }
        2 => {
            let own = node.began == Settled::Always(Began::ByCall);
            node.began = Settled::Always(if own { Began::ByGo } else { Began::ByCall });
            format!("{} own goroutine: {own}", node.name)
        }
        _ => {
            let new = call("new", &["1"]);
            let place = random.usize(0..=node.below.len());
            node.below.insert(place, new);
            format!("{}: main.new 0×→1×", node.name)
        }
    }
}
