//! Names that are much like one that no function has.

use golang::{SymbolKind, names};
use model::{PackageNames, notation};

use super::Selector;

impl Selector<'_, '_> {
    /// Names that a person may have meant, the likeliest first: the part after the last slash, and the part
    /// after the last dot, are compared without regard to case.
    pub(super) fn candidates(&self, name: &str) -> Vec<String> {
        const MAX_NAMES: usize = 3;
        const LEAST_ALIKE: f64 = 0.8;
        let plain = |name: &str| names::without_type_arguments(name).to_lowercase();
        let wanted = plain(name);
        let base = |name: &str| notation::short_name(name, &PackageNames::default());
        let (wanted_base, wanted_last) = (base(&wanted), names::last(&wanted));
        let mut scored: Vec<(f64, String)> = Vec::new();
        let functions = self.binary.functions().iter();
        let bodies = functions
            .filter(|function| function.kind == SymbolKind::Source)
            .map(|function| function.name.as_str());
        // What nobody asked to watch may be inlined everywhere.
        for known in bodies.chain(self.binary.inlined_names()) {
            let seen = plain(known);
            // A name without a package is compared with names alone.
            let seen_base = if wanted.contains('.') {
                base(&seen)
            } else {
                names::last(&seen).to_owned()
            };
            // The same last part in another package or on another type is as good as few letters' difference.
            let same_last = if wanted_last.len() > 2 && names::last(&seen) == wanted_last {
                0.1
            } else {
                0.0
            };
            let same_package = if notation::package(&seen) == notation::package(&wanted) {
                0.05
            } else {
                0.0
            };
            if same_last == 0.0 && !near(seen_base.len(), wanted_base.len()) {
                continue;
            }
            let score = strsim::normalized_damerau_levenshtein(&seen_base, &wanted_base) * 0.5
                + strsim::jaro_winkler(&seen_base, &wanted_base) * 0.5
                + same_last
                + same_package;
            if score >= LEAST_ALIKE {
                scored.push((score, names::canonical(known).into_owned()));
            }
        }
        scored.sort_by(|(a, left), (b, right)| b.total_cmp(a).then_with(|| left.cmp(right)));
        scored.dedup_by(|(_, left), (_, right)| left == right);
        scored
            .into_iter()
            .take(MAX_NAMES)
            .map(|(_, name)| name)
            .collect()
    }
}

/// Whether two lengths allow for names that are much alike.
fn near(one: usize, other: usize) -> bool {
    one.abs_diff(other) <= 2 + one.min(other) / 3
}
