//! What holds for all types, also for those that no compiler makes.

use std::collections::BTreeSet;

use golang::{Abi, RuntimeType, abi::assign};
use goproctor_ebpf::MAX_CHUNK;
use model::{
    Address, Block, Field, Kind, MapLayout, Segment, Slots, Type, TypeId, TypeTable,
    plan::{Link, LinkKind, PathTypes, ViewPlan, resolve},
};

use super::world::LIMITS;
use crate::{
    dynamic::{Dynamic, held},
    picks::Picker,
    reads::{Wanted, reads},
    views::{MAX_LINKS_OF_VIEW, Views, WORD, is_blank, words},
};

/// What is made by chance, the same for the same seed.
struct Numbers(fastrand::Rng);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0.u64(..end)
    }

    fn small(&mut self, end: u32) -> u32 {
        self.0.u32(..end)
    }

    /// A type of a table of so many, now and then one that is not in it.
    fn ty(&mut self, count: u64) -> TypeId {
        TypeId(u32::try_from(self.below(count + 1)).unwrap())
    }

    fn slots(&mut self) -> Slots {
        Slots {
            offset: self.small(600),
            stride: self.small(200),
            indirect: self.below(4) == 0,
        }
    }

    fn block(&mut self) -> Block {
        Block {
            size: self.small(6000),
            keys: self.slots(),
            values: self.slots(),
        }
    }

    fn layout(&mut self) -> MapLayout {
        if self.below(2) == 0 {
            MapLayout::Buckets {
                header: self.small(5000),
                count: self.small(64),
                flags: self.small(64),
                buckets: self.small(64),
                old_buckets: self.small(6000),
                block: self.block(),
                overflow: self.small(6000),
            }
        } else {
            MapLayout::Groups {
                header: self.small(64),
                used: 0,
                directory: self.small(64),
                writing: 8,
                table: self.small(5000),
                groups: self.small(64),
                block: self.block(),
            }
        }
    }

    fn kind(&mut self, count: u64) -> Kind {
        match self.below(16) {
            0 => Kind::String,
            1 => Kind::Slice {
                element: self.ty(count),
            },
            2 | 3 => Kind::Array {
                element: self.ty(count),
                count: self.below(2000),
            },
            4..=7 => Kind::Struct {
                fields: (0..self.below(8))
                    .map(|index| Field {
                        name: format!("f{index}"),
                        offset: self.below(5000),
                        ty: self.ty(count),
                        embedded: self.below(3) == 0,
                    })
                    .collect(),
            },
            8 | 9 => Kind::Pointer {
                target: Some(self.ty(count)),
            },
            10 => Kind::Map {
                key: self.ty(count),
                value: self.ty(count),
                layout: Some(Box::new(self.layout())),
            },
            11 => Kind::Interface {
                empty: self.below(2) == 0,
            },
            12 => Kind::Func,
            13 => Kind::Channel {
                element: self.ty(count),
            },
            14 => Kind::Uint,
            _ => Kind::Unknown,
        }
    }

    fn types(&mut self) -> TypeTable {
        let mut types = TypeTable::default();
        let count = 1 + self.below(40);
        for index in 0..count {
            let size = match self.below(12) {
                0 => 0,
                1 => self.0.u64(..),
                _ => self.below(5000),
            };
            types.push(Type {
                name: format!("main.T{index}"),
                size,
                kind: self.kind(count),
            });
        }
        types
    }

    fn segment(&mut self) -> Segment {
        match self.below(4) {
            0 => Segment::Index(i128::from(self.below(5))),
            1 => Segment::Key("true".into()),
            2 => Segment::Assert(format!("main.T{}", self.below(40))),
            _ => Segment::Name(format!("f{}", self.below(8))),
        }
    }
}

fn end(link: &Link) -> u64 {
    let size = match link.kind {
        LinkKind::Blank(bytes) => bytes,
        kind => words(kind) * WORD,
    };
    u64::from(link.offset) + u64::from(size)
}

/// What the kernel program relies on: links lie in the element that they are of, speak of views that there are, and
/// read no more than a chunk; what is not blanked is within what one piece of memory is followed for.
fn check_views(links: &[Link], views: &[ViewPlan], seed: u64) {
    for link in links
        .iter()
        .chain(views.iter().flat_map(|view| &view.links))
    {
        assert!(link.limit <= MAX_CHUNK, "{seed}: {link:?}");
        let known = link.view.is_none_or(|view| (view.0 as usize) < views.len());
        assert!(known, "{seed}: {link:?}");
    }
    for view in views.iter().filter(|view| view.stride > 0) {
        let stride = u64::from(view.stride);
        assert!(
            view.links.iter().all(|link| end(link) <= stride),
            "{seed}: {view:?}"
        );
        let following = view.links.iter().filter(|link| !is_blank(link));
        assert!(following.count() <= MAX_LINKS_OF_VIEW, "{seed}");
    }
}

#[test]
fn any_table_of_types_gives_bounded_views_and_reads() {
    for seed in 0..400 {
        let mut numbers = Numbers(fastrand::Rng::with_seed(seed));
        let types = numbers.types();
        let all: Vec<_> = (0..u32::try_from(types.len()).unwrap())
            .map(TypeId)
            .collect();
        let redacted: BTreeSet<_> = all.iter().copied().filter(|ty| ty.0 % 7 == 3).collect();
        let mut views = Views::new(&types, redacted);
        let runtime: Vec<_> = all
            .iter()
            .map(|ty| RuntimeType {
                address: Address(u64::from(ty.0) * 64),
                ty: *ty,
                direct: ty.0 % 2 == 0,
            })
            .collect();
        let held = held(&runtime);
        let mut links = Vec::new();
        for abi in [Abi::Register, Abi::Stack] {
            let places = assign(abi, &types, &all, &[]).parameters;
            for (ty, location) in all.iter().zip(&places) {
                let wanted = Wanted::value(&mut views, *ty, location, LIMITS);
                links.extend(
                    reads(&mut views, [wanted])
                        .into_iter()
                        .map(|read| read.link),
                );
                let segments: Vec<_> = (0..numbers.below(5)).map(|_| numbers.segment()).collect();
                let known = PathTypes {
                    types: &types,
                    dynamic: &all,
                    redacted: &[],
                };
                let Ok(path) = resolve(&known, *ty, &segments) else {
                    continue;
                };
                let mut picker = Picker {
                    views: &mut views,
                    held: &held,
                    careful: seed % 2 == 0,
                };
                let wanted = picker.wanted(*ty, location, &path.steps);
                links.extend(
                    reads(&mut views, [wanted])
                        .into_iter()
                        .map(|read| read.link),
                );
            }
        }
        let dynamic = Dynamic::new(&mut views, &runtime, &[]);
        links.extend(dynamic.types.iter().filter_map(|dynamic| dynamic.link));
        let views = views.into_plans();
        check_views(&links, &views, seed);
    }
}

#[test]
fn the_links_of_a_value_lie_in_it() {
    for seed in 0..400 {
        let types = Numbers(fastrand::Rng::with_seed(seed)).types();
        let mut views = Views::new(&types, BTreeSet::from([TypeId(2)]));
        for index in 0..types.len() {
            let ty = TypeId(u32::try_from(index).unwrap());
            let size = types.get(ty).unwrap().size.min(u64::from(MAX_CHUNK));
            let links = views.links(ty);
            views.finish();
            assert!(
                links.iter().all(|link| end(link) <= size),
                "{seed}: {links:?} in {size}"
            );
        }
    }
}
