//! The input forms of drafts, amendments and paper records. They use the same reader as lines of a file. Forms have no
//! fields for values that the registry records itself: signatures, confirmations, days of joining.

use std::collections::BTreeSet;

use crate::agreement::lifecycle::{Draft, Life, Paper};
use crate::agreement::party::Party;
use crate::agreement::version::Version;
use crate::code::DistrictCode;
use crate::problem::{Message, Problem, Problems};
use crate::reading::Reader;

/// Reads the form of a first draft: the proposer and the draft, as far as they can be read.
pub fn read_draft(r: &mut Reader<'_>) -> (DistrictCode, Version) {
    let author = r.code("proposer").unwrap_or(DistrictCode::UNREAD);
    (author, Version::agreed(r, Life::Draft(Draft { author }), Party::named))
}

/// The form of an amendment. A term that it omits is taken from the base version; `null` clears it.
#[derive(Debug, Clone)]
pub struct Amendment {
    pub proposer: DistrictCode,
    version: Version,
    stated: BTreeSet<&'static str>,
}

/// Declares the terms that are taken from the base version if the form omits them, each with its field of a version.
macro_rules! terms {
    ($($name:literal => $field:ident),+ $(,)?) => {
        const TERMS: &[&str] = &[$($name),+, LEAD];

        /// Copies the omitted terms from the base version.
        fn copy_omitted(version: &mut Version, base: &Version, is_omitted: impl Fn(&'static str) -> bool) {
            $(if is_omitted($name) {
                version.$field.clone_from(&base.$field);
            })+
        }
    };
}

terms! {
    "documentNumber" => document_number,
    "effectiveFrom" => effective_from,
    "effectiveTo" => effective_to,
    "amendmentRule" => amendment_rule,
    "concludes" => concludes,
    "admission" => admission,
    "noticeDays" => notice_days,
    "objectionDays" => objection_days,
    "renewal" => renewal,
    "runOut" => run_out,
    "framework" => framework,
    "replaces" => replaces,
}

/// Copied only if the base's lead is still a party.
const LEAD: &str = "lead";

impl Amendment {
    /// Reads the form as far as it can be read.
    pub fn read(r: &mut Reader<'_>) -> Self {
        let stated = TERMS.iter().copied().filter(|term| r.has(term) || r.is_null(term)).collect();
        let (proposer, version) = read_draft(r);
        Self { proposer, version, stated }
    }

    /// The draft as submitted, for an amendment whose base version cannot be read.
    pub fn alone(self) -> Version {
        self.version
    }

    /// The draft with the omitted terms of its base. If the base's lead is not a party any more, the first party is the
    /// lead.
    pub fn over(self, base: &Version, problems: &mut Problems) -> Version {
        let Self { proposer: _, mut version, stated } = self;
        let is_omitted = |term| !stated.contains(term);
        copy_omitted(&mut version, base, is_omitted);
        if is_omitted(LEAD) && version.party(base.lead).is_some() {
            version.lead = base.lead;
        }
        let (field, zh, en) = if is_omitted("effectiveTo") {
            ("effectiveFrom", "生效日晚于原版本的截止日", "it begins after the last day that the base states")
        } else {
            ("effectiveTo", "截止日早于原版本的生效日", "it ends before the first day that the base states")
        };
        match (version.effective_from, version.effective_to) {
            (Some(from), Some(to)) if to < from => problems.push(
                Problem::invalid(vec![field.to_owned()], "DATES_OUT_OF_ORDER", Message::new(zh, en))
                    .remedy("请同时填写生效日与截止日；填 null 则清除", "state both dates; null clears a date"),
            ),
            _ => {}
        }
        version
    }
}

/// Who records an agreement signed on paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordedBy {
    /// A registrar: the record counts as the confirmation of its party.
    Party,
    /// A steward: the record is effective at once, and confirms for no party.
    Steward,
}

/// Reads the form of a paper record: the recorder and the version without confirmations, as far as they can be read.
pub fn read_paper(r: &mut Reader<'_>) -> (DistrictCode, Version) {
    let recorder = r.code("recorder").unwrap_or(DistrictCode::UNREAD);
    r.require("signedOn");
    let signed_on = r.date("signedOn");
    let life = Life::Paper(Paper { signed_on, recorded_on: None, recorder: None, corrections: Vec::new() });
    (recorder, Version::agreed(r, life, Party::named))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::agreement::party::Confirmation;
    use crate::agreement::version::{Admission, AmendmentRule};
    use crate::reading;

    fn form(more: &Value) -> Value {
        let mut form = json!({ "proposer": "440115", "title": "框架协议", "parties": [{ "district": "440115" }, { "district": "310112" }], "schedule": [] });
        form.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        form
    }

    fn read<T>(form: &Value, read: impl FnOnce(&mut Reader<'_>) -> T) -> Result<T, Vec<Problem>> {
        let mut problems = Vec::new();
        match reading::read(form, &mut problems, read) {
            Some(read) if problems.is_empty() => Ok(read),
            _ => Err(problems),
        }
    }

    fn rules<T: std::fmt::Debug>(result: Result<T, Vec<Problem>>) -> Vec<(&'static str, String)> {
        result.expect_err("it is refused").iter().map(|problem| (problem.rule, problem.field())).collect()
    }

    #[test]
    fn a_form_becomes_a_draft_of_its_proposer() {
        let (proposer, draft) =
            read(&form(&json!({ "noticeDays": 60, "renewal": { "months": 12 } })), read_draft).expect("a draft");
        assert_eq!(draft.life, Life::Draft(Draft { author: proposer }));
        assert_eq!((draft.number, draft.base_version, draft.notice_days, draft.lead), (1, None, 60, proposer));
    }

    #[test]
    fn the_proposer_must_be_a_party() {
        let (_, foreign) = read(&form(&json!({ "proposer": "320583" })), read_draft).expect("a draft");
        let refused =
            crate::Agreement::drafted("TB-2026-000001".parse().expect("a number"), foreign).expect_err("it is refused");
        assert_eq!((refused.rule, refused.field()), ("NOT_A_PARTY", "proposer".to_owned()));
    }

    #[test]
    fn a_form_has_no_fields_that_the_registry_records() {
        let parties = json!([{ "district": "440115", "confirmation": "CONFIRMED" }, { "district": "310112", "joinedOn": "2026-01-01" }]);
        let faults = rules(read(&form(&json!({ "parties": parties })), read_draft));
        assert_eq!(
            faults,
            [
                ("UNKNOWN_FIELD", "parties[0].confirmation".to_owned()),
                ("UNKNOWN_FIELD", "parties[1].joinedOn".to_owned())
            ]
        );
        let faults =
            rules(read(&form(&json!({ "signedOn": "2026-01-01", "draft": { "author": "310112" } })), read_draft));
        assert_eq!(faults.len(), 2);
    }

    #[test]
    fn an_amendment_keeps_the_terms_that_it_omits() {
        let terms = json!({ "lead": "310112", "amendmentRule": "LEAD", "admission": "OPEN", "noticeDays": 90, "objectionDays": 7, "runOut": "已收件的办结",
            "framework": "TB-2020-000001", "replaces": "TB-2019-000001", "documentNumber": "南政务〔2026〕1号", "effectiveFrom": "2026-01-01", "renewal": { "months": 12, "objectionDays": 60 }, "effectiveTo": "2030-12-31" });
        let (_, base) = read(&form(&terms), read_draft).expect("a draft");
        let amendment = |more: &Value| {
            let mut problems = Vec::new();
            let version = read(&form(more), Amendment::read).expect("an amendment").over(&base, &mut problems);
            problems.pop().map_or(Ok(version), Err)
        };
        let amended = |more: &Value| amendment(more).expect("a draft");
        let kept = amended(&json!({ "title": "第二版" }));
        assert_eq!(kept, Version { title: "第二版".into(), ..base.clone() });
        let changed =
            amended(&json!({ "noticeDays": 30, "amendmentRule": "ALL", "renewal": { "months": 0 }, "runOut": " " }));
        assert_eq!(
            (changed.notice_days, changed.amendment_rule, changed.admission),
            (30, AmendmentRule::All, Admission::Open)
        );
        assert_eq!((changed.renewal, changed.run_out), (None, None));
        let cleared = TERMS.iter().map(|term| ((*term).to_owned(), Value::Null)).collect();
        assert_eq!(amended(&Value::Object(cleared)), read(&form(&json!({})), read_draft).expect("a draft").1);
        let refused = amendment(&json!({ "effectiveFrom": "2031-01-01" })).expect_err("the base ends before");
        assert_eq!((refused.rule, refused.field()), ("DATES_OUT_OF_ORDER", "effectiveFrom".to_owned()));
        let others = json!([{ "district": "440115" }, { "district": "320583" }]);
        assert_eq!(amended(&json!({ "parties": others })).lead.as_str(), "440115");
    }

    #[test]
    fn a_registrars_paper_record_confirms_for_its_party() {
        let mut form = form(&json!({ "recorder": "310112", "signedOn": "2021-05-28" }));
        form.as_object_mut().expect("an object").remove("proposer");
        let (recorder, record) = read(&form, read_paper).expect("a record");
        assert!(matches!(&record.life, Life::Paper(paper) if paper.recorder.is_none()));
        assert!(record.parties.iter().all(|party| party.confirmation == Confirmation::Recorded));
        let own = record.clone().recorded_by(recorder).expect("a party's");
        assert!(matches!(&own.life, Life::Paper(paper) if paper.recorder == Some(recorder)));
        assert_eq!(
            own.parties.iter().map(|party| party.confirmation).collect::<Vec<_>>(),
            [Confirmation::Recorded, Confirmation::Confirmed]
        );
        let refused = record.recorded_by("320583".parse().expect("a code")).expect_err("no party");
        assert_eq!((refused.rule, refused.field()), ("NOT_A_PARTY", "recorder".to_owned()));
    }

    #[test]
    fn a_clause_names_parties_by_any_of_their_codes() {
        let schedule = json!([{ "receiving": ["420171"], "competent": ["310112", "320583"], "matters": ["000109001000"], "mode": "FULL_ONLINE" }]);
        let parties = json!([{ "district": "420118" }, { "district": "310112" }]);
        let more = json!({ "parties": parties, "schedule": schedule, "lead": "420171" });
        let (_, mut draft) = read(&form(&more), read_draft).expect("a draft");
        let problems = draft.normalize_codes(|a, b| (a.as_str(), b.as_str()) == ("420118", "420171"));
        assert_eq!(
            problems.iter().map(|problem| (problem.rule, problem.field())).collect::<Vec<_>>(),
            [("NOT_A_PARTY", "schedule[0].competent[1]".to_owned())]
        );
        assert_eq!((draft.lead.as_str(), draft.schedule[0].receiving[0].as_str()), ("420118", "420118"));
    }
}
