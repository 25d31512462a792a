//! Paths: what is read is written and read again as the same.

use spec::path;

pub(super) fn hold(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Err(error) = path::part(text) {
        let place = error.place;
        assert!(text.get(place.clone()).is_some(), "{place:?} of {text:?}");
    }
    match path::argument(text) {
        Ok(read) => {
            let written = read.to_string();
            let again = path::argument(&written);
            assert_eq!(
                again.as_ref(),
                Ok(&read),
                "{text:?} is written as {written:?}"
            );
        }
        Err(error) => {
            let place = error.place;
            assert!(text.get(place.clone()).is_some(), "{place:?} of {text:?}");
        }
    }
}
