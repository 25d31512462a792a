//! The probe sites of a plan, each address once.

use std::collections::{BTreeMap, BTreeSet};

use arch::LOCATING;
use golang::{
    Abi, Binary, FunctionSymbol,
    code::{self, Body},
};
use model::plan::{Copied, GoroutineSource, Read, Role, Save, Site, SiteInstruction};
use model::{Address, Limits, Register, SiteId};

use super::{PlanError, returns::Exit};

/// A function's body with what its sites have in common.
pub(super) struct Probed<'b> {
    pub(super) symbol: &'b FunctionSymbol,
    pub(super) abi: Abi,
    pub(super) body: Body,
}

impl<'b> Probed<'b> {
    /// Decodes a function.
    pub(super) fn new(binary: &'b Binary, symbol: &'b FunctionSymbol) -> Result<Self, PlanError> {
        let body = code::decode(
            binary.code(symbol.start..symbol.end)?,
            symbol.start,
            |address| {
                binary
                    .function_at(address)
                    .filter(|function| function.start == address)
                    .map(|function| function.name.as_str())
            },
        )
        .map_err(|source| PlanError::Code {
            function: symbol.name.clone(),
            source,
        })?;
        let abi = if symbol.abi0 {
            Abi::Stack
        } else {
            binary.release().abi()
        };
        Ok(Self { symbol, abi, body })
    }

    /// The probe of its entry.
    pub(super) fn entry(&self) -> Address {
        self.body.stack_check.unwrap_or(self.body.entry)
    }

    /// Whether code of the function may come back to that probe within one call.
    pub(super) const fn enters_again(&self) -> bool {
        self.body.loop_head && self.body.stack_check.is_none()
    }

    /// What the kernel program has to do about the instruction at an address.
    fn instruction(&self, address: Address) -> SiteInstruction {
        if Some(address) == self.body.stack_check {
            SiteInstruction::StackCheck
        } else if self.body.returns.contains(&address) {
            SiteInstruction::Return
        } else {
            SiteInstruction::Plain
        }
    }

    /// Where `g` is while the function runs.
    pub(super) const fn goroutine(&self) -> GoroutineSource {
        match self.abi {
            Abi::Stack if !arch::STACK_ABI_HAS_GOROUTINE => GoroutineSource::ThreadLocal,
            Abi::Stack | Abi::Register => GoroutineSource::Register,
        }
    }
}

/// What one role of an address needs.
#[derive(Clone, Debug)]
pub(super) struct Probe {
    pub(super) role: Role,
    pub(super) limits: Limits,
    pub(super) reads: Vec<Read>,
    pub(super) saves: Vec<Save>,
    /// The registers that may be seen even if something is redacted.
    pub(super) visible: BTreeSet<Register>,
    /// How far the stack pointer is below where it was at the entry, in bytes.
    pub(super) below: u32,
    pub(super) copies: Vec<Copied>,
}

impl Probe {
    /// A role that reads nothing.
    pub(super) const fn new(role: Role, limits: Limits) -> Self {
        Self {
            role,
            limits,
            reads: Vec::new(),
            saves: Vec::new(),
            visible: BTreeSet::new(),
            below: 0,
            copies: Vec::new(),
        }
    }
}

/// Sites by address.
pub(super) struct Sites {
    by_address: BTreeMap<Address, Draft>,
    /// Whether anything is redacted: a register may hold it anywhere, left over from what the program did before.
    secret: bool,
}

struct Draft {
    goroutine: GoroutineSource,
    instruction: SiteInstruction,
    roles: Vec<Role>,
    /// What all roles need together.
    probe: Probe,
}

impl Draft {
    /// What is left out of the record when something is redacted: all but what finds the goroutine and the frame, and
    /// values that may be seen.
    fn hidden(&self, secret: bool) -> Vec<Register> {
        Register::ALL
            .into_iter()
            .filter(|register| {
                secret && !LOCATING.contains(register) && !self.probe.visible.contains(register)
            })
            .collect()
    }
}

impl Sites {
    /// None yet; `secret` if anything is redacted.
    pub(super) const fn new(secret: bool) -> Self {
        Self {
            by_address: BTreeMap::new(),
            secret,
        }
    }

    /// Adds a role of a function's address, and what to read there.
    pub(super) fn add(
        &mut self,
        function: &Probed<'_>,
        address: Address,
        probe: &Probe,
    ) -> Result<(), PlanError> {
        if address < function.symbol.start || address >= function.symbol.end {
            return Err(PlanError::OutOfFunction {
                function: function.symbol.name.clone(),
                address,
            });
        }
        let draft = self.by_address.entry(address).or_insert_with(|| Draft {
            goroutine: function.goroutine(),
            instruction: function.instruction(address),
            roles: Vec::new(),
            probe: Probe {
                below: probe.below,
                ..Probe::new(probe.role, probe.limits)
            },
        });
        draft.roles.push(probe.role);
        let all = &mut draft.probe;
        all.copies.extend(probe.copies.iter().cloned());
        all.limits = all.limits.union(probe.limits);
        all.visible.extend(&probe.visible);
        for save in &probe.saves {
            if !all.saves.contains(save) {
                all.saves.push(*save);
            }
        }
        for read in &probe.reads {
            if !all.reads.contains(read) {
                all.reads.push(*read);
            }
        }
        Ok(())
    }

    /// Adds a role, which reads nothing, of all of a function's returns.
    pub(super) fn add_exits(
        &mut self,
        function: &Probed<'_>,
        exits: &[Exit],
        probe: &Probe,
    ) -> Result<(), PlanError> {
        exits.iter().try_for_each(|exit| {
            let probe = Probe {
                below: exit.below,
                ..probe.clone()
            };
            self.add(function, exit.site, &probe)
        })
    }

    /// The sites by address, numbered in that order.
    pub(super) fn into_sites(self, binary: &Binary) -> Result<Vec<Site>, PlanError> {
        (0..)
            .zip(self.by_address)
            .map(|(id, (address, draft))| {
                Ok(Site {
                    id: SiteId(id),
                    address,
                    offset: binary.file_offset(address)?,
                    hidden: draft.hidden(self.secret),
                    roles: draft.roles,
                    goroutine: draft.goroutine,
                    reads: draft.probe.reads,
                    limits: draft.probe.limits,
                    saves: draft.probe.saves,
                    below: draft.probe.below,
                    instruction: draft.instruction,
                    copies: draft.probe.copies,
                })
            })
            .collect()
    }
}
