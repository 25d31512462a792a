//! What the labels of a request mean: which functions, and how each is watched over all labels that mean it.

use std::collections::{BTreeMap, BTreeSet};

use golang::{Binary, FunctionSymbol};
use model::{Address, FunctionId, Label, Limits, Path};

use super::{LabelError, PlanRequest, PlanWarning, SelectOptions, Selected, select};

/// A function to watch, and how, over all labels that mean it.
pub(super) struct Watched<'b> {
    pub(super) symbol: &'b FunctionSymbol,
    pub(super) limits: Limits,
    pub(super) arguments: bool,
    pub(super) results: bool,
    pub(super) paths: BTreeSet<Path>,
    pub(super) keys: BTreeSet<Path>,
}

/// What the labels mean.
pub(super) struct Selection<'b> {
    /// By address, which is also the order of their numbers.
    pub(super) functions: BTreeMap<Address, Watched<'b>>,
    pub(super) labels: Vec<Label>,
    pub(super) warnings: Vec<PlanWarning>,
    /// The labels that mean nothing that can be watched.
    pub(super) errors: Vec<LabelError>,
}

impl<'b> Selection<'b> {
    pub(super) fn new(binary: &'b Binary, request: &PlanRequest<'_>) -> Self {
        let patterns: Vec<_> = request
            .labels
            .iter()
            .map(|label| label.pattern.as_str())
            .collect();
        let accepted: Vec<bool> = request
            .labels
            .iter()
            .map(|label| label.accepts_inlined)
            .collect();
        let options = SelectOptions {
            declared: request.declared,
            limit: request.glob_limit,
            accepted: &accepted,
        };
        let mut functions: BTreeMap<Address, Watched<'b>> = BTreeMap::new();
        let mut by_label = Vec::new();
        let mut warnings = Vec::new();
        let mut errors = Vec::new();
        let selected = select(binary, &patterns, options);
        for (wanted, selected) in request.labels.iter().zip(selected) {
            let selected = match selected {
                Ok(selected) => selected,
                Err(source) => {
                    errors.push(LabelError {
                        label: wanted.label.clone(),
                        source,
                    });
                    continue;
                }
            };
            for symbol in &selected.functions {
                let watched = functions.entry(symbol.start).or_insert_with(|| Watched {
                    symbol,
                    limits: wanted.limits,
                    arguments: false,
                    results: false,
                    paths: BTreeSet::new(),
                    keys: BTreeSet::new(),
                });
                watched.limits = watched.limits.union(wanted.limits);
                watched.arguments |= wanted.arguments;
                watched.results |= wanted.results;
                watched.paths.extend(wanted.paths.iter().cloned());
                watched.keys.extend(wanted.keys.iter().cloned());
            }
            let unseen = unseen(&selected);
            let label = || wanted.label.clone();
            for (function, into) in selected.partly_inlined {
                warnings.push(PlanWarning::PartlyInlined {
                    label: label(),
                    function,
                    into,
                });
            }
            if !selected.with_holders_name.is_empty() {
                warnings.push(PlanWarning::HoldersNames {
                    label: label(),
                    literals: selected.with_holders_name,
                });
            }
            if !selected.inlined_away.is_empty() {
                warnings.push(PlanWarning::InlinedAway {
                    label: label(),
                    functions: selected.inlined_away,
                });
            }
            by_label.push((label(), selected.functions, unseen));
        }
        let numbers: BTreeMap<Address, FunctionId> = functions
            .keys()
            .copied()
            .zip((0..).map(FunctionId))
            .collect();
        let labels = by_label
            .into_iter()
            .map(|(name, symbols, unseen)| Label {
                name,
                functions: symbols
                    .iter()
                    .filter_map(|symbol| numbers.get(&symbol.start).copied())
                    .collect(),
                unseen,
            })
            .collect();
        Self {
            functions,
            labels,
            warnings,
            errors,
        }
    }
}

/// `main.f: 2 copies, in main.a, main.b`; nothing where all calls are seen.
fn unseen(selected: &Selected<'_>) -> Option<String> {
    const SHOWN: usize = 3;
    let partly = selected.partly_inlined.iter();
    let partly = partly.map(|(function, into)| format!("{function}: {into}"));
    let wholly = selected
        .inlined_away
        .iter()
        .chain(&selected.with_holders_name);
    let wholly = wholly.map(|function| format!("{function}: everywhere"));
    let mut shown: Vec<String> = partly.chain(wholly).collect();
    let more = shown.len().saturating_sub(SHOWN);
    shown.truncate(SHOWN);
    if more > 0 {
        shown.push(format!("and {more} more functions"));
    }
    (!shown.is_empty()).then(|| shown.join("; "))
}
