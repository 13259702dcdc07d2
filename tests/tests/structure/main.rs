//! The structure of the sources: circles of imports, paths through re-exports, long files. Each limit is the value
//! measured when it was last lowered. Lower it when the sources get better; never raise it.

mod imports;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use imports::{Graph, Modules, circles};
use proc_macro2::TokenTree;

/// The most files of a folder that may import each other in a circle. Without a circle that is 0.
/// The goals: domain 3, catalogue 0, persistence 3, the registry 0, gateway 0, and of graphql the nouns alone.
const CIRCLES: &[(&str, &str, usize)] = &[
    ("crates/domain/src", "", 2),
    ("crates/exchange/src", "", 0),
    ("crates/catalogue/src", "", 0),
    ("crates/persistence/src", "", 0),
    ("crates/registry/src", "", 0),
    // The nouns of the schema name each other.
    ("crates/graphql/src", "", 28),
    ("crates/graphql/src", "engine", 0),
    ("crates/graphql-macros/src", "", 0),
    ("crates/pages/src", "", 0),
    ("crates/gateway/src", "", 0),
];

/// The most paths of a crate that may name a re-export instead of the module that defines the item. The goal is 0
/// everywhere.
const REEXPORTS: &[(&str, usize)] = &[
    ("crates/domain/src", 0),
    ("crates/exchange/src", 0),
    ("crates/catalogue/src", 0),
    ("crates/persistence/src", 0),
    ("crates/registry/src", 0),
    ("crates/graphql/src", 0),
    ("crates/graphql-macros/src", 0),
    ("crates/pages/src", 0),
    ("crates/gateway/src", 0),
];

/// How long a file may be.
const LINES: usize = 400;

#[test]
fn import_cycles_stay_within_the_limit() {
    let mut faults = String::new();
    for (source, folder, limit) in CIRCLES {
        let graph = Modules::read(&root().join(source)).graph();
        let mut circles = circles(&graph);
        circles.iter_mut().for_each(|circle| circle.retain(|file| file.starts_with(folder)));
        circles.sort_by_key(|circle| std::cmp::Reverse(circle.len()));
        let largest = circles.first().map_or(0, BTreeSet::len);
        if largest > *limit {
            let _ = writeln!(faults, "{source}/{folder}: {largest} files in a circle, {limit} are allowed");
            for circle in circles.iter().filter(|circle| circle.len() > *limit) {
                circle.iter().for_each(|file| faults.push_str(&imports_within(&graph, file, circle)));
            }
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}

#[test]
fn paths_name_the_module_that_defines_an_item() {
    let mut faults = String::new();
    for (source, limit) in REEXPORTS {
        let paths = Modules::read(&root().join(source)).through_reexports();
        if paths.len() > *limit {
            let _ = writeln!(faults, "{source}: {} paths name a re-export, {limit} are allowed", paths.len());
            paths.iter().for_each(|path| {
                let _ = writeln!(faults, "  {path}");
            });
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}

#[test]
fn no_file_is_longer_than_the_limit() {
    let mut faults = String::new();
    for (file, lines) in line_counts() {
        if lines > LINES {
            let _ = writeln!(faults, "{file} has {lines} lines, {LINES} are allowed");
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}

#[test]
fn every_snapshot_is_used_by_its_test() {
    let root = root();
    let mut faults = String::new();
    for snapshot in files_with("snap") {
        let text = fs::read_to_string(&snapshot).expect("a snapshot");
        let source = text.lines().find_map(|line| line.strip_prefix("source: ")).unwrap_or_default();
        let name = snapshot
            .file_stem()
            .and_then(|stem| stem.to_str())
            .and_then(|stem| stem.rsplit_once("__"))
            .map_or("", |(_, name)| name);
        let is_used = fs::read_to_string(root.join(source)).is_ok_and(|source| source.contains(name));
        if name.is_empty() || !is_used {
            let _ = writeln!(faults, "{}: {source} has no {name}", snapshot.display());
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}

/// The test that compares direct JSON with the engine's result goes through this list.
#[test]
fn every_object_that_is_written_directly_is_listed() {
    let source = root().join("crates/graphql/src");
    let list = fs::read_to_string(source.join("direct_fields.rs")).expect("the list");
    let listed: BTreeSet<&str> = list.split(|c: char| !c.is_alphanumeric()).collect();
    let objects: BTreeSet<String> = files_with("rs")
        .iter()
        .filter(|file| file.starts_with(&source))
        .flat_map(|file| direct_objects(file))
        .collect();
    assert!(objects.contains("Matter") && objects.contains("MatterEdge") && objects.contains("PageInfo"));
    let missing: Vec<_> = objects.iter().filter(|object| !listed.contains(object.as_str())).collect();
    assert!(missing.is_empty(), "direct_fields.rs does not list {missing:?}");
}

/// The objects of a file that the macros write directly.
fn direct_objects(file: &Path) -> Vec<String> {
    let is_derived = |attribute: &syn::Attribute| {
        attribute.path().is_ident("derive")
            && attribute.meta.require_list().is_ok_and(|list| list.tokens.to_string().contains("DirectJson"))
    };
    let of_item = |item: syn::Item| match item {
        syn::Item::Impl(of) if of.attrs.iter().any(|attribute| attribute.path().is_ident("direct_json")) => {
            let syn::Type::Path(path) = *of.self_ty else { return Vec::new() };
            path.path.segments.last().map(|last| last.ident.to_string()).into_iter().collect()
        }
        syn::Item::Struct(of) if of.attrs.iter().any(is_derived) => vec![of.ident.to_string()],
        syn::Item::Macro(of)
            if of.mac.path.segments.last().is_some_and(|last| last.ident.to_string().ends_with("connection")) =>
        {
            let names = of
                .mac
                .tokens
                .into_iter()
                .filter_map(|token| if let TokenTree::Ident(name) = token { Some(name.to_string()) } else { None });
            names.collect()
        }
        _ => Vec::new(),
    };
    let text = fs::read_to_string(file).expect("a source");
    syn::parse_file(&text).expect("Rust").items.into_iter().flat_map(of_item).collect()
}

/// A file of a circle with the files of the circle that it imports from, and a path of each import.
fn imports_within(graph: &Graph, file: &Path, circle: &BTreeSet<PathBuf>) -> String {
    let mut text = format!("  {}\n", file.display());
    for (to, path) in graph.get(file).into_iter().flatten().filter(|(to, _)| circle.contains(*to)) {
        let _ = writeln!(text, "    -> {}   {path}", to.display());
    }
    text
}

/// The lines of every source file of the workspace, by its path.
fn line_counts() -> BTreeMap<String, usize> {
    let lines = |path: PathBuf| {
        let lines = fs::read_to_string(&path).expect("a source").lines().count();
        (path.strip_prefix(root()).expect("within the workspace").display().to_string(), lines)
    };
    files_with("rs").into_iter().map(lines).collect()
}

/// The files of the workspace with this extension.
fn files_with(wanted: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders =
        vec![root().join("crates"), root().join("migrations"), root().join("tests"), root().join("tools")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() && path.file_name().is_none_or(|name| name != "target" && name != "node_modules") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == wanted) {
                files.push(path);
            }
        }
    }
    files
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace")
}

/// A crate of four files, in a folder: two import each other, one of them through a re-export.
#[test]
fn cycles_and_reexports_are_detected() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = [
        ("lib.rs", "mod a; mod b; pub mod c; pub use a::A;"),
        ("a.rs", "pub struct A; fn f() { println!(\"{}\", crate::b::size()); }"),
        ("b.rs", "use crate::A; pub fn size() -> usize { size_of::<A>() } #[cfg(test)] mod tests { use crate::c::C; }"),
        ("c/mod.rs", "use super::b; pub struct C; fn g() -> usize { b::size() }"),
    ];
    fs::create_dir(folder.path().join("c")).expect("a folder");
    for (name, text) in files {
        fs::write(folder.path().join(name), text).expect("a file");
    }
    let modules = Modules::read(folder.path());
    let graph = modules.graph();
    let circle = BTreeSet::from([PathBuf::from("a.rs"), PathBuf::from("b.rs")]);
    assert_eq!(circles(&graph), std::slice::from_ref(&circle));
    assert_eq!(imports_within(&graph, Path::new("b.rs"), &circle), "  b.rs\n    -> a.rs   crate::A\n");
    assert!(graph[Path::new("c/mod.rs")].contains_key(Path::new("b.rs")));
    assert_eq!(modules.through_reexports().into_iter().collect::<Vec<_>>(), ["b.rs: crate::A"]);
}
