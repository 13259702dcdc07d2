//! Parts of inputs that several nouns share. The names are those of import lines.

use async_graphql::{InputObject, OneofObject};

use super::scalar::{CreditCode, Date, DistrictCode, MatterCode, Url};
use super::words::{Extent, HandlingMode, MatterDomain, Payer, WindowTask};

/// Where a record comes from.
#[derive(Debug, InputObject)]
pub struct ProvenanceInput {
    /// The document, site or data set.
    source: Option<String>,
    /// Under which licence it may be used.
    licence: Option<String>,
    /// Made up for a demonstration.
    #[graphql(default_with = "Some(false)")]
    synthetic: Option<bool>,
}

/// A code that a district bears or bore.
#[derive(Debug, InputObject)]
pub struct DatedCodeInput {
    /// `GB/T 2260`, `NBS` for the statistics pseudo-codes of zones, `TONGBAN` for codes given by this registry …
    scheme: String,
    /// The code.
    value: String,
    /// Its first day.
    from: Option<Date>,
    /// Its last day.
    to: Option<Date>,
}

/// Another district, for a time.
#[derive(Debug, InputObject)]
pub struct TenureInput {
    /// The district.
    district: DistrictCode,
    /// The first day.
    valid_from: Option<Date>,
    /// The last day.
    valid_to: Option<Date>,
}

/// A party (签约方), or a territory of a policy.
#[derive(Debug, InputObject)]
pub struct PartyInput {
    /// The district.
    district: DistrictCode,
    /// Whether those below it are meant too.
    #[graphql(default_with = "Some(Extent::Itself)")]
    extent: Option<Extent>,
    /// Who signs for it. It is outside what is agreed. Not for territories.
    bodies: Option<Vec<SigningBodyInput>>,
}

/// A body that signs for a party.
#[derive(Debug, InputObject)]
pub struct SigningBodyInput {
    /// Its name.
    name: String,
    /// Its unified social credit code.
    credit_code: Option<CreditCode>,
    /// The domains for which it stands; left out: all.
    domains: Option<Vec<MatterDomain>>,
}

/// A clause of a schedule (清单条款): receiving parties × competent parties × matters × one mode.
#[derive(Debug, InputObject)]
pub struct ClauseInput {
    /// Stable from version to version; left out: its place.
    key: Option<String>,
    /// Which parties receive; left out: all.
    receiving: Option<Vec<DistrictCode>>,
    /// Which parties are competent; left out: all.
    competent: Option<Vec<DistrictCode>>,
    /// The matters.
    matters: Vec<MatterCode>,
    /// How it is handled.
    mode: HandlingMode,
    /// The partners' own name of the mode.
    mode_label: Option<String>,
    /// The terms of the mode.
    terms: Option<ModeTermsInput>,
    /// The batch (批次): number, document or day of publication.
    batch: Option<String>,
    /// The clause's first day.
    valid_from: Option<Date>,
    /// The clause's last day.
    valid_to: Option<Date>,
}

/// What the partners agreed for the mode: the record of the clause's own mode.
#[derive(Debug, OneofObject)]
pub enum ModeTermsInput {
    /// For `FULL_ONLINE`.
    FullOnline(FullOnlineTermsInput),
    /// For `PROXY_COLLECTION`.
    ProxyCollection(ProxyCollectionTermsInput),
    /// For `MULTI_SITE_JOINT`.
    MultiSiteJoint(MultiSiteJointTermsInput),
}

/// The terms of handling fully online (全程网办).
#[derive(Debug, InputObject)]
pub struct FullOnlineTermsInput {
    /// Where to hand in; left out: at the offering's own address.
    url: Option<Url>,
    /// How surely the applicant must be identified.
    identity_level: Option<String>,
    /// Electronic certificates (电子证照) that stand for paper.
    certificates_accepted: Option<Vec<String>>,
    /// How the result reaches the applicant.
    result_delivery: Option<String>,
}

/// The terms of proxy collection (异地代收代办).
#[derive(Debug, InputObject)]
pub struct ProxyCollectionTermsInput {
    /// What the receiving window does; left out: it receives, checks form and identity, and tells once what is missing.
    window_depth: Option<Vec<WindowTask>>,
    /// How materials reach the competent district.
    transfer_channel: Option<String>,
    /// Within how many working days they are forwarded.
    transfer_days: Option<i32>,
    /// Payer of the postage of the materials.
    material_postage: Option<Payer>,
    /// Payer of the postage of the result.
    result_postage: Option<Payer>,
    /// How the result comes back.
    result_return: Option<String>,
    /// How missing materials are handled.
    supplement_rule: Option<String>,
}

/// The terms of multi-site joint handling (多地联办).
#[derive(Debug, InputObject)]
pub struct MultiSiteJointTermsInput {
    /// The steps, in their order.
    steps: Vec<JointStepInput>,
}

/// One step of joint handling.
#[derive(Debug, InputObject)]
pub struct JointStepInput {
    /// Whose step it is.
    district: Option<DistrictCode>,
    /// `LEAD` (牵头地) or `COOPERATING` (协同地), or the partners' own word.
    role: Option<String>,
    /// The work.
    task: String,
    /// Within how many working days.
    days: Option<i32>,
}
