//! The acts on an agreement: each takes the agreement and returns the next one, or the problems that forbid the act.

use std::collections::BTreeSet;

use chrono::{DateTime, Days, Utc};

use crate::agreement::{
    Accession, Admission, Agreement, AmendmentRule, Confirmation, Discarded, MAX_PARTIES, Notice, Party, Standing, Suspension, Version, VersionState,
    Voiding,
};
use crate::clause::{AgreementClause, Extent};
use crate::code::{AgreementNumber, DistrictCode};
use crate::diff;
use crate::journal::Digest;
use crate::life::{Correction, Draft, LapseReason, Life, Needs, Objection, Paper, Proposal, Rejection, Signature, first_needs};
use crate::period::Date;
use crate::problem::{Message, Problem, ProblemCode, Problems};
use crate::provenance::Provenance;
use crate::visibility::Scope;

/// The time of an act: the timestamp, and the day in China.
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

const NOT_A_PARTY: &str = "NOT_A_PARTY";

pub(crate) fn not_a_party(party: DistrictCode) -> Problem {
    refused(
        "party",
        NOT_A_PARTY,
        Message::new(format!("{party} 不是签约方"), format!("{party} is not a party")),
        Message::new("请以签约方的身份操作", "act as one of the parties"),
    )
}

fn superseded(field: &str, newest: Option<u32>) -> Problem {
    let (zh, en) = match newest {
        Some(newest) => (format!("基准版本已变更：第 {newest} 版已签订"), format!("the base has moved: version {newest} was concluded")),
        None => ("基准版本已变更：其基准已有新版本签订".to_owned(), "the base has moved: a new version was concluded".to_owned()),
    };
    let remedy = match newest {
        Some(newest) => Message::new(format!("请以第 {newest} 版为基准重新修订"), format!("rebase it on version {newest}")),
        None => Message::new("请以新签订的版本为基准重新修订", "rebase it on the version that was concluded"),
    };
    stale(field, "BASE_SUPERSEDED", Message { zh, en }, remedy)
}

fn not_asked(needs: Needs) -> Problem {
    refused(
        "party",
        "NOT_ASKED",
        Message::new(
            format!("该版本的签订方式为“{}”，无需该方签署", needs.label(crate::Locale::Zh)),
            format!("the version needs {}, not this party's signature", needs.label(crate::Locale::En)),
        ),
        Message::new("无需办理；有不同意见请与起草方协商", "nothing to do; speak with its author about what you would have otherwise"),
    )
}

fn ended(number: AgreementNumber, standing: Standing) -> Problem {
    refused(
        "number",
        "ENDED",
        Message::new(format!("协议{}", standing.label(crate::Locale::Zh)), format!("the agreement is {}", standing.label(crate::Locale::En))),
        Message::new(
            format!("如需继续，请另行起草协议，并在 replaces 中写明 {number}"),
            format!("to go on with it, draft a new agreement that names {number} in replaces"),
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
            Message::new(format!("{code} 与 {other} 是同一区域的两个代码"), format!("{code} and {other} are two codes of one district")),
            Message::new("每个签约方只列一次", "name every party once"),
        )
    }
}

/// How a party leaves an agreement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaving {
    /// With the agreed notice period.
    InTime,
    /// The law changed, so the notice period is waived.
    LawChanged,
}

/// Who withdraws a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Withdrawer {
    /// A caller that acts for the author.
    Author,
    Steward,
}

/// Who corrects a paper record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Corrector {
    /// The party whose registrar recorded it.
    Recorder(DistrictCode),
    Steward,
}

/// Checks that the replaced agreement exists and does not itself replace this one. `replaced` returns what an agreement
/// replaces, and `None` if there is no such agreement.
pub fn check_replaces(
    number: Option<AgreementNumber>,
    replaces: AgreementNumber,
    replaced: impl Fn(AgreementNumber) -> Option<Option<AgreementNumber>>,
) -> Result<(), Problem> {
    let circle = || {
        refused(
            "replaces",
            "REPLACES_CIRCLE",
            Message::new(format!("{replaces} 本身接替了本协议"), format!("{replaces} itself replaces this agreement")),
            Message::new("请写明更早的协议", "name an earlier agreement"),
        )
    };
    check_line("replaces", number, replaces, replaced, circle)
}

/// Checks that the framework exists and does not belong to this agreement. `above` returns the framework of an agreement, and
/// `None` if there is no such agreement.
pub fn check_framework(
    number: Option<AgreementNumber>,
    framework: AgreementNumber,
    above: impl Fn(AgreementNumber) -> Option<Option<AgreementNumber>>,
) -> Result<(), Problem> {
    let circle = || {
        refused(
            "framework",
            "FRAMEWORK_CIRCLE",
            Message::new(format!("框架协议 {framework} 处于本协议之下"), format!("the framework {framework} stands below this agreement")),
            Message::new("请更正框架协议，使其不成环", "name another framework, so that they form no circle"),
        )
    };
    check_line("framework", number, framework, above, circle)
}

/// Follows a chain of agreements from the named one: it must exist, and the chain must have no cycle.
fn check_line(
    field: &'static str,
    number: Option<AgreementNumber>,
    named: AgreementNumber,
    next: impl Fn(AgreementNumber) -> Option<Option<AgreementNumber>>,
    circle: impl Fn() -> Problem,
) -> Result<(), Problem> {
    let mut met: BTreeSet<AgreementNumber> = number.into_iter().collect();
    let mut following = Some(named);
    while let Some(at) = following {
        if !met.insert(at) {
            return Err(circle());
        }
        following = match next(at) {
            Some(next) => next,
            None if at == named => return Err(crate::record::Reference::agreement(field, named).dangling()),
            None => None,
        };
    }
    Ok(())
}

impl Agreement {
    /// A new agreement with a draft. The author must be a party.
    pub fn drafted(number: AgreementNumber, draft: Version) -> Result<Self, Problem> {
        match draft.author() {
            Some(author) if !draft.may_name(author) => Err(refused(
                "proposer",
                "NOT_A_PARTY",
                Message::new(format!("起草方 {author} 不是签约方"), format!("the proposer {author} is not a party")),
                Message::new("请由签约方之一起草，或将起草方列为签约方", "have one of the parties draft it, or name the proposer as a party"),
            )),
            Some(_) | None => Ok(Self::of_one_version(number, draft)),
        }
    }

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

    fn of_one_version(number: AgreementNumber, version: Version) -> Self {
        Self {
            number,
            key: None,
            versions: vec![version],
            suspensions: Vec::new(),
            notices: Vec::new(),
            discarded: None,
            voided: None,
            provenance: Provenance::default(),
        }
    }

    /// Only callers that act for the author may continue a draft or a proposal.
    pub fn ensure_own(&self, number: u32, scope: &Scope) -> Result<(), Problem> {
        match self.versions[self.index(number)?].author() {
            Some(author) if !scope.includes(author) => Err(refused(
                "version",
                "NOT_THE_AUTHOR",
                Message::new(format!("该版本由 {author} 起草"), format!("the version is {author}'s")),
                Message::new(format!("请由 {author} 办理"), format!("have {author} do it")),
            )),
            Some(_) | None => Ok(()),
        }
    }

    /// The only draft of an author, for inputs without a version number.
    pub fn only_draft_of(&self, author: DistrictCode) -> Result<u32, Problem> {
        let mut drafts = self.versions.iter().filter(|version| matches!(&version.life, Life::Draft(draft) if draft.author == author));
        match (drafts.next(), drafts.next()) {
            (Some(only), None) => Ok(only.number),
            (None, _) => Err(refused(
                "version",
                "NO_DRAFT",
                Message::new(format!("{author} 没有草稿"), format!("{author} has no draft")),
                Message::new("请先起草修订", "draft an amendment first"),
            )),
            (Some(_), Some(_)) => Err(refused(
                "version",
                "SEVERAL_DRAFTS",
                Message::new("有多份草稿", "there are several drafts"),
                Message::new("请写明版本号", "say which version"),
            )),
        }
    }

    /// A newcomer signs the digest of the current version, and a consent refers to it.
    pub fn ensure_standing_digest(&self, digest: Digest, on: Date) -> Result<(), Problem> {
        let expected = self.versions[self.current_version(on)?].digest(self.number);
        if digest == expected {
            return Ok(());
        }
        Err(stale(
            "digest",
            "OTHER_DIGEST",
            Message::new("摘要与现行版本不一致", "the digest is not that of the version that stands"),
            Message::new(format!("请重新阅读现行版本，其摘要为 {expected}"), format!("read the version that stands again; its digest is {expected}")),
        ))
    }

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

    /// The newest concluded version, whether it has begun or not.
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

    /// An agreement that has ended cannot be amended. A new agreement replaces it.
    fn ensure_not_ended(&self, on: Date) -> Result<(), Problem> {
        match self.has_ended(on) {
            None => Ok(()),
            Some(standing) => Err(ended(self.number, standing)),
        }
    }

    /// Adds a draft that amends a concluded or a proposed version; with base `0`, a draft that corrects a first version that was
    /// never concluded.
    pub fn amend(mut self, version: Version, base: u32, author: DistrictCode, on: Date) -> Result<Self, Problems> {
        let problems: Problems = [self.ensure_not_ended(on), self.ensure_base(base, on)].into_iter().filter_map(Result::err).collect();
        if !problems.is_empty() {
            return Err(problems);
        }
        let at = if base == 0 { self.index(self.corrected(on)?.number)? } else { self.index(base)? };
        self.ensure_may_amend(at, author, on).map_err(|problem| Problem { path: vec!["proposer".to_owned()], ..problem })?;
        let base_version = (base > 0).then_some(base);
        let draft = Version { number: self.next_number(), base_version, ..drafted(version, Life::Draft(Draft { author })) };
        self.versions.push(draft);
        self.forget_discarded();
        Ok(self)
    }

    /// Numbers are never reused, not even those of discarded drafts.
    fn next_number(&self) -> u32 {
        let discarded = self.discarded.map(|discarded| discarded.version);
        self.versions.iter().map(|version| version.number).chain(discarded).max().unwrap_or(0) + 1
    }

    /// Drops the number of the discarded draft once a version has a greater one.
    fn forget_discarded(&mut self) {
        let newest = self.versions.iter().map(|version| version.number).max();
        self.discarded = self.discarded.filter(|discarded| newest.is_none_or(|newest| newest < discarded.version));
    }

    /// The version that a draft with base `0` corrects: the newest that was proposed, if it was rejected, withdrawn or lapsed and
    /// nothing is concluded.
    pub fn corrected(&self, on: Date) -> Result<&Version, Problem> {
        let at = |problem: Problem| Problem { path: vec!["baseVersion".to_owned()], ..problem };
        if let Some(concluded) = self.concluded(on) {
            return Err(superseded("baseVersion", Some(concluded.number)));
        }
        let newest = self.versions.iter().rev().find(|version| !matches!(version.life, Life::Draft(_)));
        let Some(newest) = newest else { return Err(at(wrong_state(VersionState::Draft, "作为基准", "a base"))) };
        match newest.state(on) {
            VersionState::Rejected | VersionState::Withdrawn | VersionState::Lapsed => Ok(newest),
            state @ (VersionState::Draft | VersionState::Proposed | VersionState::Concluded) => Err(at(wrong_state(state, "作为基准", "a base"))),
        }
    }

    /// The base of a draft is the current version, a proposal that it answers, or `0` for a correction.
    fn ensure_base(&self, base: u32, on: Date) -> Result<(), Problem> {
        if base == 0 {
            return self.corrected(on).map(|_| ());
        }
        let at = self.index(base).map_err(|problem| Problem { path: vec!["baseVersion".to_owned()], ..problem })?;
        let newest = self.concluded(on).map(|concluded| concluded.number);
        match self.versions[at].state(on) {
            VersionState::Proposed => Ok(()),
            VersionState::Lapsed if self.versions[at].lapse_reason(on) == Some(LapseReason::Superseded) => Err(superseded("baseVersion", newest)),
            VersionState::Concluded if newest == Some(base) => Ok(()),
            VersionState::Concluded => Err(superseded("baseVersion", newest)),
            state @ (VersionState::Draft | VersionState::Rejected | VersionState::Withdrawn | VersionState::Lapsed) => {
                Err(Problem { path: vec!["baseVersion".to_owned()], ..wrong_state(state, "作为基准", "a base") })
            }
        }
    }

    /// Replaces the content of a draft, and rebases it if another base is given. `None`, or its own base, keeps the base, even
    /// a superseded one: only proposing is refused then. A draft that is rebased on a version with a greater number gets the
    /// next number and becomes the last version.
    pub fn revise_draft(mut self, number: u32, version: Version, base: Option<u32>, author: DistrictCode, on: Date) -> Result<Self, Problem> {
        self.ensure_not_voided()?;
        let at = self.index(number)?;
        self.ensure_author(at, author, "修订", "revised", on)?;
        let before = self.versions[at].base_version;
        let base = match base {
            Some(base) if before != (base > 0).then_some(base) => {
                self.ensure_base(base, on)?;
                (base > 0).then_some(base)
            }
            Some(_) | None => before,
        };
        let life = self.versions[at].life.clone();
        let draft = Version { number, base_version: base, ..drafted(version, life) };
        if base.is_some_and(|base| base > number) {
            let number = self.next_number();
            self.versions.remove(at);
            self.versions.push(Version { number, ..draft });
            self.forget_discarded();
        } else {
            self.versions[at] = draft;
        }
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

    /// Discards a draft. `None`: it was the only version, so the agreement is removed.
    pub fn discard_draft(mut self, number: u32, on: Date) -> Result<Option<Self>, Problem> {
        self.ensure_not_voided()?;
        let at = self.index(number)?;
        match &self.versions[at].life {
            Life::Draft(draft) => {
                let gone = Discarded { version: number, author: draft.author };
                self.versions.remove(at);
                self.discarded = self.discarded.filter(|before| before.version > number).or(Some(gone));
                self.forget_discarded();
                Ok((!self.versions.is_empty()).then_some(self))
            }
            Life::Proposal(_) | Life::Paper(_) => Err(wrong_state(self.versions[at].state(on), "删除", "discarded")),
        }
    }

    /// Proposes a draft: its content is frozen, and the parties sign its digest.
    pub fn propose(mut self, number: u32, answer_by: Date, when: When) -> Result<Self, Problems> {
        let on = when.today;
        let is_past = (answer_by < on).then(|| {
            refused(
                "answerBy",
                "ANSWER_BY_PAST",
                Message::new(format!("答复期限 {answer_by} 已过"), format!("the day for an answer, {answer_by}, has passed")),
                Message::new("答复期限应为今天或以后", "let it be today or later"),
            )
        });
        let (at, by) = match (self.ready_to_propose(number, on), is_past) {
            (Ok(ready), None) => ready,
            (Ok(_), Some(past)) => return Err(past.into()),
            (Err(problem), past) => return Err(std::iter::once(problem).chain(past).collect()),
        };
        let (needs, signers) = self.needed_consent(at, on);
        let version = &mut self.versions[at];
        let proposal = Proposal {
            by,
            on,
            answer_by,
            needs,
            signers,
            signatures: Vec::new(),
            rejections: Vec::new(),
            withdrawn_on: None,
            withdrawn_reason: None,
            superseded_on: None,
        };
        let objections_until = proposal.objections_until(version.objection_days);
        if needs == Needs::NoObjection && answer_by < objections_until {
            return Err(refused(
                "answerBy",
                "ANSWER_BY_TOO_EARLY",
                Message::new(
                    format!("异议期到 {objections_until} 届满，答复期限不能早于该日"),
                    format!("objections may be made until {objections_until}, and the day for an answer is not before that"),
                ),
                Message::new(format!("请把答复期限定为 {objections_until} 或以后"), format!("let it be {objections_until} or later")),
            )
            .into());
        }
        let latest = match needs {
            Needs::All | Needs::Affected | Needs::Lead => answer_by,
            Needs::NoObjection => objections_until.succ_opt().unwrap_or(Date::MAX).max(answer_by),
            Needs::Signatories => answer_by.succ_opt().unwrap_or(Date::MAX),
        };
        if let Some(last) = version.effective_to.filter(|last| *last < latest) {
            return Err(refused(
                "answerBy",
                "CONCLUDED_TOO_LATE",
                Message::new(
                    format!("最晚到 {latest} 才签订，而该版本 {last} 截止"),
                    format!("it may be concluded as late as {latest}, but it ends on {last}"),
                ),
                Message::new("请提前答复期限，或推迟截止日", "let the answers come earlier, or the version end later"),
            )
            .into());
        }
        version.life = Life::Proposal(proposal);
        Ok(self.with_supersessions())
    }

    /// The index and the author of a draft that can be proposed.
    fn ready_to_propose(&self, number: u32, on: Date) -> Result<(usize, DistrictCode), Problem> {
        let at = self.index(number)?;
        let Life::Draft(draft) = &self.versions[at].life else { return Err(wrong_state(self.versions[at].state(on), "送签", "proposed")) };
        self.ensure_not_ended(on)?;
        match (self.versions[at].base_version, self.concluded(on)) {
            (Some(base), _) => {
                self.ensure_base(base, on)?;
                let may = self.ensure_may_amend(self.index(base)?, draft.author, on);
                may.map_err(|problem| Problem { path: vec!["version".to_owned()], ..problem })?;
                self.ensure_changed(at, base)?;
            }
            (None, Some(concluded)) => return Err(superseded("baseVersion", Some(concluded.number))),
            (None, None) => {}
        }
        Ok((at, draft.author))
    }

    /// Refuses a draft without any change from its base.
    fn ensure_changed(&self, at: usize, base: u32) -> Result<(), Problem> {
        let version = &self.versions[at];
        if !self.versions[self.index(base)?].has_content_of(version, self.number) {
            return Ok(());
        }
        Err(refused(
            "version",
            "NOTHING_CHANGED",
            Message::new(format!("与第 {base} 版相比没有任何变更"), format!("it changes nothing in version {base}")),
            Message::new("请先修订草稿，或删除草稿", "revise the draft first, or discard it"),
        ))
    }

    /// The consent that a version needs, and its signers. A first version, or changed terms or parties, need all parties; a
    /// changed schedule follows the amendment rule. A counter-draft also needs the signers that it would need if the proposal
    /// that it answers were concluded first.
    fn needed_consent(&self, at: usize, on: Date) -> (Needs, Vec<DistrictCode>) {
        let version = &self.versions[at];
        let base = version.base_version.and_then(|base| self.version(base));
        let below = base.and_then(|base| self.concluded_below(base, on));
        let (Some(base), Some(below)) = (base, below) else { return (first_needs(version.concludes), version.districts().collect()) };
        let needed = self.needed_over(version, below, on);
        if base.number == below.number {
            return needed;
        }
        let also = self.needed_over(version, base, on);
        let needs = if needed.0 == also.0 { needed.0 } else { Needs::All };
        let mut signers = needed.1;
        match needs {
            Needs::All => signers.extend(version.districts().chain(self.members_of(below, on)).chain(base.districts())),
            Needs::Affected | Needs::Lead | Needs::NoObjection | Needs::Signatories => signers.extend(also.1),
        }
        signers.sort_unstable();
        signers.dedup();
        (needs, signers)
    }

    fn needed_over(&self, version: &Version, base: &Version, on: Date) -> (Needs, Vec<DistrictCode>) {
        let named = |version: &Version, member: &dyn Fn(DistrictCode) -> bool| -> BTreeSet<(DistrictCode, Extent)> {
            version.parties.iter().filter(|party| member(party.district)).map(|party| (party.district, party.extent)).collect()
        };
        let members: BTreeSet<DistrictCode> = self.members_of(base, on).collect();
        let everyone: BTreeSet<DistrictCode> = version.districts().chain(members.iter().copied()).collect();
        let same_parties = named(version, &|_| true) == named(base, &|party| members.contains(&party));
        let changed = changed_clauses(&base.schedule, &version.schedule);
        if !same_parties || !version.has_terms_of(base) || changed.is_empty() {
            return (Needs::All, everyone.into_iter().collect());
        }
        let proposer = match &version.life {
            Life::Draft(draft) => Some(draft.author),
            Life::Proposal(proposal) => Some(proposal.by),
            Life::Paper(_) => None,
        };
        match (base.amendment_rule, proposer.filter(|proposer| members.contains(proposer))) {
            (AmendmentRule::Lead, _) if members.contains(&base.lead) => (Needs::Lead, vec![base.lead]),
            (AmendmentRule::NoObjection, Some(proposer)) => (Needs::NoObjection, vec![proposer]),
            (AmendmentRule::Affected, _) => {
                (Needs::Affected, everyone.into_iter().filter(|party| changed.iter().any(|clause| clause.concerns(*party))).collect())
            }
            // Without a lead, or without a member as proposer, all parties decide.
            (AmendmentRule::All | AmendmentRule::Lead | AmendmentRule::NoObjection, _) => (Needs::All, everyone.into_iter().collect()),
        }
    }

    /// The parties that a version binds now or once it begins; of a proposal, all named districts.
    fn members_of<'a>(&'a self, version: &'a Version, on: Date) -> impl Iterator<Item = DistrictCode> + 'a {
        let is_concluded = version.state(on) == VersionState::Concluded;
        let member = move |party: &&Party| !is_concluded || (version.binds(party) && !self.membership(version, party, on).ended_before(on));
        version.parties.iter().filter(member).map(|party| party.district)
    }

    /// The base itself if it is concluded, else the nearest concluded version among its own bases.
    fn concluded_below<'a>(&'a self, base: &'a Version, on: Date) -> Option<&'a Version> {
        let mut at = Some(base);
        // Each base has a smaller number, so the loop ends.
        while let Some(version) = at {
            if version.state(on) == VersionState::Concluded {
                return Some(version);
            }
            at = version.base_version.filter(|base| *base < version.number).and_then(|base| self.version(base));
        }
        None
    }

    /// Whether the conclusion of `newer` supersedes the base of `older`.
    fn supersedes(&self, newer: u32, older: &Version) -> bool {
        let mut ground = 0;
        let mut below = older.base_version.and_then(|base| self.version(base));
        while let Some(version) = below {
            if version.number == newer {
                return false;
            }
            if ground == 0 && (version.signed_on().is_some() || matches!(version.life, Life::Paper(_))) {
                ground = version.number;
            }
            below = version.base_version.filter(|base| *base < version.number).and_then(|base| self.version(base));
        }
        newer != older.number && newer > ground
    }

    /// Recomputes which proposals are superseded by another: by one that is concluded, or by one whose conclusion is only a
    /// matter of time.
    fn with_supersessions(mut self) -> Self {
        for version in &mut self.versions {
            if let Life::Proposal(proposal) = &mut version.life {
                proposal.superseded_on = None;
            }
        }
        let mut due: Vec<(Date, u32)> =
            self.versions.iter().filter_map(|version| Some((version.proposal()?.concluded_on(version.objection_days)?, version.number))).collect();
        due.sort_unstable();
        let mut concluded: Vec<(Date, u32)> = Vec::new();
        for (day, number) in due {
            let superseded_day = self.version(number).and_then(|version| self.superseded_day(version, &concluded));
            if superseded_day.is_none() {
                concluded.push((day, number));
            }
            self.set_superseded(number, superseded_day);
        }
        let pending = |version: &&Version| {
            version.proposal().is_some_and(|proposal| proposal.withdrawn_on.is_none())
                && concluded.iter().all(|(_, number)| *number != version.number)
        };
        let pending: Vec<(u32, Option<Date>)> = self
            .versions
            .iter()
            .filter(pending)
            .map(|version| {
                (
                    version.number,
                    self.superseded_day(version, &concluded).filter(|day| version.proposal().is_some_and(|proposal| *day <= proposal.answer_by)),
                )
            })
            .collect();
        for (number, superseded_day) in pending {
            self.set_superseded(number, superseded_day);
        }
        self
    }

    fn superseded_day(&self, version: &Version, concluded: &[(Date, u32)]) -> Option<Date> {
        concluded.iter().filter(|(_, newer)| self.supersedes(*newer, version)).map(|(day, _)| *day).min()
    }

    fn set_superseded(&mut self, number: u32, on: Option<Date>) {
        if let Some(Life::Proposal(proposal)) = self.versions.iter_mut().find(|version| version.number == number).map(|version| &mut version.life) {
            proposal.superseded_on = on;
        }
    }

    /// Withdraws a proposal. A steward must give a reason, and may do so only if nobody but the proposer has signed.
    pub fn withdraw_proposal(mut self, number: u32, by: Withdrawer, reason: Option<Box<str>>, when: When) -> Result<Self, Problems> {
        let unexplained = (by == Withdrawer::Steward && reason.is_none()).then(|| {
            let message = Message::new("平台撤回须说明理由", "a steward says why it is withdrawn");
            Problem { code: ProblemCode::Invalid, ..refused("reason", "REQUIRED", message, Message::new("请补填 reason", "add reason")) }
        });
        let proposal = match (self.proposal_to_withdraw(number, by, when.today), unexplained) {
            (Ok(proposal), None) => proposal,
            (Ok(_), Some(unexplained)) => return Err(unexplained.into()),
            (Err(problem), unexplained) => return Err(std::iter::once(problem).chain(unexplained).collect()),
        };
        proposal.withdrawn_on = Some(when.today);
        proposal.withdrawn_reason = reason;
        Ok(self.with_supersessions())
    }

    fn proposal_to_withdraw(&mut self, number: u32, by: Withdrawer, on: Date) -> Result<&mut Proposal, Problem> {
        self.ensure_not_voided()?;
        let (proposal, state) = self.proposal_mut(number, "撤回", "withdrawn", on)?;
        match state {
            VersionState::Proposed | VersionState::Rejected => {}
            VersionState::Draft | VersionState::Withdrawn | VersionState::Lapsed | VersionState::Concluded => {
                return Err(wrong_state(state, "撤回", "withdrawn"));
            }
        }
        let others = proposal.signatures.iter().map(|signature| signature.party).find(|party| *party != proposal.by);
        match (by, others) {
            (Withdrawer::Steward, Some(party)) => Err(refused(
                "version",
                "SIGNED_BY_OTHERS",
                Message::new(format!("{party} 已签署，平台不能撤回"), format!("{party} has signed it, so the registry does not withdraw it")),
                Message::new(format!("请由 {} 撤回", proposal.by), format!("have {} withdraw it", proposal.by)),
            )),
            (Withdrawer::Steward, None) | (Withdrawer::Author, _) => Ok(proposal),
        }
    }

    /// Signs a proposal. A signature over another digest is stale.
    pub fn sign(mut self, number: u32, party: DistrictCode, digest: Digest, when: When) -> Result<Self, Problems> {
        let at = self.index(number)?;
        let expected = self.versions[at].digest(self.number);
        let is_stale = (digest != expected).then(|| {
            stale(
                "digest",
                "OTHER_DIGEST",
                Message::new("所签摘要与送签版本不一致", "the digest is not that of the proposed version"),
                Message::new(format!("请重新阅读，并签署 {expected}"), format!("read it again and sign {expected}")),
            )
        });
        let proposal = match (self.proposal_to_sign(at, party, when.today), is_stale) {
            (Ok(proposal), None) => proposal,
            (Ok(_), Some(is_stale)) => return Err(is_stale.into()),
            // A district that is not a party cannot sign, so a stale digest is not reported to it.
            (Err(problem), _) if problem.rule == NOT_A_PARTY => return Err(problem.into()),
            (Err(problem), is_stale) => return Err(std::iter::once(problem).chain(is_stale).collect()),
        };
        proposal.signatures.push(Signature { party, at: when.at, on: when.today, digest });
        Ok(self.with_supersessions())
    }

    fn proposal_to_sign(&mut self, at: usize, party: DistrictCode, on: Date) -> Result<&mut Proposal, Problem> {
        self.ensure_not_voided()?;
        let number = self.versions[at].number;
        let is_party = self.versions[at].party(party).is_some();
        let over = self.superseded_by(at, on);
        let (proposal, state) = self.proposal_mut(number, "签署", "signed", on)?;
        if !is_party && !proposal.signers.contains(&party) {
            return Err(not_a_party(party));
        }
        if let Some(problem) = over {
            return Err(problem);
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
            VersionState::Proposed | VersionState::Rejected if proposal.has_rejected(party) => {
                let remedy = Message::new("请先收回退回意见", "take the rejection back first");
                return Err(refused("party", "REJECTED_BEFORE", Message::new("该方已退回该版本", "the party has rejected the version"), remedy));
            }
            VersionState::Proposed => {}
            VersionState::Draft | VersionState::Rejected | VersionState::Withdrawn | VersionState::Lapsed | VersionState::Concluded => {
                return Err(wrong_state(state, "签署", "signed"));
            }
        }
        if proposal.signers.contains(&party) { Ok(proposal) } else { Err(not_asked(proposal.needs)) }
    }

    /// The problem of a proposal that lapsed because another version was concluded over its base.
    fn superseded_by(&self, at: usize, on: Date) -> Option<Problem> {
        let is_over = self.versions[at].lapse_reason(on) == Some(LapseReason::Superseded);
        is_over.then(|| superseded("version", self.concluded(on).map(|concluded| concluded.number)))
    }

    /// Rejects a proposal. Under the rule "no objection" it is an objection, and excludes the party from the changed clauses.
    pub fn reject(mut self, number: u32, party: DistrictCode, reason: Box<str>, when: When) -> Result<Self, Problem> {
        self.ensure_not_voided()?;
        let at = self.index(number)?;
        let is_party = self.versions[at].party(party).is_some();
        let objections_until = self.versions[at].proposal().map(|proposal| proposal.objections_until(self.versions[at].objection_days));
        let over = self.superseded_by(at, when.today);
        let (proposal, state) = self.proposal_mut(number, "退回", "rejected", when.today)?;
        if !is_party && !proposal.signers.contains(&party) {
            return Err(not_a_party(party));
        }
        if let Some(problem) = over {
            return Err(problem);
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
            VersionState::Proposed | VersionState::Rejected => {}
            VersionState::Draft | VersionState::Withdrawn | VersionState::Lapsed | VersionState::Concluded => {
                return Err(wrong_state(state, "退回", "rejected"));
            }
        }
        let is_asked = proposal.signers.contains(&party);
        match (proposal.needs, objections_until.filter(|until| *until < when.today)) {
            (Needs::All | Needs::Affected | Needs::Lead | Needs::Signatories, _) if !is_asked => return Err(not_asked(proposal.needs)),
            (Needs::NoObjection, _) if is_asked => {
                return Err(refused(
                    "party",
                    "OWN_PROPOSAL",
                    Message::new("该版本由本方送签", "the version is the party's own proposal"),
                    Message::new("请撤回送签", "withdraw it"),
                ));
            }
            (Needs::NoObjection, Some(until)) => {
                return Err(refused(
                    "version",
                    "OBJECTION_PERIOD_OVER",
                    Message::new(format!("异议期已于 {until} 届满"), format!("objections could be made until {until}")),
                    Message::new("可在签订后提出修订，或告知退出", "amend it once it is concluded, or give notice"),
                ));
            }
            (Needs::All | Needs::Affected | Needs::Lead | Needs::NoObjection | Needs::Signatories, _) => {}
        }
        proposal.rejections.push(Rejection { party, on: when.today, reason });
        Ok(self.with_supersessions())
    }

    /// Takes a rejection back, up to the day for answers and unless the proposal was withdrawn.
    pub fn undo_rejection(mut self, number: u32, party: DistrictCode, when: When) -> Result<Self, Problem> {
        self.ensure_not_voided()?;
        let at = self.index(number)?;
        let objection_days = self.versions[at].objection_days;
        let over = self.superseded_by(at, when.today);
        let (proposal, state) = self.proposal_mut(number, "收回退回", "accepted again", when.today)?;
        if let Some(problem) = over {
            return Err(problem);
        }
        match state {
            VersionState::Proposed | VersionState::Rejected | VersionState::Lapsed => {}
            VersionState::Draft | VersionState::Withdrawn | VersionState::Concluded => {
                return Err(wrong_state(state, "收回退回", "accepted again"));
            }
        }
        let until = match proposal.needs {
            Needs::All | Needs::Affected | Needs::Lead | Needs::Signatories => proposal.answer_by,
            Needs::NoObjection => proposal.answer_by.max(proposal.objections_until(objection_days)),
        };
        if until < when.today {
            let message = Message::new(format!("答复期限 {until} 已过"), format!("the day for an answer, {until}, has passed"));
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
        Ok(self.with_supersessions())
    }

    /// The index of the newest concluded version, whether it has begun or not, of an agreement that has not ended.
    fn current_version(&self, on: Date) -> Result<usize, Problem> {
        self.ensure_not_voided()?;
        self.ensure_not_ended(on)?;
        let concluded = self.concluded(on).filter(|version| version.members().count() >= 2).map(|version| version.number);
        concluded.and_then(|number| self.versions.iter().position(|version| version.number == number)).ok_or_else(|| {
            refused(
                "number",
                "NOT_CONCLUDED",
                Message::new("协议尚未签订", "the agreement is not concluded"),
                Message::new("请待签订后再办理", "wait until it is"),
            )
        })
    }

    /// The index of the effective version on a day, else of the newest concluded one.
    fn effective_version(&self, on: Date) -> Result<usize, Problem> {
        let newest = self.current_version(on)?;
        let begun = self.version_begun(on).and_then(|begun| self.versions.iter().position(|version| version.number == begun.number));
        Ok(begun.unwrap_or(newest))
    }

    /// Only members may act: parties that the effective or the newest concluded version binds.
    fn ensure_member(&self, party: DistrictCode, on: Date) -> Result<(), Problem> {
        let versions = [self.version_begun(on), self.concluded(on)];
        let of = |version: &Version| self.members_of(version, on).any(|member| member == party);
        if versions.into_iter().flatten().any(of) {
            return Ok(());
        }
        if versions.into_iter().flatten().any(|version| version.party(party).is_some_and(|party| version.binds(party))) {
            return Err(already_left());
        }
        Err(not_a_party(party))
    }

    fn party_at(&self, at: usize, party: DistrictCode) -> Result<usize, Problem> {
        self.versions[at].parties.iter().position(|member| member.district == party).ok_or_else(|| not_a_party(party))
    }

    /// Accedes to the current version: the newcomer signs its digest. It was never a party, did not sign in time, or left
    /// earlier. With open admission it joins at once, else it waits for consent.
    pub fn accede(mut self, newcomer: Party, digest: Digest, when: When) -> Result<Self, Problems> {
        let at = self.current_version(when.today)?;
        let expected = self.versions[at].digest(self.number);
        let is_stale = (digest != expected).then(|| {
            stale(
                "digest",
                "OTHER_DIGEST",
                Message::new("所签摘要与现行版本不一致", "the digest is not that of the version that stands"),
                Message::new(format!("请重新阅读，并签署 {expected}"), format!("read it again and sign {expected}")),
            )
        });
        let problems: Problems = self.ensure_newcomer(at, &newcomer, when.today).err().into_iter().chain(is_stale).collect();
        if !problems.is_empty() {
            return Err(problems);
        }
        let signature = Signature { party: newcomer.district, at: when.at, on: when.today, digest };
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
            return Err(twice("该区域已申请加入", "the district has asked already", Message::new("请等待同意", "wait for the consent")));
        }
        if let Some(party) = version.party(newcomer.district) {
            if matches!(version.life, Life::Paper(_)) && party.confirmation != Confirmation::Confirmed && !version.binds(party) {
                let remedy = Message::new("请确认登记", "confirm the record");
                return Err(twice("该区域已列为签约方", "the district is named as a party", remedy));
            }
            if version.binds(party) && !self.membership(version, party, on).ended_before(on) {
                let remedy = Message::new("无需重复加入；已告知退出的可撤销告知", "nothing to do; a notice that was given can be revoked");
                return Err(twice("该区域已是签约方", "the district is a party", remedy));
            }
        } else if version.parties.len() >= MAX_PARTIES {
            return Err(refused(
                "newcomer",
                "TOO_MANY",
                Message::new(format!("签约方已达 {MAX_PARTIES} 个"), format!("the agreement has {MAX_PARTIES} parties")),
                Message::new("请另行签订协议", "conclude another agreement"),
            ));
        }
        Ok(())
    }

    /// Consents to an accession. A repeated consent changes nothing, but admits newcomers whose consent is complete because
    /// another party has left.
    pub fn admit(mut self, by: DistrictCode, newcomer: DistrictCode, when: When) -> Result<Self, Problems> {
        let at = self.current_version(when.today)?;
        self.ensure_member(by, when.today)?;
        let mut problems = Problems::new();
        if let (Admission::Lead, Some(lead)) = (self.versions[at].admission, self.lead_of(at, when.today).filter(|lead| *lead != by)) {
            problems.push(refused(
                "party",
                "NOT_THE_LEAD",
                Message::new("加入由牵头方同意", "the lead party consents"),
                Message::new(format!("请由 {lead} 办理"), format!("have {lead} do it")),
            ));
        }
        let was_asked = |version: &Version| version.accessions.iter().any(|accession| accession.party.district == newcomer);
        let asked_before = self.versions[..at].iter().any(was_asked);
        let version = &mut self.versions[at];
        let Some(accession) = version.accessions.iter_mut().find(|accession| accession.party.district == newcomer) else {
            problems.push(if asked_before {
                stale(
                    "newcomer",
                    "ACCESSION_STALE",
                    Message::new(format!("{newcomer} 申请加入后协议已修订"), format!("the agreement was amended after {newcomer} had asked")),
                    Message::new("请其阅读新版本后重新申请加入", "have it read the new version and accede to that"),
                )
            } else {
                refused(
                    "newcomer",
                    "NO_ACCESSION",
                    Message::new(format!("{newcomer} 没有申请加入"), format!("{newcomer} has not asked to accede")),
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
            (Admission::Lead, None) | (Admission::All, _) => members.iter().all(|member| accession.consents.contains(member)),
        };
        let (admitted, waiting): (Vec<_>, Vec<_>) = std::mem::take(&mut self.versions[at].accessions).into_iter().partition(ready);
        self.versions[at].accessions = waiting;
        for accession in admitted {
            self.enter(at, &accession.party, today);
            self.versions[at].accession_signatures.push(accession.signature);
        }
        self
    }

    /// Adds a newcomer to the current version, from today or from the version's first day, and to the proposals that would
    /// replace it.
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
            version.parties.push(Party { joined_on: Some(joined_on), confirmation: Confirmation::Recorded, ..newcomer.clone() });
            if let Life::Proposal(proposal) = &mut version.life {
                match proposal.needs {
                    Needs::All => proposal.signers.push(district),
                    Needs::Affected if is_affected => proposal.signers.push(district),
                    Needs::Affected | Needs::Lead | Needs::NoObjection | Needs::Signatories => {}
                }
            }
        }
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
        self.clear(|suspension| suspension.party == Some(party) && suspension.contests, when.today);
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
                Message::new("请等待更正；异议消除后请确认登记", "wait for the correction, and confirm the record then"),
            ));
        }
        *confirmation = Confirmation::Contested;
        self.suspensions.push(Suspension { party: Some(party), since: when.today, until: None, cleared_on: None, contests: true, reason });
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

    /// Corrects a paper record, with a reason, if no other party has confirmed it. The recorder or a steward may do so. The
    /// parties' answers stay: a party that contested the record confirms it after the correction.
    pub fn correct(mut self, mut version: Version, by: Corrector, reason: Box<str>, when: When) -> Result<Self, Problems> {
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
        let Life::Paper(before) = &only.life else { return Err(wrong_state(only.state(when.today), "更正", "corrected").into()) };
        let mut problems: Problems = version.ensure_signed_by(when.today).err().into_iter().collect();
        match (by, before.recorder) {
            (Corrector::Steward, _) => {}
            (Corrector::Recorder(by), Some(recorder)) if by == recorder => {}
            (Corrector::Recorder(_), recorder) => {
                let (zh, en) = recorder.map_or(("平台管理员".to_owned(), "a steward".to_owned()), |code| (code.to_string(), code.to_string()));
                problems.push(refused(
                    "recorder",
                    "NOT_THE_RECORDER",
                    Message::new(format!("该记录由{zh}登记"), format!("the record was made by {en}")),
                    Message::new("请由登记方更正；有误的可提出异议", "have its recorder correct it, or contest it"),
                ));
            }
        }
        let confirmed = |party: &&Party| party.confirmation == Confirmation::Confirmed && Some(party.district) != before.recorder;
        if let Some(party) = only.parties.iter().find(confirmed) {
            problems.push(refused(
                "number",
                "CONFIRMED_BY_OTHERS",
                Message::new(format!("{} 已确认该登记", party.district), format!("{} has confirmed the record", party.district)),
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
            party.confirmation = only.party(party.district).map_or(Confirmation::Recorded, |before| before.confirmation);
        }
        version.number = only.number;
        version.base_version = only.base_version;
        self.versions[at] = version;
        Ok(self)
    }

    /// Voids a paper record that was entered in error. Electronically signed agreements cannot be voided.
    pub fn void(mut self, reason: Box<str>, when: When) -> Result<Self, Problem> {
        self.ensure_not_voided()?;
        let signed_here = |version: &Version| version.proposal().is_some() && version.state(when.today) == VersionState::Concluded;
        if self.versions.iter().any(signed_here) || !self.versions.iter().any(|version| matches!(version.life, Life::Paper(_))) {
            return Err(refused(
                "number",
                "NOT_A_PAPER_RECORD",
                Message::new("只有纸质协议的登记可以作废", "only the record of a paper agreement is made void"),
                Message::new(
                    "草稿由起草方删除，送签由送签方撤回；已签订的由各方终止，必要时平台可紧急停用",
                    "an author discards a draft and withdraws a proposal; the parties end what they signed, and the registry can stop it",
                ),
            ));
        }
        self.voided = Some(Voiding { on: when.today, reason });
        Ok(self)
    }

    /// Suspends a party, or with `None` the whole agreement (the registry's emergency stop). Suspending again changes the last
    /// day and the reason.
    pub fn suspend(mut self, party: Option<DistrictCode>, reason: Box<str>, until: Option<Date>, when: When) -> Result<Self, Problems> {
        let is_past = until.is_some_and(|until| until < when.today).then(|| {
            refused(
                "until",
                "DATES_OUT_OF_ORDER",
                Message::new("暂停截止日已过", "its last day has passed"),
                Message::new("截止日应为今天或以后", "let it be today or later"),
            )
        });
        let may = self.current_version(when.today).and_then(|_| party.map_or(Ok(()), |party| self.ensure_member(party, when.today)));
        let problems: Problems = may.err().into_iter().chain(is_past).collect();
        if !problems.is_empty() {
            return Err(problems);
        }
        // A suspension from contesting the record is separate from the party's own.
        let own = |suspension: &&mut Suspension| {
            suspension.party == party
                && !suspension.contests
                && suspension.cleared_on.is_none()
                && suspension.until.is_none_or(|until| when.today <= until)
        };
        match self.suspensions.iter_mut().find(own) {
            Some(suspension) if suspension.until == until => Err(refused(
                "party",
                "ALREADY_SUSPENDED",
                Message::new("已处于暂停状态", "it is suspended already"),
                Message::new("可另填截止日，或恢复", "give another last day, or resume it"),
            )
            .into()),
            Some(suspension) => {
                suspension.until = until;
                suspension.reason = reason;
                Ok(self)
            }
            None => {
                self.suspensions.push(Suspension { party, since: when.today, until, cleared_on: None, contests: false, reason });
                Ok(self)
            }
        }
    }

    /// Clears a party's own suspension, or with `None` the emergency stop. Other suspensions stay, including one from
    /// contesting the record.
    pub fn resume(mut self, party: Option<DistrictCode>, when: When) -> Result<Self, Problem> {
        self.ensure_not_voided()?;
        if !self.suspensions.iter().any(|suspension| suspension.party == party && suspension.applies_on(when.today)) {
            return Err(refused(
                "party",
                "NOT_SUSPENDED",
                Message::new("该方没有暂停协议", "the party has set no suspension"),
                Message::new("只有设置暂停的一方可以恢复", "only who set a suspension clears it"),
            ));
        }
        if !self.suspensions.iter().any(|suspension| suspension.party == party && !suspension.contests && suspension.applies_on(when.today)) {
            return Err(refused(
                "party",
                "CONTESTED",
                Message::new("该方对登记有异议，暂停随异议而来", "the party contests the record, and that is what suspends it"),
                Message::new("请先确认登记", "confirm the record, which clears it"),
            ));
        }
        self.clear(|suspension| suspension.party == party && !suspension.contests, when.today);
        Ok(self)
    }

    fn clear(&mut self, which: impl Fn(&Suspension) -> bool, today: Date) {
        for suspension in self.suspensions.iter_mut().filter(|suspension| which(suspension) && suspension.applies_on(today)) {
            suspension.cleared_on = Some(today);
        }
        // A suspension that is set and cleared on one day never applied.
        self.suspensions.retain(|suspension| suspension.cleared_on != Some(suspension.since));
    }

    /// Objects to the renewal, so that the agreement ends with the current period. The objection must be in time.
    pub fn oppose_renewal(mut self, party: DistrictCode, when: When) -> Result<Self, Problem> {
        let at = self.effective_version(when.today)?;
        self.ensure_member(party, when.today)?;
        let version = &self.versions[at];
        let (Some(renewal), Some(first)) = (version.renewal, version.effective_to) else {
            return Err(refused(
                "number",
                "NO_RENEWAL",
                Message::new("协议没有约定自动续期", "the agreement does not renew itself"),
                Message::new("无需反对；如需退出请告知", "nothing to do; give notice, to leave it"),
            ));
        };
        if version.objections.iter().any(|objection| objection.party == party) {
            return Err(refused(
                "party",
                "ALREADY_OPPOSED",
                Message::new("该方已反对续期", "the party has opposed the renewal"),
                Message::new("无需重复办理", "nothing to do"),
            ));
        }
        let end = version.current_end(when.today);
        if renewal.end_after_objection(first, when.today) != end && version.objections.is_empty() {
            let end = end.map_or_else(String::new, |end| end.to_string());
            let days = renewal.objection_days;
            return Err(refused(
                "number",
                "OBJECTION_PERIOD_OVER",
                Message::new(format!("反对续期须在 {end} 前 {days} 天提出"), format!("the renewal is opposed {days} days before {end}")),
                Message::new(
                    format!("协议将续期；请在 {end} 之后反对下一次续期，或告知退出"),
                    format!("it will be renewed; oppose the next renewal after {end}, or give notice"),
                ),
            ));
        }
        self.versions[at].objections.push(Objection { party, on: when.today });
        Ok(self)
    }

    /// Gives notice of withdrawal: `ends_on` is the party's last day, after the agreed notice period unless the law changed.
    /// Giving notice again changes the day.
    pub fn give_notice(mut self, party: DistrictCode, ends_on: Date, leaving: Leaving, reason: Box<str>, when: When) -> Result<Self, Problem> {
        let at = self.effective_version(when.today)?;
        self.ensure_member(party, when.today)?;
        let given = self.notices.iter().position(|notice| notice.party == party && notice.ends_on >= when.today);
        let before = given.map(|given| self.notices[given].ends_on);
        if before == Some(ends_on) {
            return Err(refused(
                "party",
                "NOTICE_GIVEN",
                Message::new(format!("该方已告知于 {ends_on} 退出"), format!("the party has given notice for {ends_on}")),
                Message::new("可另填退出日，或撤销告知", "give another last day, or revoke the notice"),
            ));
        }
        let days = match leaving {
            Leaving::InTime => self.versions[at].notice_days,
            Leaving::LawChanged => 0,
        };
        let earliest = when.today.checked_add_days(Days::new(u64::from(days))).unwrap_or(Date::MAX);
        // A later last day than the one given before is always allowed.
        let earliest = before.map_or(earliest, |before| before.min(earliest));
        if ends_on < earliest {
            return Err(refused(
                "endsOn",
                "NOTICE_TOO_SHORT",
                Message::new(format!("退出须提前 {days} 天告知"), format!("notice is given {days} days ahead")),
                Message::new(format!("最早可于 {earliest} 退出"), format!("{earliest} is the earliest last day")),
            ));
        }
        let notice = Notice { party, ends_on, law_changed: leaving == Leaving::LawChanged, reason };
        match given {
            Some(given) => self.notices[given] = notice,
            None => self.notices.push(notice),
        }
        Ok(self)
    }

    pub fn revoke_notice(mut self, party: DistrictCode, when: When) -> Result<Self, Problem> {
        self.ensure_not_voided()?;
        let given = |notice: &Notice| notice.party == party;
        match self.notices.iter().position(|notice| given(notice) && notice.ends_on >= when.today) {
            Some(at) => {
                self.notices.remove(at);
                Ok(self)
            }
            None if self.notices.iter().any(given) => Err(already_left()),
            None => Err(refused(
                "party",
                "NO_NOTICE",
                Message::new("该方没有告知退出", "the party has given no notice"),
                Message::new("无需撤销", "nothing to do"),
            )),
        }
    }
}

fn already_left() -> Problem {
    refused("party", "ALREADY_LEFT", Message::new("该方已退出", "the party has left"), Message::new("可重新申请加入", "it may accede again"))
}

/// A version as a fresh draft: without acts, and with all parties by its text.
fn drafted(version: Version, life: Life) -> Version {
    let named = |party: Party| Party { joined_on: None, earlier: Vec::new(), confirmation: Confirmation::Recorded, ..party };
    let parties = version.parties.into_iter().map(named).collect();
    Version { parties, accessions: Vec::new(), accession_signatures: Vec::new(), objections: Vec::new(), life, ..version }
}

impl Version {
    /// The author; `None` for a paper record.
    pub fn author(&self) -> Option<DistrictCode> {
        match &self.life {
            Life::Draft(draft) => Some(draft.author),
            Life::Proposal(proposal) => Some(proposal.by),
            Life::Paper(_) => None,
        }
    }

    /// The day of signing on paper must not lie in the future.
    pub fn ensure_signed_by(&self, today: Date) -> Result<(), Problem> {
        match self.life {
            Life::Paper(Paper { signed_on: Some(signed_on), .. }) if today < signed_on => Err(Problem {
                code: ProblemCode::Invalid,
                ..refused(
                    "signedOn",
                    "SIGNED_IN_THE_FUTURE",
                    Message::new(format!("签署日 {signed_on} 还没有到"), format!("the day of signing, {signed_on}, has not come")),
                    Message::new(
                        "请填写实际签署日；尚未签署的请起草送签",
                        "give the day on which it was signed; draft and propose what is not signed yet",
                    ),
                )
            }),
            Life::Draft(_) | Life::Proposal(_) | Life::Paper(_) => Ok(()),
        }
    }

    fn districts(&self) -> impl Iterator<Item = DistrictCode> + '_ {
        self.parties.iter().map(|party| party.district)
    }
}

impl AgreementClause {
    /// Whether the party is on one of the sides. An empty side means all parties.
    pub(crate) fn concerns(&self, party: DistrictCode) -> bool {
        [&self.receiving, &self.competent].into_iter().any(|side| side.is_empty() || side.contains(&party))
    }
}

/// The added, removed and changed clauses, as they were and as they are.
pub fn changed_clauses<'a>(before: &'a [AgreementClause], after: &'a [AgreementClause]) -> Vec<&'a AgreementClause> {
    diff::clauses(before, after).iter().flat_map(|change| [change.edit.before(), change.edit.after()]).flatten().collect()
}
