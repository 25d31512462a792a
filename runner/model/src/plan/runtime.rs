//! Where the runtime keeps what every hit needs.

use super::RequestLayout;
use crate::Address;

/// Where the runtime keeps what every hit needs; all in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RuntimeLayout {
    /// Offset of `g` from the thread's pointer to thread-local storage.
    pub tls_g: i64,
    /// Offset of `goid` in `runtime.g`.
    pub g_goid: u64,
    /// Offset of `stack.hi` in `runtime.g`.
    pub g_stack_hi: u64,
    /// Offset of `m` in `runtime.g`.
    pub g_m: u64,
    /// Offset of `startpc` in `runtime.g`.
    pub g_startpc: u64,
    /// Offset of `gopc` in `runtime.g`: where the `go` statement that made it goes on. None in recordings that were made before it was
    /// asked for.
    pub g_gopc: Option<u64>,
    /// Offset of `curg` in `runtime.m`.
    pub m_curg: u64,
    /// The part of `runtime.g` that says where a goroutine came from, read at each entry; none where that is not asked for.
    pub ancestry: Option<Ancestry>,
    /// The address of the string `runtime.buildVersion`, in the binary as linked: what it says is known, so that reading it
    /// checks the whole way of a value. None where the binary has no such symbol.
    pub build_version: Option<Address>,
    /// Offsets in `net/http.Request`; none where the program does not contain it. What identifies a request is in
    /// [`Plan::requests`](super::Plan::requests); recordings that were made before that have nothing but this.
    pub request: Option<RequestLayout>,
    /// Where the runtime has in which frame a recovered panic ends; none where goroutines are not watched.
    pub recovery: Option<RecoveryLayout>,
}

/// Where `runtime.recovery` finds the frame in which it goes on (`runtime/panic.go`); offsets in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecoveryLayout {
    /// In `runtime.g`, up to Go 1.21.
    Goroutine {
        /// `sigcode0`: the stack pointer in that frame.
        sp: u64,
        /// `sigcode1`: the address in its function.
        pc: u64,
    },
    /// In the list of `runtime._panic` that begins in `runtime.g`, from Go 1.22 on.
    Panics(PanicLayout),
}

/// Where a running panic or `Goexit` keeps what [`RecoveryLayout`] is about; offsets in bytes, in `runtime._panic` but for the
/// first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PanicLayout {
    /// `_panic` in `runtime.g`: the newest one.
    pub first: u64,
    /// `link`: the one before.
    pub link: u64,
    /// `startSP`: the stack pointer where it began.
    pub start_sp: u64,
    /// `sp`: the stack pointer in the frame whose deferred functions it runs.
    pub sp: u64,
    /// `retpc`: where that frame goes on if one of them recovers.
    pub pc: u64,
    /// `goexit`: whether it is a `Goexit`, which no recovery ends.
    pub goexit: u64,
}

impl PanicLayout {
    /// How many bytes of a `runtime._panic` hold all that.
    #[must_use]
    pub fn size(&self) -> u64 {
        const WORD: u64 = 8;
        let words = [self.link, self.start_sp, self.sp, self.pc].into_iter();
        let words = words.map(|offset| offset.saturating_add(WORD));
        words.fold(self.goexit.saturating_add(1), u64::max)
    }
}

/// The part of `runtime.g`, besides `startpc`, that says where a goroutine came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ancestry {
    /// Offset of `parentGoid` in `runtime.g`; none before Go 1.21, which does not keep it.
    pub parent_goid: Option<u64>,
}
