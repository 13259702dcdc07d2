//! The demo's records, and workbooks made in code.

#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]

use std::io::Cursor;
use std::path::{Path, PathBuf};

use domain::reading::Reader;
use domain::{District, DistrictCode, Matter, Problems};
use exchange::memory_index::{MatterNames, PartyNames};
use exchange::schedule::options::Options;
use exchange::schedule::read::read;
use exchange::schedule::report::Report;
use rust_xlsxwriter::{Workbook, Worksheet};

pub const NANSHA: &str = "440115";
pub const KUNSHAN: &str = "320583";

pub fn code<C: std::str::FromStr>(text: &str) -> C {
    text.parse().ok().expect("a code")
}

pub fn data(name: &str) -> Vec<u8> {
    std::fs::read(folder().join("tests/data").join(name)).expect("a file of the tests")
}

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn demo<T>(file: &str, read: impl Fn(&mut Reader<'_>) -> T) -> Vec<T> {
    let path: PathBuf = folder().join("../gateway/demo").join(file);
    let text = std::fs::read_to_string(path).expect("the demo");
    let value = |line: &str| {
        let mut value: serde_json::Value = serde_json::from_str(line).expect("JSON");
        value.as_object_mut().expect("an object").remove("type");
        value
    };
    text.lines().map(|line| domain::reading::read(&value(line), &mut Vec::new(), &read).expect("a record")).collect()
}

pub fn matters() -> MatterNames {
    MatterNames::new(&demo("matters.ndjson", Matter::read))
}

/// A matter of the demo.
pub fn matter(code: domain::MatterCode) -> Option<Matter> {
    demo("matters.ndjson", Matter::read).into_iter().find(|matter| matter.code == code)
}

/// Nansha and Kunshan.
pub fn parties() -> PartyNames {
    let districts = demo("districts.ndjson", District::read);
    let of = |text: &str| {
        let code: DistrictCode = code(text);
        districts.iter().find(|district| district.code == code).expect("a district")
    };
    PartyNames::new([of(NANSHA), of(KUNSHAN)])
}

pub fn read_with(bytes: Vec<u8>, options: &Options) -> Result<Report, Problems> {
    read(Cursor::new(bytes), options, &matters(), &parties())
}

pub fn read_bytes(bytes: Vec<u8>) -> Report {
    read_with(bytes, &Options::default()).expect("a list")
}

/// The rule and message of a refusal.
pub fn refusal(bytes: Vec<u8>) -> (&'static str, String) {
    let problems = read_with(bytes, &Options::default()).expect_err("a refusal");
    assert!(problems.iter().all(|problem| problem.remedy.is_some()), "{problems:?}");
    (problems[0].rule, problems[0].message.zh.clone())
}

/// A workbook of one sheet.
pub fn workbook(write: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut workbook = Workbook::new();
    write(workbook.add_worksheet());
    workbook.save_to_buffer().expect("a workbook")
}

/// Writes rows of texts from a row on, counted from 0.
pub fn write_rows(sheet: &mut Worksheet, from: u32, rows: &[&[&str]]) {
    for (i, row) in (from..).zip(rows) {
        for (j, text) in (0..).zip(*row) {
            if !text.is_empty() {
                sheet.write_string(i, j, *text).expect("a cell");
            }
        }
    }
}
