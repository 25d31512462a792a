//! The probe sites of a plan, each address once.

use std::collections::BTreeMap;

use super::{GoroutineSource, PlanError, Read, Role, Site};
use crate::{
    golang::{Abi, Binary, FunctionSymbol, code, code::Body},
    model::{Address, Limits, SiteId},
};

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

    /// Where `g` is while the function runs. Under the stack ABI no register is reserved for it.
    const fn goroutine(&self) -> GoroutineSource {
        match self.abi {
            Abi::Register => GoroutineSource::Register,
            Abi::Stack => GoroutineSource::ThreadLocal,
        }
    }
}

/// Sites by address.
#[derive(Default)]
pub(super) struct Sites {
    by_address: BTreeMap<Address, Draft>,
}

struct Draft {
    goroutine: GoroutineSource,
    roles: Vec<Role>,
    reads: Vec<Read>,
}

impl Sites {
    /// Adds a role of a function's address, and what to read there.
    pub(super) fn add(
        &mut self,
        function: &Probed<'_>,
        address: Address,
        role: Role,
        reads: &[Read],
    ) -> Result<(), PlanError> {
        if address < function.symbol.start || address >= function.symbol.end {
            return Err(PlanError::OutOfFunction {
                function: function.symbol.name.clone(),
                address,
            });
        }
        let draft = self.by_address.entry(address).or_insert_with(|| Draft {
            goroutine: function.goroutine(),
            roles: Vec::new(),
            reads: Vec::new(),
        });
        draft.roles.push(role);
        for read in reads {
            if !draft.reads.contains(read) {
                draft.reads.push(*read);
            }
        }
        Ok(())
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
                    roles: draft.roles,
                    goroutine: draft.goroutine,
                    reads: draft.reads,
                    limits: Limits::default(),
                    hidden: Vec::new(),
                    saves: Vec::new(),
                })
            })
            .collect()
    }
}
