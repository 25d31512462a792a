//! What two snapshots differ in, row by row.

use std::fmt;

use super::{
    change::Change,
    node::{self, Node},
    pieces::{Names, Piece, Way, pieces},
};

/// What two snapshots differ in: the rows of both trees, in the order of the second.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TreeDifference {
    /// The rows.
    pub rows: Vec<Row>,
}

/// A line of one tree or of both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What became of it.
    pub mark: Mark,
    /// How deep it is.
    pub level: usize,
    /// What it is called: the function, or the request's method and path.
    pub name: String,
    /// The line in the first tree.
    pub before: Option<String>,
    /// The line in the second tree.
    pub after: Option<String>,
    /// What it differs in.
    pub changes: Vec<Change>,
    /// Where a moved one went to or came from.
    pub note: Option<String>,
}

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mark {
    /// It is the same.
    Same,
    /// It is in both, and something of it is another.
    Changed,
    /// It is in both, in another place.
    Moved,
    /// It is in the second alone.
    Added,
    /// It is in the first alone.
    Gone,
}

/// How many lines changed, moved, came and went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Those that differ in something.
    pub changed: usize,
    /// Those that are in another place.
    pub moved: usize,
    /// Those that came.
    pub added: usize,
    /// Those that went.
    pub gone: usize,
}

impl fmt::Display for Counts {
    /// `1 call changed, 2 added`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = [
            (self.changed, "changed"),
            (self.added, "added"),
            (self.gone, "gone"),
            (self.moved, "moved"),
        ];
        let mut is_first = true;
        for (count, what) in all.into_iter().filter(|(count, _)| *count > 0) {
            match (is_first, count) {
                (true, 1) => write!(f, "1 call {what}")?,
                (true, count) => write!(f, "{count} calls {what}")?,
                (false, count) => write!(f, ", {count} {what}")?,
            }
            is_first = false;
        }
        match is_first {
            true => f.write_str("no call differs"),
            false => Ok(()),
        }
    }
}

/// What two snapshots differ in. `names` gives a function's parameters their names, where it knows them: the text of a call that fits
/// on one line does not have them.
#[must_use]
pub fn difference(
    before: &str,
    after: &str,
    names: &dyn Fn(&str) -> Vec<String>,
) -> TreeDifference {
    of_nodes(&node::read(before), &node::read(after), names)
}

fn of_nodes(before: &[Node], after: &[Node], names: Names<'_>) -> TreeDifference {
    let mut difference = TreeDifference::default();
    difference.add(&pieces(before, after, names), 0);
    difference
}

impl TreeDifference {
    /// How many lines changed, moved, came and went.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for row in &self.rows {
            match row.mark {
                Mark::Same => {}
                Mark::Changed => counts.changed += 1,
                Mark::Added => counts.added += 1,
                Mark::Gone => counts.gone += 1,
                Mark::Moved => {
                    // One that went below another call has two rows.
                    counts.moved += usize::from(row.after.is_some());
                    counts.changed += usize::from(!row.changes.is_empty());
                }
            }
        }
        counts
    }

    /// Whether nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.iter().all(|row| row.mark == Mark::Same)
    }

    fn add(&mut self, pieces: &[Piece<'_>], level: usize) {
        for piece in pieces {
            match piece {
                Piece::Both {
                    before,
                    after,
                    moved,
                    changes,
                    below,
                    same,
                } => {
                    let mark = match (moved, changes.is_empty()) {
                        (Some(_), _) => Mark::Moved,
                        (None, true) => Mark::Same,
                        (None, false) => Mark::Changed,
                    };
                    self.rows.push(Row {
                        mark,
                        level,
                        name: after.name().to_owned(),
                        before: Some(before.line()),
                        after: Some(after.line()),
                        changes: changes.clone(),
                        note: moved.map(|way| match way {
                            Way::Earlier => "comes earlier".to_owned(),
                            Way::Later => "comes later".to_owned(),
                        }),
                    });
                    match same {
                        true => self.add_equal(&after.below, level + 1),
                        false => self.add(below, level + 1),
                    }
                }
                Piece::Gone(node, None) => self.add_tree(node, level, Mark::Gone, None),
                Piece::Added(node, None) => self.add_tree(node, level, Mark::Added, None),
                Piece::Gone(node, Some(to)) => {
                    let note = format!("is now below {to}");
                    self.add_tree(node, level, Mark::Gone, Some(note));
                }
                Piece::Added(node, Some(from)) => {
                    let note = format!("was below {from}");
                    self.add_tree(node, level, Mark::Added, Some(note));
                }
            }
        }
    }

    fn add_equal(&mut self, nodes: &[Node], level: usize) {
        for node in nodes {
            let line = node.line();
            self.rows.push(Row {
                mark: Mark::Same,
                level,
                name: node.name().to_owned(),
                before: Some(line.clone()),
                after: Some(line),
                changes: Vec::new(),
                note: None,
            });
            self.add_equal(&node.below, level + 1);
        }
    }

    /// A tree that is on one side alone; one that was moved is told by one row.
    fn add_tree(&mut self, node: &Node, level: usize, side: Mark, moved: Option<String>) {
        let line = node.line();
        let deeper = node.size() - 1;
        let (before, after) = match side {
            Mark::Gone => (Some(line), None),
            _ => (None, Some(line)),
        };
        let is_moved = moved.is_some();
        let note = moved.map(|note| match deeper {
            0 => note,
            1 => format!("{note}, with 1 line below it"),
            _ => format!("{note}, with {deeper} lines below it"),
        });
        self.rows.push(Row {
            mark: match is_moved {
                true => Mark::Moved,
                false => side,
            },
            level,
            name: node.name().to_owned(),
            before,
            after,
            changes: Vec::new(),
            note,
        });
        if !is_moved {
            for below in &node.below {
                self.add_tree(below, level + 1, side, None);
            }
        }
    }
}
