//! 多地联办: one place takes the application, several work on it.

use serde::Serialize;

use crate::code::DistrictCode;
use crate::duty::{Duty, Sides, WORKING_DAY};
use crate::handling::actor::Actor;
use crate::handling::heap::text_bytes;
use crate::handling::mode_terms::{FieldText, ModeTerms};
use crate::handling::statement::{StatedStep, Statement};
use crate::problem::Message;
use crate::reading::Reader;
use crate::reference::Reference;

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

impl ModeTerms for MultiSiteJointTerms {
    const SYNONYMS: &'static [&'static str] = &[
        "多地联办",
        "两地联办",
        "异地联办",
        "联办",
        "多地联动",
        "多地协办",
        "多地联合办理",
        "联合办理",
        "跨地联办",
        "multisitejoint",
        "joint",
    ];
    const EXPLANATION: [&'static str; 2] =
        ["向一地提交一次申请，几地分工办理。", "You apply once, in one place, and several districts share the work."];
    const NEEDS_WINDOW: bool = true;
    const TEXTS: &'static [FieldText] = &[
        ("terms.multiSiteJoint", "多地联办的约定", "For multi-site joint handling."),
        ("multiSiteJoint.steps", "各步骤", "The steps, in order."),
        ("steps.district", "办理的区域", "The district."),
        ("steps.role", "角色", "Its role."),
        ("steps.task", "任务", "The task."),
        ("steps.days", "天数", "Within how many days."),
    ];

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

    fn duties(&self, sides: &Sides<'_>) -> Vec<Duty> {
        let mut duties = vec![sides.applicant("向牵头地提交一次申请", "apply once, with the lead")];
        duties.extend(self.steps.iter().map(|step| Duty {
            actor: if step.is_lead() { Actor::Lead } else { Actor::Cooperating },
            district: step.district,
            task: Message::new(&*step.task, &*step.task),
            days: step.days,
            day_kind: step.days.map(|_| WORKING_DAY.to_owned()),
            decides: false,
        }));
        if self.steps.is_empty() {
            duties.push(sides.window(
                "受理申请并转送业务属地".to_owned(),
                "take the application and pass it on".to_owned(),
                None,
            ));
            duties.push(sides.decide());
        }
        duties
    }

    fn statements(&self) -> Vec<Statement<'_>> {
        if self.steps.is_empty() {
            return Vec::new();
        }
        let steps = self.steps.iter();
        let stated = steps.map(|step| StatedStep {
            district: step.district,
            role: step.role.as_deref(),
            is_lead: step.is_lead(),
            task: &step.task,
            days: step.days,
        });
        vec![Statement::steps(["分工", "Steps"], stated.collect())]
    }

    fn references(&self) -> Vec<Reference> {
        let named = self.steps.iter().enumerate().filter_map(|(i, step)| Some((i, step.district?)));
        named
            .map(|(i, district)| Reference::district(format!("terms.multiSiteJoint.steps.{i}.district"), district))
            .collect()
    }

    fn heap_bytes(&self) -> usize {
        let Self { steps } = self;
        let step = |step: &JointStep| {
            let JointStep { district: _, role, task, days: _ } = step;
            text_bytes(role) + task.len()
        };
        steps.capacity() * size_of::<JointStep>() + steps.iter().map(step).sum::<usize>()
    }
}
