//! Which function literal a package-level literal's name means.

use golang::{
    PackageLiterals,
    names::{self, PackageLiteral},
};

use super::{SelectError, Selector};

impl<'b> Selector<'b, '_> {
    /// The symbol of a package-level literal: its number is its place in the source.
    pub(super) fn package_literal<'n>(
        &self,
        written: &str,
        name: &'n str,
    ) -> Result<Option<&'n str>, SelectError>
    where
        'b: 'n,
    {
        let Some(wanted) = PackageLiteral::parse(name) else {
            return Ok(None);
        };
        let name = names::canonical(name);
        let mut literals = PackageLiterals::default();
        for function in self
            .binary
            .functions()
            .iter()
            .filter(|function| !function.is_wrapper())
        {
            if PackageLiteral::parse(&function.name).map(|found| found.package)
                != Some(wanted.package)
            {
                continue;
            }
            match literals.source_name(self.binary, function) {
                Some(found) if found == name => return Ok(Some(&function.name)),
                Some(_) => {}
                None => {
                    return Err(SelectError::PackageLiteral {
                        name: written.to_owned(),
                        package: wanted.package.to_owned(),
                    });
                }
            }
        }
        Ok(None)
    }
}
