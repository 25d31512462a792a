//! What changed in the Go files of a package: told by what they say, so that a file of another layout has not changed.
//!
//! A function changed if its own text did. What changed outside of functions can't be tied to one, and is listed by itself: a variable, a type,
//! an import that brings another package into the program. What the compiler holds together needs no listing: whoever called a function that is
//! gone has changed, too.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use golang::declaration::{DeclarationKind, OutlinedDeclaration, OutlinedFunction, OutlinedImport};

use super::{
    binaries::is_test_file,
    package_files::{OutlinedFile, PackageFiles, own_name},
    predeclared::is_predeclared,
};

/// What changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Change {
    /// The functions that changed, or are new.
    pub(crate) functions: Vec<ChangedFunction>,
    /// The functions that are gone.
    pub(crate) deleted: Vec<DeletedFunction>,
    /// What changed outside of functions.
    pub(crate) outside: Vec<OutsideChange>,
}

/// A function that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ChangedFunction {
    /// Its name, with the full package path and without type parameters.
    pub(crate) name: String,
    /// The path of its package, as its name begins with it.
    pub(crate) prefix: String,
    /// The file.
    pub(crate) file: PathBuf,
    /// The line, from 1.
    pub(crate) line: u32,
    /// Whether it was not there before.
    pub(crate) is_new: bool,
    /// The names of its literals that changed.
    pub(crate) literals: Vec<String>,
}

/// A function that is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DeletedFunction {
    /// The name that it had.
    pub(crate) name: String,
    /// The file that it was in.
    pub(crate) file: PathBuf,
}

/// A change that can't be tied to a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OutsideChange {
    /// The package, as the names of its functions begin with it.
    pub(crate) prefix: String,
    /// The file.
    pub(crate) file: PathBuf,
    /// The line, from 1; none if it is about the whole file, or about what is gone.
    pub(crate) line: Option<u32>,
    /// What changed: `var limits`.
    pub(crate) what: String,
}

impl Change {
    /// Adds another one.
    pub(crate) fn extend(&mut self, other: Self) {
        self.functions.extend(other.functions);
        self.deleted.extend(other.deleted);
        self.outside.extend(other.outside);
    }
}

/// What changed in a package. `of_testing` are the packages that every test binary has.
pub(crate) fn compare(package: &PackageFiles, of_testing: &BTreeSet<String>) -> Change {
    let files = package.old.iter().chain(&package.new);
    let mut unread = files.filter(|file| !file.outline.is_whole);
    let mut comparison = Comparison {
        package,
        change: Change::default(),
    };
    if let Some(file) = unread.next() {
        comparison.add_outside(&file.path, None, "what cannot be parsed".to_owned());
        return comparison.change;
    }
    comparison.functions();
    comparison.inits();
    comparison.declarations();
    comparison.imports(of_testing);
    comparison.files();
    comparison.change
}

/// The name that all of a package's init functions have.
const INIT: &str = "init";

/// The function of a test file that the tests are run by.
const TEST_MAIN: &str = "TestMain";

struct Comparison<'p> {
    package: &'p PackageFiles,
    change: Change,
}

/// A function, and the file that it is in.
type Placed<'p> = (&'p OutlinedFile, &'p OutlinedFunction);

impl<'p> Comparison<'p> {
    fn add_outside(&mut self, file: &Path, line: Option<u32>, what: String) {
        self.change.outside.push(OutsideChange {
            prefix: self.package.prefix.clone(),
            file: file.to_owned(),
            line,
            what,
        });
    }

    fn full(&self, name: &str) -> String {
        format!("{}.{name}", self.package.prefix)
    }

    fn functions(&mut self) {
        let old = named(&self.package.old);
        let new = named(&self.package.new);
        for (name, &(file, function)) in &new {
            let before = old.get(name).copied();
            if before.is_some_and(|before| is_same(before, (file, function))) {
                continue;
            }
            let literals = changed_literals(before.map(|(_, function)| function), function);
            let changed = ChangedFunction {
                name: self.full(name),
                prefix: self.package.prefix.clone(),
                file: file.path.clone(),
                line: function.line,
                is_new: before.is_none(),
                literals: literals.map(|name| self.full(name)).collect(),
            };
            self.change.functions.push(changed);
            if before.is_none() {
                self.add(name, file, function);
            }
        }
        for (name, &(file, function)) in &old {
            // What another file still declares was one for another platform.
            if !new.contains_key(name) && !self.package.others.functions.contains(*name) {
                self.delete(name, file, function);
            }
        }
    }

    /// A function is new: it is reached by those that call it. But that a type has a method may be asked without a call.
    fn add(&mut self, name: &str, file: &OutlinedFile, function: &OutlinedFunction) {
        let is_new =
            |ty: &String| !declares(&self.package.old, ty) && declares(&self.package.new, ty);
        if self.may_be_asked_for(function) && !function.receiver.as_ref().is_some_and(is_new) {
            let what = format!(
                "{} is new: interfaces may ask whether it is there",
                self.full(name)
            );
            self.add_outside(&file.path, Some(function.line), what);
        }
    }

    /// A function is gone. Its callers have changed, or nothing would compile; but not those that reach something else now without having
    /// changed: through an interface, an embedded type, or what the language itself declares.
    fn delete(&mut self, name: &str, file: &OutlinedFile, function: &OutlinedFunction) {
        let full = self.full(name);
        let is_gone =
            |ty: &String| declares(&self.package.old, ty) && !declares(&self.package.new, ty);
        let why = match &function.receiver {
            Some(receiver) if is_gone(receiver) => None,
            Some(_) if self.may_be_asked_for(function) => {
                Some("an interface or an embedded type may lead elsewhere")
            }
            Some(_) => None,
            None if is_predeclared(name) => Some("the name means Go's own now"),
            None if name == TEST_MAIN && is_test_file(&file.path) => Some("it ran all tests"),
            None => None,
        };
        if let Some(why) = why {
            self.add_outside(&file.path, None, format!("{full} is gone: {why}"));
        }
        self.change.deleted.push(DeletedFunction {
            name: full,
            file: file.path.clone(),
        });
    }

    /// Whether code that has not changed may depend on a type's having this method. Of a name of its own only the package can list it in an
    /// interface, or have another type with it.
    fn may_be_asked_for(&self, function: &OutlinedFunction) -> bool {
        if function.receiver.is_none() {
            return false;
        }
        let name = own_name(function);
        let mut methods = self.package.others.methods.iter();
        name.starts_with(char::is_uppercase)
            || methods.any(|method| method.name == name && method.receiver != function.receiver)
    }

    /// They run before all tests, in their order.
    fn inits(&mut self) {
        let old = inits(&self.package.old);
        let new = inits(&self.package.new);
        let differs = |index: usize| {
            let text = |of: &[Placed<'p>]| {
                of.get(index)
                    .map(|(file, function)| (file.path.clone(), function.text.clone()))
            };
            text(&old) != text(&new)
        };
        let Some(index) = (0..old.len().max(new.len())).find(|&index| differs(index)) else {
            return;
        };
        match (new.get(index), old.get(index)) {
            (Some((file, function)), _) => {
                self.add_outside(&file.path, Some(function.line), "func init".to_owned())
            }
            (None, Some((file, _))) => {
                self.add_outside(&file.path, None, "func init is gone".to_owned())
            }
            (None, None) => {}
        }
    }

    fn declarations(&mut self) {
        let all = |files: &'p [OutlinedFile]| -> Vec<(&'p OutlinedFile, &'p OutlinedDeclaration)> {
            let files = files.iter();
            files
                .flat_map(|file| file.outline.declarations.iter().map(move |one| (file, one)))
                .collect()
        };
        let (old, new) = (all(&self.package.old), all(&self.package.new));
        let text = |one: &OutlinedDeclaration| one.text.clone();
        let added = without(&new, &old, |(_, one)| text(one));
        let removed = without(&old, &new, |(_, one)| text(one));
        let names = |of: &[(&OutlinedFile, &OutlinedDeclaration)]| -> BTreeSet<String> {
            of.iter().flat_map(|(_, one)| one.names.clone()).collect()
        };
        let (added_names, removed_names) = (names(&added), names(&removed));
        for (file, one) in &added {
            if matters(one, &removed_names) {
                self.add_outside(&file.path, Some(one.line), described(one));
            }
        }
        for (file, one) in &removed {
            let is_told = one.names.iter().any(|name| added_names.contains(name));
            if matters(one, &added_names) && !is_told {
                self.add_outside(&file.path, None, format!("{} is gone", described(one)));
            }
        }
        let variables = |of: &[(&OutlinedFile, &OutlinedDeclaration)]| -> Vec<(PathBuf, String)> {
            let of = of
                .iter()
                .filter(|(_, one)| one.kind == DeclarationKind::Variable);
            of.map(|(file, one)| (file.path.clone(), one.text.clone()))
                .collect()
        };
        let is_moved = added.is_empty() && removed.is_empty() && variables(&old) != variables(&new);
        let mut first = new
            .iter()
            .filter(|(_, one)| one.kind == DeclarationKind::Variable);
        if let Some((file, one)) = first.next().filter(|_| is_moved) {
            self.add_outside(
                &file.path,
                Some(one.line),
                "the order of variables".to_owned(),
            );
        }
    }

    /// An import matters if it brings a package into the program that was not in it, whose variables and init functions then run, or takes one
    /// away; and if a name may mean another package than before.
    fn imports(&mut self, of_testing: &BTreeSet<String>) {
        let paths = |files: &'p [OutlinedFile]| -> BTreeMap<&'p str, &'p OutlinedFile> {
            let imports = files.iter().flat_map(|file| {
                file.outline
                    .imports
                    .iter()
                    .map(move |import| (file, import))
            });
            imports
                .map(|(file, import)| (import.path.as_str(), file))
                .collect()
        };
        let (old, new) = (paths(&self.package.old), paths(&self.package.new));
        let is_known =
            |path: &str| of_testing.contains(path) || self.package.others.imports.contains(path);
        let mut found: Vec<(&OutlinedFile, String)> = Vec::new();
        let only = |these: &BTreeMap<&'p str, &'p OutlinedFile>,
                    those: &BTreeMap<&'p str, &'p OutlinedFile>| {
            let these = these
                .iter()
                .filter(|(path, _)| !those.contains_key(*path) && !is_known(path));
            these
                .map(|(path, file)| (*file, (*path).to_owned()))
                .collect::<Vec<_>>()
        };
        found.extend(
            only(&new, &old)
                .into_iter()
                .map(|(file, path)| (file, format!("import {path}"))),
        );
        found.extend(
            only(&old, &new)
                .into_iter()
                .map(|(file, path)| (file, format!("import {path} is gone"))),
        );
        for (old, new) in self.of_both() {
            let is_told =
                |file: &OutlinedFile| found.iter().any(|(found, _)| found.path == file.path);
            if !is_told(new) && may_rename(&old.outline.imports, &new.outline.imports) {
                found.push((new, "imports".to_owned()));
            }
        }
        for (file, what) in found {
            self.add_outside(&file.path, None, what);
        }
    }

    /// What is said of files as a whole.
    fn files(&mut self) {
        for (old, new) in self.of_both() {
            if old.outline.package != new.outline.package {
                self.add_outside(&new.path, None, "the package's name".to_owned());
            } else if old.outline.directives != new.outline.directives {
                self.add_outside(&new.path, None, "directives".to_owned());
            }
        }
    }

    /// The files that are there at both times.
    fn of_both(&self) -> Vec<(&'p OutlinedFile, &'p OutlinedFile)> {
        let new = self.package.new.iter();
        new.filter_map(|new| {
            let mut old = self.package.old.iter();
            old.find(|old| old.path == new.path).map(|old| (old, new))
        })
        .collect()
    }
}

/// Whether some files declare a type.
fn declares(files: &[OutlinedFile], ty: &str) -> bool {
    let mut declared = files.iter().flat_map(|file| &file.outline.declarations);
    declared.any(|one| one.kind == DeclarationKind::Type && one.names.iter().any(|name| name == ty))
}

/// The functions by name, without those that have no name of their own.
fn named(files: &[OutlinedFile]) -> BTreeMap<&str, Placed<'_>> {
    let functions = files.iter().flat_map(|file| {
        file.outline
            .functions
            .iter()
            .map(move |function| (file, function))
    });
    let named = functions.filter(|(_, function)| function.name != INIT);
    named
        .map(|(file, function)| (function.name.as_str(), (file, function)))
        .collect()
}

fn inits(files: &[OutlinedFile]) -> Vec<Placed<'_>> {
    let functions = files.iter().flat_map(|file| {
        file.outline
            .functions
            .iter()
            .map(move |function| (file, function))
    });
    let mut inits: Vec<_> = functions
        .filter(|(_, function)| function.name == INIT)
        .collect();
    inits.sort_by_key(|(file, function)| (&file.path, function.line));
    inits
}

/// Whether a function is what it was. In another file its words may mean other packages.
fn is_same((old_file, old): Placed<'_>, (new_file, new): Placed<'_>) -> bool {
    let imports = |file: &OutlinedFile| -> BTreeSet<OutlinedImport> {
        file.outline.imports.iter().cloned().collect()
    };
    old.text == new.text
        && (old_file.path == new_file.path || imports(old_file) == imports(new_file))
}

/// The literals of a function that it did not have before.
fn changed_literals<'n>(
    old: Option<&OutlinedFunction>,
    new: &'n OutlinedFunction,
) -> impl Iterator<Item = &'n str> {
    let mut known: Vec<String> = old
        .iter()
        .flat_map(|old| &old.literals)
        .map(|one| one.text.clone())
        .collect();
    new.literals.iter().filter_map(move |literal| {
        match known.iter().position(|text| *text == literal.text) {
            Some(index) => {
                known.swap_remove(index);
                None
            }
            None => Some(literal.name.as_str()),
        }
    })
}

/// Those of `these` that have no counterpart among `those`.
fn without<T: Copy>(these: &[T], those: &[T], key: impl Fn(&T) -> String) -> Vec<T> {
    let mut left: BTreeMap<String, usize> = BTreeMap::new();
    for one in those {
        *left.entry(key(one)).or_default() += 1;
    }
    let is_left = |one: &&T| match left.get_mut(&key(one)) {
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        _ => true,
    };
    these
        .iter()
        .filter({
            let mut is_left = is_left;
            move |one| is_left(one)
        })
        .copied()
        .collect()
}

/// Whether a declaration that is at one of the two times alone changes what did not change itself. A new type or constant has users that changed,
/// unless its name meant something before; a variable may run code.
fn matters(one: &OutlinedDeclaration, others: &BTreeSet<String>) -> bool {
    let means_something = |name: &String| others.contains(name) || is_predeclared(name);
    one.kind == DeclarationKind::Variable || one.names.iter().any(means_something)
}

/// `var limits`
fn described(one: &OutlinedDeclaration) -> String {
    let kind = match one.kind {
        DeclarationKind::Constant => "const",
        DeclarationKind::Type => "type",
        DeclarationKind::Variable => "var",
    };
    match one.names.as_slice() {
        [] => kind.to_owned(),
        [name] => format!("{kind} {name}"),
        [name, ..] => format!("{kind} {name}, …"),
    }
}

/// Whether a name that a file uses may mean another package than before. Only the package itself says how it is called where an import does
/// not, so imports that came and went at once may.
fn may_rename(old: &[OutlinedImport], new: &[OutlinedImport]) -> bool {
    let only = |these: &[OutlinedImport], those: &[OutlinedImport]| -> Vec<OutlinedImport> {
        these
            .iter()
            .filter(|import| !those.contains(import))
            .cloned()
            .collect()
    };
    let (added, removed) = (only(new, old), only(old, new));
    let is_blank = |import: &OutlinedImport| import.name.as_deref() == Some("_");
    let is_dot = |import: &OutlinedImport| import.name.as_deref() == Some(".");
    if added.iter().chain(&removed).any(is_dot) {
        return true;
    }
    let named =
        |imports: &[OutlinedImport]| imports.iter().filter(|import| !is_blank(import)).count();
    named(&added) > 0 && named(&removed) > 0
}

#[cfg(test)]
mod tests;
