//! No text makes the reader panic, and every error it gives can be shown.

use fastrand::Rng;

use super::{tour, understood};

/// What mutations insert: bytes and words that mean something to TOML or to the language.
const MORSELS: [&str; 64] = [
    "&& ",
    "|| ",
    "~ \"(",
    "!= nil ",
    "where = 'a.b[0] == \"x\" && (n >= 3 || !c)',",
    "where = \"a(\\\"b\\\") < -1.5\",",
    "{",
    "}",
    "[",
    "]",
    "[[",
    "]]",
    "\"",
    "'''",
    "\"\"\"",
    "=",
    ".",
    ",",
    "\n",
    "\r",
    "#",
    "${",
    "!",
    "\\u0000",
    "nan",
    "-99999999999999999999",
    "[test.calls.handler]\n",
    "\u{feff}",
    "🎉",
    "any = true",
    "nil = true,",
    "len = { ge = 1 },",
    "type = \"*net.OpError\",",
    "has = [1],",
    "each = { A = 1 },",
    "error = { is = \"io.EOF\" }\n",
    "out = { p.A = 1 }\n",
    "request.URL.Path = 1,",
    "'a[\"b\"][0].(*c.D).E' = 1,",
    "\"a[\\\"b\\\"]\" = 1,",
    "[redact]\n",
    "values = { \"*.A\" = \"[a]\" }\n",
    "patterns = [\"a+\"]\n",
    "floats = true\n",
    "tls = { ca = \"a\" }\n",
    "http = 2,",
    "[hand-off]\nj = { from = \"handler.j\", to = \"insert.returns.0\" }\n",
    "[server]\nentry = \"handler\"\n",
    "from = \"anywhere\"\n",
    "flow = [[\"handler.a\", \"insert.returns.0.B\"]]\n",
    "count-per-request = { handler = 1 }\n",
    "under = \"handler\"\n",
    "goroutine = \"child\",",
    "before = [\"insert\"]\n",
    "concurrent-with = \"handler\"\n",
    "outcome = \"process-ended\",",
    "cases = [{ name = \"a\", x = 1 }, { name = \"b\", x = [2] }]\n",
    "\"${case.x}\"",
    "${case.x}",
    "use = [\"shop.functions.toml\"]\n",
    "stop = \"TERM\"\nexit = { ge = 1 }\n",
    "args = [\"-a=${port}\"]\nstdin = \"${dir}\"\n",
    "(",
    "\\",
];

fn mutate(text: &mut Vec<u8>, random: &mut Rng) {
    let at = random.usize(..=text.len());
    match random.usize(..5) {
        0 => {
            if let Some(byte) = text.get_mut(at) {
                *byte ^= 1 << random.usize(..8);
            }
        }
        1 => {
            let end = (at + 1 + random.usize(..12)).min(text.len());
            text.drain(at.min(end)..end);
        }
        2 => {
            let morsel = MORSELS[random.usize(..MORSELS.len())];
            text.splice(at..at, morsel.bytes());
        }
        3 => {
            let end = (at + random.usize(..60)).min(text.len());
            let piece = text[at..end].to_vec();
            let to = random.usize(..=text.len());
            text.splice(to..to, piece);
        }
        _ => text.truncate(text.len() - random.usize(..=text.len() / 8)),
    }
}

/// The tour and the examples of the document, mutated.
#[test]
fn mutated_specs_never_panic() {
    let mut random = Rng::with_seed(1);
    let mut originals = super::documentation::examples();
    originals.push(tour());
    let (mut sound, mut refused) = (0, 0);
    for round in 0..4_000 {
        let mut bytes = originals[round % originals.len()].clone().into_bytes();
        for _ in 0..=random.usize(..6) {
            mutate(&mut bytes, &mut random);
        }
        match understood(&String::from_utf8_lossy(&bytes)) {
            Ok(_) => sound += 1,
            Err(errors) => {
                refused += 1;
                assert!(!errors.errors.is_empty(), "refused without a reason");
                let shown = errors.render(false, true, 100);
                assert!(!shown.contains('\u{1b}') && !errors.to_string().is_empty());
            }
        }
    }
    // The mutations hit comments too: some leave a sound spec. Neither side may vanish.
    assert!(
        sound > 50 && refused > 500,
        "{sound} sound, {refused} refused"
    );
}

/// Large files that make work: what grew with their square would not end here.
#[test]
fn large_files_are_read_in_time_that_grows_with_their_size() {
    let repeated = |head: &str, part: &dyn Fn(usize) -> String, tail: &str| {
        let mut text = super::spec_with(head);
        for number in 0.. {
            let part = part(number);
            if text.len() + part.len() + tail.len() > crate::read::MAX_SIZE / 4 {
                break;
            }
            text.push_str(&part);
        }
        text + tail
    };
    let test = "[[test]]\nname = \"a\"\n";
    let in_test = |rest: &str| format!("{test}{rest}");
    // Each under the next, and after it: long ways without a circle.
    let chain = |length: usize| -> String {
        let calls = (0..length).map(|n| {
            let next = n + 1;
            format!("[test.calls.f{n}]\nunder = \"f{next}\"\nafter = \"f{next}\"\n")
        });
        calls.collect()
    };
    let sound = [
        repeated(
            "",
            &|n| format!("[[test]]\nname = \"{n}\"\nsnapshot = true\n"),
            "",
        ),
        repeated(
            "",
            &|n| format!("f{n} = \"main.f{n}\"\n"),
            &in_test("sequence = [\"f7\"]\n"),
        ),
        repeated(
            &in_test("sequence = [\"handler\""),
            &|_| ", \"!audit\"".into(),
            "]\n",
        ),
        repeated(
            &in_test("[test.calls.handler.args]\n"),
            &|n| format!("a{n}.b.c = {n}\n\"d{n}.e[{n}]\" = {{ ge = {n} }}\n"),
            "",
        ),
        repeated(
            &in_test("[test.calls.handler]\nargs.x = ["),
            &|n| format!("[{n}, {{ A{n}.B = [] }}], "),
            "1]\n",
        ),
        repeated(
            "[redact]\ntypes = {",
            &|n| format!("\"main.T{n}\" = \"t\", "),
            "\"main.T\" = \"t\" }\n[[test]]\nname = \"a\"\nsequence = [\"handler\"]\n",
        ),
        repeated(
            &in_test("request = { get = \"/\", headers = {"),
            &|n| format!("h{n} = \"\", "),
            "z = \"\" } }\n",
        ),
        repeated(
            "",
            &|n| format!("f{n} = \"main.f{n}\"\n"),
            &(in_test("request = { get = \"/\" }\n") + &chain(2_000)),
        ),
        repeated(
            &in_test("flow = ["),
            &|n| format!("[\"handler.a{n}\", \"insert.returns.{n}\"], "),
            "[\"handler.a\", \"insert.a\"]]\n",
        ),
        repeated(
            "[hand-off]\n",
            &|n| format!("h{n} = {{ from = \"handler.a{n}\", to = \"insert.b{n}\" }}\n"),
            &in_test("sequence = [\"handler\"]\n"),
        ),
    ];
    for text in &sound {
        super::sound(text);
    }
    let refused = [
        repeated("", &|n| format!("[[test]]\nname = \"{n}\"\nx = 1\n"), ""),
        repeated(&in_test("never = ["), &|n| format!("\"f{n}\", "), "]\n"),
        repeated(
            &in_test("never = ["),
            &|_| "\"audit\", ".into(),
            "]\nsequence = [\"audit\"]\n",
        ),
        repeated(
            &in_test("[test.calls.handler]\nbefore = ["),
            &|_| "\"audit\", ".into(),
            "]\nafter = \"audit\"\n",
        ),
        repeated(
            &in_test("flow = ["),
            &|n| format!("[\"handlr.a{n}\", \"a.b.c.d{n}\"], "),
            "[\"handler\"]]\n",
        ),
        repeated(
            &in_test("flow = [[\"handler.a\", \""),
            &|_| "a.".into(),
            "\"]]\n",
        ),
        repeated("", &|_| "x = 1 2\n".into(), ""),
        repeated("", &|_| "x ] = ".into(), ""),
        repeated("", &|_| "[program]\n".into(), ""),
        repeated("", &|_| "a.b = 1\n".into(), ""),
        repeated(test, &|n| format!("k{n} = 1\n"), ""),
        repeated(
            &in_test("[test.calls.handler.args]\n"),
            &|n| format!("a{n} = {{ le = 1, Lee{n} = 2 }}\n\"b{n}[\" = 1\n"),
            "",
        ),
        repeated(
            &in_test("[test.calls.handler.args]\n"),
            &|n| format!("a{n}.b = 1\n\"a{n}.b\" = 1\n"),
            "",
        ),
        repeated(
            &in_test("[test.calls.handler.args]\n\"a"),
            &|_| ".b".into(),
            "\" = 1\n",
        ),
    ];
    for text in &refused {
        let errors = understood(text).unwrap_err();
        assert!(errors.render(false, false, 100).lines().count() < 400);
    }
}
