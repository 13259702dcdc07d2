//! What an act would change: computed in steps, since it may take long.

use catalogue::{Effect, EffectComparison, Narrowing, Snapshot, TooManyPairs};
use domain::{Agreement, AgreementNumber, Date, Message, Supposition};

use crate::acts::Preview;
use crate::error::Error;
use crate::request_context::RequestContext;

/// Pairs of districts that are compared before others get their turn.
const STEP: usize = 50;

/// An effect, and the number of pairs of districts that were compared for it.
#[derive(Debug)]
pub struct Computed {
    pub effect: Effect,
    pub pairs: usize,
}

/// The effect of a version of an agreement, as the caller sees it, instead of the one before. Without a day: today, or
/// the first day of the version if that lies ahead.
pub async fn of_version(
    request: &RequestContext,
    agreement: &Agreement,
    number: u32,
    on: Option<Date>,
    narrowing: Narrowing,
) -> Result<Computed, Error> {
    let first =
        agreement.version(number).and_then(|version| version.term().map_or(version.effective_from, |it| it.from));
    let on = on.unwrap_or_else(|| first.map_or(request.today, |first| first.max(request.today)));
    let Some(Supposition { without, with }) = agreement.suppose(number, on, request.today) else {
        return Err(Error::Internal(format!("{} has no version {number}", agreement.number)));
    };
    let (before, after) = (supposing(request, [without])?, supposing(request, [with])?);
    compute(request, before, after, &[agreement.number], on, narrowing).await
}

/// The effect of what an act would write.
pub async fn of_preview(request: &RequestContext, preview: &Preview, narrowing: Narrowing) -> Result<Computed, Error> {
    let numbers: Vec<AgreementNumber> = preview.agreements.iter().map(|agreement| agreement.number).collect();
    let after = supposing(request, preview.agreements.iter().cloned())?;
    compute(request, (*request.snapshot).clone(), after, &numbers, preview.on, narrowing).await
}

fn supposing(request: &RequestContext, agreements: impl IntoIterator<Item = Agreement>) -> Result<Snapshot, Error> {
    request.snapshot.supposing(agreements).map_err(|error| Error::Internal(error.to_string()))
}

async fn compute(
    request: &RequestContext,
    before: Snapshot,
    after: Snapshot,
    numbers: &[AgreementNumber],
    on: Date,
    narrowing: Narrowing,
) -> Result<Computed, Error> {
    let comparison = before.compare_with(after, numbers, on, narrowing);
    let mut comparison: EffectComparison = comparison.map_err(|TooManyPairs| {
        let most = catalogue::MAX_PAIRS;
        Error::bad_input(
            "competent",
            Message::new(
                format!("涉及的区域组合超过 {most} 对，请用 receiving 或 competent 指定一个区域"),
                format!("more than {most} pairs of districts are concerned; name a district by receiving or competent"),
            ),
        )
    })?;
    while comparison.advance(STEP) {
        request.deadline.pause().await?;
    }
    let pairs = comparison.pairs();
    Ok(Computed { effect: comparison.finish(&request.scope), pairs })
}
