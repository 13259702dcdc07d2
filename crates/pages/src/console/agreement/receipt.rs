//! The receipt of a signature: who signed what and when, to print.

use chrono::TimeDelta;
use domain::agreement::lifecycle::Signature;
use domain::journal::Action;
use domain::{Agreement, Change, Id, Message, RecordKind, Version, calendar};
use maud::html;
use registry::feed::{Feed, PageRequest};
use registry::presentation::{Say as _, sentence};

use super::found;
use crate::console::home::version_name;
use crate::console::workspace::Workspace;
use crate::language::chinese;
use crate::name;
use crate::response::PageResponse;
use crate::visit::Visit;

/// How many of the newest entries are searched for the one of the signature.
const MAX_SEARCHED: usize = 100;

pub(crate) async fn answer(visit: &Visit) -> PageResponse {
    match respond(visit).await {
        Ok(page) | Err(page) => page,
    }
}

async fn respond(visit: &Visit) -> Result<PageResponse, PageResponse> {
    let locale = visit.locale;
    let agreement = found::agreement(visit)?;
    let version = found::version(visit, &agreement)?;
    let asked = visit.address.get("party");
    let signature = signatures(version).find(|signature| signature.party.as_str() == asked);
    let Some(signature) = signature else {
        return Err(found::missing(visit, &Message::new("签署记录", "signature")));
    };
    let entry = entry(visit, agreement.id, signature).await;
    let at = calendar::in_china(signature.at).format("%Y-%m-%d %H:%M:%S");
    let path = found::path(&agreement);
    let content = html! {
        p class="done" role="status" { (locale.say("签署已记录。", "The signature is recorded.")) }
        dl class="facts-list receipt" {
            (name::fact(locale.say("签署方", "Signed by"), &name::district_of(visit, signature.party)))
            (name::fact(locale.say("签署时间", "Signed at"), &html! { (at) (locale.say("（北京时间）", " (Beijing time)")) }))
            (name::fact(locale.say("协议", "Agreement"), &html! { span lang=[chinese(locale)] { (version.title) } " " code { (agreement.number) } }))
            (name::fact(locale.say("版本", "Version"), &html! { (version_name(version.number, locale)) }))
            (name::fact(locale.say("版本状态", "State"), &html! { (sentence(version.state(visit.context.today).label(locale))) }))
            (name::fact(locale.say("文本摘要", "Digest of the text"), &html! { code class="digest" { (signature.digest) } }))
            @if let Some(entry) = &entry {
                (name::fact(locale.say("数据版本", "Revision"), &html! { a href=(visit.at("/console/journal").with("entry", entry.revision.to_string())) { (entry.revision) } }))
                (name::fact(locale.say("办理人", "Person or system"), &html! { code { (entry.actor) } }))
                (name::fact(locale.say("日志摘要", "Digest of the entry"), &html! { code class="digest" { (entry.digest) } }))
            }
        }
        p class="quiet" { (locale.say("可用浏览器的打印功能打印本页。", "Print this page with your browser.")) }
        p class="buttons" { a class="button" href=(visit.to(&path)) { (locale.say("返回协议", "Back to the agreement")) } }
    };
    Ok(Workspace::new(visit, locale.say("签署回执", "Receipt of a signature"))
        .below(&path, &agreement.number.to_string())
        .page(&content))
}

/// The signatures of a version, with those of newcomers that wait for consent.
fn signatures(version: &Version) -> impl Iterator<Item = &Signature> {
    version.signatures().chain(version.accessions.iter().map(|accession| &accession.signature))
}

/// The entry of the journal that recorded a signature.
async fn entry(visit: &Visit, id: Id<Agreement>, signature: &Signature) -> Option<Change> {
    let asked =
        PageRequest { from: catalogue::Side::End, count: MAX_SEARCHED, after: None, before: None, count_all: false };
    let page = Feed::of_record(RecordKind::Agreement, id.number()).page(&visit.context, asked).await.ok()?;
    let is_signature = |change: &Change| {
        change.on_behalf_of == Some(signature.party)
            && matches!(change.action, Action::Signed | Action::Concluded | Action::Acceded | Action::Admitted)
    };
    let distance = |change: &Change| (change.recorded_at - signature.at).abs();
    let nearest = page.changes.into_iter().filter(is_signature).min_by_key(distance)?;
    (distance(&nearest) < TimeDelta::minutes(1)).then_some(nearest)
}
