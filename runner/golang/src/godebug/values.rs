//! What settings are set to, as GODEBUG and `DefaultGODEBUG` write it.

use std::{collections::BTreeMap, fmt, str::FromStr};

/// What settings are set to: `asynctimerchan=1,urlstrictcolons=0`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SettingValues(BTreeMap<String, String>);

/// A text that is no setting.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a GODEBUG setting: write it as urlstrictcolons=0")]
pub struct InvalidSetting(String);

impl SettingValues {
    /// What a setting is set to.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Sets a setting.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.insert(name.into(), value.into());
    }

    /// All settings with their values, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let values = self.0.iter();
        values.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether nothing is set.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The linker's flag with which a program starts with these settings and no others, whatever its `go` line and `//go:debug` lines
    /// say: cmd/go hands over what it derives from those in the same variable, before the user's own flags, and the last one counts.
    #[must_use]
    pub fn linker_flag(&self) -> String {
        format!("-X=runtime.godebugDefault={self}")
    }
}

impl FromStr for SettingValues {
    type Err = InvalidSetting;

    /// Reads a list with commas. As in Go, the last value of a name counts.
    fn from_str(text: &str) -> Result<Self, InvalidSetting> {
        let words = text.trim().split(',').filter(|word| !word.is_empty());
        let pairs = words.map(|word| match word.split_once('=') {
            Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
            _ => Err(InvalidSetting(word.to_owned())),
        });
        pairs.collect::<Result<_, _>>().map(Self)
    }
}

impl FromIterator<(String, String)> for SettingValues {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

impl fmt::Display for SettingValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, value)) in self.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{name}={value}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::SettingValues;

    #[test]
    fn a_list_is_read_and_written() {
        let values: SettingValues = "panicnil=1,http2debug=,panicnil=0\n".parse().unwrap();
        assert_eq!(values.to_string(), "http2debug=,panicnil=0");
        assert!("".parse::<SettingValues>().unwrap().is_empty());
        for text in ["panicnil", "=1", "a=1,b"] {
            assert!(text.parse::<SettingValues>().is_err(), "{text}");
        }
    }
}
