//! The compiled kernel program, kept beside its source and rebuilt by `runner-ebpf/build.sh`.

/// The object file.
pub(super) static OBJECT: &[u8] =
    aya::include_bytes_aligned!("../../../runner-ebpf/goproctor.bpf.o");

/// The program for one link to all sites.
pub(super) const MULTI: &str = "watch_multi";
/// The program for one link a site.
pub(super) const SINGLE: &str = "watch_single";
