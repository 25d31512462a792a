//! What is shown and what was decided.

use compare::snapshot::TreeDifference;
use judge::snapshot::{Kept, Pending, Side, StoreError};

use super::key::Key;

/// A snapshot that waits.
#[derive(Debug)]
pub(crate) struct Entry {
    /// What a person calls it.
    pub(crate) title: String,
    /// It, as it is in the files.
    pub(crate) pending: Pending,
    /// What it differs in.
    pub(crate) difference: TreeDifference,
    /// Why it is not to be accepted, if it is not.
    pub(crate) refusal: Option<String>,
}

/// What was decided of a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    Accepted,
    Rejected,
    Settled(Side),
    Skipped,
}

/// In which form a snapshot is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As the width of the terminal suggests.
    Auto,
    /// The difference, line below line.
    Unified,
    /// The accepted one on the left, the new one on the right.
    SideBySide,
    /// The new one as it is in the file.
    Text,
}

/// A review: what is shown, and what was decided.
#[derive(Debug)]
pub(crate) struct Review {
    pub(super) entries: Vec<Entry>,
    pub(super) decisions: Vec<Option<Decision>>,
    /// The one that is shown; their number, when all are decided of.
    pub(super) at: usize,
    pub(super) form: Form,
    /// The first line that is shown.
    pub(super) top: usize,
    pub(super) is_helping: bool,
    /// What became of the last key.
    pub(super) message: String,
    /// How many lines fit, and how many there are, when it was last shown.
    pub(super) room: usize,
    pub(super) length: usize,
    undo: Vec<(usize, Option<Kept>)>,
}

/// Whether the review goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    Go,
    End,
}

impl Review {
    /// Nothing is decided yet.
    pub(crate) fn new(entries: Vec<Entry>) -> Self {
        Self {
            decisions: vec![None; entries.len()],
            entries,
            at: 0,
            form: Form::Auto,
            top: 0,
            is_helping: false,
            message: String::new(),
            room: 0,
            length: 0,
            undo: Vec::new(),
        }
    }

    /// Does what a key means.
    pub(super) fn press(&mut self, key: Key) -> Next {
        self.message.clear();
        if std::mem::take(&mut self.is_helping) {
            return match key {
                Key::Letter('q') => Next::End,
                _ => Next::Go,
            };
        }
        match key {
            Key::Letter('q') => return Next::End,
            Key::Enter if self.at == self.entries.len() => return Next::End,
            Key::Letter('?') => self.is_helping = true,
            Key::Letter('u') => self.undo(),
            Key::Letter('a' | 'n') => self.accept(),
            Key::Letter('r') => self.reject(),
            Key::Letter('o') => self.settle(Side::Ours),
            Key::Letter('t') => self.settle(Side::Theirs),
            Key::Letter('s') => self.skip(),
            Key::Letter('d') => self.turn(),
            Key::Letter('j') | Key::Down => self.scroll(1),
            Key::Letter('k') | Key::Up => self.scroll(-1),
            Key::Letter(' ') | Key::PageDown => self.scroll(self.page()),
            Key::Letter('b') | Key::PageUp => self.scroll(-self.page()),
            Key::Letter('g') | Key::Home => self.top = 0,
            Key::Letter('G') | Key::End => self.scroll(isize::MAX),
            Key::Letter(_) | Key::Enter | Key::Other => {
                "press ? for the keys".clone_into(&mut self.message)
            }
        }
        Next::Go
    }

    /// What was decided, for when the terminal is left.
    pub(crate) fn summary(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for (entry, decision) in self.entries.iter().zip(&self.decisions) {
            let path = entry.pending.path.display();
            lines.extend(match decision {
                Some(Decision::Accepted) => Some(format!("accepted {path}")),
                Some(Decision::Settled(Side::Ours)) => Some(format!("settled with ours {path}")),
                Some(Decision::Settled(Side::Theirs)) => {
                    Some(format!("settled with theirs {path}"))
                }
                Some(Decision::Rejected) => {
                    Some(format!("rejected {}", entry.pending.new_path.display()))
                }
                Some(Decision::Skipped) | None => None,
            });
        }
        lines.push(self.counts());
        lines
    }

    /// `3 accepted, 1 rejected, 2 wait`
    pub(super) fn counts(&self) -> String {
        let count =
            |is: fn(&Option<Decision>) -> bool| self.decisions.iter().filter(|it| is(it)).count();
        let all = [
            (count(|it| *it == Some(Decision::Accepted)), "accepted"),
            (count(|it| *it == Some(Decision::Rejected)), "rejected"),
            (
                count(|it| matches!(it, Some(Decision::Settled(_)))),
                "settled",
            ),
            (
                count(|it| matches!(it, None | Some(Decision::Skipped))),
                "waiting",
            ),
        ];
        let told = all.into_iter().filter(|(count, _)| *count > 0);
        let told: Vec<String> = told
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        told.join(", ")
    }

    fn accept(&mut self) {
        let Some(entry) = self.entries.get(self.at) else {
            return;
        };
        if let Some(refusal) = &entry.refusal {
            self.message = format!("not accepted: {refusal}");
            return;
        }
        self.decide(Decision::Accepted, Pending::accept);
    }

    fn reject(&mut self) {
        let waits = self
            .entries
            .get(self.at)
            .is_some_and(|entry| entry.pending.new.is_some());
        match waits {
            true => self.decide(Decision::Rejected, Pending::reject),
            false => {
                self.explain("there is no new snapshot to reject: o takes ours, t takes theirs")
            }
        }
    }

    fn settle(&mut self, side: Side) {
        let is_conflict = self
            .entries
            .get(self.at)
            .is_some_and(|entry| entry.pending.is_in_conflict());
        match is_conflict {
            true => self.decide(Decision::Settled(side), |pending| pending.resolve(side)),
            false => self.explain("no merge left this one in conflict"),
        }
    }

    fn explain(&mut self, why: &str) {
        if self.at < self.entries.len() {
            why.clone_into(&mut self.message);
        }
    }

    fn decide(
        &mut self,
        decision: Decision,
        does: impl FnOnce(&Pending) -> Result<Kept, StoreError>,
    ) {
        let Some(entry) = self.entries.get(self.at) else {
            return;
        };
        match does(&entry.pending) {
            Ok(kept) => self.decided(decision, Some(kept)),
            Err(error) => self.message = error.to_string(),
        }
    }

    fn skip(&mut self) {
        if self.at < self.entries.len() {
            self.decided(Decision::Skipped, None);
        }
    }

    fn decided(&mut self, decision: Decision, kept: Option<Kept>) {
        self.undo.push((self.at, kept));
        if let Some(decided) = self.decisions.get_mut(self.at) {
            *decided = Some(decision);
        }
        // Those before it are decided of, since only `undo` goes back.
        self.show(self.at + 1);
    }

    fn undo(&mut self) {
        let Some((at, kept)) = self.undo.pop() else {
            "nothing was decided yet".clone_into(&mut self.message);
            return;
        };
        if let Some(Err(error)) = kept.as_ref().map(Kept::restore) {
            self.message = error.to_string();
            self.undo.push((at, kept));
            return;
        }
        if let Some(decided) = self.decisions.get_mut(at) {
            *decided = None;
        }
        self.show(at);
        "taken back".clone_into(&mut self.message);
    }

    fn show(&mut self, at: usize) {
        self.at = at;
        self.top = 0;
    }

    fn turn(&mut self) {
        self.form = match self.form {
            Form::Auto => Form::Unified,
            Form::Unified => Form::SideBySide,
            Form::SideBySide => Form::Text,
            Form::Text => Form::Auto,
        };
        self.top = 0;
    }

    fn page(&self) -> isize {
        let page = self.room.saturating_sub(1).max(1);
        isize::try_from(page).unwrap_or(isize::MAX)
    }

    fn scroll(&mut self, by: isize) {
        let last = self.length.saturating_sub(self.room);
        self.top = self.top.saturating_add_signed(by).min(last);
    }
}
