//! A Go test's full name as part of a file name: no two tests have the same.

use spec::slug;

/// How long the readable part of a plain name may be, in bytes.
const MAX_LENGTH: usize = 120;

/// `TestCheckout-free-shipping` for `TestCheckout/free_shipping`. A name that could not be read back from such a file name
/// has its hash behind its letters, as `TestX/a/b` does.
pub(super) fn file_part(name: &str) -> String {
    match is_plain(name) {
        true => name.replace(['/', '_'], "-"),
        false => format!("{}-{:016x}", slug(name), hash(name)),
    }
}

/// Whether a name is a test's, or a test's and words in lower case with single `_` between them.
fn is_plain(name: &str) -> bool {
    let is_word = |word: &str, is_letter: fn(char) -> bool| {
        !word.is_empty() && word.chars().all(|c| is_letter(c) || c.is_ascii_digit())
    };
    let (top, below) = match name.split_once('/') {
        Some((top, below)) => (top, Some(below)),
        None => (name, None),
    };
    let is_lower = |c: char| c.is_ascii_lowercase();
    name.len() <= MAX_LENGTH
        && top.starts_with(|c: char| c.is_ascii_uppercase())
        && is_word(top, |c| c.is_ascii_alphabetic())
        && below.is_none_or(|below| below.split('_').all(|word| is_word(word, is_lower)))
}

/// FNV-1a: the same on every machine and in every version.
fn hash(name: &str) -> u64 {
    const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    name.bytes().fold(BASIS, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(PRIME)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::file_part;

    #[test]
    fn plain_names_are_read_as_they_are() {
        assert_eq!(file_part("TestCheckout"), "TestCheckout");
        assert_eq!(
            file_part("TestCheckout/free_shipping"),
            "TestCheckout-free-shipping"
        );
        assert_eq!(file_part("TestX/a/b"), "testx-a-b-0525446a44968eba");
    }

    #[test]
    fn no_two_tests_have_the_same_file() {
        let long = format!("TestX/{}", "a long name, ".repeat(30));
        let names = [
            "TestX",
            "Testx",
            "TestX/a_b",
            "TestX/a/b",
            "TestX/a-b",
            "TestX/a__b",
            "TestX/a_b_",
            "TestX/_a_b",
            "TestX/A_b",
            "TestX_a/b",
            "TestX_a_b",
            "TestX/a_b/",
            "TestX/a€b",
            "TestX/a$b",
            "TestX/é",
            "TestX/e\u{301}",
            "TestX/É",
            "TestX//",
            "TestX/#00",
            "TestX/00",
            "TestX/",
            "TestX/-",
            "TestX/*",
            "ExampleX_a",
            "ExampleX/a",
            "FuzzX/seed#0",
            "FuzzX/seed_0",
            "TestX/a\tb",
            "TestX/a b",
        ];
        let mut files = BTreeMap::new();
        let longer = format!("{long}/b");
        for name in names.into_iter().chain([long.as_str(), longer.as_str()]) {
            let file = file_part(name);
            assert!(file.len() <= 140 && !file.contains(['/', '_']), "{file}");
            let other = files.insert(file.clone(), name);
            assert_eq!(other, None, "{file} is that of {name}, too");
        }
    }
}
