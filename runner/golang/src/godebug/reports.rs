//! What a program prints of the uses of a setting whose value has a pattern behind it: `GODEBUG=urlstrictcolons=0#vy`.
//!
//! Each line has a mark, `[bisect-match 0x1f0a…]`, with a hash of the call stack; lines of one hash are one report. A program prints
//! each once, on standard error (internal/bisect, `CutMarker` and `printStack`).

use std::{collections::BTreeMap, fmt};

/// Identifies a use of a setting: a hash of the call stack in this binary. In another binary the same stack has another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UseId(pub u64);

impl fmt::Display for UseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#018x}", self.0)
    }
}

/// A use that a program reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportedUse {
    /// Which it is.
    pub id: UseId,
    /// The lines of its stack, innermost first: a function, then its file and line, indented. Empty unless the pattern asks for stacks.
    pub stack: Vec<String>,
}

/// The uses that a program reported, in the order of their first lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BisectReports {
    /// The uses.
    pub uses: Vec<ReportedUse>,
    by_id: BTreeMap<UseId, usize>,
}

impl BisectReports {
    /// Takes what it finds in a program's output.
    #[must_use]
    pub fn read(output: &[u8]) -> Self {
        let mut reports = Self::default();
        for line in output.split(|byte| *byte == b'\n') {
            reports.take(&String::from_utf8_lossy(line));
        }
        reports
    }

    /// Takes a line of a program's output; gives whether it belongs to a report.
    pub fn take(&mut self, line: &str) -> bool {
        let Some((id, text)) = cut_mark(line.trim_end_matches('\r')) else {
            return false;
        };
        let index = *self.by_id.entry(id).or_insert_with(|| {
            self.uses.push(ReportedUse {
                id,
                stack: Vec::new(),
            });
            self.uses.len() - 1
        });
        if !text.trim().is_empty()
            && let Some(reported) = self.uses.get_mut(index)
        {
            reported.stack.push(text);
        }
        true
    }

    /// The use of that hash.
    #[must_use]
    pub fn reported(&self, id: UseId) -> Option<&ReportedUse> {
        self.uses.get(*self.by_id.get(&id)?)
    }

    /// The hashes.
    pub fn ids(&self) -> impl Iterator<Item = UseId> {
        self.uses.iter().map(|reported| reported.id)
    }
}

impl ReportedUse {
    /// The functions of its stack with file and line, innermost first.
    pub fn frames(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        let lines = self.stack.iter().enumerate();
        lines.filter_map(|(index, line)| {
            let function = line
                .strip_suffix("()")
                .filter(|_| !line.starts_with('\t'))?;
            let place = self.stack.get(index + 1);
            Some((function, place.and_then(|place| place.strip_prefix('\t'))))
        })
    }
}

/// The hash in a line's first mark, and the line without the mark and the space beside it.
fn cut_mark(line: &str) -> Option<(UseId, String)> {
    const BEGIN: &str = "[bisect-match ";
    let begin = line.find(BEGIN)?;
    let (id, rest) = line.get(begin + BEGIN.len()..)?.split_once(']')?;
    let id = match id.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok()?,
        None => u64::from_str_radix(id, 2).ok()?,
    };
    let before = line.get(..begin)?;
    let text = match before.strip_suffix(' ') {
        Some(before) => format!("{before}{rest}"),
        None => format!("{before}{}", rest.strip_prefix(' ').unwrap_or(rest)),
    };
    Some((UseId(id), text))
}

#[cfg(test)]
mod tests {
    use super::{BisectReports, UseId};

    #[test]
    fn stacks_are_read_among_other_lines() {
        let output = b"listening\n\
            [bisect-match 0x00000000000000a1] net/url.parseHost()\n\
            [bisect-match 0x00000000000000a1] \t/go/src/net/url/url.go:650\n\
            [bisect-match 0x00000000000000a1] main.target()\n\
            [bisect-match 0x00000000000000a1] \t/src/my shop/main.go:12\r\n\
            [bisect-match 0x00000000000000a1] \n\
            http: [bisect-match 0xb2] panic\n\
            [bisect-match 0xzz] no\n[bisect-match 0x1\n";
        let reports = BisectReports::read(output);
        let ids: Vec<_> = reports.ids().collect();
        assert_eq!(ids, [UseId(0xa1), UseId(0xb2)]);
        assert_eq!(ids[0].to_string(), "0x00000000000000a1");
        let frames: Vec<_> = reports.uses[0].frames().collect();
        assert_eq!(
            frames,
            [
                ("net/url.parseHost", Some("/go/src/net/url/url.go:650")),
                ("main.target", Some("/src/my shop/main.go:12")),
            ]
        );
        assert_eq!(reports.uses[1].stack, ["http: panic"]);
        assert_eq!(reports.reported(UseId(0xb2)).unwrap().id, UseId(0xb2));
    }

    #[test]
    fn marks_are_in_either_base() {
        let mut reports = BisectReports::default();
        assert!(reports.take("[bisect-match 0101]"));
        assert!(reports.take("[bisect-match 0x5]"));
        assert!(!reports.take("[bisect-match 012]"));
        assert!(!reports.take("nothing"));
        assert_eq!(reports.ids().collect::<Vec<_>>(), [UseId(5)]);
    }
}
