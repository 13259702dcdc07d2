//! Refetching by global id: whatever has one is found again here.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::{ID, Interface};
use catalogue::{Kept, Subject};
use chrono::{DateTime, Utc};
use domain::{DistrictCode, Id, Record, RecordKind, RecordType, Recorded};
use persistence::{ChangeQuery, JournalReader};

use super::agreement::{Agreement, AgreementVersion, Party, Rejection, Signature};
use super::api_key::ApiKey;
use super::change::{self, Change};
use super::clause::Clause;
use super::district::District;
use super::document::Document;
use super::error::Fault;
use super::finding::Finding;
use super::ids::GlobalId;
use super::matter::Matter;
use super::offering::Offering;
use super::policy::Policy;
use super::task::Task;
use super::window::Window;
use crate::clock;
use crate::request_context::RequestContext;

/// A record with a global id. `node(id:)` returns it by that id. More types may be added: clients need a fallback.
#[derive(Debug, Clone, Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "The global id. It never changes and is never given to another record."))]
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
}

impl Node {
    /// What the catalogue holds whole.
    pub(crate) fn kept(asked: &RequestContext, id: &GlobalId) -> Option<Self> {
        let snapshot = &asked.snapshot;
        match id {
            GlobalId::District(id) => snapshot.district_by_id(*id).cloned().map(District).map(Self::District),
            GlobalId::Matter(id) => snapshot.matter_by_id(*id).cloned().map(Matter).map(Self::Matter),
            GlobalId::Window(id) => snapshot.window_by_id(*id).cloned().map(Window).map(Self::Window),
            GlobalId::Agreement(of)
            | GlobalId::Version(of, _)
            | GlobalId::Party(of, _, _)
            | GlobalId::Clause(of, _, _)
            | GlobalId::Signature(of, _, _, _)
            | GlobalId::Rejection(of, _, _) => Self::in_agreement(asked, &snapshot.agreement_by_id(*of, &asked.eyes)?, id),
            GlobalId::Document(id) => snapshot.document_by_id(*id, &asked.eyes).map(Document).map(Self::Document),
            GlobalId::Policy(of) | GlobalId::PolicyClause(of, _) => Self::in_policy(snapshot.policy_by_id(*of)?, id),
            // These are fetched.
            GlobalId::Offering(_) | GlobalId::ApiKey(_) | GlobalId::Change(_) | GlobalId::Finding(_) | GlobalId::Task(_) => None,
        }
    }

    /// What an id leads to in an agreement.
    fn in_agreement(asked: &RequestContext, agreement: &Kept<domain::Agreement>, id: &GlobalId) -> Option<Self> {
        let snapshot = &asked.snapshot;
        // A party may be written with a code that the district bore before.
        let is = |code: DistrictCode, district: &Id<domain::District>| snapshot.district(code).is_some_and(|of| of.id == *district);
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
                let mut signatures = AgreementVersion::numbered(agreement, *number)?.listed_signatures(asked).ok()?.into_iter();
                signatures.find(|signature| is(signature.code, district) && signature.item.nth == *nth).map(|listed| Self::Signature(listed.item))
            }
            GlobalId::Rejection(_, number, district) => {
                let mut rejections = AgreementVersion::numbered(agreement, *number)?.listed_rejections(asked).ok()?.into_iter();
                rejections.find(|rejection| is(rejection.code, district)).map(|listed| Self::Rejection(listed.item))
            }
            GlobalId::District(_)
            | GlobalId::Matter(_)
            | GlobalId::Offering(_)
            | GlobalId::Window(_)
            | GlobalId::Policy(_)
            | GlobalId::ApiKey(_)
            | GlobalId::PolicyClause(_, _)
            | GlobalId::Document(_)
            | GlobalId::Change(_)
            | GlobalId::Finding(_)
            | GlobalId::Task(_) => None,
        }
    }

    /// What an id leads to in a policy.
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

    /// The record that a reason or finding speaks of; an offering must be fetched.
    pub(crate) fn of_subject(asked: &RequestContext, subject: &Subject) -> Option<Self> {
        match subject {
            Subject::District(district) => Some(Self::District(District(district.clone()))),
            Subject::Matter(matter) => Some(Self::Matter(Matter(matter.clone()))),
            Subject::Agreement(agreement) => Some(Self::Agreement(Agreement::through(asked, agreement))),
            Subject::Policy(policy) => Some(Self::Policy(Policy(policy.clone()))),
            Subject::Offering(_) => None,
        }
    }

    /// What each of some ids leads to, in their order; what the caller may not see looks like what does not exist.
    pub(crate) async fn find(asked: &RequestContext, ids: &[ID]) -> Result<Vec<Option<Self>>, Fault> {
        let ids: Vec<Option<GlobalId>> = ids.iter().map(|id| id.parse().ok()).collect();
        let of_offerings = ids.iter().flatten().filter_map(|id| if let GlobalId::Offering(id) = id { Some(*id) } else { None }).collect();
        let offerings: HashMap<_, _> = Offering::fetch_known(asked, of_offerings).await?;
        let mut nodes = Vec::with_capacity(ids.len());
        for id in ids {
            // Each may take a while: others run in between.
            asked.deadline.pause().await?;
            nodes.push(match id {
                Some(GlobalId::Offering(id)) => offerings.get(&id).cloned().map(Self::Offering),
                Some(GlobalId::ApiKey(id)) => ApiKey::fetch_known(asked, vec![id]).await?.remove(&id).map(Self::ApiKey),
                Some(GlobalId::Change(revision)) => Self::change(asked, revision).await?,
                Some(GlobalId::Finding(key)) => Finding::find(asked, &key).await?.map(Self::Finding),
                Some(GlobalId::Task(key)) => Task::find(asked, &key).await?.map(Self::Task),
                Some(kept) => Self::kept(asked, &kept),
                None => None,
            });
        }
        Ok(nodes)
    }

    /// A change that the caller may see.
    async fn change(asked: &RequestContext, revision: domain::Revision) -> Result<Option<Self>, Fault> {
        if revision == 0 || revision > asked.snapshot.revision() {
            return Ok(None);
        }
        let only = ChangeQuery { since: revision - 1, through: revision, seen_by: asked.reading(), limit: 1, ..ChangeQuery::default() };
        let loaded = Change::load(asked, asked.store.changes(&only).await?, true).await?;
        Ok(loaded.into_iter().next().map(Self::Change))
    }

    /// What an id led to at a moment, as the registry had recorded it by then.
    pub(crate) async fn as_recorded(asked: &RequestContext, id: &ID, moment: DateTime<Utc>) -> Result<Option<Self>, Fault> {
        let Ok(id) = id.parse::<GlobalId>() else { return Ok(None) };
        // What is to come is not known yet, and not published: a later moment than now is answered as now.
        let moment = moment.min(asked.now);
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
                let change = Self::change(asked, *revision).await?;
                return Ok(change.filter(|node| matches!(node, Self::Change(change) if change.change.recorded_at <= moment)));
            }
            // No record's line tells of them.
            GlobalId::ApiKey(_) | GlobalId::Finding(_) | GlobalId::Task(_) => return Ok(None),
        };
        let readable = asked.store.record_at_time(kind, record, moment, &asked.reading()).await?;
        let change = match (kind, &readable) {
            // What the clock alone concluded is seen before a change says so. Whatever is hidden is not even read, and takes no
            // longer than what does not exist.
            (RecordKind::Agreement, None) if asked.snapshot.agreement_by_id(Id::new(record), &asked.eyes).is_none() => None,
            (RecordKind::Agreement, _) => asked.store.record_at_time(kind, record, moment, &JournalReader::All).await?,
            _ => readable.clone(),
        };
        let Some(change) = change else { return Ok(None) };
        if kind == RecordKind::Document && change::seen_line(asked, &change).await?.is_none() {
            return Ok(None);
        }
        let Some(line) = change.document.as_deref() else { return Ok(None) };
        let unreadable = |problems: domain::Problems| {
            let why = problems.into_iter().next().map_or_else(String::new, |problem| problem.message.en);
            Fault::Internal(format!("the document of change {}: {why}", change.revision))
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
                let day = clock::day_in_china(moment);
                let agreement = agreement.known_until(day);
                let Some(seen) = agreement.seen_by(&asked.eyes, day) else { return Ok(None) };
                // The newest change may be a hidden one.
                let revision = readable.map_or(record, |readable| readable.revision);
                Self::in_agreement(asked, &recorded(record, revision, seen.into_owned()), &id)
            }
        })
    }
}

fn recorded<T: RecordType>(id: domain::Revision, revision: domain::Revision, record: T) -> Kept<T> {
    Arc::new(Recorded { id: Id::new(id), revision, record })
}
