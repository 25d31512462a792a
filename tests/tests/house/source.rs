//! The workspace's crates and their source, as cargo and the Rust grammar read them.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use cargo_metadata::{DependencyKind, MetadataCommand, Package};
use goproctor_tests::command::repository;
use syn::{Attribute, Item};

/// A crate of the workspace.
pub(crate) struct Crate {
    /// `goproctor-model`
    pub(crate) package: String,
    /// `runner/model`
    pub(crate) folder: String,
    /// The packages of the workspace that it depends on, but for tests.
    pub(crate) uses: BTreeSet<String>,
    /// Those that its tests depend on besides.
    pub(crate) tested_with: BTreeSet<String>,
    /// The files of its library.
    pub(crate) files: Vec<File>,
    /// Those of its commands, tests and benches, which use the library from outside.
    pub(crate) files_beside: Vec<File>,
}

/// A source file.
pub(crate) struct File {
    /// Below the repository.
    pub(crate) path: String,
    /// The path of its module below the crate: none for `lib.rs`.
    pub(crate) module: Vec<String>,
    pub(crate) content: syn::File,
    /// Whether it is compiled for tests alone.
    pub(crate) is_for_tests: bool,
}

/// The crates of the workspace.
pub(crate) fn crates() -> Vec<Crate> {
    let manifest = repository().join("Cargo.toml");
    let metadata = MetadataCommand::new()
        .manifest_path(manifest)
        .no_deps()
        .exec()
        .unwrap();
    let packages = metadata.packages.iter();
    let members: BTreeSet<_> = packages
        .clone()
        .map(|package| package.name.to_string())
        .collect();
    packages.map(|package| read(package, &members)).collect()
}

fn read(package: &Package, members: &BTreeSet<String>) -> Crate {
    let folder = package.manifest_path.parent().unwrap().as_std_path();
    let dependencies = |kind| {
        let names = package
            .dependencies
            .iter()
            .filter(move |one| one.kind == kind);
        let names = names.map(|one| one.name.clone());
        names.filter(|name| members.contains(name)).collect()
    };
    let below = |name: &str| {
        let root = folder.join(name);
        let mut paths = Vec::new();
        collect(&root, &mut paths);
        paths.sort();
        paths
            .iter()
            .map(|path| file(&root, path))
            .collect::<Vec<_>>()
    };
    let mut files = below("src");
    let for_tests: Vec<_> = files.iter().flat_map(modules_for_tests).collect();
    for file in &mut files {
        let mut declared = for_tests.iter();
        file.is_for_tests |= declared.any(|module| file.module.starts_with(module));
    }
    let mut files_beside = below("tests");
    files_beside.extend(below("benches"));
    for command in package.targets.iter().filter(|target| target.is_bin()) {
        let root = relative(command.src_path.as_std_path());
        // Beside `lib.rs` it is one file, in a folder of its own all of that.
        let folder = root
            .strip_suffix("main.rs")
            .filter(|folder| !folder.ends_with("/src/"));
        files_beside.extend(files.extract_if(.., |file| match folder {
            Some(folder) => file.path.starts_with(folder),
            None => file.path == root,
        }));
    }
    Crate {
        package: package.name.to_string(),
        folder: relative(folder),
        uses: dependencies(DependencyKind::Normal),
        tested_with: dependencies(DependencyKind::Development),
        files,
        files_beside,
    }
}

fn relative(path: &Path) -> String {
    let path = path.strip_prefix(repository()).unwrap();
    path.to_str().unwrap().to_owned()
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
}

fn file(root: &Path, path: &Path) -> File {
    let text = fs::read_to_string(path).unwrap();
    let content =
        syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let module = path.strip_prefix(root).unwrap().with_extension("");
    let mut module: Vec<String> = module
        .iter()
        .map(|part| part.to_str().unwrap().to_owned())
        .collect();
    let is_for_tests = module
        .iter()
        .any(|name| name == "tests" || name == "testing");
    if module.last().is_some_and(|name| name == "mod") || module == ["lib"] || module == ["main"] {
        module.pop();
    }
    File {
        path: relative(path),
        module,
        content,
        is_for_tests,
    }
}

/// The modules with files of their own that a file declares for tests alone.
fn modules_for_tests(file: &File) -> Vec<Vec<String>> {
    let modules = file.content.items.iter().filter_map(|item| match item {
        Item::Mod(module) if module.content.is_none() && is_for_tests(&module.attrs) => {
            let mut path = file.module.clone();
            path.push(module.ident.to_string());
            Some(path)
        }
        _ => None,
    });
    modules.collect()
}

/// Whether an item is compiled for tests alone.
pub(crate) fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("test")
            || attribute.path().is_ident("cfg")
                && attribute
                    .parse_args::<syn::Path>()
                    .is_ok_and(|path| path.is_ident("test"))
    })
}

/// An item's attributes.
pub(crate) fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}
