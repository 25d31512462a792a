//! What leads on from values: one view for each type.
//!
//! A value leads to other memory by pointers at fixed offsets in it, its *links*. They are a property of the type
//! alone; how far they are followed is a limit of the site. So each type has one [view](ViewPlan) however often and
//! however deep it is met, and a type that leads back to itself has a view that does.

mod link;
mod map;
mod values;
mod view_builder;

pub(super) use link::{
    MAX_LINKS_OF_VIEW, WORD, is_blank, is_byte, single, size, text_link, whole, words,
};
pub(super) use map::{Contents, block_of, header_links, slot_offsets, table_link};
pub(super) use values::Views;
pub(super) use view_builder::ViewBuilder;
