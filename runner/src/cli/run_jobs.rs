//! Specs that are run at the same time, and shown one after the other.
//!
//! Each is run by a session of its own: kernel program, probes, process, ports. What happens in it is shown when all before it
//! is, so that the output is that of one spec after the other. A spec that bounds times is run when no other is: another one
//! would take its processor away from it.

use std::{
    collections::VecDeque,
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        mpsc::{self, Receiver, Sender},
    },
    thread,
};

use spec::document::Test;

use super::{
    Failure,
    run_spec::{Next, Selected, SpecRun, SpecRunner},
    run_steps::{Reporter, Step},
};

/// What comes of a spec that is run.
enum Event {
    Step(Step),
    Ended(Result<Next, Failure>),
}

/// Which specs are still to be run.
struct Queue {
    state: Mutex<State>,
    /// A spec has ended.
    changed: Condvar,
}

struct State {
    /// By the numbers that they have on the command line; those that bound no times first.
    together: VecDeque<usize>,
    /// Those that are run when no other is.
    alone: VecDeque<usize>,
    running: usize,
    /// After this one none is to be run.
    last: usize,
    /// Where each tells what happens, until it is run.
    tellers: Vec<Option<Sender<Event>>>,
}

impl Queue {
    fn new(are_alone: &[bool], tellers: Vec<Sender<Event>>) -> Self {
        let numbers = |alone: bool| {
            let numbers = are_alone.iter().enumerate();
            let numbers = numbers.filter(move |(_, is_alone)| **is_alone == alone);
            numbers.map(|(number, _)| number).collect()
        };
        Self {
            state: Mutex::new(State {
                together: numbers(false),
                alone: numbers(true),
                running: 0,
                last: usize::MAX,
                tellers: tellers.into_iter().map(Some).collect(),
            }),
            changed: Condvar::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next one to run, and where it tells what happens; none when all are run or being run.
    fn next(&self) -> Option<(usize, Sender<Event>)> {
        let mut state = self.state();
        loop {
            let number = match (state.together.pop_front(), state.alone.front()) {
                (Some(number), _) => number,
                (None, None) => return None,
                (None, Some(_)) if state.running > 0 => {
                    let waited = self.changed.wait(state);
                    state = waited.unwrap_or_else(PoisonError::into_inner);
                    continue;
                }
                (None, Some(_)) => state.alone.pop_front()?,
            };
            if let Some(teller) = state.tellers.get_mut(number).and_then(Option::take) {
                state.running += 1;
                return Some((number, teller));
            }
        }
    }

    /// One has ended, and says what is run after it.
    fn ended(&self, number: usize, next: Next) {
        let mut state = self.state();
        state.running -= 1;
        if next != Next::GoOn {
            state.last = state.last.min(number);
            let last = state.last;
            // Who waits for what they tell waits no longer.
            state
                .tellers
                .iter_mut()
                .skip(last + 1)
                .for_each(|teller| *teller = None);
        }
        drop(state);
        self.changed.notify_all();
    }

    /// None is run any more.
    fn close(&self) {
        self.state()
            .tellers
            .iter_mut()
            .for_each(|teller| *teller = None);
        self.state().last = 0;
    }

    fn is_wanted(&self, number: usize) -> bool {
        number <= self.state().last
    }
}

/// Runs specs, so many at the same time, and shows what happens in their order.
///
/// # Errors
/// A session can't be ended as it should, or nothing can be shown.
pub(super) fn run(
    selected: &[Selected<'_>],
    jobs: usize,
    runner: &SpecRunner<'_>,
    reporter: &mut Reporter,
) -> Result<(), Failure> {
    let are_alone = selected
        .iter()
        .map(|(_, tests)| jobs > 1 && bounds_times(tests));
    let are_alone: Vec<bool> = are_alone.collect();
    let (tellers, told): (Vec<_>, Vec<_>) = selected.iter().map(|_| mpsc::channel()).unzip();
    let queue = Queue::new(&are_alone, tellers);
    thread::scope(|scope| {
        for _ in 0..jobs.min(selected.len()) {
            scope.spawn(|| {
                while let Some((number, teller)) = queue.next() {
                    let next = run_one(&selected[number], number, &queue, runner, &teller);
                    queue.ended(number, next);
                }
            });
        }
        let shown = show(selected, &are_alone, told, reporter);
        if shown.is_err() {
            queue.close();
            runner.cancel.set();
        }
        shown
    })
}

/// Runs a spec, and tells what happens; gives what is run after it.
fn run_one(
    (spec, tests): &Selected<'_>,
    number: usize,
    queue: &Queue,
    runner: &SpecRunner<'_>,
    teller: &Sender<Event>,
) -> Next {
    // Nobody listens any more when nothing can be shown; then the run is cancelled.
    let mut tell = |step| {
        let _ = teller.send(Event::Step(step));
    };
    let mut run = SpecRun {
        runner,
        spec,
        is_wanted: &|| queue.is_wanted(number),
        tell: &mut tell,
    };
    let ended = run.run(tests);
    let next = ended.as_ref().map_or(Next::Stop, |next| *next);
    let _ = teller.send(Event::Ended(ended));
    next
}

/// Shows what happens in each spec, one after the other.
fn show(
    selected: &[Selected<'_>],
    are_alone: &[bool],
    told: Vec<Receiver<Event>>,
    reporter: &mut Reporter,
) -> Result<(), Failure> {
    for ((spec, _), (is_alone, told)) in selected.iter().zip(are_alone.iter().zip(told)) {
        if *is_alone {
            let path = spec.source.path.display();
            reporter.wait_for(&format!("{path} waits for the others: it bounds times"));
        }
        for event in told {
            match event {
                Event::Step(step) => reporter.show(spec, step)?,
                Event::Ended(Ok(Next::Stop)) => return Ok(()),
                Event::Ended(ended) => {
                    ended?;
                }
            }
        }
    }
    Ok(())
}

/// Whether a test says how long something may take.
fn bounds_times(tests: &[&Test]) -> bool {
    tests.iter().any(|test| test.bounds_times())
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::{Next, Queue};

    fn queue(are_alone: &[bool]) -> Queue {
        let tellers = are_alone.iter().map(|_| mpsc::channel().0);
        Queue::new(are_alone, tellers.collect())
    }

    fn next(queue: &Queue) -> Option<usize> {
        queue.next().map(|(number, _)| number)
    }

    #[test]
    fn specs_are_run_in_order() {
        let queue = queue(&[false, false, false]);
        assert_eq!(
            [next(&queue), next(&queue), next(&queue)],
            [Some(0), Some(1), Some(2)]
        );
        assert_eq!(next(&queue), None);
    }

    #[test]
    fn one_that_bounds_times_is_run_when_the_others_have_ended() {
        let queue = queue(&[true, false, false]);
        assert_eq!([next(&queue), next(&queue)], [Some(1), Some(2)]);
        queue.ended(1, Next::GoOn);
        queue.ended(2, Next::GoOn);
        assert_eq!(next(&queue), Some(0));
    }

    #[test]
    fn after_one_that_stops_the_run_none_is_wanted_but_those_before_it() {
        let queue = queue(&[false, false, false, false]);
        assert_eq!([next(&queue), next(&queue)], [Some(0), Some(1)]);
        queue.ended(1, Next::Stop);
        assert!(queue.is_wanted(0) && !queue.is_wanted(2));
        assert_eq!(next(&queue), None);
    }
}
