//! How much memory a call takes.

use model::{Call, Value};

/// Bytes that the allocator gives for a request of so many (glibc: 8 of its own, multiples of 16, at least 32).
fn allocated(bytes: usize) -> usize {
    (bytes + 8).next_multiple_of(16).max(32)
}

#[test]
fn a_million_calls_with_a_string_and_two_integers_fit_in_300_megabytes() {
    // A list has its length and its room in front of its elements.
    let arguments = allocated(2 * size_of::<usize>() + 3 * size_of::<Value>());
    let text = allocated("GopherCon 2021".len());
    let call = size_of::<Call>() + arguments + text;
    assert!(
        call * 1_000_000 <= 300_000_000,
        "{call} bytes a call: {} itself, {arguments} for its arguments, {text} for the text",
        size_of::<Call>()
    );
}
