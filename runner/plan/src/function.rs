//! The reads of one function: its values, the paths into them, and what is remembered until it returns.

use std::collections::{BTreeMap, BTreeSet};

use model::plan::{
    Guard, Operand, PathTypes, Read, RedactedType, Save, Turn, resolve, resolve_out,
};
use model::{
    Address, Function, Instance, Limits, Location, Parameter, Path, Pick, Register, Root, TypeId,
    Variable,
};

use super::{
    floats::CopySite,
    picks::{Held, Picker},
    reads::{Wanted, by_words, reads, registers, visible_registers, word_at},
    selection::Watched,
    views::{Views, WORD},
};

/// What the reads of functions are made of.
pub(super) struct Reader<'a, 't> {
    pub(super) views: Views<'t>,
    pub(super) held: BTreeMap<TypeId, Held>,
    pub(super) dynamic: Vec<TypeId>,
    pub(super) redacted: &'a [RedactedType],
    pub(super) variables: BTreeMap<String, Variable>,
}

/// What is read and remembered of a function's calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct FunctionReads {
    /// At the entry.
    pub(super) entry: Vec<Read>,
    /// At each `ret`.
    pub(super) returns: Vec<Read>,
    /// What is remembered of the entry.
    pub(super) saves: Vec<Save>,
    /// The paths that the types have.
    pub(super) picks: Vec<Pick>,
    /// The registers of values at the entry that are not redacted.
    pub(super) visible_at_entry: BTreeSet<Register>,
    /// Those at each `ret`.
    pub(super) visible_at_returns: BTreeSet<Register>,
    /// Where copies of floats are read.
    pub(super) copies: Vec<CopySite>,
}

/// The parameters, or the results, of a body and of the instances that share it.
struct Values<'f> {
    body: &'f [Parameter],
    instances: Vec<(Address, &'f [Parameter])>,
    limits: Limits,
}

impl<'t> Reader<'_, 't> {
    /// The reads of one function.
    pub(super) fn reads_of(&mut self, function: &Function, watched: &Watched<'_>) -> FunctionReads {
        let mut draft = Draft {
            function,
            reads: FunctionReads::default(),
            slots: 0,
            outs: BTreeMap::new(),
        };
        if let Some(dictionary) = &function.dictionary {
            // It identifies the instance, wherever it is.
            let itself = reads(&mut self.views, [plain(dictionary)]);
            draft.reads.entry.extend(itself);
            draft.reads.visible_at_entry.extend(registers(dictionary));
        }
        // Before the values, which could otherwise fill the record: a path is asked for by name.
        for path in &watched.paths {
            self.path(&mut draft, path, watched);
        }
        if watched.arguments {
            let values = Values::new(
                function,
                |instance| &instance.parameters,
                &function.parameters,
            );
            let guard = draft.dictionary();
            let reads = self.values(&values, guard);
            draft.reads.entry.extend(reads);
        }
        if watched.results {
            let values = Values::new(function, |instance| &instance.results, &function.results);
            let reads = self.values(&values, Some(Operand::Saved(function.id, draft.slots)));
            if let Some(value) = draft
                .dictionary()
                .filter(|_| reads.iter().any(|read| read.guard.is_some()))
            {
                draft.save(value);
            }
            draft.reads.returns.extend(reads);
        }
        self.see(&mut draft);
        self.views.finish();
        draft.reads
    }

    /// The reads of values. Where instances differ in what leads on, each has reads of its own, made only when the
    /// dictionary is its own.
    fn values(&mut self, values: &Values<'_>, guard: Option<Operand>) -> Vec<Read> {
        let limits = values.limits;
        let views = &mut self.views;
        let mut common = Vec::new();
        let mut own: BTreeMap<Address, Vec<Wanted<'_>>> = BTreeMap::new();
        for (index, body) in values.body.iter().enumerate() {
            let of_body = Wanted::value(views, body.ty, &body.location, limits);
            let of_instances: Vec<_> = values
                .instances
                .iter()
                .filter_map(|(dictionary, values)| {
                    let value = values.get(index)?;
                    let wanted = Wanted::value(views, value.ty, &value.location, limits);
                    Some((*dictionary, wanted))
                })
                .collect();
            let alike = |(_, wanted): &(Address, Wanted<'_>)| {
                of_instances
                    .first()
                    .is_some_and(|(_, first)| first.links == wanted.links)
            };
            match (of_instances.first(), guard) {
                (Some((_, first)), _) if of_instances.iter().all(alike) => {
                    common.push(first.clone());
                }
                (Some(_), Some(_)) => {
                    for (dictionary, wanted) in &of_instances {
                        if wanted.links != of_body.links {
                            own.entry(*dictionary).or_default().push(wanted.clone());
                        }
                    }
                    common.push(of_body);
                }
                _ => common.push(of_body),
            }
        }
        let mut all = reads(views, common);
        for (dictionary, wanted) in own {
            let guard = guard.map(|operand| Guard {
                operand,
                address: dictionary,
            });
            all.extend(
                reads(views, wanted)
                    .into_iter()
                    .map(|read| Read { guard, ..read }),
            );
        }
        let turn = Turn::Second;
        all.into_iter().map(|read| Read { turn, ..read }).collect()
    }

    /// Adds what a path needs. One that the types do not have is passed over.
    fn path(&mut self, draft: &mut Draft<'_>, path: &Path, watched: &Watched<'_>) {
        let function = draft.function;
        let known = PathTypes {
            types: self.views.types(),
            dynamic: &self.dynamic,
            redacted: self.redacted,
        };
        let whole = path.segments.is_empty();
        let ordinary = match path.root {
            Root::Argument(_) => whole && watched.arguments,
            Root::Result(_) => whole && watched.results,
            Root::Out(_) | Root::Variable(_) => false,
        };
        if ordinary && !watched.keys.contains(path) {
            return;
        }
        let named = |name: &str| {
            let mut parameters = function.parameters.iter();
            parameters.find(|parameter| parameter.name == *name)
        };
        let (value, variable) = match &path.root {
            Root::Argument(name) | Root::Out(name) => (named(name), None),
            Root::Result(index) => (function.results.get(*index as usize), None),
            Root::Variable(name) => (None, self.variables.get(name).copied()),
        };
        let Some(root) = value
            .map(|value| value.ty)
            .or(variable.map(|variable| variable.ty))
        else {
            return;
        };
        let resolved = match path.root {
            Root::Out(_) => resolve_out(&known, root, &path.segments),
            _ => resolve(&known, root, &path.segments),
        };
        let Ok(resolved) = resolved else {
            return;
        };
        let mut picker = Picker {
            views: &mut self.views,
            held: &self.held,
            careful: !self.redacted.is_empty(),
        };
        match (&path.root, value) {
            (Root::Argument(_), Some(value)) => {
                let wanted = picker.wanted(root, &value.location, &resolved.steps);
                draft.reads.entry.extend(reads(&mut self.views, [wanted]));
            }
            (Root::Result(_), Some(value)) => {
                let wanted = picker.wanted(root, &value.location, &resolved.steps);
                draft.reads.returns.extend(reads(&mut self.views, [wanted]));
            }
            (Root::Out(name), Some(value)) => {
                let wanted = picker.wanted(root, &value.location, &resolved.steps);
                let on_stack = reads(&mut self.views, [plain(&value.location)]);
                draft.reads.entry.extend(on_stack);
                draft.out(name, &wanted, whole);
            }
            _ => {
                let read = variable.and_then(|variable| {
                    picker.at(Operand::Image(variable.address), root, &resolved.steps)
                });
                draft.reads.returns.extend(read);
            }
        }
        draft.reads.picks.push(Pick {
            path: path.clone(),
            steps: resolved.steps,
            ty: resolved.ty,
            variable,
        });
    }

    /// Finds which registers hold what may be seen.
    fn see(&mut self, draft: &mut Draft<'_>) {
        let Draft {
            function, reads, ..
        } = draft;
        for (values, visible) in [
            (&function.parameters, &mut reads.visible_at_entry),
            (&function.results, &mut reads.visible_at_returns),
        ] {
            for value in values {
                let redacted = self.views.redacted_ranges(value.ty);
                visible.extend(visible_registers(&value.location, &redacted));
            }
        }
    }
}

impl<'f> Values<'f> {
    fn new(
        function: &'f Function,
        of: impl Fn(&'f Instance) -> &'f Vec<Parameter>,
        body: &'f [Parameter],
    ) -> Self {
        let instances = function.instances.iter();
        Self {
            body,
            instances: instances
                .map(|instance| (instance.dictionary, of(instance).as_slice()))
                .collect(),
            limits: function.limits,
        }
    }
}

/// A value of which its own words alone are wanted.
fn plain(location: &Location) -> Wanted<'_> {
    Wanted {
        location,
        range: (0, u64::MAX),
        links: Vec::new(),
        redacted: false,
    }
}

struct Draft<'f> {
    function: &'f Function,
    reads: FunctionReads,
    /// How many numbers are remembered.
    slots: u32,
    /// The slot of a parameter's first word, by its name.
    outs: BTreeMap<String, u32>,
}

impl Draft<'_> {
    /// Where the dictionary is at the entry.
    fn dictionary(&self) -> Option<Operand> {
        word_at(self.function.dictionary.as_ref()?, 0)
    }

    fn save(&mut self, value: Operand) {
        self.reads.saves.push(Save {
            function: self.function.id,
            slot: self.slots,
            value,
        });
        self.slots += 1;
    }

    /// Remembers a parameter's words, and reads at each `ret` what is wanted of it.
    fn out(&mut self, name: &str, wanted: &Wanted<'_>, whole: bool) {
        /// A slice has three words, of which two matter.
        const WORDS: u32 = 2;
        let first = match self.outs.get(name) {
            Some(first) => *first,
            None => {
                let first = self.slots;
                for word in (0..WORDS).map_while(|word| word_at(wanted.location, word * WORD)) {
                    self.save(word);
                }
                self.outs.insert(name.to_owned(), first);
                first
            }
        };
        let id = self.function.id;
        let last = self.slots;
        let word = |offset: u32| {
            let slot = first + offset / WORD;
            (slot < last && offset.is_multiple_of(WORD)).then_some(Operand::Saved(id, slot))
        };
        for link in &wanted.links {
            if let Some(mut read) = by_words(word, link) {
                // What the pointer leads to is asked for, whatever the limit of depth is.
                if whole {
                    read.link.levels = 0;
                }
                self.reads.returns.push(read);
            }
        }
    }
}
