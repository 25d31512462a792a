//! Which HTTP/2 stream a request came on: the way from its response writer to the number, `rw.rws.stream.id` in each
//! implementation of HTTP/2 that Go programs have.

use std::collections::BTreeSet;

use golang::RuntimeType;
use model::plan::{
    HeldWriter, Operand, PathTypes, Read, ReadAddress, RedactedType, StreamPath, resolve,
};
use model::{Kind, Location, Parameter, PickStep, Register, Segment, TypeId, TypeTable};

use super::{
    dynamic::held,
    picks::Picker,
    reads::{reads, registers, word_at},
    views::{Views, WORD},
};

/// The types that HTTP/2 servers give to handlers as their `http.ResponseWriter`: `h2_bundle.go` of `net/http` up to Go 1.26,
/// its `http2.go` from Go 1.27, and `server.go` of `golang.org/x/net/http2`.
pub(super) const WRITERS: [&str; 3] = [
    "*net/http.http2responseWriter",
    "net/http.http2ResponseWriter",
    "*golang.org/x/net/http2.responseWriter",
];

/// From a response writer to the number of its stream, the same in all of them.
const STREAM: [&str; 3] = ["rws", "stream", "id"];

/// What is read of a response writer.
#[derive(Debug, Default)]
pub(super) struct StreamReads {
    /// The ways to the stream's number.
    pub(super) paths: Vec<StreamPath>,
    /// What is read on them.
    pub(super) reads: Vec<Read>,
    /// The registers of the writer itself.
    pub(super) visible: BTreeSet<Register>,
}

/// What is known of the types on the way.
pub(super) struct Writers<'a> {
    /// Those of [`WRITERS`] that the program has.
    pub(super) held: &'a [RuntimeType],
    /// What must not be seen.
    pub(super) redacted: &'a [RedactedType],
}

impl Writers<'_> {
    /// What is read of a parameter: an interface that may hold one of these types, or a pointer to what they all
    /// begin with. Where the types do not have the way, or it is redacted, nothing.
    pub(super) fn reads_of(&self, views: &mut Views<'_>, writer: &Parameter) -> StreamReads {
        let mut found = StreamReads::default();
        let is_interface = matches!(views.types().kind(writer.ty), Some(Kind::Interface { .. }));
        let ways: Vec<Option<RuntimeType>> = if is_interface {
            self.held.iter().copied().map(Some).collect()
        } else {
            vec![None]
        };
        let mut wanted = Vec::new();
        let held = held(self.held);
        for way in ways {
            let Some((path, steps)) = self.way(views.types(), writer, way) else {
                continue;
            };
            let mut picker = Picker {
                views,
                held: &held,
                careful: !self.redacted.is_empty(),
            };
            wanted.push(picker.wanted(writer.ty, &writer.location, &steps));
            found.paths.push(path);
        }
        if !found.paths.is_empty() {
            found.reads = reads(views, wanted);
            found.visible = registers(&writer.location).collect();
        }
        views.finish();
        found
    }

    fn way(
        &self,
        types: &TypeTable,
        writer: &Parameter,
        held: Option<RuntimeType>,
    ) -> Option<(StreamPath, Vec<PickStep>)> {
        let dynamic: Vec<TypeId> = held.iter().map(|held| held.ty).collect();
        let known = PathTypes {
            types,
            dynamic: &dynamic,
            redacted: self.redacted,
        };
        let assertion = held.map(|held| Segment::Assert(types.name(held.ty).to_owned()));
        let names = STREAM.map(|name| Segment::Name(name.to_owned()));
        let segments: Vec<Segment> = assertion.into_iter().chain(names).collect();
        let resolved = resolve(&known, writer.ty, &segments).ok()?;
        let number = types.get(resolved.ty)?;
        if number.kind != Kind::Uint || number.size != 4 {
            return None;
        }
        let address = |offset| read_address(&writer.location, offset);
        // A type that is not held as it is has one hop more.
        let (begin, in_memory, holder) = match held {
            None => (address(0)?, false, None),
            Some(held) => {
                let (itab, ty) = (address(0)?, held.address);
                (address(WORD)?, !held.direct, Some(HeldWriter { itab, ty }))
            }
        };
        let path = StreamPath {
            pointer: begin,
            held: holder,
            hops: hops(types, writer.ty, &resolved.steps, in_memory)?,
        };
        Some((path, resolved.steps))
    }
}

/// Where the word of a value at that offset is, as an address to read from.
pub(super) fn read_address(location: &Location, offset: u32) -> Option<ReadAddress> {
    match word_at(location, offset)? {
        Operand::Register(register) => Some(ReadAddress::Register(register)),
        Operand::Stack(offset) => Some(ReadAddress::Stack(offset)),
        _ => None,
    }
}

/// The bytes from where each pointer leads to the next one. The first pointer is the word that the steps begin with,
/// unless that is `in_memory` already and a pointer leads to it.
fn hops(
    types: &TypeTable,
    mut ty: TypeId,
    steps: &[PickStep],
    mut in_memory: bool,
) -> Option<Vec<u64>> {
    let mut hops = Vec::new();
    let mut offset = 0_u64;
    for step in steps {
        match (step, &types.get(ty)?.kind) {
            (PickStep::Dynamic(held), Kind::Interface { .. }) => ty = *held,
            (PickStep::Field(index), Kind::Struct { fields }) => {
                let field = fields.get(*index as usize)?;
                offset = offset.checked_add(field.offset)?;
                ty = field.ty;
            }
            (
                PickStep::Target,
                Kind::Pointer {
                    target: Some(target),
                },
            ) => {
                if in_memory {
                    hops.push(offset);
                } else if offset != 0 {
                    return None;
                }
                in_memory = true;
                offset = 0;
                ty = *target;
            }
            _ => return None,
        }
    }
    hops.push(offset);
    in_memory.then_some(hops)
}
