//! Function literals: the names that their places in the source give them.
//!
//! The second literal of `main.serve` is `main.serve.func2`, and the first one in that `main.serve.func2.1`. The
//! compiler has other names for a literal whose function was inlined before the literal was compiled
//! (`cmd/compile/internal/ir/func.go`, `closureName`):
//!
//! - from Go 1.27 on `main.serve.func2.func1`, where the enclosing literal was inlined;
//! - from Go 1.21 to 1.26 the *holder*, which is the function that is compiled, then the functions that were inlined
//!   there, one in the other and without their packages, then a number that counts all literals of the holder:
//!   `main.main.serve.main.serve.func2.func5`. Their lines show what these have in common.
//!
//! A literal whose place is unknown keeps the linker's name.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::Address;

use super::{
    FunctionSymbol,
    elf::Image,
    index::{Index, Inlinable},
    pclntab::FunctionTable,
    twins::are_twins,
};
use crate::{GoRelease, names};

/// The first release that counts a literal in the function that it is written in, wherever that is inlined.
const COUNTED_BY_FUNCTION: u32 = 27;
/// The first release that names a literal after the functions that it came with.
const NAMED_BY_STACK: u32 = 21;

/// Gives literals their names by source.
pub(super) fn name_by_source(
    functions: &mut [FunctionSymbol],
    index: &mut Index,
    image: &Image,
    table: Option<&FunctionTable>,
    release: &GoRelease,
) {
    let renamed = match release.minor() {
        ..NAMED_BY_STACK => return,
        NAMED_BY_STACK..COUNTED_BY_FUNCTION => {
            Literals::read(functions, index, image, table).named()
        }
        _ => counted(functions, index),
    };
    for function in functions {
        if let Some(name) = renamed.get(&function.name) {
            function.rename(name.text.clone(), name.package);
        }
    }
    for inlinable in index.inlinable.values_mut() {
        if let Some(name) = renamed.get(&inlinable.name) {
            inlinable.name.clone_from(&name.text);
            inlinable.package = name.package;
        }
    }
}

/// A name, and how many bytes of it are its package's path.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Name {
    text: String,
    package: usize,
}

/// The names that literals have from Go 1.27 on, where those are others.
fn counted(functions: &[FunctionSymbol], index: &Index) -> HashMap<String, Name> {
    let functions = functions
        .iter()
        .map(|function| (function.name.as_str(), function.package().len()));
    let inlinable = index.inlinable.values();
    let inlinable = inlinable.map(|inlinable| (inlinable.name.as_str(), inlinable.package));
    functions
        .chain(inlinable)
        .filter_map(|(name, package)| {
            let text = without_inner_words(name)?;
            Some((name.to_owned(), Name { text, package }))
        })
        .collect()
}

/// `main.serve.func2.1` for `main.serve.func2.func1`; none for what is written so.
fn without_inner_words(name: &str) -> Option<String> {
    let mut outer = name;
    let mut numbers = Vec::new();
    let mut words = 0;
    while let Some((rest, number)) = split_literal(outer) {
        words += u32::from(number.word);
        numbers.push(number.number);
        outer = rest;
    }
    let first = numbers.pop().filter(|_| words > 1)?;
    let mut text = format!("{outer}.func{first}");
    for number in numbers.iter().rev() {
        text.push_str(&format!(".{number}"));
    }
    Some(text)
}

/// The end of a literal's name: `func2`, or `2` in another literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Number {
    number: u32,
    word: bool,
}

fn split_literal(name: &str) -> Option<(&str, Number)> {
    if !name.ends_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let (outer, last) = name.rsplit_once('.')?;
    let digits = last.strip_prefix("func");
    let number = digits.unwrap_or(last).parse().ok()?;
    let word = digits.is_some();
    // A number alone ends the name of an init function too.
    (word || !outer.ends_with(".init")).then_some((outer, Number { number, word }))
}

/// Whether literals with this before their number are those of a package's variables.
fn is_of_variables(outer: &str) -> bool {
    outer.ends_with(".init") || outer.ends_with(".glob.")
}

/// Whether a function is called with a closure: a literal, and what the compiler makes of a `go` or `defer` statement.
fn is_closure(name: &str) -> bool {
    split_literal(name).is_some() || names::around_statement(name).is_some()
}

/// The literals of a program whose compiler names them after the functions that they came with.
struct Literals<'a> {
    index: &'a Index,
    image: &'a Image,
    table: Option<&'a FunctionTable>,
    /// The functions that have a body of their own, by their names.
    bodies: HashMap<&'a str, &'a FunctionSymbol>,
    /// The functions that may be inlined, by their names,
    inlined: HashMap<&'a str, &'a Inlinable>,
    /// and by their names within their packages.
    short: HashMap<&'a str, Vec<&'a Inlinable>>,
    /// All literals, by their holders, in the order in which these count them.
    held: BTreeMap<&'a str, BTreeMap<u32, Held<'a>>>,
}

/// A literal as its holder has it.
#[derive(Clone, Copy)]
struct Held<'a> {
    name: &'a str,
    /// The functions that were inlined, one in the other; empty for a literal of the holder's own.
    stack: &'a str,
    /// The innermost one of them, by its full name.
    function: Option<&'a str>,
}

impl<'a> Literals<'a> {
    fn read(
        functions: &'a [FunctionSymbol],
        index: &'a Index,
        image: &'a Image,
        table: Option<&'a FunctionTable>,
    ) -> Self {
        let bodies = functions.iter();
        let mut short: HashMap<&str, Vec<&Inlinable>> = HashMap::new();
        let mut inlined = HashMap::new();
        for inlinable in index.inlinable.values() {
            let name = inlinable.name.as_str();
            inlined.insert(name, inlinable);
            let within = name.get(inlinable.package + 1..).unwrap_or(name);
            short.entry(within).or_default().push(inlinable);
        }
        let mut literals = Self {
            index,
            image,
            table,
            bodies: bodies
                .map(|function| (function.name.as_str(), function))
                .collect(),
            inlined,
            short,
            held: BTreeMap::new(),
        };
        literals.hold();
        literals
    }

    /// The line that a literal is declared on.
    fn line(&self, literal: &str) -> Option<u32> {
        let of_inlined = || self.inlined.get(literal)?.line;
        let of_body = || {
            let function = self.bodies.get(literal)?;
            let body = self.index.bodies.get(&function.start);
            body.and_then(|body| body.line)
                .or_else(|| self.index.inlinable.get(&body?.origin?)?.line)
                .or_else(|| self.table?.start_line(self.image, function.start))
        };
        of_inlined().or_else(of_body)
    }

    /// How many bytes of a function's name are its package's path.
    fn package(&self, name: &str) -> Option<usize> {
        let of_inlined = || Some(self.inlined.get(name)?.package);
        let of_body = || Some(self.bodies.get(name)?.package().len());
        of_inlined().or_else(of_body)
    }

    /// Sorts all literals by their holders.
    fn hold(&mut self) {
        let bodies = self
            .bodies
            .values()
            .filter(|function| !function.is_wrapper());
        let names: Vec<&'a str> = bodies
            .map(|function| function.name.as_str())
            .chain(self.inlined.keys().copied())
            .collect();
        for name in names {
            let Some((outer, number)) = split_literal(name) else {
                continue;
            };
            if let Some((holder, stack, function)) = self.taken_apart(outer, number) {
                let held = Held {
                    name,
                    stack,
                    function,
                };
                self.held
                    .entry(holder)
                    .or_default()
                    .insert(number.number, held);
            }
        }
    }

    fn is_known(&self, name: &str) -> bool {
        self.bodies.contains_key(name) || self.inlined.contains_key(name)
    }

    /// What is before a literal's number: its holder, what was inlined there, and the innermost of that.
    fn taken_apart(
        &self,
        outer: &'a str,
        number: Number,
    ) -> Option<(&'a str, &'a str, Option<&'a str>)> {
        if self.is_known(outer) || is_of_variables(outer) {
            return Some((outer, "", None));
        }
        let mut found = None;
        for at in boundaries(outer) {
            let (holder, stack) = (&outer[..at], &outer[at + 1..]);
            let Some(body) = self.bodies.get(holder) else {
                continue;
            };
            // What a closure holds has no word before its number.
            if is_closure(holder) == number.word {
                continue;
            }
            for innermost in self.innermost(stack) {
                let function = self.only(innermost, body.start);
                if found.is_some_and(|known| known != (holder, stack, function)) {
                    return None;
                }
                found = Some((holder, stack, function));
            }
        }
        found
    }

    /// The names that the innermost of the inlined functions may have, whose names are joined with dots.
    fn innermost(&self, stack: &'a str) -> BTreeSet<&'a str> {
        let mut begins: BTreeSet<usize> = BTreeSet::from([0]);
        let ends: Vec<usize> = boundaries(stack).chain([stack.len()]).collect();
        let mut last = BTreeSet::new();
        for end in ends {
            let parts: Vec<&str> = begins.iter().map(|begin| &stack[*begin..end]).collect();
            let known = parts
                .into_iter()
                .filter(|part| self.short.contains_key(part));
            let known: Vec<&'a str> = known.collect();
            if end == stack.len() {
                last.extend(known);
            } else if !known.is_empty() {
                begins.insert(end + 1);
            }
        }
        last
    }

    /// The one function of a name within its package that a holder may have a copy of.
    fn only(&self, short: &str, holder: Address) -> Option<&'a str> {
        let all = self.short.get(short)?;
        let first = all.first()?.name.as_str();
        if all.iter().all(|inlinable| inlinable.name == first) {
            return Some(first);
        }
        let may_be_there = |inlinable: &&&'a Inlinable| {
            let callers = &inlinable.callers;
            inlinable.copies > callers.len() as u64 || callers.contains(&holder)
        };
        let there: BTreeSet<&'a str> = all
            .iter()
            .filter(may_be_there)
            .map(|inlinable| inlinable.name.as_str())
            .collect();
        there.first().copied().filter(|_| there.len() == 1)
    }

    /// The names by source of the literals that have others.
    fn named(&self) -> HashMap<String, Name> {
        let mut places: HashMap<&str, (&str, u32)> = HashMap::new();
        for literals in self.held.values() {
            // A number that is missing was given to a literal that is not in the program: then the places are unknown.
            let complete = literals.keys().copied().eq((1..).take(literals.len()));
            if complete {
                self.place(literals.values().copied(), &mut places);
            }
        }
        let mut named = HashMap::new();
        for literals in self.held.values() {
            for held in literals.values() {
                if let Some(name) = self.by_source(held.name, &places, 0)
                    && name.text != held.name
                {
                    named.insert(held.name.to_owned(), name);
                }
            }
        }
        named
    }

    /// Finds the function that each literal was inlined with, and its number among the literals there.
    fn place(
        &self,
        literals: impl Iterator<Item = Held<'a>>,
        places: &mut HashMap<&'a str, (&'a str, u32)>,
    ) {
        let mut literals = literals.peekable();
        while let Some(first) = literals.next() {
            let mut run = vec![first.name];
            while let Some(next) = literals.next_if(|next| next.stack == first.stack) {
                run.push(next.name);
            }
            if let (false, Some(function)) = (first.stack.is_empty(), first.function)
                && let Some(numbers) = self.numbers(&run)
            {
                for (name, number) in run.iter().zip(numbers) {
                    places.insert(name, (function, number));
                }
            }
        }
    }

    /// The places of literals in their function, which may have been inlined several times in a row: then the lines
    /// begin anew.
    fn numbers(&self, run: &[&'a str]) -> Option<Vec<u32>> {
        let mut numbers: Vec<u32> = Vec::new();
        let mut before: Option<(&str, u32)> = None;
        for name in run {
            let line = self.line(name)?;
            let number = match (before, numbers.last()) {
                (Some((_, last)), Some(number)) if line > last => number + 1,
                // Two literals of one line, or one in two copies.
                (Some((other, last)), Some(1)) if line == last && self.are_one(other, name) => 1,
                (Some((_, last)), _) if line == last => return None,
                _ => 1,
            };
            numbers.push(number);
            before = Some((name, line));
        }
        Some(numbers)
    }

    /// Whether two literals are one and the same, in two copies.
    fn are_one(&self, one: &str, other: &str) -> bool {
        match (self.bodies.get(one), self.bodies.get(other)) {
            (Some(one), Some(other)) => are_twins(self.image, one, other),
            _ => false,
        }
    }

    /// A function's name, or a literal's by its place in the source; none where that is unknown.
    fn by_source(
        &self,
        name: &'a str,
        places: &HashMap<&'a str, (&'a str, u32)>,
        depth: usize,
    ) -> Option<Name> {
        const MAX_DEPTH: usize = 64;
        if depth > MAX_DEPTH {
            return None;
        }
        let place = match (split_literal(name), places.get(name)) {
            (None, _) => None,
            (Some(_), Some(place)) => Some(*place),
            (Some((outer, number)), None) if self.is_known(outer) => Some((outer, number.number)),
            (Some((outer, _)), None) if is_of_variables(outer) => None,
            (Some(_), None) => return None,
        };
        let Some((function, number)) = place else {
            return Some(Name {
                package: self.package(name)?,
                text: name.to_owned(),
            });
        };
        let Name { text, package } = self.by_source(function, places, depth + 1)?;
        let word = if split_literal(&text).is_some() {
            ""
        } else {
            "func"
        };
        let text = format!("{text}.{word}{number}");
        Some(Name { text, package })
    }
}

/// Where a name's parts end, but for the last: at dots outside of brackets.
fn boundaries(name: &str) -> impl Iterator<Item = usize> + '_ {
    let mut depth = 0_i32;
    name.char_indices().filter_map(move |(at, c)| {
        match c {
            '[' | '(' | '{' => depth += 1,
            ']' | ')' | '}' => depth -= 1,
            _ => {}
        }
        (c == '.' && depth == 0).then_some(at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_in_literals_have_one_word() {
        for (name, by_source) in [
            ("main.f.func1.func2.func3", Some("main.f.func1.2.3")),
            ("main.f.func1.2.func3", Some("main.f.func1.2.3")),
            ("main.(*T).M.func1.func1", Some("main.(*T).M.func1.1")),
            ("main.init.func1.func2", Some("main.init.func1.2")),
            (
                "main.f[go.shape.int].func1.func2",
                Some("main.f[go.shape.int].func1.2"),
            ),
            ("main.f.func1.2", None),
            ("main.f.func1", None),
            ("main.init.0", None),
            ("main.init.0.func1", None),
            ("main.f", None),
        ] {
            assert_eq!(without_inner_words(name).as_deref(), by_source, "{name}");
        }
    }
}
