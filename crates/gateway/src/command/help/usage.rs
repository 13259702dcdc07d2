//! Usage errors in Chinese.

use std::error::Error as _;
use std::num::{IntErrorKind, ParseIntError};

use axum::http::header::InvalidHeaderName;
use clap::Error;
use clap::builder::Styles;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use domain::Locale;
use domain::problem::Malformed;

use super::super::said::Said;

/// Is it a usage error, and not a request for help?
pub(super) fn is_fault(error: &Error) -> bool {
    !matches!(
        error.kind(),
        ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
            | ErrorKind::Io
            | ErrorKind::Format
    )
}

/// The error, what may be meant, and the usage.
pub(super) fn message(error: &Error) -> String {
    let style = Styles::styled();
    let style = style.get_error();
    let mut out = format!("{style}错误：{style:#}{}", what(error));
    let meant = [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue];
    let meant: Vec<String> = meant.into_iter().flat_map(|kind| texts(error, kind)).collect();
    if !meant.is_empty() {
        out += &format!("\n\n  是否要用：{}", meant.join("、"));
    }
    if let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) {
        let usage = usage.to_string();
        out += &format!("\n\n用法：{}", usage.strip_prefix("Usage: ").unwrap_or(&usage).trim_end());
    }
    out + "\n\n详细说明请加 --help。\n"
}

fn texts(error: &Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        _ => Vec::new(),
    }
}

fn number(error: &Error, kind: ContextKind) -> String {
    match error.get(kind) {
        Some(ContextValue::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

fn what(error: &Error) -> String {
    let text = |kind| texts(error, kind).join("、");
    let (argument, value) = (text(ContextKind::InvalidArg), text(ContextKind::InvalidValue));
    match error.kind() {
        ErrorKind::UnknownArgument => format!("没有“{argument}”这个选项，也不需要这个参数"),
        ErrorKind::InvalidSubcommand => format!("没有“{}”这个命令", text(ContextKind::InvalidSubcommand)),
        ErrorKind::InvalidValue => {
            let possible = texts(error, ContextKind::ValidValue);
            let possible =
                if possible.is_empty() { String::new() } else { format!("\n  [可选：{}]", possible.join("、")) };
            if value.is_empty() {
                format!("“{argument}”缺少值{possible}")
            } else {
                format!("“{argument}”的值“{value}”无效{possible}")
            }
        }
        ErrorKind::ValueValidation => format!("“{argument}”的值“{value}”无效：{}", cause(error)),
        ErrorKind::NoEquals => format!("“{argument}”与它的值之间应写等号"),
        ErrorKind::TooManyValues => format!("“{argument}”的值过多：不应有“{value}”"),
        ErrorKind::TooFewValues => format!(
            "“{argument}”至少要 {} 个值，只给了 {} 个",
            number(error, ContextKind::MinValues),
            number(error, ContextKind::ActualNumValues)
        ),
        ErrorKind::WrongNumberOfValues => format!(
            "“{argument}”应有 {} 个值，给了 {} 个",
            number(error, ContextKind::ExpectedNumValues),
            number(error, ContextKind::ActualNumValues)
        ),
        ErrorKind::ArgumentConflict => {
            let prior = text(ContextKind::PriorArg);
            let own = if argument.is_empty() { text(ContextKind::InvalidSubcommand) } else { argument };
            match prior {
                prior if prior == own => format!("“{own}”只能给出一次"),
                prior if prior.is_empty() => format!("“{own}”不能与其他已给出的参数同时使用"),
                prior => format!("“{own}”不能与“{prior}”同时使用"),
            }
        }
        ErrorKind::MissingRequiredArgument => {
            let missing = texts(error, ContextKind::InvalidArg);
            format!("缺少必填的参数：\n  {}", missing.join("\n  "))
        }
        ErrorKind::MissingSubcommand => {
            let possible = text(ContextKind::ValidSubcommand);
            format!("“{}”之后应写命令：{possible}", text(ContextKind::InvalidSubcommand))
        }
        ErrorKind::InvalidUtf8 => "参数不是有效的 UTF-8 文字".to_owned(),
        _ => error.to_string(),
    }
}

/// Why a value is refused.
fn cause(error: &Error) -> String {
    let Some(source) = error.source() else { return "格式不正确".to_owned() };
    if let Some(said) = source.downcast_ref::<Said>() {
        return said.text(Locale::Zh).to_owned();
    }
    if let Some(malformed) = source.downcast_ref::<Malformed>() {
        return malformed.expected().zh;
    }
    if let Some(number) = source.downcast_ref::<ParseIntError>() {
        let is_too_large = matches!(number.kind(), IntErrorKind::PosOverflow | IntErrorKind::NegOverflow);
        return if is_too_large { "数值超出范围" } else { "应为整数" }.to_owned();
    }
    if source.is::<InvalidHeaderName>() {
        return "不是 HTTP 头的名称".to_owned();
    }
    let text = source.to_string();
    // The range of a number.
    text.split_once(" is not in ").map_or(text.clone(), |(_, range)| format!("应在 {range} 之内"))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::super::super::Tongban;
    use super::super::{Language, framed, manual};
    use super::*;

    fn told(arguments: &[&str]) -> String {
        let command = framed(manual(Tongban::command(), Language::Zh), Language::Zh);
        let error = command.try_get_matches_from([&["tongban"], arguments].concat()).expect_err("wrong usage");
        assert!(is_fault(&error), "{arguments:?}");
        message(&error).replace("\u{1b}[1m\u{1b}[31m", "").replace("\u{1b}[0m", "")
    }

    #[test]
    fn usage_errors_are_told_in_chinese() {
        for (arguments, expected) in [
            (&["fly"][..], "没有“fly”这个命令"),
            (&["improt"], "是否要用：import"),
            (&["verify", "--fly"], "没有“--fly”这个选项"),
            (&["verify", "--hed", "x"], "是否要用：--head"),
            (&["export", "--format", "xml"], "“--format <FORMAT>”的值“xml”无效\n  [可选：ndjson、csv]"),
            (&["export", "--out"], "“--out <PATH>”缺少值"),
            (&["export", "--out", "a", "--out", "b"], "“--out <PATH>”只能给出一次"),
            (&["import"], "缺少必填的参数：\n  <FILE>..."),
            (&["key", "--locale", "zh"], "之后应写命令"),
            (&["key", "revoke", "x"], "密钥编号形如 key_1f3"),
            (&["key", "issue", "--role", "partner", "--name", "x", "--days", "0"], "应在 1"),
            (&["key", "issue", "--role", "partner", "--name", "x", "--days", "many"], "应为整数"),
            (&["key", "issue", "--role", "partner", "--name", "x", "--subtree"], "--district <CODE>"),
            (&["ask", "x", "--matter", "000100000001", "--in", "a", "--for", "b"], "同时使用"),
            (&["ask", "--matter", "x", "--in", "a", "--for", "b"], "事项基本编码应为 12 位数字"),
            (&["ask", "x", "--receiving", "x", "--for", "b"], "区域代码应为 6 位数字"),
            (&["ask", "x", "--in", "a", "--for", "b", "--on", "2026/1"], "日期请写成 2026-10-01"),
            (&["serve", "--request-id-header", "a b"], "不是 HTTP 头的名称"),
            (&["serve", "--trusted-proxy", "x"], "应为地址或网段"),
            (&["serve", "--cors-origin", "*"], "应为网站地址"),
            (&["serve", "--public-url", "x"], "应为网址"),
            (&["serve", "--most-running", "0"], "应为正整数"),
            (&["serve", "--database", "@/does/not/exist"], "/does/not/exist：不存在"),
        ] {
            let told = told(arguments);
            assert!(told.starts_with("错误：") && told.contains(expected), "{arguments:?}:\n{told}");
            let first = told.lines().next().unwrap_or_default();
            let english = ["error", "tip", "argument", "invalid", "required", "value", "expected"];
            assert!(!english.iter().any(|word| first.contains(word)), "{arguments:?}:\n{told}");
            assert!(!told.contains("Usage") && !told.contains("[OPTIONS]"), "{arguments:?}:\n{told}");
        }
    }
}
