//! Which of many things makes a difference: trials that somebody else makes, one after the other.
