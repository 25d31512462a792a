//! Where a call is made: `under`, `child-of` and `goroutine`.
//!
//! - `under`: a call of that name is open somewhere above, across goroutines, up to the handler of the call's request.
//! - `child-of`: the nearest watched call above is one of that name.
//! - `goroutine`: `same` is the goroutine that handles the call's request, or runs the Go test, `child` one that it created,
//!   `distinct` any other. A call that neither owns is on none of the first two.
//!
//! What was lost counts against an answer where it could change it: a lost entry of the name may have been above, a
//! call whose function lost hits may have returned before, and lost hits of the runtime may hide who created whom. Of a
//! parent that is what was lost before the child began: its own return or a panic past it, and entries of others.

use model::{Call, Goid, ProbeKind};
use spec::document::GoroutineRelation;

use super::{
    LostHits, Reason,
    ancestry::{Above, Link},
    loss::lost_by,
    scope::Case,
    truth::Truth,
    wording,
};

/// The most calls above that are listed.
const MAX_LISTED: usize = 6;

/// Whether a call of a name is above.
pub(super) fn under(case: &Case<'_>, call: &Call, label: &str) -> Truth {
    let above = case.above(label);
    let index = usize::try_from(call.id.0).ok();
    match index.and_then(|index| above.get(index)).copied() {
        Some(Above::Yes) => Truth::Yes,
        Some(Above::No) => unless_lost(case, label),
        Some(Above::Unsure(member)) => unsure_member(case, label, case.ancestry.call(member)),
        Some(Above::Doubtful(member)) => may_have_ended(case, case.ancestry.call(member)),
        Some(Above::Unknown(link)) => unknown(link),
        None => Truth::Unknown(Reason::Caller),
    }
}

/// Whether the nearest watched call above is one of a name.
pub(super) fn child_of(case: &Case<'_>, call: &Call, label: &str) -> Truth {
    let link = case.ancestry.link(call);
    let Link::Call(parent) = link else {
        return match link {
            Link::Top => unless_entered(case, call, label),
            link => unknown(link),
        };
    };
    let Some(parent) = case.ancestry.call(parent) else {
        return Truth::Unknown(Reason::Caller);
    };
    match case.membership(label, parent) {
        Truth::Unknown(reason) => Truth::Unknown(reason),
        _ if may_be_gone(case, parent, call) => may_have_ended(case, Some(parent)),
        Truth::No => unless_entered(case, call, label),
        Truth::Yes => unless_between(case, call),
    }
}

/// Whether a call that seems to be above may have ended before: its return was lost, or that a panic went past it.
fn may_be_gone(case: &Case<'_>, above: &Call, call: &Call) -> bool {
    let loss = &case.observation().loss;
    let end = Some(call.entered);
    lost_by(loss.sites_of(above.function), &[ProbeKind::Return], end) > 0
        || lost_by(loss.sites_of_causality(), &[ProbeKind::PanicRecovered], end) > 0
}

/// Yes, unless the entry of a call was lost that may be in between.
fn unless_between(case: &Case<'_>, call: &Call) -> Truth {
    let sites = case.observation().loss.sites.iter();
    let watched = sites.filter(|site| site.function.is_some());
    match lost_by(watched, &[ProbeKind::Entry], Some(call.entered)) {
        0 => case.unseen_of_any().map_or(Truth::Yes, Truth::Unknown),
        hits => Truth::Unknown(Reason::Lost {
            hits,
            of: LostHits::Between,
            places: String::new(),
        }),
    }
}

/// Whether the goroutine that made a call has that relation to the one that handles its request.
pub(super) fn goroutine(case: &Case<'_>, call: &Call, wanted: GoroutineRelation) -> Truth {
    if wanted == GoroutineRelation::Any {
        return Truth::Yes;
    }
    if let Some(reason) = case.by_request().lost_causality() {
        return Truth::Unknown(reason);
    }
    if call.scope.is_none() {
        return (wanted == GoroutineRelation::Distinct).into();
    }
    let Some(request) = case.ancestry.owner(call) else {
        return Truth::Unknown(Reason::Caller);
    };
    let is_same = (request.process, request.goroutine) == (call.process, call.goroutine);
    match wanted {
        GoroutineRelation::Same => is_same.into(),
        GoroutineRelation::Distinct => (!is_same).into(),
        GoroutineRelation::Child if is_same || request.process != call.process => Truth::No,
        GoroutineRelation::Child if call.goroutine == Goid(0) => Truth::No,
        GoroutineRelation::Child => {
            let goroutine = case.ancestry.goroutine(call.process, call.goroutine);
            match goroutine.and_then(|goroutine| goroutine.creator) {
                Some(creator) => (creator == request.goroutine).into(),
                None => unknown(Link::Unseen(call.goroutine)),
            }
        }
        GoroutineRelation::Any => Truth::Yes,
    }
}

fn unknown(link: Link) -> Truth {
    Truth::Unknown(link.reason().unwrap_or(Reason::Caller))
}

/// No, unless what was lost could be what was looked for.
fn unless_lost(case: &Case<'_>, label: &str) -> Truth {
    let lost = case.lost(label);
    let reason = lost.or_else(|| case.by_request().lost_causality());
    reason.map_or(Truth::No, Truth::Unknown)
}

/// No, unless the entry of what was looked for was lost before a call.
fn unless_entered(case: &Case<'_>, call: &Call, label: &str) -> Truth {
    let lost = case.lost_entries(label, call.entered);
    let reason = lost.or_else(|| case.by_request().lost_causality());
    reason.map_or(Truth::No, Truth::Unknown)
}

fn unsure_member(case: &Case<'_>, label: &str, member: Option<&Call>) -> Truth {
    match member.map(|member| case.membership(label, member)) {
        Some(Truth::Unknown(reason)) => Truth::Unknown(reason),
        _ => Truth::Unknown(Reason::Caller),
    }
}

fn may_have_ended(case: &Case<'_>, member: Option<&Call>) -> Truth {
    let name = member.map_or_else(
        || "the call above".to_owned(),
        |member| wording::function(case.observation(), member),
    );
    Truth::Unknown(Reason::EndOfLost(name))
}

/// The calls above a call, in words: `handler → checkSite`, outermost first.
pub(super) fn above(case: &Case<'_>, call: &Call) -> String {
    let mut names = Vec::new();
    let mut below = call;
    let end = loop {
        match case.ancestry.link(below) {
            Link::Call(id) => match case.ancestry.call(id) {
                Some(parent) if parent.id < below.id => {
                    names.push(case.name_of(parent));
                    below = parent;
                }
                _ => break None,
            },
            Link::Top => break None,
            link => break link.reason(),
        }
        if names.len() > MAX_LISTED {
            names.pop();
            names.push("…".to_owned());
            break None;
        }
    };
    names.reverse();
    match (names.as_slice(), end) {
        ([], None) => "under no watched call".to_owned(),
        ([], Some(reason)) => reason.to_string(),
        (names, _) => format!("under {}", names.join(" → ")),
    }
}

/// The nearest watched call above, in words.
pub(super) fn parent(case: &Case<'_>, call: &Call) -> String {
    match case.ancestry.link(call) {
        Link::Call(parent) => case.ancestry.call(parent).map_or_else(
            || "child of a call that was not seen".to_owned(),
            |parent| format!("child of {}", case.name_of(parent)),
        ),
        Link::Top => "child of no watched call".to_owned(),
        link => link
            .reason()
            .map_or_else(String::new, |reason| reason.to_string()),
    }
}

/// Which goroutine is wanted, in words.
pub(super) fn wanted(case: &Case<'_>, wanted: GoroutineRelation) -> String {
    let does = work(case);
    match wanted {
        GoroutineRelation::Same => format!("the goroutine that {does}"),
        GoroutineRelation::Child => format!("a child of the goroutine that {does}"),
        GoroutineRelation::Distinct => format!("any goroutine but the one that {does}"),
        GoroutineRelation::Any => "any goroutine".to_owned(),
    }
}

/// On which goroutine a call ran, in words, as its request or its Go test sees it.
pub(super) fn place(case: &Case<'_>, call: &Call) -> String {
    let goid = call.goroutine;
    let does = work(case);
    let name = match case.test.go_test {
        Some(_) => "Go test",
        None => "request",
    };
    let Some(owner) = case.ancestry.owner(call) else {
        return format!("on {goid}, in no {name}");
    };
    if owner.goroutine == goid {
        return format!("on {goid}, which {does}");
    }
    let goroutine = case.ancestry.goroutine(call.process, goid);
    match goroutine.and_then(|goroutine| goroutine.creator) {
        Some(creator) if creator == owner.goroutine => {
            format!("on {goid}, which {creator} created, which {does}")
        }
        Some(creator) => {
            format!(
                "on {goid}, which {creator} created; {} {does}",
                owner.goroutine
            )
        }
        None => format!(
            "on {goid}, which the {name} did not create; {} {does}",
            owner.goroutine
        ),
    }
}

/// What the goroutine does that others are compared with.
const fn work(case: &Case<'_>) -> &'static str {
    match case.test.go_test {
        Some(_) => "runs the Go test",
        None => "handles the request",
    }
}
