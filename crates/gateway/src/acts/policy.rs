//! Policies are registered and revised.

use domain::journal::Action;
use domain::{Policy, Record};

use super::{Fault, Input, Outcome, write};
use crate::request_context::RequestContext;

/// By what a policy is known.
const KNOWN_BY: &[&str] = &["documentNumber"];

pub(crate) async fn register(asked: &RequestContext, input: Input) -> Result<Outcome, Fault> {
    write(asked, "registerPolicy", input, Policy::read, async |work, policy| {
        let found = work.work.policy(policy).await?;
        work.is_new(found.as_ref(), KNOWN_BY);
        work.names(&policy.references(), None).await?;
        work.save(Some(Record::Policy(Box::new(policy.clone()))), Action::Registered).await
    })
    .await
}

pub(crate) async fn revise(asked: &RequestContext, input: Input) -> Result<Outcome, Fault> {
    write(asked, "revisePolicy", input, Policy::read, async |work, policy| {
        let found = work.work.policy(policy).await?;
        let revised = work.held(found, KNOWN_BY).map(|held| held.record.revised(policy.clone()));
        work.names(&policy.references(), None).await?;
        work.save(revised.map(|revised| Record::Policy(Box::new(revised))), Action::Revised).await
    })
    .await
}
