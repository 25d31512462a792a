//! The target that `GOPROCTOR_FUZZ` names.
#![no_main]

use std::sync::OnceLock;

use goproctor_tests::fuzz::{self, Target};
use libfuzzer_sys::fuzz_target;

fn target() -> Target {
    static TARGET: OnceLock<Target> = OnceLock::new();
    *TARGET.get_or_init(|| {
        let name = std::env::var("GOPROCTOR_FUZZ").unwrap_or_default();
        fuzz::target(&name).unwrap_or_else(|| {
            let names: Vec<_> = fuzz::TARGETS.iter().map(|target| target.name).collect();
            panic!("set GOPROCTOR_FUZZ to one of {}", names.join(", "))
        })
    })
}

fuzz_target!(|bytes: &[u8]| (target().holds)(bytes));
