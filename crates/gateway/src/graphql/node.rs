//! Refetching by global id: whatever has one is found again here.

use std::collections::HashMap;

use async_graphql::{ID, Interface};
use catalogue::Subject;

use domain::Eyes;

use super::agreement::{Agreement, AgreementVersion, Document, Party, Signature};
use super::api_key::ApiKey;
use super::change::{self, Change};
use super::clause::Clause;
use super::district::District;
use super::error::Fault;
use super::finding::Finding;
use super::ids::GlobalId;
use super::matter::Matter;
use super::offering::Offering;
use super::policy::Policy;
use super::window::Window;
use crate::asked::Asked;

/// Whatever has a global id, and can be fetched again by it. Open: clients need a fallback.
#[derive(Debug, Clone, Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "The global id: it never changes and is never used twice."))]
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
    Document(Document),
    Policy(Policy),
    Change(Change),
    Finding(Finding),
    ApiKey(ApiKey),
}

impl Node {
    /// What the catalogue holds whole.
    pub(crate) fn kept(asked: &Asked, id: &GlobalId) -> Option<Self> {
        let snapshot = &asked.snapshot;
        match id {
            GlobalId::District(id) => snapshot.district_by_id(*id).cloned().map(District).map(Self::District),
            GlobalId::Matter(id) => snapshot.matter_by_id(*id).cloned().map(Matter).map(Self::Matter),
            GlobalId::Window(id) => snapshot.window_by_id(*id).cloned().map(Window).map(Self::Window),
            GlobalId::Agreement(id) => snapshot.agreement_by_id(*id, &Eyes::Public).map(Agreement).map(Self::Agreement),
            GlobalId::Policy(id) => snapshot.policy_by_id(*id).cloned().map(Policy).map(Self::Policy),
            GlobalId::Version(agreement, number) => {
                AgreementVersion::numbered(&snapshot.agreement_by_id(*agreement, &Eyes::Public)?, *number).map(Self::AgreementVersion)
            }
            GlobalId::Party(agreement, number, district) => {
                let version = AgreementVersion::numbered(&snapshot.agreement_by_id(*agreement, &Eyes::Public)?, *number)?;
                let district = snapshot.district_by_id(*district)?;
                let mut parties = version.listed_parties().into_iter();
                // A party may be written with a code that the district bore before.
                let party = parties.find(|party| snapshot.district(party.code).is_some_and(|of| of.id == district.id));
                party.map(|listed| Self::Party(listed.item))
            }
            GlobalId::Clause(agreement, number, key) => {
                let agreement = &snapshot.agreement_by_id(*agreement, &Eyes::Public)?;
                let version = agreement.versions.iter().position(|version| version.number == *number)?;
                let mut clauses = Clause::of_version(agreement, version).into_iter();
                clauses.find(|clause| clause.code == *key).map(|listed| Self::Clause(listed.item))
            }
            GlobalId::PolicyClause(policy, key) => {
                let mut clauses = Clause::of_policy(snapshot.policy_by_id(*policy)?).into_iter();
                clauses.find(|clause| clause.code == *key).map(|listed| Self::Clause(listed.item))
            }
            GlobalId::Signature(agreement, number, district) => {
                let version = AgreementVersion::numbered(&snapshot.agreement_by_id(*agreement, &Eyes::Public)?, *number)?;
                let district = snapshot.district_by_id(*district)?;
                let mut signatures = version.listed_signatures(asked).ok()?.into_iter();
                let signature = signatures.find(|signature| snapshot.district(signature.code).is_some_and(|of| of.id == district.id));
                signature.map(|listed| Self::Signature(listed.item))
            }
            // These are fetched.
            GlobalId::Offering(_) | GlobalId::ApiKey(_) | GlobalId::Change(_) | GlobalId::Finding(_) => None,
        }
    }

    /// The record that a reason or finding speaks of; an offering must be fetched.
    pub(crate) fn of_subject(subject: &Subject) -> Option<Self> {
        match subject {
            Subject::District(district) => Some(Self::District(District(district.clone()))),
            Subject::Matter(matter) => Some(Self::Matter(Matter(matter.clone()))),
            Subject::Agreement(agreement) => Some(Self::Agreement(Agreement(agreement.clone()))),
            Subject::Policy(policy) => Some(Self::Policy(Policy(policy.clone()))),
            Subject::Offering(_) => None,
        }
    }

    /// What each of some ids leads to, in their order; what the caller may not see looks like what does not exist.
    pub(crate) async fn find(asked: &Asked, ids: &[ID]) -> Result<Vec<Option<Self>>, Fault> {
        let ids: Vec<Option<GlobalId>> = ids.iter().map(|id| id.parse().ok()).collect();
        let of_offerings = ids.iter().flatten().filter_map(|id| if let GlobalId::Offering(id) = id { Some(*id) } else { None }).collect();
        let offerings: HashMap<_, _> = Offering::fetch_known(asked, of_offerings).await?;
        let mut nodes = Vec::with_capacity(ids.len());
        for id in ids {
            nodes.push(match id {
                Some(GlobalId::Offering(id)) => offerings.get(&id).cloned().map(Self::Offering),
                Some(GlobalId::ApiKey(id)) => ApiKey::fetch_known(asked, vec![id]).await?.remove(&id).map(Self::ApiKey),
                Some(GlobalId::Change(revision)) => Self::change(asked, revision).await?,
                Some(GlobalId::Finding(key)) => Finding::find(asked, &key).await?.map(Self::Finding),
                Some(kept) => Self::kept(asked, &kept),
                None => None,
            });
        }
        Ok(nodes)
    }

    async fn change(asked: &Asked, revision: domain::Revision) -> Result<Option<Self>, Fault> {
        if revision == 0 || revision > asked.snapshot.revision() {
            return Ok(None);
        }
        let found = asked.store.change(revision).await?.filter(|change| change::is_visible(change.kind, &asked.viewer));
        let loaded = Change::load(asked, found.into_iter().collect(), true).await?;
        Ok(loaded.into_iter().next().map(Self::Change))
    }
}
