//! Acts on matters: register, revise, retire.

use domain::journal::Action;
use domain::{Matter, MatterCode, Record};

use super::write::write;
use super::{Input, Outcome};
use crate::error::Error;
use crate::request_context::RequestContext;

pub async fn register(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    write(request, "registerMatter", input, Matter::read, async |work, matter| {
        let found = work.work.matter(matter.code).await?;
        work.is_new(found.as_ref(), &["code"]);
        work.save(Some(Record::Matter(matter.clone())), Action::Registered).await
    })
    .await
}

pub async fn revise(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    write(
        request,
        "reviseMatter",
        input,
        |r| (r.end("retiredOn"), Matter::read(r)),
        async |work, (end, matter)| {
            let found = work.work.matter(matter.code).await?;
            let revised = work.held(found, &["code"]).map(|held| held.record.revised(matter.clone(), *end));
            work.save(revised.map(Record::Matter), Action::Revised).await
        },
    )
    .await
}

pub async fn retire(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    write(
        request,
        "retireMatter",
        input,
        |r| (r.code("code").unwrap_or(MatterCode::UNREAD), r.line("reason", 2_000)),
        async |work, (code, reason)| {
            let found = work.work.matter(*code).await?;
            let today = work.today();
            let retired = work
                .held(found, &["code"])
                .and_then(|held| work.noted(held.record.retire(reason.as_str().into(), today)));
            work.save(retired.map(Record::Matter), Action::Retired).await
        },
    )
    .await
}
