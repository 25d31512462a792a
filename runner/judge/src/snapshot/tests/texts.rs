//! What is seen, and the text that holds it.

use insta::assert_snapshot;
use model::{
    Address, Answer, CallId, Content, Location, Outcome, Parameter, ScopeId, Status, Value,
    testing::World,
};

use super::story::Story;
use crate::snapshot::render;

fn text(story: &Story) -> String {
    render(&story.evidence, &[], &[])
}

/// One visitor of the article's program; `goids` are the server's goroutine and the worker's.
fn visit(story: &mut Story, number: u32, target: &str, goids: (u64, u64)) {
    let handler = story.function("handler", "main.handler");
    let check = story.function("checkSite", "main.checkSite");
    let worker = story.function("worker", "main.checkSite.func1");
    let prepare = story.function("prepareAnswer", "main.prepareAnswer");
    let (server, started) = goids;
    let request = Some(story.request(0, number, target, server));
    let (w, r) = (
        story.unread(Status::TypeUnknown),
        story.unread(Status::TypeUnknown),
    );
    let handled = Some(story.call(request, server, None, handler, &[w, r], &[]));
    let checked = Some(story.call(request, server, handled, check, &[], &[story.int(200)]));
    story.go(request, server, checked, started, "main.checkSite.func1");
    story.call(request, started, None, worker, &[], &[]);
    let arguments = [story.text("Go"), story.int(2020), story.int(200)];
    let answer = [story.text("Go 2020, status 200")];
    story.call(request, server, handled, prepare, &arguments, &answer);
}

#[test]
fn the_articles_program() {
    let mut story = Story::new();
    visit(&mut story, 0, "/?name=Go&year=2020", (34, 35));
    assert_snapshot!(text(&story), @r#"
    GET /?name=Go&year=2020 → 200
      main.handler(<http.ResponseWriter: type unknown>, <http.ResponseWriter: type unknown>) returned
        main.checkSite() → 200
          go main.checkSite.func1() returned
        main.prepareAnswer("Go", 2020, 200) → "Go 2020, status 200"
    "#);
}

#[test]
fn equal_visitors_are_one_with_their_number_whatever_order_they_came_in() {
    let rendered = |order: [u32; 3]| {
        let mut story = Story::new();
        for (number, goid) in order.into_iter().zip([90, 40, 60]) {
            visit(&mut story, number, "/", (goid, goid + 1));
        }
        visit(&mut story, 3, "/last", (7, 8));
        text(&story)
    };
    assert_snapshot!(rendered([0, 1, 2]), @r#"
    GET / → 200 ×3
      main.handler(<http.ResponseWriter: type unknown>, <http.ResponseWriter: type unknown>) returned
        main.checkSite() → 200
          go main.checkSite.func1() returned
        main.prepareAnswer("Go", 2020, 200) → "Go 2020, status 200"
    GET /last → 200
      main.handler(<http.ResponseWriter: type unknown>, <http.ResponseWriter: type unknown>) returned
        main.checkSite() → 200
          go main.checkSite.func1() returned
        main.prepareAnswer("Go", 2020, 200) → "Go 2020, status 200"
    "#);
    assert_eq!(rendered([0, 1, 2]), rendered([2, 0, 1]));
}

#[test]
fn exchanges_are_in_the_order_of_the_test() {
    let mut story = Story::new();
    for (entry, number) in [(1, 0), (0, 1), (0, 0)] {
        story.request(entry, number, &format!("/{entry}/{number}"), 5);
    }
    assert_snapshot!(text(&story), @r"
    GET /0/0 → 200
    GET /0/1 → 200
    GET /1/0 → 200
    ");
}

#[test]
fn goroutines_that_run_at_the_same_time_are_never_mixed() {
    let rendered = |turns: &[usize]| {
        let mut story = Story::new();
        let (f, step) = (
            story.function("f", "main.fanOut"),
            story.function("step", "main.step"),
        );
        let request = Some(story.request(0, 0, "/", 10));
        let parent = Some(story.call(request, 10, None, f, &[], &[]));
        // Goids come from batches: a later goroutine may have the smaller one.
        let goids = [21, 13];
        for goid in goids {
            story.go(request, 10, parent, goid, "main.fanOut.func1");
        }
        let mut done = [0, 0];
        for turn in turns {
            done[*turn] += 1;
            let arguments = [story.int(*turn as i64), story.int(done[*turn])];
            story.call(request, goids[*turn], None, step, &arguments, &[]);
        }
        text(&story)
    };
    assert_snapshot!(rendered(&[0, 1, 1, 0]), @r"
    GET / → 200
      main.fanOut() returned
        go main.fanOut.func1
          main.step(0, 1) returned
          main.step(0, 2) returned
        go main.fanOut.func1
          main.step(1, 1) returned
          main.step(1, 2) returned
    ");
    assert_eq!(rendered(&[0, 1, 1, 0]), rendered(&[1, 0, 0, 1]));
}

#[test]
fn a_nested_request_is_shown_in_the_one_around_it_unless_it_is_the_tests_own() {
    let rendered = |is_sent: bool| {
        let mut story = Story::new();
        let step = story.function("step", "main.step");
        let outer = Some(story.request(0, 0, "/outer", 10));
        let inner = story.request(0, 1, "/inner", 11);
        story.evidence.observation.scopes[inner.0 as usize].parent = outer;
        if !is_sent {
            story.evidence.exchanges.pop();
            story.evidence.scopes.pop();
        }
        story.go(outer, 10, None, 11, "main.serve");
        for (scope, goid, number) in [(outer, 10, 1), (Some(inner), 11, 2), (outer, 10, 3)] {
            let number = [story.int(number)];
            story.call(scope, goid, None, step, &number, &[]);
        }
        text(&story)
    };
    assert_snapshot!(rendered(true), @r"
    GET /outer → 200
      main.step(1) returned
      main.step(3) returned
    GET /inner → 200
      main.step(2) returned
    ");
    assert_snapshot!(rendered(false), @r"
    GET /outer → 200
      go main.serve
        main.step(2) returned
      main.step(1) returned
      main.step(3) returned
    ");
}

#[test]
fn a_goroutine_is_shown_where_it_was_started() {
    let mut story = Story::new();
    let (f, step) = (
        story.function("f", "main.f"),
        story.function("step", "main.step"),
    );
    let request = Some(story.request(0, 0, "/", 10));
    let parent = Some(story.call(request, 10, None, f, &[], &[]));
    story.call(request, 10, parent, step, &[story.int(1)], &[]);
    story.go(request, 10, parent, 11, "main.unwatched");
    story.call(request, 10, parent, step, &[story.int(2)], &[]);
    // Its only watched call is made by a goroutine that it starts itself.
    story.go(request, 11, None, 12, "main.step");
    story.call(request, 12, None, step, &[story.int(3)], &[]);
    // One that makes no watched call is not shown.
    story.go(request, 10, parent, 13, "main.silent");
    assert_snapshot!(text(&story), @r"
    GET / → 200
      main.f() returned
        main.step(1) returned
        go main.unwatched
          go main.step(3) returned
        main.step(2) returned
    ");
}

#[test]
fn equal_neighbours_are_one_with_a_number() {
    let mut story = Story::new();
    let (f, step) = (
        story.function("f", "main.f"),
        story.function("step", "main.step"),
    );
    let request = Some(story.request(0, 0, "/", 10));
    let parent = Some(story.call(request, 10, None, f, &[], &[]));
    for argument in [1, 1, 1, 2, 1] {
        let child = Some(story.call(request, 10, parent, step, &[story.int(argument)], &[]));
        story.call(request, 10, child, step, &[], &[]);
    }
    assert_snapshot!(text(&story), @r"
    GET / → 200
      main.f() returned
        main.step(1) returned ×3
          main.step() returned
        main.step(2) returned
          main.step() returned
        main.step(1) returned
          main.step() returned
    ");
}

#[test]
fn values_and_endings_say_what_they_are() {
    let mut story = Story::new();
    let f = story.function("f", "example.com/shop.(*Cart).Add");
    let request = Some(story.request(0, 0, "/", 10));
    let unreadable = Status::Unreadable {
        address: Address(0xc000_1234),
        errno: 14,
    };
    let arguments = [
        story.cut_text("begin\n\"", 4096),
        story.unread(unreadable),
        story.unread(Status::InVectorRegister),
    ];
    story.call(
        request,
        10,
        None,
        f,
        &arguments,
        &[story.int(1), story.int(2)],
    );
    for results in [&[][..], &[story.int(-1)], &[story.int(-1), story.int(2)]] {
        let call = story.call(request, 10, None, f, &[], results);
        story.outcome(call, Outcome::Recovered);
    }
    for outcome in [
        Outcome::Panicked,
        Outcome::Goexit,
        Outcome::Running,
        Outcome::Unwound,
        Outcome::ProcessEnded,
    ] {
        let call = story.call(request, 10, None, f, &[], &[]);
        story.outcome(call, outcome);
    }
    assert_snapshot!(text(&story), @r#"
    GET / → 200
      example.com/shop.(*Cart).Add(
        "begin\n\""…(+4089 bytes),
        <http.ResponseWriter: unreadable>,
        <http.ResponseWriter: in a vector register>,
      ) → (1, 2)
      example.com/shop.(*Cart).Add() recovered
      example.com/shop.(*Cart).Add() recovered → -1
      example.com/shop.(*Cart).Add() recovered → (-1, 2)
      example.com/shop.(*Cart).Add() panicked
      example.com/shop.(*Cart).Add() goexit
      example.com/shop.(*Cart).Add() running
      example.com/shop.(*Cart).Add() unwound
      example.com/shop.(*Cart).Add() process ended
    "#);
}

/// A call of a method of the program's own with values of several kinds; `port` was chosen at random.
fn order(port: u16, items: i64) -> String {
    let mut world = World::default();
    let name = world.text("Ada");
    let count = world.int(2);
    let customer = world.structure("example.com/shop.Customer", vec![("name", name)]);
    let customer = world.pointer_at(u64::from(port), customer);
    let items = (0..items).map(|_| {
        let id = world.text("a long name of a thing that is sold");
        let item = vec![("ID", id), ("Count", count.clone())];
        world.structure("example.com/shop.Item", item)
    });
    let items: Vec<_> = items.collect();
    let length = items.len() as u64;
    let items = world.slice("[]example.com/shop.Item", items, length);
    let base = world.text(&format!("http://127.0.0.1:{port}/pay"));
    let timeout = world.named_int("time.Duration", 1_500_000_000);
    let client = vec![
        ("Base", base),
        ("Timeout", timeout),
        ("Retries", world.int(0)),
        ("hits", world.int(i64::from(port))),
    ];
    let client = world.structure("example.com/pay.Client", client);
    let client = world.pointer(client);
    let order = vec![
        ("Customer", customer.clone()),
        ("Payer", customer),
        ("Items", items),
    ];
    let order = world.structure("example.com/shop.Order", order);
    let mut story = Story::new();
    let place = story.function("place", "example.com/shop.(*Shop).place");
    let observation = &mut story.evidence.observation;
    observation.module = Some("example.com/shop".to_owned());
    let names = ["order", "client"];
    observation.functions[0].parameters = names
        .into_iter()
        .zip([order.ty, client.ty])
        .map(|(name, ty)| Parameter {
            name: name.to_owned(),
            ty,
            location: Location::default(),
        })
        .collect();
    observation.types = world.types;
    let nil = Value {
        ty: order.ty,
        content: Content::Nil,
    };
    let request = Some(story.request(0, 0, "/", 10));
    story.call(request, 10, None, place, &[order, client], &[nil]);
    let port = (port.to_string(), "${port}".to_owned());
    render(&story.evidence, &[], &[port])
}

#[test]
fn long_calls_have_a_line_for_each_argument() {
    assert_snapshot!(order(40_001, 2), @r#"
    GET / → 200
      example.com/shop.(*Shop).place(
        order: shop.Order{
          Customer: #1 &shop.Customer{name: "Ada"},
          Payer: #1,
          Items: []shop.Item{
            {ID: "a long name of a thing that is sold", Count: 2},
            {ID: "a long name of a thing that is sold", Count: 2},
          },
        },
        client: &pay.Client{Base: "http://127.0.0.1:${port}/pay", Timeout: 1.5s},
      ) → nil
    "#);
}

#[test]
fn random_values_do_not_change_the_text() {
    for items in 0..4 {
        assert_eq!(order(40_001, items), order(9, items));
    }
}

#[test]
fn functions_that_only_globs_name_are_left_out() {
    let mut story = Story::new();
    let handler = story.function("handler", "main.handler");
    let helper = story.function("helpers", "main.helper");
    let step = story.function("step", "main.step");
    for name in ["main.handler", "main.step"] {
        story.function("helpers", name);
    }
    let request = Some(story.request(0, 0, "/", 10));
    let handled = Some(story.call(request, 10, None, handler, &[], &[]));
    let helped = Some(story.call(request, 10, handled, helper, &[], &[]));
    story.call(request, 10, helped, step, &[], &[]);
    story.go(request, 10, helped, 11, "main.helper.func1");
    story.call(request, 11, None, step, &[], &[]);
    assert_snapshot!(render(&story.evidence, &["helpers"], &[]), @r"
    GET / → 200
      main.handler() returned
        main.step() returned
        go main.helper.func1
          main.step() returned
    ");
}

#[test]
fn our_own_values_are_written_back() {
    let mut story = Story::new();
    let dial = story.function("dial", "main.dial");
    let target = "/?back=http://127.0.0.1:40001";
    let request = Some(story.request(0, 0, target, 10));
    let arguments = [
        story.text("http://127.0.0.1:40001/a?from=127.0.0.1:51000"),
        story.int(40_000),
        story.int(140_000),
    ];
    story.call(request, 10, None, dial, &arguments, &[]);
    let pairs = [
        ("40000", "${port}"),
        ("40001", "${stub.site.port}"),
        ("http://127.0.0.1:40001", "${stub.site}"),
    ];
    let pairs = pairs.map(|(value, name)| (value.to_owned(), name.to_owned()));
    assert_snapshot!(render(&story.evidence, &[], &pairs), @r#"
    GET /?back=${stub.site} → 200
      main.dial("${stub.site}/a?from=127.0.0.1:${client}", ${port}, 140000) returned
    "#);
}

#[test]
fn a_missing_answer_is_shown_without_the_systems_words() {
    let mut story = Story::new();
    story.request(0, 0, "/slow", 10);
    story.request(0, 1, "/gone", 11);
    story.exchange(0, 2, "/unseen", None);
    story.exchange(0, 3, "/unknown", Some(ScopeId(99)));
    story.evidence.exchanges[0].answer = Answer::TimedOut;
    story.evidence.exchanges[1].answer = Answer::Failed("reset by 127.0.0.1:4711".into());
    // Evidence may say less than there are exchanges.
    story.evidence.scopes.truncate(3);
    assert_snapshot!(text(&story), @r"
    GET /slow → no answer in time
    GET /gone → no answer
    GET /unseen → 200
      no handler of net/http was seen
    GET /unknown → 200
      no handler of net/http was seen
    ");
}

#[test]
fn a_test_without_requests_shows_all_calls() {
    let mut story = Story::new();
    let (main, init) = (
        story.function("main", "main.main"),
        story.function("init", "main.load"),
    );
    let started = Some(story.call(None, 1, None, main, &[], &[]));
    story.go(None, 1, started, 5, "main.load");
    story.call(None, 5, None, init, &[], &[]);
    story.call(None, 9, None, init, &[], &[]);
    assert_snapshot!(text(&story), @r"
    start
      main.main() returned
        go main.load() returned
      go ?
        main.load() returned
    ");
}

#[test]
fn goroutines_of_unknown_creators_are_ordered_by_their_text() {
    let rendered = |goids: [u64; 2]| {
        let mut story = Story::new();
        let step = story.function("step", "main.step");
        let request = Some(story.request(0, 0, "/", 10));
        for (argument, goid) in [1, 2].into_iter().zip(goids) {
            story.call(request, goid, None, step, &[story.int(argument)], &[]);
        }
        text(&story)
    };
    assert_snapshot!(rendered([30, 20]), @r"
    GET / → 200
      go ?
        main.step(1) returned
      go ?
        main.step(2) returned
    ");
    assert_eq!(rendered([30, 20]), rendered([20, 30]));
}

#[test]
fn deep_recursion_is_counted() {
    let mut story = Story::new();
    let f = story.function("f", "main.f");
    let request = Some(story.request(0, 0, "/", 10));
    let mut parent = None;
    for depth in 0..100_000 {
        parent = Some(story.call(request, 10, parent, f, &[story.int(depth)], &[]));
    }
    let text = text(&story);
    assert_eq!(text.lines().count(), 66);
    assert!(text.ends_with("… 99936 calls deeper\n"), "{text}");
}

#[test]
fn nonsense_is_shown_and_never_loops() {
    let mut story = Story::new();
    let f = story.function("f", "main.f");
    let request = Some(story.request(0, 0, "/", 10));
    // Two goroutines that created one another, a parent on another goroutine, one that is younger, one that is not there.
    story.go(request, 21, Some(CallId(5)), 20, "main.a");
    story.go(request, 20, Some(CallId(500)), 21, "main.b");
    for (goid, parent) in [
        (20, None),
        (21, Some(0)),
        (10, Some(3)),
        (10, Some(99)),
        (10, Some(4)),
    ] {
        story.call(request, goid, parent.map(CallId), f, &[story.int(1)], &[]);
    }
    let text = text(&story);
    // All five calls: three of them are equal neighbours.
    assert_eq!(text.matches("main.f(1)").count(), 3, "{text}");
    assert!(text.contains("×3"), "{text}");
}
