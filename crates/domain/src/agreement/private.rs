//! What one district alone sees of a version: its approval, the opinions of its bodies, the paper behind its signature,
//! and its remarks on the draft of another district.

use std::borrow::Cow;

use crate::agreement::lifecycle::{Life, Signature};
use crate::agreement::office::{ApprovalState, Office};
use crate::agreement::remark::Remark;
use crate::agreement::version::Version;
use crate::calendar::day_in_china;
use crate::code::DistrictCode;
use crate::period::Date;

/// Which remarks, and which other work of an office, a caller sees beside its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shared {
    /// Those between the parties.
    Whole,
    /// Those that a former party could read on its last day.
    Until(Date),
    Nothing,
}

impl Version {
    pub fn office(&self) -> &Office {
        const NONE: &Office = &Office::NONE;
        self.office.as_deref().unwrap_or(NONE)
    }

    pub(super) fn change_office(&mut self, change: impl FnOnce(&mut Office)) {
        let mut office = self.office.take().map(|office| *office).unwrap_or_default();
        change(&mut office);
        self.office = (office != Office::NONE).then(|| Box::new(office));
    }

    /// An edit of a draft voids what was submitted or approved before. Why it was given back stays readable.
    pub(super) fn void_approval(&mut self) {
        self.change_office(|office| {
            office.approval.take_if(|approval| approval.state != ApprovalState::GivenBack);
        });
    }

    /// Whether the draft is shown to a district for its remarks.
    pub fn consults(&self, district: DistrictCode, on: Date) -> bool {
        let Life::Draft(_) = self.life else { return false };
        let consultation = self.office().consultation.as_ref();
        consultation.is_some_and(|consultation| consultation.runs(on) && consultation.with.contains(&district))
    }

    /// The districts that are or were consulted on the draft.
    pub fn consulted(&self) -> impl Iterator<Item = DistrictCode> + '_ {
        let of_draft = matches!(self.life, Life::Draft(_)).then(|| self.office().consultation.as_ref()).flatten();
        of_draft.into_iter().flat_map(|consultation| consultation.with.iter().copied())
    }

    /// Whether the draft was consulted on until the day before.
    pub(crate) fn consultation_ends_before(&self, day: Date) -> bool {
        self.consultation_end() == Some(day)
    }

    /// The day after the consultation on the draft.
    pub(super) fn consultation_end(&self) -> Option<Date> {
        let Life::Draft(_) = self.life else { return None };
        self.office().consultation.as_ref()?.answer_by.succ_opt()
    }

    /// All remarks, those of rejections included, in the order in which they were made.
    pub fn remarks(&self) -> Vec<&Remark> {
        let rejections = self.proposal().into_iter().flat_map(|proposal| &proposal.rejections);
        let mut remarks: Vec<&Remark> =
            self.office().remarks.iter().chain(rejections.flat_map(|rejection| &rejection.remarks)).collect();
        remarks.sort_by_key(|remark| remark.at);
        remarks
    }

    /// Whether the district has something on the version that others do not see.
    pub(crate) fn has_private_of(&self, district: DistrictCode) -> bool {
        let office = self.office();
        let is_author = self.author() == Some(district);
        is_author && (office.approval.is_some() || office.remarks.iter().any(|remark| remark.on_draft))
            || office.remarks.iter().any(|remark| remark.party == district)
            || office.body_opinions.iter().any(|given| given.party == district)
            || self.signatures().any(|signature| signature.party == district && signature.has_paper())
    }

    /// The version without what other districts alone see. `includes`: the districts of the caller.
    pub(crate) fn without_private(&self, includes: &dyn Fn(DistrictCode) -> bool, shared: Shared) -> Cow<'_, Self> {
        let owns = self.author().is_some_and(includes);
        let shows_remark = |remark: &Remark| {
            includes(remark.party)
                || remark.on_draft && owns
                || !remark.on_draft
                    && match shared {
                        Shared::Whole => true,
                        Shared::Until(last) => day_in_china(remark.at) <= last,
                        Shared::Nothing => false,
                    }
        };
        let shows_reminders_of = |on: Date| match shared {
            Shared::Whole => true,
            Shared::Until(last) => on <= last,
            Shared::Nothing => false,
        };
        let hides_paper = |signature: &Signature| signature.has_paper() && !includes(signature.party);
        let office = self.office();
        let hides_office = office.approval.is_some() && !owns
            || office.consultation.is_some() && shared == Shared::Nothing
            || office.remarks.iter().any(|remark| !shows_remark(remark))
            || office.body_opinions.iter().any(|given| !includes(given.party))
            || office.reminders.iter().any(|sent| !shows_reminders_of(sent.on));
        if !hides_office && !self.signatures().any(hides_paper) {
            return Cow::Borrowed(self);
        }
        let mut version = self.clone();
        version.change_office(|office| {
            office.approval.take_if(|_| !owns);
            office.consultation.take_if(|_| shared == Shared::Nothing);
            office.remarks.retain(shows_remark);
            office.body_opinions.retain(|given| includes(given.party));
            office.reminders.retain(|sent| shows_reminders_of(sent.on));
        });
        let signatures = match &mut version.life {
            Life::Proposal(proposal) => &mut proposal.signatures[..],
            Life::Draft(_) | Life::Paper(_) => &mut [],
        };
        for signature in signatures.iter_mut().chain(&mut version.accession_signatures) {
            if hides_paper(signature) {
                (signature.approval_number, signature.approved_on) = (None, None);
            }
        }
        Cow::Owned(version)
    }
}
