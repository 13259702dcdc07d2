//! Rules of the architecture: which crate may depend on what. Read from manifests and sources.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use domain::Digest;

const ROOMS: [(&str, &str); 11] = [
    ("domain", "crates/domain"),
    ("exchange", "crates/exchange"),
    ("catalogue", "crates/catalogue"),
    ("persistence", "crates/persistence"),
    ("registry", "crates/registry"),
    ("graphql", "crates/graphql"),
    ("graphql-macros", "crates/graphql-macros"),
    ("pages", "crates/pages"),
    ("gateway", "crates/gateway"),
    ("migrations", "migrations"),
    ("scenarios", "tests"),
];

/// The allowed dependencies of each crate.
const ARROWS: [(&str, &[&str]); 11] = [
    ("domain", &[]),
    ("exchange", &["domain"]),
    ("catalogue", &["domain"]),
    ("persistence", &["domain", "exchange", "catalogue", "migrations"]),
    ("registry", &["domain", "exchange", "catalogue", "persistence"]),
    ("graphql", &["domain", "exchange", "catalogue", "persistence", "registry", "graphql-macros"]),
    ("graphql-macros", &[]),
    ("pages", &["domain", "catalogue", "registry"]),
    ("gateway", &["domain", "exchange", "catalogue", "persistence", "registry", "graphql", "pages"]),
    ("migrations", &[]),
    ("scenarios", &["domain", "exchange", "catalogue", "persistence", "registry", "graphql", "gateway"]),
];

/// Every migration file with its SHA-256. A new file gets a line here, which the failing test prints. The line of a
/// released migration never changes: databases have run it.
const MIGRATIONS: &[(&str, &str)] = &[
    ("m20261123_000001_registry.rs", "sha-256:07a31acb8ad4fe2bff0a3ecaee88222800358e75904fb897f042db2b8d0ab913"),
    ("m20261124_000002_acts.rs", "sha-256:e8e0acdb456b27502e168bb45dbee710723aed097fbe0a54e6501fd51427c6a8"),
    ("m20261125_000003_documents.rs", "sha-256:238227f795c344a5c476b5462aad6269397c541aa7448ec938f241974e96d3b0"),
    ("m20261129_000004_imported_lines.rs", "sha-256:e994dfd231c7af6dac20724cb61aedc391e14351aec16c4437c14fea026b63eb"),
    ("m20261130_000005_document_chunks.rs", "sha-256:b27bd2885888b1645186b066d75a620f36f5755d4b7b872e1ae166e5a98b71c4"),
    ("m20261130_000006_people.rs", "sha-256:c9be2121fd1a92249703bb8e3156d6091e6d8c4cac1fa0d4eda25771ac4544b2"),
    ("m20261130_000007_feedback.rs", "sha-256:8229f680c4e2ec3d58bea96122429cbd37cb0da46b0a035758f68227e1bb41ad"),
];

#[test]
fn dependencies_between_crates_point_one_way() {
    let ours: BTreeSet<&str> = ROOMS.iter().map(|(name, _)| *name).collect();
    for (room, allowed) in ARROWS {
        let allowed: BTreeSet<&str> = allowed.iter().copied().collect();
        let leans_on = dependencies(room);
        let ours: BTreeSet<&str> = leans_on.iter().map(String::as_str).filter(|name| ours.contains(name)).collect();
        assert_eq!(ours, allowed, "what `{room}` leans on");
    }
}

#[test]
fn domain_and_catalogue_use_no_clock_file_socket_or_randomness() {
    for room in ["domain", "catalogue"] {
        let leans_on = dependencies(room);
        for outside in ["tokio", "rand", "getrandom", "uuid", "fastrand", "sea-orm", "reqwest", "hyper", "tempfile"] {
            assert!(!leans_on.contains(outside), "`{room}` leans on {outside}");
        }
        // Tests and benchmarks may read files and the clock.
        let of_the_room =
            |file: &Path| !file.components().any(|part| part.as_os_str() == "tests" || part.as_os_str() == "benches");
        for (file, source) in sources(room).into_iter().filter(|(file, _)| of_the_room(file)) {
            for outside in ["Utc::now", "Local::now", "SystemTime", "Instant", "tokio", "getrandom", "rand"] {
                assert!(!names(&source, outside), "{} names {outside}", file.display());
            }
            let std = modules_of_std(&source);
            for outside in ["fs", "net", "env", "process", "thread", "io", "os", "time"] {
                assert!(!std.contains(outside), "{} names std::{outside}", file.display());
            }
        }
    }
}

#[test]
fn only_persistence_and_migrations_name_sea_orm() {
    named_only_by(&["persistence", "migrations"], &["sea_orm", "sea_orm_migration", "sea_query", "sqlx"]);
}

#[test]
fn only_graphql_names_async_graphql_and_only_the_gateway_names_http() {
    named_only_by(&["gateway"], &["axum", "tower_http", "hyper"]);
    // The gateway's tests read schemas and let resolvers fail; its sources do not. The macros generate code of
    // graphql.
    named_only_by(&["graphql", "graphql-macros", "gateway"], &["async_graphql"]);
    let product = root().join("crates/gateway/src");
    for (file, source) in sources("gateway").into_iter().filter(|(file, _)| file.starts_with(&product)) {
        assert!(!reaches_into(&source, "async_graphql"), "{} names async_graphql", file.display());
    }
}

#[test]
fn a_unit_of_work_is_committed_in_one_place() {
    let committing: BTreeSet<String> = sources("persistence")
        .into_iter()
        .filter(|(_, source)| source.contains("tx.commit()"))
        .filter_map(|(file, _)| Some(file.file_name()?.to_str()?.to_owned()))
        .collect();
    // The health probe commits the unchanged head, to test whether the database can be written.
    let allowed = BTreeSet::from(["health.rs".to_owned(), "unit_of_work.rs".to_owned()]);
    assert_eq!(committing, allowed, "only the unit of work commits changes, and it writes its journal entries first");
    for room in ["gateway", "pages", "graphql", "registry", "catalogue", "domain"] {
        for (file, source) in sources(room) {
            assert!(!source.contains("DatabaseTransaction"), "{} opens a transaction of its own", file.display());
        }
    }
}

#[test]
fn every_crate_uses_the_workspace_lints() {
    for (room, folder) in ROOMS {
        let manifest = fs::read_to_string(root().join(folder).join("Cargo.toml")).expect(room);
        assert!(manifest.contains("[lints]\nworkspace = true"), "`{room}` has lints of its own");
    }
}

#[test]
fn no_file_is_called_utils() {
    for (room, _) in ROOMS {
        for (file, _) in sources(room) {
            let stem = file.file_stem().and_then(|stem| stem.to_str()).expect("a name");
            assert!(
                !["util", "utils", "helper", "helpers", "misc"].contains(&stem),
                "{} needs a specific name",
                file.display()
            );
        }
    }
}

#[test]
fn a_released_migration_is_never_edited() {
    let files: BTreeMap<String, String> = sources_with_comments("migrations")
        .into_iter()
        .filter(|(file, _)| file.file_name().is_some_and(|name| name != "lib.rs"))
        .map(|(file, source)| {
            let name = file.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
            (name, Digest::of(source.as_bytes()).to_string())
        })
        .collect();
    let lines: String = files.iter().map(|(name, digest)| format!("    ({name:?}, {digest:?}),\n")).collect();
    let listed: BTreeMap<String, String> =
        MIGRATIONS.iter().map(|(name, digest)| ((*name).to_owned(), (*digest).to_owned())).collect();
    assert_eq!(
        files, listed,
        "the migrations are not those of the list. A new file: add its line to MIGRATIONS.\n{lines}"
    );
}

/// Chinese texts use one term for each concept. 送签 is matched alone, since 发送签约方 contains it.
#[test]
fn replaced_terms_are_gone_from_chinese_texts() {
    const REPLACED: [&str; 13] = [
        "退出告知",
        "告知退出",
        "退出请告知",
        "撤销告知",
        "自查问题",
        "通办路径",
        "数据版次",
        "登记簿",
        "登记处",
        "“我在”",
        "\"我在\"",
        "事项归",
        "\"核对日期\"",
    ];
    let documents = [
        "README.md",
        "README.zh.md",
        "docs/graphql.md",
        "docs/mirror.md",
        "docs/console.zh.md",
        "docs/graphql.zh.md",
        "docs/mirror.zh.md",
        "docs/records.zh.md",
        "deploy/README.zh.md",
        "schema.graphql",
        "deploy/README.md",
    ];
    let documents =
        documents.map(|file| (root().join(file), fs::read_to_string(root().join(file)).expect("it is there")));
    let sources =
        ROOMS.iter().filter(|(room, _)| *room != "scenarios").flat_map(|(room, _)| sources_with_comments(room));
    for (file, text) in sources.chain(documents) {
        let text = text.replace("发送签约方", "");
        for term in REPLACED.iter().chain(&["送签"]) {
            assert!(!text.contains(term), "{} says {term}", file.display());
        }
    }
}

/// Are these names used by these crates only? The scenarios are exempt: they change single bytes in the database.
fn named_only_by(rooms: &[&str], words: &[&str]) {
    for (room, _) in ROOMS.into_iter().filter(|(room, _)| *room != "scenarios" && !rooms.contains(room)) {
        let leans_on = dependencies(room);
        for word in words {
            assert!(!leans_on.iter().any(|name| name.replace('-', "_") == *word), "`{room}` leans on {word}");
            for (file, source) in sources(room) {
                assert!(!reaches_into(&source, word), "{} names {word}", file.display());
            }
        }
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

/// The dependencies of a crate, including those for tests.
fn dependencies(room: &str) -> BTreeSet<String> {
    let folder = ROOMS.iter().find(|(name, _)| *name == room).expect("a room").1;
    let manifest = fs::read_to_string(root().join(folder).join("Cargo.toml")).expect("a manifest");
    let mut inside = false;
    let mut crates = BTreeSet::new();
    for line in manifest.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[') {
            inside = section.trim_end_matches(']').ends_with("dependencies");
        } else if inside && let Some((name, _)) = line.split_once('=') {
            crates.insert(name.trim().split('.').next().expect("a name").to_owned());
        }
    }
    crates
}

/// The sources of a crate without comments.
fn sources(room: &str) -> Vec<(PathBuf, String)> {
    let code = |source: String| {
        source.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
    };
    sources_with_comments(room).into_iter().map(|(file, source)| (file, code(source))).collect()
}

fn sources_with_comments(room: &str) -> Vec<(PathBuf, String)> {
    let folder = ROOMS.iter().find(|(name, _)| *name == room).expect("a room").1;
    let mut files = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let source = fs::read_to_string(&path).expect("a source");
                files.push((path, source));
            }
        }
    }
    assert!(!files.is_empty(), "`{room}` has no sources");
    files.sort();
    files
}

/// Does the source contain the word as a whole word?
fn names(source: &str, word: &str) -> bool {
    let part_of_word = |c: char| c.is_alphanumeric() || c == '_';
    source.match_indices(word).any(|(at, _)| {
        let before = source[..at].chars().next_back();
        let after = source[at + word.len()..].chars().next();
        !before.is_some_and(part_of_word) && !after.is_some_and(part_of_word)
    })
}

/// Does the source use the crate? (A log filter may contain its name.)
fn reaches_into(source: &str, krate: &str) -> bool {
    source.lines().any(|line| {
        names(line, krate) && (line.contains(&format!("{krate}::")) || line.trim_start().starts_with("use "))
    })
}

/// The modules of `std` that a source uses, in paths or `use` groups.
fn modules_of_std(source: &str) -> BTreeSet<String> {
    let dense: String = source.split_whitespace().collect();
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut modules = BTreeSet::new();
    for (at, _) in dense.match_indices("std::") {
        let rest = &dense[at + "std::".len()..];
        let Some(group) = rest.strip_prefix('{') else {
            modules.insert(word(rest));
            continue;
        };
        let mut depth = 0_i32;
        let mut item = String::new();
        for c in group.chars() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    modules.insert(word(&item));
                    item.clear();
                    continue;
                }
                _ => {}
            }
            item.push(c);
        }
        modules.insert(word(&item));
    }
    modules
}

#[test]
fn the_source_scanner_finds_names_and_modules() {
    assert!(names("let now = Utc::now();", "Utc::now"));
    assert!(!names("operand brand rand_core", "rand"));
    let std: Vec<_> =
        modules_of_std("use std::{collections::{BTreeMap, HashMap}, fs::File};\nuse std::env;").into_iter().collect();
    assert_eq!(std, ["collections", "env", "fs"]);
    assert!(reaches_into("use sea_orm as orm;", "sea_orm"));
    assert!(!reaches_into("filter(\"sea_orm=warn\")", "sea_orm"));
    assert!(dependencies("gateway").contains("async-graphql"));
}
