//! What the running kernel's own type information says: where it keeps a thread's pointer to thread-local
//! storage, and which names it has. Format: Documentation/bpf/btf.rst of the kernel.

use std::{fs, io, path::Path};

use arch::{THREAD_FEATURES, THREAD_POINTER};
use thiserror::Error;

/// The kernel's type information.
const VMLINUX: &str = "/sys/kernel/btf/vmlinux";
/// Anonymous structs within structs are searched so deep.
const MAX_NESTING: u32 = 8;

/// Why the kernel's type information does not say where that pointer is.
#[derive(Debug, Error)]
pub enum BtfError {
    /// The file can't be read.
    #[error(
        "the kernel's type information {VMLINUX} can't be read ({0}); programs built with Go 1.16 or older need it: boot a kernel with CONFIG_DEBUG_INFO_BTF=y"
    )]
    Unreadable(#[source] io::Error),
    /// It is not in the format known.
    #[error("the kernel's type information {VMLINUX} is malformed at byte {0}")]
    Malformed(usize),
    /// It does not have the member.
    #[error(
        "the kernel's type information has no {of}.{member}; programs built with Go 1.16 or older can't be watched on this kernel"
    )]
    Missing {
        /// The struct.
        of: &'static str,
        /// Its member.
        member: &'static str,
    },
}

/// Offset of [the pointer to thread-local storage](THREAD_POINTER) in the running kernel's `task_struct`, in bytes.
///
/// # Errors
/// The kernel has no type information, or not such a member.
pub(super) fn task_thread_pointer() -> Result<u64, BtfError> {
    let data = fs::read(Path::new(VMLINUX)).map_err(BtfError::Unreadable)?;
    thread_pointer(&data)
}

/// The same from the bytes of the information.
fn thread_pointer(data: &[u8]) -> Result<u64, BtfError> {
    thread_member(data, THREAD_POINTER)?.ok_or(BtfError::Missing {
        of: "thread_struct",
        member: THREAD_POINTER,
    })
}

/// Offset of [what says which features a thread has](THREAD_FEATURES) in the running kernel's `task_struct`, in bytes; 0 for a
/// kernel whose threads have none.
///
/// # Errors
/// The kernel has no type information.
pub(super) fn task_features() -> Result<u64, BtfError> {
    let data = fs::read(Path::new(VMLINUX)).map_err(BtfError::Unreadable)?;
    Ok(thread_member(&data, THREAD_FEATURES)?.unwrap_or(0))
}

/// Offset in bytes of a member of a task's `thread_struct`; none if it does not have it.
fn thread_member(data: &[u8], member: &str) -> Result<Option<u64>, BtfError> {
    let types = Types::parse(data)?;
    let (thread, ty) = types.member_of("task_struct", "thread")?;
    let member = types.member(ty, member, MAX_NESTING)?;
    Ok(member.map(|(offset, _)| (u64::from(thread) + u64::from(offset)) / 8))
}

/// Whether the running kernel's type information has anything of that name: a type, a member, an enumerator.
///
/// # Errors
/// The kernel has no type information.
pub(super) fn has_name(name: &str) -> Result<bool, BtfError> {
    let data = fs::read(Path::new(VMLINUX)).map_err(BtfError::Unreadable)?;
    names(&data, name)
}

/// The same from the bytes of the information: names end with a zero, and begin after one.
fn names(data: &[u8], name: &str) -> Result<bool, BtfError> {
    let strings = header(data)?.strings;
    let strings = data.get(strings..).ok_or(BtfError::Malformed(strings))?;
    let wanted = [b"\0", name.as_bytes(), b"\0"].concat();
    Ok(memchr::memmem::find(strings, &wanted).is_some())
}

/// Where the sections of a BTF blob are.
struct Header {
    types: std::ops::Range<usize>,
    /// Where the names begin.
    strings: usize,
}

fn header(data: &[u8]) -> Result<Header, BtfError> {
    if word(data, 0)? & 0xffff != 0xeb9f {
        return Err(BtfError::Malformed(0));
    }
    let at = |offset| Ok::<_, BtfError>(word(data, offset)? as usize);
    let header = at(4)?;
    let begin = header.checked_add(at(8)?).ok_or(BtfError::Malformed(8))?;
    let end = begin.checked_add(at(12)?).ok_or(BtfError::Malformed(12))?;
    let strings = header.checked_add(at(16)?).ok_or(BtfError::Malformed(16))?;
    Ok(Header {
        types: begin..end,
        strings,
    })
}

/// The types of a BTF blob.
struct Types<'a> {
    data: &'a [u8],
    /// Where the names begin.
    strings: usize,
    /// Where each type begins; the first has number 1.
    types: Vec<usize>,
}

const STRUCT: u32 = 4;
const UNION: u32 = 5;

impl<'a> Types<'a> {
    /// Finds where each type begins.
    fn parse(data: &'a [u8]) -> Result<Self, BtfError> {
        let Header {
            types: section,
            strings,
        } = header(data)?;
        let mut types = Vec::new();
        let mut next = section.start;
        while next < section.end {
            types.push(next);
            next = next + 12 + tail(word(data, next + 4)?).ok_or(BtfError::Malformed(next))?;
        }
        Ok(Self {
            data,
            strings,
            types,
        })
    }

    /// Offset in bits and type of a member of the struct of that name.
    fn member_of(&self, of: &'static str, member: &'static str) -> Result<(u32, u32), BtfError> {
        for number in 1..=self.types.len() as u32 {
            let Some((name, STRUCT)) = self.head(number)? else {
                continue;
            };
            if name == of.as_bytes()
                && let Some(found) = self.member(number, member, MAX_NESTING)?
            {
                return Ok(found);
            }
        }
        Err(BtfError::Missing { of, member })
    }

    /// Offset in bits and type of a member of the struct or union of that number, also of anonymous ones in
    /// it.
    fn member(&self, ty: u32, member: &str, depth: u32) -> Result<Option<(u32, u32)>, BtfError> {
        let (Some((_, STRUCT | UNION)), Some(depth)) = (self.head(ty)?, depth.checked_sub(1))
        else {
            return Ok(None);
        };
        let begin = self.types[ty as usize - 1];
        let info = word(self.data, begin + 4)?;
        for index in 0..(info & 0xffff) as usize {
            let at = begin + 12 + index * 12;
            let name = self.name(word(self.data, at)?)?;
            let inner = word(self.data, at + 4)?;
            let raw = word(self.data, at + 8)?;
            // With the flag, the upper byte is a bit field's width.
            let bits = if info >> 31 == 1 {
                raw & 0x00ff_ffff
            } else {
                raw
            };
            if name == member.as_bytes() {
                return Ok(Some((bits, inner)));
            }
            if name.is_empty()
                && let Some((more, found)) = self.member(inner, member, depth)?
            {
                return Ok(Some((bits.saturating_add(more), found)));
            }
        }
        Ok(None)
    }

    /// Name and kind of the type of that number.
    fn head(&self, ty: u32) -> Result<Option<(&'a [u8], u32)>, BtfError> {
        let Some(&begin) = (ty as usize)
            .checked_sub(1)
            .and_then(|index| self.types.get(index))
        else {
            return Ok(None);
        };
        let kind = word(self.data, begin + 4)? >> 24 & 0x1f;
        Ok(Some((self.name(word(self.data, begin)?)?, kind)))
    }

    /// The name at that offset of the names.
    fn name(&self, offset: u32) -> Result<&'a [u8], BtfError> {
        let begin = self.strings.saturating_add(offset as usize);
        let rest = self.data.get(begin..).ok_or(BtfError::Malformed(begin))?;
        rest.split(|&byte| byte == 0)
            .next()
            .ok_or(BtfError::Malformed(begin))
    }
}

/// How many bytes follow the 12 of a type with this information word; none for a kind not known.
fn tail(info: u32) -> Option<usize> {
    let count = (info & 0xffff) as usize;
    match info >> 24 & 0x1f {
        // Pointer, forward, typedef, volatile, const, restrict, function, float, type tag.
        2 | 7..=12 | 16 | 18 => Some(0),
        // Integer, variable, declaration tag.
        1 | 14 | 17 => Some(4),
        // Array.
        3 => Some(12),
        // Enum, function prototype.
        6 | 13 => Some(count * 8),
        // Struct, union, data section, 64-bit enum.
        STRUCT | UNION | 15 | 19 => Some(count * 12),
        _ => None,
    }
}

/// The 4 bytes at that offset.
fn word(data: &[u8], offset: usize) -> Result<u32, BtfError> {
    let end = offset.checked_add(4).ok_or(BtfError::Malformed(offset))?;
    data.get(offset..end)
        .and_then(|bytes| bytes.try_into().ok())
        .map(u32::from_le_bytes)
        .ok_or(BtfError::Malformed(offset))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A blob: `task_struct { int pid; struct { thread_struct thread; } }` with `thread_struct { int sp;
    /// int fsbase; }`.
    fn blob() -> Vec<u8> {
        let names = b"\0int\0thread_struct\0sp\0fsbase\0task_struct\0pid\0thread\0";
        let name = |text: &str| {
            let wanted = [&[0], text.as_bytes(), &[0]].concat();
            names
                .windows(wanted.len())
                .position(|window| window == wanted)
                .unwrap() as u32
                + 1
        };
        let types: Vec<u32> = [
            vec![name("int"), 1 << 24, 4, 32],
            vec![name("thread_struct"), STRUCT << 24 | 2, 16],
            vec![name("sp"), 1, 0, name("fsbase"), 1, 64],
            vec![0, 1 << 31 | STRUCT << 24 | 1, 16],
            vec![name("thread"), 2, 128],
            vec![name("task_struct"), STRUCT << 24 | 2, 64],
            vec![name("pid"), 1, 0, 0, 3, 256],
        ]
        .concat();
        let size = types.len() as u32 * 4;
        let header = [0x1_eb9f, 24, 0, size, size, names.len() as u32];
        let words: Vec<u8> = header
            .iter()
            .chain(&types)
            .flat_map(|word: &u32| word.to_le_bytes())
            .collect();
        [&words[..], names].concat()
    }

    #[test]
    fn a_member_is_found_through_an_anonymous_struct() {
        assert_eq!(thread_pointer(&blob()).unwrap(), (256 + 128 + 64) / 8);
        assert_eq!(thread_member(&blob(), "sp").unwrap(), Some((256 + 128) / 8));
        assert_eq!(thread_member(&blob(), "features").unwrap(), None);
    }

    #[test]
    fn a_name_is_found_as_a_whole() {
        let known = |name| names(&blob(), name).unwrap();
        assert!(known("fsbase") && known("pid"));
        assert!(!known("base") && !known("fs") && !known("task"));
    }

    #[test]
    fn no_cut_and_no_damage_makes_it_panic() {
        let blob = blob();
        for length in 0..blob.len() {
            let _ = thread_pointer(&blob[..length]);
            let _ = names(&blob[..length], "pid");
        }
        for at in 0..blob.len() {
            for value in [0, 1, 0x7f, 0xff] {
                let mut damaged = blob.clone();
                damaged[at] = value;
                let _ = thread_pointer(&damaged);
                let _ = names(&damaged, "pid");
            }
        }
        assert!(matches!(thread_pointer(b""), Err(BtfError::Malformed(0))));
    }

    #[test]
    fn this_kernel_says_where_the_base_is() {
        let offset = task_thread_pointer().unwrap();
        assert!(
            offset > 0 && offset.is_multiple_of(8) && offset < 65_536,
            "{offset}"
        );
    }
}
