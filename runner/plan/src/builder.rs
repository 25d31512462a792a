//! Building a plan: names to functions, functions to bodies and signatures, those to sites and reads.

use std::collections::{BTreeMap, BTreeSet};

use golang::{
    Binary, Description, PackageLiterals, Scope, Signature, SignatureParameter, implicit::Implicit,
    names,
};
use model::plan::{CodeRange, Plan, RedactedType, Role};
use model::{
    Address, Function, FunctionId, Instance, Kind, Label, Root, Segment, Type, TypeTable, Variable,
};

use super::{
    LabelError, PlanError, PlanRequest, PlanWarning, RedactionError, creation,
    declarations::declarations,
    dynamic::{Dynamic, held, lead_to_dynamic},
    floats::{WantedMoments, copy_sites},
    function::{FunctionReads, Reader},
    go_tests,
    hand_off::{self, Keys},
    http2::{self, Writers},
    implicit::{ImplicitSites, implicit_functions},
    picks::bound_blanked,
    placement::{Placed, instances, place},
    reads::ancestry_read,
    redact::{Values, redact},
    renumber::keep_types_in_use,
    returns::{Exit, PlannedReturns, Returns, at_exits},
    selection::{Selection, Watched},
    sites::{Probe, Probed, Sites},
    views::Views,
};

/// How many instances of one generic body are distinguished.
const MAX_INSTANCES: usize = 1024;

/// A plan, and what a person should know about it.
#[derive(Debug)]
pub struct Built {
    /// The plan, without the labels that can't be watched.
    pub plan: Plan,
    /// The labels whose patterns can't be watched as they are written; all that there are.
    pub errors: Vec<LabelError>,
    /// What it does not see.
    pub warnings: Vec<PlanWarning>,
    /// What became of each `ret`, where [fast returns](PlanRequest::fast_returns) were asked for.
    pub returns: PlannedReturns,
}

/// Makes the plan for a binary.
///
/// Values' places come from the ABI's rules over the parameter lists, never from the DWARF's locations, which are
/// wrong in several releases.
///
/// # Errors
/// Redactions of nothing, all of them at once; functions whose code is not
/// understood; an unknown runtime; a binary that can't be read.
pub fn build(binary: &Binary, request: &PlanRequest<'_>) -> Result<Built, PlanError> {
    let mut selection = Selection::new(binary, request);
    let implicit = implicit_functions(binary, request)?;
    let starts = selection
        .functions
        .keys()
        .chain(implicit.values().map(|function| &function.start));
    let wanted: BTreeSet<Address> = starts.copied().collect();
    let newproc = implicit.get(&Implicit::NewGoroutine).copied();
    let callers = creation::callers(binary, newproc)?;
    let exit = binary.function_named(creation::GOEXIT).into_iter();
    let others = callers.iter().copied().chain(exit);
    let probed = others.map(|function| function.start);
    let probed: BTreeSet<Address> = probed.chain(wanted.iter().copied()).collect();
    let mut returns = Returns::new(binary, &probed, request.fast_returns);
    let mut literals = PackageLiterals::default();
    let declarations = declarations(binary, request, &selection, &implicit, &mut literals);
    let asserted = asserted(&implicit);
    let scope = Scope {
        functions: &wanted,
        declarations: &declarations,
        dynamic: false,
        variables: &[],
        asserted: &asserted,
    };
    let mut described = describe(binary, &scope, &selection)?;
    let mut warnings = std::mem::take(&mut selection.warnings);
    let mut drafts = Vec::new();
    for (watched, id) in selection.functions.values().zip(0..) {
        let mut drafter = Drafter {
            binary,
            described: &mut described,
            literals: &mut literals,
            warnings: &mut warnings,
            returns: &mut returns,
        };
        let mut draft = drafter.draft(watched, FunctionId(id))?;
        if request.entries_only {
            draft.exits.clear();
        }
        drafts.push(draft);
    }
    let redactions = match redactions(
        &mut described.types,
        &mut drafts,
        &selection.labels,
        request,
    ) {
        Ok(redactions) => redactions,
        Err(redactions) => {
            let labels = selection.errors;
            return Err(PlanError::Redactions { redactions, labels });
        }
    };
    let mut reader = Reader {
        views: Views::new(
            &described.types,
            redactions.iter().map(|redacted| redacted.ty).collect(),
        ),
        held: held(&described.dynamic),
        dynamic: described.dynamic.iter().map(|dynamic| dynamic.ty).collect(),
        redacted: &redactions,
        variables: variables(&described),
    };
    let mut layout = binary.runtime_layout()?;
    layout.ancestry = layout.ancestry.filter(|_| request.ancestry);
    let mut sites = Sites::new(!redactions.is_empty() || request.patterns);
    for draft in &mut drafts {
        let mut reads = reader.reads_of(&draft.function, draft.watched);
        let wanted = WantedMoments::of(draft.watched);
        let views = &mut reader.views;
        reads.copies = copy_sites(binary, &draft.probed, &draft.function, wanted, views)?;
        let is_copied = |address| reads.copies.iter().any(|copy| copy.address == address);
        returns.keep(&mut draft.exits, is_copied);
        let ancestry = ancestry_read(draft.probed.goroutine(), &layout);
        reads.entry.extend(ancestry);
        add_sites(&mut sites, draft, &reads)?;
        draft.function.picks = reads.picks;
    }
    let keys = Keys {
        functions: &drafts
            .iter()
            .map(|draft| &draft.function)
            .collect::<Vec<_>>(),
        labels: &selection.labels,
    };
    let hand_offs = request.hand_offs.iter();
    let hand_offs = hand_offs.map(|hand_off| keys.hand_off(hand_off)).collect();
    let servers = request.server.iter();
    let servers: Vec<_> = servers.flat_map(|server| keys.servers(server)).collect();
    for draft in &drafts {
        let id = draft.function.id;
        if servers.iter().any(|server| server.function == id) {
            let limits = draft.function.limits;
            hand_off::serve(&mut sites, &draft.probed, &draft.exits, limits, id)?;
        }
    }
    let writers = Writers {
        held: &described.asserted,
        redacted: &redactions,
    };
    let (mut requests, mut clients) = (Vec::new(), Vec::new());
    let (mut tests, mut test_marks) = (Vec::new(), Vec::new());
    let mut gate = None;
    for (which, function) in implicit {
        ImplicitSites {
            which,
            binary,
            signatures: &described.signatures,
            layout,
            views: &mut reader.views,
            sites: &mut sites,
            writers: &writers,
            requests: &mut requests,
            tests: &mut tests,
            test_marks: &mut test_marks,
            gate: &mut gate,
            looked_at: looked_at(request),
            callers: &callers,
            all_ends: request.implicit.goroutine_ends,
            clients: &mut clients,
            warnings: &mut warnings,
            returns: &mut returns,
        }
        .watch(function)?;
    }
    let dynamic = Dynamic::new(&mut reader.views, &described.dynamic, &described.closures);
    if dynamic.left_out > 0 {
        warnings.push(PlanWarning::ManyTypes {
            left_out: dynamic.left_out,
        });
    }
    if reader.views.left_out() {
        warnings.push(PlanWarning::ManyViews);
    }
    let views = reader.views.into_plans();
    let code = drafts.iter().map(|draft| CodeRange {
        start: draft.probed.symbol.start,
        end: draft.probed.symbol.end,
    });
    let mut plan = Plan {
        release: binary.release().to_string(),
        module: binary.main_module().map(str::to_owned),
        types: described.types,
        code: code.collect(),
        functions: drafts.into_iter().map(|draft| draft.function).collect(),
        labels: selection.labels,
        sites: sites.into_sites(binary)?,
        views,
        dynamic: dynamic.types,
        closures: dynamic.closures,
        redactions,
        runtime: layout,
        requests,
        tests,
        test_marks,
        clients,
        hand_offs,
        servers,
        gate,
    };
    bound(&mut plan);
    keep_types_in_use(&mut plan);
    Ok(Built {
        plan,
        errors: selection.errors,
        warnings,
        returns: returns.into_planned(),
    })
}

/// The Go tests of which hits are recorded; none where all hits are. Work that is handed over may be a test's, whoever does it.
fn looked_at<'r>(request: &'r PlanRequest<'_>) -> Option<&'r BTreeSet<Address>> {
    let hands_over = !request.hand_offs.is_empty() || request.server.is_some();
    request.looked_at.as_ref().filter(|_| !hands_over)
}

/// The types that goproctor's own probes look for in interfaces.
fn asserted<B>(implicit: &BTreeMap<Implicit, B>) -> Vec<&'static str> {
    let mut asserted = Vec::new();
    if implicit.contains_key(&Implicit::ServeRequest) {
        asserted.extend(http2::WRITERS);
    }
    if implicit.contains_key(&Implicit::SendRequest) {
        asserted.extend(go_tests::CONNECTIONS);
    }
    asserted
}

/// Reads what the plan needs of the binary: what is known only at a hit too, if a value can lead to it.
fn describe(
    binary: &Binary,
    scope: &Scope<'_>,
    selection: &Selection<'_>,
) -> Result<Description, PlanError> {
    let variables: BTreeSet<_> = selection
        .functions
        .values()
        .flat_map(|watched| &watched.paths)
        .filter_map(|path| match &path.root {
            Root::Variable(name) => Some(name.clone()),
            _ => None,
        })
        .collect();
    let variables: Vec<_> = variables.into_iter().collect();
    let mut scope = Scope {
        variables: &variables,
        ..*scope
    };
    let described = binary.describe(&scope)?;
    if !needs_dynamic(&described, selection) {
        return Ok(described);
    }
    scope.dynamic = true;
    Ok(binary.describe(&scope)?)
}

/// Whether a value that is read can lead to an interface or a func value.
fn needs_dynamic(described: &Description, selection: &Selection<'_>) -> bool {
    selection.functions.iter().any(|(start, watched)| {
        let asserts = watched.paths.iter().any(|path| {
            let mut segments = path.segments.iter();
            segments.any(|segment| matches!(segment, Segment::Assert(_)))
        });
        let picks = !watched.paths.is_empty();
        let Some(signature) = described.signatures.get(start) else {
            return false;
        };
        let of_instances = described.instances.get(start).into_iter().flatten();
        let lists = of_instances
            .map(|instance| (&instance.parameters, &instance.results))
            .chain([(&signature.parameters, &signature.results)]);
        let types = lists.flat_map(|(parameters, results)| {
            let parameters = parameters.iter().filter(|_| watched.arguments || picks);
            let results = results.iter().filter(|_| watched.results || picks);
            parameters.chain(results).map(|parameter| parameter.ty)
        });
        let variables = described.variables.values().map(|(_, ty)| *ty);
        asserts || lead_to_dynamic(&described.types, types.chain(variables.filter(|_| picks)))
    })
}

fn variables(described: &Description) -> BTreeMap<String, Variable> {
    let variables = described.variables.iter();
    variables
        .map(|(name, &(address, ty))| (name.clone(), Variable { address, ty }))
        .collect()
}

/// A watched function before its reads are known.
struct Draft<'s, 'b> {
    watched: &'s Watched<'b>,
    probed: Probed<'b>,
    /// Where its `ret`s are probed.
    exits: Vec<Exit>,
    function: Function,
}

struct Drafter<'a, 'b> {
    binary: &'b Binary,
    described: &'a mut Description,
    literals: &'a mut PackageLiterals,
    warnings: &'a mut Vec<PlanWarning>,
    returns: &'a mut Returns<'b>,
}

impl<'b> Drafter<'_, 'b> {
    fn draft<'s>(
        &mut self,
        watched: &'s Watched<'b>,
        id: FunctionId,
    ) -> Result<Draft<'s, 'b>, PlanError> {
        let probed = Probed::new(self.binary, watched.symbol)?;
        let by_source = self.literals.source_name(self.binary, watched.symbol);
        let name = by_source.unwrap_or_else(|| names::canonical(&watched.symbol.name).into_owned());
        let placed = self.placed(&probed, &name);
        let instances = self.instances(&probed, &placed, &name);
        if let ([], [target, ..]) = (&probed.body.returns[..], &probed.body.tail_jumps[..]) {
            let target = self
                .binary
                .function_at(*target)
                .map_or_else(|| target.to_string(), |function| function.name.clone());
            self.warnings.push(PlanWarning::NeverReturns {
                function: name.clone(),
                target,
            });
        }
        let function = Function {
            id,
            name,
            position: self.binary.position(watched.symbol),
            parameters: placed.parameters,
            results: placed.results,
            limits: watched.limits,
            picks: Vec::new(),
            instances,
            dictionary: placed.dictionary,
        };
        Ok(Draft {
            watched,
            exits: self.returns.exits(probed.symbol, &probed.body),
            probed,
            function,
        })
    }

    /// A function's values with their places. Where they are not known, one of unknown type and place says so.
    fn placed(&mut self, probed: &Probed<'_>, name: &str) -> Placed {
        let function = name.to_owned();
        let described = self.described.signatures.get(&probed.symbol.start);
        let signature = match described.cloned() {
            Some(described) => match described.unknown_results {
                None => described,
                Some(reason) => {
                    self.warnings
                        .push(PlanWarning::NoResults { function, reason });
                    Signature {
                        results: vec![unknown(&mut self.described.types)],
                        ..described
                    }
                }
            },
            None => {
                self.warnings.push(PlanWarning::NoSignature { function });
                Signature {
                    parameters: vec![unknown(&mut self.described.types)],
                    results: vec![unknown(&mut self.described.types)],
                    unknown_results: None,
                }
            }
        };
        place(&self.described.types, probed.abi, &signature)
    }

    fn instances(&mut self, probed: &Probed<'_>, placed: &Placed, name: &str) -> Vec<Instance> {
        if placed.dictionary.is_none() {
            return Vec::new();
        }
        let described = self.described.instances.get(&probed.symbol.start);
        let instances = instances(placed, described.map_or(&[], Vec::as_slice));
        if instances.len() <= MAX_INSTANCES {
            return instances;
        }
        self.warnings.push(PlanWarning::ManyInstances {
            function: name.to_owned(),
            count: instances.len(),
        });
        Vec::new()
    }
}

fn unknown(types: &mut TypeTable) -> SignatureParameter {
    SignatureParameter {
        name: "_".to_owned(),
        ty: types.push(Type {
            name: "?".to_owned(),
            size: 0,
            kind: Kind::Unknown,
        }),
        hidden: false,
        dictionary_index: None,
    }
}

fn redactions(
    types: &mut TypeTable,
    drafts: &mut [Draft<'_, '_>],
    labels: &[Label],
    request: &PlanRequest<'_>,
) -> Result<Vec<RedactedType>, Vec<RedactionError>> {
    let mut values = Vec::new();
    for draft in drafts {
        let id = draft.function.id;
        let labels = labels.iter().filter(|label| label.functions.contains(&id));
        let labels: Vec<&str> = labels.map(|label| label.name.as_str()).collect();
        let Function {
            parameters,
            results,
            instances,
            ..
        } = &mut draft.function;
        let (of_parameters, of_results) = instances
            .iter_mut()
            .map(|instance| (&mut instance.parameters, &mut instance.results))
            .unzip();
        values.push(Values {
            labels: labels.clone(),
            are_results: false,
            body: parameters,
            instances: of_parameters,
        });
        values.push(Values {
            labels,
            are_results: true,
            body: results,
            instances: of_results,
        });
    }
    redact(types, &mut values, &request.redact)
}

fn add_sites(
    sites: &mut Sites,
    draft: &Draft<'_, '_>,
    reads: &FunctionReads,
) -> Result<(), PlanError> {
    let Draft {
        probed,
        exits,
        function,
        ..
    } = draft;
    let entry = Role::Entry {
        function: function.id,
        loop_head: probed.enters_again(),
    };
    let probe = Probe {
        reads: reads.entry.clone(),
        saves: reads.saves.clone(),
        visible: reads.visible_at_entry.clone(),
        ..Probe::new(entry, function.limits)
    };
    sites.add(probed, probed.entry(), &probe)?;
    let leave = Role::Return {
        function: function.id,
    };
    exits.iter().try_for_each(|exit| {
        let probe = Probe {
            reads: exit.reads(&reads.returns),
            below: exit.below,
            visible: reads.visible_at_returns.clone(),
            ..Probe::new(leave, function.limits)
        };
        sites.add(probed, exit.site, &probe)
    })?;
    reads.copies.iter().try_for_each(|site| {
        let role = Role::Copied {
            function: function.id,
        };
        let probe = Probe {
            reads: site.reads.clone(),
            below: site.below,
            copies: at_exits(&site.copies, exits),
            ..Probe::new(role, function.limits)
        };
        sites.add(probed, site.address, &probe)
    })
}

/// Bounds all links to memory that is blanked in part.
fn bound(plan: &mut Plan) {
    let known = plan.views.clone();
    let of_views = plan.views.iter_mut().flat_map(|view| &mut view.links);
    let of_sites = plan
        .sites
        .iter_mut()
        .flat_map(|site| &mut site.reads)
        .map(|read| &mut read.link);
    let of_types = plan
        .dynamic
        .iter_mut()
        .filter_map(|dynamic| dynamic.link.as_mut());
    let of_closures = plan.closures.iter_mut().map(|closure| &mut closure.link);
    let all = of_views.chain(of_sites).chain(of_types).chain(of_closures);
    all.for_each(|link| bound_blanked(link, &known));
}
