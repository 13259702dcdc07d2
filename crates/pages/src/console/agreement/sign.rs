//! Signing a version: the text as it is signed, what changed, who has signed, and the digest; then the signature, a
//! rejection, or taking a rejection back.

use catalogue::Kept;
use domain::agreement::lifecycle::Proposal;
use domain::{Agreement, Digest, DistrictCode, Message, Problem, Problems, Version};
use maud::{Markup, html};
use registry::acts::agreement::proposal;
use registry::presentation::{Say as _, sentence};

use super::found::{self, Standpoint};
use super::offer::{ACT, Failed, Offer, SURE, common, why_not};
use super::returning::{self, RETURN};
use super::{choices, difference, remarks, text};
use crate::address::Address;
use crate::console::act::{Acted, DONE, acted, after};
use crate::console::effect::{self, Drawn};
use crate::console::field::{Field, Kind};
use crate::console::form::Form;
use crate::console::home::{due_text, version_name};
use crate::console::token::token;
use crate::console::workspace::Workspace;
use crate::language::{chinese, lang};
use crate::name;
use crate::response::PageResponse;
use crate::visit::Visit;

const SIGN: &str = "sign";
const REJECT: &str = "reject";
const UNDO: &str = "undo";
const AGREED: &str = "agreed";
/// How many parties are listed with their answers.
const MAX_ANSWERS: usize = 200;

pub(crate) async fn answer(visit: &Visit) -> PageResponse {
    match respond(visit).await {
        Ok(page) | Err(page) => page,
    }
}

async fn respond(visit: &Visit) -> Result<PageResponse, PageResponse> {
    let agreement = found::agreement(visit)?;
    let version = found::version(visit, &agreement)?;
    let standpoint = Standpoint::new(visit, &agreement);
    let mut failed = None;
    if let Some(submission) = &visit.submission {
        let act = submission.get(ACT);
        if act == REJECT && !submission.get("reason").is_empty() && submission.get(SURE).is_empty() {
            return Ok(ask_again(visit, &agreement, version, &standpoint));
        }
        match run(visit, &agreement, version, &standpoint).await {
            Acted::Done(saved) => {
                let path = found::version_path(&agreement, version.number);
                let to = match act {
                    SIGN => {
                        let party = standpoint.party().map_or_else(String::new, |party| party.to_string());
                        let receipt = visit.at(&format!("{path}/receipt")).with("party", party);
                        receipt.with("revision", saved.revision.to_string()).text()
                    }
                    REJECT => after(visit, &format!("{path}/sign"), "rejected"),
                    RETURN => after(visit, &format!("{path}/sign"), "returned"),
                    _ => after(visit, &format!("{path}/sign"), "undone"),
                };
                return Ok(PageResponse::redirect(to));
            }
            other => failed = Failed::of(act, other),
        }
    }
    Ok(page(visit, &agreement, version, &standpoint, failed.as_ref()).await)
}

/// Runs the act of the button.
async fn run(visit: &Visit, agreement: &Agreement, version: &Version, standpoint: &Standpoint) -> Acted {
    let Some(submission) = &visit.submission else { return Acted::Problems(Problems::new()) };
    let mut fields = common(visit, agreement, standpoint);
    fields.insert("version".to_owned(), version.number.into());
    let context = &visit.context;
    match submission.get(ACT) {
        SIGN => {
            if !is_confirmed(visit) {
                return Acted::Failed(unconfirmed());
            }
            if submission.get(AGREED).is_empty() {
                return Acted::Problems(not_agreed().into());
            }
            fields.insert("digest".to_owned(), submission.get("digest").into());
            fields.extend(Form::new(approval_fields()).input(visit, submission));
            acted(proposal::sign(context, fields).await)
        }
        REJECT => {
            fields.insert("reason".to_owned(), submission.get("reason").into());
            acted(proposal::reject(context, fields).await)
        }
        RETURN => returning::run(visit, fields).await,
        UNDO => acted(proposal::undo_rejection(context, fields).await),
        _ => Acted::Failed(Message::new("没有这项办理", "there is no such act")),
    }
}

/// Has the caller proved its identity a short time ago?
pub(super) fn is_confirmed(visit: &Visit) -> bool {
    visit.session.as_ref().is_some_and(|session| session.is_confirmed(visit.context.now))
}

pub(super) fn unconfirmed() -> Message {
    Message::new(
        "距上次验证身份已超过 5 分钟，没有签署；请先再次验证身份",
        "your identity was proved more than 5 minutes ago, so nothing was signed; prove it again first",
    )
}

pub(super) fn not_agreed() -> Problem {
    let message = Message::new("尚未勾选“已阅读并同意”", "“I have read the text and agree” is not ticked");
    Problem::invalid(vec![AGREED.to_owned()], "NOT_AGREED", message)
        .remedy("请通读全文后勾选", "read the whole text, then tick it")
}

pub(super) fn agreed_field() -> Field {
    Field::new(AGREED, Kind::Flag, "我已阅读并同意上述文本", "I have read the text above and agree to it").required()
}

/// The paper behind the signature, for the own district alone.
fn approval_fields() -> Vec<Field> {
    vec![
        Field::new("approvalNumber", Kind::Line, "批准文号", "Approval number")
            .hint("本区域内部的批准文号，只有本区域能看到。", "The internal approval; the own district alone sees it."),
        Field::new("approvedOn", Kind::Date, "批准日期", "Approved on"),
    ]
}

/// The link to prove the identity again; it leads back to this page.
pub(super) fn confirm_again(visit: &Visit) -> Markup {
    let locale = visit.locale;
    let here = visit.address.clone().without(DONE).text();
    let to = Address::new("/console/sign-in").with("again", "1").with("to", here);
    let to = to.with("lang", visit.link.lang.map_or("", lang));
    html! {
        p { (locale.say("签署前须在 5 分钟内验证过身份。", "Your identity must have been proved in the last 5 minutes.")) }
        p class="buttons" { a class="button" href=(to) { (locale.say("验证身份后签署", "Prove your identity, then sign")) } }
    }
}

async fn page(
    visit: &Visit,
    agreement: &Kept<Agreement>,
    version: &Version,
    standpoint: &Standpoint,
    failed: Option<&Failed>,
) -> PageResponse {
    let (locale, today) = (visit.locale, visit.context.today);
    let number = version.number;
    let digest = version.digest(agreement.number);
    let party = standpoint.party();
    let title = match locale {
        domain::Locale::Zh => format!("签署：{} {}", version.title, version_name(number, locale)),
        domain::Locale::En => format!("Sign: {} {}", version.title, version_name(number, locale)),
    };
    let Drawn { markup: effect, points } = effect::section(visit, agreement, number).await;
    let content = html! {
        p class="facts" {
            code { (agreement.number) } " "
            span class="badge" { (sentence(version.state(today).label(locale))) }
            @if let Some(proposal) = version.proposal() { " " span class="due" { (due_text(proposal.answer_by, today, locale)) } }
        }
        (standpoint.choice(visit))
        @if failed.is_some() { (failure(visit, failed)) }
        (text::whole(visit, version))
        (difference::summary(visit, agreement, version))
        (effect)
        @if let Some(proposal) = version.proposal() { (answers(visit, version, proposal)) }
        (digest_section(visit, digest))
        (signing(visit, agreement, version, digest, standpoint, failed))
        (returning::offer(visit, agreement, version, party, failed).draw(visit, standpoint, None))
        (rejecting(visit, agreement, version, party, failed).draw(visit, standpoint, None))
        @let undo = undoing(visit, agreement, version, party, failed);
        @if undo.why_not.is_empty() { (undo.draw(visit, standpoint, None)) }
    };
    let path = found::path(agreement);
    Workspace::new(visit, &title)
        .below("/console/agreements", locale.say("协议", "Agreements"))
        .below(&path, &agreement.number.to_string())
        .page(&content)
        .costing(choices::points(agreement) + text::points(version) + points)
}

/// What went wrong, on top of a long page, with a link to the form.
fn failure(visit: &Visit, failed: Option<&Failed>) -> Markup {
    let act = failed.map_or("", |failed| failed.act.as_str());
    html! {
        p class="note" { a href={ "#" (act) "-title" } { (visit.locale.say("没有办成，原因见表单处。", "It was not done; the reason stands at the form.")) } }
    }
}

/// Who has signed, who is waited for, and who has rejected.
fn answers(visit: &Visit, version: &Version, proposal: &Proposal) -> Markup {
    let locale = visit.locale;
    let signed: Vec<&domain::agreement::lifecycle::Signature> = version.signatures().collect();
    let outstanding: Vec<DistrictCode> =
        proposal.outstanding().into_iter().filter(|signer| !proposal.has_rejected(*signer)).collect();
    html! {
        section aria-labelledby="signed" {
            h2 id="signed" { (locale.say("谁已签署", "Who has signed")) }
            p { (locale.say("签订方式：", "It needs: ")) (sentence(proposal.needs.label(locale))) }
            ul class="plain" {
                @for signature in signed.iter().take(MAX_ANSWERS) {
                    li { span class="badge added" { (locale.say("已签署", "signed")) } " " (name::district_of(visit, signature.party)) " " (signature.on) }
                }
                @for rejection in proposal.rejections.iter().take(MAX_ANSWERS) {
                    li {
                        span class="badge removed" { (sentence(rejection.kind.label(locale))) } " " (name::district_of(visit, rejection.party)) " " (rejection.on)
                        @if !rejection.reason.is_empty() { (locale.say("：", ": ")) span lang=[chinese(locale)] { (rejection.reason) } }
                        @if !rejection.remarks.is_empty() { ul { @for remark in &rejection.remarks { li { (remarks::shown(visit, remark)) } } } }
                    }
                }
                @for party in outstanding.iter().take(MAX_ANSWERS) {
                    li { span class="badge" { (locale.say("未签署", "not yet")) } " " (name::district_of(visit, *party)) }
                }
            }
        }
    }
}

/// The digest, short; in full on demand.
pub(super) fn digest_section(visit: &Visit, digest: Digest) -> Markup {
    let locale = visit.locale;
    html! {
        section aria-labelledby="digest" {
            h2 id="digest" { (locale.say("摘要", "Digest")) }
            p {
                (locale.say("您签署的是摘要为 ", "You sign the text with the digest "))
                code { (short(digest)) } "…"
                (locale.say(" 的文本：文本改动一个字，摘要就不同。", ": if one character changes, the digest is another one."))
            }
            details { summary { (locale.say("完整摘要", "The digest in full")) } p { code class="digest" { (digest) } } }
        }
    }
}

/// The first digits of a digest, for people to compare.
pub(super) fn short(digest: Digest) -> String {
    digest.to_string().trim_start_matches(Digest::PREFIX).chars().take(12).collect()
}

fn signing(
    visit: &Visit,
    agreement: &Agreement,
    version: &Version,
    digest: Digest,
    standpoint: &Standpoint,
    failed: Option<&Failed>,
) -> Markup {
    let number = version.number;
    let mut offer = Offer::new(
        SIGN,
        Message::new("签署", "Sign"),
        Message::new(
            "签署后不能退回；各方签署齐全即告签订，按约定的日期生效。",
            "A signature cannot be taken back. When all who are asked have signed, the version is concluded and takes effect on the agreed day.",
        ),
    );
    offer.is_primary = true;
    offer.why_not = why_not(visit, "signVersion", standpoint.party(), |party, when| {
        agreement.clone().sign(number, party, digest, when)
    });
    offer.form = Form::new(approval_fields().into_iter().chain([agreed_field()]).collect());
    offer.take(visit, failed);
    if offer.why_not.is_empty() && !is_confirmed(visit) {
        return html! {
            section class="act" aria-labelledby="sign-title" {
                h2 id="sign-title" { (visit.locale.say("签署", "Sign")) }
                p { (offer.meaning.text(visit.locale)) }
                (offer.form.summary(visit.locale))
                (confirm_again(visit))
            }
        };
    }
    offer.hidden = html! { input type="hidden" name="digest" value=(digest) {} };
    offer.draw(visit, standpoint, None)
}

fn rejecting(
    visit: &Visit,
    agreement: &Agreement,
    version: &Version,
    party: Option<DistrictCode>,
    failed: Option<&Failed>,
) -> Offer {
    let number = version.number;
    let mut offer = Offer::new(
        REJECT,
        Message::new("不同意", "Reject"),
        Message::new(
            "不同意须说明理由，各签约方都能看到；答复期限之前可以收回。",
            "A rejection needs a reason, which all parties can read. It can be taken back until the last day for answers.",
        ),
    );
    offer.why_not =
        why_not(visit, "rejectVersion", party, |party, when| agreement.clone().reject(number, party, "".into(), when));
    offer.form = Form::new(vec![Field::new("reason", Kind::Text, "理由", "Reason").required()]);
    offer.take(visit, failed);
    offer
}

fn undoing(
    visit: &Visit,
    agreement: &Agreement,
    version: &Version,
    party: Option<DistrictCode>,
    failed: Option<&Failed>,
) -> Offer {
    let number = version.number;
    let mut offer = Offer::new(
        UNDO,
        Message::new("收回不同意", "Take the rejection back"),
        Message::new("收回后可以重新阅读并签署。", "After that the version can be read again and signed."),
    );
    offer.why_not =
        why_not(visit, "undoRejection", party, |party, when| agreement.clone().undo_rejection(number, party, when));
    offer.take(visit, failed);
    offer
}

/// The second question before a rejection.
fn ask_again(visit: &Visit, agreement: &Agreement, version: &Version, standpoint: &Standpoint) -> PageResponse {
    let locale = visit.locale;
    let reason = visit.submission.as_ref().map_or("", |form| form.get("reason"));
    let content = html! {
        p class="lead" {
            (locale.say("确定不同意吗？各签约方会看到不同意和下面的理由。", "Do you reject it? All parties will see the rejection and this reason."))
        }
        dl class="about" {
            (name::fact(locale.say("协议", "Agreement"), &html! { span lang=[chinese(locale)] { (version.title) } " " code { (agreement.number) } }))
            (name::fact(locale.say("版本", "Version"), &html! { (version.number) }))
            (name::fact(locale.say("办理方", "For"), &html! { @if let Some(party) = standpoint.party() { (name::district_of(visit, party)) } }))
            (name::fact(locale.say("理由", "Reason"), &html! { (reason) }))
        }
        form method="post" action=(visit.address.clone().without(DONE)) {
            (token(visit))
            (standpoint.hidden())
            input type="hidden" name="reason" value=(reason) {}
            input type="hidden" name=(SURE) value="1" {}
            p class="buttons" {
                button class="button" type="submit" name=(ACT) value=(REJECT) { (locale.say("确定不同意", "Reject")) }
                a class="button quiet" href=(visit.address.clone().without(DONE)) { (locale.say("返回，再看看", "Go back")) }
            }
        }
    };
    let path = found::path(agreement);
    Workspace::new(visit, locale.say("请再确认一次", "Please confirm"))
        .below(&path, &agreement.number.to_string())
        .page(&content)
}
