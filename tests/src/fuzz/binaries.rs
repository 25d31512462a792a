//! Damaged binaries: a plan or an error, and no probe outside of its function's instructions.

use std::sync::OnceLock;

use golang::Binary;
use goproctor_ebpf::MAX_CHUNK;
use model::plan::Plan;
use plan::{PlanRequest, WatchedLabel};

use super::script::Script;
use crate::go::small_program;

/// More than this a plan of a small program can't take.
const MAX_SITES: usize = 4096;

/// The file's headers stand in so many bytes at its beginning.
const HEADERS: usize = 4096;

/// A small program that leads to values of every kind.
fn original() -> &'static [u8] {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    BYTES.get_or_init(small_program)
}

/// Bytes as changes of the program: each is a place and what to write there.
pub(super) fn hold(bytes: &[u8]) {
    let mut binary = original().to_vec();
    let mut script = Script(bytes);
    while !script.is_empty() {
        let place = script.word();
        // Headers are small beside the rest, and lead everywhere.
        let within = if place >> 62 == 0 {
            HEADERS
        } else {
            binary.len()
        };
        let at = place as usize % within;
        let length = 1 + usize::from(script.byte()) % 16;
        let new = script.bytes(length);
        if let Some(old) = binary.get_mut(at..at + new.len()) {
            old.copy_from_slice(new);
        }
    }
    check(binary);
}

/// Reads and plans a binary; whatever is wrong with it is an error of a type.
fn check(bytes: Vec<u8>) {
    let Ok(binary) = Binary::parse(bytes) else {
        return;
    };
    let labels = vec![WatchedLabel::new("all", "main.*")];
    if let Ok(built) = plan::build(&binary, &PlanRequest::new(labels)) {
        assert!(built.plan.sites.len() <= MAX_SITES);
        sound(&binary, &built.plan);
    }
}

/// Every probe is at an instruction of its function, and every read is bounded.
fn sound(binary: &Binary, plan: &Plan) {
    for site in &plan.sites {
        let function = binary
            .function_at(site.address)
            .expect("a probe is in a function");
        let code = binary
            .code(function.start..function.end)
            .expect("a function has code");
        let mut instructions = arch::instructions(code, function.start.0);
        assert!(
            instructions.any(|at| at.is_ok_and(|at| at.address() == site.address.0)),
            "a probe is at an instruction's first byte"
        );
        for read in &site.reads {
            assert!(read.link.limit <= MAX_CHUNK);
            assert!(
                read.link
                    .view
                    .is_none_or(|view| (view.0 as usize) < plan.views.len())
            );
        }
    }
    for view in &plan.views {
        for link in &view.links {
            assert!(link.limit <= MAX_CHUNK);
            assert!(
                link.view
                    .is_none_or(|view| (view.0 as usize) < plan.views.len())
            );
        }
    }
}
