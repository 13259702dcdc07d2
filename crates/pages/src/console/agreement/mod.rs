//! The pages of an agreement: what it is worth and why, whose turn it is, its versions and documents, and every act.

pub(super) mod accession;
mod choices;
pub(super) mod confirmation;
pub(super) mod difference;
pub(super) mod documents;
mod found;
mod history;
pub(super) mod notice;
mod offer;
pub(super) mod office;
mod preview;
pub(super) mod receipt;
mod remarks;
pub(super) mod renewal;
mod returning;
pub(super) mod sign;
pub(super) mod suspension;
mod text;
mod turn;
pub(super) mod version;
pub(super) mod withdrawal;

use catalogue::Kept;
use domain::{Agreement, Locale, Version};
use maud::{Markup, html};
use registry::presentation::{Say as _, period, sentence};

use self::found::Standpoint;
use self::offer::{ACT, Failed};
use super::act::{Acted, after};
use super::home::version_name;
use super::workspace::Workspace;
use crate::name;
use crate::portal::agreement::{listed_version, parties, standing};
use crate::response::PageResponse;
use crate::visit::Visit;

const MAX_VERSIONS: usize = 20;
const MAX_SUSPENSIONS: usize = 20;

pub(super) async fn answer(visit: &Visit) -> PageResponse {
    let agreement = match found::agreement(visit) {
        Ok(agreement) => agreement,
        Err(missing) => return missing,
    };
    let standpoint = Standpoint::new(visit, &agreement);
    let mut failed = None;
    if visit.submission.as_ref().is_some_and(|form| form.get(ACT) == documents::ATTACH) {
        let acted = documents::attach(visit, &agreement, &standpoint).await;
        if matches!(acted, Acted::Done(_)) {
            return PageResponse::redirect(after(visit, &found::path(&agreement), "attached"));
        }
        failed = Failed::of(documents::ATTACH, acted);
    }
    let content = draw(visit, &agreement, &standpoint, failed.as_ref()).await;
    let title = &listed_version(&agreement, visit.context.today).title;
    Workspace::new(visit, title)
        .below("/console/agreements", visit.locale.say("协议", "Agreements"))
        .page(&content)
        .costing(choices::points(&agreement))
}

async fn draw(visit: &Visit, agreement: &Kept<Agreement>, standpoint: &Standpoint, failed: Option<&Failed>) -> Markup {
    let (locale, today) = (visit.locale, visit.context.today);
    let version = listed_version(agreement, today);
    html! {
        p class="facts" {
            code { (agreement.number) } " "
            @if agreement.is_public(today) { a href=(name::to_agreement(visit, agreement.number)) { (locale.say("门户上的页面", "Its page on the portal")) } }
            @else { span class="badge" { (locale.say("未公开", "not public")) } }
        }
        @if failed.is_some() { p class="note" { a href="#documents" { (locale.say("文件没有添加，请看“文件”一节。", "The document was not attached; see “Documents”.")) } } }
        (standing::answer(visit, agreement, version))
        (turn::section(visit, agreement))
        (choices::section(visit, agreement, standpoint))
        (versions(visit, agreement))
        (parties::table(visit, agreement, version))
        (suspensions(visit, agreement))
        (documents::section(visit, agreement, standpoint, failed))
        (history::section(visit, agreement.id).await)
    }
}

fn versions(visit: &Visit, agreement: &Agreement) -> Markup {
    let locale = visit.locale;
    html! {
        section aria-labelledby="versions" {
            h2 id="versions" { (locale.say("版本", "Versions")) " " span class="count" { (agreement.versions.len()) } }
            ol class="tasks" {
                @for version in agreement.versions.iter().rev().take(MAX_VERSIONS) { li { (entry(visit, agreement, version)) } }
            }
            @if agreement.versions.len() > MAX_VERSIONS {
                p class="quiet" {
                    @match locale {
                        Locale::Zh => { "更早的 " (agreement.versions.len() - MAX_VERSIONS) " 版见门户上的页面" }
                        Locale::En => { (agreement.versions.len() - MAX_VERSIONS) " earlier versions are on the portal" }
                    }
                }
            }
        }
    }
}

fn entry(visit: &Visit, agreement: &Agreement, version: &Version) -> Markup {
    let (locale, today) = (visit.locale, visit.context.today);
    let path = found::version_path(agreement, version.number);
    let state = version.state(today);
    html! {
        a href=(visit.to(&path)) { (sentence(&version_name(version.number, locale))) } " "
        span class="badge" { (sentence(state.label(locale))) } " "
        (version.title)
        p class="facts" {
            @if let Some(signed) = version.signed_on() { span { (locale.say("签订于 ", "concluded on ")) (signed) } " " }
            @if let Some(term) = version.term() { span { (period(term, locale)) } " " }
            @if let Some(reason) = version.lapse_reason(today) { span { (sentence(reason.label(locale))) } " " }
            @if let Some(proposal) = version.proposal() {
                span { (proposal.signatures.len()) "/" (proposal.signers.len()) (locale.say(" 方已签署", " have signed")) } " "
            }
            @if agreement.versions.len() > 1 { a href=(visit.to(&format!("{path}/diff"))) { (locale.say("差别", "differences")) } }
            " " a href=(visit.to(&format!("{path}/office"))) { (office::link_name(version).text(locale)) }
        }
        @if let Some(proposal) = version.proposal() {
            @for rejection in &proposal.rejections {
                p { (name::district_of(visit, rejection.party)) (locale.say("不同意：", " rejects it: ")) (rejection.reason) }
            }
            @if let Some(reason) = &proposal.withdrawn_reason { p { (locale.say("撤回理由：", "Withdrawn because: ")) (reason) } }
        }
    }
}

/// Running and earlier suspensions, and notices.
fn suspensions(visit: &Visit, agreement: &Agreement) -> Markup {
    let (locale, today) = (visit.locale, visit.context.today);
    html! {
        section aria-labelledby="suspensions" {
            h2 id="suspensions" { (locale.say("暂停与退出通知", "Suspensions and notices")) }
            @if agreement.suspensions.is_empty() && agreement.notices.is_empty() { p { (locale.say("没有。", "None.")) } }
            ul class="plain" {
                @for suspension in agreement.suspensions.iter().rev().take(MAX_SUSPENSIONS) {
                    li {
                        @if suspension.applies_on(today) { span class="badge warn" { (locale.say("暂停中", "running")) } " " }
                        @else { span class="badge" { (locale.say("已结束", "over")) } " " }
                        (standing::suspension(visit, suspension))
                        @if let Some(cleared) = suspension.cleared_on { p class="facts" { (locale.say("恢复于 ", "resumed on ")) (cleared) } }
                    }
                }
                @for notice in agreement.notices.iter().rev() {
                    li {
                        (name::district_of(visit, notice.party))
                        (locale.say("退出，最后一日 ", " leaves; its last day is ")) (notice.ends_on)
                        (locale.say("：", ": ")) (notice.reason)
                    }
                }
            }
        }
    }
}
