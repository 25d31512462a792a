//! Building a plan: names to functions, functions to bodies and signatures, those to sites and reads.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    InlinedInto, LabelError, Link, LinkKind, Operand, Plan, PlanError, PlanRequest, PlanWarning,
    Read, ReadAddress, Role, RuntimeLayout, SelectOptions, ViewId, ViewPlan,
    reads::{Views, reads, string_link},
    select,
    sites::{Probed, Sites},
};
use crate::{
    golang::{
        Abi, Binary, Declaration, FunctionSymbol, Signature, SignatureParameter,
        abi::{Arch, assign},
        implicit::Implicit,
        names,
    },
    model::{
        Address, Function, FunctionId, Kind, Label, Limits, Location, Parameter, Piece, Place,
        Type, TypeId, TypeTable,
    },
};

/// A plan, and what a person should know about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Built {
    /// The plan.
    pub plan: Plan,
    /// What it does not see.
    pub warnings: Vec<PlanWarning>,
}

/// Makes the plan for a binary.
///
/// Values' places come from the ABI's rules over the parameter lists, never from the DWARF's locations, which are
/// wrong in several releases. Only what is asked for is decoded.
///
/// # Errors
/// Patterns that can't be watched as they are written (all of them at once); functions whose code can't be
/// understood; a runtime that is not as it is known; a binary that can't be read.
pub fn build(binary: &Binary, request: &PlanRequest<'_>) -> Result<Built, PlanError> {
    let selection = Selection::new(binary, request)?;
    let implicit = implicit_functions(binary, request)?;
    let wanted: BTreeSet<Address> = selection
        .functions
        .keys()
        .chain(implicit.values().map(|function| &function.start))
        .copied()
        .collect();
    let declarations = declarations(binary, request, &selection, &implicit);
    let (types, signatures) = binary.signatures_with_source(&wanted, &declarations)?;
    let mut builder = Builder {
        binary,
        types,
        signatures,
        layout: binary.runtime_layout()?,
        views: Views::default(),
        sites: Sites::default(),
        warnings: selection.warnings,
    };
    let functions = selection
        .functions
        .values()
        .zip(0..)
        .map(|(watched, id)| builder.watch(watched, FunctionId(id)))
        .collect::<Result<Vec<_>, _>>()?;
    for (which, function) in implicit {
        builder.watch_implicit(which, function)?;
    }
    let mut plan = Plan {
        release: binary.release().to_string(),
        module: binary.main_module().map(str::to_owned),
        types: builder.types,
        functions,
        labels: selection.labels,
        sites: builder.sites.into_sites(binary)?,
        views: builder.views.into_plans(),
        dynamic: Vec::new(),
        closures: Vec::new(),
        redactions: Vec::new(),
        runtime: builder.layout,
    };
    keep_types_in_use(&mut plan);
    Ok(Built {
        plan,
        warnings: builder.warnings,
    })
}

/// A function to watch, and how, over all labels that mean it.
struct Watched<'b> {
    symbol: &'b FunctionSymbol,
    limits: Limits,
    arguments: bool,
    results: bool,
}

/// What the labels mean.
struct Selection<'b> {
    /// By address, which is also the order of their numbers.
    functions: BTreeMap<Address, Watched<'b>>,
    labels: Vec<Label>,
    warnings: Vec<PlanWarning>,
}

impl<'b> Selection<'b> {
    fn new(binary: &'b Binary, request: &PlanRequest<'_>) -> Result<Self, PlanError> {
        let patterns: Vec<_> = request
            .labels
            .iter()
            .map(|label| label.pattern.as_str())
            .collect();
        let options = SelectOptions {
            declared: request.declared,
            limit: request.glob_limit,
        };
        let mut functions: BTreeMap<Address, Watched<'b>> = BTreeMap::new();
        let mut by_label = Vec::new();
        let mut warnings = Vec::new();
        let mut errors = Vec::new();
        let selected = select(binary, &patterns, options)?;
        for (index, (wanted, selected)) in request.labels.iter().zip(selected).enumerate() {
            let selected = match selected {
                Ok(selected) => selected,
                Err(source) => {
                    errors.push(LabelError {
                        index,
                        label: wanted.label.clone(),
                        source,
                    });
                    continue;
                }
            };
            for symbol in &selected.functions {
                functions
                    .entry(symbol.start)
                    .and_modify(|watched| {
                        watched.limits = watched.limits.union(wanted.limits);
                        watched.arguments |= wanted.arguments;
                        watched.results |= wanted.results;
                    })
                    .or_insert(Watched {
                        symbol,
                        limits: wanted.limits,
                        arguments: wanted.arguments,
                        results: wanted.results,
                    });
            }
            warnings.extend(partly_inlined(&wanted.label, selected.partly_inlined));
            by_label.push((wanted.label.clone(), selected.functions));
        }
        if !errors.is_empty() {
            return Err(PlanError::Labels(errors));
        }
        let numbers: BTreeMap<Address, FunctionId> = functions
            .keys()
            .copied()
            .zip((0..).map(FunctionId))
            .collect();
        let labels = by_label
            .into_iter()
            .map(|(name, symbols)| Label {
                name,
                functions: symbols
                    .iter()
                    .filter_map(|symbol| numbers.get(&symbol.start).copied())
                    .collect(),
            })
            .collect();
        Ok(Self {
            functions,
            labels,
            warnings,
        })
    }
}

fn partly_inlined(
    label: &str,
    functions: Vec<(String, InlinedInto)>,
) -> impl Iterator<Item = PlanWarning> {
    functions
        .into_iter()
        .map(|(function, into)| PlanWarning::PartlyInlined {
            label: label.to_owned(),
            function,
            into,
        })
}

/// The functions that goproctor itself watches in this program.
fn implicit_functions<'b>(
    binary: &'b Binary,
    request: &PlanRequest<'_>,
) -> Result<BTreeMap<Implicit, &'b FunctionSymbol>, PlanError> {
    let switches = request.implicit;
    let wanted = [
        (Implicit::Main, switches.main),
        (Implicit::NewGoroutine, switches.goroutines),
        (Implicit::GoroutineExit, switches.goroutines),
        (Implicit::ServeRequest, switches.requests),
    ];
    let mut functions = BTreeMap::new();
    for (which, _) in wanted.into_iter().filter(|(_, wanted)| *wanted) {
        let body = binary
            .function_named(which.function())
            .into_iter()
            .find(|function| !function.wrapper);
        match body {
            Some(body) => {
                functions.insert(which, body);
            }
            None if which.is_in_every_program() => {
                return Err(unknown_runtime(binary, which, "it has no body of its own"));
            }
            None => {}
        }
    }
    Ok(functions)
}

/// The source of the functions whose signatures the binary may not describe as a whole, by address; and of function
/// literals, of which it may describe more than is theirs.
fn declarations(
    binary: &Binary,
    request: &PlanRequest<'_>,
    selection: &Selection<'_>,
    implicit: &BTreeMap<Implicit, &FunctionSymbol>,
) -> BTreeMap<Address, Declaration> {
    let all = binary.needs_source();
    let minor = binary.release().minor();
    let of_implicit = implicit
        .iter()
        .filter(|_| all)
        .filter_map(|(which, function)| Some((function.start, which.declaration(minor)?)));
    let of_watched = selection.functions.iter().filter_map(|(start, watched)| {
        let name = names::canonical(&watched.symbol.name);
        let declared = request
            .declared
            .filter(|_| all || names::is_literal(&name))?
            .get(&*names::without_type_arguments(&name))?;
        Some((*start, declared.clone()))
    });
    of_implicit.chain(of_watched).collect()
}

fn unknown_runtime(binary: &Binary, which: Implicit, reason: &'static str) -> PlanError {
    PlanError::Implicit {
        function: which.function(),
        release: binary.release().to_string(),
        reason,
    }
}

struct Builder<'b> {
    binary: &'b Binary,
    types: TypeTable,
    signatures: BTreeMap<Address, Signature>,
    layout: RuntimeLayout,
    views: Views,
    sites: Sites,
    warnings: Vec<PlanWarning>,
}

impl<'b> Builder<'b> {
    fn watch(&mut self, watched: &Watched<'b>, id: FunctionId) -> Result<Function, PlanError> {
        let probed = Probed::new(self.binary, watched.symbol)?;
        let name = names::canonical(&watched.symbol.name).into_owned();
        let (parameters, results) = self.parameters(&probed, &name);
        let at_entry = if watched.arguments {
            reads(&mut self.views, &self.types, &parameters, watched.limits)
        } else {
            Vec::new()
        };
        let at_return = if watched.results {
            reads(&mut self.views, &self.types, &results, watched.limits)
        } else {
            Vec::new()
        };
        let body = &probed.body;
        let entry = Role::Entry {
            function: id,
            loop_head: body.loop_head,
        };
        self.sites.add(&probed, body.entry, entry, &at_entry)?;
        for address in &body.returns {
            let role = Role::Return { function: id };
            self.sites.add(&probed, *address, role, &at_return)?;
        }
        if let ([], [target, ..]) = (&body.returns[..], &body.tail_jumps[..]) {
            let target = self
                .binary
                .function_at(*target)
                .map_or_else(|| target.to_string(), |function| function.name.clone());
            self.warnings.push(PlanWarning::NeverReturns {
                function: name.clone(),
                target,
            });
        }
        Ok(Function {
            id,
            name,
            position: self.binary.position(watched.symbol),
            parameters,
            results,
            limits: watched.limits,
            picks: Vec::new(),
            instances: Vec::new(),
            dictionary: None,
        })
    }

    /// A function's parameters and results with their places. Where they are not known, one of unknown type and
    /// place says so.
    fn parameters(&mut self, probed: &Probed<'_>, name: &str) -> (Vec<Parameter>, Vec<Parameter>) {
        let function = name.to_owned();
        let signature = match self.signature(probed.symbol).cloned() {
            Some(described) if described.results_known => described,
            Some(described) => {
                self.warnings.push(PlanWarning::NoResults { function });
                Signature {
                    results: vec![self.unknown()],
                    ..described
                }
            }
            None => {
                self.warnings.push(PlanWarning::NoSignature { function });
                Signature {
                    parameters: vec![self.unknown()],
                    results: vec![self.unknown()],
                    results_known: false,
                }
            }
        };
        place(&self.types, probed.abi, &signature)
    }

    fn unknown(&mut self) -> SignatureParameter {
        SignatureParameter {
            name: "_".to_owned(),
            ty: self.types.push(Type {
                name: "?".to_owned(),
                size: 0,
                kind: Kind::Unknown,
            }),
            hidden: false,
            dictionary_index: None,
        }
    }

    fn signature(&self, symbol: &FunctionSymbol) -> Option<&Signature> {
        self.signatures.get(&symbol.start)
    }

    fn watch_implicit(
        &mut self,
        which: Implicit,
        symbol: &'b FunctionSymbol,
    ) -> Result<(), PlanError> {
        let probed = Probed::new(self.binary, symbol)?;
        let entry = probed.body.entry;
        match which {
            Implicit::Main => self.sites.add(&probed, entry, Role::MainEntered, &[]),
            Implicit::GoroutineExit => self.sites.add(&probed, entry, Role::GoroutineEnded, &[]),
            Implicit::NewGoroutine => self.watch_creation(&probed),
            Implicit::ServeRequest => self.watch_requests(&probed),
        }
    }

    /// `newproc1` returns the new `*g`.
    fn watch_creation(&mut self, probed: &Probed<'_>) -> Result<(), PlanError> {
        let which = Implicit::NewGoroutine;
        let binary = self.binary;
        let unknown = |reason| unknown_runtime(binary, which, reason);
        let signature = self
            .signature(probed.symbol)
            .ok_or_else(|| unknown("the binary does not describe it"))?;
        let (_, results) = place(&self.types, probed.abi, signature);
        let result = results
            .iter()
            .find(|result| points_to(&self.types, result.ty, "runtime.g"))
            .and_then(|result| pointer_at(&result.location))
            .ok_or_else(|| unknown("it does not return a *g"))?;
        if probed.body.returns.is_empty() {
            return Err(unknown("it has no ret"));
        }
        let size = self
            .layout
            .g_goid
            .max(self.layout.g_startpc)
            .saturating_add(8);
        let read = fixed_read(result.into(), size, None)
            .ok_or_else(|| unknown("its g is larger than can be read"))?;
        for address in &probed.body.returns {
            let role = Role::GoroutineCreated { result };
            self.sites.add(probed, *address, role, &[read])?;
        }
        Ok(())
    }

    /// `serverHandler.ServeHTTP(rw ResponseWriter, req *Request)`.
    fn watch_requests(&mut self, probed: &Probed<'_>) -> Result<(), PlanError> {
        const METHOD: u32 = 32;
        const REMOTE_ADDRESS: u32 = 64;
        const TARGET: u32 = 1024;
        let which = Implicit::ServeRequest;
        let binary = self.binary;
        let unknown = |reason| unknown_runtime(binary, which, reason);
        let signature = self
            .signature(probed.symbol)
            .ok_or_else(|| unknown("the binary does not describe it"))?;
        let (parameters, _) = place(&self.types, probed.abi, signature);
        let request = parameters
            .iter()
            .find(|parameter| points_to(&self.types, parameter.ty, "net/http.Request"))
            .and_then(|parameter| pointer_at(&parameter.location))
            .ok_or_else(|| unknown("it does not take a *Request"))?;
        let layout = self
            .layout
            .request
            .ok_or_else(|| unknown("the binary does not describe http.Request"))?;
        let fields = [
            (layout.method, METHOD),
            (layout.remote_addr, REMOTE_ADDRESS),
            (layout.request_uri, TARGET),
        ];
        let links = fields
            .iter()
            .filter_map(|&(offset, limit)| Some(string_link(u32::try_from(offset).ok()?, limit)))
            .collect();
        let view = self.views.intern(ViewPlan { stride: 0, links });
        let size = fields.iter().map(|(offset, _)| *offset).max();
        let read = size
            .and_then(|offset| fixed_read(request.into(), offset.checked_add(16)?, view))
            .ok_or_else(|| unknown("its Request is larger than can be read"))?;
        let entered = Role::RequestEntered { request };
        self.sites
            .add(probed, probed.body.entry, entered, &[read])?;
        if probed.body.returns.is_empty() {
            return Err(unknown("it has no ret"));
        }
        for address in &probed.body.returns {
            self.sites.add(probed, *address, Role::RequestLeft, &[])?;
        }
        Ok(())
    }
}

/// The read of so many bytes that a pointer leads to; none if they are more than can be read at once.
pub(super) fn fixed_read(first: Operand, size: u64, view: Option<ViewId>) -> Option<Read> {
    let size = u32::try_from(size)
        .ok()
        .filter(|size| *size <= goproctor_ebpf::MAX_CHUNK)?;
    let link = Link::new(0, LinkKind::Constant(1), size, size);
    Some(Read::new(
        first,
        Operand::Constant(0),
        Link { view, ..link },
    ))
}

/// A signature's parameters and results with their places; a hidden dictionary takes a place but is left out.
fn place(types: &TypeTable, abi: Abi, signature: &Signature) -> (Vec<Parameter>, Vec<Parameter>) {
    let ids = |list: &[SignatureParameter]| -> Vec<TypeId> {
        list.iter().map(|parameter| parameter.ty).collect()
    };
    let placed = assign(
        Arch::Amd64,
        abi,
        types,
        &ids(&signature.parameters),
        &ids(&signature.results),
    );
    let parameters = signature
        .parameters
        .iter()
        .zip(placed.parameters)
        .filter(|(parameter, _)| !parameter.hidden)
        .map(|(parameter, location)| Parameter {
            name: source_name(&parameter.name).unwrap_or("_").to_owned(),
            ty: parameter.ty,
            location,
        })
        .collect();
    let results = signature
        .results
        .iter()
        .zip(placed.results)
        .enumerate()
        .map(|(index, (result, location))| Parameter {
            name: source_name(&result.name).map_or_else(|| format!("~r{index}"), str::to_owned),
            ty: result.ty,
            location,
        })
        .collect();
    (parameters, results)
}

/// The name that the source gives; none for what has none there, which releases call differently (`~r3` counts
/// parameters too up to Go 1.17, `~b0` is a blank result up to Go 1.21, `~p0` a blank parameter since).
fn source_name(name: &str) -> Option<&str> {
    Some(name).filter(|name| !name.is_empty() && *name != "_" && !name.starts_with('~'))
}

fn points_to(types: &TypeTable, ty: TypeId, name: &str) -> bool {
    match types.get(ty).map(|ty| &ty.kind) {
        Some(Kind::Pointer {
            target: Some(target),
        }) => types.name(*target) == name,
        _ => false,
    }
}

/// Where a pointer is, as an address to read from.
fn pointer_at(location: &Location) -> Option<ReadAddress> {
    match location.pieces[..] {
        [Piece { place, .. }] => match place {
            Place::Register(register) => Some(ReadAddress::Register(register)),
            Place::Stack(offset) => Some(ReadAddress::Stack(offset)),
            Place::Vector(_) => None,
        },
        _ => None,
    }
}

/// Drops the types that no parameter or result leads to, as those of goproctor's own functions.
fn keep_types_in_use(plan: &mut Plan) {
    let Plan {
        types, functions, ..
    } = plan;
    let mut kept = KeptTypes {
        all: types,
        numbers: BTreeMap::new(),
        pending: Vec::new(),
        table: TypeTable::default(),
    };
    for function in functions {
        for parameter in function.parameters.iter_mut().chain(&mut function.results) {
            parameter.ty = kept.number(parameter.ty);
        }
    }
    kept.finish();
    plan.types = kept.table;
}

struct KeptTypes<'t> {
    all: &'t TypeTable,
    numbers: BTreeMap<TypeId, TypeId>,
    pending: Vec<TypeId>,
    table: TypeTable,
}

impl KeptTypes<'_> {
    /// The new number of a type.
    fn number(&mut self, old: TypeId) -> TypeId {
        if let Some(new) = self.numbers.get(&old) {
            return *new;
        }
        let placeholder = Type {
            name: "?".to_owned(),
            size: 0,
            kind: Kind::Unknown,
        };
        let new = self.table.push(placeholder);
        self.numbers.insert(old, new);
        self.pending.push(old);
        new
    }

    fn finish(&mut self) {
        while let Some(old) = self.pending.pop() {
            let (Some(ty), new) = (self.all.get(old).cloned(), self.number(old)) else {
                continue;
            };
            let kind = self.renumbered(ty.kind);
            self.table.replace(new, Type { kind, ..ty });
        }
    }

    fn renumbered(&mut self, mut kind: Kind) -> Kind {
        match &mut kind {
            Kind::Slice { element } | Kind::Array { element, .. } | Kind::Channel { element } => {
                *element = self.number(*element);
            }
            Kind::Struct { fields } => {
                for field in fields {
                    field.ty = self.number(field.ty);
                }
            }
            Kind::Pointer { target } => *target = target.map(|target| self.number(target)),
            Kind::Map { key, value, .. } => {
                *key = self.number(*key);
                *value = self.number(*value);
            }
            Kind::Bool
            | Kind::Int
            | Kind::Uint
            | Kind::Float
            | Kind::Complex
            | Kind::String
            | Kind::UnsafePointer
            | Kind::Interface { .. }
            | Kind::Func
            | Kind::Unknown => {}
        }
        kind
    }
}
