//! pocketbase, a backend over SQLite: collections, records, accounts and their rights.

use std::process::{Command, Stdio};

use serde_json::{Value as Json, json};

use super::{Outcome, Place, Request, Server, arguments, hundred};

const USER: &str = "root@gophercon.test";
const PASSWORD: &str = "not so secret";

pub(crate) const SERVER: Server = Server {
    name: "pocketbase",
    patterns: &[
        "github.com/pocketbase/pocketbase/apis.*",
        "github.com/pocketbase/pocketbase/core.(*BaseApp).*",
        "github.com/pocketbase/pocketbase/core.(*Record).*",
        "github.com/pocketbase/pocketbase/core.(*Collection).*",
        "github.com/pocketbase/pocketbase/core.(*RecordFieldResolver).*",
        "github.com/pocketbase/pocketbase/core.(*TextField).*",
        "github.com/pocketbase/pocketbase/core.(*NumberField).*",
        "github.com/pocketbase/pocketbase/core.(*JSONField).*",
        "github.com/pocketbase/pocketbase/core.new*",
        "github.com/pocketbase/pocketbase/core.on*",
        "github.com/pocketbase/pocketbase/core.check*",
        "github.com/pocketbase/pocketbase/tools/hook.*",
        "github.com/pocketbase/pocketbase/tools/router.*",
        "github.com/pocketbase/pocketbase/tools/search.*",
        "github.com/pocketbase/pocketbase/tools/security.*",
        "github.com/pocketbase/pocketbase/tools/types.*",
        "github.com/pocketbase/pocketbase/tools/store.*",
        "github.com/pocketbase/pocketbase/tools/list.*",
        "github.com/pocketbase/pocketbase/tools/dbutils.*",
        "github.com/pocketbase/pocketbase/tools/inflector.*",
        "github.com/pocketbase/pocketbase/tools/picker.*",
        "github.com/pocketbase/pocketbase/tools/logger.*",
        "github.com/pocketbase/pocketbase/tools/tokenizer.*",
        "github.com/pocketbase/pocketbase/tools/subscriptions.*",
        "github.com/pocketbase/pocketbase/tools/routine.*",
        "github.com/pocketbase/pocketbase/tools/auth.*",
        "github.com/pocketbase/dbx.*",
        "github.com/ganigeorgiev/fexpr.*",
        "github.com/golang-jwt/jwt/v5.*",
    ],
    ready: "/api/health",
    prepare,
    requests,
};

fn prepare(place: &Place) -> Outcome<Vec<String>> {
    let data = place.path("data");
    let made = Command::new(&place.binary)
        .args(["superuser", "upsert", USER, PASSWORD, "--dir", &data])
        .current_dir(&place.folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    if !made.success() {
        return Err(format!("pocketbase superuser: {made}").into());
    }
    let listen = format!("--http=127.0.0.1:{}", place.port);
    Ok(arguments(&["serve", &listen, "--dir", &data]))
}

fn requests(place: &Place) -> Outcome<Vec<Request>> {
    let login = json!({ "identity": USER, "password": PASSWORD });
    let login = Request::post("/api/collections/_superusers/auth-with-password", &login);
    let answer = login.send(place.port)?;
    let answer: Json = serde_json::from_str(&answer.body)?;
    let token = answer["token"]
        .as_str()
        .ok_or("pocketbase gives no token")?;
    let allowed = |request: Request| request.header("Authorization", token);
    allowed(Request::post(
        "/api/collections",
        &json!({
            "name": "orders", "type": "base", "listRule": "", "createRule": "", "viewRule": "total > 0",
            "fields": [
                { "name": "title", "type": "text", "required": true, "max": 60 },
                { "name": "total", "type": "number" },
                { "name": "paid", "type": "bool" },
                { "name": "more", "type": "json" },
            ],
        }),
    ))
    .send(place.port)?;
    Ok(hundred(|n| {
        let id = format!("order{n:010}");
        let orders = "/api/collections/orders/records";
        let order = json!({ "id": id, "title": format!("Order {n}"), "total": n + 1, "paid": n % 2 == 0, "more": { "tags": ["a", "b"] } });
        vec![
            Request::get("/api/health"),
            Request::post(orders, &order),
            Request::post(orders, &json!({ "total": "no number", "title": "" })),
            Request::get(format!("{orders}/{id}")),
            Request::get(format!(
                "{orders}?page=1&perPage=5&sort=-total,title&filter=(total%3E{n}%26%26title~%27Order%27)"
            )),
            Request::get(format!("{orders}?fields=id,title&skipTotal=1")),
            Request::get(format!("{orders}?filter=(nothing={n})")),
            allowed(
                Request::new("PATCH", format!("{orders}/{id}"))
                    .json(&json!({ "title": "Paid", "total+": 5 })),
            ),
            Request::new("PATCH", format!("{orders}/{id}"))
                .json(&json!({ "title": "Not allowed" })),
            Request::get("/api/collections/users/auth-methods"),
            Request::post(
                "/api/collections/users/records",
                &json!({ "email": format!("user{n}@gophercon.test"), "password": "12345678", "passwordConfirm": "12345678" }),
            ),
            Request::post(
                "/api/collections/users/auth-with-password",
                &json!({ "identity": format!("user{n}@gophercon.test"), "password": "12345678" }),
            ),
            allowed(Request::get("/api/collections?page=1")),
            allowed(Request::get("/api/settings")),
            allowed(Request::post(
                "/api/batch",
                &json!({ "requests": [{ "method": "POST", "url": orders, "body": { "title": format!("Batch {n}") } }] }),
            )),
            allowed(Request::get("/api/logs?page=1&filter=level%3E0")),
            allowed(Request::new("DELETE", format!("{orders}/{id}"))),
            Request::get(format!("/api/none/{n}")),
            Request::get("/_/"),
            Request::get(format!("{orders}/{id}?expand=none")),
        ]
    }))
}
