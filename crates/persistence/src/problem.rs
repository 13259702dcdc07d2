//! Problems that only the store can find, in texts for people.

use domain::{DistrictCode, Locale, Message, Problem, ProblemCode, RecordKind};

/// A value that must be unique is taken.
pub(crate) fn taken(kind: RecordKind) -> Problem {
    let message = Message::new(
        format!("{}的编码或名称已被占用", kind.label(Locale::Zh)),
        format!("the code or name of this {} is already in use", kind.label(Locale::En)),
    );
    Problem::new(ProblemCode::Conflict, Vec::new(), "TAKEN", message)
        .remedy("请刷新后重试", "read the record again and try once more")
}

/// A district code means one district for ever.
pub(crate) fn code_taken(code: DistrictCode, path: Vec<String>) -> Problem {
    let message = Message::new(
        format!("区域代码 {code} 属于另一个区域"),
        format!("the district code {code} belongs to another district"),
    );
    Problem::new(ProblemCode::Conflict, path, "DISTRICT_CODE_TAKEN", message).remedy(
        "一个代码永远只指一个区域；请更正代码，或修订原区域",
        "a code means one district for ever: correct it, or revise the district that has it",
    )
}

/// A code cannot be dropped: references to it would be dangling.
pub(crate) fn code_dropped(code: DistrictCode) -> Problem {
    let message = Message::new(
        format!("该区域曾用的代码 {code} 不在 codes 之中"),
        format!("codes does not contain {code}, a present or former code of the district"),
    );
    Problem::new(ProblemCode::Conflict, vec!["codes".to_owned()], "DISTRICT_CODE_DROPPED", message).remedy(
        format!("请在 codes 中保留 {code}，可注明停用日期 to"),
        format!("keep {code} among codes; its last day may be stated as `to`"),
    )
}
