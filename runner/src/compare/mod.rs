//! Several sessions judged against one another: what differs between Go releases.
