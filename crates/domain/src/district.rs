//! Districts (区域): provinces, prefectures, county-level divisions and functional zones that can be party to an
//! agreement. Their codes, parents and administered districts have dates.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::code::DistrictCode;
use crate::district_code::{check_province, check_township};
use crate::id::RecordType;
use crate::kind::RecordKind;
use crate::period::{Date, Period};
use crate::problem::{Message, ProblemCode};
use crate::provenance::Provenance;
use crate::reading::Reader;
use crate::reference::Reference;
use crate::tenure::{self, Tenure};
use crate::words::words;

words! {
    /// The kind of a district: stated, never derived from its code.
    DistrictKind {
        Province = "PROVINCE", "省级", "province";
        Prefecture = "PREFECTURE", "地级", "prefecture";
        County = "COUNTY", "县级", "county-level division";
        Township = "TOWNSHIP", "乡级", "township-level division";
        FunctionalZone = "FUNCTIONAL_ZONE", "功能区", "functional zone";
    }
}

/// A district (区域).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct District {
    /// The current code. All other codes, current or former, are in `codes`.
    pub code: DistrictCode,
    pub name: Box<str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub english_name: Option<Box<str>>,
    pub kind: DistrictKind,
    /// Its parents over time; at most one on a day.
    #[serde(flatten, serialize_with = "write_parents")]
    pub parents: Vec<Tenure>,
    /// The districts that a zone administers (托管). They count as below the zone, whatever their parent is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub administers: Vec<Tenure>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<Box<str>>,
    /// Its people propose only drafts that its signatory has approved.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub requires_approval: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<DatedCode>,
    /// The service line for citizens (政务服务热线).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hotline: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub complaint_phone: Option<Box<str>>,
    /// The government service site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub portal: Option<Box<str>>,
    /// The day of its establishment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Date>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub retired: Option<Retirement>,
    #[serde(skip_serializing_if = "Provenance::is_unstated")]
    pub provenance: Provenance,
}

impl RecordType for District {
    const KIND: RecordKind = RecordKind::District;
    const PREFIX: &'static str = "dis";
}

/// Writes one undated parent as a code, and dated parents as a list.
fn write_parents<S: Serializer>(parents: &[Tenure], s: S) -> Result<S::Ok, S::Error> {
    let mut fields = s.serialize_map(None)?;
    match parents {
        [] => {}
        [only] if only.period == Period::ALWAYS => fields.serialize_entry("parent", &only.district)?,
        dated => fields.serialize_entry("parents", dated)?,
    }
    fields.end()
}

/// A current or former code of a district.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DatedCode {
    /// `GB/T 2260`, `NBS` for the statistics pseudo-codes, `TONGBAN` for codes given by this registry …
    pub scheme: Box<str>,
    pub value: Box<str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Date>,
}

/// The retirement of a district. From that day on it does not exist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Retirement {
    #[serde(rename = "retiredOn")]
    pub on: Date,
    /// One after a merge or a change of code; several after a split.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub successors: Vec<DistrictCode>,
}

/// How a revision states parents and retirement.
#[derive(Debug, Clone, Copy)]
pub struct Revising {
    pub today: Date,
    pub parents: ParentsStated,
    pub end: EndStated,
}

/// Since when the parents of a revision apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParentsStated {
    /// The parent is today's.
    Today,
    From(Date),
    /// All parents are given with their days, as a correction.
    WithDays,
}

/// How much a revision states of the retirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndStated {
    /// All of it: the day with the successors, or that there is no retirement.
    Whole,
    /// The day at most. Omitted parts stay.
    Day,
}

/// The code scheme of a district code, by its form and kind.
pub fn scheme_of(code: DistrictCode, kind: DistrictKind) -> &'static str {
    match kind {
        _ if code.as_str().len() == 10 => "TONGBAN",
        DistrictKind::FunctionalZone => "NBS",
        DistrictKind::Township => "GB/T 10114",
        DistrictKind::Province | DistrictKind::Prefecture | DistrictKind::County => "GB/T 2260",
    }
}

/// 北京市, 天津市, 上海市, 重庆市. The lack of a prefecture does not identify them: other provinces have counties
/// directly below them, too.
const MUNICIPALITIES: [&str; 4] = ["110000", "120000", "310000", "500000"];

impl District {
    /// Reads the form. If there are problems, the result is the district as far as it can be read.
    pub fn read(r: &mut Reader<'_>) -> Self {
        let code = r.code("code");
        let name = r.name("name", 120).into();
        let english_name = r.optional_line("englishName", 200).map(Into::into);
        let kind = r.word("kind");
        if kind == Some(DistrictKind::Province) {
            check_province(r, code);
        }
        let parent: Option<DistrictCode> = r.optional_code("parent");
        let mut parents = Tenure::read_list(r, "parents");
        parents.extend(parent.map(|district| Tenure { district, period: Period::ALWAYS }));
        for (i, tenure) in parents.iter().enumerate() {
            let overlaps = |other: &Tenure| !tenure.period.and(other.period).is_backwards();
            if parents[..i].iter().any(overlaps) {
                r.refuse(
                    ProblemCode::Invalid,
                    "parents",
                    "TWO_PARENTS",
                    Message::new("同一天有两个上级区域", "two parents on one day"),
                    Message::new(
                        "各段隶属时间不得重叠；parent 与 parents 只填其一",
                        "let the periods not overlap; give either parent or parents",
                    ),
                );
                break;
            }
        }
        if kind == Some(DistrictKind::Township) {
            check_township(r, code, parents.is_empty());
        }
        let administers = Tenure::read_list(r, "administers");
        let aliases = r.lines("aliases", 120).into_iter().map(Into::into).collect();
        let requires_approval = r.flag("requiresApproval");
        let codes = r.objects("codes", DatedCode::read);
        let hotline = r.phone("hotline").map(Into::into);
        let complaint_phone = r.phone("complaintPhone").map(Into::into);
        let portal = r.url("portal").map(Into::into);
        let valid_from = r.date("validFrom");
        let retired_on = r.date("retiredOn");
        let successors = r.codes("successors");
        if !r.has("retiredOn") && !successors.is_empty() {
            r.refuse(
                ProblemCode::Invalid,
                "successors",
                "SUCCESSORS_WITHOUT_RETIREMENT",
                Message::new("有承继区域但没有撤销日期", "there are successors but no day of retirement"),
                Message::new("请填写 retiredOn", "give retiredOn"),
            );
        }
        if let (Some(from), Some(on)) = (valid_from, retired_on)
            && on <= from
        {
            r.refuse(
                ProblemCode::Invalid,
                "retiredOn",
                "DATES_OUT_OF_ORDER",
                Message::new("撤销日不晚于设立日", "the day of retirement is not after the day of establishment"),
                Message::new("撤销日应晚于 validFrom", "let retiredOn be after validFrom"),
            );
        }
        let provenance = Provenance::read(r);
        Self {
            code: code.unwrap_or(DistrictCode::UNREAD),
            name,
            english_name,
            kind: kind.unwrap_or(DistrictKind::County),
            parents,
            administers,
            aliases,
            requires_approval,
            codes,
            hotline,
            complaint_phone,
            portal,
            valid_from,
            // Successors are checked even if the day is missing.
            retired: retired_on
                .or((!successors.is_empty()).then_some(Date::MAX))
                .map(|on| Retirement { on, successors }),
            provenance,
        }
    }

    /// The revised district: all fields of the form are replaced; codes, retirement and provenance stay unless stated.
    /// Parents and administered districts change from a day on, and their past is kept.
    #[must_use]
    pub fn revised(self, details: Self, revising: &Revising) -> Self {
        let today = revising.today;
        let parent = details.parents.first().map(|tenure| tenure.district);
        let parents = match revising.parents {
            ParentsStated::Today => tenure::moved_today(&self.parents, parent, today),
            ParentsStated::From(day) => tenure::moved(&self.parents, parent, day),
            ParentsStated::WithDays => details.parents,
        };
        let retired = match (details.retired, revising.end) {
            (Some(stated), EndStated::Day) => {
                let successors = self.retired.map_or_else(Vec::new, |retired| retired.successors);
                Some(Retirement { successors, ..stated })
            }
            (stated, EndStated::Whole) => stated,
            (None, EndStated::Day) => self.retired,
        };
        Self {
            parents,
            codes: if details.codes.is_empty() { self.codes } else { details.codes },
            retired,
            provenance: self.provenance.unless_stated(details.provenance),
            code: self.code,
            name: details.name,
            english_name: details.english_name,
            kind: details.kind,
            administers: tenure::continued(&self.administers, &details.administers, today),
            aliases: details.aliases,
            requires_approval: details.requires_approval,
            hotline: details.hotline,
            complaint_phone: details.complaint_phone,
            portal: details.portal,
            valid_from: details.valid_from,
        }
    }

    /// Its parent on a day.
    pub fn parent(&self, on: Date) -> Option<DistrictCode> {
        self.parents.iter().find(|tenure| tenure.period.includes(on)).map(|tenure| tenure.district)
    }

    /// Whether it is a municipality directly under the central government (直辖市), which has no prefectures below it.
    pub fn is_municipality(&self) -> bool {
        self.kind == DistrictKind::Province && MUNICIPALITIES.contains(&self.code.as_str())
    }

    /// Whether it is retired on the day.
    pub fn is_retired(&self, on: Date) -> bool {
        self.retired.as_ref().is_some_and(|retired| retired.on <= on)
    }

    pub fn successors(&self) -> &[DistrictCode] {
        self.retired.as_ref().map_or(&[], |retired| &retired.successors)
    }

    /// All its codes that can be looked up, current and former.
    pub fn all_codes(&self) -> impl Iterator<Item = DistrictCode> {
        std::iter::once(self.code)
            .chain(self.codes.iter().filter_map(|code| code.value.parse().ok()).filter(|code| *code != self.code))
    }

    /// All its codes with their dates, the current one included.
    pub fn dated_codes(&self) -> Vec<DatedCode> {
        let mut codes = self.codes.clone();
        if !codes.iter().any(|code| *code.value == *self.code.as_str()) {
            let scheme = scheme_of(self.code, self.kind).into();
            codes.insert(0, DatedCode { scheme, value: self.code.as_str().into(), from: self.valid_from, to: None });
        }
        codes
    }

    pub fn references(&self) -> Vec<Reference> {
        let mut references = Vec::new();
        for (i, tenure) in self.parents.iter().enumerate() {
            // One undated parent is written as `parent`.
            let path = if self.parents.len() == 1 && tenure.period == Period::ALWAYS {
                "parent".to_owned()
            } else {
                format!("parents.{i}.district")
            };
            references.push(Reference::district(path, tenure.district));
        }
        references.extend(
            self.administers
                .iter()
                .enumerate()
                .map(|(i, tenure)| Reference::district(format!("administers.{i}"), tenure.district)),
        );
        references.extend(
            self.successors().iter().enumerate().map(|(i, code)| Reference::district(format!("successors.{i}"), *code)),
        );
        references
    }
}

impl DatedCode {
    fn read(r: &mut Reader<'_>) -> Self {
        let scheme = r.line("scheme", 40).into();
        let value = r.number_text("value", 40).into();
        let period = r.period("from", "to");
        Self { scheme, value, from: period.from, to: period.to }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn district(fields: &serde_json::Value) -> District {
        let mut problems = Vec::new();
        let district = crate::reading::read(fields, &mut problems, District::read).expect("it reads");
        assert_eq!(problems, []);
        district
    }

    #[test]
    fn a_revision_keeps_the_past() {
        let read = |fields: &str| district(&serde_json::from_str(fields).expect("an object"));
        let held = read(
            r#"{ "code": "130600-Z01", "name": "雄安", "kind": "FUNCTIONAL_ZONE", "parent": "130600", "retiredOn": "2030-01-01", "successors": ["130000"],
                 "administers": [{ "district": "130629", "validFrom": "2024-06-01" }, { "district": "130632", "validTo": "2024-12-31" }, "130638"] }"#,
        );
        let details = |fields: &str| {
            read(&format!(r#"{{ "code": "130600-Z01", "name": "河北雄安新区", "kind": "FUNCTIONAL_ZONE" {fields} }}"#))
        };
        let today = "2026-10-01".parse::<Date>().expect("a day");
        let as_today = Revising { today, parents: ParentsStated::Today, end: EndStated::Day };
        // Another name, with parent and administered districts as they are today.
        let renamed =
            held.clone().revised(details(r#", "parent": "130600", "administers": ["130629", "130638"]"#), &as_today);
        assert_eq!(renamed, District { name: "河北雄安新区".into(), ..held.clone() });
        // Omitted, they ended yesterday.
        let bare = held.clone().revised(details(""), &as_today);
        let yesterday = today.pred_opt().expect("a day");
        let ends = bare.parents.iter().chain(&bare.administers).map(|tenure| tenure.period.to).collect::<Vec<_>>();
        assert_eq!(ends, [Some(yesterday), Some(yesterday), "2024-12-31".parse().ok(), Some(yesterday)]);
        assert_eq!(bare.administers[0].period.from, held.administers[0].period.from);
        // Dated parents are a correction.
        let dated = Revising { parents: ParentsStated::WithDays, ..as_today };
        let corrected = held
            .clone()
            .revised(details(r#", "parents": [{ "district": "130000", "validFrom": "2017-04-01" }]"#), &dated);
        assert_eq!(corrected.parent(yesterday).map(|code| code.to_string()).as_deref(), Some("130000"));
        // Another day keeps the successors; a whole retirement may be taken back.
        let later = held.clone().revised(details(r#", "retiredOn": "2031-01-01""#), &as_today);
        assert_eq!(
            (later.successors(), later.is_retired("2030-06-01".parse().expect("a day"))),
            (held.successors(), false)
        );
        assert_eq!(held.revised(details(""), &Revising { end: EndStated::Whole, ..as_today }).retired, None);
    }

    #[test]
    fn the_whole_country_is_no_province() {
        let mut problems = Vec::new();
        let country = serde_json::json!({ "code": "000000", "name": "全国", "kind": "PROVINCE" });
        crate::reading::read(&country, &mut problems, District::read);
        assert_eq!(problems.iter().map(|problem| problem.rule).collect::<Vec<_>>(), ["NO_PROVINCE"]);
    }
}
