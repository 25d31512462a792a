//! Worlds in which GODEBUG settings have other values.

use spec::{Spec, document::TemplatePart};

use crate::worlds::World;

/// What the spec itself sets with GODEBUG.
pub(super) fn own_settings(spec: &Spec) -> String {
    let variables = spec.program.env.iter();
    let mut own = variables.filter(|(name, _)| name == "GODEBUG");
    let parts = own.next().map(|(_, value)| value.value.parts.as_slice());
    let parts = parts.unwrap_or_default().iter().map(|part| match part {
        TemplatePart::Literal(text) => text.as_str(),
        // A setting that a port decides is none.
        _ => "",
    });
    parts.collect()
}

/// A world in which settings have these values, over those that the spec sets itself.
pub(super) fn with_settings(world: &World, own: &str, values: &[&(String, String)]) -> World {
    let mut world = world.clone();
    if values.is_empty() {
        return world;
    }
    let own = (!own.is_empty()).then(|| own.to_owned());
    let set = values.iter().map(|(name, value)| format!("{name}={value}"));
    let text: Vec<String> = own.into_iter().chain(set).collect();
    world
        .environment
        .push(("GODEBUG".to_owned(), text.join(",")));
    world
}
