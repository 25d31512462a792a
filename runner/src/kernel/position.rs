//! How far the producer and the consumer of a ring have come.
//!
//! The first page of a ring's map is the consumer's, the second the producer's; each begins with a count of bytes
//! since the ring was made (`kernel/bpf/ringbuf.c`). A record that is being filled is behind the producer's position
//! already, and holds the consumer up until it is handed over.

use std::{
    io,
    os::fd::{AsRawFd, BorrowedFd},
    ptr::{self, NonNull},
    sync::atomic::{AtomicUsize, Ordering},
};

use nix::unistd::{SysconfVar, sysconf};

/// The positions of one ring, to be read at any time.
#[derive(Debug)]
pub(super) struct Positions {
    pages: NonNull<u8>,
    page: usize,
}

// SAFETY: the pages are ours until `self` is dropped, and what stands in them is read atomically alone.
unsafe impl Send for Positions {}

impl Positions {
    /// Maps the pages that hold them, to be read alone.
    pub(super) fn of(ring: BorrowedFd<'_>) -> io::Result<Self> {
        let page = sysconf(SysconfVar::PAGE_SIZE)?
            .and_then(|size| usize::try_from(size).ok())
            .ok_or_else(|| io::Error::other("the size of a page is not known"))?;
        // SAFETY: a new mapping at a place of the kernel's choice.
        let pages = unsafe {
            libc::mmap(
                ptr::null_mut(),
                2 * page,
                libc::PROT_READ,
                libc::MAP_SHARED,
                ring.as_raw_fd(),
                0,
            )
        };
        if pages == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let pages = NonNull::new(pages.cast()).ok_or_else(|| io::Error::other("mapped at 0"))?;
        Ok(Self { pages, page })
    }

    /// Up to where records were reserved.
    pub(super) fn produced(&self) -> u64 {
        self.at(self.page)
    }

    /// Up to where they were consumed.
    pub(super) fn consumed(&self) -> u64 {
        self.at(0)
    }

    fn at(&self, offset: usize) -> u64 {
        // SAFETY: both pages are mapped as long as `self` lives; each begins with an aligned word that the kernel and
        // the consumer write atomically.
        let position = unsafe { self.pages.add(offset).cast::<AtomicUsize>().as_ref() };
        position.load(Ordering::Acquire) as u64
    }
}

impl Drop for Positions {
    fn drop(&mut self) {
        // SAFETY: what `of` mapped, and nothing refers to it any more.
        unsafe { libc::munmap(self.pages.as_ptr().cast(), 2 * self.page) };
    }
}
