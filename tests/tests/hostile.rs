//! Runs the inputs in `tools/fuzz/corpus` again: an input that once broke a parser must not break it again.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use scenarios::hostile::{self, Door};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").join("tools/fuzz").join(name)
}

fn names(folder: &Path) -> Vec<String> {
    let stem = |path: PathBuf| path.file_stem().expect("a name").to_str().expect("text").to_owned();
    let mut names: Vec<_> =
        fs::read_dir(folder).expect("a folder").map(|entry| stem(entry.expect("an entry").path())).collect();
    names.sort();
    names
}

fn hand_in(target: &str, to: impl Fn(&[u8])) {
    let folder = folder("corpus").join(target);
    for entry in fs::read_dir(folder).expect("a corpus") {
        let path = entry.expect("an entry").path();
        // The file name identifies the failing input.
        let bytes = fs::read(&path).expect("a file");
        let handed_in = catch_unwind(AssertUnwindSafe(|| to(&bytes)));
        assert!(handed_in.is_ok(), "{}", path.display());
    }
}

#[test]
fn codes_cause_no_panic() {
    hand_in("codes", hostile::codes);
}

#[test]
fn graphql_documents_cause_no_panic() {
    hand_in("document", hostile::document);
}

#[test]
fn import_lines_cause_no_panic() {
    hand_in("lines", hostile::lines);
}

#[test]
fn csv_tables_cause_no_panic() {
    hand_in("table", hostile::table);
}

#[test]
fn requests_cause_no_panic() {
    let door = Door::default();
    hand_in("request", |bytes| door.request(bytes));
}

#[test]
fn every_fuzz_target_has_a_seed_corpus() {
    let targets = names(&folder("targets"));
    assert_eq!(targets, ["codes", "document", "lines", "request", "table"]);
    assert_eq!(names(&folder("corpus")), targets);
    // Fuzz targets are built separately and rarely: they call the functions above.
    for target in targets {
        let source = fs::read_to_string(folder("targets").join(&target).with_extension("rs")).expect("a source");
        assert!(source.contains(&format!("{target}(bytes)")), "{target}");
    }
}
