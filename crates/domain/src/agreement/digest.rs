//! The digest of a version: what the parties sign.

use serde::Serialize;

use crate::agreement::clause::AgreementClause;
use crate::agreement::lifecycle::{Needs, Renewal};
use crate::agreement::party::Party;
use crate::agreement::version::{Admission, AmendmentRule, ConclusionRule, Version, is_default_objection_days};
use crate::clause::Extent;
use crate::code::{AgreementNumber, DistrictCode};
use crate::journal::Digest;
use crate::period::Date;

impl Version {
    /// SHA-256 over the canonical JSON (RFC 8785) of the agreed content. Number and version are part of it, so that a
    /// signature cannot be moved to another version. Fields that later releases add are omitted if absent.
    pub fn digest(&self, number: AgreementNumber) -> Digest {
        #[derive(Serialize)]
        struct AgreedParty {
            district: DistrictCode,
            extent: Extent,
        }
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Agreed<'a> {
            format: u32,
            number: AgreementNumber,
            version: u32,
            #[serde(skip_serializing_if = "Option::is_none")]
            base_version: Option<u32>,
            title: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            document_number: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            effective_from: Option<Date>,
            #[serde(skip_serializing_if = "Option::is_none")]
            effective_to: Option<Date>,
            amendment_rule: AmendmentRule,
            concludes: ConclusionRule,
            admission: Admission,
            notice_days: u32,
            /// Omitted if it is the default.
            #[serde(skip_serializing_if = "is_default_objection_days")]
            objection_days: u32,
            #[serde(skip_serializing_if = "Option::is_none")]
            renewal: Option<Renewal>,
            #[serde(skip_serializing_if = "Option::is_none")]
            run_out: Option<&'a str>,
            lead: DistrictCode,
            #[serde(skip_serializing_if = "Option::is_none")]
            framework: Option<AgreementNumber>,
            #[serde(skip_serializing_if = "Option::is_none")]
            replaces: Option<AgreementNumber>,
            parties: Vec<AgreedParty>,
            schedule: Vec<AgreementClause>,
        }
        // Newcomers are not part of the signed content: no party signs again for them.
        let original = self.parties.iter().filter(|party| self.is_by_text(party));
        let mut parties: Vec<_> =
            original.map(|party| AgreedParty { district: party.district, extent: party.extent }).collect();
        parties.sort_by_key(|party| party.district);
        let sorted = |codes: &[DistrictCode]| {
            let mut codes = codes.to_vec();
            codes.sort_unstable();
            codes.into_boxed_slice()
        };
        let schedule = self.schedule.iter().map(|clause| AgreementClause {
            receiving: sorted(&clause.receiving),
            competent: sorted(&clause.competent),
            ..clause.clone()
        });
        let agreed = Agreed {
            format: 1,
            number,
            version: self.number,
            base_version: self.base_version,
            title: &self.title,
            document_number: self.document_number.as_deref(),
            effective_from: self.effective_from,
            effective_to: self.effective_to,
            amendment_rule: self.amendment_rule,
            concludes: self.concludes,
            admission: self.admission,
            notice_days: self.notice_days,
            objection_days: self.objection_days,
            renewal: self.renewal,
            run_out: self.run_out.as_deref(),
            lead: self.lead,
            framework: self.framework,
            replaces: self.replaces,
            parties,
            schedule: schedule.collect(),
        };
        let canonical = serde_jcs::to_vec(&agreed).expect("text, numbers and lists always have a canonical form");
        Digest::of(&canonical)
    }

    /// Whether the party is part of the signed content, and not a newcomer.
    pub fn is_by_text(&self, party: &Party) -> bool {
        let came_back = party.earlier.first().is_some_and(|earlier| earlier.from.is_none());
        // It was asked to sign, and joined later.
        let asked = self
            .proposal()
            .is_some_and(|proposal| proposal.needs == Needs::Signatories && proposal.signers.contains(&party.district));
        party.joined_on.is_none() || came_back || asked
    }

    /// Whether the digested content is equal, apart from the number, the base and the order of clauses.
    pub(crate) fn has_content_of(&self, other: &Self, number: AgreementNumber) -> bool {
        let content = |version: &Self| {
            let mut version = Self { number: 1, base_version: None, ..version.clone() };
            version.schedule.sort_by(|a, b| a.key.cmp(&b.key));
            version.digest(number)
        };
        content(self) == content(other)
    }
}
