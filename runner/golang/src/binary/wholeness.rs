//! Whether a parameter list that the DWARF gives is whole.
//!
//! Up to Go 1.21 parameters without a name are left out of the DWARF, and with them all others would be
//! looked for in wrong places. A list counts as whole only if the runtime's own table of functions agrees
//! with it.

use model::{Address, Kind, TypeId, TypeTable};

use super::{
    elf::Image,
    layout::Alignments,
    pclntab::{FunctionTable, Part},
};
use crate::GoRelease;

/// The first release whose DWARF has all parameters.
const WHOLE_SINCE: u32 = 22;
/// The first release whose function table describes the parameters.
const DESCRIBED_SINCE: u32 = 17;
/// How much of a parameter list is described (`internal/abi/symtab.go`, `TraceArgsLimit` and
/// `TraceArgsMaxDepth`).
const MAX_PARTS: usize = 10;
const MAX_DEPTH: usize = 5;

/// Judges parameter lists of one binary.
pub(super) struct Judge<'a> {
    release: &'a GoRelease,
    image: &'a Image,
    table: Option<&'a FunctionTable>,
}

impl<'a> Judge<'a> {
    /// `table` is needed up to Go 1.21.
    pub(super) const fn new(
        release: &'a GoRelease,
        image: &'a Image,
        table: Option<&'a FunctionTable>,
    ) -> Self {
        Self {
            release,
            image,
            table,
        }
    }

    /// Whether this release's DWARF may leave out parameters.
    pub(super) const fn doubts(release: &GoRelease) -> bool {
        release.minor() < WHOLE_SINCE
    }

    /// Whether `list` is all that the function that begins at `address` takes.
    pub(super) fn is_whole(&self, types: &TypeTable, address: Address, list: &List) -> bool {
        if !Self::doubts(self.release) {
            return true;
        }
        let Some(table) = self.table else {
            return false;
        };
        if self.release.minor() >= DESCRIBED_SINCE {
            // The compiler takes the first parameter of every name with type arguments for a dictionary.
            let listed = list.parameters.get(usize::from(list.generic)..);
            table
                .argument_parts(self.image, address)
                .zip(Parts::of(types, listed.unwrap_or_default()))
                .is_some_and(|(seen, expected)| agree(&seen, &expected, list.declared))
        } else {
            table
                .argument_bytes(self.image, address)
                .zip(stack_bytes(types, list))
                .is_some_and(|(seen, expected)| seen == expected)
        }
    }
}

/// Whether a function literal in a generic one takes the dictionary before these parameters; none where that is unknown.
///
/// From Go 1.22 to 1.26 the DWARF leaves the dictionary out. A literal that is called where it is written gets it as an argument, with
/// all that it captures (`cmd/compile/internal/walk/closure.go`, `directClosureCall`). The function table describes all
/// parameters but the first, for the compiler takes the first one of every name with type arguments for a dictionary.
pub(super) fn takes_dictionary(
    table: &FunctionTable,
    image: &Image,
    types: &TypeTable,
    address: Address,
    parameters: &[TypeId],
) -> Option<bool> {
    let seen = table.argument_parts(image, address)?;
    let agrees = |parameters: &[TypeId]| {
        Parts::of(types, parameters).is_some_and(|expected| agree(&seen, &expected, true))
    };
    match (agrees(parameters), agrees(parameters.get(1..)?)) {
        (true, false) => Some(true),
        (false, true) => Some(false),
        _ => None,
    }
}

/// What a function is thought to take and give.
pub(super) struct List {
    /// The types of the parameters with the receiver and the dictionary, in the order of the ABI.
    pub(super) parameters: Vec<TypeId>,
    /// The types of the results, if they are known.
    pub(super) results: Option<Vec<TypeId>>,
    /// Whether the function's name has type arguments.
    pub(super) generic: bool,
    /// Whether the list is the source's, so that nothing has been left out of it.
    pub(super) declared: bool,
}

/// Whether two descriptions are of the same parameters; and, unless `open` is right, leave none open at
/// their end.
fn agree(seen: &[Part], expected: &[Part], open: bool) -> bool {
    let same = |(seen, expected): (&Part, &Part)| {
        seen == expected || matches!((seen, expected), (Part::Far, Part::Word(_)))
    };
    seen.len() == expected.len()
        && seen.iter().zip(expected).all(same)
        && (open || seen.last() != Some(&Part::More))
}

/// Describes parameters as the compiler does for tracebacks (`EmitArgInfo`).
struct Parts<'t> {
    types: &'t TypeTable,
    parts: Vec<Part>,
    count: usize,
}

impl<'t> Parts<'t> {
    /// None if a type's inside is not known.
    fn of(types: &'t TypeTable, parameters: &[TypeId]) -> Option<Vec<Part>> {
        let mut description = Self {
            types,
            parts: Vec::new(),
            count: 0,
        };
        for parameter in parameters {
            if !description.visit(*parameter, 0)? {
                break;
            }
        }
        Some(description.parts)
    }

    /// Whether to go on.
    fn visit(&mut self, id: TypeId, depth: usize) -> Option<bool> {
        let types = self.types;
        let ty = types.get(id)?;
        let size = u8::try_from(ty.size);
        match &ty.kind {
            Kind::Unknown => None,
            _ if self.count >= MAX_PARTS => Some(self.word(0)),
            Kind::String | Kind::Interface { .. } => {
                self.aggregate(depth, |all, _| all.words(8, 2))
            }
            Kind::Slice { .. } => self.aggregate(depth, |all, _| all.words(8, 3)),
            Kind::Complex => self.aggregate(depth, |all, _| all.words(size.ok()? / 2, 2)),
            Kind::Array { element, count } => self.aggregate(depth, |all, depth| {
                all.count += usize::from(*count == 0);
                let mut elements = 0..*count;
                while elements.next().is_some() && all.visit(*element, depth)? {}
                Some(())
            }),
            Kind::Struct { fields } => self.aggregate(depth, |all, depth| {
                all.count += usize::from(fields.is_empty());
                let mut fields = fields.iter();
                while let Some(field) = fields.next()
                    && all.visit(field.ty, depth)?
                {}
                Some(())
            }),
            _ => Some(self.word(size.ok()?)),
        }
    }

    fn aggregate(
        &mut self,
        depth: usize,
        inside: impl FnOnce(&mut Self, usize) -> Option<()>,
    ) -> Option<bool> {
        self.parts.push(Part::Open);
        if depth + 1 >= MAX_DEPTH {
            self.parts.push(Part::More);
            self.count += 1;
        } else {
            inside(self, depth + 1)?;
        }
        self.parts.push(Part::Close);
        Some(true)
    }

    /// Always some, as what else an aggregate is made of.
    fn words(&mut self, size: u8, count: usize) -> Option<()> {
        let mut words = 0..count;
        while words.next().is_some() && self.word(size) {}
        Some(())
    }

    fn word(&mut self, size: u8) -> bool {
        let room = self.count < MAX_PARTS;
        self.parts
            .push(if room { Part::Word(size) } else { Part::More });
        self.count += usize::from(room);
        room
    }
}

/// Bytes of all arguments and results on the stack (`cmd/compile/internal/types/size.go`, up to Go 1.16).
/// None if a type's size is not known, if there is a hole between parameters and one without a name could be in
/// it, or if a value of size zero makes holes: the DWARF may have it at another place of the list than the source.
fn stack_bytes(types: &TypeTable, list: &List) -> Option<u64> {
    let mut alignments = Alignments::new(types);
    if !list.declared {
        for ty in list.parameters.iter().chain(list.results.iter().flatten()) {
            if types.get(*ty)?.size == 0 && alignments.of(*ty)? > 1 {
                return None;
            }
        }
    }
    let mut end = 0_u64;
    for parameter in &list.parameters {
        let start = end.checked_next_multiple_of(alignments.of(*parameter)?)?;
        if start != end && !list.declared {
            return None;
        }
        end = start.checked_add(types.get(*parameter)?.size)?;
    }
    end = end.checked_next_multiple_of(8)?;
    for result in list.results.as_ref()? {
        end = end
            .checked_next_multiple_of(alignments.of(*result)?)?
            .checked_add(types.get(*result)?.size)?;
    }
    end.checked_next_multiple_of(8)
}
