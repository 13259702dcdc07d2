//! THE question for one matter, as callers see the answer.

use async_graphql::parser::types::Field;
use async_graphql::{Context, InputObject, Lookahead, Object, SimpleObject};
use catalogue::{Detail, Route};
use domain::{Message, handling};
use futures::FutureExt as _;

use super::agreement::Basis;
use super::at_once::{AtOnce, Telling};
use super::clause::Clause;
use super::district::District;
use super::error::Fault;
use super::in_order::InOrder;
use super::matter::Matter;
use super::node::Node;
use super::offering::Offering;
use super::page::Paging;
use super::scalar::{AsWritten, Date, DistrictCode, Expected, MatterCode, Revision, int};
use super::terms::ModeTerms;
use super::window::{Window, WindowConnection};
use super::words::{self, DayKind, DutyActor, HandlingAnswer, HandlingMode, Locale, ReasonCode};
use super::{asked, language};
use crate::request_context::RequestContext;

/// One of many questions: can this matter be handed in here, though it belongs there?
#[derive(Debug, Clone, InputObject)]
pub struct HandlingQuestion {
    /// The matter (事项).
    pub matter: AsWritten<MatterCode>,
    /// Where the applicant stands and hands in (收件地).
    pub receiving: AsWritten<DistrictCode>,
    /// Whose authority decides (业务属地).
    pub competent: AsWritten<DistrictCode>,
    /// The day that is asked about; the day of the whole question unless given.
    pub on: Option<AsWritten<Date>>,
    /// A text of the caller's own, by which it knows the question again: `question { key }` gives it back.
    pub key: Option<String>,
}

/// A question as it was asked.
#[derive(Debug, Clone, SimpleObject)]
#[graphql(serial)]
pub struct AskedQuestion {
    /// The code of the matter, as it was given.
    matter: String,
    /// The code of the receiving district (收件地), as it was given.
    receiving: String,
    /// The code of the competent district (业务属地), as it was given.
    competent: String,
    /// The day, as it was given; where none was, the day that is answered about.
    on: String,
    /// The caller's own text; null where none was given.
    key: Option<String>,
}

/// The answer to whether and how a matter can be handed in in one district though another decides it.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct Handling {
    /// The question as it was given, so that answers can be matched with questions.
    question: AskedQuestion,
    /// The short answer.
    answer: HandlingAnswer,
    /// The revision of the registry that answers.
    revision: Revision,
    /// The day that the answer is about.
    on: Date,
    /// The matter; null when no matter has the code.
    matter: Option<Matter>,
    /// The receiving district (收件地): where the applicant stands and hands in. Null when no district has the code.
    receiving: Option<District>,
    /// The competent district (业务属地): whose authority decides. Null when no district has the code.
    competent: Option<District>,
    /// The ways in which it can be done (通办路径), best first.
    routes: Vec<HandlingRoute>,
    /// Why it cannot be done, where there is no route: nearest to a yes first, so the first one decides. Bases that give the
    /// same reason are one.
    reasons: Vec<Reason>,
    /// Notices beside the answer.
    notices: Vec<Reason>,
    /// The fields of the question that are malformed, and what is expected in each.
    #[graphql(skip)]
    malformed: Vec<(&'static str, Message)>,
}

impl HandlingQuestion {
    /// The fields that are malformed, each with what was given and what is expected.
    fn malformed(&self) -> Vec<(&'static str, String, Message)> {
        fn look<S: Expected + Copy>(field: &'static str, written: &AsWritten<S>) -> Option<(&'static str, String, Message)> {
            written.read().is_none().then(|| (field, written.text(), S::expected()))
        }
        let on = self.on.as_ref().and_then(|on| look("on", on));
        [look("matter", &self.matter), look("receiving", &self.receiving), look("competent", &self.competent), on].into_iter().flatten().collect()
    }

    fn asked(self, on: domain::Date) -> AskedQuestion {
        AskedQuestion {
            matter: self.matter.text(),
            receiving: self.receiving.text(),
            competent: self.competent.text(),
            on: self.on.map_or_else(|| on.to_string(), |on| on.text()),
            key: self.key,
        }
    }

    /// The answer, as far as the question can be read.
    fn answer(&self, asked: &RequestContext, on: domain::Date) -> (catalogue::Handling, Vec<(&'static str, Message)>) {
        let on = self.on.as_ref().and_then(AsWritten::read).map_or(on, |on| on.0);
        let (matter, receiving, competent) = (self.matter.read(), self.receiving.read(), self.competent.read());
        let snapshot = &asked.snapshot;
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
    /// Answers with all that anybody looks at, fetched at once.
    pub(crate) async fn answers(
        asked: &RequestContext,
        questions: Vec<HandlingQuestion>,
        on: Option<Date>,
        routes: &Lookahead<'_>,
    ) -> Result<Vec<Self>, Fault> {
        let on = on.map_or(asked.today, |on| on.0);
        let mut answers = Vec::with_capacity(questions.len());
        for question in questions {
            asked.deadline.check()?;
            let (answer, malformed) = question.answer(asked, on);
            answers.push((answer, malformed, question.asked(on)));
        }
        let of_each = answers.iter_mut().map(|(answer, ..)| std::mem::take(&mut answer.routes)).collect();
        let loaded = HandlingRoute::load(asked, of_each, routes).await?;
        let revision = Revision(asked.snapshot.revision());
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

    /// What is malformed in the question at this place of `questions`, as errors.
    pub(crate) fn malformed(&self, at: usize) -> Vec<Fault> {
        self.malformed.iter().map(|(field, expected)| Fault::bad_field("questions", at, field, expected.clone())).collect()
    }
}

#[derive(Debug, Clone)]
pub struct Reason(catalogue::Reason);

impl Reason {
    pub(crate) fn list(reasons: Vec<catalogue::Reason>) -> Vec<Self> {
        reasons.into_iter().map(Self).collect()
    }
}

/// A reason of a no, or a notice beside a yes.
#[Object(serial)]
impl Reason {
    /// The stable code, by which a program decides.
    async fn code(&self) -> ReasonCode {
        self.0.code.into()
    }

    /// The reason in a sentence.
    async fn message(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "In which language; that of the request (`Accept-Language`) unless given, else Chinese.")] locale: Option<Locale>,
    ) -> &str {
        self.0.message(language(ctx, locale))
    }

    /// The remedy.
    async fn remedy(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "In which language; that of the request (`Accept-Language`) unless given, else Chinese.")] locale: Option<Locale>,
    ) -> Option<&str> {
        Some(self.0.remedy(language(ctx, locale))).filter(|remedy| !remedy.is_empty())
    }

    /// The record that it speaks of.
    async fn subject(&self, ctx: &Context<'_>) -> Result<Option<InOrder<Node>>, Fault> {
        match self.0.subject() {
            Some(subject) => Ok(node(asked(ctx), subject).await?.map(InOrder)),
            None => Ok(None),
        }
    }

    /// Of how many bases it is the reason; 1 where it is not the reason of a basis.
    async fn count(&self) -> i32 {
        int(self.0.count)
    }

    /// The records that it speaks of, ten at the most, of which `subject` is the first.
    async fn subjects(&self, ctx: &Context<'_>) -> Result<Vec<InOrder<Node>>, Fault> {
        let mut nodes = Vec::with_capacity(self.0.subjects.len());
        for subject in &self.0.subjects {
            nodes.extend(node(asked(ctx), subject).await?.map(InOrder));
        }
        Ok(nodes)
    }
}

/// The record of a subject. An offering is fetched: the catalogue keeps only a part of it.
async fn node(asked: &RequestContext, subject: &catalogue::Subject) -> Result<Option<Node>, Fault> {
    match subject {
        catalogue::Subject::Offering(id) => Ok(Offering::fetch_known(asked, vec![*id]).boxed().await?.into_values().next().map(Node::Offering)),
        catalogue::Subject::District(_) | catalogue::Subject::Matter(_) | catalogue::Subject::Agreement(_) | catalogue::Subject::Policy(_) => {
            Ok(Node::of_subject(asked, subject))
        }
    }
}

/// A route, with the offerings of the competent district where anybody looks at them.
#[derive(Debug, Clone)]
pub struct HandlingRoute {
    route: Route,
    offerings: Vec<Offering>,
}

/// What reads the competent district's offerings.
const READS_OFFERINGS: [&str; 3] = ["offerings", "duties", "totalDays"];

impl HandlingRoute {
    /// How much of a route is looked at.
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

    /// The routes of several answers with their offerings, all in one statement.
    pub(crate) async fn load(asked: &RequestContext, routes: Vec<Vec<Route>>, looked_at: &Lookahead<'_>) -> Result<Vec<Vec<Self>>, Fault> {
        let bodies = READS_OFFERINGS.iter().any(|field| looked_at.field(field).exists());
        let briefs = if bodies { routes.iter().flatten().flat_map(|route| route.offerings.iter().copied()).collect() } else { Vec::new() };
        let offerings = Offering::fetch_by_id(asked, briefs).boxed().await?;
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

    /// The offering that promises the fewest days: the duty table is about this one.
    fn shortest(&self) -> Option<&Offering> {
        let records = self.offerings.iter().map(|offering| &offering.0.record);
        handling::shortest(records).and_then(|at| self.offerings.get(at))
    }
}

impl AtOnce for HandlingRoute {
    fn at_once(&self, telling: &mut Telling<'_>, field: &Field) -> Option<()> {
        let Route { matter, receiving, competent, basis, valid, .. } = &self.route;
        match field.name.node.as_str() {
            "matter" => telling.inner(&Matter(matter.clone()), field),
            "receiving" => telling.inner(&District(receiving.clone()), field),
            "competent" => telling.inner(&District(competent.clone()), field),
            "mode" => telling.word(HandlingMode::from(self.route.mode)),
            "basis" => telling.inner(&Basis::new(telling.asked, basis), field),
            "validFrom" => telling.or_null(valid.from, Telling::code),
            "validTo" => telling.or_null(valid.to, Telling::code),
            _ => None,
        }
    }
}

/// A route (通办路径): one way in which an applicant in the receiving district gets done what the competent
/// district decides.
#[Object(serial)]
impl HandlingRoute {
    /// The matter.
    async fn matter(&self) -> Matter {
        Matter(self.route.matter.clone())
    }

    /// The receiving district (收件地): where the applicant stands and hands in.
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

    /// Label of the mode.
    async fn mode_name(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "In which language; that of the request (`Accept-Language`) unless given, else Chinese.")] locale: Option<Locale>,
    ) -> &str {
        self.route.mode.label(language(ctx, locale))
    }

    /// The partners' own name of the mode, where it differs.
    async fn mode_label(&self) -> Option<&str> {
        self.route.clause().mode_label.as_deref()
    }

    /// The basis (依据): a version of an agreement, or a policy.
    async fn basis(&self, ctx: &Context<'_>) -> InOrder<Basis> {
        InOrder(Basis::new(asked(ctx), &self.route.basis))
    }

    /// The clause of the basis.
    async fn clause(&self) -> Clause {
        let clause = self.route.clause;
        match &self.route.basis {
            catalogue::Basis::Agreement { agreement, version } => {
                let domain::objection::ClausePosition { version, clause } = agreement.clause_at(*version, clause);
                Clause::Agreement { agreement: agreement.clone(), version, clause }
            }
            catalogue::Basis::Policy(policy) => Clause::Policy { policy: policy.clone(), clause },
        }
    }

    /// The terms of the mode.
    async fn terms(&self) -> InOrder<ModeTerms> {
        InOrder(self.route.terms().into())
    }

    /// How the competent district implements the matter: materials, limits, visits. Empty where it has not
    /// registered that.
    async fn offerings(&self) -> &[Offering] {
        &self.offerings
    }

    /// The windows (通办窗口) of the receiving district that serve it, by name; none when it is fully online.
    async fn windows(
        &self,
        #[graphql(desc = "How many from the start, 0 to 100; 20 when neither first nor last is given.")] first: Option<i32>,
        #[graphql(desc = "Entries after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Entries before this cursor.")] before: Option<String>,
    ) -> Result<WindowConnection, Fault> {
        Ok(Paging::new(first, after, last, before)?.cut(Window::by_name(self.route.windows.iter().cloned()))?.into())
    }

    /// The duty table: who does what, in this order, within how many days. The competent side's days run from
    /// acceptance (受理), not from receipt (收件). With several offerings it is about the one that promises the fewest days.
    async fn duties(&self, ctx: &Context<'_>) -> Result<Vec<Duty>, Fault> {
        let duty = |(order, duty): (i32, handling::Duty)| {
            let district = duty.district.map(|code| District::named(asked(ctx), code)).transpose()?;
            let offering = if duty.decides { self.shortest().cloned() } else { None };
            Ok(Duty { order, duty, district, offering })
        };
        (1..).zip(self.duty_table()).map(duty).collect()
    }

    /// The days of the whole duty table; null where they are unknown or not all counted alike. At once counts 0.
    async fn total_days(&self) -> Option<i32> {
        handling::total(&self.duty_table()).map(|(days, _)| int(days))
    }

    /// The first day of the unbroken period around the day asked in which the route exists; null: no start.
    async fn valid_from(&self) -> Option<Date> {
        self.route.valid.from.map(Date)
    }

    /// The last day of that period, whatever ends the route then: its basis, a later version, a party that leaves, a flag, a
    /// retirement, an offering; null: no end.
    async fn valid_to(&self) -> Option<Date> {
        self.route.valid.to.map(Date)
    }

    /// Notices beside the route.
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

/// One line of the duty table.
#[Object(serial)]
impl Duty {
    /// Its place in the order, from 1.
    async fn order(&self) -> i32 {
        self.order
    }

    /// The actor.
    async fn actor(&self) -> DutyActor {
        self.duty.actor.into()
    }

    /// Label of the actor.
    async fn actor_label(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "In which language; that of the request (`Accept-Language`) unless given, else Chinese.")] locale: Option<Locale>,
    ) -> &str {
        self.duty.actor.label(language(ctx, locale))
    }

    /// In which district.
    async fn district(&self) -> Option<&District> {
        self.district.as_ref()
    }

    /// The task in a sentence.
    async fn task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "In which language; that of the request (`Accept-Language`) unless given, else Chinese.")] locale: Option<Locale>,
    ) -> &str {
        self.duty.task.text(language(ctx, locale))
    }

    /// Within how many days, 0 when at once; null: no limit is stated.
    async fn days(&self) -> Option<i32> {
        self.duty.days.map(int)
    }

    /// The offering whose days these are; of a decision only.
    async fn offering(&self) -> Option<&Offering> {
        self.offering.as_ref()
    }

    /// Unit of the days; null where no limit is stated.
    async fn day_kind(&self) -> Option<DayKind> {
        self.duty.day_kind.as_deref().map(|kind| words::stored(kind, domain::DayKind::Other))
    }
}
