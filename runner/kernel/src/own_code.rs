//! Code of goproctor's own executable, which is probed to see what that does.

use std::{
    fs::{self, File},
    os::unix::fs::FileExt as _,
};

use model::FileOffset;

use super::KernelError;

/// The executable of this process.
pub(super) const EXECUTABLE: &str = "/proc/self/exe";
/// Where its code lies in memory.
const MAPS: &str = "/proc/self/maps";

/// Where the probed instruction is in the executable's file. A probe overwrites what is there, so
/// it must be just that instruction.
pub(super) fn own_offset(site: *const u8, code: &[u8]) -> Result<FileOffset, KernelError> {
    let failed = KernelError::Calibration;
    let unreadable = |path| move |error| KernelError::OwnCode { path, error };
    let maps = fs::read_to_string(MAPS).map_err(unreadable(MAPS))?;
    let offset = file_offset(&maps, site as u64)
        .ok_or(failed("goproctor's own code is not in /proc/self/maps"))?;
    let mut there = vec![0; code.len()];
    File::open(EXECUTABLE)
        .and_then(|file| file.read_exact_at(&mut there, offset))
        .map_err(unreadable(EXECUTABLE))?;
    if there == code {
        Ok(FileOffset(offset))
    } else {
        Err(failed(
            "goproctor's own executable is not the file that it was started from",
        ))
    }
}

/// The place in its file of what is mapped at `address`, from the text of `/proc/<pid>/maps`.
fn file_offset(maps: &str, address: u64) -> Option<u64> {
    let number = |text| u64::from_str_radix(text, 16).ok();
    maps.lines().find_map(|line| {
        let mut fields = line.split_ascii_whitespace();
        let (begin, end) = fields.next()?.split_once('-')?;
        let (begin, end) = (number(begin)?, number(end)?);
        let offset = number(fields.nth(1)?)?;
        (begin..end)
            .contains(&address)
            .then(|| offset.saturating_add(address - begin))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapped_address_is_found_in_its_file() {
        let maps = "55d0c000-55d0d000 r--p 00000000 fe:00 1234   /usr/bin/goproctor\n\
                    55d0d000-55d0f000 r-xp 00001000 fe:00 1234   /usr/bin/goproctor\n\
                    nonsense\n\
                    7ffc0000-7ffc1000 rw-p 00000000 00:00 0      [stack]\n";
        assert_eq!(file_offset(maps, 0x55d0_d123), Some(0x1123));
        assert_eq!(file_offset(maps, 0x55d0_f000), None);
        assert_eq!(file_offset("", 1), None);
    }
}
