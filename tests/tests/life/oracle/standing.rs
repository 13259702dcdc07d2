//! When a version applies, and the standing of an agreement.

use domain::Date;

use super::{Agreement, Party, Version};

impl Version {
    pub(super) fn first_day(&self) -> Option<Option<Date>> {
        let concluded = self.concluded_on?;
        Some(if self.proposal.is_some() {
            self.effective_from.max(concluded)
        } else {
            self.effective_from.or(concluded)
        })
    }

    pub(super) fn has_begun(&self, on: Date) -> bool {
        self.first_day().is_some_and(|first| first.is_none_or(|first| first <= on))
    }

    pub(crate) fn binds(&self, party: &Party) -> bool {
        let has_agreed = party.signed.is_some() || party.joined_on.is_some();
        !self.is_draft && (!self.recorder || party.confirmed) && (!self.needs("SIGNATORIES") || has_agreed)
    }

    pub(super) fn is_published(&self, today: Date) -> bool {
        let is_concluded =
            self.concluded_on.is_some_and(|on| self.proposal.is_none() || on.is_some_and(|on| on <= today));
        is_concluded && self.parties.iter().filter(|party| self.binds(party)).count() >= 2
    }
}

impl Agreement {
    pub(super) fn begun(&self, on: Date, today: Date) -> Option<&Version> {
        self.versions
            .iter()
            .filter(|version| version.is_published(today) && version.has_begun(on))
            .max_by_key(|version| version.number)
    }

    pub(super) fn in_force(&self, on: Date, today: Date) -> Option<&Version> {
        self.begun(on, today).filter(|version| !self.voided && version.effective_to.is_none_or(|to| on <= to))
    }

    /// The version that a newcomer accedes to: the newest concluded one, unless the agreement has ended. It reads the
    /// one in force, and must read again if a newer one is concluded.
    pub(super) fn current(&self, today: Date) -> Option<&Version> {
        let newest = self.versions.iter().filter(|version| version.is_published(today)).max_by_key(|it| it.number)?;
        let has_ended = matches!(self.standing(today, today), "VOIDED" | "EXPIRED" | "TERMINATED");
        let is_in_force = self.in_force(today, today).is_some_and(|version| version.number == newest.number);
        (!has_ended && is_in_force).then_some(newest)
    }

    pub(super) fn is_member(&self, version: &Version, party: &Party, on: Date) -> bool {
        let left = self.has_left(party, on);
        let joined = party.joined_on.is_none_or(|joined| joined <= on);
        version.binds(party) && (party.earlier.iter().any(|days| days.has(on)) || joined && !left)
    }

    /// Its last day is over, and it has not come back since.
    pub(super) fn has_left(&self, party: &Party, on: Date) -> bool {
        let back = party.signed.max(party.joined_on);
        self.notices
            .iter()
            .any(|(who, last)| *who == party.district && back.is_none_or(|back| back <= *last) && *last < on)
    }

    /// Whether a party, or with `None` the whole agreement, is suspended with everything.
    pub(super) fn is_flagged(&self, party: Option<usize>, on: Date) -> bool {
        self.flags.iter().any(|flag| flag.party == party && !flag.has_scope() && flag.applies(on))
    }

    /// The standing on a day.
    pub(crate) fn standing(&self, on: Date, today: Date) -> &'static str {
        if self.voided {
            return "VOIDED";
        }
        let Some(version) = self.begun(on, today) else {
            let is_coming = |version: &Version| {
                version.is_published(today) && version.concluded_on.flatten().is_none_or(|concluded| concluded <= on)
            };
            return if self.versions.iter().any(is_coming) { "SCHEDULED" } else { "NOT_CONCLUDED" };
        };
        let members =
            |on: Date| version.parties.iter().filter(|party| self.is_member(version, party, on)).collect::<Vec<_>>();
        // It ends when fewer than two parties remain: on the day after a party's last day.
        let first = version.first_day().flatten().unwrap_or(Date::MIN);
        let leavings = self.notices.iter().filter_map(|(_, last)| last.succ_opt()).map(|after| after.max(first));
        let terminated = leavings.filter(|after| *after <= on && members(*after).len() < 2).min();
        let expired = version.effective_to.filter(|to| *to < on);
        match (expired, terminated) {
            (Some(to), Some(after)) if after <= to => "TERMINATED",
            (Some(_), _) => "EXPIRED",
            (None, Some(_)) => "TERMINATED",
            (None, None) => {
                let free = members(on).into_iter().filter(|party| !self.is_flagged(Some(party.district), on)).count();
                if self.is_flagged(None, on) || free < 2 { "SUSPENDED" } else { "IN_FORCE" }
            }
        }
    }
}
