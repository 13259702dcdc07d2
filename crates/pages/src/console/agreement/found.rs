//! The agreement and the version that an address names, and the party that the caller acts for.

use std::collections::BTreeSet;

use catalogue::Kept;
use domain::{Agreement, AgreementNumber, DistrictCode, Message, Revision, Version};
use maud::{Markup, html};
use registry::presentation::{Say as _, district_name};

use crate::console::workspace::Workspace;
use crate::response::PageResponse;
use crate::visit::Visit;

/// The agreement of the address, as the caller may see it.
pub(super) fn agreement(visit: &Visit) -> Result<Kept<Agreement>, PageResponse> {
    let number = visit.segment().parse::<AgreementNumber>().ok();
    let found = number.and_then(|number| visit.context.snapshot.agreement(number, &visit.context.scope));
    found.ok_or_else(|| missing(visit, &Message::new("协议", "agreement")))
}

/// The version of the address, as the caller may see it.
pub(super) fn version<'a>(visit: &Visit, agreement: &'a Agreement) -> Result<&'a Version, PageResponse> {
    let number = visit.segments.get(1).and_then(|number| number.parse().ok());
    let found = number.and_then(|number| agreement.version(number));
    found.ok_or_else(|| missing(visit, &Message::new("版本", "version")))
}

/// The same page for what does not exist and for what the caller may not see.
pub(super) fn missing(visit: &Visit, kind: &Message) -> PageResponse {
    let title = Message::new(format!("没有这个{}", kind.zh), format!("There is no such {}", kind.en));
    let content = html! {
        p class="lead" {
            (visit.locale.say(
                "可能是编号有误，或者您的身份看不到它。请核对编号，或切换身份后再看。",
                "The number may be wrong, or you may not see it in this capacity. Check the number, or change your capacity.",
            ))
        }
        p { a href=(visit.to("/console/agreements")) { (visit.locale.say("返回协议列表", "Back to the agreements")) } }
    };
    Workspace::new(visit, title.text(visit.locale)).response(404, &content)
}

/// The path of the pages of an agreement.
pub(super) fn path(agreement: &Agreement) -> String {
    format!("/console/agreements/{}", agreement.number)
}

/// The path of the pages of a version.
pub(super) fn version_path(agreement: &Agreement, version: u32) -> String {
    format!("{}/versions/{version}", path(agreement))
}

/// The newest revision of an agreement that the caller may see; `None`: it cannot be looked up now.
pub(super) async fn revision(visit: &Visit, agreement: &Kept<Agreement>) -> Option<Revision> {
    let context = &visit.context;
    let id = agreement.id.number();
    let newest = context.store.last_seen(&[id], context.snapshot.revision(), &context.reading()).await;
    Some(newest.ok()?.get(&id).copied().unwrap_or(id))
}

/// Which party the caller acts for. A caller with several has chosen one.
#[derive(Debug)]
pub(super) struct Standpoint {
    /// The districts of the caller that the agreement names, the chosen one first.
    parties: Vec<DistrictCode>,
    /// The caller's own district, if the agreement names none of its districts.
    stranger: Option<DistrictCode>,
}

impl Standpoint {
    pub(super) fn new(visit: &Visit, agreement: &Agreement) -> Self {
        let context = &visit.context;
        let own = context.viewer.districts(&context.snapshot, context.today);
        let mut parties: Vec<DistrictCode> =
            named(agreement).into_iter().filter(|district| own.contains(district)).collect();
        let chosen = visit.submission.as_ref().map_or("", |form| form.get("party"));
        let chosen = if chosen.is_empty() { visit.address.get("party") } else { chosen };
        if let Some(at) = parties.iter().position(|party| party.as_str() == chosen) {
            parties.swap(0, at);
        }
        let stranger = context.viewer.district.filter(|_| parties.is_empty());
        Self { parties, stranger }
    }

    /// The district that acts: a party, else the caller's own district.
    pub(super) fn party(&self) -> Option<DistrictCode> {
        self.parties.first().copied().or(self.stranger)
    }

    /// The parties that the caller acts for.
    pub(super) fn parties(&self) -> &[DistrictCode] {
        &self.parties
    }

    /// The hidden field of a form with the party.
    pub(super) fn hidden(&self) -> Markup {
        html! { @if let Some(party) = self.party() { input type="hidden" name="party" value=(party) {} } }
    }

    /// Links to the same page for another party.
    pub(super) fn choice(&self, visit: &Visit) -> Markup {
        let locale = visit.locale;
        let snapshot = &visit.context.snapshot;
        let name = |code: DistrictCode| {
            snapshot.district(code).map_or_else(|| code.to_string(), |found| district_name(found, locale).to_owned())
        };
        html! {
            @if let Some(party) = self.party() {
                p class="acting" {
                    (locale.say("办理方：", "Acting for: ")) strong { (name(party)) }
                    @for other in self.parties.iter().skip(1).take(20) {
                        " " a href=(visit.address.clone().with("party", other.as_str())) {
                            (locale.say("改为", "change to ")) (name(*other))
                        }
                    }
                }
            }
        }
    }
}

/// The districts that an agreement names as parties, signers or newcomers, or that are consulted on a draft.
fn named(agreement: &Agreement) -> Vec<DistrictCode> {
    let mut known = BTreeSet::new();
    let of = |version: &Version| -> Vec<DistrictCode> {
        let signers = version.proposal().map_or(&[][..], |proposal| &proposal.signers);
        let newcomers = version.accessions.iter().map(|accession| accession.party.district);
        let named = version.parties.iter().map(|party| party.district).chain(signers.iter().copied());
        named.chain(newcomers).chain(version.consulted()).collect()
    };
    agreement.versions.iter().rev().flat_map(of).filter(|district| known.insert(*district)).collect()
}
