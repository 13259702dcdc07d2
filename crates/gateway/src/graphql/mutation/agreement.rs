use std::collections::BTreeMap;

use async_graphql::{Context, InputObject, Object};
use domain::act::{Corrector, Leaving, Withdrawer};
use domain::agreement::VersionState;
use domain::document::{Attachment, ensure_room};
use domain::input::{Amendment, RecordedBy, read_draft, read_paper};
use domain::journal::Action;
use domain::life::{Draft, Life};
use domain::reading::Reader;
use domain::{AgreementNumber as Number, Date as Day, DistrictCode as Code, Eyes, Id, Party, RecordKind, Role, Version};

use super::payload;
use crate::graphql::agreement::{Agreement, AgreementVersion};
use crate::graphql::asked;
use crate::graphql::error::Fault;
use crate::graphql::input::{ClauseInput, PartyInput};
use crate::graphql::scalar::{AgreementNumber, Date, Digest, DistrictCode, Revision};
use crate::graphql::words::{Admission, AmendmentRule, ConclusionRule};
use crate::graphql::write::{Refusal, Saved, Submitted, Writing, unknown, write};

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
    /// Who drafts it: one of the parties.
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
    /// Who lets a newcomer in.
    #[graphql(default_with = "Some(Admission::All)")]
    admission: Option<Admission>,
    /// How many days ahead a party says that it leaves.
    #[graphql(default_with = "Some(30)")]
    notice_days: Option<i32>,
    /// Days in which a party may object, under the rule `NO_OBJECTION`; left out: 15.
    objection_days: Option<i32>,
    /// The clock prolongs it.
    renewal: Option<RenewalInput>,
    /// What becomes of cases received before the end; left out: they are finished under the old terms.
    run_out: Option<String>,
    /// The parties, two at least.
    parties: Vec<PartyInput>,
    /// The clauses; none yet: a framework whose list follows.
    schedule: Vec<ClauseInput>,
    /// Makes the request safe to repeat: the same key with the same input gives what came of the first, for 7 days.
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
    /// Who drafts it: one of the parties.
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
    /// Who lets a newcomer in.
    admission: Option<Admission>,
    /// How many days ahead a party says that it leaves.
    notice_days: Option<i32>,
    /// Days in which a party may object, under the rule `NO_OBJECTION`.
    objection_days: Option<i32>,
    /// The clock prolongs it.
    renewal: Option<RenewalInput>,
    /// What becomes of cases received before the end.
    run_out: Option<String>,
    /// The parties, two at least.
    parties: Vec<PartyInput>,
    /// The clauses. Keep their keys, so that what changed shows.
    schedule: Vec<ClauseInput>,
    /// Makes the request safe to repeat: the same key with the same input gives what came of the first, for 7 days.
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
    /// Who lets a newcomer in.
    #[graphql(default_with = "Some(Admission::All)")]
    admission: Option<Admission>,
    /// How many days ahead a party says that it leaves.
    #[graphql(default_with = "Some(30)")]
    notice_days: Option<i32>,
    /// Days in which a party may object, under the rule `NO_OBJECTION`; left out: 15.
    objection_days: Option<i32>,
    /// The clock prolongs it.
    renewal: Option<RenewalInput>,
    /// What becomes of cases received before the end; left out: they are finished under the old terms.
    run_out: Option<String>,
    /// The parties, two at least.
    parties: Vec<PartyInput>,
    /// The clauses.
    schedule: Vec<ClauseInput>,
    /// Why it is corrected.
    reason: Option<String>,
    /// Makes the request safe to repeat: the same key with the same input gives what came of the first, for 7 days.
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
    /// Makes the request safe to repeat: the same key with the same input gives what came of the first, for 7 days.
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
    /// Makes the request safe to repeat: the same key with the same input gives what came of the first, for 7 days.
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
    /// Makes the request safe to repeat: the same key with the same input gives what came of the first, for 7 days.
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
    /// Makes the request safe to repeat: the same key with the same input gives what came of the first, for 7 days.
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
    /// Makes the request safe to repeat: the same key with the same input gives what came of the first, for 7 days.
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
    /// Who acts: the newcomer, or the party that consents.
    party: DistrictCode,
    /// Who accedes.
    newcomer: PartyInput,
    /// Makes the request safe to repeat: the same key with the same input gives what came of the first, for 7 days.
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
    /// Makes the request safe to repeat: the same key with the same input gives what came of the first, for 7 days.
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
    /// Makes the request safe to repeat: the same key with the same input gives what came of the first, for 7 days.
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
    /// Makes the request safe to repeat: the same key with the same input gives what came of the first, for 7 days.
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
    /// Makes the request safe to repeat: the same key with the same input gives what came of the first, for 7 days.
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
    /// Makes the request safe to repeat: the same key with the same input gives what came of the first, for 7 days.
    idempotency_key: Option<String>,
    /// Acts only if this is the newest revision of the agreement that the caller sees; of a new one: 0.
    expected_revision: Option<Revision>,
}

payload! {
    /// What came of an act on an agreement.
    AgreementPayload {
        /// The agreement as it is now; null when there are problems, or nothing is left of it.
        async fn agreement(&self, ctx: &Context<'_>) -> Option<Agreement> {
            self.seen(ctx)
        }

        /// The version that the act was about; of an act on the whole agreement the newest.
        async fn version(&self, ctx: &Context<'_>) -> Option<AgreementVersion> {
            let Agreement(agreement) = self.seen(ctx)?;
            let about = self.0.saved.as_ref()?.version.and_then(|version| AgreementVersion::numbered(&agreement, version));
            // One that is somebody else's draft does not exist for the caller.
            about.or_else(|| AgreementVersion::numbered(&agreement, agreement.latest().number))
        }
    }
}

impl AgreementPayload {
    fn seen(&self, ctx: &Context<'_>) -> Option<Agreement> {
        let asked = asked(ctx);
        let saved = self.0.saved.as_ref()?;
        let agreement = if saved.kind == RecordKind::Document {
            let document = asked.snapshot.document_by_id(Id::new(saved.record), &asked.eyes)?;
            asked.snapshot.agreement(document.agreement, &asked.eyes)
        } else {
            asked.snapshot.agreement_by_id(Id::new(saved.record), &asked.eyes)
        };
        agreement.map(Agreement)
    }
}

const REASON: usize = 2_000;

fn number(r: &mut Reader<'_>) -> Option<Number> {
    r.code("number")
}

fn version(r: &mut Reader<'_>) -> Option<(Number, u32)> {
    let (number, version) = (number(r), r.required_number("version", 1_000_000));
    Some((number?, version))
}

fn party_version(r: &mut Reader<'_>) -> Option<(Number, u32, Code)> {
    let (version, party) = (version(r), r.code("party"));
    let (number, version) = version?;
    Some((number, version, party?))
}

fn with_reason(r: &mut Reader<'_>) -> Option<(Number, String)> {
    let (number, reason) = (number(r), r.line("reason", REASON));
    Some((number?, reason))
}

fn party_of(r: &mut Reader<'_>) -> Option<(Number, Code)> {
    let (number, party) = (number(r), r.code("party"));
    Some((number?, party?))
}

fn required_date(r: &mut Reader<'_>, field: &'static str) -> Option<Day> {
    r.require(field);
    r.date(field)
}

/// A newcomer's wish or a consent to it.
struct Accession {
    number: Number,
    digest: domain::Digest,
    party: Code,
    newcomer: Party,
}

impl Accession {
    fn read(r: &mut Reader<'_>) -> Option<Self> {
        let (number, digest, party) = (number(r), r.code("digest"), r.code("party"));
        r.require("newcomer");
        let newcomer = r.object("newcomer", Party::named).flatten();
        Some(Self { number: number?, digest: digest?, party: party?, newcomer: newcomer? })
    }
}

impl Writing<'_> {
    /// A district as the agreement writes it: a party may be named by any of its codes.
    fn as_written(&self, agreement: &domain::Agreement, party: Code) -> Code {
        self.as_named(agreement.versions.iter().rev().flat_map(|version| &version.parties), party)
    }

    /// A district as these parties write it.
    fn as_named<'p>(&self, parties: impl Iterator<Item = &'p Party>, meant: Code) -> Code {
        let id = |code| self.asked.snapshot.district(code).map(|district| district.id);
        let Some(district) = id(meant) else { return meant };
        parties.map(|party| party.district).find(|code| *code == meant || id(*code) == Some(district)).unwrap_or(meant)
    }

    /// A version with its districts written as its parties are. What it names is as it must be: each party once, by whichever of its codes, its framework, and what it replaces.
    async fn settled(&mut self, number: Option<Number>, mut version: Version) -> Result<Version, Refusal> {
        let id = |code| self.asked.snapshot.district(code).map(|district| district.id);
        let mut problems = version.settle(|party, code| id(party).is_some_and(|party| id(code) == Some(party)));
        let mut named = BTreeMap::new();
        for (at, party) in version.parties.iter().enumerate() {
            let Some(district) = id(party.district) else { continue };
            if let Some(other) = named.insert(district, party.district) {
                problems.push(domain::act::party_twice(at, party.district, other));
            }
        }
        if !problems.is_empty() {
            return Err(Refusal::Problems(problems));
        }
        if let Some(framework) = version.framework {
            let above = self.line_of(framework, domain::Agreement::framework).await?;
            domain::act::check_framework(number, framework, |at| above.get(&at).copied().flatten())?;
        }
        if let Some(replaces) = version.replaces {
            let replaced = self.line_of(replaces, domain::Agreement::replaces).await?;
            domain::act::check_replaces(number, replaces, |at| replaced.get(&at).copied().flatten())?;
        }
        Ok(version)
    }

    /// The agreements in a line from one of them on, each with the next; `None`: the caller sees no such agreement.
    async fn line_of(
        &mut self,
        first: Number,
        follow: impl Fn(&domain::Agreement) -> Option<Number> + Send,
    ) -> Result<BTreeMap<Number, Option<Option<Number>>>, Refusal> {
        let mut line = BTreeMap::new();
        let mut next = Some(first);
        while let Some(at) = next.filter(|at| !line.contains_key(at)) {
            let seen = self.seen(at).await?.map(|held| follow(&held.record));
            line.insert(at, seen);
            next = seen.flatten();
        }
        Ok(line)
    }

    /// A paper record as whoever hands it in makes it: a registrar's counts as its own party's confirmation.
    fn recorded(&self, paper: Version, recorder: Code, by: RecordedBy) -> Result<Version, Refusal> {
        match by {
            RecordedBy::Steward => Ok(paper),
            RecordedBy::Party => {
                let recorder = self.as_named(paper.parties.iter(), recorder);
                Ok(paper.recorded_by(recorder)?)
            }
        }
    }

    /// Saves what a signature, an answer or a consent made of the agreement.
    async fn save_answer(&mut self, agreement: domain::Agreement, version: u32, action: Action, was: VersionState) -> Result<Saved, Refusal> {
        let is = agreement.version(version).map(|version| version.state(self.today()));
        let action = if was != VersionState::Concluded && is == Some(VersionState::Concluded) { Action::Concluded } else { action };
        Ok(self.save_agreement(agreement, action).await?.about(version))
    }
}

fn state(agreement: &domain::Agreement, version: u32, today: Day) -> VersionState {
    agreement.version(version).map_or(VersionState::Draft, |version| version.state(today))
}

#[derive(Debug, Default)]
pub struct AgreementMutation;

#[Object(serial)]
impl AgreementMutation {
    /// Drafts a new agreement (起草). Only its author sees a draft. For registrars of the proposer.
    async fn draft_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is drafted.")] input: Submitted<AgreementInput>,
    ) -> Result<AgreementPayload, Fault> {
        let outcome = write(ctx, input, read_draft, async |work, (proposer, draft)| {
            work.expect(0)?;
            let draft = work.settled(None, draft.clone()).await?;
            let author = work.as_named(draft.parties.iter(), *proposer);
            let draft = Version { life: Life::Draft(Draft { author }), ..draft };
            let number = work.next_number()?;
            work.save_agreement(domain::Agreement::drafted(number, draft)?, Action::Drafted).await
        });
        outcome.await.map(AgreementPayload)
    }

    /// Drafts a new version over the one that stands, or over a proposal as an answer to it (修订起草). For registrars of the
    /// proposer.
    async fn amend_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The draft as a whole.")] input: Submitted<AmendmentInput>,
    ) -> Result<AgreementPayload, Fault> {
        let outcome = write(
            ctx,
            input,
            |r| {
                let number = number(r);
                let base = r.required_number("baseVersion", 1_000_000);
                if r.has("version") {
                    r.fault("version", "NOT_YET", domain::Message::new("新草稿的版本号由系统给出", "the registry gives a new draft its number"));
                }
                let amendment = Amendment::read(r);
                Some((number?, base, amendment?))
            },
            async |work, (number, base, amendment)| {
                let agreement = match base {
                    0 => work.agreement(*number).await?,
                    base => work.version(*number, *base).await.map_err(|refusal| refusal.at("version", "baseVersion"))?,
                };
                let author = work.as_written(&agreement, amendment.proposer);
                let under = match base {
                    0 => agreement.corrected(work.today())?,
                    base => agreement.version(*base).ok_or_else(|| domain::act::no_such_version(*base))?,
                };
                let draft = amendment.clone().over(under)?;
                let draft = work.settled(Some(*number), draft).await?;
                work.save_agreement(agreement.amend(draft, *base, author, work.today())?, Action::Amended).await
            },
        );
        outcome.await.map(AgreementPayload)
    }

    /// Replaces a draft as a whole; over another base it is rebased. For registrars of its author.
    async fn revise_draft(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The draft as it is to be.")] input: Submitted<AmendmentInput>,
    ) -> Result<AgreementPayload, Fault> {
        let outcome = write(
            ctx,
            input,
            |r| {
                let number = number(r);
                let base = r.required_number("baseVersion", 1_000_000);
                let version = r.number("version", 1_000_000);
                let amendment = Amendment::read(r);
                Some((number?, base, version, amendment?))
            },
            async |work, (number, base, version, amendment)| {
                let agreement = work.agreement(*number).await?;
                let author = work.as_written(&agreement, amendment.proposer);
                let version = match version {
                    Some(version) => *version,
                    None => agreement.only_draft_of(author)?,
                };
                let agreement = work.version(*number, version).await?;
                let held = agreement.version(version).ok_or_else(|| domain::act::no_such_version(version))?;
                let over = if held.base_version.is_none() && (*base == 0 || *base == version) { None } else { Some(*base) };
                let under = match over {
                    None => held,
                    Some(0) => agreement.corrected(work.today())?,
                    Some(base) => {
                        let seen = agreement.seen_by(work.eyes(), work.today());
                        if seen.is_none_or(|seen| seen.version(base).is_none()) {
                            return Err(Refusal::from(domain::act::no_such_version(base)).at("version", "baseVersion"));
                        }
                        agreement.version(base).ok_or_else(|| domain::act::no_such_version(base))?
                    }
                };
                let draft = amendment.clone().over(under)?;
                let draft = work.settled(Some(*number), draft).await?;
                let today = work.today();
                let revised = agreement.revise_draft(version, draft, over, author, today)?;
                // Rebased on a younger version it has a new number, and is the newest.
                let number = revised.version(version).map_or(revised.latest().number, |version| version.number);
                Ok(work.save_agreement(revised, Action::DraftRevised).await?.about(number))
            },
        );
        outcome.await.map(AgreementPayload)
    }

    /// Throws a draft away (删除草稿). Of an agreement that was never proposed nothing is left; its number is not used
    /// again. For registrars of its author.
    async fn discard_draft(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which draft.")] input: Submitted<VersionInput>,
    ) -> Result<AgreementPayload, Fault> {
        let read = |r: &mut Reader<'_>| {
            // Nothing is left that could keep it.
            r.optional_line("reason", REASON);
            version(r)
        };
        let outcome = write(ctx, input, read, async |work, (number, version)| {
            let agreement = work.version(*number, *version).await?;
            agreement.ensure_own(*version, work.eyes())?;
            work.acts_for(agreement.version(*version).and_then(Version::author));
            match agreement.discard_draft(*version, work.today())? {
                Some(left) => work.save_agreement(left, Action::DraftDiscarded).await,
                None => {
                    let change = work.work.remove_agreement(*number, Action::DraftDiscarded).await?;
                    Ok(Saved { kind: RecordKind::Agreement, record: change.record, revision: change.revision, version: None, secret: None })
                }
            }
        });
        outcome.await.map(AgreementPayload)
    }

    /// Freezes a draft and puts it before the parties (送签): from here on its digest is what they sign. For registrars of
    /// its author.
    async fn propose_version(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which draft, and until when.")] input: Submitted<ProposeVersionInput>,
    ) -> Result<AgreementPayload, Fault> {
        let outcome = write(
            ctx,
            input,
            |r| {
                let (version, answer_by) = (version(r), required_date(r, "answerBy"));
                let (number, version) = version?;
                Some((number, version, answer_by?))
            },
            async |work, (number, version, answer_by)| {
                let agreement = work.version(*number, *version).await?;
                agreement.ensure_own(*version, work.eyes())?;
                work.acts_for(agreement.version(*version).and_then(Version::author));
                let proposed = agreement.propose(*version, *answer_by, work.when())?;
                Ok(work.save_agreement(proposed, Action::Proposed).await?.about(*version))
            },
        );
        outcome.await.map(AgreementPayload)
    }

    /// Takes a proposal back (撤回送签). For registrars of its author; a steward does so only with a reason, and not once a party
    /// other than the proposer has signed.
    async fn withdraw_proposal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which proposal.")] input: Submitted<VersionInput>,
    ) -> Result<AgreementPayload, Fault> {
        let read = |r: &mut Reader<'_>| {
            let (version, reason) = (version(r), r.optional_line("reason", REASON));
            let (number, version) = version?;
            Some((number, version, reason))
        };
        let outcome = write(ctx, input, read, async |work, (number, version, reason)| {
            let agreement = work.version(*number, *version).await?;
            agreement.ensure_own(*version, work.eyes())?;
            let author = agreement.version(*version).and_then(Version::author);
            work.acts_for(author);
            let by = if author.is_some_and(|author| work.is_registrar_of(author)) { Withdrawer::Author } else { Withdrawer::Steward };
            let withdrawn = agreement.withdraw_proposal(*version, by, reason.as_deref().map(Into::into), work.when())?;
            Ok(work.save_agreement(withdrawn, Action::ProposalWithdrawn).await?.about(*version))
        });
        outcome.await.map(AgreementPayload)
    }

    /// Signs a proposal for a party (签署), over the digest of what was read. The last signature that is needed concludes it.
    /// For signatories of the party.
    async fn sign_version(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The signature.")] input: Submitted<SignVersionInput>,
    ) -> Result<AgreementPayload, Fault> {
        let outcome = write(
            ctx,
            input,
            |r| {
                let (version, digest) = (party_version(r), r.code::<domain::Digest>("digest"));
                let (number, version, party) = version?;
                Some((number, version, party, digest?))
            },
            async |work, (number, version, party, digest)| {
                let agreement = work.version(*number, *version).await?;
                let (party, was) = (work.as_written(&agreement, *party), state(&agreement, *version, work.today()));
                let signed = agreement.sign(*version, party, *digest, work.when())?;
                work.save_answer(signed, *version, Action::Signed, was).await
            },
        );
        outcome.await.map(AgreementPayload)
    }

    /// Rejects a proposal for a party (不同意), with the reason; under `NO_OBJECTION` it objects. For signatories of the party.
    async fn reject_version(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The no, with its reason.")] input: Submitted<RejectVersionInput>,
    ) -> Result<AgreementPayload, Fault> {
        let outcome = write(
            ctx,
            input,
            |r| {
                let (version, reason) = (party_version(r), r.line("reason", REASON));
                let (number, version, party) = version?;
                Some((number, version, party, reason))
            },
            async |work, (number, version, party, reason)| {
                let agreement = work.version(*number, *version).await?;
                let (party, was) = (work.as_written(&agreement, *party), state(&agreement, *version, work.today()));
                let rejected = agreement.reject(*version, party, reason.as_str().into(), work.when())?;
                work.save_answer(rejected, *version, Action::Rejected, was).await
            },
        );
        outcome.await.map(AgreementPayload)
    }

    /// Takes a rejection back, until the day for answers and while the proposal was not withdrawn. For signatories of the
    /// party.
    async fn undo_rejection(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which version, and for which party.")] input: Submitted<PartyVersionInput>,
    ) -> Result<AgreementPayload, Fault> {
        let outcome = write(ctx, input, party_version, async |work, (number, version, party)| {
            let agreement = work.version(*number, *version).await?;
            let (party, was) = (work.as_written(&agreement, *party), state(&agreement, *version, work.today()));
            let undone = agreement.undo_rejection(*version, party, work.when())?;
            work.save_answer(undone, *version, Action::RejectionUndone, was).await
        });
        outcome.await.map(AgreementPayload)
    }

    /// Accedes to an agreement (加入): the newcomer signs the digest that stands. No one else signs again. For signatories of
    /// the newcomer.
    async fn accede_to_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who accedes, and the digest that it signs.")] input: Submitted<AccessionInput>,
    ) -> Result<AgreementPayload, Fault> {
        let read = |r: &mut Reader<'_>| {
            let accession = Accession::read(r)?;
            if accession.newcomer.district != accession.party {
                r.refuse(
                    domain::ProblemCode::Invalid,
                    "newcomer.district",
                    "NOT_THE_NEWCOMER",
                    domain::Message::new("只能为本区域申请加入", "a newcomer accedes for itself"),
                    domain::Message::new("party 与 newcomer.district 应为同一区域", "let party and newcomer.district be the same district"),
                );
            }
            Some(accession)
        };
        let outcome = write(ctx, input, read, async |work, accession| {
            let agreement = work.agreement(accession.number).await?;
            let newcomer = Party { district: work.as_written(&agreement, accession.newcomer.district), ..accession.newcomer.clone() };
            let district = newcomer.district;
            let acceded = agreement.accede(newcomer, accession.digest, work.when())?;
            let waits = |version: &Version| version.accessions.iter().any(|accession| accession.party.district == district);
            let is_in = !acceded.versions.iter().any(waits);
            work.save_standing(acceded, if is_in { Action::Admitted } else { Action::Acceded }).await
        });
        outcome.await.map(AgreementPayload)
    }

    /// Consents to a newcomer, as the agreement's `admission` asks for. For signatories of the party that consents.
    async fn admit_party(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who consents, and to whom.")] input: Submitted<AccessionInput>,
    ) -> Result<AgreementPayload, Fault> {
        let outcome = write(ctx, input, Accession::read, async |work, accession| {
            let agreement = work.agreement(accession.number).await?;
            agreement.ensure_standing_digest(accession.digest, work.today())?;
            let by = work.as_written(&agreement, accession.party);
            let admitted = agreement.admit(by, accession.newcomer.district, work.when())?;
            work.save_standing(admitted, Action::Admitted).await
        });
        outcome.await.map(AgreementPayload)
    }

    /// Records an agreement that was signed on paper (登记纸质协议). A steward's record works at once, its parties not yet
    /// confirmed; a registrar's counts as its own party's confirmation, and works between two parties once both have
    /// confirmed. For registrars of the recorder.
    async fn record_paper_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What was signed.")] input: Submitted<PaperAgreementInput>,
    ) -> Result<AgreementPayload, Fault> {
        let by = recorded_by(ctx);
        let read = |r: &mut Reader<'_>| {
            if r.has("number") {
                r.fault("number", "NOT_YET", domain::Message::new("协议编号由系统给出", "the registry gives a new agreement its number"));
            }
            // A first record needs no reason; one that is given says nothing that is kept.
            r.optional_line("reason", REASON);
            let (recorder, paper) = read_paper(r)?;
            Some((recorder, paper, by))
        };
        let outcome = write(ctx, input, read, async |work, (recorder, paper, by)| {
            work.expect(0)?;
            let paper = work.settled(None, paper.clone()).await?;
            let paper = work.recorded(paper, *recorder, *by)?;
            paper.ensure_signed_by(work.today())?;
            let number = work.next_number()?;
            work.save_agreement(domain::Agreement::recorded(number, paper, work.today())?, Action::Recorded).await
        });
        outcome.await.map(AgreementPayload)
    }

    /// Confirms a paper record for a party (确认). For signatories of the party.
    async fn confirm_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which version, and for which party.")] input: Submitted<PartyVersionInput>,
    ) -> Result<AgreementPayload, Fault> {
        let outcome = write(ctx, input, party_version, async |work, (number, version, party)| {
            let agreement = work.version(*number, *version).await?;
            let party = work.as_written(&agreement, *party);
            let confirmed = agreement.confirm(*version, party, work.when())?;
            Ok(work.save_agreement(confirmed, Action::Confirmed).await?.about(*version))
        });
        outcome.await.map(AgreementPayload)
    }

    /// Contests a paper record for a party (异议), with the reason; it thereby sets the party's flag. For signatories of the
    /// party.
    async fn contest_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which version, for which party, and why.")] input: Submitted<RejectVersionInput>,
    ) -> Result<AgreementPayload, Fault> {
        let outcome = write(
            ctx,
            input,
            |r| {
                let (version, reason) = (party_version(r), r.line("reason", REASON));
                let (number, version, party) = version?;
                Some((number, version, party, reason))
            },
            async |work, (number, version, party, reason)| {
                let agreement = work.version(*number, *version).await?;
                let party = work.as_written(&agreement, *party);
                let contested = agreement.contest(*version, party, reason.as_str().into(), work.when())?;
                Ok(work.save_agreement(contested, Action::Contested).await?.about(*version))
            },
        );
        outcome.await.map(AgreementPayload)
    }

    /// Corrects a paper record while nobody else has confirmed it, with the reason (更正). For its recorder.
    async fn correct_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The record as it is to be.")] input: Submitted<PaperAgreementInput>,
    ) -> Result<AgreementPayload, Fault> {
        let by = recorded_by(ctx);
        let read = |r: &mut Reader<'_>| {
            let number = number(r);
            let reason = r.line("reason", REASON);
            let (recorder, paper) = read_paper(r)?;
            Some((number?, recorder, paper, reason, by))
        };
        let outcome = write(ctx, input, read, async |work, (number, recorder, paper, reason, by)| {
            let agreement = work.agreement(*number).await?;
            let (recorded_by, by) = (*by, by);
            let by = match by {
                RecordedBy::Party => Corrector::Recorder(work.as_written(&agreement, *recorder)),
                RecordedBy::Steward => Corrector::Steward,
            };
            let paper = work.settled(Some(*number), paper.clone()).await?;
            let paper = work.recorded(paper, *recorder, recorded_by)?;
            let corrected = agreement.correct(paper, by, reason.as_str().into(), work.when())?;
            work.save_agreement(corrected, Action::Corrected).await
        });
        outcome.await.map(AgreementPayload)
    }

    /// Voids a record that was entered in error (作废), with the reason. For stewards.
    async fn void_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which agreement, and why.")] input: Submitted<ReasonInput>,
    ) -> Result<AgreementPayload, Fault> {
        let outcome = write(ctx, input, with_reason, async |work, (number, reason)| {
            let voided = work.agreement(*number).await?.void(reason.as_str().into(), work.when())?;
            work.save_agreement(voided, Action::Voided).await
        });
        outcome.await.map(AgreementPayload)
    }

    /// Sets a party's flag (暂停): the routes in which it is receiving or competent stop at once. For signatories of the
    /// party.
    async fn suspend_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which agreement, for which party, and why.")] input: Submitted<SuspendAgreementInput>,
    ) -> Result<AgreementPayload, Fault> {
        let outcome = write(
            ctx,
            input,
            |r| {
                let (of, reason, until) = (party_of(r), r.line("reason", REASON), r.date("until"));
                let (number, party) = of?;
                Some((number, party, reason, until))
            },
            async |work, (number, party, reason, until)| {
                let agreement = work.agreement(*number).await?;
                let party = work.as_written(&agreement, *party);
                let suspended = agreement.suspend(Some(party), reason.as_str().into(), *until, work.when())?;
                work.save_standing(suspended, Action::Suspended).await
            },
        );
        outcome.await.map(AgreementPayload)
    }

    /// Clears the party's own flag (恢复). Only who set a flag clears it. For signatories of the party.
    async fn resume_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which agreement, and for which party.")] input: Submitted<PartyInputRef>,
    ) -> Result<AgreementPayload, Fault> {
        let outcome = write(ctx, input, party_of, async |work, (number, party)| {
            let agreement = work.agreement(*number).await?;
            let party = work.as_written(&agreement, *party);
            let resumed = agreement.resume(Some(party), work.when())?;
            work.save_standing(resumed, Action::Resumed).await
        });
        outcome.await.map(AgreementPayload)
    }

    /// Gives notice that a party leaves (退出告知). For signatories of the party.
    async fn give_notice(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which party leaves, when, and why.")] input: Submitted<GiveNoticeInput>,
    ) -> Result<AgreementPayload, Fault> {
        let outcome = write(
            ctx,
            input,
            |r| {
                let (of, ends_on, reason) = (party_of(r), required_date(r, "endsOn"), r.line("reason", REASON));
                let leaving = if r.flag("lawChanged") { Leaving::LawChanged } else { Leaving::InTime };
                let (number, party) = of?;
                Some((number, party, ends_on?, leaving, reason))
            },
            async |work, (number, party, ends_on, leaving, reason)| {
                let agreement = work.agreement(*number).await?;
                let party = work.as_written(&agreement, *party);
                let given = agreement.give_notice(party, *ends_on, *leaving, reason.as_str().into(), work.when())?;
                work.save_standing(given, Action::NoticeGiven).await
            },
        );
        outcome.await.map(AgreementPayload)
    }

    /// Revokes a party's notice before its last day has passed. For signatories of the party.
    async fn revoke_notice(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which agreement, and for which party.")] input: Submitted<PartyInputRef>,
    ) -> Result<AgreementPayload, Fault> {
        let outcome = write(ctx, input, party_of, async |work, (number, party)| {
            let agreement = work.agreement(*number).await?;
            let party = work.as_written(&agreement, *party);
            let revoked = agreement.revoke_notice(party, work.when())?;
            work.save_standing(revoked, Action::NoticeRevoked).await
        });
        outcome.await.map(AgreementPayload)
    }

    /// Objects to the renewal of an agreement for a party: it then ends with its present term. For signatories of the party.
    async fn oppose_renewal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which agreement, and for which party.")] input: Submitted<PartyInputRef>,
    ) -> Result<AgreementPayload, Fault> {
        let outcome = write(ctx, input, party_of, async |work, (number, party)| {
            let agreement = work.agreement(*number).await?;
            let party = work.as_written(&agreement, *party);
            let opposed = agreement.oppose_renewal(party, work.when())?;
            work.save_standing(opposed, Action::RenewalOpposed).await
        });
        outcome.await.map(AgreementPayload)
    }

    /// Attaches a document to an agreement (附上文件). The same content again, for the same party, is the same document:
    /// it gets the name that is given, and is released, or taken back, where `released` says so. For registrars and
    /// signatories of the party.
    async fn attach_document(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is attached, to which agreement, for which party.")] input: Submitted<AttachDocumentInput>,
    ) -> Result<AgreementPayload, Fault> {
        let outcome = write(ctx, input, Attachment::read, async |work, attachment| {
            let agreement = work.agreement(attachment.number).await?;
            let today = work.today();
            let seen = agreement.seen_by(work.eyes(), today).ok_or_else(|| unknown(RecordKind::Agreement, "number"))?;
            let party = work.as_written(&seen, attachment.party);
            agreement.ensure_attaching(party, today)?;
            let held = work.work.document(&attachment.document(party, None, today)).await?;
            if held.is_none() {
                let all = work.asked.snapshot.documents(attachment.number, &Eyes::Steward);
                ensure_room(all.len(), all.iter().filter(|document| document.party == party).count())?;
            }
            let document = attachment.document(party, held.as_deref(), today);
            work.save_document(document, &attachment.content).await
        });
        outcome.await.map(AgreementPayload)
    }

    /// Stops an agreement by the registry's flag (紧急停用): all its routes stop at once, and everybody is told. For stewards.
    async fn stop_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which agreement, and why.")] input: Submitted<ReasonInput>,
    ) -> Result<AgreementPayload, Fault> {
        let outcome = write(ctx, input, with_reason, async |work, (number, reason)| {
            let stopped = work.agreement(*number).await?.suspend(None, reason.as_str().into(), None, work.when())?;
            work.save_standing(stopped, Action::Stopped).await
        });
        outcome.await.map(AgreementPayload)
    }

    /// Clears the registry's flag (解除停用). For stewards.
    async fn release_agreement(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which agreement, and why.")] input: Submitted<ReasonInput>,
    ) -> Result<AgreementPayload, Fault> {
        let outcome = write(ctx, input, with_reason, async |work, (number, _)| {
            let released = work.agreement(*number).await?.resume(None, work.when())?;
            work.save_standing(released, Action::Released).await
        });
        outcome.await.map(AgreementPayload)
    }
}

/// A steward's record works at once; a registrar's speaks for its own party.
fn recorded_by(ctx: &Context<'_>) -> RecordedBy {
    if asked(ctx).viewer.roles.contains(&Role::Steward) { RecordedBy::Steward } else { RecordedBy::Party }
}
