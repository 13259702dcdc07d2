//! 全程网办: the applicant submits online.

use std::borrow::Cow;

use serde::Serialize;

use crate::duty::{Duty, Sides};
use crate::handling::heap::{text_bytes, texts_bytes};
use crate::handling::mode_terms::{FieldText, ModeTerms};
use crate::handling::statement::Statement;
use crate::reading::Reader;

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

impl ModeTerms for FullOnlineTerms {
    const SYNONYMS: &'static [&'static str] = &[
        "全程网办",
        "网上办理",
        "网上办",
        "网办",
        "线上办理",
        "线上办",
        "全程网上办理",
        "全程网上办",
        "全程在线办理",
        "全流程网办",
        "全网通办",
        "网上通办",
        "在线办理",
        "不见面办理",
        "fullonline",
        "online",
    ];
    const EXPLANATION: [&'static str; 2] = [
        "在网上提交，由业务属地办理，不用到现场。",
        "You apply online; the competent district decides. No visit is needed.",
    ];
    const NEEDS_WINDOW: bool = false;
    const TEXTS: &'static [FieldText] = &[
        ("terms.fullOnline", "全程网办的约定", "For full online handling."),
        ("fullOnline.url", "办理网址", "The address."),
        ("fullOnline.identityLevel", "身份认证等级", "The level of identity proof."),
        ("fullOnline.certificatesAccepted", "认可的电子证照", "The electronic certificates that are accepted."),
        ("fullOnline.resultDelivery", "结果送达方式", "How the result is delivered."),
    ];

    fn read(r: &mut Reader<'_>) -> Self {
        Self {
            url: r.url("url").map(Into::into),
            identity_level: r.optional_line("identityLevel", 60).map(Into::into),
            certificates_accepted: r.lines("certificatesAccepted", 200).into_iter().map(Into::into).collect(),
            result_delivery: r.optional_line("resultDelivery", 400).map(Into::into),
        }
    }

    fn duties(&self, sides: &Sides<'_>) -> Vec<Duty> {
        let (zh, en) = match self.result_delivery.as_deref() {
            Some(how) => (format!("送达结果：{how}"), format!("deliver the result: {how}")),
            None => ("送达结果".to_owned(), "deliver the result".to_owned()),
        };
        vec![
            sides.applicant(
                "在线核验身份、填报并提交材料",
                "prove your identity online, fill in and hand in the materials",
            ),
            sides.decide(),
            sides.competent_duty(zh, en),
        ]
    }

    fn statements(&self) -> Vec<Statement<'_>> {
        let certificates =
            (!self.certificates_accepted.is_empty()).then(|| self.certificates_accepted.join("、").into());
        let points = [
            self.url.as_deref().map(|url| Statement::url(["网上办理", "Online"], url)),
            self.identity_level.as_deref().map(|level| Statement::text(["身份核验", "Identity"], level)),
            certificates.map(|all: Cow<'_, str>| Statement::text(["认可的电子证照", "Certificates accepted"], all)),
            self.result_delivery.as_deref().map(|how| Statement::text(["结果送达", "Result"], how)),
        ];
        points.into_iter().flatten().collect()
    }

    fn heap_bytes(&self) -> usize {
        let Self { url, identity_level, certificates_accepted, result_delivery } = self;
        text_bytes(url) + text_bytes(identity_level) + texts_bytes(certificates_accepted) + text_bytes(result_delivery)
    }
}
