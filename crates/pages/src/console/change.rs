//! Entries of the journal, as a page lists them.

use std::collections::{BTreeSet, HashMap};

use domain::{Agreement, Change, Document, Id, Matter, Policy, RecordKind, Role, Window, calendar};
use maud::{Markup, html};
use registry::presentation::{Say as _, sentence};

use crate::language::chinese;
use crate::name;
use crate::visit::Visit;

/// The names of people whose acts the caller may see by name: those of its own districts; a steward sees all.
pub(super) async fn names(visit: &Visit, changes: &[Change]) -> HashMap<String, String> {
    let context = &visit.context;
    let own = context.viewer.districts(&context.snapshot, context.today);
    let is_steward = context.viewer.roles.contains(&Role::Steward);
    let is_own = |change: &&Change| is_steward || change.on_behalf_of.is_some_and(|district| own.contains(&district));
    let wanted: BTreeSet<String> = changes.iter().filter(is_own).map(|change| change.actor.clone()).collect();
    if wanted.is_empty() {
        return HashMap::new();
    }
    // Names may have been erased, and the database may be away: the reference is shown then.
    let wanted: Vec<String> = wanted.into_iter().collect();
    context.store.actor_names(&wanted).await.unwrap_or_default()
}

/// One entry: when, who, on whose behalf, what. `record`: which record, where the page is not about one.
pub(super) fn entry(visit: &Visit, change: &Change, names: &HashMap<String, String>, record: &Markup) -> Markup {
    let locale = visit.locale;
    let at = calendar::in_china(change.recorded_at).format("%Y-%m-%d %H:%M");
    html! {
        li {
            time datetime=(change.recorded_at.to_rfc3339()) { (at) } " "
            @if let Some(district) = change.on_behalf_of { (name::district_of(visit, district)) (locale.say("", " ")) }
            strong { (sentence(change.action.label(locale))) } " "
            (record)
            p class="facts" {
                @match names.get(&change.actor) {
                    Some(name) => { span lang=[chinese(locale)] { (name) } " " }
                    None => { span { code { (change.actor) } } " " }
                }
                a href=(visit.at("/console/journal").with("entry", change.revision.to_string())) {
                    (locale.say("数据版本 ", "revision ")) (change.revision)
                }
            }
        }
    }
}

/// The record of an entry, with a link to its page where it has one.
pub(super) fn record(visit: &Visit, change: &Change) -> Markup {
    let (locale, context) = (visit.locale, &visit.context);
    let snapshot = &context.snapshot;
    let kind = sentence(change.kind.label(locale));
    let named = match change.kind {
        RecordKind::Agreement => snapshot.agreement_by_id(Id::<Agreement>::new(change.record), &context.scope).map(|found| {
            html! { a href=(visit.to(&format!("/console/agreements/{}", found.number))) lang=[chinese(locale)] { (found.latest().title) } " " code { (found.number) } }
        }),
        RecordKind::Document => snapshot.document_by_id(Id::<Document>::new(change.record), &context.scope).map(|found| {
            html! { a href=(visit.to(&format!("/console/agreements/{}", found.agreement))) lang=[chinese(locale)] { (found.name) } }
        }),
        RecordKind::District => snapshot.district_by_id(Id::new(change.record)).map(|found| name::district(visit, found)),
        RecordKind::Matter => snapshot.matter_by_id(Id::<Matter>::new(change.record)).map(|found| name::matter(visit, found)),
        RecordKind::Policy => {
            let id = Id::<Policy>::new(change.record);
            snapshot.policy_by_id(id).map(|found| name::policy(visit, id, found))
        }
        RecordKind::Window => {
            let id = Id::<Window>::new(change.record);
            snapshot.window_by_id(id).map(|found| name::window(visit, id, found))
        }
        RecordKind::ApiKey => Some(html! { a href=(visit.to("/console/keys")) { code { (Id::<domain::ApiKey>::new(change.record)) } } }),
        RecordKind::Person => Some(html! { a href=(visit.to("/console/people")) { code { (Id::<domain::person::Person>::new(change.record)) } } }),
        RecordKind::Grant => Some(html! { a href=(visit.to("/console/people")) { code { (Id::<domain::person::Grant>::new(change.record)) } } }),
        RecordKind::Offering | RecordKind::Feedback | RecordKind::Finding => None,
    };
    html! {
        span class="quiet" { (kind) } " "
        @match named { Some(named) => (named), None => { code { (change.record) } } }
    }
}
