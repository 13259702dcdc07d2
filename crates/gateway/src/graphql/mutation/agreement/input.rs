//! Inputs of the mutations on agreements.

use async_graphql::InputObject;

use crate::graphql::input::{ClauseInput, PartyInput};
use crate::graphql::scalar::{AgreementNumber, Date, Digest, DistrictCode, Revision};
use crate::graphql::words::{Admission, AmendmentRule, ConclusionRule};

/// Automatic renewal (续期) of an agreement at the end of its term, unless a party objects in time.
#[derive(Debug, InputObject)]
pub struct RenewalInput {
    /// The length of each renewal in months. 0: no renewal.
    months: i32,
    /// The number of days before the end of the term until which a party may object. Default: 30.
    objection_days: Option<i32>,
}

/// The first draft of a new agreement.
#[derive(Debug, InputObject)]
pub struct AgreementInput {
    /// The party that drafts.
    proposer: DistrictCode,
    /// The title.
    title: String,
    /// The document number (发文字号).
    document_number: Option<String>,
    /// The first day of validity. Default: the day of the last signature.
    effective_from: Option<Date>,
    /// The last day of validity. Default: no end.
    effective_to: Option<Date>,
    /// The framework agreement above this one, such as the agreement of the provinces above that of their cities.
    framework: Option<AgreementNumber>,
    /// The agreement that this one replaces.
    replaces: Option<AgreementNumber>,
    /// The lead party (牵头方). Default: the first party.
    lead: Option<DistrictCode>,
    /// Which parties must sign a changed schedule.
    #[graphql(default_with = "Some(AmendmentRule::All)")]
    amendment_rule: Option<AmendmentRule>,
    /// When the first version is concluded.
    #[graphql(default_with = "Some(ConclusionRule::All)")]
    concludes: Option<ConclusionRule>,
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
    /// The clauses. May be empty: a framework agreement whose clauses follow later.
    schedule: Vec<ClauseInput>,
    /// Idempotency key. For 7 days the same key with the same input returns the result of the first request and writes
    /// nothing.
    idempotency_key: Option<String>,
    /// Optimistic lock: the `revision` of the agreement as the caller last read it; 0 for a new agreement. When the
    /// agreement has changed since, the problem `STALE` is returned and nothing is written.
    expected_revision: Option<Revision>,
}

/// A draft of a new version, as a whole. Terms that are left out are copied from the base version; `null` clears a
/// term.
#[derive(Debug, InputObject)]
pub struct AmendmentInput {
    /// The number of the agreement.
    number: AgreementNumber,
    /// The number of the version that the draft is based on: the newest concluded version, or a proposed version to
    /// which the draft is a counter-proposal. 0 while no version has been concluded: for the first draft, and for the
    /// correction of a version that was rejected, withdrawn or lapsed.
    base_version: i32,
    /// For `reviseDraft`: the number of the draft. Default: the only draft of the proposer. Not allowed for
    /// `amendAgreement`.
    version: Option<i32>,
    /// The party that drafts.
    proposer: DistrictCode,
    /// The title.
    title: String,
    /// The document number (发文字号).
    document_number: Option<String>,
    /// The first day of validity. Null: the day of the last signature.
    effective_from: Option<Date>,
    /// The last day of validity. Null: no end.
    effective_to: Option<Date>,
    /// The framework agreement above this one.
    framework: Option<AgreementNumber>,
    /// The agreement that this one replaces.
    replaces: Option<AgreementNumber>,
    /// The lead party (牵头方).
    lead: Option<DistrictCode>,
    /// Which parties must sign a changed schedule.
    amendment_rule: Option<AmendmentRule>,
    /// When the first version is concluded.
    concludes: Option<ConclusionRule>,
    /// Which consent a newcomer needs.
    admission: Option<Admission>,
    /// The notice period in days for a party that leaves.
    notice_days: Option<i32>,
    /// The period in days within which a party may object to a changed schedule, under the amendment rule
    /// `NO_OBJECTION`.
    objection_days: Option<i32>,
    /// Automatic renewal.
    renewal: Option<RenewalInput>,
    /// How applications received before the end of the agreement are handled.
    run_out: Option<String>,
    /// The parties, at least two.
    parties: Vec<PartyInput>,
    /// The clauses. An unchanged key identifies a clause in both versions, so that its changes can be shown.
    schedule: Vec<ClauseInput>,
    /// Idempotency key. For 7 days the same key with the same input returns the result of the first request and writes
    /// nothing.
    idempotency_key: Option<String>,
    /// Optimistic lock: the `revision` of the agreement as the caller last read it; 0 for a new agreement. When the
    /// agreement has changed since, the problem `STALE` is returned and nothing is written.
    expected_revision: Option<Revision>,
}

/// The record of an agreement that was signed on paper.
#[derive(Debug, InputObject)]
pub struct PaperAgreementInput {
    /// The party that records the agreement. A steward gives the party for which the agreement is recorded.
    recorder: DistrictCode,
    /// For `correctRecord`: the number of the agreement. A new record gets its number from the registry.
    number: Option<AgreementNumber>,
    /// The title.
    title: String,
    /// The document number (发文字号).
    document_number: Option<String>,
    /// The day of signing. It must not lie in the future.
    signed_on: Date,
    /// The first day of validity. Default: the day of signing.
    effective_from: Option<Date>,
    /// The last day of validity. Default: no end.
    effective_to: Option<Date>,
    /// The framework agreement above this one.
    framework: Option<AgreementNumber>,
    /// The agreement that this one replaces.
    replaces: Option<AgreementNumber>,
    /// The lead party (牵头方). Default: the first party.
    lead: Option<DistrictCode>,
    /// Which parties must sign a changed schedule.
    #[graphql(default_with = "Some(AmendmentRule::All)")]
    amendment_rule: Option<AmendmentRule>,
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
    /// The clauses.
    schedule: Vec<ClauseInput>,
    /// For `correctRecord`: the reason of the correction.
    reason: Option<String>,
    /// Idempotency key. For 7 days the same key with the same input returns the result of the first request and writes
    /// nothing.
    idempotency_key: Option<String>,
    /// Optimistic lock: the `revision` of the agreement as the caller last read it; 0 for a new agreement. When the
    /// agreement has changed since, the problem `STALE` is returned and nothing is written.
    expected_revision: Option<Revision>,
}

/// A version of an agreement.
#[derive(Debug, InputObject)]
pub struct VersionInput {
    /// The number of the agreement.
    number: AgreementNumber,
    /// The number of the version.
    version: i32,
    /// The reason. Required when a steward withdraws a proposal.
    reason: Option<String>,
    /// Idempotency key. For 7 days the same key with the same input returns the result of the first request and writes
    /// nothing.
    idempotency_key: Option<String>,
    /// Optimistic lock: the `revision` of the agreement as the caller last read it; 0 for a new agreement. When the
    /// agreement has changed since, the problem `STALE` is returned and nothing is written.
    expected_revision: Option<Revision>,
}

/// A version of an agreement, and the party for which the caller acts.
#[derive(Debug, InputObject)]
pub struct PartyVersionInput {
    /// The number of the agreement.
    number: AgreementNumber,
    /// The number of the version.
    version: i32,
    /// The party for which the caller acts.
    party: DistrictCode,
    /// Idempotency key. For 7 days the same key with the same input returns the result of the first request and writes
    /// nothing.
    idempotency_key: Option<String>,
    /// Optimistic lock: the `revision` of the agreement as the caller last read it; 0 for a new agreement. When the
    /// agreement has changed since, the problem `STALE` is returned and nothing is written.
    expected_revision: Option<Revision>,
}

/// The draft that is proposed to the parties, and the last day for their answers.
#[derive(Debug, InputObject)]
pub struct ProposeVersionInput {
    /// The number of the agreement.
    number: AgreementNumber,
    /// The number of the draft version.
    version: i32,
    /// The last day on which a party may sign or reject the proposal.
    answer_by: Date,
    /// Idempotency key. For 7 days the same key with the same input returns the result of the first request and writes
    /// nothing.
    idempotency_key: Option<String>,
    /// Optimistic lock: the `revision` of the agreement as the caller last read it; 0 for a new agreement. When the
    /// agreement has changed since, the problem `STALE` is returned and nothing is written.
    expected_revision: Option<Revision>,
}

/// The signature of a party.
#[derive(Debug, InputObject)]
pub struct SignVersionInput {
    /// The number of the agreement.
    number: AgreementNumber,
    /// The number of the version.
    version: i32,
    /// The digest of the version that the signatory has read. When it is not the digest of the proposed version, the
    /// problem `STALE` is returned and nothing is signed.
    digest: Digest,
    /// The party for which the version is signed.
    party: DistrictCode,
    /// Idempotency key. For 7 days the same key with the same input returns the result of the first request and writes
    /// nothing.
    idempotency_key: Option<String>,
    /// Optimistic lock: the `revision` of the agreement as the caller last read it; 0 for a new agreement. When the
    /// agreement has changed since, the problem `STALE` is returned and nothing is written.
    expected_revision: Option<Revision>,
}

/// A rejection of a version, or an objection to a paper record, with its reason.
#[derive(Debug, InputObject)]
pub struct RejectVersionInput {
    /// The number of the agreement.
    number: AgreementNumber,
    /// The number of the version.
    version: i32,
    /// The party for which the caller acts.
    party: DistrictCode,
    /// The reason.
    reason: String,
    /// Idempotency key. For 7 days the same key with the same input returns the result of the first request and writes
    /// nothing.
    idempotency_key: Option<String>,
    /// Optimistic lock: the `revision` of the agreement as the caller last read it; 0 for a new agreement. When the
    /// agreement has changed since, the problem `STALE` is returned and nothing is written.
    expected_revision: Option<Revision>,
}

/// The accession of a newcomer, or the consent of a party to it.
#[derive(Debug, InputObject)]
pub struct AccessionInput {
    /// The number of the agreement.
    number: AgreementNumber,
    /// The digest of the newest concluded version.
    digest: Digest,
    /// The district for which the caller acts: the newcomer, or the party that consents.
    party: DistrictCode,
    /// The newcomer.
    newcomer: PartyInput,
    /// Idempotency key. For 7 days the same key with the same input returns the result of the first request and writes
    /// nothing.
    idempotency_key: Option<String>,
    /// Optimistic lock: the `revision` of the agreement as the caller last read it; 0 for a new agreement. When the
    /// agreement has changed since, the problem `STALE` is returned and nothing is written.
    expected_revision: Option<Revision>,
}

/// An agreement, and the party for which the caller acts.
#[derive(Debug, InputObject)]
pub struct PartyInputRef {
    /// The number of the agreement.
    number: AgreementNumber,
    /// The party for which the caller acts.
    party: DistrictCode,
    /// Idempotency key. For 7 days the same key with the same input returns the result of the first request and writes
    /// nothing.
    idempotency_key: Option<String>,
    /// Optimistic lock: the `revision` of the agreement as the caller last read it; 0 for a new agreement. When the
    /// agreement has changed since, the problem `STALE` is returned and nothing is written.
    expected_revision: Option<Revision>,
}

/// A suspension (暂停) by a party. A second request for the same party changes the last day and the reason.
#[derive(Debug, InputObject)]
pub struct SuspendAgreementInput {
    /// The number of the agreement.
    number: AgreementNumber,
    /// The party that suspends the agreement.
    party: DistrictCode,
    /// The reason.
    reason: String,
    /// The last day of the suspension. Default: none; it lasts until `resumeAgreement`.
    until: Option<Date>,
    /// Idempotency key. For 7 days the same key with the same input returns the result of the first request and writes
    /// nothing.
    idempotency_key: Option<String>,
    /// Optimistic lock: the `revision` of the agreement as the caller last read it; 0 for a new agreement. When the
    /// agreement has changed since, the problem `STALE` is returned and nothing is written.
    expected_revision: Option<Revision>,
}

/// The notice (退出告知) of a party that leaves. A second request for the same party changes the last day.
#[derive(Debug, InputObject)]
pub struct GiveNoticeInput {
    /// The number of the agreement.
    number: AgreementNumber,
    /// The party that leaves.
    party: DistrictCode,
    /// The last day of the party: at least the notice period of the agreement from today. A changed notice may end on
    /// any day from the one given before.
    ends_on: Date,
    /// True: the law has changed, and the party may leave without the notice period.
    #[graphql(default_with = "Some(false)")]
    law_changed: Option<bool>,
    /// The reason.
    reason: String,
    /// Idempotency key. For 7 days the same key with the same input returns the result of the first request and writes
    /// nothing.
    idempotency_key: Option<String>,
    /// Optimistic lock: the `revision` of the agreement as the caller last read it; 0 for a new agreement. When the
    /// agreement has changed since, the problem `STALE` is returned and nothing is written.
    expected_revision: Option<Revision>,
}

/// An agreement and a reason.
#[derive(Debug, InputObject)]
pub struct ReasonInput {
    /// The number of the agreement.
    number: AgreementNumber,
    /// The reason.
    reason: String,
    /// Idempotency key. For 7 days the same key with the same input returns the result of the first request and writes
    /// nothing.
    idempotency_key: Option<String>,
    /// Optimistic lock: the `revision` of the agreement as the caller last read it; 0 for a new agreement. When the
    /// agreement has changed since, the problem `STALE` is returned and nothing is written.
    expected_revision: Option<Revision>,
}

/// A file that is attached to an agreement, such as a scan of the signed paper or an annex.
#[derive(Debug, InputObject)]
pub struct AttachDocumentInput {
    /// The number of the agreement.
    number: AgreementNumber,
    /// The party that attaches the file.
    party: DistrictCode,
    /// The file name.
    name: String,
    /// The media type: `application/pdf`, `application/ofd`, `image/jpeg`, `image/png`, `image/tiff` or `image/webp`.
    /// The content must be of this type.
    media_type: String,
    /// The content in base64; at most 10 MiB before encoding.
    content: String,
    /// True: everybody who sees the agreement may read the file. False: only its parties may. Default: unchanged; false
    /// for a new file.
    released: Option<bool>,
    /// Idempotency key. For 7 days the same key with the same input returns the result of the first request and writes
    /// nothing.
    idempotency_key: Option<String>,
    /// Optimistic lock: the `revision` of the agreement as the caller last read it; 0 for a new agreement. When the
    /// agreement has changed since, the problem `STALE` is returned and nothing is written.
    expected_revision: Option<Revision>,
}
