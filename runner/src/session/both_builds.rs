//! A program as goproctor builds it and as its user does: for what is to be said of its functions, without running it.

use std::{collections::BTreeSet, sync::Arc};

use golang::{Binary, FunctionSymbol};
use plan::{InlinedInto, SelectError, SelectOptions, select};
use spec::document::Origin;

use super::{
    Cancel, FunctionError, Prepared, Progress, SessionError, Watch,
    prepare::{TestNeeds, built_plainly, prepare_test_binary, prepare_what_fits},
    test_package::build_test_package,
};

/// A program in both builds.
pub(crate) struct BothBuilds {
    /// As goproctor builds and watches it.
    pub(crate) watched: Prepared,
    /// As it is built without goproctor: with inlining. A binary that exists is the same in both.
    plain: Arc<Binary>,
    /// What can't be watched.
    pub(crate) missing: Vec<FunctionError>,
}

/// What became of a function in the user's own build.
pub(crate) struct PlainFunction<'b> {
    /// Its body; none if it has none.
    pub(crate) body: Option<&'b FunctionSymbol>,
    /// Where it is inlined, with the function that is copied there; or why that is not known.
    pub(crate) inlined: Result<Option<(String, InlinedInto)>, SelectError>,
}

impl BothBuilds {
    /// Builds and reads both.
    ///
    /// # Errors
    /// One of them can't be built or read.
    pub(crate) fn new(
        watch: Watch,
        cancel: &Cancel,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Self, SessionError> {
        let is_of_go_tests = matches!(watch.program.origin, Origin::GoTest(_));
        let (watched, missing) = match is_of_go_tests {
            true => tests_as_watched(watch, cancel, progress)?,
            false => prepare_what_fits(watch, cancel, progress)?,
        };
        let plain = match &watched.watch.program.origin {
            Origin::Binary(_) => Arc::clone(&watched.binary),
            Origin::Package(_) => Arc::new(built_plainly(&watched.watch, cancel, progress)?),
            Origin::GoTest(_) => Arc::new(tests_built_plainly(&watched.watch, cancel, progress)?),
        };
        Ok(Self {
            watched,
            plain,
            missing,
        })
    }

    /// The binary that the user's own build gives.
    pub(crate) fn plain(&self) -> &Binary {
        &self.plain
    }

    /// What became of functions in the user's own build, in the order of their names.
    pub(crate) fn plain_functions(&self, names: &[&str]) -> Vec<PlainFunction<'_>> {
        let accepted = vec![true; names.len()];
        let options = SelectOptions {
            accepted: &accepted,
            ..SelectOptions::default()
        };
        let found = select(&self.plain, names, options).into_iter();
        found
            .map(|found| match found {
                Ok(mut selected) => PlainFunction {
                    body: selected.functions.first().copied(),
                    inlined: Ok(match selected.partly_inlined.is_empty() {
                        true => None,
                        false => Some(selected.partly_inlined.swap_remove(0)),
                    }),
                },
                Err(SelectError::InlinedAway { name, into }) => PlainFunction {
                    body: None,
                    inlined: Ok(Some((name, into))),
                },
                Err(SelectError::Unknown { .. } | SelectError::Unreachable { .. }) => {
                    PlainFunction {
                        body: None,
                        inlined: Ok(None),
                    }
                }
                Err(error) => PlainFunction {
                    body: None,
                    inlined: Err(error),
                },
            })
            .collect()
    }
}

fn tests_as_watched(
    watch: Watch,
    cancel: &Cancel,
    progress: &mut dyn FnMut(Progress),
) -> Result<(Prepared, Vec<FunctionError>), SessionError> {
    let built = build_test_package(&watch, cancel, progress)?;
    let needs = TestNeeds {
        looked_at: &|_| BTreeSet::new(),
        goroutine_ends: false,
    };
    let declarations = built.declarations.as_ref();
    let (mut prepared, missing) =
        prepare_test_binary(watch, &built.path, declarations, &needs, progress)?;
    prepared._output = Some(built.output);
    Ok((prepared, missing))
}

fn tests_built_plainly(
    watch: &Watch,
    cancel: &Cancel,
    progress: &mut dyn FnMut(Progress),
) -> Result<Binary, SessionError> {
    let nothing = Watch {
        functions: Vec::new(),
        ..watch.clone()
    };
    let built = build_test_package(&nothing, cancel, progress)?;
    progress(Progress::Reading);
    Binary::open(&built.path).map_err(|error| SessionError::Binary {
        path: built.path.clone(),
        error,
    })
}
