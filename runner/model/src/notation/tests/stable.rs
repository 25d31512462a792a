//! Text for snapshots.

use crate::testing::World;
use crate::{
    Kind, Status, Value,
    notation::{Identities, stable_values, value},
};

const MODULE: Option<&str> = Some("example.com/shop");

/// Builds values of one moment, and gives them as text.
fn shown(build: impl FnOnce(&mut World) -> Vec<Value>) -> String {
    let mut world = World::default();
    let built = build(&mut world);
    let values = stable_values(&built, &world.types, MODULE, &mut Identities::default());
    let lines: Vec<String> = values.iter().map(|value| value.line()).collect();
    lines.join(", ")
}

/// A struct with exported and unexported fields, zero and not.
fn server(world: &mut World, name: &str) -> Value {
    let fields = vec![
        ("Addr", world.text(":80")),
        ("Pattern", world.text("")),
        ("Handler", world.nil("*int")),
        ("count", world.int(7)),
        ("_", world.int(0)),
    ];
    world.structure(name, fields)
}

#[test]
fn structs_of_other_modules_show_what_they_export() {
    for foreign in [
        "net/smtp.Server",
        "example.com/shopping.Server",
        "example.com/other/shop.Server",
        "golang.org/x/net/http2.Pair[main.T]",
    ] {
        let text = shown(|w| vec![server(w, foreign)]);
        assert!(text.ends_with(r#"{Addr: ":80"}"#), "{text}");
    }
    for own in [
        "main.Server",
        "example.com/shop.Server",
        "example.com/shop/internal/a.Server",
    ] {
        let text = shown(|w| vec![server(w, own)]);
        assert!(
            text.ends_with(r#"{Addr: ":80", Pattern: "", Handler: nil, count: 7}"#),
            "{text}"
        );
    }
}

#[test]
fn structs_of_the_standard_library_show_what_they_export_to_people_too() {
    let mut world = World::default();
    let server = server(&mut world, "net/smtp.Server");
    assert_eq!(value(&server, &world.types), r#"smtp.Server{Addr: ":80"}"#);
    let mut world = World::default();
    let server = self::server(&mut world, "networks/smtp.Server");
    assert!(value(&server, &world.types).contains("count: 7"));
}

#[test]
fn unnamed_structs_are_shown_like_the_struct_around_them() {
    let around = |w: &mut World, name: &str| {
        let count = w.int(1);
        let inner = w.structure("struct { n int }", vec![("n", count)]);
        w.structure(name, vec![("Stats", inner)])
    };
    assert_eq!(
        shown(|w| vec![around(w, "main.T")]),
        "main.T{Stats: struct{n: 1}}"
    );
    assert_eq!(
        shown(|w| vec![around(w, "net/smtp.T")]),
        "smtp.T{Stats: struct{…}}"
    );
}

#[test]
fn pointers_of_one_moment_are_the_same_by_number() {
    let node = |w: &mut World, address, text: &str| {
        let name = w.text(text);
        let node = w.structure("main.Node", vec![("Name", name)]);
        w.pointer_at(address, node)
    };
    assert_eq!(
        shown(|w| vec![
            node(w, 1, "a"),
            node(w, 2, "b"),
            node(w, 1, "a"),
            node(w, 3, "c")
        ]),
        r#"#1 &main.Node{Name: "a"}, &main.Node{Name: "b"}, #1, &main.Node{Name: "c"}"#
    );
    assert_eq!(
        shown(|w| {
            let back = w.unread_struct("main.Node", Status::Cycle);
            let back = w.pointer_at(0x10, back);
            let node = w.structure("main.Node", vec![("Next", back)]);
            // The table has one type of that name, whatever is known of it.
            vec![w.pointer_at(0x10, node)]
        }),
        "#1 &main.Node{Next: #1}"
    );
    // A pointer to a struct and one to its first field are two.
    assert_eq!(
        shown(|w| {
            let int = w.int(5);
            vec![node(w, 1, "a"), w.pointer_at(1, int)]
        }),
        r#"&main.Node{Name: "a"}, &5"#
    );
}

#[test]
fn more_of_the_same_pointer_is_shown_where_it_is_read() {
    assert_eq!(
        shown(|w| {
            let short = w.unread_struct("main.Node", Status::DepthLimit);
            let short = w.pointer_at(1, short);
            let name = w.text("a");
            let long = w.structure("main.Node", vec![("Name", name)]);
            vec![short.clone(), w.pointer_at(1, long), short]
        }),
        r#"#1 &main.Node{…}, #1 &main.Node{Name: "a"}, #1"#
    );
}

#[test]
fn numbers_go_on_from_one_moment_to_the_next() {
    let mut world = World::default();
    let int = world.int(5);
    let twice = [world.pointer_at(1, int.clone()), world.pointer_at(1, int)];
    let mut identities = Identities::default();
    let mut line = || {
        let values = stable_values(&twice, &world.types, MODULE, &mut identities);
        let lines: Vec<String> = values.iter().map(|value| value.line()).collect();
        lines.join(", ")
    };
    assert_eq!(line(), "#1 &5, #1");
    assert_eq!(line(), "#2 &5, #2");
}

#[test]
fn a_map_that_is_not_whole_has_its_count_alone() {
    let map = |w: &mut World, full| {
        let pair = (w.text("a"), w.int(1));
        vec![w.map("map[string]int", vec![pair], full)]
    };
    assert_eq!(shown(|w| map(w, 1)), r#"map[string]int{"a": 1}"#);
    assert_eq!(shown(|w| map(w, 3)), "map[string]int{…3}");
}

#[test]
fn functions_of_other_modules_have_no_numbers() {
    let func = |name: &str| {
        shown(|w| {
            let x = w.int(1);
            let captured = w.structure("struct { x int }", vec![("x", x)]);
            vec![w.func(Some(name), Some(captured))]
        })
    };
    assert_eq!(func("main.serve.func2"), "main.serve.func2{x: 1}");
    assert_eq!(
        func("net/http.(*conn).serve.func2"),
        "http.(*conn).serve.func"
    );
    assert_eq!(func("net/http.NotFound"), "http.NotFound");
    assert_eq!(shown(|w| vec![w.func(None, None)]), "(func(int))(…)");
}

#[test]
fn nothing_has_an_address() {
    let (address, errno) = (crate::Address(0xc000), 14);
    let status = Status::Unreadable { address, errno };
    assert_eq!(
        shown(|w| vec![w.unread("string", Kind::String, status)]),
        "<string: unreadable>"
    );
}
