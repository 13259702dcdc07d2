//! Handling modes (通办方式), and the terms that the parties agree for each mode.

use serde::Serialize;

use crate::code::DistrictCode;
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
    /// The address of the application; if absent, that of the offering.
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

/// 异地代收代办: a window of the receiving district receives the materials and forwards them. The competent district
/// keeps its powers.
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
            window_depth: vec![
                WindowTask::Receive,
                WindowTask::FormalCheck,
                WindowTask::IdentityCheck,
                WindowTask::OneTimeNotice,
            ],
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

    /// The terms of a clause that states only its mode.
    pub fn default_of(mode: HandlingMode) -> Self {
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
                    Message::new(
                        format!("只填写{}的条件", mode.label(crate::problem::Locale::Zh)),
                        format!("give the terms of {mode} alone"),
                    ),
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
                named
                    .map(|(i, district)| {
                        Reference::district(format!("terms.multiSiteJoint.steps.{i}.district"), district)
                    })
                    .collect()
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
