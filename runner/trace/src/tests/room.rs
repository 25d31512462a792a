//! A program that is looked at while it goes on leaves nothing behind, however much it does.

use model::{Loss, Observation, Outcome, Timestamp};

use crate::testing::Program;
use crate::{Dropped, Poll, Room, Tracer};

const ROOM: Room = Room {
    calls: 1000,
    bytes: 1 << 20,
    goroutines: 500,
};

/// What a tracer keeps, all things together.
fn kept(tracer: &Tracer) -> usize {
    let frames = tracer.goroutines.alive.values();
    let frames: usize = frames.map(|goroutine| goroutine.stack.frames().len()).sum();
    tracer.ledger.calls.iter().count()
        + tracer.ledger.scopes.iter().count()
        + tracer.goroutines.alive.len()
        + tracer.goroutines.ended.len()
        + tracer.threads.len()
        + frames
}

struct Watched {
    program: Program,
    tracer: Tracer,
    from: u64,
    most: usize,
    told: u64,
    dropped: Dropped,
}

impl Watched {
    fn new(names: &[&str]) -> Self {
        Self::within(ROOM, names)
    }

    fn within(room: Room, names: &[&str]) -> Self {
        let program = Program::new(names);
        Self {
            tracer: program.tracer().within(room),
            program,
            from: 0,
            most: 0,
            told: 0,
            dropped: Dropped::default(),
        }
    }

    fn feed(&mut self) {
        for record in self.program.records.drain(..) {
            self.tracer.feed(&record).unwrap();
        }
        self.most = self.most.max(kept(&self.tracer));
    }

    fn poll(&mut self, patience: u64) -> Observation {
        self.feed();
        let to = self.program.now();
        let poll = Poll {
            begin: Timestamp(0),
            from: Timestamp(self.from),
            to: Timestamp(to),
            overdue: Timestamp(to.saturating_sub(patience)),
        };
        self.from = to + 1;
        let seen = self.tracer.poll(&poll, Loss::default());
        self.told += seen.calls.len() as u64;
        self.dropped = self.dropped.and(self.tracer.take_dropped());
        seen
    }
}

#[test]
fn a_million_hits_leave_nothing() {
    let mut watched = Watched::new(&["work"]);
    for goid in 0..250_000 {
        let goid = goid + 10;
        watched.program.create(1, goid, 0x10);
        watched.program.enter(goid, 100, 0, "text", 1);
        watched.program.leave(goid, 100, 0, "result");
        watched.program.end(goid);
        if goid % 100 == 0 {
            watched.poll(1000);
        }
    }
    watched.poll(0);
    assert_eq!(watched.dropped, Dropped::default());
    assert_eq!(watched.told, 250_000);
    assert!(watched.most < 1000, "{}", watched.most);
    assert!(kept(&watched.tracer) < 10);
}

#[test]
fn what_is_not_looked_at_finds_no_room_and_is_counted() {
    let mut watched = Watched::new(&["work"]);
    for goid in 0..20_000 {
        let goid = goid + 10;
        watched.program.create(1, goid, 0x10);
        watched
            .program
            .enter_request(goid, 64, "127.0.0.1:1", "GET", "/");
        watched.program.enter(goid, 100, 0, "text", 1);
        watched.program.leave(goid, 100, 0, "result");
        watched.program.leave_request(goid, 64);
        watched.program.end(goid);
        if goid % 1000 == 0 {
            watched.feed();
        }
    }
    watched.poll(0);
    let Dropped {
        calls,
        goroutines,
        scopes,
        ends,
    } = watched.dropped;
    assert_eq!(watched.told + calls, 20_000);
    assert_eq!(watched.told, ROOM.calls as u64);
    assert!(goroutines > 18_000 && scopes > 18_000 && ends == 0);
    assert!(watched.most < 10 * ROOM.calls, "{}", watched.most);
    assert!(kept(&watched.tracer) < 10);
    watched.program.enter(7, 100, 0, "later", 1);
    assert_eq!(watched.poll(0).calls.len(), 1, "there is room again");
}

#[test]
fn what_is_observed_at_its_end_finds_no_more_room_than_that() {
    let mut watched = Watched::new(&["work"]);
    for goid in 10..10_010 {
        watched.program.enter(goid, 100, 0, "text", 1);
        watched.program.leave(goid, 100, 0, "result");
    }
    watched.feed();
    let now = watched.program.now();
    let seen = watched
        .tracer
        .observe(Timestamp(0), Timestamp(now), Loss::default());
    assert_eq!(seen.calls.len(), ROOM.calls);
    watched.program.enter(7, 100, 0, "text", 1);
    watched.feed();
    let now = watched.program.now();
    let more = watched
        .tracer
        .observe(Timestamp(now), Timestamp(now), Loss::default());
    assert_eq!(more.calls.len(), 1, "there is room again");
    let dropped = watched.tracer.take_dropped().calls;
    assert_eq!(dropped, 10_000 - ROOM.calls as u64);
}

#[test]
fn goroutines_and_calls_whose_end_was_lost_are_forgotten() {
    let mut watched = Watched::new(&["work", "more"]);
    for goid in 0..20_000 {
        let goid = goid + 10;
        watched.program.create(1, goid, 0x10);
        watched
            .program
            .enter_request(goid, 64, "127.0.0.1:1", "GET", "/");
        watched.program.enter(goid, 100, 0, "text", 1);
        if goid % 100 == 0 {
            let seen = watched.poll(1000);
            let running = |outcome| outcome == Outcome::Running;
            assert!(seen.calls.iter().all(|call| running(call.outcome)));
        }
    }
    watched.poll(0);
    let Dropped {
        calls,
        ends,
        goroutines,
        ..
    } = watched.dropped;
    assert_eq!(watched.told + calls, 20_000, "each once");
    assert!(ends > 18_000, "{ends}");
    assert!(goroutines > 18_000, "{goroutines}");
    assert!(watched.most < 10 * ROOM.calls, "{}", watched.most);
    // One that was followed to the last goes on as ever.
    let goid = 20_009;
    watched.program.enter(goid, 164, 1, "", 1);
    watched.program.leave(goid, 164, 1, "");
    watched.program.leave(goid, 100, 0, "");
    let seen = watched.poll(0);
    let outcomes: Vec<Outcome> = seen.calls.iter().map(|call| call.outcome).collect();
    assert_eq!(outcomes, [Outcome::Returned, Outcome::Returned]);
}

#[test]
fn large_values_take_more_room() {
    let room = Room {
        bytes: 64 << 10,
        ..ROOM
    };
    let mut watched = Watched::within(room, &["work"]);
    let text = "x".repeat(100);
    for goid in 10..900 {
        watched.program.enter(goid, 100, 0, &text, 1);
    }
    watched.poll(0);
    assert!(watched.dropped.calls > 400, "{:?}", watched.dropped);
    assert_eq!(watched.told + watched.dropped.calls, 890);
}
