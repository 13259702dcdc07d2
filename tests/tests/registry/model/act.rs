//! The acts that the parties of a random history try, and the resulting versions.

use std::collections::BTreeMap;

use domain::Date;
use proptest::prelude::*;

/// An act that is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    /// Based on a version; without an agreement, a first draft.
    Amend,
    Revise,
    Discard,
    Propose,
    Withdraw,
    Sign,
    /// With a digest that is not the version's.
    SignAnother,
    Reject,
    UndoRejection,
    Suspend,
    Resume,
    GiveNotice,
    RevokeNotice,
    Stop,
    Release,
}

/// A step of a history: an act of one of three parties, on a version counted back from the newest.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    Try {
        act: Act,
        by: usize,
        back: u32,
        again: bool,
    },
    /// The author proposes it if it is a draft, and all three try to sign, beginning with one of them.
    Agree {
        first: usize,
        back: u32,
    },
    Pass(u64),
}

pub(super) fn step() -> impl Strategy<Value = Step> {
    let act = prop_oneof![
        8 => Just(Act::Amend), 1 => Just(Act::Revise), 1 => Just(Act::Discard), 5 => Just(Act::Propose), 1 => Just(Act::Withdraw),
        3 => Just(Act::Sign), 1 => Just(Act::SignAnother), 2 => Just(Act::Reject), 2 => Just(Act::UndoRejection), 3 => Just(Act::Suspend),
        2 => Just(Act::Resume), 3 => Just(Act::GiveNotice), 1 => Just(Act::RevokeNotice), 1 => Just(Act::Stop), 1 => Just(Act::Release),
    ];
    // The newest version and the party that drafted it are the most frequent.
    let back = prop_oneof![4 => Just(0_u32), 3 => Just(1), 1 => Just(2)];
    let by = prop_oneof![2 => Just(0_usize), 1 => Just(1), 1 => Just(2)];
    prop_oneof![
        8 => (act, by, back.clone(), proptest::bool::weighted(0.2)).prop_map(|(act, by, back, again)| Step::Try { act, by, back, again }),
        3 => (0..3_usize, back).prop_map(|(first, back)| Step::Agree { first, back }),
        2 => (1..16_u64).prop_map(Step::Pass),
    ]
}

/// A version in the model. Every version names all three parties and has another title, so all three must sign.
#[derive(Debug, Clone)]
pub(super) struct Version {
    pub(super) base: Option<u32>,
    pub(super) author: usize,
    pub(super) proposed_on: Option<Date>,
    /// The deadline for answers, once it is proposed.
    pub(super) answer_by: Option<Date>,
    pub(super) signed: BTreeMap<usize, Date>,
    pub(super) rejected: BTreeMap<usize, Date>,
    pub(super) withdrawn_on: Option<Date>,
}

impl Version {
    pub(super) fn draft(base: Option<u32>, author: usize) -> Self {
        Self {
            base,
            author,
            proposed_on: None,
            answer_by: None,
            signed: BTreeMap::new(),
            rejected: BTreeMap::new(),
            withdrawn_on: None,
        }
    }

    /// The version without later acts.
    pub(super) fn as_of(&self, last: Date) -> Self {
        let mut version = self.clone();
        version.signed.retain(|_, on| *on <= last);
        version.rejected.retain(|_, on| *on <= last);
        version.withdrawn_on = version.withdrawn_on.filter(|on| *on <= last);
        version
    }
}

/// Until when a district is a party, is asked, or sees something. `Until` is the last day, which has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tie {
    Never,
    Until(Date),
    Now,
}

impl Tie {
    pub(super) fn until(last: Option<Date>, today: Date) -> Self {
        last.filter(|last| *last < today).map_or(Self::Now, Self::Until)
    }
}
