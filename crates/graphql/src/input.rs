//! Input types that several mutations share. Fields have the same names as in import lines.

use async_graphql::InputObject;

use super::enums::agreement::Admission;
use super::enums::district::Extent;
use super::enums::handling::HandlingMode;
use super::enums::matter::MatterDomain;
use super::scalar::{CreditCode, Date, DistrictCode, MatterCode, Revision};
use super::terms::ModeTermsInput;

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
