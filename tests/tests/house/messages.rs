//! All that goproctor says, in one list: testdata/messages.txt.
//!
//! It is there to be read as a whole, and so that a change of a message is seen in review. What counts as a message is a
//! string literal of at least two words, and what clap makes of the documentation of arguments.

use std::{collections::BTreeSet, env, fmt::Write as _, fs};

use goproctor_tests::command::repository;
use proc_macro2::{Group, TokenStream, TokenTree};
use syn::{
    Attribute, ExprMethodCall, Item, LitStr, Macro, Meta,
    visit::{self, Visit},
};

use crate::source::{Crate, File, attributes, crates, is_for_tests};

/// Tables of what Go says.
const OF_GO: [&str; 2] = [
    "runner/model/src/notation/errno.rs",
    "runner/model/src/notation/errors.rs",
];

/// Attributes whose text a user sees.
const SHOWN: [&str; 3] = ["arg", "command", "error"];

/// What clap is derived with.
const OF_CLAP: [&str; 4] = ["Args", "Parser", "Subcommand", "ValueEnum"];

/// The messages of a file, in its order.
#[derive(Default)]
struct Messages {
    found: Vec<String>,
    /// Whether the documentation of what is visited is help.
    is_help: bool,
}

impl Messages {
    fn add(&mut self, text: &str) {
        let text = text.replace('\n', "\\n");
        if is_sentence(&text) && !self.found.contains(&text) {
            self.found.push(text);
        }
    }

    fn tokens(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Literal(literal) => {
                    if let Ok(text) = syn::parse_str::<LitStr>(&literal.to_string()) {
                        self.add(&text.value());
                    }
                }
                TokenTree::Group(group) if is_documentation(&group) => {}
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Ident(_) | TokenTree::Punct(_) => {}
            }
        }
    }

    /// Paragraphs of documentation.
    fn help(&mut self, attributes: &[Attribute]) {
        let lines = attributes.iter().filter_map(|attribute| {
            let Meta::NameValue(meta) = &attribute.meta else {
                return None;
            };
            let syn::Expr::Lit(syn::ExprLit {
                lit: syn::Lit::Str(text),
                ..
            }) = &meta.value
            else {
                return None;
            };
            meta.path
                .is_ident("doc")
                .then(|| text.value().trim().to_owned())
        });
        let lines: Vec<String> = lines.collect();
        for paragraph in lines.join(" ").split("  ") {
            self.add(paragraph);
        }
    }
}

impl<'ast> Visit<'ast> for Messages {
    fn visit_item(&mut self, item: &'ast Item) {
        if is_for_tests(attributes(item)) {
            return;
        }
        let around = self.is_help;
        self.is_help |= attributes(item).iter().any(is_of_clap);
        if self.is_help {
            self.help(attributes(item));
        }
        visit::visit_item(self, item);
        self.is_help = around;
    }

    fn visit_field(&mut self, field: &'ast syn::Field) {
        if self.is_help {
            self.help(&field.attrs);
        }
        visit::visit_field(self, field);
    }

    fn visit_variant(&mut self, variant: &'ast syn::Variant) {
        if self.is_help {
            self.help(&variant.attrs);
        }
        visit::visit_variant(self, variant);
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        let is_shown = SHOWN.iter().any(|name| attribute.path().is_ident(name));
        if let (true, Meta::List(list)) = (is_shown, &attribute.meta) {
            self.tokens(list.tokens.clone());
        }
    }

    fn visit_macro(&mut self, called: &'ast Macro) {
        self.tokens(called.tokens.clone());
    }

    fn visit_lit_str(&mut self, text: &'ast LitStr) {
        self.add(&text.value());
    }

    /// What is expected can't be otherwise, so nobody is told.
    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        if call.method == "expect" {
            self.visit_expr(&call.receiver);
        } else {
            visit::visit_expr_method_call(self, call);
        }
    }
}

/// Whether it is what `///` becomes.
fn is_documentation(group: &Group) -> bool {
    let first = group.stream().into_iter().next();
    matches!(first, Some(TokenTree::Ident(name)) if name == "doc")
}

fn is_of_clap(attribute: &Attribute) -> bool {
    let Meta::List(list) = &attribute.meta else {
        return false;
    };
    let is_one = |token: TokenTree| match token {
        TokenTree::Ident(name) => OF_CLAP.iter().any(|one| name == one),
        _ => false,
    };
    list.path.is_ident("derive") && list.tokens.clone().into_iter().any(is_one)
}

/// Whether a text has two words.
fn is_sentence(text: &str) -> bool {
    let is_word = |word: &&str| {
        let letters = word.trim_matches(|c: char| !c.is_alphabetic());
        letters.len() > 1
            && letters
                .chars()
                .all(|c| c.is_alphabetic() || "'-".contains(c))
    };
    text.split_whitespace().filter(is_word).count() > 1
}

/// The modules of a crate that are compiled for tests alone.
fn test_modules(one: &Crate) -> BTreeSet<Vec<String>> {
    let mut modules = BTreeSet::new();
    for file in &one.files {
        for item in &file.content.items {
            if let (true, Item::Mod(module)) = (is_for_tests(attributes(item)), item) {
                let mut path = file.module.clone();
                path.push(module.ident.to_string());
                modules.insert(path);
            }
        }
    }
    modules
}

fn of_file(file: &File) -> String {
    let mut messages = Messages::default();
    messages.visit_file(&file.content);
    if messages.found.is_empty() {
        return String::new();
    }
    format!("\n{}\n  {}\n", file.path, messages.found.join("\n  "))
}

#[test]
fn the_list_of_messages_is_up_to_date() {
    let mut list = "All that goproctor says, as tests/tests/house/messages.rs collects it. Write it anew: UPDATE_MESSAGES=1.\n".to_owned();
    for one in crates()
        .iter()
        .filter(|one| one.folder.starts_with("runner") && one.folder != "runner-ebpf")
    {
        let test_modules = test_modules(one);
        let is_tested = |file: &&File| {
            let inner = |module: &Vec<String>| file.module.starts_with(module);
            !file.is_for_tests && !OF_GO.contains(&&*file.path) && !test_modules.iter().any(inner)
        };
        for file in one.files.iter().filter(is_tested) {
            let _ = write!(list, "{}", of_file(file));
        }
    }
    let path = repository().join("testdata/messages.txt");
    if env::var_os("UPDATE_MESSAGES").is_some_and(|update| update == "1") {
        fs::write(&path, &list).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    let new: BTreeSet<&str> = list.lines().collect();
    let old: BTreeSet<&str> = written.lines().collect();
    assert!(
        list == written,
        "testdata/messages.txt is not up to date (UPDATE_MESSAGES=1 writes it anew)\nnew: {:#?}\nold: {:#?}",
        new.difference(&old).collect::<Vec<_>>(),
        old.difference(&new).collect::<Vec<_>>()
    );
}
