//! Floats that are known from copies in the frame.

use model::{
    Content, Float, FunctionId, Kind, Location, Observation, Parameter, Piece, Place, Register,
    Status, Type,
    plan::{Copied, Moment, Role},
};

use crate::testing::{Program, push_site};

const DEPTH: u64 = 0x100;
const ENTRY: u32 = 0;
/// The one `ret`; another one follows it, where the call ends that recovered.
const RET: u32 = 1;

/// `f(x float64) float64`, of which one site has copies of both, and the number of that site and of the other `ret`.
fn program() -> (Program, u32, u32) {
    let mut program = Program::new(&["f"]);
    let plan = &mut program.plan;
    let ty = plan.types.push(Type {
        name: "float64".to_owned(),
        size: 8,
        kind: Kind::Float,
    });
    let place = |place| Location {
        pieces: vec![Piece {
            place,
            offset: 0,
            size: 8,
        }],
    };
    let value = |name: &str| Parameter {
        name: name.to_owned(),
        ty,
        location: place(Place::Vector(0)),
    };
    plan.functions[0].parameters = vec![value("x")];
    plan.functions[0].results = vec![value("~r0")];
    let function = FunctionId(0);
    push_site(plan, vec![Role::Copied { function }]);
    push_site(plan, vec![Role::Return { function }]);
    let count = u32::try_from(plan.sites.len()).unwrap();
    let ret = plan.sites[RET as usize].address;
    let copied = |moment, offset| Copied {
        moment,
        index: 0,
        location: place(Place::Stack(offset)),
    };
    let copies = &mut plan.sites[count as usize - 2].copies;
    // The result first: which one it is, is not told by the order.
    *copies = vec![copied(Moment::Return(ret), 16), copied(Moment::Entry, 8)];
    program.costs.extend([program.costs[0]; 2]);
    (program, count - 2, count - 1)
}

impl Program {
    fn hit(&mut self, site: u32) {
        let record = self.on_goroutine(site, 1, DEPTH);
        self.records.push(record.build());
    }

    fn copy(&mut self, site: u32, argument: f64, result: f64) {
        let record = self.on_goroutine(site, 1, DEPTH);
        let stack = record.header.registers[Register::Rsp.index()];
        let bytes = [argument.to_le_bytes(), result.to_le_bytes()].concat();
        self.records.push(record.chunk(stack + 8, &bytes).build());
    }
}

fn values(observation: &Observation) -> (Content, Content) {
    let call = &observation.calls[0];
    (
        call.arguments[0].content.clone(),
        call.results[0].content.clone(),
    )
}

fn float(number: f64) -> Content {
    Content::Float(Float::new(number))
}

const UNREAD: Content = Content::Unread(Status::InVectorRegister);

#[test]
fn one_site_may_have_copies_of_arguments_and_of_results() {
    let (mut program, copies, _) = program();
    program.hit(ENTRY);
    program.copy(copies, 0.5, -2.5);
    program.hit(RET);
    assert_eq!(values(&program.observe()), (float(0.5), float(-2.5)));
}

#[test]
fn without_copies_floats_are_unread() {
    let (mut program, _, _) = program();
    program.hit(ENTRY);
    program.hit(RET);
    assert_eq!(values(&program.observe()), (UNREAD, UNREAD));
}

#[test]
fn a_panic_that_leads_to_another_ret_leaves_the_copies_of_this_one_behind() {
    let (mut program, copies, recovered) = program();
    program.hit(ENTRY);
    program.copy(copies, 0.5, -2.5);
    program.hit(recovered);
    assert_eq!(values(&program.observe()), (float(0.5), UNREAD));
}

#[test]
fn of_what_is_copied_several_times_the_argument_is_the_first_and_the_result_the_last() {
    let (mut program, copies, _) = program();
    program.hit(ENTRY);
    program.copy(copies, 0.5, -2.5);
    program.copy(copies, 0.75, 3.5);
    program.hit(RET);
    assert_eq!(values(&program.observe()), (float(0.5), float(3.5)));
}
