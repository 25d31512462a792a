//! A table of types to test with.

use std::collections::BTreeSet;

use golang::{Abi, abi::assign};
use model::{
    Block, Field, Kind, Limits, Location, MapLayout, Parameter, Slots, Type, TypeId, TypeTable,
    plan::{Read, ViewPlan},
};

use crate::{
    reads::{Wanted, reads},
    views::Views,
};

pub(super) const LIMITS: Limits = Limits {
    depth: 3,
    string: 100,
    elements: 16,
    bytes: 16_384,
};

pub(super) struct World {
    pub(super) types: TypeTable,
    pub(super) int: TypeId,
    pub(super) byte: TypeId,
    pub(super) bool: TypeId,
    pub(super) float: TypeId,
    pub(super) text: TypeId,
    pub(super) any: TypeId,
    pub(super) error: TypeId,
    pub(super) func: TypeId,
}

impl World {
    pub(super) fn new() -> Self {
        let mut types = TypeTable::default();
        let mut add = |name: &str, size, kind| {
            types.push(Type {
                name: name.into(),
                size,
                kind,
            })
        };
        Self {
            int: add("int", 8, Kind::Int),
            byte: add("uint8", 1, Kind::Uint),
            bool: add("bool", 1, Kind::Bool),
            float: add("float64", 8, Kind::Float),
            text: add("string", 16, Kind::String),
            any: add("interface {}", 16, Kind::Interface { empty: true }),
            error: add("error", 16, Kind::Interface { empty: false }),
            func: add("func()", 8, Kind::Func),
            types,
        }
    }

    pub(super) fn add(&mut self, name: &str, size: u64, kind: Kind) -> TypeId {
        self.types.push(Type {
            name: name.into(),
            size,
            kind,
        })
    }

    pub(super) fn pointer(&mut self, target: TypeId) -> TypeId {
        let name = format!("*{}", self.types.name(target));
        let target = Some(target);
        self.add(&name, 8, Kind::Pointer { target })
    }

    pub(super) fn slice(&mut self, element: TypeId) -> TypeId {
        let name = format!("[]{}", self.types.name(element));
        self.add(&name, 24, Kind::Slice { element })
    }

    pub(super) fn array(&mut self, element: TypeId, count: u64) -> TypeId {
        let name = format!("[{count}]{}", self.types.name(element));
        let size = count * self.types.get(element).unwrap().size;
        self.add(&name, size, Kind::Array { element, count })
    }

    /// A struct; a field whose name begins with `^` is embedded.
    pub(super) fn structure(&mut self, name: &str, fields: &[(&str, TypeId)]) -> TypeId {
        let (size, fields) = self.fields(fields);
        self.add(name, size, Kind::Struct { fields })
    }

    pub(super) fn fields(&self, fields: &[(&str, TypeId)]) -> (u64, Vec<Field>) {
        let mut end = 0_u64;
        let fields = fields
            .iter()
            .map(|(name, ty)| {
                let size = self.types.get(*ty).unwrap().size;
                let offset = end.next_multiple_of(size.clamp(1, 8).next_power_of_two());
                end = offset + size;
                Field {
                    name: name.trim_start_matches('^').into(),
                    offset,
                    ty: *ty,
                    embedded: name.starts_with('^'),
                }
            })
            .collect();
        (end.next_multiple_of(8), fields)
    }

    /// A map as the runtime kept it up to Go 1.23.
    pub(super) fn old_map(&mut self, key: TypeId, value: TypeId) -> TypeId {
        let (keys, values, end) = self.slots(key, value);
        let layout = MapLayout::Buckets {
            header: 48,
            count: 0,
            flags: 8,
            buckets: 16,
            old_buckets: 24,
            block: Block {
                size: end + 8,
                keys,
                values,
            },
            overflow: end,
        };
        self.map(key, value, layout)
    }

    /// A map as it is since.
    pub(super) fn map_of_groups(&mut self, key: TypeId, value: TypeId) -> TypeId {
        let (keys, values, size) = self.slots(key, value);
        let layout = MapLayout::Groups {
            header: 48,
            used: 0,
            directory: 16,
            writing: 42,
            table: 32,
            groups: 16,
            block: Block { size, keys, values },
        };
        self.map(key, value, layout)
    }

    fn map(&mut self, key: TypeId, value: TypeId, layout: MapLayout) -> TypeId {
        let name = format!("map[{}]{}", self.types.name(key), self.types.name(value));
        let layout = Some(Box::new(layout));
        self.add(&name, 8, Kind::Map { key, value, layout })
    }

    /// Eight keys, then eight values.
    fn slots(&self, key: TypeId, value: TypeId) -> (Slots, Slots, u32) {
        let slot = |offset, ty| {
            let size = u32::try_from(self.types.get(ty).unwrap().size).unwrap();
            Slots {
                offset,
                stride: if size > 128 { 8 } else { size },
                indirect: size > 128,
            }
        };
        let keys = slot(8, key);
        let values = slot(8 + 8 * keys.stride, value);
        (keys, values, values.offset + 8 * values.stride)
    }

    pub(super) fn views(&self) -> Views<'_> {
        Views::new(&self.types, BTreeSet::new())
    }

    /// Where the parameters of a function are.
    pub(super) fn places(&self, abi: Abi, parameters: &[TypeId]) -> Vec<Location> {
        assign(abi, &self.types, parameters, &[]).parameters
    }

    pub(super) fn parameters(&self, abi: Abi, parameters: &[(&str, TypeId)]) -> Vec<Parameter> {
        let types: Vec<_> = parameters.iter().map(|(_, ty)| *ty).collect();
        let places = self.places(abi, &types);
        parameters
            .iter()
            .zip(places)
            .map(|((name, ty), location)| Parameter {
                name: (*name).into(),
                ty: *ty,
                location,
            })
            .collect()
    }

    /// The reads of a function's parameters, and the views that they speak of.
    pub(super) fn reads(&self, abi: Abi, parameters: &[TypeId]) -> (Vec<Read>, Vec<ViewPlan>) {
        self.redacted_reads(abi, parameters, &[])
    }

    pub(super) fn redacted_reads(
        &self,
        abi: Abi,
        parameters: &[TypeId],
        redacted: &[TypeId],
    ) -> (Vec<Read>, Vec<ViewPlan>) {
        let places = self.places(abi, parameters);
        let mut views = Views::new(&self.types, redacted.iter().copied().collect());
        let wanted: Vec<_> = parameters
            .iter()
            .zip(&places)
            .map(|(ty, location)| Wanted::value(&mut views, *ty, location, LIMITS))
            .collect();
        let reads = reads(&mut views, wanted);
        (reads, views.into_plans())
    }
}
