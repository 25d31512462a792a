//! Where a function can leave through another one's epilogue.
//!
//! A probe at a `ret` is dear, since the kernel can't emulate it; one at a jump is not. So in a copy of the program, the epilogue
//! of a watched function is replaced by a jump to the same instructions at the end of another function. The goroutine is for
//! some nanoseconds at an address of that function, a *twin*, with the frame of the first. Whoever looks at it there (a signal, a
//! preemption, a profile) takes the twin's tables, so they must say the same as the first one's:
//!
//! - the distance of the stack pointer from the entry, at each instruction;
//! - whether the goroutine may be preempted there: if it is, the collector scans the frame and its arguments conservatively
//!   (`scanframeworker` of runtime/mgcmark.go), and takes the size of the arguments from the twin, which must not be less. A
//!   function of the runtime is not preempted, so that nothing of the kind happens there, and is a twin where no other is;
//! - that both are ordinary functions, which stack walks do not know by a number of their own, and that none of the runtime leaves
//!   through one that may be preempted.
//!
//! docs/architecture.md, "Fast returns", has the whole argument.

use std::{
    collections::{BTreeSet, HashMap},
    ops::Range,
};

use arch::{LONG_JUMP, SHORT_JUMP, TRAP, jump};
use memchr::memmem;
use model::{Address, FileOffset};

use super::{Binary, FunctionSymbol, author::Author, pclntab::FunctionTable};
use crate::code::{Epilogue, Epilogues, NoEpilogue};

/// A twin may have so many bytes of arguments more: those that a frame at the begin of a stack has above it in any case
/// (`newproc1` of runtime/proc.go keeps four words there).
const SPARE_ARGUMENTS: u32 = 32;
/// How far a short jump leads, from its own end.
const SHORT_REACH: Range<i64> = -128..128;
/// Packages whose code the program verifies when it starts (crypto/internal/fips140/check).
const VERIFIED: &str = "crypto/internal/fips140";

/// Bytes of a program's file that are replaced by others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patch {
    /// Where they are in the binary.
    pub address: Address,
    /// Where they are in the file.
    pub offset: FileOffset,
    /// What is there.
    pub before: Vec<u8>,
    /// What will be there, as many bytes.
    pub after: Vec<u8>,
}

/// A way for a function to leave through the end of another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirection {
    /// The jump in place of the epilogue.
    pub patch: Patch,
    /// Where it leads.
    pub twin: Address,
    /// The name of the function there.
    pub through: String,
    /// How far the stack pointer is at the jump below where it was at the function's entry, in bytes.
    pub below: u32,
}

/// Why a `ret` stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum NotRedirected {
    /// The `ret` is all that there is.
    #[error("the function opens no frame, and a jump has no room in a `ret`")]
    NoFrame,
    /// Code jumps to the middle of what would be replaced.
    #[error("code jumps into the middle of its epilogue")]
    JumpedInto,
    /// No function of the program has the same epilogue, tables that say the same, and arguments as large.
    #[error("no other function ends in the same way")]
    NoTwin,
    /// Likewise within the reach of the jump that has room.
    #[error("no other function within 128 bytes ends in the same way")]
    NoTwinNear,
    /// It is one that the runtime treats in a way of its own: assembly, a compiler's wrapper, or one that stack walks know.
    #[error("the runtime treats the function in a way of its own")]
    Special,
    /// The program verifies the function's code when it starts.
    #[error("the program verifies the function's code (FIPS 140)")]
    Verified,
    /// Copies of floats are read in the middle of what would be replaced.
    #[error("its results are read in the middle of its epilogue")]
    ReadWithin,
}

/// How the runtime takes a function that has no number and no flag of its own: it does not preempt one of these packages
/// (`isAsyncSafePoint` of runtime/preempt.go), and leaves them out of most tracebacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owner {
    Runtime,
    Other,
}

impl Owner {
    fn of(package: &str) -> Self {
        let is_runtimes = matches!(package, "runtime" | "reflect")
            || ["runtime/internal/", "internal/runtime/"]
                .iter()
                .any(|prefix| package.starts_with(prefix));
        match is_runtimes {
            true => Self::Runtime,
            false => Self::Other,
        }
    }

    /// Whether what is never preempted is not preempted there, either.
    fn may_leave_through(self, twin: Self) -> bool {
        self == Self::Other || twin == Self::Runtime
    }
}

/// A place with the same bytes as an epilogue.
#[derive(Clone, Copy, Debug)]
struct Candidate<'b> {
    address: Address,
    function: &'b FunctionSymbol,
    owner: Owner,
    argument_bytes: u32,
}

impl Candidate<'_> {
    /// Whether nobody who looks at the goroutine there misses arguments of a function that has so many bytes of them, or looks
    /// behind the stack's end for more.
    fn covers(&self, bytes: u32) -> bool {
        let most = bytes.saturating_add(SPARE_ARGUMENTS);
        self.owner == Owner::Runtime || (bytes..=most).contains(&self.argument_bytes)
    }
}

/// Looks for the twins of epilogues.
#[derive(Debug)]
pub struct Redirector<'b> {
    binary: &'b Binary,
    table: FunctionTable,
    /// The functions whose own ends are probed, by their first address: nobody else may pass there.
    probed: &'b BTreeSet<Address>,
    /// Whether the program verifies its cryptography's code.
    verifies_code: bool,
    /// The places with the bytes of an epilogue, by the size of their arguments.
    candidates: HashMap<Vec<u8>, Vec<Candidate<'b>>>,
}

impl<'b> Redirector<'b> {
    /// For a program of which the functions that begin at `probed` are watched, and whose environment says if it
    /// `verifies_code` of its own when it starts (`GODEBUG=fips140=on`). None if its table of functions is not known.
    #[must_use]
    pub fn new(
        binary: &'b Binary,
        probed: &'b BTreeSet<Address>,
        verifies_code: bool,
    ) -> Option<Self> {
        Some(Self {
            table: FunctionTable::find(&binary.image)?,
            verifies_code: verifies_code || binary.verifies_code(),
            binary,
            probed,
            candidates: HashMap::new(),
        })
    }

    /// How a function can leave by another way than the `ret` at that address.
    ///
    /// # Errors
    /// Why it can't.
    pub fn redirect(
        &mut self,
        function: &FunctionSymbol,
        ret: Address,
    ) -> Result<Redirection, NotRedirected> {
        if self.verifies_code && function.package().starts_with(VERIFIED) {
            return Err(NotRedirected::Verified);
        }
        let argument_bytes = self.arguments_of(function).ok_or(NotRedirected::Special)?;
        let code = self.binary.code(function.start..function.end);
        let code = code.map_err(|_| NotRedirected::Special)?;
        let epilogues = Epilogues::new(code, function.start).map_err(|_| NotRedirected::Special)?;
        let mut through = |room, none| {
            let epilogue = epilogues.before(ret, room).map_err(|why| match why {
                NoEpilogue::NoFrame => NotRedirected::NoFrame,
                NoEpilogue::JumpedInto => NotRedirected::JumpedInto,
            })?;
            let redirection = self.through_twin(function, argument_bytes, &epilogue);
            redirection.ok_or(none)
        };
        match through(LONG_JUMP, NotRedirected::NoTwin) {
            Ok(redirection) => Ok(redirection),
            Err(NotRedirected::NoFrame) => through(SHORT_JUMP, NotRedirected::NoTwinNear),
            // Why there is no larger jump tells more than why there is no short one.
            Err(why) => through(SHORT_JUMP, NotRedirected::NoTwinNear).map_err(|_| why),
        }
    }

    /// The way through a twin, by a jump in place of the epilogue.
    fn through_twin(
        &mut self,
        function: &FunctionSymbol,
        argument_bytes: u32,
        epilogue: &Epilogue,
    ) -> Option<Redirection> {
        let bytes = self.binary.code(epilogue.start()..epilogue.end).ok()?;
        let candidates = match epilogue.size() < LONG_JUMP {
            true => self.near(epilogue, bytes),
            false => self.everywhere(bytes),
        };
        let owner = Owner::of(function.package());
        let twin = candidates.into_iter().find(|candidate| {
            candidate.covers(argument_bytes)
                && owner.may_leave_through(candidate.owner)
                && candidate.function.start != function.start
                && self.is_twin(function, epilogue, candidate)
        })?;
        Some(Redirection {
            patch: self.patch(epilogue, bytes, twin.address)?,
            twin: twin.address,
            through: twin.function.name.clone(),
            below: epilogue.below,
        })
    }

    /// The jump to a twin in place of the epilogue.
    fn patch(&self, epilogue: &Epilogue, before: &[u8], twin: Address) -> Option<Patch> {
        let address = epilogue.start();
        let mut after = jump(address.0, twin.0, before.len())?;
        after.resize(before.len(), TRAP);
        Some(Patch {
            address,
            offset: self.binary.file_offset(address).ok()?,
            before: before.to_vec(),
            after,
        })
    }

    /// How large the arguments of a function are that stack walks take like any other.
    fn arguments_of(&self, function: &FunctionSymbol) -> Option<u32> {
        let body = self.binary.index.bodies.get(&function.start)?;
        if function.is_wrapper() || body.author == Author::Assembly {
            return None;
        }
        let treatment = self.table.treatment(&self.binary.image, function.start)?;
        treatment.is_ordinary.then_some(treatment.argument_bytes)
    }

    /// The places in the whole program with those bytes.
    fn everywhere(&mut self, bytes: &[u8]) -> Vec<Candidate<'b>> {
        if let Some(known) = self.candidates.get(bytes) {
            return known.clone();
        }
        let found = self.within(Address(0)..Address(u64::MAX), bytes);
        self.candidates.insert(bytes.to_vec(), found.clone());
        found
    }

    /// The places with those bytes that a short jump reaches.
    fn near(&self, epilogue: &Epilogue, bytes: &[u8]) -> Vec<Candidate<'b>> {
        let behind = epilogue.start().offset(SHORT_JUMP as i64);
        let last = SHORT_REACH.end + bytes.len() as i64 - 1;
        self.within(behind.offset(SHORT_REACH.start)..behind.offset(last), bytes)
    }

    /// The places with those bytes in functions that nobody watches and stack walks take like any other, by the size of their
    /// arguments.
    fn within(&self, range: Range<Address>, bytes: &[u8]) -> Vec<Candidate<'b>> {
        let text = self.binary.image.section_addresses(".text");
        let text = text.unwrap_or(Address(0)..Address(0));
        let start = range.start.max(text.start);
        let end = range.end.min(text.end).max(start);
        let code = self.binary.code(start..end).unwrap_or_default();
        let places = memmem::find_iter(code, bytes);
        let mut found: Vec<_> = places
            .filter_map(|place| {
                let address = start.offset(place as i64);
                let function = self.binary.function_at(address)?;
                let ends_within = address.offset(bytes.len() as i64) <= function.end;
                (ends_within && !self.probed.contains(&function.start)).then_some(())?;
                Some(Candidate {
                    address,
                    function,
                    owner: Owner::of(function.package()),
                    argument_bytes: self.arguments_of(function)?,
                })
            })
            .collect();
        found.sort_by_key(|candidate| {
            let is_runtimes = candidate.owner == Owner::Runtime;
            (is_runtimes, candidate.argument_bytes, candidate.address)
        });
        found
    }

    /// Whether the bytes there are the same instructions, for which the tables say the same.
    fn is_twin(
        &self,
        function: &FunctionSymbol,
        epilogue: &Epilogue,
        candidate: &Candidate<'_>,
    ) -> bool {
        const LEAST: i32 = -2;
        let there = candidate.function;
        let begins = self
            .binary
            .code(there.start..there.end)
            .ok()
            .and_then(|code| Epilogues::new(code, there.start).ok())
            .is_some_and(|code| code.has_instruction_at(candidate.address));
        let image = &self.binary.image;
        begins
            && epilogue.instructions.iter().all(|place| {
                let distance = place.0 - epilogue.start().0;
                let twin = Address(candidate.address.0 + distance);
                let ours = self.table.at(image, function.start, *place);
                let theirs = self.table.at(image, there.start, twin);
                // What begins something again would begin the twin's.
                ours.zip(theirs).is_some_and(|(ours, theirs)| {
                    ours.stack == theirs.stack
                        && (ours.preemption == theirs.preemption
                            || candidate.owner == Owner::Runtime)
                        && ours.preemption.min(theirs.preemption) >= LEAST
                })
            })
    }
}

#[cfg(test)]
mod tests {
    use super::Owner;

    /// The collector needs to know the arguments of a function that may be preempted.
    #[test]
    fn only_what_is_never_preempted_is_the_runtimes() {
        for package in [
            "runtime",
            "reflect",
            "runtime/internal/atomic",
            "internal/runtime/maps",
        ] {
            assert_eq!(Owner::of(package), Owner::Runtime, "{package}");
        }
        for package in [
            "runtime/pprof",
            "runtime/debug",
            "internal/reflectlite",
            "main",
        ] {
            assert_eq!(Owner::of(package), Owner::Other, "{package}");
        }
    }
}
