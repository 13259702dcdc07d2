//! What may be done to an agreement, and what may not: each act takes the agreement and gives back the
//! next one, or the one rule that forbids it.

use chrono::{DateTime, Days, Utc};

use crate::agreement::{Accession, Admission, Agreement, AmendmentRule, Confirmation, Flag, Notice, Party, Version, VersionState, Voiding};
use crate::clause::AgreementClause;
use crate::code::DistrictCode;
use crate::journal::Digest;
use crate::life::{Draft, Life, Needs, Proposal, Rejection, Signature, first_needs};
use crate::period::Date;
use crate::problem::{Message, Problem, ProblemCode};

/// When an act is done: the moment, and the day in China.
#[derive(Debug, Clone, Copy)]
pub struct When {
    pub at: DateTime<Utc>,
    pub today: Date,
}

fn refused(field: &str, rule: &'static str, message: Message, remedy: Message) -> Problem {
    Problem { code: ProblemCode::Refused, path: vec![field.to_owned()], rule, message, remedy: Some(remedy) }
}

fn stale(field: &str, rule: &'static str, message: Message, remedy: Message) -> Problem {
    Problem { code: ProblemCode::Stale, ..refused(field, rule, message, remedy) }
}

fn no_such_version(number: u32) -> Problem {
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

fn wrong_state(state: VersionState, zh: &str, en: &str) -> Problem {
    let label = |locale| state.label(locale);
    refused(
        "version",
        "WRONG_STATE",
        Message::new(
            format!("该版本{}，不能{zh}", label(crate::Locale::Zh)),
            format!("the version is {} and cannot be {en}", label(crate::Locale::En)),
        ),
        Message::new("请先查看该版本的状态", "look at the version's state first"),
    )
}

fn not_a_party(party: DistrictCode) -> Problem {
    refused(
        "party",
        "NOT_A_PARTY",
        Message::new(format!("{party} 不是签约方"), format!("{party} is not a party")),
        Message::new("请以签约方的身份操作", "act as one of the parties"),
    )
}

impl Agreement {
    fn index(&self, number: u32) -> Result<usize, Problem> {
        self.versions.iter().position(|version| version.number == number).ok_or_else(|| no_such_version(number))
    }

    fn proposal_mut(&mut self, number: u32, zh: &str, en: &str, on: Date) -> Result<(&mut Proposal, VersionState), Problem> {
        let at = self.index(number)?;
        let state = self.versions[at].state(on);
        match &mut self.versions[at].life {
            Life::Proposal(proposal) => Ok((proposal, state)),
            Life::Draft(_) | Life::Paper(_) => Err(wrong_state(state, zh, en)),
        }
    }

    /// The newest version that is concluded, and will hold if it does not yet.
    pub fn concluded(&self, on: Date) -> Option<&Version> {
        self.versions.iter().rev().find(|version| version.state(on) == VersionState::Concluded)
    }

    fn ensure_not_voided(&self) -> Result<(), Problem> {
        match &self.voided {
            None => Ok(()),
            Some(voided) => Err(refused(
                "number",
                "VOIDED",
                Message::new(format!("该协议记录已于 {} 作废", voided.on), format!("the record has been void since {}", voided.on)),
                Message::new("请另行登记", "register another one"),
            )),
        }
    }

    /// Adds a draft version over a concluded or a proposed one.
    pub fn amend(mut self, mut version: Version, base: u32, author: DistrictCode, on: Date) -> Result<Self, Problem> {
        self.ensure_not_voided()?;
        self.ensure_base(base, on)?;
        let number = self.versions.iter().map(|version| version.number).max().unwrap_or(0) + 1;
        version.number = number;
        version.base_version = Some(base);
        version.life = Life::Draft(Draft { author });
        self.versions.push(version);
        Ok(self)
    }

    /// A draft rests on what stands, or on a proposal that it answers.
    fn ensure_base(&self, base: u32, on: Date) -> Result<(), Problem> {
        let version = &self.versions[self.index(base).map_err(|problem| Problem { path: vec!["baseVersion".to_owned()], ..problem })?];
        match version.state(on) {
            VersionState::Proposed => Ok(()),
            VersionState::Concluded if self.concluded(on).is_some_and(|concluded| concluded.number == base) => Ok(()),
            VersionState::Concluded => {
                let newest = self.concluded(on).map_or(base, |concluded| concluded.number);
                Err(stale(
                    "baseVersion",
                    "BASE_SUPERSEDED",
                    Message::new(format!("基准版本已变更：第 {newest} 版已签订"), format!("the base has moved: version {newest} was concluded")),
                    Message::new(format!("请以第 {newest} 版为基准重新修订"), format!("rebase the draft on version {newest}")),
                ))
            }
            state @ (VersionState::Draft | VersionState::Rejected | VersionState::Withdrawn | VersionState::Lapsed) => {
                Err(Problem { path: vec!["baseVersion".to_owned()], ..wrong_state(state, "作为基准", "a base") })
            }
        }
    }

    /// Replaces a draft as a whole; with another base it is rebased.
    pub fn revise_draft(mut self, number: u32, mut version: Version, base: Option<u32>, author: DistrictCode, on: Date) -> Result<Self, Problem> {
        let at = self.index(number)?;
        self.ensure_author(at, author, "修订", "revised", on)?;
        if let Some(base) = base {
            self.ensure_base(base, on)?;
        }
        version.number = number;
        version.base_version = base;
        version.life = self.versions[at].life.clone();
        self.versions[at] = version;
        Ok(self)
    }

    fn ensure_author(&self, at: usize, author: DistrictCode, zh: &str, en: &str, on: Date) -> Result<(), Problem> {
        match &self.versions[at].life {
            Life::Draft(draft) if draft.author == author => Ok(()),
            Life::Draft(draft) => Err(refused(
                "proposer",
                "NOT_THE_AUTHOR",
                Message::new(format!("草稿由 {} 起草", draft.author), format!("the draft is {}'s", draft.author)),
                Message::new(format!("只有起草方可以{zh}"), format!("only its author's draft is {en}")),
            )),
            Life::Proposal(_) | Life::Paper(_) => Err(wrong_state(self.versions[at].state(on), zh, en)),
        }
    }

    /// Throws a draft away. `None`: nothing is left of the agreement, since nothing was ever proposed.
    pub fn discard_draft(mut self, number: u32, on: Date) -> Result<Option<Self>, Problem> {
        let at = self.index(number)?;
        match &self.versions[at].life {
            Life::Draft(_) => {
                self.versions.remove(at);
                Ok((!self.versions.is_empty()).then_some(self))
            }
            Life::Proposal(_) | Life::Paper(_) => Err(wrong_state(self.versions[at].state(on), "删除", "discarded")),
        }
    }

    /// Freezes a draft and puts it before the parties. From here on its digest is what they sign.
    pub fn propose(mut self, number: u32, answer_by: Date, when: When) -> Result<Self, Problem> {
        self.ensure_not_voided()?;
        let on = when.today;
        let at = self.index(number)?;
        let Life::Draft(draft) = &self.versions[at].life else { return Err(wrong_state(self.versions[at].state(on), "送签", "proposed")) };
        let by = draft.author;
        if let Some(base) = self.versions[at].base_version {
            self.ensure_base(base, on)?;
        }
        if answer_by < on {
            return Err(refused(
                "answerBy",
                "ANSWER_BY_PAST",
                Message::new(format!("答复期限 {answer_by} 已过"), format!("the day for an answer, {answer_by}, has passed")),
                Message::new("答复期限应为今天或以后", "let it be today or later"),
            ));
        }
        let (needs, signers) = self.who_must_sign(at);
        self.versions[at].life =
            Life::Proposal(Proposal { by, on, answer_by, needs, signers, signatures: Vec::new(), rejections: Vec::new(), withdrawn_on: None });
        Ok(self)
    }

    /// Whose signature a version needs: of a first version, of changed terms or parties, all; of a changed
    /// schedule, whom the amendment rule names.
    fn who_must_sign(&self, at: usize) -> (Needs, Vec<DistrictCode>) {
        let version = &self.versions[at];
        let parties = |version: &Version| version.parties.iter().map(|party| party.district).collect::<Vec<_>>();
        let concluded = version.base_version.and_then(|base| self.concluded_below(base));
        let Some(base) = concluded else { return (first_needs(version.concludes), parties(version)) };
        let mut everyone = parties(version);
        everyone.extend(parties(base));
        everyone.sort_unstable();
        everyone.dedup();
        let only_the_schedule = Version { schedule: base.schedule.clone(), ..version.clone() }.agreed_like(base);
        if !only_the_schedule {
            return (Needs::All, everyone);
        }
        match base.amendment_rule {
            AmendmentRule::All => (Needs::All, everyone),
            AmendmentRule::Lead => (Needs::Lead, vec![base.lead]),
            AmendmentRule::NoObjection => {
                let proposer = match &version.life {
                    Life::Draft(draft) => draft.author,
                    Life::Proposal(proposal) => proposal.by,
                    Life::Paper(_) => version.lead,
                };
                (Needs::NoObjection, vec![proposer])
            }
            AmendmentRule::Affected => {
                let changed = changed_clauses(&base.schedule, &version.schedule);
                let named = |clause: &AgreementClause, party: DistrictCode| {
                    clause.receiving.is_empty()
                        || clause.competent.is_empty()
                        || clause.receiving.contains(&party)
                        || clause.competent.contains(&party)
                };
                everyone.retain(|party| changed.iter().any(|clause| named(clause, *party)));
                (Needs::Affected, everyone)
            }
        }
    }

    /// The concluded version that a base is, or rests on when it is itself a proposal.
    fn concluded_below(&self, base: u32) -> Option<&Version> {
        let mut at = Some(base);
        // A base is older than what rests on it, so this ends.
        while let Some(version) = at.and_then(|number| self.version(number)) {
            if version.signed_on().is_some() || matches!(version.life, Life::Paper(_)) {
                return Some(version);
            }
            at = version.base_version.filter(|base| *base < version.number);
        }
        None
    }

    pub fn withdraw_proposal(mut self, number: u32, when: When) -> Result<Self, Problem> {
        let (proposal, state) = self.proposal_mut(number, "撤回", "withdrawn", when.today)?;
        match state {
            VersionState::Proposed | VersionState::Rejected => {
                proposal.withdrawn_on = Some(when.today);
                Ok(self)
            }
            VersionState::Draft | VersionState::Withdrawn | VersionState::Lapsed | VersionState::Concluded => {
                Err(wrong_state(state, "撤回", "withdrawn"))
            }
        }
    }

    /// A party signs what it read: over another digest than the proposed one the signature is stale.
    pub fn sign(mut self, number: u32, party: DistrictCode, digest: Digest, when: When) -> Result<Self, Problem> {
        self.ensure_not_voided()?;
        let at = self.index(number)?;
        let expected = self.versions[at].digest(self.number);
        let is_party = self.versions[at].party(party).is_some();
        if let (Some(base), Some(_)) = (self.versions[at].base_version, self.versions[at].proposal()) {
            self.ensure_base_stands(base, number, when.today)?;
        }
        let (proposal, state) = self.proposal_mut(number, "签署", "signed", when.today)?;
        if !is_party && !proposal.signers.contains(&party) {
            return Err(not_a_party(party));
        }
        if proposal.has_signed(party) {
            return Err(refused(
                "party",
                "ALREADY_SIGNED",
                Message::new("该方已签署", "the party has signed"),
                Message::new("无需重复签署", "nothing to do"),
            ));
        }
        match state {
            VersionState::Proposed => {}
            VersionState::Rejected if proposal.has_rejected(party) => {
                let remedy = Message::new("请先收回退回意见", "take the rejection back first");
                return Err(refused("party", "REJECTED_BEFORE", Message::new("该方已退回该版本", "the party has rejected the version"), remedy));
            }
            VersionState::Draft | VersionState::Rejected | VersionState::Withdrawn | VersionState::Lapsed | VersionState::Concluded => {
                return Err(wrong_state(state, "签署", "signed"));
            }
        }
        if digest != expected {
            return Err(stale(
                "digest",
                "OTHER_DIGEST",
                Message::new("所签摘要与送签版本不一致", "the digest is not that of the proposed version"),
                Message::new(format!("请重新阅读，并签署 {expected}"), format!("read it again and sign {expected}")),
            ));
        }
        proposal.signatures.push(Signature { party, at: when.at, on: when.today, digest });
        Ok(self)
    }

    /// Another version was concluded after the base: what rests on it is stale.
    fn ensure_base_stands(&self, base: u32, number: u32, on: Date) -> Result<(), Problem> {
        match self.concluded(on) {
            Some(concluded)
                if concluded.number != base
                    && concluded.number != number
                    && self.concluded_below(base).is_none_or(|below| below.number != concluded.number) =>
            {
                Err(stale(
                    "version",
                    "BASE_SUPERSEDED",
                    Message::new(
                        format!("基准版本已变更：第 {} 版已签订", concluded.number),
                        format!("the base has moved: version {} was concluded", concluded.number),
                    ),
                    Message::new("请以新版本为基准重新修订后送签", "rebase it on the new version and propose again"),
                ))
            }
            _ => Ok(()),
        }
    }

    pub fn reject(mut self, number: u32, party: DistrictCode, reason: Box<str>, when: When) -> Result<Self, Problem> {
        let at = self.index(number)?;
        let is_party = self.versions[at].party(party).is_some();
        let (proposal, state) = self.proposal_mut(number, "退回", "rejected", when.today)?;
        if !is_party && !proposal.signers.contains(&party) {
            return Err(not_a_party(party));
        }
        if proposal.has_rejected(party) {
            return Err(refused(
                "party",
                "ALREADY_REJECTED",
                Message::new("该方已退回", "the party has rejected it"),
                Message::new("无需重复退回", "nothing to do"),
            ));
        }
        if proposal.has_signed(party) {
            let remedy = Message::new(
                "已签署的不能退回；可在签订后提出修订或退出",
                "what is signed is not rejected; amend it or give notice once it is concluded",
            );
            return Err(refused("party", "ALREADY_SIGNED", Message::new("该方已签署", "the party has signed"), remedy));
        }
        match state {
            VersionState::Proposed | VersionState::Rejected => {
                proposal.rejections.push(Rejection { party, on: when.today, reason });
                Ok(self)
            }
            VersionState::Draft | VersionState::Withdrawn | VersionState::Lapsed | VersionState::Concluded => {
                Err(wrong_state(state, "退回", "rejected"))
            }
        }
    }

    /// A rejection can be taken back until the day for answers, while the proposal was not withdrawn.
    pub fn undo_rejection(mut self, number: u32, party: DistrictCode, when: When) -> Result<Self, Problem> {
        let (proposal, state) = self.proposal_mut(number, "收回退回", "accepted again", when.today)?;
        if state == VersionState::Withdrawn || state == VersionState::Concluded {
            return Err(wrong_state(state, "收回退回", "accepted again"));
        }
        if proposal.answer_by < when.today {
            let message =
                Message::new(format!("答复期限 {} 已过", proposal.answer_by), format!("the day for an answer, {}, has passed", proposal.answer_by));
            return Err(refused("version", "ANSWER_BY_PAST", message, Message::new("请另行送签", "have it proposed anew")));
        }
        if !proposal.has_rejected(party) {
            return Err(refused(
                "party",
                "NOT_REJECTED",
                Message::new("该方没有退回", "the party has not rejected it"),
                Message::new("无需收回", "nothing to do"),
            ));
        }
        proposal.rejections.retain(|rejection| rejection.party != party);
        Ok(self)
    }

    fn standing_version(&self, on: Date) -> Result<usize, Problem> {
        self.ensure_not_voided()?;
        let concluded = self.concluded(on).map(|version| version.number);
        concluded.and_then(|number| self.versions.iter().position(|version| version.number == number)).ok_or_else(|| {
            refused(
                "number",
                "NOT_CONCLUDED",
                Message::new("协议尚未签订", "the agreement is not concluded"),
                Message::new("请待签订后再办理", "wait until it is"),
            )
        })
    }

    fn member(&self, at: usize, party: DistrictCode) -> Result<usize, Problem> {
        self.versions[at].parties.iter().position(|member| member.district == party).ok_or_else(|| not_a_party(party))
    }

    /// A newcomer signs the digest that stands. Open: it is in at once; else it waits for the consent.
    pub fn accede(mut self, newcomer: Party, digest: Digest, when: When) -> Result<Self, Problem> {
        let at = self.standing_version(when.today)?;
        let version = &self.versions[at];
        let expected = version.digest(self.number);
        if version.party(newcomer.district).is_some() || version.accessions.iter().any(|accession| accession.party.district == newcomer.district) {
            return Err(refused(
                "newcomer",
                "ALREADY_A_PARTY",
                Message::new("该区域已是签约方或已申请加入", "the district is a party, or has asked already"),
                Message::new("无需重复加入", "nothing to do"),
            ));
        }
        if digest != expected {
            return Err(stale(
                "digest",
                "OTHER_DIGEST",
                Message::new("所签摘要与现行版本不一致", "the digest is not that of the version that stands"),
                Message::new(format!("请重新阅读，并签署 {expected}"), format!("read it again and sign {expected}")),
            ));
        }
        let signature = Signature { party: newcomer.district, at: when.at, on: when.today, digest };
        let version = &mut self.versions[at];
        version.accessions.push(Accession { party: newcomer, signature, consents: Vec::new() });
        version.admit_ready(when.today);
        Ok(self)
    }

    /// The consent that the admission rule asks for.
    pub fn admit(mut self, by: DistrictCode, newcomer: DistrictCode, when: When) -> Result<Self, Problem> {
        let at = self.standing_version(when.today)?;
        self.member(at, by)?;
        let version = &mut self.versions[at];
        let (admission, lead) = (version.admission, version.lead);
        let Some(accession) = version.accessions.iter_mut().find(|accession| accession.party.district == newcomer) else {
            return Err(refused(
                "newcomer",
                "NO_ACCESSION",
                Message::new(format!("{newcomer} 没有申请加入"), format!("{newcomer} has not asked to accede")),
                Message::new("请核对区域代码", "check the code"),
            ));
        };
        if admission == Admission::Lead && by != lead {
            return Err(refused(
                "party",
                "NOT_THE_LEAD",
                Message::new("加入由牵头方同意", "the lead party consents"),
                Message::new(format!("请由 {lead} 办理"), format!("have {lead} do it")),
            ));
        }
        if !accession.consents.contains(&by) {
            accession.consents.push(by);
        }
        version.admit_ready(when.today);
        Ok(self)
    }

    /// A party confirms a paper record, or contests it and thereby sets its flag.
    pub fn confirm(mut self, number: u32, party: DistrictCode) -> Result<Self, Problem> {
        self.ensure_not_voided()?;
        let at = self.paper(number)?;
        let member = self.member(at, party)?;
        self.versions[at].parties[member].confirmation = Confirmation::Confirmed;
        Ok(self)
    }

    pub fn contest(mut self, number: u32, party: DistrictCode, reason: Box<str>, when: When) -> Result<Self, Problem> {
        self.ensure_not_voided()?;
        let at = self.paper(number)?;
        let member = self.member(at, party)?;
        self.versions[at].parties[member].confirmation = Confirmation::Contested;
        if self.flag_of(party, when.today).is_none() {
            self.flags.push(Flag { party: Some(party), since: when.today, until: None, cleared_on: None, reason });
        }
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
                Message::new("电子签署的版本无需确认", "what is signed here needs no confirmation"),
            )),
        }
    }

    /// While nobody else confirmed, the recorder may correct a paper record, with a reason.
    pub fn correct(mut self, mut version: Version, recorder: DistrictCode) -> Result<Self, Problem> {
        self.ensure_not_voided()?;
        let [only] = self.versions.as_slice() else {
            return Err(refused(
                "number",
                "AMENDED",
                Message::new("协议已有后续版本", "the agreement has later versions"),
                Message::new("请以修订的方式更正", "amend it instead"),
            ));
        };
        self.paper(only.number)?;
        let confirmed = |party: &&Party| party.confirmation != Confirmation::Recorded && party.district != recorder;
        if let Some(party) = only.parties.iter().find(confirmed) {
            return Err(refused(
                "number",
                "CONFIRMED_BY_OTHERS",
                Message::new(format!("{} 已确认或提出异议", party.district), format!("{} has confirmed or contested it", party.district)),
                Message::new("请以修订的方式更正", "amend it instead"),
            ));
        }
        if let (Life::Paper(before), Life::Paper(after)) = (&only.life, &mut version.life) {
            after.recorder = before.recorder;
        }
        for party in &mut version.parties {
            party.confirmation = only.party(party.district).map_or(Confirmation::Recorded, |before| before.confirmation);
        }
        version.number = only.number;
        version.base_version = None;
        self.versions = vec![version];
        Ok(self)
    }

    pub fn void(mut self, reason: Box<str>, when: When) -> Result<Self, Problem> {
        self.ensure_not_voided()?;
        self.voided = Some(Voiding { on: when.today, reason });
        Ok(self)
    }

    /// Sets a flag: a party's, or with `None` the registry's emergency stop.
    pub fn suspend(mut self, party: Option<DistrictCode>, reason: Box<str>, until: Option<Date>, when: When) -> Result<Self, Problem> {
        let at = self.standing_version(when.today)?;
        if let Some(party) = party {
            self.member(at, party)?;
        }
        let standing =
            self.flags.iter().any(|flag| flag.party == party && flag.cleared_on.is_none() && flag.until.is_none_or(|until| when.today <= until));
        if standing {
            return Err(refused(
                "party",
                "ALREADY_SUSPENDED",
                Message::new("已处于暂停状态", "it is suspended already"),
                Message::new("请先恢复，再重新暂停", "resume it first"),
            ));
        }
        if until.is_some_and(|until| until < when.today) {
            return Err(refused(
                "until",
                "DATES_OUT_OF_ORDER",
                Message::new("暂停截止日已过", "its last day has passed"),
                Message::new("截止日应为今天或以后", "let it be today or later"),
            ));
        }
        self.flags.push(Flag { party, since: when.today, until, cleared_on: None, reason });
        Ok(self)
    }

    /// Clears a flag. Only who set it clears it; other flags stand.
    pub fn resume(mut self, party: Option<DistrictCode>, when: When) -> Result<Self, Problem> {
        self.ensure_not_voided()?;
        match self.flags.iter_mut().find(|flag| flag.party == party && flag.stands(when.today)) {
            Some(flag) => {
                flag.cleared_on = Some(when.today);
                // What was set and cleared on one day never held.
                self.flags.retain(|flag| flag.cleared_on != Some(flag.since));
                Ok(self)
            }
            None => Err(refused(
                "party",
                "NOT_SUSPENDED",
                Message::new("该方没有暂停协议", "the party has set no flag"),
                Message::new("只有设置暂停的一方可以恢复", "only who set a flag clears it"),
            )),
        }
    }

    pub fn give_notice(mut self, party: DistrictCode, ends_on: Date, reason: Box<str>, when: When) -> Result<Self, Problem> {
        let at = self.standing_version(when.today)?;
        self.member(at, party)?;
        if self.notices.iter().any(|notice| notice.party == party) {
            return Err(refused(
                "party",
                "NOTICE_GIVEN",
                Message::new("该方已告知退出", "the party has given notice"),
                Message::new("可先撤销告知再重新告知", "revoke it first"),
            ));
        }
        let days = self.versions[at].notice_days;
        let earliest = when.today.checked_add_days(Days::new(u64::from(days))).unwrap_or(Date::MAX);
        if ends_on < earliest {
            return Err(refused(
                "endsOn",
                "NOTICE_TOO_SHORT",
                Message::new(format!("退出须提前 {days} 天告知"), format!("notice is given {days} days ahead")),
                Message::new(format!("最早可于 {earliest} 退出"), format!("{earliest} is the earliest last day")),
            ));
        }
        self.notices.push(Notice { party, ends_on, reason });
        Ok(self)
    }

    pub fn revoke_notice(mut self, party: DistrictCode, when: When) -> Result<Self, Problem> {
        self.ensure_not_voided()?;
        match self.notices.iter().position(|notice| notice.party == party) {
            Some(at) if self.notices[at].ends_on >= when.today => {
                self.notices.remove(at);
                Ok(self)
            }
            Some(_) => Err(refused(
                "party",
                "ALREADY_LEFT",
                Message::new("该方已退出", "the party has left"),
                Message::new("可重新申请加入", "it may accede again"),
            )),
            None => Err(refused(
                "party",
                "NO_NOTICE",
                Message::new("该方没有告知退出", "the party has given no notice"),
                Message::new("无需撤销", "nothing to do"),
            )),
        }
    }
}

impl Version {
    /// Lets in the newcomers whose consent is complete.
    fn admit_ready(&mut self, today: Date) {
        let members: Vec<DistrictCode> = self.parties.iter().map(|party| party.district).collect();
        let (admission, lead) = (self.admission, self.lead);
        let ready = |accession: &Accession| match admission {
            Admission::Open => true,
            Admission::Lead => accession.consents.contains(&lead),
            Admission::All => members.iter().all(|member| accession.consents.contains(member)),
        };
        let (admitted, waiting): (Vec<_>, Vec<_>) = std::mem::take(&mut self.accessions).into_iter().partition(ready);
        self.accessions = waiting;
        self.parties.extend(admitted.into_iter().map(|accession| Party {
            joined_on: Some(today),
            confirmation: Confirmation::Confirmed,
            ..accession.party
        }));
    }
}

/// Clauses that were added, removed or changed.
pub fn changed_clauses<'a>(before: &'a [AgreementClause], after: &'a [AgreementClause]) -> Vec<&'a AgreementClause> {
    let missing = |from: &'a [AgreementClause], other: &'a [AgreementClause]| from.iter().filter(move |clause| !other.contains(clause));
    missing(before, after).chain(missing(after, before)).collect()
}
