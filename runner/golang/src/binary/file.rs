//! The binary as a whole.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, fs,
    ops::Range,
    path::Path,
};

use model::{Address, FileOffset, SourcePosition, TypeId, TypeTable, plan::RuntimeLayout};

use super::{
    BinaryError, FunctionSymbol, InlinedCopies, Scope, Signature,
    buildinfo::BuildInfo,
    debug::{Debug, DebugSections},
    elf::Image,
    functions::Draft,
    index::Index,
    inlining, instances, lines, literals,
    pclntab::FunctionTable,
    runtime_layout,
    symbols::{self, SymbolKind},
    types::TypeReader,
    wholeness::{Judge, takes_dictionary},
};
use crate::{Declaration, GoRelease, names};

/// The oldest release that is understood, as the number after `go1.`.
const OLDEST: u32 = 15;

/// The releases that name a literal after the function that holds it, wherever it stands in the source.
const NAMED_BY_HOLDER: Range<u32> = 17..21;

/// The first release that has loops over functions.
const RANGE_FUNCTIONS_SINCE: u32 = 23;

/// A Go program's binary for linux/amd64, read whole into memory: what changes in the file afterwards is
/// not seen.
pub struct Binary {
    pub(super) image: Image,
    build: BuildInfo,
    sections: DebugSections,
    pub(super) index: Index,
    functions: Vec<FunctionSymbol>,
    /// For the releases whose DWARF does not say it all.
    function_table: Option<FunctionTable>,
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
    /// If they are not a Go program for linux/amd64, of Go 1.15 or later, with symbols and DWARF.
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

    /// The path of its main package, e.g. `example.com/shop/cmd/server` or `command-line-arguments`.
    #[must_use]
    pub fn main_package(&self) -> Option<&str> {
        self.build.package.as_deref()
    }

    /// The build's settings as `go version -m` shows them, e.g. `("-race", "true")`; empty before Go 1.18.
    #[must_use]
    #[cfg(test)]
    pub(crate) fn build_settings(&self) -> &[(String, String)] {
        &self.build.settings
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

    /// The bodies of that name; two where an `ABI0` body stands beside an `ABIInternal` one.
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

    /// The signatures of the functions that begin at these addresses, and the types that they speak of,
    /// with all that can be reached from those.
    ///
    /// A function is not in the answer if the binary does not describe its parameters: one in assembly or
    /// C, a wrapper, and up to Go 1.21 one that may have parameters without a name, which the binaries of
    /// those releases leave out. (One of size zero may then be missing from the list, which moves no other.)
    ///
    /// # Errors
    /// If the DWARF of what was asked for is malformed.
    pub fn signatures(
        &self,
        functions: &BTreeSet<Address>,
    ) -> Result<(TypeTable, BTreeMap<Address, Signature>), BinaryError> {
        self.signatures_with_source(functions, &BTreeMap::new())
    }

    /// Like [`Binary::signatures`], with the functions' own declarations where they are at hand: up to Go
    /// 1.21 they tell what the binary does not, parameters without a name and, in Go 1.17, results. From
    /// 1.22 on the binary has all ([`Binary::needs_source`]), and they only tell which parameters of a function
    /// literal are its own.
    ///
    /// # Errors
    /// If the DWARF of what was asked for is malformed.
    pub(crate) fn signatures_with_source(
        &self,
        functions: &BTreeSet<Address>,
        declarations: &BTreeMap<Address, Declaration>,
    ) -> Result<(TypeTable, BTreeMap<Address, Signature>), BinaryError> {
        let description = self.describe(&Scope {
            functions,
            declarations,
            dynamic: false,
            variables: &[],
            asserted: &[],
        })?;
        Ok((description.types, description.signatures))
    }

    /// Those of the functions that begin at these addresses.
    pub(super) fn described_functions(&self, starts: &BTreeSet<Address>) -> Vec<&FunctionSymbol> {
        let at = |start: &Address| self.function_at(*start).filter(|f| f.start == *start);
        starts.iter().filter_map(at).collect()
    }

    /// The signatures that have all parameters.
    pub(super) fn judged(
        &self,
        drafts: BTreeMap<Address, Draft>,
        types: &TypeTable,
    ) -> BTreeMap<Address, Signature> {
        let judge = Judge::new(self.release(), &self.image, self.function_table.as_ref());
        let own_table = drafts
            .values()
            .any(Draft::needs_function_table)
            .then(|| FunctionTable::find(&self.image))
            .flatten();
        let judged = |(address, draft): (Address, Draft)| {
            let dictionary = |parameters: &[TypeId]| {
                let table = own_table.as_ref()?;
                takes_dictionary(table, &self.image, types, address, parameters)
            };
            Some((address, draft.judged(&judge, types, address, dictionary)?))
        };
        drafts.into_iter().filter_map(judged).collect()
    }

    /// The table of all types that were asked for.
    pub(super) fn finished(&self, types: TypeReader<'_, '_>) -> Result<TypeTable, BinaryError> {
        let mut types = types.finish()?;
        if matches!(self.release().minor(), 18 | 19) {
            types.rename(names::unnumbered_shape_types);
        }
        // The shape of all pointers is `*uint8`: only the instance tells what one of them points to.
        types.forget_targets(|name| name.starts_with("go.shape.*"));
        types.rename(instances::without_numbers);
        types.rename(names::unqualified_fields);
        types.name_packages(self.index.packages.clone());
        Ok(types)
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

    /// What became of the functions of these names. One that is in the answer with neither a body nor
    /// copies is not in the program: it never was, or the linker dropped it as unreachable.
    ///
    /// # Errors
    /// If the DWARF of what was asked for is malformed.
    pub fn inlined_copies(
        &self,
        names: &BTreeSet<&str>,
    ) -> Result<BTreeMap<String, InlinedCopies>, BinaryError> {
        inlining::inlined_copies(&self.debug(), &self.index, &self.functions, names)
    }

    /// The name of the function whose copy is the first that was inlined into this one; none if there is none.
    ///
    /// # Errors
    /// If the DWARF of the function is malformed.
    pub fn first_inlined(&self, function: &FunctionSymbol) -> Result<Option<String>, BinaryError> {
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

    /// Whether a function literal has another function's name: from Go 1.17 to 1.20 a literal that came with an inlined
    /// function is counted and named as one of the function that holds it. Their lines tell.
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
