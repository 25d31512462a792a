//! Which Go test a call belongs to.

use model::{
    GoTestKind, GoTestMark, Loss, Observation, ScopeId, Timestamp,
    plan::{ClientEntry, NamePlace, PortPath, ReadAddress, Role, TestEntry, TestMarker},
};

use crate::{
    Tracer,
    testing::{Program, push_site},
};
use arch::Register;

/// Where a test's name is in what a pointer leads to.
const NAME: u64 = 40;

/// A program whose tests and clients are probed, too.
pub(super) struct Tests {
    pub(super) program: Program,
    begin: u32,
}

impl Tests {
    pub(super) fn new(functions: &[&str]) -> Self {
        let mut program = Program::new(functions);
        let plan = &mut program.plan;
        let begin = u32::try_from(plan.sites.len()).unwrap();
        let pointer = ReadAddress::Register(Register::Rax);
        let name = NamePlace::Field {
            pointer,
            offset: NAME,
        };
        push_site(plan, vec![Role::TestEntered { test: pointer }]);
        push_site(plan, vec![Role::TestLeft]);
        push_site(plan, vec![Role::TestMarked { test: pointer }]);
        push_site(
            plan,
            vec![Role::RequestSent {
                connection: pointer,
            }],
        );
        let address = |site: u32| plan.sites[(begin + site) as usize].address;
        plan.tests.push(TestEntry {
            address: address(0),
            kind: GoTestKind::Test,
            name,
        });
        plan.test_marks.push(TestMarker {
            address: address(2),
            mark: GoTestMark::Skipped,
            name,
        });
        plan.clients.push(ClientEntry {
            address: address(3),
            ports: vec![PortPath {
                pointer,
                hops: vec![16, 8],
            }],
        });
        program
            .costs
            .resize(plan.sites.len(), model::Nanoseconds(1));
        Self { program, begin }
    }

    fn named(&mut self, site: u32, goid: u64, depth: u64, name: &str) {
        let (at, bytes) = (0xc400_0000_u64, 0xc500_0000_u64);
        let header = [bytes.to_le_bytes(), (name.len() as u64).to_le_bytes()].concat();
        let record = self.program.on_goroutine(self.begin + site, goid, depth);
        let record = record
            .register(Register::Rax, at)
            .chunk(at + NAME, &header)
            .chunk(bytes, name.as_bytes());
        self.program.records.push(record.build());
    }

    pub(super) fn enter(&mut self, goid: u64, name: &str) {
        self.named(0, goid, 50, name);
    }

    pub(super) fn leave(&mut self, goid: u64) {
        let record = self.program.on_goroutine(self.begin + 1, goid, 50);
        self.program.records.push(record.build());
    }

    /// A client sends a request from a port.
    fn send(&mut self, goid: u64, port: u64) {
        let (at, fd) = (0xc600_0000_u64, 0xc700_0000_u64);
        let record = self.program.on_goroutine(self.begin + 3, goid, 400);
        let record = record
            .register(Register::Rax, at)
            .chunk(at + 16, &fd.to_le_bytes())
            .chunk(fd + 8, &port.to_le_bytes());
        self.program.records.push(record.build());
    }

    /// A call that returns at once.
    fn call(&mut self, goid: u64, n: i64) {
        self.program.enter(goid, 200, 0, "", n);
        self.program.leave(goid, 200, 0, "");
    }
}

/// The numbers of the calls of an observation, each with its test.
fn owners(seen: &Observation) -> Vec<(u64, Option<&str>)> {
    let calls = seen.calls.iter();
    calls
        .map(|call| (call.entered.0, seen.test_around(call.scope)))
        .collect()
}

fn run(tracer: &mut Tracer, name: &str) -> Observation {
    let runs = tracer.test_runs();
    let mut runs = runs.iter().filter(|run| run.name() == name);
    let id = runs.next().unwrap().id;
    let now = Timestamp(u64::MAX);
    tracer.observe_test(id, now, Loss::default()).unwrap().0
}

#[test]
fn calls_belong_to_the_innermost_test_of_their_goroutine() {
    let mut tests = Tests::new(&["f"]);
    tests.enter(7, "TestA");
    tests.call(7, 1);
    tests.program.create(7, 20, 0x1234);
    tests.enter(20, "TestA/sub");
    tests.program.create(20, 21, 0x1234);
    tests.call(21, 2);
    tests.enter(8, "TestB");
    tests.call(8, 3);
    tests.call(9, 4);
    tests.leave(20);
    tests.leave(7);
    let mut tracer = tests.program.tracer();
    let outer = run(&mut tracer, "TestA");
    let names: Vec<_> = owners(&outer).iter().map(|(_, test)| *test).collect();
    assert_eq!(names, [Some("TestA"), Some("TestA/sub"), None]);
    let sub = run(&mut tracer, "TestA/sub");
    let names: Vec<_> = owners(&sub).iter().map(|(_, test)| *test).collect();
    assert_eq!(
        names,
        [Some("TestA/sub"), None],
        "and what belongs to no test"
    );
    let other = run(&mut tracer, "TestB");
    assert_eq!(owners(&other)[0].1, Some("TestB"));
    let left: Vec<_> = tracer
        .test_runs()
        .iter()
        .map(|run| run.left.is_some())
        .collect();
    assert_eq!(left, [true, true, false]);
}

#[test]
fn what_is_to_be_judged_is_kept_and_all_else_forgotten() {
    let mut tests = Tests::new(&["f"]);
    tests.enter(7, "TestA");
    tests.call(7, 1);
    tests.leave(7);
    tests.enter(8, "TestB");
    tests.call(8, 2);
    let mut tracer = tests.program.tracer();
    tracer.forget_all_but(|scope| scope.name() == "TestB", Timestamp(u64::MAX));
    assert_eq!(run(&mut tracer, "TestB").calls.len(), 1);
    let names: Vec<_> = tracer.test_runs().iter().map(model::Scope::name).collect();
    assert_eq!(names, ["TestB"]);
}

#[test]
fn a_request_belongs_to_the_test_whose_client_sent_it_and_to_no_later_one() {
    let mut tests = Tests::new(&["f"]);
    tests.enter(7, "TestA");
    tests.send(7, 4000);
    tests
        .program
        .enter_request(50, 100, "127.0.0.1:4000", "GET", "/");
    tests.call(50, 1);
    tests.program.leave_request(50, 100);
    // Another connection has the port later, and nobody was seen to send over it.
    tests
        .program
        .enter_request(51, 100, "127.0.0.1:4000", "GET", "/");
    tests.call(51, 2);
    tests.program.leave_request(51, 100);
    tests.leave(7);
    let mut tracer = tests.program.tracer();
    let seen = run(&mut tracer, "TestA");
    let names: Vec<_> = owners(&seen).iter().map(|(_, test)| *test).collect();
    assert_eq!(names, [Some("TestA"), None]);
    let request = seen.request_around(seen.calls[0].scope).unwrap();
    assert_eq!(request.parent, Some(ScopeId(0)));
}

#[test]
fn a_test_that_skips_itself_is_known_to_be_skipped() {
    let mut tests = Tests::new(&["f"]);
    tests.enter(7, "TestA");
    tests.enter(8, "TestB");
    tests.named(2, 7, 300, "TestA");
    tests.leave(7);
    let tracer = tests.program.tracer();
    let skipped: Vec<_> = tracer
        .test_runs()
        .iter()
        .map(|run| run.test().unwrap().skipped)
        .collect();
    assert_eq!(skipped, [true, false]);
}
