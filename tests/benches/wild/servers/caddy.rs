//! caddy, a web server: files, templates, rewriting, and its own API.

use std::fs;

use serde_json::json;

use super::{Outcome, Place, Request, Server, arguments, hundred};

pub(crate) const SERVER: Server = Server {
    name: "caddy",
    patterns: &[
        "github.com/caddyserver/caddy/v2.*",
        "github.com/caddyserver/caddy/v2/modules/caddyhttp.*",
        "github.com/caddyserver/caddy/v2/modules/caddyhttp/encode.*",
        "github.com/caddyserver/caddy/v2/modules/caddyhttp/fileserver.*",
        "github.com/caddyserver/caddy/v2/modules/caddyhttp/headers.*",
        "github.com/caddyserver/caddy/v2/modules/caddyhttp/reverseproxy.*",
        "github.com/caddyserver/caddy/v2/modules/caddyhttp/rewrite.*",
        "github.com/caddyserver/caddy/v2/modules/caddyhttp/templates.*",
        "github.com/caddyserver/caddy/v2/modules/logging.*",
        "net/http.(*conn).*",
        "net/http.(*Transport).*",
    ],
    ready: "/ready",
    prepare,
    requests,
};

fn prepare(place: &Place) -> Outcome<Vec<String>> {
    let files = place.folder.join("files");
    fs::create_dir(&files)?;
    for name in ["order.txt", "orders.html", "data.json"] {
        fs::write(
            files.join(name),
            format!("{name} of GopherCon\n").repeat(40),
        )?;
    }
    let config = format!(
        r#"{{
    admin 127.0.0.1:{admin}
    auto_https off
}}
http://127.0.0.1:{port} {{
    log
    encode gzip
    @beta header X-Beta true
    header @beta X-Seen beta
    respond /ready "ready"
    respond /hello* "hello {{http.request.uri.query}}" 200
    handle_path /files/* {{
        root * {files}
        file_server browse
    }}
    handle_path /pages/* {{
        root * {files}
        templates
        file_server
    }}
    rewrite /old/* /hello?from={{path}}
    redir /moved /hello permanent
    handle_path /api/* {{
        reverse_proxy 127.0.0.1:{admin} {{
            header_up Host {{upstream_hostport}}
            header_up -Origin
        }}
    }}
    handle /broken {{
        error "broken" 503
    }}
}}
"#,
        admin = place.second_port,
        port = place.port,
        files = files.display(),
    );
    fs::write(place.folder.join("Caddyfile"), config)?;
    Ok(arguments(&[
        "run",
        "--config",
        "Caddyfile",
        "--adapter",
        "caddyfile",
    ]))
}

fn requests(_: &Place) -> Outcome<Vec<Request>> {
    Ok(hundred(|n| {
        vec![
            Request::get(format!("/hello?order={n}")).header("X-Beta", "true"),
            Request::get("/files/").header("Accept", "application/json"),
            Request::get("/files/order.txt").header("Accept-Encoding", "gzip"),
            Request::get("/files/data.json").header("Range", format!("bytes={n}-40")),
            Request::get(format!("/files/none{n}")),
            Request::get("/pages/orders.html"),
            Request::get(format!("/old/place/{n}?x=1")),
            Request::get("/moved"),
            Request::get("/api/config/"),
            Request::post("/api/load", &json!({ "nothing": n })),
            Request::get("/api/config/apps/http/servers"),
            Request::new("PUT", format!("/hello?put={n}")).body("text".repeat(n + 1)),
            Request::new("HEAD", "/files/orders.html"),
            Request::get("/broken").header("Cookie", format!("session={n}")),
            Request::get("/api/reverse_proxy/upstreams"),
            Request::post("/api/adapt", &json!({})),
        ]
    }))
}
