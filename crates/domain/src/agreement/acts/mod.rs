//! The acts on an agreement: each takes the agreement and returns the next one, or the problems that forbid the act.

mod accession;
mod approval;
mod bodies;
mod consent;
mod consultation;
mod draft;
mod notice;
mod paper;
mod proposal;
mod relation;
mod reminder;
mod renewal;
mod schedule;
mod supersession;
mod suspension;

use chrono::{DateTime, Utc};

use crate::agreement::Agreement;
use crate::agreement::lifecycle::VersionState;
use crate::agreement::party::Party;
use crate::agreement::refusal::{already_left, ended, no_such_version, not_a_party, refused};
use crate::agreement::version::Version;
use crate::code::DistrictCode;
use crate::period::Date;
use crate::problem::{Message, Problem};

pub use self::approval::Decision;
pub use self::bodies::Opinion;
pub use self::consent::{Rejecting, Signing, changed_clauses};
pub use self::notice::Leaving;
pub use self::paper::Corrector;
pub use self::proposal::Withdrawer;
pub use self::relation::{check_framework, check_replaces};

/// The time of an act: the timestamp, and the day in China.
#[derive(Debug, Clone, Copy)]
pub struct When {
    pub at: DateTime<Utc>,
    pub today: Date,
}

impl Agreement {
    fn index(&self, number: u32) -> Result<usize, Problem> {
        self.versions.iter().position(|version| version.number == number).ok_or_else(|| no_such_version(number))
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
                Message::new(
                    format!("该协议记录已于 {} 作废", voided.on),
                    format!("the record has been void since {}", voided.on),
                ),
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

    /// The index of the newest concluded version, whether it has begun or not, of an agreement that has not ended.
    fn current_version(&self, on: Date) -> Result<usize, Problem> {
        self.ensure_not_voided()?;
        self.ensure_not_ended(on)?;
        let concluded =
            self.concluded(on).filter(|version| version.members().count() >= 2).map(|version| version.number);
        concluded.and_then(|number| self.versions.iter().position(|version| version.number == number)).ok_or_else(
            || {
                refused(
                    "number",
                    "NOT_CONCLUDED",
                    Message::new("协议尚未签订", "the agreement is not concluded"),
                    Message::new("请待签订后再办理", "wait until it is"),
                )
            },
        )
    }

    /// The index of the effective version on a day, else of the newest concluded one.
    fn effective_version(&self, on: Date) -> Result<usize, Problem> {
        let newest = self.current_version(on)?;
        let begun = self
            .version_begun(on)
            .and_then(|begun| self.versions.iter().position(|version| version.number == begun.number));
        Ok(begun.unwrap_or(newest))
    }

    /// Only members may act: parties that the effective or the newest concluded version binds.
    fn ensure_member(&self, party: DistrictCode, on: Date) -> Result<(), Problem> {
        let versions = [self.version_begun(on), self.concluded(on)];
        let of = |version: &Version| self.members_of(version, on).any(|member| member == party);
        if versions.into_iter().flatten().any(of) {
            return Ok(());
        }
        if versions.into_iter().flatten().any(|version| version.party(party).is_some_and(|party| version.binds(party)))
        {
            return Err(already_left());
        }
        Err(not_a_party(party))
    }

    /// The parties that a version binds now or once it begins; of a proposal, all named districts.
    fn members_of<'a>(&'a self, version: &'a Version, on: Date) -> impl Iterator<Item = DistrictCode> + 'a {
        let is_concluded = version.state(on) == VersionState::Concluded;
        let member = move |party: &&Party| {
            !is_concluded || (version.binds(party) && !self.membership(version, party, on).ended_before(on))
        };
        version.parties.iter().filter(member).map(|party| party.district)
    }
}
