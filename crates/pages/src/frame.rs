//! The frame of every page: the head, the menu, the switches of language and view, and the footer with the revision of
//! the data and with who runs the site.

use domain::{Locale, Scope, calendar};
use maud::{DOCTYPE, Markup, html};
use registry::presentation::Say as _;

use crate::asset;
use crate::language::{chinese, html_lang, lang};
use crate::link::Link;
use crate::view::{VIEW, View};
use crate::visit::Visit;

#[derive(Debug)]
pub(crate) struct Frame<'a> {
    visit: &'a Visit,
    title: &'a str,
    sample: Sample,
    /// Search engines do not list the page.
    hidden: bool,
    /// The global id of the record that feedback on the page is about.
    about: Option<String>,
}

/// Does the page show synthetic records?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sample {
    Shown,
    None,
}

impl From<bool> for Sample {
    fn from(shown: bool) -> Self {
        if shown { Self::Shown } else { Self::None }
    }
}

/// The menu: path and name of each page.
const MENU: [(&str, &str, &str); 7] = [
    ("/matters", "事项", "Matters"),
    ("/districts", "区域", "Districts"),
    ("/agreements", "协议", "Agreements"),
    ("/policies", "政策", "Policies"),
    ("/notices", "公告", "Notices"),
    ("/network", "通办网络", "Network"),
    ("/help", "帮助", "Help"),
];

impl<'a> Frame<'a> {
    pub(crate) fn new(visit: &'a Visit, title: &'a str) -> Self {
        Self { visit, title, sample: Sample::None, hidden: false, about: None }
    }

    #[must_use]
    pub(crate) fn with(self, sample: Sample) -> Self {
        Self { sample, ..self }
    }

    #[must_use]
    pub(crate) fn hidden_from_search_engines(self) -> Self {
        Self { hidden: true, ..self }
    }

    /// The record that the page is about.
    #[must_use]
    pub(crate) fn about(self, id: impl std::fmt::Display) -> Self {
        Self { about: Some(id.to_string()), ..self }
    }

    pub(crate) fn draw(self, content: &Markup) -> Markup {
        let Self { visit, title, sample, hidden, about } = self;
        let locale = visit.locale;
        let name = locale.say("通办", "Tongban");
        html! {
            (DOCTYPE)
            html lang=(html_lang(locale)) class=[(visit.view == View::Elder).then_some("elder")] {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    @if hidden {
                        meta name="robots" content="noindex";
                        // Without a referrer, a form would be sent with the origin "null".
                        meta name="referrer" content="same-origin";
                    }
                    title { @if title == name { (name) } @else { (title) " · " (name) } }
                    link rel="icon" type="image/svg+xml" href=(asset::ICON.address());
                    link rel="stylesheet" href=(asset::STYLE.address());
                    link rel="alternate" type="application/atom+xml" href=(visit.to("/notices.atom")) title=(locale.say("公告", "Notices"));
                    script src=(asset::SCRIPT.address()) defer {}
                    @if visit.address.path().starts_with("/console") {
                        link rel="stylesheet" href=(asset::CONSOLE_STYLE.address());
                        script src=(asset::CONSOLE_SCRIPT.address()) defer {}
                    }
                }
                body {
                    a class="skip" href="#main" { (locale.say("跳到正文", "Skip to the content")) }
                    (header(visit))
                    @if sample == Sample::Shown {
                        aside class="sample-strip" aria-label=(locale.say("示例数据", "Sample data")) {
                            p class="wide" {
                                (sample_badge(locale)) " "
                                (locale.say(
                                    "本页有为演示编写的记录，不是官方公布的清单，请勿据此办事。",
                                    "Some records on this page were made up for a demonstration. They are not an official list; do not rely on them.",
                                ))
                            }
                        }
                    }
                    main id="main" class="wide" { (content) }
                    (footer(visit, about.as_deref()))
                }
            }
        }
    }
}

fn header(visit: &Visit) -> Markup {
    let locale = visit.locale;
    let (other, other_name) = match locale {
        Locale::Zh => (Locale::En, "English"),
        Locale::En => (Locale::Zh, "中文"),
    };
    let home = Link { lang: visit.link.lang, ..Link::default() }.to_list();
    let view = visit.view.other();
    html! {
        header class="top" {
            div class="wide" {
                a class="brand" href=(home) {
                    span class="mark" aria-hidden="true" { "通" }
                    span { (locale.say("通办", "Tongban")) }
                    span class="claim" { (locale.say("跨域通办查询", "Services across districts")) }
                }
                p class="switches" {
                    a href=(visit.address.clone().with(VIEW, view.name())) rel="nofollow" { (view.label(locale)) } " "
                    a class="console" href="/console" rel="nofollow" { (locale.say("工作台", "Console")) } " "
                    a class="language" href=(visit.address.clone().with("lang", lang(other))) lang=(html_lang(other)) hreflang=(html_lang(other)) { (other_name) }
                }
            }
            nav class="wide menu" aria-label=(locale.say("主菜单", "Menu")) {
                ul {
                    @for (path, zh, en) in MENU {
                        li { a href=(visit.to(path)) aria-current=[(visit.address.path() == path).then_some("page")] { (locale.say(zh, en)) } }
                    }
                }
            }
        }
    }
}

/// The badge of a synthetic record.
pub(crate) fn sample_badge(locale: Locale) -> Markup {
    html! { strong class="badge sample" { (locale.say("示例数据", "Sample data")) } }
}

fn footer(visit: &Visit, about: Option<&str>) -> Markup {
    let locale = visit.locale;
    let head = visit.context.snapshot.head();
    let counts = visit.context.snapshot.counts(&Scope::Public);
    let counted = [
        (counts.districts, "个区域", "districts"),
        (counts.matters, "个事项", "matters"),
        (counts.agreements, "份协议", "agreements"),
        (counts.policies, "份政策依据", "policies"),
        (counts.offerings, "份办事指南", "guides"),
        (counts.windows, "个通办窗口", "windows"),
    ];
    let counted = counted.map(|(count, zh, en)| match locale {
        Locale::Zh => format!("{} {zh}", grouped(count)),
        Locale::En => format!("{} {en}", grouped(count)),
    });
    let recorded = calendar::in_china(head.recorded_at).format("%Y-%m-%d %H:%M");
    html! {
        footer class="bottom" {
            div class="wide" {
                (operator(visit))
                p class="mistake" { a href=(visit.at("/feedback").with("of", about.unwrap_or_default())) rel="nofollow" { (locale.say("本页有误？纠错", "Something wrong? Report a mistake")) } }
                p {
                    (locale.say("数据版本", "Data revision")) " " (grouped(usize::try_from(head.revision).unwrap_or(usize::MAX)))
                    (locale.say("，", ", ")) (recorded) (locale.say("（北京时间）", " (Beijing time)"))
                }
                p { (counted.join(locale.say("、", ", "))) }
                p class="machine" {
                    a href=(visit.to("/about")) { (locale.say("关于本平台", "About")) } " "
                    a href=(visit.to("/help")) { (locale.say("帮助", "Help")) } " "
                    a href=(visit.to("/developers")) { (locale.say("系统对接", "For developers")) } " "
                    a href="/sitemap.xml" { (locale.say("网站地图", "Site map")) } " "
                    a href="/graphql" { "GraphiQL" } " "
                    a href="/schema.graphql" { (locale.say("接口模式", "schema")) } " "
                    a href="/export" { (locale.say("整体导出", "export")) }
                }
            }
        }
    }
}

/// Who runs the site, as far as it is configured.
pub(crate) fn operator(visit: &Visit) -> Markup {
    let (locale, site) = (visit.locale, &visit.site);
    let facts = [
        (locale.say("主办单位", "Run by"), &site.owner),
        (locale.say("联系方式", "Contact"), &site.contact),
        (locale.say("网站标识码", "Site code"), &site.code),
        (locale.say("ICP备案", "ICP filing"), &site.icp),
        (locale.say("公安备案", "Public security filing"), &site.police),
    ];
    html! {
        @if facts.iter().any(|(_, value)| value.is_some()) {
            ul class="operator" {
                @for (label, value) in facts {
                    @if let Some(value) = value { li { (label) (locale.say("：", ": ")) span lang=[chinese(locale)] { (value) } } }
                }
            }
        }
    }
}

/// A number with its digits grouped by thousands.
pub(crate) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let first = digits.len() % 3;
    let (head, tail) = digits.split_at(first);
    let groups = tail.as_bytes().chunks(3).map(|group| std::str::from_utf8(group).expect("digits are ASCII"));
    std::iter::once(head).filter(|head| !head.is_empty()).chain(groups).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn digits_are_grouped_by_thousands() {
        assert_eq!([0, 999, 1_000, 4_058, 1_234_567].map(grouped), ["0", "999", "1,000", "4,058", "1,234,567"]);
    }
}
