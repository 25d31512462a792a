//! The binary as a whole.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, fs,
    ops::Range,
    path::Path,
};

use model::{Address, CodePlace, FileOffset, SourcePosition, plan::RuntimeLayout};

use super::{
    BinaryError, FunctionSymbol, InlinedCopies, SymbolKind,
    buildinfo::BuildInfo,
    debug::{Debug, DebugSections},
    elf::Image,
    index::Index,
    inlining, lines, literals,
    pclntab::FunctionTable,
    runtime_layout, symbols,
    wholeness::Judge,
};
use crate::{GoRelease, Packages, names};

/// The oldest release that is understood, as the number after `go1.`.
const OLDEST: u32 = 15;

/// The releases that name a literal after the function that holds it, wherever it is in the source.
const NAMED_BY_HOLDER: Range<u32> = 17..21;

/// The first release that has loops over functions.
const RANGE_FUNCTIONS_SINCE: u32 = 23;

/// A Go program's binary for linux, read whole into memory: what changes in the file afterwards is
/// not seen.
pub struct Binary {
    pub(super) image: Image,
    build: BuildInfo,
    sections: DebugSections,
    pub(super) index: Index,
    functions: Vec<FunctionSymbol>,
    /// For the releases whose DWARF does not say it all.
    pub(super) function_table: Option<FunctionTable>,
}

impl Binary {
    /// Reads the file.
    ///
    /// # Errors
    /// If it cannot be read, or for what [`Binary::parse`] refuses.
    pub fn open(path: &Path) -> Result<Self, BinaryError> {
        let unreadable = |source| BinaryError::Unreadable {
            path: path.to_owned(),
            source,
        };
        if !fs::metadata(path).map_err(unreadable)?.is_file() {
            return Err(BinaryError::NotAFile {
                path: path.to_owned(),
            });
        }
        Self::parse(fs::read(path).map_err(unreadable)?)
    }

    /// Takes a file's bytes, and reads of them what all questions need: symbols, and where in the DWARF
    /// things are described.
    ///
    /// # Errors
    /// If they are not a Go program for linux on this architecture, of Go 1.15 or later, with symbols and DWARF.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, BinaryError> {
        let image = Image::parse(bytes)?;
        let build = BuildInfo::read(&image)?;
        if build.release.minor() < OLDEST {
            return Err(BinaryError::ReleaseTooOld(build.release.to_string()));
        }
        if image.symbols()?.next().is_none() {
            return Err(BinaryError::NoSymbols);
        }
        let sections = DebugSections::load(&image)?;
        let mut index = Index::scan(&sections.dwarf(&image), &runtime_layout::STRUCTS)?;
        if index.bodies.is_empty() {
            return Err(BinaryError::NoDebugInfo);
        }
        let function_table = Judge::doubts(&build.release)
            .then(|| FunctionTable::find(&image))
            .flatten();
        let mut functions = symbols::functions(&image, &index)?;
        literals::name_by_source(
            &mut functions,
            &mut index,
            &image,
            function_table.as_ref(),
            &build.release,
        );
        Ok(Self {
            functions,
            function_table,
            image,
            build,
            sections,
            index,
        })
    }

    /// The Go release that built it.
    #[must_use]
    pub const fn release(&self) -> &GoRelease {
        &self.build.release
    }

    /// The path of its main module, e.g. `example.com/shop`; none if it was built outside of modules.
    #[must_use]
    pub fn main_module(&self) -> Option<&str> {
        self.build.module.as_deref()
    }

    /// Whether it was built to verify the code of its cryptography when it starts (FIPS 140), whatever its environment says.
    #[must_use]
    pub(super) const fn verifies_code(&self) -> bool {
        self.build.verifies_code
    }

    /// The path of its main package, e.g. `example.com/shop/cmd/server` or `command-line-arguments`.
    #[must_use]
    pub fn main_package(&self) -> Option<&str> {
        self.build.package.as_deref()
    }

    /// Its packages, of those that have functions.
    #[must_use]
    pub fn packages(&self) -> Packages {
        let bodies = self.functions.iter().map(FunctionSymbol::package);
        let inlined = self.index.inlinable.values();
        let inlined = inlined.map(|inlined| &inlined.name[..inlined.package]);
        let paths: BTreeSet<&str> = bodies.chain(inlined).collect();
        let named = paths.into_iter().map(|path| {
            let name = self.index.packages.name_of(path);
            (path, name)
        });
        Packages::new(self.main_package(), named)
    }

    /// Offset of the `g` pointer from a thread's FS base, in bytes.
    ///
    /// # Errors
    /// If the thread-local segment makes no sense.
    pub(crate) fn tls_g(&self) -> Result<i64, BinaryError> {
        runtime_layout::tls_g(&self.image)
    }

    /// All functions that have a body of their own, by address.
    #[must_use]
    pub fn functions(&self) -> &[FunctionSymbol] {
        &self.functions
    }

    /// The bodies of that name; two where there is an `ABI0` body beside an `ABIInternal` one.
    #[must_use]
    pub fn function_named(&self, name: &str) -> Vec<&FunctionSymbol> {
        self.functions
            .iter()
            .filter(|function| function.name == name)
            .collect()
    }

    /// The function that holds the address.
    #[must_use]
    pub fn function_at(&self, address: Address) -> Option<&FunctionSymbol> {
        let after = self
            .functions
            .partition_point(|function| function.start <= address);
        self.functions
            .get(..after)?
            .last()
            .filter(|function| address < function.end)
    }

    /// The machine code of a range of addresses.
    ///
    /// # Errors
    /// If the file holds no code there.
    pub fn code(&self, range: Range<Address>) -> Result<&[u8], BinaryError> {
        let length = range.end.0.checked_sub(range.start.0);
        length
            .filter(|_| self.image.is_code(range.start, range.end))
            .and_then(|length| usize::try_from(length).ok())
            .and_then(|length| self.image.bytes_at(range.start, length))
            .ok_or(BinaryError::NotInFile {
                address: range.start.0,
                end: range.end.0,
            })
    }

    /// Where in the file the byte of that address is, as the kernel's uprobes take it.
    ///
    /// # Errors
    /// If it is not in the file.
    pub fn file_offset(&self, address: Address) -> Result<FileOffset, BinaryError> {
        self.image
            .file_offset(address)
            .ok_or(BinaryError::NotInFile {
                address: address.0,
                end: address.0.saturating_add(1),
            })
    }

    /// Whether this release's binaries leave out parts of some signatures, which only the source has.
    #[must_use]
    pub const fn needs_source(&self) -> bool {
        Judge::doubts(self.release())
    }

    /// Whether this release has loops over functions: the debug information leaves out results that their bodies set.
    #[must_use]
    pub const fn may_lack_results(&self) -> bool {
        self.release().minor() >= RANGE_FUNCTIONS_SINCE
    }

    /// Where the functions of these names were inlined. One that has neither a body nor copies is not in the program: it
    /// never was, or the linker dropped it as unreachable.
    #[must_use]
    pub fn inlined_copies(&self, names: &BTreeSet<&str>) -> BTreeMap<String, InlinedCopies> {
        inlining::inlined_copies(&self.index, &self.functions, names)
    }

    /// The name of the function whose copy is the first that was inlined into this one; none if there is none.
    ///
    /// # Errors
    /// If the DWARF of the function is malformed.
    pub(crate) fn first_inlined(
        &self,
        function: &FunctionSymbol,
    ) -> Result<Option<String>, BinaryError> {
        inlining::first_inlined(&self.debug(), &self.index, function)
    }

    /// The names of the functions that were inlined somewhere, whether they have a body of their own or not.
    pub fn inlined_names(&self) -> impl Iterator<Item = &str> {
        let inlinable = self.index.inlinable.values();
        inlinable
            .filter(|inlinable| inlinable.copies > 0 && inlinable.kind == SymbolKind::Source)
            .map(|inlinable| inlinable.name.as_str())
    }

    /// Where the runtime keeps what every hit needs.
    ///
    /// # Errors
    /// If the binary does not describe it.
    pub fn runtime_layout(&self) -> Result<RuntimeLayout, BinaryError> {
        let build_version = self.image.symbol_address("runtime.buildVersion");
        runtime_layout::runtime_layout(&self.debug(), &self.index, self.tls_g()?, build_version)
    }

    /// Where a function is declared in the source, if the binary says; nowhere for a wrapper. Up to Go
    /// 1.19 the line may be that of the first statement, where a function needs no stack check and has no
    /// parameter on its declaration's line.
    #[must_use]
    pub fn position(&self, function: &FunctionSymbol) -> Option<SourcePosition> {
        if function.is_wrapper() {
            return None;
        }
        let body = self.index.bodies.get(&function.start)?;
        let start_line = self
            .function_table
            .as_ref()
            .and_then(|table| table.start_line(&self.image, function.start));
        let addresses = function.start..function.end;
        lines::declaration(&self.debug(), body, addresses, start_line).ok()?
    }

    /// The place in the source that the code at an address comes from, if the binary says: of an inlined function that one.
    #[must_use]
    pub fn place(&self, address: Address) -> Option<CodePlace> {
        let function = self.function_at(address)?;
        let body = self.index.bodies.get(&function.start)?;
        let addresses = function.start..function.end;
        let origin = lines::origin_of(&self.debug(), body, addresses, address);
        let (inlined, position) = origin.ok()??;
        let inlined = inlined.and_then(|origin| self.index.inlinable.get(&origin));
        let name = inlined.map_or(&function.name, |inlined| &inlined.name);
        Some(CodePlace {
            function: name.clone(),
            position,
        })
    }

    /// Whether a function literal has another function's name: from Go 1.17 to 1.20 a literal that came with an inlined
    /// function is counted and named as one of the function that holds it. Their lines show which it is.
    ///
    /// # Errors
    /// If the DWARF of the two is malformed.
    pub fn has_holders_name(&self, literal: &FunctionSymbol) -> Result<bool, BinaryError> {
        if !NAMED_BY_HOLDER.contains(&self.release().minor()) {
            return Ok(false);
        }
        let Some(holder) = names::enclosing(&literal.name) else {
            return Ok(false);
        };
        let Some(position) = self.position(literal) else {
            return Ok(false);
        };
        for holder in self.function_named(holder) {
            if let Some(body) = self.index.bodies.get(&holder.start) {
                let addresses = holder.start..holder.end;
                return lines::came_with_inlined(&self.debug(), &position, body, addresses);
            }
        }
        Ok(false)
    }

    pub(super) fn debug(&self) -> Debug<'_> {
        Debug::new(self.sections.dwarf(&self.image), &self.index.units)
    }
}

impl fmt::Debug for Binary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Binary")
            .field("build", &self.build)
            .field("functions", &self.functions.len())
            .finish_non_exhaustive()
    }
}
