//! The partners of a district, when the other side is open.

use catalogue::{Kept, Partner};
use domain::{District, Locale};
use maud::{Markup, html};
use registry::presentation::{Say, district_name};

use super::query::has_synthetic_basis;
use crate::form::{faults, question};
use crate::frame::{Frame, Sample};
use crate::name::district_with_path;
use crate::visit::Visit;

/// How many partners are listed.
const MAX_PARTNERS: usize = 60;

/// The side of a district.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Receiving,
    Competent,
}

/// The partners of a district, when the other side is open.
pub(crate) fn partners(visit: &Visit, district: &Kept<District>, role: Role) -> Markup {
    let locale = visit.locale;
    let snapshot = &visit.context.snapshot;
    let name = district_name(district, locale);
    let mut partners: Vec<_> = snapshot.partners(district.code, visit.on()).iter().collect();
    partners.sort_by_key(|listed| std::cmp::Reverse(matters_of(&listed.item, role)));
    let (busy, idle): (Vec<_>, Vec<_>) =
        partners.iter().map(|listed| &listed.item).partition(|partner| matters_of(partner, role) > 0);
    let hidden = busy.len().saturating_sub(MAX_PARTNERS);
    let title = match (role, locale) {
        (Role::Receiving, Locale::Zh) => format!("在{name}能办哪里的事？"),
        (Role::Receiving, Locale::En) => format!("Whose matters can be done in {name}?"),
        (Role::Competent, Locale::Zh) => format!("{name}的事能在哪里办？"),
        (Role::Competent, Locale::En) => format!("Where can matters of {name} be done?"),
    };
    let to = |partner: &District| match role {
        Role::Receiving => visit.link.between(district.code.as_str(), partner.code.as_str()).to_list(),
        Role::Competent => visit.link.between(partner.code.as_str(), district.code.as_str()).to_list(),
    };
    let counted = |count: usize| match locale {
        Locale::Zh => format!("{count} 项"),
        Locale::En => format!("{count} matter{}", if count == 1 { "" } else { "s" }),
    };
    Frame::new(visit, &title).with(Sample::from(has_synthetic_basis(visit, district))).draw(&html! {
        h1 { (title) }
        p class="lead" {
            @match role {
                Role::Receiving => { (locale.say("再选“要办哪里的业务”，就能看到可以办的事项。", "Now choose whose matter it is, and you will see what can be done.")) }
                Role::Competent => { (locale.say("再选“我现在在”哪里，就能看到可以办的事项。", "Now choose where you are, and you will see what can be done.")) }
            }
        }
        (faults(visit))
        (question(visit))
        @if busy.is_empty() {
            div class="note" {
                p {
                    @match locale {
                        Locale::Zh => { (name) "在这一天还没有通过协议开通的通办事项。" }
                        Locale::En => { "On that day no matter is open to " (name) " by an agreement." }
                    }
                }
                p { (locale.say("全国性的政策清单对任何两地都可能适用，请直接填写另一地查询。", "National lists may still hold between any two districts: fill in the other side to see.")) }
            }
        } @else {
            section {
                h2 { (locale.say("有协议的区域", "Districts with an agreement")) }
                ul class="partners" {
                    @for partner in busy.iter().take(MAX_PARTNERS) {
                        li { a href=(to(&partner.district)) { (district_with_path(visit, &partner.district)) } " " span class="count" { (counted(matters_of(partner, role))) } }
                    }
                }
                @if hidden > 0 {
                    p class="quiet" {
                        @match locale {
                            Locale::Zh => { "还有 " (hidden) " 个区域，请在上面填写名称。" }
                            Locale::En => { (hidden) " more: write a name above." }
                        }
                    }
                }
            }
        }
        @if !idle.is_empty() {
            section {
                h2 { (locale.say("有协议，但这个方向没有事项", "Districts with an agreement, but with nothing in this direction")) }
                ul class="partners quiet" { @for partner in idle.iter().take(MAX_PARTNERS) { li { a href=(to(&partner.district)) { (district_with_path(visit, &partner.district)) } } } }
            }
        }
    })
}

/// How many matters can be handled with a partner.
fn matters_of(partner: &Partner, role: Role) -> usize {
    match role {
        // The receiving district takes matters for which the partner is competent.
        Role::Receiving => partner.matters_in,
        Role::Competent => partner.matters_out,
    }
}
