//! The draft that a page is about: found by the number in its address, with the revision that a form was opened at.

use catalogue::Kept;
use chrono::{DateTime, Utc};
use domain::{Agreement, AgreementNumber, Life, Locale, Message, Revision, Role, Version, calendar};
use maud::{Markup, html};
use registry::acts::Input;
use registry::acts::agreement::draft;
use registry::error::internal;
use registry::presentation::Say as _;

use crate::console::act::{Acted, acted};
use crate::console::form::token;
use crate::console::workspace::Workspace;
use crate::response::PageResponse;
use crate::submission::Submission;
use crate::visit::Visit;

/// The field with the revision that a form was opened at.
pub(super) const EXPECTED: &str = "expectedRevision";

#[derive(Debug)]
pub(crate) struct Open {
    pub(crate) agreement: Kept<Agreement>,
    /// The number of the draft among the versions.
    version: u32,
    pub(super) revision: Revision,
    /// When it was last saved.
    saved: Option<DateTime<Utc>>,
    /// Why the caller may not edit it.
    pub(super) off: Option<Message>,
}

impl Open {
    /// The draft of the address. Refused: the page that says that there is none.
    pub(crate) async fn find(visit: &Visit) -> Result<Self, PageResponse> {
        let context = &visit.context;
        let number = visit.segment().parse::<AgreementNumber>().ok();
        let agreement = number.and_then(|number| context.snapshot.agreement(number, &context.scope));
        let Some(agreement) = agreement else { return Err(missing(visit, None)) };
        let asked = visit.address.get("version").parse::<u32>().ok();
        let is_draft = |version: &&Version| matches!(version.life, Life::Draft(_));
        let mut drafts = agreement.versions.iter().rev().filter(is_draft);
        let found = drafts.find(|version| asked.is_none_or(|asked| asked == version.number));
        let Some(version) = found.map(|version| version.number) else {
            return Err(missing(visit, Some(agreement.number)));
        };
        let failed = |error: String| {
            let message = internal(&error, "a draft could not be opened");
            Workspace::new(visit, visit.locale.say("草稿", "Draft"))
                .response(500, &html! { p class="lead" { (message.text(visit.locale)) } })
        };
        let revision = context.last_change(&agreement).await.map_err(|error| failed(format!("{error:?}")))?;
        let change = context.store.change(revision).await.map_err(|error| failed(format!("{error:?}")))?;
        Ok(Self { version, revision, saved: change.map(|change| change.recorded_at), off: off(visit), agreement })
    }

    pub(crate) fn number(&self) -> AgreementNumber {
        self.agreement.number
    }

    pub(crate) fn version(&self) -> &Version {
        self.agreement.version(self.version).expect("it was found among the versions")
    }

    /// The path of one of its pages.
    pub(crate) fn path(&self, page: &str) -> String {
        format!("/console/agreements/{}/draft/{page}", self.number())
    }

    /// The token, and the revision that the form was opened at.
    pub(super) fn hidden(&self, visit: &Visit) -> Markup {
        html! { (token(visit)) input type="hidden" name=(EXPECTED) value=(self.revision) {} }
    }

    /// The primary button of a form, or why it is off.
    pub(super) fn button(&self, visit: &Visit, text: &str) -> Markup {
        html! {
            @match &self.off {
                None => { button class="button" type="submit" { (text) } }
                Some(why) => { button class="button" type="button" disabled aria-describedby="off" { (text) } p class="hint" id="off" { (why.text(visit.locale)) } }
            }
        }
    }

    /// Saves the draft with another content, if nobody has changed it since the form was opened.
    pub(super) async fn revise(&self, visit: &Visit, form: &Submission, mut content: Input) -> Acted {
        content.insert(EXPECTED.to_owned(), expected(form));
        acted(draft::revise(&visit.context, content).await)
    }

    /// When it was last saved.
    pub(super) fn saved(&self, locale: Locale) -> Markup {
        html! {
            @if let Some(saved) = self.saved {
                (locale.say("保存于 ", "saved ")) time datetime=(saved.to_rfc3339()) { (calendar::in_china(saved).format("%Y-%m-%d %H:%M")) }
            }
        }
    }
}

/// The revision that a form was opened at.
pub(super) fn expected(form: &Submission) -> serde_json::Value {
    form.get(EXPECTED).parse::<Revision>().map_or(serde_json::Value::Null, Into::into)
}

/// Why the caller may not edit drafts.
fn off(visit: &Visit) -> Option<Message> {
    let roles = &visit.context.viewer.roles;
    (!roles.contains(&Role::Registrar) && !roles.contains(&Role::Steward)).then(|| {
        Message::new("只有经办人可以编辑草稿，您可以查看", "Only a registrar edits drafts; you may read this one")
    })
}

fn missing(visit: &Visit, agreement: Option<AgreementNumber>) -> PageResponse {
    let locale = visit.locale;
    let content = html! {
        p class="lead" {
            (locale.say(
                "没有这份草稿：可能已发送签约方或已删除，也可能不是本区域的草稿。",
                "There is no such draft: it may have been proposed or discarded, or it may be another district's.",
            ))
        }
        p class="buttons" {
            @if let Some(number) = agreement { a class="button" href=(visit.to(&format!("/console/agreements/{number}"))) { (locale.say("查看协议", "See the agreement")) } }
            a class="button quiet" href=(visit.to("/console/agreements")) { (locale.say("我的协议", "My agreements")) }
        }
    };
    Workspace::new(visit, locale.say("没有这份草稿", "There is no such draft")).response(404, &content)
}
