//! Stable text of calls; compare, accept, reject. Knows nothing of the kernel.
