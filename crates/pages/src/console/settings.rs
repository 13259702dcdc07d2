//! Settings: language, view, signing out, and how to reach a steward.

use domain::Locale;
use maud::html;
use registry::presentation::Say as _;

use super::token::token;
use super::workspace::{Workspace, capacity_text};
use crate::frame::operator;
use crate::language::{html_lang, lang};
use crate::name::fact;
use crate::response::PageResponse;
use crate::view::{VIEW, View};
use crate::visit::Visit;

pub(super) fn answer(visit: &Visit) -> PageResponse {
    let locale = visit.locale;
    let viewer = &visit.context.viewer;
    let capacity = registry::people::Capacity::of(viewer);
    let content = html! {
        section aria-labelledby="me" {
            h2 id="me" { (locale.say("我的身份", "Who I am")) }
            dl class="facts-list" {
                @if let Some(name) = &viewer.name { (fact(locale.say("名称", "Name"), &html! { (name) })) }
                (fact(locale.say("现在的身份", "Acting as"), &html! { (capacity_text(visit, &capacity)) }))
                @if let Some(session) = &visit.session {
                    @if session.capacities.len() > 1 {
                        (fact(locale.say("可用的身份", "Capacities"), &html! { ul class="plain" { @for capacity in &session.capacities { li { (capacity_text(visit, capacity)) } } } }))
                    }
                    (fact(locale.say("上次验证身份", "Identity proved at"), &html! { (domain::calendar::in_china(session.confirmed_at).format("%Y-%m-%d %H:%M")) }))
                }
                @if let Some(client) = &viewer.client { (fact(locale.say("标识（求助时告知）", "Reference (tell it when you ask for help)"), &html! { code { (client) } })) }
            }
        }
        section aria-labelledby="language" {
            h2 id="language" { (locale.say("语言", "Language")) }
            p {
                @for (other, name) in [(Locale::Zh, "中文"), (Locale::En, "English")] {
                    @if other == locale { strong lang=(html_lang(other)) { (name) } }
                    @else { a href=(visit.address.clone().with("lang", lang(other))) lang=(html_lang(other)) hreflang=(html_lang(other)) { (name) } }
                    " "
                }
            }
        }
        section aria-labelledby="view" {
            h2 id="view" { (locale.say("显示", "View")) }
            p {
                @for view in [View::Normal, View::Elder] {
                    @if view == visit.view { strong { (view.label(locale)) } }
                    @else { a href=(visit.address.clone().with(VIEW, view.name())) rel="nofollow" { (view.label(locale)) } }
                    " "
                }
            }
            p class="hint" { (locale.say("长辈版字号更大、单栏、高对比度；本浏览器会记住。", "Large type has one column and high contrast; this browser remembers it.")) }
        }
        section aria-labelledby="out" {
            h2 id="out" { (locale.say("退出", "Sign out")) }
            p { (locale.say("在别的电脑上忘记退出时，用“在所有设备上退出”。", "If you forgot to sign out elsewhere, sign out everywhere.")) }
            form method="post" action="/console/sign-out" {
                (token(visit))
                p class="buttons" {
                    button class="button quiet" type="submit" { (locale.say("退出登录", "Sign out")) }
                    button class="button quiet" type="submit" name="everywhere" value="1" { (locale.say("在所有设备上退出", "Sign out everywhere")) }
                }
            }
        }
        section aria-labelledby="steward" {
            h2 id="steward" { (locale.say("联系平台管理员", "Reach a steward")) }
            @if visit.site.contact.is_some() || visit.site.owner.is_some() {
                p { (locale.say("授权、密钥、登记有误或紧急停用，请联系：", "For grants, keys, wrong records and emergency stops:")) }
                (operator(visit))
            } @else {
                p { (locale.say("本平台没有填写联系方式，请联系为您开通账号的人。", "This site states no contact. Ask whoever set up your access.")) }
            }
            p { a href=(visit.to("/help")) { (locale.say("帮助", "Help")) } }
        }
    };
    Workspace::new(visit, locale.say("设置", "Settings")).page(&content)
}
