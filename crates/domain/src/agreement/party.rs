//! Parties of an agreement, and pending accessions.

use serde::Serialize;

use crate::agreement::lifecycle::Signature;
use crate::clause::Extent;
use crate::code::{CreditCode, DistrictCode};
use crate::matter::MatterDomain;
use crate::period::{Date, Period};
use crate::reading::Reader;
use crate::words::words;

words! {
    /// A party's answer to a paper record.
    Confirmation {
        Recorded = "RECORDED", "待确认", "recorded, not yet confirmed";
        Confirmed = "CONFIRMED", "已确认", "confirmed";
        Contested = "CONTESTED", "有异议", "contested";
    }
}

/// A party of an agreement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Party {
    pub district: DistrictCode,
    pub extent: Extent,
    /// The bodies that signed for it; not part of the agreed content.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub bodies: Vec<SigningBody>,
    /// A newcomer's first day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub joined_on: Option<Date>,
    /// Earlier periods of membership, if it left and rejoined.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<Period>,
    pub confirmation: Confirmation,
}

/// A body that signs for a party, and the domains that it signs for; empty: all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SigningBody {
    pub name: Box<str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credit_code: Option<CreditCode>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub domains: Vec<MatterDomain>,
}

/// A newcomer that has signed the digest of the current version, with the consents so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Accession {
    pub party: Party,
    pub signature: Signature,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub consents: Vec<DistrictCode>,
}

impl Accession {
    pub(super) fn read(r: &mut Reader<'_>) -> Option<Self> {
        let party = r.object("party", Party::read);
        let signature = r.object("signature", Signature::read).flatten();
        let consents = r.codes("consents");
        Some(Self { party: party?, signature: signature?, consents })
    }
}

impl Party {
    pub(super) fn read(r: &mut Reader<'_>) -> Self {
        let party = Self::named(r);
        let joined_on = r.date("joinedOn");
        let earlier = r.objects("earlier", |r| r.period("validFrom", "validTo"));
        let confirmation = r.optional_word("confirmation").unwrap_or(Confirmation::Recorded);
        Self { joined_on, earlier, confirmation, ..party }
    }

    /// Reads a party from a form, which has no fields for the day of joining and the confirmation.
    pub fn named(r: &mut Reader<'_>) -> Self {
        let district = r.code("district").unwrap_or(DistrictCode::UNREAD);
        let extent = r.optional_word("extent").unwrap_or(Extent::Itself);
        let bodies = r.objects("bodies", |r| SigningBody {
            name: r.name("name", 200).into(),
            credit_code: r.optional_code("creditCode"),
            domains: r.words("domains"),
        });
        Self { district, extent, bodies, joined_on: None, earlier: Vec::new(), confirmation: Confirmation::Recorded }
    }
}
