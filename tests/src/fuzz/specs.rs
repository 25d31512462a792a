//! Specs: a spec or errors that can be shown, with places in the text.

use spec::document::Source;

pub(super) fn hold(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let source = Source::new("fuzz.proctor.toml", text);
    match spec::parse(source) {
        Ok(spec) => {
            for function in &spec.functions {
                let wanted = spec.paths_of(&function.label.value);
                assert!(wanted.is_sorted());
            }
        }
        Err(errors) => {
            assert!(!errors.errors.is_empty());
            for error in &errors.errors {
                if let Some(span) = &error.span {
                    assert!(text.get(span.clone()).is_some(), "{span:?} of {text:?}");
                }
            }
            assert!(!errors.render(false, false, 80).is_empty());
        }
    }
}
