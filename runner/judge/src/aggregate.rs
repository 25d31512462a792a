//! Calls as numbers: how many there were, the sum, the mean or the distribution of a part of them, by the parts that they are grouped by.
//!
//! A call counts when it has ended, so that what it returned and how long it took can be asked for.

use std::collections::{BTreeMap, BTreeSet};

use model::{Call, FunctionId, Goid, Observation, ProcessId, Timestamp, notation};

use super::expect::{Number, Operand};

/// How many groups there are at most; calls of further ones are counted together.
const MAX_GROUPS: usize = 4_096;

/// What is worked out for each group.
#[derive(Clone, Debug)]
pub enum Measure {
    /// How many calls there are.
    Count,
    /// The sum of numbers.
    Sum(Quantity),
    /// Their mean.
    Average(Quantity),
    /// How many of them are in each range.
    Histogram(Quantity, Scale),
}

/// A number that calls have.
#[derive(Clone, Debug)]
pub enum Quantity {
    /// How long a call took, in ns, without what its probes cost.
    Took,
    /// A part of it.
    Part(Operand),
}

/// The ranges of a histogram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// From each power of 2 to the next, and 0 alone.
    Powers,
    /// Ranges of that width, from multiples of it; at least 1.
    Steps(u64),
}

/// What calls are grouped by.
#[derive(Clone, Debug)]
pub enum Key {
    /// The function.
    Function,
    /// The goroutine.
    Goroutine,
    /// How the call ended.
    Outcome,
    /// A part of it.
    Part(Operand),
}

/// The calls of one group.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Group {
    /// How many there are.
    pub count: u64,
    /// The sum of their numbers, while all of them are integers.
    pub sum: i128,
    /// The sum of those that are floats.
    pub float_sum: f64,
    /// Whether one of them is a float.
    pub has_floats: bool,
    /// How many of their numbers are in each range, by the range's lower bound; of powers of 2, the sign and the exponent decide.
    pub buckets: BTreeMap<Bucket, u64>,
}

/// A range of numbers, ordered as these are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bucket {
    /// The lower bound, which belongs to it.
    pub from: i128,
    /// The upper bound, which does not.
    pub to: i128,
}

/// What was worked out so far.
#[derive(Clone, Debug)]
pub struct Aggregate {
    measure: Measure,
    keys: Vec<Key>,
    groups: BTreeMap<Vec<String>, Group>,
    others: Group,
    unread: u64,
    why_unread: Option<String>,
    without: u64,
    running: BTreeSet<(ProcessId, Goid, FunctionId, Timestamp)>,
}

impl Aggregate {
    /// Nothing yet.
    #[must_use]
    pub const fn new(measure: Measure, keys: Vec<Key>) -> Self {
        Self {
            measure,
            keys,
            groups: BTreeMap::new(),
            others: Group {
                count: 0,
                sum: 0,
                float_sum: 0.0,
                has_floats: false,
                buckets: BTreeMap::new(),
            },
            unread: 0,
            why_unread: None,
            without: 0,
            running: BTreeSet::new(),
        }
    }

    /// What is worked out.
    #[must_use]
    pub const fn measure(&self) -> &Measure {
        &self.measure
    }

    /// Takes in the calls of an observation. One that runs counts when a later one has its end.
    pub fn add(&mut self, observation: &Observation) {
        for call in &observation.calls {
            let id = (call.process, call.goroutine, call.function, call.entered);
            if call.outcome.has_ended() {
                self.running.remove(&id);
                self.call(observation, call);
            } else {
                self.running.insert(id);
            }
        }
    }

    /// The groups with the texts that they are grouped by, the largest first: by their sum or mean where that is worked out, else by their
    /// number of calls. Groups of one size are in the order of their texts.
    #[must_use]
    pub fn groups(&self) -> Vec<(&[String], &Group)> {
        let groups = self.groups.iter();
        let mut groups: Vec<_> = groups.map(|(key, group)| (key.as_slice(), group)).collect();
        groups.sort_by(|(_, one), (_, other)| self.size(other).total_cmp(&self.size(one)));
        groups
    }

    /// The calls for whose groups there was no room; none if there was.
    #[must_use]
    pub fn others(&self) -> Option<&Group> {
        (self.others.count > 0).then_some(&self.others)
    }

    /// How many calls had a part that could not be read, and why of the first.
    #[must_use]
    pub fn unread(&self) -> Option<(u64, &str)> {
        Some((self.unread, self.why_unread.as_deref()?))
    }

    /// How many calls have no such part: it is behind nil, or they did not return.
    #[must_use]
    pub const fn without(&self) -> u64 {
        self.without
    }

    /// How many calls are known to run.
    #[must_use]
    pub fn running(&self) -> usize {
        self.running.len()
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "it is for an order to show groups in"
    )]
    fn size(&self, group: &Group) -> f64 {
        match &self.measure {
            Measure::Count | Measure::Histogram(..) => group.count as f64,
            Measure::Sum(_) => group.total(),
            Measure::Average(_) => group.mean(),
        }
    }

    fn call(&mut self, observation: &Observation, call: &Call) {
        let number = match &self.measure {
            Measure::Count => None,
            Measure::Sum(quantity)
            | Measure::Average(quantity)
            | Measure::Histogram(quantity, _) => match quantity.of(observation, call) {
                Some(Ok(number)) => Some(number),
                Some(Err(why)) => return self.not_read(why),
                None => return self.without += 1,
            },
        };
        let mut key = Vec::with_capacity(self.keys.len());
        for part in &self.keys {
            match part.of(observation, call) {
                Some(Ok(text)) => key.push(text),
                Some(Err(why)) => return self.not_read(why),
                None => return self.without += 1,
            }
        }
        let is_full = self.groups.len() >= MAX_GROUPS && !self.groups.contains_key(&key);
        let group = match is_full {
            true => &mut self.others,
            false => self.groups.entry(key).or_default(),
        };
        group.count += 1;
        if let Some(number) = number {
            group.add(number);
            if let Measure::Histogram(_, scale) = self.measure {
                *group.buckets.entry(scale.bucket(number)).or_default() += 1;
            }
        }
    }

    fn not_read(&mut self, why: String) {
        self.unread += 1;
        self.why_unread.get_or_insert(why);
    }
}

impl Group {
    fn add(&mut self, number: Number) {
        match number {
            Number::Integer(number) => self.sum = self.sum.saturating_add(number),
            Number::Float(number) => {
                self.float_sum += number;
                self.has_floats = true;
            }
        }
    }

    /// The sum of its numbers.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "beside floats, no more is known"
    )]
    pub fn total(&self) -> f64 {
        self.sum as f64 + self.float_sum
    }

    /// Their mean; 0 of none.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a mean is no integer")]
    pub fn mean(&self) -> f64 {
        match self.count {
            0 => 0.0,
            count => self.total() / count as f64,
        }
    }
}

impl Quantity {
    fn of(&self, observation: &Observation, call: &Call) -> Option<Result<Number, String>> {
        match self {
            Self::Took => {
                let raw = call.raw_duration()?.0;
                let took = raw.saturating_sub(call.own_cost.0);
                Some(Ok(Number::Integer(took.into())))
            }
            Self::Part(operand) => operand.number(observation, call),
        }
    }
}

impl Key {
    fn of(&self, observation: &Observation, call: &Call) -> Option<Result<String, String>> {
        Some(Ok(match self {
            Self::Function => {
                let function = observation.function(call.function);
                let name = function.map_or("?", |function| function.name_of(call));
                notation::short_function(name, observation.types.packages())
            }
            Self::Goroutine => call.goroutine.to_string(),
            Self::Outcome => call.outcome.word().to_owned(),
            Self::Part(operand) => return operand.key(observation, call),
        }))
    }
}

impl Scale {
    fn bucket(self, number: Number) -> Bucket {
        let number = match number {
            Number::Integer(number) => number,
            Number::Float(number) => whole(number),
        };
        match self {
            Self::Steps(width) => {
                let width = i128::from(width.max(1));
                let from = number.div_euclid(width) * width;
                Bucket {
                    from,
                    to: from + width,
                }
            }
            Self::Powers => powers(number),
        }
    }
}

/// The integer below a float.
#[expect(
    clippy::cast_possible_truncation,
    reason = "what is too large for it becomes the largest, and NaN 0"
)]
fn whole(number: f64) -> i128 {
    // Room for the bounds of its range.
    (number.floor() as i128).clamp(-(1 << 100), 1 << 100)
}

/// The range between powers of 2 that a number is in: `[4, 8)`, `[-7, -3)` for what has the other sign.
fn powers(number: i128) -> Bucket {
    match number {
        0 => Bucket { from: 0, to: 1 },
        1.. => {
            let from = 1_i128 << number.ilog2();
            Bucket { from, to: from * 2 }
        }
        _ => {
            let Bucket { from, to } = powers(number.saturating_neg());
            Bucket {
                from: 1 - to,
                to: 1 - from,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use model::{Content, Float, Path, Root, Value, plan::Plan};
    use spec::{Source, Spanned};

    use super::*;
    use crate::expect::{
        Wanted,
        testing::{Scene, cut, lost, text},
    };

    /// `sell(item string, qty int, price float64)` with a call each, and `log()`.
    fn scene(sold: &[(&str, i64, f64)]) -> Scene {
        let mut scene = Scene::new();
        scene.watch("sell", &["item string", "qty int", "price float64"], &[]);
        scene.watch("log", &[], &[]);
        for (item, qty, price) in sold {
            let arguments = vec![
                text(item),
                Content::Int(*qty),
                Content::Float(Float::new(*price)),
            ];
            scene.call(None, "sell", 1, arguments);
            scene.call(None, "log", 1, Vec::new());
        }
        scene
    }

    fn operand(scene: &Scene, name: &str, wanted: Wanted) -> Operand {
        let observation = &scene.evidence.observation;
        let plan = Plan {
            functions: observation.functions.clone(),
            types: observation.types.clone(),
            ..Plan::default()
        };
        let path = Path {
            root: Root::Argument(name.to_owned()),
            segments: Vec::new(),
        };
        let path = Spanned::new(path, 0..name.len());
        Operand::new(&Source::new("--sum", name), &path, wanted, &plan).unwrap()
    }

    fn quantity(scene: &Scene, name: &str) -> Quantity {
        Quantity::Part(operand(scene, name, Wanted::Number))
    }

    fn key(scene: &Scene, name: &str) -> Key {
        Key::Part(operand(scene, name, Wanted::Key))
    }

    /// Each group's key with its number of calls and its sum.
    fn groups(aggregate: &Aggregate) -> Vec<(String, u64, f64)> {
        let groups = aggregate.groups().into_iter();
        groups
            .map(|(key, group)| (key.join(" "), group.count, group.total()))
            .collect()
    }

    const SOLD: [(&str, i64, f64); 4] = [
        ("pen", 3, 1.5),
        ("book", 1, 20.0),
        ("pen", -4, 0.5),
        ("ink", 0, 0.25),
    ];

    #[test]
    fn calls_are_counted_and_added_up_by_what_they_have() {
        let scene = scene(&SOLD);
        let seen = &scene.evidence.observation;
        let mut count = Aggregate::new(Measure::Count, vec![key(&scene, "item")]);
        count.add(seen);
        assert_eq!(
            groups(&count),
            [
                ("\"pen\"".to_owned(), 2, 0.0),
                ("\"book\"".to_owned(), 1, 0.0),
                ("\"ink\"".to_owned(), 1, 0.0),
            ]
        );
        assert_eq!(count.without(), 4, "`log` has no item");
        let mut sum = Aggregate::new(Measure::Sum(quantity(&scene, "qty")), Vec::new());
        sum.add(seen);
        assert_eq!(groups(&sum), [(String::new(), 4, 0.0)]);
        let price = Measure::Average(quantity(&scene, "price"));
        let mut mean = Aggregate::new(price, vec![Key::Function, key(&scene, "item")]);
        mean.add(seen);
        let first = mean.groups()[0];
        assert_eq!((first.0[1].as_str(), first.1.mean()), ("\"book\"", 20.0));
        assert_eq!(mean.groups()[1].1.mean(), 1.0, "of pens");
        let mut all = Aggregate::new(Measure::Count, vec![Key::Function, Key::Outcome]);
        all.add(seen);
        assert_eq!(all.groups().len(), 2);
        assert_eq!(all.groups()[0].1.count, 4);
    }

    #[test]
    fn numbers_are_in_ranges() {
        let scene = scene(&SOLD);
        let histogram = |scale| {
            let quantity = quantity(&scene, "qty");
            let mut all = Aggregate::new(Measure::Histogram(quantity, scale), Vec::new());
            all.add(&scene.evidence.observation);
            let buckets = all.groups()[0].1.buckets.clone();
            let buckets = buckets
                .into_iter()
                .map(|(bucket, n)| (bucket.from, bucket.to, n));
            buckets.collect::<Vec<_>>()
        };
        assert_eq!(
            histogram(Scale::Powers),
            [(-7, -3, 1), (0, 1, 1), (1, 2, 1), (2, 4, 1)]
        );
        assert_eq!(histogram(Scale::Steps(5)), [(-5, 0, 1), (0, 5, 3)]);
        for number in [i128::from(i64::MIN), -1, 0, 1, i128::from(u64::MAX)] {
            let Bucket { from, to } = powers(number);
            assert!((from..to).contains(&number), "{number}");
        }
        let nan = Scale::Powers.bucket(Number::Float(f64::NAN));
        assert_eq!(nan, Bucket { from: 0, to: 1 });
    }

    #[test]
    fn what_can_not_be_read_is_counted_by_itself() {
        let mut scene = scene(&SOLD[..3]);
        let mut set = |call: usize, argument: usize, content: Content| {
            let call = &mut scene.evidence.observation.calls[call];
            let mut values: Vec<Value> = call.arguments.to_vec();
            values[argument].content = content;
            call.arguments = values.into();
        };
        set(0, 0, cut("pe", 70_000));
        set(2, 1, lost());
        let quantity = quantity(&scene, "qty");
        let mut sum = Aggregate::new(Measure::Sum(quantity), vec![key(&scene, "item")]);
        sum.add(&scene.evidence.observation);
        assert_eq!(groups(&sum), [("\"pen\"".to_owned(), 1, -4.0)]);
        let (unread, why) = sum.unread().unwrap();
        assert_eq!(unread, 2);
        assert!(why.contains("--string"), "{why}");
    }

    #[test]
    fn a_call_counts_when_it_has_ended() {
        let mut scene = scene(&SOLD[..1]);
        let ended = scene.evidence.observation.calls[0].clone();
        scene.evidence.observation.calls[0].left = None;
        scene.evidence.observation.calls[0].outcome = model::Outcome::Running;
        let mut count = Aggregate::new(Measure::Count, vec![key(&scene, "item")]);
        count.add(&scene.evidence.observation);
        count.add(&scene.evidence.observation);
        assert_eq!((count.running(), count.groups().len()), (1, 0));
        scene.evidence.observation.calls[0] = ended;
        count.add(&scene.evidence.observation);
        assert_eq!((count.running(), count.groups()[0].1.count), (0, 1));
    }

    #[test]
    fn there_is_room_for_so_many_groups() {
        let sold: Vec<(String, i64, f64)> = (0..MAX_GROUPS + 10)
            .map(|number| (number.to_string(), 1, 0.0))
            .collect();
        let sold: Vec<(&str, i64, f64)> =
            sold.iter().map(|(a, b, c)| (a.as_str(), *b, *c)).collect();
        let scene = scene(&sold);
        let quantity = quantity(&scene, "qty");
        let mut sum = Aggregate::new(Measure::Sum(quantity), vec![key(&scene, "item")]);
        sum.add(&scene.evidence.observation);
        assert_eq!(sum.groups().len(), MAX_GROUPS);
        assert_eq!(
            sum.others().map(|others| (others.count, others.sum)),
            Some((10, 10))
        );
    }
}
