//! What leads on from values: one view for each type.
//!
//! A value leads to other memory by pointers at fixed offsets in it, its *links*. They are a property of the type
//! alone; how far they are followed is a limit of the site. So each type has one [view](ViewPlan) however often and
//! however deep it is met, and a type that leads back to itself has a view that does.

use std::collections::{BTreeSet, HashMap};

use goproctor_ebpf::{MAX_CHUNK, MAX_LINKS, MAX_VIEWS};

use super::{Bound, Link, LinkKind, ViewId, ViewPlan};
use crate::model::{Block, Kind, MapLayout, Slots, Type, TypeId, TypeTable};

/// Size of a pointer and of an integer, in bytes.
pub(super) const WORD: u32 = 8;
/// How many slots a map's block has.
const SLOTS: u32 = 8;
/// How many links a view has at most: the kernel program follows so many from one piece of memory.
pub(super) const MOST_LINKS: usize = MAX_CHUNK as usize / 8;
/// How deep values are nested in one another without a pointer.
const MOST_NESTED: u32 = 64;
/// How many nested values are looked into for one view.
const MOST_LOOKED_INTO: u32 = 1 << 14;
/// What is left to picks, which come after all types.
const RESERVE: usize = 4096;

/// What a view is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Subject {
    /// Values of a type, one after the other.
    Values(TypeId),
    /// The header of a map of that type.
    MapHeader(TypeId),
    /// Its blocks, one after the other.
    MapBlocks(TypeId),
    /// Its directory.
    MapDirectory(TypeId),
    /// One of its tables.
    MapTable(TypeId),
}

/// The views of a plan.
#[derive(Debug)]
pub(super) struct Views<'t> {
    types: &'t TypeTable,
    redacted: BTreeSet<TypeId>,
    plans: Vec<ViewPlan>,
    links: usize,
    by_subject: HashMap<Subject, ViewId>,
    interned: HashMap<ViewPlan, ViewId>,
    pending: Vec<(Subject, ViewId)>,
    /// What is in values of a type.
    insides: HashMap<TypeId, Inside>,
    left_out: bool,
}

/// What is in values of a type, without following anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Inside {
    links: bool,
    redacted: bool,
}

impl Inside {
    const fn is_empty(self) -> bool {
        !self.links && !self.redacted
    }
}

impl<'t> Views<'t> {
    /// No views yet, of these types; values of redacted ones are blanked wherever they would be read.
    pub(super) fn new(types: &'t TypeTable, redacted: BTreeSet<TypeId>) -> Self {
        Self {
            types,
            redacted,
            plans: Vec::new(),
            links: 0,
            by_subject: HashMap::new(),
            interned: HashMap::new(),
            pending: Vec::new(),
            insides: HashMap::new(),
            left_out: false,
        }
    }

    pub(super) const fn types(&self) -> &'t TypeTable {
        self.types
    }

    /// Whether views were left out because there were too many.
    pub(super) const fn left_out(&self) -> bool {
        self.left_out
    }

    pub(super) fn is_redacted(&self, ty: TypeId) -> bool {
        self.redacted.contains(&ty)
    }

    /// Whether a part of such values is redacted.
    pub(super) fn has_redacted(&mut self, ty: TypeId) -> bool {
        self.inside(ty).redacted
    }

    /// The plans.
    pub(super) fn into_plans(mut self) -> Vec<ViewPlan> {
        self.finish();
        self.plans
    }

    /// Makes room for a view that leads to itself.
    pub(super) fn reserve(&mut self) -> Option<ViewId> {
        self.push(ViewPlan::default())
    }

    /// Gives a reserved view its links.
    pub(super) fn fill(&mut self, id: ViewId, view: ViewPlan) {
        self.links += view.links.len();
        if let Some(slot) = self.plans.get_mut(id.0 as usize) {
            *slot = view;
        }
    }

    /// The view with these links; none if there are none.
    pub(super) fn intern(&mut self, view: ViewPlan) -> Option<ViewId> {
        if view.links.is_empty() {
            return None;
        }
        if let Some(id) = self.interned.get(&view) {
            return Some(*id);
        }
        let id = self.push(view.clone())?;
        self.interned.insert(view, id);
        Some(id)
    }

    fn push(&mut self, view: ViewPlan) -> Option<ViewId> {
        let links = self.links + view.links.len();
        if self.plans.len() >= MAX_VIEWS as usize || links > MAX_LINKS as usize {
            self.left_out = true;
            return None;
        }
        let id = ViewId(u32::try_from(self.plans.len()).ok()?);
        self.links = links;
        self.plans.push(view);
        Some(id)
    }

    /// The view of values of a type that stand one after the other; none if they lead nowhere.
    fn of_values(&mut self, ty: TypeId) -> Option<ViewId> {
        let ty = self.repeated(ty);
        if self.inside(ty).is_empty() {
            return None;
        }
        self.of(Subject::Values(ty))
    }

    /// The type of what is repeated in values of a type: an array's elements.
    fn repeated(&self, mut ty: TypeId) -> TypeId {
        for _ in 0..MOST_NESTED {
            match self.types.get(ty).map(|ty| &ty.kind) {
                Some(Kind::Array { element, .. })
                    if !self.redacted.contains(&ty) && size(self.types, *element) > 0 =>
                {
                    ty = *element;
                }
                _ => break,
            }
        }
        ty
    }

    fn of(&mut self, subject: Subject) -> Option<ViewId> {
        if let Some(id) = self.by_subject.get(&subject) {
            return Some(*id);
        }
        if self.is_full() {
            self.left_out = true;
            return None;
        }
        let id = self.push(ViewPlan::default())?;
        self.by_subject.insert(subject, id);
        self.pending.push((subject, id));
        Some(id)
    }

    const fn is_full(&self) -> bool {
        self.plans.len() + RESERVE >= MAX_VIEWS as usize
            || self.links + RESERVE * 8 >= MAX_LINKS as usize
    }

    /// Fills the views that were asked for so far, and those that they lead to.
    pub(super) fn finish(&mut self) {
        while let Some((subject, id)) = self.pending.pop() {
            let mut view = self.build(subject);
            if self.links + view.links.len() > MAX_LINKS as usize {
                self.left_out = true;
                view.links.retain(is_blank);
            }
            self.links += view.links.len();
            if let Some(slot) = self.plans.get_mut(id.0 as usize) {
                *slot = view;
            }
        }
    }

    fn build(&mut self, subject: Subject) -> ViewPlan {
        match subject {
            Subject::Values(ty) => ViewPlan {
                stride: u32::try_from(size(self.types, ty))
                    .ok()
                    .filter(|size| *size <= MAX_CHUNK)
                    .unwrap_or(0),
                links: self.links(ty),
            },
            Subject::MapHeader(ty) => self.map_header(ty),
            Subject::MapBlocks(ty) => self.map_blocks(ty),
            Subject::MapDirectory(ty) => self.map_directory(ty),
            Subject::MapTable(ty) => self.map_table(ty),
        }
    }

    /// The links in a value of a type: what is to be blanked first, then the pointers that lead on, by their offsets.
    pub(super) fn links(&mut self, ty: TypeId) -> Vec<Link> {
        let mut drawn = Drawn::new(size(self.types, ty));
        self.draw(&mut drawn, ty, 0, 0);
        drawn.into_links()
    }

    /// Which bytes of such values are redacted: from the first until the second.
    pub(super) fn redacted_ranges(&mut self, ty: TypeId) -> Vec<(u64, u64)> {
        if self.is_redacted(ty) {
            return vec![(0, size(self.types, ty))];
        }
        let links = self.links(ty).into_iter();
        links
            .filter_map(|link| match link.kind {
                LinkKind::Blank(bytes) => {
                    let start = u64::from(link.offset);
                    Some((start, start + u64::from(bytes)))
                }
                _ => None,
            })
            .collect()
    }

    fn inside(&mut self, ty: TypeId) -> Inside {
        self.inside_of(ty, 0)
    }

    fn inside_of(&mut self, ty: TypeId, nested: u32) -> Inside {
        if let Some(inside) = self.insides.get(&ty) {
            return *inside;
        }
        if self.is_redacted(ty) {
            return Inside {
                links: false,
                redacted: size(self.types, ty) > 0,
            };
        }
        let Some(known) = self.types.get(ty).filter(|_| nested < MOST_NESTED) else {
            return Inside::default();
        };
        // A value that is nested in itself is no Go type; it ends here.
        self.insides.insert(ty, Inside::default());
        let inside = match &known.kind {
            Kind::Array { element, count } if *count > 0 => self.inside_of(*element, nested + 1),
            Kind::Struct { fields } => fields.iter().fold(Inside::default(), |all, field| {
                let field = self.inside_of(field.ty, nested + 1);
                Inside {
                    links: all.links | field.links,
                    redacted: all.redacted | field.redacted,
                }
            }),
            _ => Inside {
                links: self.leads_on(known),
                redacted: false,
            },
        };
        self.insides.insert(ty, inside);
        inside
    }

    /// Whether a value that is no struct and no array has a link.
    fn leads_on(&self, ty: &Type) -> bool {
        match &ty.kind {
            Kind::String
            | Kind::Interface { .. }
            | Kind::Func
            | Kind::Channel { .. }
            | Kind::Map {
                layout: Some(_), ..
            } => true,
            Kind::Slice { element } => self.is_readable(*element),
            Kind::Pointer { target } => target.is_some_and(|target| self.is_readable(target)),
            _ => false,
        }
    }

    fn is_readable(&self, ty: TypeId) -> bool {
        size(self.types, ty) > 0 && !self.is_redacted(ty)
    }

    /// Adds what is in a value of a type at an offset.
    fn draw(&mut self, drawn: &mut Drawn, ty: TypeId, offset: u64, nested: u32) {
        if self.inside(ty).is_empty() || offset >= drawn.end {
            return;
        }
        let types = self.types;
        let Some(known) = types.get(ty) else {
            return;
        };
        if self.is_redacted(ty) {
            drawn.blank(offset, known.size);
            return;
        }
        if !drawn.look_into(nested) {
            if self.has_redacted(ty) {
                drawn.blank(offset, known.size);
            }
            return;
        }
        match &known.kind {
            Kind::Struct { fields } => {
                for field in fields {
                    let at = offset.saturating_add(field.offset);
                    self.draw(drawn, field.ty, at, nested + 1);
                }
            }
            Kind::Array { element, count } => {
                let stride = size(types, *element);
                let mut at = offset;
                for _ in 0..*count {
                    if at >= drawn.end || stride == 0 {
                        break;
                    }
                    self.draw(drawn, *element, at, nested + 1);
                    at = at.saturating_add(stride);
                }
            }
            _ => {
                if let Some(link) = self.own_link(ty) {
                    drawn.link(offset, link);
                }
            }
        }
    }

    /// The link of a value that is no struct and no array, at offset 0.
    fn own_link(&mut self, ty: TypeId) -> Option<Link> {
        let kind = &self.types.get(ty)?.kind;
        match kind {
            Kind::String => Some(Link {
                bound: Bound::String,
                ..text_link(MAX_CHUNK)
            }),
            Kind::Slice { element } if is_byte(self.types, *element) => {
                self.is_readable(*element).then(|| Link {
                    bound: Bound::String,
                    ..text_link(MAX_CHUNK)
                })
            }
            Kind::Slice { element } => self.slice_link(*element),
            Kind::Pointer { target } => self.target_link((*target)?),
            Kind::Map { layout, .. } => {
                let header = match **layout.as_ref()? {
                    MapLayout::Buckets { header, .. } | MapLayout::Groups { header, .. } => header,
                };
                let view = self.of(Subject::MapHeader(ty));
                single(header).map(|link| Link { view, ..link })
            }
            Kind::Interface { empty: true } => Some(Link::new(0, LinkKind::EmptyInterface, 0, 0)),
            Kind::Interface { empty: false } => Some(Link::new(0, LinkKind::Interface, 0, 0)),
            Kind::Func => Some(Link::new(0, LinkKind::Func, WORD, WORD)),
            Kind::Channel { .. } => single(2 * WORD),
            _ => None,
        }
    }

    fn slice_link(&mut self, element: TypeId) -> Option<Link> {
        self.values_link(element, LinkKind::Counted)
    }

    /// The link of a pointer to a value of a type; none if there is nothing to read.
    pub(super) fn target_link(&mut self, target: TypeId) -> Option<Link> {
        let types = self.types;
        match types.get(target)?.kind {
            _ if !self.is_readable(target) => None,
            Kind::Array { element, count } if self.is_readable(element) => {
                let count = LinkKind::Constant(u32::try_from(count).unwrap_or(u32::MAX));
                self.values_link(element, count)
            }
            _ => Some(Link {
                bound: Bound::None,
                ..self.values_link(target, LinkKind::Constant(1))?
            }),
        }
    }

    /// The link to values of a type that stand one after the other.
    fn values_link(&mut self, element: TypeId, kind: LinkKind) -> Option<Link> {
        if !self.is_readable(element) {
            return None;
        }
        let size = u32::try_from(size(self.types, element)).unwrap_or(u32::MAX);
        let limit = match kind {
            LinkKind::Constant(count) => whole(size).min(count.saturating_mul(size)),
            _ => whole(size),
        };
        let bytes = is_byte(self.types, element);
        let view = self.of_values(element);
        if view.is_none() && self.has_redacted(element) {
            return None;
        }
        Some(Link {
            bound: if bytes {
                Bound::String
            } else {
                Bound::Elements
            },
            levels: 1,
            view,
            ..Link::new(0, kind, size, limit)
        })
    }

    fn layout(&self, map: TypeId) -> Option<(&'t MapLayout, TypeId, TypeId)> {
        match &self.types.get(map)?.kind {
            Kind::Map {
                key,
                value,
                layout: Some(layout),
            } => Some((layout, *key, *value)),
            _ => None,
        }
    }

    fn map_header(&mut self, map: TypeId) -> ViewPlan {
        let Some((layout, key, value)) = self.layout(map) else {
            return ViewPlan::default();
        };
        if self.is_redacted(key) && self.is_redacted(value) {
            return ViewPlan::default();
        }
        let blocks = |view| Contents { view, levels: 1 };
        let links = match layout {
            MapLayout::Buckets { .. } => {
                let view = self.of(Subject::MapBlocks(map));
                header_links(layout, blocks(view), None, Bound::Elements)
            }
            MapLayout::Groups { .. } => {
                let view = self.of(Subject::MapBlocks(map));
                let directory = self.of(Subject::MapDirectory(map));
                header_links(layout, blocks(view), directory, Bound::Elements)
            }
        };
        // Without a view of its blocks, what is redacted in them would be read.
        if self.left_out && (self.has_redacted(key) || self.has_redacted(value)) {
            return ViewPlan::default();
        }
        ViewPlan { stride: 0, links }
    }

    fn map_blocks(&mut self, map: TypeId) -> ViewPlan {
        let Some((layout, key, value)) = self.layout(map) else {
            return ViewPlan::default();
        };
        let (block, overflow) = block_of(layout);
        let mut drawn = Drawn::new(u64::from(block.size));
        for (slots, ty) in [(block.keys, key), (block.values, value)] {
            for at in slot_offsets(slots) {
                if !slots.indirect {
                    self.draw(&mut drawn, ty, at, 0);
                } else if let Some(link) = self.target_link(ty) {
                    drawn.link(
                        at,
                        Link {
                            levels: 0,
                            bound: Bound::None,
                            ..link
                        },
                    );
                }
            }
        }
        if let Some(overflow) = overflow {
            let view = self.of(Subject::MapBlocks(map));
            if let Some(link) = single(block.size) {
                drawn.link(u64::from(overflow), Link { view, ..link });
            }
        }
        ViewPlan {
            stride: block.size,
            links: drawn.into_links(),
        }
    }

    fn map_directory(&mut self, map: TypeId) -> ViewPlan {
        let view = self.of(Subject::MapTable(map));
        let links = match self.layout(map) {
            Some((MapLayout::Groups { table, .. }, _, _)) => single(*table)
                .map(|link| Link { view, ..link })
                .into_iter()
                .collect(),
            _ => Vec::new(),
        };
        ViewPlan {
            stride: WORD,
            links,
        }
    }

    fn map_table(&mut self, map: TypeId) -> ViewPlan {
        let view = self.of(Subject::MapBlocks(map));
        let links = match self.layout(map) {
            Some((layout, _, _)) => table_link(layout, view, Bound::Elements)
                .into_iter()
                .collect(),
            None => Vec::new(),
        };
        ViewPlan { stride: 0, links }
    }
}

/// What a map's header leads to.
#[derive(Clone, Copy)]
pub(super) struct Contents {
    /// The view of its blocks.
    pub(super) view: Option<ViewId>,
    /// How many levels they take.
    pub(super) levels: u32,
}

/// The links of a map's header to its blocks and its directory.
pub(super) fn header_links(
    layout: &MapLayout,
    contents: Contents,
    directory_view: Option<ViewId>,
    bound: Bound,
) -> Vec<Link> {
    let Contents { view, levels } = contents;
    match layout {
        MapLayout::Buckets {
            flags,
            buckets,
            old_buckets,
            block,
            ..
        } => {
            let exponent = flags.saturating_add(1);
            let link = |offset, kind| Link {
                bound,
                levels,
                view,
                ..Link::new(offset, kind, block.size, whole(block.size))
            };
            vec![
                link(*buckets, LinkKind::Power(exponent)),
                link(*old_buckets, LinkKind::OldPower(exponent)),
            ]
        }
        MapLayout::Groups {
            directory, block, ..
        } => vec![
            Link {
                levels,
                view,
                ..Link::new(
                    *directory,
                    LinkKind::Uncounted,
                    block.size,
                    block.size.min(MAX_CHUNK),
                )
            },
            Link {
                bound,
                levels,
                view: directory_view,
                ..Link::new(*directory, LinkKind::Counted, WORD, MAX_CHUNK)
            },
        ],
    }
}

/// The link of a map's table to its groups.
pub(super) fn table_link(layout: &MapLayout, view: Option<ViewId>, bound: Bound) -> Option<Link> {
    match layout {
        MapLayout::Groups { groups, block, .. } => Some(Link {
            bound,
            view,
            ..Link::new(*groups, LinkKind::Masked, block.size, whole(block.size))
        }),
        MapLayout::Buckets { .. } => None,
    }
}

/// A map's block, and where it keeps the pointer to the next one of its chain.
pub(super) const fn block_of(layout: &MapLayout) -> (Block, Option<u32>) {
    match layout {
        MapLayout::Buckets {
            block, overflow, ..
        } => (*block, Some(*overflow)),
        MapLayout::Groups { block, .. } => (*block, None),
    }
}

/// Where a block's slots stand.
pub(super) fn slot_offsets(slots: Slots) -> impl Iterator<Item = u64> {
    (0..u64::from(SLOTS)).map(move |slot| u64::from(slots.offset) + slot * u64::from(slots.stride))
}

/// What is drawn together for one view.
pub(super) struct Drawn {
    /// What lies behind is not read, in bytes.
    end: u64,
    links: Vec<Link>,
    blanks: Vec<(u64, u64)>,
    looked_into: u32,
}

impl Drawn {
    /// For elements of so many bytes.
    pub(super) fn new(size: u64) -> Self {
        Self {
            end: size.min(u64::from(MAX_CHUNK)),
            links: Vec::new(),
            blanks: Vec::new(),
            looked_into: 0,
        }
    }

    /// Whether one more nested value may be looked into.
    const fn look_into(&mut self, nested: u32) -> bool {
        self.looked_into += 1;
        nested <= MOST_NESTED && self.looked_into <= MOST_LOOKED_INTO
    }

    /// Adds bytes that are to be blanked.
    pub(super) fn blank(&mut self, offset: u64, size: u64) {
        let end = offset.saturating_add(size).min(self.end);
        match self.blanks.last_mut() {
            Some((_, last)) if *last == offset => *last = end,
            _ if offset < end => self.blanks.push((offset, end)),
            _ => {}
        }
    }

    /// Adds a link, if its words lie in the element.
    pub(super) fn link(&mut self, offset: u64, link: Link) {
        let end = offset.saturating_add(u64::from(words(link.kind) * WORD));
        if let (true, Ok(offset)) = (end <= self.end, u32::try_from(offset)) {
            self.links.push(Link { offset, ..link });
        }
    }

    /// Blanks first: they must never be what is left out.
    pub(super) fn into_links(self) -> Vec<Link> {
        let blanks = self.blanks.into_iter().flat_map(|(start, end)| {
            let pieces = (start..end).step_by(WORD as usize);
            pieces.filter_map(move |at| {
                let size = (end - at).min(u64::from(WORD));
                let kind = LinkKind::Blank(u32::try_from(size).ok()?);
                Some(Link::new(u32::try_from(at).ok()?, kind, 0, 0))
            })
        });
        let mut links: Vec<_> = blanks.collect();
        let room = MOST_LINKS.saturating_sub(links.len());
        links.extend(self.links.into_iter().take(room));
        links
    }
}

/// Whether a link blanks instead of leading on.
pub(super) const fn is_blank(link: &Link) -> bool {
    matches!(link.kind, LinkKind::Blank(_))
}

/// How many words of memory a link takes.
pub(super) const fn words(kind: LinkKind) -> u32 {
    match kind {
        LinkKind::Counted
        | LinkKind::Uncounted
        | LinkKind::Masked
        | LinkKind::EmptyInterface
        | LinkKind::Interface
        | LinkKind::EmptyInterfaceOf(_)
        | LinkKind::InterfaceOf(_) => 2,
        LinkKind::Constant(_) | LinkKind::Power(_) | LinkKind::OldPower(_) | LinkKind::Func => 1,
        LinkKind::Blank(_) => 0,
    }
}

/// The link of a string or a byte slice, of which at most `limit` bytes are wanted.
pub(super) fn text_link(limit: u32) -> Link {
    Link::new(0, LinkKind::Counted, 1, limit.min(MAX_CHUNK))
}

/// The link to one piece of so many bytes, or as many of them as can be read at once; none for no bytes.
pub(super) fn single(size: u32) -> Option<Link> {
    (size > 0).then(|| Link::new(0, LinkKind::Constant(1), size, size.min(MAX_CHUNK)))
}

/// How many bytes of elements of that size can be read at once: whole ones, if they are not larger.
pub(super) const fn whole(element: u32) -> u32 {
    match MAX_CHUNK.checked_div(element) {
        None | Some(0) => MAX_CHUNK,
        Some(count) => count * element,
    }
}

/// The size of a type's values, in bytes; 0 for one that is not in the table.
pub(super) fn size(types: &TypeTable, ty: TypeId) -> u64 {
    types.get(ty).map_or(0, |ty| ty.size)
}

/// Whether it is the type of bytes, whose slices and arrays are shown as text.
pub(super) fn is_byte(types: &TypeTable, ty: TypeId) -> bool {
    types
        .get(ty)
        .is_some_and(|ty| ty.kind == Kind::Uint && ty.size == 1)
}
