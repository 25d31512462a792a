//! `[program]`: what is built or run, and when it counts as ready.

use toml::de::DeValue;

use super::{
    surroundings,
    template::{self, Place, given},
};
use crate::{
    Spanned, SpecError,
    cursor::{self, Node, Table},
    document::{Build, Origin, Program, Ready, ReadyProbe, Template, Tls, hidden_race_reports},
    grammar,
};

/// What `[program]` says.
pub(super) struct Read {
    /// The program under test.
    pub program: Program,
    /// Whether floats are to be read of all declared functions.
    pub floats: bool,
}

/// The program under test.
pub(super) fn program(node: &Node<'_>) -> Option<Read> {
    let mut table = node.table(&grammar::PROGRAM)?;
    let origin = origin(&mut table);
    let args = table.read("args", |node| {
        node.each(|node| given(node, Place::Arguments))
    });
    let env = table.read("env", environment);
    let files = table.read("files", surroundings::files);
    let workdir = table.read("workdir", surroundings::workdir);
    let setup = table.read("setup", surroundings::setup);
    let ready = table.read("ready", ready);
    let toolchain = table.read("toolchain", toolchain);
    let build = table.read("build", build);
    let restart = table.read("restart", Node::flag);
    let floats = table.read("floats", Node::flag);
    let fast_returns = table.read("fast-returns", Node::flag);
    let tls = table.read("tls", tls);
    table.finish();
    let program = Program {
        tls: tls.flatten(),
        args: args.unwrap_or_default(),
        env: env.unwrap_or_default(),
        files: files.unwrap_or_default(),
        workdir,
        setup: setup.unwrap_or_default(),
        ready: ready.unwrap_or_default(),
        toolchain,
        build: build.unwrap_or_default(),
        restart: restart.unwrap_or(true),
        fast_returns: fast_returns.unwrap_or(false),
        ..Program::new(origin?)
    };
    // For a binary it has been refused.
    let is_built = matches!(program.origin, Origin::Package(_));
    Some(Read {
        program,
        floats: is_built && floats.unwrap_or(false),
    })
}

fn origin(table: &mut Table<'_>) -> Option<Origin> {
    match (table.span_of("package"), table.span_of("binary")) {
        (Some(package), Some(binary)) => {
            table.read("package", Node::filled_text);
            table.read("binary", cursor::path);
            table.refuse(
                SpecError::at(
                    binary,
                    "a program comes from a package or is a binary, not both",
                )
                .label("or this")
                .related(package, "either this"),
            )
        }
        (None, None) => {
            table.refuse(
                table
                    .error("neither `package` nor `binary` is given")
                    .label("no program here")
                    .help("package = \"./cmd/server\" is built with `go build`; binary = \"./server\" exists already"),
            )
        }
        (Some(_), None) => table
            .read("package", Node::filled_text)
            .map(Origin::Package),
        (None, Some(binary)) => {
            for key in ["toolchain", "build", "floats"] {
                if let Some(span) = table.span_of(key) {
                    table.report(
                        SpecError::at(
                            span,
                            format!("`{key}` says how to build, and a binary is built already"),
                        )
                        .related(binary.clone(), "the binary"),
                    );
                }
            }
            table.read("binary", cursor::path).map(Origin::Binary)
        }
    }
}

/// Environment variables by name.
pub(super) fn environment(node: &Node<'_>) -> Option<Vec<(String, Spanned<Template>)>> {
    let mut variables = Vec::new();
    for entry in node.entries()? {
        let (key, node) = (entry.key, entry.node);
        if key.value.is_empty() || key.value.contains(['=', '\0']) {
            node.report(
                SpecError::at(key.span, "this is not a name of an environment variable")
                    .label("empty, or with = or NUL"),
            );
            continue;
        }
        if matches!(node.value, DeValue::Integer(_) | DeValue::Boolean(_)) {
            node.report(
                node.error("an environment variable is a string")
                    .help("write it in quotes"),
            );
            continue;
        }
        let value = given(&node, Place::Environment);
        if let Some(value) = value.filter(|value| reports_are_seen(&node, &key, value)) {
            variables.push((key.value, value));
        }
    }
    Some(variables)
}

/// Whether the race detector's reports stay where they are read: the program's output.
fn reports_are_seen(node: &Node<'_>, name: &Spanned<String>, value: &Spanned<Template>) -> bool {
    if name.value != "GORACE" {
        return true;
    }
    let text = template::literal(&value.value);
    let hides = hidden_race_reports(&text);
    if let Some(option) = hides {
        node.report(
            node.error(format!("`{option}` may hide the race detector's reports"))
                .help("remove it: goproctor reads the reports from the program's standard error"),
        );
    }
    hides.is_none()
}

fn ready(node: &Node<'_>) -> Option<Ready> {
    let mut table = node.table(&grammar::READY)?;
    let both = table.span_of("get").zip(table.span_of("accept"));
    let get = table.read("get", path);
    let accept = table.take("accept");
    let within = table.read("within", Node::time_limit);
    table.finish();
    if let Some((get, accept)) = both {
        return node.refuse(
            SpecError::at(accept, "readiness has one probe")
                .label("or this")
                .related(get, "either this"),
        );
    }
    if let Some(accept) = accept
        && !accept.flag()?
    {
        return accept.refuse(
            accept
                .error("`accept` can only be true")
                .help("remove it, or use `get`"),
        );
    }
    Some(Ready {
        probe: get.map_or(ReadyProbe::Accepts, ReadyProbe::Get),
        within: within.unwrap_or(Ready::default().within),
        span: Some(node.span.clone()),
    })
}

fn path(node: &Node<'_>) -> Option<String> {
    let text = node.filled_text()?;
    if text.value.contains("${") {
        return node.refuse(
            node.error("the ready path takes no placeholders")
                .help("it is a path on ${port}, such as \"/healthz\""),
        );
    }
    super::request::target_is_sound(node, &text.value)?;
    Some(text.value)
}

/// Whether and how TLS is spoken; none if the value is wrong.
fn tls(node: &Node<'_>) -> Option<Option<Spanned<Tls>>> {
    let tls = match node.value {
        DeValue::Boolean(false) => return Some(None),
        DeValue::Boolean(true) => Tls::Unverified,
        DeValue::Table(_) => {
            let mut table = node.table(&grammar::TLS)?;
            let ca = table.required("ca", cursor::path);
            table.finish();
            Tls::Trusting(ca?.value)
        }
        _ => return node.mismatch("true, or a table with `ca`"),
    };
    Some(Some(Spanned::new(tls, node.span.clone())))
}

pub(super) fn toolchain(node: &Node<'_>) -> Option<Spanned<String>> {
    let text = node.filled_text()?;
    let numbers = text.value.strip_prefix("go1.").unwrap_or_default();
    let release = !numbers.is_empty()
        && numbers.starts_with(|c: char| c.is_ascii_digit())
        && numbers
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '.');
    if !release {
        return node.refuse(
            node.error(format!("`{}` is not a Go release", text.value))
                .help("releases are named as in `go version`: \"go1.26.8\""),
        );
    }
    Some(text)
}

fn build(node: &Node<'_>) -> Option<Build> {
    let mut table = node.table(&grammar::BUILD)?;
    let tags = table.read("tags", |node| node.each(tag));
    let flags = table.read("flags", |node| node.each(flag));
    let race_at = table.span_of("race");
    let race = table.read("race", Node::flag);
    table.finish();
    Some(Build {
        tags: tags.unwrap_or_default(),
        flags: flags.unwrap_or_default(),
        race: race.unwrap_or(false),
        race_at: race_at.filter(|_| race == Some(true)),
    })
}

fn tag(node: &Node<'_>) -> Option<String> {
    let text = node.filled_text()?;
    if text.value.contains([',', ' ']) {
        return node.refuse(
            node.error("this is more than one build tag")
                .help("write them as a list: tags = [\"a\", \"b\"]"),
        );
    }
    Some(text.value)
}

fn flag(node: &Node<'_>) -> Option<Spanned<String>> {
    let text = node.filled_text()?;
    if !text.value.starts_with('-') {
        return node.refuse(
            node.error("a flag begins with a dash")
                .help("a flag and its value are one string: \"-ldflags=-X main.version=1\""),
        );
    }
    Some(text)
}
