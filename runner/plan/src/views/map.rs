//! What leads on from maps, in either layout.

use goproctor_ebpf::MAX_CHUNK;
use model::{
    Block, Kind, MapLayout, Slots, TypeId,
    plan::{Bound, Link, LinkKind, ViewId, ViewPlan},
};

use super::{
    link::{WORD, single, whole},
    values::{Subject, Views},
    view_builder::ViewBuilder,
};

/// How many slots a map's block has.
const SLOTS: u32 = 8;

impl<'t> Views<'t> {
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

    pub(super) fn map_header(&mut self, map: TypeId) -> ViewPlan {
        let Some((layout, key, value)) = self.layout(map) else {
            return ViewPlan::default();
        };
        if self.is_redacted(key) && self.is_redacted(value) {
            return ViewPlan::default();
        }
        let view = self.of(Subject::MapBlocks(map));
        let directory = match layout {
            MapLayout::Buckets { .. } => None,
            MapLayout::Groups { .. } => self.of(Subject::MapDirectory(map)),
        };
        let links = header_links(
            layout,
            Contents { view, levels: 1 },
            directory,
            Bound::Elements,
        );
        // Without a view of its blocks, what is redacted in them would be read.
        if self.left_out && (self.has_redacted(key) || self.has_redacted(value)) {
            return ViewPlan::default();
        }
        ViewPlan { stride: 0, links }
    }

    pub(super) fn map_blocks(&mut self, map: TypeId) -> ViewPlan {
        let Some((layout, key, value)) = self.layout(map) else {
            return ViewPlan::default();
        };
        let (block, overflow) = block_of(layout);
        let mut drawn = ViewBuilder::new(u64::from(block.size));
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

    pub(super) fn map_directory(&mut self, map: TypeId) -> ViewPlan {
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

    pub(super) fn map_table(&mut self, map: TypeId) -> ViewPlan {
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
pub(crate) struct Contents {
    /// The view of its blocks.
    pub(crate) view: Option<ViewId>,
    /// How many levels they take.
    pub(crate) levels: u32,
}

/// The links of a map's header to its blocks and its directory.
pub(crate) fn header_links(
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
pub(crate) fn table_link(layout: &MapLayout, view: Option<ViewId>, bound: Bound) -> Option<Link> {
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
pub(crate) const fn block_of(layout: &MapLayout) -> (Block, Option<u32>) {
    match layout {
        MapLayout::Buckets {
            block, overflow, ..
        } => (*block, Some(*overflow)),
        MapLayout::Groups { block, .. } => (*block, None),
    }
}

/// Where a block's slots are.
pub(crate) fn slot_offsets(slots: Slots) -> impl Iterator<Item = u64> {
    (0..u64::from(SLOTS)).map(move |slot| u64::from(slots.offset) + slot * u64::from(slots.stride))
}
