//! Signing in: with the identity provider, or with an API key.

use domain::Message;
use maud::html;
use registry::presentation::Say as _;

use super::workspace::Workspace;
use crate::request::PageRequest;
use crate::response::PageResponse;
use crate::session::PageSession;
use crate::submission::Submission;
use crate::visit::Visit;

/// What the page of signing in shows.
#[derive(Debug, Default)]
pub struct SignIn {
    /// The identity provider can be used.
    pub has_provider: bool,
    /// The page to go to afterwards.
    pub to: String,
    /// The form that was submitted after the session had ended.
    pub kept: String,
    /// Why the last try failed.
    pub failure: Option<Message>,
    /// The session had ended.
    pub is_expired: bool,
    /// Somebody is signed in and has to prove the identity again.
    pub is_again: bool,
}

/// The page of signing in.
pub fn page(request: PageRequest, status: u16, sign_in: &SignIn) -> PageResponse {
    let visit = Visit::unresolved(request);
    let locale = visit.locale;
    let title = if sign_in.is_again {
        locale.say("请再次验证身份", "Prove your identity again")
    } else {
        locale.say("登录工作台", "Sign in to the console")
    };
    let failure = sign_in.failure.as_ref().map(|failure| failure.text(locale));
    let hidden = html! {
        input type="hidden" name="to" value=(sign_in.to) {}
        @if !sign_in.kept.is_empty() { input type="hidden" name="kept" value=(sign_in.kept) {} }
    };
    let markup = html! {
        @if sign_in.is_expired {
            p class="note" role="status" {
                (locale.say("登录已过期。", "The session has ended. "))
                @if sign_in.kept.is_empty() {
                    (locale.say("登录后回到原页面。", "After signing in you return to the page."))
                } @else {
                    (locale.say("您填写的内容没有丢失：登录后可继续提交。", "What you filled in is not lost: you can submit it after signing in."))
                }
            }
        }
        @if let Some(failure) = failure {
            div class="summary" role="alert" tabindex="-1" id="summary" {
                h2 { (locale.say("没有登录成功", "Signing in failed")) }
                ul { li { a href="#key" { (failure) } } }
            }
        }
        @if sign_in.has_provider {
            section {
                h2 { (locale.say("用统一身份认证登录", "With the identity provider")) }
                p { (locale.say("转到统一身份认证平台，登录后自动返回。", "You go to the identity provider, and come back when you have signed in.")) }
                form method="post" action="/console/sign-in/provider" class="form" {
                    (hidden)
                    @if sign_in.is_again { input type="hidden" name="again" value="1" {} }
                    p class="buttons" { button class="button" type="submit" { (locale.say("统一身份认证登录", "Sign in with the provider")) } }
                }
            }
        }
        section {
            h2 { (locale.say("用接口密钥登录", "With an API key")) }
            p class="hint" id="key-hint" {
                (locale.say(
                    "密钥由平台管理员签发，形如 tb_…。密钥不会保存在浏览器中。",
                    "A steward issues keys; they look like tb_…. The browser does not keep the key.",
                ))
            }
            form method="post" action="/console/sign-in" class="form" {
                (hidden)
                div class="field" {
                    label for="key" { (locale.say("接口密钥", "API key")) }
                    input id="key" name="key" type="password" autocomplete="off" required aria-describedby="key-hint" aria-invalid=[sign_in.failure.as_ref().map(|_| "true")] {}
                }
                p class="buttons" {
                    button class={ "button" @if sign_in.has_provider { " quiet" } } type="submit" { (locale.say("登录", "Sign in")) }
                }
            }
        }
        p { a href=(visit.to("/")) { (locale.say("返回查询门户", "Back to the portal")) } }
    };
    // The session that ended, or that has to be confirmed, is not shown as one.
    let shown = Visit { session: None, ..visit };
    Workspace::new(&shown, title).response(status, &markup)
}

/// After signing in again: the form that was kept, to be submitted in the new session.
pub fn resume(request: PageRequest, session: PageSession, to: &str, kept: &str) -> PageResponse {
    let submission = Some(Submission::of_form(kept.as_bytes()));
    let (path, query) = to.split_once('?').unwrap_or((to, ""));
    let (path, query) = (path.to_owned(), query.to_owned());
    let visit = Visit::unresolved(PageRequest { session: Some(session), submission, path, query, ..request });
    let locale = visit.locale;
    let title = locale.say("已登录，继续提交", "Signed in: continue");
    let markup = html! {
        p class="lead" { (locale.say("您在登录过期前填写的内容还在。", "What you filled in before the session ended is still here.")) }
        (super::keep::resubmit(&visit))
    };
    Workspace::new(&visit, title).page(&markup)
}
