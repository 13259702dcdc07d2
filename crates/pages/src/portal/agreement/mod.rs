//! The page of an agreement: who agreed what, what it is worth today and why, and how it came to that.

mod acts;
pub(crate) mod parties;
pub(crate) mod schedule;
pub(crate) mod standing;
pub(crate) mod terms;
pub(crate) mod versions;

use catalogue::Kept;
use domain::{Agreement, AgreementNumber, Date, DistrictCode, Locale, Message, Scope, Version};
use maud::{Markup, html};
use registry::presentation::{Say as _, licence};

use super::fault;
use crate::form;
use crate::frame::{Frame, Sample, grouped, sample_badge};
use crate::language::chinese;
use crate::name;
use crate::response::PageResponse;
use crate::visit::Visit;

/// The points for each hundred cells of the schedule.
const POINTS_PER_HUNDRED: u64 = 1;

pub(crate) fn answer(visit: &Visit) -> PageResponse {
    let written = visit.segment();
    let number = match written.parse::<AgreementNumber>() {
        Ok(number) => number,
        Err(malformed) => {
            let kind = Message::new("协议编号", "the number of an agreement");
            return fault::bad_code(visit, &kind, written, &malformed.expected());
        }
    };
    let Some(agreement) = visit.context.snapshot.agreement(number, &Scope::Public) else {
        return fault::no_record(visit, &Message::new("协议", "agreement"), written);
    };
    // Another version than that of the day may be asked for.
    let version = match visit.address.get("version") {
        "" => listed_version(&agreement, visit.on()),
        asked => match asked.parse().ok().and_then(|number| agreement.version(number)) {
            Some(version) => version,
            None => return fault::no_record(visit, &Message::new("版本", "version"), asked),
        },
    };
    let cells: usize = version.schedule.iter().map(|clause| clause.matters.len()).sum();
    PageResponse::page(visit.status(), draw(visit, &agreement, version))
        .costing(cells as u64 * POINTS_PER_HUNDRED / 100)
}

/// The version that pages show: that in force on the day, else the one that began last, else the newest.
pub(crate) fn listed_version(agreement: &Agreement, on: Date) -> &Version {
    agreement.version_begun(on).unwrap_or_else(|| agreement.latest())
}

/// The districts that a version names as parties.
pub(crate) fn member_codes(version: &Version) -> Vec<DistrictCode> {
    version.parties.iter().map(|party| party.district).collect()
}

fn draw(visit: &Visit, agreement: &Kept<Agreement>, version: &Version) -> Markup {
    let locale = visit.locale;
    let title = format!("{} · {}", version.title, agreement.number);
    Frame::new(visit, &title).with(Sample::from(agreement.provenance.synthetic)).about(agreement.id).draw(&html! {
        p class="back" { a href=(visit.to("/agreements")) { span aria-hidden="true" { "← " } (locale.say("返回协议列表", "Back to the agreements")) } }
        h1 lang=[chinese(locale)] { (version.title) }
        (form::faults(visit))
        (standing::answer(visit, agreement, version))
        (facts(visit, agreement, version))
        (parties::table(visit, agreement, version))
        (schedule::section(visit, agreement, version))
        (terms::section(visit, version))
        (versions::section(visit, agreement, version))
        (documents(visit, agreement))
        (acts::timeline(visit, agreement))
        (source(agreement, locale))
    })
}

fn facts(visit: &Visit, agreement: &Agreement, version: &Version) -> Markup {
    let locale = visit.locale;
    html! {
        dl class="about" {
            (name::fact(locale.say("协议编号", "Number"), &html! { code { (agreement.number) } }))
            (name::text_fact(locale.say("文号", "Document number"), version.document_number.as_deref(), locale))
            (name::fact(locale.say("版本", "Version"), &html! { (version.number) }))
            @if let Some(signed) = version.signed_on() { (name::fact(locale.say("签订日期", "Concluded on"), &html! { (signed) })) }
            @if let Some(framework) = version.framework { (name::fact(locale.say("框架协议", "Framework"), &html! { a href=(name::to_agreement(visit, framework)) { (framework) } })) }
            @if let Some(replaces) = version.replaces { (name::fact(locale.say("接替的协议", "Replaces"), &html! { a href=(name::to_agreement(visit, replaces)) { (replaces) } })) }
        }
    }
}

/// The documents that everybody may read.
fn documents(visit: &Visit, agreement: &Agreement) -> Markup {
    let locale = visit.locale;
    let documents = visit.context.snapshot.documents(agreement.number, &Scope::Public);
    html! {
        @if !documents.is_empty() {
            section {
                h2 { (locale.say("文件", "Documents")) }
                ul class="links" {
                    @for document in &documents {
                        li {
                            a href={ "/documents/" (document.id) } lang=[chinese(locale)] { (document.name) } " "
                            span class="quiet" {
                                (document.media_type.label(locale)) (locale.say("，", ", "))
                                (grouped(usize::try_from(document.size.div_ceil(1_024)).unwrap_or(usize::MAX))) " kB"
                                (locale.say("，", ", ")) (document.attached_on)
                            }
                        }
                    }
                }
            }
        }
    }
}

fn source(agreement: &Agreement, locale: Locale) -> Markup {
    let provenance = &agreement.provenance;
    html! {
        @if !provenance.is_unstated() {
            section class="sources" {
                h2 { (locale.say("数据来源", "Sources")) }
                p {
                    @if provenance.synthetic { (sample_badge(locale)) " " }
                    @if let Some(source) = &provenance.source { span lang=[chinese(locale)] { (source) } }
                    @if let Some(of) = &provenance.licence { (locale.say("（许可：", " (licence: ")) (licence(of, locale)) (locale.say("）", ")")) }
                }
            }
        }
    }
}
