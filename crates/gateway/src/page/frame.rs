//! The frame of every page: the head, the switch of languages, the search form, and the footer with the revision of the
//! data.

use catalogue::Kept;
use domain::{District, Locale, Scope, calendar};
use maud::{DOCTYPE, Markup, html};
use registry::presentation::{Say, lineage, place};

use super::link::{Link, lang};
use super::side::Side;
use super::visit::Visit;
use crate::http::asset;

#[derive(Debug)]
pub(crate) struct Frame<'a> {
    visit: &'a Visit,
    title: &'a str,
    /// The page's own path, for the link to the other language.
    path: &'a str,
    sample: Sample,
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

impl<'a> Frame<'a> {
    pub(crate) fn new(visit: &'a Visit, title: &'a str, path: &'a str) -> Self {
        Self { visit, title, path, sample: Sample::None }
    }

    #[must_use]
    pub(crate) fn with(self, sample: Sample) -> Self {
        Self { sample, ..self }
    }

    pub(crate) fn draw(self, content: &Markup) -> Markup {
        let Self { visit, title, path, sample } = self;
        let locale = visit.locale;
        let name = locale.say("通办", "Tongban");
        let (other, other_name) = match locale {
            Locale::Zh => (Locale::En, "English"),
            Locale::En => (Locale::Zh, "中文"),
        };
        let home = Link { lang: visit.link.lang, ..Link::default() }.to_list();
        html! {
            (DOCTYPE)
            html lang=(html_lang(locale)) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { @if title == name { (name) } @else { (title) " · " (name) } }
                    link rel="icon" type="image/svg+xml" href=(asset::ICON.address());
                    link rel="stylesheet" href=(asset::STYLE.address());
                    script src=(asset::SCRIPT.address()) defer {}
                }
                body {
                    a class="skip" href="#main" { (locale.say("跳到正文", "Skip to the content")) }
                    header class="top" {
                        div class="wide" {
                            a class="brand" href=(home) {
                                span class="mark" aria-hidden="true" { "通" }
                                span { (name) }
                                span class="claim" { (locale.say("跨域通办查询", "Services across districts")) }
                            }
                            a class="language" href=(visit.link.in_language(path, other)) lang=(html_lang(other)) hreflang=(html_lang(other)) { (other_name) }
                        }
                    }
                    @if sample == Sample::Shown {
                        p class="sample-strip" {
                            span class="wide" {
                                (sample_badge(locale)) " "
                                (locale.say(
                                    "本页有为演示编写的记录，不是官方公布的清单，请勿据此办事。",
                                    "Some records on this page were made up for a demonstration. They are not an official list; do not rely on them.",
                                ))
                            }
                        }
                    }
                    main id="main" class="wide" { (content) }
                    (footer(visit))
                }
            }
        }
    }
}

/// The badge of a synthetic record.
pub(crate) fn sample_badge(locale: Locale) -> Markup {
    html! { strong class="badge sample" { (locale.say("示例数据", "Sample data")) } }
}

/// The value of `lang` in HTML.
pub(crate) fn html_lang(locale: Locale) -> &'static str {
    match locale {
        Locale::Zh => "zh-Hans",
        Locale::En => "en",
    }
}

/// Marks Chinese text on an English page, for screen readers and fonts.
pub(crate) fn chinese(locale: Locale) -> Option<&'static str> {
    match locale {
        Locale::Zh => None,
        Locale::En => Some(html_lang(Locale::Zh)),
    }
}

fn footer(visit: &Visit) -> Markup {
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
                p {
                    (locale.say("数据版本", "Data revision")) " " (grouped(usize::try_from(head.revision).unwrap_or(usize::MAX)))
                    (locale.say("，", ", ")) (recorded) (locale.say("（北京时间）", " (Beijing time)"))
                }
                p { (counted.join(locale.say("、", ", "))) }
                p class="machine" {
                    (locale.say("系统对接：", "For machines: "))
                    a href="/graphql" { (locale.say("在线试查（GraphiQL）", "GraphiQL")) } " "
                    a href="/schema.graphql" { (locale.say("接口模式", "schema")) } " "
                    a href="/export" { (locale.say("整体导出", "export")) }
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

/// The search form: receiving district, competent district, words, and day.
pub(crate) fn question(visit: &Visit) -> Markup {
    let locale = visit.locale;
    let link = &visit.link;
    html! {
        form class="question" action="/" method="get" role="search" aria-label=(locale.say("查询跨域通办事项", "Look up matters across districts")) {
            (district_field(visit, "receiving", locale.say("我现在在", "I am in"), &visit.receiving, &link.receiving))
            (district_field(visit, "competent", locale.say("要办哪里的业务", "My matter belongs to"), &visit.competent, &link.competent))
            div class="words" {
                p class="field" {
                    label for="q" { (locale.say("办什么（可不填）", "What for (optional)")) }
                    input id="q" name="q" type="search" value=(link.search) autocomplete="off" enterkeyhint="search"
                        placeholder=(locale.say("如：身份证、医保、sfz", "such as: identity card")) {}
                }
                p class="field day" {
                    label for="on" { (locale.say("哪一天办（不填为今天）", "Day (today if empty)")) }
                    input id="on" name="on" type="date" value=[link.on] {}
                }
                button class="button" type="submit" { (locale.say("查询", "Search")) }
            }
            // Enter in a field presses the first submit button of a form, so this one comes after the search button;
            // the style sheet places it between the districts.
            button class="turn" type="submit" name="swap" value="1" title=(locale.say("对调两地", "Turn the direction around")) {
                span aria-hidden="true" { "⇄" }
                span class="unseen" { (locale.say("对调两地", "Turn the direction around")) }
            }
            @for mode in &link.modes { input type="hidden" name="mode" value=(mode.name()) {} }
            @for domain in &link.domains { input type="hidden" name="domain" value=(domain.name()) {} }
            @for audience in &link.audiences { input type="hidden" name="audience" value=(audience.name()) {} }
            @if let Some(sort) = link.sort() { input type="hidden" name="sort" value=(sort) {} }
            @if let Some(locale) = link.lang { input type="hidden" name="lang" value=(lang(locale)) {} }
        }
    }
}

fn district_field(visit: &Visit, name: &str, label: &str, side: &Side, written: &str) -> Markup {
    let locale = visit.locale;
    let value = match side {
        Side::Known(district) => place(&visit.context.snapshot, district, visit.on(), locale),
        Side::Open | Side::Several(_) | Side::Unknown => written.to_owned(),
    };
    let trouble = match side {
        Side::Unknown => Some(match locale {
            Locale::Zh => format!("没有找到“{written}”。请写区县名称（如“南沙”）、拼音首字母或六位区划代码。"),
            Locale::En => {
                format!("No district “{written}” is known. Write its name, such as “Nansha”, or its six-digit code.")
            }
        }),
        Side::Several(_) => Some(match locale {
            Locale::Zh => format!("叫“{written}”的不止一处，请在下面选择。"),
            Locale::En => format!("“{written}” means more than one district. Choose below."),
        }),
        Side::Open | Side::Known(_) => None,
    };
    let trouble_id = format!("{name}-trouble");
    html! {
        div class={ "field district " (name) } {
            label for=(name) { (label) }
            input id=(name) name=(name) type="text" value=(value) autocomplete="off" spellcheck="false" data-districts
                placeholder=(locale.say("区县名称或代码", "name or code of a district"))
                aria-invalid=[trouble.as_ref().map(|_| "true")] aria-describedby=[trouble.as_ref().map(|_| trouble_id.as_str())] {}
            @if let Some(trouble) = &trouble { p class="trouble" id=(trouble_id) { (trouble) } }
        }
    }
}

/// The parameters of the address that are invalid.
pub(crate) fn faults(visit: &Visit) -> Markup {
    html! {
        @if !visit.faults.is_empty() {
            div class="note" role="alert" {
                @for fault in &visit.faults { p { (fault.text(visit.locale)) } }
            }
        }
    }
}

/// A district's name, with the districts above it in small letters.
pub(crate) fn district_with_path(visit: &Visit, district: &Kept<District>) -> Markup {
    let lineage = lineage(&visit.context.snapshot, district, visit.on());
    let locale = visit.locale;
    let above = lineage.split_last().map_or(&[][..], |(_, above)| above);
    let name = registry::presentation::district_name;
    let above: Vec<&str> = match locale {
        Locale::Zh => above.iter().map(|district| name(district, locale)).collect(),
        Locale::En => above.iter().rev().map(|district| name(district, locale)).collect(),
    };
    html! {
        span class="place" {
            @if locale == Locale::Zh && !above.is_empty() { span class="above" { (above.join(" ")) } " " }
            span class="name" { (name(district, locale)) }
            @if locale == Locale::En && !above.is_empty() { span class="above" { ", " (above.join(", ")) } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn digits_are_grouped_by_thousands() {
        assert_eq!([0, 999, 1_000, 4_058, 1_234_567].map(grouped), ["0", "999", "1,000", "4,058", "1,234,567"]);
    }
}
