//! The line to write into a spec that holds still what is another in each run.

use std::collections::BTreeMap;

use compare::snapshot::{ValueKind, Varying, VaryingValue};
use model::{Function, Kind, Observation, TypeId};
use spec::Spec;

/// What is another in each run of a test, and what to write into its spec.
pub(super) fn advice(spec: &Spec, observation: &Observation, varying: &Varying) -> Vec<String> {
    let mut lines = Vec::new();
    let mut keys: BTreeMap<String, ValueKind> = BTreeMap::new();
    if !varying.values.is_empty() {
        lines.push("what is another in each run:".to_owned());
    }
    let mut is_held = true;
    for value in &varying.values {
        let place = Place::of(spec, observation, value);
        let called = place
            .as_ref()
            .map_or(value.function.as_str(), |place| place.called);
        lines.push(format!("  {called}: {} is {}", value.path, value.kind));
        let key = place.and_then(|place| place.key(observation, value));
        is_held &= key.is_some();
        if let Some(key) = key {
            let kind = keys.entry(key).or_insert(value.kind);
            if *kind != value.kind {
                *kind = ValueKind::Other;
            }
        }
    }
    lines.extend(line(spec, &keys));
    if !is_held {
        lines.push("what has no name can't be held still: leave its function out, or use count and sequence".to_owned());
    }
    if !varying.are_all {
        lines.push("calls come, go or change places from run to run, too: use count, sequence and calls for these functions".to_owned());
    }
    lines
}

/// The line with these keys, and where to write it.
fn line(spec: &Spec, keys: &BTreeMap<String, ValueKind>) -> Vec<String> {
    if keys.is_empty() {
        return Vec::new();
    }
    let pairs: Vec<String> = keys
        .iter()
        .map(|(key, kind)| format!("\"{key}\" = \"{}\"", kind.label()))
        .collect();
    let pairs = pairs.join(", ");
    let file = format!("{}.proctor.toml", spec.source.stem());
    if !spec.redactions.paths.is_empty() {
        return vec![
            format!("to hold it still, add to `values` in [redact] of {file}:"),
            format!("  {pairs}"),
        ];
    }
    if !spec.redactions.is_empty() {
        return vec![
            format!("to hold it still, write below [redact] in {file}:"),
            format!("  values = {{ {pairs} }}"),
        ];
    }
    vec![
        format!("to hold it still, write into {file}:"),
        "  [redact]".to_owned(),
        format!("  values = {{ {pairs} }}"),
    ]
}

/// The function of a value, as the spec calls it.
struct Place<'a> {
    called: &'a str,
    function: &'a Function,
}

impl<'a> Place<'a> {
    fn of(spec: &Spec, observation: &'a Observation, value: &VaryingValue) -> Option<Self> {
        let function = function(observation, &value.function)?;
        let labels = observation.labels.iter();
        let mut labels = labels.filter(|label| label.functions.contains(&function.id));
        let is_name = |label: &str| {
            spec.function(label)
                .is_some_and(|function| !function.is_glob())
        };
        let label = labels.find(|label| is_name(&label.name))?;
        Some(Self {
            called: &label.name,
            function,
        })
    }

    /// The path of names that redacts a value: `insert.order.CreatedAt`. It ends where names lead no further, at an interface; none
    /// where it would begin with nothing that has a name.
    fn key(&self, observation: &Observation, value: &VaryingValue) -> Option<String> {
        let (root, rest) = match value.path.strip_prefix("returns[") {
            Some(result) => {
                let (number, rest) = result.split_once(']')?;
                let result = self.function.results.get(number.parse::<usize>().ok()?)?;
                ((format!("returns.{number}"), result.ty), rest)
            }
            None => {
                let (name, rest) = match value.path.find('.') {
                    Some(dot) => value.path.split_at(dot),
                    None => (value.path.as_str(), ""),
                };
                let mut parameters = self.function.parameters.iter();
                let parameter = parameters.find(|parameter| parameter.name == name)?;
                ((name.to_owned(), parameter.ty), rest)
            }
        };
        let (root, ty) = root;
        let names = rest.split('.').filter(|name| !name.is_empty());
        let mut key = match is_plain(self.called) {
            true => format!("{}.{root}", self.called),
            false if root.starts_with("returns.") => return None,
            false => root,
        };
        for name in led(observation, ty, names) {
            key.push('.');
            key.push_str(name);
        }
        Some(key)
    }
}

/// Whether a name of `[functions]` can stand in a path of names.
fn is_plain(label: &str) -> bool {
    !label.starts_with(char::is_numeric) && label.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// The names that lead on from a type, as far as they do: not through an interface.
fn led<'n>(
    observation: &Observation,
    mut ty: TypeId,
    names: impl Iterator<Item = &'n str>,
) -> Vec<&'n str> {
    let mut led = Vec::new();
    for name in names {
        let Some(field) = field(observation, &mut ty, name) else {
            break;
        };
        led.push(name);
        ty = field;
    }
    led
}

/// How many pointers and elements stand before a struct at most.
const MAX_STEPS: usize = 32;

/// The type of a field of the struct that a type is or leads to.
fn field(observation: &Observation, ty: &mut TypeId, name: &str) -> Option<TypeId> {
    for _ in 0..MAX_STEPS {
        match &observation.types.get(*ty)?.kind {
            Kind::Pointer { target } => *ty = (*target)?,
            Kind::Slice { element } | Kind::Array { element, .. } => *ty = *element,
            Kind::Map { value, .. } => *ty = *value,
            Kind::Struct { fields } => {
                let field = fields.iter().find(|field| field.name == name)?;
                return Some(field.ty);
            }
            _ => return None,
        }
    }
    None
}

/// The function of that name, or the one that it is an instance of.
pub(super) fn function<'o>(observation: &'o Observation, name: &str) -> Option<&'o Function> {
    let mut functions = observation.functions.iter();
    functions.find(|function| {
        let mut instances = function.instances.iter();
        function.name == name || instances.any(|instance| instance.name == name)
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use compare::snapshot::{ValueKind, Varying, VaryingValue};
    use model::{
        FunctionId, Label, Location, Observation, Parameter, TypeId,
        testing::{self, World},
    };
    use spec::{Source, Spec};

    use super::advice;

    fn spec(redact: &str) -> Spec {
        let text = format!(
            "[program]\npackage = \"./shop\"\n{redact}\n[functions]\ninsert = \"main.insert\"\n\"x-y\" = \"main.other\"\n\n[[test]]\nname = \"a\"\nsnapshot = true\n"
        );
        spec::parse(Source::new("shop.proctor.toml", text))
        .unwrap()
    }

    /// `insert(o *Order, _ int) string` with `Order{At int; Extra any}`, and `other(n int)`.
    fn seen() -> Observation {
        let mut world = World::default();
        let (at, held) = (world.int(1), world.int(1));
        let int = at.ty;
        let extra = world.interface("any", held);
        let order = world.structure("main.Order", vec![("At", at), ("Extra", extra)]);
        let pointer = world.pointer(order).ty;
        let parameter = |name: &str, ty: TypeId| Parameter {
            name: name.to_owned(),
            ty,
            location: Location::default(),
        };
        let mut insert = testing::function(FunctionId(0), "main.insert");
        insert.parameters = vec![parameter("o", pointer), parameter("_", int)];
        insert.results = vec![parameter("~r0", int)];
        let mut other = testing::function(FunctionId(1), "main.other");
        other.parameters = vec![parameter("n", int)];
        other.results = vec![parameter("~r0", int)];
        let label = |name: &str, function: u32| Label {
            name: name.to_owned(),
            functions: vec![FunctionId(function)],
            unseen: None,
        };
        Observation {
            types: world.types,
            functions: vec![insert, other],
            labels: vec![label("insert", 0), label("x-y", 1)],
            ..Observation::default()
        }
    }

    fn varying(values: &[(&str, &str, ValueKind)]) -> Varying {
        let values = values.iter().map(|(function, path, kind)| VaryingValue {
            function: format!("main.{function}"),
            path: (*path).to_owned(),
            kind: *kind,
        });
        Varying {
            values: values.collect(),
            are_all: true,
        }
    }

    #[test]
    fn the_line_names_each_value_once_up_to_an_interface() {
        let varying = varying(&[
            ("insert", "o.At", ValueKind::Time),
            ("insert", "o.Extra.ID", ValueKind::Uuid),
            ("insert", "o.Extra.At", ValueKind::Time),
            ("insert", "returns[0]", ValueKind::Process),
            ("other", "n", ValueKind::Other),
        ]);
        let lines = advice(&spec(""), &seen(), &varying);
        assert_eq!(
            lines,
            [
                "what is another in each run:",
                "  insert: o.At is a time",
                "  insert: o.Extra.ID is a UUID",
                "  insert: o.Extra.At is a time",
                "  insert: returns[0] is the number of a process",
                "  x-y: n is another value each time",
                "to hold it still, write into shop.proctor.toml:",
                "  [redact]",
                "  values = { \"insert.o.At\" = \"[time]\", \"insert.o.Extra\" = \"[varies]\", \"insert.returns.0\" = \"[pid]\", \"n\" = \"[varies]\" }",
            ]
        );
    }

    #[test]
    fn the_line_fits_what_the_spec_redacts_already() {
        let varying = varying(&[("insert", "o.At", ValueKind::Time)]);
        let last = |redact: &str| {
            let lines = advice(&spec(redact), &seen(), &varying);
            lines[lines.len() - 2..].join("\n")
        };
        assert_eq!(
            last("[redact]\nvalues = { \"*.Password\" = \"[p]\" }\n"),
            "to hold it still, add to `values` in [redact] of shop.proctor.toml:\n  \"insert.o.At\" = \"[time]\""
        );
        assert_eq!(
            last("[redact]\npatterns = [\"x+\"]\n"),
            "to hold it still, write below [redact] in shop.proctor.toml:\n  values = { \"insert.o.At\" = \"[time]\" }"
        );
    }

    #[test]
    fn what_no_line_holds_still_is_said() {
        let mut varying = varying(&[
            ("insert", "argument 2", ValueKind::Other),
            ("other", "returns[0]", ValueKind::Other),
            ("unknown", "n", ValueKind::Other),
        ]);
        varying.are_all = false;
        let lines = advice(&spec(""), &seen(), &varying);
        assert_eq!(lines.len(), 6, "{lines:?}");
        assert!(lines[4].contains("has no name") && lines[5].contains("change places"));
    }
}
