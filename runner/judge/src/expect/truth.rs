//! Truth of three values: what is unknown stays unknown, with its reason, unless it does not matter.

use super::Reason;

/// Whether something holds.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Truth {
    /// It holds.
    Yes,
    /// It does not hold.
    No,
    /// It is not known, and why.
    Unknown(Reason),
}

impl Truth {
    /// Whether it certainly holds.
    pub(super) const fn is_certain(&self) -> bool {
        matches!(self, Self::Yes)
    }

    /// Whether it may hold.
    pub(super) const fn is_possible(&self) -> bool {
        !matches!(self, Self::No)
    }

    /// Whether both hold.
    pub(super) fn and(self, other: impl FnOnce() -> Self) -> Self {
        match self {
            Self::No => Self::No,
            Self::Yes => other(),
            Self::Unknown(reason) => match other() {
                Self::No => Self::No,
                Self::Yes | Self::Unknown(_) => Self::Unknown(reason),
            },
        }
    }

    /// Whether all hold; the first reason if that is unknown.
    pub(super) fn all(truths: impl IntoIterator<Item = Self>) -> Self {
        let mut result = Self::Yes;
        for truth in truths {
            result = result.and(|| truth);
            if result == Self::No {
                break;
            }
        }
        result
    }

    /// Whether one holds at least; the first reason if that is unknown.
    pub(super) fn any(truths: impl IntoIterator<Item = Self>) -> Self {
        let mut result = Self::No;
        for truth in truths {
            match truth {
                Self::Yes => return Self::Yes,
                Self::Unknown(_) if result == Self::No => result = truth,
                Self::No | Self::Unknown(_) => {}
            }
        }
        result
    }

    /// Those of which it does not hold, and the first reason why it is not known of one.
    pub(super) fn failing<T>(
        judged: impl IntoIterator<Item = (T, Self)>,
    ) -> (Vec<T>, Option<Reason>) {
        let (mut failing, mut unknown) = (Vec::new(), None);
        for (one, truth) in judged {
            match truth {
                Self::Yes => {}
                Self::No => failing.push(one),
                Self::Unknown(reason) => {
                    unknown.get_or_insert(reason);
                }
            }
        }
        (failing, unknown)
    }

    /// Whether it does not hold.
    pub(super) fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            unknown @ Self::Unknown(_) => unknown,
        }
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        Reason,
        Truth::{self, No, Unknown, Yes},
    };

    #[test]
    fn what_is_unknown_matters_only_if_the_rest_holds() {
        let unknown = || Unknown(Reason::EndLost);
        assert_eq!(Truth::all([]), Yes);
        assert_eq!(Truth::all([Yes, Yes]), Yes);
        assert_eq!(Truth::all([Yes, unknown()]), unknown());
        assert_eq!(Truth::all([unknown(), No]), No);
        assert_eq!(Truth::all([No, unknown()]), No);
        assert_eq!(Truth::any([]), No);
        assert_eq!(Truth::any([No, No]), No);
        assert_eq!(Truth::any([No, unknown()]), unknown());
        assert_eq!(Truth::any([unknown(), Yes]), Yes);
        assert_eq!(unknown().not(), unknown());
        assert_eq!(Yes.not(), No);
    }

    #[test]
    fn the_first_reason_is_kept() {
        let both = Truth::all([Unknown(Reason::Redacted), Unknown(Reason::EndLost)]);
        assert_eq!(both, Unknown(Reason::Redacted));
    }
}
