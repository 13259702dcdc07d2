//! Acts on agreements, a file for each group. This file has their common parts.

pub mod accession;
pub mod document;
pub mod draft;
pub mod import;
pub mod notice;
pub mod office;
pub mod paper;
pub mod proposal;
pub mod stop;
pub mod suspension;

use std::collections::BTreeMap;

use chrono::Datelike as _;
use domain::agreement::lifecycle::VersionState;
use domain::journal::Action;
use domain::reading::Reader;
use domain::{
    Agreement, AgreementNumber, Date, DistrictCode, Party, Problem, Record, RecordKind, Recorded, Role, Scope, Version,
};

use super::writing::unknown;
use crate::acts::writing::Writing;
use crate::acts::{Abort, Saved};
use crate::error::Error;
use crate::request_context::RequestContext;

const MAX_REASON: usize = 2_000;
const MAX_VERSION: u32 = 1_000_000;

/// The number of the agreement. `None`: it could not be read.
fn number(r: &mut Reader<'_>) -> Option<AgreementNumber> {
    r.code("number")
}

/// The number of the version. `None`: it could not be read.
fn version(r: &mut Reader<'_>) -> Option<u32> {
    r.readable_number("version", MAX_VERSION)
}

fn party(r: &mut Reader<'_>) -> DistrictCode {
    r.code("party").unwrap_or(DistrictCode::UNREAD)
}

fn reason(r: &mut Reader<'_>) -> String {
    r.line("reason", MAX_REASON)
}

/// A required day. One that cannot be read becomes the last of all days, which no rule refuses as too early.
fn day(r: &mut Reader<'_>, field: &'static str) -> Date {
    r.require(field);
    r.date(field).unwrap_or(Date::MAX)
}

impl Writing<'_> {
    /// The stored agreement, if the caller may see it.
    async fn seen(&mut self, number: AgreementNumber) -> Result<Option<Recorded<Agreement>>, Abort> {
        let held = self.work.agreement(number).await?;
        Ok(held.filter(|agreement| agreement.seen_by(&self.request.scope, self.today()).is_some()))
    }

    /// The stored agreement that the act is about; notes a problem if there is none that the caller may see.
    async fn agreement(&mut self, number: Option<AgreementNumber>) -> Result<Option<Agreement>, Abort> {
        let Some(number) = number else { return Ok(None) };
        let Some(held) = self.seen(number).await? else {
            self.note(unknown(RecordKind::Agreement, "number"));
            return Ok(None);
        };
        if self.expects() {
            // Compared with the newest change that the caller may see, so that hidden changes stay hidden.
            let newest = self.work.last_seen(held.id.number(), &self.request.reading()).await?;
            self.expect(newest.unwrap_or_else(|| held.id.number()));
        }
        Ok(Some(held.record))
    }

    /// The stored agreement and the number of one of its versions, if the caller may see both.
    async fn version(
        &mut self,
        number: Option<AgreementNumber>,
        version: Option<u32>,
    ) -> Result<Option<(Agreement, u32)>, Abort> {
        let agreement = self.agreement(number).await?;
        Ok(agreement.zip(version).filter(|(agreement, version)| self.sees(agreement, *version, "version")))
    }

    /// Notes a problem if the caller may not see this version.
    fn sees(&mut self, agreement: &Agreement, version: u32, field: &str) -> bool {
        let sees =
            agreement.seen_by(&self.request.scope, self.today()).is_some_and(|seen| seen.version(version).is_some());
        if !sees {
            self.note(Problem { path: vec![field.to_owned()], ..domain::agreement::refusal::no_such_version(version) });
        }
        sees
    }

    /// The same for a version of which the caller is the author.
    async fn own(
        &mut self,
        number: Option<AgreementNumber>,
        version: Option<u32>,
    ) -> Result<Option<(Agreement, u32)>, Abort> {
        let Some((agreement, version)) = self.version(number, version).await? else { return Ok(None) };
        if self.noted(agreement.ensure_own(version, &self.request.scope)).is_none() {
            return Ok(None);
        }
        self.work.on_behalf_of(agreement.version(version).and_then(Version::author));
        Ok(Some((agreement, version)))
    }

    /// The party for which the act is done, with the code that the agreement uses. An unreadable code is replaced by
    /// the caller's own district.
    fn party(&self, agreement: &Agreement, named: DistrictCode) -> DistrictCode {
        let own = self.request.viewer.district.unwrap_or(agreement.latest().lead);
        self.as_written(agreement, if named.is_unread() { own } else { named })
    }

    /// A district with the code that the agreement uses.
    fn as_written(&self, agreement: &Agreement, meant: DistrictCode) -> DistrictCode {
        self.as_named(agreement.versions.iter().rev().flat_map(|version| &version.parties), meant)
    }

    /// A district with the code that one of these parties uses.
    fn as_named<'p>(&self, parties: impl Iterator<Item = &'p Party>, meant: DistrictCode) -> DistrictCode {
        let id = |code| self.request.snapshot.district(code).map(|district| district.id);
        let Some(district) = id(meant) else { return meant };
        parties.map(|party| party.district).find(|code| *code == meant || id(*code) == Some(district)).unwrap_or(meant)
    }

    /// A version with the codes of districts as its parties use them. Checks that each party is named once, its
    /// framework, the agreement it replaces, and all its references. `before`: the stored agreement.
    async fn settled(
        &mut self,
        number: Option<AgreementNumber>,
        mut version: Version,
        before: Option<&Agreement>,
    ) -> Result<Version, Abort> {
        let request = self.request;
        let id = |code| request.snapshot.district(code).map(|district| district.id);
        let problems = version.normalize_codes(|party, code| id(party).is_some_and(|party| id(code) == Some(party)));
        self.note_all(problems);
        let mut named = BTreeMap::new();
        for (at, party) in version.parties.iter().enumerate() {
            let Some(district) = id(party.district) else { continue };
            if let Some(other) = named.insert(district, party.district).filter(|other| *other != party.district) {
                self.note(domain::agreement::refusal::party_twice(at, party.district, other));
            }
        }
        if let Some(framework) = version.framework {
            let above = self.line_of(framework, Agreement::framework).await?;
            self.noted(domain::agreement::acts::check_framework(number, framework, |at| {
                above.get(&at).copied().flatten()
            }));
        }
        if let Some(replaces) = version.replaces {
            let replaced = self.line_of(replaces, Agreement::replaces).await?;
            self.noted(domain::agreement::acts::check_replaces(number, replaces, |at| {
                replaced.get(&at).copied().flatten()
            }));
        }
        self.names(&version.references(), before).await?;
        Ok(version)
    }

    /// The chain of agreements from `first` on, each with the next one; `None`: the caller sees no such agreement.
    async fn line_of(
        &mut self,
        first: AgreementNumber,
        follow: impl Fn(&Agreement) -> Option<AgreementNumber> + Send,
    ) -> Result<BTreeMap<AgreementNumber, Option<Option<AgreementNumber>>>, Abort> {
        let mut line = BTreeMap::new();
        let mut next = Some(first);
        while let Some(at) = next.filter(|at| !line.contains_key(at)) {
            let seen = self.seen(at).await?.map(|held| follow(&held.record));
            line.insert(at, seen);
            next = seen.flatten();
        }
        Ok(line)
    }

    /// The number of a new agreement.
    fn next_number(&mut self) -> Result<AgreementNumber, Abort> {
        let year = u16::try_from(self.today().year()).ok();
        let number = year.and_then(|year| self.work.next_agreement_number(year));
        number.ok_or_else(|| Abort::Error(Error::Internal("the numbers of agreements are used up".to_owned())))
    }

    /// Does the caller act for a district as its registrar?
    fn is_registrar_of(&self, district: DistrictCode) -> bool {
        let RequestContext { viewer, snapshot, today, .. } = self.request;
        viewer.roles.contains(&Role::Registrar) && viewer.districts(snapshot, *today).contains(&district)
    }

    /// What the caller may see.
    fn scope(&self) -> &Scope {
        &self.request.scope
    }

    async fn save_agreement(&mut self, agreement: Option<Agreement>, action: Action) -> Result<Option<Saved>, Abort> {
        self.save(agreement.map(|agreement| Record::Agreement(Box::new(agreement))), action).await
    }

    /// Saves the result of an act on a version.
    async fn save_version(
        &mut self,
        agreement: Option<Agreement>,
        version: u32,
        action: Action,
    ) -> Result<Option<Saved>, Abort> {
        Ok(self.save_agreement(agreement, action).await?.map(|saved| saved.about(version)))
    }

    /// Saves the result of an act on the concluded version.
    async fn save_standing(&mut self, agreement: Option<Agreement>, action: Action) -> Result<Option<Saved>, Abort> {
        let standing =
            agreement.as_ref().and_then(|agreement| agreement.concluded(self.today())).map(|version| version.number);
        let saved = self.save_agreement(agreement, action).await?;
        Ok(saved.map(|saved| Saved { version: standing.or(saved.version), ..saved }))
    }

    /// Saves the result of a signature, an answer or a consent. If the version is concluded by it, that is the recorded
    /// action.
    async fn save_answer(
        &mut self,
        agreement: Option<Agreement>,
        version: u32,
        action: Action,
        was: VersionState,
    ) -> Result<Option<Saved>, Abort> {
        let is = agreement
            .as_ref()
            .and_then(|agreement| agreement.version(version))
            .map(|version| version.state(self.today()));
        let action = if was != VersionState::Concluded && is == Some(VersionState::Concluded) {
            Action::Concluded
        } else {
            action
        };
        self.save_version(agreement, version, action).await
    }
}

fn state(agreement: &Agreement, version: u32, today: Date) -> VersionState {
    agreement.version(version).map_or(VersionState::Draft, |version| version.state(today))
}
