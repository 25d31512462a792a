//! The sites of goproctor's own.

use model::{
    Address, FileOffset, Limits, SiteId,
    plan::{
        self, GoroutineSource, Link, Operand, Plan, Read, RuntimeLayout, Site, SiteInstruction,
    },
};

/// A plan of one site that nothing runs over, for calibration alone.
pub(super) fn plan() -> Plan {
    let [site, ..] = calibration(&Plan::default());
    // Some layout of `runtime.g`: what a read costs does not depend on it.
    let runtime = RuntimeLayout {
        g_goid: 152,
        g_stack_hi: 8,
        ..RuntimeLayout::default()
    };
    Plan {
        sites: vec![site],
        runtime,
        ..Plan::default()
    }
}

/// How many sites calibration has: one for each kind of instruction.
pub(super) const CALIBRATION: usize = 3;

/// The sites of calibration, in the order of [`arch::calibration_targets`], numbered after a plan's own.
pub(super) fn calibration(plan: &Plan) -> [Site; CALIBRATION] {
    let first = plan.sites.len() as u32;
    let instructions = [
        SiteInstruction::Plain,
        SiteInstruction::Plain,
        SiteInstruction::Return,
    ];
    let mut numbers = first..;
    instructions.map(|instruction| Site {
        id: SiteId(numbers.next().unwrap_or(first)),
        instruction,
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
