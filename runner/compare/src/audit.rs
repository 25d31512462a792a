//! Which old behaviours of Go a program uses, and where.
//!
//! Each time that a GODEBUG setting makes a program behave as older releases did, and only then, the standard library calls
//! `IncNonDefault` (package comment of `internal/godebug`). So that function, watched with the setting's name, shows each use: in which request or
//! Go test, and in which watched call. Settings that Go calls *opaque* are not counted, and not seen here.

use std::collections::{BTreeMap, BTreeSet};

use judge::expect::Evidence;
use model::{
    Call, CallId, Content, FunctionId, Observation, Path, Root, ScopeId, Segment, notation,
};

/// A function that runs when an old behaviour is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditedFunction {
    /// The label to watch it under, which no spec can have given.
    pub label: &'static str,
    /// Its name.
    pub function: &'static str,
    /// The name of its receiver.
    receiver: &'static str,
}

/// The functions to watch for an audit. Go has both since 1.21; a program without settings has neither, or the second alone.
///
/// Settings of the runtime go through the second, which calls the first as soon as `internal/godebug` has begun.
pub const AUDITED: [AuditedFunction; 2] = [SETTING, RUNTIME_SETTING];

const SETTING: AuditedFunction = AuditedFunction {
    label: "GODEBUG setting",
    function: "internal/godebug.(*Setting).IncNonDefault",
    receiver: "s",
};

const RUNTIME_SETTING: AuditedFunction = AuditedFunction {
    label: "GODEBUG setting of the runtime",
    function: "runtime.(*godebugInc).IncNonDefault",
    receiver: "g",
};

impl AuditedFunction {
    /// The path to the setting's name, which is to be read whole: a key of its label.
    #[must_use]
    pub fn name(&self) -> Path {
        Path {
            root: Root::Argument(self.receiver.to_owned()),
            segments: vec![Segment::Name("name".to_owned())],
        }
    }
}

/// What an audit of one test saw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audit {
    /// The uses, in the order of the first of each.
    pub uses: Vec<OldBehaviourUse>,
    /// Why there may be more; none if all were seen.
    pub incomplete: Vec<String>,
}

/// Uses of an old behaviour in the same request or Go test, within calls with the same arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OldBehaviourUse {
    /// The setting; none if its name could not be read.
    pub setting: Option<String>,
    /// The innermost request or run of a Go test that it belongs to; none for what belongs to neither, such as initialisation.
    pub scope: Option<ScopeId>,
    /// What a person calls that: `GET /orders`, `TestShop/free`.
    pub scope_name: Option<String>,
    /// The watched call that it happened in.
    pub within: Option<UseSite>,
    /// How many times.
    pub times: u64,
}

/// The innermost watched call that a use happened in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UseSite {
    /// The first of these calls.
    pub call: CallId,
    /// The function that was called.
    pub function: String,
    /// The arguments as text, receiver first.
    pub arguments: Vec<String>,
    /// Whether the call did it in a goroutine that it had begun, and not in its own.
    pub in_other_goroutine: bool,
}

/// What makes two uses one: the setting, the scope, and the function and arguments of the call with whether it was in another goroutine.
type UseKey = (
    Option<String>,
    Option<ScopeId>,
    Option<(String, Vec<String>, bool)>,
);

/// Finds the uses of old behaviours in what was seen of a test, which [`AUDITED`] functions were watched for.
#[must_use]
pub fn audit(evidence: &Evidence) -> Audit {
    let observation = &evidence.observation;
    let watched = Watched::of(observation);
    let mut audit = Audit {
        uses: Vec::new(),
        incomplete: watched.incomplete(observation),
    };
    let mut known: BTreeMap<UseKey, usize> = BTreeMap::new();
    for call in &observation.calls {
        if !watched.is_use(call, observation) {
            continue;
        }
        let setting = watched.setting_of(call);
        let scope = call.scope;
        let within = watched.site_of(call, observation);
        let site = within
            .clone()
            .map(|site| (site.function, site.arguments, site.in_other_goroutine));
        let key = (setting.clone(), scope, site);
        let index = *known.entry(key).or_insert_with(|| {
            audit.uses.push(OldBehaviourUse {
                setting,
                scope,
                scope_name: scope
                    .and_then(|id| observation.scope(id))
                    .map(model::Scope::name),
                within,
                times: 0,
            });
            audit.uses.len() - 1
        });
        if let Some(found) = audit.uses.get_mut(index) {
            found.times += 1;
        }
    }
    audit
}

/// The audited functions among those that were watched.
struct Watched {
    /// Where each has the setting's name among its picks.
    names: BTreeMap<FunctionId, Option<usize>>,
    runtime: BTreeSet<FunctionId>,
}

impl Watched {
    fn of(observation: &Observation) -> Self {
        let mut watched = Self {
            names: BTreeMap::new(),
            runtime: BTreeSet::new(),
        };
        for function in &observation.functions {
            let Some(audited) = AUDITED
                .iter()
                .find(|audited| audited.function == function.name)
            else {
                continue;
            };
            let path = audited.name();
            let pick = function.picks.iter().position(|pick| pick.path == path);
            watched.names.insert(function.id, pick);
            if *audited == RUNTIME_SETTING {
                watched.runtime.insert(function.id);
            }
        }
        watched
    }

    /// Whether a call is a use by itself, and not the second call for one of the runtime's.
    fn is_use(&self, call: &Call, observation: &Observation) -> bool {
        let parent = call.parent.and_then(|id| observation.call(id));
        let is_second = parent.is_some_and(|parent| self.runtime.contains(&parent.function));
        self.names.contains_key(&call.function) && !is_second
    }

    fn setting_of(&self, call: &Call) -> Option<String> {
        let pick = self.names.get(&call.function).copied().flatten()?;
        match &call.picked.get(pick)?.content {
            Content::Text(text) if text.is_whole() => {
                Some(String::from_utf8_lossy(&text.bytes).into_owned())
            }
            _ => None,
        }
    }

    fn site_of(&self, used: &Call, observation: &Observation) -> Option<UseSite> {
        let mut in_other_goroutine = false;
        let mut at = used;
        // A parent or creator has a smaller number, so that this ends.
        loop {
            let next = match at.parent {
                Some(parent) => parent,
                None => {
                    in_other_goroutine = true;
                    let mut goroutines = observation.goroutines.iter();
                    let own = goroutines
                        .find(|one| one.process == at.process && one.goid == at.goroutine)?;
                    own.creating_call?
                }
            };
            at = observation.call(next).filter(|call| call.id < at.id)?;
            if !self.names.contains_key(&at.function) {
                break;
            }
        }
        let function = observation.function(at.function)?;
        let arguments = at.arguments.iter();
        Some(UseSite {
            call: at.id,
            function: function.name_of(at).to_owned(),
            arguments: arguments
                .map(|value| notation::value(value, &observation.types))
                .collect(),
            in_other_goroutine,
        })
    }

    fn incomplete(&self, observation: &Observation) -> Vec<String> {
        let mut reasons = Vec::new();
        if self.names.is_empty() {
            reasons.push(
                "the program has no function that counts old behaviours: Go has it since 1.21"
                    .to_owned(),
            );
        }
        let lost: u64 = self.names.keys().map(|id| observation.loss.of(*id)).sum();
        if lost > 0 {
            reasons.push(format!(
                "{lost} hits of the functions that count old behaviours were lost"
            ));
        }
        if observation.totals.is_some() || observation.not_kept.is_some() {
            reasons.push("not all calls were kept".to_owned());
        }
        reasons
    }
}

#[cfg(test)]
mod tests {
    use judge::expect::Evidence;
    use model::{
        Call, CallId, Content, Function, FunctionId, Goid, Kind, NotKept, Observation, Pick,
        ScopeId, Status, Text, Timestamp, Type, TypeId, Value, testing,
    };

    use super::{AUDITED, Audit, OldBehaviourUse, audit};

    /// Functions: the audited two, then `main.target(string)` and `main.serve()`.
    fn observation() -> Observation {
        let mut seen = Observation::default();
        let string = seen.types.push(Type {
            name: "string".to_owned(),
            size: 16,
            kind: Kind::String,
        });
        for (number, audited) in AUDITED.iter().enumerate() {
            seen.functions.push(Function {
                picks: vec![Pick {
                    path: audited.name(),
                    steps: Vec::new(),
                    ty: string,
                    variable: None,
                }],
                ..testing::function(FunctionId(number as u32), audited.function)
            });
        }
        seen.functions
            .push(testing::function(FunctionId(2), "main.target"));
        seen.functions
            .push(testing::function(FunctionId(3), "main.serve"));
        seen
    }

    fn text(text: &str) -> Value {
        Value {
            ty: TypeId(0),
            content: Content::Text(Text::whole(text.as_bytes())),
        }
    }

    struct Calls(Evidence);

    impl Calls {
        fn add(
            &mut self,
            function: u32,
            parent: Option<u64>,
            change: impl FnOnce(&mut Call),
        ) -> u64 {
            let calls = &mut self.0.observation.calls;
            let id = calls.len() as u64;
            let mut call = testing::call(id, Goid(1), FunctionId(function), Timestamp(id));
            call.parent = parent.map(CallId);
            change(&mut call);
            calls.push(call);
            id
        }

        fn uses(&mut self, function: u32, setting: &str, parent: Option<u64>) -> u64 {
            self.add(function, parent, |call| {
                call.picked = [text(setting)].into()
            })
        }

        fn told(&self) -> Vec<(String, Option<String>, u64)> {
            let Audit { uses, .. } = audit(&self.0);
            let told = |one: OldBehaviourUse| {
                let site = one
                    .within
                    .map(|site| format!("{}({})", site.function, site.arguments.join(", ")));
                (one.setting.unwrap_or_default(), site, one.times)
            };
            uses.into_iter().map(told).collect()
        }
    }

    fn calls() -> Calls {
        Calls(Evidence {
            observation: observation(),
            ..Evidence::default()
        })
    }

    #[test]
    fn uses_are_told_by_setting_and_watched_call() {
        let mut calls = calls();
        let serve = calls.add(3, None, |_| {});
        for address in ["a", "b", "a"] {
            let target = calls.add(2, Some(serve), |call| {
                call.arguments = [text(address)].into()
            });
            calls.uses(0, "urlstrictcolons", Some(target));
        }
        calls.uses(0, "httpmuxgo121", Some(serve));
        calls.uses(0, "panicnil", None);
        let site = |text: &str| Some(text.to_owned());
        assert_eq!(
            calls.told(),
            [
                ("urlstrictcolons".to_owned(), site("main.target(\"a\")"), 2),
                ("urlstrictcolons".to_owned(), site("main.target(\"b\")"), 1),
                ("httpmuxgo121".to_owned(), site("main.serve()"), 1),
                ("panicnil".to_owned(), None, 1),
            ]
        );
    }

    #[test]
    fn a_setting_of_the_runtime_counts_once() {
        let mut calls = calls();
        let serve = calls.add(3, None, |_| {});
        let runtime = calls.uses(1, "panicnil", Some(serve));
        calls.uses(0, "panicnil", Some(runtime));
        // Before `internal/godebug` has begun, there is no second call.
        calls.uses(1, "panicnil", Some(serve));
        assert_eq!(
            calls.told(),
            [("panicnil".to_owned(), Some("main.serve()".to_owned()), 2)]
        );
    }

    #[test]
    fn uses_are_told_by_scope() {
        let mut calls = calls();
        for scope in [0, 1] {
            let mut request = testing::request(ScopeId(scope), Goid(1), Timestamp(0));
            testing::facts(&mut request).method = Some("GET".to_owned());
            testing::facts(&mut request).target = Some(format!("/{scope}"));
            calls.0.observation.scopes.push(request);
            let used = calls.uses(0, "urlstrictcolons", None);
            calls.0.observation.calls[used as usize].scope = Some(ScopeId(scope));
        }
        let uses = audit(&calls.0).uses;
        let scopes: Vec<_> = uses
            .iter()
            .filter_map(|one| one.scope_name.as_deref())
            .collect();
        assert_eq!(scopes, ["GET /0", "GET /1"]);
    }

    #[test]
    fn a_goroutine_uses_what_its_creator_is_to_answer_for() {
        let mut calls = calls();
        let serve = calls.add(3, None, |_| {});
        let mut goroutine = testing::goroutine(Goid(2));
        goroutine.creating_call = Some(CallId(serve));
        calls.0.observation.goroutines.push(goroutine);
        let used = calls.uses(0, "urlstrictcolons", None);
        calls.0.observation.calls[used as usize].goroutine = Goid(2);
        let uses = audit(&calls.0).uses;
        let site = uses[0].within.as_ref().unwrap();
        assert_eq!(
            (site.function.as_str(), site.in_other_goroutine),
            ("main.serve", true)
        );
    }

    #[test]
    fn what_may_be_missing_is_said() {
        assert_eq!(audit(&calls().0).incomplete, Vec::<String>::new());
        assert_eq!(audit(&Evidence::default()).incomplete.len(), 1);
        let mut calls = calls();
        calls.0.observation.not_kept = Some(NotKept {
            calls: 1,
            goroutines: 0,
            countable: model::Countable::Nothing,
        });
        assert_eq!(audit(&calls.0).incomplete, ["not all calls were kept"]);
        calls.add(0, None, |call| {
            let content = Content::Unread(Status::LostChunk);
            call.picked = [Value {
                ty: TypeId(0),
                content,
            }]
            .into();
        });
        assert_eq!(audit(&calls.0).uses[0].setting, None);
    }
}
