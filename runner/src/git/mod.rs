//! Revisions of the user's program, as git has them.

mod repository;

pub(crate) use repository::{GitError, Repository, TouchedFile};
