//! The imports of a crate: which file uses an item of which other file. Read with `syn`; tests are left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};

/// The modules of a crate. The first is its root.
pub(crate) struct Modules {
    source: PathBuf,
    modules: Vec<Module>,
}

#[derive(Default)]
struct Module {
    file: PathBuf,
    parent: Option<usize>,
    children: BTreeMap<String, usize>,
    /// The items that are defined here, by name.
    items: BTreeSet<String>,
    uses: Vec<Use>,
    paths: Vec<Vec<String>>,
    /// Every identifier outside of `pub use`.
    identifiers: BTreeSet<String>,
}

#[derive(Clone)]
struct Use {
    path: Vec<String>,
    /// The name that it has here; a glob has none.
    name: Option<String>,
    public: bool,
}

#[derive(Clone, Copy)]
enum Target {
    Module(usize),
    /// An item, and the module that defines it.
    Item(usize),
}

/// A path that was followed to its item.
struct Found {
    target: Target,
    through_reexport: bool,
}

/// The files that a file imports from, each with one path as an example.
pub(crate) type Graph = BTreeMap<PathBuf, BTreeMap<PathBuf, String>>;

impl Modules {
    /// Reads the modules of the crate whose sources lie in `source`, beginning with `lib.rs`.
    pub(crate) fn read(source: &Path) -> Self {
        let mut modules = Self { source: source.to_owned(), modules: Vec::new() };
        modules.read_file(&source.join("lib.rs"), source, None);
        modules
    }

    /// Which file imports from which. An import through a re-export counts as one from the file that defines the item.
    /// A re-export is an import only if its file uses the name itself.
    pub(crate) fn graph(&self) -> Graph {
        let mut graph = Graph::new();
        for (at, module) in self.modules.iter().enumerate() {
            let used = |entry: &&Use| {
                !entry.public || entry.name.as_ref().is_some_and(|name| module.identifiers.contains(name))
            };
            let imported = module.uses.iter().filter(used).map(|entry| &entry.path);
            for path in imported.chain(&module.paths) {
                let Some(found) = self.resolve(at, path, 0) else { continue };
                let (Target::Module(to) | Target::Item(to)) = found.target;
                let (from, to) = (self.short(&module.file), self.short(&self.modules[to].file));
                if from != to {
                    graph.entry(from).or_default().entry(to).or_insert_with(|| path.join("::"));
                }
            }
        }
        graph
    }

    /// The paths that name a re-export instead of the module that defines the item, each as `file: path`.
    pub(crate) fn through_reexports(&self) -> BTreeSet<String> {
        let mut paths = BTreeSet::new();
        for (at, module) in self.modules.iter().enumerate() {
            for path in module.uses.iter().map(|entry| &entry.path).chain(&module.paths) {
                if self.resolve(at, path, 0).is_some_and(|found| found.through_reexport) {
                    paths.insert(format!("{}: {}", self.short(&module.file).display(), path.join("::")));
                }
            }
        }
        paths
    }

    fn short(&self, file: &Path) -> PathBuf {
        file.strip_prefix(&self.source).expect("a file of the crate").to_owned()
    }

    fn read_file(&mut self, file: &Path, folder: &Path, parent: Option<usize>) -> usize {
        let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let parsed = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        self.read_items(&parsed.items, file, folder, parent)
    }

    fn read_items(&mut self, items: &[syn::Item], file: &Path, folder: &Path, parent: Option<usize>) -> usize {
        let at = self.modules.len();
        self.modules.push(Module { file: file.to_owned(), parent, ..Module::default() });
        let mut reader = Reader::default();
        for item in items {
            match item {
                syn::Item::Mod(module) if !is_test(&module.attrs) => {
                    let name = module.ident.to_string();
                    let below = folder.join(&name);
                    let child = if let Some((_, items)) = &module.content {
                        self.read_items(items, file, &below, Some(at))
                    } else {
                        let beside = folder.join(format!("{name}.rs"));
                        let file = if beside.exists() { beside } else { below.join("mod.rs") };
                        self.read_file(&file, &below, Some(at))
                    };
                    self.modules[at].children.insert(name, child);
                }
                syn::Item::Mod(_) => {}
                item => {
                    self.modules[at].items.extend(name_of(item));
                    reader.visit_item(item);
                }
            }
        }
        let module = &mut self.modules[at];
        module.uses = reader.uses;
        module.paths = reader.paths;
        module.identifiers = reader.identifiers;
        at
    }

    /// Follows a path from a module to the item that it names. Nothing if that isn't of this crate.
    fn resolve(&self, from: usize, path: &[String], depth: usize) -> Option<Found> {
        if depth > 16 {
            return None;
        }
        let mut through_reexport = false;
        let mut rest = path.iter();
        let mut at = from;
        let mut begun = false;
        let mut next = rest.next();
        while let Some(step) = next {
            match step.as_str() {
                "crate" => at = 0,
                "self" => {}
                "super" => at = self.modules[at].parent?,
                _ => break,
            }
            begun = true;
            next = rest.next();
        }
        if !begun {
            // The name of a child, or one that was imported; everything else is another crate's.
            let first = next?;
            let found = match self.modules[at].children.get(first) {
                Some(child) => Found { target: Target::Module(*child), through_reexport: false },
                None => self.imported(at, first, depth)?,
            };
            match found.target {
                Target::Module(module) => at = module,
                Target::Item(_) => return Some(found),
            }
            next = rest.next();
        }
        while let Some(step) = next {
            let found = self.lookup(at, step, depth);
            through_reexport |= found.through_reexport;
            match found.target {
                Target::Module(module) => at = module,
                target @ Target::Item(_) => return Some(Found { target, through_reexport }),
            }
            next = rest.next();
        }
        Some(Found { target: Target::Module(at), through_reexport })
    }

    /// Resolves a name in the module that a path has reached. An item from a macro counts as defined there.
    fn lookup(&self, module: usize, name: &str, depth: usize) -> Found {
        let here = &self.modules[module];
        if let Some(child) = here.children.get(name) {
            return Found { target: Target::Module(*child), through_reexport: false };
        }
        if here.items.contains(name) {
            return Found { target: Target::Item(module), through_reexport: false };
        }
        if let Some(found) = self.imported(module, name, depth) {
            return Found { through_reexport: true, ..found };
        }
        for glob in here.uses.iter().filter(|entry| entry.name.is_none()) {
            let Some(Found { target: Target::Module(module), .. }) = self.resolve(module, &glob.path, depth + 1) else {
                continue;
            };
            if self.modules[module].items.contains(name) {
                return Found { target: Target::Item(module), through_reexport: true };
            }
        }
        Found { target: Target::Item(module), through_reexport: false }
    }

    fn imported(&self, module: usize, name: &str, depth: usize) -> Option<Found> {
        let entry = self.modules[module].uses.iter().find(|entry| entry.name.as_deref() == Some(name))?;
        // `use name;` would lead back to itself.
        (entry.path.first().map(String::as_str) != Some(name)).then(|| self.resolve(module, &entry.path, depth + 1))?
    }
}

/// The circles of a graph: sets of files of which each reaches every other by imports.
pub(crate) fn circles(graph: &Graph) -> Vec<BTreeSet<PathBuf>> {
    let reached: BTreeMap<&PathBuf, BTreeSet<&PathBuf>> = graph
        .keys()
        .map(|file| {
            let mut reached = BTreeSet::new();
            let mut open = vec![file];
            while let Some(file) = open.pop() {
                open.extend(graph.get(file).into_iter().flat_map(BTreeMap::keys).filter(|next| reached.insert(*next)));
            }
            (file, reached)
        })
        .collect();
    let mut circles = BTreeSet::new();
    for (file, others) in &reached {
        if others.contains(file) {
            let there_and_back =
                others.iter().filter(|other| reached.get(*other).is_some_and(|back| back.contains(file)));
            circles.insert(there_and_back.map(|file| (*file).clone()).collect::<BTreeSet<_>>());
        }
    }
    circles.into_iter().collect()
}

/// Collects the imports and paths of items.
#[derive(Default)]
struct Reader {
    uses: Vec<Use>,
    paths: Vec<Vec<String>>,
    identifiers: BTreeSet<String>,
}

impl Reader {
    fn read_use(&mut self, tree: &syn::UseTree, before: &[String], public: bool) {
        let with = |name: &syn::Ident| {
            let mut path = before.to_vec();
            path.push(name.to_string());
            path
        };
        match tree {
            syn::UseTree::Path(path) => self.read_use(&path.tree, &with(&path.ident), public),
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.read_use(tree, before, public)),
            syn::UseTree::Glob(_) => self.uses.push(Use { path: before.to_vec(), name: None, public }),
            syn::UseTree::Name(name) if name.ident == "self" => {
                self.uses.push(Use { path: before.to_vec(), name: before.last().cloned(), public });
            }
            syn::UseTree::Name(name) => {
                self.uses.push(Use { path: with(&name.ident), name: Some(name.ident.to_string()), public });
            }
            syn::UseTree::Rename(renamed) => {
                self.uses.push(Use { path: with(&renamed.ident), name: Some(renamed.rename.to_string()), public });
            }
        }
    }

    /// The paths in the input of a macro, which is not parsed: names with `::` between them.
    fn read_tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    self.identifiers.insert(ident.to_string());
                    if colons != 2 {
                        self.end_path(&mut path);
                    }
                    path.push(ident.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Group(group) => {
                    self.end_path(&mut path);
                    colons = 0;
                    self.read_tokens(group.stream());
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {
                    self.end_path(&mut path);
                    colons = 0;
                }
            }
        }
        self.end_path(&mut path);
    }

    fn end_path(&mut self, path: &mut Vec<String>) {
        let path = std::mem::take(path);
        if path.len() > 1 {
            self.paths.push(path);
        }
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !is_test(attributes_of(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        if !is_test(&function.attrs) {
            visit::visit_impl_item_fn(self, function);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.read_use(&item.tree, &[], !matches!(item.vis, syn::Visibility::Inherited));
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.segments.len() > 1 {
            self.paths.push(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        }
        visit::visit_path(self, path);
    }

    fn visit_ident(&mut self, ident: &'ast syn::Ident) {
        self.identifiers.insert(ident.to_string());
    }

    fn visit_macro(&mut self, called: &'ast syn::Macro) {
        self.visit_path(&called.path);
        self.read_tokens(called.tokens.clone());
    }

    fn visit_meta_list(&mut self, list: &'ast syn::MetaList) {
        self.read_tokens(list.tokens.clone());
    }
}

fn name_of(item: &syn::Item) -> Option<String> {
    let name = match item {
        syn::Item::Const(item) => &item.ident,
        syn::Item::Enum(item) => &item.ident,
        syn::Item::Fn(item) => &item.sig.ident,
        syn::Item::Macro(item) => item.ident.as_ref()?,
        syn::Item::Static(item) => &item.ident,
        syn::Item::Struct(item) => &item.ident,
        syn::Item::Trait(item) => &item.ident,
        syn::Item::TraitAlias(item) => &item.ident,
        syn::Item::Type(item) => &item.ident,
        syn::Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(name.to_string())
}

fn attributes_of(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Const(item) => &item.attrs,
        syn::Item::Enum(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Trait(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// Is it compiled for tests only? `cfg(not(test))` is not.
fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.meta.require_list().is_ok_and(|list| list.tokens.to_string().split_whitespace().eq(["test"]))
    })
}
