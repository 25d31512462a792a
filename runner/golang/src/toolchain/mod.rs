//! The go command: which functions a program declares, and how it is built so that the wanted ones are not inlined.
//!
//! A function that the compiler inlined has no address to probe. So the declared functions that a spec names get a
//! `//go:noinline` through `go build -overlay`: files of the user are never touched, and lines keep their numbers.
//! Where an overlay can't reach (the standard library, the module cache, Go 1.15) the function's package is compiled
//! with `-l` instead.
//!
//! ```no_run
//! use golang::toolchain::{BuildRequest, build};
//!
//! let request = BuildRequest::new("./cmd/shop", ".", "/tmp/out").watching(["main.*", "net.(*Resolver).lookupIP"]);
//! let built = build(&request, &mut |line| eprintln!("{line}"))?;
//! println!("{} by {}", built.binary.display(), built.release);
//! # Ok::<(), golang::toolchain::BuildError>(())
//! ```

mod arguments;
mod build;
mod command;
mod compiler;
mod error;
mod flag;
mod flags;
mod gcflags;
mod go_mod;
mod hints;
mod list;
mod module_change;
mod optimisation;
mod overlay;
mod patch;
mod process;
mod program_files;
mod releases;
mod replacement;
mod request;
pub(crate) mod source;
mod survey;
#[cfg(test)]
mod survey_tests;
mod test_build;
mod test_command;
mod test_flags;
mod test_list;
mod test_packages;

#[cfg(test)]
mod tests;

pub use build::{Built, build, copy_binary};
pub use command::installed;
pub use error::BuildError;
pub use go_mod::{GoMod, go_mod};
pub use module_change::{ChangedModule, ModuleChange};
pub use patch::redirect_returns;
pub use program_files::{ProgramFiles, program_files};
pub use releases::{ReleaseIndex, fetch, known_releases};
pub use request::{BuildRequest, BuildUser};
pub use source::{Declarations, DeclaredFunction, Literal};
pub use survey::{ModuleFiles, ReleaseFacts, Survey, SurveyError, SurveyRequest, TestSettings};
pub use test_build::{BuiltPackage, TestBuild, TestBuildRequest, WatchedPackage, prepare_test};
pub use test_command::TestCommand;
pub use test_packages::{TestPackage, TestPackages, TestRequest, test_packages};
