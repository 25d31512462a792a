//! What a spec redacts stands nowhere: not in what is printed, not in JSON, not in a recording, not in a snapshot.

use std::{
    fs,
    io::Read as _,
    os::unix::process::ExitStatusExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use goproctor_tests::{
    command::{self, goproctor},
    go::NEWEST,
    harness::Test,
};

pub(crate) const TESTS: &[Test<'static>] = &[
    ("redacted_secrets_stand_nowhere", hidden),
    ("secrets_that_are_not_redacted_are_found", found),
];

/// The stack's calling convention, and the registers'.
const RELEASES: [&str; 2] = ["go1.16.15", NEWEST];
/// So many bytes of a secret are a leak: two words are, and so is half of one that is longer.
const PART: usize = 8;

const REDACT: &str = r#"
[redact]
values   = { "*.Password" = "[password]", "password" = "[password]" }
types    = { "main.Secret" = "[secret]", "main.Key" = "[key]" }
patterns = ["Bearer [A-Za-z0-9_]{20,}", "tok_[A-Za-z0-9]{28}"]
"#;

const TESTED: &str = r#"
[limits]
depth  = 5
bytes  = 32768
string = 512

[[test]]
name     = "everything is handed around"
request  = { get = "/", status = 200 }
snapshot = true

[test.calls.type]
args    = { token = { any = true }, key = { any = true } }
returns = [{ any = true }, { any = true }]

[test.calls.struct]
args = { login.User = "gopher" }

[[test]]
name    = "arguments that are others"
request = { get = "/", status = 200 }

[test.calls.text]
args = { text = "nothing of the kind", bytes = { contains = "nothing of the kind" } }

[test.calls.header]
args    = { 'header["Authorization"][0]' = "none" }
returns = "none"

[test.calls.struct]
args = { login.User = "nobody" }

[[test]]
name    = "an error with another message"
request = { get = "/", status = 200 }

[test.calls.error]
args  = { err = { nil = true } }
error = { contains = "nothing of the kind" }

[[test]]
name    = "an answer that is another"
request = { get = "/", status = 404, body = "none", response-headers = { Authorization = "none" } }

[[test]]
name     = "an order that is another"
request  = { get = "/" }
sequence = { exact = ["string", { call = "parts", args = { part = "none" } }] }
count    = { interface = 1 }
never    = ["map"]

[[test]]
name    = "a server that dies"
request = { get = "/die", status = 200 }

[test.calls.header]
outcome = "returned"
"#;

/// The secrets of one run.
struct Secrets {
    password: String,
    token: String,
    bearer: String,
}

impl Secrets {
    fn new() -> Self {
        Self {
            password: random(32),
            token: random(32),
            bearer: format!("tok_{}", random(28)),
        }
    }

    fn all(&self) -> [(&'static str, &str); 3] {
        // What all bearers begin with is no secret.
        let bearer = self.bearer.strip_prefix("tok_").unwrap();
        [
            ("the password", &self.password),
            ("the token", &self.token),
            ("the bearer's credentials", bearer),
        ]
    }

    /// Which secrets stand in these bytes, by what.
    fn within(&self, bytes: &[u8]) -> Vec<(&'static str, String)> {
        let mut found = Vec::new();
        for (name, secret) in self.all() {
            for needle in needles(secret) {
                if contains(bytes, &needle) {
                    found.push((name, String::from_utf8_lossy(&needle).into_owned()));
                }
            }
        }
        found
    }
}

/// Letters and digits, as many.
fn random(length: usize) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut bytes = vec![0; length];
    let mut source = fs::File::open("/dev/urandom").unwrap();
    source.read_exact(&mut bytes).unwrap();
    let letter = |byte: u8| char::from(ALPHABET[usize::from(byte) % ALPHABET.len()]);
    bytes.into_iter().map(letter).collect()
}

/// All parts of a secret that are a leak: as they are, backwards as a number in memory is told, in hexadecimal, in
/// decimal, and in base64 at each of the three places in a group.
fn needles(secret: &str) -> Vec<Vec<u8>> {
    let mut needles = Vec::new();
    for part in secret.as_bytes().windows(PART) {
        let number = u64::from_le_bytes(part.try_into().unwrap());
        let hex: String = part.iter().map(|byte| format!("{byte:02x}")).collect();
        needles.push(part.to_vec());
        needles.push(hex.to_uppercase().into_bytes());
        needles.push(hex.into_bytes());
        needles.push(format!("{number:x}").into_bytes());
        needles.push(number.to_string().into_bytes());
        needles.push((number as i64).to_string().into_bytes());
        for skip in 0..3 {
            // Whole groups alone: what stands beside them depends on the neighbours.
            let whole = &part[skip..skip + (PART - skip) / 3 * 3];
            needles.push(STANDARD.encode(whole).into_bytes());
        }
    }
    for half in [&secret[..secret.len() / 2], &secret[secret.len() / 2..]] {
        needles.push(half.as_bytes().to_vec());
    }
    // Three bytes in base64 are too short to tell anything.
    needles.retain(|needle| needle.len() >= PART);
    needles
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    let Some(first) = needle.first() else {
        return false;
    };
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| byte == first) {
        if rest[at..].starts_with(needle) {
            return true;
        }
        rest = &rest[at + 1..];
    }
    false
}

/// What one run of the whole left behind, by name.
type Traces = Vec<(String, Vec<u8>)>;

/// Runs everything that goproctor has with a program that is told these secrets.
fn traces(release: &str, redact: &str, secrets: &Secrets) -> Traces {
    let folder = tempfile::tempdir().unwrap();
    let apart = tempfile::tempdir().unwrap();
    build(release, &folder.path().join("secrets"));
    let told = apart.path().join("told");
    fs::write(&told, format!("{}\n{}\n", secrets.password, secrets.token)).unwrap();
    let spec = folder.path().join("secrets.proctor.toml");
    fs::write(&spec, text(&told, redact, secrets)).unwrap();

    let mut traces = Traces::new();
    let mut run = |arguments: &[&str], exit: i32| {
        let output = goproctor()
            .args(arguments)
            .current_dir(folder.path())
            .output()
            .unwrap();
        let told = arguments.join(" ");
        let (out, err) = (&output.stdout, &output.stderr);
        assert_eq!(
            (output.status.code(), output.status.signal()),
            (Some(exit), None),
            "{release}: {told}: {}{}",
            String::from_utf8_lossy(out),
            String::from_utf8_lossy(err)
        );
        traces.push((format!("what `{told}` printed"), output.stdout));
        traces.push((format!("what `{told}` said"), output.stderr));
    };
    run(&["run", "-v", "--record", "all.jsonl"], 1);
    run(&["run", "--json"], 1);
    run(&["run", "--json", "-v", "--accept"], 1);
    run(&["run", "-run", "everything", "-v"], 0);
    run(&["replay", "all.jsonl", "-v"], 1);
    run(&["replay", "all.jsonl", "--json"], 1);

    let spec = fs::canonicalize(spec).unwrap();
    for path in files(folder.path()) {
        if fs::canonicalize(&path).unwrap() == spec || path.ends_with("secrets") {
            continue;
        }
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = fs::read(&path).unwrap();
        if name == "all.jsonl" {
            traces.push((format!("the records in {name}"), decoded(&bytes)));
        }
        traces.push((name, bytes));
    }
    assert!(
        traces.iter().any(|(name, _)| name == "all.jsonl")
            && traces.iter().any(|(name, _)| name.ends_with(".snap")),
        "a recording and a snapshot were looked for"
    );
    traces
}

fn text(told: &Path, redact: &str, secrets: &Secrets) -> String {
    let names = [
        "String",
        "Struct",
        "Pointer",
        "Registers",
        "Type",
        "Interface",
        "Map",
        "Slice",
        "Header",
        "Request",
        "Error",
        "Text",
        "Closure",
        "Parts",
    ];
    let functions: String = names
        .iter()
        .map(|name| format!("{} = \"main.by{name}\"\n", name.to_lowercase()))
        .collect();
    format!(
        "[program]\nbinary = \"secrets\"\nenv = {{ LISTEN = \"127.0.0.1:${{port}}\", SECRETS = {told:?}, BEARER = \"{}\" }}\n\n\
         [functions]\n{functions}cut = {{ func = \"main.byCut\", limits = {{ string = 48 }} }}\n{redact}{TESTED}",
        secrets.bearer
    )
}

fn build(release: &str, path: &Path) {
    let output = Command::new("go")
        .args(["build", "-o"])
        .arg(path)
        .arg("./secrets")
        .current_dir(command::repository().join("go-fixtures/base"))
        .env("GOENV", "off")
        .env("GOTOOLCHAIN", release)
        .env("GOFLAGS", "-mod=mod")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{release}: {said}");
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else {
            files.push(path);
        }
    }
    files
}

/// Every text in a recording's JSON that is base64, decoded, one after the other.
fn decoded(recording: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for line in recording.split(|byte| *byte == b'\n') {
        if !line.is_empty() {
            collect(&serde_json::from_slice(line).unwrap(), &mut bytes);
        }
    }
    assert!(bytes.len() > 10_000, "there are records");
    bytes
}

fn collect(value: &serde_json::Value, into: &mut Vec<u8>) {
    match value {
        serde_json::Value::String(text) => {
            if let Ok(bytes) = STANDARD.decode(text) {
                into.extend(bytes);
                into.push(b'\n');
            }
        }
        serde_json::Value::Array(values) => values.iter().for_each(|value| collect(value, into)),
        serde_json::Value::Object(fields) => {
            fields.values().for_each(|value| collect(value, into));
        }
        _ => {}
    }
}

fn hidden() {
    for release in RELEASES {
        let secrets = Secrets::new();
        let traces = traces(release, REDACT, &secrets);
        for (place, bytes) in &traces {
            let found = secrets.within(bytes);
            assert!(
                found.is_empty(),
                "{release}: {place}: {found:?}\n{}",
                around(bytes, &found)
            );
        }
        let printed = &traces[0].1;
        for label in ["[password]", "[secret]", "[key]", "*******"] {
            assert!(
                contains(printed, label.as_bytes()),
                "{release}: {label} stands where a value was"
            );
        }
    }
}

/// Some of what stands before and after what was found.
fn around(bytes: &[u8], found: &[(&str, String)]) -> String {
    let Some((_, needle)) = found.first() else {
        return String::new();
    };
    let text = String::from_utf8_lossy(bytes);
    let at = text.find(needle.as_str()).unwrap_or_default();
    let before: String = text[..at].chars().rev().take(200).collect();
    let before: String = before.chars().rev().collect();
    let after: String = text[at..].chars().take(120).collect();
    format!("{before}{after}")
}

/// The same search finds each of the secrets in each kind of place if nothing is redacted.
fn found() {
    for release in RELEASES {
        let secrets = Secrets::new();
        let traces = traces(release, "", &secrets);
        let kinds = [
            "run -v",
            "run --json",
            "replay all.jsonl",
            "the records in",
            ".snap",
        ];
        for kind in kinds {
            for (secret, _) in secrets.all() {
                // JSON tells of a failure what was got, which is no password and no token in this spec.
                if kind == "run --json" && !secret.contains("bearer") {
                    continue;
                }
                let stands =
                    traces
                        .iter()
                        .filter(|(place, _)| place.contains(kind))
                        .any(|(_, bytes)| {
                            secrets
                                .within(bytes)
                                .iter()
                                .any(|(name, _)| *name == secret)
                        });
                assert!(stands, "{release}: {secret} in {kind}");
            }
        }
    }
}
