//! The file, version 2: its whole content, as types of its own. What no type here has, no recording has, and a change
//! of the program's types changes the file only where a type here changes with it.
//!
//! A recording is JSON Lines, UTF-8. A line is an object with one member, which says what it is; the first has two:
//!
//! | line | what it holds | in order |
//! |---|---|---|
//! | `{"goproctor_recording": 2, "header": …}` | the format's version, and what was watched ([`Header`]): goproctor's version, the [plan](plan), what a hit of each site costs in ns, and the spec's name and text, with those of the files that it uses | first, once |
//! | `{"test": …}` | a test begins: its `name`, and whether it has a process of its own (`fresh_process`) | |
//! | `{"record": "…"}` | a hit as the kernel program gave it (`goproctor_ebpf`), in base64, up to its last byte that means something | in a test, as they came in |
//! | `{"malformed": "…"}` | bytes that came as a record and are none, in base64 | likewise |
//! | `{"exit": …}` | a `process` ended, at that `time` | likewise |
//! | `{"end": …}` | the test's end and what is known then ([`test::TestEnd`]): its window, losses, the requests sent with their answers, stubs, races, the names of functions by address | ends each test |
//! | `{"tests": 2}` | how many tests there are: nothing is missing | last |
//!
//! - Numbers of types, functions, sites and views are places in the plan's lists, from 0. Addresses are those of the binary as
//!   linked, but for those in records. Times are ns of `CLOCK_MONOTONIC`.
//! - A variant is `"name"`, or `{"name": …}` where it holds something. `null` and a missing member are the same. A list, number or flag that
//!   is missing is empty, 0 or false, where the type says `or default`.
//! - A plan's views are left out, for they say how memory is read: a replay needs to know its types alone.
//!
//! To change it: a member that may be missing can be added as it is. Whatever else an older goproctor would not understand, or
//! would understand otherwise, raises [`FORMAT_VERSION`]; other versions are refused, with the one that wrote the file. Then record
//! `testdata/recordings` anew.

mod form;
mod line;
mod plan;
mod program;
mod test;
#[cfg(test)]
mod tests;

pub(super) use form::Form;
pub(super) use line::{FORMAT_VERSION, FirstLine, Header, Line};
