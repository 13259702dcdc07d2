//! Lists of objects of an offering as people write them: an entry a line, its parts separated by `|`, as in
//! `居民身份证 | 必要 | 原件 | 1`. What is written reads back to the same entries.

use domain::offering::{Medium, Necessity};
use domain::{Locale, Message};
use serde_json::{Map, Value};

/// The parts of an entry, in their order: the field, and its label in Chinese and English.
type Parts = &'static [(&'static str, &'static str, &'static str)];

const MATERIAL: Parts = &[
    ("name", "名称", "name"),
    ("necessity", "必要性", "necessity"),
    ("medium", "形式", "form"),
    ("copies", "份数", "copies"),
    ("deferrableDays", "容缺天数", "days to follow"),
    ("check", "核对要点", "what is checked"),
];
const FORM: Parts = &[("name", "名称", "name"), ("url", "网址", "address"), ("sample", "样表", "sample")];
const QUESTION: Parts = &[("question", "问题", "question"), ("answer", "答复", "answer")];

fn parts(field: &str) -> Option<Parts> {
    match field {
        "materials" => Some(MATERIAL),
        "forms" => Some(FORM),
        "questions" => Some(QUESTION),
        _ => None,
    }
}

/// Is the field of an offering a list that is written like this?
pub fn is_written(field: &str) -> bool {
    parts(field).is_some()
}

/// What people call a part of an entry.
pub fn label(field: &str, part: &str) -> Option<Message> {
    let (_, zh, en) = parts(field)?.iter().find(|(name, ..)| *name == part)?;
    Some(Message::new(*zh, *en))
}

/// The entries. What is no entry is refused when the record is read.
pub fn read(field: &str, text: &str) -> Vec<Value> {
    let Some(parts) = parts(field) else { return Vec::new() };
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| Value::Object(entry(field, parts, line))).collect()
}

fn entry(field: &str, parts: Parts, line: &str) -> Map<String, Value> {
    let mut texts = split(line, parts.len()).into_iter();
    let mut fields = Map::new();
    for (part, ..) in parts {
        let text = texts.next().unwrap_or_default();
        if !text.is_empty() {
            fields.insert((*part).to_owned(), value(part, text));
        }
    }
    // A list of names alone is one of required materials.
    if field == "materials" && !fields.contains_key("necessity") {
        fields.insert("necessity".to_owned(), Necessity::Required.name().into());
    }
    fields
}

fn value(part: &str, text: String) -> Value {
    let named = |all: Vec<(&str, [&str; 2])>| {
        let is_meant = |(name, labels): &&(&str, [&str; 2])| *name == text || labels.contains(&text.as_str());
        all.iter().find(is_meant).map_or_else(|| text.clone(), |(name, _)| (*name).to_owned())
    };
    match part {
        "necessity" => named(necessities()).into(),
        "medium" => named(media()).into(),
        "copies" | "deferrableDays" => {
            let digits = text.trim_end_matches(['份', '天', '日']).trim();
            digits.parse::<u32>().map_or_else(|_| text.clone().into(), Value::from)
        }
        "sample" => match text.as_str() {
            "样表" | "样例" | "示范文本" | "是" | "sample" | "true" => true.into(),
            "空白表" | "空表" | "否" | "blank" | "false" => false.into(),
            _ => text.into(),
        },
        _ => text.into(),
    }
}

fn necessities() -> Vec<(&'static str, [&'static str; 2])> {
    Necessity::ALL.iter().map(|word| (word.name(), [word.label(Locale::Zh), word.label(Locale::En)])).collect()
}

fn media() -> Vec<(&'static str, [&'static str; 2])> {
    Medium::ALL.iter().map(|word| (word.name(), [word.label(Locale::Zh), word.label(Locale::En)])).collect()
}

/// The parts of a line, at most so many: further bars belong to the last one. `\|` is a bar, `\n` a new line.
fn split(line: &str, most: usize) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        let is_last = parts.len() == most;
        let part = parts.last_mut().expect("there is a part");
        match (character, characters.peek()) {
            ('\\', Some('n')) => {
                characters.next();
                part.push('\n');
            }
            ('\\', Some(&escaped @ ('\\' | '|' | '｜'))) => {
                characters.next();
                part.push(escaped);
            }
            ('|' | '｜', _) if !is_last => parts.push(String::new()),
            _ => part.push(character),
        }
    }
    parts.iter().map(|part| part.trim().to_owned()).collect()
}

/// The entries of a line of a record, as people write them.
pub fn written(field: &str, entries: &[Value], locale: Locale) -> String {
    let Some(parts) = parts(field) else { return String::new() };
    let line = |entry: &Value| {
        let mut texts: Vec<String> = parts
            .iter()
            .map(|(part, ..)| entry.get(part).map_or_else(String::new, |value| text(part, value, locale)))
            .collect();
        while texts.last().is_some_and(String::is_empty) {
            texts.pop();
        }
        texts.join(" | ")
    };
    entries.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn text(part: &str, value: &Value, locale: Locale) -> String {
    let labelled = |all: Vec<(&str, [&str; 2])>, text: &str| {
        let known = all.iter().find(|(name, _)| *name == text);
        known.map_or_else(|| text.to_owned(), |(_, [zh, en])| if locale == Locale::Zh { *zh } else { *en }.to_owned())
    };
    let text = match (part, value) {
        ("necessity", Value::String(word)) => labelled(necessities(), word),
        ("medium", Value::String(word)) => labelled(media(), word),
        ("sample", Value::Bool(is_sample)) => match (is_sample, locale) {
            (true, Locale::Zh) => "样表".to_owned(),
            (true, Locale::En) => "sample".to_owned(),
            (false, _) => String::new(),
        },
        (_, Value::String(text)) => text.clone(),
        (_, other) => other.to_string(),
    };
    escaped(&text)
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' => escaped.push_str("\\\\"),
            '\n' => escaped.push_str("\\n"),
            '|' | '｜' => escaped.extend(['\\', character]),
            _ => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn entries_are_read_as_people_write_them() {
        let read_materials =
            read("materials", "居民身份证 | 必要 | 原件 | 1\n\n户口簿\n证明｜可容缺后补｜复印件｜2份｜5天｜核对|公章");
        assert_eq!(
            read_materials,
            [
                json!({ "name": "居民身份证", "necessity": "REQUIRED", "medium": "ORIGINAL", "copies": 1 }),
                json!({ "name": "户口簿", "necessity": "REQUIRED" }),
                json!({ "name": "证明", "necessity": "DEFERRABLE", "medium": "COPY", "copies": 2, "deferrableDays": 5, "check": "核对|公章" }),
            ]
        );
        assert_eq!(read("materials", "甲 | 或许 | | 两")[0]["copies"], json!("两"));
        assert_eq!(
            read("forms", "申领表 | https://a.example/f.pdf\n样表 | https://a.example/s.pdf | 样表"),
            [
                json!({ "name": "申领表", "url": "https://a.example/f.pdf" }),
                json!({ "name": "样表", "url": "https://a.example/s.pdf", "sample": true }),
            ]
        );
        assert_eq!(
            read("questions", "可以代领吗？|可以。"),
            [json!({ "question": "可以代领吗？", "answer": "可以。" })]
        );
        assert!(read("aliases", "甲").is_empty() && !is_written("aliases") && is_written("forms"));
    }

    #[test]
    fn what_is_written_reads_back() {
        let materials = [
            json!({ "name": "原件|复印件 \\ 其他", "necessity": "OPTIONAL", "copies": 2, "check": "第一行\n第二行" }),
            json!({ "name": "甲", "necessity": "自定义", "medium": "传真" }),
        ];
        let questions = [json!({ "question": "a｜b?", "answer": "一\\n二\n三" })];
        for locale in [Locale::Zh, Locale::En] {
            assert_eq!(read("materials", &written("materials", &materials, locale)), materials);
            assert_eq!(read("questions", &written("questions", &questions, locale)), questions);
        }
        assert_eq!(written("materials", &[json!({ "name": "甲", "necessity": "REQUIRED" })], Locale::Zh), "甲 | 必要");
        assert_eq!(label("materials", "copies").map(|label| label.zh), Some("份数".to_owned()));
    }
}
