//! A test's name as part of a file name.

/// How long a slug may be, in bytes; file systems take names of 255, of which the spec's own name is one part.
const MAX_LENGTH: usize = 120;

/// Letters and digits of a name in lower case, all else as single dashes; cut to 120 bytes.
///
/// ```
/// use spec::slug;
/// assert_eq!(slug("The site's status — twice"), "the-site-s-status-twice");
/// ```
#[must_use]
pub fn slug(name: &str) -> String {
    let mut slug = String::with_capacity(name.len());
    let letters = name.chars().flat_map(char::to_lowercase);
    for letter in letters {
        if slug.len() + letter.len_utf8() > MAX_LENGTH {
            break;
        }
        if letter.is_alphanumeric() {
            slug.push(letter);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() {
        "test".to_owned()
    } else {
        slug.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::slug;

    #[test]
    fn a_slug_is_a_file_name() {
        assert_eq!(slug("the answer is prepared"), "the-answer-is-prepared");
        assert_eq!(slug("../../etc/passwd"), "etc-passwd");
        assert_eq!(slug("Привет, мир!"), "привет-мир");
        assert_eq!(slug("///"), "test");
        assert!(slug(&"ж".repeat(500)).len() <= 120);
    }
}
