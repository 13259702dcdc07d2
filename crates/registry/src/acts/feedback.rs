//! Acts on feedback: submit, answer.

use domain::feedback::{MAX_OPEN, Submission, words_of};
use domain::{Feedback, Id, Message, Problem, ProblemCode, RecordKind};

use super::write::write;
use super::writing::unknown;
use super::{Abort, Input, Outcome, Saved};
use crate::error::Error;
use crate::feedback::{districts_of, is_in_charge};
use crate::request_context::RequestContext;
use crate::secret::case_number;

pub async fn submit(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    write(request, "submitFeedback", input, Submission::read, async |work, form| {
        let Submission { about, text, phone } = form;
        let districts = districts_of(&work.request.snapshot, about);
        if districts.is_none() && !about.is_empty() {
            work.note(no_record());
        }
        if districts.is_some() && work.work.open_feedback_about(about).await? >= MAX_OPEN {
            work.note(too_many());
        }
        let (Some(districts), true) = (districts, work.is_sound()) else { return Ok(None) };
        let number =
            case_number(work.request.today).map_err(|error| Abort::Error(Error::Internal(error.to_string())))?;
        let moment = (work.request.now, work.request.today);
        let case = Feedback::received(number, (about.clone(), districts), text, moment, &work.request.calendar);
        let saved = work.work.submit_feedback(case, text.clone(), phone.clone()).await?;
        Ok(Some(done(saved.id, saved.revision)))
    })
    .await
}

pub async fn answer(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    write(
        request,
        "answerFeedback",
        input,
        |r| {
            r.require("id");
            (r.optional_line("id", 60), words_of(r, "reply"))
        },
        async |work, (id, reply)| {
            let id: Option<Id<Feedback>> = id.as_deref().and_then(|id| id.parse().ok());
            let case = match id {
                Some(id) => work.work.feedback(id).await?,
                None => None,
            };
            let Some(case) = case.filter(|case| is_in_charge(work.request, &case.feedback.districts)) else {
                work.note(unknown(RecordKind::Feedback, "id"));
                return Ok(None);
            };
            let mut answered = case.feedback;
            let today = work.today();
            let Some(record) = work.noted(answered.record.answer(reply, today)) else { return Ok(None) };
            answered.record = record;
            if !work.is_sound() {
                return Ok(None);
            }
            let saved = work.work.answer_feedback(answered, reply).await?;
            Ok(Some(done(saved.id, saved.revision)))
        },
    )
    .await
}

fn done(id: Id<Feedback>, revision: domain::Revision) -> Saved {
    Saved { kind: RecordKind::Feedback, record: id.number(), revision, version: None, secret: None }
}

fn no_record() -> Problem {
    Problem {
        code: ProblemCode::NotFound,
        ..Problem::invalid(
            vec!["about".to_owned()],
            "NOT_FOUND",
            Message::new("没有可以纠错的这条记录", "there is no such public record"),
        )
        .remedy("请从有误的页面点“纠错”进入", "come here by the link on the page that is wrong")
    }
}

fn too_many() -> Problem {
    Problem::new(
        ProblemCode::Refused,
        vec!["about".to_owned()],
        "TOO_MANY_OPEN",
        Message::new(
            format!("这条记录已有 {MAX_OPEN} 件纠错等待答复"),
            format!("{MAX_OPEN} cases about this record wait for an answer"),
        ),
    )
    .remedy("请等待答复后再提交，或拨打当地的政务服务热线", "wait for the answers, or call the service line")
}
