//! A plan's own types: those that its values lead to, numbered anew.

use std::collections::BTreeMap;

use model::plan::Plan;
use model::{Function, Kind, PickStep, Type, TypeId, TypeTable};

use super::redact::parts_mut;

/// Drops the types that nothing of the plan leads to, as those of goproctor's own functions.
pub(super) fn keep_types_in_use(plan: &mut Plan) {
    let Plan {
        types,
        functions,
        dynamic,
        closures,
        redactions,
        ..
    } = plan;
    let mut kept = KeptTypes {
        all: types,
        numbers: BTreeMap::new(),
        pending: Vec::new(),
        table: TypeTable::default(),
    };
    for function in functions {
        kept.function(function);
    }
    for dynamic in dynamic {
        dynamic.ty = kept.number(dynamic.ty);
    }
    for closure in closures {
        closure.captured = closure.captured.map(|captured| kept.number(captured));
    }
    kept.finish();
    redactions.retain_mut(|redacted| match kept.numbers.get(&redacted.ty) {
        Some(number) => {
            redacted.ty = *number;
            true
        }
        None => false,
    });
    kept.table.name_packages(kept.all.packages().clone());
    plan.types = kept.table;
}

struct KeptTypes<'t> {
    all: &'t TypeTable,
    numbers: BTreeMap<TypeId, TypeId>,
    pending: Vec<TypeId>,
    table: TypeTable,
}

impl KeptTypes<'_> {
    fn function(&mut self, function: &mut Function) {
        let of_instances = function
            .instances
            .iter_mut()
            .flat_map(|instance| instance.parameters.iter_mut().chain(&mut instance.results));
        let values = function
            .parameters
            .iter_mut()
            .chain(&mut function.results)
            .chain(of_instances);
        for parameter in values {
            parameter.ty = self.number(parameter.ty);
        }
        for pick in &mut function.picks {
            pick.ty = self.number(pick.ty);
            if let Some(variable) = &mut pick.variable {
                variable.ty = self.number(variable.ty);
            }
            for step in &mut pick.steps {
                if let PickStep::Dynamic(ty) = step {
                    *ty = self.number(*ty);
                }
            }
        }
    }

    /// The new number of a type.
    fn number(&mut self, old: TypeId) -> TypeId {
        if let Some(new) = self.numbers.get(&old) {
            return *new;
        }
        let placeholder = Type {
            name: "?".to_owned(),
            size: 0,
            kind: Kind::Unknown,
        };
        let new = self.table.push(placeholder);
        self.numbers.insert(old, new);
        self.pending.push(old);
        new
    }

    fn finish(&mut self) {
        while let Some(old) = self.pending.pop() {
            let (Some(mut ty), new) = (self.all.get(old).cloned(), self.number(old)) else {
                continue;
            };
            for part in parts_mut(&mut ty.kind) {
                *part = self.number(*part);
            }
            self.table.replace(new, ty);
            if let Some(methods) = self.all.error_methods(old) {
                self.table.set_error_methods(new, methods);
            }
            if let Some(constants) = self.all.all_constants().get(&old) {
                self.table.set_constants(new, constants.clone());
            }
        }
    }
}
