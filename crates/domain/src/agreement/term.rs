//! The state of a version on a day, its term, and the parties that it binds.

use crate::agreement::lifecycle::{LapseReason, Life, Needs, Proposal, Signature, VersionState};
use crate::agreement::party::{Confirmation, Party};
use crate::agreement::version::Version;
use crate::code::DistrictCode;
use crate::period::{Date, Period};

impl Version {
    /// The state of the version on a day.
    pub fn state(&self, on: Date) -> VersionState {
        let on = self.known_until.map_or(on, |last| last.min(on));
        match &self.life {
            Life::Draft(_) => VersionState::Draft,
            Life::Proposal(proposal) => proposal.state(self.objection_days, on),
            Life::Paper(_) => VersionState::Concluded,
        }
    }

    /// Why it has lapsed; `None` if it has not.
    pub fn lapse_reason(&self, on: Date) -> Option<LapseReason> {
        let proposal = self.proposal().filter(|_| self.state(on) == VersionState::Lapsed)?;
        Some(if proposal.is_superseded(on) { LapseReason::Superseded } else { LapseReason::AnswerByPassed })
    }

    pub fn proposal(&self) -> Option<&Proposal> {
        match &self.life {
            Life::Proposal(proposal) => Some(proposal),
            Life::Draft(_) | Life::Paper(_) => None,
        }
    }

    /// The day on which a paper record was entered; if unknown, the day of the signature.
    pub fn recorded_on(&self) -> Option<Date> {
        match &self.life {
            Life::Paper(paper) => paper.recorded_on.or(paper.signed_on),
            Life::Draft(_) | Life::Proposal(_) => None,
        }
    }

    /// The day of the conclusion.
    pub fn signed_on(&self) -> Option<Date> {
        match &self.life {
            Life::Draft(_) => None,
            Life::Proposal(proposal) => proposal.concluded_on(self.objection_days),
            Life::Paper(paper) => paper.signed_on,
        }
    }

    /// The period of a concluded version: from the stated day, else the day of the last signature. A version that is
    /// concluded after its stated day begins with the conclusion; a paper record keeps its dates. With automatic
    /// renewal it has no end until a party objects.
    pub fn term(&self) -> Option<Period> {
        let from = match &self.life {
            Life::Draft(_) => return None,
            Life::Paper(paper) => self.effective_from.or(paper.signed_on),
            Life::Proposal(_) => self
                .signed_on()
                .map(|concluded| Some(self.effective_from.map_or(concluded, |stated| stated.max(concluded))))?,
        };
        Some(Period::new(from, self.last_day()))
    }

    /// The last day, if there is one: with automatic renewal there is none until a party objects.
    fn last_day(&self) -> Option<Date> {
        let last = self.effective_to?;
        match self.renewal {
            None => Some(last),
            Some(renewal) => {
                self.objections.iter().filter_map(|objection| renewal.end_after_objection(last, objection.on)).min()
            }
        }
    }

    /// The last day of the current period on a day. It may be renewed after that.
    pub fn current_end(&self, on: Date) -> Option<Date> {
        let first = self.effective_to?;
        let running = self.renewal.map_or(Some(first), |renewal| renewal.ends_from(first, on).next())?;
        Some(self.last_day().map_or(running, |last| last.min(running)))
    }

    /// The last day as of a day: with automatic renewal the end of the current period; before the conclusion the stated
    /// day.
    pub fn ends_on(&self, on: Date) -> Option<Date> {
        if self.term().is_some() { self.current_end(on) } else { self.effective_to }
    }

    /// The confirmation of a party: in a paper record its answer, else derived from the signatures.
    pub fn confirmation_of(&self, party: &Party) -> Confirmation {
        match &self.life {
            Life::Paper(_) => party.confirmation,
            Life::Proposal(proposal)
                if proposal.has_signed(party.district) || (self.signed_on().is_some() && self.binds(party)) =>
            {
                Confirmation::Confirmed
            }
            Life::Draft(_) | Life::Proposal(_) => Confirmation::Recorded,
        }
    }

    /// Whether the version binds the party. Under the rule "signatories" only parties that signed are bound; a paper
    /// record that a party recorded binds only the parties that confirmed it.
    pub fn binds(&self, party: &Party) -> bool {
        match &self.life {
            Life::Draft(_) => false,
            Life::Paper(paper) => paper.recorder.is_none() || party.confirmation == Confirmation::Confirmed,
            Life::Proposal(proposal) => {
                proposal.needs != Needs::Signatories || party.joined_on.is_some() || proposal.has_signed(party.district)
            }
        }
    }

    /// All electronic signatures: of the signers, then of the newcomers.
    pub fn signatures(&self) -> impl Iterator<Item = &Signature> {
        self.proposal().into_iter().flat_map(|proposal| &proposal.signatures).chain(&self.accession_signatures)
    }

    /// The parties that have not answered a paper record.
    pub fn unconfirmed(&self) -> impl Iterator<Item = &Party> {
        let is_paper = matches!(self.life, Life::Paper(_));
        self.parties.iter().filter(move |party| is_paper && party.confirmation == Confirmation::Recorded)
    }

    /// The parties that are bound.
    pub fn members(&self) -> impl Iterator<Item = &Party> {
        self.parties.iter().filter(|party| self.binds(party))
    }

    /// The author; `None` for a paper record.
    pub fn author(&self) -> Option<DistrictCode> {
        match &self.life {
            Life::Draft(draft) => Some(draft.author),
            Life::Proposal(proposal) => Some(proposal.by),
            Life::Paper(_) => None,
        }
    }
}
