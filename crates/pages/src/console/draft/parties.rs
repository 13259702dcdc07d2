//! The parties of a draft: who they are, which of them leads, how far each binds, and which bodies sign.

use domain::{DistrictCode, Extent, Party, Problem};
use maud::{Markup, html};
use registry::presentation::Say as _;
use serde_json::{Value as Json, json};

use super::open::Open;
use super::party::{bodies_id, change, draw, extent_id, removal_id, values};
use super::record;
use super::steps::{respond, to};
use crate::console::act::{Acted, DONE};
use crate::console::field::{Field, Kind};
use crate::console::names::{FIELD, Names, named};
use crate::console::remap::without;
use crate::console::trouble::Trouble;
use crate::name;
use crate::pager::Pager;
use crate::response::PageResponse;
use crate::submission::Submission;
use crate::visit::Visit;

/// How many parties one page shows.
const PAGE_SIZE: usize = 30;
/// How many parties can be chosen as the lead by a list.
const MAX_LEADS: usize = 200;

pub(crate) async fn answer(visit: &Visit) -> PageResponse {
    let open = match Open::find(visit).await {
        Ok(open) => open,
        Err(missing) => return missing,
    };
    let Some(form) = &visit.submission else {
        let version = open.version();
        let fields = std::iter::once(("lead".to_owned(), version.lead.to_string()));
        let shown = Pager::new(visit, version.parties.len(), PAGE_SIZE);
        let parties = shown.of(&version.parties).iter().flat_map(|party| values(party, visit.locale));
        let form = Submission { fields: fields.chain(parties).collect(), files: Vec::new() };
        return page(visit, &open, &form, &Names::default(), &Trouble::default());
    };
    let names = Names::read(visit, form, FIELD);
    let mut trouble = Trouble::default();
    names.trouble(visit, &mut trouble);
    if trouble.is_empty() {
        let acted = save(visit, &open, form, &names.codes()).await;
        if matches!(acted, Acted::Done(_)) {
            let next = if form.has("more") { "parties" } else { "terms" };
            let address = visit.at(&open.path(next)).with("version", visit.address.get("version")).with(DONE, "saved");
            return PageResponse::redirect(address.text());
        }
        trouble = Trouble::of(&acted, visit.locale, |problem| place(&open, form, problem));
    }
    page(visit, &open, form, &names, &trouble).costing(names.cost())
}

async fn save(visit: &Visit, open: &Open, form: &Submission, added: &[DistrictCode]) -> Acted {
    let version = open.version();
    let leaving = leaving(open, form);
    // Clauses that named a party that leaves go on without it.
    let mut rest = without(version, &leaving);
    let added = added.iter().filter(|code| rest.party(**code).is_none());
    let added: Vec<Json> = added.map(|code| json!({ "district": code.to_string() })).collect();
    if leaving.contains(&rest.lead)
        && let Some(first) = rest.parties.first()
    {
        rest.lead = first.district;
    }
    let mut input = record::revision(open.number(), &rest);
    if let Some(parties) = input.get_mut("parties").and_then(Json::as_array_mut) {
        for party in parties.iter_mut().filter_map(Json::as_object_mut) {
            let code = party.get("district").and_then(Json::as_str).unwrap_or_default().to_owned();
            change(party, &code, form);
        }
        parties.extend(added);
    }
    let lead = form.get("lead");
    if !lead.is_empty() && !leaving.iter().any(|code| code.as_str() == lead) {
        input.insert("lead".to_owned(), lead.into());
    }
    open.revise(visit, form, input).await
}

fn leaving(open: &Open, form: &Submission) -> Vec<DistrictCode> {
    let parties = open.version().parties.iter().map(|party| party.district);
    parties.filter(|code| form.has(&removal_id(code.as_str()))).collect()
}

/// The element that a problem is about.
fn place(open: &Open, form: &Submission, problem: &Problem) -> String {
    let leaving = leaving(open, form);
    let staying: Vec<&Party> =
        open.version().parties.iter().filter(|party| !leaving.contains(&party.district)).collect();
    let steps: Vec<&str> = problem.path.iter().map(String::as_str).collect();
    match steps[..] {
        ["parties", at, field, ..] => match at.parse().ok().and_then(|at: usize| staying.get(at)) {
            Some(party) if field == "bodies" => bodies_id(party.district.as_str()),
            Some(party) if field == "extent" => extent_id(party.district.as_str()),
            Some(_) | None => FIELD.to_owned(),
        },
        ["parties", ..] => FIELD.to_owned(),
        ["lead"] => "lead".to_owned(),
        _ => String::new(),
    }
}

fn page(visit: &Visit, open: &Open, form: &Submission, names: &Names, trouble: &Trouble) -> PageResponse {
    let locale = visit.locale;
    let version = open.version();
    let pager = Pager::new(visit, version.parties.len(), PAGE_SIZE);
    let status = if trouble.is_empty() { 200 } else { 422 };
    let content = html! {
        (trouble.summary(locale))
        form method="post" action=(visit.address.clone().without(DONE)) class="form" {
            (open.hidden(visit))
            (lead(visit, open).draw(form, &trouble.at("lead"), locale))
            @for party in pager.of(&version.parties) {
                fieldset class="group" {
                    legend { (heading(visit, party)) }
                    (draw(party, form, trouble, locale))
                }
            }
            (pager.links(visit))
            (names.draw(
                visit,
                locale.say("增加签约方（选填）", "Add parties (optional)"),
                locale.say(
                    "一行一个，可从文件中粘贴：南沙区、上海 闵行、320583 都可以。",
                    "One a line, by name, path or code; paste them from a document.",
                ),
                trouble,
            ))
            p class="buttons" {
                (open.button(visit, locale.say("保存并继续", "Save and continue")))
                @if open.off.is_none() { button class="button quiet" type="submit" name="more" value="1" { (locale.say("保存，留在本页", "Save and stay")) } }
                a class="button quiet" href=(to(visit, open, "terms")) { (locale.say("不改，下一步", "Next, without saving")) }
            }
        }
    };
    respond(visit, open, "parties", status, &content)
}

fn heading(visit: &Visit, party: &Party) -> Markup {
    html! {
        @match visit.context.snapshot.district(party.district) {
            Some(district) => (name::district_path(visit, district)),
            None => { code { (party.district) } }
        }
        @if party.extent == Extent::Subtree { " " span class="quiet" { (party.extent.label(visit.locale)) } }
    }
}

/// The field for the lead. Among very many parties it is named as a district.
fn lead(visit: &Visit, open: &Open) -> Field {
    let parties = &open.version().parties;
    let kind = if parties.len() <= MAX_LEADS {
        Kind::Choice(parties.iter().map(|party| (party.district.to_string(), named(visit, party.district))).collect())
    } else {
        Kind::District
    };
    Field::new("lead", kind, "牵头方", "Lead party")
        .required()
        .hint("牵头方负责文本与清单的维护。", "The lead keeps text and schedule.")
}
