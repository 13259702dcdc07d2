//! Accession: a newcomer joins a concluded agreement, at once or with the consent of its parties.

use crate::agreement::Agreement;
use crate::agreement::acts::When;
use crate::agreement::acts::consent::changed_clauses;
use crate::agreement::lifecycle::{Life, Needs, Signature, VersionState};
use crate::agreement::party::{Accession, Confirmation, Party};
use crate::agreement::refusal::{refused, stale};
use crate::agreement::version::{Admission, MAX_PARTIES, Version};
use crate::code::DistrictCode;
use crate::journal::Digest;
use crate::period::Date;
use crate::problem::{Message, Problem, Problems};

impl Agreement {
    /// A newcomer signs the digest of the current version, and a consent refers to it.
    pub fn ensure_standing_digest(&self, digest: Digest, on: Date) -> Result<(), Problem> {
        let expected = self.versions[self.current_version(on)?].digest(self.number);
        if digest == expected {
            return Ok(());
        }
        Err(stale(
            "digest",
            "OTHER_DIGEST",
            Message::new("摘要与现行版本不一致", "the digest is not that of the current version"),
            Message::new(
                format!("请重新阅读现行版本，其摘要为 {expected}"),
                format!("read the current version again; its digest is {expected}"),
            ),
        ))
    }

    /// Accedes to the current version: the newcomer signs its digest. It was never a party, did not sign in time, or
    /// left earlier. With open admission it joins at once, else it waits for consent.
    pub fn accede(mut self, newcomer: Party, digest: Digest, when: When) -> Result<Self, Problems> {
        let at = self.current_version(when.today)?;
        let expected = self.versions[at].digest(self.number);
        let is_stale = (digest != expected).then(|| {
            stale(
                "digest",
                "OTHER_DIGEST",
                Message::new("所签摘要与现行版本不一致", "the digest is not that of the current version"),
                Message::new(format!("请重新阅读，并签署 {expected}"), format!("read it again and sign {expected}")),
            )
        });
        let problems: Problems =
            self.ensure_newcomer(at, &newcomer, when.today).err().into_iter().chain(is_stale).collect();
        if !problems.is_empty() {
            return Err(problems);
        }
        let signature = Signature {
            party: newcomer.district,
            at: when.at,
            on: when.today,
            digest,
            approval_number: None,
            approved_on: None,
        };
        // The registry sets the day of joining and the confirmation.
        let party = Party { joined_on: None, earlier: Vec::new(), confirmation: Confirmation::Recorded, ..newcomer };
        self.versions[at].accessions.push(Accession { party, signature, consents: Vec::new() });
        Ok(self.admit_ready(at, when.today))
    }

    /// Refuses a district that is a party, or has acceded and waits for consent.
    fn ensure_newcomer(&self, at: usize, newcomer: &Party, on: Date) -> Result<(), Problem> {
        let version = &self.versions[at];
        let twice = |zh: &str, en: &str, remedy| refused("newcomer", "ALREADY_A_PARTY", Message::new(zh, en), remedy);
        if version.accessions.iter().any(|accession| accession.party.district == newcomer.district) {
            return Err(twice(
                "该区域已申请加入",
                "the district has already acceded",
                Message::new("请等待签约方同意", "wait for the consent"),
            ));
        }
        if let Some(party) = version.party(newcomer.district) {
            if matches!(version.life, Life::Paper(_))
                && party.confirmation != Confirmation::Confirmed
                && !version.binds(party)
            {
                let remedy = Message::new("请确认登记", "confirm the record");
                return Err(twice("该区域已列为签约方", "the district is named as a party", remedy));
            }
            if version.binds(party) && !self.membership(version, party, on).ended_before(on) {
                let remedy = Message::new(
                    "无需重复加入；已发出退出通知的可撤销通知",
                    "nothing to do; a notice that was given can be revoked",
                );
                return Err(twice("该区域已是签约方", "the district is a party", remedy));
            }
        } else if version.parties.len() >= MAX_PARTIES {
            return Err(refused(
                "newcomer",
                "TOO_MANY",
                Message::new(
                    format!("签约方已达 {MAX_PARTIES} 个"),
                    format!("the agreement has {MAX_PARTIES} parties"),
                ),
                Message::new("请另行签订协议", "conclude another agreement"),
            ));
        }
        Ok(())
    }

    /// Consents to an accession. A repeated consent changes nothing, but admits newcomers whose consent is complete
    /// because another party has left.
    pub fn admit(mut self, by: DistrictCode, newcomer: DistrictCode, when: When) -> Result<Self, Problems> {
        let at = self.current_version(when.today)?;
        self.ensure_member(by, when.today)?;
        let mut problems = Problems::new();
        if let (Admission::Lead, Some(lead)) =
            (self.versions[at].admission, self.lead_of(at, when.today).filter(|lead| *lead != by))
        {
            problems.push(refused(
                "party",
                "NOT_THE_LEAD",
                Message::new("加入由牵头方同意", "the lead party consents"),
                Message::new(format!("请由 {lead} 办理"), format!("have {lead} do it")),
            ));
        }
        let was_asked =
            |version: &Version| version.accessions.iter().any(|accession| accession.party.district == newcomer);
        let asked_before = self.versions[..at].iter().any(was_asked);
        let version = &mut self.versions[at];
        let Some(accession) = version.accessions.iter_mut().find(|accession| accession.party.district == newcomer)
        else {
            problems.push(if asked_before {
                stale(
                    "newcomer",
                    "ACCESSION_STALE",
                    Message::new(
                        format!("{newcomer} 申请加入后协议已修订"),
                        format!("the agreement was amended after the accession of {newcomer}"),
                    ),
                    Message::new("请其阅读新版本后重新申请加入", "have it read the new version and accede again"),
                )
            } else {
                refused(
                    "newcomer",
                    "NO_ACCESSION",
                    Message::new(format!("{newcomer} 没有申请加入"), format!("{newcomer} has no pending accession")),
                    Message::new("请核对区域代码", "check the code"),
                )
            });
            return Err(problems);
        };
        if !problems.is_empty() {
            return Err(problems);
        }
        if !accession.consents.contains(&by) {
            accession.consents.push(by);
        }
        Ok(self.admit_ready(at, when.today))
    }

    /// The lead, if it is a member.
    fn lead_of(&self, at: usize, on: Date) -> Option<DistrictCode> {
        let version = &self.versions[at];
        self.members_of(version, on).find(|member| *member == version.lead)
    }

    /// Admits the newcomers whose consent is complete. If the lead has left, all parties decide in its place.
    fn admit_ready(mut self, at: usize, today: Date) -> Self {
        let members: Vec<DistrictCode> = self.members_of(&self.versions[at], today).collect();
        let (admission, lead) = (self.versions[at].admission, self.lead_of(at, today));
        let ready = |accession: &Accession| match (admission, lead) {
            (Admission::Open, _) => true,
            (Admission::Lead, Some(lead)) => accession.consents.contains(&lead),
            (Admission::Lead, None) | (Admission::All, _) => {
                members.iter().all(|member| accession.consents.contains(member))
            }
        };
        let (admitted, waiting): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.versions[at].accessions).into_iter().partition(ready);
        self.versions[at].accessions = waiting;
        for accession in admitted {
            self.enter(at, &accession.party, today);
            self.versions[at].accession_signatures.push(accession.signature);
        }
        self
    }

    /// Adds a newcomer to the current version, from today or from the version's first day, and to the proposals that
    /// would replace it.
    fn enter(&mut self, at: usize, newcomer: &Party, today: Date) {
        let district = newcomer.district;
        let joined_on = self.versions[at].term().and_then(|term| term.from).map_or(today, |from| from.max(today));
        let known = self.versions[at].parties.iter().position(|party| party.district == district);
        let left = known.map(|known| self.membership(&self.versions[at], &self.versions[at].parties[known], today));
        let standing = &mut self.versions[at];
        // For electronic signatures the confirmation is derived.
        let confirmation = match &standing.life {
            Life::Paper(_) => Confirmation::Confirmed,
            Life::Draft(_) | Life::Proposal(_) => Confirmation::Recorded,
        };
        match known {
            Some(known) => {
                let was_bound = standing.binds(&standing.parties[known]);
                let party = &mut standing.parties[known];
                party.earlier.extend(left.filter(|_| was_bound));
                party.joined_on = Some(joined_on);
                party.confirmation = confirmation;
                party.bodies = newcomer.bodies.clone();
            }
            None => standing.parties.push(Party { joined_on: Some(joined_on), confirmation, ..newcomer.clone() }),
        }
        let number = standing.number;
        let pending = |version: &Version| {
            matches!(version.state(today), VersionState::Proposed | VersionState::Rejected)
                && version.party(district).is_none()
                && self.concluded_below(version, today).is_some_and(|below| below.number == number)
        };
        let proposals: Vec<usize> = (0..self.versions.len()).filter(|other| pending(&self.versions[*other])).collect();
        for other in proposals {
            let changed = changed_clauses(&self.versions[at].schedule, &self.versions[other].schedule);
            let is_affected = changed.iter().any(|clause| clause.concerns(district));
            let version = &mut self.versions[other];
            version.parties.push(Party {
                joined_on: Some(joined_on),
                confirmation: Confirmation::Recorded,
                ..newcomer.clone()
            });
            if let Life::Proposal(proposal) = &mut version.life {
                match proposal.needs {
                    Needs::All => proposal.signers.push(district),
                    Needs::Affected if is_affected => proposal.signers.push(district),
                    Needs::Affected | Needs::Lead | Needs::NoObjection | Needs::Signatories => {}
                }
            }
        }
    }
}
