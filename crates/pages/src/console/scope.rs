//! The scope and the days of a stop or a suspension in a form: lists, one entry a line.

use domain::Problems;
use registry::acts::Input;
use serde_json::{Map, Value as Json};

use super::act::Acted;
use super::field::{Field, Kind};
use super::find;
use crate::visit::Visit;

const SCOPE: [&str; 4] = ["clauses", "matters", "receiving", "competent"];

/// The fields of the scope.
pub(super) fn fields() -> Vec<Field> {
    vec![
        Field::new("clauses", Kind::Lines, "条款", "Clauses")
            .hint("条款编号，每行一个；不填为全部条款。", "Keys of clauses, one a line; none means all."),
        Field::new("matters", Kind::Lines, "事项", "Matters")
            .hint("名称或基本编码，每行一个；不填为全部事项。", "Names or codes, one a line; none means all."),
        Field::new("receiving", Kind::Districts, "收件地", "Receiving districts")
            .hint("每行一个，含其下辖；不填为全部。", "One a line, with all below it; none means all."),
        Field::new("competent", Kind::Districts, "业务属地", "Competent districts").hint(
            "每行一个，含其下辖；不填为全部。各项都填时，同时符合才停。",
            "One a line, with all below it; none means all. Where several are filled in, all have to fit.",
        ),
    ]
}

/// The fields of the texts and the days.
pub(super) fn texts_and_days(is_public_text_required: bool) -> Vec<Field> {
    let mut public_text = Field::new("publicText", Kind::Text, "公开说明", "Public text").hint(
        "办事人在门户上看到的话，例如“系统升级，预计 12 月 5 日恢复”。",
        "What applicants read on the portal, such as “system upgrade, expected back on 5 December”.",
    );
    if is_public_text_required {
        public_text = public_text.required();
    }
    vec![
        Field::new("reason", Kind::Text, "原因", "Reason").required().hint(
            "只有签约方和平台管理员能看到。不要写个人信息。",
            "For the parties and stewards alone. No personal data.",
        ),
        public_text,
        Field::new("from", Kind::Date, "自哪一天起", "First day").hint("不填为今天。", "If empty, today."),
        Field::new("until", Kind::Date, "至哪一天止", "Last day")
            .hint("最后一日；不填则一直有效，直到恢复。", "The last day; if empty, until it is ended."),
    ]
}

/// Puts the fields of the scope where the act expects them.
pub(super) fn gathered(visit: &Visit, mut input: Input) -> Input {
    let mut scope = Map::new();
    for name in SCOPE {
        if let Some(list) = input.remove(name) {
            scope.insert(name.to_owned(), if name == "matters" { find::matters(visit, list) } else { list });
        }
    }
    if !scope.is_empty() {
        input.insert("scope".to_owned(), Json::Object(scope));
    }
    input
}

/// Moves problems of the scope to the fields of the form.
pub(super) fn placed(acted: Acted) -> Acted {
    match acted {
        Acted::Problems(problems) => Acted::Problems(at_fields(problems)),
        other => other,
    }
}

pub(super) fn at_fields(mut problems: Problems) -> Problems {
    for problem in &mut problems {
        if problem.path.len() > 1 && problem.path[0] == "scope" {
            problem.path.remove(0);
        }
    }
    problems
}
