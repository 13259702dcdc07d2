//! Drafts: making, amending, revising and discarding them.

use crate::agreement::lifecycle::{Draft, LapseReason, Life, VersionState};
use crate::agreement::party::{Confirmation, Party};
use crate::agreement::refusal::{refused, superseded, wrong_state};
use crate::agreement::version::Version;
use crate::agreement::{Agreement, Discarded};
use crate::code::{AgreementNumber, DistrictCode};
use crate::period::Date;
use crate::problem::{Message, Problem, Problems};
use crate::visibility::Scope;

impl Agreement {
    /// A new agreement with a draft. The author must be a party.
    pub fn drafted(number: AgreementNumber, draft: Version) -> Result<Self, Problem> {
        match draft.author() {
            Some(author) if !draft.may_name(author) => Err(refused(
                "proposer",
                "NOT_A_PARTY",
                Message::new(format!("起草方 {author} 不是签约方"), format!("the proposer {author} is not a party")),
                Message::new(
                    "请由签约方之一起草，或将起草方列为签约方",
                    "have one of the parties draft it, or name the proposer as a party",
                ),
            )),
            Some(_) | None => Ok(Self::of_one_version(number, draft)),
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
        let mut drafts = self
            .versions
            .iter()
            .filter(|version| matches!(&version.life, Life::Draft(draft) if draft.author == author));
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

    /// Adds a draft that amends a concluded or a proposed version; with base `0`, a draft that corrects a first version
    /// that was never concluded.
    pub fn amend(mut self, version: Version, base: u32, author: DistrictCode, on: Date) -> Result<Self, Problems> {
        let problems: Problems =
            [self.ensure_not_ended(on), self.ensure_base(base, on)].into_iter().filter_map(Result::err).collect();
        if !problems.is_empty() {
            return Err(problems);
        }
        let at = if base == 0 { self.index(self.corrected(on)?.number)? } else { self.index(base)? };
        self.ensure_may_amend(at, author, on)
            .map_err(|problem| Problem { path: vec!["proposer".to_owned()], ..problem })?;
        let base_version = (base > 0).then_some(base);
        let draft =
            Version { number: self.next_number(), base_version, ..drafted(version, Life::Draft(Draft { author })) };
        self.versions.push(draft);
        self.forget_discarded();
        Ok(self)
    }

    /// The version that a draft with base `0` corrects: the newest that was proposed, if it was rejected, withdrawn or
    /// lapsed and nothing is concluded.
    pub fn corrected(&self, on: Date) -> Result<&Version, Problem> {
        let at = |problem: Problem| Problem { path: vec!["baseVersion".to_owned()], ..problem };
        if let Some(concluded) = self.concluded(on) {
            return Err(superseded("baseVersion", Some(concluded.number)));
        }
        let newest = self.versions.iter().rev().find(|version| !matches!(version.life, Life::Draft(_)));
        let Some(newest) = newest else { return Err(at(wrong_state(VersionState::Draft, "作为基准", "a base"))) };
        match newest.state(on) {
            VersionState::Rejected | VersionState::Withdrawn | VersionState::Lapsed => Ok(newest),
            state @ (VersionState::Draft | VersionState::Proposed | VersionState::Concluded) => {
                Err(at(wrong_state(state, "作为基准", "a base")))
            }
        }
    }

    /// The base of a draft is the current version, a proposal that it answers, or `0` for a correction.
    pub(super) fn ensure_base(&self, base: u32, on: Date) -> Result<(), Problem> {
        if base == 0 {
            return self.corrected(on).map(|_| ());
        }
        let at = self.index(base).map_err(|problem| Problem { path: vec!["baseVersion".to_owned()], ..problem })?;
        let newest = self.concluded(on).map(|concluded| concluded.number);
        match self.versions[at].state(on) {
            VersionState::Proposed => Ok(()),
            VersionState::Lapsed if self.versions[at].lapse_reason(on) == Some(LapseReason::Superseded) => {
                Err(superseded("baseVersion", newest))
            }
            VersionState::Concluded if newest == Some(base) => Ok(()),
            VersionState::Concluded => Err(superseded("baseVersion", newest)),
            state @ (VersionState::Draft | VersionState::Rejected | VersionState::Withdrawn | VersionState::Lapsed) => {
                Err(Problem { path: vec!["baseVersion".to_owned()], ..wrong_state(state, "作为基准", "a base") })
            }
        }
    }

    /// Replaces the content of a draft, and rebases it if another base is given. `None`, or its own base, keeps the
    /// base, even a superseded one: only proposing is refused then. A draft that is rebased on a version with a greater
    /// number gets the next number and becomes the last version.
    pub fn revise_draft(
        mut self,
        number: u32,
        version: Version,
        base: Option<u32>,
        author: DistrictCode,
        on: Date,
    ) -> Result<Self, Problem> {
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
        let held = &self.versions[at];
        let mut draft = Version { number, base_version: base, ..drafted(version, held.life.clone()) };
        let is_edited = draft != Version { office: None, ..held.clone() };
        draft.office.clone_from(&held.office);
        if is_edited {
            draft.void_approval();
        }
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

    pub(super) fn ensure_author(
        &self,
        at: usize,
        author: DistrictCode,
        zh: &str,
        en: &str,
        on: Date,
    ) -> Result<(), Problem> {
        match &self.versions[at].life {
            Life::Draft(draft) if draft.author == author => Ok(()),
            Life::Draft(draft) => Err(refused(
                "proposer",
                "NOT_THE_AUTHOR",
                Message::new(format!("草稿由 {} 起草", draft.author), format!("the draft is {}'s", draft.author)),
                Message::new(format!("只有起草方可以{zh}"), format!("a draft can be {en} only by its author")),
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
}

/// A version as a fresh draft: without acts, and with all parties by its text.
fn drafted(version: Version, life: Life) -> Version {
    let named =
        |party: Party| Party { joined_on: None, earlier: Vec::new(), confirmation: Confirmation::Recorded, ..party };
    let parties = version.parties.into_iter().map(named).collect();
    Version {
        parties,
        accessions: Vec::new(),
        accession_signatures: Vec::new(),
        objections: Vec::new(),
        office: None,
        life,
        ..version
    }
}
