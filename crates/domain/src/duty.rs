//! The table of duties that follows from a mode and its terms: the steps in order, each with the office or applicant
//! responsible and its limit in days.

use crate::code::DistrictCode;
use crate::handling::{Actor, Terms, WindowTask};
use crate::offering::Offering;
use crate::problem::Message;

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
pub fn duties(
    terms: &Terms,
    receiving: DistrictCode,
    competent: DistrictCode,
    offering: Option<&Offering>,
) -> Vec<Duty> {
    let applicant = |zh: &str, en: &str| Duty {
        actor: Actor::Applicant,
        district: None,
        task: Message::new(zh, en),
        days: None,
        day_kind: None,
        decides: false,
    };
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
            task: Message::new(
                "受理、审查并作出决定（时限自受理之日起算）",
                "accept, examine and decide (the days run from acceptance)",
            ),
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
                applicant(
                    "在线核验身份、填报并提交材料",
                    "prove your identity online, fill in and hand in the materials",
                ),
                decide(),
                competent_duty(zh, en),
            ]
        }
        Terms::ProxyCollection(terms) => {
            let mut duties =
                vec![applicant("到收件地窗口提交材料", "hand in the materials at a window of the receiving district")];
            let labels = |locale| {
                terms
                    .window_depth
                    .iter()
                    .filter(|task| **task != WindowTask::DeliverResult)
                    .map(|task| task.label(locale))
                    .collect::<Vec<_>>()
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
            let join =
                |parts: [Option<String>; 3], with: &str| parts.into_iter().flatten().collect::<Vec<_>>().join(with);
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
                duties.push(window(
                    task.label(crate::problem::Locale::Zh).to_owned(),
                    task.label(crate::problem::Locale::En).to_owned(),
                    None,
                ));
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
                duties.push(window(
                    "受理申请并转送业务属地".to_owned(),
                    "take the application and pass it on".to_owned(),
                    None,
                ));
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

/// The sum of days of a table and their unit, if all limited duties have the same unit. 即办 counts as 0 days of any
/// unit.
pub fn total(duties: &[Duty]) -> Option<(u32, Option<&str>)> {
    sum(duties.iter().filter_map(|duty| Some((duty.days?, duty.day_kind.as_deref()))))
}

/// The same of the limits alone: days and their unit.
pub fn sum<'a>(limits: impl Iterator<Item = (u32, Option<&'a str>)> + Clone) -> Option<(u32, Option<&'a str>)> {
    let mut kinds = limits.clone().map(|(_, kind)| kind).filter(|kind| *kind != Some(AT_ONCE));
    let kind = match kinds.next() {
        Some(first) => kinds.all(|kind| kind == first).then_some(first)?,
        None => limits.clone().next().map(|_| Some(AT_ONCE))?,
    };
    Some((limits.map(|(days, _)| days).sum(), kind))
}
