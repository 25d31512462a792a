//! Did you mean: the known name that is nearest to an unknown one.

/// How many names are listed where none is near.
const LISTED: usize = 20;

/// The candidate that `wrong` was probably meant to be, if one is near enough.
///
/// Near means: the same but for case, dashes and underscores; one slip away; or a Jaro-Winkler similarity of at
/// least 0.8.
#[must_use]
pub fn nearest<'a>(wrong: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = simplified(wrong);
    candidates
        .into_iter()
        .map(|candidate| {
            let similarity = if simplified(candidate) == plain {
                1.0
            } else if wrong.chars().count() > 2 && strsim::osa_distance(wrong, candidate) == 1 {
                0.95
            } else {
                strsim::jaro_winkler(wrong, candidate)
            };
            (similarity, candidate)
        })
        .filter(|(similarity, _)| *similarity >= 0.8)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}

/// A sentence that helps with an unknown name: the nearest one, or all there are.
#[must_use]
pub fn did_you_mean<'a>(
    wrong: &str,
    candidates: impl IntoIterator<Item = &'a str> + Clone,
) -> Option<String> {
    if let Some(near) = nearest(wrong, candidates.clone()) {
        return Some(format!("did you mean `{near}`?"));
    }
    let all: Vec<String> = candidates
        .into_iter()
        .map(|name| format!("`{name}`"))
        .collect();
    match all.as_slice() {
        [] => None,
        [only] => Some(format!("there is only {only}")),
        _ if all.len() <= LISTED => Some(format!("there are {}", all.join(", "))),
        _ => {
            let (listed, more) = all.split_at(LISTED);
            Some(format!(
                "there are {} and {} more",
                listed.join(", "),
                more.len()
            ))
        }
    }
}

fn simplified(name: &str) -> String {
    name.chars()
        .filter(|c| *c != '-' && *c != '_')
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{did_you_mean, nearest};

    #[test]
    fn a_slip_of_the_finger_is_understood() {
        assert_eq!(nearest("pacakge", ["package", "binary"]), Some("package"));
        assert_eq!(
            nearest("checksite", ["checkSite", "check"]),
            Some("checkSite")
        );
        assert_eq!(nearest("gte", ["put", "get"]), Some("get"));
        assert_eq!(nearest("zebra", ["package", "binary"]), None);
    }

    #[test]
    fn without_a_near_one_all_are_listed() {
        assert_eq!(
            did_you_mean("zebra", ["package", "binary"]).as_deref(),
            Some("there are `package`, `binary`")
        );
        assert_eq!(did_you_mean("zebra", []), None);
    }
}
