//! How an act writes: parse, load, decide, save, answer. This is the one place that checks the permission, opens and
//! commits the unit of work, returns the stored result of a repeated request, waits until the catalogue has the change,
//! and turns refusals into problems.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::time::{Duration, Instant};

use bytes::Bytes;
use domain::reading::{self, Reader};
use domain::text::{self, Layout};
use domain::{
    Agreement, ApiKey, Digest, DistrictCode, Id, InRecord as _, Message, Problem, ProblemCode, Problems, Record,
    RecordKind, Revision,
};
use persistence::{SPAN_TARGET, Sharing, StoredResult, UnavailableReason, WriteContext};
use serde_json::Value as Json;
use tracing::Instrument as _;

use super::content::WithContent;
use super::writing::Writing;
use super::{Abort, Input, Outcome, Saved};
use crate::error::Error;
use crate::permission;
use crate::request_context::RequestContext;

/// The actor of an act without a credential.
const ANONYMOUS: &str = "anonymous";
/// How many times a unit of work is tried when it conflicts with others.
const MAX_TRIES: u32 = 5;
/// After this time there is no further try: the registry is busy.
const RETRY_TIMEOUT: Duration = Duration::from_secs(4);
/// How long a committed change may take to reach this process, if the database fails right after the commit.
const CATCH_UP_TIMEOUT: Duration = Duration::from_secs(3);

/// The part of an act that loads, decides and saves. `None`: it noted problems and saved nothing.
pub(super) trait Decide<R>: AsyncFn(&mut Writing<'_>, &R) -> Result<Option<Saved>, Abort> + Send + Sync {}

impl<R, F: AsyncFn(&mut Writing<'_>, &R) -> Result<Option<Saved>, Abort> + Send + Sync> Decide<R> for F {}

/// Runs one act. `read` reads the input as far as possible; `decide` loads, decides and saves, and notes problems. With
/// a problem nothing is written.
pub(crate) async fn write<R: Send + Sync, F: Decide<R>>(
    request: &RequestContext,
    mutation: &'static str,
    input: Input,
    read: impl FnOnce(&mut Reader<'_>) -> R + Send,
    decide: F,
) -> Result<Outcome, Error> {
    write_with_content(request, mutation, (input, None), |r, _| read(r), decide).await
}

/// The same with a content in base64, which is released as soon as it is read.
pub(crate) async fn write_with_content<R: Send + Sync, F: Decide<R>>(
    request: &RequestContext,
    mutation: &'static str,
    input: (Input, Option<Bytes>),
    read: impl FnOnce(&mut Reader<'_>, Option<&[u8]>) -> R + Send,
    decide: F,
) -> Result<Outcome, Error> {
    let named = permission::district_field(mutation).and_then(|field| input.0.get(field)).and_then(Json::as_str);
    let acts_for: Option<DistrictCode> = named.and_then(|code| code.parse().ok());
    let district = acts_for.or(request.viewer.district);
    let mut attempt = Attempt {
        mutation,
        client: request.viewer.client.as_deref(),
        district,
        outcome: "BROKEN_OFF",
        revision: None,
        rules: String::new(),
    };
    // Boxed: the future is large, and an operation holds one for each of its mutations.
    let outcome = Box::pin(answer(request, mutation, acts_for, input, read, decide)).await;
    match &outcome {
        Ok(Outcome { saved: Some(saved), .. }) => (attempt.outcome, attempt.revision) = ("DONE", Some(saved.revision)),
        Ok(Outcome { saved: None, problems, .. }) if problems.is_empty() => attempt.outcome = "PREVIEWED",
        Ok(Outcome { saved: None, problems, .. }) => {
            attempt.outcome = "REFUSED";
            attempt.rules = problems.iter().map(|problem| problem.rule).collect::<Vec<_>>().join(" ");
        }
        Err(error) => attempt.outcome = error.code().name(),
    }
    match &outcome {
        Ok(Outcome { saved: Some(_), .. }) => request.follower.monitor.write_succeeded(),
        Err(Error::Unavailable(trouble)) => request.follower.monitor.write_failed(*trouble),
        Ok(_) | Err(_) => {}
    }
    outcome
}

/// The audit log line of one act. It is written even when the client has disconnected. A refusal is recorded only here.
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
        tracing::info!(
            mutation,
            client,
            district = district.map(|code| code.to_string()),
            outcome,
            revision,
            rules,
            "audit"
        );
    }
}

/// The parts of a request that stay the same from try to try.
struct Submission<'a, R> {
    request: &'a RequestContext,
    mutation: &'static str,
    acts_for: Option<DistrictCode>,
    idempotency: Option<Idempotency>,
    expected: Option<Revision>,
    /// The form as far as it could be read, and its problems.
    form: R,
    problems: Problems,
}

/// The idempotency key of a request, and the digest of its input.
struct Idempotency {
    key: String,
    /// The version that the input names.
    version: Option<u32>,
    input: Digest,
}

async fn answer<R: Send + Sync, F: Decide<R>>(
    request: &RequestContext,
    mutation: &'static str,
    acts_for: Option<DistrictCode>,
    (mut input, content): (Input, Option<Bytes>),
    read: impl FnOnce(&mut Reader<'_>, Option<&[u8]>) -> R + Send,
    decide: F,
) -> Result<Outcome, Error> {
    // The permission is checked before anything is looked up. A malformed code becomes a problem later.
    permission::authorize(
        &request.viewer,
        mutation,
        acts_for.or(request.viewer.district),
        &request.snapshot,
        request.today,
    )?;

    let (key, expected) = (input.remove("idempotencyKey"), input.remove("expectedRevision"));
    let version = input.get("version").and_then(Json::as_u64).and_then(|version| u32::try_from(version).ok());
    let fields = Json::Object(input);
    let mut problems = Problems::new();
    let form = reading::read(&fields, &mut problems, |r| read(r, content.as_deref())).expect("an input is an object");
    let key = idempotency_key(key, &mut problems);
    let expected = expected_revision(expected, &mut problems);
    if request.follower.monitor.distrusts_clock(request.now) {
        return Err(Error::Unavailable(UnavailableReason::Clock));
    }
    // The expected revision is part of the input.
    let whole = WithContent { fields: &fields, content: content.as_deref() };
    let idempotency =
        key.map(|key| Idempotency { key, version, input: Digest::of_displayed(format_args!("{whole}{expected:?}")) });
    // Frees memory: the form has what it needs of them.
    drop((fields, content));
    let submission = Submission { request, mutation, acts_for, idempotency, expected, form, problems };

    let (mut tries, mut sharing, began) = (1, Sharing::Shared, Instant::now());
    loop {
        let attempting = attempt(&submission, &decide, &mut sharing);
        match attempting.instrument(tracing::trace_span!(target: SPAN_TARGET, "work", mutation)).await {
            Ok(saved) => {
                request
                    .follower
                    .catch_up_to(saved.revision)
                    .instrument(tracing::trace_span!(target: SPAN_TARGET, "catch up"))
                    .await;
                // Read your writes: the caller's next query on this process has to find the change.
                if request.follower.wait_for_revision(saved.revision, CATCH_UP_TIMEOUT).await.is_err() {
                    tracing::warn!(
                        revision = saved.revision,
                        mutation,
                        "committed, but this process has not caught up with the revision"
                    );
                    return Err(Error::Unavailable(UnavailableReason::Unreachable));
                }
                return Ok(Outcome { saved: Some(saved), ..Outcome::default() });
            }
            Err(Abort::Problems(problems)) => {
                return Ok(Outcome { problems: in_order(problems), ..Outcome::default() });
            }
            Err(Abort::Preview(preview)) => return Ok(Outcome { preview: Some(*preview), ..Outcome::default() }),
            Err(Abort::Error(error)) => return Err(error),
            // Another act broke off the shared transaction: this does not count as a try.
            Err(Abort::Busy(persistence::Error::Aborted)) if began.elapsed() < RETRY_TIMEOUT => {}
            Err(Abort::Busy(error)) if tries == MAX_TRIES || began.elapsed() >= RETRY_TIMEOUT => {
                return Err(error.into());
            }
            Err(Abort::Busy(error)) => {
                tracing::debug!(%error, mutation, tries, "tried again");
                tries += 1;
            }
        }
    }
}

async fn attempt<R: Send + Sync, F: Decide<R>>(
    submission: &Submission<'_, R>,
    decide: &F,
    sharing: &mut Sharing,
) -> Result<Saved, Abort> {
    let Submission { request, acts_for, .. } = *submission;
    let by = WriteContext {
        actor: request.viewer.client.clone().unwrap_or_else(|| ANONYMOUS.to_owned()),
        on_behalf_of: acts_for,
        now: request.now,
        today: request.today,
    };
    let mut writing = Writing::new(
        request.store.begin_shared(by, *sharing).await?,
        request,
        submission.expected,
        &submission.problems,
    );
    let outcome = act(&mut writing, submission, decide).await;
    let ended = match &outcome {
        Ok(_) => writing.work.commit().await,
        Err(Abort::Problems(_) | Abort::Preview(_) | Abort::Error(Error::Unauthenticated)) => {
            writing.work.release().await
        }
        // The transaction is rolled back, and the act is tried again alone.
        Err(_) => {
            *sharing = Sharing::Alone;
            Ok(())
        }
    };
    if matches!(ended, Err(persistence::Error::Aborted)) {
        *sharing = Sharing::Alone;
    }
    ended?;
    outcome
}

/// Everything but the commit.
async fn act<R: Send + Sync, F: Decide<R>>(
    writing: &mut Writing<'_>,
    submission: &Submission<'_, R>,
    decide: &F,
) -> Result<Saved, Abort> {
    let Submission { request, mutation, idempotency, form, .. } = submission;
    let client = request.viewer.client.as_deref().unwrap_or_default();
    // The credential is checked in the database: this process may not know of a revocation yet.
    if let Ok(id) = client.parse::<Id<ApiKey>>()
        && !writing.work.key(id).await?.is_some_and(|key| key.is_valid(request.now))
    {
        return Err(Abort::Error(Error::Unauthenticated));
    }
    for grant in &request.viewer.grants {
        if !writing.work.grant_by_id(*grant).await?.is_some_and(|grant| grant.holds_on(request.today)) {
            return Err(Abort::Error(Error::Unauthenticated));
        }
    }
    if let Some(Idempotency { key, version, input }) = idempotency
        && let Some(first) = writing.work.stored_result(client, mutation, key).await?
    {
        if first.input == *input {
            let version = version_of(request, &first, *version).await?;
            return Ok(Saved {
                kind: first.kind,
                record: first.record,
                revision: first.revision,
                version,
                secret: None,
            });
        }
        writing.note(used_before());
    }
    let saved = match decide(writing, form).await {
        Ok(Some(saved)) => saved,
        Ok(None) => {
            let problems = writing.take_problems();
            let missing =
                || Abort::Error(Error::Internal(format!("{mutation} ended without a problem and without a result")));
            return Err(if problems.is_empty() { missing() } else { Abort::Problems(problems) });
        }
        Err(Abort::Problems(problems)) => {
            writing.note_all(problems);
            return Err(Abort::Problems(writing.take_problems()));
        }
        Err(refusal @ (Abort::Preview(_) | Abort::Error(_) | Abort::Busy(_))) => return Err(refusal),
    };
    // Names of people are stored apart, so that they can be erased.
    if let Some(name) = request.viewer.name.as_deref().filter(|_| request.viewer.is_person()) {
        writing.work.name_actor(name).await?;
    }
    if let Some(Idempotency { key, input, .. }) = idempotency {
        let first = StoredResult { input: *input, kind: saved.kind, record: saved.record, revision: saved.revision };
        writing.work.store_result(client, mutation, key, &first).await?;
    }
    Ok(saved)
}

/// For an agreement, the version that a repeated act was about: the named one, else the newest at that time.
async fn version_of(request: &RequestContext, first: &StoredResult, named: Option<u32>) -> Result<Option<u32>, Abort> {
    if first.kind != RecordKind::Agreement {
        return Ok(None);
    }
    let change = request.store.change(first.revision).await?;
    let agreement =
        change.and_then(|change| Agreement::from_record(Record::from_line(change.document.as_deref()?).ok()?));
    Ok(agreement
        .map(|agreement| named.and_then(|number| agreement.version(number)).unwrap_or(agreement.latest()).number))
}

/// Sorts problems by path and removes duplicates.
fn in_order(mut problems: Problems) -> Problems {
    fn by_path(a: &Problem, b: &Problem) -> Ordering {
        let steps = |problem: &'_ Problem| {
            problem.path.iter().map(|step| (step.parse::<usize>().ok(), step.clone())).collect::<Vec<_>>()
        };
        steps(a).cmp(&steps(b))
    }
    let mut seen = HashSet::new();
    problems.retain(|problem| seen.insert((problem.path.clone(), problem.rule, problem.message.clone())));
    problems.sort_by(by_path);
    problems
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
        Some(Json::String(key))
            if (1..=200).contains(&key.len()) && text::fault(&key, 200, Layout::OneLine).is_none() =>
        {
            Some(key)
        }
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
        let message =
            Message::new("数据版本应为 0 到 2^53 之间的整数", "a revision is an integer from 0 to below 2^53");
        let problem = Problem::invalid(vec!["expectedRevision".to_owned()], "REVISION", message);
        problems.push(problem.remedy("请填写读取该记录时的数据版本", "give the revision at which the record was read"));
    }
    number
}
