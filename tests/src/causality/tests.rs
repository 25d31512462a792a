//! A comparison that cannot fail proves nothing.
