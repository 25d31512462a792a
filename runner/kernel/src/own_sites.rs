//! The sites of goproctor's own.

use model::{
    Address, FileOffset, Limits, SiteId,
    plan::{self, GoroutineSource, Link, Operand, Plan, Read, Site},
};

/// The two sites of calibration, numbered after a plan's own.
pub(super) fn calibration(plan: &Plan) -> [Site; 2] {
    let first = plan.sites.len() as u32;
    [first, first + 1].map(|number| Site {
        id: SiteId(number),
        // The place is found when it is attached.
        address: Address(0),
        offset: FileOffset(0),
        roles: Vec::new(),
        goroutine: GoroutineSource::Register,
        reads: vec![Read::new(
            Operand::Register(arch::CALIBRATION_TEXT[0]),
            Operand::Register(arch::CALIBRATION_TEXT[1]),
            Link::new(0, plan::LinkKind::Counted, 1, 64),
        )],
        limits: Limits::default(),
        hidden: Vec::new(),
        saves: Vec::new(),
        below: 0,
        copies: Vec::new(),
    })
}
