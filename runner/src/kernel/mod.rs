//! The only user of aya: load, attach, drain, detach, and what the kernel is able to do.
