//! Visibility of agreements. Concluded versions are public; a proposal is visible to the parties and to the districts
//! that it asks, a draft to its author and to the districts that are consulted on it; a steward sees everything. A
//! former party sees what it saw on its last day, as it was then. What a caller may not see looks exactly like what does
//! not exist.

pub mod audience;

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::agreement::Agreement;
use crate::agreement::lifecycle::{Life, Rejection, VersionState};
use crate::agreement::membership::{AgreementOnDay, Involvement, VersionOnDay};
use crate::agreement::private::Shared;
use crate::agreement::standing::Standing;
use crate::agreement::suspension::Suspension;
use crate::agreement::version::Version;
use crate::code::DistrictCode;
use crate::document::Document;
use crate::period::Date;

/// Which caller the registry is shown to. Each district is listed with every code that it has.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Scope {
    Public,
    /// A data key (role `PARTNER`): what these districts see, without their drafts.
    Partner(BTreeSet<DistrictCode>),
    /// A caller that acts for these districts.
    Districts(BTreeSet<DistrictCode>),
    Steward,
}

impl Scope {
    /// Whether the scope covers what this district sees.
    pub fn includes(&self, district: DistrictCode) -> bool {
        match self {
            Self::Public => false,
            Self::Partner(districts) | Self::Districts(districts) => districts.contains(&district),
            Self::Steward => true,
        }
    }

    /// Whether the scope shows drafts of this district.
    fn sees_drafts_of(&self, author: DistrictCode) -> bool {
        match self {
            Self::Public | Self::Partner(_) => false,
            Self::Districts(_) | Self::Steward => self.includes(author),
        }
    }

    /// Whether a district of the scope is consulted on a draft. Data keys see no drafts.
    fn is_consulted(&self, draft: &Version, on: Date) -> bool {
        match self {
            Self::Public | Self::Partner(_) | Self::Steward => false,
            Self::Districts(districts) => districts.iter().any(|district| draft.consults(*district, on)),
        }
    }

    /// The districts that the scope covers.
    pub fn districts(&self) -> impl Iterator<Item = DistrictCode> + '_ {
        match self {
            Self::Partner(districts) | Self::Districts(districts) => Some(districts),
            Self::Public | Self::Steward => None,
        }
        .into_iter()
        .flatten()
        .copied()
    }
}

/// How much of a version is shown, in ascending order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Shown {
    Nothing,
    /// A draft on which the caller is consulted: without the remarks of others.
    Consulted,
    /// The published part: without the reasons of rejections and without pending accessions.
    Published,
    /// As it was on the last day of a party; if it was concluded since, the published part.
    AsOf(Date),
    Whole,
}

impl From<Involvement> for Shown {
    fn from(tie: Involvement) -> Self {
        match tie {
            Involvement::Never => Self::Nothing,
            Involvement::Until(last) => Self::AsOf(last),
            Involvement::Now => Self::Whole,
        }
    }
}

/// How much of an agreement is shown.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct View {
    /// Of each version.
    versions: Vec<Shown>,
    /// Of each suspension, whether its reasons are shown.
    reasons: Vec<bool>,
}

impl AgreementOnDay<'_> {
    fn view(&self, scope: &Scope) -> View {
        View { versions: self.shown_to(scope), reasons: self.reasons_shown_to(scope) }
    }

    /// Of each suspension, whether its reasons are shown: to its author, to the parties, and to stewards. A former party
    /// sees those of suspensions that began by its last day.
    fn reasons_shown_to(&self, scope: &Scope) -> Vec<bool> {
        let suspensions = &self.agreement.suspensions;
        if suspensions.is_empty() || *scope == Scope::Steward {
            return vec![true; suspensions.len()];
        }
        let tie = scope.districts().map(|district| self.party(district)).max().unwrap_or(Involvement::Never);
        let is_named = |party| self.versions.iter().any(|of| of.version.party(party).is_some());
        let is_shown = |suspension: &Suspension| {
            suspension.party.is_some_and(|party| scope.includes(party) && is_named(party))
                || match tie {
                    Involvement::Now => true,
                    Involvement::Until(last) => suspension.since <= last,
                    Involvement::Never => false,
                }
        };
        suspensions.iter().map(is_shown).collect()
    }

    fn shown_to(&self, scope: &Scope) -> Vec<Shown> {
        let bound: Vec<(DistrictCode, Involvement)> =
            scope.districts().map(|district| (district, self.bound(district))).collect();
        let shown = |of: &VersionOnDay<'_>| match &of.version.life {
            _ if *scope == Scope::Steward => Shown::Whole,
            Life::Draft(draft) if scope.sees_drafts_of(draft.author) => Shown::Whole,
            Life::Draft(_) if scope.is_consulted(of.version, self.day) => Shown::Consulted,
            Life::Draft(_) => Shown::Nothing,
            Life::Proposal(_) | Life::Paper(_) => {
                let own = bound
                    .iter()
                    .map(|(district, bound)| self.sees(of, *district, *bound))
                    .max()
                    .unwrap_or(Involvement::Never);
                Shown::from(own).max(if of.is_published { Shown::Published } else { Shown::Nothing })
            }
        };
        self.versions.iter().map(shown).collect()
    }

    /// The visible part of the agreement.
    fn showing(&self, view: &View, scope: &Scope) -> Option<Cow<'_, Agreement>> {
        let seen: Vec<Option<Cow<'_, Version>>> =
            self.versions.iter().zip(&view.versions).map(|(of, shown)| of.shown(*shown, scope)).collect();
        if seen.iter().all(Option::is_none) {
            return None;
        }
        let discarded = self.agreement.discarded.filter(|discarded| scope.sees_drafts_of(discarded.author));
        let suspensions = &self.agreement.suspensions;
        let hides_reasons = suspensions.iter().zip(&view.reasons).any(|(known, shown)| !shown && known.has_reasons());
        if discarded == self.agreement.discarded
            && !hides_reasons
            && seen.iter().all(|version| matches!(version, Some(Cow::Borrowed(_))))
        {
            return Some(Cow::Borrowed(self.agreement));
        }
        let versions = seen.into_iter().flatten().map(Cow::into_owned).collect();
        let part = |(known, shown): (&Suspension, &bool)| if *shown { known.clone() } else { known.without_reasons() };
        let suspensions = suspensions.iter().zip(&view.reasons).map(part).collect();
        Some(Cow::Owned(Agreement { versions, suspensions, discarded, ..self.agreement.clone() }))
    }

    /// Whether a document is visible. Parties, and districts that are asked, see all documents; a former party those
    /// attached by its last day; everybody the released ones of a published agreement.
    fn shows(&self, document: &Document, scope: &Scope) -> bool {
        let is_shown = |shown: &Shown| match shown {
            Shown::Nothing => false,
            Shown::Consulted | Shown::Published => document.released,
            Shown::AsOf(last) => {
                document.attached_on <= *last || document.released && self.versions.iter().any(|of| of.is_published)
            }
            Shown::Whole => true,
        };
        // A draft of its own does not give a district access to the documents of the agreement.
        let drafts_alone = self.versions.iter().all(|of| matches!(of.version.life, Life::Draft(_)));
        let counts = |of: &VersionOnDay<'_>| drafts_alone || !matches!(of.version.life, Life::Draft(_));
        self.versions.iter().zip(self.shown_to(scope)).any(|(of, shown)| counts(of) && is_shown(&shown))
    }
}

impl<'a> VersionOnDay<'a> {
    fn shown(&self, shown: Shown, scope: &Scope) -> Option<Cow<'a, Version>> {
        match shown {
            Shown::Nothing => None,
            Shown::Consulted | Shown::Whole => Some(without_private(Cow::Borrowed(self.version), Shared::Whole, scope)),
            Shown::AsOf(last) if self.state != VersionState::Concluded => {
                Some(without_private(Cow::Owned(as_of(self.version, last, scope)), Shared::Until(last), scope))
            }
            Shown::AsOf(last) => {
                Some(without_private(published(self.version, Some(last), scope), Shared::Until(last), scope))
            }
            Shown::Published => Some(without_private(published(self.version, None, scope), Shared::Nothing, scope)),
        }
    }
}

fn without_private<'a>(version: Cow<'a, Version>, shared: Shared, scope: &Scope) -> Cow<'a, Version> {
    let includes = |district| scope.includes(district);
    match version {
        Cow::Borrowed(version) => version.without_private(&includes, shared),
        Cow::Owned(version) => Cow::Owned(version.without_private(&includes, shared).into_owned()),
    }
}

/// The published part of a version. A district that was asked until a day keeps the reasons that it could read.
fn published<'a>(version: &'a Version, last: Option<Date>, scope: &Scope) -> Cow<'a, Version> {
    let is_hidden = |rejection: &Rejection| {
        let was_read = last.is_some_and(|last| rejection.on <= last);
        !rejection.reason.is_empty() && !was_read && !scope.includes(rejection.party)
    };
    let hides_reasons = version.proposal().is_some_and(|proposal| proposal.rejections.iter().any(is_hidden));
    let hides_newcomers = version.accessions.iter().any(|accession| !scope.includes(accession.party.district));
    if !hides_reasons && !hides_newcomers {
        return Cow::Borrowed(version);
    }
    let mut version = version.clone();
    version.accessions.retain(|accession| scope.includes(accession.party.district));
    if let Life::Proposal(proposal) = &mut version.life {
        proposal
            .rejections
            .iter_mut()
            .filter(|rejection| is_hidden(rejection))
            .for_each(|rejection| (rejection.reason, rejection.remarks) = ("".into(), Vec::new()));
    }
    Cow::Owned(version)
}

/// A version that was not concluded, as of a day: later answers are left out, and its state is that of the day.
fn as_of(version: &Version, last: Date, scope: &Scope) -> Version {
    let mut version = version.clone();
    // Admitted newcomers stay: their accession is published.
    version.accessions.retain(|accession| scope.includes(accession.party.district));
    if let Life::Proposal(proposal) = &mut version.life {
        let was = |day: Date| day <= last;
        proposal.signatures.retain(|signature| was(signature.on));
        proposal.rejections.retain(|rejection| was(rejection.on));
        proposal.withdrawn_on = proposal.withdrawn_on.filter(|day| was(*day));
        proposal.superseded_on = proposal.superseded_on.filter(|day| was(*day));
    }
    version.known_until = Some(last);
    version
}

impl Agreement {
    /// Whether it is public: it has a concluded version that binds two parties.
    pub fn is_public(&self, today: Date) -> bool {
        AgreementOnDay::new(self, today).versions.iter().any(|of| of.is_published)
    }

    /// The part of the agreement that the scope shows; `None`: to this caller it does not exist.
    pub fn seen_by(&self, scope: &Scope, today: Date) -> Option<Cow<'_, Self>> {
        let on = AgreementOnDay::new(self, today);
        match on.showing(&on.view(scope), scope)? {
            Cow::Borrowed(_) => Some(Cow::Borrowed(self)),
            Cow::Owned(seen) => Some(Cow::Owned(seen)),
        }
    }

    /// Whether the scope shows a document of the agreement.
    pub fn shows(&self, document: &Document, scope: &Scope, today: Date) -> bool {
        AgreementOnDay::new(self, today).shows(document, scope)
    }

    /// The day up to which its history is visible, today at the latest.
    pub fn known_on(&self, today: Date) -> Date {
        self.versions.iter().map(|version| version.known_until.unwrap_or(today)).max().unwrap_or(today).min(today)
    }

    /// The standing on a day, derived from the published part, so it is the same for every caller.
    pub fn published_standing(&self, on: Date, today: Date) -> Standing {
        match (self.seen_by(&Scope::Public, today), &self.voided) {
            (Some(published), _) => published.standing(on),
            (None, Some(_)) => Standing::Voided,
            (None, None) => Standing::NotConcluded,
        }
    }

    /// The agreement as of the end of a day: states are those of that day.
    #[must_use]
    pub fn known_until(mut self, day: Date) -> Self {
        for version in &mut self.versions {
            version.known_until = Some(version.known_until.map_or(day, |known| known.min(day)));
        }
        self
    }
}

#[cfg(test)]
mod tests;
