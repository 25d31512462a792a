//! A boxed slice in eight bytes, where `Box<[T]>` takes sixteen: calls are kept by the million, and each has three.

use std::{
    fmt,
    marker::PhantomData,
    mem::ManuallyDrop,
    ops::{Deref, DerefMut},
    ptr::{self, NonNull},
    slice,
};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Where the length begins in a pointer: user space has addresses below 2^47 on amd64 and below 2^48 on arm64, unless
/// a program asks for others by a hint to `mmap`, which no allocator does (Documentation/arch/x86/x86_64/5level-paging.rst,
/// Documentation/arch/arm64/memory.rst).
const LENGTH_AT: u32 = 48;
const ADDRESS: usize = (1 << LENGTH_AT) - 1;
/// The length of one that is too long for that: it is behind a pointer of its own.
const LONG: usize = usize::MAX >> LENGTH_AT;

/// A list whose length does not change. Empty ones take no memory of their own.
///
/// ```
/// use goproctor::model::List;
///
/// let list: List<i64> = [1, 2, 3].into();
/// assert_eq!(list.iter().sum::<i64>(), 6);
/// assert_eq!(size_of::<List<i64>>(), 8);
/// ```
pub struct List<T> {
    /// The address of a leaked `Box<[T]>`, its length in the upper bits; of a leaked `Box<Box<[T]>>` where that is [`LONG`].
    tagged: NonNull<T>,
    owns: PhantomData<T>,
}

// SAFETY: it owns what it points to, as `Box<[T]>` does.
unsafe impl<T: Send> Send for List<T> {}
// SAFETY: likewise.
unsafe impl<T: Sync> Sync for List<T> {}

impl<T> List<T> {
    fn new(address: NonNull<T>, length: usize) -> Self {
        let plain = address.addr().get();
        assert!(
            plain <= ADDRESS,
            "the allocator gave the address {plain:#x}"
        );
        Self {
            tagged: address.map_addr(|address| address | (length << LENGTH_AT)),
            owns: PhantomData,
        }
    }

    /// Its elements as a vector.
    #[must_use]
    pub fn into_vec(self) -> Vec<T> {
        let mut list = ManuallyDrop::new(self);
        // SAFETY: it is not used again, and never dropped.
        unsafe { list.take() }.into_vec()
    }

    /// # Safety
    /// Nothing uses the list afterwards, not even its drop.
    unsafe fn take(&mut self) -> Box<[T]> {
        if self.tagged.addr().get() >> LENGTH_AT == LONG {
            let outer = self.tagged.as_ptr().map_addr(|address| address & ADDRESS);
            // SAFETY: it was made of a leaked `Box<Box<[T]>>`, and nothing uses it any more.
            *unsafe { Box::from_raw(outer.cast::<Box<[T]>>()) }
        } else {
            // SAFETY: it was made of a leaked `Box<[T]>` of that length, and nothing uses it any more.
            unsafe { Box::from_raw(self.slice()) }
        }
    }

    /// The slice that it owns.
    fn slice(&self) -> *mut [T] {
        let tagged = self.tagged.as_ptr();
        let address = tagged.map_addr(|address| address & ADDRESS);
        match tagged.addr() >> LENGTH_AT {
            // SAFETY: such a one was made of a leaked `Box<Box<[T]>>`, which lives as long as this.
            LONG => unsafe { &raw mut **address.cast::<Box<[T]>>() },
            length => ptr::slice_from_raw_parts_mut(address, length),
        }
    }
}

impl<T> From<Box<[T]>> for List<T> {
    fn from(values: Box<[T]>) -> Self {
        let length = values.len();
        if length < LONG {
            Self::new(NonNull::from(Box::leak(values)).cast(), length)
        } else {
            Self::new(NonNull::from(Box::leak(Box::new(values))).cast(), LONG)
        }
    }
}

impl<T> Drop for List<T> {
    fn drop(&mut self) {
        // SAFETY: this is its end.
        drop(unsafe { self.take() });
    }
}

impl<T> Deref for List<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        let slice = self.slice().cast_const();
        // SAFETY: it points to the elements of a box that lives as long as this, which only `&mut` changes.
        unsafe { slice::from_raw_parts(slice.cast(), slice.len()) }
    }
}

impl<T> DerefMut for List<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        let slice = self.slice();
        // SAFETY: it points to the elements of a box that lives as long as this, and nobody else looks at it.
        unsafe { slice::from_raw_parts_mut(slice.cast(), slice.len()) }
    }
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Box::<[T]>::default().into()
    }
}

impl<T> From<Vec<T>> for List<T> {
    fn from(values: Vec<T>) -> Self {
        values.into_boxed_slice().into()
    }
}

impl<T, const N: usize> From<[T; N]> for List<T> {
    fn from(values: [T; N]) -> Self {
        Box::<[T]>::from(values).into()
    }
}

impl<T: Clone> From<&[T]> for List<T> {
    fn from(values: &[T]) -> Self {
        Box::<[T]>::from(values).into()
    }
}

impl<T> FromIterator<T> for List<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        values.into_iter().collect::<Box<[T]>>().into()
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

impl<T: Clone> Clone for List<T> {
    fn clone(&self) -> Self {
        (**self).into()
    }
}

impl<T: fmt::Debug> fmt::Debug for List<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<T: PartialEq> PartialEq for List<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Eq> Eq for List<T> {}

impl<T: Serialize> Serialize for List<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Box::<[T]>::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use std::sync::Arc;

    use super::{LONG, List};

    #[test]
    fn it_is_what_it_was_made_of_whatever_its_length() {
        for length in [0, 1, 3, 1000, LONG - 1, LONG, LONG + 1] {
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
        for length in [0, 2, LONG] {
            let list: List<Arc<()>> = (0..length).map(|_| Arc::clone(&counted)).collect();
            assert_eq!(Arc::strong_count(&counted), 1 + length);
            drop(list);
            assert_eq!(Arc::strong_count(&counted), 1);
        }
    }

    #[test]
    fn it_is_written_as_any_list() {
        let list: List<u8> = [1, 2].into();
        let text = serde_json::to_string(&list).unwrap();
        assert_eq!(text, "[1,2]");
        assert_eq!(serde_json::from_str::<List<u8>>(&text).unwrap(), list);
    }
}
