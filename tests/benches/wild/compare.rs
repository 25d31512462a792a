//! A value as goproctor tells it beside the same as delve does, leaf by leaf.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use golang::names;
use serde_json::Value as Json;

use super::{
    ours::Argument,
    tally::{Difference, Tally},
    value::{Kind, Variable},
};

/// Why goproctor may not know a value; docs/json.md has them.
const STATUSES: [&str; 13] = [
    "depth_limit",
    "cut",
    "cycle",
    "unreadable",
    "in_vector_register",
    "being_written",
    "lost_chunk",
    "malformed",
    "no_location",
    "type_unknown",
    "not_described",
    "not_read",
    "absent",
];

/// Compares the arguments of a call; whether any could be.
pub(crate) fn call(
    tally: &mut Tally,
    function: &str,
    ours: &[Argument],
    theirs: &[Variable],
) -> bool {
    let before = tally.leaves;
    for argument in ours {
        if matches!(argument.name.as_str(), "" | "_") {
            continue;
        }
        let mut same = theirs
            .iter()
            .filter(|theirs| theirs.name == argument.name && !theirs.is_result());
        let Some(variable) = same.next() else {
            count(&mut tally.not_theirs, "no such argument");
            continue;
        };
        let known = tally.leaves;
        let mut walk = Walk {
            tally,
            function,
            path: argument.name.clone(),
            is_shared: false,
        };
        walk.value(&argument.value, variable);
        if tally.leaves > known {
            tally.types.insert(argument.ty.clone());
        }
    }
    tally.leaves > before
}

struct Walk<'t> {
    tally: &'t mut Tally,
    function: &'t str,
    path: String,
    /// Whether a pointer led there.
    is_shared: bool,
}

impl Walk<'_> {
    fn value(&mut self, ours: &Json, theirs: &Variable) {
        if let Some(status) = status(ours) {
            return count(&mut self.tally.unknown, status);
        }
        if !theirs.unreadable.is_empty() {
            return self.not_theirs(&theirs.unreadable);
        }
        if theirs.is_escaped() {
            return self.not_theirs("moved to the heap");
        }
        if theirs.only_addr {
            return self.not_theirs("limit");
        }
        match theirs.kind() {
            Kind::Bool => self.leaf(is_written(ours, theirs.text()), ours, theirs),
            Kind::Integer => self.leaf(is_written(ours, theirs.number()), ours, theirs),
            Kind::Float => {
                let same = float(ours, theirs.number(), theirs.is_float32());
                self.leaf(same, ours, theirs);
            }
            Kind::Complex => self.complex(ours, theirs),
            Kind::String => self.text(ours, &theirs.bytes(), theirs.len, theirs),
            Kind::Slice | Kind::Array => self.elements(ours, theirs),
            Kind::Map => self.map(ours, theirs),
            Kind::Struct => self.fields(ours, theirs),
            Kind::Pointer => self.pointer(ours, theirs),
            Kind::Interface => self.interface(ours, theirs),
            Kind::Func => self.func(ours, theirs),
            Kind::Channel => self.channel(ours, theirs),
            Kind::Address => {
                let told = match theirs.target() {
                    0 => Json::Null,
                    address => serde_json::json!({ "address": format!("{address:#x}") }),
                };
                self.leaf(*ours == told, ours, theirs);
            }
            Kind::Invalid => self.not_theirs("of no kind"),
        }
    }

    fn not_theirs(&mut self, why: &str) {
        // The reason begins with what it is, and goes on with addresses.
        let why = why.split([':', '0']).next().unwrap_or_default().trim();
        count(&mut self.tally.not_theirs, why);
    }

    fn leaf(&mut self, same: bool, ours: &Json, theirs: &Variable) {
        self.tally.leaves += 1;
        if !same {
            self.differs(ours, theirs);
        }
    }

    fn differs(&mut self, ours: &Json, theirs: &Variable) {
        self.tally.differences.push(Difference {
            function: self.function.to_owned(),
            path: self.path.clone(),
            ours: brief(&as_delve(ours)),
            theirs: format!("{} ({})", brief(&theirs.short()), brief(&theirs.ty)),
            address: theirs.place().filter(|_| self.is_shared),
        });
    }

    fn below(&mut self, part: &str, ours: &Json, theirs: &Variable) {
        let length = self.path.len();
        self.path.push_str(part);
        self.value(ours, theirs);
        self.path.truncate(length);
    }

    /// The same behind a pointer of whatever kind.
    fn behind(&mut self, part: &str, ours: &Json, theirs: &Variable) {
        self.shared(|walk| walk.below(part, ours, theirs));
    }

    /// Compares what is memory that others may write to.
    fn shared(&mut self, compare: impl FnOnce(&mut Self)) {
        let was_shared = std::mem::replace(&mut self.is_shared, true);
        compare(self);
        self.is_shared = was_shared;
    }

    /// Whether one is nil, of which then both were compared.
    fn nil(&mut self, is_nil: bool, ours: &Json, theirs: &Variable) -> bool {
        self.leaf(ours.is_null() == is_nil, ours, theirs);
        ours.is_null() || is_nil
    }

    fn text(&mut self, ours: &Json, bytes: &[u8], full: i64, theirs: &Variable) {
        let Some((said, said_full)) = text(ours) else {
            return self.leaf(false, ours, theirs);
        };
        let same_length = said_full.is_none_or(|said| said == full);
        let shorter = said.len().min(bytes.len());
        let whole = said_full.is_some() || said.len() as i64 == full;
        let same = same_length && whole && said.get(..shorter) == bytes.get(..shorter);
        self.leaf(same, ours, theirs);
    }

    fn elements(&mut self, ours: &Json, theirs: &Variable) {
        let is_nil = theirs.kind() == Kind::Slice && theirs.base == 0;
        // Of no length, delve can't tell one that is not nil where the base is no matter.
        if self.nil(is_nil, ours, theirs) {
            return;
        }
        if theirs.children.is_empty() && theirs.len > 0 {
            return self.not_theirs("limit");
        }
        let is_text =
            ours.is_string() || ours.get("text").is_some() || ours.get("base64").is_some();
        if is_text && (theirs.len == 0 || theirs.children.iter().all(Variable::is_byte)) {
            let bytes = theirs.children.iter().map(|byte| byte.number().parse());
            match bytes.collect::<Result<Vec<u8>, _>>() {
                Ok(bytes) => self.text(ours, &bytes, theirs.len, theirs),
                Err(_) => self.not_theirs("unreadable"),
            }
            return;
        }
        let (values, full) = match (ours, &ours["elements"], &ours["full"]) {
            (Json::Array(values), ..) => (values, values.len() as i64),
            (_, Json::Array(values), Json::Number(full)) => (values, full.as_i64().unwrap_or(-1)),
            _ => return self.leaf(false, ours, theirs),
        };
        self.leaf(full == theirs.len, ours, theirs);
        for (index, (value, child)) in values.iter().zip(&theirs.children).enumerate() {
            self.behind(&format!("[{index}]"), value, child);
        }
    }

    fn map(&mut self, ours: &Json, theirs: &Variable) {
        if self.nil(theirs.base == 0, ours, theirs) {
            return;
        }
        let Json::Array(entries) = &ours["entries"] else {
            return self.leaf(false, ours, theirs);
        };
        let full = ours["full"].as_i64().unwrap_or(entries.len() as i64);
        self.leaf(full == theirs.len, ours, theirs);
        if theirs.children.is_empty() && theirs.len > 0 {
            return self.not_theirs("limit");
        }
        let whole = full == entries.len() as i64 && theirs.children.len() as i64 == 2 * theirs.len;
        for entry in entries {
            let (key, value) = (&entry[0], &entry[1]);
            let (pairs, _) = theirs.children.as_chunks::<2>();
            let mut same = pairs.iter().filter_map(|[their_key, their_value]| {
                same_key(key, their_key).then_some(their_value)
            });
            match same.next() {
                Some(their_value) => self.behind(&format!("[{key}]"), value, their_value),
                // Keys that are no plain values are not looked up.
                None if whole && is_plain(key) => {
                    self.path.push_str(&format!("[{key}]"));
                    self.leaf(false, ours, theirs);
                    let length = self.path.len() - key.to_string().len() - 2;
                    self.path.truncate(length);
                }
                None => self.not_theirs("another entry"),
            }
        }
    }

    fn fields(&mut self, ours: &Json, theirs: &Variable) {
        let Json::Object(fields) = ours else {
            return self.leaf(false, ours, theirs);
        };
        if theirs.children.is_empty() && theirs.len > 0 {
            return self.not_theirs("limit");
        }
        for child in theirs.children.iter().filter(|child| child.name != "_") {
            let name = child.name.rsplit('.').next().unwrap_or_default();
            match fields.get(name).or_else(|| fields.get(&child.name)) {
                Some(value) => self.below(&format!(".{name}"), value, child),
                None => {
                    let path = format!("{}.{name}", self.path);
                    self.tally.leaves += 1;
                    self.tally.differences.push(Difference {
                        function: self.function.to_owned(),
                        path,
                        ours: "no such field".to_owned(),
                        theirs: brief(&child.short()),
                        address: None,
                    });
                }
            }
        }
    }

    fn pointer(&mut self, ours: &Json, theirs: &Variable) {
        if self.nil(theirs.target() == 0, ours, theirs) {
            return;
        }
        match (ours.get("pointer"), theirs.children.first()) {
            (Some(value), Some(child)) => self.behind("", value, child),
            // A few types are told by what they point to in another form.
            _ => self.leaf(false, ours, theirs),
        }
    }

    fn interface(&mut self, ours: &Json, theirs: &Variable) {
        let held = theirs.children.first();
        let is_nil = held.is_none_or(|held| held.kind() == Kind::Invalid && held.addr == 0);
        if self.nil(is_nil, ours, theirs) {
            return;
        }
        let (Some(held), Some(ty)) = (held, ours["type"].as_str()) else {
            return self.leaf(false, ours, theirs);
        };
        self.leaf(same_type(ty, &held.ty), ours, theirs);
        if same_type(ty, &held.ty) {
            self.behind(".(…)", &ours["value"], held);
        }
    }

    fn func(&mut self, ours: &Json, theirs: &Variable) {
        if self.nil(theirs.base == 0, ours, theirs) {
            return;
        }
        let Some(name) = ours["func"].as_str() else {
            return count(&mut self.tally.unknown, "func without a name");
        };
        self.leaf(same_function(name, theirs.text()), ours, theirs);
    }

    fn channel(&mut self, ours: &Json, theirs: &Variable) {
        if self.nil(theirs.base == 0, ours, theirs) {
            return;
        }
        let (length, capacity) = (theirs.channel("qcount"), theirs.channel("dataqsiz"));
        if length.is_none() || capacity.is_none() {
            return self.not_theirs("limit");
        }
        let same = ours["length"].as_i64() == length && ours["capacity"].as_i64() == capacity;
        self.shared(|walk| walk.leaf(same, ours, theirs));
    }

    fn complex(&mut self, ours: &Json, theirs: &Variable) {
        let parts = [&ours["real"], &ours["imag"]];
        let same = parts
            .iter()
            .zip(&theirs.children)
            .all(|(part, child)| float(part, child.text(), child.is_float32()));
        self.leaf(same, ours, theirs);
    }
}

fn count(counts: &mut std::collections::BTreeMap<String, u64>, reason: &str) {
    *counts.entry(reason.to_owned()).or_default() += 1;
}

/// Why a value is not known, if it is not.
fn status(ours: &Json) -> Option<&str> {
    let status = ours.as_object()?.get("status")?.as_str()?;
    STATUSES.contains(&status).then_some(status)
}

/// A text's bytes, and its full length if it was cut.
fn text(ours: &Json) -> Option<(Vec<u8>, Option<i64>)> {
    if let Some(text) = ours.as_str() {
        return Some((text.as_bytes().to_vec(), None));
    }
    let full = ours.get("full").and_then(Json::as_i64);
    if let Some(text) = ours.get("text").and_then(Json::as_str) {
        return Some((text.as_bytes().to_vec(), full));
    }
    let bytes = STANDARD.decode(ours.get("base64")?.as_str()?).ok()?;
    Some((bytes, full))
}

fn float(ours: &Json, theirs: &str, is_32: bool) -> bool {
    let ours = match ours {
        Json::Number(number) => number.as_f64(),
        Json::String(text) => text.parse().ok(),
        _ => None,
    };
    let theirs: Option<f64> = theirs.parse().ok();
    let (Some(ours), Some(theirs)) = (ours, theirs) else {
        return false;
    };
    #[expect(clippy::cast_possible_truncation, reason = "both are of that size")]
    let same_32 = is_32 && ours as f32 == theirs as f32;
    ours == theirs || same_32 || (ours.is_nan() && theirs.is_nan())
}

/// Whether a number or a bool is written like that.
fn is_written(ours: &Json, theirs: &str) -> bool {
    let ours = ours.to_string();
    ours == theirs
}

fn is_plain(key: &Json) -> bool {
    key.is_string() || key.is_number() || key.is_boolean()
}

fn same_key(ours: &Json, theirs: &Variable) -> bool {
    match theirs.kind() {
        Kind::String => ours.as_str().map(str::as_bytes) == Some(&theirs.bytes()),
        Kind::Integer => is_written(ours, theirs.number()),
        Kind::Bool => is_written(ours, theirs.text()),
        Kind::Interface => match theirs.children.first() {
            Some(held) => same_key(&ours["value"], held),
            None => false,
        },
        _ => false,
    }
}

/// Whether two names mean one type.
fn same_type(ours: &str, theirs: &str) -> bool {
    let plain = |name: &str| {
        name.replace("interface {}", "any")
            .replace([' ', '"'], "")
            .replace("%2e", ".")
    };
    plain(ours) == plain(theirs)
}

/// Whether two names mean one function. goproctor names a literal by its place in the source, delve as the linker does,
/// after the functions that were inlined around it.
fn same_function(ours: &str, theirs: &str) -> bool {
    let (ours, theirs) = (
        names::without_type_arguments(ours),
        names::without_type_arguments(theirs),
    );
    let Some(literal) = ours.find(".func") else {
        return ours.trim_end_matches("-fm") == theirs.trim_end_matches("-fm");
    };
    let holder = &ours[..literal];
    let package = holder.rfind('/').map_or(0, |slash| slash + 1);
    let name = holder[package..].find('.').map_or(0, |dot| package + dot);
    theirs.contains(&format!("{}.", &holder[name..])) || theirs.starts_with(holder)
}

/// goproctor's value in delve's words, for those that are told in few.
fn as_delve(ours: &Json) -> String {
    match ours {
        Json::Null => "nil".to_owned(),
        Json::String(text) => text.clone(),
        Json::Array(values) => format!("{} elements", values.len()),
        Json::Object(object) => {
            if let Some(entries) = object.get("entries").and_then(Json::as_array) {
                let length = entries.len() as i64;
                let full = object.get("full").and_then(Json::as_i64).unwrap_or(length);
                format!("{full} elements")
            } else if let (Some(length), Some(capacity)) =
                (object.get("length"), object.get("capacity"))
            {
                format!("{length} of {capacity} elements")
            } else if object.contains_key("pointer") || object.contains_key("address") {
                "not nil".to_owned()
            } else if let (Some(Json::String(ty)), true) =
                (object.get("type"), object.contains_key("value"))
            {
                ty.clone()
            } else if let (Some(full), true) = (object.get("full"), object.contains_key("elements"))
            {
                format!("{full} elements")
            } else {
                ours.to_string()
            }
        }
        plain => plain.to_string(),
    }
}

fn brief(text: &str) -> String {
    match text.char_indices().nth(120) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
