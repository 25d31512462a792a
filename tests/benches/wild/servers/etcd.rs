//! etcd, a store of keys: its JSON gateway leads to the same gRPC services that its clients use.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;

use super::{Outcome, Place, Request, Server, hundred};

pub(crate) const SERVER: Server = Server {
    name: "etcd",
    patterns: &[
        "go.etcd.io/etcd/server/v3/etcdserver.*",
        "go.etcd.io/etcd/server/v3/etcdserver/api/v3rpc.*",
        "go.etcd.io/etcd/server/v3/etcdserver/apply.*",
        "go.etcd.io/etcd/server/v3/etcdserver/txn.*",
        "go.etcd.io/etcd/server/v3/storage/*",
        "go.etcd.io/etcd/server/v3/lease.*",
        "go.etcd.io/etcd/server/v3/auth.*",
        "go.etcd.io/raft/v3.*",
        "github.com/grpc-ecosystem/grpc-gateway/v2/runtime.*",
    ],
    ready: "/health",
    prepare,
    requests,
};

fn prepare(place: &Place) -> Outcome<Vec<String>> {
    let client = format!("http://127.0.0.1:{}", place.port);
    let peer = format!("http://127.0.0.1:{}", place.second_port);
    let arguments = [
        ("--name", "wild"),
        // It stands still for long.
        ("--heartbeat-interval", "5000"),
        ("--election-timeout", "50000"),
        ("--data-dir", &place.path("data")),
        ("--listen-client-urls", &client),
        ("--advertise-client-urls", &client),
        ("--listen-peer-urls", &peer),
        ("--initial-advertise-peer-urls", &peer),
        ("--initial-cluster", &format!("wild={peer}")),
    ];
    let words = arguments.iter().flat_map(|(name, value)| [*name, *value]);
    Ok(words.map(str::to_owned).collect())
}

fn requests(_: &Place) -> Outcome<Vec<Request>> {
    Ok(hundred(|n| {
        let text = |text: String| STANDARD.encode(text);
        let key = text(format!("orders/{n}"));
        let value = text(format!("{{\"order\":{n},\"for\":\"GopherCon\"}}"));
        let lease = 7_000 + n;
        vec![
            Request::post("/v3/kv/put", &json!({ "key": key, "value": value })),
            Request::post("/v3/kv/range", &json!({ "key": key })),
            Request::post(
                "/v3/kv/range",
                &json!({
                    "key": text("orders/".into()), "range_end": text("orders0".into()),
                    "limit": 5, "sort_order": "DESCEND", "sort_target": "KEY",
                }),
            ),
            Request::post(
                "/v3/kv/txn",
                &json!({
                    "compare": [{ "key": key, "target": "VALUE", "result": "EQUAL", "value": value }],
                    "success": [{ "requestPut": { "key": key, "value": text("paid".into()) } }],
                    "failure": [{ "requestRange": { "key": key } }],
                }),
            ),
            Request::post("/v3/lease/grant", &json!({ "TTL": 600, "ID": lease })),
            Request::post(
                "/v3/kv/put",
                &json!({ "key": text(format!("leased/{n}")), "value": value, "lease": lease, "prev_kv": true }),
            ),
            Request::post(
                "/v3/lease/timetolive",
                &json!({ "ID": lease, "keys": true }),
            ),
            Request::post("/v3/lease/revoke", &json!({ "ID": lease })),
            Request::post(
                "/v3/kv/deleterange",
                &json!({ "key": key, "prev_kv": true }),
            ),
            Request::post("/v3/cluster/member/list", &json!({})),
            Request::post("/v3/maintenance/status", &json!({})),
            Request::post("/v3/maintenance/hash", &json!({})),
            Request::post(
                "/v3/auth/user/add",
                &json!({ "name": format!("user{n}"), "password": "secret" }),
            ),
            Request::post("/v3/auth/role/add", &json!({ "name": format!("role{n}") })),
            Request::post(
                "/v3/auth/user/grant",
                &json!({ "user": format!("user{n}"), "role": format!("role{n}") }),
            ),
            Request::post("/v3/auth/user/list", &json!({})),
            Request::post("/v3/kv/range", &json!({ "key": "no base64" })),
            Request::post("/v3/kv/compaction", &json!({ "revision": 2 + n })),
            Request::get("/version"),
            Request::get("/no/such/path").header("X-Order", format!("{n}")),
        ]
    }))
}
