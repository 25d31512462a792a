//! A plan as text: what `check -v` shows and snapshots hold.

use std::{collections::BTreeSet, fmt};

use arch::{GOROUTINE, Register, STACK_POINTER, VECTOR_PREFIX};

use super::{
    Bound, GoroutineSource, Link, LinkKind, Operand, Plan, Read, ReadAddress, Role, Site, ViewId,
    ViewPlan, site::Subject,
};
use crate::{Function, FunctionId, Limits, Location, Parameter, Place, SourcePosition};

impl Plan {
    /// The plan as text. Without addresses it does not change when the program is built anew from the same source.
    #[must_use]
    pub const fn text(&self, addresses: bool) -> PlanText<'_> {
        PlanText {
            plan: self,
            addresses,
        }
    }

    fn name(&self, function: FunctionId) -> &str {
        self.functions
            .get(function.0 as usize)
            .map_or("?", |function| &function.name)
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text(true).fmt(f)
    }
}

/// Shows a plan; see [`Plan::text`].
#[derive(Clone, Copy, Debug)]
pub struct PlanText<'p> {
    plan: &'p Plan,
    addresses: bool,
}

impl fmt::Display for PlanText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plan = self.plan;
        writeln!(f, "{}", plan.release)?;
        for label in &plan.labels {
            let mut names: Vec<_> = label.functions.iter().map(|id| plan.name(*id)).collect();
            if !self.addresses {
                names.sort_unstable();
            }
            writeln!(f, "label {} = {}", label.name, names.join(", "))?;
        }
        // By address, functions and sites come in the linker's order, which releases change.
        let mut functions: Vec<_> = plan.functions.iter().collect();
        if !self.addresses {
            functions.sort_by_key(|function| &function.name);
        }
        for function in functions {
            self.function(f, function)?;
        }
        let mut sites: Vec<_> = plan.sites.iter().collect();
        if !self.addresses {
            sites.sort_by_cached_key(|site| (self.roles(site), site.id));
        }
        let mut previous = None;
        let mut count = 0;
        for site in sites {
            let text = self.site(site);
            if previous.as_ref() == Some(&text) {
                count += 1;
                continue;
            }
            flush(f, previous.replace(text), count)?;
            count = 1;
        }
        flush(f, previous, count)?;
        self.known_at_hits(f)
    }
}

/// Sites that look alike are shown once, with their number.
fn flush(f: &mut fmt::Formatter<'_>, text: Option<String>, count: u32) -> fmt::Result {
    match (text, count) {
        (None, _) => Ok(()),
        (Some(text), 1) => f.write_str(&text),
        (Some(text), _) => {
            let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
            write!(f, "{first} ×{count}\n{rest}")
        }
    }
}

impl PlanText<'_> {
    fn function(&self, f: &mut fmt::Formatter<'_>, function: &Function) -> fmt::Result {
        write!(f, "func {}", function.name)?;
        if let Some(SourcePosition { file, line }) = &function.position {
            write!(f, "  {file}:{line}")?;
        }
        writeln!(f)?;
        for parameter in &function.parameters {
            self.parameter(f, "in ", parameter)?;
        }
        for result in &function.results {
            self.parameter(f, "out", result)?;
        }
        if let Some(dictionary) = &function.dictionary {
            writeln!(f, "  dictionary  {}", place_text(dictionary))?;
        }
        for instance in &function.instances {
            writeln!(f, "  instance {}", instance.name)?;
        }
        for pick in &function.picks {
            writeln!(f, "  path {}  {}", pick.path, self.plan.types.name(pick.ty))?;
        }
        Ok(())
    }

    /// What is known of types and closures that only a hit shows, and what must not be seen. Their numbers are another
    /// release's others.
    fn known_at_hits(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plan = self.plan;
        if self.addresses && !plan.dynamic.is_empty() {
            let (types, closures) = (plan.dynamic.len(), plan.closures.len());
            writeln!(f, "interfaces can hold {types} types; {closures} closures")?;
        }
        let redacted: BTreeSet<_> = plan
            .redactions
            .iter()
            .map(|redacted| (plan.types.name(redacted.ty), &redacted.label))
            .collect();
        for (name, label) in redacted {
            writeln!(f, "redact {name} as {label}")?;
        }
        Ok(())
    }

    fn parameter(
        &self,
        f: &mut fmt::Formatter<'_>,
        direction: &str,
        parameter: &Parameter,
    ) -> fmt::Result {
        let name = if parameter.name.is_empty() {
            "_"
        } else {
            &parameter.name
        };
        let ty = self.plan.types.name(parameter.ty);
        writeln!(
            f,
            "  {direction} {name} {ty}  {}",
            place_text(&parameter.location)
        )
    }

    fn site(&self, site: &Site) -> String {
        let mut text = String::from("site");
        if self.addresses {
            text.push_str(&format!(" {} {} +{}", site.id.0, site.address, site.offset));
        }
        let goroutine = match site.goroutine {
            GoroutineSource::Register => GOROUTINE.to_string(),
            GoroutineSource::ThreadLocal => "TLS".to_owned(),
        };
        text.push_str(&format!(" {}  g in {goroutine}\n", self.roles(site)));
        if site.limits != Limits::default() {
            let Limits {
                depth,
                string,
                elements,
                bytes,
            } = site.limits;
            text.push_str(&format!(
                "  limits {depth} levels, {string} of text, {elements} elements, {bytes} bytes\n"
            ));
        }
        if !site.hidden.is_empty() {
            let hidden: Vec<_> = site.hidden.iter().map(Register::to_string).collect();
            text.push_str(&format!("  hide {}\n", hidden.join(" ")));
        }
        for save in &site.saves {
            let value = operand_text(save.value);
            text.push_str(&format!("  save {} = {value}\n", save.slot));
        }
        let mut shown = BTreeSet::new();
        for read in &site.reads {
            text.push_str(&format!("  read {}", read_text(read)));
            self.view(&mut text, &read.link, 2, &mut shown);
        }
        text
    }

    fn roles(&self, site: &Site) -> String {
        let roles: Vec<_> = site
            .roles
            .iter()
            .map(|role| {
                let mark = match role {
                    Role::Entry {
                        loop_head: true, ..
                    } => " (loop head)",
                    _ => "",
                };
                let probe = role.probe();
                match role.subject() {
                    Subject::Function(function) => {
                        format!("{probe} {}{mark}", self.plan.name(function))
                    }
                    Subject::Pointer(place, _) => format!("{probe} at {}", address_text(place)),
                    Subject::Goroutine => probe.to_string(),
                }
            })
            .collect();
        roles.join(" + ")
    }

    /// Ends a link's line, and shows what it leads to: each view once a site.
    fn view(&self, text: &mut String, link: &Link, level: usize, shown: &mut BTreeSet<ViewId>) {
        const MAX_SHOWN_DEPTH: usize = 8;
        let view = link
            .view
            .and_then(|id| Some((id, self.plan.views.get(id.0 as usize)?)));
        let Some((id, ViewPlan { stride, links })) = view else {
            text.push('\n');
            return;
        };
        if !shown.insert(id) {
            text.push_str("  as above\n");
            return;
        }
        text.push('\n');
        let indent = "  ".repeat(level);
        if level > MAX_SHOWN_DEPTH {
            text.push_str(&format!("{indent}…\n"));
            return;
        }
        if *stride > 0 {
            text.push_str(&format!("{indent}every {stride}\n"));
        }
        for link in links {
            text.push_str(&format!("{indent}{}", link_text(link)));
            self.view(text, link, level + 1, shown);
        }
    }
}

fn place_text(location: &Location) -> String {
    if location.pieces.is_empty() {
        return "-".to_owned();
    }
    let pieces: Vec<_> = location
        .pieces
        .iter()
        .map(|piece| match piece.place {
            Place::Register(register) => register.to_string(),
            Place::Vector(number) => format!("{VECTOR_PREFIX}{number}"),
            Place::Stack(offset) => format!("[{STACK_POINTER}+{offset}]:{}", piece.size),
        })
        .collect();
    pieces.join(" ")
}

fn address_text(address: ReadAddress) -> String {
    match address {
        ReadAddress::Register(register) => register.to_string(),
        ReadAddress::Stack(offset) => format!("[{STACK_POINTER}+{offset}]"),
        ReadAddress::StackAddress(offset) => format!("{STACK_POINTER}+{offset}"),
    }
}

pub(super) fn operand_text(operand: Operand) -> String {
    match operand {
        Operand::Register(register) => register.to_string(),
        Operand::Stack(offset) => format!("[{STACK_POINTER}+{offset}]"),
        Operand::StackAddress(offset) => format!("{STACK_POINTER}+{offset}"),
        Operand::Image(address) => address.to_string(),
        Operand::Saved(_, slot) => format!("saved {slot}"),
        Operand::Constant(number) => number.to_string(),
    }
}

fn read_text(read: &Read) -> String {
    let first = operand_text(read.first);
    let second = operand_text(read.second);
    let guard = read.guard.map_or_else(String::new, |guard| {
        let operand = operand_text(guard.operand);
        format!("  if {operand} = {}", guard.address)
    });
    format!("{first}  {}{guard}", target_text(&read.link, &second))
}

fn link_text(link: &Link) -> String {
    format!("+{}  {}", link.offset, target_text(link, "counted"))
}

/// How a link is followed; `count` is the number of elements where the word after the pointer has it.
fn target_text(link: &Link, count: &str) -> String {
    let count = match link.kind {
        LinkKind::Constant(count) => count.to_string(),
        LinkKind::Counted => count.to_owned(),
        LinkKind::Uncounted => format!("1 unless {count}"),
        LinkKind::Masked => format!("{count}+1"),
        LinkKind::Power(at) => format!("2^[+{at}]"),
        LinkKind::OldPower(at) => format!("old 2^[+{at}]"),
        LinkKind::EmptyInterface => return "interface{}".to_owned(),
        LinkKind::Interface => return "interface".to_owned(),
        LinkKind::EmptyInterfaceOf(ty) => format!("interface{{}} of {ty}"),
        LinkKind::InterfaceOf(ty) => format!("interface of {ty}"),
        LinkKind::Func => return "func".to_owned(),
        LinkKind::Blank(bytes) => return format!("blank {bytes}"),
    };
    let displacement = match link.displacement {
        0 => String::new(),
        bytes => format!("+{bytes} "),
    };
    let bound = match link.bound {
        Bound::None => "",
        Bound::String => " of text",
        Bound::Elements => " of elements",
    };
    let levels = match link.levels {
        0 => String::new(),
        1 => ", 1 level".to_owned(),
        levels => format!(", {levels} levels"),
    };
    let (element, limit) = (link.element, link.limit);
    format!("{displacement}{count} × {element} ≤ {limit}{bound}{levels}")
}
