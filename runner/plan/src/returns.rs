//! Where a function's returns are probed: at the `ret`, or at a jump in place of its epilogue.

use std::collections::{BTreeMap, BTreeSet};

use arch::{Stepping, stepping};
use golang::{
    Binary, BinaryError, FunctionSymbol, NotRedirected, Redirection, Redirector, code::Body, names,
};
use model::Address;
use model::plan::{Copied, Moment, Operand, Read, ReadAddress};

/// Where one `ret` is probed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Exit {
    /// The `ret`.
    pub(super) ret: Address,
    /// The probed instruction.
    pub(super) site: Address,
    /// How far the stack pointer is there below where it was at the entry, in bytes.
    pub(super) below: u32,
}

impl Exit {
    const fn plain(ret: Address) -> Self {
        Self {
            ret,
            site: ret,
            below: 0,
        }
    }

    /// Whether an address is within what is replaced, behind its begin.
    fn replaces(&self, address: Address) -> bool {
        self.site < address && address <= self.ret
    }

    /// A place that is counted from the stack pointer at the `ret`, as it is at the probed instruction.
    pub(super) fn place(&self, place: ReadAddress) -> ReadAddress {
        let below = i64::from(self.below);
        match place {
            ReadAddress::Register(_) => place,
            ReadAddress::Stack(displacement) => ReadAddress::Stack(displacement + below),
            ReadAddress::StackAddress(displacement) => {
                ReadAddress::StackAddress(displacement + below)
            }
        }
    }

    /// Reads that are counted from the stack pointer at the `ret`, as they are at the probed instruction.
    pub(super) fn reads(&self, reads: &[Read]) -> Vec<Read> {
        let below = i64::from(self.below);
        let lowered = |operand| match operand {
            Operand::Stack(displacement) => Operand::Stack(displacement + below),
            Operand::StackAddress(displacement) => Operand::StackAddress(displacement + below),
            other => other,
        };
        let reads = reads.iter().cloned();
        reads
            .map(|mut read| {
                read.first = lowered(read.first);
                read.second = lowered(read.second);
                if let Some(guard) = &mut read.guard {
                    guard.operand = lowered(guard.operand);
                }
                read
            })
            .collect()
    }
}

/// Copies of values, those of results with the probed instruction of their `ret`.
pub(super) fn at_exits(copies: &[Copied], exits: &[Exit]) -> Vec<Copied> {
    let copies = copies.iter().cloned();
    let probed = copies.map(|mut copied| {
        if let Moment::Return(address) = &mut copied.moment
            && let Some(exit) = exits.iter().find(|exit| exit.ret == *address)
        {
            *address = exit.site;
        }
        copied
    });
    probed.collect()
}

/// Whether functions may leave through the ends of others, so that a probe of a return costs as little as one of an entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FastReturns {
    /// Each is probed at its `ret`.
    #[default]
    Off,
    /// They may. The program's file must be changed before it runs ([`Built::returns`](super::Built::returns)).
    On {
        /// Whether the program's environment makes it verify code of its own when it starts (`GODEBUG=fips140=on`).
        verifies_code: bool,
    },
}

/// What became of one `ret` where fast returns were asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedReturn {
    /// The function.
    pub function: String,
    /// The `ret`.
    pub ret: Address,
    /// How the function leaves through another one's end, or why the `ret` stays.
    pub way: Result<Redirection, NotRedirected>,
}

/// What became of the `ret`s of a plan, by their addresses; empty where fast returns were not asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlannedReturns(Vec<PlannedReturn>);

impl PlannedReturns {
    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &PlannedReturn> {
        self.0.iter()
    }

    /// Those that lead through another function's end: what is to be changed in the program's file.
    pub fn redirections(&self) -> impl Iterator<Item = &Redirection> + Clone {
        let returns = self.0.iter();
        returns.filter_map(|planned| planned.way.as_ref().ok())
    }

    /// The one whose jump is at that address.
    #[must_use]
    pub fn redirection_at(&self, address: Address) -> Option<&Redirection> {
        let mut redirections = self.redirections();
        redirections.find(|redirection| redirection.patch.address == address)
    }

    /// Why the `ret` at that address stays.
    #[must_use]
    pub fn kept_at(&self, address: Address) -> Option<NotRedirected> {
        let mut returns = self.0.iter();
        let planned = returns.find(|planned| planned.ret == address)?;
        planned.way.as_ref().err().copied()
    }

    /// How the kernel executes the instruction at an address once the file is changed.
    ///
    /// # Errors
    /// If the file holds no code there.
    pub fn stepping(&self, binary: &Binary, address: Address) -> Result<Stepping, BinaryError> {
        if let Some(redirection) = self.redirection_at(address) {
            return Ok(stepping(&redirection.patch.after));
        }
        let function = binary.function_at(address);
        let end = function.map_or(Address(address.0 + 1), |function| function.end);
        Ok(stepping(binary.code(address..end)?))
    }
}

/// Decides how functions are left.
pub(super) struct Returns<'b> {
    redirector: Option<Redirector<'b>>,
    planned: BTreeMap<Address, PlannedReturn>,
}

impl<'b> Returns<'b> {
    /// At their `ret`s, or where `fast` is asked for, through the ends of functions other than those that begin at `probed`.
    pub(super) fn new(
        binary: &'b Binary,
        probed: &'b BTreeSet<Address>,
        fast: FastReturns,
    ) -> Self {
        let redirector = match fast {
            FastReturns::Off => None,
            FastReturns::On { verifies_code } => Redirector::new(binary, probed, verifies_code),
        };
        Self {
            redirector,
            planned: BTreeMap::new(),
        }
    }

    /// Where a function's `ret`s are probed, in the order of their addresses.
    pub(super) fn exits(&mut self, function: &FunctionSymbol, body: &Body) -> Vec<Exit> {
        let returns = body.returns.iter();
        returns.map(|ret| self.exit(function, *ret)).collect()
    }

    fn exit(&mut self, function: &FunctionSymbol, ret: Address) -> Exit {
        let Some(redirector) = &mut self.redirector else {
            return Exit::plain(ret);
        };
        // A function that is watched for several reasons is left in one way.
        let planned = self.planned.entry(ret).or_insert_with(|| PlannedReturn {
            function: names::canonical(&function.name).into_owned(),
            ret,
            way: redirector.redirect(function, ret),
        });
        match &planned.way {
            Ok(redirection) => Exit {
                ret,
                site: redirection.patch.address,
                below: redirection.below,
            },
            Err(_) => Exit::plain(ret),
        }
    }

    /// Leaves those `ret`s as they are in whose epilogues something else is to be probed.
    pub(super) fn keep(&mut self, exits: &mut [Exit], probed: impl Fn(Address) -> bool) {
        for exit in exits {
            let mut within = (exit.site.0..=exit.ret.0).map(Address);
            if within.any(|address| exit.replaces(address) && probed(address)) {
                if let Some(planned) = self.planned.get_mut(&exit.ret) {
                    planned.way = Err(NotRedirected::ReadWithin);
                }
                *exit = Exit::plain(exit.ret);
            }
        }
    }

    /// What became of all of them.
    pub(super) fn into_planned(self) -> PlannedReturns {
        PlannedReturns(self.planned.into_values().collect())
    }
}
