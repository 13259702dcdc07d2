//! Supersession: a proposal lapses when another version is concluded over its base.

use crate::agreement::Agreement;
use crate::agreement::lifecycle::Life;
use crate::agreement::version::Version;
use crate::period::Date;

impl Agreement {
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

    /// Recomputes which proposals are superseded by another: by one that is concluded, or by one whose conclusion is
    /// only a matter of time.
    pub(super) fn with_supersessions(mut self) -> Self {
        for version in &mut self.versions {
            if let Life::Proposal(proposal) = &mut version.life {
                proposal.superseded_on = None;
            }
        }
        let mut due: Vec<(Date, u32)> = self
            .versions
            .iter()
            .filter_map(|version| Some((version.proposal()?.concluded_on(version.objection_days)?, version.number)))
            .collect();
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
                    self.superseded_day(version, &concluded)
                        .filter(|day| version.proposal().is_some_and(|proposal| *day <= proposal.answer_by)),
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
        if let Some(Life::Proposal(proposal)) =
            self.versions.iter_mut().find(|version| version.number == number).map(|version| &mut version.life)
        {
            proposal.superseded_on = on;
        }
    }
}
