//! Tasks (待办) of a district. They are computed from the records and the day, and never stored.

use std::collections::BTreeSet;

use chrono::Datelike;
use domain::agreement::lifecycle::{Life, Needs, Proposal};
use domain::agreement::office::ApprovalState;
use domain::agreement::{lifecycle::VersionState, version::Admission};
use domain::document::DocumentKind;
use domain::visibility::Scope;
use domain::{Agreement, Date, District, DistrictCode, Locale, Message, Version};
use roaring::RoaringBitmap;

use crate::finding::{Finding, Rule, Severity};
use crate::handle::{Handle, Kept};
use crate::handling::notice::ENDS_SOON_DAYS;
use crate::handling::reason::english;
use crate::order::Listed;
use crate::snapshot::Snapshot;

/// Number of days before the day for answers from which a proposal counts as lapsing.
const LAPSES_SOON_DAYS: i64 = 7;

/// Number of days after the conclusion within which a sealed copy is attached.
const SEAL_DAYS: i64 = 15;

/// The kind of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskKind {
    /// A proposal needs the district's signature.
    ToSign,
    /// The district may object to a proposal, or consent to a newcomer.
    ToAnswer,
    /// The district must confirm or contest a paper record.
    ToConfirm,
    /// The district's own draft waits for the approval of its signatory.
    ToApprove,
    /// The district is consulted on a draft.
    ToRemark,
    /// A concluded agreement of the district has no sealed copy.
    ToSeal,
    /// The district's own proposal is about to lapse unanswered.
    Lapsing,
    /// An agreement of the district ends.
    Ending,
    /// The district must fix a finding of severity error.
    Finding,
}

impl TaskKind {
    pub const ALL: &'static [Self] = &[
        Self::ToSign,
        Self::ToAnswer,
        Self::ToConfirm,
        Self::ToApprove,
        Self::ToRemark,
        Self::ToSeal,
        Self::Lapsing,
        Self::Ending,
        Self::Finding,
    ];

    pub fn label(self, locale: Locale) -> &'static str {
        match (self, locale) {
            (Self::ToSign, Locale::Zh) => "待签署",
            (Self::ToSign, Locale::En) => "to sign",
            (Self::ToAnswer, Locale::Zh) => "待答复",
            (Self::ToAnswer, Locale::En) => "to answer",
            (Self::ToConfirm, Locale::Zh) => "待确认",
            (Self::ToConfirm, Locale::En) => "to confirm",
            (Self::ToApprove, Locale::Zh) => "待审核",
            (Self::ToApprove, Locale::En) => "to approve",
            (Self::ToRemark, Locale::Zh) => "待提意见",
            (Self::ToRemark, Locale::En) => "to remark on",
            (Self::ToSeal, Locale::Zh) => "待用印",
            (Self::ToSeal, Locale::En) => "to seal",
            (Self::Lapsing, Locale::Zh) => "将逾期",
            (Self::Lapsing, Locale::En) => "about to lapse",
            (Self::Ending, Locale::Zh) => "将到期",
            (Self::Ending, Locale::En) => "about to end",
            (Self::Finding, Locale::Zh) => "待整改",
            (Self::Finding, Locale::En) => "to mend",
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::ToSign => "TO_SIGN",
            Self::ToAnswer => "TO_ANSWER",
            Self::ToConfirm => "TO_CONFIRM",
            Self::ToApprove => "TO_APPROVE",
            Self::ToRemark => "TO_REMARK",
            Self::ToSeal => "TO_SEAL",
            Self::Lapsing => "LAPSING",
            Self::Ending => "ENDING",
            Self::Finding => "FINDING",
        }
    }
}

/// The subject of a task.
#[derive(Debug, Clone)]
pub enum TaskSubject {
    Version {
        agreement: Kept<Agreement>,
        /// The number of the version.
        version: u32,
    },
    Finding(Box<Finding>),
}

/// One task.
#[derive(Debug, Clone)]
pub struct Task {
    pub kind: TaskKind,
    /// The district that has the task.
    pub district: Kept<District>,
    pub subject: TaskSubject,
    /// The due day, if there is one.
    pub due: Option<Date>,
    pub message: Message,
}

/// Collects the tasks of some districts.
struct TaskCollector<'a> {
    snapshot: &'a Snapshot,
    districts: &'a BTreeSet<DistrictCode>,
    found: Vec<Listed<String, Task>>,
}

impl Snapshot {
    /// The tasks of these districts today, sorted by due day.
    pub fn tasks(&self, districts: &BTreeSet<DistrictCode>) -> Vec<Listed<String, Task>> {
        let scope = Scope::Districts(districts.clone());
        let handles: BTreeSet<Handle> = districts.iter().filter_map(|code| self.district_handle(*code)).collect();
        let mut agreements = RoaringBitmap::new();
        handles.iter().for_each(|handle| agreements |= &*self.district_at(*handle).agreements);
        let mut collector = TaskCollector { snapshot: self, districts, found: Vec::new() };
        for at in &agreements {
            if let Some(entry) = self.agreement_visible_to(at, &scope)
                && entry.agreement.voided.is_none()
            {
                collector.of_agreement(at, &entry.agreement);
            }
        }
        let errors: Vec<Rule> = Rule::ALL.iter().copied().filter(|rule| rule.severity() == Severity::Error).collect();
        let findings = self.findings_of(&handles, &errors, &scope);
        findings.into_iter().for_each(|finding| collector.of_finding(finding));
        let mut found = collector.found;
        found.sort_unstable_by(|a, b| (a.rank, &a.code).cmp(&(b.rank, &b.code)));
        found
    }
}

impl TaskCollector<'_> {
    fn push(&mut self, task: Task, of: &str) {
        let due = task.due.map(|due| due.num_days_from_ce());
        let rank = due.and_then(|due| u32::try_from(due).ok()).unwrap_or(u32::MAX);
        let code = format!("{}/{of}/{}", task.kind.name(), task.district.id);
        self.found.push(Listed { rank, code, item: task });
    }

    fn of_finding(&mut self, finding: Finding) {
        // A finding that only concerns them is another district's task.
        let Some(district) = finding.district.clone().filter(|district| self.districts.contains(&district.code)) else {
            return;
        };
        let (message, key) = (finding.message.clone(), finding.key.to_string());
        self.push(
            Task {
                kind: TaskKind::Finding,
                district,
                subject: TaskSubject::Finding(Box::new(finding)),
                due: None,
                message,
            },
            &key,
        );
    }

    fn of_agreement(&mut self, at: Handle, agreement: &Kept<Agreement>) {
        let today = self.snapshot.today;
        for version in &agreement.versions {
            match &version.life {
                Life::Draft(draft) => self.of_draft(agreement, version, draft.author),
                // A view as of an earlier day has no tasks.
                Life::Proposal(proposal)
                    if version.known_until.is_none() && version.state(today) == VersionState::Proposed =>
                {
                    self.of_proposal(agreement, version, proposal);
                }
                Life::Proposal(_) | Life::Paper(_) => {}
            }
        }
        if let Some(version) = agreement.concluded(today) {
            self.of_concluded(at, agreement, version);
            if agreement.has_ended(today).is_none() {
                self.of_seal(at, agreement, version);
            }
        }
        self.of_end(at, agreement);
    }

    /// The districts among these for which tasks are collected.
    fn ours(&self, named: impl IntoIterator<Item = DistrictCode>) -> Vec<Kept<District>> {
        let ours = named.into_iter().filter(|code| self.districts.contains(code));
        ours.filter_map(|code| self.snapshot.district(code).cloned()).collect()
    }

    fn of_proposal(&mut self, agreement: &Kept<Agreement>, version: &Version, proposal: &Proposal) {
        let today = self.snapshot.today;
        let (number, answer_by) = (agreement.number, proposal.answer_by);
        let named = (format!("{number} 第 {} 版", version.number), format!("version {} of {number}", version.number));
        let outstanding: Vec<DistrictCode> =
            proposal.outstanding().into_iter().filter(|signer| !proposal.has_rejected(*signer)).collect();
        for district in self.ours(outstanding.iter().copied()) {
            let message = Message::new(
                format!("{} 等待{}签署，答复期限 {answer_by}", named.0, district.name),
                format!("{} waits for the signature of {}, by {answer_by}", named.1, english(&district)),
            );
            self.about(TaskKind::ToSign, agreement, version, district, Some(answer_by), message);
        }
        if proposal.needs == Needs::NoObjection {
            let until = proposal.objections_until(version.objection_days);
            let silent = version.parties.iter().map(|party| party.district);
            let silent = silent.filter(|party| {
                !proposal.signers.contains(party) && !proposal.has_signed(*party) && !proposal.has_rejected(*party)
            });
            for district in self.ours(silent).into_iter().filter(|_| today <= until) {
                let message = Message::new(
                    format!("{} 如有异议，{}应于 {until}（含当日）前提出；逾期视为同意", named.0, district.name),
                    format!("{} may object to {} by {until}, else it consents", english(&district), named.1),
                );
                self.about(TaskKind::ToAnswer, agreement, version, district, Some(until), message);
            }
        }
        let lapses = !outstanding.is_empty() && (answer_by - today).num_days() <= LAPSES_SOON_DAYS;
        for district in self.ours([proposal.by]).into_iter().filter(|_| lapses) {
            let message = Message::new(
                format!("{} 答复期限 {answer_by}，仍有 {} 方未答复", named.0, outstanding.len()),
                format!("{} must be answered by {answer_by}; {} parties have not answered", named.1, outstanding.len()),
            );
            self.about(TaskKind::Lapsing, agreement, version, district, Some(answer_by), message);
        }
    }

    /// A draft that waits for its own signatory, or for remarks of districts that are consulted.
    fn of_draft(&mut self, agreement: &Kept<Agreement>, version: &Version, author: DistrictCode) {
        let (number, office) = (agreement.number, version.office());
        let named =
            (format!("{number} 第 {} 版草稿", version.number), format!("the draft {} of {number}", version.number));
        let is_submitted = office.approval.as_ref().is_some_and(|it| it.state == ApprovalState::Submitted);
        for district in self.ours([author]).into_iter().filter(|_| is_submitted) {
            let message = Message::new(
                format!("{}已送审，等待{}签发人审核", named.0, district.name),
                format!("{} waits for the approval of the signatory of {}", named.1, english(&district)),
            );
            self.about(TaskKind::ToApprove, agreement, version, district, None, message);
        }
        let Some(consultation) = office.consultation.as_ref().filter(|it| it.runs(self.snapshot.today)) else { return };
        let silent = consultation.with.iter().copied();
        let silent = silent.filter(|code| office.remarks.iter().all(|remark| remark.party != *code));
        for district in self.ours(silent) {
            let until = consultation.answer_by;
            let message = Message::new(
                format!("{}征求{}意见，{until}（含当日）前提出", named.0, district.name),
                format!("{} is asked to remark on {} by {until}", english(&district), named.1),
            );
            self.about(TaskKind::ToRemark, agreement, version, district, Some(until), message);
        }
    }

    /// An agreement that was concluded 15 days ago or earlier, and has no sealed copy.
    fn of_seal(&mut self, at: Handle, agreement: &Kept<Agreement>, version: &Version) {
        let today = self.snapshot.today;
        let Some(concluded) = version.proposal().and_then(|_| version.signed_on()) else { return };
        let is_sealed = || {
            let documents = self.snapshot.file_at(at).map(|file| file.documents.clone()).unwrap_or_default();
            documents.iter().any(|document| {
                document.kind == DocumentKind::SealedCopy && document.version.is_none_or(|of| of == version.number)
            })
        };
        if (today - concluded).num_days() < SEAL_DAYS || is_sealed() {
            return;
        }
        let members: Vec<DistrictCode> = agreement.members_on(version, today).map(|party| party.district).collect();
        for district in self.ours(members) {
            let number = agreement.number;
            let message = Message::new(
                format!("{number} 第 {} 版于 {concluded} 签订，尚未附用印件", version.number),
                format!("version {} of {number} was concluded on {concluded} and has no sealed copy", version.number),
            );
            self.about(TaskKind::ToSeal, agreement, version, district, None, message);
        }
    }

    fn about(
        &mut self,
        kind: TaskKind,
        agreement: &Kept<Agreement>,
        version: &Version,
        district: Kept<District>,
        due: Option<Date>,
        message: Message,
    ) {
        let subject = TaskSubject::Version { agreement: agreement.clone(), version: version.number };
        self.push(Task { kind, district, subject, due, message }, &format!("{}/{}", agreement.id, version.number));
    }

    /// Accessions that need consent, and paper records that need confirmation.
    fn of_concluded(&mut self, at: Handle, agreement: &Kept<Agreement>, version: &Version) {
        let today = self.snapshot.today;
        let number = agreement.number;
        let members = || agreement.members_on(version, today).map(|party| party.district);
        for accession in &version.accessions {
            let asked: Vec<DistrictCode> = match version.admission {
                Admission::Open => Vec::new(),
                Admission::Lead => vec![version.lead],
                Admission::All => members().collect(),
            };
            let silent = asked.into_iter().filter(|party| !accession.consents.contains(party));
            let newcomer = accession.party.district;
            let newcomer =
                self.snapshot.district(newcomer).map_or((newcomer.to_string(), newcomer.to_string()), |district| {
                    (district.name.to_string(), english(district).to_owned())
                });
            for district in self.ours(silent) {
                let message = Message::new(
                    format!("{}申请加入 {number}，等待{}同意", newcomer.0, district.name),
                    format!("{} asks to join {number} and waits for the consent of {}", newcomer.1, english(&district)),
                );
                let subject = TaskSubject::Version { agreement: agreement.clone(), version: version.number };
                let of = format!("{}/{}/{}", agreement.id, version.number, accession.party.district);
                self.push(Task { kind: TaskKind::ToAnswer, district, subject, due: None, message }, &of);
            }
        }
        let has_ended = self.snapshot.agreement_at(at).is_some_and(|public| {
            use domain::Standing::{Expired, InForce, NotConcluded, Scheduled, Suspended, Terminated, Voided};
            match public.agreement.standing(today) {
                Expired | Terminated | Voided => true,
                NotConcluded | Scheduled | InForce | Suspended => false,
            }
        });
        if !has_ended {
            let silent = version.unconfirmed().map(|party| party.district);
            for district in self.ours(silent) {
                let message = Message::new(
                    format!("{number} 按纸质文本登记，等待{}确认或提出异议", district.name),
                    format!(
                        "{number} was recorded from paper and waits for {} to confirm or contest it",
                        english(&district)
                    ),
                );
                self.about(TaskKind::ToConfirm, agreement, version, district, None, message);
            }
        }
    }

    /// Agreements that end within 90 days and are not renewed.
    fn of_end(&mut self, at: Handle, agreement: &Kept<Agreement>) {
        let today = self.snapshot.today;
        let Some(public) = self.snapshot.agreement_at(at) else { return };
        let Some(version) = public.agreement.version_in_force(today) else { return };
        let Some(last) =
            version.term().and_then(|term| term.to).filter(|last| (*last - today).num_days() <= ENDS_SOON_DAYS)
        else {
            return;
        };
        let members = public.agreement.members_on(version, today).map(|party| party.district);
        for district in self.ours(members) {
            let number = agreement.number;
            let message = Message::new(
                format!("{number} 将于 {last} 到期，不再续期"),
                format!("{number} ends on {last} and is not renewed"),
            );
            self.about(TaskKind::Ending, agreement, version, district, Some(last), message);
        }
    }
}
