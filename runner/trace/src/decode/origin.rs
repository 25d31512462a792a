//! Where a value's bytes come from.

use model::{Address, Location, Piece};

/// How many words an [`Origin`] can carry itself.
pub(super) const WORDS: usize = 3;

/// Where a value's bytes come from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Origin<'a> {
    /// From where the ABI put the pieces of a parameter or result, so many bytes into it.
    Pieces { pieces: &'a [Piece], offset: u64 },
    /// From memory: the address, and what one chunk has from there on.
    Memory { address: Address, bytes: &'a [u8] },
    /// From words that are known, so many bytes into them.
    Words { words: [u64; WORDS], offset: u64 },
}

impl<'a> Origin<'a> {
    /// A parameter or result.
    pub(super) fn of(location: &'a Location) -> Self {
        Self::Pieces {
            pieces: &location.pieces,
            offset: 0,
        }
    }

    /// A value that is one word.
    pub(super) const fn word(word: u64) -> Self {
        Self::Words {
            words: [word, 0, 0],
            offset: 0,
        }
    }

    /// What is so many bytes further on.
    pub(super) fn at(self, further: u64) -> Self {
        match self {
            Self::Pieces { pieces, offset } => Self::Pieces {
                pieces,
                offset: offset.saturating_add(further),
            },
            Self::Words { words, offset } => Self::Words {
                words,
                offset: offset.saturating_add(further),
            },
            Self::Memory { address, bytes } => {
                let skipped = usize::try_from(further).unwrap_or(usize::MAX);
                Self::Memory {
                    address: Address(address.0.wrapping_add(further)),
                    bytes: bytes.get(skipped..).unwrap_or_default(),
                }
            }
        }
    }
}
