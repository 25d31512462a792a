//! What to read from memory for values whose places are known.
//!
//! A value's [links](super::views) are a property of its type alone; where the value is decides how they are
//! followed. In registers, each link's pointer is a register and becomes a [`Read`] of its own. On the stack, the
//! kernel program reads the stack's bytes and follows the links of a [`ViewPlan`] over them.

use goproctor_ebpf::MAX_CHUNK;
use model::plan::{
    GoroutineSource, Link, LinkKind, Operand, Read, RuntimeLayout, ViewId, ViewPlan,
};
use model::{Kind, Limits, Location, Piece, Place, Register, TypeId, TypeTable};

use super::views::{MAX_LINKS_OF_VIEW, Views, WORD, is_blank, is_byte, size, words};

/// A part of a value that is wanted.
#[derive(Clone, Debug)]
pub(super) struct Wanted<'l> {
    /// Where the value is.
    pub(super) location: &'l Location,
    /// Which bytes of it are wanted: from the first until the second.
    pub(super) range: (u64, u64),
    /// The links in it, by their offsets in the whole value.
    pub(super) links: Vec<Link>,
    /// Whether it must not be read.
    pub(super) redacted: bool,
}

impl<'l> Wanted<'l> {
    /// A whole value, or as much of an array as the limits allow.
    pub(super) fn value(
        views: &mut Views<'_>,
        ty: TypeId,
        location: &'l Location,
        limits: Limits,
    ) -> Self {
        Self {
            location,
            range: (0, shown(views.types(), ty, limits)),
            links: views.links(ty),
            redacted: views.is_redacted(ty),
        }
    }
}

/// How many bytes of a value are shown.
fn shown(types: &TypeTable, ty: TypeId, limits: Limits) -> u64 {
    let whole = size(types, ty);
    match types.kind(ty) {
        Some(Kind::Array { element, .. }) if !is_byte(types, *element) => {
            let elements = u64::from(limits.elements.max(1));
            whole.min(elements.saturating_mul(size(types, *element)))
        }
        _ => whole,
    }
}

/// The reads that give the wanted parts.
pub(super) fn reads<'l>(
    views: &mut Views<'_>,
    wanted: impl IntoIterator<Item = Wanted<'l>>,
) -> Vec<Read> {
    let mut reads = Vec::new();
    let mut slots = Vec::new();
    for wanted in wanted {
        let on_stack: Vec<_> = wanted
            .location
            .pieces
            .iter()
            .filter_map(|piece| Slot::new(piece, &wanted))
            .collect();
        if !wanted.redacted {
            let elsewhere = wanted
                .links
                .iter()
                .filter(|link| !is_blank(link) && !on_stack.iter().any(|slot| slot.holds(link)));
            let word = |offset| word_at(wanted.location, offset);
            reads.extend(elsewhere.filter_map(|link| by_words(word, link)));
        }
        slots.extend(on_stack);
    }
    reads.extend(stack_reads(views, slots));
    reads
}

/// The read that follows a link of a value by its words.
pub(super) fn by_words(word: impl Fn(u32) -> Option<Operand>, link: &Link) -> Option<Read> {
    let second = match words(link.kind) {
        2 => word(link.offset.checked_add(WORD)?)?,
        _ => Operand::Constant(0),
    };
    Some(Read::new(
        word(link.offset)?,
        second,
        Link { offset: 0, ..*link },
    ))
}

/// The word of a value at that offset, if it is in a general register or on the stack.
pub(super) fn word_at(location: &Location, offset: u32) -> Option<Operand> {
    location.pieces.iter().find_map(|piece| match piece.place {
        Place::Register(register) if piece.offset == offset && piece.size == WORD => {
            Some(Operand::Register(register))
        }
        Place::Stack(start) => {
            let within = offset.checked_sub(piece.offset)?;
            let fits = within.checked_add(WORD)? <= piece.size;
            fits.then(|| Operand::Stack(start + i64::from(within)))
        }
        Place::Register(_) | Place::Vector(_) => None,
    })
}

/// The general registers that hold pieces of a value.
pub(super) fn registers(location: &Location) -> impl Iterator<Item = Register> {
    visible_registers(location, &[])
}

/// Those that hold nothing of these ranges of it.
pub(super) fn visible_registers(
    location: &Location,
    redacted: &[(u64, u64)],
) -> impl Iterator<Item = Register> {
    let pieces = location.pieces.iter();
    pieces.filter_map(|piece| match piece.place {
        Place::Register(register) if !is_in(piece, redacted) => Some(register),
        _ => None,
    })
}

/// Whether a piece of a value has bytes in one of these ranges of it.
pub(super) fn is_in(piece: &Piece, ranges: &[(u64, u64)]) -> bool {
    let start = u64::from(piece.offset);
    let end = start + u64::from(piece.size);
    ranges.iter().any(|range| range.0 < end && range.1 > start)
}

/// A part of a value that is on the stack in one piece.
struct Slot {
    /// Bytes from the stack pointer.
    offset: i64,
    size: u32,
    /// Where the part begins in the value.
    within: u32,
    links: Vec<Link>,
    redacted: bool,
}

impl Slot {
    fn new(piece: &Piece, wanted: &Wanted<'_>) -> Option<Self> {
        let Place::Stack(place) = piece.place else {
            return None;
        };
        let end = u64::from(piece.offset) + u64::from(piece.size);
        let start = wanted.range.0.max(u64::from(piece.offset));
        let within = u32::try_from(start).ok()?;
        let size = u32::try_from(end.min(wanted.range.1).checked_sub(start)?).ok()?;
        let mut slot = Self {
            offset: place + i64::from(within - piece.offset),
            size: size.min(if wanted.redacted { u32::MAX } else { MAX_CHUNK }),
            within,
            links: Vec::new(),
            redacted: wanted.redacted,
        };
        slot.links = wanted
            .links
            .iter()
            .filter(|link| slot.holds(link))
            .map(|link| slot.own(link))
            .collect();
        Some(slot).filter(|slot| slot.size > 0)
    }

    /// A link of the value as one of the slot.
    fn own(&self, link: &Link) -> Link {
        let offset = link.offset - self.within;
        let kind = match link.kind {
            LinkKind::Blank(bytes) => LinkKind::Blank(bytes.min(self.size - offset)),
            kind => kind,
        };
        Link {
            offset,
            kind,
            ..*link
        }
    }

    /// Whether it holds a link's words, or begins with what is to be blanked.
    fn holds(&self, link: &Link) -> bool {
        let size = match link.kind {
            LinkKind::Blank(_) => 1,
            kind => words(kind) * WORD,
        };
        link.offset >= self.within
            && link.offset.saturating_add(size) <= self.within.saturating_add(self.size)
    }
}

/// One read for slots that lie together; a large value that is not wanted between two of them parts them, and so does
/// one that must not be read.
fn stack_reads(views: &mut Views<'_>, mut slots: Vec<Slot>) -> Vec<Read> {
    const MAX_GAP: i64 = 64;
    slots.sort_by_key(|slot| slot.offset);
    let mut runs: Vec<Run> = Vec::new();
    let mut open = false;
    for slot in slots {
        if slot.redacted {
            open = false;
            continue;
        }
        let end = slot.offset + i64::from(slot.size);
        match runs.last_mut().filter(|_| open) {
            Some(run)
                if slot.offset - run.end <= MAX_GAP
                    && end - run.start <= i64::from(MAX_CHUNK)
                    && run.links.len() + slot.links.len() <= MAX_LINKS_OF_VIEW =>
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
                open = true;
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

    fn into_read(mut self, views: &mut Views<'_>) -> Option<Read> {
        let size = u32::try_from(self.end - self.start).ok()?;
        // Blanks first: they must never be what the kernel program leaves out.
        self.links.sort_by_key(|link| !is_blank(link));
        let blanked = self.links.iter().any(is_blank);
        let view = views.intern(ViewPlan {
            stride: 0,
            links: self.links,
        });
        if blanked && view.is_none() {
            return None;
        }
        fixed_read(Operand::StackAddress(self.start), u64::from(size), view)
    }
}

/// The read of so many bytes that a pointer leads to; none if they are more than can be read at once.
pub(super) fn fixed_read(first: Operand, size: u64, view: Option<ViewId>) -> Option<Read> {
    let size = u32::try_from(size)
        .ok()
        .filter(|size| *size > 0 && *size <= MAX_CHUNK)?;
    let link = Link::new(0, LinkKind::Constant(1), size, size);
    Some(Read::new(
        first,
        Operand::Constant(0),
        Link { view, ..link },
    ))
}

/// The read of what the running `g` says of where its goroutine came from, for goroutines that are older than the
/// probes; none where no register holds `g`, and where it is not asked for.
pub(super) fn ancestry_read(goroutine: GoroutineSource, layout: &RuntimeLayout) -> Option<Read> {
    if goroutine != GoroutineSource::Register {
        return None;
    }
    let parent = layout.ancestry?.parent_goid.unwrap_or(layout.g_startpc);
    let begin = parent.min(layout.g_startpc);
    let size = parent.max(layout.g_startpc) + 8 - begin;
    let mut read = fixed_read(Operand::Register(arch::GOROUTINE), size, None)?;
    read.link.displacement = u32::try_from(begin).ok()?;
    Some(read)
}
