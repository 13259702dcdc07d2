//! Paper records: recording an agreement signed on paper, and confirming, contesting, correcting or voiding the record.

use crate::agreement::acts::When;
use crate::agreement::lifecycle::{Correction, Life, Paper, VersionState};
use crate::agreement::party::{Confirmation, Party};
use crate::agreement::refusal::{not_a_party, refused, wrong_state};
use crate::agreement::suspension::{StopScope, Suspension};
use crate::agreement::version::Version;
use crate::agreement::{Agreement, Voiding};
use crate::code::{AgreementNumber, DistrictCode};
use crate::period::Date;
use crate::problem::{Message, Problem, ProblemCode, Problems};

/// Who corrects a paper record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Corrector {
    /// The party whose registrar recorded it.
    Recorder(DistrictCode),
    Steward,
}

impl Agreement {
    /// A new agreement that was signed on paper, today or earlier.
    pub fn recorded(number: AgreementNumber, paper: Version, today: Date) -> Result<Self, Problem> {
        paper.ensure_signed_by(today)?;
        Ok(Self::of_one_version(number, paper).entered(today))
    }

    /// Sets today as the day of entry of its paper records that have none.
    #[must_use]
    pub fn entered(mut self, today: Date) -> Self {
        for version in &mut self.versions {
            if let Life::Paper(paper) = &mut version.life {
                paper.recorded_on = paper.recorded_on.or(Some(today));
            }
        }
        self
    }

    /// Confirms a paper record, and clears the suspension that the party set by contesting it.
    pub fn confirm(mut self, number: u32, party: DistrictCode, when: When) -> Result<Self, Problem> {
        self.ensure_not_voided()?;
        let at = self.paper(number)?;
        let member = self.party_at(at, party)?;
        let confirmation = &mut self.versions[at].parties[member].confirmation;
        if *confirmation == Confirmation::Confirmed {
            return Err(refused(
                "party",
                "ALREADY_CONFIRMED",
                Message::new("该方已确认", "the party has confirmed it"),
                Message::new("无需重复确认", "nothing to do"),
            ));
        }
        *confirmation = Confirmation::Confirmed;
        self.clear(|suspension| suspension.party == Some(party) && suspension.contests, None, when.today);
        Ok(self)
    }

    /// Contests a paper record, and suspends the party.
    pub fn contest(mut self, number: u32, party: DistrictCode, reason: Box<str>, when: When) -> Result<Self, Problem> {
        self.ensure_not_voided()?;
        let at = self.paper(number)?;
        let member = self.party_at(at, party)?;
        let confirmation = &mut self.versions[at].parties[member].confirmation;
        if *confirmation == Confirmation::Contested {
            return Err(refused(
                "party",
                "ALREADY_CONTESTED",
                Message::new("该方已提出异议", "the party has contested it"),
                Message::new(
                    "请等待更正；异议消除后请确认登记",
                    "wait for the correction, and confirm the record then",
                ),
            ));
        }
        *confirmation = Confirmation::Contested;
        self.suspensions.push(Suspension {
            party: Some(party),
            scope: StopScope::default(),
            since: when.today,
            set_on: None,
            until: None,
            cleared_on: None,
            contests: true,
            reason,
            public_text: None,
            end_reason: None,
        });
        Ok(self)
    }

    /// Corrects a paper record, with a reason, if no other party has confirmed it. The recorder or a steward may do so.
    /// The parties' answers stay: a party that contested the record confirms it after the correction.
    pub fn correct(
        mut self,
        mut version: Version,
        by: Corrector,
        reason: Box<str>,
        when: When,
    ) -> Result<Self, Problems> {
        self.ensure_not_voided()?;
        let newest = self.versions.iter().rev().find(|version| matches!(version.life, Life::Paper(_)));
        let at = self.paper(newest.unwrap_or_else(|| self.latest()).number)?;
        if self.versions.iter().any(|version| version.proposal().is_some()) {
            return Err(refused(
                "number",
                "AMENDED",
                Message::new("协议已有后续版本", "the agreement has later versions"),
                Message::new("请以修订的方式更正", "amend it instead"),
            )
            .into());
        }
        let only = &self.versions[at];
        let Life::Paper(before) = &only.life else {
            return Err(wrong_state(only.state(when.today), "更正", "corrected").into());
        };
        let mut problems: Problems = version.ensure_signed_by(when.today).err().into_iter().collect();
        match (by, before.recorder) {
            (Corrector::Steward, _) => {}
            (Corrector::Recorder(by), Some(recorder)) if by == recorder => {}
            (Corrector::Recorder(_), recorder) => {
                let (zh, en) = recorder.map_or(("平台管理员".to_owned(), "a steward".to_owned()), |code| {
                    (code.to_string(), code.to_string())
                });
                problems.push(refused(
                    "recorder",
                    "NOT_THE_RECORDER",
                    Message::new(format!("该记录由{zh}登记"), format!("the record was made by {en}")),
                    Message::new("请由登记方更正；有误的可提出异议", "have its recorder correct it, or contest it"),
                ));
            }
        }
        let confirmed =
            |party: &&Party| party.confirmation == Confirmation::Confirmed && Some(party.district) != before.recorder;
        if let Some(party) = only.parties.iter().find(confirmed) {
            problems.push(refused(
                "number",
                "CONFIRMED_BY_OTHERS",
                Message::new(
                    format!("{} 已确认该登记", party.district),
                    format!("{} has confirmed the record", party.district),
                ),
                Message::new("请以修订的方式更正", "amend it instead"),
            ));
        }
        if let Some(recorder) = before.recorder.filter(|recorder| !version.may_name(*recorder)) {
            problems.push(Problem { path: vec!["parties".to_owned()], ..not_a_party(recorder) });
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let mut corrections = before.corrections.clone();
        corrections.push(Correction { on: when.today, reason });
        if let Life::Paper(after) = &mut version.life {
            after.recorder = before.recorder;
            after.recorded_on = before.recorded_on;
            after.corrections = corrections;
        }
        for party in &mut version.parties {
            party.confirmation =
                only.party(party.district).map_or(Confirmation::Recorded, |before| before.confirmation);
        }
        version.number = only.number;
        version.base_version = only.base_version;
        self.versions[at] = version;
        Ok(self)
    }

    /// Voids a paper record that was entered in error. Electronically signed agreements cannot be voided.
    pub fn void(mut self, reason: Box<str>, when: When) -> Result<Self, Problem> {
        self.ensure_not_voided()?;
        let signed_here =
            |version: &Version| version.proposal().is_some() && version.state(when.today) == VersionState::Concluded;
        if self.versions.iter().any(signed_here)
            || !self.versions.iter().any(|version| matches!(version.life, Life::Paper(_)))
        {
            return Err(refused(
                "number",
                "NOT_A_PAPER_RECORD",
                Message::new("只有纸质协议的登记可以作废", "only the record of a paper agreement can be voided"),
                Message::new(
                    "草稿由起草方删除，已发送签约方的由发送方撤回；已签订的由各方终止，必要时平台可紧急停用",
                    "an author discards a draft and withdraws a proposal; the parties end what they signed, and the registry can stop it",
                ),
            ));
        }
        self.voided = Some(Voiding { on: when.today, reason });
        Ok(self)
    }

    fn paper(&self, number: u32) -> Result<usize, Problem> {
        let at = self.index(number)?;
        match &self.versions[at].life {
            Life::Paper(_) => Ok(at),
            Life::Draft(_) | Life::Proposal(_) => Err(refused(
                "version",
                "NOT_A_PAPER_RECORD",
                Message::new("该版本不是纸质协议的登记", "the version is no record of a paper agreement"),
                Message::new("电子签署的版本无需确认", "an electronically signed version needs no confirmation"),
            )),
        }
    }

    fn party_at(&self, at: usize, party: DistrictCode) -> Result<usize, Problem> {
        self.versions[at].parties.iter().position(|member| member.district == party).ok_or_else(|| not_a_party(party))
    }
}

impl Version {
    /// The day of signing on paper must not lie in the future.
    pub fn ensure_signed_by(&self, today: Date) -> Result<(), Problem> {
        match self.life {
            Life::Paper(Paper { signed_on: Some(signed_on), .. }) if today < signed_on => Err(Problem {
                code: ProblemCode::Invalid,
                ..refused(
                    "signedOn",
                    "SIGNED_IN_THE_FUTURE",
                    Message::new(
                        format!("签署日 {signed_on} 还没有到"),
                        format!("the day of signing, {signed_on}, is in the future"),
                    ),
                    Message::new(
                        "请填写实际签署日；尚未签署的请起草并发送签约方",
                        "give the actual day of signing; if the agreement is not signed yet, draft and propose it",
                    ),
                )
            }),
            Life::Draft(_) | Life::Proposal(_) | Life::Paper(_) => Ok(()),
        }
    }
}
