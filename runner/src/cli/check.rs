//! `goproctor check`

use std::{
    fmt::Write as _,
    io::{self, Write as _},
    path::PathBuf,
};

use golang::names;
use model::{FunctionId, Retention, plan::Site};
use spec::Spec;

use super::{
    Failure,
    arguments::CheckArguments,
    discovery,
    screen::{Screen, Waiting},
    startup,
};
use crate::{
    report::ExitCode,
    session::{self, Prepared},
    worlds::way,
};

/// Says what is wrong with specs and what their names mean, without privileges and without running anything.
///
/// # Errors
/// What is wrong.
pub(super) fn run(arguments: &CheckArguments) -> Result<ExitCode, Failure> {
    let screen = Screen::detect();
    let paths = discovery::specs(&arguments.paths)?;
    let mut specs = startup::read(&paths)?;
    startup::settle(
        &arguments.user,
        paths.first().map_or_else(|| ".".into(), PathBuf::clone),
    )?;
    let cancel = startup::cancel()?;
    let mut exit = ExitCode::Passed;
    for spec in &mut specs {
        arguments.returns.tell(&mut spec.program);
        spec.program.build_with(arguments.go.as_deref());
        let waiting = Waiting::new(&screen, false);
        let mut progress = |progress| waiting.show(&progress);
        let prepared = match spec.is_of_go_tests() {
            true => {
                let watch = session::watch_of(spec, Retention::Calls);
                session::prepare_test_package(spec, watch, &cancel, &mut progress)
            }
            false => session::prepare_spec(spec, Retention::Totals, &cancel, &mut progress),
        };
        waiting.clear();
        match prepared {
            Ok((prepared, None)) => {
                let mut text = names(spec, &prepared, arguments.verbose);
                if arguments.plan {
                    let _ = write!(text, "\n{}", prepared.plan.text(true));
                }
                io::stdout().write_all(text.as_bytes())?;
            }
            Ok((_, Some(errors))) => exit = Failure::from(errors).print(),
            Err(error) => exit = Failure::from(error).print(),
        }
    }
    Ok(exit)
}

/// Each name of a spec with the functions that it means and where they are; of function literals, how they begin. With
/// `probes`, what is probed of each, and what else is.
fn names(spec: &Spec, prepared: &Prepared, probes: bool) -> String {
    let plan = &prepared.plan;
    let mut text = format!("{}  {}\n", spec.source.path.display(), plan.release);
    let width = plan
        .labels
        .iter()
        .map(|label| label.name.chars().count())
        .max()
        .unwrap_or(0);
    for label in &plan.labels {
        for (index, id) in label.functions.iter().enumerate() {
            let name = if index == 0 { label.name.as_str() } else { "" };
            let Some(function) = plan.functions.get(id.0 as usize) else {
                continue;
            };
            let place = function
                .position
                .as_ref()
                .map_or_else(String::new, |at| format!("  {}:{}", at.file, at.line));
            let literal = prepared.literals.get(&function.name);
            let begin = literal.map_or_else(String::new, |watched| {
                format!("  {}", watched.literal.first_line())
            });
            let _ = writeln!(text, "  {name:width$}  {}{place}{begin}", function.name);
            if probes {
                text += &probes_of(prepared, *id);
            }
        }
    }
    if probes {
        text += &other_probes(prepared);
    }
    text += &numbered_literals(spec, prepared);
    text += &carriers(spec);
    let _ = writeln!(
        text,
        "  ok: {}, {}, {}",
        counted(spec.tests.len(), "test"),
        counted(plan.functions.len(), "function"),
        counted(plan.sites.len(), "probe"),
    );
    text
}

/// The probes of a watched function, a line for those that are alike.
fn probes_of(prepared: &Prepared, function: FunctionId) -> String {
    let moments = prepared.plan.sites.iter().filter_map(|site| {
        let roles = site.roles.iter();
        let own = roles.filter(|role| role.function() == Some(function));
        let moments: Vec<_> = own.map(|role| role.probe().to_string()).collect();
        let shown = (moments.join(" and "), read_and_cost(prepared, site));
        (!moments.is_empty()).then_some(shown)
    });
    alike(moments)
}

/// The probes for requests, goroutines and panics.
fn other_probes(prepared: &Prepared) -> String {
    let sites = prepared.plan.sites.iter();
    let others = sites.filter(|site| site.function().is_none());
    let lines = alike(others.map(|site| {
        let function = prepared.binary.function_at(site.address);
        let name = function.map_or("?", |function| &function.name);
        (name.to_owned(), read_and_cost(prepared, site))
    }));
    match lines.as_str() {
        "" => String::new(),
        _ => format!(
            "  for requests, goroutines and panics\n{lines}  \
             what a hit costs on this machine, emulated, stepped and at a ret: goproctor doctor\n"
        ),
    }
}

/// What is read at a site, and how the kernel executes the instruction there.
fn read_and_cost(prepared: &Prepared, site: &Site) -> String {
    let values = prepared.plan.values_read(site);
    let read = match values.as_slice() {
        [] => "reads registers".to_owned(),
        values => format!(
            "reads registers and {}, at most {} bytes",
            values.join(", "),
            site.limits.bytes
        ),
    };
    format!("{read}; {}", way(prepared, site))
}

/// Lines of a moment or a function and what is said of it, with their numbers where several are the same.
fn alike(lines: impl Iterator<Item = (String, String)>) -> String {
    let mut counted: Vec<((String, String), usize)> = Vec::new();
    for line in lines {
        match counted.iter_mut().find(|(known, _)| *known == line) {
            Some((_, count)) => *count += 1,
            None => counted.push((line, 1)),
        }
    }
    let mut text = String::new();
    for ((what, said), count) in counted {
        let times = match count {
            1 => String::new(),
            count => format!(" ×{count}"),
        };
        let _ = writeln!(text, "    {what}{times}: {said}");
    }
    text
}

/// A note for each function of a spec that is a literal by its number, with what pins it.
fn numbered_literals(spec: &Spec, prepared: &Prepared) -> String {
    let mut text = String::new();
    let plan = &prepared.plan;
    for label in &plan.labels {
        let function = spec.function(&label.name);
        let by_number = function.is_some_and(|f| f.closure.is_none() && !f.is_glob());
        let watched = label.functions.first().filter(|_| by_number);
        let watched = watched.and_then(|id| plan.functions.get(id.0 as usize));
        let Some((name, watched, pin)) = watched.and_then(|function| {
            let name = names::without_type_arguments(&function.name);
            let watched = prepared.literals.get(&*name)?;
            Some((name, watched, watched.pin.as_ref()?))
        }) else {
            continue;
        };
        let (label, outer) = (&label.name, watched.literal.enclosing());
        let pin = toml::Value::String(pin.clone());
        let _ = writeln!(
            text,
            "  note: the number in {name} changes when a closure is added above it; pin it by its text:\n    \
             {label} = {{ func = \"{outer}\", closure = {pin} }}"
        );
    }
    text
}

/// What identifies and carries a spec's requests, a line each.
fn carriers(spec: &Spec) -> String {
    let mut text = String::new();
    for hand_off in &spec.hand_offs {
        let (name, from, to) = (&hand_off.name.value, &hand_off.from, &hand_off.to);
        let _ = writeln!(text, "  hand-off {name}: {from} → {to}");
    }
    if let Some(server) = &spec.server {
        let entry = &server.entry.value;
        let _ = match &server.key {
            Some(key) => writeln!(
                text,
                "  server: {entry}, clients are identified by {}",
                key.value
            ),
            None => writeln!(text, "  server: {entry}, clients are matched by order"),
        };
    }
    text
}

fn counted(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}
