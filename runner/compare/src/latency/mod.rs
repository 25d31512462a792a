//! Whether calls take longer on one side than on the other.
