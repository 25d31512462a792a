//! Something that two lines differ in.

use std::fmt;

/// Something that a line differs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Where: `order.Items[0]`, `returns[1]`, `ended`.
    pub path: String,
    /// What is there in the first; none if nothing is.
    pub before: Option<String>,
    /// What is there in the second; none if nothing is.
    pub after: Option<String>,
    /// Whether it is a value of the call, not how it was made or ended.
    pub is_value: bool,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
        write!(
            f,
            "{}: {} → {}",
            self.path,
            told(&self.before),
            told(&self.after)
        )
    }
}
