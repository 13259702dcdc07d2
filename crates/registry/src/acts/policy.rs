//! Acts on policies: register, revise.

use domain::journal::Action;
use domain::{Policy, Record};

use super::write::write;
use super::{Input, Outcome};
use crate::error::Error;
use crate::request_context::RequestContext;

/// The fields that identify a policy.
const KEY_FIELDS: &[&str] = &["documentNumber"];

pub async fn register(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    write(request, "registerPolicy", input, Policy::read, async |work, policy| {
        let found = work.work.policy(policy).await?;
        work.is_new(found.as_ref(), KEY_FIELDS);
        work.names(&policy.references(), None).await?;
        work.save(Some(Record::Policy(Box::new(policy.clone()))), Action::Registered).await
    })
    .await
}

pub async fn revise(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    write(request, "revisePolicy", input, Policy::read, async |work, policy| {
        let found = work.work.policy(policy).await?;
        let revised = work.held(found, KEY_FIELDS).map(|held| held.record.revised(policy.clone()));
        work.names(&policy.references(), None).await?;
        work.save(revised.map(|revised| Record::Policy(Box::new(revised))), Action::Revised).await
    })
    .await
}
