//! Every public item is for another crate: for what no other crate names there is `pub(crate)`.
//!
//! Names are compared, not what they mean: an item counts as used when a crate that depends on its own has a word of that
//! name. So it does when the signature of a public item that is used has it, for a caller gets it from there.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{ImplItem, Item, TraitItem, Visibility};

use crate::source::{Crate, File, attributes, crates, is_for_tests};

/// A public item.
struct Public {
    /// `runner/model/src/call.rs:12`
    place: String,
    name: String,
    /// The words of its signature.
    signature: BTreeSet<String>,
    /// The type of which it is a method or a constant.
    holder: Option<String>,
}

fn words(tokens: TokenStream, into: &mut BTreeSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(name) => {
                into.insert(name.to_string());
            }
            TokenTree::Group(group) => words(group.stream(), into),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

fn words_of(part: &impl ToTokens) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    words(part.to_token_stream(), &mut found);
    found
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

#[derive(Default)]
struct Finder {
    path: String,
    found: Vec<Public>,
    /// The words of the types that traits' implementations name.
    of_traits: BTreeSet<String>,
}

impl Finder {
    fn add(&mut self, name: &syn::Ident, signature: BTreeSet<String>, holder: Option<&str>) {
        self.found.push(Public {
            place: format!("{}:{}", self.path, name.span().start().line),
            name: name.to_string(),
            signature,
            holder: holder.map(str::to_owned),
        });
    }

    fn items(&mut self, items: &[Item]) {
        for item in items.iter().filter(|item| !is_for_tests(attributes(item))) {
            self.item(item);
        }
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Const(item) if is_public(&item.vis) => {
                self.add(&item.ident, words_of(&item.ty), None);
            }
            Item::Static(item) if is_public(&item.vis) => {
                self.add(&item.ident, words_of(&item.ty), None);
            }
            Item::Enum(item) if is_public(&item.vis) => {
                self.add(&item.ident, words_of(&item.variants), None);
            }
            Item::Struct(item) if is_public(&item.vis) => {
                let fields = item.fields.iter().filter(|field| is_public(&field.vis));
                let signature = fields.flat_map(|field| words_of(&field.ty)).collect();
                self.add(&item.ident, signature, None);
            }
            Item::Type(item) if is_public(&item.vis) => {
                self.add(&item.ident, words_of(&item.ty), None);
            }
            Item::Fn(item) if is_public(&item.vis) => {
                self.add(&item.sig.ident, words_of(&item.sig), None);
            }
            Item::Trait(item) if is_public(&item.vis) => {
                let mut signature = words_of(&item.supertraits);
                for part in &item.items {
                    if let TraitItem::Fn(function) = part {
                        signature.extend(words_of(&function.sig));
                    }
                }
                self.add(&item.ident, signature, None);
            }
            Item::Mod(item) => {
                if let Some((_, items)) = &item.content {
                    self.items(items);
                }
            }
            // What a trait's types are named with can't be less public than what has the trait.
            Item::Impl(item) if item.trait_.is_some() => {
                for part in &item.items {
                    if let ImplItem::Type(part) = part {
                        words(part.ty.to_token_stream(), &mut self.of_traits);
                    }
                }
            }
            Item::Impl(item) => {
                let holder = words_of(&item.self_ty).into_iter().next();
                for part in &item.items {
                    match part {
                        ImplItem::Fn(part) if is_public(&part.vis) => {
                            self.add(&part.sig.ident, words_of(&part.sig), holder.as_deref());
                        }
                        ImplItem::Const(part) if is_public(&part.vis) => {
                            self.add(&part.ident, words_of(&part.ty), holder.as_deref());
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
}

/// A crate's public items, and the words of the types that its traits' implementations name.
fn public_items(one: &Crate) -> (Vec<Public>, BTreeSet<String>) {
    let mut finder = Finder::default();
    for file in one.files.iter().filter(|file| !file.is_for_tests) {
        finder.path.clone_from(&file.path);
        finder.items(&file.content.items);
    }
    (finder.found, finder.of_traits)
}

fn words_in<'f>(files: impl IntoIterator<Item = &'f File>) -> BTreeSet<String> {
    files
        .into_iter()
        .flat_map(|file| words_of(&file.content))
        .collect()
}

/// The public items that no other crate has a use for.
fn unused(one: &Crate, all: &[Crate], words: &BTreeMap<&str, BTreeSet<String>>) -> Vec<Public> {
    let beside = words_in(&one.files_beside);
    let others = all.iter().filter(|other| {
        other.uses.contains(&one.package) || other.tested_with.contains(&one.package)
    });
    let others: Vec<_> = others
        .map(|other| &words[other.package.as_str()])
        .chain([&beside])
        .collect();
    let (items, of_traits) = public_items(one);
    let (mut used, mut open): (Vec<_>, Vec<_>) = items.into_iter().partition(|item| {
        of_traits.contains(&item.name) || others.iter().any(|words| words.contains(&item.name))
    });
    loop {
        let signatures: BTreeSet<&String> = used.iter().flat_map(|item| &item.signature).collect();
        let is_in_signature =
            |item: &Public| item.holder.is_none() && signatures.contains(&item.name);
        let (more, rest): (Vec<_>, Vec<_>) = open.into_iter().partition(is_in_signature);
        open = rest;
        if more.is_empty() {
            return open;
        }
        used.extend(more);
    }
}

#[test]
fn every_public_item_is_used_by_another_crate() {
    let crates = crates();
    let words = crates
        .iter()
        .map(|one| {
            (
                one.package.as_str(),
                words_in(one.files.iter().chain(&one.files_beside)),
            )
        })
        .collect();
    // What the tests' own library has is for its tests.
    let libraries = crates.iter().filter(|one| one.folder.starts_with("runner"));
    let unused = libraries.flat_map(|one| unused(one, &crates, &words));
    let lines: Vec<_> = unused
        .map(|item| match item.holder {
            Some(holder) => format!("{}: {holder}::{}", item.place, item.name),
            None => format!("{}: {}", item.place, item.name),
        })
        .collect();
    assert!(
        lines.is_empty(),
        "no other crate uses these, so `pub(crate)` is enough:\n{}",
        lines.join("\n")
    );
}
