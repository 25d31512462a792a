//! Reading the program's memory.

use core::{ffi::c_void, mem::MaybeUninit};

use aya_ebpf::helpers::bpf_probe_read_kernel;
use aya_ebpf::helpers::generated::{bpf_copy_from_user, bpf_get_current_task};
use goproctor_ebpf::RecordClass;

use crate::verifier::opaque;

/// A negative errno.
pub(crate) type Errno = i64;

pub(crate) const EINVAL: Errno = -22;
pub(crate) const ENOSPC: Errno = -28;

/// The 8 bytes at an address of the program.
#[inline(always)]
pub(crate) fn word(address: u64) -> Result<u64, Errno> {
    let mut value = MaybeUninit::<u64>::uninit();
    // SAFETY: the helper writes all 8 bytes, zeros when it fails.
    unsafe {
        let status = bpf_copy_from_user(value.as_mut_ptr().cast(), 8, address as *const c_void);
        if status == 0 {
            Ok(value.assume_init())
        } else {
            Err(status)
        }
    }
}

/// The FS base of the current thread; `offset` is its place in the kernel's `task_struct`.
#[inline(always)]
pub(crate) fn thread_base(offset: u64) -> Result<u64, Errno> {
    // SAFETY: the helper validates the address that it reads.
    unsafe {
        let task = bpf_get_current_task();
        bpf_probe_read_kernel(task.wrapping_add(offset) as *const u64).map_err(Errno::from)
    }
}

/// Copies `length` bytes from the program to `offset` of a record's data, which has room for them.
///
/// The verifier does not relate two numbers, so it can't see that `offset + length` is within the room.
/// Where a bound for each alone is enough, one copy does. Else the two copies of the largest power of two
/// that is not larger than `length`, one from the front and one up to the end, have a constant length each.
///
/// # Safety
/// `record` points to a reserved record of class `CLASS`.
#[inline(always)]
pub(crate) unsafe fn copy<const CLASS: usize>(
    record: *mut u8,
    offset: u64,
    length: u64,
    address: u64,
) -> Errno {
    let data = record.wrapping_add(RecordClass::ALL[CLASS].data_offset());
    let near = Target {
        data,
        offset,
        length,
        address,
        room: RecordClass::ALL[CLASS].data_size() as u64,
    };
    // SAFETY: `data` is followed by `room` bytes.
    unsafe {
        if let Some(status) = near.whole::<64>() {
            return status;
        }
        if let Some(status) = near.whole::<512>() {
            return status;
        }
        if let Some(status) = near.whole::<4096>() {
            return status;
        }
        if length & 4096 != 0 {
            return near.halves::<4096>();
        }
        if length & 2048 != 0 {
            return near.halves::<2048>();
        }
        if length & 1024 != 0 {
            return near.halves::<1024>();
        }
        if length & 512 != 0 {
            return near.halves::<512>();
        }
        if length & 256 != 0 {
            return near.halves::<256>();
        }
        if length & 128 != 0 {
            return near.halves::<128>();
        }
        if length & 64 != 0 {
            return near.halves::<64>();
        }
        if length & 32 != 0 {
            return near.halves::<32>();
        }
        if length & 16 != 0 {
            return near.halves::<16>();
        }
        if length & 8 != 0 {
            return near.halves::<8>();
        }
        if length & 4 != 0 {
            return near.halves::<4>();
        }
        if length & 2 != 0 {
            return near.halves::<2>();
        }
        if length & 1 != 0 {
            return near.halves::<1>();
        }
    }
    EINVAL
}

/// Where a copy goes.
struct Target {
    data: *mut u8,
    offset: u64,
    length: u64,
    address: u64,
    room: u64,
}

impl Target {
    /// One copy, if `LIMIT` bounds the length and there are as many bytes of room after the offset.
    #[inline(always)]
    unsafe fn whole<const LIMIT: u64>(&self) -> Option<Errno> {
        if self.room < LIMIT {
            return None;
        }
        let length = opaque(self.length);
        if length > LIMIT {
            return None;
        }
        let offset = opaque(self.offset);
        if offset > self.room - LIMIT {
            return None;
        }
        let to = self.data.wrapping_add(offset as usize).cast();
        // SAFETY: offset + length ≤ room.
        Some(unsafe { bpf_copy_from_user(to, length as u32, self.address as *const c_void) })
    }

    /// Two copies of `SIZE` bytes that overlap, `SIZE ≤ length < 2 × SIZE`.
    #[inline(always)]
    unsafe fn halves<const SIZE: u64>(&self) -> Errno {
        // SAFETY: each checks its offset.
        unsafe {
            let status = self.fixed::<SIZE>(0);
            if status != 0 || self.length == SIZE {
                return status;
            }
            self.fixed::<SIZE>(self.length.wrapping_sub(SIZE))
        }
    }

    #[inline(always)]
    unsafe fn fixed<const SIZE: u64>(&self, skip: u64) -> Errno {
        if self.room < SIZE {
            return ENOSPC;
        }
        let offset = opaque(self.offset.wrapping_add(skip));
        if offset > self.room - SIZE {
            return ENOSPC;
        }
        let to = self.data.wrapping_add(offset as usize).cast();
        let from = self.address.wrapping_add(skip) as *const c_void;
        // SAFETY: offset + SIZE ≤ room.
        unsafe { bpf_copy_from_user(to, SIZE as u32, from) }
    }
}
