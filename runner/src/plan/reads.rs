//! What to read from memory for values whose places are known.
//!
//! A value leads to other memory by pointers at fixed offsets in it: its *links*. Links are a property of the
//! type alone; where the value is decides how they are followed. In registers, each link's pointer is a register
//! and becomes a [`Read`] of its own. On the stack, the kernel program reads the stack's bytes and follows the
//! links of a [`ViewPlan`] over them.

use std::collections::HashMap;

use goproctor_ebpf::MAX_CHUNK;

use super::{Link, LinkKind, Operand, Read, ViewId, ViewPlan};
use crate::model::{Kind, Limits, Location, Parameter, Piece, Place, Register, TypeId, TypeTable};

/// The views of a plan, each once.
#[derive(Debug, Default)]
pub(super) struct Views {
    views: Vec<ViewPlan>,
    known: HashMap<ViewPlan, ViewId>,
}

impl Views {
    /// The view with these links; none if there are none.
    pub(super) fn intern(&mut self, view: ViewPlan) -> Option<ViewId> {
        if view.links.is_empty() {
            return None;
        }
        let next = ViewId(u32::try_from(self.views.len()).ok()?);
        let id = *self.known.entry(view).or_insert_with_key(|view| {
            self.views.push(view.clone());
            next
        });
        Some(id)
    }

    pub(super) fn into_plans(self) -> Vec<ViewPlan> {
        self.views
    }
}

/// The link of a string whose header stands at `offset`, of which at most `limit` bytes are wanted.
pub(super) fn string_link(offset: u32, limit: u32) -> Link {
    Link::new(offset, LinkKind::Counted, 1, limit.min(MAX_CHUNK))
}

/// What a value of a type needs from memory.
enum Need {
    /// Nothing: values of the kind are shown as their type alone.
    Nothing,
    /// Its own bytes, and what these links lead to.
    Value(Vec<Link>),
}

/// What a value needs. The place where further kinds come in.
fn need(types: &TypeTable, ty: TypeId, limits: Limits) -> Need {
    match types.get(ty).map(|ty| &ty.kind) {
        Some(Kind::Bool | Kind::Int | Kind::Uint) => Need::Value(Vec::new()),
        Some(Kind::String) => Need::Value(vec![string_link(0, limits.string)]),
        _ => Need::Nothing,
    }
}

/// The reads that give the values of parameters, or of results.
pub(super) fn reads(
    views: &mut Views,
    types: &TypeTable,
    parameters: &[Parameter],
    limits: Limits,
) -> Vec<Read> {
    let mut reads = Vec::new();
    let mut slots = Vec::new();
    for parameter in parameters {
        let Need::Value(links) = need(types, parameter.ty, limits) else {
            continue;
        };
        match on_stack(&parameter.location) {
            Some((offset, size)) => slots.push(Slot {
                offset,
                size,
                links,
            }),
            None => reads.extend(
                links
                    .iter()
                    .filter_map(|link| from_registers(&parameter.location, link)),
            ),
        }
    }
    reads.extend(stack_reads(views, slots));
    reads
}

/// The read that follows a link of a value in registers.
fn from_registers(location: &Location, link: &Link) -> Option<Read> {
    const WORD: u32 = 8;
    Some(Read::new(
        Operand::Register(register_at(location, link.offset)?),
        Operand::Register(register_at(location, link.offset.checked_add(WORD)?)?),
        Link { offset: 0, ..*link },
    ))
}

fn register_at(location: &Location, offset: u32) -> Option<Register> {
    location
        .pieces
        .iter()
        .find(|piece| piece.offset == offset)
        .and_then(|piece| match piece.place {
            Place::Register(register) => Some(register),
            Place::Vector(_) | Place::Stack(_) => None,
        })
}

/// A value that is on the stack as a whole.
struct Slot {
    offset: i64,
    size: u32,
    links: Vec<Link>,
}

fn on_stack(location: &Location) -> Option<(i64, u32)> {
    match location.pieces[..] {
        [
            Piece {
                place: Place::Stack(offset),
                offset: 0,
                size,
            },
        ] => Some((offset, size)),
        _ => None,
    }
}

/// One read for slots that lie together; a large value that is not wanted between two of them parts them.
fn stack_reads(views: &mut Views, mut slots: Vec<Slot>) -> Vec<Read> {
    const WIDEST_GAP: i64 = 64;
    slots.sort_by_key(|slot| slot.offset);
    let mut runs: Vec<Run> = Vec::new();
    for slot in slots {
        let end = slot.offset + i64::from(slot.size);
        match runs.last_mut() {
            Some(run)
                if slot.offset - run.end <= WIDEST_GAP
                    && end - run.start <= i64::from(MAX_CHUNK) =>
            {
                run.add(&slot);
            }
            _ => {
                let mut run = Run {
                    start: slot.offset,
                    end,
                    links: Vec::new(),
                };
                run.add(&slot);
                runs.push(run);
            }
        }
    }
    runs.into_iter()
        .filter_map(|run| run.into_read(views))
        .collect()
}

/// A range of the stack that is read at once.
struct Run {
    start: i64,
    end: i64,
    links: Vec<Link>,
}

impl Run {
    fn add(&mut self, slot: &Slot) {
        self.end = self.end.max(slot.offset + i64::from(slot.size));
        let from_start = u32::try_from(slot.offset - self.start).unwrap_or(u32::MAX);
        self.links.extend(slot.links.iter().map(|link| Link {
            offset: from_start.saturating_add(link.offset),
            ..*link
        }));
    }

    fn into_read(self, views: &mut Views) -> Option<Read> {
        let size = u32::try_from(self.end - self.start).ok()?;
        let view = views.intern(ViewPlan {
            stride: 0,
            links: self.links,
        });
        super::builder::fixed_read(Operand::StackAddress(self.start), u64::from(size), view)
    }
}
