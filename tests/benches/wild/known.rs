//! Differences that were looked into by hand. docs/wild.md tells how.

use super::tally::Difference;

/// A difference that is known, and who is right.
struct Known {
    server: &'static str,
    functions: &'static [&'static str],
    path: &'static str,
    /// How what delve says ends.
    theirs: &'static str,
    why: &'static str,
}

const TRIGGER: &str = "github.com/pocketbase/pocketbase/tools/hook.(*Hook).Trigger";
const WRONG_TYPE: &str = "goproctor is right: the parameter is a pointer by its declaration, and delve takes another type for it";

const STORE: &str = "go.etcd.io/etcd/server/v3/storage/mvcc.(*hashStorage).Store";
const NO_PADDING: &str = "goproctor is right: delve puts the registers of a struct side by side, without the padding between its fields";

const KNOWN: [Known; 5] = [
    Known {
        server: "caddy",
        functions: &[
            "github.com/caddyserver/caddy/v2.adminHandler.ServeHTTP",
            "github.com/caddyserver/caddy/v2.adminHandler.checkHost",
            "github.com/caddyserver/caddy/v2.adminHandler.handleError",
            "github.com/caddyserver/caddy/v2.adminHandler.serveHTTP",
        ],
        path: "h.allowedOrigins",
        theirs: "([]*net/url.URL)",
        why: NO_PADDING,
    },
    Known {
        server: "etcd",
        functions: &[STORE],
        path: "hash.CompactRevision",
        theirs: "(int64)",
        why: NO_PADDING,
    },
    Known {
        server: "etcd",
        functions: &[STORE],
        path: "hash.Revision",
        theirs: "(int64)",
        why: NO_PADDING,
    },
    Known {
        server: "pocketbase",
        functions: &[TRIGGER],
        path: "event",
        theirs: "(uint8)",
        why: WRONG_TYPE,
    },
    Known {
        server: "pocketbase",
        functions: &[TRIGGER],
        path: "h",
        theirs: "(bool)",
        why: WRONG_TYPE,
    },
];

/// Who is right, and why, if that is known.
pub(crate) fn reason(server: &str, difference: &Difference) -> Option<&'static str> {
    let mut known = KNOWN.iter().filter(|known| {
        known.server == server
            && known.functions.contains(&difference.function.as_str())
            && known.path == difference.path
            && difference.theirs.ends_with(known.theirs)
    });
    known.next().map(|known| known.why)
}
