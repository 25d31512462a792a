//! All that was seen of a program during a test: what expectations judge, snapshots hold and reports show.

use serde::Serialize;

use super::{
    Address, Call, CallId, FunctionId, Goroutine, Limits, Location, Loss, Nanoseconds, NotKept,
    Path, ProcessId, Request, Scope, ScopeId, SiteLoss, Timestamp, Totals, TypeId, TypeTable,
};

/// A place in the program's source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SourcePosition {
    /// The file as the binary names it.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
}

/// A place in the program's code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CodePlace {
    /// The function that the source has there, in Go's own notation, with the full package path.
    pub function: String,
    /// Where that is in the source.
    #[serde(flatten)]
    pub position: SourcePosition,
}

/// A parameter or a result of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name in the source; empty or `_` if it has none, `~r0` and the like for unnamed results.
    pub name: String,
    /// Its type.
    pub ty: TypeId,
    /// Where it is, at entry for parameters and at a `ret` for results.
    pub location: Location,
}

/// A watched function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// Its number.
    pub id: FunctionId,
    /// Its name in Go's own notation, with the full package path, e.g. `net.(*Resolver).lookupIP`.
    pub name: String,
    /// Where it begins in the source, if the binary says.
    pub position: Option<SourcePosition>,
    /// Its parameters in order, receiver first; a generic function's dictionary is not among them.
    pub parameters: Vec<Parameter>,
    /// Its results in order.
    pub results: Vec<Parameter>,
    /// How much of its values is read and shown.
    pub limits: Limits,
    /// The parts of its values that the spec asks for by path, in whatever depth they lie.
    pub picks: Vec<Pick>,
    /// What it is instantiated with, if it is the shared body of a generic function.
    pub instances: Vec<Instance>,
    /// Where the address of the dictionary is at its entry, which identifies the instance; none if it takes no dictionary.
    pub dictionary: Option<Location>,
}

impl Function {
    /// The instance that a call of this function was one of, if it is generic and that is known.
    #[must_use]
    pub fn instance(&self, call: &Call) -> Option<&Instance> {
        self.instances.get(call.instance?.index())
    }

    /// The name of the function that was called, with its type arguments if it is generic and they are known.
    #[must_use]
    pub fn name_of(&self, call: &Call) -> &str {
        self.instance(call)
            .map_or(&self.name, |instance| &instance.name)
    }
}

/// A part of a function's values that the spec asks for by path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pick {
    /// The path as the spec means it.
    pub path: Path,
    /// What it means for the types that it meets, from the value that it begins with.
    pub steps: Vec<PickStep>,
    /// The type that the path leads to.
    pub ty: TypeId,
    /// The variable that it begins with, if its root is [one](super::Root::Variable).
    pub variable: Option<Variable>,
}

/// A variable of a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Where it is, in the binary as linked.
    pub address: Address,
    /// Its type.
    pub ty: TypeId,
}

/// One step from a value to a part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PickStep {
    /// To what a pointer points to.
    Target,
    /// To a struct's field, by its index.
    Field(u32),
    /// To an element of a slice or an array, from 0.
    Element(u64),
    /// To the value under a key of a map.
    Entry(PickKey),
    /// To what an interface holds, if it is of that type.
    Dynamic(TypeId),
}

/// A key of a map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PickKey {
    /// A string.
    Text(String),
    /// An integer of any size, signed or not.
    Integer(i128),
    /// A bool.
    Bool(bool),
}

/// A generic function's body with its concrete type arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// The address of the dictionary that such calls are given, in the binary as linked.
    pub dictionary: Address,
    /// The function's name with them, e.g. `main.Map[int,string]`.
    pub name: String,
    /// The parameters of that instance.
    pub parameters: Vec<Parameter>,
    /// Its results.
    pub results: Vec<Parameter>,
}

/// A name that a spec gave to one or more functions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The name.
    pub name: String,
    /// The functions behind it, sorted.
    pub functions: Vec<FunctionId>,
    /// Where the compiler put copies of them, so that calls there are not seen; none if there are no copies.
    pub unseen: Option<String>,
}

/// When a probe was hit, and what that cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProbeHit {
    /// The kernel's clock.
    pub time: Timestamp,
    /// What it cost the goroutine that made it, as calibrated at start.
    pub cost: Nanoseconds,
}

/// All that was seen of a program in one window of time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Observation {
    /// The path of the program's main module; none if the binary does not name one.
    pub module: Option<String>,
    /// The types that values, parameters and results speak of.
    pub types: TypeTable,
    /// The watched functions; [`FunctionId`] is the index.
    pub functions: Vec<Function>,
    /// The spec's names for them.
    pub labels: Vec<Label>,
    /// The program's process, if it was one of ours.
    pub process: Option<ProcessId>,
    /// The calls, by entry; [`CallId`](super::CallId) is the index.
    pub calls: Vec<Call>,
    /// The goroutines that were seen to be created or to make a call, by process and goid.
    pub goroutines: Vec<Goroutine>,
    /// The scopes, by beginning; [`ScopeId`] is the index.
    pub scopes: Vec<Scope>,
    /// What was lost.
    pub loss: Loss,
    /// How often it is not known to which request a call belongs because of `[hand-off]` or `[server]`: a value could not be read or
    /// be distinguished from an equal one of another request, or such a hit was lost.
    pub unknown_hand_offs: u64,
    /// The hits of goproctor's own probes in the window, by time.
    pub hits: Vec<ProbeHit>,
    /// The totals of all calls, if only a few [calls](Self::calls) of each function were kept.
    pub totals: Option<Box<Totals>>,
    /// What of a Go test found no room, if anything did.
    pub not_kept: Option<NotKept>,
    /// Begin and end of the window.
    pub window: Option<(Timestamp, Timestamp)>,
}

impl Observation {
    /// The label of that name.
    #[must_use]
    pub fn label(&self, name: &str) -> Option<&Label> {
        self.labels.iter().find(|label| label.name == name)
    }

    /// The function of that number.
    #[must_use]
    pub fn function(&self, id: FunctionId) -> Option<&Function> {
        self.functions.get(id.0 as usize)
    }

    /// The call of that number.
    #[must_use]
    pub fn call(&self, id: CallId) -> Option<&Call> {
        self.calls.get(usize::try_from(id.0).ok()?)
    }

    /// Keeps the calls for which that holds. A call whose parent goes gets the nearest call around it that stays, and so does a
    /// goroutine that one created. Gives the new number of each call by its old one; none of those that are gone.
    pub fn keep_calls(&mut self, is_kept: impl Fn(&Call) -> bool) -> Vec<Option<CallId>> {
        let (mut numbers, mut nearest) = (Vec::new(), Vec::<Option<CallId>>::new());
        let mut next = 0;
        for mut call in std::mem::take(&mut self.calls) {
            // What is around a call was entered before it.
            let around = call.parent.and_then(|parent| {
                let parent = usize::try_from(parent.0).ok()?;
                nearest.get(parent).copied().flatten()
            });
            let number = is_kept(&call).then_some(CallId(next));
            numbers.push(number);
            nearest.push(number.or(around));
            if let Some(number) = number {
                next += 1;
                call.id = number;
                call.parent = around;
                self.calls.push(call);
            }
        }
        for goroutine in &mut self.goroutines {
            goroutine.creating_call = goroutine.creating_call.and_then(|call| {
                let call = usize::try_from(call.0).ok()?;
                nearest.get(call).copied().flatten()
            });
        }
        numbers
    }

    /// The scope of that number.
    #[must_use]
    pub fn scope(&self, id: ScopeId) -> Option<&Scope> {
        self.scopes.get(id.0 as usize)
    }

    /// A scope and those that it is within, innermost first: all that something belongs to whose scope this is.
    pub fn scopes_around(&self, scope: Option<ScopeId>) -> impl Iterator<Item = ScopeId> {
        std::iter::successors(scope, |id| {
            self.scope(*id)?.parent.filter(|parent| parent < id)
        })
    }

    /// Whether what belongs to `scope` belongs to `outer`.
    #[must_use]
    pub fn is_within(&self, scope: Option<ScopeId>, outer: ScopeId) -> bool {
        self.scopes_around(scope).any(|id| id == outer)
    }

    /// The innermost request among the scopes that something belongs to.
    #[must_use]
    pub fn request_around(&self, scope: Option<ScopeId>) -> Option<&Scope> {
        let mut around = self.scopes_around(scope).filter_map(|id| self.scope(id));
        around.find(|scope| scope.request().is_some())
    }

    /// The full name of the innermost Go test that something in a scope belongs to; none if it belongs to none, or that could not be
    /// read.
    #[must_use]
    pub fn test_around(&self, scope: Option<ScopeId>) -> Option<&str> {
        let around = self.scopes_around(scope).filter_map(|id| self.scope(id));
        let test = around.filter_map(Scope::test).next()?;
        test.name.as_deref().filter(|name| !name.is_empty())
    }

    /// The requests, by beginning.
    pub fn requests(&self) -> impl Iterator<Item = (&Scope, &Request)> {
        let scopes = self.scopes.iter();
        scopes.filter_map(|scope| Some((scope, scope.request()?)))
    }

    /// Which probe lost hits and when, in words: `main.f entry, 12 ms to 15 ms after the test began`.
    #[must_use]
    pub fn describe_loss(&self, lost: &SiteLoss) -> String {
        let function = lost.function.and_then(|id| self.function(id));
        let function = function.map(|function| function.name.as_str());
        let probes: Vec<String> = lost.probes.iter().map(ToString::to_string).collect();
        let probes = match (probes.is_empty(), function) {
            (true, None) => lost.site.to_string(),
            _ => probes.join(" and "),
        };
        let name = [function.unwrap_or_default(), &probes].join(" ");
        let after = lost.gaps.first().and_then(|gap| gap.after);
        let before = lost.gaps.last().and_then(|gap| gap.before);
        let placed = !lost.gaps.is_empty();
        let when = match (after, before) {
            _ if !placed => String::new(),
            (Some(after), Some(before)) => {
                format!(", {} to {}", self.moment(after), self.moment(before))
            }
            (Some(after), None) => format!(", later than {}", self.moment(after)),
            (None, Some(before)) => format!(", earlier than {}", self.moment(before)),
            (None, None) => ", all of its hits".to_owned(),
        };
        let differs = lost.counted.map_or_else(String::new, |counted| {
            format!(" (the kernel counted {counted})")
        });
        format!("{}{when}{differs}", name.trim())
    }

    /// A moment relative to the window: `12.3ms`.
    fn moment(&self, time: Timestamp) -> String {
        let (begin, _) = self.window.unwrap_or((Timestamp(0), time));
        match time.0.checked_sub(begin.0) {
            Some(later) => Nanoseconds(later).precise(),
            None => format!("-{}", begin.since(time).precise()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Observation, ScopeId};
    use crate::{Goid, Timestamp, testing::request};

    #[test]
    fn what_belongs_to_a_scope_belongs_to_those_around_it() {
        let mut seen = Observation::default();
        for (id, parent) in [
            (0, None),
            (1, Some(0)),
            (2, Some(1)),
            (3, Some(3)),
            (4, None),
        ] {
            let mut scope = request(ScopeId(id), Goid(1), Timestamp(0));
            scope.parent = parent.map(ScopeId);
            seen.scopes.push(scope);
        }
        let around = |id| {
            let around = seen.scopes_around(Some(ScopeId(id)));
            around.map(|id| id.0).collect::<Vec<_>>()
        };
        assert_eq!(around(2), [2, 1, 0]);
        assert_eq!(around(3), [3], "no scope is within itself");
        assert_eq!(around(9), [9], "of one that was not seen nothing is known");
        assert!(seen.is_within(Some(ScopeId(2)), ScopeId(0)));
        assert!(!seen.is_within(Some(ScopeId(0)), ScopeId(2)));
        assert!(!seen.is_within(None, ScopeId(0)));
        let request = seen.request_around(Some(ScopeId(2)));
        assert_eq!(request.map(|scope| scope.id), Some(ScopeId(2)));
    }
}
