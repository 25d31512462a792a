//! Paths of a spec, followed at entry and at return; instances of generic functions.

use std::sync::Arc;

use model::{
    Address, Block, Call, Content, Entries, Field, FileOffset, Function, FunctionId, Instance,
    InstanceId, Kind, Limits, Location, Loss, MapLayout, Outcome, Parameter, Path, Pick, PickKey,
    PickStep, Register, Root, SiteId, Slots, Status, Timestamp, Type, TypeId, Variable,
    plan::{DynamicType, GoroutineSource, Plan, Role, Site},
};

use super::{AT, BIAS, Scene, bytes, function, text, unread, value};
use crate::{
    Tracer,
    testing::{RecordBuilder, in_register},
};

const ENTRY: u64 = 0x40_0000;
const RETURN: u64 = 0x40_0040;

fn parameter(name: &str, ty: TypeId, register: Register) -> Parameter {
    Parameter {
        name: name.to_owned(),
        ty,
        location: Location {
            pieces: vec![in_register(register, 0, 8)],
        },
    }
}

fn pick(root: Root, steps: Vec<PickStep>, ty: TypeId) -> Pick {
    Pick {
        path: Path {
            root,
            segments: Vec::new(),
        },
        steps,
        ty,
        variable: None,
    }
}

fn argument(steps: Vec<PickStep>, ty: TypeId) -> Pick {
    pick(Root::Argument("p".to_owned()), steps, ty)
}

/// What a path leads to from an argument `p` in RAX.
fn picked(scene: Scene, ty: TypeId, steps: Vec<PickStep>, to: TypeId) -> (TypeId, Content) {
    let function = function(vec![parameter("p", ty, Register::Rax)], Vec::new());
    let pick = argument(steps, to);
    let value = scene.decode(|decoder| decoder.pick(&function, &pick, None));
    (value.ty, value.content)
}

#[test]
fn a_path_leads_through_pointers_fields_and_elements_whatever_the_limits_are() {
    let mut scene = Scene::new();
    scene.limits = Limits {
        depth: 0,
        string: 0,
        elements: 0,
        bytes: 0,
    };
    let string = scene.string();
    let slice = scene.slice(string);
    let inner = scene.structure(32, &[(8, slice)]);
    let to_inner = scene.pointer(inner);
    let outer = scene.structure(16, &[(8, to_inner)]);
    let to_outer = scene.pointer(outer);
    let steps = vec![
        PickStep::Target,
        PickStep::Field(0),
        PickStep::Target,
        PickStep::Field(0),
        PickStep::Element(2),
    ];
    let scene = scene
        .words(AT + 8, &[0x2000])
        .words(0x2008, &[0x3000, 3, 3])
        .words(0x3020, &[0x4000, 4])
        .chunk(0x4000, b"deep");
    let seen = picked(scene, to_outer, steps, string);
    assert_eq!(seen, (string, text("deep")));
}

#[test]
fn a_path_that_ends_early_gives_the_value_at_which_it_does() {
    let list = |words: [u64; 3]| {
        let mut scene = Scene::new();
        let int = scene.int();
        let slice = scene.slice(int);
        let pointer = scene.pointer(slice);
        let steps = vec![PickStep::Target, PickStep::Element(2)];
        let seen = picked(scene.words(AT, &words), pointer, steps, int);
        (seen, int, slice)
    };
    let (seen, int, slice) = list([0x9000, 2, 2]);
    assert_eq!(seen, (slice, super::elements(int, &[], 2)));
    let (seen, _, slice) = list([0, 0, 0]);
    assert_eq!(seen, (slice, Content::Nil));
    let (seen, int, _) = list([0x9000, 2, 1]);
    assert_eq!(seen, (int, unread(Status::Malformed)));
    let (seen, int, _) = list([0x9000, 3, 3]);
    assert_eq!(seen, (int, unread(Status::NotRead)));

    let mut scene = Scene::new();
    let int = scene.int();
    let pointer = scene.pointer(int);
    let scene = scene.register(Register::Rax, 0);
    let seen = picked(scene, pointer, vec![PickStep::Target], int);
    assert_eq!(seen, (pointer, Content::Nil));
}

#[test]
fn a_part_that_was_read_for_itself_is_found_without_what_is_around_it() {
    let mut scene = Scene::new();
    let int = scene.int();
    let inner = scene.structure(16, &[(0, int), (8, int)]);
    let outer = scene.structure(8016, &[(0, int), (8000, inner)]);
    let pointer = scene.pointer(outer);
    let steps = vec![PickStep::Target, PickStep::Field(1)];
    let scene = scene.words(AT, &[1]).words(AT + 8000, &[7, 8]);
    let (ty, seen) = picked(scene, pointer, steps, inner);
    assert_eq!(ty, inner);
    assert_eq!(super::fields(&seen), [7, 8].map(Content::Int));
}

#[test]
fn what_is_absent_is_not_taken_for_what_is_there() {
    let mut scene = Scene::new();
    let list = scene.int();
    let kind = Kind::Slice { element: list };
    let name = "main.List".to_owned();
    let ty = Type {
        name,
        size: 24,
        kind,
    };
    scene.plan.types.replace(list, ty);
    let pointer = scene.pointer(list);
    let steps = vec![PickStep::Target, PickStep::Element(2)];
    let seen = picked(scene.words(AT, &[0x9000, 2, 2]), pointer, steps, list);
    assert_eq!(seen, (list, unread(Status::Absent)));
}

#[test]
fn an_assertion_holds_only_for_its_type() {
    let any = |runtime_type: u64| {
        let mut scene = Scene::new();
        let int = scene.int();
        let string = scene.string();
        let interface = scene.ty("any", 16, Kind::Interface { empty: true });
        let pointer = scene.pointer(interface);
        for (address, ty) in [(0x4a_0000, int), (0x4a_0100, string)] {
            scene.plan.dynamic.push(DynamicType {
                address: Address(address),
                ty,
                direct: false,
                link: None,
            });
        }
        let scene = scene
            .words(AT, &[runtime_type, 0x9000])
            .words(0x9000, &[41]);
        let steps = vec![PickStep::Target, PickStep::Dynamic(int)];
        let seen = picked(scene, pointer, steps, int);
        (seen, int, string, interface)
    };
    let (seen, int, ..) = any(0x4a_0000 + BIAS);
    assert_eq!(seen, (int, Content::Int(41)));
    let (seen, _, string, interface) = any(0x4a_0100 + BIAS);
    let other = value(string, unread(Status::NotRead));
    assert_eq!(seen, (interface, Content::Interface(Box::new(other))));
    let (seen, _, _, interface) = any(0);
    assert_eq!(seen, (interface, Content::Nil));
    let (seen, int, ..) = any(0x4a_0200 + BIAS);
    assert_eq!(seen, (int, unread(Status::TypeUnknown)));
}

/// A map of 8-byte keys and ints in one group.
fn map(scene: &mut Scene, key: TypeId, int: TypeId) -> TypeId {
    let slots = |offset| Slots {
        offset,
        stride: 16,
        indirect: false,
    };
    let layout = MapLayout::Groups {
        header: 48,
        used: 0,
        directory: 16,
        writing: 34,
        table: 32,
        groups: 16,
        block: Block {
            size: 8 + 8 * 16,
            keys: slots(8),
            values: slots(16),
        },
    };
    let kind = Kind::Map {
        key,
        value: int,
        layout: Some(Box::new(layout)),
    };
    scene.ty("map[K]int", 8, kind)
}

fn group(entries: &[(u64, u64)]) -> Vec<u8> {
    let mut control = [0x80_u8; 8];
    control[..entries.len()].fill(1);
    let mut words = vec![u64::from_le_bytes(control)];
    words.extend(entries.iter().flat_map(|(key, value)| [*key, *value]));
    words.resize(17, 0);
    bytes(&words)
}

#[test]
fn a_key_leads_to_its_value_and_a_missing_one_to_the_map() {
    let entry = |key: PickKey, count: u64| {
        let mut scene = Scene::new();
        let int = scene.int();
        let ty = map(&mut scene, int, int);
        let scene = scene
            .words(AT, &[count, 0, 0x2000, 0, 0, 0])
            .chunk(0x2000, &group(&[(u64::MAX, 11), (7, 12)]));
        (picked(scene, ty, vec![PickStep::Entry(key)], int), int, ty)
    };
    let (seen, int, _) = entry(PickKey::Integer(-1), 2);
    assert_eq!(seen, (int, Content::Int(11)));
    let (seen, _, ty) = entry(PickKey::Integer(8), 2);
    let none = Entries {
        values: Box::default(),
        full: 2,
    };
    assert_eq!(seen, (ty, Content::Map(Box::new(none))));
    // There is one entry more than was seen: it may be that.
    let (seen, int, _) = entry(PickKey::Integer(8), 3);
    assert_eq!(seen, (int, unread(Status::BeingWritten)));
}

#[test]
fn lengths_at_a_paths_end_are_known_without_what_is_below() {
    let end = |field: u32| {
        let mut scene = Scene::new();
        let int = scene.int();
        let map = map(&mut scene, int, int);
        let slice = scene.slice(int);
        let both = scene.structure(32, &[(0, map), (8, slice)]);
        let pointer = scene.pointer(both);
        let scene = scene
            .words(AT, &[0x3000, 0x4000, 7, 7])
            .words(0x3000, &[5, 0, 0x5000, 0, 0, 0]);
        let steps = vec![PickStep::Target, PickStep::Field(field)];
        let to = if field == 0 { map } else { slice };
        picked(scene, pointer, steps, to).1
    };
    let Content::Map(entries) = end(0) else {
        panic!("a map");
    };
    assert_eq!((entries.values.len(), entries.full), (0, 5));
    let Content::Elements(elements) = end(1) else {
        panic!("a slice");
    };
    assert_eq!((elements.values.len(), elements.full), (0, 7));
}

#[test]
fn what_a_path_leads_to_is_shown_three_levels_deep() {
    let mut scene = Scene::new();
    let mut ty = scene.int();
    for _ in 0..5 {
        ty = scene.pointer(ty);
    }
    for level in 0..4 {
        scene = scene.words(AT + level * 16, &[AT + level * 16 + 16]);
    }
    let (_, mut seen) = picked(scene, ty, Vec::new(), ty);
    for _ in 0..3 {
        seen = match seen {
            Content::Pointer(pointer) => pointer.target.content,
            other => panic!("{other:?}"),
        };
    }
    let Content::Pointer(last) = seen else {
        panic!("{seen:?}");
    };
    assert_eq!(last.target.content, unread(Status::DepthLimit));
}

fn site(id: u32, address: u64, role: Role) -> Site {
    Site {
        id: SiteId(id),
        address: Address(address),
        offset: FileOffset(0),
        roles: vec![role],
        goroutine: GoroutineSource::Register,
        reads: Vec::new(),
        limits: Limits::default(),
        hidden: Vec::new(),
        saves: Vec::new(),
        below: 0,
        instruction: model::plan::SiteInstruction::Plain,
        copies: Vec::new(),
    }
}

fn hit(site: u32, address: u64) -> RecordBuilder {
    let mut record = RecordBuilder::new(goproctor_ebpf::RecordClass::Small)
        .register(Register::Rip, address + BIAS)
        .register(Register::Rsp, 0xc000_7000);
    record.header.site = site;
    record.header.time = 10 + u64::from(site);
    record
}

fn set_sites(plan: &mut Plan, function: Function) {
    let id = FunctionId(0);
    plan.functions = vec![function];
    let entry = Role::Entry {
        function: id,
        loop_head: false,
    };
    plan.sites = vec![
        site(0, ENTRY, entry),
        site(1, RETURN, Role::Return { function: id }),
    ];
}

fn calls(mut plan: Plan, function: Function, records: Vec<RecordBuilder>) -> Vec<Call> {
    set_sites(&mut plan, function);
    let mut tracer = Tracer::new(Arc::new(plan), Box::new(|_| None), Vec::new());
    for record in records {
        tracer.feed(&record.build()).unwrap();
    }
    let seen = tracer.observe(Timestamp(0), Timestamp(99), Loss::default());
    seen.calls
}

/// `func f(p *T, n int) int`, `T struct { n int }`, with a pick of every root.
fn with_picks() -> (Plan, Function) {
    let mut plan = Plan::default();
    let mut ty = |name: &str, size, kind| {
        let name = name.to_owned();
        plan.types.push(Type { name, size, kind })
    };
    let int = ty("int", 8, Kind::Int);
    let field = Field {
        name: "n".to_owned(),
        offset: 0,
        ty: int,
        embedded: false,
    };
    let structure = Kind::Struct {
        fields: vec![field],
    };
    let structure = ty("main.T", 8, structure);
    let target = Some(structure);
    let pointer = ty("*main.T", 8, Kind::Pointer { target });
    let mut function = function(
        vec![
            parameter("p", pointer, Register::Rax),
            parameter("n", int, Register::Rbx),
        ],
        vec![parameter("~r0", int, Register::Rax)],
    );
    let into = vec![PickStep::Target, PickStep::Field(0)];
    let variable = Variable {
        address: Address(0x60_0000),
        ty: structure,
    };
    function.picks = vec![
        argument(into.clone(), int),
        pick(Root::Out("p".to_owned()), into, int),
        pick(Root::Result(0), Vec::new(), int),
        Pick {
            variable: Some(variable),
            ..pick(
                Root::Variable("main.v".to_owned()),
                vec![PickStep::Field(0)],
                int,
            )
        },
    ];
    (plan, function)
}

fn contents(values: &[model::Value]) -> Vec<Content> {
    values.iter().map(|value| value.content.clone()).collect()
}

#[test]
fn arguments_are_picked_at_entry_and_the_rest_at_return() {
    let (plan, function) = with_picks();
    let entry = hit(0, ENTRY)
        .register(Register::Rax, AT)
        .chunk(AT, &bytes(&[1]));
    let ret = hit(1, RETURN)
        .register(Register::Rax, 5)
        .chunk(AT, &bytes(&[2]))
        .chunk(0x60_0000 + BIAS, &bytes(&[3]));
    let calls = calls(plan, function, vec![entry, ret]);
    assert_eq!(calls[0].outcome, Outcome::Returned);
    let expected = [1, 2, 5, 3].map(Content::Int);
    assert_eq!(contents(&calls[0].picked), expected);
}

#[test]
fn a_call_that_does_not_return_has_no_picks_of_its_return() {
    let (plan, function) = with_picks();
    let entry = hit(0, ENTRY)
        .register(Register::Rax, AT)
        .chunk(AT, &bytes(&[1]));
    let calls = calls(plan, function, vec![entry]);
    assert_eq!(calls[0].outcome, Outcome::Running);
    let not_read = || unread(Status::NotRead);
    let expected = [Content::Int(1), not_read(), not_read(), not_read()];
    assert_eq!(contents(&calls[0].picked), expected);
}

#[test]
fn a_call_that_returned_after_a_window_has_no_picks_of_its_return_there() {
    let (mut plan, function) = with_picks();
    let entry = hit(0, ENTRY)
        .register(Register::Rax, AT)
        .chunk(AT, &bytes(&[1]));
    let ret = hit(1, RETURN).register(Register::Rax, 5);
    set_sites(&mut plan, function);
    let mut tracer = Tracer::new(Arc::new(plan), Box::new(|_| None), Vec::new());
    for record in [entry, ret] {
        tracer.feed(&record.build()).unwrap();
    }
    let seen = tracer.observe(Timestamp(0), Timestamp(10), Loss::default());
    let not_read = || unread(Status::NotRead);
    let expected = [Content::Int(1), not_read(), not_read(), not_read()];
    assert_eq!(contents(&seen.calls[0].picked), expected);
}

#[test]
fn a_dictionary_tells_the_instance_and_its_types() {
    let mut plan = Plan::default();
    let mut ty = |name: &str, kind| {
        plan.types.push(Type {
            name: name.to_owned(),
            size: 8,
            kind,
        })
    };
    let shape = ty("go.shape.int", Kind::Unknown);
    let celsius = ty("main.Celsius", Kind::Int);
    let instance = |dictionary: u64, ty: TypeId| Instance {
        dictionary: Address(dictionary),
        name: "main.Max[main.Celsius]".to_owned(),
        parameters: vec![parameter("a", ty, Register::Rbx)],
        results: vec![parameter("~r0", ty, Register::Rax)],
    };
    let mut generic = function(
        vec![parameter("a", shape, Register::Rbx)],
        vec![parameter("~r0", shape, Register::Rax)],
    );
    generic.dictionary = Some(Location {
        pieces: vec![in_register(Register::Rax, 0, 8)],
    });
    generic.instances = vec![instance(0x5a_0000, shape), instance(0x5a_0100, celsius)];
    let records = |dictionary: u64| {
        let entry = hit(0, ENTRY)
            .register(Register::Rax, dictionary)
            .register(Register::Rbx, 20);
        let ret = hit(1, RETURN).register(Register::Rax, 21);
        vec![entry, ret]
    };
    let seen = calls(plan.clone(), generic.clone(), records(0x5a_0100 + BIAS));
    assert_eq!(seen[0].instance.map(InstanceId::index), Some(1));
    assert_eq!(seen[0].arguments[..], [value(celsius, Content::Int(20))]);
    assert_eq!(seen[0].results[..], [value(celsius, Content::Int(21))]);

    let seen = calls(plan, generic, records(0x5a_0200 + BIAS));
    assert_eq!(seen[0].instance, None);
    let unknown = value(shape, unread(Status::TypeUnknown));
    assert_eq!(seen[0].arguments[..], [unknown]);
}

#[test]
fn what_is_redacted_on_a_path_is_its_label() {
    let mut scene = Scene::new();
    let int = scene.int();
    let secret = scene.structure(8, &[(0, int)]);
    let outer = scene.structure(8, &[(0, secret)]);
    let pointer = scene.pointer(outer);
    scene.plan.redactions.push(model::plan::RedactedType {
        ty: secret,
        label: "[secret]".to_owned(),
    });
    let steps = vec![PickStep::Target, PickStep::Field(0), PickStep::Field(0)];
    let seen = picked(scene.words(AT, &[5]), pointer, steps, int);
    assert_eq!(
        seen,
        (secret, Content::Redacted(Arc::new("[secret]".into())))
    );
}
