//! Records by global id: `node`, `nodes` and `nodeAsRecorded`.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::{ID, Interface};
use catalogue::{Kept, Subject};
use chrono::{DateTime, Utc};
use domain::{DistrictCode, Id, Record, RecordKind, RecordType, Recorded, calendar};
use persistence::{ChangeQuery, JournalReader};
use registry::error::Error;
use registry::feed::line::seen_line;
use registry::request_context::RequestContext;

use super::agreement::Agreement;
use super::agreement::effect::EffectCell;
use super::agreement::party::Party;
use super::agreement::proposal::Rejection;
use super::agreement::signature::Signature;
use super::agreement::version::AgreementVersion;
use super::api_key::ApiKey;
use super::change::Change;
use super::clause::Clause;
use super::district::District;
use super::document::Document;
use super::feedback::Feedback;
use super::finding::Finding;
use super::ids::GlobalId;
use super::import::row::ImportRow;
use super::matter::Matter;
use super::offering::Offering;
use super::person::{Grant, Person};
use super::policy::Policy;
use super::task::Task;
use super::window::Window;

/// A record with a global id. `node(id:)` returns it by that id. More types may be added: clients need a fallback.
#[derive(Debug, Clone, Interface)]
#[graphql(field(
    name = "id",
    method = "resolve_id",
    ty = "ID",
    desc = "The global id. It never changes and is never given to another record."
))]
pub enum Node {
    District(District),
    Matter(Matter),
    Offering(Offering),
    Window(Window),
    Agreement(Agreement),
    AgreementVersion(AgreementVersion),
    Party(Party),
    Clause(Clause),
    Signature(Signature),
    Rejection(Rejection),
    Document(Document),
    Policy(Policy),
    Change(Change),
    Finding(Finding),
    Task(Task),
    ApiKey(ApiKey),
    Person(Person),
    Grant(Grant),
    Feedback(Feedback),
    ImportRow(ImportRow),
    EffectCell(EffectCell),
}

impl Node {
    /// The node, if the catalogue has it completely.
    pub(crate) fn kept(request: &RequestContext, id: &GlobalId) -> Option<Self> {
        let snapshot = &request.snapshot;
        match id {
            GlobalId::District(id) => snapshot.district_by_id(*id).cloned().map(District).map(Self::District),
            GlobalId::Matter(id) => snapshot.matter_by_id(*id).cloned().map(Matter).map(Self::Matter),
            GlobalId::Window(id) => snapshot.window_by_id(*id).cloned().map(Window).map(Self::Window),
            GlobalId::Agreement(of)
            | GlobalId::Version(of, _)
            | GlobalId::Party(of, _, _)
            | GlobalId::Clause(of, _, _)
            | GlobalId::Signature(of, _, _, _)
            | GlobalId::Rejection(of, _, _) => {
                Self::in_agreement(request, &snapshot.agreement_by_id(*of, &request.scope)?, id)
            }
            GlobalId::Document(id) => snapshot.document_by_id(*id, &request.scope).map(Document).map(Self::Document),
            GlobalId::Policy(of) | GlobalId::PolicyClause(of, _) => Self::in_policy(snapshot.policy_by_id(*of)?, id),
            // These are fetched from the database.
            GlobalId::Offering(_)
            | GlobalId::ApiKey(_)
            | GlobalId::Person(_)
            | GlobalId::Grant(_)
            | GlobalId::Feedback(_)
            | GlobalId::Change(_)
            | GlobalId::Finding(_)
            | GlobalId::Task(_) => None,
        }
    }

    /// A part of an agreement.
    fn in_agreement(request: &RequestContext, agreement: &Kept<domain::Agreement>, id: &GlobalId) -> Option<Self> {
        let snapshot = &request.snapshot;
        // A party may be named by a former code of its district.
        let is = |code: DistrictCode, district: &Id<domain::District>| {
            snapshot.district(code).is_some_and(|of| of.id == *district)
        };
        match id {
            GlobalId::Agreement(_) => Some(Self::Agreement(Agreement(agreement.clone()))),
            GlobalId::Version(_, number) => AgreementVersion::numbered(agreement, *number).map(Self::AgreementVersion),
            GlobalId::Party(_, number, district) => {
                let version = AgreementVersion::numbered(agreement, *number)?;
                let mut parties = (0..).map_while(|at| version.listed_party(at));
                parties.find(|party| is(party.code, district)).map(|listed| Self::Party(listed.item))
            }
            GlobalId::Clause(_, number, key) => {
                let version = agreement.versions.iter().position(|version| version.number == *number)?;
                let mut clauses = (0..).map_while(|at| Clause::listed(agreement, version, at));
                clauses.find(|clause| clause.code == *key).map(|listed| Self::Clause(listed.item))
            }
            GlobalId::Signature(_, number, district, nth) => {
                let mut signatures =
                    AgreementVersion::numbered(agreement, *number)?.listed_signatures(request).ok()?.into_iter();
                signatures
                    .find(|signature| is(signature.code, district) && signature.item.nth == *nth)
                    .map(|listed| Self::Signature(listed.item))
            }
            GlobalId::Rejection(_, number, district) => {
                let mut rejections =
                    AgreementVersion::numbered(agreement, *number)?.listed_rejections(request).ok()?.into_iter();
                rejections.find(|rejection| is(rejection.code, district)).map(|listed| Self::Rejection(listed.item))
            }
            GlobalId::District(_)
            | GlobalId::Matter(_)
            | GlobalId::Offering(_)
            | GlobalId::Window(_)
            | GlobalId::Policy(_)
            | GlobalId::ApiKey(_)
            | GlobalId::Person(_)
            | GlobalId::Grant(_)
            | GlobalId::Feedback(_)
            | GlobalId::PolicyClause(_, _)
            | GlobalId::Document(_)
            | GlobalId::Change(_)
            | GlobalId::Finding(_)
            | GlobalId::Task(_) => None,
        }
    }

    /// A part of a policy.
    fn in_policy(policy: &Kept<domain::Policy>, id: &GlobalId) -> Option<Self> {
        match id {
            GlobalId::PolicyClause(_, key) => {
                let mut clauses = Clause::of_policy(policy).into_iter();
                clauses.find(|clause| clause.code == *key).map(|listed| Self::Clause(listed.item))
            }
            GlobalId::Policy(_) => Some(Self::Policy(Policy(policy.clone()))),
            GlobalId::District(_)
            | GlobalId::Matter(_)
            | GlobalId::Offering(_)
            | GlobalId::Window(_)
            | GlobalId::Agreement(_)
            | GlobalId::ApiKey(_)
            | GlobalId::Person(_)
            | GlobalId::Grant(_)
            | GlobalId::Feedback(_)
            | GlobalId::Version(_, _)
            | GlobalId::Party(_, _, _)
            | GlobalId::Signature(_, _, _, _)
            | GlobalId::Rejection(_, _, _)
            | GlobalId::Clause(_, _, _)
            | GlobalId::Document(_)
            | GlobalId::Change(_)
            | GlobalId::Finding(_)
            | GlobalId::Task(_) => None,
        }
    }

    /// The record that a reason or finding is about. `None` for an offering, which must be fetched.
    pub(crate) fn of_subject(request: &RequestContext, subject: &Subject) -> Option<Self> {
        match subject {
            Subject::District(district) => Some(Self::District(District(district.clone()))),
            Subject::Matter(matter) => Some(Self::Matter(Matter(matter.clone()))),
            Subject::Agreement(agreement) => Some(Self::Agreement(Agreement::through(request, agreement))),
            Subject::Policy(policy) => Some(Self::Policy(Policy(policy.clone()))),
            Subject::Offering(_) => None,
        }
    }

    /// The nodes with these ids, in their order. `None` for those that do not exist or that the caller may not see.
    pub(crate) async fn find(request: &RequestContext, ids: &[ID]) -> Result<Vec<Option<Self>>, Error> {
        let ids: Vec<Option<GlobalId>> = ids.iter().map(|id| id.parse().ok()).collect();
        let of_offerings = ids
            .iter()
            .flatten()
            .filter_map(|id| if let GlobalId::Offering(id) = id { Some(*id) } else { None })
            .collect();
        let offerings: HashMap<_, _> = Offering::fetch_known(request, of_offerings).await?;
        let mut nodes = Vec::with_capacity(ids.len());
        for id in ids {
            // Each lookup may take a while: yields to other operations.
            request.deadline.pause().await?;
            nodes.push(match id {
                Some(GlobalId::Offering(id)) => offerings.get(&id).cloned().map(Self::Offering),
                Some(GlobalId::ApiKey(id)) => {
                    ApiKey::fetch_known(request, vec![id]).await?.remove(&id).map(Self::ApiKey)
                }
                Some(GlobalId::Person(id)) => Person::find(request, id).await?.map(Self::Person),
                Some(GlobalId::Grant(id)) => Grant::find(request, id).await?.map(Self::Grant),
                Some(GlobalId::Feedback(id)) => Feedback::find(request, id).await?.map(Self::Feedback),
                Some(GlobalId::Change(revision)) => Self::change(request, revision).await?,
                Some(GlobalId::Finding(key)) => Finding::find(request, &key).await?.map(Self::Finding),
                Some(GlobalId::Task(key)) => Task::find(request, &key).await?.map(Self::Task),
                Some(kept) => Self::kept(request, &kept),
                None => None,
            });
        }
        Ok(nodes)
    }

    /// A change that the caller may see.
    async fn change(request: &RequestContext, revision: domain::Revision) -> Result<Option<Self>, Error> {
        if revision == 0 || revision > request.snapshot.revision() {
            return Ok(None);
        }
        let only = ChangeQuery {
            since: revision - 1,
            through: revision,
            seen_by: request.reading(),
            limit: 1,
            ..ChangeQuery::default()
        };
        let loaded = Change::load(request, request.store.changes(&only).await?, true).await?;
        Ok(loaded.into_iter().next().map(Self::Change))
    }

    /// The node with an id as it was recorded at a moment.
    pub(crate) async fn as_recorded(
        request: &RequestContext,
        id: &ID,
        moment: DateTime<Utc>,
    ) -> Result<Option<Self>, Error> {
        let Ok(id) = id.parse::<GlobalId>() else { return Ok(None) };
        // A moment in the future is treated as now.
        let moment = moment.min(request.now);
        let (kind, record) = match &id {
            GlobalId::District(id) => (RecordKind::District, id.number()),
            GlobalId::Matter(id) => (RecordKind::Matter, id.number()),
            GlobalId::Offering(id) => (RecordKind::Offering, id.number()),
            GlobalId::Window(id) => (RecordKind::Window, id.number()),
            GlobalId::Agreement(id)
            | GlobalId::Version(id, _)
            | GlobalId::Party(id, _, _)
            | GlobalId::Clause(id, _, _)
            | GlobalId::Signature(id, _, _, _)
            | GlobalId::Rejection(id, _, _) => (RecordKind::Agreement, id.number()),
            GlobalId::Policy(id) | GlobalId::PolicyClause(id, _) => (RecordKind::Policy, id.number()),
            GlobalId::Document(id) => (RecordKind::Document, id.number()),
            GlobalId::Change(revision) => {
                let change = Self::change(request, *revision).await?;
                return Ok(
                    change.filter(|node| matches!(node, Self::Change(change) if change.change.recorded_at <= moment))
                );
            }
            // The journal has no lines of these.
            GlobalId::ApiKey(_)
            | GlobalId::Person(_)
            | GlobalId::Grant(_)
            | GlobalId::Feedback(_)
            | GlobalId::Finding(_)
            | GlobalId::Task(_) => return Ok(None),
        };
        let readable = request.store.record_at_time(kind, record, moment, &request.reading()).await?;
        let change = match (kind, &readable) {
            // A conclusion by date is visible before the change that records it. A hidden record is not read, so that
            // it takes as long as one that does not exist.
            (RecordKind::Agreement, None)
                if request.snapshot.agreement_by_id(Id::new(record), &request.scope).is_none() =>
            {
                None
            }
            (RecordKind::Agreement, _) => {
                request.store.record_at_time(kind, record, moment, &JournalReader::All).await?
            }
            _ => readable.clone(),
        };
        let Some(change) = change else { return Ok(None) };
        if kind == RecordKind::Document && seen_line(request, &change).await?.is_none() {
            return Ok(None);
        }
        let Some(line) = change.document.as_deref() else { return Ok(None) };
        let unreadable = |problems: domain::Problems| {
            let why = problems.into_iter().next().map_or_else(String::new, |problem| problem.message.en);
            Error::Internal(format!("the document of change {}: {why}", change.revision))
        };
        let revision = change.revision;
        Ok(match Record::from_line(line).map_err(unreadable)? {
            Record::District(district) => Some(Self::District(District(recorded(record, revision, district)))),
            Record::Matter(matter) => Some(Self::Matter(Matter(recorded(record, revision, matter)))),
            Record::Offering(offering) => Some(Self::Offering(Offering(recorded(record, revision, *offering)))),
            Record::Window(window) => Some(Self::Window(Window(recorded(record, revision, window)))),
            Record::Document(document) => Some(Self::Document(Document(recorded(record, revision, document)))),
            Record::Policy(policy) => Self::in_policy(&recorded(record, revision, *policy), &id),
            Record::Agreement(agreement) => {
                let day = calendar::day_in_china(moment);
                let agreement = agreement.known_until(day);
                let Some(seen) = agreement.seen_by(&request.scope, day) else { return Ok(None) };
                // The caller may not be allowed to see the newest change.
                let revision = readable.map_or(record, |readable| readable.revision);
                Self::in_agreement(request, &recorded(record, revision, seen.into_owned()), &id)
            }
        })
    }
}

fn recorded<T: RecordType>(id: domain::Revision, revision: domain::Revision, record: T) -> Kept<T> {
    Arc::new(Recorded { id: Id::new(id), revision, record })
}
