//! The problems that several acts on agreements report.

use crate::agreement::lifecycle::{Needs, VersionState};
use crate::agreement::remark::RemarkContent;
use crate::agreement::standing::Standing;
use crate::agreement::version::Version;
use crate::code::{AgreementNumber, DistrictCode};
use crate::problem::{Locale, Message, Problem, ProblemCode, Problems};

pub(crate) fn refused(field: &str, rule: &'static str, message: Message, remedy: Message) -> Problem {
    Problem { code: ProblemCode::Refused, path: vec![field.to_owned()], rule, message, remedy: Some(remedy) }
}

pub(crate) fn stale(field: &str, rule: &'static str, message: Message, remedy: Message) -> Problem {
    Problem { code: ProblemCode::Stale, ..refused(field, rule, message, remedy) }
}

/// A version that does not exist, or is not visible.
pub fn no_such_version(number: u32) -> Problem {
    Problem {
        code: ProblemCode::NotFound,
        ..refused(
            "version",
            "UNKNOWN_VERSION",
            Message::new(format!("没有第 {number} 版"), format!("there is no version {number}")),
            Message::new("请核对版本号", "check the version number"),
        )
    }
}

/// A key in the scope of a suspension that no clause has.
pub fn no_such_clause(at: usize, key: &str) -> Problem {
    Problem {
        code: ProblemCode::NotFound,
        path: vec!["scope".to_owned(), "clauses".to_owned(), at.to_string()],
        ..refused(
            "scope",
            "UNKNOWN_CLAUSE",
            Message::new(format!("没有编号为“{key}”的条款"), format!("there is no clause “{key}”")),
            Message::new("请核对清单中条款的 key", "check the keys of the clauses in the schedule"),
        )
    }
}

pub(crate) fn wrong_state(state: VersionState, zh: &str, en: &str) -> Problem {
    let label = |locale| state.label(locale);
    refused(
        "version",
        "WRONG_STATE",
        Message::new(
            format!("该版本{}，不能{zh}", label(Locale::Zh)),
            format!("the version is {} and cannot be {en}", label(Locale::En)),
        ),
        Message::new("请先查看该版本的状态", "look at the version's state first"),
    )
}

pub(crate) const NOT_A_PARTY: &str = "NOT_A_PARTY";

pub(crate) fn not_a_party(party: DistrictCode) -> Problem {
    refused(
        "party",
        NOT_A_PARTY,
        Message::new(format!("{party} 不是签约方"), format!("{party} is not a party")),
        Message::new("请以签约方的身份操作", "act as one of the parties"),
    )
}

/// Only a party to a paper record reminds the others.
pub fn not_the_author_of_a_record() -> Problem {
    refused(
        "number",
        NOT_A_PARTY,
        Message::new("只有签约方可以催办", "only a party can remind the others"),
        Message::new("请由签约方的经办人催办", "have a registrar of a party do it"),
    )
}

pub(crate) fn superseded(field: &str, newest: Option<u32>) -> Problem {
    let (zh, en) = match newest {
        Some(newest) => (
            format!("基准版本已变更：第 {newest} 版已签订"),
            format!("the base version has changed: version {newest} was concluded"),
        ),
        None => (
            "基准版本已变更：其基准已有新版本签订".to_owned(),
            "the base version has changed: a new version was concluded".to_owned(),
        ),
    };
    let remedy = match newest {
        Some(newest) => {
            Message::new(format!("请以第 {newest} 版为基准重新修订"), format!("rebase it on version {newest}"))
        }
        None => Message::new("请以新签订的版本为基准重新修订", "rebase it on the version that was concluded"),
    };
    stale(field, "BASE_SUPERSEDED", Message { zh, en }, remedy)
}

pub(crate) fn not_asked(needs: Needs) -> Problem {
    refused(
        "party",
        "NOT_ASKED",
        Message::new(
            format!("该版本的签订方式为“{}”，无需该方签署", needs.label(Locale::Zh)),
            format!("the version needs {}, not this party's signature", needs.label(Locale::En)),
        ),
        Message::new("无需办理；有不同意见请与起草方协商", "nothing to do; contact its author to propose changes"),
    )
}

/// Remarks must name clauses of the version.
pub(crate) fn unknown_clauses(version: &Version, remarks: &[RemarkContent]) -> Problems {
    let unknown = |(i, remark): (usize, &RemarkContent)| {
        let key = remark.clause.as_deref()?;
        let is_known = version.schedule.iter().any(|clause| *clause.key == *key);
        let message = Message::new(
            format!("第 {} 版没有条款“{key}”", version.number),
            format!("version {} has no clause “{key}”", version.number),
        );
        let remedy = Message::new(
            "请填写清单中条款的 key；不针对某一条款的意见不填 clause",
            "give the key of a clause; leave clause out for a remark on no clause",
        );
        let path = vec!["remarks".to_owned(), i.to_string(), "clause".to_owned()];
        (!is_known).then(|| Problem { path, ..refused("remarks", "UNKNOWN_CLAUSE", message, remedy) })
    };
    remarks.iter().enumerate().filter_map(unknown).collect()
}

pub(crate) fn ended(number: AgreementNumber, standing: Standing) -> Problem {
    refused(
        "number",
        "ENDED",
        Message::new(
            format!("协议{}", standing.label(Locale::Zh)),
            format!("the agreement is {}", standing.label(Locale::En)),
        ),
        Message::new(
            format!("如需继续，请另行起草协议，并在 replaces 中写明 {number}"),
            format!("to continue it, draft a new agreement that names {number} in replaces"),
        ),
    )
}

/// A district that is named as a party by two of its codes.
pub fn party_twice(at: usize, code: DistrictCode, other: DistrictCode) -> Problem {
    Problem {
        code: ProblemCode::Invalid,
        path: vec!["parties".to_owned(), at.to_string(), "district".to_owned()],
        ..refused(
            "parties",
            "PARTY_TWICE",
            Message::new(
                format!("{code} 与 {other} 是同一区域的两个代码"),
                format!("{code} and {other} are two codes of one district"),
            ),
            Message::new("每个签约方只列一次", "name every party once"),
        )
    }
}

pub(crate) fn already_left() -> Problem {
    refused(
        "party",
        "ALREADY_LEFT",
        Message::new("该方已退出", "the party has left"),
        Message::new("可重新申请加入", "it may accede again"),
    )
}
