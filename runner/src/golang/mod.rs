//! Everything known about Go: tool chain and build, the binary, the ABIs, the runtime.
