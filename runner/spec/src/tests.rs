//! The language as a whole.

mod bad_specs;
mod cases;
mod causality;
mod conditions;
mod documentation;
mod language;
mod mutations;
mod requests;
mod schema;
mod tour;
mod used;
mod values;

use std::path::{Path, PathBuf};

use super::{Source, Spec, SpecErrors, parse};

fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata")
}

fn tour() -> String {
    std::fs::read_to_string(testdata().join("tour.proctor.toml")).unwrap()
}

fn understood(text: &str) -> Result<Spec, SpecErrors> {
    let shared = "[functions]\nstore = \"main.(*Shop).store\"\npublish = \"main.publish\"\n";
    parse(match text.contains("use = [\"shop.functions.toml\"]") {
        true => Source::with_used(
            "site.proctor.toml",
            text,
            [("shop.functions.toml".into(), shared)],
        ),
        false => Source::new("site.proctor.toml", text),
    })
}

/// The spec of a text that is sound.
pub(super) fn sound(text: &str) -> Spec {
    understood(text).unwrap_or_else(|errors| panic!("{}\n{text}", errors.render(false, true, 120)))
}

/// A spec with a program, a stub, five functions and what `rest` says.
pub(super) fn spec_with(rest: &str) -> String {
    format!(
        r#"
[program]
package = "./server"
args = ["-listen=127.0.0.1:${{port}}", "-site=${{stub.site}}"]
[stubs.site]
[functions]
handler = "main.handler"
insert = "main.insert"
publish = "main.publish"
audit = "main.audit"
lookup = "net.(*Resolver).lookupIP"
{rest}"#
    )
}
