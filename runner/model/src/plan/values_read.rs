//! Which values are read of memory at a site, by their names in the source.

use super::display::operand_text;
use super::{FrameEdge, Operand, Plan, Role, Site, site::Subject};
use crate::{FunctionId, Location, Parameter, Place, ProbeKind};

impl Plan {
    /// The values that are read of memory at a site, each once: parameters and results by their names, and in words what a probe
    /// of the runtime or of a server reads. None where a hit brings registers alone.
    #[must_use]
    pub fn values_read(&self, site: &Site) -> Vec<String> {
        let mut values = Vec::new();
        for read in &site.reads {
            let named = site
                .roles
                .iter()
                .find_map(|role| self.named(role, read.first));
            let value = named.unwrap_or_else(|| operand_text(read.first));
            if !values.contains(&value) {
                values.push(value);
            }
        }
        values
    }

    /// What the operand of a read is to that role.
    fn named(&self, role: &Role, operand: Operand) -> Option<String> {
        match role.subject() {
            Subject::Function(function) => match role.edge() {
                FrameEdge::Begin => self.parameter(function, operand),
                FrameEdge::End => self
                    .result(function, operand)
                    .or_else(|| self.parameter(function, self.saved(operand)?)),
                FrameEdge::Within => None,
            },
            Subject::Pointer(place, name) if operand == place.into() => Some(name.to_owned()),
            Subject::Pointer(..) | Subject::Goroutine => match (role.probe(), operand) {
                (ProbeKind::MainEntered, Operand::Image(_)) => {
                    Some("runtime.buildVersion".to_owned())
                }
                (ProbeKind::RequestEntered, _) => Some("the response writer".to_owned()),
                _ => None,
            },
        }
    }

    fn parameter(&self, function: FunctionId, operand: Operand) -> Option<String> {
        let function = self.functions.get(function.0 as usize)?;
        let is_dictionary = function
            .dictionary
            .as_ref()
            .is_some_and(|dictionary| holds(dictionary, operand));
        named(&function.parameters, operand)
            .or_else(|| is_dictionary.then(|| "its type arguments".to_owned()))
    }

    fn result(&self, function: FunctionId, operand: Operand) -> Option<String> {
        named(&self.functions.get(function.0 as usize)?.results, operand)
    }

    /// What an operand was at the entry of the call, if it was saved there.
    fn saved(&self, operand: Operand) -> Option<Operand> {
        let Operand::Saved(function, slot) = operand else {
            return None;
        };
        let mut saves = self.sites.iter().flat_map(|site| &site.saves);
        let save = saves.find(|save| save.function == function && save.slot == slot)?;
        Some(save.value)
    }
}

fn named(parameters: &[Parameter], operand: Operand) -> Option<String> {
    let found = parameters
        .iter()
        .find(|parameter| holds(&parameter.location, operand))?;
    Some(match found.name.as_str() {
        "" => "_".to_owned(),
        name => name.to_owned(),
    })
}

/// Whether a value has a piece where an operand is.
fn holds(location: &Location, operand: Operand) -> bool {
    location
        .pieces
        .iter()
        .any(|piece| match (piece.place, operand) {
            (Place::Register(place), Operand::Register(register)) => place == register,
            (Place::Stack(begin), Operand::Stack(at) | Operand::StackAddress(at)) => {
                (begin..begin + i64::from(piece.size)).contains(&at)
            }
            _ => false,
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Piece, Register};

    #[test]
    fn an_operand_is_found_where_a_value_lies() {
        let piece = |place, size| Piece {
            place,
            size,
            offset: 0,
        };
        let location = Location {
            pieces: vec![
                piece(Place::Register(Register::Rbx), 8),
                piece(Place::Stack(16), 24),
            ],
        };
        for (operand, expected) in [
            (Operand::Register(Register::Rbx), true),
            (Operand::Register(Register::Rax), false),
            (Operand::Stack(16), true),
            (Operand::StackAddress(32), true),
            (Operand::Stack(40), false),
            (Operand::Stack(8), false),
            (Operand::Constant(16), false),
        ] {
            assert_eq!(holds(&location, operand), expected, "{operand:?}");
        }
    }
}
