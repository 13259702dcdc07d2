//! A task: the page where it is done, and what follows when nothing is done.

use catalogue::{Task, TaskKind, TaskSubject};
use domain::Message;
use domain::agreement::lifecycle::Needs;

use crate::visit::Visit;

/// The page where a task is done.
pub(super) fn address(visit: &Visit, task: &Task) -> String {
    match &task.subject {
        TaskSubject::Version { agreement, version } => {
            let path = format!("/console/agreements/{}", agreement.number);
            let party = task.district.code;
            let with_party = |path: &str| visit.at(path).with("party", party.as_str());
            let is_proposal = agreement.version(*version).is_some_and(|version| version.proposal().is_some());
            match task.kind {
                TaskKind::ToSign => with_party(&format!("{path}/versions/{version}/sign")).text(),
                TaskKind::ToAnswer if task.due.is_some() && is_proposal => {
                    with_party(&format!("{path}/versions/{version}/sign")).text()
                }
                TaskKind::ToAnswer => with_party(&format!("{path}/accession")).text(),
                TaskKind::ToConfirm => {
                    with_party(&format!("{path}/confirm")).with("version", version.to_string()).text()
                }
                TaskKind::ToApprove | TaskKind::ToRemark => {
                    with_party(&format!("{path}/versions/{version}/office")).text()
                }
                TaskKind::ToSeal | TaskKind::Lapsing | TaskKind::Ending | TaskKind::Finding => visit.to(&path),
            }
        }
        TaskSubject::Finding(finding) => {
            let list = visit.at("/console/findings").with("rule", finding.rule.name());
            list.with("district", task.district.code.as_str()).text()
        }
    }
}

/// The act, as the name of a link.
pub(super) fn act(task: &Task) -> Message {
    match task.kind {
        TaskKind::ToSign => Message::new("阅读并签署", "read and sign"),
        TaskKind::ToAnswer => Message::new("查看并答复", "read and answer"),
        TaskKind::ToConfirm => Message::new("核对登记", "check the record"),
        TaskKind::ToApprove => Message::new("审核", "approve or give back"),
        TaskKind::ToRemark => Message::new("提出意见", "remark on it"),
        TaskKind::ToSeal => Message::new("上传用印件", "attach the sealed copy"),
        TaskKind::Lapsing => Message::new("查看，催促或撤回", "look at it, remind or withdraw"),
        TaskKind::Ending => Message::new("查看，办理续签", "look at it, renew it"),
        TaskKind::Finding => Message::new("查看问题", "look at the finding"),
    }
}

/// What follows when nothing is done by the due day.
pub(super) fn consequence(task: &Task) -> Message {
    let needs = match &task.subject {
        TaskSubject::Version { agreement, version } => {
            agreement.version(*version).and_then(|version| version.proposal()).map(|proposal| proposal.needs)
        }
        TaskSubject::Finding(_) => None,
    };
    match (task.kind, needs) {
        (TaskKind::ToSign, Some(Needs::Signatories)) => Message::new(
            "期限内未签署的，本次不加入，以后可以申请加入。",
            "Without a signature in time the district stays out; it may accede later.",
        ),
        (TaskKind::ToSign, _) => Message::new(
            "逾期未签署的，该版本失效，须另行发送。",
            "Without the signature in time the version lapses, and has to be proposed again.",
        ),
        (TaskKind::ToAnswer, Some(_)) => {
            Message::new("期限内不提出异议的，视为同意。", "Without an objection in time the district consents.")
        }
        (TaskKind::ToAnswer, None) => {
            Message::new("同意之前，申请方不能加入。", "Until then the newcomer is no party.")
        }
        (TaskKind::ToConfirm, _) => Message::new(
            "确认之前，登记标注为“待确认”；由签约方登记的，在确认之前不能据此办理。",
            "Until then the record is marked as not confirmed; one that a party made does not work before that.",
        ),
        (TaskKind::ToApprove, _) => {
            Message::new("审核之前，不能发送签约方。", "Until then the draft cannot be proposed.")
        }
        (TaskKind::ToRemark, _) => Message::new(
            "期限内未提意见的，视为没有意见。",
            "Without a remark in time the district is taken to have none.",
        ),
        (TaskKind::ToSeal, _) => Message::new(
            "缺少用印件不影响办理，但档案不完整。",
            "Handling goes on without it; the file stays incomplete.",
        ),
        (TaskKind::Lapsing, _) => {
            Message::new("期限一过，该版本失效。", "After the last day for answers the version lapses.")
        }
        (TaskKind::Ending, _) => {
            Message::new("到期之后，两地不能再据此办理。", "After its end nothing can be handled under it.")
        }
        (TaskKind::Finding, _) => match &task.subject {
            TaskSubject::Finding(finding) => finding.remedy.clone(),
            TaskSubject::Version { .. } => Message::new("", ""),
        },
    }
}
