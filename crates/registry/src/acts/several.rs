//! Runs one act for each of several inputs. Each has its own outcome: a refused one does not stop the others.

use domain::{DistrictCode, Message, Problem, ProblemCode};
use futures::future::BoxFuture;
use serde_json::Value as Json;

use super::{Input, Outcome};
use crate::error::Error;
use crate::permission;
use crate::request_context::RequestContext;

/// The most inputs of one request.
const MAX_INPUTS: usize = 100;

type One = for<'a> fn(&'a RequestContext, Input) -> BoxFuture<'a, Result<Outcome, Error>>;

/// Runs one act for each input, in their order. A caller without permission for one of them runs none.
pub async fn several(
    request: &RequestContext,
    mutation: &str,
    inputs: Vec<Input>,
    one: One,
) -> Result<Vec<Outcome>, Error> {
    let RequestContext { viewer, snapshot, today, .. } = request;
    permission::authorize(viewer, mutation, inputs.first().and_then(district).or(viewer.district), snapshot, *today)?;
    for input in &inputs {
        permission::authorize(viewer, mutation, district(input).or(viewer.district), snapshot, *today)?;
    }
    if !(1..=MAX_INPUTS).contains(&inputs.len()) {
        let expected = Message::new(
            format!("一次可提交 1 至 {MAX_INPUTS} 条，不能是 {}", inputs.len()),
            format!("1 to {MAX_INPUTS} can be sent at once, not {}", inputs.len()),
        );
        return Err(Error::bad_input("input", expected));
    }
    let mut outcomes: Vec<Outcome> = Vec::with_capacity(inputs.len());
    let mut is_broken_off = false;
    for input in inputs {
        if is_broken_off {
            outcomes.push(not_tried());
            continue;
        }
        match one(request, input).await {
            Ok(outcome) => outcomes.push(outcome),
            // The earlier ones have been written: the caller gets their outcomes.
            Err(_) if outcomes.iter().any(|outcome| outcome.saved.is_some()) => {
                is_broken_off = true;
                outcomes.push(not_tried());
            }
            Err(error) => return Err(error),
        }
    }
    Ok(outcomes)
}

fn district(input: &Input) -> Option<DistrictCode> {
    input.get("district").and_then(Json::as_str).and_then(|code| code.parse().ok())
}

fn not_tried() -> Outcome {
    let message =
        Message::new("平台暂时无法写入，这一条没有写入", "the registry cannot write now; this one was not written");
    let problem = Problem { code: ProblemCode::Refused, ..Problem::invalid(Vec::new(), "NOT_WRITTEN", message) };
    let problem = problem.remedy("请稍后再提交这一条", "send this one again later");
    Outcome { problems: vec![problem], ..Outcome::default() }
}
