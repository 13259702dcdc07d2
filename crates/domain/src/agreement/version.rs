//! Versions of an agreement: the agreed terms, parties and schedule.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::Serialize;

use crate::agreement::clause::AgreementClause;
use crate::agreement::lifecycle::{Draft, Life, Objection, Renewal, Signature};
use crate::agreement::office::Office;
use crate::agreement::party::{Accession, Confirmation, Party};
use crate::clause::{MAX_CLAUSES, key_clauses};
use crate::code::{AgreementNumber, DistrictCode};
use crate::period::Date;
use crate::problem::{Message, Problem, ProblemCode, Problems};
use crate::reading::Reader;
use crate::reference::Reference;
use crate::words::words;

words! {
    /// Whose consent a changed schedule needs.
    AmendmentRule {
        All = "ALL", "全体签署", "all parties";
        Affected = "AFFECTED", "受影响方签署", "the parties affected";
        Lead = "LEAD", "牵头方签署", "the lead party";
        NoObjection = "NO_OBJECTION", "无异议即生效", "no objection";
    }
}

words! {
    /// When a first version is concluded.
    ConclusionRule {
        All = "ALL", "全体签署", "all parties";
        Signatories = "SIGNATORIES", "已签署方", "those who signed in time";
    }
}

words! {
    /// Whose consent an accession needs.
    Admission {
        Open = "OPEN", "开放加入", "open";
        Lead = "LEAD", "牵头方同意", "the lead party";
        All = "ALL", "全体同意", "all parties";
    }
}

/// Maximum number of parties of an agreement.
pub const MAX_PARTIES: usize = 1_000;

/// One version of an agreement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Version {
    #[serde(rename = "version")]
    pub number: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_version: Option<u32>,
    pub title: Box<str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document_number: Option<Box<str>>,
    /// As stated; if absent, the day of the last signature applies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effective_from: Option<Date>,
    /// The last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effective_to: Option<Date>,
    pub amendment_rule: AmendmentRule,
    pub concludes: ConclusionRule,
    pub admission: Admission,
    pub notice_days: u32,
    /// Days in which a party may object, under the rule "no objection".
    #[serde(skip_serializing_if = "is_default_objection_days")]
    pub objection_days: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renewal: Option<Renewal>,
    /// How cases received before the end are handled; if absent, they are finished under the old terms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_out: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub framework: Option<AgreementNumber>,
    /// The agreement that this one replaces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaces: Option<AgreementNumber>,
    /// The lead party; by default the first party.
    pub lead: DistrictCode,
    pub parties: Vec<Party>,
    pub schedule: Vec<AgreementClause>,
    /// Pending accessions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub accessions: Vec<Accession>,
    /// The signatures of admitted newcomers, in the order of admission.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub accession_signatures: Vec<Signature>,
    /// Objections to the renewal.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub objections: Vec<Objection>,
    /// `None`: nothing was done.
    #[serde(flatten)]
    pub office: Option<Box<Office>>,
    #[serde(flatten)]
    pub life: Life,
    /// For a view as of an earlier day: that day. The state is evaluated on it at the latest.
    #[serde(skip)]
    pub known_until: Option<Date>,
}

/// The default of `objection_days`.
const DEFAULT_OBJECTION_DAYS: u32 = 15;

pub(super) fn is_default_objection_days(days: &u32) -> bool {
    *days == DEFAULT_OBJECTION_DAYS
}

impl Version {
    pub(crate) fn read(r: &mut Reader<'_>) -> Self {
        let number = r.number("version", 1_000_000).unwrap_or(1);
        let base_version = r.number("baseVersion", 1_000_000);
        let life = Life::read(r).unwrap_or(Life::Draft(Draft { author: DistrictCode::UNREAD }));
        let accessions = r.objects("accessions", Accession::read).into_iter().flatten().collect();
        let accession_signatures = r.objects("accessionSignatures", Signature::read).into_iter().flatten().collect();
        let objections = r.objects("objections", Objection::read).into_iter().flatten().collect();
        let office = Some(Office::read(r)).filter(|office| *office != Office::NONE).map(Box::new);
        let mut version = Self::agreed(r, life, Party::read);
        for problem in version.normalize_codes(|_, _| false) {
            r.report(problem);
        }
        if !matches!(version.life, Life::Paper(_)) {
            // Derived from the signatures, and written only for readers of the line.
            version.parties.iter_mut().for_each(|party| party.confirmation = Confirmation::Recorded);
        }
        Self { number, base_version, accessions, accession_signatures, objections, office, ..version }
    }

    /// Reads the agreed terms of a draft, a proposal or a paper record. Absent terms get their defaults. If there are
    /// problems, the result is the version as far as it can be read.
    pub(crate) fn agreed(r: &mut Reader<'_>, life: Life, read_party: impl FnMut(&mut Reader<'_>) -> Party) -> Self {
        let title = r.name("title", 400).into();
        let document_number = r.optional_number_text("documentNumber", 120).map(Into::into);
        let signed_on = match &life {
            Life::Paper(paper) => paper.signed_on,
            Life::Draft(_) | Life::Proposal(_) => None,
        };
        let term = r.period("effectiveFrom", "effectiveTo");
        if let (None, Some(signed), Some(to)) = (term.from, signed_on, term.to)
            && to < signed
        {
            r.refuse(
                ProblemCode::Invalid,
                "effectiveTo",
                "DATES_OUT_OF_ORDER",
                Message::new("截止日早于签署日", "it ends before it was signed"),
                Message::new("截止日不得早于签署日", "let the last day be the day of signing or later"),
            );
        }
        let amendment_rule = r.optional_word("amendmentRule").unwrap_or(AmendmentRule::All);
        let concludes = r.optional_word("concludes").unwrap_or(ConclusionRule::All);
        let admission = r.optional_word("admission").unwrap_or(Admission::All);
        let notice_days = r.number("noticeDays", 3_660).unwrap_or(30);
        let objection_days = r.number("objectionDays", 3_660).unwrap_or(DEFAULT_OBJECTION_DAYS);
        // A renewal of 0 months is no renewal.
        let renewal = r.object("renewal", Renewal::read).filter(|renewal| renewal.months > 0);
        let run_out = r.optional_text("runOut", 2_000).map(Into::into);
        let framework = r.optional_code("framework");
        let replaces = r.optional_code("replaces");
        let lead: Option<DistrictCode> = r.optional_code("lead");
        r.require("parties");
        let parties: Vec<Party> = r.objects("parties", read_party);
        let mut schedule = r.objects("schedule", AgreementClause::read);
        key_clauses(schedule.iter_mut().map(|clause| &mut clause.clause), r);
        let version = Self {
            number: 1,
            base_version: None,
            title,
            document_number,
            effective_from: term.from,
            effective_to: term.to,
            amendment_rule,
            concludes,
            admission,
            notice_days,
            objection_days,
            renewal,
            run_out,
            framework,
            replaces,
            lead: lead.or_else(|| parties.first().map(|party| party.district)).unwrap_or(DistrictCode::UNREAD),
            parties,
            schedule,
            accessions: Vec::new(),
            accession_signatures: Vec::new(),
            objections: Vec::new(),
            office: None,
            life,
            known_until: None,
        };
        version.check(r);
        version
    }

    /// Checks that apply to every version, signed or not.
    fn check(&self, r: &mut Reader<'_>) {
        let mut members = BTreeSet::new();
        for (i, party) in self.parties.iter().enumerate() {
            if !members.insert(party.district) && !party.district.is_unread() {
                r.refuse(
                    ProblemCode::Invalid,
                    &format!("parties.{i}.district"),
                    "PARTY_TWICE",
                    Message::new(
                        format!("{} 两次列为签约方", party.district),
                        format!("{} is named as a party twice", party.district),
                    ),
                    Message::new("每个签约方只列一次", "name every party once"),
                );
            }
        }
        if members.len() < 2 {
            r.refuse(
                ProblemCode::Invalid,
                "parties",
                "TOO_FEW_PARTIES",
                Message::new("签约方不足两个", "fewer than two parties"),
                Message::new("协议至少有两个不同的签约方", "an agreement has two different parties at least"),
            );
        }
        let parties = Message::new("请分成几份协议", "conclude several agreements");
        let schedule =
            Message::new("请合并条款：一个条款可列多个事项", "join clauses: one clause may list many matters");
        for (field, count, most, remedy) in [
            ("parties", self.parties.len(), MAX_PARTIES, parties),
            ("schedule", self.schedule.len(), MAX_CLAUSES, schedule),
        ] {
            if count > most {
                r.refuse(
                    ProblemCode::Invalid,
                    field,
                    "TOO_MANY",
                    Message::new(format!("超过 {most} 个"), format!("more than {most}")),
                    remedy,
                );
            }
        }
    }

    /// Replaces the codes of the lead and of the clauses' sides with the codes that the list of parties uses, since a
    /// district may be named by any of its codes. `is_same` says whether two codes are of one district. Reports
    /// districts that are not parties.
    pub fn normalize_codes(&mut self, is_same: impl Fn(DistrictCode, DistrictCode) -> bool) -> Problems {
        let Self { parties, lead, schedule, .. } = self;
        let mut problems = Problems::new();
        let written: BTreeSet<DistrictCode> = parties.iter().map(|party| party.district).collect();
        // A code that could not be parsed may be that of any district.
        let are_read = !written.is_empty() && !written.contains(&DistrictCode::UNREAD);
        let settle = |code: &mut DistrictCode| {
            let party = if written.contains(code) {
                Some(*code)
            } else {
                written.iter().copied().find(|party| is_same(*party, *code))
            };
            party.map(|party| *code = party).is_some()
        };
        let path = |steps: &[&str]| steps.iter().map(|step| (*step).to_owned()).collect();
        if !settle(lead) && are_read && !lead.is_unread() {
            let message = Message::new(format!("牵头方 {lead} 不是签约方"), format!("the lead {lead} is not a party"));
            problems.push(
                Problem::invalid(path(&["lead"]), "NOT_A_PARTY", message)
                    .remedy("牵头方应为签约方之一", "let the lead be one of the parties"),
            );
        }
        for (i, clause) in schedule.iter_mut().enumerate() {
            for (side, codes) in [("receiving", &mut clause.receiving), ("competent", &mut clause.competent)] {
                let mut named = BTreeSet::new();
                for (j, code) in codes.iter_mut().enumerate() {
                    let place = path(&["schedule", &i.to_string(), side, &j.to_string()]);
                    let given = *code;
                    if given.is_unread() {
                        continue;
                    }
                    if !settle(code) {
                        if !are_read {
                            continue;
                        }
                        let message = Message::new(format!("{given} 不是签约方"), format!("{given} is not a party"));
                        problems.push(Problem::invalid(place, "NOT_A_PARTY", message).remedy(
                            "条款只能列签约方；下辖区域请在签约方的 extent 中写 SUBTREE",
                            "a clause names parties; those below a party come with its extent SUBTREE",
                        ));
                    } else if !named.insert(*code) {
                        let message = Message::new(format!("{given} 重复出现"), format!("{given} is named twice"));
                        problems.push(
                            Problem::invalid(place, "DUPLICATE", message)
                                .remedy("请删去重复的一项", "remove one of the two"),
                        );
                    }
                }
            }
        }
        problems
    }

    /// Marks a paper record as recorded by one of its parties, which counts as the party's confirmation.
    pub fn recorded_by(mut self, recorder: DistrictCode) -> Result<Self, Problem> {
        if !self.may_name(recorder) {
            let message = Message::new(
                format!("登记方 {recorder} 不是签约方"),
                format!("the recorder {recorder} is not a party"),
            );
            return Err(Problem::new(ProblemCode::Refused, vec!["recorder".to_owned()], "NOT_A_PARTY", message)
                .remedy("请由签约方或平台管理员登记", "have one of the parties record it, or the steward"));
        }
        for party in self.parties.iter_mut().filter(|party| party.district == recorder) {
            party.confirmation = Confirmation::Confirmed;
        }
        if let Life::Paper(paper) = &mut self.life {
            paper.recorder = Some(recorder);
        }
        Ok(self)
    }

    /// The version as written in its line, with the confirmation of each party.
    pub(super) fn with_confirmations(&self) -> Cow<'_, Self> {
        let said: Vec<Confirmation> = self.parties.iter().map(|party| self.confirmation_of(party)).collect();
        if self.parties.iter().zip(&said).all(|(party, said)| party.confirmation == *said) {
            return Cow::Borrowed(self);
        }
        let mut version = self.clone();
        version.parties.iter_mut().zip(said).for_each(|(party, said)| party.confirmation = said);
        Cow::Owned(version)
    }

    /// Whether the district is a party, or may be one because a code could not be parsed.
    pub(crate) fn may_name(&self, district: DistrictCode) -> bool {
        district.is_unread()
            || self.parties.iter().any(|party| party.district == district || party.district.is_unread())
    }

    pub fn party(&self, district: DistrictCode) -> Option<&Party> {
        self.parties.iter().find(|party| party.district == district)
    }

    /// Whether the terms are equal. The first day and the document number are not terms: each version has its own.
    pub(crate) fn has_terms_of(&self, other: &Self) -> bool {
        let terms = |version: &Self| Self {
            number: 1,
            base_version: None,
            document_number: None,
            effective_from: None,
            parties: Vec::new(),
            schedule: Vec::new(),
            accessions: Vec::new(),
            accession_signatures: Vec::new(),
            objections: Vec::new(),
            office: None,
            life: other.life.clone(),
            known_until: None,
            ..version.clone()
        };
        terms(self) == terms(other)
    }

    /// The references of the version, with paths as in its form.
    pub fn references(&self) -> Vec<Reference> {
        let parties = self
            .parties
            .iter()
            .enumerate()
            .map(|(i, party)| Reference::district(format!("parties.{i}.district"), party.district));
        let clauses = self.schedule.iter().enumerate().flat_map(|(i, clause)| {
            clause.references().into_iter().map(move |reference| reference.within(format!("schedule.{i}")))
        });
        let framework = self.framework.map(|number| Reference::agreement("framework", number));
        let replaces = self.replaces.map(|number| Reference::agreement("replaces", number));
        parties.chain(clauses).chain(framework).chain(replaces).chain(self.office().references()).collect()
    }

    pub(super) fn districts(&self) -> impl Iterator<Item = DistrictCode> + '_ {
        self.parties.iter().map(|party| party.district)
    }
}
