//! What must not be seen is gone before anything below sees it.
