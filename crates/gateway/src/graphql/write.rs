//! How a mutation writes: parse, load, decide, save, answer. This is the one place that asks who may, opens and
//! commits a unit of work, answers what is repeated, brings the catalogue up to what was written, and turns a
//! refusal into problems.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_graphql::parser::types::Type;
use async_graphql::registry::Registry;
use async_graphql::{Context, InputObjectType, InputType, InputValueError, InputValueResult, Value};
use chrono::Datelike as _;
use domain::act::When;
use domain::journal::Action;
use domain::reading::{self, Reader};
use domain::text::{self, Layout};
use domain::{
    Agreement, AgreementNumber, ApiKey, Date, Digest, DistrictCode, Document, Eyes, Id, Message, Noun, Problem, ProblemCode, Problems, Record,
    RecordKind, Recorded, Revision,
};
use persistence::{Act, By, Put, Remembered, SPANS, Sharing, Trouble};
use serde_json::{Map, Value as Json};
use tracing::Instrument as _;

use super::error::Fault;
use super::{TYPES, asked, change, coerce};
use crate::asked::{Asked, Views};
use crate::permission;

/// How references to people begin.
const PERSON: &str = "oidc_";
/// How often a unit of work is tried again when others were in its way.
const TRIES: u32 = 5;
/// From then on it is not tried again: whoever asked wants to hear that the registry is busy, not nothing.
const PATIENCE: Duration = Duration::from_secs(4);
/// How long what was written may take to arrive in this process, when the database fails right after.
const PATIENCE_FOR_ITSELF: Duration = Duration::from_secs(3);

/// An input as it came. The schema checks its shape; the domain's door reads it, so that every field at fault is a
/// problem with its path, all at once.
#[derive(Debug, Clone)]
pub struct Submitted<I> {
    fields: Map<String, Json>,
    shape: PhantomData<fn() -> I>,
}

impl<I: InputObjectType> InputType for Submitted<I> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        I::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        I::create_type_info(registry)
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        let ty = Type::new(&I::type_name()).expect("the name of a type");
        match coerce::with_lists(&TYPES, value.unwrap_or_default(), &ty).into_json() {
            Ok(Json::Object(fields)) => Ok(Self { fields, shape: PhantomData }),
            Ok(_) | Err(_) => Err(InputValueError::custom("an object is expected")),
        }
    }

    fn to_value(&self) -> Value {
        Value::from_json(Json::Object(self.fields.clone())).unwrap_or_default()
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

/// What came of a mutation.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outcome {
    pub(crate) saved: Option<Saved>,
    pub(crate) problems: Problems,
}

/// A record that was written, or was like that already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Saved {
    pub(crate) kind: RecordKind,
    /// The revision that created the record.
    pub(crate) record: Revision,
    pub(crate) revision: Revision,
    /// Of an agreement: the version that it was about.
    pub(crate) version: Option<u32>,
    /// Of a key: what is told once.
    pub(crate) secret: Option<String>,
}

impl Saved {
    /// The version that the act was about.
    pub(crate) fn about(self, version: u32) -> Self {
        Self { version: Some(version), ..self }
    }
}

/// Why nothing was written.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// What the user can mend.
    Problems(Problems),
    /// What stands outside the office.
    Fault(Fault),
    /// Others were in the way: the same again may do.
    Busy(persistence::Error),
}

impl Refusal {
    /// The same, said of another field.
    pub(crate) fn at(self, field: &str, instead: &str) -> Self {
        match self {
            Self::Problems(mut problems) => {
                for step in problems.iter_mut().flat_map(|problem| &mut problem.path).filter(|step| *step == field) {
                    *step = instead.to_owned();
                }
                Self::Problems(problems)
            }
            Self::Fault(_) | Self::Busy(_) => self,
        }
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Problems(vec![problem])
    }
}

impl From<persistence::Error> for Refusal {
    fn from(error: persistence::Error) -> Self {
        match error {
            persistence::Error::Refused(problem) => Self::Problems(vec![*problem]),
            error if error.is_retryable() => Self::Busy(error),
            error => Self::Fault(error.into()),
        }
    }
}

/// A unit of work with what decides in it.
pub(crate) struct Writing<'a> {
    pub(crate) work: Act,
    pub(crate) asked: &'a Asked,
    expected: Option<Revision>,
}

impl Writing<'_> {
    pub(crate) fn today(&self) -> Date {
        self.asked.today
    }

    pub(crate) fn when(&self) -> When {
        When { at: self.asked.now, today: self.asked.today }
    }

    /// A record that must not be there yet.
    pub(crate) fn is_new<T: Noun>(&self, found: Option<&Recorded<T>>, field: &str) -> Result<(), Problem> {
        let (zh, en) = (T::KIND.label(domain::Locale::Zh), T::KIND.label(domain::Locale::En));
        match found {
            None => self.expect(0),
            Some(_) => Err(Problem {
                code: ProblemCode::Conflict,
                ..Problem::invalid(
                    vec![field.to_owned()],
                    "ALREADY_REGISTERED",
                    Message::new(format!("该{zh}已登记"), format!("the {en} is registered already")),
                )
                .remedy("如需更改，请修订该记录", "revise the record instead")
            }),
        }
    }

    /// The record that must be there, as the caller last saw it.
    pub(crate) fn held<T: Noun>(&self, found: Option<Recorded<T>>, field: &str) -> Result<Recorded<T>, Refusal> {
        let held = found.ok_or_else(|| unknown(T::KIND, field))?;
        self.expect(held.revision)?;
        Ok(held)
    }

    /// Is the record as the caller last saw it? One that is not there yet was seen at 0.
    pub(crate) fn expect(&self, revision: Revision) -> Result<(), Problem> {
        match self.expected {
            Some(expected) if expected != revision => Err(Problem {
                code: ProblemCode::Stale,
                remedy: Some(Message::new("请重新读取该记录后再修订", "read the record again, then revise it")),
                ..Problem::invalid(
                    vec!["expectedRevision".to_owned()],
                    "RECORD_MOVED",
                    Message::new(format!("该记录已更新到数据版次 {revision}"), format!("the record has moved on to revision {revision}")),
                )
            }),
            Some(_) | None => Ok(()),
        }
    }

    /// An agreement as it is now, if the caller may see it.
    pub(crate) async fn seen(&mut self, number: AgreementNumber) -> Result<Option<Recorded<Agreement>>, Refusal> {
        let held = self.work.agreement(number).await?;
        Ok(held.filter(|agreement| agreement.seen_by(&self.asked.eyes, self.today()).is_some()))
    }

    /// The agreement that the act is about as it is now, if the caller may see it and expects it as it is.
    pub(crate) async fn agreement(&mut self, number: AgreementNumber) -> Result<Agreement, Refusal> {
        let held = self.seen(number).await?.ok_or_else(|| unknown(RecordKind::Agreement, "number"))?;
        if self.expected.is_some() {
            // A change that the caller may not see does not tell it that there was one.
            let newest = self.work.last_seen(held.id.number(), &change::seen_by(self.asked)).await?;
            self.expect(newest.unwrap_or_else(|| held.id.number()))?;
        }
        Ok(held.record)
    }

    /// The agreement as it is now, if the caller may see this version of it.
    pub(crate) async fn version(&mut self, number: AgreementNumber, version: u32) -> Result<Agreement, Refusal> {
        let agreement = self.agreement(number).await?;
        let seen = agreement.seen_by(&self.asked.eyes, self.today());
        if seen.is_some_and(|seen| seen.version(version).is_some()) { Ok(agreement) } else { Err(domain::act::no_such_version(version).into()) }
    }

    /// Writes a record whose references all lead somewhere.
    pub(crate) async fn save(&mut self, record: Record, action: Action) -> Result<Saved, Refusal> {
        let kind = record.kind();
        let dangling = self.work.dangling(&record).await?;
        if !dangling.is_empty() {
            return Err(Refusal::Problems(dangling));
        }
        let version = match &record {
            Record::Agreement(agreement) => Some(agreement.latest().number),
            Record::District(_) | Record::Matter(_) | Record::Offering(_) | Record::Window(_) | Record::Policy(_) | Record::Document(_) => None,
        };
        let (record, revision) = match self.work.act(record, action).await? {
            Put::Changed(change) => (change.record, change.revision),
            Put::Unchanged { id, revision } => (id, revision),
        };
        Ok(Saved { kind, record, revision, version, secret: None })
    }

    /// Keeps a document with its content. Its agreement and its party were looked up.
    pub(crate) async fn save_document(&mut self, document: Document, content: &[u8]) -> Result<Saved, Refusal> {
        let (record, revision) = match self.work.attach(document, content).await? {
            Put::Changed(change) => (change.record, change.revision),
            Put::Unchanged { id, revision } => (id, revision),
        };
        Ok(Saved { kind: RecordKind::Document, record, revision, version: None, secret: None })
    }

    pub(crate) async fn save_agreement(&mut self, agreement: Agreement, action: Action) -> Result<Saved, Refusal> {
        self.save(Record::Agreement(Box::new(agreement)), action).await
    }

    /// Saves what was done to the agreement as it stands.
    pub(crate) async fn save_standing(&mut self, agreement: Agreement, action: Action) -> Result<Saved, Refusal> {
        let standing = agreement.concluded(self.today()).map(|version| version.number);
        let saved = self.save_agreement(agreement, action).await?;
        Ok(Saved { version: standing.or(saved.version), ..saved })
    }

    /// The number of a new agreement.
    pub(crate) fn next_number(&mut self) -> Result<AgreementNumber, Refusal> {
        let year = u16::try_from(self.today().year()).ok();
        let number = year.and_then(|year| self.work.next_agreement_number(year));
        number.ok_or_else(|| Refusal::Fault(Fault::Internal("the numbers of agreements are used up".to_owned())))
    }

    /// On whose behalf it is done, where the input does not say.
    pub(crate) fn acts_for(&mut self, district: Option<DistrictCode>) {
        self.work.on_behalf_of(district);
    }

    /// Does the caller act for a district as its registrar?
    pub(crate) fn is_registrar_of(&self, district: DistrictCode) -> bool {
        let Asked { viewer, snapshot, today, .. } = self.asked;
        viewer.roles.contains(&domain::Role::Registrar) && viewer.districts(snapshot, *today).contains(&district)
    }

    /// The eyes through which the caller looks.
    pub(crate) fn eyes(&self) -> &Eyes {
        &self.asked.eyes
    }
}

/// There is no such record, or the caller may not see it: both look the same.
pub(crate) fn unknown(kind: RecordKind, field: &str) -> Problem {
    let (zh, en) = (kind.label(domain::Locale::Zh), kind.label(domain::Locale::En));
    Problem {
        code: ProblemCode::NotFound,
        ..Problem::invalid(vec![field.to_owned()], "NOT_FOUND", Message::new(format!("没有这个{zh}"), format!("there is no such {en}")))
            .remedy("请核对填写的内容；也可能您无权查看", "check what you filled in; or it is not yours to see")
    }
}

/// One mutation: `read` takes the input apart; `decide` loads, decides and saves. A refusal drops the work, and nothing happened.
pub(crate) async fn write<I, R, F>(
    ctx: &Context<'_>,
    input: Submitted<I>,
    read: impl FnOnce(&mut Reader<'_>) -> Option<R> + Send,
    decide: F,
) -> Result<Outcome, Fault>
where
    I: InputObjectType,
    R: Send + Sync,
    F: AsyncFn(&mut Writing<'_>, &R) -> Result<Saved, Refusal> + Send + Sync,
{
    let asked = asked(ctx);
    let mutation = ctx.item.node.name.node.as_str();
    let named = permission::district_field(mutation).and_then(|field| input.fields.get(field)).and_then(Json::as_str);
    let acts_for: Option<DistrictCode> = named.and_then(|code| code.parse().ok());
    let district = acts_for.or(asked.viewer.district);
    let mut attempt =
        Attempt { mutation, client: asked.viewer.client.as_deref(), district, outcome: "BROKEN_OFF", revision: None, rules: String::new() };
    let outcome = answer(ctx, mutation, acts_for, input, read, decide).await;
    match &outcome {
        Ok(Outcome { saved: Some(saved), .. }) => (attempt.outcome, attempt.revision) = ("DONE", Some(saved.revision)),
        Ok(Outcome { saved: None, problems }) => {
            attempt.outcome = "REFUSED";
            attempt.rules = problems.iter().map(|problem| problem.rule).collect::<Vec<_>>().join(" ");
        }
        Err(fault) => attempt.outcome = fault.code().name(),
    }
    match &outcome {
        Ok(Outcome { saved: Some(_), .. }) => asked.follower.watch.wrote(),
        Err(Fault::Unavailable(trouble)) => asked.follower.watch.failed(*trouble),
        Ok(_) | Err(_) => {}
    }
    outcome
}

/// Who tries what, and what comes of it: a line of the log for every mutation, also when nobody waits for its end any more.
/// What was done stands in the journal, too; what was refused stands only there.
struct Attempt<'a> {
    mutation: &'a str,
    client: Option<&'a str>,
    district: Option<DistrictCode>,
    outcome: &'static str,
    revision: Option<Revision>,
    /// Those that were broken.
    rules: String,
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        let Self { mutation, client, district, outcome, revision, rules } = self;
        tracing::info!(mutation, client, district = district.map(|code| code.to_string()), outcome, revision, rules, "audit");
    }
}

async fn answer<I, R, F>(
    ctx: &Context<'_>,
    mutation: &str,
    acts_for: Option<DistrictCode>,
    input: Submitted<I>,
    read: impl FnOnce(&mut Reader<'_>) -> Option<R> + Send,
    decide: F,
) -> Result<Outcome, Fault>
where
    I: InputObjectType,
    R: Send + Sync,
    F: AsyncFn(&mut Writing<'_>, &R) -> Result<Saved, Refusal> + Send + Sync,
{
    let asked = asked(ctx);
    // What is no code is told as a problem; that a district is not the caller's, before anything else.
    permission::may(&asked.viewer, mutation, acts_for.or(asked.viewer.district), &asked.snapshot, asked.today)?;

    let mut fields = input.fields;
    let (key, expected) = (fields.remove("idempotencyKey"), fields.remove("expectedRevision"));
    let version = fields.get("version").and_then(Json::as_u64).and_then(|version| u32::try_from(version).ok());
    let fields = Json::Object(fields);
    let mut problems = Problems::new();
    let parsed = reading::read(&fields, &mut problems, read).flatten();
    let key = idempotency_key(key, &mut problems);
    let expected = expected_revision(expected, &mut problems);
    let parsed = match parsed {
        Some(parsed) if problems.is_empty() => parsed,
        Some(_) | None => return Ok(Outcome { saved: None, problems }),
    };
    if asked.follower.watch.doubts(asked.now) {
        return Err(Fault::Unavailable(Trouble::Clock));
    }
    // What the caller expects is part of what it said.
    let said = key.map(|key| Said { key, version, input: Digest::of(format!("{fields}{expected:?}").as_bytes()) });

    let (mut tries, mut sharing, began) = (1, Sharing::Together, Instant::now());
    loop {
        let attempting = attempt(asked, mutation, acts_for, said.as_ref(), expected, &parsed, &decide, &mut sharing);
        match attempting.instrument(tracing::trace_span!(target: SPANS, "work", mutation)).await {
            Ok(saved) => {
                asked.follower.catch_up_to(saved.revision).instrument(tracing::trace_span!(target: SPANS, "catch up")).await;
                // It is done. Whoever is told so asks here next, and is to find it.
                if asked.follower.reach(saved.revision, PATIENCE_FOR_ITSELF).await.is_err() {
                    tracing::warn!(revision = saved.revision, mutation, "done, and not acknowledged: this process has not come that far");
                    return Err(Fault::Unavailable(Trouble::Unreachable));
                }
                ctx.data_unchecked::<Arc<Views>>().add(asked.anew());
                return Ok(Outcome { saved: Some(saved), problems: Problems::new() });
            }
            Err(Refusal::Problems(problems)) => return Ok(Outcome { saved: None, problems }),
            Err(Refusal::Fault(fault)) => return Err(fault),
            // Another act broke the shared transaction off: that is none of this one's tries.
            Err(Refusal::Busy(persistence::Error::BrokenOff)) if began.elapsed() < PATIENCE => {}
            Err(Refusal::Busy(error)) if tries == TRIES || began.elapsed() >= PATIENCE => return Err(error.into()),
            Err(Refusal::Busy(error)) => {
                tracing::debug!(%error, mutation, tries, "tried again");
                tries += 1;
            }
        }
    }
}

/// What a client says again when it repeats an act.
struct Said {
    key: String,
    /// The version that its input names.
    version: Option<u32>,
    input: Digest,
}

#[expect(clippy::too_many_arguments, reason = "what stays the same from try to try, and what does not")]
async fn attempt<R, F>(
    asked: &Asked,
    mutation: &str,
    acts_for: Option<DistrictCode>,
    said: Option<&Said>,
    expected: Option<Revision>,
    parsed: &R,
    decide: &F,
    sharing: &mut Sharing,
) -> Result<Saved, Refusal>
where
    R: Send + Sync,
    F: AsyncFn(&mut Writing<'_>, &R) -> Result<Saved, Refusal> + Send + Sync,
{
    let client = asked.viewer.client.clone().unwrap_or_default();
    let by = By { actor: client.clone(), on_behalf_of: acts_for, now: asked.now, today: asked.today };
    let mut writing = Writing { work: asked.store.join(by, *sharing).await?, asked, expected };
    let outcome = act(&mut writing, mutation, &client, said, parsed, decide).await;
    let ended = match &outcome {
        Ok(_) => writing.work.commit().await,
        Err(Refusal::Problems(_) | Refusal::Fault(Fault::Unauthenticated)) => writing.work.leave().await,
        // Dropped: it breaks off, and is tried again alone.
        Err(_) => {
            *sharing = Sharing::Alone;
            Ok(())
        }
    };
    if matches!(ended, Err(persistence::Error::BrokenOff)) {
        *sharing = Sharing::Alone;
    }
    ended?;
    outcome
}

/// All but the commit.
async fn act<R, F>(writing: &mut Writing<'_>, mutation: &str, client: &str, said: Option<&Said>, parsed: &R, decide: &F) -> Result<Saved, Refusal>
where
    R: Send + Sync,
    F: AsyncFn(&mut Writing<'_>, &R) -> Result<Saved, Refusal> + Send + Sync,
{
    let asked = writing.asked;
    // The door knows of a revocation once this process has followed the journal; here nothing is behind.
    if let Ok(id) = client.parse::<Id<ApiKey>>()
        && !writing.work.key(id).await?.is_some_and(|key| key.is_valid(asked.now))
    {
        return Err(Refusal::Fault(Fault::Unauthenticated));
    }
    if let Some(Said { key, version, input }) = said
        && let Some(first) = writing.work.remembered(client, mutation, key).await?
    {
        if first.input != *input {
            return Err(used_before().into());
        }
        let version = version_of(asked, &first, *version).await?;
        return Ok(Saved { kind: first.kind, record: first.record, revision: first.revision, version, secret: None });
    }
    let saved = decide(writing, parsed).await?;
    // A key's name is a system's and stands in its record; a person's can be erased.
    if let Some(name) = asked.viewer.name.as_deref().filter(|_| client.starts_with(PERSON)) {
        writing.work.name_actor(name).await?;
    }
    if let Some(Said { key, input, .. }) = said {
        let first = Remembered { input: *input, kind: saved.kind, record: saved.record, revision: saved.revision };
        writing.work.remember(client, mutation, key, &first).await?;
    }
    Ok(saved)
}

/// Of an agreement the version that an act was about: the one that was named, else the newest that there was then.
async fn version_of(asked: &Asked, first: &Remembered, named: Option<u32>) -> Result<Option<u32>, Refusal> {
    if first.kind != RecordKind::Agreement {
        return Ok(None);
    }
    let change = asked.store.change(first.revision).await?;
    let record = change.and_then(|change| Record::from_line(change.document.as_deref()?).ok());
    Ok(match record {
        Some(Record::Agreement(agreement)) => {
            let named = named.and_then(|number| agreement.version(number));
            Some(named.unwrap_or(agreement.latest()).number)
        }
        Some(Record::District(_) | Record::Matter(_) | Record::Offering(_) | Record::Window(_) | Record::Policy(_) | Record::Document(_)) | None => {
            None
        }
    })
}

fn used_before() -> Problem {
    Problem {
        code: ProblemCode::Conflict,
        ..Problem::invalid(
            vec!["idempotencyKey".to_owned()],
            "IDEMPOTENCY_KEY_USED",
            Message::new("该幂等键已用于内容不同的请求", "the key was used for another input"),
        )
        .remedy("每个新的请求请用新的幂等键", "use a new key for every new request")
    }
}

fn idempotency_key(key: Option<Json>, problems: &mut Problems) -> Option<String> {
    match key {
        None | Some(Json::Null) => None,
        Some(Json::String(key)) if (1..=200).contains(&key.len()) && text::fault(&key, 200, Layout::OneLine).is_none() => Some(key),
        Some(_) => {
            let message = Message::new(
                "幂等键应为 1 到 200 字节的文本，不含控制字符和换行",
                "an idempotency key is a text of 1 to 200 bytes without control characters and line breaks",
            );
            let problem = Problem::invalid(vec!["idempotencyKey".to_owned()], "IDEMPOTENCY_KEY", message);
            problems.push(problem.remedy("请使用随机生成的标识，例如 UUID", "use a random identifier, such as a UUID"));
            None
        }
    }
}

fn expected_revision(expected: Option<Json>, problems: &mut Problems) -> Option<Revision> {
    let number = match expected {
        None | Some(Json::Null) => return None,
        Some(expected) => expected.as_u64().filter(|number| *number <= domain::id::MAX_REVISION),
    };
    if number.is_none() {
        let message = Message::new("数据版次应为 0 到 2^53 之间的整数", "a revision is an integer from 0 to below 2^53");
        problems.push(Problem::invalid(vec!["expectedRevision".to_owned()], "REVISION", message));
    }
    number
}
