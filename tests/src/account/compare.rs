//! The comparison: a walk over a value, what the notation makes of it, and the account, all three at once.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use goproctor_ebpf::MAX_CHUNK;
use model::{
    Content, Elements, Entries, Field, Func, Kind, Limits, Status, Text, Type, TypeId, TypeTable,
    Value,
};
use serde_json::{Map, Value as Json};

use super::{Count, float};

/// What decides whether a status is true.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// How much is read.
    pub limits: Limits,
    /// Which floats are passed in registers that nobody reads.
    pub vectors: Vectors,
    /// Whether the release tells where closures keep what they captured.
    pub captures: bool,
}

/// Which floats are passed in registers that nobody reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vectors {
    /// None: in the stack ABI.
    None,
    /// With the option to read them, those of parameters that no code can use, and so none stores.
    Nameless,
    /// All, without the option.
    All,
}

/// A comparison of values that speak of one table of types.
pub struct Comparison<'a> {
    types: &'a TypeTable,
    reading: Reading,
    /// Whether the values of the hit are so large that a record may have no room for all of them.
    crowded: bool,
    /// Whether what is compared is a parameter without a name.
    nameless: bool,
    /// Where the walk is, as text for people.
    path: String,
    /// What was compared until now.
    pub count: Count,
    /// What is wrong, each with its path.
    pub differences: Vec<String>,
}

/// Where a value stands.
#[derive(Clone, Copy)]
struct Depth {
    /// How many levels of references were followed to it.
    levels: u32,
    /// Whether it is a part of an argument or a result itself, so that it can be in a register.
    inline: bool,
}

impl Depth {
    const fn below(self, levels: u32) -> Self {
        Self {
            levels: self.levels + levels,
            inline: false,
        }
    }
}

impl<'a> Comparison<'a> {
    /// Nothing is compared yet.
    #[must_use]
    pub fn new(types: &'a TypeTable, reading: Reading) -> Self {
        Self {
            types,
            reading,
            crowded: false,
            nameless: false,
            path: String::new(),
            count: Count::default(),
            differences: Vec::new(),
        }
    }

    /// Says how many bytes of JSON the account has for all values of the next hit. A map takes at most twice as many
    /// bytes of memory.
    pub const fn hit(&mut self, told: usize) {
        self.crowded = told as u64 * 2 > self.reading.limits.bytes as u64;
    }

    /// Says whether the next argument or result is a parameter without a name.
    pub const fn nameless(&mut self, nameless: bool) {
        self.nameless = nameless;
    }

    /// Compares an argument or a result: the value, what the notation makes of it, and what the account says. `path` is
    /// what to call it.
    pub fn argument(&mut self, path: &str, value: &Value, seen: &Json, told: &Json) {
        path.clone_into(&mut self.path);
        let depth = Depth {
            levels: 0,
            inline: true,
        };
        self.value(value, seen, told, depth);
    }

    /// Says that something is wrong.
    fn differ(&mut self, what: &str, seen: &Json, told: &Json) {
        self.differences.push(format!(
            "{}: {what}: told {}, seen {}",
            self.path,
            brief(told),
            brief(seen)
        ));
    }

    fn leaf(&mut self, same: bool, seen: &Json, told: &Json) {
        if same {
            self.count.values += 1;
        } else {
            self.differ("another value", seen, told);
        }
    }

    /// Walks a part with its own name in the path.
    fn part(&mut self, name: &str, value: &Value, seen: &Json, told: &Json, depth: Depth) {
        let length = self.path.len();
        self.path.push_str(name);
        self.value(value, seen, told, depth);
        self.path.truncate(length);
    }

    fn value(&mut self, value: &Value, seen: &Json, told: &Json, depth: Depth) {
        let Some(ty) = self.types.get(value.ty) else {
            return self.differ("a type that is not in the table", seen, told);
        };
        match &value.content {
            Content::Unread(status) => self.status(*status, ty, seen, told, depth),
            Content::Nil => self.leaf(seen.is_null() && told.is_null(), seen, told),
            Content::Bool(_) => self.leaf(seen.is_boolean() && seen == told, seen, told),
            Content::Int(_) | Content::Uint(_) => {
                let integer = seen.is_i64() || seen.is_u64();
                self.leaf(integer && seen == told, seen, told);
            }
            Content::Float(_) => self.leaf(float::same(ty.size, seen, told), seen, told),
            Content::Complex(..) => {
                let half = |key: &str| match (seen.get(key), told.get(key)) {
                    (Some(seen), Some(told)) => float::same(ty.size / 2, seen, told),
                    _ => false,
                };
                self.leaf(half("real") && half("imag"), seen, told);
            }
            Content::Text(read) | Content::Bytes(read) => self.text(read, seen, told),
            Content::Pointer(pointer) => self.pointer(&pointer.target, seen, told, depth),
            Content::Elements(elements) => self.elements(elements, ty, seen, told, depth),
            Content::Struct(values) => match &ty.kind {
                Kind::Struct { fields } => self.fields(fields, values, seen, told, depth),
                _ => self.differ("fields of what is no struct", seen, told),
            },
            Content::Map(entries) => self.map(entries, ty, seen, told, depth),
            Content::Interface(dynamic) => self.interface(dynamic, seen, told, depth),
            Content::Func(func) => self.func(func, seen, told, depth),
            Content::Channel(_) | Content::Address(_) => {
                self.leaf(seen.is_object() && seen == told, seen, told);
            }
            Content::Redacted(_) => self.differ("nothing is to be redacted", seen, told),
        }
    }

    /// A status is true where what it says follows from the account.
    fn status(&mut self, status: Status, ty: &Type, seen: &Json, told: &Json, depth: Depth) {
        let holds = match status {
            Status::DepthLimit => depth.levels > self.reading.limits.depth,
            Status::Cycle => is_cycle(told),
            Status::InVectorRegister => {
                let unread = match self.reading.vectors {
                    Vectors::None => false,
                    Vectors::Nameless => self.nameless,
                    Vectors::All => true,
                };
                unread && depth.inline && matches!(ty.kind, Kind::Float | Kind::Complex)
            }
            Status::LostChunk => self.crowded,
            _ => false,
        };
        match seen.get("status").and_then(Json::as_str) {
            Some(name) if holds => self.count.status(name),
            _ => self.differ("a status that is not true", seen, told),
        }
    }

    fn text(&mut self, read: &Text, seen: &Json, told: &Json) {
        let (Some(shown), Some(whole)) = (bytes(seen), bytes(told)) else {
            return self.differ("no text", seen, told);
        };
        let full = whole.len() as u64;
        let Some(said) = seen.get("full") else {
            return self.leaf(shown == whole, seen, told);
        };
        let limit = u64::from(self.reading.limits.string.min(MAX_CHUNK)).min(full);
        // A character that the limit divides is left out of the text.
        let divided = read.bytes.len().saturating_sub(shown.len());
        let cut = said.as_u64() == Some(full)
            && whole.starts_with(&shown)
            && whole.starts_with(&read.bytes)
            && read.bytes.len() as u64 == limit
            && limit < full
            && divided < 4;
        if cut {
            self.count.status("cut text");
        } else {
            self.differ("a text that is wrongly cut", seen, told);
        }
    }

    fn pointer(&mut self, target: &Value, seen: &Json, told: &Json, depth: Depth) {
        let below = depth.below(1);
        if is_cycle(told) {
            let seen = if is_cycle(seen) {
                Some(seen)
            } else {
                seen.get("pointer")
            };
            return match (seen, &target.content) {
                (Some(seen), Content::Unread(_)) => self.part(".*", target, seen, told, below),
                _ => self.differ("no cycle", seen.unwrap_or(&Json::Null), told),
            };
        }
        match (seen.get("pointer"), told.get("pointer")) {
            (Some(seen), Some(told)) => self.part(".*", target, seen, told, below),
            _ => self.differ("no pointer", seen, told),
        }
    }

    fn fields(
        &mut self,
        fields: &[Field],
        values: &[Value],
        seen: &Json,
        told: &Json,
        depth: Depth,
    ) {
        let named = || fields.iter().filter(|field| field.name != "_").count();
        let (Some(seen_fields), Some(told_fields)) = (seen.as_object(), told.as_object()) else {
            return self.differ("no struct", seen, told);
        };
        let all = fields.len() == values.len()
            && seen_fields.len() == named()
            && told_fields.len() == named();
        if !all {
            return self.differ("other fields", seen, told);
        }
        if named() == 0 {
            self.count.values += 1;
        }
        for (field, value) in fields.iter().zip(values) {
            if field.name == "_" {
                continue;
            }
            match (seen_fields.get(&field.name), told_fields.get(&field.name)) {
                (Some(seen), Some(told)) => {
                    self.part(&format!(".{}", field.name), value, seen, told, depth);
                }
                _ => self.differ(&format!("no field {}", field.name), seen, told),
            }
        }
    }

    fn elements(&mut self, elements: &Elements, ty: &Type, seen: &Json, told: &Json, depth: Depth) {
        let (element, depth) = match ty.kind {
            Kind::Array { element, .. } => (element, depth),
            Kind::Slice { element } => (element, depth.below(1)),
            _ => return self.differ("elements of no list", seen, told),
        };
        let shown = seen.as_array().or_else(|| seen.get("elements")?.as_array());
        let (Some(shown), Some(all)) = (shown, told.as_array()) else {
            return self.differ("no list", seen, told);
        };
        let (count, full) = (shown.len() as u64, all.len() as u64);
        let whole = if seen.is_array() { Some(count) } else { None };
        let said = whole.or_else(|| seen.get("full")?.as_u64());
        if said != Some(full) || elements.values.len() != shown.len() || count > full {
            return self.differ("another length", seen, told);
        }
        if full == 0 {
            self.count.values += 1;
        } else if count < full {
            match self.shortened(element, count, full, depth) {
                Some(reason) => self.count.status(reason),
                None => return self.differ("a list that is wrongly cut", seen, told),
            }
        }
        let parts = elements.values.iter().zip(shown).zip(all);
        for (index, ((value, seen), told)) in parts.enumerate() {
            self.part(&format!("[{index}]"), value, seen, told, depth);
        }
    }

    /// Why so many of all elements are rightly shown.
    fn shortened(
        &self,
        element: TypeId,
        count: u64,
        full: u64,
        depth: Depth,
    ) -> Option<&'static str> {
        if depth.levels > self.reading.limits.depth {
            return (count == 0).then_some("depth_limit");
        }
        let limit = u64::from(self.reading.limits.elements);
        let size = self.types.get(element).map_or(0, |ty| ty.size).max(1);
        let chunk = if depth.inline {
            u64::MAX
        } else {
            u64::from(MAX_CHUNK) / size
        };
        (count == full.min(limit).min(chunk)).then_some("cut list")
    }

    fn map(&mut self, entries: &Entries, ty: &Type, seen: &Json, told: &Json, depth: Depth) {
        let Kind::Map { key, .. } = ty.kind else {
            return self.differ("entries of no map", seen, told);
        };
        let depth = depth.below(1);
        let (Some(shown), Some(all)) = (pairs(seen), pairs(told)) else {
            return self.differ("no map", seen, told);
        };
        let (count, full) = (shown.len() as u64, all.len() as u64);
        let said = seen.get("full").map_or(Some(count), Json::as_u64);
        if said != Some(full) || entries.values.len() != shown.len() || count > full {
            return self.differ("another number of entries", seen, told);
        }
        if full == 0 {
            self.count.values += 1;
        } else if count < full {
            let reason = if depth.levels > self.reading.limits.depth {
                (count == 0).then_some("depth_limit")
            } else if count == u64::from(self.reading.limits.elements) {
                Some("cut map")
            } else {
                // So many blocks of the map are read that hold few entries or none.
                (count < u64::from(self.reading.limits.elements)).then_some("cut sparse map")
            };
            match reason {
                Some(reason) => self.count.status(reason),
                None => return self.differ("a map that is wrongly cut", seen, told),
            }
        }
        let order = Order::of(self.types, key, &all);
        let mut left: Vec<Option<(&Json, &Json)>> = all.into_iter().map(Some).collect();
        let mut last = 0;
        for ((key, value), (seen_key, seen_value)) in entries.values.iter().zip(shown) {
            let found = self.entry(key, value, (seen_key, seen_value), &left, depth);
            let Some((index, (told_key, told_value))) =
                found.and_then(|index| Some((index, left.get_mut(index)?.take()?)))
            else {
                self.differ(
                    &format!("no such entry in the account as {}", brief(seen_key)),
                    seen_value,
                    told,
                );
                continue;
            };
            if order == Order::Kept && index < last {
                self.differ("an entry out of order", seen_key, told);
            }
            last = index;
            self.part("[key]", key, seen_key, told_key, depth);
            self.part(
                &format!("[{}]", brief(told_key)),
                value,
                seen_value,
                told_value,
                depth,
            );
        }
    }

    /// Which of the entries that are left is that one: one whose key is the same, best with the same value.
    fn entry(
        &self,
        key: &Value,
        value: &Value,
        (seen_key, seen_value): (&Json, &Json),
        left: &[Option<(&Json, &Json)>],
        depth: Depth,
    ) -> Option<usize> {
        let same = |value: &Value, seen: &Json, told: &Json| {
            let mut trial = Comparison::new(self.types, self.reading);
            trial.crowded = self.crowded;
            trial.value(value, seen, told, depth);
            trial.differences.is_empty()
        };
        let mut with_key = left.iter().enumerate().filter_map(|(index, entry)| {
            let (told_key, told_value) = (*entry)?;
            same(key, seen_key, told_key).then_some((index, told_value))
        });
        let first = with_key.next()?;
        if same(value, seen_value, first.1) {
            return Some(first.0);
        }
        let other = with_key.find(|(_, told)| same(value, seen_value, told));
        Some(other.unwrap_or(first).0)
    }

    fn interface(&mut self, dynamic: &Value, seen: &Json, told: &Json, depth: Depth) {
        let parts = |json: &'_ Json| Some((json.get("type")?.clone(), json.get("value")?.clone()));
        let (Some((seen_type, seen_value)), Some((told_type, told_value))) =
            (parts(seen), parts(told))
        else {
            return self.differ("no interface", seen, told);
        };
        if seen_type != told_type || seen_type.as_str() != Some(self.types.name(dynamic.ty)) {
            return self.differ("another dynamic type", seen, told);
        }
        let levels = u32::from(!self.is_direct(dynamic.ty, 0));
        let name = format!(".({})", self.types.name(dynamic.ty));
        self.part(
            &name,
            dynamic,
            &seen_value,
            &told_value,
            depth.below(levels),
        );
    }

    /// Whether an interface's data word is such a value itself (`KindDirectIface`).
    fn is_direct(&self, ty: TypeId, around: u32) -> bool {
        let Some(ty) = self.types.get(ty) else {
            return false;
        };
        match &ty.kind {
            Kind::Pointer { .. }
            | Kind::UnsafePointer
            | Kind::Map { .. }
            | Kind::Func
            | Kind::Channel { .. } => true,
            Kind::Struct { fields } => match fields.as_slice() {
                [only] => around < 32 && self.is_direct(only.ty, around + 1),
                _ => false,
            },
            Kind::Array { element, count: 1 } => {
                around < 32 && self.is_direct(*element, around + 1)
            }
            _ => false,
        }
    }

    fn func(&mut self, func: &Func, seen: &Json, told: &Json, depth: Depth) {
        let name = told.get("func").and_then(Json::as_str);
        if name.is_none() || name != seen.get("func").and_then(Json::as_str) {
            return self.differ("another function", seen, told);
        }
        self.count.values += 1;
        let (Some(seen), Some(told)) = (seen.get("captured"), told.get("captured")) else {
            if seen.get("captured").is_some() || told.get("captured").is_some() {
                self.differ("captured by one alone", seen, told);
            }
            return;
        };
        let Some(captured) = &func.captured else {
            return self.differ("nothing is captured", seen, told);
        };
        let length = self.path.len();
        let _ = write!(self.path, "{{{}}}", name.unwrap_or_default());
        self.captured(captured, seen, told, depth.below(0));
        self.path.truncate(length);
    }

    /// A closure's variables. The release may not tell where they are, or not of all of them; a bound method's receiver
    /// none tells.
    fn captured(&mut self, captured: &Value, seen: &Json, told: &Json, depth: Depth) {
        // A receiver is no variable with a name.
        let bound = told.get("").is_some();
        if let Content::Unread(status) = captured.content {
            let holds = status == Status::NotDescribed && (bound || !self.reading.captures);
            return match seen.get("status").and_then(Json::as_str) {
                Some(name) if holds => self.count.status(name),
                _ => self.differ("a status that is not true", seen, told),
            };
        }
        let fields = self.types.get(captured.ty).map(|ty| &ty.kind);
        let (Content::Struct(values), Some(Kind::Struct { fields }), Some(told_variables)) =
            (&captured.content, fields, told.as_object())
        else {
            return self.differ("no captured variables", seen, told);
        };
        let mut missing: Map<String, Json> = told_variables.clone();
        let mut undescribed = false;
        for (field, value) in fields.iter().zip(values) {
            let name = field.name.as_str();
            match (seen.get(name), missing.remove(name)) {
                (Some(seen), Some(told)) => {
                    self.part(&format!(".{name}"), value, seen, &told, depth)
                }
                (Some(_), None)
                    if matches!(
                        value.content,
                        Content::Unread(Status::NotDescribed | Status::TypeUnknown)
                    ) =>
                {
                    undescribed = true;
                }
                _ => self.differ(&format!("captured variable {name}"), seen, told),
            }
        }
        if !missing.is_empty() && undescribed {
            missing
                .iter()
                .for_each(|_| self.count.status("not_described"));
        } else if !missing.is_empty() || undescribed {
            self.differ("other captured variables", seen, told);
        }
    }
}

/// Whether the entries of a map come in the account's order.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    /// Keys of that type have an order that both keep.
    Kept,
    /// They have none, or are no numbers.
    Free,
}

impl Order {
    fn of(types: &TypeTable, key: TypeId, all: &[(&Json, &Json)]) -> Self {
        let numbers = all.iter().all(|(key, _)| key.as_str() != Some("NaN"));
        if numbers && ordered(types, key, 0) {
            Self::Kept
        } else {
            Self::Free
        }
    }
}

fn ordered(types: &TypeTable, ty: TypeId, around: u32) -> bool {
    let Some(ty) = types.get(ty) else {
        return false;
    };
    match &ty.kind {
        Kind::Bool | Kind::Int | Kind::Uint | Kind::Float | Kind::String => true,
        Kind::Array { element, .. } => around < 32 && ordered(types, *element, around + 1),
        Kind::Struct { fields } => {
            around < 32
                && fields
                    .iter()
                    .all(|field| ordered(types, field.ty, around + 1))
        }
        _ => false,
    }
}

fn is_cycle(json: &Json) -> bool {
    json.get("status").and_then(Json::as_str) == Some("cycle")
}

/// A text's bytes, whole or cut.
fn bytes(json: &Json) -> Option<Vec<u8>> {
    if let Some(text) = json.as_str().or_else(|| json.get("text")?.as_str()) {
        return Some(text.as_bytes().to_vec());
    }
    STANDARD.decode(json.get("base64")?.as_str()?).ok()
}

fn pairs(json: &Json) -> Option<Vec<(&Json, &Json)>> {
    let entries = json.get("entries")?.as_array()?;
    entries
        .iter()
        .map(|entry| match entry.as_array()?.as_slice() {
            [key, value] => Some((key, value)),
            _ => None,
        })
        .collect()
}

/// As much of it as helps.
fn brief(json: &Json) -> String {
    const MAX_LEN: usize = 300;
    let text = json.to_string();
    match text.char_indices().nth(MAX_LEN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
