//! Accession: a newcomer signs the current version, and the parties consent.

use catalogue::Kept;
use domain::{Agreement, DistrictCode, Extent, Message, Version};
use maud::{Markup, html};
use registry::acts::agreement::accession;
use registry::presentation::{Say as _, sentence};
use serde_json::json;

use super::found::{self, Standpoint};
use super::offer::{ACT, Failed, Offer, common, reasons};
use super::sign::{agreed_field, confirm_again, digest_section, is_confirmed, not_agreed, unconfirmed};
use super::{choices, text};
use crate::console::act::{Acted, acted, after};
use crate::console::field::{Field, Kind};
use crate::console::form::{Form, token};
use crate::console::home::version_name;
use crate::console::workspace::Workspace;
use crate::name;
use crate::response::PageResponse;
use crate::visit::Visit;

const ACCEDE: &str = "accede";
const ADMIT: &str = "admit";

pub(crate) async fn answer(visit: &Visit) -> PageResponse {
    match respond(visit).await {
        Ok(page) | Err(page) => page,
    }
}

async fn respond(visit: &Visit) -> Result<PageResponse, PageResponse> {
    let locale = visit.locale;
    let agreement = found::agreement(visit)?;
    let standpoint = Standpoint::new(visit, &agreement);
    let version = agreement.concluded(visit.context.today);
    let mut failed = None;
    if let Some(submission) = &visit.submission {
        let act = submission.get(ACT);
        match run(visit, &agreement, &standpoint, act).await {
            Acted::Done(saved) => {
                let to = if act == ADMIT {
                    after(visit, &found::path(&agreement), "admitted")
                } else {
                    receipt(visit, &agreement, &standpoint, saved.version)
                };
                return Ok(PageResponse::redirect(to));
            }
            other => failed = Failed::of(act, other),
        }
    }
    let revision = found::revision(visit, &agreement).await;
    let content = html! {
        (standpoint.choice(visit))
        @match version {
            None => { p class="lead" { (locale.say("协议尚未签订，不能加入。", "The agreement is not concluded, so nobody can accede.")) } }
            Some(version) => {
                p { (locale.say("加入规则：", "Admission: ")) (sentence(version.admission.label(locale))) }
                (waiting(visit, &agreement, version, &standpoint, failed.as_ref()))
                (acceding(visit, &agreement, version, &standpoint, failed.as_ref(), revision))
            }
        }
    };
    let path = found::path(&agreement);
    Ok(Workspace::new(visit, locale.say("加入", "Accession"))
        .below("/console/agreements", locale.say("协议", "Agreements"))
        .below(&path, &agreement.number.to_string())
        .page(&content)
        .costing(choices::points(&agreement)))
}

fn receipt(visit: &Visit, agreement: &Agreement, standpoint: &Standpoint, version: Option<u32>) -> String {
    let newest = agreement.concluded(visit.context.today).map_or(1, |version| version.number);
    let path = found::version_path(agreement, version.unwrap_or(newest));
    let party = standpoint.party().map_or_else(String::new, |party| party.to_string());
    visit.at(&format!("{path}/receipt")).with("party", party).text()
}

async fn run(visit: &Visit, agreement: &Agreement, standpoint: &Standpoint, act: &str) -> Acted {
    let Some(submission) = &visit.submission else {
        return Acted::Failed(Message::new("没有提交表单", "no form was submitted"));
    };
    let mut fields = common(visit, agreement, standpoint);
    fields.insert("digest".to_owned(), submission.get("digest").into());
    if act == ADMIT {
        fields.insert("newcomer".to_owned(), json!({ "district": submission.get("newcomer") }));
        return acted(accession::admit(&visit.context, fields).await);
    }
    if !is_confirmed(visit) {
        return Acted::Failed(unconfirmed());
    }
    if submission.get("agreed").is_empty() {
        return Acted::Problems(not_agreed().into());
    }
    let district = standpoint.party().map_or_else(String::new, |party| party.to_string());
    fields.insert("newcomer".to_owned(), json!({ "district": district, "extent": submission.get("extent") }));
    acted(accession::accede(&visit.context, fields).await)
}

/// The newcomers that wait for consent.
fn waiting(
    visit: &Visit,
    agreement: &Kept<Agreement>,
    version: &Version,
    standpoint: &Standpoint,
    failed: Option<&Failed>,
) -> Markup {
    let locale = visit.locale;
    let mut form = Form::default();
    if let Some(failed) = failed.filter(|failed| failed.act == ADMIT) {
        form.problems = failed.problems.clone();
        form.failure.clone_from(&failed.failure);
    }
    html! {
        @if !version.accessions.is_empty() {
            section aria-labelledby="waiting" {
                h2 id="waiting" { (locale.say("等待同意", "Waiting for consent")) " " span class="count" { (version.accessions.len()) } }
                p { (locale.say("同意后申请方成为签约方；已经写明签约方的条款不变，未写明的条款也适用于它。", "With the consent the newcomer becomes a party. Clauses that name parties do not change; those that name none cover it too.")) }
                (form.summary(locale))
                ul class="tasks" {
                    @for accession in &version.accessions {
                        li {
                            (name::district_of(visit, accession.party.district)) " " span class="quiet" { (accession.signature.on) }
                            @if !accession.consents.is_empty() { p class="facts" { (locale.say("已同意：", "consented: ")) (name::districts(visit, &accession.consents, 20)) } }
                            (consent(visit, agreement, version, standpoint, accession.party.district))
                        }
                    }
                }
            }
        }
    }
}

fn consent(
    visit: &Visit,
    agreement: &Agreement,
    version: &Version,
    standpoint: &Standpoint,
    newcomer: DistrictCode,
) -> Markup {
    let why_not = choices::admitting(visit, agreement, standpoint.party(), newcomer);
    html! {
        @if why_not.is_empty() {
            form method="post" action=(visit.address.clone().without(crate::console::act::DONE)) {
                (token(visit))
                (standpoint.hidden())
                input type="hidden" name="digest" value=(version.digest(agreement.number)) {}
                input type="hidden" name="newcomer" value=(newcomer) {}
                p class="buttons" { button class="button" type="submit" name=(ACT) value=(ADMIT) { (visit.locale.say("同意加入", "Admit")) } }
            }
        } @else { (reasons(&why_not, visit.locale)) }
    }
}

fn acceding(
    visit: &Visit,
    agreement: &Kept<Agreement>,
    version: &Version,
    standpoint: &Standpoint,
    failed: Option<&Failed>,
    revision: Option<domain::Revision>,
) -> Markup {
    let locale = visit.locale;
    let digest = version.digest(agreement.number);
    let mut offer = Offer::new(
        ACCEDE,
        Message::new("申请加入", "Accede"),
        Message::new(
            "加入须签署现行版本的文本；开放加入的当即成为签约方，否则等待签约方同意。",
            "A newcomer signs the current text. With open admission it is a party at once, else it waits for consent.",
        ),
    );
    offer.why_not = choices::acceding(visit, agreement, standpoint.party());
    let extents =
        [Extent::Itself, Extent::Subtree].map(|extent| (extent.name().to_owned(), sentence(extent.label(locale))));
    offer.form = Form::new(vec![
        Field::new("extent", Kind::Choice(extents.to_vec()), "范围", "Extent").required(),
        agreed_field(),
    ])
    .with("extent", Extent::Itself.name());
    offer.is_primary = version.accessions.is_empty();
    offer.hidden = html! { input type="hidden" name="digest" value=(digest) {} };
    offer.take(visit, failed);
    let is_open = offer.why_not.is_empty();
    html! {
        @if is_open {
            p class="lead" { (version.title) " · " (version_name(version.number, locale)) }
            (text::whole(visit, version))
            (digest_section(visit, digest))
        }
        @if is_open && !is_confirmed(visit) {
            section class="act" aria-labelledby="accede-title" {
                h2 id="accede-title" { (locale.say("申请加入", "Accede")) }
                p { (offer.meaning.text(locale)) }
                (offer.form.summary(locale))
                (confirm_again(visit))
            }
        } @else { (offer.draw(visit, standpoint, revision)) }
    }
}
