//! The results as a table.

use std::collections::BTreeMap;

use super::{pass::Compared, verdict::Verdict};

/// So many functions of each server are to be compared.
const BAR: usize = 100;
/// So many requests are to be answered.
const REQUESTS: usize = 100;

/// Prints a line a server, and what differs below.
#[derive(Default)]
pub(crate) struct Board {
    servers: usize,
    functions: usize,
    calls: u64,
    leaves: u64,
    differences: u64,
    open: u64,
    short: usize,
}

impl Board {
    /// A server's results.
    pub(crate) fn add(&mut self, name: &str, compared: Compared) {
        if self.servers == 0 {
            println!(
                "| server | requests | functions | types | calls | leaves | equal | differ | time |"
            );
            println!("|---|---:|---:|---:|---:|---:|---:|---:|---:|");
        }
        let tally = &compared.tally;
        let differences: u64 = compared.verdicts.values().map(|(count, ..)| count).sum();
        let open = compared.verdicts.iter();
        let open: u64 = open
            .filter(|((verdict, ..), _)| *verdict == Verdict::Open)
            .map(|(_, (count, ..))| count)
            .sum();
        let functions = tally.functions.len();
        println!(
            "| {name} | {} | {functions} | {} | {} | {} | {} | {differences} | {} s |",
            compared.requests,
            tally.types.len(),
            tally.calls,
            tally.leaves,
            tally.leaves.saturating_sub(differences),
            compared.took.as_secs(),
        );
        println!(
            "\n{} functions were chosen; goproctor does not know {}; delve does not {}\n",
            compared.chosen,
            list(&tally.unknown),
            list(&tally.not_theirs)
        );
        for ((verdict, function, path), (count, ours, theirs)) in &compared.verdicts {
            let verdict = match verdict {
                Verdict::Changed => "both are right: it changed meanwhile",
                Verdict::Known(why) => why,
                Verdict::Open => "**not explained**",
            };
            println!("- {count} × {function}, {path}: goproctor {ours}, delve {theirs}: {verdict}");
        }
        self.servers += 1;
        self.functions += functions;
        self.calls += tally.calls;
        self.leaves += tally.leaves;
        self.differences += differences;
        self.open += open;
        self.short += usize::from(functions < BAR || compared.requests < REQUESTS);
    }

    /// Whether nothing is left to be explained, and enough was compared.
    pub(crate) fn end(self) -> bool {
        println!(
            "\n{} servers, {} functions, {} calls, {} leaves; {} differ, {} of them not explained",
            self.servers, self.functions, self.calls, self.leaves, self.differences, self.open
        );
        if self.short > 0 {
            println!(
                "{} servers with less than {BAR} functions or {REQUESTS} requests",
                self.short
            );
        }
        self.open == 0 && self.short == 0
    }
}

/// `12 depth_limit, 3 cut`
fn list(counts: &BTreeMap<String, u64>) -> String {
    if counts.is_empty() {
        return "0".to_owned();
    }
    let parts: Vec<_> = counts
        .iter()
        .map(|(reason, count)| format!("{count} ({reason})"))
        .collect();
    parts.join(", ")
}
