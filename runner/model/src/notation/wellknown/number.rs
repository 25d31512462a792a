//! Numbers of `math/big`, and UUIDs.

use super::Form;
use crate::notation::subject::Subject;

/// Words of a number that are turned into decimal digits.
const MAX_WORDS: usize = 1_024;

/// Go, `math/big/int.go`, `Int`: sign and words, the least first.
pub(super) fn big_int(subject: Subject<'_>) -> Option<Form<'_>> {
    Some(Form::plain(int(subject)?))
}

/// Go, `math/big/rat.go`, `Rat`: `a/b`; a denominator without words is 1.
pub(super) fn big_rat(subject: Subject<'_>) -> Option<Form<'_>> {
    let (numerator, denominator) = (int(subject.field("a")?)?, int(subject.field("b")?)?);
    let denominator = if denominator == "0" {
        "1"
    } else {
        &denominator
    };
    Some(Form::plain(format!("{numerator}/{denominator}")))
}

fn int(subject: Subject<'_>) -> Option<String> {
    let words = subject.field("abs")?.elements()?.take(MAX_WORDS + 1);
    let words: Vec<u64> = words.map(Subject::uint).collect::<Option<_>>()?;
    if words.len() > MAX_WORDS {
        return None;
    }
    let is_negative = subject.field("neg")?.boolean()?;
    let sign = if is_negative { "-" } else { "" };
    Some(format!("{sign}{}", decimal(words)))
}

/// A number by its words, the least first, in decimal digits.
fn decimal(mut words: Vec<u64>) -> String {
    /// The largest power of ten in a word, and its digits.
    const CHUNK: u128 = 10_000_000_000_000_000_000;
    let mut chunks = Vec::new();
    while words.iter().any(|word| *word != 0) {
        let mut rest = 0_u128;
        for word in words.iter_mut().rev() {
            let dividend = (rest << 64) | u128::from(*word);
            rest = dividend % CHUNK;
            // The rest is smaller than the divisor, so the quotient fits.
            *word = u64::try_from(dividend / CHUNK).unwrap_or(u64::MAX);
        }
        chunks.push(rest);
    }
    let Some(first) = chunks.pop() else {
        return "0".to_owned();
    };
    let rest = chunks.iter().rev().map(|chunk| format!("{chunk:019}"));
    std::iter::once(first.to_string()).chain(rest).collect()
}

/// Sixteen bytes of a type that is named UUID: 8-4-4-4-12 (RFC 9562).
pub(super) fn uuid(subject: Subject<'_>) -> Option<Form<'_>> {
    let bytes = <[u8; 16]>::try_from(subject.bytes()?).ok()?;
    let digits = format!("{:032x}", u128::from_be_bytes(bytes));
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32];
    let parts: Option<Vec<&str>> = parts.into_iter().map(|part| digits.get(part)).collect();
    Some(Form::plain(parts?.join("-")))
}
