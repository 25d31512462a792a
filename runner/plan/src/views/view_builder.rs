//! What is drawn together for one view.

use goproctor_ebpf::MAX_CHUNK;
use model::plan::{Link, LinkKind};

use super::link::{MAX_LINKS_OF_VIEW, WORD, words};

/// How deep values are nested in one another without a pointer.
pub(super) const MAX_NESTED: u32 = 64;
/// How many nested values are looked into for one view.
const MAX_LOOKED_INTO: u32 = 1 << 14;

/// What is drawn together for one view.
pub(crate) struct ViewBuilder {
    /// What lies behind is not read, in bytes.
    pub(super) end: u64,
    links: Vec<Link>,
    blanks: Vec<(u64, u64)>,
    looked_into: u32,
}

impl ViewBuilder {
    /// For elements of so many bytes.
    pub(crate) fn new(size: u64) -> Self {
        Self {
            end: size.min(u64::from(MAX_CHUNK)),
            links: Vec::new(),
            blanks: Vec::new(),
            looked_into: 0,
        }
    }

    /// Whether one more nested value may be looked into.
    pub(super) const fn look_into(&mut self, nested: u32) -> bool {
        self.looked_into += 1;
        nested <= MAX_NESTED && self.looked_into <= MAX_LOOKED_INTO
    }

    /// Adds bytes that are to be blanked.
    pub(crate) fn blank(&mut self, offset: u64, size: u64) {
        let end = offset.saturating_add(size).min(self.end);
        match self.blanks.last_mut() {
            Some((_, last)) if *last == offset => *last = end,
            _ if offset < end => self.blanks.push((offset, end)),
            _ => {}
        }
    }

    /// Adds a link, if its words lie in the element.
    pub(crate) fn link(&mut self, offset: u64, link: Link) {
        let end = offset.saturating_add(u64::from(words(link.kind) * WORD));
        if let (true, Ok(offset)) = (end <= self.end, u32::try_from(offset)) {
            self.links.push(Link { offset, ..link });
        }
    }

    /// Blanks first: they must never be what is left out.
    pub(crate) fn into_links(self) -> Vec<Link> {
        let blanks = self.blanks.into_iter().flat_map(|(start, end)| {
            let pieces = (start..end).step_by(WORD as usize);
            pieces.filter_map(move |at| {
                let size = (end - at).min(u64::from(WORD));
                let kind = LinkKind::Blank(u32::try_from(size).ok()?);
                Some(Link::new(u32::try_from(at).ok()?, kind, 0, 0))
            })
        });
        let mut links: Vec<_> = blanks.collect();
        let room = MAX_LINKS_OF_VIEW.saturating_sub(links.len());
        links.extend(self.links.into_iter().take(room));
        links
    }
}
