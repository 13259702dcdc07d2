//! Measures how a large list is read: `large_list write FILE ROWS`, then `large_list read FILE` in a process of its
//! own, so that its peak of memory is that of reading.

#![expect(clippy::print_stdout, reason = "an example prints what it measured")]

use std::error::Error;
use std::fs::File;
use std::io::BufReader;
use std::time::Instant;

use domain::import::Verdict;
use domain::{District, Matter};
use exchange::memory_index::{MatterNames, PartyNames};
use exchange::schedule::options::Options;
use exchange::schedule::plan::{Unnamed, plan};
use exchange::schedule::read::read;
use exchange::schedule::summary::summaries;
use exchange::side::PartyIndex as _;
use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};

/// Matters of the registry; a list with more rows repeats them.
const MATTERS: u32 = 50_000;

const HEAD: [&str; 9] = ["序号", "事项名称", "基本编码", "领域", "通办方式", "收件地", "业务属地", "办理时限", "备注"];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["write", file, rows] => write(file, rows.parse()?),
        ["read", file] => measure(file),
        _ => Err("large_list write FILE ROWS | large_list read FILE".into()),
    }
}

/// The name of a matter, different for every number.
fn name(number: u32) -> String {
    format!("跨域通办示例事项第{number}号（含变更、补发）")
}

fn write(file: &str, rows: u32) -> Result<(), Box<dyn Error>> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_string(0, 0, "跨域通办事项清单")?;
    for (column, text) in (0..).zip(HEAD) {
        sheet.write_string(1, column, text)?;
    }
    for row in 0..rows {
        sheet.write_number(row + 2, 0, row + 1)?;
        let cells = [name(row % MATTERS).as_str(), "", "其他", "全程网办", "昆山", "南沙", "5个工作日", "示例"]
            .map(str::to_owned);
        for (column, text) in (1..).zip(cells).filter(|(_, text)| !text.is_empty()) {
            sheet.write_string(row + 2, column, text)?;
        }
    }
    book.save(file)?;
    Ok(())
}

fn measure(file: &str) -> Result<(), Box<dyn Error>> {
    let record = |value: Value| domain::reading::read(&value, &mut Vec::new(), Matter::read).ok_or("a matter");
    let matters = (0..MATTERS).map(|number| {
        record(json!({ "code": format!("L{number:011}"), "name": name(number), "domain": "OTHER", "audience": ["NATURAL_PERSON"] }))
    });
    let matters = MatterNames::new(&matters.collect::<Result<Vec<_>, _>>()?);
    let district = |code: &str, name: &str| {
        let value = json!({ "code": code, "name": name, "kind": "COUNTY", "parent": format!("{}00", &code[..4]) });
        domain::reading::read(&value, &mut Vec::new(), District::read).ok_or("a district")
    };
    let parties = PartyNames::new(&[district("440115", "南沙区")?, district("320583", "昆山市")?]);
    let before = peak();
    let start = Instant::now();
    let report = read(BufReader::new(File::open(file)?), &Options::default(), &matters, &parties);
    let mut report = report.map_err(|problems| problems[0].message.en.clone())?;
    let read_in = start.elapsed();
    let planned = plan(&mut report.rows, &[], parties.parties(), Unnamed::Keep);
    println!(
        "{}: {} rows read in {read_in:.2?}, planned in {:.2?}",
        report.form,
        report.rows.len(),
        start.elapsed() - read_in
    );
    println!(
        "create {}, skip {}, error {}",
        report.count(Verdict::Create),
        report.count(Verdict::Skip),
        report.count(Verdict::Error)
    );
    println!("{} clauses, {} kinds of problems", planned.clauses.len(), summaries(report.problems()).len());
    println!("peak of memory: {} MiB, {} MiB of it before", peak() / 1024, before / 1024);
    Ok(())
}

/// The peak of memory of this process, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}
