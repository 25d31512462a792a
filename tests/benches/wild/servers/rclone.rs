//! rclone, which copies files between stores, commanded over HTTP.

use std::fs;

use serde_json::json;

use super::{Outcome, Place, Request, Server, arguments, hundred};

pub(crate) const SERVER: Server = Server {
    name: "rclone",
    patterns: &[
        "github.com/rclone/rclone/fs.*",
        "github.com/rclone/rclone/fs/accounting.*",
        "github.com/rclone/rclone/fs/cache.*",
        "github.com/rclone/rclone/fs/config.*",
        "github.com/rclone/rclone/fs/config/*",
        "github.com/rclone/rclone/fs/filter.*",
        "github.com/rclone/rclone/fs/fspath.*",
        "github.com/rclone/rclone/fs/hash.*",
        "github.com/rclone/rclone/fs/list.*",
        "github.com/rclone/rclone/fs/march.*",
        "github.com/rclone/rclone/fs/operations.*",
        "github.com/rclone/rclone/fs/rc.*",
        "github.com/rclone/rclone/fs/rc/*",
        "github.com/rclone/rclone/fs/sync.*",
        "github.com/rclone/rclone/fs/walk.*",
        "github.com/rclone/rclone/backend/local.*",
        "github.com/rclone/rclone/lib/*",
    ],
    ready: "/",
    prepare,
    requests,
};

fn prepare(place: &Place) -> Outcome<Vec<String>> {
    for folder in ["from/sub", "to"] {
        fs::create_dir_all(place.folder.join(folder))?;
    }
    for name in ["order.txt", "sub/data.json", "sub/more.txt"] {
        fs::write(
            place.folder.join("from").join(name),
            "GopherCon\n".repeat(50),
        )?;
    }
    let listen = format!("--rc-addr=127.0.0.1:{}", place.port);
    let config = format!("--config={}", place.path("rclone.conf"));
    Ok(arguments(&[
        "rcd",
        "--rc-no-auth",
        "--rc-serve",
        &listen,
        &config,
    ]))
}

fn requests(place: &Place) -> Outcome<Vec<Request>> {
    let (from, to) = (place.path("from"), place.path("to"));
    Ok(hundred(|n| {
        let call = |name: &str, argument: serde_json::Value| Request::post(name, &argument);
        vec![
            call("/rc/noop", json!({ "order": n, "for": ["GopherCon"] })),
            call(
                "/operations/list",
                json!({ "fs": from, "remote": "", "opt": { "recurse": true } }),
            ),
            call(
                "/operations/mkdir",
                json!({ "fs": to, "remote": format!("made{n}") }),
            ),
            call(
                "/operations/copyfile",
                json!({ "srcFs": from, "srcRemote": "order.txt", "dstFs": to, "dstRemote": format!("copy{n}.txt") }),
            ),
            call(
                "/operations/stat",
                json!({ "fs": to, "remote": format!("copy{n}.txt") }),
            ),
            call(
                "/operations/movefile",
                json!({
                    "srcFs": to, "srcRemote": format!("copy{n}.txt"), "dstFs": to, "dstRemote": format!("made{n}/moved.txt"),
                }),
            ),
            call(
                "/operations/deletefile",
                json!({ "fs": to, "remote": format!("none{n}") }),
            ),
            call(
                "/sync/copy",
                json!({ "srcFs": from, "dstFs": to, "_filter": { "IncludeRule": ["*.txt"] } }),
            ),
            call(
                "/sync/sync",
                json!({ "srcFs": from, "dstFs": format!("{to}/made{n}"), "_config": { "CheckSum": true } }),
            ),
            call("/operations/size", json!({ "fs": from })),
            call(
                "/operations/hashsum",
                json!({ "fs": from, "hashType": "md5" }),
            ),
            call("/operations/about", json!({ "fs": from })),
            call("/operations/fsinfo", json!({ "fs": from })),
            call("/core/stats", json!({})),
            call("/core/version", json!({})),
            call("/options/get", json!({ "blocks": "main" })),
            call(
                "/config/create",
                json!({ "name": format!("alias{n}"), "type": "alias", "parameters": { "remote": from } }),
            ),
            call("/config/listremotes", json!({})),
            call("/config/get", json!({ "name": format!("alias{n}") })),
            call(
                "/operations/list",
                json!({ "fs": format!("alias{n}:"), "remote": "sub" }),
            ),
            call("/job/list", json!({})),
            call("/no/such", json!({ "n": n })),
            Request::get(format!("/[{from}]/order.txt")),
            Request::get(format!("/[{from}]/sub/")).header("Accept", "text/html"),
            call(
                "/operations/purge",
                json!({ "fs": to, "remote": format!("made{n}") }),
            ),
        ]
    }))
}
