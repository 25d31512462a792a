//! What values look like.

use std::sync::Arc;

use crate::testing::World;
use crate::{
    Address, Content, Float, Kind, PackageNames, Status, Value,
    notation::{block, elided, elided_value, package, quoted, short_name, value},
};

/// Builds a value, and gives it as text.
fn shown(build: impl FnOnce(&mut World) -> Value) -> String {
    let mut world = World::default();
    let built = build(&mut world);
    value(&built, &world.types)
}

/// The same in an interface.
fn boxed(build: impl FnOnce(&mut World) -> Value) -> String {
    shown(|world| {
        let dynamic = build(world);
        world.interface("interface {}", dynamic)
    })
}

fn point(world: &mut World, x: i64, y: i64) -> Value {
    let fields = vec![("X", world.int(x)), ("Y", world.int(y))];
    world.structure("main.Point", fields)
}

#[test]
fn scalars_are_plain_where_their_type_is_known() {
    assert_eq!(shown(|w| w.boolean(true)), "true");
    assert_eq!(shown(|w| w.named_int("int8", -128)), "-128");
    assert_eq!(
        shown(|w| w.uint("uint64", u64::MAX)),
        "18446744073709551615"
    );
    assert_eq!(shown(|w| w.float(1.5)), "1.5");
    assert_eq!(shown(|w| w.text("")), r#""""#);
    assert_eq!(shown(|w| w.named_text("main.Name", "Ada")), r#""Ada""#);
    let complex = Content::complex(Float::new(1.0), Float::new(2.0));
    assert_eq!(
        shown(|w| w.of("complex128", 16, Kind::Complex, complex)),
        "(1+2i)"
    );
}

#[test]
fn scalars_in_interfaces_tell_the_types_that_go_would_not_take() {
    assert_eq!(boxed(|w| w.boolean(true)), "true");
    assert_eq!(boxed(|w| w.int(5)), "5");
    assert_eq!(boxed(|w| w.text("a")), r#""a""#);
    assert_eq!(boxed(|w| w.float(1.5)), "1.5");
    assert_eq!(boxed(|w| w.float(2.0)), "float64(2)");
    assert_eq!(boxed(|w| w.named_int("int64", 5)), "int64(5)");
    assert_eq!(boxed(|w| w.uint("uint8", 5)), "uint8(5)");
    assert_eq!(
        boxed(|w| w.named_text("example.com/a/b.Name", "a")),
        r#"b.Name("a")"#
    );
    assert_eq!(boxed(|w| w.nil("*net/url.URL")), "(*url.URL)(nil)");
    assert_eq!(
        boxed(|w| {
            let cut = w.cut_text(b"ab", 9);
            let Content::Text(text) = cut.content else {
                panic!()
            };
            w.of("main.Name", 16, Kind::String, Content::Text(text))
        }),
        r#"main.Name("ab"…(+7 bytes))"#
    );
}

#[test]
fn composites_name_their_type_once() {
    assert_eq!(shown(|w| point(w, 1, 2)), "main.Point{X: 1, Y: 2}");
    assert_eq!(
        shown(|w| {
            let points = vec![point(w, 1, 2), point(w, 3, 4)];
            w.slice("[]main.Point", points, 2)
        }),
        "[]main.Point{{X: 1, Y: 2}, {X: 3, Y: 4}}"
    );
    assert_eq!(
        shown(|w| {
            let target = point(w, 1, 2);
            let pointer = w.pointer(target);
            w.slice("[]*main.Point", vec![pointer], 1)
        }),
        "[]*main.Point{&{X: 1, Y: 2}}"
    );
    assert_eq!(
        shown(|w| {
            let at = point(w, 1, 2);
            let any = w.int(1);
            let any = w.interface("interface {}", any);
            w.structure(
                "struct { At main.Point; Any interface {} }",
                vec![("At", at), ("_", any.clone()), ("Any", any)],
            )
        }),
        "struct{At: main.Point{X: 1, Y: 2}, Any: 1}"
    );
    assert_eq!(shown(|w| w.structure("struct {}", vec![])), "struct{}{}");
    assert_eq!(shown(|w| w.slice("[]interface {}", vec![], 0)), "[]any{}");
}

#[test]
fn what_was_cut_is_counted() {
    let ints = |w: &mut World, full| {
        let values = vec![w.int(1), w.int(2)];
        w.slice("[]int", values, full)
    };
    assert_eq!(shown(|w| ints(w, 2)), "[]int{1, 2}");
    assert_eq!(shown(|w| ints(w, 5)), "[]int{1, 2, …3 more}");
    assert_eq!(shown(|w| w.slice("[]int", vec![], 3)), "[]int{…3}");
    assert_eq!(
        shown(|w| {
            let pair = (w.text("a"), w.int(1));
            w.map("map[string]int", vec![pair], 6)
        }),
        r#"map[string]int{"a": 1, …5 more}"#
    );
    assert_eq!(
        shown(|w| w.map("map[string]int", vec![], 5)),
        "map[string]int{…5}"
    );
    assert_eq!(shown(|w| w.cut_text(b"abc", 123)), r#""abc"…(+120 bytes)"#);
    assert_eq!(
        shown(|w| w.cut_text("ab世".as_bytes().get(..4).unwrap(), 10)),
        r#""ab"…(+8 bytes)"#
    );
    assert_eq!(
        shown(|w| w.cut_text(b"ab\xff", 10)),
        r#""ab\xff"…(+7 bytes)"#
    );
}

#[test]
fn bytes_are_text_where_they_are() {
    assert_eq!(
        shown(|w| w.bytes("[]uint8", b"abc\n")),
        r#"[]byte("abc\n")"#
    );
    assert_eq!(
        shown(|w| w.cut_bytes("[]uint8", b"abc", 5)),
        r#"[]byte("abc"…(+2 bytes))"#
    );
    assert_eq!(
        shown(|w| w.bytes("[]uint8", &[1, 0xff])),
        "[]byte{0x01, 0xff}"
    );
    let many = shown(|w| w.bytes("[100]uint8", &[0; 100]));
    assert!(many.ends_with("0x00, …68 more}"), "{many}");
    assert_eq!(
        shown(|w| w.cut_bytes("[4]uint8", &[1, 2], 4)),
        "[4]byte{0x01, 0x02, …2 more}"
    );
    assert_eq!(shown(|w| w.bytes("[]uint8", b"")), "[]byte{}");
    assert_eq!(
        shown(|w| {
            let bytes = w.bytes("[]uint8", b"abc");
            w.slice("[][]uint8", vec![bytes], 1)
        }),
        r#"[][]byte{"abc"}"#
    );
}

#[test]
fn pointers_show_what_they_point_to() {
    assert_eq!(
        shown(|w| {
            let url = w.unread_struct("net/url.URL", Status::DepthLimit);
            let url = w.pointer(url);
            let fields = vec![("Method", w.text("GET")), ("URL", url)];
            let request = w.structure("main.Request", fields);
            w.pointer(request)
        }),
        r#"&main.Request{Method: "GET", URL: &url.URL{…}}"#
    );
    assert_eq!(
        shown(|w| {
            let int = w.int(5);
            w.pointer(int)
        }),
        "&5"
    );
    assert_eq!(shown(|w| w.nil("*int")), "nil");
    let back = |w: &mut World| {
        let back = w.unread_struct("main.Node", Status::Cycle);
        let back = w.pointer_at(0x10, back);
        let node = w.structure("main.Node", vec![("Next", back)]);
        w.pointer_at(0x10, node)
    };
    assert_eq!(shown(back), "&main.Node{Next: <cycle>}");
}

#[test]
fn what_has_no_literal_in_go_is_told_in_words() {
    assert_eq!(shown(|w| w.func(Some("main.f"), None)), "main.f");
    assert_eq!(
        shown(|w| {
            let x = w.int(1);
            let captured = w.structure("struct { F uintptr; x int }", vec![("x", x)]);
            w.func(Some("example.com/a.f.func1"), Some(captured))
        }),
        "a.f.func1{x: 1}"
    );
    assert_eq!(shown(|w| w.func(None, None)), "func(0x401000)");
    assert_eq!(shown(|w| w.channel(1, 4)), "chan int(len 1, cap 4)");
    let address = Content::Address(Address(0xc000));
    assert_eq!(
        shown(|w| w.of("unsafe.Pointer", 8, Kind::UnsafePointer, address)),
        "unsafe.Pointer(0xc000)"
    );
    assert_eq!(
        shown(|w| w.of(
            "string",
            16,
            Kind::String,
            Content::Redacted(Arc::new("[secret]".into()))
        )),
        "[secret]"
    );
}

#[test]
fn what_is_not_known_is_its_type_and_the_reason() {
    let unread = |status| shown(|w| w.unread("float64", Kind::Float, status));
    assert_eq!(
        unread(Status::InVectorRegister),
        "<float64: in a vector register>"
    );
    let (address, errno) = (Address(0xc000), 14);
    assert_eq!(
        unread(Status::Unreadable { address, errno }),
        "<float64: unreadable at 0xc000>"
    );
    assert_eq!(unread(Status::Cut), "…");
    let interface = Kind::Interface { empty: false };
    assert_eq!(
        shown(|w| w.unread("net/http.ResponseWriter", interface, Status::TypeUnknown)),
        "<http.ResponseWriter: type unknown>"
    );
}

#[test]
fn a_long_value_is_a_block() {
    let mut world = World::default();
    let points = vec![point(&mut world, 1, 2), point(&mut world, 3, 4)];
    let points = world.slice("[]main.Point", points, 5);
    let name = world.text("north");
    let shape = world.structure("main.Shape", vec![("Name", name), ("Points", points)]);
    let shape = world.pointer(shape);
    assert_eq!(block(&shape, &world.types, 100).len(), 1);
    assert_eq!(
        block(&shape, &world.types, 40).join("\n"),
        r#"&main.Shape{
  Name: "north",
  Points: []main.Point{
    {X: 1, Y: 2},
    {X: 3, Y: 4},
    …3 more
  },
}"#
    );
    assert_eq!(
        elided_value(&shape, &world.types, 40),
        r#"&main.Shape{Name: "north", …1 more}"#
    );
    assert_eq!(
        elided_value(&shape, &world.types, 72),
        r#"&main.Shape{Name: "north", Points: []main.Point{{X: 1, Y: 2}, …4 more}}"#
    );
}

#[test]
fn long_strings_lose_their_middle_for_terminals() {
    let mut world = World::default();
    let text = world.text("GopherCon Russia 2020");
    assert_eq!(elided_value(&text, &world.types, 12), r#""Gophe…2020""#);
    assert_eq!(
        elided_value(&text, &world.types, 23),
        r#""GopherCon Russia 2020""#
    );
    assert_eq!(elided("abc", 0), "…");
}

#[test]
fn any_tree_has_a_bounded_text() {
    let mut world = World::default();
    let mut deep = world.int(1);
    for _ in 0..2_000 {
        deep = world.pointer(deep);
        deep.ty = world.ty("*main.T", 8, Kind::Pointer { target: None });
    }
    assert_eq!(value(&deep, &world.types), format!("{}…", "&".repeat(48)));
    let wide = (0..100_000).map(|int| world.int(int)).collect();
    let wide = world.slice("[]int", wide, 100_000);
    assert!(value(&wide, &world.types).len() < 600_000);
    assert!(elided_value(&wide, &world.types, 30).chars().count() <= 32);
}

#[test]
fn strings_are_quoted_as_go_does() {
    // Each pair was printed by strconv.Quote.
    for (bytes, go) in [
        (&b"plain"[..], r#""plain""#),
        (b"say \"hi\"\\", r#""say \"hi\"\\""#),
        (
            b"\x07\x08\x0c\n\r\t\x0b\x00\x1b\x7f",
            r#""\a\b\f\n\r\t\v\x00\x1b\x7f""#,
        ),
        ("Füße 世界 🐹".as_bytes(), r#""Füße 世界 🐹""#),
        (b"\xff\xe4\xb8z\xe4\xb8\x96", r#""\xff\xe4\xb8z世""#),
        (
            "\u{a0}\u{200b}\u{2028}\u{feff}".as_bytes(),
            r#""\u00a0\u200b\u2028\ufeff""#,
        ),
        ("e\u{301} \u{301}".as_bytes(), "\"e\u{301} \u{301}\""),
        ("\u{fffd}".as_bytes(), "\"\u{fffd}\""),
        ("\u{e000}\u{10ffff}".as_bytes(), r#""\ue000\U0010ffff""#),
        (b"it's", r#""it's""#),
    ] {
        assert_eq!(quoted(bytes), go);
    }
}

#[test]
fn packages_have_their_own_names() {
    let mut packages = PackageNames::default();
    packages.add("gopkg.in/yaml.v3", "yaml");
    packages.add("github.com/gofiber/fiber/v3", "fiber");
    for (long, short) in [
        ("gopkg.in/yaml%2ev3.(*Node).Decode", "yaml.(*Node).Decode"),
        ("[]*gopkg.in/yaml.v3.Node", "[]*yaml.Node"),
        (
            "main.Pair[github.com/gofiber/fiber/v3.Ctx,*net/url.URL]",
            "main.Pair[fiber.Ctx,*url.URL]",
        ),
        (
            "github.com/gofiber/fiber/v3/middleware.Config",
            "middleware.Config",
        ),
    ] {
        assert_eq!(short_name(long, &packages), short);
    }
    let mut world = World::default();
    let failure = world.structure("github.com/gofiber/fiber/v3.Error", vec![]);
    world.types.name_packages(packages);
    assert_eq!(value(&failure, &world.types), "fiber.Error{}");
}

#[test]
fn paths_are_shortened_wherever_they_stand() {
    for (long, short) in [
        (
            "func(net/http.ResponseWriter, *net/http.Request)",
            "func(http.ResponseWriter, *http.Request)",
        ),
        (
            "main.Pair[github.com/a/b.K,[]net/url.URL]",
            "main.Pair[b.K,[]url.URL]",
        ),
        (
            "gopkg.in/yaml%2ev3.(*Node).Decode",
            "yaml.v3.(*Node).Decode",
        ),
        ("<-chan example.com/x-y/z.T", "<-chan z.T"),
        ("struct { URL *net/url.URL }", "struct { URL *url.URL }"),
        ("", ""),
    ] {
        assert_eq!(short_name(long, &PackageNames::default()), short);
    }
    assert_eq!(
        package("gopkg.in/yaml%2ev3.(*Node).Decode"),
        Some("gopkg.in/yaml%2ev3")
    );
    assert_eq!(package("main.f.func1"), Some("main"));
    assert_eq!(package("func(net/http.ResponseWriter)"), None);
}
