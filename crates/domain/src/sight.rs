//! Who may see what of an agreement. What is concluded is published; what is proposed is for the parties, a
//! draft for its author; the steward sees all. What one may not see looks exactly like what does not exist.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use crate::agreement::{Agreement, Version, VersionState};
use crate::code::DistrictCode;
use crate::document::Document;
use crate::life::Life;
use crate::period::Date;

/// Through whose eyes the registry is looked at.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Eyes {
    /// Anybody's.
    Public,
    /// Of those who act for these districts, by every code that they bear.
    Districts(BTreeSet<DistrictCode>),
    /// The steward's.
    Steward,
}

impl Eyes {
    /// Are they those of somebody who acts for this district?
    pub fn are_of(&self, district: DistrictCode) -> bool {
        match self {
            Self::Public => false,
            Self::Districts(districts) => districts.contains(&district),
            Self::Steward => true,
        }
    }
}

/// Who may read an entry of the journal; stewards may read all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Readers {
    Everybody,
    Only(BTreeSet<DistrictCode>),
}

impl Readers {
    /// Is there somebody among them who is not among others?
    pub fn exceed(&self, others: &Self) -> bool {
        match (self, others) {
            (_, Self::Everybody) => false,
            (Self::Everybody, Self::Only(_)) => true,
            (Self::Only(these), Self::Only(those)) => !these.is_subset(those),
        }
    }
}

/// What is shown of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Shown {
    Nothing,
    /// As it is published: without the reasons of those who did not join, and without waiting newcomers.
    Published,
    Whole,
}

impl Agreement {
    /// Is everybody allowed to see it: has it a concluded version that binds two parties?
    pub fn is_public(&self, today: Date) -> bool {
        self.versions.iter().any(|version| is_published(version, today))
    }

    /// What these eyes see of it; `None`: for them it does not exist.
    pub fn seen_by(&self, eyes: &Eyes, today: Date) -> Option<Cow<'_, Self>> {
        self.showing(&self.shown_to(eyes, today), eyes)
    }

    fn shown_to(&self, eyes: &Eyes, today: Date) -> Vec<Shown> {
        let members: BTreeSet<DistrictCode> =
            self.concluded(today).into_iter().flat_map(|version| &version.parties).map(|party| party.district).collect();
        let is_member = members.iter().any(|member| eyes.are_of(*member));
        let shown = |version: &Version| {
            let mut asked = version
                .parties
                .iter()
                .map(|party| party.district)
                .chain(version.proposal().into_iter().flat_map(|proposal| proposal.signers.iter().copied()));
            let is_asked = is_member || asked.any(|party| eyes.are_of(party));
            match &version.life {
                _ if *eyes == Eyes::Steward => Shown::Whole,
                Life::Draft(draft) if eyes.are_of(draft.author) => Shown::Whole,
                Life::Draft(_) => Shown::Nothing,
                Life::Proposal(_) | Life::Paper(_) if is_asked => Shown::Whole,
                Life::Proposal(_) | Life::Paper(_) if is_published(version, today) => Shown::Published,
                Life::Proposal(_) | Life::Paper(_) => Shown::Nothing,
            }
        };
        self.versions.iter().map(shown).collect()
    }

    /// Do these eyes see a document of it? Who sees a version whole sees them all, everybody else what was released
    /// of what is published.
    pub fn shows(&self, document: &Document, eyes: &Eyes, today: Date) -> bool {
        let shown = self.shown_to(eyes, today);
        shown.contains(&Shown::Whole) || document.released && shown.contains(&Shown::Published)
    }

    fn showing(&self, shown: &[Shown], eyes: &Eyes) -> Option<Cow<'_, Self>> {
        if shown.iter().all(|shown| *shown == Shown::Nothing) {
            return None;
        }
        let hides = |(version, shown): (&Version, &Shown)| match shown {
            Shown::Nothing => true,
            Shown::Published => {
                !version.accessions.is_empty()
                    || version.proposal().is_some_and(|proposal| proposal.rejections.iter().any(|rejection| !rejection.reason.is_empty()))
            }
            Shown::Whole => false,
        };
        let discarded = self.discarded.filter(|discarded| eyes.are_of(discarded.author));
        if discarded == self.discarded && !self.versions.iter().zip(shown).any(hides) {
            return Some(Cow::Borrowed(self));
        }
        let show = |(version, shown): (&Version, &Shown)| match shown {
            Shown::Nothing => None,
            Shown::Whole => Some(version.clone()),
            Shown::Published => {
                let mut version = version.clone();
                version.accessions.retain(|accession| eyes.are_of(accession.party.district));
                if let Life::Proposal(proposal) = &mut version.life {
                    proposal.rejections.iter_mut().for_each(|rejection| rejection.reason = "".into());
                }
                Some(version)
            }
        };
        let versions = self.versions.iter().zip(shown).filter_map(show).collect();
        Some(Cow::Owned(Self { versions, discarded, ..self.clone() }))
    }
}

/// Whom a change of a document concerns: those who see it before or after.
pub fn readers_of_document(agreement: &Agreement, before: Option<&Document>, after: Option<&Document>, today: Date) -> Readers {
    let sees_it = |eyes: &Eyes| [before, after].into_iter().flatten().any(|document| agreement.shows(document, eyes, today));
    if sees_it(&Eyes::Public) {
        return Readers::Everybody;
    }
    let named: BTreeSet<DistrictCode> = agreement.named().into_iter().collect();
    Readers::Only(named.into_iter().filter(|district| sees_it(&Eyes::Districts(BTreeSet::from([*district])))).collect())
}

/// Whom a change of an agreement concerns: those for whom something changed that they may see.
pub fn readers(before: Option<&Agreement>, after: Option<&Agreement>, today: Date) -> Readers {
    let both = [before, after];
    let differs = |eyes: &Eyes| {
        let [before, after] = both.map(|agreement| agreement.and_then(|agreement| agreement.seen_by(eyes, today)));
        before != after
    };
    if differs(&Eyes::Public) {
        return Readers::Everybody;
    }
    // Hundreds of parties see the same; it is compared once for all who do.
    let mut compared: HashMap<_, bool> = HashMap::new();
    let mut sees_it = |district: &DistrictCode| {
        let eyes = Eyes::Districts(BTreeSet::from([*district]));
        let look = both.map(|agreement| agreement.map(|agreement| agreement.shown_to(&eyes, today)));
        let accedes = |agreement: &Agreement| {
            agreement.versions.iter().any(|version| version.accessions.iter().any(|accession| accession.party.district == *district))
        };
        let newcomer = both.into_iter().flatten().any(accedes).then_some(*district);
        *compared.entry((look, newcomer)).or_insert_with(|| differs(&eyes))
    };
    let named: BTreeSet<DistrictCode> = both.into_iter().flatten().flat_map(Agreement::named).collect();
    Readers::Only(named.into_iter().filter(|district| sees_it(district)).collect())
}

impl Agreement {
    /// Every district that has, or may get, a say in it.
    pub fn named(&self) -> Vec<DistrictCode> {
        let of = |version: &Version| {
            let mut named: Vec<DistrictCode> = version.parties.iter().map(|party| party.district).collect();
            named.extend(version.accessions.iter().map(|accession| accession.party.district));
            match &version.life {
                Life::Draft(draft) => named.push(draft.author),
                Life::Proposal(proposal) => {
                    named.push(proposal.by);
                    named.extend(&proposal.signers);
                }
                Life::Paper(paper) => named.extend(paper.recorder),
            }
            named
        };
        self.versions.iter().flat_map(of).collect()
    }
}

/// Concluded, and it binds two parties at least: what one side recorded alone is not published.
fn is_published(version: &Version, today: Date) -> bool {
    version.state(today) == VersionState::Concluded && version.members().count() >= 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::act::When;
    use crate::reading;

    fn agreement() -> Agreement {
        let value = serde_json::json!({
            "title": "试点协议", "signedOn": "2021-05-28",
            "parties": [{"district": "440115"}, {"district": "310112"}], "schedule": [],
        });
        let mut problems = Vec::new();
        let submission = reading::read(&value, &mut problems, Agreement::read).flatten().expect("it reads");
        assert_eq!(problems, []);
        submission.numbered("TB-2021-000001".parse().expect("a number"))
    }

    fn eyes(code: &str) -> Eyes {
        Eyes::Districts(BTreeSet::from([code.parse().expect("a code")]))
    }

    #[test]
    fn a_draft_is_its_authors_a_proposal_the_parties_and_the_rest_everybodys() {
        let today = Date::from_ymd_opt(2026, 11, 23).expect("a day");
        let paper = agreement();
        assert!(matches!(paper.seen_by(&Eyes::Public, today), Some(Cow::Borrowed(_))));
        let draft = paper.latest().clone();
        let author = "440115".parse().expect("a code");
        let drafted = paper.clone().amend(Version { title: "修订".into(), ..draft }, 1, author, today).expect("it may");
        let seen = |agreement: &Agreement, eyes: &Eyes| agreement.seen_by(eyes, today).map_or(0, |seen| seen.versions.len());
        assert_eq!([&Eyes::Public, &eyes("440115"), &eyes("310112"), &Eyes::Steward].map(|eyes| seen(&drafted, eyes)), [1, 2, 1, 2]);
        assert_eq!(readers(Some(&paper), Some(&drafted), today), Readers::Only(BTreeSet::from([author])));
        let when = When { at: chrono::DateTime::UNIX_EPOCH, today };
        let proposed = drafted.clone().propose(2, today, when).expect("it may");
        assert_eq!([&Eyes::Public, &eyes("440115"), &eyes("310112"), &eyes("320583")].map(|eyes| seen(&proposed, eyes)), [1, 2, 2, 1]);
        let parties = BTreeSet::from(["440115", "310112"].map(|code| code.parse().expect("a code")));
        assert_eq!(readers(Some(&drafted), Some(&proposed), today), Readers::Only(parties));
        assert_eq!(readers(None, Some(&paper), today), Readers::Everybody);
    }
}
