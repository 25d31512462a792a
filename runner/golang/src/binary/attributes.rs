//! Go's own attributes in the DWARF (`cmd/internal/dwarf/dwarf_defs.go`).

use gimli::DwAt;

pub(super) const GO_KIND: DwAt = DwAt(0x2900);
pub(super) const GO_KEY: DwAt = DwAt(0x2901);
pub(super) const GO_ELEMENT: DwAt = DwAt(0x2902);
pub(super) const GO_EMBEDDED_FIELD: DwAt = DwAt(0x2903);
pub(super) const GO_RUNTIME_TYPE: DwAt = DwAt(0x2904);
pub(super) const GO_DICTIONARY_INDEX: DwAt = DwAt(0x2906);
pub(super) const GO_CLOSURE_OFFSET: DwAt = DwAt(0x2907);
