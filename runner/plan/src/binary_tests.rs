//! Plans of a real program, built with the Go that is installed.

use std::{collections::BTreeMap, sync::OnceLock};

use golang::{Binary, Declaration, UnknownResults, testing::Program};
use model::plan::{GoroutineSource, Link, LinkKind, Operand, Plan, RecoveryLayout, Role, Site};
use model::{Path, Register, Root, Segment};

use super::{
    Built, ImplicitProbes, PlanError, PlanRequest, PlanWarning, Redact, SelectError, SelectOptions,
    WatchedLabel, build, select,
};

const SOURCE: &str = include_str!("fixtures/watched.go");

fn binary() -> &'static Binary {
    static BINARY: OnceLock<(Program, Binary)> = OnceLock::new();
    &BINARY
        .get_or_init(|| {
            let program = Program::build(SOURCE);
            let binary = Binary::open(&program.binary).unwrap();
            (program, binary)
        })
        .1
}

fn request(patterns: &[&str]) -> PlanRequest<'static> {
    PlanRequest::new(
        patterns
            .iter()
            .map(|pattern| WatchedLabel::new(*pattern, *pattern))
            .collect(),
    )
}

fn planned(patterns: &[&str]) -> Built {
    let mut request = request(patterns);
    request.implicit = ImplicitProbes::NONE;
    build(binary(), &request).unwrap()
}

/// The plan as text; the folder of the source is left out.
fn text(patterns: &[&str]) -> String {
    let built = planned(patterns);
    let folder = built.plan.functions[0]
        .position
        .as_ref()
        .unwrap()
        .file
        .trim_end_matches("main.go")
        .to_owned();
    let text = built.plan.text(false).to_string().replace(&folder, "");
    let (release, rest) = text.split_once('\n').unwrap();
    assert!(release.starts_with("go1."));
    rest.to_owned()
}

/// The names of what a pattern selects.
fn selected(pattern: &str) -> Vec<String> {
    let mut answers = select(binary(), &[pattern], SelectOptions::default());
    let functions = answers.remove(0).unwrap().functions;
    let mut names: Vec<_> = functions.iter().map(|f| f.name.clone()).collect();
    names.sort();
    names
}

fn refused(pattern: &str) -> SelectError {
    let mut answers = select(binary(), &[pattern], SelectOptions::default());
    answers.remove(0).unwrap_err()
}

#[test]
fn a_plan_tells_where_values_are_and_what_is_read() {
    insta::assert_snapshot!(text(&["main.prepare", "main.blank", "main.loop"]));
}

#[test]
fn what_does_not_fit_in_registers_is_read_from_the_stack() {
    insta::assert_snapshot!(text(&["main.many"]));
}

#[test]
fn generic_functions_have_a_dictionary_that_is_not_shown() {
    insta::assert_snapshot!(text(&["main.(*list).push", "main.apply[...]"]));
}

#[test]
fn goproctors_own_probes_need_no_label() {
    let plan = build(binary(), &request(&[])).unwrap().plan;
    let roles: Vec<_> = plan.sites.iter().flat_map(|site| &site.roles).collect();
    let count = |wanted: fn(&Role) -> bool| roles.iter().filter(|role| wanted(role)).count();
    assert_eq!(count(|role| matches!(role, Role::MainEntered)), 1);
    assert_eq!(count(|role| matches!(role, Role::GoroutineEnded)), 1);
    assert_eq!(count(|role| matches!(role, Role::PanicUnrecovered)), 1);
    assert_eq!(count(|role| matches!(role, Role::PanicRecovered { .. })), 1);
    assert!(count(|role| matches!(role, Role::GoroutineCreated { .. })) >= 1);
    assert_eq!(count(|role| matches!(role, Role::RequestEntered { .. })), 1);
    assert!(count(|role| matches!(role, Role::RequestLeft)) >= 1);
    assert!(plan.functions.is_empty() && plan.types.is_empty());
    for site in &plan.sites {
        assert_eq!(site.goroutine, GoroutineSource::Register);
        assert_eq!(binary().file_offset(site.address).unwrap(), site.offset);
    }
}

#[test]
fn a_recovery_reads_all_panics_that_run() {
    let plan = build(binary(), &request(&["main.prepare"])).unwrap().plan;
    let is_recovery = |role: &Role| matches!(role, Role::PanicRecovered { .. });
    let mut sites = plan.sites.iter();
    let site = sites.find(|site| site.roles.iter().any(is_recovery));
    let view = |link: Link| &plan.views[link.view.unwrap().0 as usize].links[..];
    let [read] = site.unwrap().reads[..] else {
        panic!("{site:?}");
    };
    let Some(RecoveryLayout::Panics(layout)) = plan.runtime.recovery else {
        panic!("{:?}", plan.runtime);
    };
    let [first] = *view(read.link) else {
        panic!("{read:?}");
    };
    assert_eq!(u64::from(first.offset), layout.first);
    assert_eq!(u64::from(first.limit), layout.size());
    let [next] = *view(first) else {
        panic!("{first:?}");
    };
    assert_eq!(u64::from(next.offset), layout.link);
    assert_eq!(next.view, first.view, "a list of any length");
    let code = plan.code[0];
    let entry = plan.sites.iter().find(|site| {
        let entry = |role: &Role| matches!(role, Role::Entry { .. });
        site.roles.iter().any(entry)
    });
    assert!(code.contains(entry.unwrap().address) && !code.contains(code.end));
}

#[test]
fn an_address_with_several_purposes_is_one_site() {
    let plan = build(binary(), &request(&["net/http.serverHandler.ServeHTTP"]))
        .unwrap()
        .plan;
    let entry = plan
        .sites
        .iter()
        .find(|site| {
            site.roles
                .iter()
                .any(|role| matches!(role, Role::RequestEntered { .. }))
        })
        .unwrap();
    assert!(matches!(entry.roles[0], Role::Entry { .. }));
    assert_eq!(entry.roles.len(), 2);
    for (index, site) in plan.sites.iter().enumerate() {
        assert_eq!(site.id.0 as usize, index);
    }
    assert!(
        plan.sites
            .windows(2)
            .all(|pair| pair[0].address < pair[1].address)
    );
}

#[test]
fn package_main_goes_by_its_import_path_too() {
    assert_eq!(selected("example.com/watched.loop"), ["main.loop"]);
    assert_eq!(selected("example.com/watched.l*"), selected("main.l*"));
}

#[test]
fn wrappers_stand_for_what_they_call() {
    assert_eq!(selected("main.(*counter).sum"), ["main.counter.sum"]);
    assert_eq!(selected("main.(*counter).add-fm"), ["main.(*counter).add"]);
    assert_eq!(selected("main.serve.gowrap1"), ["main.send"]);
}

#[test]
fn literals_are_numbered_by_their_place_in_the_source() {
    let names = selected("main.serve*");
    assert_eq!(
        names,
        ["main.serve", "main.serve.func1", "main.serve.func2"]
    );
    let built = planned(&["main.serve.func1"]);
    assert_eq!(built.plan.functions[0].position.as_ref().unwrap().line, 64);
    assert_eq!(selected("main.glob..func1"), selected("main.init.func1"));
}

#[test]
fn a_glob_leaves_out_what_the_compiler_made() {
    for name in selected("main.*") {
        assert!(
            !["-fm", "gowrap", "deferwrap", ".eq."]
                .iter()
                .any(|made| name.contains(made)),
            "{name}"
        );
        assert_ne!(name, "main.init");
    }
}

#[test]
fn a_name_is_refused_with_the_reason() {
    let message = |pattern| refused(pattern).to_string();
    for (wrong, near) in [("main.prepair", "main.prepare"), ("Loop", "main.loop")] {
        let error = refused(wrong);
        let expected = format!("no function {wrong} in the program");
        assert_eq!(error.to_string(), expected);
        assert_eq!(error.help(), Some(format!("did you mean\n{near}")));
    }
    assert!(
        message("main.small").starts_with("main.small was inlined away (1 copy, in main.serve)")
    );
    assert_eq!(
        message("main.X*"),
        "main.X* matches no function of the program"
    );
    assert!(
        matches!(refused("*"), SelectError::TooMany { matched, limit: 500, .. } if matched > 500)
    );
}

#[test]
fn a_function_that_the_source_declares_is_known_to_be_unreachable() {
    let declared = BTreeMap::from([(
        "main.unused".to_owned(),
        Declaration::at_offset(
            SOURCE.as_bytes(),
            SOURCE.find("func unused").unwrap(),
            "main",
        )
        .unwrap(),
    )]);
    let mut request = request(&["main.unused", "main.nothing", "main.loop"]);
    request.declared = Some(&declared);
    let built = build(binary(), &request).unwrap();
    let [unreachable, unknown] = &built.errors[..] else {
        panic!("two can't be watched: {:?}", built.errors);
    };
    assert!(matches!(
        unreachable.source,
        SelectError::Unreachable { .. }
    ));
    assert!(matches!(unknown.source, SelectError::Unknown { .. }));
    let watched: Vec<_> = built.plan.labels.iter().map(|label| &label.name).collect();
    assert_eq!(watched, ["main.loop"]);
}

#[test]
fn limits_are_the_largest_of_all_labels_of_a_function() {
    let mut short = WatchedLabel::new("short", "main.prepare");
    short.limits.string = 10;
    let mut long = WatchedLabel::new("long", "main.prepare");
    long.limits.string = 99;
    long.results = false;
    let plan = build(binary(), &PlanRequest::new(vec![short, long]))
        .unwrap()
        .plan;
    let entry = plan
        .sites
        .iter()
        .find(|site| matches!(site.roles[..], [Role::Entry { .. }]))
        .unwrap();
    assert_eq!(entry.limits.string, 99);
    assert_eq!(plan.labels[0].functions, plan.labels[1].functions);
}

/// A plan of the program in which values of every kind are, and its text.
fn with_values(label: WatchedLabel, redact: Vec<Redact>) -> Built {
    let mut request = PlanRequest::new(vec![label]);
    request.implicit = ImplicitProbes::NONE;
    request.redact = redact;
    build(binary(), &request).unwrap()
}

fn path(root: Root, segments: &[Segment]) -> Path {
    let segments = segments.to_vec();
    Path { root, segments }
}

fn site(plan: &Plan, entry: bool) -> &Site {
    let is_wanted = |role: &Role| matches!(role, Role::Entry { .. }) == entry;
    let mut sites = plan.sites.iter();
    sites.find(|site| is_wanted(&site.roles[0])).unwrap()
}

/// What every plan must keep to, whatever it reads.
fn check(plan: &Plan) {
    let links = plan
        .sites
        .iter()
        .flat_map(|site| site.reads.iter().map(|read| read.link));
    let links = links
        .chain(plan.dynamic.iter().filter_map(|dynamic| dynamic.link))
        .chain(plan.closures.iter().map(|closure| closure.link))
        .chain(plan.views.iter().flat_map(|view| view.links.clone()));
    for link in links {
        assert!(link.limit <= 4096, "{link:?}");
        let known = link
            .view
            .is_none_or(|view| (view.0 as usize) < plan.views.len());
        assert!(known, "{link:?}");
    }
    for site in &plan.sites {
        assert!(binary().function_at(site.address).is_some());
    }
    let types = u32::try_from(plan.types.len()).unwrap();
    assert!(plan.dynamic.iter().all(|dynamic| dynamic.ty.0 < types));
    assert!(plan.redactions.iter().all(|redacted| redacted.ty.0 < types));
}

#[test]
fn what_interfaces_can_hold_is_told_only_where_a_value_leads_to_one() {
    let plan = planned(&["main.prepare"]).plan;
    assert!(plan.dynamic.is_empty() && plan.closures.is_empty());
    check(&plan);
    let plan = planned(&["main.main.func3", "main.*"]).plan;
    check(&plan);
    assert!(plan.dynamic.len() > 100, "{}", plan.dynamic.len());
    assert!(!plan.closures.is_empty());
    let request = plan
        .dynamic
        .iter()
        .find(|dynamic| plan.types.name(dynamic.ty) == "*net/http.Request")
        .unwrap();
    assert!(request.direct);
    let link = request.link.unwrap();
    assert_eq!((link.kind, link.levels), (LinkKind::Constant(1), 1));
    let mut label = WatchedLabel::new("names", "main.main.func3");
    (label.arguments, label.results) = (false, false);
    let plan = with_values(label, Vec::new()).plan;
    assert!(plan.dynamic.is_empty() && plan.sites.iter().all(|site| site.reads.is_empty()));
}

#[test]
fn a_path_is_read_alone_when_nothing_else_is_wanted() {
    let mut label = WatchedLabel::new("handle", "main.main.func3");
    (label.arguments, label.results) = (false, false);
    let name = |name: &str| Segment::Name(name.into());
    label.paths = vec![
        path(Root::Argument("r".into()), &[name("URL"), name("Path")]),
        path(Root::Out("r".into()), &[name("Method")]),
        path(Root::Argument("r".into()), &[name("Missing")]),
        path(Root::Variable("io.EOF".into()), &[]),
    ];
    let plan = with_values(label, Vec::new()).plan;
    check(&plan);
    let function = &plan.functions[0];
    let picks: Vec<_> = function
        .picks
        .iter()
        .map(|pick| (pick.path.to_string(), plan.types.name(pick.ty)))
        .collect();
    assert_eq!(
        picks,
        [
            ("r.URL.Path".into(), "string"),
            ("r.Method".into(), "string"),
            ("io.EOF".into(), "error"),
        ]
    );
    let (entry, leave) = (site(&plan, true), site(&plan, false));
    assert_eq!(entry.reads.len(), 1);
    assert_eq!(entry.saves[0].value, Operand::Register(Register::Rcx));
    let firsts: Vec<_> = leave.reads.iter().map(|read| read.first).collect();
    let variable = function.picks[2].variable.unwrap().address;
    assert_eq!(
        firsts,
        [Operand::Saved(function.id, 0), Operand::Image(variable)]
    );
}

#[test]
fn instances_that_lead_elsewhere_are_told_by_their_dictionary() {
    let plan = planned(&["main.keep[...]"]).plan;
    check(&plan);
    let function = &plan.functions[0];
    let names: Vec<_> = function
        .instances
        .iter()
        .map(|instance| {
            let ty = plan.types.name(instance.parameters[0].ty);
            (instance.name.as_str(), ty)
        })
        .collect();
    assert_eq!(names.len(), 2, "{names:?}");
    let guards = |site: &Site| {
        let guards = site.reads.iter().filter_map(|read| read.guard);
        guards.collect::<Vec<_>>()
    };
    let at_entry = guards(site(&plan, true));
    assert_eq!(at_entry.len(), 2);
    for (guard, instance) in at_entry.iter().zip(&function.instances) {
        assert_eq!(guard.operand, Operand::Register(Register::Rax));
        assert_eq!(guard.address, instance.dictionary);
    }
    let saved = Operand::Saved(function.id, 0);
    let at_return = guards(site(&plan, false));
    assert!(at_return.len() == 2 && at_return.iter().all(|guard| guard.operand == saved));
    assert_eq!(site(&plan, true).saves.len(), 1);
}

#[test]
fn what_is_redacted_leaves_the_registers() {
    let redact = |pattern: &str| Redact::Path {
        pattern: pattern.into(),
        label: "[redacted]".into(),
    };
    let label = || WatchedLabel::new("prepare", "main.prepare");
    let plan = with_values(label(), vec![redact("name")]).plan;
    check(&plan);
    let entry = site(&plan, true);
    assert_eq!(entry.reads, []);
    let hides = |register| entry.hidden.contains(&register);
    assert!(hides(Register::Rax) && hides(Register::Rbx) && hides(Register::Rdx));
    // The year and the flag are shown, the goroutine and the frame are needed.
    assert!(!hides(Register::Rcx) && !hides(Register::Rdi));
    assert!(!hides(Register::R14) && !hides(Register::Rsp));
    // What another function was given may be left over in a register of this one.
    let mut request = PlanRequest::new(vec![label(), WatchedLabel::new("main", "main.main")]);
    request.redact = vec![redact("name")];
    let plan = build(binary(), &request).unwrap().plan;
    let sites = plan.sites.iter();
    assert!(sites.clone().count() > 3);
    assert!(
        sites
            .clone()
            .all(|site| site.hidden.contains(&Register::R12))
    );
    request.redact.clear();
    request.patterns = true;
    let plan = build(binary(), &request).unwrap().plan;
    assert!(
        plan.sites
            .iter()
            .all(|site| site.hidden.contains(&Register::R12))
    );
    let mut request = PlanRequest::new(vec![label()]);
    request.redact = vec![redact("name"), redact("nme")];
    let Err(PlanError::Redactions {
        redactions: errors, ..
    }) = build(binary(), &request)
    else {
        panic!("there is no such parameter");
    };
    assert_eq!((errors.len(), errors[0].index), (1, 1));
}

#[test]
fn a_request_is_known_by_its_peer_alone_when_the_rest_is_redacted() {
    let mut request = request(&["main.main.func3"]);
    request.redact = vec![Redact::Path {
        pattern: "*.RequestURI".into(),
        label: "[uri]".into(),
    }];
    let plan = build(binary(), &request).unwrap().plan;
    check(&plan);
    let is_ours = |site: &&Site| matches!(site.roles[..], [Role::RequestEntered { .. }]);
    let entered = plan.sites.iter().find(is_ours).unwrap();
    let (of_writer, of_request): (Vec<&model::plan::Read>, Vec<&model::plan::Read>) = entered
        .reads
        .iter()
        .partition(|read| matches!(read.link.kind, LinkKind::InterfaceOf(_)));
    assert_eq!(of_request.len(), 2);
    assert!(
        of_request
            .iter()
            .all(|read| read.link.displacement > 0 || read.link.element == 16)
    );
    assert_eq!(of_writer.len(), 1, "the stream's number is no secret");
}

/// Each warning says what the release at hand does.
#[test]
fn results_that_are_not_known_say_why() {
    const LOOP: &str = "package main

//go:noinline
func within(n int) string {
	each := func(yield func(int) bool) {
		for i := 0; i < n && yield(i); i++ {
		}
	}
	for i := range each {
		if i > 3 {
			return \"found\"
		}
	}
	return \"\"
}

func main() { println(within(4)) }
";
    const PLAIN: &str = "package main

import \"os\"

//go:noinline
func within(names []string) (string, error) {
	defer println(len(names))
	return names[0], nil
}

func main() { println(within(os.Args)) }
";
    for (source, language, release, reason, said) in [
        (
            LOOP,
            "1.23",
            "go1.26.8",
            UnknownResults::RangeOverFunction,
            "main.within loops over a function, and the debug information leaves out results that such a loop sets: \
             without its source they are not read",
        ),
        (
            PLAIN,
            "1.15",
            "go1.17.13",
            UnknownResults::LeftOut,
            "Go 1.17 does not describe the results of main.within: without its source they are not read",
        ),
    ] {
        let program = Program::build_with(source, language, release, &[]);
        let binary = Binary::open(&program.binary).unwrap();
        let built = build(&binary, &request(&["main.within"])).unwrap();
        let function = "main.within".to_owned();
        let wanted = PlanWarning::NoResults { function, reason };
        assert!(built.warnings.contains(&wanted), "{:?}", built.warnings);
        assert_eq!(wanted.to_string(), said);
    }
}
