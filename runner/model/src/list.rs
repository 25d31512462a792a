//! A list in eight bytes, where `Box<[T]>` takes sixteen: calls are kept by the million, and each has three.

use std::{
    fmt,
    ops::{Deref, DerefMut},
    slice,
};

use thin_vec::ThinVec;

/// A list whose length does not change. Empty ones take no memory of their own.
///
/// ```
/// use model::List;
///
/// let list: List<i64> = [1, 2, 3].into();
/// assert_eq!(list.iter().sum::<i64>(), 6);
/// assert_eq!(size_of::<List<i64>>(), 8);
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct List<T>(ThinVec<T>);

impl<T> List<T> {
    /// Its elements as a vector.
    #[must_use]
    pub fn into_vec(self) -> Vec<T> {
        self.0.into()
    }
}

impl<T> Deref for List<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T> DerefMut for List<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.0
    }
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(ThinVec::new())
    }
}

impl<T> From<Vec<T>> for List<T> {
    fn from(values: Vec<T>) -> Self {
        Self(values.into())
    }
}

impl<T> From<Box<[T]>> for List<T> {
    fn from(values: Box<[T]>) -> Self {
        Self(values.into())
    }
}

impl<T, const N: usize> From<[T; N]> for List<T> {
    fn from(values: [T; N]) -> Self {
        Self(values.into())
    }
}

impl<T: Clone> From<&[T]> for List<T> {
    fn from(values: &[T]) -> Self {
        Self(values.into())
    }
}

impl<T> FromIterator<T> for List<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut values: ThinVec<T> = values.into_iter().collect();
        // It has room for more where the iterator did not know its length.
        values.shrink_to_fit();
        Self(values)
    }
}

impl<'a, T> IntoIterator for &'a List<T> {
    type Item = &'a T;
    type IntoIter = slice::Iter<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, T> IntoIterator for &'a mut List<T> {
    type Item = &'a mut T;
    type IntoIter = slice::IterMut<'a, T>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

impl<T: fmt::Debug> fmt::Debug for List<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::List;

    #[test]
    fn it_is_what_it_was_made_of_whatever_its_length() {
        for length in [0, 1, 3, 1000] {
            let values: Vec<String> = (0..length).map(|n| n.to_string()).collect();
            let mut list = List::from(values.clone());
            assert_eq!(*list, *values);
            assert_eq!(list.clone(), list);
            if let Some(last) = list.last_mut() {
                last.push('!');
                assert_ne!(*list, *values);
            }
        }
    }

    #[test]
    fn what_it_owns_is_dropped_once() {
        let counted = Arc::new(());
        for length in [0, 2, 1000] {
            let list: List<Arc<()>> = (0..length).map(|_| Arc::clone(&counted)).collect();
            assert_eq!(Arc::strong_count(&counted), 1 + length);
            drop(list);
            assert_eq!(Arc::strong_count(&counted), 1);
        }
    }

    #[test]
    fn an_empty_one_is_the_same_however_it_was_made() {
        let lists: [List<u8>; 4] = [
            List::default(),
            Vec::with_capacity(8).into(),
            [].into(),
            std::iter::empty().collect(),
        ];
        assert!(
            lists
                .iter()
                .all(|list| list.is_empty() && *list == lists[0])
        );
        assert_eq!(size_of::<Option<List<u8>>>(), 8);
    }
}
