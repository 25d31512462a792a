//! Floats in vector registers: the sites at which the code has copies of them in the frame.

use golang::{
    Binary,
    code::{VectorPiece, VectorSlots, loaded_results, stored_arguments},
};
use model::plan::{Copied, Moment, Read};
use model::{Address, Function, Location, Parameter, Piece, Place, Root};

use super::{
    PlanError,
    reads::{Wanted, is_in, reads},
    selection::Watched,
    sites::Probed,
    views::Views,
};

/// A site at which copies can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CopySite {
    pub(super) address: Address,
    /// How far the stack pointer is there below where it was at the entry, in bytes.
    pub(super) below: u32,
    pub(super) copies: Vec<Copied>,
    pub(super) reads: Vec<Read>,
}

/// Which values of a function are wanted.
#[derive(Clone, Copy, Debug)]
pub(super) struct WantedMoments {
    pub(super) entry: bool,
    pub(super) returns: bool,
}

impl WantedMoments {
    /// What a spec asks of a function, as a whole or in parts.
    pub(super) fn of(watched: &Watched<'_>) -> Self {
        let asks = |root: fn(&Root) -> bool| watched.paths.iter().any(|path| root(&path.root));
        Self {
            entry: watched.arguments || asks(|root| matches!(root, Root::Argument(_))),
            returns: watched.results || asks(|root| matches!(root, Root::Result(_))),
        }
    }
}

/// The sites that a function has for its floats. Where the code keeps no copy, the value stays unknown.
pub(super) fn copy_sites(
    binary: &Binary,
    probed: &Probed<'_>,
    function: &Function,
    wanted: WantedMoments,
    views: &mut Views<'_>,
) -> Result<Vec<CopySite>, PlanError> {
    let body = &probed.body;
    let start = probed.symbol.start;
    let code = binary.code(start..probed.symbol.end)?;
    let failed = |source| PlanError::Code {
        function: function.name.clone(),
        source,
    };
    let mut sites = Vec::new();
    let parameters = vectors(&function.parameters);
    if wanted.entry && !parameters.is_empty() {
        for slots in stored_arguments(code, start, body.entry, &parameters).map_err(failed)? {
            sites.extend(site(&slots, Moment::Entry, &function.parameters, views));
        }
    }
    let results = vectors(&function.results);
    if wanted.returns && !results.is_empty() {
        for ret in &body.returns {
            for slots in loaded_results(code, start, *ret, &results).map_err(failed)? {
                let moment = Moment::Return(*ret);
                sites.extend(site(&slots, moment, &function.results, views));
            }
        }
    }
    Ok(sites)
}

/// What of values is in vector registers.
fn vectors(values: &[Parameter]) -> Vec<VectorPiece> {
    let pieces = values.iter().flat_map(|value| &value.location.pieces);
    pieces
        .filter_map(|piece| match piece.place {
            Place::Vector(register) => Some(VectorPiece {
                register,
                size: piece.size,
            }),
            _ => None,
        })
        .collect()
}

fn site(
    slots: &VectorSlots,
    moment: Moment,
    values: &[Parameter],
    views: &mut Views<'_>,
) -> Option<CopySite> {
    let copies: Vec<Copied> = (0..)
        .zip(values)
        .filter_map(|(index, value)| {
            Some(Copied {
                moment,
                index,
                location: copied(slots, value, &views.redacted_ranges(value.ty))?,
            })
        })
        .collect();
    let wanted: Vec<_> = copies
        .iter()
        .map(|copy| Wanted {
            location: &copy.location,
            range: (0, u64::MAX),
            links: Vec::new(),
            redacted: false,
        })
        .collect();
    let reads = reads(views, wanted);
    (!copies.is_empty()).then_some(CopySite {
        address: slots.site,
        below: slots.below,
        copies,
        reads,
    })
}

/// The pieces of a value in vector registers, where the frame has copies of them; what is redacted is left out.
fn copied(slots: &VectorSlots, value: &Parameter, redacted: &[(u64, u64)]) -> Option<Location> {
    let pieces: Vec<Piece> = value
        .location
        .pieces
        .iter()
        .filter_map(|piece| {
            let Place::Vector(register) = piece.place else {
                return None;
            };
            if is_in(piece, redacted) {
                return None;
            }
            let mut known = slots.slots.iter();
            let slot = known.find(|slot| slot.register == register && slot.size >= piece.size)?;
            let offset = slot.offset.checked_add(i64::from(slots.below))?;
            Some(Piece {
                place: Place::Stack(offset),
                ..*piece
            })
        })
        .collect();
    (!pieces.is_empty()).then_some(Location { pieces })
}
