//! Acts on offerings: publish, withdraw.

use domain::journal::Action;
use domain::{DistrictCode, Offering, Record};

use super::write::write;
use super::{Input, Outcome};
use crate::error::Error;
use crate::request_context::RequestContext;

pub async fn publish(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    write(request, "publishOffering", input, Offering::read, async |work, offering| {
        let found = work.work.offering(offering.district, offering.matter, offering.source_code.as_deref()).await?;
        let (offering, action) = match work.seen_before(found, &["district", "matter", "sourceCode"]) {
            Some(held) => (held.record.revised(offering.clone()), Action::Revised),
            None => (offering.clone(), Action::Registered),
        };
        work.names(&offering.references(), None).await?;
        work.save(Some(Record::Offering(Box::new(offering))), action).await
    })
    .await
}

pub async fn withdraw(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    write(
        request,
        "withdrawOffering",
        input,
        |r| {
            let district = r.code("district").unwrap_or(DistrictCode::UNREAD);
            let matter = r.optional_code("matter");
            let source_code = r.optional_line("sourceCode", 120);
            if matter.is_none() && source_code.is_none() {
                r.require("matter");
            }
            (district, matter, source_code, r.line("reason", 2_000))
        },
        async |work, (district, matter, source_code, reason)| {
            let found = work.work.offering(*district, *matter, source_code.as_deref()).await?;
            let known_by: &[&str] = if source_code.is_some() {
                &["district", "matter", "sourceCode"]
            } else {
                &["district", "sourceCode", "matter"]
            };
            let today = work.today();
            let withdrawn =
                work.held(found, known_by).and_then(|held| work.noted(held.record.withdraw(reason.clone(), today)));
            work.save(withdrawn.map(|withdrawn| Record::Offering(Box::new(withdrawn))), Action::Withdrawn).await
        },
    )
    .await
}
