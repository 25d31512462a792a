//! Which uses of a setting make a difference: the smallest sets of call stacks for which the old value has to be set.
//!
//! A pattern behind a setting's value selects the uses that get it; all others behave as if nothing were set. The program hashes the
//! stack of each use, and a pattern selects by the last bits of the hash, so that half of the uses can be tried, then half of those, and so on.
//! The patterns are those of internal/bisect (`New` in GOROOT/src/internal/bisect/bisect.go). The order of trials is that of
//! golang.org/x/tools/cmd/bisect (`search` in main.go): where neither half has the effect by itself, each is narrowed down with all of the
//! other one selected. The compiler takes the same patterns in `-d=loopvarhash=`, and reports loops.
//!
//! The caller runs the program; the search says with which pattern.

use std::{collections::HashMap, fmt};

use super::{BisectReports, ReportedUse, UseId};

/// A pattern that selects uses of a setting.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UsePattern(String);

impl UsePattern {
    /// What GODEBUG needs so that the selected uses of a setting get a value, and are reported.
    #[must_use]
    pub fn of_setting(&self, name: &str, value: &str) -> String {
        format!("{name}={value}#{self}")
    }
}

impl fmt::Display for UsePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether the effect was there in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It was there, as when all uses get the value.
    Present,
    /// It was not there, as when none does.
    Absent,
    /// That can't be said: runs with one pattern differ, or the run was inconclusive.
    Unclear,
}

/// Uses that have the effect together, and none of which can be left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UseSet {
    /// The uses with their stacks.
    pub uses: Vec<ReportedUse>,
}

/// What comes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SearchStep {
    /// The program is to be run with this pattern, and the result to be [handed back](StackSearch::answer).
    Run(UsePattern),
    /// The search is over: the sets that were found. All that there are, if they are fewer than were asked for.
    Found(Vec<UseSet>),
    /// The search can't go on.
    Failed(SearchProblem),
}

/// Why a search ends without a result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SearchProblem {
    /// The effect does not depend on the setting.
    #[error(
        "the setting makes no difference here: the effect is {} with the old value for no use and for all of them",
        if *.present { "present" } else { "absent" }
    )]
    NoDifference {
        /// Whether it is there in both.
        present: bool,
    },
    /// The effect is there without the value, and not with it.
    #[error(
        "the effect is present without the old value, and absent with it: the two sides are exchanged"
    )]
    Reversed,
    /// The program reported no uses.
    #[error(
        "the program says nothing of its uses with pattern {pattern}: settings that it reads when it starts have no stacks, and neither have those of the runtime and of Go 1.20 and older"
    )]
    NoReports {
        /// The pattern.
        pattern: UsePattern,
    },
    /// It can't be said whether the effect was there.
    #[error("runs with pattern {pattern} do not agree")]
    Unclear {
        /// The pattern.
        pattern: UsePattern,
    },
    /// What was there with a pattern was not there with another one that selects the same.
    #[error("the effect comes and goes with the same uses: pattern {pattern}")]
    Inconsistent {
        /// The pattern.
        pattern: UsePattern,
    },
    /// More uses are needed together than were allowed.
    #[error("more than {limit} uses are needed together")]
    LargeSet {
        /// How many were allowed.
        limit: usize,
    },
}

/// How far a search goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SearchLimits {
    /// How many sets are looked for.
    pub sets: usize,
    /// How many uses a set may have.
    pub uses: usize,
}

impl Default for SearchLimits {
    fn default() -> Self {
        Self { sets: 4, uses: 8 }
    }
}

/// A search for the uses of a setting that make a difference.
///
/// ```
/// use golang::godebug::{BisectReports, Effect, SearchStep, StackSearch};
///
/// let mut search = StackSearch::default();
/// let found = loop {
///     match search.next_step() {
///         SearchStep::Run(pattern) => {
///             // A program whose one use makes the difference: `n` selects none, and `-x…2a` all but that.
///             let selects = !pattern.to_string().starts_with(['n', '-']);
///             let output = if selects { "[bisect-match 0x2a] main.main()\n" } else { "" };
///             let effect = if selects { Effect::Present } else { Effect::Absent };
///             search.answer(pattern, effect, BisectReports::read(output.as_bytes()));
///         }
///         SearchStep::Found(sets) => break sets,
///         SearchStep::Failed(problem) => panic!("{problem}"),
///     }
/// };
/// assert_eq!(found[0].uses[0].stack, ["main.main()"]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct StackSearch {
    limits: SearchLimits,
    answers: HashMap<UsePattern, (Effect, BisectReports)>,
}

impl StackSearch {
    /// A search that goes as far as that.
    #[must_use]
    pub fn new(limits: SearchLimits) -> Self {
        Self {
            limits,
            answers: HashMap::new(),
        }
    }

    /// What to do next. It is the same until an answer comes.
    #[must_use]
    pub fn next_step(&self) -> SearchStep {
        // The search begins anew each time, and stops at the first pattern that was not run yet: it is a function of the answers.
        match self.find_sets() {
            Ok(sets) => SearchStep::Found(sets),
            Err(Stop::At(pattern)) => SearchStep::Run(pattern),
            Err(Stop::For(problem)) => SearchStep::Failed(problem),
        }
    }

    /// Takes what a run with a pattern showed: the effect, and what the program reported.
    pub fn answer(&mut self, pattern: UsePattern, effect: Effect, reports: BisectReports) {
        self.answers.insert(pattern, (effect, reports));
    }

    /// How many patterns were run.
    #[must_use]
    pub fn runs(&self) -> usize {
        self.answers.len()
    }

    fn find_sets(&self) -> Result<Vec<UseSet>, Stop> {
        let none = self.run(UsePattern("n".to_owned()))?;
        let all = self.run(UsePattern("y".to_owned()))?;
        match (none.has_effect, all.has_effect) {
            (false, true) => {}
            (true, false) => return Err(SearchProblem::Reversed.into()),
            (present, _) => return Err(SearchProblem::NoDifference { present }.into()),
        }
        let mut sets = Vec::new();
        let mut selection = Selection::default();
        let mut broken = all;
        while broken.has_effect && sets.len() < self.limits.sets {
            let set = self.search(&broken, Suffix::EMPTY, &mut selection)?;
            sets.push(self.confirm(&set, &selection)?);
            selection.skipped.extend(set);
            broken = self.run(selection.pattern(Suffix::EMPTY))?;
        }
        Ok(sets)
    }

    /// The smallest set of uses with this suffix that has the effect together with those that are added. `seen` is what was seen with all of them,
    /// and had it.
    fn search(
        &self,
        seen: &Seen<'_>,
        suffix: Suffix,
        selection: &mut Selection,
    ) -> Result<Vec<Suffix>, Stop> {
        let ids: Vec<UseId> = seen.ids(suffix, selection).collect();
        let common = match ids.as_slice() {
            [] => {
                let pattern = seen.pattern.clone();
                return Err(SearchProblem::NoReports { pattern }.into());
            }
            [one] => return Ok(vec![Suffix::whole(*one)]),
            ids => Suffix::common(ids),
        };
        let halves = [common.extended(0), common.extended(1)];
        for half in halves {
            let seen = self.run(selection.pattern(half))?;
            if seen.has_effect {
                return self.search(&seen, half, selection);
            }
        }
        // Neither has it alone, so both are needed.
        let limit = self.limits.uses;
        if selection.added.len() + halves.len() > limit {
            return Err(SearchProblem::LargeSet { limit }.into());
        }
        let [first, second] = halves;
        let before = selection.added.len();
        selection.added.push(second);
        let mut set = self.search_within(first, selection)?;
        selection.added.truncate(before);
        selection.added.extend(&set);
        set.extend(self.search_within(second, selection)?);
        selection.added.truncate(before);
        Ok(set)
    }

    fn search_within(
        &self,
        suffix: Suffix,
        selection: &mut Selection,
    ) -> Result<Vec<Suffix>, Stop> {
        let seen = self.run_with_effect(selection.pattern(suffix))?;
        self.search(&seen, suffix, selection)
    }

    /// Runs with a set alone, and asks for its stacks.
    fn confirm(&self, set: &[Suffix], selection: &Selection) -> Result<UseSet, Stop> {
        let alone = Selection {
            added: set.to_vec(),
            skipped: selection.skipped.clone(),
        };
        let UsePattern(pattern) = alone.pattern(Suffix::EMPTY);
        let seen = self.run_with_effect(UsePattern(format!("v{pattern}")))?;
        let uses = set.iter().filter_map(|suffix| {
            let reported = seen.reports.reported(UseId(suffix.bits));
            reported.cloned()
        });
        Ok(UseSet {
            uses: uses.collect(),
        })
    }

    fn run_with_effect(&self, pattern: UsePattern) -> Result<Seen<'_>, Stop> {
        let seen = self.run(pattern)?;
        match seen.has_effect {
            true => Ok(seen),
            false => {
                let pattern = seen.pattern;
                Err(SearchProblem::Inconsistent { pattern }.into())
            }
        }
    }

    fn run(&self, pattern: UsePattern) -> Result<Seen<'_>, Stop> {
        let Some((effect, reports)) = self.answers.get(&pattern) else {
            return Err(Stop::At(pattern));
        };
        let has_effect = match effect {
            Effect::Present => true,
            Effect::Absent => false,
            Effect::Unclear => return Err(SearchProblem::Unclear { pattern }.into()),
        };
        Ok(Seen {
            pattern,
            has_effect,
            reports,
        })
    }
}

/// Why the search stops for now.
enum Stop {
    At(UsePattern),
    For(SearchProblem),
}

impl From<SearchProblem> for Stop {
    fn from(problem: SearchProblem) -> Self {
        Self::For(problem)
    }
}

/// What was seen with a pattern.
struct Seen<'a> {
    pattern: UsePattern,
    has_effect: bool,
    reports: &'a BisectReports,
}

impl Seen<'_> {
    /// The uses that were reported with a suffix.
    fn ids(&self, suffix: Suffix, selection: &Selection) -> impl Iterator<Item = UseId> {
        let ids = self.reports.ids().filter(move |id| suffix.has(*id));
        let skipped = selection.skipped.clone();
        ids.filter(move |id| !skipped.iter().any(|suffix| suffix.has(*id)))
    }
}

/// What is selected beside a suffix.
#[derive(Clone, Debug, Default)]
struct Selection {
    added: Vec<Suffix>,
    /// What is not selected, whatever else is said.
    skipped: Vec<Suffix>,
}

impl Selection {
    /// The pattern for what is selected and the uses with a suffix; the empty one stands for none, or for all if nothing else is selected.
    fn pattern(&self, suffix: Suffix) -> UsePattern {
        let suffix = Some(suffix).filter(|suffix| suffix.length > 0);
        let selected = suffix.iter().chain(&self.added);
        let selected = selected.map(|suffix| format!("+{suffix}"));
        let skipped = self.skipped.iter().map(|suffix| format!("-{suffix}"));
        let pattern: String = selected.chain(skipped).collect();
        UsePattern(match pattern.is_empty() {
            true => "y".to_owned(),
            false => pattern,
        })
    }
}

/// The last bits of hashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Suffix {
    bits: u64,
    length: u32,
}

impl Suffix {
    const EMPTY: Self = Self { bits: 0, length: 0 };

    const fn whole(UseId(bits): UseId) -> Self {
        Self {
            bits,
            length: u64::BITS,
        }
    }

    /// The longest one that all have.
    fn common(ids: &[UseId]) -> Self {
        let first = ids.first().map_or(0, |id| id.0);
        let differing = ids
            .iter()
            .fold(0, |differing, id| differing | (id.0 ^ first));
        let length = differing.trailing_zeros();
        Self {
            bits: first & mask(length),
            length,
        }
    }

    /// With one bit more before it. There is one: hashes that differ have no common suffix of full length.
    const fn extended(self, bit: u64) -> Self {
        Self {
            bits: self.bits | bit << self.length,
            length: self.length + 1,
        }
    }

    fn has(self, UseId(id): UseId) -> bool {
        id & mask(self.length) == self.bits
    }
}

/// That many bits.
const fn mask(length: u32) -> u64 {
    match 1u64.checked_shl(length) {
        Some(bit) => bit - 1,
        None => u64::MAX,
    }
}

impl fmt::Display for Suffix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.length {
            0 => f.write_str("y"),
            u64::BITS => write!(f, "x{:016x}", self.bits),
            length => write!(f, "{:0width$b}", self.bits, width = length as usize),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{
        BisectReports, Effect, SearchLimits, SearchProblem, SearchStep, StackSearch, UsePattern,
        UseSet,
    };

    /// What internal/bisect's patterns select, written down from its documentation: the last condition that matches decides.
    fn selects(pattern: &str, id: u64) -> bool {
        let pattern = pattern.trim_start_matches('v');
        let conditions = match pattern {
            "y" => return true,
            "n" => return false,
            _ => pattern.split_inclusive(['+', '-']),
        };
        let mut selected = pattern.starts_with('-');
        let mut sign = "";
        for piece in conditions {
            let digits = piece.trim_end_matches(['+', '-']);
            if !digits.is_empty() {
                let matches = match digits.strip_prefix('x') {
                    Some(hex) => format!("{id:016x}").ends_with(hex),
                    None => format!("{id:064b}").ends_with(digits),
                };
                if matches {
                    selected = sign == "+";
                }
            }
            sign = &piece[digits.len()..];
        }
        selected
    }

    /// A program with these uses, whose effect depends on those that get the value.
    struct Program<'a> {
        uses: Vec<u64>,
        effect: &'a dyn Fn(&BTreeSet<u64>) -> bool,
    }

    impl Program<'_> {
        fn run(&self, pattern: &UsePattern) -> (Effect, BisectReports) {
            let pattern = pattern.to_string();
            let selected = self.uses.iter().copied();
            let selected: BTreeSet<u64> = selected.filter(|id| selects(&pattern, *id)).collect();
            let mut output = String::new();
            for id in &selected {
                let text = if pattern.starts_with('v') {
                    " main.f()"
                } else {
                    ""
                };
                output.push_str(&format!("[bisect-match {id:#018x}]{text}\n"));
            }
            let effect = match (self.effect)(&selected) {
                true => Effect::Present,
                false => Effect::Absent,
            };
            (effect, BisectReports::read(output.as_bytes()))
        }

        fn search(&self, limits: SearchLimits) -> (Result<Vec<UseSet>, SearchProblem>, usize) {
            let mut search = StackSearch::new(limits);
            loop {
                match search.next_step() {
                    SearchStep::Run(pattern) => {
                        let (effect, reports) = self.run(&pattern);
                        search.answer(pattern, effect, reports);
                    }
                    SearchStep::Found(sets) => return (Ok(sets), search.runs()),
                    SearchStep::Failed(problem) => return (Err(problem), search.runs()),
                }
            }
        }
    }

    fn found(program: &Program<'_>) -> Vec<BTreeSet<u64>> {
        let (sets, _) = program.search(SearchLimits::default());
        let ids = |set: &UseSet| set.uses.iter().map(|reported| reported.id.0).collect();
        sets.unwrap().iter().map(ids).collect()
    }

    fn uses(seed: u64, count: usize) -> Vec<u64> {
        let mut random = fastrand::Rng::with_seed(seed);
        (0..count).map(|_| random.u64(..)).collect()
    }

    #[test]
    fn one_use_of_many_is_found_in_few_runs() {
        for seed in 0..200 {
            let uses = uses(seed, 1 + seed as usize * 5);
            let guilty = uses[seed as usize % uses.len()];
            let program = Program {
                uses,
                effect: &|selected| selected.contains(&guilty),
            };
            assert_eq!(found(&program), [BTreeSet::from([guilty])]);
            let (_, runs) = program.search(SearchLimits::default());
            assert!(runs <= 34, "seed {seed}: {runs} runs");
        }
    }

    #[test]
    fn uses_that_are_needed_together_are_one_set() {
        for seed in 0..50 {
            let uses = uses(seed, 60);
            let guilty = BTreeSet::from([uses[3], uses[17], uses[58]]);
            let program = Program {
                uses,
                effect: &|selected| guilty.is_subset(selected),
            };
            assert_eq!(found(&program), std::slice::from_ref(&guilty));
        }
    }

    #[test]
    fn uses_that_suffice_alone_are_sets_of_their_own() {
        for seed in 0..50 {
            let uses = uses(seed, 60);
            let pair = BTreeSet::from([uses[3], uses[17]]);
            let alone = uses[40];
            let program = Program {
                uses,
                effect: &|selected| selected.contains(&alone) || pair.is_subset(selected),
            };
            let mut sets = found(&program);
            sets.sort_by_key(BTreeSet::len);
            assert_eq!(sets, [BTreeSet::from([alone]), pair.clone()]);
        }
    }

    #[test]
    fn a_search_says_why_it_ends() {
        let problem = |effect: &dyn Fn(&BTreeSet<u64>) -> bool, uses, limit| {
            let limits = SearchLimits {
                sets: 1,
                uses: limit,
            };
            Program { uses, effect }.search(limits).0.unwrap_err()
        };
        let few = || vec![1, 2, 3, 4];
        assert_eq!(
            problem(&|_| true, few(), 8),
            SearchProblem::NoDifference { present: true }
        );
        assert_eq!(
            problem(&|selected| selected.is_empty(), few(), 8),
            SearchProblem::Reversed
        );
        assert_eq!(
            problem(&|selected| selected.len() == 4, few(), 3),
            SearchProblem::LargeSet { limit: 3 }
        );
        let mut search = StackSearch::default();
        search.answer(
            UsePattern("n".into()),
            Effect::Absent,
            BisectReports::default(),
        );
        search.answer(
            UsePattern("y".into()),
            Effect::Present,
            BisectReports::default(),
        );
        let SearchStep::Failed(SearchProblem::NoReports { pattern }) = search.next_step() else {
            panic!("nothing was reported");
        };
        assert_eq!(pattern.of_setting("panicnil", "1"), "panicnil=1#y");
        search.answer(pattern, Effect::Unclear, BisectReports::default());
        assert!(matches!(
            search.next_step(),
            SearchStep::Failed(SearchProblem::Unclear { .. })
        ));
    }

    #[test]
    fn an_effect_that_comes_and_goes_is_said() {
        let program = Program {
            uses: uses(7, 40),
            // There with all, and never again.
            effect: &|selected| selected.len() == 40,
        };
        let mut search = StackSearch::new(SearchLimits { sets: 1, uses: 64 });
        let problem = loop {
            match search.next_step() {
                SearchStep::Run(pattern) => {
                    let (effect, reports) = program.run(&pattern);
                    let effect = if search.runs() < 3 {
                        effect
                    } else {
                        Effect::Absent
                    };
                    search.answer(pattern, effect, reports);
                }
                SearchStep::Found(sets) => panic!("{sets:?}"),
                SearchStep::Failed(problem) => break problem,
            }
        };
        assert!(
            matches!(problem, SearchProblem::Inconsistent { .. }),
            "{problem}"
        );
    }
}
