//! Reading the program's memory.

use core::{ffi::c_void, mem::MaybeUninit};

use aya_ebpf::helpers::bpf_probe_read_kernel;
use aya_ebpf::helpers::generated::{bpf_copy_from_user, bpf_get_current_task, bpf_probe_read_user};
use goproctor_ebpf::{RecordClass, RecordHeader};

use crate::verifier::{load, opaque};

/// A negative errno.
pub(crate) type Errno = i64;

pub(crate) const EINVAL: Errno = -22;
pub(crate) const ENOSPC: Errno = -28;

/// Copies bytes of the program, zeros when that fails. The second way waits for pages that are not there,
/// the first costs half of it.
///
/// # Safety
/// There is room for `length` bytes.
#[inline(always)]
unsafe fn read(to: *mut c_void, length: u32, address: u64) -> Errno {
    let from = address as *const c_void;
    // SAFETY: the caller's promise.
    unsafe {
        if bpf_probe_read_user(to, length, from) == 0 {
            return 0;
        }
        bpf_copy_from_user(to, length, from)
    }
}

/// The 8 bytes at an address of the program.
#[inline(always)]
pub(crate) fn word(address: u64) -> Result<u64, Errno> {
    let mut value = MaybeUninit::<u64>::uninit();
    // SAFETY: the helper writes all 8 bytes, zeros when it fails.
    unsafe {
        let status = read(value.as_mut_ptr().cast(), 8, address);
        if status == 0 {
            Ok(value.assume_init())
        } else {
            Err(status)
        }
    }
}

/// The 8 bytes at an offset of the current thread's `task_struct`.
#[inline(always)]
pub(crate) fn task_word(offset: u64) -> Result<u64, Errno> {
    // SAFETY: the helper validates the address that it reads.
    unsafe {
        let task = bpf_get_current_task();
        bpf_probe_read_kernel(task.wrapping_add(offset) as *const u64).map_err(Errno::from)
    }
}

/// Copies up to 200 bytes from the program to the begin of a record, before its header is written there.
///
/// # Safety
/// `record` points to a reserved record.
#[inline(always)]
pub(crate) unsafe fn borrow(record: *mut u8, length: u64, address: u64) -> Errno {
    let length = opaque(length);
    if length > size_of::<RecordHeader>() as u64 {
        return EINVAL;
    }
    // SAFETY: a record is never smaller than its header.
    unsafe { read(record.cast(), length as u32, address) }
}

/// The 8 bytes at `offset` of what was borrowed.
///
/// # Safety
/// `record` points to a reserved record.
#[inline(always)]
pub(crate) unsafe fn borrowed(record: *const u8, offset: u64) -> Result<u64, Errno> {
    let offset = opaque(offset);
    if offset > size_of::<RecordHeader>() as u64 - 8 {
        return Err(EINVAL);
    }
    // SAFETY: within the header.
    Ok(unsafe { load(record.wrapping_add(offset as usize)) })
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
        Some(unsafe { read(to, length as u32, self.address) })
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
        // SAFETY: offset + SIZE ≤ room.
        unsafe { read(to, SIZE as u32, self.address.wrapping_add(skip)) }
    }
}
