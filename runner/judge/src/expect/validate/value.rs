//! What is demanded of one value of a function.

use model::suggestion::nearest;
use model::{
    Function, Kind, Parameter, Path, Root, TypeId,
    notation::short_name,
    plan::{PathError, PathProblem, Resolved, resolve, resolve_out},
};
use spec::{
    Source, Spanned, SpecError,
    document::{ArgumentExpectation, ErrorExpectation},
    matcher,
};

use super::fit::{Misfit, Types};

/// A function's parameters and results; each instance of a generic one has its own.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Signature<'a> {
    /// The function's name.
    name: &'a str,
    /// Its parameters.
    parameters: &'a [Parameter],
    /// Its results.
    pub(in super::super) results: &'a [Parameter],
}

impl<'a> Signature<'a> {
    /// The signatures that calls of a function can have.
    pub(in super::super) fn all(function: &'a Function) -> Vec<Self> {
        if function.instances.is_empty() {
            return vec![Self {
                name: &function.name,
                parameters: &function.parameters,
                results: &function.results,
            }];
        }
        let instances = function.instances.iter();
        instances
            .map(|instance| Self {
                name: &instance.name,
                parameters: &instance.parameters,
                results: &instance.results,
            })
            .collect()
    }
}

impl Signature<'_> {
    /// Whether there is a parameter of that name.
    pub(in super::super) fn has_parameter(self, name: &str) -> bool {
        self.parameters
            .iter()
            .any(|parameter| parameter.name == name)
    }
}

/// What is wrong with what is demanded of a part of a function's values, if anything is.
pub(in super::super) fn argument(
    source: &Source,
    types: Types<'_>,
    signature: Signature<'_>,
    argument: &ArgumentExpectation,
) -> Result<(), Box<SpecError>> {
    let path = &argument.path;
    let root = root(types, signature, path)?;
    let known = types.of_paths();
    let segments = &path.value.segments;
    let resolved = match &path.value.root {
        Root::Out(_) => resolve_out(&known, root, segments),
        // A value as a whole is judged by the matcher: it may be redacted, and anything at all be asked of it.
        _ if segments.is_empty() => Ok(Resolved {
            steps: Vec::new(),
            ty: root,
        }),
        _ => resolve(&known, root, segments),
    };
    let ty = resolved
        .map_err(|error| no_such_path(source, path, &error))?
        .ty;
    types
        .fit(&argument.matcher.value, ty)
        .map_err(|misfit| at(&argument.matcher.span, misfit))
}

/// The type of what a path leads to in calls of a signature. What is redacted is refused, also as a whole.
pub(in super::super) fn resolved(
    source: &Source,
    types: Types<'_>,
    signature: Signature<'_>,
    path: &Spanned<Path>,
) -> Result<TypeId, Box<SpecError>> {
    let root = root(types, signature, path)?;
    let known = types.of_paths();
    let resolved = resolve(&known, root, &path.value.segments);
    let resolved = resolved.map_err(|error| no_such_path(source, path, &error))?;
    Ok(resolved.ty)
}

/// The misfit of a matcher at its place.
pub(super) fn at(span: &spec::Span, misfit: Misfit) -> Box<SpecError> {
    let error = SpecError::at(span.clone(), misfit.message);
    Box::new(match misfit.help {
        Some(help) => error.help(help),
        None => error,
    })
}

/// The type of the value that a path begins with.
fn root(
    types: Types<'_>,
    signature: Signature<'_>,
    path: &Spanned<Path>,
) -> Result<TypeId, Box<SpecError>> {
    let parameter = |name: &str| {
        let mut parameters = signature.parameters.iter();
        parameters
            .find(|parameter| parameter.name == name)
            .ok_or_else(|| {
                let message = format!("{} has no parameter `{name}`", signature.name);
                let error = SpecError::at(path.span.clone(), message).label("not a parameter");
                Box::new(error.help(known_parameters(types, signature, name)))
            })
    };
    match &path.value.root {
        Root::Argument(name) | Root::Out(name) => Ok(parameter(name)?.ty),
        Root::Result(index) => {
            let result = signature.results.get(*index as usize);
            result.map(|result| result.ty).ok_or_else(|| {
                let count = signature.results.len();
                let results = super::super::wording::plural(count, "result");
                let message = format!("{} has {results}", signature.name);
                Box::new(SpecError::at(path.span.clone(), message).label("not a result"))
            })
        }
        Root::Variable(name) => {
            let message = format!("`{name}` is not a value of {}", signature.name);
            Err(Box::new(SpecError::at(path.span.clone(), message)))
        }
    }
}

fn known_parameters(types: Types<'_>, signature: Signature<'_>, wanted: &str) -> String {
    let named = signature.parameters.iter();
    let named: Vec<&Parameter> = named
        .filter(|parameter| !matches!(parameter.name.as_str(), "" | "_"))
        .collect();
    if named.is_empty() {
        return "none of its parameters has a name".to_owned();
    }
    let list: Vec<String> = named
        .iter()
        .map(|parameter| format!("{} {}", parameter.name, types.all.name(parameter.ty)))
        .collect();
    let list = list.join(", ");
    match nearest(
        wanted,
        named.iter().map(|parameter| parameter.name.as_str()),
    ) {
        Some(name) => format!("did you mean `{name}`? Its parameters: {list}"),
        None => format!("its parameters: {list}"),
    }
}

fn no_such_path(source: &Source, path: &Spanned<Path>, error: &PathError) -> Box<SpecError> {
    let segment = path.value.segments.get(error.at);
    let place = source.step(path, segment.map(|_| error.at));
    let segment = segment.map_or_else(String::new, ToString::to_string);
    let until = Path {
        root: path.value.root.clone(),
        segments: path.value.segments.iter().take(error.at).cloned().collect(),
    };
    let name = segment.trim_start_matches('.');
    let label = match &error.reason {
        PathProblem::NoField => "no such field",
        PathProblem::AmbiguousField => "which of them?",
        PathProblem::NeedsAssertion => "of which type?",
        PathProblem::NotAnInterface => "no interface",
        PathProblem::NoSuchType => "no such type",
        PathProblem::AmbiguousType => "which of them?",
        PathProblem::NoNames => "no fields there",
        PathProblem::NoElements => "no elements there",
        PathProblem::Negative | PathProblem::PastTheEnd(_) => "no such element",
        PathProblem::NotAMap => "no keys there",
        PathProblem::OtherKeys => "another kind of key",
        PathProblem::NotAReference => "not a pointer",
        PathProblem::UnknownType => "not described",
        PathProblem::Redacted(_) => "never read",
    };
    let message = match error.reason {
        PathProblem::NoField => format!("{} has no field `{name}`", error.ty),
        _ => format!("`{}` can't be read: {error}", path.value),
    };
    let error_at = SpecError::at(place, message).label(label);
    Box::new(match help(&until, name, error) {
        Some(help) => error_at.help(help),
        None => error_at,
    })
}

fn help(until: &Path, name: &str, error: &PathError) -> Option<String> {
    let known = error.known.join(", ");
    let ty = &error.ty;
    let names = || {
        let known = error.known.iter();
        known.map(|known| known.split(' ').next().unwrap_or(known))
    };
    let near = nearest(name, names());
    Some(match &error.reason {
        PathProblem::NotAReference => {
            "`out` says what a pointer, a slice or a map leads to when the call returns".to_owned()
        }
        PathProblem::Redacted(_) => "remove it from [redact], or from the expectation".to_owned(),
        PathProblem::NoField if error.known.is_empty() => format!("{ty} has no fields"),
        PathProblem::NoField => match near {
            Some(near) => format!("did you mean `{until}.{near}`? The fields of {ty}: {known}"),
            None => format!("the fields of {ty}: {known}"),
        },
        PathProblem::NoNames => {
            let meant = nearest(name, matcher::names())?;
            format!("did you mean the matcher `{meant}`?")
        }
        PathProblem::NeedsAssertion if error.known.is_empty() => {
            format!("name the type that it holds, as `{until}.(*net.OpError)`")
        }
        PathProblem::NeedsAssertion => format!("for instance `{until}.({})`", error.known.first()?),
        PathProblem::OtherKeys => format!("the keys are {known}"),
        PathProblem::NoSuchType | PathProblem::AmbiguousType | PathProblem::AmbiguousField
            if !error.known.is_empty() =>
        {
            format!("there are {known}")
        }
        _ => return None,
    })
}

/// What is wrong with what is demanded of a function's error, if anything is.
pub(super) fn error(
    types: Types<'_>,
    function: &Function,
    expectation: &Spanned<ErrorExpectation>,
) -> Result<(), Box<SpecError>> {
    let place = expectation.span.clone();
    let Some(last) = function.results.last() else {
        let message = format!("{} has no results, so no error", function.name);
        return Err(SpecError::at(place, message).label("not an error").into());
    };
    let name = types.all.name(last.ty);
    if !is_error(types, last.ty) {
        let message = format!(
            "the last result of {} is not an error but {}",
            function.name,
            short_name(name, types.all.packages())
        );
        return Err(SpecError::at(place, message)
            .label("not an error")
            .help("use `returns`")
            .into());
    }
    let ErrorExpectation { is, as_type, .. } = &expectation.value;
    if let Some(ty) = as_type {
        types
            .can_hold(&ty.value, name)
            .map_err(|misfit| at(&ty.span, misfit))?;
    }
    if let Some(variable) = is {
        let is_it = |root: &Root| matches!(root, Root::Variable(name) if *name == variable.value);
        if !function.picks.iter().any(|pick| is_it(&pick.path.root)) {
            let message = format!("there is no variable `{}` in this program", variable.value);
            return Err(SpecError::at(variable.span.clone(), message)
                .label("not a variable")
                .help("write its full package path, e.g. `database/sql.ErrNoRows`; the binary has only the variables that the program uses")
                .into());
        }
    }
    Ok(())
}

/// Whether a type is `error`, or an interface that says by its name that it is one.
fn is_error(types: Types<'_>, ty: TypeId) -> bool {
    types.all.get(ty).is_some_and(|ty| {
        matches!(ty.kind, Kind::Interface { empty: false })
            && (ty.name == "error" || ty.name.ends_with("Error"))
    })
}
