//! Where it is seen that a goroutine was created, and that it ends.
//!
//! `newproc1` returns the new `*g`, and a probe of its `ret` would see all. But the kernel steps over a `ret`, which costs ten times
//! as much as an instruction that it emulates, and programs create goroutines without end. So the probes are where its callers go
//! on: `newproc.func1` calls `runqput` with the new `*g` next, and a direct call is emulated (runtime/proc.go: `newproc`; on Go 1.15
//! to 1.27). The others create goroutines seldom, such as `newcoro` and `synctestRun`: they are probed at the instruction to which
//! `newproc1` returns. Where it returns on the stack (up to Go 1.16), its `ret`s are probed.

use golang::{
    Binary, FunctionSymbol,
    code::{DirectCall, direct_calls},
    implicit::Implicit,
};
use model::Address;
use model::plan::{Read, ReadAddress, Role};

use super::{
    PlanError,
    implicit::{GOROUTINES, ImplicitSites},
    placement::place,
    reads::fixed_read,
    sites::Probed,
};

/// Ends a goroutine from within its calls.
pub(super) const GOEXIT: &str = "runtime.Goexit";

/// What a `call` leaves on the stack, in bytes: the address to return to.
const RETURN_ADDRESS: i64 = 8;

/// An instruction at which a new goroutine is in a place that is known.
struct Creation {
    address: Address,
    /// Where the `*g` is.
    goroutine: ReadAddress,
}

/// A function with what is seen in it.
type Caller<'b> = (Probed<'b>, Vec<Creation>);

/// The runtime's functions that may call `newproc1`.
pub(super) fn callers<'b>(
    binary: &'b Binary,
    newproc: Option<&FunctionSymbol>,
) -> Result<Vec<&'b FunctionSymbol>, PlanError> {
    let Some(newproc) = newproc else {
        return Ok(Vec::new());
    };
    let functions = binary.functions().iter();
    let mut callers = Vec::new();
    for function in functions.filter(|function| function.name.starts_with("runtime.")) {
        let code = binary.code(function.start..function.end)?;
        if arch::may_call(code, function.start.0, newproc.start.0) {
            callers.push(function);
        }
    }
    Ok(callers)
}

impl<'b> ImplicitSites<'_, 'b, '_> {
    /// `newproc1` makes a goroutine.
    pub(super) fn watch_creation(&mut self, probed: &Probed<'b>) -> Result<(), PlanError> {
        let placed = self.placed(probed)?;
        let (result, _) = self
            .pointer_among(&placed.results, &GOROUTINES)
            .ok_or_else(|| self.unknown("it does not return a *g"))?;
        let Some(callers) = self.creations_of_all(probed.symbol, result)? else {
            return self.watch_returns(probed, result);
        };
        for (caller, creations) in callers {
            for creation in creations {
                let (role, read) = self.created(creation.goroutine)?;
                let probe = self.probe(role, &[read]);
                self.sites.add(&caller, creation.address, &probe)?;
            }
        }
        Ok(())
    }

    /// All [callers] of it, each with where new goroutines are seen there. None unless that is known of every call.
    fn creations_of_all(
        &self,
        newproc: &FunctionSymbol,
        result: ReadAddress,
    ) -> Result<Option<Vec<Caller<'b>>>, PlanError> {
        let mut callers = Vec::new();
        for function in self.callers {
            let caller = Probed::new(self.binary, function)?;
            let code = self.binary.code(function.start..function.end)?;
            let calls = direct_calls(code, function.start).ok();
            let creations =
                calls.and_then(|calls| self.creations(&caller, &calls, newproc, result));
            let Some(creations) = creations else {
                return Ok(None);
            };
            callers.push((caller, creations));
        }
        let is_called = callers.iter().any(|(_, creations)| !creations.is_empty());
        Ok(is_called.then_some(callers))
    }

    /// Where new goroutines are seen in a function with these calls; none unless that is known of each.
    fn creations(
        &self,
        caller: &Probed<'b>,
        calls: &[DirectCall],
        newproc: &FunctionSymbol,
        result: ReadAddress,
    ) -> Option<Vec<Creation>> {
        let mut creations = Vec::new();
        for (index, call) in calls.iter().enumerate() {
            if call.target != newproc.start {
                continue;
            }
            let next = calls.get(index + 1).filter(|next| next.follows);
            let queued = next.and_then(|next| self.queued(caller, next));
            let creation = queued.or_else(|| self.returned(call, result))?;
            creations.push(creation);
        }
        Some(creations)
    }

    /// The goroutine that a call is about to queue.
    fn queued(&self, caller: &Probed<'b>, call: &DirectCall) -> Option<Creation> {
        let queue = self.binary.function_at(call.target)?;
        if queue.start != call.target || queue.name != Implicit::QueueGoroutine.function() {
            return None;
        }
        let signature = self.signatures.get(&queue.start)?;
        let placed = place(self.views.types(), caller.abi, signature);
        let (goroutine, _) = self.pointer_among(&placed.parameters, &GOROUTINES)?;
        // Places on the stack are counted from where the call leaves RSP.
        let goroutine = match goroutine {
            ReadAddress::Stack(displacement) => ReadAddress::Stack(displacement - RETURN_ADDRESS),
            register => register,
        };
        Some(Creation {
            address: call.address,
            goroutine,
        })
    }

    /// The goroutine that a call has returned in a register.
    fn returned(&self, call: &DirectCall, result: ReadAddress) -> Option<Creation> {
        matches!(result, ReadAddress::Register(_)).then_some(Creation {
            address: call.next,
            goroutine: result,
        })
    }

    /// `goexit1` ends the goroutine that calls it: all do in the end. Where only those are wanted whose calls are left open, it is
    /// seen where `Goexit` calls it.
    pub(super) fn watch_ends(&mut self, probed: &Probed<'b>) -> Result<(), PlanError> {
        let probe = self.probe(Role::GoroutineEnded, &[]);
        let exit = self.binary.function_named(GOEXIT).into_iter().next();
        if let Some(exit) = exit.filter(|_| !self.all_ends) {
            let caller = Probed::new(self.binary, exit)?;
            let calls = direct_calls(self.binary.code(exit.start..exit.end)?, exit.start);
            let calls = calls.map_err(|source| PlanError::Code {
                function: exit.name.clone(),
                source,
            })?;
            let mut calls = calls.iter();
            if let Some(call) = calls.find(|call| call.target == probed.symbol.start) {
                return self.sites.add(&caller, call.address, &probe);
            }
        }
        self.sites.add(probed, probed.entry(), &probe)
    }

    /// At each of its `ret`s.
    fn watch_returns(&mut self, probed: &Probed<'b>, result: ReadAddress) -> Result<(), PlanError> {
        if probed.body.returns.is_empty() {
            return Err(self.unknown("it has no ret"));
        }
        for exit in self.returns.exits(probed.symbol, &probed.body) {
            let (_, read) = self.created(result)?;
            let role = Role::GoroutineCreated {
                result: exit.place(result),
            };
            let mut probe = self.probe(role, &exit.reads(&[read]));
            probe.below = exit.below;
            self.sites.add(probed, exit.site, &probe)?;
        }
        Ok(())
    }

    /// The role of a site where a new goroutine is, and what is read of it.
    fn created(&self, goroutine: ReadAddress) -> Result<(Role, Read), PlanError> {
        let size = self
            .layout
            .g_goid
            .max(self.layout.g_startpc)
            .max(self.layout.g_gopc.unwrap_or_default())
            .saturating_add(8);
        let read = fixed_read(goroutine.into(), size, None)
            .ok_or_else(|| self.unknown("its g is larger than can be read"))?;
        Ok((Role::GoroutineCreated { result: goroutine }, read))
    }
}
