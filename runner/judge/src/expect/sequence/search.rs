//! Whether calls can be assigned to the steps of a sequence: complete, in polynomial time.
//!
//! Instead of trying assignments one after the other, all of them are followed at once: for each element and each
//! call, can the elements so far be matched so that this call is the last that was matched? That is decided from
//! the same question about the element before, so no combination is ever looked at twice. For an inner list the
//! question is asked for each subset of its steps.

/// The most steps of an inner list; each doubles the work.
pub(in crate::expect) const MAX_STEPS_IN_ANY_ORDER: usize = 8;

/// The most pairs of a call and a subset that are looked at, and kept in 8 bytes each.
const MAX_WORK: u64 = 20_000_000;

/// A sequence over calls `0 .. calls`, in the order of their entry.
pub(super) struct Problem<'a> {
    /// The number of calls.
    pub(super) calls: usize,
    /// The elements in order: the steps of each, which take distinct calls in any order.
    pub(super) elements: Vec<Vec<Candidates<'a>>>,
    /// For the place before each element, and for that after the last: the calls that must not be there.
    pub(super) gaps: Vec<Obstacles>,
    /// The calls that must not be between the steps of one element.
    pub(super) inner: Obstacles,
}

/// The calls that a step takes.
pub(super) struct Candidates<'a> {
    /// Whether it takes that call.
    pub(super) matches: Vec<bool>,
    /// Whether it takes the second call if the first is the one that was matched just before.
    pub(super) gap: Option<Box<dyn Fn(usize, usize) -> bool + 'a>>,
}

/// Calls that must not be at a place.
pub(super) struct Obstacles {
    /// For position p, which is that of call p − 1: the last forbidden position before it; 0 if there is none.
    before: Vec<usize>,
}

impl Obstacles {
    /// For each call, whether it is forbidden.
    pub(super) fn new(forbidden: impl IntoIterator<Item = bool>) -> Self {
        let mut before = vec![0, 0];
        let mut last = 0;
        for (index, is_forbidden) in forbidden.into_iter().enumerate() {
            if is_forbidden {
                last = index + 1;
            }
            before.push(last);
        }
        Self { before }
    }

    /// The least position that may have been matched last if `position` is matched next.
    fn floor(&self, position: usize) -> usize {
        self.before.get(position).copied().unwrap_or(0)
    }
}

/// A call that was assigned to a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Assigned {
    /// Index of the element.
    pub(super) element: usize,
    /// Index of the step in it.
    pub(super) step: usize,
    /// Index of the call.
    pub(super) call: usize,
}

/// How a search went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Solution {
    /// There is an assignment: this one.
    Found(Vec<Assigned>),
    /// There is none.
    Stuck {
        /// The longest beginning that can be matched.
        matched: Vec<Assigned>,
        /// The element that can't be, or the number of elements if it is what follows the last one.
        element: usize,
    },
    /// It would be too much work.
    TooMuch,
}

/// How a position was reached: the step that took it and the position before.
type Reached = Option<(u8, u32)>;

struct Exhausted;

struct Search<'p, 'a> {
    problem: &'p Problem<'a>,
    /// For each element and each subset of its steps, by position.
    tables: Vec<Vec<Vec<Reached>>>,
    work: u64,
}

/// Finds an assignment, or the longest beginning of one.
pub(super) fn search(problem: &Problem<'_>) -> Solution {
    let mut search = Search {
        problem,
        tables: Vec::with_capacity(problem.elements.len()),
        work: 0,
    };
    search.run().unwrap_or(Solution::TooMuch)
}

impl Search<'_, '_> {
    fn run(&mut self) -> Result<Solution, Exhausted> {
        let mut last = vec![false; self.problem.calls + 1];
        if let Some(start) = last.first_mut() {
            *start = true;
        }
        for element in 0..self.problem.elements.len() {
            let table = self.element(element, &last)?;
            let full = table.len() - 1;
            let reached = table.get(full).map_or(&[][..], |reached| reached);
            let next: Vec<bool> = reached.iter().map(Option::is_some).collect();
            self.tables.push(table);
            if !next.contains(&true) {
                return Ok(Solution::Stuck {
                    matched: self.longest(element),
                    element,
                });
            }
            last = next;
        }
        let elements = self.problem.elements.len();
        let floor = self
            .problem
            .gaps
            .get(elements)
            .map_or(0, |gap| gap.floor(self.problem.calls + 1));
        let end = (floor..=self.problem.calls).find(|position| is_set(&last, *position));
        Ok(match end {
            Some(position) => Solution::Found(self.path(elements, position)),
            None => Solution::Stuck {
                matched: last
                    .iter()
                    .rposition(|reached| *reached)
                    .map_or_else(Vec::new, |position| self.path(elements, position)),
                element: elements,
            },
        })
    }

    /// The positions that can be reached with each subset of an element's steps, from those in `from`.
    fn element(&mut self, element: usize, from: &[bool]) -> Result<Vec<Vec<Reached>>, Exhausted> {
        let positions = self.problem.calls + 1;
        let no_steps = Vec::new();
        let steps = self.problem.elements.get(element).unwrap_or(&no_steps);
        if steps.len() > MAX_STEPS_IN_ANY_ORDER {
            return Err(Exhausted);
        }
        let subsets = 1_usize << steps.len();
        self.spend((subsets * positions) as u64)?;
        let mut table: Vec<Vec<Reached>> = vec![vec![None; positions]; subsets];
        if steps.is_empty() {
            for (slot, reached) in table.iter_mut().flatten().zip(from) {
                *slot = reached.then_some((0, 0));
            }
            return Ok(table);
        }
        // The last position that each subset has reached so far; subset 0 is the elements before.
        let mut latest: Vec<Option<usize>> = vec![None; subsets];
        for position in 1..positions {
            let previous = position - 1;
            for (subset, latest) in latest.iter_mut().enumerate() {
                let reached = if subset == 0 {
                    is_set(from, previous)
                } else {
                    is_reached(&table, subset, previous)
                };
                if reached {
                    *latest = Some(previous);
                }
            }
            for (index, step) in steps.iter().enumerate() {
                if !is_set(&step.matches, position - 1) {
                    continue;
                }
                self.spend(subsets as u64)?;
                for subset in (0..subsets).filter(|subset| subset & (1 << index) == 0) {
                    let Some(last) = latest.get(subset).copied().flatten() else {
                        continue;
                    };
                    let obstacles = match subset {
                        0 => self.problem.gaps.get(element),
                        _ => Some(&self.problem.inner),
                    };
                    let floor = obstacles.map_or(0, |obstacles| obstacles.floor(position));
                    let found = match &step.gap {
                        None => (last >= floor).then_some(last),
                        // Which predecessor is best is not known beforehand, so all are tried. A step without
                        // a call before it has no gap to keep.
                        Some(gap) => {
                            self.spend(last.saturating_sub(floor) as u64)?;
                            (floor..=last).rev().find(|before| {
                                let reached = if subset == 0 {
                                    is_set(from, *before)
                                } else {
                                    is_reached(&table, subset, *before)
                                };
                                reached && (*before == 0 || gap(*before - 1, position - 1))
                            })
                        }
                    };
                    let slot = table
                        .get_mut(subset | (1 << index))
                        .and_then(|row| row.get_mut(position));
                    if let (Some(before), Some(slot)) = (found, slot) {
                        slot.get_or_insert((index as u8, before as u32));
                    }
                }
            }
        }
        Ok(table)
    }

    fn spend(&mut self, work: u64) -> Result<(), Exhausted> {
        self.work = self.work.saturating_add(work);
        if self.work > MAX_WORK {
            return Err(Exhausted);
        }
        Ok(())
    }

    /// The longest beginning when `element` can't be completed: as many of its steps as possible, and all before.
    fn longest(&self, element: usize) -> Vec<Assigned> {
        let partial = self.tables.get(element).and_then(|table| {
            let subsets = table.iter().enumerate();
            subsets
                .filter_map(|(subset, row)| {
                    let position = row.iter().position(Option::is_some)?;
                    Some((subset, position))
                })
                .max_by_key(|(subset, _)| subset.count_ones())
        });
        match partial {
            Some((subset, position)) if subset > 0 => self.path_from(element, subset, position),
            _ => {
                let before = element
                    .checked_sub(1)
                    .and_then(|before| self.tables.get(before));
                let row = before.and_then(|table| table.last());
                match row.and_then(|row| row.iter().position(Option::is_some)) {
                    Some(position) => self.path(element, position),
                    None => Vec::new(),
                }
            }
        }
    }

    /// The assignment of the first `elements` elements that ends at a position.
    fn path(&self, elements: usize, position: usize) -> Vec<Assigned> {
        let Some(element) = elements.checked_sub(1) else {
            return Vec::new();
        };
        let full = self.tables.get(element).map_or(0, |table| table.len() - 1);
        self.path_from(element, full, position)
    }

    fn path_from(
        &self,
        mut element: usize,
        mut subset: usize,
        mut position: usize,
    ) -> Vec<Assigned> {
        let mut path = Vec::new();
        loop {
            if subset == 0 {
                // An element without steps has the empty subset as its full one.
                let Some(before) = element.checked_sub(1) else {
                    break;
                };
                element = before;
                subset = self.tables.get(element).map_or(0, |table| table.len() - 1);
                continue;
            }
            let reached = self
                .tables
                .get(element)
                .and_then(|table| table.get(subset)?.get(position).copied().flatten());
            let Some((step, before)) = reached else {
                break;
            };
            path.push(Assigned {
                element,
                step: usize::from(step),
                call: position - 1,
            });
            subset &= !(1 << step);
            position = before as usize;
        }
        path.reverse();
        path
    }
}

fn is_set(set: &[bool], index: usize) -> bool {
    set.get(index).copied().unwrap_or(false)
}

fn is_reached(table: &[Vec<Reached>], subset: usize, position: usize) -> bool {
    let row = table.get(subset);
    row.and_then(|row| row.get(position))
        .is_some_and(Option::is_some)
}
