//! The values that show to which request calls belong: those of hand-offs, and of servers without `net/http`.

use model::plan::{HandOff, KeyPick, Role, Server};
use model::{Function, FunctionId, Label, Limits, Path};

use super::{
    HandOffRequest, PlanError, ServerRequest,
    returns::Exit,
    sites::{Probe, Probed, Sites},
};

/// The functions of the plan, whose picks are known, and the names that the spec has for them.
pub(super) struct Keys<'a> {
    pub(super) functions: &'a [&'a Function],
    pub(super) labels: &'a [Label],
}

impl Keys<'_> {
    /// A hand-off with the places of its value.
    pub(super) fn hand_off(&self, request: &HandOffRequest) -> HandOff {
        HandOff {
            name: request.name.clone(),
            from: self.places(&request.from),
            to: self.places(&request.to),
        }
    }

    fn places(&self, (label, path): &(String, Path)) -> Vec<KeyPick> {
        let functions = self.behind(label);
        let places = functions.filter_map(|function| {
            Some(KeyPick {
                function: function.id,
                pick: pick(function, path)?,
            })
        });
        places.collect()
    }

    /// The functions that serve requests.
    pub(super) fn servers(&self, request: &ServerRequest) -> Vec<Server> {
        let functions = self.behind(&request.label);
        let servers = functions.filter_map(|function| {
            let key = match &request.key {
                Some(path) => Some(pick(function, path)?),
                None => None,
            };
            Some(Server {
                function: function.id,
                key,
            })
        });
        servers.collect()
    }

    fn behind<'s>(&'s self, label: &str) -> impl Iterator<Item = &'s Function> {
        let mut labels = self.labels.iter();
        let label = labels.find(|known| known.name == label);
        let ids: &[FunctionId] = label.map_or(&[], |label| &label.functions);
        let functions = ids.iter();
        functions.filter_map(|id| self.functions.get(id.0 as usize).copied())
    }
}

fn pick(function: &Function, path: &Path) -> Option<u32> {
    let mut picks = function.picks.iter();
    let index = picks.position(|pick| pick.path == *path)?;
    u32::try_from(index).ok()
}

/// Adds to a server's sites that requests begin and end there.
pub(super) fn serve(
    sites: &mut Sites,
    probed: &Probed<'_>,
    exits: &[Exit],
    limits: Limits,
    function: FunctionId,
) -> Result<(), PlanError> {
    sites.add(
        probed,
        probed.entry(),
        &Probe::new(Role::ServerEntered { function }, limits),
    )?;
    sites.add_exits(probed, exits, &Probe::new(Role::RequestLeft, limits))
}
