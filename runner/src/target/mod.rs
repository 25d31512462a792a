//! The process under test: supervisor, free ports, user and privileges, readiness, output, clean end.
