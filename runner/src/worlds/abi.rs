//! What the compiler makes of a spec's functions in a world: for the ABI report.

use arch::Stepping as Instruction;
use compare::abi::{
    AbiSide, Convention, Fact, Frame, FunctionAbi, Inlining, ProbeMoment, Probes, Stepping,
    Subject, ValueRole, Way, WayNote, passed,
};
use golang::{Abi, Frames, FunctionSymbol, names};
use model::{
    Function, FunctionId, ProbeKind, Retention,
    plan::{Plan, Site},
};
use spec::{Spec, document::Test};

use super::{StageError, World};
use crate::session::{self, BothBuilds, Cancel, PlainFunction, Prepared, Progress};

/// Builds a spec's program in a world, and says of each declared function how it is called, how large it is and where it is probed.
/// Nothing runs, so that no privileges are needed.
///
/// # Errors
/// It can't be built or read, or the world does not fit the spec.
pub(crate) fn abi_side(
    spec: &Spec,
    tests: &[&Test],
    world: &World,
    cancel: &Cancel,
    progress: &mut dyn FnMut(Progress),
) -> Result<AbiSide, StageError> {
    if spec.is_of_go_tests() && world.binary.is_some() {
        return Err(StageError::BinaryOfGoTests);
    }
    let spec = world.spec(spec, tests);
    session::check_environment(&spec)?;
    let watch = world.watch(&spec, Retention::Calls);
    let builds = BothBuilds::new(watch, cancel, progress)?;
    Ok(described(&builds))
}

fn described(builds: &BothBuilds) -> AbiSide {
    let prepared = &builds.watched;
    let plan = &*prepared.plan;
    let functions = in_order(plan);
    let names: Vec<&str> = functions.iter().map(|f| f.name.as_str()).collect();
    let describer = Describer {
        prepared,
        frames: builds.plain().frames(),
    };
    let plain = builds.plain_functions(&names);
    AbiSide {
        release: plan.release.clone(),
        functions: functions
            .into_iter()
            .zip(&plain)
            .map(|(function, plain)| describer.function(function, plain))
            .collect(),
        missing: builds.missing.iter().map(ToString::to_string).collect(),
    }
}

/// The functions in the order of the spec, each once.
fn in_order(plan: &Plan) -> Vec<&Function> {
    let mut ids: Vec<FunctionId> = Vec::new();
    for id in plan.labels.iter().flat_map(|label| &label.functions) {
        if !ids.contains(id) {
            ids.push(*id);
        }
    }
    let functions = ids.iter();
    functions
        .filter_map(|id| plan.functions.get(id.0 as usize))
        .collect()
}

struct Describer<'b> {
    prepared: &'b Prepared,
    /// In the user's own build.
    frames: Option<Frames<'b>>,
}

impl Describer<'_> {
    fn function(&self, function: &Function, plain: &PlainFunction<'_>) -> FunctionAbi {
        let types = &self.prepared.plan.types;
        let symbol = self.symbol(function.id);
        let mut facts = Vec::new();
        if let Some(symbol) = symbol {
            let convention = Fact::Convention(self.convention(symbol));
            facts.push((Subject::Convention, convention));
        }
        let is_method = symbol.is_some_and(is_method);
        for (index, value) in function.parameters.iter().enumerate() {
            let (role, index) = match (is_method, index) {
                (true, 0) => (ValueRole::Receiver, 0),
                (true, index) => (ValueRole::Parameter, index - 1),
                (false, index) => (ValueRole::Parameter, index),
            };
            facts.extend(passed(role, index, value, types));
        }
        if let Some(dictionary) = &function.dictionary {
            let places = Fact::Dictionary(dictionary.pieces.clone());
            facts.push((Subject::Dictionary, places));
        }
        for (index, value) in function.results.iter().enumerate() {
            facts.extend(passed(ValueRole::Result, index, value, types));
        }
        facts.push((Subject::Frame, Fact::Frame(self.frame(plain))));
        facts.push((Subject::Inlining, Fact::Inlining(inlining(function, plain))));
        facts.extend(self.probes(function.id));
        FunctionAbi {
            name: function.name.clone(),
            place: function.position.clone(),
            facts,
        }
    }

    /// Its body in the build that is watched.
    fn symbol(&self, function: FunctionId) -> Option<&FunctionSymbol> {
        let code = self.prepared.plan.code.get(function.0 as usize)?;
        self.prepared.binary.function_at(code.start)
    }

    fn convention(&self, symbol: &FunctionSymbol) -> Convention {
        match self.prepared.binary.release().abi() {
            Abi::Register if !symbol.abi0 => Convention::Registers,
            Abi::Register | Abi::Stack => Convention::Stack,
        }
    }

    fn frame(&self, plain: &PlainFunction<'_>) -> Frame {
        let Some(body) = plain.body else {
            return match plain.inlined {
                Ok(_) => Frame::NoBody,
                Err(_) => Frame::Unknown,
            };
        };
        let frames = self.frames.as_ref();
        frames
            .and_then(|frames| frames.bytes(body))
            .map_or(Frame::Unknown, Frame::Bytes)
    }

    /// The probes of a function, by what they show.
    fn probes(&self, function: FunctionId) -> Vec<(Subject, Fact)> {
        let moments = [
            (ProbeKind::Entry, ProbeMoment::Entry),
            (ProbeKind::Return, ProbeMoment::Return),
            (ProbeKind::Copy, ProbeMoment::Copy),
        ];
        let facts = moments.into_iter().filter_map(|(kind, moment)| {
            let shows = |site: &&Site| {
                let mut roles = site.roles.iter();
                roles.any(|role| role.function_of(kind) == Some(function))
            };
            let mut sites: Vec<&Site> = self.prepared.plan.sites.iter().filter(shows).collect();
            sites.sort_by_key(|site| site.address);
            let probes = self.alike(function, &sites);
            (!probes.is_empty()).then_some((Subject::Probes(moment), Fact::Probes(probes)))
        });
        facts.collect()
    }

    /// Probes with those together that are hit in the same way.
    fn alike(&self, function: FunctionId, sites: &[&Site]) -> Vec<Probes> {
        let code = self.prepared.plan.code.get(function.0 as usize);
        let start = code.map_or(0, |code| code.start.0);
        let mut all: Vec<Probes> = Vec::new();
        for site in sites {
            let way = way(self.prepared, site);
            let offset = site.address.0.saturating_sub(start);
            match all.iter_mut().find(|probes| probes.way == way) {
                Some(probes) => probes.offsets.push(offset),
                None => all.push(Probes {
                    way,
                    offsets: vec![offset],
                }),
            }
        }
        all
    }
}

/// How the kernel executes the instruction at a site, and what became of it if it is a `ret`.
pub(crate) fn way(prepared: &Prepared, site: &Site) -> Way {
    let returns = &prepared.returns;
    let redirection = returns.redirection_at(site.address);
    let through = redirection.map(|redirection| WayNote::Through(redirection.through.clone()));
    let kept = || Some(WayNote::Kept(returns.kept_at(site.address)?.to_string()));
    Way {
        stepping: match prepared.stepping(site) {
            Ok(Instruction::Emulated) => Stepping::Emulated,
            Ok(Instruction::Stepped) => Stepping::Stepped,
            Ok(Instruction::Return) => Stepping::Return,
            Err(_) => Stepping::Unknown,
        },
        note: through.or_else(kept),
    }
}

/// Whether its first parameter is a receiver: behind its package its name has a type and a method.
fn is_method(symbol: &FunctionSymbol) -> bool {
    let name = symbol.name.strip_prefix(symbol.package());
    let name = name.and_then(|name| name.strip_prefix('.'));
    let is_of_a_type = |name: &str| {
        let plain = names::without_type_arguments(name);
        plain.contains('.') && !plain.contains("-range")
    };
    !names::is_literal(&names::canonical(&symbol.name)) && name.is_some_and(is_of_a_type)
}

fn inlining(function: &Function, plain: &PlainFunction<'_>) -> Inlining {
    match &plain.inlined {
        Ok(Some((name, into))) => {
            let name = names::canonical(name);
            Inlining::Copies {
                count: into.count,
                callers: into.callers.clone(),
                with: (name != function.name).then(|| name.into_owned()),
            }
        }
        Ok(None) if plain.body.is_some() => Inlining::Nowhere,
        Ok(None) => Inlining::Gone,
        Err(error) => Inlining::Unknown(error.to_string()),
    }
}
