//! The harness of the live, offline and command-line tests.
