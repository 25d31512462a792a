//! The plans of the views that were asked for.

use goproctor_ebpf::{MAX_CHUNK, MAX_LINKS};
use model::plan::ViewPlan;

use super::{
    link::{is_blank, size},
    values::{Subject, Views},
};

impl Views<'_> {
    /// The plans.
    pub(crate) fn into_plans(mut self) -> Vec<ViewPlan> {
        self.finish();
        self.plans
    }

    /// Fills the views that were asked for so far, and those that they lead to.
    pub(crate) fn finish(&mut self) {
        while let Some((subject, id)) = self.pending.pop() {
            let mut view = self.build(subject);
            if self.links + view.links.len() > MAX_LINKS as usize {
                self.left_out = true;
                view.links.retain(is_blank);
            }
            self.links += view.links.len();
            if let Some(slot) = self.plans.get_mut(id.0 as usize) {
                *slot = view;
            }
        }
    }

    fn build(&mut self, subject: Subject) -> ViewPlan {
        match subject {
            Subject::Values(ty) => ViewPlan {
                stride: u32::try_from(size(self.types, ty))
                    .ok()
                    .filter(|size| *size <= MAX_CHUNK)
                    .unwrap_or(0),
                links: self.links(ty),
            },
            Subject::MapHeader(ty) => self.map_header(ty),
            Subject::MapBlocks(ty) => self.map_blocks(ty),
            Subject::MapDirectory(ty) => self.map_directory(ty),
            Subject::MapTable(ty) => self.map_table(ty),
        }
    }
}
