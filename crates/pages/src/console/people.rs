//! People and their grants: `/console/people`.

use domain::person::{Grant, MAX_DELEGATION_DAYS};
use domain::{Date, Extent, Locale, MatterDomain, Recorded, Role};
use maud::{Markup, html};

use registry::acts::person;
use registry::people::PersonRow;
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

const PATH: &str = "/console/people";

pub(super) async fn answer(visit: &Visit) -> PageResponse {
    let mut form = grant_form(visit);
    let mut delegation = delegation_form(visit);
    if let Some(submission) = &visit.submission {
        let request = &visit.context;
        match submission.get("act") {
            "revoke" => {
                let fields = [("id", submission.get("id").into()), ("reason", submission.get("reason").into())];
                match acted(person::revoke(request, input(fields)).await) {
                    Acted::Done(_) => return PageResponse::redirect(after(visit, PATH, "grantRevoked")),
                    other => form.take(other),
                }
            }
            "delegate" => {
                delegation.values = submission.clone();
                match acted(person::delegate(request, delegation.input(visit, submission)).await) {
                    Acted::Done(_) => return PageResponse::redirect(after(visit, PATH, "delegated")),
                    other => delegation.take(other),
                }
            }
            _ => {
                form.values = submission.clone();
                match acted(person::grant(request, form.input(visit, submission)).await) {
                    Acted::Done(_) => return PageResponse::redirect(after(visit, PATH, "granted")),
                    other => form.take(other),
                }
            }
        }
    }
    let rows = match registry::people::seen(&visit.context).await {
        Ok(rows) => rows,
        Err(error) => return refusal::failed(visit, &error),
    };
    draw(visit, &rows, &form, &delegation)
}

fn draw(visit: &Visit, rows: &[(PersonRow, Vec<Recorded<Grant>>)], form: &Form, delegation: &Form) -> PageResponse {
    let locale = visit.locale;
    let viewer = &visit.context.viewer;
    let grants = viewer.roles.contains(&Role::Steward)
        || viewer.roles.contains(&Role::Registrar) && viewer.extent == Extent::Subtree;
    let title = locale.say("人员与授权", "People and grants");
    let is_submitted = visit.submission.is_some();
    let markup = html! {
        p class="lead" {
            (locale.say(
                "统一身份认证证明人员是谁，这里授予角色。人员登录后，首页会显示其标识。",
                "The identity provider says who somebody is; roles are granted here. After signing in, a person finds the reference on the first page.",
            ))
        }
        @if rows.is_empty() { p { (locale.say("还没有人员。", "There are no people yet.")) } }
        @for (row, grants) in rows { (entry(visit, row, grants)) }
        @if grants {
            details class="act" open[is_submitted && (!form.problems.is_empty() || form.failure.is_some())] {
                summary { (locale.say("授予角色", "Grant a role")) }
                (form.draw_act(visit, "grant", locale.say("授予", "Grant")))
            }
        } @else {
            p class="hint" { (locale.say("授予角色由平台管理员或上级区域的经办人办理。", "A steward, or a registrar of a district above, grants roles.")) }
        }
        @if viewer.roles.contains(&Role::Signatory) {
            details class="act" open[!delegation.problems.is_empty() || delegation.failure.is_some()] {
                summary { (locale.say("代理签署：委托他人代签", "Delegate signing")) }
                @if viewer.person.is_some() {
                    (delegation.draw_act(visit, "delegate", locale.say("委托", "Delegate")))
                } @else {
                    p class="hint" { (locale.say("使用接口密钥登录不能委托代签，请用统一身份认证登录。", "A key cannot delegate signing; sign in with the identity provider.")) }
                }
            }
        }
    };
    Workspace::new(visit, title).page(&markup)
}

fn entry(visit: &Visit, row: &PersonRow, grants: &[Recorded<Grant>]) -> Markup {
    let locale = visit.locale;
    let today = visit.context.today;
    let id = row.person.id;
    let seen = row.last_seen_at.map(|at| domain::calendar::in_china(at).format("%Y-%m-%d %H:%M").to_string());
    html! {
        section class="record" aria-labelledby=(id) {
            h2 id=(id) { @if row.name.is_empty() { (locale.say("（姓名已删除）", "(name erased)")) } @else { (row.name) } }
            p class="facts" {
                @match &seen {
                    Some(seen) => { (locale.say("最近登录 ", "last signed in ")) (seen) }
                    None => { (locale.say("尚未登录", "has not signed in yet")) }
                }
            }
            ul class="grants" {
                @for grant in grants.iter().filter(|grant| grant.revoked_on.is_none()) {
                    li {
                        strong { (sentence(grant.role.label(locale))) } " "
                        @if let Some(code) = grant.district { (name::district_of(visit, code)) }
                        @if grant.extent == Extent::Subtree { (locale.say("及下辖", " and below")) }
                        " " (when(grant, today, locale))
                        @if !grant.domains.is_empty() { " " (domains(&grant.domains, locale)) }
                        @if grant.delegated_by.is_some() { " " span class="badge task" { (locale.say("代理签署", "by delegation")) } }
                        @if person::may_revoke(&visit.context, grant) {
                            details class="inline" {
                                summary { (locale.say("撤销", "revoke")) }
                                form method="post" action=(PATH) class="form" {
                                    (token(visit))
                                    input type="hidden" name="id" value=(grant.id) {}
                                    div class="field" {
                                        label for={ "reason-" (grant.id) } { (locale.say("撤销原因", "Reason")) }
                                        input type="text" id={ "reason-" (grant.id) } name="reason" required {}
                                    }
                                    p class="buttons" { button class="button quiet" type="submit" name="act" value="revoke" { (locale.say("立即撤销", "Revoke now")) } }
                                }
                            }
                        }
                    }
                }
            }
            details class="machine" {
                summary { (locale.say("标识", "Identifiers")) }
                p { "iss " code { (row.person.issuer) } }
                p { "sub " code { (row.person.subject) } }
                p { "id " code { (id) } }
            }
        }
    }
}

fn when(grant: &Grant, today: Date, locale: Locale) -> String {
    let until = match (grant.until, locale) {
        (Some(until), Locale::Zh) => format!("至 {until}"),
        (Some(until), Locale::En) => format!("until {until}"),
        (None, Locale::Zh) => "长期".to_owned(),
        (None, Locale::En) => "without an end".to_owned(),
    };
    if grant.from > today {
        return match locale {
            Locale::Zh => format!("自 {} 起，{until}", grant.from),
            Locale::En => format!("from {}, {until}", grant.from),
        };
    }
    if grant.holds_on(today) { until } else { format!("{until}{}", locale.say("（已到期）", " (ended)")) }
}

fn domains(domains: &[MatterDomain], locale: Locale) -> String {
    domains.iter().map(|domain| domain.label(locale)).collect::<Vec<_>>().join(locale.say("、", ", "))
}

fn grant_form(visit: &Visit) -> Form {
    let locale = visit.locale;
    let is_steward = visit.context.viewer.roles.contains(&Role::Steward);
    let may = |role: &&Role| is_steward || matches!(role, Role::Registrar | Role::Partner);
    let option = |name: &str, label: &str| (name.to_owned(), sentence(label));
    let roles = Role::ALL.iter().filter(may).map(|role| option(role.name(), role.label(locale))).collect();
    let extents = Extent::ALL.iter().map(|extent| option(extent.name(), extent.label(locale))).collect();
    let domains = MatterDomain::ALL.iter().map(|domain| option(domain.name(), domain.label(locale))).collect();
    Form::new(vec![
        Field::new("displayName", Kind::Line, "姓名", "Name").required(),
        Field::new("issuer", Kind::Line, "身份提供方（iss）", "Identity provider (iss)").required(),
        Field::new("subject", Kind::Line, "人员标识（sub）", "Subject (sub)")
            .required()
            .hint("统一身份认证给出的人员标识", "by which the identity provider knows the person"),
        Field::new("role", Kind::Choice(roles), "角色", "Role").required(),
        Field::new("district", Kind::District, "区域", "District")
            .hint("经办人和签发人必填，如：广州市南沙区", "required for registrars and signatories, such as Nansha"),
        Field::new("extent", Kind::Choice(extents), "范围", "Extent"),
        Field::new("domains", Kind::Choices(domains), "领域", "Domains").hint("不选为全部领域", "none means all"),
        Field::new("from", Kind::Date, "自哪一天起", "First day").required(),
        Field::new("until", Kind::Date, "至哪一天止", "Last day"),
    ])
    .with("from", visit.context.today.to_string())
}

fn delegation_form(visit: &Visit) -> Form {
    let hint = |locale: Locale| match locale {
        Locale::Zh => format!("最长 {MAX_DELEGATION_DAYS} 天"),
        Locale::En => format!("{MAX_DELEGATION_DAYS} days at most"),
    };
    Form::new(vec![
        Field::new("district", Kind::District, "区域", "District").required(),
        Field::new("to", Kind::Line, "受托人标识", "Person")
            .required()
            .hint("形如 per_3f，见上面的“标识”", "such as per_3f; see “Identifiers” above"),
        Field::new("until", Kind::Date, "至哪一天止", "Last day").required().hint(&hint(Locale::Zh), &hint(Locale::En)),
        Field::new("reason", Kind::Line, "事由", "Reason").required(),
    ])
    .with("district", visit.context.viewer.district.map_or_else(String::new, |code| code.to_string()))
}
