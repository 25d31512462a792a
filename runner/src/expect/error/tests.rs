//! Errors, and what they wrap.

use super::ErrorDemand;
use crate::{
    expect::{
        testing::{is, text},
        truth::Truth,
    },
    model::{
        Address, Content, Elements, Field, Kind, List, Pointer, Status, Type, TypeId, TypeTable,
        Value,
    },
    spec::matcher::Matcher,
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

#[track_caller]
fn undecided(truth: Truth) -> String {
    match truth {
        Truth::Unknown(reason) => reason.reason,
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
        "it lies past the depth limit"
    );
}

#[test]
fn of_an_unknown_type_only_what_is_found_is_certain() {
    let mut world = World::new();
    let (eof, other) = (world.plain("EOF", 1), world.plain("x", 2));
    let op = world.text("read");
    let own = world.pointer("main.Failure", 7, vec![("Op", op), ("Cause", eof.clone())]);
    assert_eq!(world.is(&own, "io.EOF", &eof), Truth::Yes);
    assert_eq!(world.as_type(&own, "*main.Failure"), Truth::Yes);
    assert_eq!(
        undecided(world.is(&own, "main.Other", &other)),
        "*main.Failure may wrap another error, and what its Unwrap method gives is not known"
    );
    // One that holds no interface wraps nothing that could be found.
    let code = Value {
        ty: world.int,
        content: Content::Int(3),
    };
    let leaf = world.pointer("main.Code", 8, vec![("Code", code)]);
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
    assert_eq!(
        world.is(&opening, "main.ErrNotExist", &not_exist),
        Truth::No
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
        "the message of *main.Failure is made by its Error method"
    );
}
