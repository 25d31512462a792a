use model::{Field, Kind, Location, Parameter, Piece, Place, Register, Type, TypeId, TypeTable};

use super::{
    AbiSide, Fact, FunctionAbi, Passed, ProbeMoment, Probes, Stepping, Subject, ValueRole, Way,
    WayNote, compare, passed,
};

/// `type Order struct { ID int; _ int; Note string; _ int }`, and the types in it.
fn order(types: &mut TypeTable) -> TypeId {
    let int = types.push(ty("int", 8, Kind::Int));
    let string = types.push(ty("string", 16, Kind::String));
    let field = |name: &str, offset, ty| Field {
        name: name.to_owned(),
        offset,
        ty,
        embedded: false,
    };
    let fields = vec![
        field("ID", 0, int),
        field("_", 8, int),
        field("Note", 16, string),
        field("_", 32, int),
    ];
    types.push(ty("main.Order", 40, Kind::Struct { fields }))
}

fn ty(name: &str, size: u64, kind: Kind) -> Type {
    Type {
        name: name.to_owned(),
        size,
        kind,
    }
}

fn value(name: &str, ty: TypeId, pieces: Vec<Piece>) -> Parameter {
    Parameter {
        name: name.to_owned(),
        ty,
        location: Location { pieces },
    }
}

fn register(number: usize, offset: u32) -> Piece {
    Piece {
        place: Place::Register(Register::ALL[number]),
        offset,
        size: 8,
    }
}

const fn stack(at: i64, offset: u32, size: u32) -> Piece {
    Piece {
        place: Place::Stack(at),
        offset,
        size,
    }
}

/// `path: type pieces`, a line each.
fn shown(facts: &[(Subject, Fact)]) -> Vec<(&str, usize, &str, Option<Vec<Piece>>)> {
    let facts = facts.iter().map(|(subject, fact)| match (subject, fact) {
        (Subject::Value { path, earlier, .. }, Fact::Passed(Passed { ty, pieces })) => {
            (path.as_str(), *earlier, ty.as_str(), pieces.clone())
        }
        other => panic!("{other:?}"),
    });
    facts.collect()
}

#[test]
fn a_struct_is_shown_by_the_parts_that_have_places() {
    let mut types = TypeTable::default();
    let order = order(&mut types);
    let pieces: Vec<_> = [0, 8, 16, 24, 32].into_iter().zip(0..).collect();
    let pieces = pieces.iter().map(|(offset, n)| register(*n, *offset));
    let in_registers = value("order", order, pieces.collect());
    let facts = passed(ValueRole::Parameter, 0, &in_registers, &types);
    assert_eq!(
        shown(&facts),
        [
            ("order.ID", 0, "int", Some(vec![register(0, 0)])),
            ("order._", 0, "int", Some(vec![register(1, 8)])),
            (
                "order.Note",
                0,
                "string",
                Some(vec![register(2, 16), register(3, 24)])
            ),
            ("order._", 1, "int", Some(vec![register(4, 32)])),
        ]
    );
    let on_stack = value("order", order, vec![stack(24, 0, 40)]);
    let facts = passed(ValueRole::Parameter, 0, &on_stack, &types);
    assert_eq!(
        shown(&facts),
        [
            ("order.ID", 0, "int", Some(vec![stack(24, 0, 8)])),
            ("order._", 0, "int", Some(vec![stack(32, 8, 8)])),
            ("order.Note", 0, "string", Some(vec![stack(40, 16, 16)])),
            ("order._", 1, "int", Some(vec![stack(56, 32, 8)])),
        ]
    );
}

#[test]
fn a_value_of_too_many_parts_is_shown_whole() {
    let mut types = TypeTable::default();
    let int = types.push(ty("int", 8, Kind::Int));
    let fields = (0..40).map(|n| Field {
        name: format!("F{n}"),
        offset: n * 8,
        ty: int,
        embedded: false,
    });
    let fields = fields.collect();
    let large = types.push(ty("main.Large", 320, Kind::Struct { fields }));
    let pieces = vec![stack(8, 0, 320)];
    let facts = passed(
        ValueRole::Result,
        1,
        &value("l", large, pieces.clone()),
        &types,
    );
    assert_eq!(shown(&facts), [("l", 0, "main.Large", Some(pieces))]);
}

#[test]
fn what_is_not_known_is_no_value_without_bytes() {
    let mut types = TypeTable::default();
    let empty = types.push(ty("struct {}", 0, Kind::Struct { fields: Vec::new() }));
    let unknown = types.push(ty("?", 0, Kind::Unknown));
    let int = types.push(ty("int", 8, Kind::Int));
    let all = [empty, unknown, int].map(|ty| value("v", ty, Vec::new()));
    let all = all.map(|value| passed(ValueRole::Parameter, 0, &value, &types));
    let pieces = all.each_ref().map(|facts| shown(facts)[0].3.clone());
    assert_eq!(pieces, [Some(Vec::new()), None, None]);
}

fn parameter(path: &str, at: i64) -> (Subject, Fact) {
    let subject = Subject::Value {
        role: ValueRole::Parameter,
        index: 0,
        path: path.to_owned(),
        earlier: 0,
    };
    let passed = Passed {
        ty: "int".to_owned(),
        pieces: Some(vec![stack(at, 0, 8)]),
    };
    (subject, Fact::Passed(passed))
}

fn returns(stepping: Stepping, note: Option<WayNote>, offsets: &[u64]) -> (Subject, Fact) {
    let probes = Probes {
        way: Way { stepping, note },
        offsets: offsets.to_vec(),
    };
    let subject = Subject::Probes(ProbeMoment::Return);
    (subject, Fact::Probes(vec![probes]))
}

fn side(functions: &[(&str, &[(Subject, Fact)])]) -> AbiSide {
    let functions = functions.iter().map(|(name, facts)| FunctionAbi {
        name: (*name).to_owned(),
        place: None,
        facts: facts.to_vec(),
    });
    AbiSide {
        functions: functions.collect(),
        ..AbiSide::default()
    }
}

#[test]
fn rows_are_in_the_order_of_both_sides() {
    let before = side(&[("f", &[parameter("a", 8), parameter("c", 16)])]);
    let after = side(&[(
        "f",
        &[parameter("a", 8), parameter("b", 16), parameter("c", 24)],
    )]);
    let [function] = compare(&before, &after).try_into().unwrap();
    let rows = function.rows.iter().map(|row| match &row.subject {
        Subject::Value { path, .. } => {
            let sides = row.sides.each_ref().map(Option::is_some);
            (path.as_str(), sides, row.differs())
        }
        other => panic!("{other:?}"),
    });
    assert_eq!(
        rows.collect::<Vec<_>>(),
        [
            ("a", [true, true], false),
            ("b", [false, true], true),
            ("c", [true, true], true),
        ]
    );
    assert!(function.differs());
}

#[test]
fn a_function_of_one_side_is_a_difference() {
    let both = compare(
        &side(&[("f", &[]), ("g", &[])]),
        &side(&[("g", &[]), ("h", &[])]),
    );
    let both = both.iter().map(|function| {
        let differs = function.differs();
        (function.name.as_str(), function.is_there, differs)
    });
    assert_eq!(
        both.collect::<Vec<_>>(),
        [
            ("f", [true, false], true),
            ("g", [true, true], false),
            ("h", [false, true], true),
        ]
    );
}

#[test]
fn where_in_the_code_a_probe_is_does_not_count() {
    let through = |name: &str| Some(WayNote::Through(name.to_owned()));
    let differs = |one, other| {
        let (one, other) = (side(&[("f", &[one])]), side(&[("f", &[other])]));
        compare(&one, &other)[0].differs()
    };
    let plain = |offsets: &[u64]| returns(Stepping::Return, None, offsets);
    assert!(!differs(plain(&[7, 9]), plain(&[8, 30])));
    assert!(differs(plain(&[7]), plain(&[7, 9])));
    assert!(differs(
        plain(&[7]),
        returns(Stepping::Emulated, through("x"), &[7])
    ));
    assert!(!differs(
        returns(Stepping::Emulated, through("x"), &[7]),
        returns(Stepping::Emulated, through("y"), &[7])
    ));
}
