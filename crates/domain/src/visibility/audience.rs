//! The audiences of journal entries: who may read an entry follows from what its change shows to whom.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Scope, Shown, View};
use crate::agreement::Agreement;
use crate::agreement::lifecycle::VersionState;
use crate::agreement::membership::{AgreementOnDay, VersionOnDay};
use crate::code::DistrictCode;
use crate::document::Document;
use crate::period::Date;

/// Which callers of a district may read an entry of the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DistrictReaders {
    /// Callers that see its drafts.
    Clerks,
    /// Data keys as well, which do not see drafts.
    Partners,
}

impl DistrictReaders {
    /// An entry for data keys is for clerks too, even if it is new to the keys alone because it was a draft before.
    fn of(clerks: bool, partners: bool) -> Option<Self> {
        match (clerks, partners) {
            (_, true) => Some(Self::Partners),
            (true, false) => Some(Self::Clerks),
            (false, false) => None,
        }
    }
}

/// The callers that may read an entry of the journal. Stewards may read all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryAudience {
    Everybody,
    Only(BTreeMap<DistrictCode, DistrictReaders>),
}

/// The audience of a change: everybody if it is visible to the public, else the named districts for which `differs` is
/// true.
fn audience_where(named: BTreeSet<DistrictCode>, differs: impl Fn(&Scope) -> bool) -> EntryAudience {
    if differs(&Scope::Public) {
        return EntryAudience::Everybody;
    }
    let readership = |district: DistrictCode| {
        let own = BTreeSet::from([district]);
        let (clerks, partners) = (differs(&Scope::Districts(own.clone())), differs(&Scope::Partner(own)));
        DistrictReaders::of(clerks, partners).map(|readership| (district, readership))
    };
    EntryAudience::Only(named.into_iter().filter_map(readership).collect())
}

/// The audience of a change of a document: callers that see it before or after.
pub fn audience_of_document(
    agreement: &Agreement,
    before: Option<&Document>,
    after: Option<&Document>,
    today: Date,
) -> EntryAudience {
    let on = AgreementOnDay::new(agreement, today);
    audience_where(agreement.named().into_iter().collect(), |scope| {
        [before, after].into_iter().flatten().any(|document| on.shows(document, scope))
    })
}

/// The callers for which a document becomes visible or invisible because its agreement or the day changed; `None`: for
/// no one.
pub fn audience_of_document_visibility(
    document: &Document,
    before: (&Agreement, Date),
    after: (&Agreement, Date),
) -> Option<EntryAudience> {
    let (was, is) = (AgreementOnDay::new(before.0, before.1), AgreementOnDay::new(after.0, after.1));
    let named = before.0.named().into_iter().chain(after.0.named()).collect();
    let readers = audience_where(named, |scope| was.shows(document, scope) != is.shows(document, scope));
    Some(readers).filter(|readers| !matches!(readers, EntryAudience::Only(nobody) if nobody.is_empty()))
}

/// The audience of a lapse: callers that saw the proposal open on the day before.
pub fn audience_of_lapse(agreement: &Agreement, day: Date) -> EntryAudience {
    let lapsed =
        |of: &VersionOnDay<'_>| of.state != VersionState::Lapsed && of.version.state(day) == VersionState::Lapsed;
    audience_of_end(agreement, day, Shown::Whole, lapsed)
}

/// The audience of the end of a consultation: callers that saw the draft on the day before.
pub fn audience_of_consultation_end(agreement: &Agreement, day: Date) -> EntryAudience {
    let ended = |of: &VersionOnDay<'_>| of.version.consultation_ends_before(day);
    audience_of_end(agreement, day, Shown::Consulted, ended)
}

/// Callers that saw, on the day before, at least so much of a version that ended then.
fn audience_of_end(
    agreement: &Agreement,
    day: Date,
    least: Shown,
    ended: impl Fn(&VersionOnDay<'_>) -> bool,
) -> EntryAudience {
    let on = AgreementOnDay::new(agreement, day.pred_opt().unwrap_or(day));
    let saw_it =
        |scope: &Scope| on.versions.iter().zip(on.shown_to(scope)).any(|(of, shown)| shown >= least && ended(of));
    audience_where(agreement.named().into_iter().collect(), saw_it)
}

/// The audience of a change of an agreement: callers for which the visible part changes.
pub fn audience_of_change(before: Option<&Agreement>, after: Option<&Agreement>, today: Date) -> EntryAudience {
    let both = [before, after].map(|agreement| agreement.map(|agreement| AgreementOnDay::new(agreement, today)));
    let differs = |scope: &Scope, look: &[Option<View>; 2]| {
        let seen =
            |at: usize| both[at].as_ref().zip(look[at].as_ref()).and_then(|(on, shown)| on.showing(shown, scope));
        seen(0) != seen(1)
    };
    let look = |scope: &Scope| [0, 1].map(|at: usize| both[at].as_ref().map(|on| on.view(scope)));
    if differs(&Scope::Public, &look(&Scope::Public)) {
        return EntryAudience::Everybody;
    }
    // Hundreds of parties see the same, so each distinct view is compared once. A district with hidden content of its
    // own has a view of its own.
    let mut compared: HashMap<_, bool> = HashMap::new();
    let speaks = |agreement: &Agreement, district: DistrictCode| {
        let discarded = agreement.discarded.is_some_and(|discarded| discarded.author == district);
        discarded
            || agreement.versions.iter().any(|version| {
                version.has_private_of(district)
                    || version.accessions.iter().any(|accession| accession.party.district == district)
                    || version.proposal().is_some_and(|proposal| proposal.has_rejected(district))
            })
    };
    let mut sees_it = |scope: &Scope, district: DistrictCode| {
        let look = look(scope);
        let speaker =
            [before, after].into_iter().flatten().any(|agreement| speaks(agreement, district)).then_some(district);
        *compared.entry((look.clone(), speaker)).or_insert_with(|| differs(scope, &look))
    };
    let named: BTreeSet<DistrictCode> = [before, after].into_iter().flatten().flat_map(Agreement::named).collect();
    let readership = |district: DistrictCode| {
        let own = BTreeSet::from([district]);
        let (clerks, partners) =
            (sees_it(&Scope::Districts(own.clone()), district), sees_it(&Scope::Partner(own), district));
        DistrictReaders::of(clerks, partners).map(|readership| (district, readership))
    };
    EntryAudience::Only(named.into_iter().filter_map(readership).collect())
}
