//! Runs an act of the registry for a form, and tells what came of it.

use domain::{Locale, Message, Problems};
use registry::acts::{Input, Outcome, Saved};
use registry::error::Error;
use registry::presentation::Say as _;

use crate::visit::Visit;

/// The parameter of the page that an act leads to; see `done_text`.
pub(super) const DONE: &str = "done";

/// What came of an act.
#[derive(Debug)]
pub(super) enum Acted {
    /// It was done.
    Done(Saved),
    /// It has problems, so nothing was written.
    Problems(Problems),
    /// It could not be tried.
    Failed(Message),
}

/// The outcome of an act.
pub(super) fn acted(outcome: Result<Outcome, Error>) -> Acted {
    match outcome {
        Ok(Outcome { saved: Some(saved), .. }) => Acted::Done(saved),
        Ok(Outcome { saved: None, problems, .. }) => Acted::Problems(problems),
        Err(error) => Acted::Failed(error.message()),
    }
}

/// The texts after an act, by the value of `done`.
const TEXTS: &[(&str, &str, &str)] = &[
    ("saved", "已保存", "saved"),
    ("granted", "已授予角色", "the role is granted"),
    ("grantRevoked", "已撤销授权", "the grant is revoked"),
    ("delegated", "已委托代签", "signing is delegated"),
    ("keyRevoked", "密钥已吊销", "the key is revoked"),
    ("attached", "文件已添加", "the document was attached"),
    (
        "rejected",
        "已记录“不同意”；答复期限之前可以收回",
        "the rejection is recorded; it can be taken back until the last day for answers",
    ),
    ("undone", "已收回，可以重新阅读并签署", "it was taken back; the version can be read again and signed"),
    ("withdrawn", "已撤回", "the proposal was withdrawn"),
    ("suspended", "已暂停，今天起不再办理", "suspended from today on"),
    ("resumed", "已恢复，今天起照常办理", "resumed from today on"),
    ("given", "退出通知已发出", "notice was given"),
    ("revoked", "退出通知已撤销", "the notice was revoked"),
    ("confirmed", "登记已确认", "the record was confirmed"),
    ("contested", "异议已记录，今天起暂停本方", "the objection is recorded; the party is suspended from today on"),
    ("opposed", "已反对续期", "the objection to the renewal is recorded"),
    ("admitted", "已同意加入", "the consent is recorded"),
    ("drafted", "草稿已保存", "the draft is saved"),
    ("imported", "清单已写入草稿", "the list is in the draft"),
    ("proposed", "已发送签约方，等待各方签署", "proposed: it waits for the signatures of the parties"),
    ("discarded", "草稿已删除", "the draft is discarded"),
    ("recorded", "已补录，等待其他签约方确认", "recorded: it waits for the other parties to confirm"),
    (
        "recordedWithoutFile",
        "已补录，但扫描件没有保存，请在协议页重新上传",
        "recorded, but the scan was not kept: attach it again",
    ),
    ("submitted", "已送审，等待本区域签发人审核", "submitted to the own signatory"),
    ("approved", "审核已通过，可以发送签约方", "approved; it can be proposed now"),
    ("givenBack", "已退回经办人", "given back to the registrar"),
    ("consulted", "已开始征求意见", "the consultation runs"),
    ("consultationEnded", "征求意见已结束", "the consultation is over"),
    ("remarked", "意见已提交", "the remarks are recorded"),
    ("bodyConfirmed", "部门意见已登记", "the opinion is recorded"),
    ("reminded", "已催办", "the reminder is sent"),
    (
        "returned",
        "已退回修改；答复期限之前可以收回",
        "returned for changes; it can be taken back until the last day for answers",
    ),
    ("stopped", "已停用；如有误，请在下面勾选并结束停用", "stopped; if it was a mistake, tick it below and end it"),
    ("stopEnded", "停用已结束，今天起照常办理", "the stops have ended; it works again from today on"),
    ("recordRegistered", "已登记", "registered"),
    ("recordRevised", "已修订", "revised"),
    ("matterRetired", "事项已取消，今天起不再办理", "the matter is retired from today on"),
    ("published", "已发布，公众页面已更新", "published; public pages have it"),
    ("offeringWithdrawn", "办事指南已撤销", "the guide was withdrawn"),
    ("windowRegistered", "窗口已登记，公众页面已更新", "the window is registered; public pages have it"),
    ("windowClosed", "窗口已关闭", "the window was closed"),
    ("sheetImported", "表格已导入", "the sheet was imported"),
    ("answered", "已答复，提交人可凭受理编号查看", "answered; the sender finds it by the case number"),
];

pub(super) fn done_text(done: &str, locale: Locale) -> Option<&'static str> {
    TEXTS.iter().find(|(name, ..)| *name == done).map(|(_, zh, en)| locale.say(zh, en))
}

/// The address of a page after an act.
pub(super) fn after(visit: &Visit, path: &str, done: &str) -> String {
    visit.at(path).with(DONE, done).text()
}

/// Moves problems to the fields of the form, where these have other names than those of the act.
pub(super) fn renamed(acted: Acted, names: &[(&str, &str)]) -> Acted {
    let Acted::Problems(mut problems) = acted else { return acted };
    for first in problems.iter_mut().filter_map(|problem| problem.path.first_mut()) {
        if let Some((_, name)) = names.iter().find(|(name, _)| name == first) {
            (*name).clone_into(first);
        }
    }
    Acted::Problems(problems)
}

/// An input with some fields.
pub(super) fn input<const N: usize>(fields: [(&str, serde_json::Value); N]) -> Input {
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
