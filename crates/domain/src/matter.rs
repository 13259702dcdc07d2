//! Matters (事项): the entries of the common catalogue, the same in every district.

use serde::Serialize;

use crate::code::MatterCode;
use crate::id::RecordType;
use crate::kind::RecordKind;
use crate::period::Date;
use crate::problem::{Message, Problem, ProblemCode};
use crate::provenance::Provenance;
use crate::reading::EndField;
use crate::reading::Reader;
use crate::reference::Reference;
use crate::words::words;

words! {
    /// The field of administration a matter belongs to. Open: it grows with the real world.
    MatterDomain {
        PublicSecurity = "PUBLIC_SECURITY", "公安", "public security";
        MedicalInsurance = "MEDICAL_INSURANCE", "医保", "medical insurance";
        MarketRegulation = "MARKET_REGULATION", "市场监管", "market regulation";
        RealEstate = "REAL_ESTATE", "不动产", "real estate";
        Health = "HEALTH", "卫健", "health";
        CivilAffairs = "CIVIL_AFFAIRS", "民政", "civil affairs";
        Transport = "TRANSPORT", "交通", "transport";
        HumanResourcesSocialSecurity = "HUMAN_RESOURCES_SOCIAL_SECURITY", "人社", "human resources and social security";
        HousingFund = "HOUSING_FUND", "公积金", "housing fund";
        Education = "EDUCATION", "教育", "education";
        Justice = "JUSTICE", "司法", "justice";
        Taxation = "TAXATION", "税务", "taxation";
        Construction = "CONSTRUCTION", "住建", "construction";
        NaturalResources = "NATURAL_RESOURCES", "自然资源", "natural resources";
        Environment = "ENVIRONMENT", "生态环境", "environment";
        Water = "WATER", "水利", "water";
        Agriculture = "AGRICULTURE", "农业农村", "agriculture";
        CultureTourism = "CULTURE_TOURISM", "文旅", "culture and tourism";
        Emergency = "EMERGENCY", "应急", "emergency management";
        Veterans = "VETERANS", "退役军人", "veterans affairs";
        Disability = "DISABILITY", "残联", "disability";
        Other = "OTHER", "其他", "other";
    }
}

words! {
    /// Who applies. Open.
    Audience {
        NaturalPerson = "NATURAL_PERSON", "个人", "natural person";
        Organisation = "ORGANISATION", "法人和其他组织", "organisation";
    }
}

/// A matter (事项): one entry of the common catalogue (基本目录).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Matter {
    pub code: MatterCode,
    pub name: Box<str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub english_name: Option<Box<str>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<Box<str>>,
    pub domain: MatterDomain,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub audience: Vec<Audience>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead_department: Option<Box<str>>,
    /// What makes a district competent, in plain words: 户籍地, 参保地, 不动产所在地 …
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub competent_by: Vec<Box<str>>,
    /// The codes that other systems have for it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<ExternalCode>,
    /// From this day on no clause covers the matter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retired_on: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retired_reason: Option<Box<str>>,
    #[serde(skip_serializing_if = "Provenance::is_unstated")]
    pub provenance: Provenance,
}

/// The code of a matter in another system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExternalCode {
    /// The system: a national line of business, a province's catalogue …
    pub system: Box<str>,
    pub value: Box<str>,
}

impl ExternalCode {
    fn read(r: &mut Reader<'_>) -> Self {
        Self { system: r.name("system", 60).into(), value: r.number_text("value", 60).into() }
    }
}

impl RecordType for Matter {
    const KIND: RecordKind = RecordKind::Matter;
    const PREFIX: &'static str = "mat";
}

impl Matter {
    /// A matter references no other record.
    pub fn references(&self) -> Vec<Reference> {
        Vec::new()
    }

    /// Reads the form. If there are problems, the result is the matter as far as it can be read.
    pub fn read(r: &mut Reader<'_>) -> Self {
        let code = r.code("code");
        let name = r.name("name", 300).into();
        let english_name = r.optional_line("englishName", 400).map(Into::into);
        let aliases = r.lines("aliases", 300).into_iter().map(Into::into).collect();
        let domain = r.word("domain");
        let audience = r.words("audience");
        let lead_department = r.optional_line("leadDepartment", 200).map(Into::into);
        let competent_by = r.lines("competentBy", 60).into_iter().map(Into::into).collect();
        let codes = r.objects("codes", ExternalCode::read);
        r.bounded("codes", codes.len(), 20);
        if let Some(at) = (1..codes.len()).find(|at| codes[..*at].contains(&codes[*at])) {
            r.refuse(
                ProblemCode::Invalid,
                "codes",
                "DUPLICATE",
                Message::new(
                    format!("第 {} 项与前面的重复", at + 1),
                    format!("entry {} is the same as one before", at + 1),
                ),
                Message::new("请删去重复的一项", "remove one of the two"),
            );
        }
        let retired_on = r.date("retiredOn");
        let retired_reason = r.optional_text("retiredReason", 2_000).map(Into::into);
        let provenance = Provenance::read(r);
        Self {
            code: code.unwrap_or(MatterCode::UNREAD),
            name,
            english_name,
            aliases,
            domain: domain.unwrap_or(MatterDomain::Other),
            audience,
            lead_department,
            competent_by,
            codes,
            retired_on,
            retired_reason,
            provenance,
        }
    }

    /// The revised matter: all fields of the form are replaced. The retirement stays unless the input states it.
    #[must_use]
    pub fn revised(self, details: Self, end: EndField) -> Self {
        let (retired_on, retired_reason) = match end {
            EndField::Stated => (details.retired_on, details.retired_reason),
            EndField::LeftOut => (self.retired_on, details.retired_reason.or(self.retired_reason)),
        };
        Self {
            retired_on,
            retired_reason,
            provenance: self.provenance.unless_stated(details.provenance),
            code: details.code,
            name: details.name,
            english_name: details.english_name,
            aliases: details.aliases,
            domain: details.domain,
            audience: details.audience,
            lead_department: details.lead_department,
            competent_by: details.competent_by,
            codes: details.codes,
        }
    }

    /// Retires the matter: from `today` on no clause covers it. Answers for earlier days stay the same.
    pub fn retire(self, reason: Box<str>, today: Date) -> Result<Self, Problem> {
        if self.is_active(today) {
            return Ok(Self { retired_on: Some(today), retired_reason: Some(reason), ..self });
        }
        Err(Problem::new(
            ProblemCode::Refused,
            vec!["code".to_owned()],
            "ALREADY_RETIRED",
            Message::new("该事项已取消", "the matter has been retired already"),
        )
        .remedy("无需重复取消", "nothing to do"))
    }

    /// Whether a clause may cover it on the day.
    pub fn is_active(&self, on: Date) -> bool {
        self.retired_on.is_none_or(|retired| on < retired)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matter_is_retired_once_and_a_revision_does_not_bring_it_back() {
        let value = serde_json::json!({ "code": "000109001000", "name": "居民身份证换领", "domain": "PUBLIC_SECURITY", "audience": ["NATURAL_PERSON"] });
        let matter = crate::reading::read(&value, &mut Vec::new(), Matter::read).expect("it reads");
        let today = Date::from_ymd_opt(2026, 11, 23).expect("a day");
        let retired = matter.clone().retire("并入新事项".into(), today).expect("it may");
        assert!(!retired.is_active(today) && retired.is_active(today.pred_opt().expect("a day")));
        assert_eq!(
            retired.clone().retire("再次".into(), today).map_err(|problem| problem.rule),
            Err("ALREADY_RETIRED")
        );
        assert_eq!(retired.clone().revised(matter.clone(), EndField::LeftOut).retired_on, Some(today));
        // Only an input that states the retirement takes it back.
        assert_eq!(retired.revised(matter.clone(), EndField::Stated), matter);
    }
}
