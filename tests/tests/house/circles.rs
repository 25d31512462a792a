//! Files that import one another in circles.
//!
//! Functions that call one another because what they walk is recursive may stand in files of one folder that do so, too.
//! Any other circle ties subjects together that could be understood one after the other.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use proc_macro2::{TokenStream, TokenTree};
use syn::{
    Item, UseTree,
    visit::{self, Visit},
};

use crate::source::{Crate, attributes, crates, is_for_tests};

/// Where there are such circles, and of how many files at most.
const NATURAL: &[(&str, usize)] = &[
    // Values within values.
    ("runner/judge/src/expect/value/", 3),
    // Matchers that are tables of fields, whose values are matchers.
    ("runner/spec/src/read/", 2),
];

/// A name that a `use` brings.
struct Import {
    path: Vec<String>,
    /// None for `*`.
    name: Option<String>,
}

#[derive(Default)]
struct Module {
    file: usize,
    items: BTreeSet<String>,
    imports: Vec<Import>,
}

/// The modules of a crate by their paths.
type Modules = BTreeMap<Vec<String>, Module>;

/// What a path leads to.
enum Target {
    Module(Vec<String>),
    Item(usize),
}

fn name_of(item: &Item) -> Option<String> {
    Some(match item {
        Item::Const(item) => item.ident.to_string(),
        Item::Enum(item) => item.ident.to_string(),
        Item::Fn(item) => item.sig.ident.to_string(),
        Item::Static(item) => item.ident.to_string(),
        Item::Struct(item) => item.ident.to_string(),
        Item::Trait(item) => item.ident.to_string(),
        Item::Type(item) => item.ident.to_string(),
        Item::Macro(item) => item.ident.as_ref()?.to_string(),
        _ => return None,
    })
}

fn imports(tree: &UseTree, prefix: &[String], into: &mut Vec<Import>) {
    let with = |name: &syn::Ident| {
        let mut path = prefix.to_vec();
        path.push(name.to_string());
        path
    };
    match tree {
        UseTree::Path(tree) => imports(&tree.tree, &with(&tree.ident), into),
        UseTree::Name(tree) if tree.ident == "self" => into.push(Import {
            path: prefix.to_vec(),
            name: prefix.last().cloned(),
        }),
        UseTree::Name(tree) => into.push(Import {
            path: with(&tree.ident),
            name: Some(tree.ident.to_string()),
        }),
        UseTree::Rename(tree) => into.push(Import {
            path: match tree.ident == "self" {
                true => prefix.to_vec(),
                false => with(&tree.ident),
            },
            name: Some(tree.rename.to_string()),
        }),
        UseTree::Glob(_) => into.push(Import {
            path: prefix.to_vec(),
            name: None,
        }),
        UseTree::Group(tree) => {
            for tree in &tree.items {
                imports(tree, prefix, into);
            }
        }
    }
}

fn collect(path: &[String], file: usize, items: &[Item], modules: &mut Modules) {
    let mut module = Module {
        file,
        ..Module::default()
    };
    for item in items.iter().filter(|item| !is_for_tests(attributes(item))) {
        module.items.extend(name_of(item));
        match item {
            Item::Use(item) => imports(&item.tree, &[], &mut module.imports),
            Item::Mod(item) => {
                if let Some((_, items)) = &item.content {
                    let mut path = path.to_vec();
                    path.push(item.ident.to_string());
                    collect(&path, file, items, modules);
                }
            }
            _ => {}
        }
    }
    modules.insert(path.to_vec(), module);
}

/// Where a path leads that stands in a module. `left` bounds how many imports are followed.
fn resolve(modules: &Modules, from: &[String], path: &[String], left: usize) -> Option<Target> {
    let left = left.checked_sub(1)?;
    let (first, mut rest) = path.split_first()?;
    let mut target = match first.as_str() {
        "crate" => Target::Module(Vec::new()),
        "self" => Target::Module(from.to_vec()),
        "super" => Target::Module(from.split_last()?.1.to_vec()),
        _ => lookup(modules, from, first, left)?,
    };
    while let (Target::Module(module), Some((next, after))) = (&target, rest.split_first()) {
        target = match next.as_str() {
            "super" => Target::Module(module.split_last()?.1.to_vec()),
            _ => lookup(modules, module, next, left)?,
        };
        rest = after;
    }
    Some(target)
}

fn lookup(modules: &Modules, at: &[String], name: &str, left: usize) -> Option<Target> {
    let module = modules.get(at)?;
    if module.items.contains(name) {
        return Some(Target::Item(module.file));
    }
    let mut child = at.to_vec();
    child.push(name.to_owned());
    if modules.contains_key(&child) {
        return Some(Target::Module(child));
    }
    let mut named = module
        .imports
        .iter()
        .filter(|import| import.name.as_deref() == Some(name));
    if let Some(import) = named.next() {
        return resolve(modules, at, &import.path, left);
    }
    let mut globs = module.imports.iter().filter(|import| import.name.is_none());
    globs.find_map(|import| {
        let mut path = import.path.clone();
        path.push(name.to_owned());
        resolve(modules, at, &path, left)
    })
}

/// Collects the files that the paths in a file lead to.
struct Uses<'m> {
    modules: &'m Modules,
    module: Vec<String>,
    files: BTreeSet<usize>,
}

impl Uses<'_> {
    fn path(&mut self, path: &[String]) {
        if let Some(Target::Item(file)) = resolve(self.modules, &self.module, path, 16) {
            self.files.insert(file);
        }
    }

    /// The paths in a macro's tokens: words with `::` between them.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(word) => {
                    if colons != 2 {
                        self.path(&std::mem::take(&mut path));
                    }
                    path.push(word.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Group(group) => {
                    self.path(&std::mem::take(&mut path));
                    self.tokens(group.stream());
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {
                    self.path(&std::mem::take(&mut path));
                }
            }
        }
        self.path(&path);
    }
}

impl<'ast> Visit<'ast> for Uses<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if is_for_tests(attributes(item)) {
            return;
        }
        if let Item::Use(item) = item {
            let mut found = Vec::new();
            imports(&item.tree, &[], &mut found);
            for import in &found {
                self.path(&import.path);
            }
            return;
        }
        if let Item::Mod(module) = item {
            self.module.push(module.ident.to_string());
            visit::visit_item(self, item);
            self.module.pop();
            return;
        }
        visit::visit_item(self, item);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let words: Vec<_> = path
            .segments
            .iter()
            .map(|part| part.ident.to_string())
            .collect();
        self.path(&words);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.tokens(call.tokens.clone());
        visit::visit_macro(self, call);
    }
}

/// For each file of a crate those that it uses.
fn graph(one: &Crate) -> Vec<BTreeSet<usize>> {
    let mut modules = Modules::new();
    let files = one.files.iter().enumerate();
    for (index, file) in files.filter(|(_, file)| !file.is_for_tests) {
        collect(&file.module, index, &file.content.items, &mut modules);
    }
    let files = one.files.iter().enumerate();
    files
        .map(|(index, file)| {
            let mut uses = Uses {
                modules: &modules,
                module: file.module.clone(),
                files: BTreeSet::new(),
            };
            if !file.is_for_tests {
                uses.visit_file(&file.content);
            }
            uses.files.remove(&index);
            uses.files
        })
        .collect()
}

/// The files that can be reached from one.
fn reached(graph: &[BTreeSet<usize>], from: usize) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let mut open = vec![from];
    while let Some(file) = open.pop() {
        open.extend(graph[file].iter().filter(|next| found.insert(**next)));
    }
    found
}

/// Files of which each reaches each, with the arrows between them.
struct Circle<'c> {
    files: BTreeSet<&'c str>,
    arrows: Vec<(&'c str, &'c str)>,
}

impl fmt::Display for Circle<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} files:", self.files.len())?;
        for (from, to) in &self.arrows {
            writeln!(f, "  {from} uses {to}")?;
        }
        Ok(())
    }
}

fn circles(one: &Crate) -> Vec<Circle<'_>> {
    let graph = graph(one);
    let path = |file: usize| one.files[file].path.as_str();
    let reached: Vec<_> = (0..graph.len()).map(|file| reached(&graph, file)).collect();
    let mut circles = BTreeSet::new();
    for (file, others) in reached.iter().enumerate() {
        if others.contains(&file) {
            let back = others
                .iter()
                .filter(|other| reached[**other].contains(&file));
            circles.insert(back.copied().collect::<BTreeSet<_>>());
        }
    }
    let circle = |files: BTreeSet<usize>| Circle {
        arrows: files
            .iter()
            .flat_map(|from| {
                graph[*from]
                    .intersection(&files)
                    .map(|to| (path(*from), path(*to)))
            })
            .collect(),
        files: files.into_iter().map(path).collect(),
    };
    circles.into_iter().map(circle).collect()
}

#[test]
fn files_import_one_another_in_circles_only_where_their_subject_is_recursive() {
    let is_natural = |circle: &Circle<'_>| {
        NATURAL.iter().any(|(folder, most)| {
            circle.files.len() <= *most && circle.files.iter().all(|path| path.starts_with(folder))
        })
    };
    let crates = crates();
    let unnatural: Vec<_> = crates
        .iter()
        .filter(|one| one.folder.starts_with("runner"))
        .flat_map(circles)
        .filter(|circle| !is_natural(circle))
        .map(|circle| circle.to_string())
        .collect();
    assert!(unnatural.is_empty(), "circles of\n{}", unnatural.join("\n"));
}
