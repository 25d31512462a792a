//! Texts that were read before: programs say the same names again and again, and equal texts share memory.

use std::{
    cell::RefCell,
    hash::{BuildHasher as _, RandomState},
};

use model::Text;

/// How many texts are remembered. Each has one place, so that a lookup is one comparison.
const PLACES: usize = 4096;
/// Longer ones are seldom the same.
const MAX_LEN: usize = 256;

/// Texts, each at the place that its bytes lead to; the last one stays there.
#[derive(Debug, Default)]
pub(super) struct Texts {
    places: RefCell<Vec<Option<Text>>>,
    state: RandomState,
}

impl Texts {
    /// A text of these bytes.
    pub(super) fn text(&self, bytes: &[u8], full: u64) -> Text {
        if bytes.len() > MAX_LEN {
            return Text::new(bytes, full);
        }
        let mut places = self.places.borrow_mut();
        if places.is_empty() {
            places.resize(PLACES, None);
        }
        let place = self.state.hash_one(bytes) as usize % PLACES;
        match places.get_mut(place) {
            Some(Some(known)) if known.full == full && *known.bytes == *bytes => known.clone(),
            Some(place) => place.insert(Text::new(bytes, full)).clone(),
            None => Text::new(bytes, full),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_LEN, Texts};

    #[test]
    fn equal_texts_share_memory_and_others_do_not() {
        let texts = Texts::default();
        let first = texts.text(b"a name", 6);
        let cut = texts.text(b"a name", 60);
        let again = texts.text(b"a name", 60);
        assert_eq!((&*first.bytes, first.full), (&b"a name"[..], 6));
        assert_eq!((&*cut.bytes, cut.full), (&b"a name"[..], 60));
        assert!(std::ptr::eq(&raw const *cut, &raw const *again));
        let long = [b'x'; MAX_LEN + 1];
        assert_eq!(*texts.text(&long, 1000).bytes, long);
    }
}
