//! Errors, and what they wrap.

use model::{
    Address, Content, Elements, ErrorMethods, Field, Kind, List, Pointer, Status, Type, TypeId,
    TypeTable, Value,
};
use spec::matcher::Matcher;

use super::ErrorDemand;
use crate::expect::{
    testing::{is, text},
    truth::Truth,
};

/// The types of errors.
struct World {
    types: TypeTable,
    error: TypeId,
    errors: TypeId,
    string: TypeId,
    int: TypeId,
}

impl World {
    fn new() -> Self {
        let mut types = TypeTable::default();
        let mut add = |name: &str, size, kind| {
            types.push(Type {
                name: name.to_owned(),
                size,
                kind,
            })
        };
        let error = add("error", 16, Kind::Interface { empty: false });
        let errors = add("[]error", 24, Kind::Slice { element: error });
        let string = add("string", 16, Kind::String);
        let int = add("int", 8, Kind::Int);
        Self {
            types,
            error,
            errors,
            string,
            int,
        }
    }

    fn add(&mut self, name: &str, kind: Kind) -> TypeId {
        self.types.push(Type {
            name: name.to_owned(),
            size: 8,
            kind,
        })
    }

    fn error(&self, content: Content) -> Value {
        Value {
            ty: self.error,
            content,
        }
    }

    fn nil(&self) -> Value {
        self.error(Content::Nil)
    }

    fn text(&self, words: &str) -> Value {
        Value {
            ty: self.string,
            content: text(words),
        }
    }

    /// An error whose dynamic type is a pointer to a struct with these fields.
    fn pointer(&mut self, name: &str, address: u64, fields: Vec<(&str, Value)>) -> Value {
        let described = fields.iter().map(|(name, value)| Field {
            name: (*name).to_owned(),
            offset: 0,
            ty: value.ty,
            embedded: false,
        });
        let kind = Kind::Struct {
            fields: described.collect(),
        };
        let values: Box<[Value]> = fields.into_iter().map(|(_, value)| value).collect();
        let target = self.add(name, kind);
        self.pointer_to(target, name, address, Content::Struct(values.into()))
    }

    fn pointer_to(&mut self, target: TypeId, name: &str, address: u64, content: Content) -> Value {
        let pointer = self.add(
            &format!("*{name}"),
            Kind::Pointer {
                target: Some(target),
            },
        );
        let held = Value {
            ty: pointer,
            content: Content::Pointer(Box::new(Pointer {
                address: Address(address),
                target: Value {
                    ty: target,
                    content,
                },
            })),
        };
        self.error(Content::Interface(Box::new(held)))
    }

    /// `errors.New`
    fn plain(&mut self, words: &str, address: u64) -> Value {
        let text = self.text(words);
        self.pointer("errors.errorString", address, vec![("s", text)])
    }

    /// `fmt.Errorf` with `%w`
    fn wrapped(&mut self, words: &str, inner: Value) -> Value {
        let text = self.text(words);
        self.pointer("fmt.wrapError", 0x9000, vec![("msg", text), ("err", inner)])
    }

    /// Says which methods the type has that an error is of.
    fn set_methods(&mut self, error: &Value, methods: ErrorMethods) {
        let Content::Interface(held) = &error.content else {
            panic!("{error:?}");
        };
        self.types.set_error_methods(held.ty, methods);
    }

    /// An error of a type whose values are numbers or texts.
    fn held(&mut self, name: &str, kind: Kind, content: Content) -> Value {
        let ty = self.add(name, kind);
        self.error(Content::Interface(Box::new(Value { ty, content })))
    }

    fn judge(&self, demand: ErrorDemand<'_>, error: &Value) -> Truth {
        demand.judge(error, None, &self.types)
    }

    fn is(&self, error: &Value, name: &str, variable: &Value) -> Truth {
        ErrorDemand::Is(name).judge(error, Some(variable), &self.types)
    }

    fn as_type(&self, error: &Value, name: &str) -> Truth {
        self.judge(ErrorDemand::As(name), error)
    }
}

/// A type that has nothing but `Unwrap`, and the like.
const UNWRAPS: ErrorMethods = ErrorMethods {
    is: false,
    r#as: false,
    unwrap: true,
};
const IS: ErrorMethods = ErrorMethods {
    is: true,
    r#as: false,
    unwrap: false,
};
const AS: ErrorMethods = ErrorMethods {
    is: false,
    r#as: true,
    unwrap: false,
};

#[track_caller]
fn undecided(truth: Truth) -> String {
    match truth {
        Truth::Unknown(reason) => reason.to_string(),
        decided => panic!("{decided:?}"),
    }
}

#[test]
fn there_is_an_error_or_none() {
    let mut world = World::new();
    let some = world.plain("broken", 1);
    let unread = world.error(Content::Unread(Status::LostChunk));
    for (demand, wanted) in [
        (ErrorDemand::Nil(true), true),
        (ErrorDemand::Nil(false), false),
    ] {
        assert_eq!(world.judge(demand, &world.nil()), wanted.into());
        assert_eq!(world.judge(demand, &some), (!wanted).into());
        undecided(world.judge(demand, &unread));
    }
    assert_eq!(
        world.as_type(&world.nil(), "*errors.errorString"),
        Truth::No
    );
    undecided(world.as_type(&unread, "*errors.errorString"));
}

#[test]
fn a_variable_is_found_by_identity_wherever_it_is_wrapped() {
    let mut world = World::new();
    let (eof, other) = (world.plain("EOF", 1), world.plain("EOF", 2));
    let once = world.wrapped("read: EOF", eof.clone());
    let twice = world.wrapped("load: read: EOF", once.clone());
    for error in [&eof, &once, &twice] {
        assert_eq!(world.is(error, "io.EOF", &eof), Truth::Yes);
        // The same text is not the same error.
        assert_eq!(world.is(error, "main.EOF", &other), Truth::No);
    }
    assert_eq!(world.is(&eof, "io.EOF", &world.nil()), Truth::No);
    let not_read = world.error(Content::Unread(Status::NotRead));
    undecided(world.is(&eof, "io.EOF", &not_read));
    undecided(ErrorDemand::Is("io.EOF").judge(&eof, None, &world.types));
}

#[test]
fn joined_errors_are_all_looked_at() {
    let mut world = World::new();
    let (eof, busy, other) = (
        world.plain("EOF", 1),
        world.plain("busy", 2),
        world.plain("x", 3),
    );
    let joined = |world: &mut World, values: Vec<Value>, full| {
        let values = Value {
            ty: world.errors,
            content: Content::Elements(Box::new(Elements {
                values: values.into(),
                full,
            })),
        };
        world.pointer("errors.joinError", 4, vec![("errs", values)])
    };
    let both = joined(&mut world, vec![eof.clone(), busy.clone()], 2);
    assert_eq!(world.is(&both, "io.EOF", &eof), Truth::Yes);
    assert_eq!(world.is(&both, "main.Busy", &busy), Truth::Yes);
    assert_eq!(world.is(&both, "main.Other", &other), Truth::No);
    let cut = joined(&mut world, vec![eof.clone()], 2);
    assert_eq!(world.is(&cut, "io.EOF", &eof), Truth::Yes);
    undecided(world.is(&cut, "main.Busy", &busy));
}

#[test]
fn what_lies_too_deep_leaves_open_whether_it_is_there() {
    let mut world = World::new();
    let eof = world.plain("EOF", 1);
    let deep = world.error(Content::Unread(Status::DepthLimit));
    let around = world.wrapped("read: EOF", deep);
    assert_eq!(world.as_type(&around, "*fmt.wrapError"), Truth::Yes);
    assert_eq!(
        undecided(world.is(&around, "io.EOF", &eof)),
        "the value is deeper than limits.depth"
    );
}

#[test]
fn of_an_unknown_type_only_what_is_found_is_certain() {
    let mut world = World::new();
    let (eof, other) = (world.plain("EOF", 1), world.plain("x", 2));
    let op = world.text("read");
    let own = world.pointer("main.Failure", 7, vec![("Op", op), ("Cause", eof.clone())]);
    world.set_methods(&own, UNWRAPS);
    assert_eq!(world.is(&own, "io.EOF", &eof), Truth::Yes);
    assert_eq!(world.as_type(&own, "*main.Failure"), Truth::Yes);
    assert_eq!(
        undecided(world.is(&own, "main.Other", &other)),
        "*main.Failure may wrap another error: its Unwrap method is not known"
    );
    // One that has none of the methods wraps nothing, and is nothing else.
    let code = Value {
        ty: world.int,
        content: Content::Int(3),
    };
    let leaf = world.pointer("main.Code", 8, vec![("Code", code)]);
    world.set_methods(&leaf, ErrorMethods::default());
    assert_eq!(world.is(&leaf, "main.Other", &other), Truth::No);
    assert_eq!(world.as_type(&leaf, "*main.Failure"), Truth::No);
}

#[test]
fn values_are_identical_if_they_are_equal() {
    let mut world = World::new();
    let deadline = world.add(
        "context.deadlineExceededError",
        Kind::Struct { fields: vec![] },
    );
    let held = |content| {
        Content::Interface(Box::new(Value {
            ty: deadline,
            content,
        }))
    };
    let seen = world.error(held(Content::Unread(Status::DepthLimit)));
    let variable = world.error(held(Content::Struct(List::from([]))));
    assert_eq!(
        world.is(&seen, "context.DeadlineExceeded", &variable),
        Truth::Yes
    );
    let words = world.add("main.Words", Kind::String);
    let named = |text| {
        Content::Interface(Box::new(Value {
            ty: words,
            content: text,
        }))
    };
    let full = world.error(named(text("broken")));
    let cut = world.error(named(crate::expect::testing::cut("bro", 6)));
    let other = world.error(named(crate::expect::testing::cut("bra", 6)));
    world.set_methods(&full, ErrorMethods::default());
    assert_eq!(world.is(&full, "main.Broken", &full), Truth::Yes);
    undecided(world.is(&cut, "main.Broken", &full));
    assert_eq!(world.is(&other, "main.Broken", &full), Truth::No);
    assert_eq!(
        world.is(&full, "context.DeadlineExceeded", &variable),
        Truth::No
    );
}

#[test]
fn an_errno_is_what_its_is_method_says() {
    let mut world = World::new();
    let errno = world.add("syscall.Errno", Kind::Uint);
    let not_exist = world.plain("file does not exist", 1);
    let number = |number| {
        Content::Interface(Box::new(Value {
            ty: errno,
            content: Content::Uint(number),
        }))
    };
    let (missing, denied) = (world.error(number(2)), world.error(number(13)));
    let path = world.text("/x");
    let opening = world.pointer("io/fs.PathError", 2, vec![("Path", path), ("Err", missing)]);
    assert_eq!(world.is(&opening, "os.ErrNotExist", &not_exist), Truth::Yes);
    assert_eq!(
        world.is(&opening, "io/fs.ErrNotExist", &not_exist),
        Truth::Yes
    );
    // Whatever is not the variable of `io/fs` is none of its names.
    let own = world.plain("no such file", 3);
    assert_eq!(world.is(&opening, "main.ErrNotExist", &own), Truth::No);
    assert_eq!(
        undecided(world.is(&opening, "main.ErrNotExist", &not_exist)),
        "main.ErrNotExist may be io/fs.ErrNotExist"
    );
    assert_eq!(world.is(&denied, "os.ErrNotExist", &not_exist), Truth::No);
    assert_eq!(
        world.is(&denied, "os.ErrPermission", &not_exist),
        Truth::Yes
    );
}

#[test]
fn a_message_is_judged_where_it_is_known() {
    let mut world = World::new();
    let eof = world.plain("EOF", 1);
    let around = world.wrapped("read: EOF", eof);
    let says = |matcher: &Matcher, error: &Value| world.judge(ErrorDemand::Message(matcher), error);
    assert_eq!(says(&is("read: EOF"), &around), Truth::Yes);
    assert_eq!(says(&is("EOF"), &around), Truth::No);
    assert_eq!(says(&is("EOF"), &world.nil()), Truth::No);
    assert_eq!(
        ErrorDemand::Message(&is("EOF")).got(&around, &world.types),
        "\"read: EOF\""
    );
    let op = world.text("read");
    let own = world.pointer("main.Failure", 7, vec![("Op", op)]);
    assert_eq!(
        undecided(world.judge(ErrorDemand::Message(&is("EOF")), &own)),
        "only the Error method of *main.Failure knows its message"
    );
}

/// `errors.Is` of Go gives these results, for each error and the variable that its method `Is` compares with.
#[test]
fn the_is_methods_of_the_standard_library_are_known() {
    let mut world = World::new();
    let canceled = world.plain("context canceled", 1);
    let empty = || Content::Struct(List::from([]));
    let nothing = || Kind::Struct { fields: vec![] };
    let deadline = world.held("context.deadlineExceededError", nothing(), empty());
    let unsupported = world.plain("unsupported operation", 2);
    let exist = world.plain("file already exists", 3);
    let net_canceled = world.held("net.canceledError", nothing(), empty());
    let net_timeout = world.pointer("net.timeoutError", 4, vec![]);
    let words = world.text("net/http: timeout awaiting response headers");
    let http_timeout = world.pointer("net/http.timeoutError", 5, vec![("err", words)]);
    let signal = world.held("os/signal.signalError", Kind::String, text("interrupt"));
    let errno =
        |world: &mut World, number| world.held("syscall.Errno", Kind::Uint, Content::Uint(number));
    let (busy, not_empty, no_call) = (
        errno(&mut world, 16),
        errno(&mut world, 39),
        errno(&mut world, 38),
    );
    for error in [
        &net_canceled,
        &net_timeout,
        &http_timeout,
        &signal,
        &busy,
        &not_empty,
        &no_call,
    ] {
        world.set_methods(error, IS);
    }
    let url = world.text("http://a");
    let around = world.pointer(
        "net/url.Error",
        6,
        vec![("URL", url), ("Err", http_timeout.clone())],
    );
    for (error, name, variable, holds) in [
        (&net_canceled, "context.Canceled", &canceled, true),
        (&net_canceled, "context.DeadlineExceeded", &deadline, false),
        (&net_timeout, "context.DeadlineExceeded", &deadline, true),
        (&net_timeout, "main.ErrLate", &deadline, true),
        (&net_timeout, "context.Canceled", &canceled, false),
        (&http_timeout, "context.DeadlineExceeded", &deadline, true),
        (&around, "context.DeadlineExceeded", &deadline, true),
        (&around, "context.Canceled", &canceled, false),
        (&signal, "context.Canceled", &canceled, true),
        (&signal, "context.DeadlineExceeded", &deadline, false),
        (&not_empty, "io/fs.ErrExist", &exist, true),
        (&not_empty, "errors.ErrUnsupported", &unsupported, false),
        (&no_call, "errors.ErrUnsupported", &unsupported, true),
        (&busy, "os.ErrExist", &exist, false),
    ] {
        assert_eq!(
            world.is(error, name, variable),
            holds.into(),
            "{error:?} {name}"
        );
    }
    // The release before had none.
    world.set_methods(&net_timeout, ErrorMethods::default());
    assert_eq!(
        world.is(&net_timeout, "context.DeadlineExceeded", &deadline),
        Truth::No
    );
}

#[test]
fn only_its_variable_identifies_what_is_not_supported() {
    let mut world = World::new();
    let unsupported = world.plain("unsupported operation", 1);
    let words = world.text("feature not supported");
    let feature = world.pointer("net/http.ProtocolError", 2, vec![("ErrorString", words)]);
    let words = world.text("missing boundary");
    let boundary = world.pointer("net/http.ProtocolError", 3, vec![("ErrorString", words)]);
    let is = |error| world.is(error, "errors.ErrUnsupported", &unsupported);
    assert_eq!(is(&boundary), Truth::No);
    assert_eq!(
        undecided(is(&feature)),
        "the error may be net/http.ErrNotSupported"
    );
    assert_eq!(
        world.is(&feature, "net/http.ErrNotSupported", &feature),
        Truth::Yes
    );
    assert_eq!(
        world.is(&boundary, "net/http.ErrNotSupported", &feature),
        Truth::No
    );
}

#[test]
fn a_method_that_is_not_known_may_say_anything() {
    let mut world = World::new();
    let (eof, base) = (world.plain("EOF", 1), world.plain("base", 2));
    let code = Value {
        ty: world.int,
        content: Content::Int(3),
    };
    let alike = world.pointer("main.Alike", 3, vec![("Code", code.clone())]);
    world.set_methods(&alike, IS);
    let reason = "*main.Alike has an Is method, and its answer is not known";
    assert_eq!(undecided(world.is(&alike, "io.EOF", &eof)), reason);
    assert_eq!(world.as_type(&alike, "*main.Other"), Truth::No);
    let castable = world.pointer("main.Castable", 4, vec![("Code", code.clone())]);
    world.set_methods(&castable, AS);
    let reason = "*main.Castable has an As method, and its answer is not known";
    assert_eq!(undecided(world.as_type(&castable, "*main.Other")), reason);
    assert_eq!(world.as_type(&castable, "*main.Castable"), Truth::Yes);
    assert_eq!(world.is(&castable, "io.EOF", &eof), Truth::No);
    // It gives a variable, for it holds no error.
    let constant = world.pointer("main.Constant", 5, vec![("Code", code.clone())]);
    world.set_methods(&constant, UNWRAPS);
    undecided(world.is(&constant, "main.Base", &base));
    // Which methods it has is not known, as in a recording of an older version.
    let old = world.pointer("main.Old", 6, vec![("Code", code)]);
    let reason = "*main.Old may have an Is method, and its answer is not known";
    assert_eq!(undecided(world.is(&old, "io.EOF", &eof)), reason);
    undecided(world.as_type(&old, "*main.Other"));
}

#[test]
fn nothing_is_wrapped_without_a_method_that_unwraps() {
    let mut world = World::new();
    let (eof, other) = (world.plain("EOF", 1), world.plain("x", 2));
    let closed = world.pointer("main.Closed", 7, vec![("Cause", eof.clone())]);
    world.set_methods(&closed, ErrorMethods::default());
    assert_eq!(world.is(&closed, "io.EOF", &eof), Truth::No);
    assert_eq!(world.as_type(&closed, "*errors.errorString"), Truth::No);
    // Up to Go 1.17 this one had none.
    let nothing_written = world.pointer(
        "net/http.nothingWrittenError",
        8,
        vec![("error", eof.clone())],
    );
    world.set_methods(&nothing_written, ErrorMethods::default());
    assert_eq!(world.is(&nothing_written, "io.EOF", &eof), Truth::No);
    // Which of the two it gives is not known.
    let two = vec![("Cause", eof.clone()), ("Other", other.clone())];
    let pair = world.pointer("main.Pair", 9, two);
    world.set_methods(&pair, UNWRAPS);
    undecided(world.is(&pair, "io.EOF", &eof));
}

#[test]
fn no_error_is_a_variable_that_is_nil() {
    let mut world = World::new();
    let eof = world.plain("EOF", 1);
    assert_eq!(
        world.is(&world.nil(), "main.None", &world.nil()),
        Truth::Yes
    );
    assert_eq!(world.is(&world.nil(), "io.EOF", &eof), Truth::No);
    let unread = world.error(Content::Unread(Status::LostChunk));
    undecided(world.is(&world.nil(), "main.None", &unread));
}
