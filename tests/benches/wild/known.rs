//! Differences that were looked into by hand. docs/wild.md tells how.

use super::tally::Difference;

/// A difference that is known, and who is right.
struct Known {
    server: &'static str,
    function: &'static str,
    path: &'static str,
    /// How what delve says ends.
    theirs: &'static str,
    why: &'static str,
}

const TRIGGER: &str = "github.com/pocketbase/pocketbase/tools/hook.(*Hook).Trigger";
const WRONG_TYPE: &str = "goproctor is right: the parameter is a pointer by its declaration, and delve takes another type for it";

const STORE: &str = "go.etcd.io/etcd/server/v3/storage/mvcc.(*hashStorage).Store";
const NO_PADDING: &str = "goproctor is right: delve puts the registers of a struct side by side, without the padding between its fields";

const KNOWN: [Known; 4] = [
    Known {
        server: "etcd",
        function: STORE,
        path: "hash.CompactRevision",
        theirs: "(int64)",
        why: NO_PADDING,
    },
    Known {
        server: "etcd",
        function: STORE,
        path: "hash.Revision",
        theirs: "(int64)",
        why: NO_PADDING,
    },
    Known {
        server: "pocketbase",
        function: TRIGGER,
        path: "event",
        theirs: "(uint8)",
        why: WRONG_TYPE,
    },
    Known {
        server: "pocketbase",
        function: TRIGGER,
        path: "h",
        theirs: "(bool)",
        why: WRONG_TYPE,
    },
];

/// Who is right, and why, if that is known.
pub(crate) fn reason(server: &str, difference: &Difference) -> Option<&'static str> {
    let mut known = KNOWN.iter().filter(|known| {
        known.server == server
            && known.function == difference.function
            && known.path == difference.path
            && difference.theirs.ends_with(known.theirs)
    });
    known.next().map(|known| known.why)
}
