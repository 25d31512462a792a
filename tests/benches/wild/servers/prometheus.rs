//! prometheus, a store of time series: queries, series, rules, and what it scrapes of itself.

use std::fs;

use super::{Outcome, Place, Request, Server, arguments, hundred};

pub(crate) const SERVER: Server = Server {
    name: "prometheus",
    // Not what is called for each sample of a scrape: `scrape`, `model/labels` and most of `tsdb`.
    patterns: &[
        "github.com/prometheus/prometheus/promql.*",
        "github.com/prometheus/prometheus/promql/parser.*",
        "github.com/prometheus/prometheus/web.*",
        "github.com/prometheus/prometheus/web/api/v1.*",
        "github.com/prometheus/prometheus/tsdb.(*DB).*",
        "github.com/prometheus/prometheus/tsdb.(*blockQuerier).*",
        "github.com/prometheus/prometheus/tsdb.(*headIndexReader).*",
        "github.com/prometheus/prometheus/storage.*",
        "github.com/prometheus/prometheus/rules.*",
        "github.com/prometheus/common/route.*",
    ],
    ready: "/-/ready",
    prepare,
    requests,
};

fn prepare(place: &Place) -> Outcome<Vec<String>> {
    let config = format!(
        "global:\n  scrape_interval: 5s\n  evaluation_interval: 5s\nrule_files: [rules.yml]\nscrape_configs:\n\
         - job_name: self\n  static_configs:\n  - targets: ['127.0.0.1:{}']\n    labels: {{ event: GopherCon }}\n",
        place.port
    );
    fs::write(place.folder.join("prometheus.yml"), config)?;
    let rules = "groups:\n- name: orders\n  rules:\n  - record: job:up:sum\n    expr: sum by (job) (up)\n\
                 \x20 - alert: Down\n    expr: up == 0\n    for: 1m\n    labels: { severity: page }\n";
    fs::write(place.folder.join("rules.yml"), rules)?;
    let listen = format!("--web.listen-address=127.0.0.1:{}", place.port);
    let config = format!("--config.file={}", place.path("prometheus.yml"));
    let data = format!("--storage.tsdb.path={}", place.path("data"));
    Ok(arguments(&[&listen, &config, &data]))
}

fn requests(_: &Place) -> Outcome<Vec<Request>> {
    Ok(hundred(|n| {
        let form = |target: &str, body: String| {
            Request::new("POST", target)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .body(body)
        };
        let query = |query: &str| Request::get(format!("/api/v1/query?query={query}"));
        vec![
            query("up"),
            query(&format!("vector({n})%2B1.5")),
            query("sum%20by%20(code)%20(rate(prometheus_http_requests_total%5B5m%5D))"),
            query("topk(3,prometheus_http_requests_total%7Bhandler%3D~%22/api.*%22%7D)"),
            query(
                "histogram_quantile(0.9,sum%20by%20(le)%20(prometheus_http_request_duration_seconds_bucket))",
            ),
            query("label_replace(up,%22a%22,%22$1%22,%22job%22,%22(.*)%22)"),
            query("sum(up"),
            Request::get(format!(
                "/api/v1/query_range?query=up&start=1700000000&end=17000000{:02}&step=5",
                10 + n
            )),
            form("/api/v1/query", format!("query=absent(none{n})&timeout=5s")),
            form(
                "/api/v1/query_range",
                "query=1>bool+2&start=1700000000&end=1700000060&step=15s".into(),
            ),
            Request::get("/api/v1/labels"),
            Request::get("/api/v1/label/job/values"),
            Request::get("/api/v1/series?match%5B%5D=up&match%5B%5D=go_goroutines"),
            Request::get("/api/v1/targets"),
            Request::get("/api/v1/rules?type=alert"),
            Request::get("/api/v1/alerts"),
            Request::get("/api/v1/metadata?limit=3"),
            Request::get("/api/v1/status/tsdb"),
            Request::get("/api/v1/status/config"),
            Request::get("/api/v1/format_query?query=sum(up)by(job)"),
            Request::get("/api/v1/query_exemplars?query=up&start=1700000000&end=1700000060"),
            Request::get("/metrics").header("Accept-Encoding", "gzip"),
            Request::get("/federate?match%5B%5D=up"),
            Request::get(format!("/none/{n}")),
            Request::get("/-/healthy"),
        ]
    }))
}
