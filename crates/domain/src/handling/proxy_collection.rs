//! 异地代收代办: a window of the receiving district takes the materials.

use serde::Serialize;

use crate::duty::{Duty, Sides};
use crate::handling::actor::{Payer, WindowTask};
use crate::handling::heap::text_bytes;
use crate::handling::mode_terms::{FieldText, ModeTerms};
use crate::handling::statement::Statement;
use crate::problem::{Locale, Message};
use crate::reading::Reader;

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

impl ModeTerms for ProxyCollectionTerms {
    const SYNONYMS: &'static [&'static str] = &[
        "异地代收代办",
        "代收代办",
        "异地代收",
        "代收",
        "异地代办",
        "代办",
        "异地收件",
        "异地受理",
        "异地代收属地办理",
        "代收属地办理",
        "异地收受理",
        "窗口代收",
        "proxycollection",
        "proxy",
    ];
    const EXPLANATION: [&'static str; 2] = [
        "所在地的窗口代收材料，转给业务属地办理；决定仍由业务属地作出。",
        "A window where you are takes your materials and forwards them. The competent district still decides.",
    ];
    const NEEDS_WINDOW: bool = true;
    const TEXTS: &'static [FieldText] = &[
        ("terms.proxyCollection", "异地代收代办的约定", "For proxy collection."),
        ("proxyCollection.windowDepth", "窗口代办到哪一步", "What the receiving window does."),
        ("proxyCollection.transferChannel", "材料流转渠道", "How materials are transferred."),
        ("proxyCollection.transferDays", "流转天数", "Within how many days."),
        ("proxyCollection.materialPostage", "材料邮寄费由谁承担", "Who pays for sending the materials."),
        ("proxyCollection.resultPostage", "结果邮寄费由谁承担", "Who pays for sending the result."),
        ("proxyCollection.resultReturn", "结果如何送回", "How the result comes back."),
        ("proxyCollection.supplementRule", "补正规则", "How missing materials are supplied."),
    ];

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

    fn duties(&self, sides: &Sides<'_>) -> Vec<Duty> {
        let mut duties = vec![
            sides.applicant("到收件地窗口提交材料", "hand in the materials at a window of the receiving district"),
        ];
        let labels = |locale| {
            self.window_depth
                .iter()
                .filter(|task| **task != WindowTask::DeliverResult)
                .map(|task| task.label(locale))
                .collect::<Vec<_>>()
        };
        let intake = (labels(Locale::Zh).join("、"), labels(Locale::En).join(", "));
        if !intake.0.is_empty() {
            duties.push(sides.window(intake.0, intake.1, None));
        }
        let channel = self.transfer_channel.as_deref();
        let payer = self.material_postage;
        let zh = [
            Some("将材料移交业务属地".to_owned()),
            channel.map(|channel| format!("渠道：{channel}")),
            payer.map(|payer| format!("邮费由{}", payer.label(Locale::Zh))),
        ];
        let en = [
            Some("forward the materials to the competent district".to_owned()),
            channel.map(|channel| format!("by {channel}")),
            payer.map(|payer| format!("postage: {}", payer.label(Locale::En))),
        ];
        let join = |parts: [Option<String>; 3], with: &str| parts.into_iter().flatten().collect::<Vec<_>>().join(with);
        duties.push(sides.window(join(zh, "；"), join(en, "; "), self.transfer_days));
        duties.push(sides.decide());
        let payer = self.result_postage;
        let zh = [
            Some("返还结果".to_owned()),
            self.result_return.as_deref().map(str::to_owned),
            payer.map(|payer| format!("邮费由{}", payer.label(Locale::Zh))),
        ];
        let en = [
            Some("return the result".to_owned()),
            self.result_return.as_deref().map(str::to_owned),
            payer.map(|payer| format!("postage: {}", payer.label(Locale::En))),
        ];
        duties.push(sides.competent_duty(join(zh, "；"), join(en, "; ")));
        if self.window_depth.contains(&WindowTask::DeliverResult) {
            let task = WindowTask::DeliverResult;
            duties.push(sides.window(task.label(Locale::Zh).to_owned(), task.label(Locale::En).to_owned(), None));
        }
        duties
    }

    fn statements(&self) -> Vec<Statement<'_>> {
        let labels = |locale| self.window_depth.iter().map(|task| task.label(locale)).collect::<Vec<_>>();
        let tasks = (!self.window_depth.is_empty())
            .then(|| Message::new(labels(Locale::Zh).join("、"), labels(Locale::En).join(", ")));
        let payer = |label, payer: Payer| {
            Statement::words(label, Message::new(payer.label(Locale::Zh), payer.label(Locale::En)))
        };
        let points = [
            tasks.map(|tasks| Statement::words(["窗口做什么", "What the window does"], tasks)),
            self.transfer_channel.as_deref().map(|channel| Statement::text(["材料流转", "Transfer"], channel)),
            self.transfer_days.map(|days| Statement::working_days(["转送时限", "Forwarded within"], days)),
            self.material_postage.map(|by| payer(["材料邮费", "Postage of materials"], by)),
            self.result_postage.map(|by| payer(["结果邮费", "Postage of the result"], by)),
            self.result_return.as_deref().map(|how| Statement::text(["结果返还", "Result"], how)),
            self.supplement_rule.as_deref().map(|rule| Statement::text(["补正规则", "Supplements"], rule)),
        ];
        points.into_iter().flatten().collect()
    }

    fn heap_bytes(&self) -> usize {
        let Self {
            window_depth,
            transfer_channel,
            transfer_days: _,
            material_postage: _,
            result_postage: _,
            result_return,
            supplement_rule,
        } = self;
        window_depth.capacity() * size_of::<WindowTask>()
            + text_bytes(transfer_channel)
            + text_bytes(result_return)
            + text_bytes(supplement_rule)
    }
}
