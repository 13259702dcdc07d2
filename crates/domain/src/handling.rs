//! Handling modes (通办方式), the terms that the parties agree for each mode, and the table of duties that follows from them: the steps
//! in order, each with the office or applicant responsible and its limit in days.

use serde::Serialize;

use crate::code::DistrictCode;
use crate::offering::Offering;
use crate::problem::{Message, ProblemCode};
use crate::reading::Reader;
use crate::reference::Reference;
use crate::words::words;

words! {
    /// A handling mode (通办方式), after 国办发〔2020〕35号. Open. In the order of preference: best first.
    HandlingMode {
        FullOnline = "FULL_ONLINE", "全程网办", "full online";
        MultiSiteJoint = "MULTI_SITE_JOINT", "多地联办", "multi-site joint";
        ProxyCollection = "PROXY_COLLECTION", "异地代收代办", "proxy collection";
    }
}

words! {
    /// Who bears a cost.
    Payer {
        Receiving = "RECEIVING", "收件地承担", "the receiving district";
        Competent = "COMPETENT", "业务属地承担", "the competent district";
        Applicant = "APPLICANT", "申请人承担", "the applicant";
        Shared = "SHARED", "双方分担", "shared";
    }
}

words! {
    /// A task that a window may do for the competent authority. The decision stays with the authority.
    WindowTask {
        Guide = "GUIDE", "咨询引导", "guide the applicant";
        Receive = "RECEIVE", "收件", "receive the application";
        FormalCheck = "FORMAL_CHECK", "形式审查", "check the form of the materials";
        IdentityCheck = "IDENTITY_CHECK", "身份核验", "check the applicant's identity";
        OneTimeNotice = "ONE_TIME_NOTICE", "一次性告知补正", "tell once all that is missing";
        DeliverResult = "DELIVER_RESULT", "送达结果", "hand over the result";
    }
}

words! {
    /// The holder of a duty.
    Actor {
        Applicant = "APPLICANT", "申请人", "applicant";
        ReceivingWindow = "RECEIVING_WINDOW", "收件地窗口", "receiving window";
        CompetentAuthority = "COMPETENT_AUTHORITY", "业务属地审批部门", "competent authority";
        Lead = "LEAD", "牵头地", "lead";
        Cooperating = "COOPERATING", "协同地", "cooperating district";
    }
}

/// The terms that the partners agreed for one mode. The variant is the mode.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Terms {
    FullOnline(FullOnlineTerms),
    ProxyCollection(ProxyCollectionTerms),
    MultiSiteJoint(MultiSiteJointTerms),
}

/// 全程网办: the applicant submits online, on the competent district's site.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FullOnlineTerms {
    /// Where; when left out, the offering's own address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<Box<str>>,
    /// The required level of identity verification.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity_level: Option<Box<str>>,
    /// Electronic certificates that are accepted instead of paper.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub certificates_accepted: Vec<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result_delivery: Option<Box<str>>,
}

/// 异地代收代办: a window of the receiving district receives the materials and forwards them. The competent district keeps its
/// powers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ProxyCollectionTerms {
    /// The tasks of the window.
    pub window_depth: Vec<WindowTask>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transfer_channel: Option<Box<str>>,
    /// Working days until the materials are forwarded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transfer_days: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub material_postage: Option<Payer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result_postage: Option<Payer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result_return: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supplement_rule: Option<Box<str>>,
}

impl Default for ProxyCollectionTerms {
    /// The tasks that 国办发〔2020〕35号 requires of a window.
    fn default() -> Self {
        Self {
            window_depth: vec![WindowTask::Receive, WindowTask::FormalCheck, WindowTask::IdentityCheck, WindowTask::OneTimeNotice],
            transfer_channel: None,
            transfer_days: None,
            material_postage: None,
            result_postage: None,
            result_return: None,
            supplement_rule: None,
        }
    }
}

/// 多地联办: one place takes the application, several work on it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MultiSiteJointTerms {
    pub steps: Vec<JointStep>,
}

/// One step of joint handling, in its order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct JointStep {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub district: Option<DistrictCode>,
    /// `LEAD` (牵头地) or `COOPERATING` (协同地), or the partners' own word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Box<str>>,
    pub task: Box<str>,
    /// Working days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
}

impl JointStep {
    pub fn is_lead(&self) -> bool {
        matches!(self.role.as_deref(), Some("LEAD" | "牵头地" | "牵头"))
    }
}

impl Terms {
    pub fn mode(&self) -> HandlingMode {
        match self {
            Self::FullOnline(_) => HandlingMode::FullOnline,
            Self::ProxyCollection(_) => HandlingMode::ProxyCollection,
            Self::MultiSiteJoint(_) => HandlingMode::MultiSiteJoint,
        }
    }

    fn default_of(mode: HandlingMode) -> Self {
        match mode {
            HandlingMode::FullOnline => Self::FullOnline(FullOnlineTerms::default()),
            HandlingMode::ProxyCollection => Self::ProxyCollection(ProxyCollectionTerms::default()),
            HandlingMode::MultiSiteJoint => Self::MultiSiteJoint(MultiSiteJointTerms::default()),
        }
    }

    /// Reads `mode` and `terms`, which must be of the same mode.
    pub(crate) fn read(r: &mut Reader<'_>) -> Self {
        let mode = r.word("mode");
        let terms = r.object("terms", |r| {
            let online = r.object("fullOnline", FullOnlineTerms::read).map(Self::FullOnline);
            let proxy = r.object("proxyCollection", ProxyCollectionTerms::read).map(Self::ProxyCollection);
            let joint = r.object("multiSiteJoint", MultiSiteJointTerms::read).map(Self::MultiSiteJoint);
            [online, proxy, joint].into_iter().flatten().collect::<Vec<_>>()
        });
        let Some(mut terms) = terms else { return Self::default_of(mode.unwrap_or(HandlingMode::FullOnline)) };
        let last = terms.pop();
        let Some(mode) = mode else { return last.unwrap_or_else(|| Self::default_of(HandlingMode::FullOnline)) };
        match last {
            Some(of_mode) if terms.is_empty() && of_mode.mode() == mode => of_mode,
            other => {
                r.refuse(
                    ProblemCode::Invalid,
                    "terms",
                    "TERMS_OF_OTHER_MODE",
                    Message::new("办理条件与通办方式不符", "the terms are not those of the mode"),
                    Message::new(format!("只填写{}的条件", mode.label(crate::problem::Locale::Zh)), format!("give the terms of {mode} alone")),
                );
                // The districts that the terms name are checked all the same.
                other.unwrap_or_else(|| Self::default_of(mode))
            }
        }
    }

    pub(crate) fn references(&self) -> Vec<Reference> {
        match self {
            Self::FullOnline(_) | Self::ProxyCollection(_) => Vec::new(),
            Self::MultiSiteJoint(terms) => {
                let named = terms.steps.iter().enumerate().filter_map(|(i, step)| Some((i, step.district?)));
                named.map(|(i, district)| Reference::district(format!("terms.multiSiteJoint.steps.{i}.district"), district)).collect()
            }
        }
    }
}

impl FullOnlineTerms {
    fn read(r: &mut Reader<'_>) -> Self {
        Self {
            url: r.url("url").map(Into::into),
            identity_level: r.optional_line("identityLevel", 60).map(Into::into),
            certificates_accepted: r.lines("certificatesAccepted", 200).into_iter().map(Into::into).collect(),
            result_delivery: r.optional_line("resultDelivery", 400).map(Into::into),
        }
    }
}

impl ProxyCollectionTerms {
    fn read(r: &mut Reader<'_>) -> Self {
        let depth = r.words("windowDepth");
        Self {
            window_depth: if depth.is_empty() { Self::default().window_depth } else { depth },
            transfer_channel: r.optional_line("transferChannel", 400).map(Into::into),
            transfer_days: r.number("transferDays", 366),
            material_postage: r.optional_word("materialPostage"),
            result_postage: r.optional_word("resultPostage"),
            result_return: r.optional_line("resultReturn", 400).map(Into::into),
            supplement_rule: r.optional_text("supplementRule", 2_000).map(Into::into),
        }
    }
}

impl MultiSiteJointTerms {
    fn read(r: &mut Reader<'_>) -> Self {
        Self {
            steps: r.objects("steps", |r| JointStep {
                district: r.optional_code("district"),
                role: r.optional_line("role", 40).map(Into::into),
                task: r.line("task", 400).into(),
                days: r.number("days", 366),
            }),
        }
    }
}

/// One line of the duty table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duty {
    pub actor: Actor,
    pub district: Option<DistrictCode>,
    pub task: Message,
    pub days: Option<u32>,
    /// The unit of the days, in the words of offerings.
    pub day_kind: Option<String>,
    /// Whether this is the decision, whose days are those of an offering.
    pub decides: bool,
}

const AT_ONCE: &str = "AT_ONCE";
const WORKING_DAY: &str = "WORKING_DAY";

/// The table of duties, in order. The competent side's days run from acceptance (受理), not from receipt (收件).
pub fn duties(terms: &Terms, receiving: DistrictCode, competent: DistrictCode, offering: Option<&Offering>) -> Vec<Duty> {
    let applicant =
        |zh: &str, en: &str| Duty { actor: Actor::Applicant, district: None, task: Message::new(zh, en), days: None, day_kind: None, decides: false };
    let window = |zh: String, en: String, days: Option<u32>| Duty {
        actor: Actor::ReceivingWindow,
        district: Some(receiving),
        task: Message { zh, en },
        days,
        day_kind: days.map(|_| WORKING_DAY.to_owned()),
        decides: false,
    };
    let decide = || {
        let limit = offering.and_then(Offering::days);
        let stated = offering.and_then(|offering| offering.day_kind.clone());
        let day_kind = limit.map(|_| stated.unwrap_or_else(|| WORKING_DAY.to_owned()));
        Duty {
            actor: Actor::CompetentAuthority,
            district: Some(competent),
            task: Message::new("受理、审查并作出决定（时限自受理之日起算）", "accept, examine and decide (the days run from acceptance)"),
            days: limit,
            day_kind,
            decides: true,
        }
    };
    let competent_duty = |zh: String, en: String| Duty {
        actor: Actor::CompetentAuthority,
        district: Some(competent),
        task: Message { zh, en },
        days: None,
        day_kind: None,
        decides: false,
    };

    match terms {
        Terms::FullOnline(terms) => {
            let (zh, en) = match terms.result_delivery.as_deref() {
                Some(how) => (format!("送达结果：{how}"), format!("deliver the result: {how}")),
                None => ("送达结果".to_owned(), "deliver the result".to_owned()),
            };
            vec![
                applicant("在线核验身份、填报并提交材料", "prove your identity online, fill in and hand in the materials"),
                decide(),
                competent_duty(zh, en),
            ]
        }
        Terms::ProxyCollection(terms) => {
            let mut duties = vec![applicant("到收件地窗口提交材料", "hand in the materials at a window of the receiving district")];
            let labels = |locale| {
                terms.window_depth.iter().filter(|task| **task != WindowTask::DeliverResult).map(|task| task.label(locale)).collect::<Vec<_>>()
            };
            let intake = (labels(crate::problem::Locale::Zh).join("、"), labels(crate::problem::Locale::En).join(", "));
            if !intake.0.is_empty() {
                duties.push(window(intake.0, intake.1, None));
            }
            let channel = terms.transfer_channel.as_deref();
            let payer = terms.material_postage;
            let zh = [
                Some("将材料移交业务属地".to_owned()),
                channel.map(|channel| format!("渠道：{channel}")),
                payer.map(|payer| format!("邮费由{}", payer.label(crate::problem::Locale::Zh))),
            ];
            let en = [
                Some("forward the materials to the competent district".to_owned()),
                channel.map(|channel| format!("by {channel}")),
                payer.map(|payer| format!("postage: {}", payer.label(crate::problem::Locale::En))),
            ];
            let join = |parts: [Option<String>; 3], with: &str| parts.into_iter().flatten().collect::<Vec<_>>().join(with);
            duties.push(window(join(zh, "；"), join(en, "; "), terms.transfer_days));
            duties.push(decide());
            let payer = terms.result_postage;
            let zh = [
                Some("返还结果".to_owned()),
                terms.result_return.as_deref().map(str::to_owned),
                payer.map(|payer| format!("邮费由{}", payer.label(crate::problem::Locale::Zh))),
            ];
            let en = [
                Some("return the result".to_owned()),
                terms.result_return.as_deref().map(str::to_owned),
                payer.map(|payer| format!("postage: {}", payer.label(crate::problem::Locale::En))),
            ];
            duties.push(competent_duty(join(zh, "；"), join(en, "; ")));
            if terms.window_depth.contains(&WindowTask::DeliverResult) {
                let task = WindowTask::DeliverResult;
                duties.push(window(task.label(crate::problem::Locale::Zh).to_owned(), task.label(crate::problem::Locale::En).to_owned(), None));
            }
            duties
        }
        Terms::MultiSiteJoint(terms) => {
            let mut duties = vec![applicant("向牵头地提交一次申请", "apply once, with the lead")];
            duties.extend(terms.steps.iter().map(|step| Duty {
                actor: if step.is_lead() { Actor::Lead } else { Actor::Cooperating },
                district: step.district,
                task: Message::new(&*step.task, &*step.task),
                days: step.days,
                day_kind: step.days.map(|_| WORKING_DAY.to_owned()),
                decides: false,
            }));
            if terms.steps.is_empty() {
                duties.push(window("受理申请并转送业务属地".to_owned(), "take the application and pass it on".to_owned(), None));
                duties.push(decide());
            }
            duties
        }
    }
}

/// The index of the offering that promises the fewest days; 即办 counts as 0. The table of duties uses this one.
pub fn shortest<'a>(offerings: impl IntoIterator<Item = &'a Offering>) -> Option<usize> {
    let days = |(at, offering): (usize, &Offering)| (offering.days().unwrap_or(u32::MAX), at);
    offerings.into_iter().enumerate().map(days).min().map(|(_, at)| at)
}

/// The sum of days of a table and their unit, if all limited duties have the same unit. 即办 counts as 0 days of any unit.
pub fn total(duties: &[Duty]) -> Option<(u32, Option<&str>)> {
    let limited = || duties.iter().filter(|duty| duty.days.is_some());
    let mut kinds = limited().map(|duty| duty.day_kind.as_deref()).filter(|kind| *kind != Some(AT_ONCE));
    let kind = match kinds.next() {
        Some(first) => kinds.all(|kind| kind == first).then_some(first)?,
        None => limited().next().map(|_| Some(AT_ONCE))?,
    };
    Some((duties.iter().filter_map(|duty| duty.days).sum(), kind))
}
