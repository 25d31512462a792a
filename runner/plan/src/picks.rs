//! What to read for a path: exactly what its steps need, whatever the limits are.
//!
//! The links on the way have views of their own, take no levels and are bounded by themselves alone. Where a step
//! goes from a pointer to a field far out, the field alone is read. What the path ends at is read as its
//! type is everywhere, but text as a whole.

use std::collections::BTreeMap;

use goproctor_ebpf::MAX_CHUNK;
use model::plan::{Bound, Link, LinkKind, Operand, Read, ViewPlan};
use model::{Address, Kind, Location, MapLayout, PickKey, PickStep, TypeId};

use super::{
    reads::Wanted,
    views::{
        Contents, MAX_LINKS_OF_VIEW, ViewBuilder, Views, WORD, block_of, header_links, is_blank,
        is_byte, single, size, slot_offsets, table_link, text_link, whole,
    },
};

/// A runtime type that an interface can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Held {
    /// The address of its runtime type.
    pub(super) address: Address,
    /// Whether an interface's data word is the value itself.
    pub(super) direct: bool,
}

/// Makes the links of paths.
pub(super) struct Picker<'v, 't> {
    pub(super) views: &'v mut Views<'t>,
    /// By type.
    pub(super) held: &'v BTreeMap<TypeId, Held>,
    /// Whether anything is redacted: then nothing is read that may lie behind a slice's end.
    pub(super) careful: bool,
}

impl<'t> Picker<'_, 't> {
    /// What is wanted of a value that a path begins with.
    pub(super) fn wanted<'l>(
        &mut self,
        root: TypeId,
        location: &'l Location,
        steps: &[PickStep],
    ) -> Wanted<'l> {
        let (offset, ty, rest) = self.fold(root, steps);
        let end = offset.saturating_add(size(self.views.types(), ty));
        Wanted {
            location,
            range: (offset, end),
            links: shifted(self.links(ty, rest), offset),
            redacted: self.views.is_redacted(ty),
        }
    }

    /// The read of a path that begins with a value at a known address.
    pub(super) fn at(
        &mut self,
        address: Operand,
        root: TypeId,
        steps: &[PickStep],
    ) -> Option<Read> {
        let link = self.target(root, steps)?;
        Some(Read::new(address, Operand::Constant(0), link))
    }

    /// The part of a value that the first steps lead to without following anything: its offset, its type, and the
    /// steps from there.
    fn fold<'s>(&self, mut ty: TypeId, mut steps: &'s [PickStep]) -> (u64, TypeId, &'s [PickStep]) {
        let types = self.views.types();
        let mut offset = 0_u64;
        while let Some((step, rest)) = steps.split_first() {
            let part = match (types.kind(ty), step) {
                (Some(Kind::Struct { fields }), PickStep::Field(index)) => fields
                    .get(*index as usize)
                    .map(|field| (field.offset, field.ty)),
                (Some(Kind::Array { element, .. }), PickStep::Element(index)) => index
                    .checked_mul(size(types, *element))
                    .map(|offset| (offset, *element)),
                _ => None,
            };
            let Some((within, part)) = part else {
                break;
            };
            offset = offset.saturating_add(within);
            ty = part;
            steps = rest;
        }
        (offset, ty, steps)
    }

    /// The links of a value of a type along the steps.
    fn links(&mut self, ty: TypeId, steps: &[PickStep]) -> Vec<Link> {
        let (offset, ty, steps) = self.fold(ty, steps);
        let links = match steps.split_first() {
            None => self.at_the_end(ty),
            Some((step, rest)) => self.step(ty, step, rest).into_iter().collect(),
        };
        shifted(links, offset)
    }

    fn at_the_end(&mut self, ty: TypeId) -> Vec<Link> {
        let types = self.views.types();
        let is_text = match types.kind(ty) {
            Some(Kind::String) => true,
            Some(Kind::Slice { element }) => is_byte(types, *element),
            _ => false,
        };
        let mut links = self.views.links(ty);
        if is_text {
            for link in &mut links {
                link.bound = Bound::None;
            }
        }
        links
    }

    fn step(&mut self, ty: TypeId, step: &PickStep, rest: &[PickStep]) -> Option<Link> {
        let kind = &self.views.types().get(ty)?.kind;
        match (kind, step) {
            (
                Kind::Pointer {
                    target: Some(target),
                },
                PickStep::Target,
            ) => self.target(*target, rest),
            (Kind::Slice { element }, PickStep::Element(index)) => {
                self.element(*element, *index, rest)
            }
            (
                Kind::Map {
                    key,
                    value,
                    layout: Some(layout),
                },
                PickStep::Entry(wanted),
            ) => self.map(layout, (*key, *value), wanted, rest),
            (Kind::Interface { empty }, PickStep::Dynamic(ty)) => self.held(*empty, *ty, rest),
            _ => None,
        }
    }

    /// The link from a pointer to what the steps need of its target.
    fn target(&mut self, target: TypeId, steps: &[PickStep]) -> Option<Link> {
        let (displacement, ty, rest) = self.fold(target, steps);
        self.part(ty, displacement, rest)
    }

    /// The link from a pointer to a value of a type so many bytes behind it.
    fn part(&mut self, ty: TypeId, displacement: u64, steps: &[PickStep]) -> Option<Link> {
        if self.views.is_redacted(ty) {
            return None;
        }
        let links = self.links(ty, steps);
        let blanked = links.iter().any(is_blank);
        let view = self.views.intern(ViewPlan { stride: 0, links });
        if blanked && view.is_none() {
            return None;
        }
        let size = u32::try_from(size(self.views.types(), ty)).unwrap_or(u32::MAX);
        Some(Link {
            displacement: u32::try_from(displacement).ok()?,
            view,
            ..single(size)?
        })
    }

    /// The link of a slice to one of its elements.
    fn element(&mut self, element: TypeId, index: u64, steps: &[PickStep]) -> Option<Link> {
        let stride = size(self.views.types(), element);
        let start = index.checked_mul(stride)?;
        if !self.careful {
            let (within, ty, rest) = self.fold(element, steps);
            return self.part(ty, start.checked_add(within)?, rest);
        }
        // As many elements as there are, until this one.
        let end = u32::try_from(start.checked_add(stride)?).ok()?;
        let stride = u32::try_from(stride).ok()?;
        let mut links: Vec<_> = self.views.links(element);
        links.retain(is_blank);
        links.extend(self.links(element, steps));
        links.dedup();
        let followed = links.len().checked_mul(usize::try_from(index).ok()? + 1)?;
        if end > MAX_CHUNK || stride == 0 || followed > MAX_LINKS_OF_VIEW {
            return None;
        }
        let blanked = links.iter().any(is_blank);
        let view = self.views.intern(ViewPlan { stride, links });
        if blanked && view.is_none() {
            return None;
        }
        Some(Link {
            view,
            ..Link::new(0, LinkKind::Counted, stride, end)
        })
    }

    /// The link of a map to all that is needed to find a key and what the steps need of its value.
    fn map(
        &mut self,
        layout: &MapLayout,
        (key, value): (TypeId, TypeId),
        wanted: &PickKey,
        steps: &[PickStep],
    ) -> Option<Link> {
        let (block, overflow) = block_of(layout);
        let blocks = self.views.reserve()?;
        let mut drawn = ViewBuilder::new(u64::from(block.size));
        for (slots, ty) in [(block.keys, key), (block.values, value)] {
            let redacted = match slots.indirect {
                true => Vec::new(),
                false => self.views.redacted_ranges(ty),
            };
            for at in slot_offsets(slots) {
                for (start, end) in &redacted {
                    drawn.blank(at.saturating_add(*start), end - start);
                }
            }
        }
        if let PickKey::Text(text) = wanted {
            // One byte more than the key shows whether one is longer.
            let limit = u32::try_from(text.len()).unwrap_or(MAX_CHUNK).max(1);
            for at in slot_offsets(block.keys) {
                drawn.link(at, text_link(limit));
            }
        }
        let of_value: Vec<_> = if block.values.indirect {
            self.target(value, steps).into_iter().collect()
        } else {
            self.links(value, steps)
        };
        for at in slot_offsets(block.values) {
            for link in of_value.iter().filter(|link| !is_blank(link)) {
                drawn.link(at + u64::from(link.offset), *link);
            }
        }
        let view = Some(blocks);
        if let (Some(overflow), Some(link)) = (overflow, single(block.size)) {
            drawn.link(u64::from(overflow), Link { view, ..link });
        }
        let links = drawn.into_links();
        self.views.fill(
            blocks,
            ViewPlan {
                stride: block.size,
                links,
            },
        );
        let directory = match layout {
            MapLayout::Groups { table, .. } => {
                let links = table_link(layout, view, Bound::None).into_iter().collect();
                let view = self.views.intern(ViewPlan { stride: 0, links });
                let links = vec![Link {
                    view,
                    ..single(*table)?
                }];
                self.views.intern(ViewPlan {
                    stride: WORD,
                    links,
                })
            }
            MapLayout::Buckets { .. } => None,
        };
        let links = header_links(layout, Contents { view, levels: 0 }, directory, Bound::None);
        let view = self.views.intern(ViewPlan { stride: 0, links });
        let (MapLayout::Buckets { header, .. } | MapLayout::Groups { header, .. }) = layout;
        Some(Link {
            view,
            ..single(*header)?
        })
    }

    /// The link of an interface to what the steps need of the value of that type in it.
    fn held(&mut self, empty: bool, ty: TypeId, steps: &[PickStep]) -> Option<Link> {
        let any = if empty {
            LinkKind::EmptyInterface
        } else {
            LinkKind::Interface
        };
        // Without a way of its own, what the interface holds is read as everywhere.
        let any = Link::new(0, any, 0, 0);
        let Some(held) = self.held.get(&ty).copied() else {
            return Some(any);
        };
        let link = if held.direct {
            let mut links = self.links(ty, steps).into_iter();
            links.find(|link| link.offset == 0 && link.kind == LinkKind::Constant(1))
        } else {
            self.target(ty, steps)
        };
        let kind = if empty {
            LinkKind::EmptyInterfaceOf(held.address)
        } else {
            LinkKind::InterfaceOf(held.address)
        };
        Some(link.map_or(any, |link| Link { kind, ..link }))
    }
}

fn shifted(links: Vec<Link>, offset: u64) -> Vec<Link> {
    links
        .into_iter()
        .filter_map(|link| {
            let offset = u64::from(link.offset).checked_add(offset)?;
            Some(Link {
                offset: u32::try_from(offset).ok()?,
                ..link
            })
        })
        .collect()
}

/// Bounds links to partly blanked memory to what the kernel program blanks in one piece of it.
pub(super) fn bound_blanked(link: &mut Link, views: &[ViewPlan]) {
    let Some(view) = link.view.and_then(|id| views.get(id.0 as usize)) else {
        return;
    };
    if !view.links.iter().any(is_blank) {
        return;
    }
    let safe = match view.links.get(MAX_LINKS_OF_VIEW) {
        Some(link) if is_blank(link) => link.offset,
        _ if view.stride == 0 => return,
        _ => {
            let elements = (MAX_LINKS_OF_VIEW / view.links.len()).max(1);
            let elements = u32::try_from(elements).unwrap_or(1);
            whole(view.stride).min(elements.saturating_mul(view.stride))
        }
    };
    link.limit = link.limit.min(safe);
}
