//! The ELF file: what is loaded where, and the sections.
//!
//! Addresses are as linked; a position-independent program has others when it runs, by one difference.

use std::{borrow::Cow, ops::Range, sync::OnceLock};

use arch::ThreadLocal;
use model::{Address, FileOffset};
use object::{
    LittleEndian as LE, Object, ObjectSection,
    elf::{self, FileHeader64, PT_LOAD, PT_TLS, ProgramHeader64},
    read::elf::{
        Dyn as _, ElfFile64, FileHeader, ProgramHeader, Rela, SectionHeader, SectionTable, Sym,
    },
};

use super::BinaryError;

type Header = FileHeader64<LE>;

/// The most that one section may hold once decompressed, in bytes: sixteen times the debugging
/// information of a Go program of 80 MB.
const MAX_SECTION: u64 = 1 << 30;

/// An ELF program for linux on this architecture.
pub(super) struct Image {
    bytes: Vec<u8>,
    segments: Vec<Segment>,
    sections: Vec<Section>,
    tls: Option<ThreadLocal>,
    /// What is put where when the program is loaded, by place; read when it is asked for.
    relocations: OnceLock<Vec<(u64, u64)>>,
}

/// A piece of the file that is loaded into memory.
struct Segment {
    address: u64,
    offset: u64,
    size: u64,
    executable: bool,
}

/// A named piece of the file.
pub(super) struct Section {
    name: String,
    kind: elf::SectionType,
    pub(super) range: Range<usize>,
    address: u64,
}

impl Image {
    /// Reads the headers.
    pub(super) fn parse(bytes: Vec<u8>) -> Result<Self, BinaryError> {
        let data = bytes.as_slice();
        let header = header(data)?;
        let (mut segments, mut tls) = (Vec::new(), None);
        let headers = header
            .program_headers(LE, data)
            .map_err(|_| BinaryError::Truncated("the program headers"))?;
        for program in headers {
            let (address, size) = (program.p_vaddr(LE), program.p_filesz(LE));
            match program.p_type(LE) {
                PT_LOAD => segments.push(Segment {
                    address,
                    offset: within(data, program.p_offset(LE), size, "the loaded segments")?.start
                        as u64,
                    size,
                    executable: program.p_flags(LE).contains(elf::PF_X),
                }),
                PT_TLS => {
                    tls = Some(ThreadLocal {
                        address,
                        size: program.p_memsz(LE),
                        align: program.p_align(LE),
                    });
                }
                _ => {}
            }
        }
        let table = header
            .sections(LE, data)
            .map_err(|_| BinaryError::Truncated("the section headers"))?;
        let sections = sections(data, &table)?;
        if is_library(header, headers, data) {
            return Err(BinaryError::NotAProgram("shared library"));
        }
        Ok(Self {
            segments,
            sections,
            tls,
            relocations: OnceLock::new(),
            bytes,
        })
    }

    /// The thread-local storage, if there is any.
    pub(super) const fn tls(&self) -> Option<ThreadLocal> {
        self.tls
    }

    /// The symbol table's symbols; none if it was stripped.
    pub(super) fn symbols(&self) -> Result<impl Iterator<Item = Symbol<'_>>, BinaryError> {
        let data = self.bytes.as_slice();
        let malformed = |error| BinaryError::malformed("symbol table", error);
        let table = header(data)?
            .sections(LE, data)
            .and_then(|sections| sections.symbols(LE, data, elf::SHT_SYMTAB))
            .map_err(malformed)?;
        let strings = table.strings();
        Ok(table.symbols().iter().map(move |symbol| Symbol {
            name: symbol.name(LE, strings).unwrap_or_default(),
            address: symbol.st_value(LE),
            size: symbol.st_size(LE),
            kind: symbol.st_type(),
        }))
    }

    /// The address of the symbol of that name; none if there is none.
    pub(super) fn symbol_address(&self, name: &str) -> Option<Address> {
        self.symbols()
            .ok()?
            .find(|symbol| symbol.name == name.as_bytes())
            .map(|symbol| Address(symbol.address))
    }

    /// A section's bytes as they are in the file; none if there is no such section or it has none.
    pub(super) fn section(&self, name: &str) -> Option<&[u8]> {
        self.bytes.get(self.section_named(name)?.range.clone())
    }

    /// A section's address; none if there is no such section.
    pub(super) fn section_address(&self, name: &str) -> Option<Address> {
        Some(Address(self.section_named(name)?.address))
    }

    pub(super) fn section_named(&self, name: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.name == name)
    }

    /// The addresses of a loaded section; none if there is no such section.
    pub(super) fn section_addresses(&self, name: &str) -> Option<Range<Address>> {
        let section = self.section_named(name)?;
        let end = section.address.checked_add(section.range.len() as u64)?;
        Some(Address(section.address)..Address(end))
    }

    /// Where the loaded section begins that has the byte of that address.
    pub(super) fn section_start(&self, address: Address) -> Option<Address> {
        let holds = |section: &&Section| {
            let distance = address.0.checked_sub(section.address);
            section.address != 0
                && distance.is_some_and(|distance| distance < section.range.len() as u64)
        };
        let section = self.sections.iter().find(holds)?;
        Some(Address(section.address))
    }

    /// The bytes of a debugging section (`.debug_…`), decompressed; empty if there is none.
    ///
    /// Go's linker wrote compressed ones under names with `.zdebug_` up to Go 1.18, and with ELF's own
    /// flag from 1.19 on (`cmd/link/internal/ld/dwarf.go`, `compressSyms`).
    pub(super) fn debug_section(&self, name: &str) -> Result<Cow<'_, [u8]>, BinaryError> {
        let malformed = |error| BinaryError::malformed(name, error);
        let file = ElfFile64::<LE>::parse(self.bytes.as_slice()).map_err(malformed)?;
        let Some(section) = file.section_by_name(name) else {
            return Ok(Cow::Borrowed(&[]));
        };
        let data = section.compressed_data().map_err(malformed)?;
        // That much is reserved before anything is read. Deflate can't do better than 1032 to 1.
        let size = data.uncompressed_size;
        if size > MAX_SECTION || size / 1032 > data.data.len() as u64 {
            let reason = format!("claims to hold {size} bytes");
            return Err(BinaryError::malformed(name, reason));
        }
        data.decompress().map_err(malformed)
    }

    /// Where in the file the byte of that address is.
    pub(super) fn file_offset(&self, address: Address) -> Option<FileOffset> {
        let segment = self.segment(address, 1)?;
        Some(FileOffset(segment.offset + (address.0 - segment.address)))
    }

    /// Whether all bytes from `start` to before `end` are executable.
    pub(super) fn is_code(&self, start: Address, end: Address) -> bool {
        end.0
            .checked_sub(start.0)
            .and_then(|size| self.segment(start, size))
            .is_some_and(|segment| segment.executable)
    }

    /// So many bytes from that address on, as the file has them; none if it does not have all of them.
    pub(super) fn bytes_at(&self, address: Address, length: usize) -> Option<&[u8]> {
        let segment = self.segment(address, length as u64)?;
        let start = usize::try_from(segment.offset + (address.0 - segment.address)).ok()?;
        self.bytes.get(start..start.checked_add(length)?)
    }

    /// The 4-byte number at that address.
    pub(super) fn u32_at(&self, address: Address) -> Option<u32> {
        let bytes = self.bytes_at(address, 4)?.first_chunk()?;
        Some(u32::from_le_bytes(*bytes))
    }

    /// The 8-byte number at that address.
    pub(super) fn u64_at(&self, address: Address) -> Option<u64> {
        let bytes = self.bytes_at(address, 8)?.first_chunk()?;
        Some(u64::from_le_bytes(*bytes))
    }

    /// The pointer at that address. In a position-independent program the external linker may leave the
    /// word empty, and say what belongs there in a relocation alone.
    pub(super) fn pointer_at(&self, address: Address) -> Option<Address> {
        match self.u64_at(address)? {
            0 => self.relocated(address),
            pointer => Some(Address(pointer)),
        }
    }

    /// What the loader puts at that address.
    fn relocated(&self, address: Address) -> Option<Address> {
        let relocations = self.relocations.get_or_init(|| self.relative_relocations());
        let index = relocations
            .binary_search_by_key(&address.0, |(place, _)| *place)
            .ok()?;
        relocations.get(index).map(|(_, value)| Address(*value))
    }

    fn relative_relocations(&self) -> Vec<(u64, u64)> {
        let mut relocations: Vec<_> = self
            .sections
            .iter()
            .filter(|section| section.kind == elf::SHT_RELA)
            .filter_map(|section| self.bytes.get(section.range.clone()))
            .flat_map(|bytes| bytes.as_chunks::<{ size_of::<elf::Rela64<LE>>() }>().0)
            .filter_map(|bytes| object::pod::from_bytes::<elf::Rela64<LE>>(bytes).ok())
            .filter(|(rela, _)| rela.r_type(LE, false).0 == arch::ELF_RELATIVE)
            .map(|(rela, _)| (rela.r_offset(LE), rela.r_addend(LE).cast_unsigned()))
            .collect();
        relocations.sort_unstable();
        relocations
    }

    fn segment(&self, address: Address, length: u64) -> Option<&Segment> {
        self.segments.iter().find(|segment| {
            address
                .0
                .checked_sub(segment.address)
                .and_then(|start| start.checked_add(length))
                .is_some_and(|end| end <= segment.size)
        })
    }
}

/// A symbol as the table has it.
pub(super) struct Symbol<'a> {
    /// Its name.
    pub(super) name: &'a [u8],
    /// Its value.
    pub(super) address: u64,
    /// Its size, in bytes.
    pub(super) size: u64,
    /// `STT_…`
    pub(super) kind: elf::SymbolType,
}

/// Whether it is made to be loaded by a program: what can be run by itself names an interpreter or says that it is one, and without
/// position independence it is nothing else.
fn is_library(header: &Header, programs: &[ProgramHeader64<LE>], data: &[u8]) -> bool {
    let is_interpreted = programs
        .iter()
        .any(|program| program.p_type(LE) == elf::PT_INTERP);
    let mut dynamics = programs
        .iter()
        .filter_map(|program| program.dynamic(LE, data).ok().flatten())
        .flatten();
    let says_so = dynamics
        .any(|entry| entry.d_tag(LE) == elf::DT_FLAGS_1 && entry.d_val(LE) & elf::DF_1_PIE.0 != 0);
    header.e_type(LE) == elf::ET_DYN && !is_interpreted && !says_so
}

/// The file's header, if the file is a program for linux on this architecture.
fn header(data: &[u8]) -> Result<&Header, BinaryError> {
    if !data.starts_with(&elf::ELFMAG) {
        return Err(BinaryError::NotElf);
    }
    let [class, encoding] = *data
        .get(4..)
        .and_then(|ident| ident.first_chunk())
        .ok_or(BinaryError::Truncated("the file header"))?;
    let little = encoding == elf::ELFDATA2LSB.0;
    let machine = data
        .get(18..)
        .and_then(|rest| rest.first_chunk())
        .map(|bytes| {
            if little {
                u16::from_le_bytes(*bytes)
            } else {
                u16::from_be_bytes(*bytes)
            }
        })
        .ok_or(BinaryError::Truncated("the file header"))?;
    if class != elf::ELFCLASS64.0 || !little || machine != arch::ELF_MACHINE {
        return Err(BinaryError::Architecture(architecture(
            machine,
            class == elf::ELFCLASS64.0,
            little,
        )));
    }
    let header = Header::parse(data).map_err(|_| BinaryError::Truncated("the file header"))?;
    match header.e_type(LE) {
        elf::ET_EXEC | elf::ET_DYN => Ok(header),
        elf::ET_REL => Err(BinaryError::NotAProgram("object file")),
        elf::ET_CORE => Err(BinaryError::NotAProgram("core dump")),
        _ => Err(BinaryError::NotAProgram("file of unknown kind")),
    }
}

/// The name of a machine as Go's GOARCH has it, where Go knows it.
fn architecture(machine: u16, wide: bool, little: bool) -> String {
    let name = match (elf::Machine(machine), wide, little) {
        (elf::EM_386, ..) => "386",
        (elf::EM_ARM, ..) => "arm",
        (elf::EM_AARCH64, ..) => "arm64",
        (elf::EM_RISCV, true, _) => "riscv64",
        (elf::EM_S390, ..) => "s390x",
        (elf::EM_LOONGARCH, ..) => "loong64",
        (elf::EM_PPC64, _, true) => "ppc64le",
        (elf::EM_PPC64, ..) => "ppc64",
        (elf::EM_MIPS, true, true) => "mips64le",
        (elf::EM_MIPS, true, false) => "mips64",
        (elf::EM_MIPS, false, true) => "mipsle",
        (elf::EM_MIPS, ..) => "mips",
        (elf::EM_X86_64, true, true) => "amd64",
        (elf::EM_X86_64, ..) => "amd64 with 32-bit pointers (x32)",
        _ => return format!("machine {machine} (ELF e_machine)"),
    };
    name.to_owned()
}

fn sections(data: &[u8], table: &SectionTable<'_, Header>) -> Result<Vec<Section>, BinaryError> {
    table
        .iter()
        .map(|section| {
            let kind = section.sh_type(LE);
            let range = if matches!(kind, elf::SHT_NOBITS | elf::SHT_NULL) {
                0..0
            } else {
                within(
                    data,
                    section.sh_offset(LE),
                    section.sh_size(LE),
                    "the sections",
                )?
            };
            let name = table.section_name(LE, section).unwrap_or_default();
            Ok(Section {
                name: String::from_utf8_lossy(name).into_owned(),
                kind,
                range,
                address: section.sh_addr(LE),
            })
        })
        .collect()
}

/// The range of the file from `offset` on.
fn within(
    data: &[u8],
    offset: u64,
    size: u64,
    what: &'static str,
) -> Result<Range<usize>, BinaryError> {
    let end = offset
        .checked_add(size)
        .filter(|end| *end <= data.len() as u64);
    match (usize::try_from(offset), end.map(usize::try_from)) {
        (Ok(start), Some(Ok(end))) => Ok(start..end),
        _ => Err(BinaryError::Truncated(what)),
    }
}
