//! `tongban records`: a guide to the lines that `import` reads, as Markdown; docs/records.md and docs/records.zh.md are
//! its output.

use std::fmt::Write as _;

use domain::Locale;
use domain::guide::{Described, Kind, kinds, shared_name};
use domain::reading::shape::Form;
use registry::presentation::Say;
use serde_json::Value;

use super::failure::Failure;
use super::terminal;

pub(super) fn run(locale: Locale) -> Result<(), Failure> {
    Ok(terminal::print_raw(&guide(locale))?)
}

fn guide(locale: Locale) -> String {
    let mut out = String::from(locale.say(INTRODUCTION.0, INTRODUCTION.1));
    for kind in kinds() {
        section(&mut out, &kind, locale);
    }
    out
}

const INTRODUCTION: (&str, &str) = (
    "# 记录的格式

[English](records.md) | 中文。本页由 `tongban --locale zh records` 生成。

`tongban import` 读取的文件每行一条记录（NDJSON）：一个 JSON 对象，`type` 说明种类。导出、变更流和日志用的是同样的行。CSV 的列名相同：列表用 `;` 分隔，嵌套对象的字段用点连接（`authority.name`），或在单元格中写成 JSON。
每行中 `id`、`revision` 等由系统得出的字段在导入时忽略。**粗体**的字段必填。
",
    "# The form of records

English | [中文](records.zh.md). `tongban --locale en records` prints this page.

A file that `tongban import` reads has one record a line (NDJSON): a JSON object whose `type` says its kind. Exports, the change feed and the journal have the
same lines. In CSV the columns have the same names: lists are separated by `;`, and a field of a nested object has a column with dots (`authority.name`),
or the object is JSON in a cell. Import ignores derived fields such as `id` and `revision`. Fields in **bold** are required.
",
);

fn section(out: &mut String, kind: &Kind, locale: Locale) {
    let _ = write!(out, "\n## `{}`\n\n{}\n\n```json\n{}\n```\n", kind.name, kind.text.text(locale), kind.example);
    for object in &kind.objects {
        if object.name != kind.name {
            let _ = write!(out, "\n### `{}` — `{}`\n", kind.name, object.name);
        }
        let _ = write!(
            out,
            "\n{}\n| --- | --- | --- | --- |\n",
            locale.say("| 字段 | 写法 | 含义 | 示例 |", "| field | form | meaning | example |")
        );
        for described in &object.fields {
            row(out, described, locale);
        }
    }
}

fn row(out: &mut String, described: &Described, locale: Locale) {
    let Described { field, text, example } = described;
    let name = if field.is_required { format!("**`{}`**", field.name) } else { format!("`{}`", field.name) };
    let form = form(&field.form, field.name, locale);
    let example = match example {
        // The fields of an object have examples of their own.
        Some(Value::Object(_)) | None => String::new(),
        Some(Value::Array(entries)) if entries.iter().any(Value::is_object) => String::new(),
        Some(value) => format!("`{}`", value.to_string().replace('|', "\\|")),
    };
    let _ = writeln!(out, "| {name} | {form} | {} | {example} |", text.text(locale));
}

fn form(form: &Form, name: &str, locale: Locale) -> String {
    let name = shared_name(name);
    let say = |zh: &'static str, en: &'static str| locale.say(zh, en);
    let one_of = |words: &[&str]| words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(" ");
    match form {
        Form::Line(most) => format!("{} ≤ {most}", say("文本", "text")),
        Form::Text(most) => format!("{} ≤ {most}", say("多行文本", "text of several lines")),
        Form::Lines(most) => format!("{} ≤ {most}", say("文本列表，每项", "list of texts, each")),
        Form::Code(code) => say_code(code, locale).to_owned(),
        Form::Codes(code) => format!("{}{}", say("列表：", "list: "), say_code(code, locale)),
        Form::Word(words) => one_of(words),
        Form::Words(words) => format!("{}{}", say("列表：", "list of "), one_of(words)),
        Form::Dates => say("日期的列表，如 [\"2026-06-15\"]", "a list of dates, such as [\"2026-06-15\"]").to_owned(),
        Form::Date => say("日期，如 2021-05-28", "date, such as 2021-05-28").to_owned(),
        Form::Moment => say("时刻（RFC 3339）", "moment (RFC 3339)").to_owned(),
        Form::Number(most) => format!("{}0–{most}", say("整数 ", "whole number ")),
        Form::Flag => "`true` `false`".to_owned(),
        Form::Url => say("http 或 https 网址", "http or https address").to_owned(),
        Form::Content => "base64".to_owned(),
        Form::Object(_) => format!("{}`{name}`", say("对象：", "object: ")),
        Form::Objects(_) => format!("{}`{name}`", say("对象列表：", "list of objects: ")),
        Form::CodesOrObjects(code, _) => {
            format!("{}{}{}`{name}`", say("列表：", "list: "), say_code(code, locale), say("，或对象 ", ", or object "))
        }
    }
}

fn say_code(code: &str, locale: Locale) -> &'static str {
    match code {
        "DistrictCode" => {
            locale.say("区划代码，如 440115 或 371400-Z01", "district code, such as 440115 or 371400-Z01")
        }
        "MatterCode" => locale.say("事项编码，12 位", "matter code of 12 characters"),
        "OfferingCode" => locale.say("实施编码，31 位", "implementing code of 31 characters"),
        "CreditCode" => locale.say("统一社会信用代码，18 位", "unified social credit code of 18 characters"),
        "AgreementNumber" => locale.say("协议编号，如 TB-2021-000001", "agreement number, such as TB-2021-000001"),
        "Digest" => locale.say("摘要，sha-256: 加 64 位十六进制数", "digest: sha-256: and 64 hexadecimal digits"),
        _ => locale.say("代码", "code"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guide_to_records_is_up_to_date() {
        for (locale, page) in [
            (Locale::En, include_str!("../../../../docs/records.md")),
            (Locale::Zh, include_str!("../../../../docs/records.zh.md")),
        ] {
            assert!(
                guide(locale) == page,
                "docs/records is out of date: tongban --locale en records > docs/records.md, and zh > docs/records.zh.md"
            );
        }
    }

    #[test]
    fn every_code_has_a_description_of_its_form() {
        let page = guide(Locale::En);
        assert!(!page.contains("| code |") && !page.contains("list: code |"), "a kind of code has no text");
    }
}
