//! `handling` and `handlings`: whether and how a matter can be handled across districts.

use async_graphql::parser::types::Field;
use async_graphql::{Context, InputObject, Lookahead, Object, SimpleObject};
use catalogue::{Detail, Route};
use domain::{Message, handling};
use futures::FutureExt as _;

use super::agreement::Basis;
use super::clause::Clause;
use super::context::{language, request_context};
use super::direct_json::{JsonWriter, WriteJson};
use super::district::District;
use super::field_order::Serial;
use super::matter::Matter;
use super::node::Node;
use super::offering::Offering;
use super::page::Paging;
use super::scalar::{AsWritten, Date, DistrictCode, Expected, MatterCode, Revision, int};
use super::terms::ModeTerms;
use super::window::{Window, WindowConnection};
use super::words::{self, DayKind, DutyActor, HandlingAnswer, HandlingMode, Locale, ReasonCode};
use crate::error::Error;
use crate::request_context::RequestContext;

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
#[graphql(serial)]
pub struct Handling {
    /// The question, to match answers with questions.
    question: AskedQuestion,
    /// The short answer.
    answer: HandlingAnswer,
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
    /// The routes (通办路径): all ways in which the matter can be handled, best first.
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
        fn look<S: Expected + Copy>(field: &'static str, written: &AsWritten<S>) -> Option<(&'static str, String, Message)> {
            written.read().is_none().then(|| (field, written.text(), S::expected()))
        }
        let on = self.on.as_ref().and_then(|on| look("on", on));
        [look("matter", &self.matter), look("receiving", &self.receiving), look("competent", &self.competent), on].into_iter().flatten().collect()
    }

    fn as_given(self, on: domain::Date) -> AskedQuestion {
        AskedQuestion {
            matter: self.matter.text(),
            receiving: self.receiving.text(),
            competent: self.competent.text(),
            on: self.on.map_or_else(|| on.to_string(), |on| on.text()),
            key: self.key,
        }
    }

    /// The answer, with the malformed fields.
    fn answer(&self, request: &RequestContext, on: domain::Date) -> (catalogue::Handling, Vec<(&'static str, Message)>) {
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
            reasons: faults.iter().map(|(field, given, expected)| catalogue::Reason::malformed(field, given, expected)).collect(),
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
            answers.push((answer, malformed, question.as_given(on)));
        }
        let of_each = answers.iter_mut().map(|(answer, ..)| std::mem::take(&mut answer.routes)).collect();
        let loaded = HandlingRoute::load(request, of_each, routes).await?;
        let revision = Revision(request.snapshot.revision());
        let with = |((answer, malformed, question), routes): ((catalogue::Handling, Vec<_>, AskedQuestion), Vec<HandlingRoute>)| Self {
            question,
            answer: answer.answer.into(),
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
        self.malformed.iter().map(|(field, expected)| Error::bad_field("questions", at, field, expected.clone())).collect()
    }
}

#[derive(Debug, Clone)]
pub struct Reason(catalogue::Reason);

impl Reason {
    pub(crate) fn list(reasons: Vec<catalogue::Reason>) -> Vec<Self> {
        reasons.into_iter().map(Self).collect()
    }
}

/// A reason why a matter cannot be handled, or a notice about a route.
#[Object(serial)]
impl Reason {
    /// The stable code, by which a program decides.
    async fn code(&self) -> ReasonCode {
        self.0.code.into()
    }

    /// The reason in one sentence.
    async fn message(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The language of the text. Default: the first language of the `Accept-Language` header that the registry has, else Chinese."
        )]
        locale: Option<Locale>,
    ) -> &str {
        self.0.message(language(ctx, locale))
    }

    /// What to do about it, in one sentence. Null when there is nothing to add.
    async fn remedy(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The language of the text. Default: the first language of the `Accept-Language` header that the registry has, else Chinese."
        )]
        locale: Option<Locale>,
    ) -> Option<&str> {
        Some(self.0.remedy(language(ctx, locale))).filter(|remedy| !remedy.is_empty())
    }

    /// The record that the reason is about. Null when there is none.
    async fn subject(&self, ctx: &Context<'_>) -> Result<Option<Serial<Node>>, Error> {
        match self.0.subject() {
            Some(subject) => Ok(node(request_context(ctx), subject).await?.map(Serial)),
            None => Ok(None),
        }
    }

    /// The number of bases with this reason; 1 for a reason that is not about a basis.
    async fn count(&self) -> i32 {
        int(self.0.count)
    }

    /// The records that the reason is about: `subject` and at most nine more.
    async fn subjects(&self, ctx: &Context<'_>) -> Result<Vec<Serial<Node>>, Error> {
        let mut nodes = Vec::with_capacity(self.0.subjects.len());
        for subject in &self.0.subjects {
            nodes.extend(node(request_context(ctx), subject).await?.map(Serial));
        }
        Ok(nodes)
    }
}

/// The record that a reason is about. An offering is fetched: the catalogue has only a part of it.
async fn node(request: &RequestContext, subject: &catalogue::Subject) -> Result<Option<Node>, Error> {
    match subject {
        catalogue::Subject::Offering(id) => Ok(Offering::fetch_known(request, vec![*id]).boxed().await?.into_values().next().map(Node::Offering)),
        catalogue::Subject::District(_) | catalogue::Subject::Matter(_) | catalogue::Subject::Agreement(_) | catalogue::Subject::Policy(_) => {
            Ok(Node::of_subject(request, subject))
        }
    }
}

/// A route, with the offerings of the competent district if they are selected.
#[derive(Debug, Clone)]
pub struct HandlingRoute {
    route: Route,
    offerings: Vec<Offering>,
}

/// Fields that need the offerings of the competent district.
const READS_OFFERINGS: [&str; 3] = ["offerings", "duties", "totalDays"];

impl HandlingRoute {
    /// How much of a route is selected.
    pub(crate) fn detail(looked_at: &Lookahead<'_>) -> Detail {
        let any = |fields: &[&str]| fields.iter().any(|field| looked_at.field(field).exists());
        if any(&READS_OFFERINGS) || any(&["windows", "notices"]) {
            Detail::Whole
        } else if any(&["validFrom", "validTo"]) {
            Detail::Dated
        } else {
            Detail::Bare
        }
    }

    /// The routes of several answers with their offerings, in one statement.
    pub(crate) async fn load(request: &RequestContext, routes: Vec<Vec<Route>>, looked_at: &Lookahead<'_>) -> Result<Vec<Vec<Self>>, Error> {
        let bodies = READS_OFFERINGS.iter().any(|field| looked_at.field(field).exists());
        let briefs = if bodies { routes.iter().flatten().flat_map(|route| route.offerings.iter().copied()).collect() } else { Vec::new() };
        let offerings = Offering::fetch_by_id(request, briefs).boxed().await?;
        let with = |route: Route| {
            let offerings = route.offerings.iter().filter_map(|brief| offerings.get(&brief.id).cloned()).collect();
            Self { route, offerings }
        };
        Ok(routes.into_iter().map(|routes| routes.into_iter().map(with).collect()).collect())
    }

    fn duty_table(&self) -> Vec<handling::Duty> {
        let offering = self.shortest().map(|offering| &offering.0.record);
        handling::duties(self.route.terms(), self.route.receiving.code, self.route.competent.code, offering)
    }

    /// The offering with the shortest promised limit, which the duty table is about.
    fn shortest(&self) -> Option<&Offering> {
        let records = self.offerings.iter().map(|offering| &offering.0.record);
        handling::shortest(records).and_then(|at| self.offerings.get(at))
    }
}

impl WriteJson for HandlingRoute {
    fn write_field(&self, json: &mut JsonWriter<'_>, field: &Field) -> Option<()> {
        let Route { matter, receiving, competent, basis, valid, .. } = &self.route;
        match field.name.node.as_str() {
            "matter" => json.inner(&Matter(matter.clone()), field),
            "receiving" => json.inner(&District(receiving.clone()), field),
            "competent" => json.inner(&District(competent.clone()), field),
            "mode" => json.word(HandlingMode::from(self.route.mode)),
            "basis" => json.inner(&Basis::new(json.request, basis), field),
            "validFrom" => json.or_null(valid.from, JsonWriter::code),
            "validTo" => json.or_null(valid.to, JsonWriter::code),
            _ => None,
        }
    }
}

/// A route (通办路径): one way in which an applicant in the receiving district can have a matter handled on which the
/// competent district decides.
#[Object(serial)]
impl HandlingRoute {
    /// The matter.
    async fn matter(&self) -> Matter {
        Matter(self.route.matter.clone())
    }

    /// The receiving district (收件地): where the applicant submits.
    async fn receiving(&self) -> District {
        District(self.route.receiving.clone())
    }

    /// The competent district (业务属地): whose authority decides.
    async fn competent(&self) -> District {
        District(self.route.competent.clone())
    }

    /// The handling mode (通办方式).
    async fn mode(&self) -> HandlingMode {
        self.route.mode.into()
    }

    /// The label of the mode.
    async fn mode_name(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The language of the text. Default: the first language of the `Accept-Language` header that the registry has, else Chinese."
        )]
        locale: Option<Locale>,
    ) -> &str {
        self.route.mode.label(language(ctx, locale))
    }

    /// The name that the parties themselves use for the mode. Null when it is the usual one.
    async fn mode_label(&self) -> Option<&str> {
        self.route.clause().mode_label.as_deref()
    }

    /// The basis (依据) of the route: a version of an agreement, or a policy.
    async fn basis(&self, ctx: &Context<'_>) -> Serial<Basis> {
        Serial(Basis::new(request_context(ctx), &self.route.basis))
    }

    /// The clause (清单条款) of the basis.
    async fn clause(&self) -> Clause {
        let clause = self.route.clause;
        match &self.route.basis {
            catalogue::Basis::Agreement { agreement, version } => {
                let domain::agreement::objection::ClausePosition { version, clause } = agreement.clause_at(*version, clause);
                Clause::Agreement { agreement: agreement.clone(), version, clause }
            }
            catalogue::Basis::Policy(policy) => Clause::Policy { policy: policy.clone(), clause },
        }
    }

    /// The terms of the mode.
    async fn terms(&self) -> Serial<ModeTerms> {
        Serial(self.route.terms().into())
    }

    /// The offerings (实施清单) of the competent district for the matter, with materials, limits and visits. Empty when the
    /// district has published none.
    async fn offerings(&self) -> &[Offering] {
        &self.offerings
    }

    /// The windows (通办窗口) of the receiving district for the matter and mode, by name. Empty for the mode full online.
    async fn windows(
        &self,
        #[graphql(desc = "How many entries at most, counted from the start of the list: 0 to 100. When neither `first` nor `last` is given: 20.")]
        first: Option<i32>,
        #[graphql(desc = "A cursor. Only entries behind it are returned.")] after: Option<String>,
        #[graphql(desc = "How many entries at most, counted from the end of the list: 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "A cursor. Only entries in front of it are returned.")] before: Option<String>,
    ) -> Result<WindowConnection, Error> {
        Ok(Paging::new(first, after, last, before)?.cut(Window::by_name(self.route.windows.iter().cloned()))?.into())
    }

    /// The duty table: who does what within how many days, in this order. The days of the competent district count from
    /// acceptance (受理), not from receipt (收件). When there are several offerings, the table is about the one with the
    /// shortest promised limit.
    async fn duties(&self, ctx: &Context<'_>) -> Result<Vec<Duty>, Error> {
        let duty = |(order, duty): (i32, handling::Duty)| {
            let district = duty.district.map(|code| District::named(request_context(ctx), code)).transpose()?;
            let offering = if duty.decides { self.shortest().cloned() } else { None };
            Ok(Duty { order, duty, district, offering })
        };
        (1..).zip(self.duty_table()).map(duty).collect()
    }

    /// The total of the days of all duties. Null when a limit is not stated, and when the units differ. At once counts
    /// as 0 days.
    async fn total_days(&self) -> Option<i32> {
        handling::total(&self.duty_table()).map(|(days, _)| int(days))
    }

    /// The first day of the unbroken period around the day in question in which the route exists. Null: no start.
    async fn valid_from(&self) -> Option<Date> {
        self.route.valid.from.map(Date)
    }

    /// The last day of that period, whatever ends the route: its basis, a later version, a leaving party, a suspension,
    /// a retirement, an offering. Null: no end.
    async fn valid_to(&self) -> Option<Date> {
        self.route.valid.to.map(Date)
    }

    /// Notices about this route.
    async fn notices(&self) -> Vec<Reason> {
        Reason::list(self.route.notices.clone())
    }
}

#[derive(Debug)]
pub struct Duty {
    order: i32,
    duty: handling::Duty,
    district: Option<District>,
    offering: Option<Offering>,
}

/// One row of the duty table.
#[Object(serial)]
impl Duty {
    /// The position in the table, from 1.
    async fn order(&self) -> i32 {
        self.order
    }

    /// The actor who has the duty.
    async fn actor(&self) -> DutyActor {
        self.duty.actor.into()
    }

    /// The label of the actor.
    async fn actor_label(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The language of the text. Default: the first language of the `Accept-Language` header that the registry has, else Chinese."
        )]
        locale: Option<Locale>,
    ) -> &str {
        self.duty.actor.label(language(ctx, locale))
    }

    /// The district of the actor. Null for the applicant, and where only a role is agreed.
    async fn district(&self) -> Option<&District> {
        self.district.as_ref()
    }

    /// The duty in one sentence.
    async fn task(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The language of the text. Default: the first language of the `Accept-Language` header that the registry has, else Chinese."
        )]
        locale: Option<Locale>,
    ) -> &str {
        self.duty.task.text(language(ctx, locale))
    }

    /// The time limit in days of `dayKind`; 0: at once. Null when no limit is stated.
    async fn days(&self) -> Option<i32> {
        self.duty.days.map(int)
    }

    /// The offering that the time limit comes from. Null for every duty but the decision.
    async fn offering(&self) -> Option<&Offering> {
        self.offering.as_ref()
    }

    /// The unit of the time limit. Null when no limit is stated.
    async fn day_kind(&self) -> Option<DayKind> {
        self.duty.day_kind.as_deref().map(|kind| words::stored(kind, domain::DayKind::Other))
    }
}
