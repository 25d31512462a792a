//! The compiled kernel program, kept beside its source and rebuilt by `runner-ebpf/build.sh`.

/// The object file.
#[cfg(not(feature = "unmended"))]
pub(super) static OBJECT: &[u8] =
    aya::include_bytes_aligned!("../../../runner-ebpf/goproctor.bpf.o");

/// The same without what keeps kernels from crashing.
#[cfg(feature = "unmended")]
pub(super) static OBJECT: &[u8] = aya::include_bytes_aligned!(env!("GOPROCTOR_UNMENDED"));

/// The program for one link to all sites.
pub(super) const MULTI: &str = "watch_multi";
/// The program for one link a site.
pub(super) const SINGLE: &str = "watch_single";
/// The program that tries to execute a `ret`.
pub(super) const RETURN_TRIAL: &str = "try_return";

#[cfg(test)]
mod tests {
    use object::{Object as _, ObjectSection as _, ObjectSymbol as _};

    use super::*;

    /// `call 12`, whatever is in the registers' places (include/uapi/linux/bpf.h, `BPF_FUNC_tail_call`).
    const TAIL_CALL: [u8; 8] = [0x85, 0, 0, 0, 12, 0, 0, 0];
    /// What begins the section's name of a program whose type the kernel may give a private stack
    /// (kernel/bpf/verifier.c, `bpf_enable_priv_stack`), as aya names them.
    const PREFIXES: [&str; 11] = [
        "kprobe",
        "kretprobe",
        "uprobe",
        "uretprobe",
        "ksyscall",
        "usdt",
        "tracepoint",
        "tp",
        "perf_event",
        "raw_tracepoint",
        "raw_tp",
    ];

    /// The programs of those types, and whether each has a tail call.
    fn programs(object: &[u8]) -> Vec<(String, bool)> {
        let file = object::File::parse(object).unwrap();
        let mut programs = Vec::new();
        for symbol in file.symbols().filter(|symbol| symbol.is_definition()) {
            let section = file
                .section_by_index(symbol.section_index().unwrap())
                .unwrap();
            let name = section.name().unwrap();
            if !PREFIXES.contains(&name.split(['.', '/', '+']).next().unwrap()) {
                continue;
            }
            let code = section
                .data_range(symbol.address(), symbol.size())
                .unwrap()
                .unwrap();
            let has_tail_call = code.as_chunks().0.contains(&TAIL_CALL);
            programs.push((symbol.name().unwrap().to_owned(), has_tail_call));
        }
        programs
    }

    /// Without it kernels from 6.16 on that preempt crash: see `without_private_stack` in runner-ebpf.
    #[test]
    fn every_program_keeps_the_kernel_from_giving_it_a_private_stack() {
        let programs = programs(OBJECT);
        assert_eq!(programs.len(), 3, "{programs:?}");
        for (program, has_tail_call) in programs {
            assert!(has_tail_call, "{program} has no tail call");
        }
    }

    #[test]
    fn a_program_without_it_is_found() {
        let mut object = OBJECT.to_vec();
        let position = memchr::memmem::find(&object, &TAIL_CALL).unwrap();
        object[position + 4] = 14;
        let missing = programs(&object).iter().filter(|(_, has)| !has).count();
        assert_eq!(missing, 1);
    }
}
