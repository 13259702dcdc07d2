//! `handling` and `handlings`: whether and how a matter can be handled across districts.

pub mod duty;
pub mod reason;
pub mod route;

use async_graphql::{ComplexObject, Context, InputObject, Lookahead, SimpleObject};
use domain::Message;
use registry::error::Error;
use registry::request_context::RequestContext;

use crate::context::request_context;
use crate::district::District;
use crate::enums::handling::{HandlingAnswer, Verdict};
use crate::matter::Matter;
use crate::scalar::{AsWritten, Date, DistrictCode, Expected, MatterCode, Revision};
use reason::Reason;
use route::HandlingRoute;

/// One question of `handlings`: can this matter be submitted in the receiving district, although the competent district
/// decides on it?
#[derive(Debug, Clone, InputObject)]
pub struct HandlingQuestion {
    /// The code of the matter (事项).
    pub matter: AsWritten<MatterCode>,
    /// The code of the receiving district (收件地), where the applicant submits.
    pub receiving: AsWritten<DistrictCode>,
    /// The code of the competent district (业务属地), whose authority decides.
    pub competent: AsWritten<DistrictCode>,
    /// The day for which the question is answered. Default: the argument `on` of `handlings`.
    pub on: Option<AsWritten<Date>>,
    /// Any text of the caller, to recognise the answer: `question { key }` returns it.
    pub key: Option<String>,
}

/// The question of an answer, exactly as it was given.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(serial)]
pub struct AskedQuestion {
    /// The code of the matter, as it was given.
    matter: String,
    /// The code of the receiving district (收件地), as it was given.
    receiving: String,
    /// The code of the competent district (业务属地), as it was given.
    competent: String,
    /// The day, as it was given. When none was given: the day that the answer is about.
    on: String,
    /// The caller's own text. Null when none was given.
    key: Option<String>,
}

/// The answer to the question whether a matter can be submitted in the receiving district, although the competent
/// district decides on it.
#[derive(Debug, SimpleObject)]
#[graphql(complex, serial)]
pub struct Handling {
    /// The question, to match answers with questions.
    question: AskedQuestion,
    /// The short answer.
    answer: HandlingAnswer,
    /// The verdict, which a page says first. Of a no, the first reason decides.
    verdict: Verdict,
    /// Of `SUSPENDED` the first day of the suspension, of `NOT_IN_DATE` the first day that is to come. Null otherwise.
    from: Option<Date>,
    /// Of `SUSPENDED` the expected last day, of `NOT_IN_DATE` the last day that has passed. Null otherwise.
    until: Option<Date>,
    /// The revision (数据版本) of the registry from which the answer was computed.
    revision: Revision,
    /// The day that the answer is about.
    on: Date,
    /// The matter. Null when no matter has the code.
    matter: Option<Matter>,
    /// The receiving district (收件地): where the applicant submits. Null when no district has the code.
    receiving: Option<District>,
    /// The competent district (业务属地): whose authority decides. Null when no district has the code.
    competent: Option<District>,
    /// The routes (办理途径): all ways in which the matter can be handled, best first.
    routes: Vec<HandlingRoute>,
    /// The reasons why there is no route. The first one is the easiest to remedy. Several bases with the same reason
    /// are one entry. Empty when there is a route.
    reasons: Vec<Reason>,
    /// Notices about the districts of the question.
    notices: Vec<Reason>,
    /// The malformed fields of the question, each with the expected form.
    #[graphql(skip)]
    malformed: Vec<(&'static str, Message)>,
}

impl HandlingQuestion {
    /// The malformed fields, each with the given value and the expected form.
    fn malformed(&self) -> Vec<(&'static str, String, Message)> {
        fn look<S: Expected + Copy>(
            field: &'static str,
            written: &AsWritten<S>,
        ) -> Option<(&'static str, String, Message)> {
            written.read().is_none().then(|| (field, written.text(), S::expected()))
        }
        let on = self.on.as_ref().and_then(|on| look("on", on));
        [look("matter", &self.matter), look("receiving", &self.receiving), look("competent", &self.competent), on]
            .into_iter()
            .flatten()
            .collect()
    }

    fn given(self, on: domain::Date) -> AskedQuestion {
        AskedQuestion {
            matter: self.matter.text(),
            receiving: self.receiving.text(),
            competent: self.competent.text(),
            on: self.on.map_or_else(|| on.to_string(), |on| on.text()),
            key: self.key,
        }
    }

    /// The answer, with the malformed fields.
    fn answer(
        &self,
        request: &RequestContext,
        on: domain::Date,
    ) -> (catalogue::Handling, Vec<(&'static str, Message)>) {
        let on = self.on.as_ref().and_then(AsWritten::read).map_or(on, |on| on.0);
        let (matter, receiving, competent) = (self.matter.read(), self.receiving.read(), self.competent.read());
        let snapshot = &request.snapshot;
        let faults = self.malformed();
        if faults.is_empty()
            && let (Some(matter), Some(receiving), Some(competent)) = (matter, receiving, competent)
        {
            return (snapshot.handling(matter.0, receiving.0, competent.0, on), Vec::new());
        }
        let malformed = catalogue::Handling {
            answer: catalogue::Answer::Malformed,
            on,
            matter: matter.and_then(|code| snapshot.matter(code.0).cloned()),
            receiving: receiving.and_then(|code| snapshot.district(code.0).cloned()),
            competent: competent.and_then(|code| snapshot.district(code.0).cloned()),
            routes: Vec::new(),
            reasons: faults
                .iter()
                .map(|(field, given, expected)| catalogue::Reason::malformed(field, given, expected))
                .collect(),
            notices: Vec::new(),
        };
        (malformed, faults.into_iter().map(|(field, _, expected)| (field, expected)).collect())
    }
}

impl Handling {
    /// Answers questions, and fetches everything that is selected in one statement.
    pub(crate) async fn answers(
        request: &RequestContext,
        questions: Vec<HandlingQuestion>,
        on: Option<Date>,
        routes: &Lookahead<'_>,
    ) -> Result<Vec<Self>, Error> {
        let on = on.map_or(request.today, |on| on.0);
        let mut answers = Vec::with_capacity(questions.len());
        for question in questions {
            request.deadline.check()?;
            let (answer, malformed) = question.answer(request, on);
            let verdict = answer.verdict();
            answers.push((answer, verdict, malformed, question.given(on)));
        }
        let of_each = answers.iter_mut().map(|(answer, ..)| std::mem::take(&mut answer.routes)).collect();
        let loaded = HandlingRoute::load(request, of_each, routes).await?;
        let revision = Revision(request.snapshot.revision());
        let with = |((answer, verdict, malformed, question), routes): (
            (catalogue::Handling, catalogue::Verdict, Vec<_>, AskedQuestion),
            Vec<HandlingRoute>,
        )| Self {
            question,
            answer: answer.answer.into(),
            verdict: verdict.into(),
            from: answer.verdict_days().from.map(Date),
            until: answer.verdict_days().to.map(Date),
            revision,
            on: Date(answer.on),
            matter: answer.matter.map(Matter),
            receiving: answer.receiving.map(District),
            competent: answer.competent.map(District),
            routes,
            reasons: Reason::list(answer.reasons),
            notices: Reason::list(answer.notices),
            malformed,
        };
        Ok(answers.into_iter().zip(loaded).map(with).collect())
    }

    /// The malformed fields of the question at this position of `questions`, as errors.
    pub(crate) fn malformed(&self, at: usize) -> Vec<Error> {
        self.malformed
            .iter()
            .map(|(field, expected)| Error::bad_field("questions", at, field, expected.clone()))
            .collect()
    }
}

/// The default and the highest number of other districts.
const DEFAULT_ELSEWHERE: i32 = 3;
const MAX_ELSEWHERE: usize = 100;

#[ComplexObject]
impl Handling {
    /// Other districts in which the matter of the competent district can be submitted on the day: those of the receiving
    /// district's prefecture first, then those of its province, then by code. Empty when the matter or a district is
    /// unknown.
    async fn elsewhere(
        &self,
        ctx: &Context<'_>,
        #[graphql(default_with = "Some(DEFAULT_ELSEWHERE)", desc = "How many at most, 0 to 100.")] first: Option<i32>,
    ) -> Result<Vec<District>, Error> {
        let first = first.unwrap_or(DEFAULT_ELSEWHERE);
        let most = usize::try_from(first).ok().filter(|most| *most <= MAX_ELSEWHERE).ok_or_else(|| {
            Error::bad_input(
                "first",
                Message::new(
                    format!("区域个数应为 0 至 {MAX_ELSEWHERE}，不能是 {first}"),
                    format!("0 to {MAX_ELSEWHERE} districts can be requested, not {first}"),
                ),
            )
        })?;
        let (Some(matter), Some(receiving), Some(competent)) = (&self.matter, &self.receiving, &self.competent) else {
            return Ok(Vec::new());
        };
        let snapshot = &request_context(ctx).snapshot;
        let found = snapshot.elsewhere(matter.0.code, receiving.0.code, competent.0.code, self.on.0, most);
        Ok(found.into_iter().map(District).collect())
    }
}
