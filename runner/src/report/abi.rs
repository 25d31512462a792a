//! What the compiler makes of functions, in words.

use arch::VECTOR_PREFIX;
use compare::abi::{Convention, Fact, Frame, Inlining, Passed, ProbeMoment, Subject, ValueRole};
use model::{Piece, Place};

/// What a row is about.
///
/// ```text
/// parameter order.ID
/// ```
pub(super) fn subject(subject: &Subject) -> String {
    match subject {
        Subject::Convention => "called".to_owned(),
        Subject::Value { role, path, .. } => format!("{} {path}", role_word(*role)),
        Subject::Dictionary => "type arguments".to_owned(),
        Subject::Frame => "frame".to_owned(),
        Subject::Inlining => "inlined".to_owned(),
        Subject::Probes(moment) => format!("probe, {}", moment_word(*moment)),
    }
}

/// What a value is for its function.
pub(super) const fn role_word(role: ValueRole) -> &'static str {
    match role {
        ValueRole::Receiver => "receiver",
        ValueRole::Parameter => "parameter",
        ValueRole::Result => "result",
    }
}

/// When a probe is hit.
pub(super) const fn moment_word(moment: ProbeMoment) -> &'static str {
    match moment {
        ProbeMoment::Entry => "entry",
        ProbeMoment::Return => "return",
        ProbeMoment::Copy => "copies of floats",
    }
}

/// What both sides say, where they differ. What is the same in both is said once.
///
/// ```text
/// string at stack+8 → in two registers
/// ```
pub(super) fn both(sides: &[Option<Fact>; 2]) -> String {
    if let [Some(Fact::Passed(before)), Some(Fact::Passed(after))] = sides
        && before.ty == after.ty
        && let (Some(old), Some(new)) = (&before.pieces, &after.pieces)
    {
        return format!("{} {} → {}", before.ty, places(old), places(new));
    }
    let side = |side: &Option<Fact>| side.as_ref().map_or_else(|| "nothing".to_owned(), fact);
    let [before, after] = sides;
    format!("{} → {}", side(before), side(after))
}

/// What a side says of it.
///
/// ```text
/// string in two registers
/// ```
pub(super) fn fact(fact: &Fact) -> String {
    match fact {
        Fact::Convention(Convention::Stack) => "with all on the stack".to_owned(),
        Fact::Convention(Convention::Registers) => "with what fits in registers".to_owned(),
        Fact::Passed(passed) => value(passed),
        Fact::Dictionary(pieces) => places(pieces),
        Fact::Frame(frame) => match frame {
            Frame::Bytes(bytes) => format!("{bytes} bytes"),
            Frame::NoBody => "no body of its own".to_owned(),
            Frame::Unknown => "not known".to_owned(),
        },
        Fact::Inlining(inlining) => copies(inlining),
        Fact::Probes(probes) => {
            let probes = probes.iter().map(|probes| match probes.offsets.len() {
                1 => probes.way.to_string(),
                count => format!("{count} × {}", probes.way),
            });
            probes.collect::<Vec<_>>().join("; ")
        }
    }
}

fn value(passed: &Passed) -> String {
    let ty = &passed.ty;
    match passed.pieces.as_deref() {
        None => format!("{ty}, where is not known"),
        Some([]) => format!("{ty}, nothing is passed"),
        Some(pieces) => format!("{ty} {}", places(pieces)),
    }
}

/// `in` and the names of registers, `at stack+8`
fn places(pieces: &[Piece]) -> String {
    if pieces.is_empty() {
        return "nowhere".to_owned();
    }
    let is_on_stack = |piece: &Piece| matches!(piece.place, Place::Stack(_));
    let word = match pieces.iter().all(is_on_stack) {
        true => "at",
        false => "in",
    };
    let places = pieces.iter().map(|piece| match piece.place {
        Place::Register(register) => register.to_string(),
        Place::Vector(number) => format!("{VECTOR_PREFIX}{number}"),
        Place::Stack(offset) => format!("stack+{offset}"),
    });
    format!("{word} {}", places.collect::<Vec<_>>().join(" "))
}

fn copies(inlining: &Inlining) -> String {
    match inlining {
        Inlining::Nowhere => "nowhere".to_owned(),
        Inlining::Copies {
            count,
            callers,
            with,
        } => {
            let with = with.as_ref();
            let with = with.map_or_else(String::new, |with| format!(" with {with}"));
            if *count == 0 {
                return format!("the debug information does not say where{with}");
            }
            let copies = if *count == 1 { "copy" } else { "copies" };
            let more = if *count > callers.len() as u64 {
                " …"
            } else {
                ""
            };
            format!("{count} {copies}{with}, in {}{more}", callers.join(", "))
        }
        Inlining::Gone => "no copy is left, and no body".to_owned(),
        Inlining::Unknown(why) => format!("not known: {why}"),
    }
}

/// What the words of a report mean.
pub(crate) const LEGEND: &str = "\
stack+8 is the first word above the return address, on entry. Frames and inlined copies are those of a build without goproctor;\n\
it keeps the functions that it watches from being inlined, and its probes are those of its own build.";
