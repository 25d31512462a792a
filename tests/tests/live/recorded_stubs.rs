//! Stubs recorded from real answers: what is written, pasted into the spec, answers as the upstream did.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::Path,
    sync::{Arc, Mutex},
    thread,
};

use goproctor_tests::{
    command::{goproctor, repository},
    harness::Test,
};

pub(crate) const TESTS: &[Test<'static>] = &[(
    "stubs_are_recorded_from_their_upstream",
    stubs_are_recorded_from_their_upstream,
)];

/// What the upstream answers, one after the other: the last repeats.
const ANSWERS: [&str; 3] = [
    "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nDate: Tue, 01 Dec 2026 00:00:00 GMT\r\nContent-Length: 5\r\n\r\nlater",
    "HTTP/1.1 500 Internal Server Error\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{\"a\r\n6\r\n\":\"'\"}\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nX-Token: tok-secret\r\nContent-Length: 10\r\n\r\ntok-secret",
];

/// A service of its own, with an account of what it was asked.
struct Upstream {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Upstream {
    fn begin() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let account = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let stream = stream.unwrap();
                let account = Arc::clone(&account);
                thread::spawn(move || serve(&stream, &account));
            }
        });
        Self { port, asked }
    }

    fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

/// Answers one request, and closes the connection.
fn serve(stream: &TcpStream, account: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).unwrap_or(0) == 0 {
            return;
        }
    }
    let length = head.to_lowercase();
    let length = length
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    reader.read_exact(&mut body).unwrap();
    let number = {
        let mut account = account.lock().unwrap();
        account.push(head);
        account.len() - 1
    };
    let answer = ANSWERS[number.min(ANSWERS.len() - 1)];
    let mut stream = stream;
    stream.write_all(answer.as_bytes()).unwrap();
}

fn spec(stub: &str) -> String {
    let package = repository().join("go-fixtures/base/orders");
    format!(
        r#"[program]
package = {package:?}
args    = ["-listen=127.0.0.1:${{port}}", "-site=${{stub.site}}"]

{stub}
[functions]
attempt = "main.attempt"

[redact]
patterns = ["tok-[a-z]+"]

[[test]]
name     = "the site is asked until it answers"
request  = {{ get = "/retry", body = "attempts: 3\n" }}
sequence = {{ exact = [{{ call = "attempt", returns = 503 }}, {{ call = "attempt", returns = 500 }}, {{ call = "attempt", returns = 200 }}] }}
"#
    )
}

/// How `goproctor run` ended, and what it wrote.
fn run(folder: &Path, words: &[&str]) -> (Option<i32>, String) {
    let output = goproctor()
        .arg("run")
        .args(words)
        .current_dir(folder)
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&text).into())
}

fn stubs_are_recorded_from_their_upstream() {
    let upstream = Upstream::begin();
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let declared = format!(
        "[stubs.site]\nupstream = \"http://127.0.0.1:{}\"\n",
        upstream.port
    );
    let file = folder.join("retry.proctor.toml");
    fs::write(&file, spec(&declared)).unwrap();

    let (exit, text) = run(folder, &[]);
    assert_eq!(exit, Some(3), "{text}");
    assert!(text.contains("has no answers yet"), "{text}");
    assert_eq!(upstream.asked(), 0, "nobody said that it may be asked");

    let (exit, text) = run(folder, &["--record-stubs", "site.toml"]);
    assert_eq!(exit, Some(0), "{text}");
    assert_eq!(upstream.asked(), 3);
    let head = upstream.asked.lock().unwrap()[0].to_lowercase();
    assert!(head.contains(&format!("\r\nhost: 127.0.0.1:{}\r\n", upstream.port)));
    assert!(!head.contains("accept-encoding"), "{head}");
    let tables = fs::read_to_string(folder.join("site.toml")).unwrap();
    assert_eq!(
        tables,
        "[stubs.site.routes]\n\
         # There were several set-cookie: an answer has the first.\n\
         \"GET /\" = [\n  \
           { status = 503, headers = { retry-after = \"1\" }, body = \"later\" },\n  \
           { status = 500, body = \"{\\\"a\\\":\\\"'\\\"}\" },\n  \
           { status = 200, headers = { set-cookie = \"a=1\", x-token = \"**********\" }, body = \"**********\" },\n\
         ]\n"
    );

    // Pasted, it answers as the upstream did, which is asked no more.
    fs::write(&file, spec(&format!("{declared}\n{tables}"))).unwrap();
    for _ in 0..2 {
        let (exit, text) = run(folder, &[]);
        assert_eq!(exit, Some(0), "{text}");
    }
    assert_eq!(upstream.asked(), 3);

    // Recorded anew, the upstream is asked and not the stub.
    let (exit, text) = run(folder, &["--record-stubs", "again.toml"]);
    assert_eq!(exit, Some(1), "the site answers at once now:\n{text}");
    let tables = fs::read_to_string(folder.join("again.toml")).unwrap();
    assert!(tables.contains("\"GET /\" = { status = 200"), "{tables}");
}
