//! Explains a negative answer. Called after `coverage` found no applicable clause, or the offerings allow none, and
//! decides nothing.

mod agreement;
mod policy;
pub(crate) mod suspended;
pub(crate) mod text;

use crate::between::Between;
use crate::handle::Handle;
use crate::handling::reason::{Reason, grouped};
use crate::offering::OfferingsOf;
use crate::snapshot::Snapshot;

/// Why a basis has no applicable clause between two districts.
enum Explanation {
    /// It is not common to the two: it never has both districts among its parties or in its territories.
    NotCommon,
    Because(Reason),
    /// The basis itself gives no reason.
    None,
}

impl Snapshot {
    /// Why no clause applies between two districts for a matter.
    pub(super) fn why_not_covered(&self, between: &Between<'_>, m: Handle) -> Vec<Reason> {
        let Between { receiving, competent, on, .. } = *between;
        let (has_common_basis, mut reasons) = self.reasons_of_bases(between, Some(m));
        if !has_common_basis {
            reasons.push(self.no_common_basis(receiving, competent));
        }
        let matter = &self.matter_at(m).matter;
        if !matter.is_active(on) {
            reasons.push(text::matter_retired(matter));
        }
        let retired = [receiving, competent].into_iter().filter(|district| self.is_retired(*district, on));
        reasons.extend(retired.map(|district| self.district_retired(district)));
        if !has_common_basis {
            let split = self.split_before(receiving, on).into_iter().chain(self.split_before(competent, on));
            reasons.extend(split.map(|district| self.district_retired(district)));
        }
        reasons
    }

    /// Why the offerings of the competent district do not allow a matter that clauses cover.
    pub(super) fn why_not_offered(&self, between: &Between<'_>, m: Handle, offerings: &OfferingsOf) -> Vec<Reason> {
        let (_, mut reasons) = self.reasons_of_bases(between, Some(m));
        reasons.push(self.not_offered(offerings, m, between.competent));
        reasons
    }

    /// Why nothing at all is available between two districts.
    pub(crate) fn reasons_between(&self, between: &Between<'_>) -> Vec<Reason> {
        let (has_common_basis, mut reasons) = self.reasons_of_bases(between, None);
        if !has_common_basis {
            reasons.push(self.no_common_basis(between.receiving, between.competent));
        }
        let retired = [between.receiving, between.competent]
            .into_iter()
            .filter(|district| self.is_retired(*district, between.on));
        reasons.extend(retired.map(|district| self.district_retired(district)));
        grouped(reasons)
    }

    /// Whether the two have a common basis, and the reasons of their bases; without a matter, those that concern all
    /// matters.
    fn reasons_of_bases(&self, between: &Between<'_>, matter: Option<Handle>) -> (bool, Vec<Reason>) {
        let agreements = self.common_agreements(between).into_iter().filter_map(|at| self.agreement_at(at));
        let of_agreements = agreements.map(|entry| self.explain_agreement(entry, between, matter));
        let of_policies = self.policies.iter().map(|entry| self.explain_policy(entry, between, matter));
        let (mut has_common_basis, mut reasons) = (false, Vec::new());
        for explanation in of_agreements.chain(of_policies) {
            has_common_basis |= !matches!(explanation, Explanation::NotCommon);
            if let Explanation::Because(reason) = explanation {
                reasons.push(reason);
            }
        }
        (has_common_basis, reasons)
    }
}
