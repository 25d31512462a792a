//! Old behaviours that programs lean on are seen where they are used.

use std::path::Path;

use compare::audit::{AUDITED, OldBehaviourUse, audit};
use goproctor_tests::{command, harness::Test, live};

pub(crate) const TESTS: &[Test<'static>] = &[
    ("audit_of_requests", requests),
    ("audit_of_a_setting_of_the_runtime", runtime_setting),
    ("audit_of_a_program_with_new_behaviours", new_behaviours),
    ("audit_of_initialisation", initialisation),
];

/// The gateway of go-fixtures/moved with the audited functions watched, and what of old behaviours was seen in each test.
fn audited(release: &str, program: &str, tests: &str) -> Vec<Vec<String>> {
    let [setting, runtime] = AUDITED;
    let text = format!(
        r#"
[program]
package = "."
args = ["-listen=127.0.0.1:${{port}}"]
{program}

[functions]
one = "main.one"
target = "main.target"
hostOf = "main.hostOf"
breakOff = "main.breakOff"
setting = "{}"
runtimeSetting = "{}"

{tests}
"#,
        setting.function, runtime.function
    );
    let folder = Path::new(command::repository()).join("go-fixtures/moved/gateway");
    let source = spec::Source::new(folder.join("audit.proctor.toml"), text);
    let spec = spec::parse(source).unwrap_or_else(|errors| panic!("{}", live::text(&errors)));
    let mut seen = Vec::new();
    live::run(&spec, release, live::RING_BYTES, &mut |tested| {
        let found = audit(tested.evidence());
        assert_eq!(found.incomplete, Vec::<String>::new());
        seen.push(found.uses.iter().map(told).collect());
    })
    .unwrap_or_else(|error| panic!("{release}: {error}"));
    seen
}

fn told(one: &OldBehaviourUse) -> String {
    let site = one.within.as_ref().map_or_else(String::new, |site| {
        format!(" in {}({})", site.function, site.arguments.join(", "))
    });
    let setting = one.setting.as_deref().unwrap_or("?");
    let scope = one.scope_name.as_deref().unwrap_or("no request");
    format!("{setting} {}× for {scope}{site}", one.times)
}

/// So that the setting's name is read: an expectation that holds for any.
const ANY_NAME: &str = r#"
[test.calls.setting]
args = { "s.name" = { any = true } }

[test.calls.runtimeSetting]
args = { "g.name" = { any = true } }
"#;

fn requests() {
    let tests = format!(
        r#"
[[test]]
name = "hosts"
request = [{{ get = "/host?url=http://::1/a" }}, {{ get = "/hosts?url=http://::2/b&url=http://[::3]/c&url=http://::2/b" }}]
{ANY_NAME}"#
    );
    for release in ["go1.26.8", "go1.27.3"] {
        assert_eq!(
            audited(release, "", &tests),
            [[
                "urlstrictcolons 1× for GET /host?url=http://::1/a in main.target(\"http://::1/a\")",
                "urlstrictcolons 2× for GET /hosts?url=http://::2/b&url=http://[::3]/c&url=http://::2/b in main.hostOf(\"http://::2/b\")",
            ]],
            "{release}"
        );
    }
}

fn runtime_setting() {
    let tests = format!(
        "[[test]]\nname = \"drop\"\nrequest = {{ get = \"/drop\", status = 200 }}\n{ANY_NAME}"
    );
    for release in ["go1.21.13", "go1.26.8"] {
        let program = r#"env = { GODEBUG = "panicnil=1" }"#;
        assert_eq!(
            audited(release, program, &tests),
            [["panicnil 1× for GET /drop in main.breakOff(nil)"]],
            "{release}"
        );
    }
}

fn new_behaviours() {
    let tests = format!(
        "[[test]]\nname = \"host\"\nrequest = {{ get = \"/host?url=http://::1/a\", status = 400 }}\n{ANY_NAME}"
    );
    let program = r#"env = { GODEBUG = "urlstrictcolons=1" }"#;
    assert_eq!(audited("go1.26.8", program, &tests), [[""; 0]]);
}

/// What net/http decides when it begins is no request's, and comes only in a window that has the start.
fn initialisation() {
    let tests = format!("[[test]]\nname = \"start\"\n{ANY_NAME}");
    let seen = audited("go1.26.8", "", &tests);
    let wanted = "httpmuxgo121 1× for no request";
    assert!(seen[0].iter().any(|one| one == wanted), "{seen:?}");
}
