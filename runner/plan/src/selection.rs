//! What the labels of a request mean: which functions, and how each is watched over all labels that mean it.

use std::collections::{BTreeMap, BTreeSet};

use golang::{Binary, FunctionSymbol};
use model::{Address, FunctionId, Label, Limits, Path};

use super::{
    InlinedInto, LabelError, PlanError, PlanRequest, PlanWarning, SelectOptions, Selected, select,
};

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
    pub(super) fn new(binary: &'b Binary, request: &PlanRequest<'_>) -> Result<Self, PlanError> {
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
        let selected = select(binary, &patterns, options)?;
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
                functions
                    .entry(symbol.start)
                    .and_modify(|watched| {
                        watched.limits = watched.limits.union(wanted.limits);
                        watched.arguments |= wanted.arguments;
                        watched.results |= wanted.results;
                        watched.paths.extend(wanted.paths.iter().cloned());
                        watched.keys.extend(wanted.keys.iter().cloned());
                    })
                    .or_insert(Watched {
                        symbol,
                        limits: wanted.limits,
                        arguments: wanted.arguments,
                        results: wanted.results,
                        paths: wanted.paths.iter().cloned().collect(),
                        keys: wanted.keys.iter().cloned().collect(),
                    });
            }
            let unseen = unseen(&selected);
            warnings.extend(partly_inlined(&wanted.label, selected.partly_inlined));
            if !selected.with_holders_name.is_empty() {
                warnings.push(PlanWarning::HoldersNames {
                    label: wanted.label.clone(),
                    literals: selected.with_holders_name,
                });
            }
            if !selected.inlined_away.is_empty() {
                warnings.push(PlanWarning::InlinedAway {
                    label: wanted.label.clone(),
                    functions: selected.inlined_away,
                });
            }
            by_label.push((wanted.label.clone(), selected.functions, unseen));
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
        Ok(Self {
            functions,
            labels,
            warnings,
            errors,
        })
    }
}

/// `main.f: 2 copies, in main.a, main.b`; nothing where all calls are seen.
fn unseen(selected: &Selected<'_>) -> Option<String> {
    const TOLD: usize = 3;
    let partly = selected.partly_inlined.iter();
    let partly = partly.map(|(function, into)| format!("{function}: {into}"));
    let wholly = selected
        .inlined_away
        .iter()
        .chain(&selected.with_holders_name);
    let wholly = wholly.map(|function| format!("{function}: everywhere"));
    let mut told: Vec<String> = partly.chain(wholly).collect();
    let more = told.len().saturating_sub(TOLD);
    told.truncate(TOLD);
    if more > 0 {
        told.push(format!("and {more} more functions"));
    }
    (!told.is_empty()).then(|| told.join("; "))
}

fn partly_inlined(
    label: &str,
    functions: Vec<(String, InlinedInto)>,
) -> impl Iterator<Item = PlanWarning> {
    functions
        .into_iter()
        .map(|(function, into)| PlanWarning::PartlyInlined {
            label: label.to_owned(),
            function,
            into,
        })
}
