//! The frame of the pages of the console: its menu, who is signed in, and in which capacity.

use domain::{Extent, Role};
use maud::{Markup, html};
use registry::people::Capacity;
use registry::presentation::Say as _;

use super::token::token;
use crate::frame::Frame;
use crate::response::PageResponse;
use crate::visit::Visit;

/// The menu: path, name, and the roles that have the page; no roles: everybody who has signed in.
const MENU: &[(&str, &str, &str, &[Role])] = &[
    ("/console", "首页", "Home", &[]),
    ("/console/tasks", "待办", "To do", &[Role::Registrar, Role::Signatory, Role::Steward]),
    ("/console/agreements", "协议", "Agreements", &[]),
    ("/console/findings", "数据问题", "Findings", &[]),
    ("/console/stops", "停用", "Stops", &[Role::Steward]),
    ("/console/catalogue/districts", "目录", "Catalogue", &[Role::Steward]),
    ("/console/offerings", "办事指南", "Guides", &[Role::Registrar, Role::Steward]),
    ("/console/windows", "通办窗口", "Windows", &[Role::Registrar, Role::Steward]),
    ("/console/feedback", "纠错", "Feedback", &[Role::Registrar, Role::Steward]),
    ("/console/people", "人员", "People", &[Role::Registrar, Role::Signatory, Role::Steward]),
    ("/console/keys", "密钥", "Keys", &[Role::Steward]),
    ("/console/journal", "操作日志", "Journal", &[]),
    ("/console/status", "运行状态", "Status", &[Role::Steward]),
    ("/console/settings", "设置", "Settings", &[]),
];

#[derive(Debug)]
pub(super) struct Workspace<'a> {
    visit: &'a Visit,
    title: &'a str,
    /// Links back to the pages above: address and name.
    above: Vec<(String, String)>,
}

impl<'a> Workspace<'a> {
    pub(super) fn new(visit: &'a Visit, title: &'a str) -> Self {
        Self { visit, title, above: Vec::new() }
    }

    /// Adds a link to a page above this one.
    #[must_use]
    pub(super) fn below(mut self, path: &str, name: &str) -> Self {
        self.above.push((self.visit.to(path), name.to_owned()));
        self
    }

    /// The same by a whole address.
    #[must_use]
    pub(super) fn below_page(mut self, address: String, name: &str) -> Self {
        self.above.push((address, name.to_owned()));
        self
    }

    pub(super) fn page(&self, content: &Markup) -> PageResponse {
        self.response(200, content)
    }

    pub(super) fn response(&self, status: u16, content: &Markup) -> PageResponse {
        let Self { visit, title, above } = self;
        let locale = visit.locale;
        let markup = Frame::new(visit, title).hidden_from_search_engines().draw(&html! {
            (bar(visit))
            @if !above.is_empty() {
                nav class="trail" aria-label=(locale.say("上级页面", "Pages above")) {
                    @for (address, name) in above { a href=(address) { (name) } " › " }
                }
            }
            h1 { (title) }
            (notice(visit))
            (content)
        });
        PageResponse::page(status, markup)
    }
}

/// The menu of the console, and who is signed in.
fn bar(visit: &Visit) -> Markup {
    let locale = visit.locale;
    let viewer = &visit.context.viewer;
    if visit.session.is_none() {
        return html! {};
    }
    let has = |roles: &[Role]| roles.is_empty() || roles.iter().any(|role| viewer.roles.contains(role));
    let path = visit.address.path();
    let current = MENU
        .iter()
        .map(|(menu, ..)| *menu)
        .filter(|menu| path == *menu || path.strip_prefix(menu).is_some_and(|rest| rest.starts_with('/')))
        .max_by_key(|menu| menu.len());
    html! {
        div class="console-bar" {
            nav class="menu" aria-label=(locale.say("工作台菜单", "Console menu")) {
                ul {
                    @for (path, zh, en, roles) in MENU {
                        @if has(roles) {
                            li { a href=(visit.to(path)) aria-current=[(current == Some(path)).then_some("page")] { (locale.say(zh, en)) } }
                        }
                    }
                }
            }
            (identity(visit))
        }
    }
}

fn identity(visit: &Visit) -> Markup {
    let locale = visit.locale;
    let viewer = &visit.context.viewer;
    let Some(session) = &visit.session else { return html! {} };
    let acting = Capacity::of(viewer);
    html! {
        details class="who" {
            summary { strong { (viewer.name.as_deref().unwrap_or_default()) } " " span { (capacity_text(visit, &acting)) } }
            @if session.capacities.len() > 1 {
                form method="post" action="/console/capacity" {
                    (token(visit))
                    input type="hidden" name="to" value=(visit.address) {}
                    p class="field" {
                        label for="capacity" { (locale.say("切换身份", "Act as")) }
                        select id="capacity" name="capacity" {
                            @for capacity in &session.capacities {
                                option value=(capacity.name()) selected[*capacity == acting] { (capacity_text(visit, capacity)) }
                            }
                        }
                    }
                    button class="button quiet" type="submit" { (locale.say("切换", "Switch")) }
                }
            }
            form method="post" action="/console/sign-out" {
                (token(visit))
                p class="buttons" {
                    button class="button quiet" type="submit" { (locale.say("退出登录", "Sign out")) }
                    button class="button quiet" type="submit" name="everywhere" value="1" { (locale.say("在所有设备上退出", "Sign out everywhere")) }
                }
            }
        }
    }
}

/// A capacity in words: the roles and the district.
pub(super) fn capacity_text(visit: &Visit, capacity: &Capacity) -> String {
    let locale = visit.locale;
    let roles: Vec<&str> = capacity.roles.iter().map(|role| role.label(locale)).collect();
    let roles = if roles.is_empty() {
        locale.say("尚未授权", "no role yet").to_owned()
    } else {
        roles.join(locale.say("、", ", "))
    };
    let district = capacity.district.map(|code| {
        let known = visit.context.snapshot.district(code);
        let name = known.map_or_else(
            || code.to_string(),
            |district| registry::presentation::place(&visit.context.snapshot, district, visit.context.today, locale),
        );
        let below = if capacity.extent == Extent::Subtree { locale.say("及下辖", " and below") } else { "" };
        format!("{name}{below}")
    });
    let domains: Vec<&str> = capacity.domains.iter().map(|domain| domain.label(locale)).collect();
    let domains = (!domains.is_empty()).then(|| domains.join(locale.say("、", ", ")));
    [district, Some(roles), domains].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// What the last act did: its page leads here with `done`.
fn notice(visit: &Visit) -> Markup {
    let done = visit.address.get(super::act::DONE);
    let text = super::act::done_text(done, visit.locale);
    html! { @if let Some(text) = text { p class="done" role="status" { (text) } } }
}
