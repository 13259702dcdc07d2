//! What people fill in to act on agreements.

use async_graphql::InputObject;

use crate::graphql::input::{ClauseInput, PartyInput};
use crate::graphql::scalar::{AgreementNumber, Date, Digest, DistrictCode, Revision};
use crate::graphql::words::{Admission, AmendmentRule, ConclusionRule};

/// The clock prolongs an agreement, unless a party objects in time.
#[derive(Debug, InputObject)]
pub struct RenewalInput {
    /// For how many months each time; 0 takes a renewal away.
    months: i32,
    /// Days before the end until which a party may object; left out: 30.
    objection_days: Option<i32>,
}

/// A new agreement, as a draft.
#[derive(Debug, InputObject)]
pub struct AgreementInput {
    /// The drafting party.
    proposer: DistrictCode,
    /// Its title.
    title: String,
    /// The number of its document (发文字号).
    document_number: Option<String>,
    /// Its first day; left out: the day of the last signature.
    effective_from: Option<Date>,
    /// Its last day; left out: no end.
    effective_to: Option<Date>,
    /// The agreement that it stands under.
    framework: Option<AgreementNumber>,
    /// The agreement in whose place it is concluded.
    replaces: Option<AgreementNumber>,
    /// The lead party (牵头方); left out: the first party.
    lead: Option<DistrictCode>,
    /// Whose signature a changed schedule needs.
    #[graphql(default_with = "Some(AmendmentRule::All)")]
    amendment_rule: Option<AmendmentRule>,
    /// When the first version is concluded.
    #[graphql(default_with = "Some(ConclusionRule::All)")]
    concludes: Option<ConclusionRule>,
    /// How newcomers are admitted.
    #[graphql(default_with = "Some(Admission::All)")]
    admission: Option<Admission>,
    /// How many days ahead a party says that it leaves.
    #[graphql(default_with = "Some(30)")]
    notice_days: Option<i32>,
    /// Days in which a party may object, under the rule `NO_OBJECTION`; left out: 15.
    objection_days: Option<i32>,
    /// The clock prolongs it.
    renewal: Option<RenewalInput>,
    /// How cases received before the end are handled; left out: under the old terms.
    run_out: Option<String>,
    /// The parties, two at least.
    parties: Vec<PartyInput>,
    /// The clauses; none yet: a framework whose list follows.
    schedule: Vec<ClauseInput>,
    /// Idempotency key: the same key with the same input returns the first result, for 7 days.
    idempotency_key: Option<String>,
    /// Acts only if this is the newest revision of the agreement that the caller sees; of a new one: 0.
    expected_revision: Option<Revision>,
}

/// A draft over a version, as a whole. Terms that are left out are those of the base; `null` takes one away.
#[derive(Debug, InputObject)]
pub struct AmendmentInput {
    /// Which agreement.
    number: AgreementNumber,
    /// The version that the draft rests on: the one that stands, or a proposal that it answers. Of a first draft: 0, and while
    /// nothing is concluded of one that corrects what was rejected, withdrawn or has lapsed.
    base_version: i32,
    /// The draft that is revised; left out: the proposer's only one. Not for a new draft.
    version: Option<i32>,
    /// The drafting party.
    proposer: DistrictCode,
    /// Its title.
    title: String,
    /// The number of its document (发文字号).
    document_number: Option<String>,
    /// Its first day; null: the day of the last signature.
    effective_from: Option<Date>,
    /// Its last day; null: no end.
    effective_to: Option<Date>,
    /// The agreement that it stands under.
    framework: Option<AgreementNumber>,
    /// The agreement in whose place it is concluded.
    replaces: Option<AgreementNumber>,
    /// The lead party (牵头方).
    lead: Option<DistrictCode>,
    /// Whose signature a changed schedule needs.
    amendment_rule: Option<AmendmentRule>,
    /// When the first version is concluded.
    concludes: Option<ConclusionRule>,
    /// How newcomers are admitted.
    admission: Option<Admission>,
    /// How many days ahead a party says that it leaves.
    notice_days: Option<i32>,
    /// Days in which a party may object, under the rule `NO_OBJECTION`.
    objection_days: Option<i32>,
    /// The clock prolongs it.
    renewal: Option<RenewalInput>,
    /// How cases received before the end are handled.
    run_out: Option<String>,
    /// The parties, two at least.
    parties: Vec<PartyInput>,
    /// The clauses. Keep their keys, so that what changed shows.
    schedule: Vec<ClauseInput>,
    /// Idempotency key: the same key with the same input returns the first result, for 7 days.
    idempotency_key: Option<String>,
    /// Acts only if this is the newest revision of the agreement that the caller sees; of a new one: 0.
    expected_revision: Option<Revision>,
}

/// The record of an agreement that was signed on paper.
#[derive(Debug, InputObject)]
pub struct PaperAgreementInput {
    /// Who records it: a party, or for the steward whomever it records it for.
    recorder: DistrictCode,
    /// The record that is corrected; a new one gets its number from the registry.
    number: Option<AgreementNumber>,
    /// Its title.
    title: String,
    /// The number of its document (发文字号).
    document_number: Option<String>,
    /// The day of signing.
    signed_on: Date,
    /// Its first day; left out: the day of signing.
    effective_from: Option<Date>,
    /// Its last day; left out: no end.
    effective_to: Option<Date>,
    /// The agreement that it stands under.
    framework: Option<AgreementNumber>,
    /// The agreement in whose place it is concluded.
    replaces: Option<AgreementNumber>,
    /// The lead party (牵头方); left out: the first party.
    lead: Option<DistrictCode>,
    /// Whose signature a changed schedule needs.
    #[graphql(default_with = "Some(AmendmentRule::All)")]
    amendment_rule: Option<AmendmentRule>,
    /// How newcomers are admitted.
    #[graphql(default_with = "Some(Admission::All)")]
    admission: Option<Admission>,
    /// How many days ahead a party says that it leaves.
    #[graphql(default_with = "Some(30)")]
    notice_days: Option<i32>,
    /// Days in which a party may object, under the rule `NO_OBJECTION`; left out: 15.
    objection_days: Option<i32>,
    /// The clock prolongs it.
    renewal: Option<RenewalInput>,
    /// How cases received before the end are handled; left out: under the old terms.
    run_out: Option<String>,
    /// The parties, two at least.
    parties: Vec<PartyInput>,
    /// The clauses.
    schedule: Vec<ClauseInput>,
    /// Why it is corrected.
    reason: Option<String>,
    /// Idempotency key: the same key with the same input returns the first result, for 7 days.
    idempotency_key: Option<String>,
    /// Acts only if this is the newest revision of the agreement that the caller sees; of a new one: 0.
    expected_revision: Option<Revision>,
}

/// Which version.
#[derive(Debug, InputObject)]
pub struct VersionInput {
    /// Which agreement.
    number: AgreementNumber,
    /// Which version of it.
    version: i32,
    /// Why; a steward who withdraws a proposal says so.
    reason: Option<String>,
    /// Idempotency key: the same key with the same input returns the first result, for 7 days.
    idempotency_key: Option<String>,
    /// Acts only if this is the newest revision of the agreement that the caller sees; of a new one: 0.
    expected_revision: Option<Revision>,
}

/// Which version, and for which party.
#[derive(Debug, InputObject)]
pub struct PartyVersionInput {
    /// Which agreement.
    number: AgreementNumber,
    /// Which version of it.
    version: i32,
    /// For which party.
    party: DistrictCode,
    /// Idempotency key: the same key with the same input returns the first result, for 7 days.
    idempotency_key: Option<String>,
    /// Acts only if this is the newest revision of the agreement that the caller sees; of a new one: 0.
    expected_revision: Option<Revision>,
}

/// Which draft is put before the parties, and until when they may answer.
#[derive(Debug, InputObject)]
pub struct ProposeVersionInput {
    /// Which agreement.
    number: AgreementNumber,
    /// Which draft of it.
    version: i32,
    /// The last day for an answer.
    answer_by: Date,
    /// Idempotency key: the same key with the same input returns the first result, for 7 days.
    idempotency_key: Option<String>,
    /// Acts only if this is the newest revision of the agreement that the caller sees; of a new one: 0.
    expected_revision: Option<Revision>,
}

/// A signature.
#[derive(Debug, InputObject)]
pub struct SignVersionInput {
    /// Which agreement.
    number: AgreementNumber,
    /// Which version of it.
    version: i32,
    /// The digest of what was read: over another than the proposed one the signature is stale.
    digest: Digest,
    /// For which party.
    party: DistrictCode,
    /// Idempotency key: the same key with the same input returns the first result, for 7 days.
    idempotency_key: Option<String>,
    /// Acts only if this is the newest revision of the agreement that the caller sees; of a new one: 0.
    expected_revision: Option<Revision>,
}

/// A no, with its reason.
#[derive(Debug, InputObject)]
pub struct RejectVersionInput {
    /// Which agreement.
    number: AgreementNumber,
    /// Which version of it.
    version: i32,
    /// For which party.
    party: DistrictCode,
    /// Why.
    reason: String,
    /// Idempotency key: the same key with the same input returns the first result, for 7 days.
    idempotency_key: Option<String>,
    /// Acts only if this is the newest revision of the agreement that the caller sees; of a new one: 0.
    expected_revision: Option<Revision>,
}

/// A newcomer's wish to accede, or a party's consent to it.
#[derive(Debug, InputObject)]
pub struct AccessionInput {
    /// Which agreement.
    number: AgreementNumber,
    /// The digest of the version that stands.
    digest: Digest,
    /// The acting district: the newcomer, or the party that consents.
    party: DistrictCode,
    /// The newcomer.
    newcomer: PartyInput,
    /// Idempotency key: the same key with the same input returns the first result, for 7 days.
    idempotency_key: Option<String>,
    /// Acts only if this is the newest revision of the agreement that the caller sees; of a new one: 0.
    expected_revision: Option<Revision>,
}

/// Which agreement, and for which party.
#[derive(Debug, InputObject)]
pub struct PartyInputRef {
    /// Which agreement.
    number: AgreementNumber,
    /// For which party.
    party: DistrictCode,
    /// Idempotency key: the same key with the same input returns the first result, for 7 days.
    idempotency_key: Option<String>,
    /// Acts only if this is the newest revision of the agreement that the caller sees; of a new one: 0.
    expected_revision: Option<Revision>,
}

/// A party's suspension (暂停). The same party again changes `until` and the reason.
#[derive(Debug, InputObject)]
pub struct SuspendAgreementInput {
    /// Which agreement.
    number: AgreementNumber,
    /// For which party.
    party: DistrictCode,
    /// Why.
    reason: String,
    /// Its last day; left out: until it is resumed.
    until: Option<Date>,
    /// Idempotency key: the same key with the same input returns the first result, for 7 days.
    idempotency_key: Option<String>,
    /// Acts only if this is the newest revision of the agreement that the caller sees; of a new one: 0.
    expected_revision: Option<Revision>,
}

/// A party's notice (退出告知). The same party again changes its last day.
#[derive(Debug, InputObject)]
pub struct GiveNoticeInput {
    /// Which agreement.
    number: AgreementNumber,
    /// Which party leaves.
    party: DistrictCode,
    /// Its last day: at least the agreement's notice days ahead, or no earlier than was said before.
    ends_on: Date,
    /// The law changed: the party may leave without the agreed notice.
    #[graphql(default_with = "Some(false)")]
    law_changed: Option<bool>,
    /// Why.
    reason: String,
    /// Idempotency key: the same key with the same input returns the first result, for 7 days.
    idempotency_key: Option<String>,
    /// Acts only if this is the newest revision of the agreement that the caller sees; of a new one: 0.
    expected_revision: Option<Revision>,
}

/// Which agreement, and why.
#[derive(Debug, InputObject)]
pub struct ReasonInput {
    /// Which agreement.
    number: AgreementNumber,
    /// Why.
    reason: String,
    /// Idempotency key: the same key with the same input returns the first result, for 7 days.
    idempotency_key: Option<String>,
    /// Acts only if this is the newest revision of the agreement that the caller sees; of a new one: 0.
    expected_revision: Option<Revision>,
}

/// A file for an agreement: a scan of what was signed, an annex.
#[derive(Debug, InputObject)]
pub struct AttachDocumentInput {
    /// To which agreement.
    number: AgreementNumber,
    /// Which party attaches it.
    party: DistrictCode,
    /// The name of the file.
    name: String,
    /// What it is: `application/pdf`, `application/ofd`, `image/jpeg`, `image/png`, `image/tiff`, `image/webp`. The content must
    /// show the same.
    media_type: String,
    /// The file in base64; 10 MiB at most.
    content: String,
    /// Is it for everybody who sees the agreement, or for its parties alone? Left out: as it was; at first for the parties alone.
    released: Option<bool>,
    /// Idempotency key: the same key with the same input returns the first result, for 7 days.
    idempotency_key: Option<String>,
    /// Acts only if this is the newest revision of the agreement that the caller sees; of a new one: 0.
    expected_revision: Option<Revision>,
}
