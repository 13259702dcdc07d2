//! How a mutation writes: parse, load, decide, save, answer. This is the one place that asks who may, opens and commits the
//! unit of work, answers what is repeated, brings the catalogue up to what was written, and turns a refusal into problems.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::time::{Duration, Instant};

use domain::reading::{self, Reader};
use domain::text::{self, Layout};
use domain::{ApiKey, Digest, DistrictCode, Id, Message, Problem, ProblemCode, Problems, Record, RecordKind, Revision};
use persistence::{SPAN_TARGET, Sharing, StoredResult, UnavailableReason, WriteContext};
use serde_json::Value as Json;
use tracing::Instrument as _;

use super::{Fault, Input, Outcome, Refusal, Saved, Writing};
use crate::permission;
use crate::request_context::RequestContext;

/// How references to people begin.
const PERSON: &str = "oidc_";
/// How often a unit of work is tried again when others were in its way.
const TRIES: u32 = 5;
/// After this long it is not retried: the client is told that the registry is busy.
const PATIENCE: Duration = Duration::from_secs(4);
/// How long what was written may take to arrive in this process, when the database fails right after.
const PATIENCE_FOR_ITSELF: Duration = Duration::from_secs(3);

/// One mutation: `read` takes the input apart as far as it can be read; `decide` loads, decides and saves, and notes what is
/// wrong. With a problem nothing is written.
pub(crate) async fn write<R, F>(
    asked: &RequestContext,
    mutation: &'static str,
    input: Input,
    read: impl FnOnce(&mut Reader<'_>) -> R + Send,
    decide: F,
) -> Result<Outcome, Fault>
where
    R: Send + Sync,
    F: AsyncFn(&mut Writing<'_>, &R) -> Result<Option<Saved>, Refusal> + Send + Sync,
{
    let named = permission::district_field(mutation).and_then(|field| input.get(field)).and_then(Json::as_str);
    let acts_for: Option<DistrictCode> = named.and_then(|code| code.parse().ok());
    let district = acts_for.or(asked.viewer.district);
    let mut attempt =
        Attempt { mutation, client: asked.viewer.client.as_deref(), district, outcome: "BROKEN_OFF", revision: None, rules: String::new() };
    // On the heap: the future is large, and an operation holds one for each of its mutations.
    let outcome = Box::pin(answer(asked, mutation, acts_for, input, read, decide)).await;
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

/// The audit line of one mutation, written also when the client is gone. A change is in the journal too; a refusal is only here.
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

/// What stays the same from try to try.
struct Submission<'a, R> {
    asked: &'a RequestContext,
    mutation: &'static str,
    acts_for: Option<DistrictCode>,
    said: Option<Said>,
    expected: Option<Revision>,
    /// The form as far as it can be read, and what is wrong with it.
    form: R,
    problems: Problems,
}

/// What a client says again when it repeats an act.
struct Said {
    key: String,
    /// The version that its input names.
    version: Option<u32>,
    input: Digest,
}

async fn answer<R, F>(
    asked: &RequestContext,
    mutation: &'static str,
    acts_for: Option<DistrictCode>,
    mut input: Input,
    read: impl FnOnce(&mut Reader<'_>) -> R + Send,
    decide: F,
) -> Result<Outcome, Fault>
where
    R: Send + Sync,
    F: AsyncFn(&mut Writing<'_>, &R) -> Result<Option<Saved>, Refusal> + Send + Sync,
{
    // What is no code is told as a problem; that a district is not the caller's, before anything else.
    permission::may(&asked.viewer, mutation, acts_for.or(asked.viewer.district), &asked.snapshot, asked.today)?;

    let (key, expected) = (input.remove("idempotencyKey"), input.remove("expectedRevision"));
    let version = input.get("version").and_then(Json::as_u64).and_then(|version| u32::try_from(version).ok());
    let fields = Json::Object(input);
    let mut problems = Problems::new();
    let form = reading::read(&fields, &mut problems, read).expect("an input is an object");
    let key = idempotency_key(key, &mut problems);
    let expected = expected_revision(expected, &mut problems);
    if asked.follower.watch.doubts(asked.now) {
        return Err(Fault::Unavailable(UnavailableReason::Clock));
    }
    // What the caller expects is part of what it said.
    let said = key.map(|key| Said { key, version, input: Digest::of_displayed(format_args!("{fields}{expected:?}")) });
    // It may hold a file, which the form holds too.
    drop(fields);
    let submission = Submission { asked, mutation, acts_for, said, expected, form, problems };

    let (mut tries, mut sharing, began) = (1, Sharing::Shared, Instant::now());
    loop {
        let attempting = attempt(&submission, &decide, &mut sharing);
        match attempting.instrument(tracing::trace_span!(target: SPAN_TARGET, "work", mutation)).await {
            Ok(saved) => {
                asked.follower.catch_up_to(saved.revision).instrument(tracing::trace_span!(target: SPAN_TARGET, "catch up")).await;
                // It is done. Whoever is told so asks here next, and is to find it.
                if asked.follower.wait_for_revision(saved.revision, PATIENCE_FOR_ITSELF).await.is_err() {
                    tracing::warn!(revision = saved.revision, mutation, "done, and not acknowledged: this process has not come that far");
                    return Err(Fault::Unavailable(UnavailableReason::Unreachable));
                }
                return Ok(Outcome { saved: Some(saved), problems: Problems::new() });
            }
            Err(Refusal::Problems(problems)) => return Ok(Outcome { saved: None, problems: in_order(problems) }),
            Err(Refusal::Fault(fault)) => return Err(fault),
            // Another act broke the shared transaction off: that is none of this one's tries.
            Err(Refusal::Busy(persistence::Error::Aborted)) if began.elapsed() < PATIENCE => {}
            Err(Refusal::Busy(error)) if tries == TRIES || began.elapsed() >= PATIENCE => return Err(error.into()),
            Err(Refusal::Busy(error)) => {
                tracing::debug!(%error, mutation, tries, "tried again");
                tries += 1;
            }
        }
    }
}

async fn attempt<R, F>(submission: &Submission<'_, R>, decide: &F, sharing: &mut Sharing) -> Result<Saved, Refusal>
where
    R: Send + Sync,
    F: AsyncFn(&mut Writing<'_>, &R) -> Result<Option<Saved>, Refusal> + Send + Sync,
{
    let Submission { asked, acts_for, .. } = *submission;
    let by = WriteContext { actor: asked.viewer.client.clone().unwrap_or_default(), on_behalf_of: acts_for, now: asked.now, today: asked.today };
    let mut writing = Writing::new(asked.store.begin_shared(by, *sharing).await?, asked, submission.expected, &submission.problems);
    let outcome = act(&mut writing, submission, decide).await;
    let ended = match &outcome {
        Ok(_) => writing.work.commit().await,
        Err(Refusal::Problems(_) | Refusal::Fault(Fault::Unauthenticated)) => writing.work.release().await,
        // Dropped: it breaks off, and is tried again alone.
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

/// All but the commit.
async fn act<R, F>(writing: &mut Writing<'_>, submission: &Submission<'_, R>, decide: &F) -> Result<Saved, Refusal>
where
    R: Send + Sync,
    F: AsyncFn(&mut Writing<'_>, &R) -> Result<Option<Saved>, Refusal> + Send + Sync,
{
    let Submission { asked, mutation, said, form, .. } = submission;
    let client = asked.viewer.client.as_deref().unwrap_or_default();
    // The credential is checked here, too: elsewhere a revocation counts once this process has followed the journal.
    if let Ok(id) = client.parse::<Id<ApiKey>>()
        && !writing.work.key(id).await?.is_some_and(|key| key.is_valid(asked.now))
    {
        return Err(Refusal::Fault(Fault::Unauthenticated));
    }
    if let Some(Said { key, version, input }) = said
        && let Some(first) = writing.work.stored_result(client, mutation, key).await?
    {
        if first.input == *input {
            let version = version_of(asked, &first, *version).await?;
            return Ok(Saved { kind: first.kind, record: first.record, revision: first.revision, version, secret: None });
        }
        writing.note(used_before());
    }
    let saved = match decide(writing, form).await {
        Ok(Some(saved)) => saved,
        Ok(None) => {
            let problems = writing.take_problems();
            let is_silent = problems.is_empty();
            let silent = || Refusal::Fault(Fault::Internal(format!("{mutation} was given up without a problem")));
            return Err(if is_silent { silent() } else { Refusal::Problems(problems) });
        }
        Err(Refusal::Problems(problems)) => {
            writing.note_all(problems);
            return Err(Refusal::Problems(writing.take_problems()));
        }
        Err(refusal @ (Refusal::Fault(_) | Refusal::Busy(_))) => return Err(refusal),
    };
    // A key's name is a system's and stands in its record; a person's can be erased.
    if let Some(name) = asked.viewer.name.as_deref().filter(|_| client.starts_with(PERSON)) {
        writing.work.name_actor(name).await?;
    }
    if let Some(Said { key, input, .. }) = said {
        let first = StoredResult { input: *input, kind: saved.kind, record: saved.record, revision: saved.revision };
        writing.work.store_result(client, mutation, key, &first).await?;
    }
    Ok(saved)
}

/// Of an agreement the version that an act was about: the one that was named, else the newest that there was then.
async fn version_of(asked: &RequestContext, first: &StoredResult, named: Option<u32>) -> Result<Option<u32>, Refusal> {
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

/// Sorted by their paths, each once.
fn in_order(mut problems: Problems) -> Problems {
    fn by_path(a: &Problem, b: &Problem) -> Ordering {
        let steps = |problem: &'_ Problem| problem.path.iter().map(|step| (step.parse::<usize>().ok(), step.clone())).collect::<Vec<_>>();
        steps(a).cmp(&steps(b))
    }
    let mut told = HashSet::new();
    problems.retain(|problem| told.insert((problem.path.clone(), problem.rule, problem.message.clone())));
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
        let message = Message::new("数据版本应为 0 到 2^53 之间的整数", "a revision is an integer from 0 to below 2^53");
        let problem = Problem::invalid(vec!["expectedRevision".to_owned()], "REVISION", message);
        problems.push(problem.remedy("请填写读取该记录时的数据版本", "give the revision at which the record was read"));
    }
    number
}
