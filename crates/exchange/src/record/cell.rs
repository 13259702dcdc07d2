//! Reads cells as people and spreadsheets write them: dates in common forms, numbers with units, codes protected from
//! the spreadsheet, lists with common separators.

use domain::text::quoted;
use domain::{Date, Message, Problem};
use serde_json::{Map, Value};

use super::cell_kind::CellKind;
use super::json;
use crate::value::entries;
use crate::value::opening::opening;
use crate::value::protection;

/// The value of a cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Blank, or a word for an open last day.
    Blank,
    Value(Value),
    /// A number of days with the kind of days from its unit.
    Days(u64, &'static str),
}

/// Reads a cell in a row of a type.
pub fn read(kind: &str, column: &[String], cell: &str) -> Result<Cell, Problem> {
    let cell = protection::unprotected(cell.trim()).trim();
    if cell.is_empty() {
        return Ok(Cell::Blank);
    }
    let cell_kind = CellKind::of(column, kind);
    if cell_kind.may_be_json() && cell.starts_with(['{', '[']) {
        return whole_json(cell).map(Cell::Value);
    }
    let text = |text: &str| Cell::Value(Value::String(text.to_owned()));
    let entries = |separators: &[char], each: fn(&str) -> String| {
        let entries = cell.split(separators).map(str::trim).filter(|entry| !entry.is_empty());
        entries.map(each).collect::<Vec<_>>()
    };
    let list = |entries: Vec<String>| Cell::Value(entries.into_iter().map(Value::String).collect());
    Ok(match cell_kind {
        CellKind::Text | CellKind::Object => text(cell),
        CellKind::Code => text(&code(cell)),
        CellKind::Word => text(&word(cell)),
        CellKind::Number => whole_number(cell).map_or_else(|| text(cell), |number| Cell::Value(number.into())),
        CellKind::Days => days(cell)?,
        CellKind::Flag => flag(cell)?,
        CellKind::Date => text(&day(cell)?),
        CellKind::LastDay if ["长期", "长期有效", "永久", "无固定期限", "无"].contains(&cell) => {
            Cell::Blank
        }
        CellKind::LastDay => text(&day(cell)?),
        CellKind::Dates => {
            let days = entries(&ANY_SEPARATOR, str::to_owned);
            list(days.iter().map(|entry| day(entry)).collect::<Result<_, _>>()?)
        }
        CellKind::Opening => Cell::Value(Value::Array(opening(cell)?)),
        CellKind::Codes => list(entries(&ANY_SEPARATOR, code)),
        CellKind::Words => list(entries(&ANY_SEPARATOR, word)),
        CellKind::Texts => list(entries(&ANY_SEPARATOR, str::to_owned)),
        CellKind::Names if !cell.contains(&SEPARATORS[..]) && cell.contains(['、', '，', ',']) => {
            return Err(unclear(cell));
        }
        CellKind::Names => list(entries(&SEPARATORS, str::to_owned)),
        // A cell has room for the code only.
        CellKind::Districts => {
            let district = |code| Value::Object(Map::from_iter([("district".to_owned(), Value::String(code))]));
            Cell::Value(entries(&ANY_SEPARATOR, code).into_iter().map(district).collect())
        }
        CellKind::Objects => match column {
            [field] if entries::is_written(field) && cell.lines().all(|line| line.contains(['|', '｜'])) => {
                Cell::Value(Value::Array(entries::read(field, cell)))
            }
            _ => return Err(needs_json()),
        },
    })
}

/// Separators of all lists.
const SEPARATORS: [char; 3] = [';', '；', '\n'];
/// Further separators for codes and words, which never contain them.
const ANY_SEPARATOR: [char; 6] = [';', '；', '\n', '、', '，', ','];

fn whole_json(cell: &str) -> Result<Value, Problem> {
    let duplicate = json::outline(cell).map_err(|error| json::not_json(&error, Vec::new()))?.duplicate;
    match duplicate {
        Some(path) => Err(json::key_twice(path)),
        None => serde_json::from_str(cell).map_err(|error| json::not_json(&error, Vec::new())),
    }
}

/// Converts full-width characters to ASCII.
fn narrow(text: &str) -> String {
    let narrow = |character| match character {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(character) - 0xFEE0).unwrap_or(character),
        '\u{3000}' => ' ',
        other => other,
    };
    text.chars().map(narrow).collect()
}

/// A code without its protection from a spreadsheet, in capital letters.
fn code(cell: &str) -> String {
    let narrow = narrow(cell);
    let bare = narrow.trim();
    let bare = bare.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')).unwrap_or(bare);
    let bare = bare.strip_prefix('\'').unwrap_or(bare).trim();
    // Digests are written in lower case.
    if bare.starts_with("sha-256:") { bare.to_owned() } else { bare.to_ascii_uppercase() }
}

fn word(cell: &str) -> String {
    narrow(cell).trim().to_ascii_uppercase()
}

/// `5`, `5.0`, `1,000`, `１５`.
fn whole_number(cell: &str) -> Option<u64> {
    let narrow = narrow(cell);
    let text = narrow.trim();
    let (ensure_unchanged, part) = text.split_once('.').unwrap_or((text, "0"));
    let groups: Vec<&str> = ensure_unchanged.split(',').collect();
    let is_grouped = groups.len() == 1 || groups[0].len() <= 3 && groups[1..].iter().all(|group| group.len() == 3);
    let digits = groups.concat();
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_whole = !part.is_empty() && part.bytes().all(|byte| byte == b'0');
    (is_grouped && !groups[0].is_empty() && are_digits(&digits) && is_whole).then(|| digits.parse().ok()).flatten()
}

/// `5`, `5个工作日`, `20 天`, `即办`.
fn days(cell: &str) -> Result<Cell, Problem> {
    const UNITS: [(&str, Option<&str>); 8] = [
        ("个工作日", Some("WORKING_DAY")),
        ("工作日", Some("WORKING_DAY")),
        ("个自然日", Some("CALENDAR_DAY")),
        ("自然日", Some("CALENDAR_DAY")),
        ("个日历日", Some("CALENDAR_DAY")),
        ("日历日", Some("CALENDAR_DAY")),
        ("天", None),
        ("日", None),
    ];
    if ["即办", "即时", "即时办结", "当场", "当场办结", "马上办"].contains(&cell) {
        return Ok(Cell::Days(0, "AT_ONCE"));
    }
    let (number, unit) =
        UNITS.iter().find_map(|(word, unit)| Some((cell.strip_suffix(word)?, *unit))).unwrap_or((cell, None));
    match (whole_number(number), unit) {
        (Some(number), None) => Ok(Cell::Value(number.into())),
        (Some(number), Some(unit)) => Ok(Cell::Days(number, unit)),
        (None, _) => {
            let given = quoted(cell);
            let message = Message::new(format!("“{given}”不是天数"), format!("“{given}” is not a number of days"));
            Err(Problem::invalid(Vec::new(), "NUMBER", message).remedy(
                "请填一个整数，可带单位，如 5、5个工作日、即办",
                "write one whole number, with its unit if need be: 5, 5个工作日, 即办",
            ))
        }
    }
}

fn flag(cell: &str) -> Result<Cell, Problem> {
    let flag = match narrow(cell).to_ascii_lowercase().as_str() {
        "true" | "yes" | "y" | "1" | "是" | "√" | "✓" => true,
        "false" | "no" | "n" | "0" | "否" | "×" => false,
        _ => {
            let given = quoted(cell);
            let message =
                Message::new(format!("“{given}”不是“是”或“否”"), format!("“{given}” is neither true nor false"));
            return Err(
                Problem::invalid(Vec::new(), "FLAG", message).remedy("可填 true、false、是、否", "write true or false")
            );
        }
    };
    Ok(Cell::Value(flag.into()))
}

/// A date in a common form, as this registry writes it.
fn day(cell: &str) -> Result<String, Problem> {
    let narrow = narrow(cell);
    usual_day(narrow.trim()).map(|day| day.to_string()).ok_or_else(|| {
        let given = quoted(cell);
        let forms_zh = "可写作 2021-06-01、2021/6/1、2021.6.1、2021年6月1日、20210601";
        let forms_en = "write it like 2021-06-01, 2021/6/1, 2021.6.1, 2021年6月1日 or 20210601";
        match serial(&narrow) {
            Some(day) => {
                let zh = format!("“{given}”是电子表格的日期序号（可能是 {day}）");
                let en = format!("“{given}” is the serial number of a date in a spreadsheet, perhaps {day}");
                Problem::invalid(Vec::new(), "DATE", Message::new(zh, en)).remedy(
                    format!("请把该列的格式设为日期后另存；{forms_zh}"),
                    format!("set the format of the column to date and save the file; {forms_en}"),
                )
            }
            None => {
                let message = Message::new(format!("“{given}”不是日期"), format!("“{given}” is not a date"));
                Problem::invalid(Vec::new(), "DATE", message).remedy(forms_zh, forms_en)
            }
        }
    })
}

fn usual_day(text: &str) -> Option<Date> {
    // A spreadsheet may add midnight to a date.
    let text =
        text.split_once([' ', 'T']).map_or(text, |(day, time)| if is_midnight(time.trim()) { day } else { text });
    let of = |year: &str, month: &str, day: &str| {
        let number = |text: &str, lengths: std::ops::RangeInclusive<usize>| {
            (lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()))
                .then(|| text.parse::<u32>().ok())
                .flatten()
        };
        let year = i32::try_from(number(year, 4..=4)?).ok()?;
        Date::from_ymd_opt(year, number(month, 1..=2)?, number(day, 1..=2)?)
    };
    if text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return of(&text[..4], &text[4..6], &text[6..]);
    }
    if let Some((year, rest)) = text.split_once('年') {
        let (month, day) = rest.split_once('月')?;
        return of(year.trim(), month.trim(), day.strip_suffix(['日', '号'])?.trim());
    }
    ['-', '/', '.'].iter().find_map(|mark| {
        let (year, rest) = text.split_once(*mark)?;
        let (month, day) = rest.split_once(*mark)?;
        of(year, month, day)
    })
}

fn is_midnight(time: &str) -> bool {
    matches!(time.trim_end_matches(".000"), "0:00" | "00:00" | "0:00:00" | "00:00:00")
}

/// The date for a spreadsheet's serial number, if it is plausible.
fn serial(text: &str) -> Option<Date> {
    let number: u64 = text.trim().parse().ok().filter(|number| (18_000..=80_000).contains(number))?;
    Date::from_ymd_opt(1899, 12, 30)?.checked_add_days(chrono::Days::new(number))
}

fn unclear(cell: &str) -> Problem {
    let given = quoted(cell);
    let message = Message::new(
        format!("“{given}”中的逗号或顿号是分隔符还是名称的一部分，无法判断"),
        format!("in “{given}” it is unclear whether a comma separates names or is part of a name"),
    );
    Problem::invalid(Vec::new(), "UNCLEAR_LIST", message).remedy(
        "多个名称请用 ; 或 ； 分隔；一个含逗号或顿号的名称，请在其后加一个 ;",
        "put ; between several names; where one name has a comma within, put ; after it",
    )
}

fn needs_json() -> Problem {
    let message = Message::new(
        "此列的每一项由几个字段组成，不能只写文字",
        "an entry of this column has several fields, so plain text is not enough",
    );
    Problem::invalid(Vec::new(), "NEEDS_JSON", message).remedy(
        r#"材料可写成“身份证 | 必要 | 原件 | 1”，每行一项；也可写成 JSON 列表：[{"name":"身份证","necessity":"REQUIRED"}]"#,
        r#"write materials like “身份证 | 必要 | 原件 | 1”, one a line, or a list of JSON: [{"name":"身份证","necessity":"REQUIRED"}]"#,
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn cell(column: &str, text: &str) -> Result<Cell, &'static str> {
        let column: Vec<String> = column.split('.').map(str::to_owned).collect();
        read("matter", &column, text).map_err(|problem| problem.rule)
    }

    fn value(column: &str, text: &str) -> Value {
        match cell(column, text) {
            Ok(Cell::Value(value)) => value,
            other => panic!("{column} {text}: {other:?}"),
        }
    }

    #[test]
    fn days_are_read_in_their_usual_forms() {
        for text in [
            "2021-06-01",
            "2021/6/1",
            "2021/06/01",
            "2021.6.1",
            "2021-6-1",
            "20210601",
            "2021年6月1日",
            "2021年06月01日",
            "2021-06-01 00:00:00",
            "2021-06-01T00:00:00",
            "2021/6/1 0:00",
            "２０２１／６／１",
        ] {
            assert_eq!(value("signedOn", text), json!("2021-06-01"), "{text}");
        }
        for text in [
            "长期",
            "44348",
            "二〇二一年六月一日",
            "2021-02-30",
            "6/1/2021",
            "2021/6",
            "2021-06-01 09:30:00",
            "2021-6/1",
        ] {
            assert_eq!(cell("signedOn", text), Err("DATE"), "{text}");
        }
        assert_eq!(cell("validTo", "长期"), Ok(Cell::Blank));
        let problem = read("agreement", &["signedOn".to_owned()], "44348").expect_err("a number");
        assert!(problem.message.zh.contains("2021-06-01"), "{}", problem.message.zh);
    }

    #[test]
    fn numbers_are_read_with_their_unit() {
        for (text, expected) in
            [("5", 5), (" 7 ", 7), ("１５", 15), ("1,000", 1_000), ("5.0", 5), ("5天", 5), ("3 日", 3)]
        {
            assert_eq!(value("promisedDays", text), json!(expected), "{text}");
        }
        assert_eq!(cell("promisedDays", "5个工作日"), Ok(Cell::Days(5, "WORKING_DAY")));
        assert_eq!(cell("promisedDays", "20工作日"), Ok(Cell::Days(20, "WORKING_DAY")));
        assert_eq!(cell("promisedDays", "30 个自然日"), Ok(Cell::Days(30, "CALENDAR_DAY")));
        assert_eq!(cell("promisedDays", "即办"), Ok(Cell::Days(0, "AT_ONCE")));
        for text in ["5-10", "5.5", "1,00", "约5天", "-5"] {
            assert_eq!(cell("promisedDays", text), Err("NUMBER"), "{text}");
        }
        assert_eq!(value("visits", "１"), json!(1));
    }

    #[test]
    fn yes_and_no_are_read_as_a_spreadsheet_writes_them() {
        for text in ["TRUE", "true", "True", "是", "1"] {
            assert_eq!(value("provenance.synthetic", text), json!(true), "{text}");
        }
        for text in ["FALSE", "False", "否", "0"] {
            assert_eq!(value("released", text), json!(false), "{text}");
        }
        assert_eq!(cell("released", "也许"), Err("FLAG"));
    }

    #[test]
    fn the_spreadsheet_protection_of_codes_is_removed() {
        for text in ["'000100000109", "=\"000100000109\"", "\t000100000109", "０００１００００0109", " 000100000109 "]
        {
            assert_eq!(value("code", text), json!("000100000109"), "{text}");
        }
        assert_eq!(value("code", "lga000000001"), json!("LGA000000001"));
        assert_eq!(value("domain", "public_security"), json!("PUBLIC_SECURITY"));
        assert_eq!(value("sourceCode", "g-0001"), json!("g-0001"), "others' codes are as they are");
        assert_eq!(value("sourceCode", "'0001"), json!("0001"));
    }

    #[test]
    fn days_and_opening_hours_are_lists() {
        assert_eq!(value("closedDates", "2026/10/1；2026-10-02"), json!(["2026-10-01", "2026-10-02"]));
        assert_eq!(cell("closedDates", "国庆"), Err("DATE"));
        let hours = value("opening", "周六 10:00-16:00");
        assert_eq!(hours, json!([{ "days": ["SATURDAY"], "from": "10:00", "to": "16:00" }]));
    }

    #[test]
    fn lists_accept_common_separators() {
        for text in [
            "440115;310112",
            "440115；310112",
            "440115、310112",
            "440115，310112",
            "440115,310112",
            "440115\n310112",
            "; 440115 ; 310112;",
        ] {
            assert_eq!(value("successors", text), json!(["440115", "310112"]), "{text}");
            assert_eq!(value("parties", text), json!([{ "district": "440115" }, { "district": "310112" }]), "{text}");
        }
        assert_eq!(value("competentBy", "户籍地、居住地"), json!(["户籍地", "居住地"]));
        assert_eq!(value("aliases", "换证；示例换证"), json!(["换证", "示例换证"]));
        assert_eq!(value("aliases", "换证\r\n示例换证"), json!(["换证", "示例换证"]));
        assert_eq!(value("aliases", "新办、变更、注销;"), json!(["新办、变更、注销"]), "a comma may belong to a name");
        assert_eq!(value("aliases", r#"["a;b"]"#), json!(["a;b"]));
        for text in ["换证、示例换证", "换证，示例换证", "换证,示例换证"] {
            assert_eq!(cell("aliases", text), Err("UNCLEAR_LIST"), "{text}");
        }
        assert_eq!(cell("materials", "身份证;户口簿"), Err("NEEDS_JSON"));
        assert_eq!(value("materials", "身份证 | 必要")[0]["necessity"], json!("REQUIRED"));
        assert_eq!(cell("materials", r#"[{"name":"a","name":"b"}]"#), Err("KEY_TWICE"));
    }
}
