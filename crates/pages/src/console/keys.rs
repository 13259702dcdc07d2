//! API keys: `/console/keys`, for stewards. A secret is shown once, on the page that answers the form.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::{ApiKey, Extent, Id, Locale, Recorded, Role, calendar};
use maud::{Markup, html};
use registry::acts::api_key;
use registry::presentation::{Say as _, sentence};

use super::act::{Acted, acted, after, input};
use super::field::{Field, Kind};
use super::form::Form;
use super::refusal;
use super::token::token;
use super::workspace::Workspace;
use crate::name;
use crate::response::PageResponse;
use crate::visit::Visit;

const PATH: &str = "/console/keys";

pub(super) async fn answer(visit: &Visit) -> PageResponse {
    let mut form = form(visit);
    let mut secret = None;
    if let Some(submission) = &visit.submission {
        let request = &visit.context;
        let id = || submission.get("id").into();
        let outcome = match submission.get("act") {
            "revoke" => match acted(api_key::revoke(request, input([("id", id())])).await) {
                Acted::Done(_) => return PageResponse::redirect(after(visit, PATH, "keyRevoked")),
                other => other,
            },
            "rotate" => {
                let hours: i64 = submission.get("overlapHours").parse().unwrap_or(24);
                acted(api_key::rotate(request, input([("id", id()), ("overlapHours", hours.into())])).await)
            }
            _ => {
                form.values = submission.clone();
                let mut fields = form.input(visit, submission);
                // The form has a day; the key ends when that day is over in China.
                if let Some(day) = fields.remove("expiresOn") {
                    let moment = day.as_str().map_or_else(String::new, |day| format!("{day}T23:59:59+08:00"));
                    fields.insert("expiresAt".to_owned(), moment.into());
                }
                acted(api_key::issue(request, fields).await)
            }
        };
        match outcome {
            Acted::Done(saved) => secret = saved.secret,
            other => form.take(other),
        }
    }
    if !visit.context.viewer.roles.contains(&Role::Steward) {
        return refusal::not_yours(visit, Role::Steward);
    }
    let store = &visit.context.store;
    let (keys, uses) = match (store.keys().await, store.key_uses().await) {
        (Ok(keys), Ok(uses)) => (keys, uses.into_iter().collect()),
        (Err(error), _) | (_, Err(error)) => return refusal::failed(visit, &error.into()),
    };
    draw(visit, &keys, &uses, &form, secret.as_deref())
}

fn draw(
    visit: &Visit,
    keys: &[Recorded<ApiKey>],
    uses: &HashMap<Id<ApiKey>, Option<DateTime<Utc>>>,
    form: &Form,
    secret: Option<&str>,
) -> PageResponse {
    let locale = visit.locale;
    let now = visit.context.now;
    let (valid, ended): (Vec<_>, Vec<_>) = keys.iter().rev().partition(|key| key.is_valid(now));
    let markup = html! {
        @if let Some(secret) = secret {
            div class="done" role="status" {
                h2 { (locale.say("新密钥，只显示这一次", "The new key, shown only once")) }
                p { code class="secret" { (secret) } }
                p { (locale.say("请立即保存到对方系统；本平台只保存其摘要。", "Store it in the partner's system now; the registry keeps only its digest.")) }
            }
        }
        details class="act" open[!form.problems.is_empty() || form.failure.is_some()] {
            summary { (locale.say("签发新密钥", "Issue a key")) }
            (form.draw_act(visit, "issue", locale.say("签发", "Issue")))
        }
        (table(visit, locale.say("有效密钥", "Valid keys"), &valid, uses, true))
        @if !ended.is_empty() { (table(visit, locale.say("已失效", "Ended"), &ended, uses, false)) }
    };
    Workspace::new(visit, locale.say("接口密钥", "API keys")).page(&markup)
}

fn table(
    visit: &Visit,
    title: &str,
    keys: &[&Recorded<ApiKey>],
    uses: &HashMap<Id<ApiKey>, Option<DateTime<Utc>>>,
    acts: bool,
) -> Markup {
    let locale = visit.locale;
    let day = |at: DateTime<Utc>| calendar::in_china(at).format("%Y-%m-%d %H:%M").to_string();
    html! {
        section {
            h2 { (title) " " span class="count" { (keys.len()) } }
            @for key in keys {
                section class="record" aria-labelledby=(key.id) {
                    h3 id=(key.id) { (key.name) " " code { (key.prefix) "…" } }
                    p class="facts" {
                        @for role in &key.roles { span class="badge mode" { (sentence(role.label(locale))) } " " }
                        @if let Some(code) = key.district { (name::district_of(visit, code)) }
                        @if key.extent == Extent::Subtree { (locale.say("及下辖", " and below")) }
                    }
                    p class="facts" {
                        span {
                            @match uses.get(&key.id).copied().flatten() {
                                Some(at) => { (locale.say("最近使用 ", "last used ")) (day(at)) }
                                None => { (locale.say("从未使用", "never used")) }
                            }
                        }
                        " · "
                        span {
                            @match (key.revoked_at, key.expires_at) {
                                (Some(at), _) => { (locale.say("已吊销 ", "revoked ")) (day(at)) }
                                (None, Some(at)) => { (locale.say("失效时间 ", "ends ")) (day(at)) }
                                (None, None) => { (locale.say("长期有效", "does not end")) }
                            }
                        }
                    }
                    @if acts {
                        form method="post" action=(PATH) class="row" {
                            (token(visit))
                            input type="hidden" name="id" value=(key.id) {}
                            label for={ "overlap-" (key.id) } { (locale.say("旧密钥继续有效（小时）", "the old key stays valid for (hours)")) }
                            " " input type="text" inputmode="numeric" class="short" id={ "overlap-" (key.id) } name="overlapHours" value="24" {}
                            " " button class="button quiet" type="submit" name="act" value="rotate" { (locale.say("更换", "Rotate")) }
                            " " button class="button quiet" type="submit" name="act" value="revoke" { (locale.say("立即吊销", "Revoke now")) }
                        }
                    }
                }
            }
        }
    }
}

fn form(visit: &Visit) -> Form {
    let locale = visit.locale;
    let option = |name: &str, label: &str| (name.to_owned(), sentence(label));
    let roles = Role::ALL.iter().map(|role| option(role.name(), role.label(locale))).collect();
    let extents = Extent::ALL.iter().map(|extent| option(extent.name(), extent.label(locale))).collect();
    let lifetime = match locale {
        Locale::Zh => "到这一天结束时失效；平台管理员的密钥必填",
        Locale::En => "the key ends with this day; required for a steward's key",
    };
    Form::new(vec![
        Field::new("name", Kind::Line, "名称", "Name")
            .required()
            .hint("使用密钥的系统，如：闵行区一网通办", "the system that uses the key"),
        Field::new("roles", Kind::Choices(roles), "角色", "Roles").required(),
        Field::new("district", Kind::District, "区域", "District"),
        Field::new("extent", Kind::Choice(extents), "范围", "Extent"),
        Field::new("expiresOn", Kind::Date, "失效日期", "Last day").hint(lifetime, lifetime),
    ])
}
