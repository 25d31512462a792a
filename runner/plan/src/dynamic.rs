//! What is known only at a hit: the types that interfaces hold, and the closures behind func values.

use std::collections::{BTreeMap, BTreeSet};

use golang::{ClosureLayout, RuntimeType};
use goproctor_ebpf::MAX_DYNAMIC;
use model::plan::{Bound, Closure, DynamicType, Link};
use model::{Kind, TypeId, TypeTable};

use super::{
    picks::Held,
    redact::parts,
    views::{Views, WORD, is_blank, single},
};

/// Whether values of these types can lead to an interface or a func value.
pub(super) fn lead_to_dynamic(types: &TypeTable, roots: impl IntoIterator<Item = TypeId>) -> bool {
    let mut pending: Vec<_> = roots.into_iter().collect();
    let mut met: BTreeSet<_> = pending.iter().copied().collect();
    while let Some(ty) = pending.pop() {
        let Some(ty) = types.get(ty) else {
            continue;
        };
        match &ty.kind {
            Kind::Interface { .. } | Kind::Func => return true,
            // What waits in a channel is not read.
            Kind::Channel { .. } => {}
            kind => pending.extend(parts(kind).filter(|part| met.insert(*part))),
        }
    }
    false
}

/// How interfaces hold the types that they can, by type; of several runtime types of one, the first.
pub(super) fn held(dynamic: &[RuntimeType]) -> BTreeMap<TypeId, Held> {
    let mut held = BTreeMap::new();
    for ty in dynamic {
        held.entry(ty.ty).or_insert(Held {
            address: ty.address,
            direct: ty.direct,
        });
    }
    held
}

/// What a plan has of what is known only at a hit.
#[derive(Debug, Default)]
pub(super) struct Dynamic {
    pub(super) types: Vec<DynamicType>,
    pub(super) closures: Vec<Closure>,
    /// How many are left out because there are too many.
    pub(super) left_out: usize,
}

impl Dynamic {
    /// All types that interfaces can hold and all closures, in the order of their addresses; those beyond the kernel
    /// program's room are left out.
    pub(super) fn new(
        views: &mut Views<'_>,
        types: &[RuntimeType],
        closures: &[ClosureLayout],
    ) -> Self {
        let mut types: Vec<_> = types.iter().collect();
        types.sort_by_key(|ty| ty.address);
        types.dedup_by_key(|ty| ty.address);
        let mut closures: Vec<_> = closures.iter().collect();
        closures.sort_by_key(|closure| closure.code);
        closures.dedup_by_key(|closure| closure.code);
        let room = MAX_DYNAMIC as usize;
        let left_out = (types.len() + closures.len()).saturating_sub(room);
        let types: Vec<_> = types
            .into_iter()
            .take(room)
            .map(|ty| DynamicType {
                address: ty.address,
                ty: ty.ty,
                direct: ty.direct,
                link: link(views, ty),
            })
            .collect();
        let closures = closures
            .into_iter()
            .take(room - types.len())
            .map(|closure| Closure {
                code: closure.code,
                captured: closure.captured,
                link: closure_link(views, closure.captured),
            })
            .collect();
        Self {
            types,
            closures,
            left_out,
        }
    }
}

/// How an interface's data word is followed. A value that is the data word itself has its one link at its begin.
fn link(views: &mut Views<'_>, ty: &RuntimeType) -> Option<Link> {
    if views.is_redacted(ty.ty) {
        return None;
    }
    let link = if ty.direct {
        let links = views.links(ty.ty).into_iter();
        links
            .into_iter()
            .find(|link| link.offset == 0 && !is_blank(link))
    } else {
        views.target_link(ty.ty)
    };
    views.finish();
    link
}

fn closure_link(views: &mut Views<'_>, captured: Option<TypeId>) -> Link {
    let known = captured
        .and_then(|captured| views.target_link(captured))
        .map(|link| Link {
            levels: 0,
            bound: Bound::None,
            ..link
        });
    views.finish();
    known.or_else(|| single(WORD)).unwrap_or(Link::new(
        0,
        model::plan::LinkKind::Constant(1),
        WORD,
        WORD,
    ))
}
