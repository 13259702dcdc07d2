//! Agreements (协议) between two or more districts: a list of versions, and the standing on a day. The standing is derived from
//! dates and suspensions, so no scheduled job is needed.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::{Serialize, Serializer};

use crate::clause::{AgreementClause, Extent, MAX_CLAUSES, key_clauses};
use crate::code::{AgreementNumber, CreditCode, DistrictCode};
use crate::id::RecordType;
use crate::journal::{Action, Digest, RecordKind};
use crate::life::{Draft, LapseReason, Life, Needs, Objection, Renewal, Signature};
use crate::matter::MatterDomain;
use crate::period::{Date, Period};
use crate::problem::{Message, Problem, ProblemCode, Problems};
use crate::provenance::Provenance;
use crate::reading::Reader;
use crate::record::Reference;
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

words! {
    /// A party's answer to a paper record.
    Confirmation {
        Recorded = "RECORDED", "待确认", "recorded, not yet confirmed";
        Confirmed = "CONFIRMED", "已确认", "confirmed";
        Contested = "CONTESTED", "有异议", "contested";
    }
}

words! {
    /// The state of a version.
    VersionState {
        Draft = "DRAFT", "草稿", "draft";
        Proposed = "PROPOSED", "已送签", "proposed";
        Rejected = "REJECTED", "已退回", "rejected";
        Withdrawn = "WITHDRAWN", "已撤回", "withdrawn";
        Lapsed = "LAPSED", "逾期未签", "lapsed";
        Concluded = "CONCLUDED", "已签订", "concluded";
    }
}

words! {
    /// The standing of an agreement on a day.
    Standing {
        NotConcluded = "NOT_CONCLUDED", "未签订", "not concluded";
        Scheduled = "SCHEDULED", "待生效", "scheduled";
        InForce = "IN_FORCE", "生效中", "in force";
        Suspended = "SUSPENDED", "已暂停", "suspended";
        Expired = "EXPIRED", "已到期", "expired";
        Terminated = "TERMINATED", "已终止", "terminated";
        Voided = "VOIDED", "已作废", "voided";
    }
}

/// Maximum number of parties of an agreement.
pub const MAX_PARTIES: usize = 1_000;
/// Maximum number of versions of an agreement.
const MAX_VERSIONS: usize = 10_000;

/// An agreement (协议).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    pub number: AgreementNumber,
    /// The importer's own key, kept and exported.
    pub key: Option<Box<str>>,
    /// In the order of their numbers; never empty.
    pub versions: Vec<Version>,
    pub suspensions: Vec<Suspension>,
    pub notices: Vec<Notice>,
    /// The number of the newest discarded draft, if no version has this number or a greater one. It prevents reuse of the
    /// number, and is visible to the draft's author and to stewards.
    pub discarded: Option<Discarded>,
    /// Set if the record was entered in error.
    pub voided: Option<Voiding>,
    pub provenance: Provenance,
}

/// The number of a discarded draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Discarded {
    pub version: u32,
    pub author: DistrictCode,
}

impl RecordType for Agreement {
    const KIND: RecordKind = RecordKind::Agreement;
    const PREFIX: &'static str = "agr";
}

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
    #[serde(flatten)]
    pub life: Life,
    /// For a view as of an earlier day: that day. The state is evaluated on it at the latest.
    #[serde(skip)]
    pub known_until: Option<Date>,
}

/// A newcomer that has signed the digest of the current version, with the consents so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Accession {
    pub party: Party,
    pub signature: Signature,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub consents: Vec<DistrictCode>,
}

/// The default of `objection_days`.
const DEFAULT_OBJECTION_DAYS: u32 = 15;

fn is_default_objection_days(days: &u32) -> bool {
    *days == DEFAULT_OBJECTION_DAYS
}

/// A party of an agreement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Party {
    pub district: DistrictCode,
    pub extent: Extent,
    /// The bodies that signed for it; not part of the agreed content.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub bodies: Vec<SigningBody>,
    /// A newcomer's first day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub joined_on: Option<Date>,
    /// Earlier periods of membership, if it left and rejoined.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<Period>,
    pub confirmation: Confirmation,
}

/// A body that signs for a party, and the domains that it signs for; empty: all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SigningBody {
    pub name: Box<str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credit_code: Option<CreditCode>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub domains: Vec<MatterDomain>,
}

/// A suspension (暂停) of a party, or the registry's emergency stop of the whole agreement. It applies from `since` to `until`,
/// and ends before the day on which it is cleared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Suspension {
    /// `None`: the registry's emergency stop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub party: Option<DistrictCode>,
    pub since: Date,
    /// The last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cleared_on: Option<Date>,
    /// Set by contesting the paper record, and cleared by confirming it.
    #[serde(skip_serializing_if = "is_not")]
    pub contests: bool,
    pub reason: Box<str>,
}

fn is_not(it: &bool) -> bool {
    !it
}

impl Suspension {
    pub fn applies_on(&self, on: Date) -> bool {
        self.since <= on && self.until.is_none_or(|until| on <= until) && self.cleared_on.is_none_or(|cleared| on < cleared)
    }
}

/// A party's notice of withdrawal (退出告知). `ends_on` is its last day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Notice {
    pub party: DistrictCode,
    pub ends_on: Date,
    /// The law changed, so the notice period is waived.
    #[serde(skip_serializing_if = "is_not")]
    pub law_changed: bool,
    pub reason: Box<str>,
}

/// The act that voided a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Voiding {
    pub on: Date,
    pub reason: Box<str>,
}

/// A submitted agreement, before the registry assigns a number.
#[derive(Debug, Clone)]
pub struct Submission {
    /// The stated number, of an exported record.
    pub number: Option<AgreementNumber>,
    agreement: Agreement,
}

impl Submission {
    /// The agreement with its assigned number.
    pub fn numbered(self, number: AgreementNumber) -> Agreement {
        Agreement { number, ..self.agreement }
    }

    pub fn key(&self) -> Option<&str> {
        self.agreement.key.as_deref()
    }

    /// The submitted content; its number is a placeholder.
    pub fn content(&self) -> &Agreement {
        &self.agreement
    }
}

impl Agreement {
    /// Reads the line of a paper record or of an exported agreement.
    pub fn read(r: &mut Reader<'_>) -> Option<Submission> {
        let number = r.optional_code("number");
        let key = r.optional_number_text("key", 200).map(Into::into);
        let versions = if r.has("versions") {
            let mut versions: Vec<Version> = r.objects("versions", Version::read);
            versions.sort_by_key(|version| version.number);
            if versions.windows(2).any(|pair| pair[0].number == pair[1].number) || versions.len() > MAX_VERSIONS {
                r.refuse(
                    ProblemCode::Invalid,
                    "versions",
                    "VERSION_TWICE",
                    Message::new("版本号重复", "a version number stands twice"),
                    Message::new("每个版本用一个版本号", "give every version a number of its own"),
                );
            }
            versions
        } else {
            vec![Version::read(r)]
        };
        let suspensions = r.objects("suspensions", Suspension::read).into_iter().flatten().collect();
        let notices = r.objects("notices", Notice::read).into_iter().flatten().collect();
        let discarded = r.object("discarded", |r| {
            let (version, author) = (r.required_number("version", 1_000_000), r.code("author"));
            Some(Discarded { version, author: author? })
        });
        let voided = r.object("voided", |r| {
            r.require("on");
            let on = r.date("on");
            let reason = r.line("reason", 2_000).into();
            Some(Voiding { on: on?, reason })
        });
        let provenance = Provenance::read(r);
        // A placeholder that `numbered` replaces.
        let unnumbered = AgreementNumber::new(1949, 1)?;
        let agreement =
            Self { number: unnumbered, key, versions, suspensions, notices, discarded: discarded.flatten(), voided: voided.flatten(), provenance };
        (!agreement.versions.is_empty()).then_some(Submission { number, agreement })
    }

    pub fn latest(&self) -> &Version {
        self.versions.last().expect("an agreement has a version")
    }

    pub fn version(&self, number: u32) -> Option<&Version> {
        self.versions.iter().find(|version| version.number == number)
    }

    /// The effective version on a day, whether ended or not: the concluded one with the greatest number that has begun.
    pub fn version_begun(&self, on: Date) -> Option<&Version> {
        self.versions.iter().rev().find(|version| version.term().is_some_and(|term| !term.begins_after(on)))
    }

    /// The version in force on a day, suspended or not; `None` after its end, or if fewer than two parties remain. An older
    /// version never comes back into force.
    pub fn version_in_force(&self, on: Date) -> Option<&Version> {
        let version = self.version_begun(on).filter(|version| self.voided.is_none() && version.term().is_some_and(|term| term.includes(on)))?;
        self.last_day_of_two_parties(version).is_none_or(|last| on <= last).then_some(version)
    }

    /// The period of a party's membership around a day: from joining to the last day of its notice. A party that signs or
    /// accedes again after its last day is a member again.
    pub fn membership(&self, version: &Version, party: &Party, on: Date) -> Period {
        party.earlier.iter().copied().find(|earlier| earlier.includes(on)).unwrap_or_else(|| self.current_membership(version, party))
    }

    pub(crate) fn current_membership(&self, version: &Version, party: &Party) -> Period {
        let mut leavings = self.notices.iter().filter(|notice| notice.party == party.district).map(|notice| notice.ends_on).peekable();
        if leavings.peek().is_none() {
            return Period::new(party.joined_on, None);
        }
        let signed = version.proposal().and_then(|proposal| proposal.signed_by(party.district));
        let back = party.joined_on.max(signed);
        Period::new(party.joined_on, leavings.filter(|ends_on| back.is_none_or(|back| back <= *ends_on)).min())
    }

    /// The parties that a version binds on a day.
    pub fn members_on<'a>(&'a self, version: &'a Version, on: Date) -> impl Iterator<Item = &'a Party> {
        version.members().filter(move |party| self.membership(version, party, on).includes(on))
    }

    /// The suspension of a party on a day.
    pub fn suspension_of(&self, party: DistrictCode, on: Date) -> Option<&Suspension> {
        self.suspensions.iter().find(|suspension| suspension.party == Some(party) && suspension.applies_on(on))
    }

    /// The registry's emergency stop on a day.
    pub fn emergency_stop(&self, on: Date) -> Option<&Suspension> {
        self.suspensions.iter().find(|suspension| suspension.party.is_none() && suspension.applies_on(on))
    }

    /// The last day on which at least two parties remain, if notices end that. A version that begins with fewer is never in
    /// force.
    pub(crate) fn last_day_of_two_parties(&self, version: &Version) -> Option<Date> {
        if self.notices.is_empty() {
            return None;
        }
        let begins = version.term()?.from.unwrap_or(Date::MIN);
        let memberships: Vec<Vec<Period>> =
            version.members().map(|party| party.earlier.iter().copied().chain([self.current_membership(version, party)]).collect()).collect();
        let members = |on: Date| memberships.iter().filter(|periods| periods.iter().any(|period| period.includes(on))).count();
        let leavings = memberships.iter().flatten().filter_map(|period| period.to?.succ_opt());
        leavings.map(|after| after.max(begins)).filter(|after| members(*after) < 2).min()?.pred_opt()
    }

    /// How the agreement has ended by a day; `None` if it has not, or if another version is to begin.
    pub fn has_ended(&self, on: Date) -> Option<Standing> {
        match self.standing(on) {
            ended @ Standing::Voided => Some(ended),
            ended @ (Standing::Expired | Standing::Terminated) => {
                let begins = |version: &Version| version.term().and_then(|term| term.from).filter(|from| on < *from);
                let will_hold = |from: Date| matches!(self.standing(from), Standing::InForce | Standing::Suspended);
                (!self.versions.iter().filter_map(begins).any(will_hold)).then_some(ended)
            }
            Standing::NotConcluded | Standing::Scheduled | Standing::InForce | Standing::Suspended => None,
        }
    }

    /// The standing on a day.
    pub fn standing(&self, on: Date) -> Standing {
        if self.voided.is_some() {
            return Standing::Voided;
        }
        let Some(version) = self.version_begun(on) else {
            // Before the signature it was not concluded, even if a paper record says so now.
            let was_signed = |version: &Version| version.signed_on().is_none_or(|signed| signed <= on);
            let is_coming = self
                .versions
                .iter()
                .any(|version| version.state(on) == VersionState::Concluded && was_signed(version) && version.members().count() >= 2);
            return if is_coming { Standing::Scheduled } else { Standing::NotConcluded };
        };
        if version.members().count() < 2 {
            return Standing::NotConcluded;
        }
        let ended = version.term().and_then(|term| term.to).filter(|to| *to < on);
        let terminated = self.last_day_of_two_parties(version).filter(|last| *last < on);
        match (ended, terminated) {
            (Some(ended), Some(terminated)) if terminated < ended => Standing::Terminated,
            (Some(_), _) => Standing::Expired,
            (None, Some(_)) => Standing::Terminated,
            (None, None) => {
                let free = self.members_on(version, on).filter(|party| self.suspension_of(party.district, on).is_none());
                if self.emergency_stop(on).is_some() || free.count() < 2 { Standing::Suspended } else { Standing::InForce }
            }
        }
    }

    /// The date-driven changes after `from`, up to and including `to`, in order. A change that an act causes on its own day is
    /// recorded with that act instead.
    pub fn date_changes(&self, from: Date, to: Date) -> Vec<(Date, Action)> {
        if self.voided.is_some() {
            return Vec::new();
        }
        let mut changes = Vec::new();
        for version in &self.versions {
            self.date_changes_of(version, (from, to), &mut changes);
        }
        for notice in &self.notices {
            let left =
                |on: Date| self.version_begun(on).is_some_and(|version| self.members_on(version, on).any(|party| party.district == notice.party));
            let after = notice.ends_on.succ_opt().filter(|after| left(notice.ends_on) && !left(*after));
            changes.extend(after.map(|after| (after, Action::Left)));
        }
        for suspension in &self.suspensions {
            let until = suspension.until.filter(|until| suspension.cleared_on.is_none_or(|cleared| *until < cleared));
            changes.extend(until.and_then(|until| until.succ_opt()).map(|after| (after, Action::SuspensionEnded)));
        }
        changes.retain(|(on, _)| from < *on && *on <= to);
        changes.sort_unstable();
        changes.dedup();
        changes
    }

    fn date_changes_of(&self, version: &Version, (from, to): (Date, Date), changes: &mut Vec<(Date, Action)>) {
        if let Some(proposal) = version.proposal() {
            let after = proposal.answer_by.succ_opt();
            // A superseded proposal ended with the journal entry of the conclusion that superseded it.
            let lapses = |after: &Date| version.lapse_reason(*after) == Some(LapseReason::AnswerByPassed);
            changes.extend(after.filter(lapses).map(|after| (after, Action::Lapsed)));
            if let Some(concluded) = version.signed_on().filter(|concluded| proposal.last_answer().is_none_or(|answer| answer < *concluded)) {
                changes.push((concluded, Action::Concluded));
            }
        }
        let Some(term) = version.term() else { return };
        let counts = |on: Date| self.version_begun(on).is_some_and(|begun| begun.number == version.number);
        let holds = |on: Date| counts(on) && matches!(self.standing(on), Standing::InForce | Standing::Suspended);
        let by_an_act = |begins: Date| version.proposal().is_some_and(|proposal| proposal.last_answer() == Some(begins));
        changes.extend(term.from.filter(|begins| holds(*begins) && !by_an_act(*begins)).map(|begins| (begins, Action::TookEffect)));
        let expired = term.to.and_then(|last| last.succ_opt()).filter(|after| counts(*after) && self.standing(*after) == Standing::Expired);
        changes.extend(expired.map(|after| (after, Action::Expired)));
        let terminated = self.last_day_of_two_parties(version).and_then(|last| last.succ_opt());
        let terminated = terminated.filter(|after| counts(*after) && self.standing(*after) == Standing::Terminated);
        changes.extend(terminated.map(|after| (after, Action::Terminated)));
        if let (Some(first), Some(renewal)) = (version.effective_to, version.renewal) {
            let starts = renewal.ends_from(first, from).map_while(|end| end.succ_opt()).take_while(|starts| *starts <= to);
            changes.extend(starts.filter(|starts| holds(*starts)).map(|starts| (starts, Action::Renewed)));
        }
    }

    /// The framework agreement that this one belongs to.
    pub fn framework(&self) -> Option<AgreementNumber> {
        self.latest().framework
    }

    /// The agreement that this one replaced.
    pub fn replaces(&self) -> Option<AgreementNumber> {
        self.latest().replaces
    }

    pub fn references(&self) -> Vec<Reference> {
        let many = self.versions.len() > 1;
        let of = |(i, version): (usize, &Version)| {
            let references = version.references();
            let place = move |reference: Reference| if many { reference.within(format!("versions.{i}")) } else { reference };
            references.into_iter().map(place).collect::<Vec<_>>()
        };
        self.versions.iter().enumerate().flat_map(of).collect()
    }
}

impl Version {
    fn read(r: &mut Reader<'_>) -> Self {
        let number = r.number("version", 1_000_000).unwrap_or(1);
        let base_version = r.number("baseVersion", 1_000_000);
        let life = Life::read(r).unwrap_or(Life::Draft(Draft { author: DistrictCode::UNREAD }));
        let accessions = r.objects("accessions", Accession::read).into_iter().flatten().collect();
        let accession_signatures = r.objects("accessionSignatures", Signature::read).into_iter().flatten().collect();
        let objections = r.objects("objections", Objection::read).into_iter().flatten().collect();
        let mut version = Self::agreed(r, life, Party::read);
        for problem in version.normalize_codes(|_, _| false) {
            r.report(problem);
        }
        if !matches!(version.life, Life::Paper(_)) {
            // Derived from the signatures, and written only for readers of the line.
            version.parties.iter_mut().for_each(|party| party.confirmation = Confirmation::Recorded);
        }
        Self { number, base_version, accessions, accession_signatures, objections, ..version }
    }

    /// Reads the agreed terms of a draft, a proposal or a paper record. Absent terms get their defaults. If there are problems,
    /// the result is the version as far as it can be read.
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
                    Message::new(format!("{} 两次列为签约方", party.district), format!("{} is named as a party twice", party.district)),
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
        let schedule = Message::new("请合并条款：一个条款可列多个事项", "join clauses: one clause may list many matters");
        for (field, count, most, remedy) in
            [("parties", self.parties.len(), MAX_PARTIES, parties), ("schedule", self.schedule.len(), MAX_CLAUSES, schedule)]
        {
            if count > most {
                r.refuse(ProblemCode::Invalid, field, "TOO_MANY", Message::new(format!("超过 {most} 个"), format!("more than {most}")), remedy);
            }
        }
    }

    /// Replaces the codes of the lead and of the clauses' sides with the codes that the list of parties uses, since a district
    /// may be named by any of its codes. `is_same` says whether two codes are of one district. Reports districts that are not
    /// parties.
    pub fn normalize_codes(&mut self, is_same: impl Fn(DistrictCode, DistrictCode) -> bool) -> Problems {
        let Self { parties, lead, schedule, .. } = self;
        let mut problems = Problems::new();
        let written: BTreeSet<DistrictCode> = parties.iter().map(|party| party.district).collect();
        // A code that could not be parsed may be that of any district.
        let are_read = !written.is_empty() && !written.contains(&DistrictCode::UNREAD);
        let settle = |code: &mut DistrictCode| {
            let party = if written.contains(code) { Some(*code) } else { written.iter().copied().find(|party| is_same(*party, *code)) };
            party.map(|party| *code = party).is_some()
        };
        let path = |steps: &[&str]| steps.iter().map(|step| (*step).to_owned()).collect();
        if !settle(lead) && are_read && !lead.is_unread() {
            let message = Message::new(format!("牵头方 {lead} 不是签约方"), format!("the lead {lead} is not a party"));
            problems
                .push(Problem::invalid(path(&["lead"]), "NOT_A_PARTY", message).remedy("牵头方应为签约方之一", "let the lead be one of the parties"));
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
                        problems.push(Problem::invalid(place, "DUPLICATE", message).remedy("请删去重复的一项", "remove one of the two"));
                    }
                }
            }
        }
        problems
    }

    /// Marks a paper record as recorded by one of its parties, which counts as the party's confirmation.
    pub fn recorded_by(mut self, recorder: DistrictCode) -> Result<Self, Problem> {
        if !self.may_name(recorder) {
            let message = Message::new(format!("登记方 {recorder} 不是签约方"), format!("the recorder {recorder} is not a party"));
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

    /// The period of a concluded version: from the stated day, else the day of the last signature. A version that is concluded
    /// after its stated day begins with the conclusion; a paper record keeps its dates. With automatic renewal it has no end
    /// until a party objects.
    pub fn term(&self) -> Option<Period> {
        let from = match &self.life {
            Life::Draft(_) => return None,
            Life::Paper(paper) => self.effective_from.or(paper.signed_on),
            Life::Proposal(_) => self.signed_on().map(|concluded| Some(self.effective_from.map_or(concluded, |stated| stated.max(concluded))))?,
        };
        Some(Period::new(from, self.last_day()))
    }

    /// The last day, if there is one: with automatic renewal there is none until a party objects.
    fn last_day(&self) -> Option<Date> {
        let last = self.effective_to?;
        match self.renewal {
            None => Some(last),
            Some(renewal) => self.objections.iter().filter_map(|objection| renewal.end_after_objection(last, objection.on)).min(),
        }
    }

    /// The last day of the current period on a day. It may be renewed after that.
    pub fn current_end(&self, on: Date) -> Option<Date> {
        let first = self.effective_to?;
        let running = self.renewal.map_or(Some(first), |renewal| renewal.ends_from(first, on).next())?;
        Some(self.last_day().map_or(running, |last| last.min(running)))
    }

    /// The confirmation of a party: in a paper record its answer, else derived from the signatures.
    pub fn confirmation_of(&self, party: &Party) -> Confirmation {
        match &self.life {
            Life::Paper(_) => party.confirmation,
            Life::Proposal(proposal) if proposal.has_signed(party.district) || (self.signed_on().is_some() && self.binds(party)) => {
                Confirmation::Confirmed
            }
            Life::Draft(_) | Life::Proposal(_) => Confirmation::Recorded,
        }
    }

    /// The version as written in its line, with the confirmation of each party.
    fn with_confirmations(&self) -> Cow<'_, Self> {
        let said: Vec<Confirmation> = self.parties.iter().map(|party| self.confirmation_of(party)).collect();
        if self.parties.iter().zip(&said).all(|(party, said)| party.confirmation == *said) {
            return Cow::Borrowed(self);
        }
        let mut version = self.clone();
        version.parties.iter_mut().zip(said).for_each(|(party, said)| party.confirmation = said);
        Cow::Owned(version)
    }

    /// Whether the version binds the party. Under the rule "signatories" only parties that signed are bound; a paper record
    /// that a party recorded binds only the parties that confirmed it.
    pub fn binds(&self, party: &Party) -> bool {
        match &self.life {
            Life::Draft(_) => false,
            Life::Paper(paper) => paper.recorder.is_none() || party.confirmation == Confirmation::Confirmed,
            Life::Proposal(proposal) => proposal.needs != Needs::Signatories || party.joined_on.is_some() || proposal.has_signed(party.district),
        }
    }

    /// All electronic signatures: of the signers, then of the newcomers.
    pub fn signatures(&self) -> impl Iterator<Item = &Signature> {
        self.proposal().into_iter().flat_map(|proposal| &proposal.signatures).chain(&self.accession_signatures)
    }

    /// The last day as of a day: with automatic renewal the end of the current period; before the conclusion the stated day.
    pub fn ends_on(&self, on: Date) -> Option<Date> {
        if self.term().is_some() { self.current_end(on) } else { self.effective_to }
    }

    /// Whether the digested content is equal, apart from the number, the base and the order of clauses.
    pub(crate) fn has_content_of(&self, other: &Self, number: AgreementNumber) -> bool {
        let content = |version: &Self| {
            let mut version = Self { number: 1, base_version: None, ..version.clone() };
            version.schedule.sort_by(|a, b| a.key.cmp(&b.key));
            version.digest(number)
        };
        content(self) == content(other)
    }

    /// The parties that have not answered a paper record.
    pub fn unconfirmed(&self) -> impl Iterator<Item = &Party> {
        let is_paper = matches!(self.life, Life::Paper(_));
        self.parties.iter().filter(move |party| is_paper && party.confirmation == Confirmation::Recorded)
    }

    /// The parties that are bound.
    pub fn members(&self) -> impl Iterator<Item = &Party> {
        self.parties.iter().filter(|party| self.binds(party))
    }

    /// Whether the district is a party, or may be one because a code could not be parsed.
    pub(crate) fn may_name(&self, district: DistrictCode) -> bool {
        district.is_unread() || self.parties.iter().any(|party| party.district == district || party.district.is_unread())
    }

    pub fn party(&self, district: DistrictCode) -> Option<&Party> {
        self.parties.iter().find(|party| party.district == district)
    }

    /// SHA-256 over the canonical JSON (RFC 8785) of the agreed content. Number and version are part of it, so that a signature
    /// cannot be moved to another version. Fields that later releases add are omitted if absent.
    pub fn digest(&self, number: AgreementNumber) -> Digest {
        #[derive(Serialize)]
        struct AgreedParty {
            district: DistrictCode,
            extent: Extent,
        }
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Agreed<'a> {
            format: u32,
            number: AgreementNumber,
            version: u32,
            #[serde(skip_serializing_if = "Option::is_none")]
            base_version: Option<u32>,
            title: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            document_number: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            effective_from: Option<Date>,
            #[serde(skip_serializing_if = "Option::is_none")]
            effective_to: Option<Date>,
            amendment_rule: AmendmentRule,
            concludes: ConclusionRule,
            admission: Admission,
            notice_days: u32,
            /// Omitted if it is the default.
            #[serde(skip_serializing_if = "is_default_objection_days")]
            objection_days: u32,
            #[serde(skip_serializing_if = "Option::is_none")]
            renewal: Option<Renewal>,
            #[serde(skip_serializing_if = "Option::is_none")]
            run_out: Option<&'a str>,
            lead: DistrictCode,
            #[serde(skip_serializing_if = "Option::is_none")]
            framework: Option<AgreementNumber>,
            #[serde(skip_serializing_if = "Option::is_none")]
            replaces: Option<AgreementNumber>,
            parties: Vec<AgreedParty>,
            schedule: Vec<AgreementClause>,
        }
        // Newcomers are not part of the signed content: nobody signs again for them.
        let original = self.parties.iter().filter(|party| self.is_by_text(party));
        let mut parties: Vec<_> = original.map(|party| AgreedParty { district: party.district, extent: party.extent }).collect();
        parties.sort_by_key(|party| party.district);
        let sorted = |codes: &[DistrictCode]| {
            let mut codes = codes.to_vec();
            codes.sort_unstable();
            codes.into_boxed_slice()
        };
        let schedule = self.schedule.iter().map(|clause| AgreementClause {
            receiving: sorted(&clause.receiving),
            competent: sorted(&clause.competent),
            ..clause.clone()
        });
        let agreed = Agreed {
            format: 1,
            number,
            version: self.number,
            base_version: self.base_version,
            title: &self.title,
            document_number: self.document_number.as_deref(),
            effective_from: self.effective_from,
            effective_to: self.effective_to,
            amendment_rule: self.amendment_rule,
            concludes: self.concludes,
            admission: self.admission,
            notice_days: self.notice_days,
            objection_days: self.objection_days,
            renewal: self.renewal,
            run_out: self.run_out.as_deref(),
            lead: self.lead,
            framework: self.framework,
            replaces: self.replaces,
            parties,
            schedule: schedule.collect(),
        };
        let canonical = serde_jcs::to_vec(&agreed).expect("text, numbers and lists always have a canonical form");
        Digest::of(&canonical)
    }

    /// Whether the party is part of the signed content, and not a newcomer.
    pub fn is_by_text(&self, party: &Party) -> bool {
        let came_back = party.earlier.first().is_some_and(|earlier| earlier.from.is_none());
        // It was asked to sign, and joined later.
        let asked = self.proposal().is_some_and(|proposal| proposal.needs == Needs::Signatories && proposal.signers.contains(&party.district));
        party.joined_on.is_none() || came_back || asked
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
            life: other.life.clone(),
            known_until: None,
            ..version.clone()
        };
        terms(self) == terms(other)
    }

    /// The references of the version, with paths as in its form.
    pub fn references(&self) -> Vec<Reference> {
        let parties = self.parties.iter().enumerate().map(|(i, party)| Reference::district(format!("parties.{i}.district"), party.district));
        let clauses = self
            .schedule
            .iter()
            .enumerate()
            .flat_map(|(i, clause)| clause.references().into_iter().map(move |reference| reference.within(format!("schedule.{i}"))));
        let framework = self.framework.map(|number| Reference::agreement("framework", number));
        let replaces = self.replaces.map(|number| Reference::agreement("replaces", number));
        parties.chain(clauses).chain(framework).chain(replaces).collect()
    }
}

impl Accession {
    fn read(r: &mut Reader<'_>) -> Option<Self> {
        let party = r.object("party", Party::read);
        let signature = r.object("signature", Signature::read).flatten();
        let consents = r.codes("consents");
        Some(Self { party: party?, signature: signature?, consents })
    }
}

impl Party {
    fn read(r: &mut Reader<'_>) -> Self {
        let party = Self::named(r);
        let joined_on = r.date("joinedOn");
        let earlier = r.objects("earlier", |r| r.period("validFrom", "validTo"));
        let confirmation = r.optional_word("confirmation").unwrap_or(Confirmation::Recorded);
        Self { joined_on, earlier, confirmation, ..party }
    }

    /// Reads a party from a form, which has no fields for the day of joining and the confirmation.
    pub fn named(r: &mut Reader<'_>) -> Self {
        let district = r.code("district").unwrap_or(DistrictCode::UNREAD);
        let extent = r.optional_word("extent").unwrap_or(Extent::Itself);
        let bodies = r.objects("bodies", |r| SigningBody {
            name: r.name("name", 200).into(),
            credit_code: r.optional_code("creditCode"),
            domains: r.words("domains"),
        });
        Self { district, extent, bodies, joined_on: None, earlier: Vec::new(), confirmation: Confirmation::Recorded }
    }
}

impl Suspension {
    fn read(r: &mut Reader<'_>) -> Option<Self> {
        let party = r.optional_code("party");
        r.require("since");
        let since = r.date("since");
        let until = r.date("until");
        let cleared_on = r.date("clearedOn");
        let contests = r.flag("contests");
        let reason = r.line("reason", 2_000).into();
        Some(Self { party, since: since?, until, cleared_on, contests, reason })
    }
}

impl Notice {
    fn read(r: &mut Reader<'_>) -> Option<Self> {
        let party = r.code("party");
        r.require("endsOn");
        let ends_on = r.date("endsOn");
        let law_changed = r.flag("lawChanged");
        let reason = r.line("reason", 2_000).into();
        Some(Self { party: party?, ends_on: ends_on?, law_changed, reason })
    }
}

impl Serialize for Agreement {
    /// A single version is written flat, several as a list.
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Line<'a> {
            number: AgreementNumber,
            #[serde(skip_serializing_if = "Option::is_none")]
            key: Option<&'a str>,
            #[serde(flatten)]
            only: Option<Cow<'a, Version>>,
            #[serde(skip_serializing_if = "Vec::is_empty")]
            versions: Vec<Cow<'a, Version>>,
            #[serde(rename = "suspensions", skip_serializing_if = "<[_]>::is_empty")]
            suspensions: &'a [Suspension],
            #[serde(skip_serializing_if = "<[_]>::is_empty")]
            notices: &'a [Notice],
            #[serde(skip_serializing_if = "Option::is_none")]
            discarded: Option<Discarded>,
            #[serde(skip_serializing_if = "Option::is_none")]
            voided: Option<&'a Voiding>,
            #[serde(skip_serializing_if = "Provenance::is_unstated")]
            provenance: &'a Provenance,
        }
        let mut versions: Vec<_> = self.versions.iter().map(Version::with_confirmations).collect();
        let only = if versions.len() == 1 { versions.pop() } else { None };
        Line {
            number: self.number,
            key: self.key.as_deref(),
            only,
            versions,
            suspensions: &self.suspensions,
            notices: &self.notices,
            discarded: self.discarded,
            voided: self.voided.as_ref(),
            provenance: &self.provenance,
        }
        .serialize(s)
    }
}
