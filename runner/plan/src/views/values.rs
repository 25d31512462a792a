//! The views of a plan, and what leads on from values of each type.

use std::collections::{BTreeSet, HashMap};

use goproctor_ebpf::{MAX_CHUNK, MAX_LINKS, MAX_VIEWS};
use model::{
    Kind, MapLayout, Type, TypeId, TypeTable,
    plan::{Bound, Link, LinkKind, ViewId, ViewPlan},
};

use super::{
    link::{WORD, is_blank, is_byte, single, size, text_link, whole},
    view_builder::{MAX_NESTED, ViewBuilder},
};

/// What is left to picks, which come after all types.
const RESERVE: usize = 4096;

/// What a view is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Subject {
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
pub(crate) struct Views<'t> {
    pub(super) types: &'t TypeTable,
    redacted: BTreeSet<TypeId>,
    plans: Vec<ViewPlan>,
    links: usize,
    by_subject: HashMap<Subject, ViewId>,
    interned: HashMap<ViewPlan, ViewId>,
    pending: Vec<(Subject, ViewId)>,
    /// What is in values of a type.
    insides: HashMap<TypeId, Inside>,
    pub(super) left_out: bool,
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
    pub(crate) fn new(types: &'t TypeTable, redacted: BTreeSet<TypeId>) -> Self {
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

    pub(crate) const fn types(&self) -> &'t TypeTable {
        self.types
    }

    /// Whether views were left out because there were too many.
    pub(crate) const fn left_out(&self) -> bool {
        self.left_out
    }

    pub(crate) fn is_redacted(&self, ty: TypeId) -> bool {
        self.redacted.contains(&ty)
    }

    /// Whether a part of such values is redacted.
    pub(crate) fn has_redacted(&mut self, ty: TypeId) -> bool {
        self.inside(ty).redacted
    }

    /// Makes room for a view that leads to itself.
    pub(crate) fn reserve(&mut self) -> Option<ViewId> {
        self.push(ViewPlan::default())
    }

    /// Gives a reserved view its links.
    pub(crate) fn fill(&mut self, id: ViewId, view: ViewPlan) {
        self.links += view.links.len();
        if let Some(slot) = self.plans.get_mut(id.0 as usize) {
            *slot = view;
        }
    }

    /// The view with these links; none if there are none.
    pub(crate) fn intern(&mut self, view: ViewPlan) -> Option<ViewId> {
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

    /// The view of values of a type, one after the other; none if they lead nowhere.
    fn of_values(&mut self, ty: TypeId) -> Option<ViewId> {
        let ty = self.repeated(ty);
        if self.inside(ty).is_empty() {
            return None;
        }
        self.of(Subject::Values(ty))
    }

    /// The type of what is repeated in values of a type: an array's elements.
    fn repeated(&self, mut ty: TypeId) -> TypeId {
        for _ in 0..MAX_NESTED {
            match self.types.kind(ty) {
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

    pub(super) fn of(&mut self, subject: Subject) -> Option<ViewId> {
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

    /// The links in a value of a type: what is to be blanked first, then the pointers that lead on, by their offsets.
    pub(crate) fn links(&mut self, ty: TypeId) -> Vec<Link> {
        let mut drawn = ViewBuilder::new(size(self.types, ty));
        self.draw(&mut drawn, ty, 0, 0);
        drawn.into_links()
    }

    /// Which bytes of such values are redacted: from the first until the second.
    pub(crate) fn redacted_ranges(&mut self, ty: TypeId) -> Vec<(u64, u64)> {
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
        let Some(known) = self.types.get(ty).filter(|_| nested < MAX_NESTED) else {
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
    pub(super) fn draw(&mut self, drawn: &mut ViewBuilder, ty: TypeId, offset: u64, nested: u32) {
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
        let text = Link {
            bound: Bound::String,
            ..text_link(MAX_CHUNK)
        };
        match self.types.kind(ty)? {
            Kind::String => Some(text),
            Kind::Slice { element } if is_byte(self.types, *element) => {
                self.is_readable(*element).then_some(text)
            }
            Kind::Slice { element } => self.values_link(*element, LinkKind::Counted),
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

    /// The link of a pointer to a value of a type; none if there is nothing to read.
    pub(crate) fn target_link(&mut self, target: TypeId) -> Option<Link> {
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

    /// The link to values of a type, one after the other.
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

    /// The plans.
    pub(crate) fn into_plans(mut self) -> Vec<ViewPlan> {
        self.finish();
        self.plans
    }

    /// Fills the views that were asked for so far, and those that they lead to.
    pub(crate) fn finish(&mut self) {
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
}
