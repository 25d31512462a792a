//! What the compiler makes of functions on two sides as JSON (docs/json.md).

use std::path::Path;

use compare::abi::{
    ComparedFunction, Convention, Fact, Frame, Inlining, Probes, Row, Stepping, Subject, WayNote,
};
use model::{Piece, Place, SourcePosition};
use serde_json::{Value as Json, json};

use super::abi::{moment_word, role_word};

/// A function on both sides.
pub(crate) fn abi_json(function: &ComparedFunction, spec: &Path) -> Json {
    let [before, after] = &function.places;
    json!({
        "event": "abi",
        "spec": spec.to_string_lossy(),
        "function": function.name,
        "differs": function.differs(),
        "before_has_it": function.is_there[0],
        "after_has_it": function.is_there[1],
        "before_place": before.as_ref().map(place),
        "after_place": after.as_ref().map(place),
        "rows": function.rows.iter().map(row).collect::<Vec<_>>(),
    })
}

fn place(place: &SourcePosition) -> Json {
    json!({ "file": place.file, "line": place.line })
}

fn row(row: &Row) -> Json {
    let [before, after] = &row.sides;
    let mut object = subject(&row.subject);
    if let Some(fields) = object.as_object_mut() {
        fields.insert("differs".into(), row.differs().into());
        fields.insert("before".into(), before.as_ref().map_or(Json::Null, fact));
        fields.insert("after".into(), after.as_ref().map_or(Json::Null, fact));
    }
    object
}

fn subject(subject: &Subject) -> Json {
    match subject {
        Subject::Convention => json!({ "what": "convention" }),
        Subject::Value {
            role, index, path, ..
        } => json!({ "what": role_word(*role), "index": index, "name": path }),
        Subject::Dictionary => json!({ "what": "dictionary" }),
        Subject::Frame => json!({ "what": "frame" }),
        Subject::Inlining => json!({ "what": "inlining" }),
        Subject::Probes(moment) => json!({ "what": "probes", "at": moment_word(*moment) }),
    }
}

fn fact(fact: &Fact) -> Json {
    match fact {
        Fact::Convention(convention) => json!({ "convention": match convention {
            Convention::Stack => "stack",
            Convention::Registers => "registers",
        } }),
        Fact::Passed(passed) => json!({
            "type": passed.ty,
            "places": passed.pieces.as_deref().map(places),
        }),
        Fact::Dictionary(pieces) => json!({ "places": places(pieces) }),
        Fact::Frame(frame) => match frame {
            Frame::Bytes(bytes) => json!({ "bytes": bytes }),
            Frame::NoBody => json!({ "bytes": null, "reason": "no_body" }),
            Frame::Unknown => json!({ "bytes": null, "reason": "not_known" }),
        },
        Fact::Inlining(copies) => inlining(copies),
        Fact::Probes(all) => all.iter().map(probes).collect(),
    }
}

fn places(pieces: &[Piece]) -> Vec<Json> {
    let pieces = pieces.iter().map(|piece| {
        let mut object = match piece.place {
            Place::Register(register) => json!({ "register": register.to_string() }),
            Place::Vector(number) => json!({ "vector": number }),
            Place::Stack(at) => json!({ "stack": at }),
        };
        if let Some(fields) = object.as_object_mut() {
            fields.insert("offset".into(), piece.offset.into());
            fields.insert("size".into(), piece.size.into());
        }
        object
    });
    pieces.collect()
}

fn inlining(inlining: &Inlining) -> Json {
    match inlining {
        Inlining::Nowhere => json!({ "inlined": "nowhere" }),
        Inlining::Copies {
            count,
            callers,
            with,
        } => json!({
            "inlined": "copies",
            "copies": count,
            "callers": callers,
            "with": with,
        }),
        Inlining::Gone => json!({ "inlined": "gone" }),
        Inlining::Unknown(why) => json!({ "inlined": "not_known", "reason": why }),
    }
}

fn probes(probes: &Probes) -> Json {
    let (through, kept) = match &probes.way.note {
        Some(WayNote::Through(function)) => (Some(function), None),
        Some(WayNote::Kept(why)) => (None, Some(why)),
        None => (None, None),
    };
    json!({
        "stepping": match probes.way.stepping {
            Stepping::Emulated => "emulated",
            Stepping::Stepped => "stepped",
            Stepping::Return => "ret",
            Stepping::Unknown => "not_known",
        },
        "through": through,
        "kept": kept,
        "offsets": probes.offsets,
    })
}
