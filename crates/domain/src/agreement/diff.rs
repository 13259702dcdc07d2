//! The difference between two versions of an agreement: fields, parties, and the schedule clause by clause.

use std::collections::{BTreeSet, HashMap};

use crate::agreement::clause::AgreementClause;
use crate::agreement::party::Party;
use crate::agreement::version::Version;
use crate::code::{DistrictCode, MatterCode};
use crate::words::words;

words! {
    /// A field of a version, by its name in the forms.
    Field {
        Title = "title", "名称", "title";
        DocumentNumber = "documentNumber", "文号", "document number";
        EffectiveFrom = "effectiveFrom", "生效日", "first day";
        EffectiveTo = "effectiveTo", "截止日", "last day";
        AmendmentRule = "amendmentRule", "清单修订规则", "amendment rule";
        Concludes = "concludes", "签订规则", "conclusion rule";
        Admission = "admission", "加入规则", "admission";
        NoticeDays = "noticeDays", "退出通知天数", "days of notice";
        ObjectionDays = "objectionDays", "异议期天数", "days for objections";
        Renewal = "renewal", "自动续期", "renewal";
        RunOut = "runOut", "到期后在办件的处理", "what becomes of cases received before the end";
        Framework = "framework", "框架协议", "framework";
        Replaces = "replaces", "接替的协议", "agreement that it replaces";
        Lead = "lead", "牵头方", "lead";
    }
}

words! {
    /// A part of a clause, by its name in the forms.
    Part {
        Receiving = "receiving", "收件地", "receiving";
        Competent = "competent", "业务属地", "competent";
        Matters = "matters", "事项", "matters";
        Mode = "mode", "通办方式", "mode";
        ModeLabel = "modeLabel", "通办方式的叫法", "what the partners call the mode";
        Terms = "terms", "办理条件", "terms";
        Batch = "batch", "批次", "batch";
        ValidFrom = "validFrom", "起始日", "first day";
        ValidTo = "validTo", "截止日", "last day";
    }
}

words! {
    /// The kind of change of a clause or a party.
    DifferenceKind {
        Added = "ADDED", "新增", "added";
        Removed = "REMOVED", "删除", "removed";
        Changed = "CHANGED", "变更", "changed";
    }
}

/// A change of a clause or a party.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edit<'a, T> {
    Added(&'a T),
    Removed(&'a T),
    Changed { before: &'a T, after: &'a T },
}

impl<'a, T> Edit<'a, T> {
    pub fn before(&self) -> Option<&'a T> {
        match self {
            Self::Added(_) => None,
            Self::Removed(before) | Self::Changed { before, .. } => Some(before),
        }
    }

    pub fn after(&self) -> Option<&'a T> {
        match self {
            Self::Removed(_) => None,
            Self::Added(after) | Self::Changed { after, .. } => Some(after),
        }
    }

    pub fn kind(&self) -> DifferenceKind {
        match self {
            Self::Added(_) => DifferenceKind::Added,
            Self::Removed(_) => DifferenceKind::Removed,
            Self::Changed { .. } => DifferenceKind::Changed,
        }
    }
}

/// The difference between two versions. Unchanged parts are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference<'a> {
    pub fields: Vec<Field>,
    pub parties: Vec<Edit<'a, Party>>,
    /// In the order of the later schedule; then the removed clauses, in the order of the earlier one.
    pub clauses: Vec<ClauseChange<'a>>,
}

/// A clause that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClauseChange<'a> {
    pub key: &'a str,
    pub edit: Edit<'a, AgreementClause>,
    /// The parts that differ, if both versions have the clause.
    pub parts: Vec<Part>,
    pub added_matters: Vec<MatterCode>,
    pub removed_matters: Vec<MatterCode>,
    /// Parties added to a side. An empty side means all parties; a change to or from that shows in `parts`.
    pub added_receiving: Vec<DistrictCode>,
    pub removed_receiving: Vec<DistrictCode>,
    pub added_competent: Vec<DistrictCode>,
    pub removed_competent: Vec<DistrictCode>,
}

/// The changes from `before` to `after`. Without `before` everything is added.
pub fn difference<'a>(before: Option<&'a Version>, after: &'a Version) -> Difference<'a> {
    let schedule = before.map_or(&[][..], |before| &before.schedule);
    Difference {
        fields: before.map_or_else(Vec::new, |before| fields(before, after)),
        parties: parties(before.map_or(&[][..], |before| &before.parties), &after.parties),
        clauses: clauses(schedule, &after.schedule),
    }
}

fn fields(before: &Version, after: &Version) -> Vec<Field> {
    let differs = |field: &Field| match field {
        Field::Title => before.title != after.title,
        Field::DocumentNumber => before.document_number != after.document_number,
        Field::EffectiveFrom => before.effective_from != after.effective_from,
        Field::EffectiveTo => before.effective_to != after.effective_to,
        Field::AmendmentRule => before.amendment_rule != after.amendment_rule,
        Field::Concludes => before.concludes != after.concludes,
        Field::Admission => before.admission != after.admission,
        Field::NoticeDays => before.notice_days != after.notice_days,
        Field::ObjectionDays => before.objection_days != after.objection_days,
        Field::Renewal => before.renewal != after.renewal,
        Field::RunOut => before.run_out != after.run_out,
        Field::Framework => before.framework != after.framework,
        Field::Replaces => before.replaces != after.replaces,
        Field::Lead => before.lead != after.lead,
    };
    Field::ALL.iter().copied().filter(differs).collect()
}

/// A party differs only by its extent: signing bodies and confirmations are not agreed content.
fn parties<'a>(before: &'a [Party], after: &'a [Party]) -> Vec<Edit<'a, Party>> {
    edits(before, after, |party| party.district, |before, after| before.extent != after.extent)
}

pub(crate) fn clauses<'a>(before: &'a [AgreementClause], after: &'a [AgreementClause]) -> Vec<ClauseChange<'a>> {
    let change = |edit: Edit<'a, AgreementClause>| {
        let [old, new] = [edit.before(), edit.after()];
        let side = |of: fn(&AgreementClause) -> &[DistrictCode]| {
            (gained(old.map_or(&[], of), new.map_or(&[], of)), gained(new.map_or(&[], of), old.map_or(&[], of)))
        };
        let matters = |clause: Option<&'a AgreementClause>| clause.map_or(&[][..], |clause| &*clause.matters);
        let (added_receiving, removed_receiving) = side(|clause| &clause.receiving);
        let (added_competent, removed_competent) = side(|clause| &clause.competent);
        ClauseChange {
            key: new.or(old).map_or("", |clause| &*clause.key),
            edit,
            parts: old.zip(new).map_or_else(Vec::new, |(old, new)| parts(old, new)),
            added_matters: gained(matters(old), matters(new)),
            removed_matters: gained(matters(new), matters(old)),
            added_receiving,
            removed_receiving,
            added_competent,
            removed_competent,
        }
    };
    edits(before, after, |clause| &*clause.key, |before, after| !parts(before, after).is_empty())
        .into_iter()
        .map(change)
        .collect()
}

fn parts(before: &AgreementClause, after: &AgreementClause) -> Vec<Part> {
    let set = |codes: &[DistrictCode]| codes.iter().copied().collect::<BTreeSet<_>>();
    let differs = |part: &Part| match part {
        Part::Receiving => set(&before.receiving) != set(&after.receiving),
        Part::Competent => set(&before.competent) != set(&after.competent),
        Part::Matters => before.matters != after.matters,
        Part::Mode => before.mode != after.mode,
        Part::ModeLabel => before.mode_label != after.mode_label,
        Part::Terms => before.terms != after.terms,
        Part::Batch => before.batch != after.batch,
        Part::ValidFrom => before.period.from != after.period.from,
        Part::ValidTo => before.period.to != after.period.to,
    };
    Part::ALL.iter().copied().filter(differs).collect()
}

fn edits<'a, T, K: Eq + std::hash::Hash>(
    before: &'a [T],
    after: &'a [T],
    key: impl Fn(&'a T) -> K,
    differs: impl Fn(&T, &T) -> bool,
) -> Vec<Edit<'a, T>> {
    let mut gone: HashMap<K, &'a T> = before.iter().map(|it| (key(it), it)).collect();
    let mut edits = Vec::new();
    for new in after {
        match gone.remove(&key(new)) {
            None => edits.push(Edit::Added(new)),
            Some(old) if differs(old, new) => edits.push(Edit::Changed { before: old, after: new }),
            Some(_) => {}
        }
    }
    edits.extend(before.iter().filter(|old| gone.contains_key(&key(old))).map(Edit::Removed));
    edits
}

fn gained<T: Ord + Copy>(before: &[T], after: &[T]) -> Vec<T> {
    let before: BTreeSet<T> = before.iter().copied().collect();
    after.iter().copied().filter(|it| !before.contains(it)).collect::<BTreeSet<T>>().into_iter().collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::agreement::form;
    use crate::reading;

    fn version(more: &Value) -> Version {
        let mut form = json!({ "proposer": "440115", "title": "框架协议", "parties": [{ "district": "440115" }, { "district": "310112" }],
            "schedule": [clause("a", &json!({})), clause("b", &json!({}))] });
        form.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        let mut problems = Vec::new();
        let draft = reading::read(&form, &mut problems, form::read_draft);
        assert_eq!(problems, []);
        draft.expect("a draft").1
    }

    fn clause(key: &str, more: &Value) -> Value {
        let mut clause = json!({ "key": key, "receiving": ["440115", "310112"], "matters": ["000109001000", "000109002000"], "mode": "PROXY_COLLECTION" });
        clause.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        clause
    }

    fn code<T: std::str::FromStr>(text: &str) -> T {
        text.parse().ok().expect("a code")
    }

    #[test]
    fn order_and_bodies_are_no_difference() {
        let before = version(&json!({}));
        let other_order = json!([
            clause("b", &json!({ "receiving": ["310112", "440115"], "matters": ["000109002000", "000109001000"] })),
            clause("a", &json!({}))
        ]);
        let bodies = json!([{ "district": "310112" }, { "district": "440115", "bodies": [{ "name": "政务服务局" }] }]);
        let after = version(&json!({ "schedule": other_order, "parties": bodies, "lead": "440115" }));
        assert_eq!(difference(Some(&before), &after), Difference::default());
    }

    #[test]
    fn a_changed_clause_lists_its_changed_parts() {
        let before = version(&json!({}));
        let changed = clause(
            "b",
            &json!({ "receiving": ["440115"], "competent": ["310112"], "matters": ["000109002000", "000109003000"], "mode": "FULL_ONLINE",
            "terms": { "fullOnline": { "url": "https://example.cn" } }, "modeLabel": "一网通办", "batch": "第二批", "validFrom": "2026-01-01", "validTo": "2026-12-31" }),
        );
        let after = version(&json!({ "schedule": [changed, clause("c", &json!({}))] }));
        let clauses = difference(Some(&before), &after).clauses;
        let changes: Vec<_> = clauses.iter().map(|change| (change.key, change.edit.kind().name())).collect();
        assert_eq!(changes, [("b", "CHANGED"), ("c", "ADDED"), ("a", "REMOVED")]);
        assert_eq!(clauses[0].parts, Part::ALL);
        assert_eq!(
            (&*clauses[0].added_matters, &*clauses[0].removed_matters),
            (&[code("000109003000")][..], &[code("000109001000")][..])
        );
        assert_eq!((&*clauses[0].removed_receiving, &*clauses[0].added_receiving), (&[code("310112")][..], &[][..]));
        assert_eq!((&*clauses[0].added_competent, &*clauses[0].removed_competent), (&[code("310112")][..], &[][..]));
        assert_eq!((clauses[1].added_matters.len(), clauses[2].removed_matters.len()), (2, 2));
        assert!(clauses[1].parts.is_empty());
    }

    #[test]
    fn changed_fields_and_parties_are_listed() {
        let before = version(&json!({}));
        let everybodys =
            |key: &str| json!({ "key": key, "matters": ["000109001000", "000109002000"], "mode": "PROXY_COLLECTION" });
        let parties = json!([{ "district": "440115", "extent": "SUBTREE" }, { "district": "320583" }]);
        let after = version(
            &json!({ "title": "第二版", "documentNumber": "南政务〔2026〕1号", "effectiveFrom": "2026-01-01", "effectiveTo": "2030-12-31",
            "amendmentRule": "LEAD", "concludes": "SIGNATORIES", "admission": "OPEN", "noticeDays": 60, "objectionDays": 7, "renewal": { "months": 12 },
            "runOut": "办结为止", "framework": "TB-2020-000001", "replaces": "TB-2019-000001", "lead": "320583", "parties": parties,
            "schedule": [everybodys("a"), everybodys("b")] }),
        );
        let difference = difference(Some(&before), &after);
        assert_eq!(difference.fields, Field::ALL);
        let changes: Vec<_> = difference
            .parties
            .iter()
            .map(|edit| (edit.kind().name(), edit.after().or(edit.before()).map(|party| party.district.to_string())))
            .collect();
        let of = |code: &str| Some(code.to_owned());
        assert_eq!(changes, [("CHANGED", of("440115")), ("ADDED", of("320583")), ("REMOVED", of("310112"))]);
        assert_eq!(difference.clauses[0].parts, [Part::Receiving]);
    }

    #[test]
    fn a_first_version_adds_everything() {
        let first = version(&json!({}));
        let difference = difference(None, &first);
        assert_eq!((difference.fields.len(), difference.parties.len(), difference.clauses.len()), (0, 2, 2));
    }
}
