//! Random programs: what the tracer gives back is exactly what they did. And random bytes: nothing happens.

use std::collections::{HashMap, HashSet};

use fastrand::Rng;
use goproctor_ebpf::RecordClass;
use model::{Observation, Outcome};

use crate::testing::{Body, Program, Running, observe, text};

const FUNCTIONS: [(&str, Body); 6] = [
    ("a", Body::Plain),
    ("b", Body::Plain),
    ("c", Body::Plain),
    ("d", Body::Plain),
    ("leaf", Body::LoopHead),
    ("jumps", Body::Assembly),
];
const LEAF: u32 = 4;
const JUMPS: u32 = 5;

/// A call as the program itself knows it.
#[derive(Debug, PartialEq)]
struct Done {
    goid: u64,
    function: u32,
    n: i64,
    result: Option<String>,
    parent: Option<usize>,
    request: Option<u32>,
    outcome: Outcome,
    hits: u64,
}

#[derive(Clone, Copy)]
enum Frame {
    Call { index: usize, function: u32 },
    Request(u32),
}

/// A goroutine of the model: its frames by depth, and those that it left by a panic of which nothing was seen, which
/// nobody can know yet.
#[derive(Default)]
struct Goroutine {
    frames: Vec<(u64, Frame)>,
    abandoned: Vec<(u64, usize)>,
    /// The calls that have recovered and not yet returned.
    recovering: HashSet<usize>,
    inherited: Option<u32>,
    hits: u64,
}

pub(super) struct Model {
    random: Rng,
    pub(super) program: Program,
    done: Vec<Done>,
    goroutines: HashMap<u64, Goroutine>,
    goids: u64,
    requests: u32,
}

impl Goroutine {
    fn request(&self) -> Option<u32> {
        let open = self.frames.iter().rev().find_map(|(_, frame)| match frame {
            Frame::Request(request) => Some(*request),
            Frame::Call { .. } => None,
        });
        open.or(self.inherited)
    }

    fn call(&self) -> Option<usize> {
        self.frames.iter().rev().find_map(|(_, frame)| match frame {
            Frame::Call { index, .. } => Some(*index),
            Frame::Request(_) => None,
        })
    }

    /// The calls that are open for all that was seen.
    fn open_calls(&self) -> Vec<usize> {
        let calls = self.frames.iter().filter_map(|(_, frame)| match frame {
            Frame::Call { index, .. } => Some(*index),
            Frame::Request(_) => None,
        });
        let abandoned = self.abandoned.iter().map(|(_, index)| *index);
        calls.chain(abandoned).collect()
    }

    /// Where this goroutine's next callee is: all callees of one frame are at the same depth.
    fn next_depth(&self) -> u64 {
        self.frames.last().map_or(64, |(depth, frame)| match frame {
            Frame::Call { function, .. } => depth + 48 + u64::from(*function) * 16,
            Frame::Request(_) => depth + 96,
        })
    }
}

impl Model {
    pub(super) fn new(seed: u64) -> Self {
        let goroutines = HashMap::from([(1, Goroutine::default())]);
        Self {
            random: Rng::with_seed(seed),
            program: Program::with_bodies(&FUNCTIONS),
            done: Vec::new(),
            goroutines,
            goids: 1,
            requests: 0,
        }
    }

    pub(super) fn step(&mut self) {
        let mut goids: Vec<u64> = self.goroutines.keys().copied().collect();
        goids.sort_unstable();
        let goid = goids[usize::try_from(self.random.u64(..goids.len() as u64)).unwrap()];
        self.program.tid = 4000 + u32::try_from(self.random.u64(..4)).unwrap();
        match self.random.u64(..100) {
            0..40 => self.call(goid),
            40..78 => self.ret(goid),
            78..81 => self.panic(goid),
            81..86 => self.create(goid),
            86..87 => self.exit(goid),
            87..91 => self.serve(goid),
            91..95 => self.recover(goid),
            95 => self.goexit(goid),
            _ => self.program.copy_stack(goid),
        }
    }

    /// A hit at some depth is what shows that frames were abandoned.
    fn hit(&mut self, goid: u64, depth: u64, is_entry: bool) {
        let goroutine = self.goroutines.get_mut(&goid).unwrap();
        for (at, index) in std::mem::take(&mut goroutine.abandoned) {
            if at > depth || (is_entry && at == depth) {
                self.done[index].outcome = Outcome::Unwound;
            } else {
                goroutine.abandoned.push((at, index));
                self.done[index].hits += 1;
            }
        }
        for (at, frame) in &goroutine.frames {
            if let Frame::Call { index, .. } = frame
                && *at < depth
            {
                self.done[*index].hits += 1;
            }
        }
        goroutine.hits += 1;
    }

    fn call(&mut self, goid: u64) {
        let function = u32::try_from(self.random.u64(..6)).unwrap();
        let depth = self.goroutines[&goid].next_depth();
        if depth > 4000 {
            return self.ret(goid);
        }
        self.enter(goid, depth, function);
        if function == LEAF {
            for n in 0..self.random.u64(..3) {
                self.hit(goid, depth, true);
                let index = self.goroutines[&goid].call().unwrap();
                self.done[index].hits += 1;
                self.program
                    .enter(goid, depth, LEAF, "again", n.cast_signed());
            }
            self.ret(goid);
        }
        if function == JUMPS {
            let index = self.goroutines[&goid].call().unwrap();
            self.enter(goid, depth, 0);
            self.done[index].hits += 1;
        }
    }

    fn enter(&mut self, goid: u64, depth: u64, function: u32) {
        self.hit(goid, depth, true);
        let n = self.random.u64(..).cast_signed();
        let goroutine = self.goroutines.get_mut(&goid).unwrap();
        let index = self.done.len();
        self.done.push(Done {
            goid,
            function,
            n,
            result: None,
            parent: goroutine.call(),
            request: goroutine.request(),
            outcome: Outcome::Running,
            hits: 0,
        });
        goroutine
            .frames
            .push((depth, Frame::Call { index, function }));
        self.program
            .enter(goid, depth, function, &format!("{n:x}"), n);
    }

    /// The innermost frame returns, and those that jumped into it.
    fn ret(&mut self, goid: u64) {
        let goroutine = self.goroutines.get_mut(&goid).unwrap();
        let Some((depth, frame)) = goroutine.frames.pop() else {
            return;
        };
        let Frame::Call { index, function } = frame else {
            self.hit(goid, depth, false);
            return self.program.leave_request(goid, depth);
        };
        let mut indices = vec![index];
        while let Some((at, Frame::Call { index, .. })) = goroutine.frames.last()
            && *at == depth
        {
            indices.push(*index);
            goroutine.frames.pop();
        }
        self.hit(goid, depth, false);
        let result = format!("r{}", self.random.u64(..1000));
        for index in indices {
            let goroutine = self.goroutines.get_mut(&goid).unwrap();
            let recovered = goroutine.recovering.remove(&index);
            self.done[index].outcome = if recovered {
                Outcome::Recovered
            } else {
                Outcome::Returned
            };
            self.done[index].result = Some(result.clone());
        }
        self.program.leave(goid, depth, function, &result);
    }

    /// Some frames are left by a panic that is recovered: by a watched function, by one that is not, or on the way into the
    /// loop of a `Goexit`.
    fn recover(&mut self, goid: u64) {
        let goroutine = self.goroutines.get_mut(&goid).unwrap();
        let deepest = goroutine.next_depth() + 100;
        let mut landing = goroutine.frames.len();
        for _ in 0..self.random.u64(..4) {
            landing = landing.saturating_sub(1);
        }
        // A function that jumped on shares its frame, and so its end.
        let shares = |at: usize| {
            let depth = |at: usize| goroutine.frames.get(at).map(|(depth, _)| *depth);
            at > 0 && depth(at) == depth(at - 1)
        };
        while shares(landing) {
            landing -= 1;
        }
        let sp = match landing {
            0 => 40,
            frames => goroutine.frames[frames - 1].0 + 8,
        };
        // Nobody can know whether frames that were left unseen were left by this.
        let unseen = std::mem::take(&mut goroutine.abandoned);
        let (ended, kept): (Vec<_>, Vec<_>) = unseen.into_iter().partition(|(at, _)| *at > sp);
        goroutine.abandoned = kept;
        let left: Vec<usize> = goroutine
            .frames
            .split_off(landing)
            .into_iter()
            .filter_map(|(_, frame)| match frame {
                Frame::Call { index, .. } => Some(index),
                Frame::Request(_) => None,
            })
            .chain(ended.into_iter().map(|(_, index)| index))
            .collect();
        let innermost = goroutine.frames.last().copied();
        for index in left {
            goroutine.recovering.remove(&index);
            self.done[index].outcome = match self.done[index].function {
                JUMPS => Outcome::Unwound,
                _ => Outcome::Panicked,
            };
        }
        for index in goroutine.open_calls() {
            self.done[index].hits += 1;
        }
        let hidden = !goroutine.abandoned.is_empty();
        let panic = |start, goexit| Running { start, goexit };
        match (self.random.u64(..4), innermost) {
            (0 | 1, Some((_, Frame::Call { index, function }))) if !hidden => {
                goroutine.recovering.insert(index);
                let running = [panic(deepest + 200, false), panic(sp, true)];
                self.program.recover(goid, sp, Some(function), &running);
            }
            (2, _) => {
                // Further out, were there not a Goexit.
                let running = [panic(deepest + 200, false), panic(sp, true)];
                self.program.recover(goid, 8, Some(0), &running);
            }
            _ => {
                let running = [panic(deepest + 200, false)];
                self.program.recover(goid, sp, None, &running);
            }
        }
    }

    /// All frames are left by `Goexit`.
    fn goexit(&mut self, goid: u64) {
        if self.goroutines.len() == 1 {
            return;
        }
        let goroutine = self.goroutines.remove(&goid).unwrap();
        let depth = goroutine.next_depth() + 100;
        let deepest = goroutine.abandoned.iter().map(|(depth, _)| *depth).max();
        let depth = deepest.unwrap_or_default().max(depth) + 8;
        for index in goroutine.open_calls() {
            self.done[index].outcome = match self.done[index].function {
                JUMPS => Outcome::Unwound,
                _ => Outcome::Goexit,
            };
        }
        self.program.exit(goid, depth);
    }

    /// Some frames are left silently.
    fn panic(&mut self, goid: u64) {
        let goroutine = self.goroutines.get_mut(&goid).unwrap();
        for _ in 0..=self.random.u64(..4) {
            let Some(&(depth, Frame::Call { index, .. })) = goroutine.frames.last() else {
                return;
            };
            goroutine.frames.pop();
            goroutine.abandoned.push((depth, index));
            // A function that jumped on shares its frame.
            while let Some(&(at, Frame::Call { index, .. })) = goroutine.frames.last()
                && at == depth
            {
                goroutine.frames.pop();
                goroutine.abandoned.push((depth, index));
            }
        }
    }

    fn create(&mut self, goid: u64) {
        self.goids += 1;
        let creator = self.goroutines.get_mut(&goid).unwrap();
        let inherited = creator.request();
        creator.hits += 1;
        // A hit on the system stack shows nothing of the goroutine's own, but it costs time.
        for (_, frame) in &creator.frames {
            if let Frame::Call { index, .. } = frame {
                self.done[*index].hits += 1;
            }
        }
        for (_, index) in &creator.abandoned {
            self.done[*index].hits += 1;
        }
        self.program.create(goid, self.goids, 0x10);
        let child = Goroutine {
            inherited,
            ..Goroutine::default()
        };
        self.goroutines.insert(self.goids, child);
    }

    fn exit(&mut self, goid: u64) {
        if self.goroutines.len() == 1 {
            return;
        }
        let goroutine = self.goroutines.remove(&goid).unwrap();
        for (_, frame) in goroutine.frames {
            if let Frame::Call { index, .. } = frame {
                self.done[index].outcome = Outcome::Unwound;
            }
        }
        for (_, index) in goroutine.abandoned {
            self.done[index].outcome = Outcome::Unwound;
        }
        self.program.end(goid);
    }

    fn serve(&mut self, goid: u64) {
        let depth = self.goroutines[&goid].next_depth();
        if depth > 4000 {
            return;
        }
        self.hit(goid, depth, true);
        let request = self.requests;
        self.requests += 1;
        let goroutine = self.goroutines.get_mut(&goid).unwrap();
        goroutine.frames.push((depth, Frame::Request(request)));
        self.program
            .enter_request(goid, depth, "127.0.0.1:1", "GET", &format!("/{request}"));
    }
}

fn as_done(seen: &Observation) -> Vec<Done> {
    let calls = seen.calls.iter().map(|call| Done {
        goid: call.goroutine.0,
        function: call.function.0,
        n: text(&call.arguments[1]).parse().unwrap(),
        result: call
            .results
            .first()
            .map(|result| text(result).replace('"', "")),
        parent: call.parent.map(|parent| usize::try_from(parent.0).unwrap()),
        request: call.scope.map(|request| request.0),
        outcome: call.outcome,
        hits: call.own_cost.0,
    });
    calls.collect()
}

#[test]
fn random_programs_are_given_back_exactly() {
    let mut calls = 0;
    let mut outcomes: HashMap<Outcome, u64> = HashMap::new();
    for seed in 1..=260 {
        let mut model = Model::new(seed);
        for _ in 0..600 {
            model.step();
        }
        let seen = model.program.observe();
        let given = as_done(&seen);
        assert_eq!(given.len(), model.done.len(), "seed {seed}");
        for (index, (given, done)) in given.iter().zip(&model.done).enumerate() {
            assert_eq!(given, done, "seed {seed}, call {index}");
            *outcomes.entry(done.outcome).or_default() += 1;
        }
        for call in &seen.calls {
            let n = text(&call.arguments[1]).parse::<i64>().unwrap();
            assert_eq!(text(&call.arguments[0]), format!("\"{n:x}\""));
        }
        calls += given.len();
    }
    assert!(calls > 30_000, "{calls}");
    for outcome in [
        Outcome::Returned,
        Outcome::Panicked,
        Outcome::Recovered,
        Outcome::Goexit,
        Outcome::Unwound,
        Outcome::Running,
    ] {
        assert!(outcomes[&outcome] > 500, "{outcomes:?}");
    }
}

#[test]
fn random_bytes_do_no_harm() {
    let mut random = Rng::with_seed(99);
    let mut tracer = Program::with_bodies(&FUNCTIONS).tracer();
    for _ in 0..10_000 {
        let class = RecordClass::ALL[usize::try_from(random.u64(..3)).unwrap()];
        let length = match random.u64(..4) {
            0 => usize::try_from(random.u64(..1200)).unwrap(),
            _ => class.size(),
        };
        let mut bytes: Vec<u8> = (0..length)
            .map(|_| random.u64(..).to_le_bytes()[3])
            .collect();
        // Mostly a known site and a class that fits, so that the bytes get past the door.
        if length >= 64 && random.u64(..8) > 0 {
            let site = u32::try_from(random.u64(..19)).unwrap();
            bytes[0..4].copy_from_slice(&site.to_le_bytes());
            bytes[4..8].copy_from_slice(&(class as u32).to_le_bytes());
            bytes[60..64].copy_from_slice(&u32::try_from(random.u64(..4)).unwrap().to_le_bytes());
            bytes[57] &= 7;
        }
        let _ = tracer.feed(&bytes);
    }
    let seen = observe(&mut tracer);
    let counts = tracer.counts();
    assert_eq!(counts.hits, 10_000);
    assert!(counts.malformed > 500, "{counts:?}");
    assert!(!seen.calls.is_empty());
}

#[test]
fn hits_in_any_order_do_no_harm() {
    for seed in 1..=20 {
        let mut random = Rng::with_seed(seed);
        let mut model = Model::new(seed);
        for _ in 0..600 {
            model.step();
        }
        let records = &mut model.program.records;
        for last in (1..records.len()).rev() {
            records.swap(
                last,
                usize::try_from(random.u64(..last as u64 + 1)).unwrap(),
            );
        }
        let seen = model.program.observe();
        assert!(seen.calls.len() > 100, "seed {seed}");
        for call in &seen.calls {
            assert_eq!(call.left.is_some(), is_timed(call.outcome), "{call:?}");
            assert_eq!(!call.results.is_empty(), call.outcome.has_results());
        }
    }
}

/// Whether it is known when a call ended that ended so.
fn is_timed(outcome: Outcome) -> bool {
    !matches!(outcome, Outcome::Running | Outcome::Unwound)
}

#[test]
fn mangled_records_do_no_harm() {
    let mut random = Rng::with_seed(7);
    let mut model = Model::new(3);
    for _ in 0..2_000 {
        model.step();
    }
    let mut tracer = model.program.tracer();
    for _ in 0..20 {
        for record in &mut model.program.records {
            for _ in 0..=random.u64(..3) {
                let at = usize::try_from(random.u64(..600)).unwrap();
                record[at] = random.u64(..).to_le_bytes()[2];
            }
            let _ = tracer.feed(record);
        }
    }
    assert!(observe(&mut tracer).calls.len() > 100);
}
