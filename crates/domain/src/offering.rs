//! Offerings (实施清单, published as 办事指南): the implementation of a matter in a district.

use serde::Serialize;

use crate::code::{CreditCheck, CreditCode, DistrictCode, MatterCode, OfferingCode};
use crate::id::RecordType;
use crate::kind::RecordKind;
use crate::period::{Date, Period};
use crate::problem::{Message, Problem, ProblemCode};
use crate::provenance::Provenance;
use crate::reading::Reader;
use crate::reference::Reference;
use crate::words::words;

words! {
    /// The unit of days. Records keep the word that they came with; a word that is not in the list is shown as `Other`.
    DayKind {
        WorkingDay = "WORKING_DAY", "工作日", "working days";
        CalendarDay = "CALENDAR_DAY", "自然日", "calendar days";
        AtOnce = "AT_ONCE", "即办", "at once";
        Other = "OTHER", "其他", "other";
    }
}

words! {
    /// Whether a material is required.
    Necessity {
        Required = "REQUIRED", "必要", "required";
        Optional = "OPTIONAL", "非必要", "optional";
        /// It may be submitted later (容缺).
        Deferrable = "DEFERRABLE", "可容缺后补", "may follow later";
        Other = "OTHER", "其他", "other";
    }
}

words! {
    /// The form in which a material is submitted.
    Medium {
        Original = "ORIGINAL", "原件", "original";
        Copy = "COPY", "复印件", "copy";
        Electronic = "ELECTRONIC", "电子件", "electronic";
        Other = "OTHER", "其他", "other";
    }
}

/// An offering (实施清单), identified by (district, source code), or without a source code by (district, matter).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Offering {
    /// The district it serves. The deciding body may belong to a district above.
    pub district: DistrictCode,
    /// `None`: not matched to a matter yet (未匹配).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matter: Option<MatterCode>,
    /// The district's own name for it; if absent, the matter's name is used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The implementing code (实施编码). An invalid one is reported as a finding, not refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<OfferingCode>,
    /// The local code, as submitted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authority: Option<Authority>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statutory_days: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promised_days: Option<u32>,
    /// The unit of the days: `WORKING_DAY`, `CALENDAR_DAY`, `AT_ONCE`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day_kind: Option<String>,
    /// The number of visits that the applicant must make.
    pub visits: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conditions: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fee: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub appointment: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub legal_basis: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub materials: Vec<Material>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consult_phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub complaint_phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub appointment_url: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub forms: Vec<FormFile>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub questions: Vec<Question>,
    /// A picture of the result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result_sample: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verified_on: Option<Date>,
    /// The planned days.
    #[serde(flatten)]
    pub period: Period,
    /// The first day on which it is withdrawn, regardless of the planned days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawn_on: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawn_reason: Option<String>,
    #[serde(skip_serializing_if = "Provenance::is_unstated")]
    pub provenance: Provenance,
}

impl RecordType for Offering {
    const KIND: RecordKind = RecordKind::Offering;
    const PREFIX: &'static str = "off";
}

/// The deciding body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Authority {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credit_code: Option<CreditCode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
}

/// A material that the applicant submits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Material {
    pub name: String,
    /// `REQUIRED`, `OPTIONAL`, or `DEFERRABLE` (容缺): may be submitted later, within `deferrable_days`.
    pub necessity: String,
    /// `ORIGINAL`, `COPY`, `ELECTRONIC`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub medium: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copies: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deferrable_days: Option<u32>,
    /// What the window checks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<String>,
}

/// A form to fill in, or a sample of a filled one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FormFile {
    pub name: String,
    pub url: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub sample: bool,
}

/// A question that applicants often ask, with its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Question {
    pub question: String,
    pub answer: String,
}

/// The most days a limit can have: ten years.
const MAX_DAYS: u32 = 3_660;

impl Offering {
    /// Reads the form. If there are problems, the result is the offering as far as it can be read.
    pub fn read(r: &mut Reader<'_>) -> Self {
        let district = r.code("district").unwrap_or(DistrictCode::UNREAD);
        let matter = r.optional_code("matter");
        let name = r.optional_line("name", 300);
        let code = r.optional_code("code");
        let source_code = r.optional_number_text("sourceCode", 120);
        if !r.has("matter") && !r.has("sourceCode") {
            r.refuse(
                ProblemCode::Invalid,
                "matter",
                "REQUIRED",
                Message::new(
                    "既无事项也无来源编码，无法识别",
                    "it has neither a matter nor a source code to identify it",
                ),
                Message::new("请填写 matter 或 sourceCode", "give matter or sourceCode"),
            );
        }
        if !r.has("matter") && !r.has("name") {
            r.refuse(
                ProblemCode::Invalid,
                "name",
                "REQUIRED",
                Message::new("未匹配事项的实施清单必须有名称", "an offering without a matter needs a name"),
                Message::new("请填写 name", "give name"),
            );
        }
        let authority = r.object("authority", Authority::read);
        let statutory_days = r.number("statutoryDays", MAX_DAYS);
        let promised_days = r.number("promisedDays", MAX_DAYS);
        let day_kind = r.optional_line("dayKind", 40);
        let visits = r.required_number("visits", 99);
        let url = r.url("url");
        let conditions = r.optional_text("conditions", 20_000);
        let fee = r.optional_text("fee", 2_000);
        let result = r.optional_text("result", 2_000);
        let delivery = r.optional_text("delivery", 2_000);
        let appointment = r.optional_text("appointment", 2_000);
        let legal_basis = r.optional_text("legalBasis", 20_000);
        let materials = r.objects("materials", Material::read);
        if materials.len() > 200 {
            r.refuse(
                ProblemCode::Invalid,
                "materials",
                "TOO_MANY",
                Message::new("材料超过 200 项", "more than 200 materials"),
                Message::new("请合并同类材料", "put materials of one kind together"),
            );
        }
        let consult_phone = r.phone("consultPhone");
        let complaint_phone = r.phone("complaintPhone");
        let appointment_url = r.url("appointmentUrl");
        let forms = r.objects("forms", FormFile::read);
        r.bounded("forms", forms.len(), 50);
        let questions = r.objects("questions", Question::read);
        r.bounded("questions", questions.len(), 50);
        let result_sample = r.url("resultSample");
        let verified_on = r.date("verifiedOn");
        let (period, withdrawn_on, withdrawn_reason) = r.planned_and_ended("withdrawnOn", "withdrawnReason");
        let provenance = Provenance::read(r);
        Self {
            district,
            matter,
            name,
            code,
            source_code,
            authority,
            statutory_days,
            promised_days,
            day_kind,
            visits,
            url,
            conditions,
            fee,
            result,
            delivery,
            appointment,
            legal_basis,
            materials,
            consult_phone,
            complaint_phone,
            appointment_url,
            forms,
            questions,
            result_sample,
            verified_on,
            period,
            withdrawn_on,
            withdrawn_reason,
            provenance,
        }
    }

    /// The offering as published again: all fields are replaced, but for the provenance. This takes a withdrawal back.
    #[must_use]
    pub fn revised(self, details: Self) -> Self {
        Self { provenance: self.provenance.unless_stated(details.provenance), ..details }
    }

    /// Withdraws the offering from today on: yesterday was its last day. Earlier days and the planned days stay.
    pub fn withdraw(self, reason: String, today: Date) -> Result<Self, Problem> {
        if self.published().ended_before(today) {
            return Err(Problem::new(
                ProblemCode::Refused,
                vec![if self.source_code.is_some() { "sourceCode" } else { "matter" }.to_owned()],
                "ALREADY_WITHDRAWN",
                Message::new("该实施清单已撤销", "the offering has been withdrawn already"),
            )
            .remedy("无需重复撤销", "nothing to do"));
        }
        Ok(Self { withdrawn_on: Some(today), withdrawn_reason: Some(reason), ..self })
    }

    /// The days on which it is published: the planned days up to the withdrawal.
    pub fn published(&self) -> Period {
        self.period.ended_from(self.withdrawn_on)
    }

    /// Whether its own code or the deciding body's code is invalid.
    pub fn has_invalid_code(&self) -> bool {
        let body = self.authority.as_ref().and_then(|authority| authority.credit_code);
        self.code.is_some_and(|code| !code.is_sound()) || body.is_some_and(|code| code.check() == CreditCheck::Wrong)
    }

    /// The number of days it takes, for sorting routes; 即办 counts as 0.
    pub fn days(&self) -> Option<u32> {
        if self.day_kind.as_deref() == Some("AT_ONCE") { Some(0) } else { self.promised_days.or(self.statutory_days) }
    }

    pub fn references(&self) -> Vec<Reference> {
        let matter = self.matter.map(|code| Reference::matter("matter", code));
        std::iter::once(Reference::district("district", self.district)).chain(matter).collect()
    }
}

impl Authority {
    fn read(r: &mut Reader<'_>) -> Self {
        Self {
            name: r.name("name", 200),
            credit_code: r.optional_code("creditCode"),
            level: r.optional_line("level", 40),
        }
    }
}

impl FormFile {
    fn read(r: &mut Reader<'_>) -> Self {
        let name = r.name("name", 200);
        r.require("url");
        Self { name, url: r.url("url").unwrap_or_default(), sample: r.flag("sample") }
    }
}

impl Question {
    fn read(r: &mut Reader<'_>) -> Self {
        let question = r.name("question", 300);
        r.require("answer");
        Self { question, answer: r.optional_text("answer", 2_000).unwrap_or_default() }
    }
}

impl Material {
    fn read(r: &mut Reader<'_>) -> Self {
        Self {
            name: r.name("name", 300),
            necessity: r.line("necessity", 40),
            medium: r.optional_line("medium", 40),
            copies: r.number("copies", 999),
            deferrable_days: r.number("deferrableDays", MAX_DAYS),
            check: r.optional_text("check", 2_000),
        }
    }
}
