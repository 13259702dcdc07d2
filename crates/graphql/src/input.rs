//! Input types that several mutations share. Fields have the same names as in import lines.

use async_graphql::{InputObject, OneofObject};

use super::enums::agreement::Admission;
use super::enums::district::Extent;
use super::enums::handling::{HandlingMode, Payer, WindowTask};
use super::enums::matter::MatterDomain;
use super::scalar::{CreditCode, Date, DistrictCode, MatterCode, Revision, Url};

/// How a mutation is written: part of the inputs of nearly all.
#[derive(Debug, InputObject)]
pub struct WriteOptionsInput {
    /// Idempotency key. For 7 days the same key with the same input returns the result of the first request and writes
    /// nothing.
    idempotency_key: Option<String>,
    /// Optimistic lock: the `revision` of the record or agreement as the caller last read it; 0 when it must not exist
    /// yet. When it has changed since, the problem `STALE` is returned and nothing is written.
    expected_revision: Option<Revision>,
}

/// Terms of an agreement that a draft and a paper record state in the same way.
#[derive(Debug, InputObject)]
pub struct TermsInput {
    /// Which consent a newcomer needs.
    #[graphql(default_with = "Some(Admission::All)")]
    admission: Option<Admission>,
    /// The notice period in days for a party that leaves.
    #[graphql(default_with = "Some(30)")]
    notice_days: Option<i32>,
    /// The period in days within which a party may object to a changed schedule, under the amendment rule
    /// `NO_OBJECTION`. Default: 15.
    objection_days: Option<i32>,
    /// Automatic renewal. Default: none.
    renewal: Option<RenewalInput>,
    /// How applications received before the end of the agreement are handled. Default: under the terms of the
    /// agreement.
    run_out: Option<String>,
    /// The parties, at least two.
    parties: Vec<PartyInput>,
}

/// Automatic renewal (续期) of an agreement at the end of its term, unless a party objects in time.
#[derive(Debug, InputObject)]
pub struct RenewalInput {
    /// The length of each renewal in months. 0: no renewal.
    months: i32,
    /// The number of days before the end of the term until which a party may object. Default: 30.
    objection_days: Option<i32>,
}

/// The source and the licence of a record.
#[derive(Debug, InputObject)]
pub struct ProvenanceInput {
    /// The document, site or data set that the record was taken from.
    source: Option<String>,
    /// The licence under which the record may be used.
    licence: Option<String>,
    /// True: the record is invented, for a demonstration. Default: false.
    #[graphql(default_with = "Some(false)")]
    synthetic: Option<bool>,
}

/// A code of a district, with the days on which it is or was in use.
#[derive(Debug, InputObject)]
pub struct DatedCodeInput {
    /// The system of the code: `GB/T 2260`; `NBS` for the statistical pseudo-codes of zones; `TONGBAN` for codes given
    /// by this registry; or another name.
    scheme: String,
    /// The code.
    value: String,
    /// The first day of use. Null: unknown.
    from: Option<Date>,
    /// The last day of use. Null: still in use.
    to: Option<Date>,
}

/// A relation to another district, with its first and last day.
#[derive(Debug, InputObject)]
pub struct TenureInput {
    /// The other district.
    district: DistrictCode,
    /// The first day. Null: no start.
    valid_from: Option<Date>,
    /// The last day. Null: no end.
    valid_to: Option<Date>,
}

/// A party (签约方) of an agreement, or a territory of a policy: a district, alone or with all districts below it.
#[derive(Debug, InputObject)]
pub struct PartyInput {
    /// The district.
    district: DistrictCode,
    /// Whether the districts below it are included. Default: `SELF`.
    #[graphql(default_with = "Some(Extent::Itself)")]
    extent: Option<Extent>,
    /// The bodies that sign for the party (签署部门). They are not part of the signed content and may change without a
    /// signature. Not allowed for territories.
    bodies: Option<Vec<SigningBodyInput>>,
}

/// A body that signs for a party (签署部门).
#[derive(Debug, InputObject)]
pub struct SigningBodyInput {
    /// The name of the body.
    name: String,
    /// The unified social credit code of the body.
    credit_code: Option<CreditCode>,
    /// The domains for which the body is responsible. Absent: all domains.
    domains: Option<Vec<MatterDomain>>,
}

/// A clause (清单条款) of a schedule: receiving parties, competent parties, matters and one handling mode. It applies
/// to every combination of the three.
#[derive(Debug, InputObject)]
pub struct ClauseInput {
    /// The key of the clause within its schedule. Keep it from version to version, so that changes of the clause can be
    /// shown. Default: the position in the schedule.
    key: Option<String>,
    /// The receiving parties. Absent: all parties.
    receiving: Option<Vec<DistrictCode>>,
    /// The competent parties. Absent: all parties.
    competent: Option<Vec<DistrictCode>>,
    /// The codes of the matters.
    matters: Vec<MatterCode>,
    /// The handling mode of all these matters.
    mode: HandlingMode,
    /// The name that the parties themselves use for the mode, when it differs.
    mode_label: Option<String>,
    /// The terms of the mode.
    terms: Option<ModeTermsInput>,
    /// The batch (批次) in which the clause was published: its number, document or day of publication.
    batch: Option<String>,
    /// The first day of the clause. Null: the first day of the agreement.
    valid_from: Option<Date>,
    /// The last day of the clause. Null: the last day of the agreement.
    valid_to: Option<Date>,
}

/// The terms agreed for a handling mode. Give exactly the one that belongs to the mode of the clause.
#[derive(Debug, OneofObject)]
pub enum ModeTermsInput {
    /// Terms for the mode `FULL_ONLINE`.
    FullOnline(FullOnlineTermsInput),
    /// Terms for the mode `PROXY_COLLECTION`.
    ProxyCollection(ProxyCollectionTermsInput),
    /// Terms for the mode `MULTI_SITE_JOINT`.
    MultiSiteJoint(MultiSiteJointTermsInput),
}

/// Terms of the handling mode full online (全程网办).
#[derive(Debug, InputObject)]
pub struct FullOnlineTermsInput {
    /// The address where the application is submitted. Null: the address of the offering.
    url: Option<Url>,
    /// The required level of identification of the applicant, as the parties name it.
    identity_level: Option<String>,
    /// Electronic certificates (电子证照) that are accepted in place of paper.
    certificates_accepted: Option<Vec<String>>,
    /// How the result reaches the applicant.
    result_delivery: Option<String>,
}

/// Terms of the handling mode proxy collection (异地代收代办).
#[derive(Debug, InputObject)]
pub struct ProxyCollectionTermsInput {
    /// The tasks of the receiving window. Default: receive, check the form, check the identity, and give one notice of
    /// everything that is missing.
    window_depth: Option<Vec<WindowTask>>,
    /// The channel by which the materials reach the competent district.
    transfer_channel: Option<String>,
    /// The number of working days within which the materials are forwarded.
    transfer_days: Option<i32>,
    /// Who pays the postage of the materials.
    material_postage: Option<Payer>,
    /// Who pays the postage of the result.
    result_postage: Option<Payer>,
    /// How the result is returned.
    result_return: Option<String>,
    /// How missing materials are supplied later (补正).
    supplement_rule: Option<String>,
}

/// Terms of the handling mode multi-site joint (多地联办).
#[derive(Debug, InputObject)]
pub struct MultiSiteJointTermsInput {
    /// The steps, in their order.
    steps: Vec<JointStepInput>,
}

/// One step of joint handling.
#[derive(Debug, InputObject)]
pub struct JointStepInput {
    /// The district that does the step. Null: only `role` is agreed.
    district: Option<DistrictCode>,
    /// The role of the district: `LEAD` (牵头地), `COOPERATING` (协同地), or another word of the parties.
    role: Option<String>,
    /// The work that is done in this step.
    task: String,
    /// The limit of the step in working days. Null: none.
    days: Option<i32>,
}
