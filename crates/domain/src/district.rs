//! Districts (区域): provinces, prefectures, county-level divisions and functional zones that can be
//! party to an agreement. Their codes, parents and what they administer are attributes with dates.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::code::DistrictCode;
use crate::id::Noun;
use crate::journal::RecordKind;
use crate::period::{Date, Period};
use crate::problem::{Message, Problem, ProblemCode};
use crate::provenance::Provenance;
use crate::reading::Reader;
use crate::record::Reference;
use crate::words::words;

words! {
    /// What a district is: stated, never deduced from its code.
    DistrictKind {
        Province = "PROVINCE", "省级", "province";
        Prefecture = "PREFECTURE", "地级", "prefecture";
        County = "COUNTY", "县级", "county-level division";
        FunctionalZone = "FUNCTIONAL_ZONE", "功能区", "functional zone";
    }
}

/// A district (区域).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct District {
    /// The code it is known by today; every other that it bears or bore is among `codes`.
    pub code: DistrictCode,
    pub name: Box<str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub english_name: Option<Box<str>>,
    pub kind: DistrictKind,
    /// Whom it stood under, and when. At most one at a time.
    #[serde(flatten, serialize_with = "write_parents")]
    pub parents: Vec<Tenure>,
    /// What a zone administers (托管): it counts as below the zone, whoever its parent is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub administers: Vec<Tenure>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<Box<str>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<DatedCode>,
    /// The day it came to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Date>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub retired: Option<Retirement>,
    #[serde(skip_serializing_if = "Provenance::is_unstated")]
    pub provenance: Provenance,
}

impl Noun for District {
    const KIND: RecordKind = RecordKind::District;
    const PREFIX: &'static str = "dis";
}

/// A relation to another district, for a time. Undated it is written as the bare code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tenure {
    pub district: DistrictCode,
    pub period: Period,
}

/// One undated parent is written as people write it; what has dates is a list.
fn write_parents<S: Serializer>(parents: &[Tenure], s: S) -> Result<S::Ok, S::Error> {
    let mut fields = s.serialize_map(None)?;
    match parents {
        [] => {}
        [only] if only.period == Period::ALWAYS => fields.serialize_entry("parent", &only.district)?,
        dated => fields.serialize_entry("parents", dated)?,
    }
    fields.end()
}

impl Serialize for Tenure {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Dated {
            district: DistrictCode,
            #[serde(flatten)]
            period: Period,
        }
        if self.period == Period::ALWAYS { self.district.serialize(s) } else { Dated { district: self.district, period: self.period }.serialize(s) }
    }
}

/// A code that a district bears or bore.
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

/// The end of a district: from that day on it exists no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Retirement {
    #[serde(rename = "retiredOn")]
    pub on: Date,
    /// One after a merge or a change of code; several after a split.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub successors: Vec<DistrictCode>,
}

/// The code scheme of a district code, by its form: last two digits 61 to 80 are the statistics
/// pseudo-codes of zones in practice.
pub fn scheme_of(code: DistrictCode, kind: DistrictKind) -> &'static str {
    match kind {
        _ if code.as_str().len() == 10 => "TONGBAN",
        DistrictKind::FunctionalZone => "NBS",
        DistrictKind::Province | DistrictKind::Prefecture | DistrictKind::County => "GB/T 2260",
    }
}

impl District {
    /// Reads what people fill in.
    pub fn read(r: &mut Reader<'_>) -> Option<Self> {
        let code = r.code("code");
        let name = r.line("name", 120).into();
        let english_name = r.optional_line("englishName", 200).map(Into::into);
        let kind = r.word("kind");
        let parent: Option<DistrictCode> = r.optional_code("parent");
        let mut parents = r.tenures("parents");
        parents.extend(parent.map(|district| Tenure { district, period: Period::ALWAYS }));
        for (i, tenure) in parents.iter().enumerate() {
            let overlaps = |other: &Tenure| !tenure.period.and(other.period).is_backwards();
            if parents[..i].iter().any(overlaps) {
                r.refuse(
                    ProblemCode::Invalid,
                    "parents",
                    "TWO_PARENTS",
                    Message::new("同一天有两个上级区域", "two parents on one day"),
                    Message::new("各段隶属时间不得重叠；parent 与 parents 只填其一", "let the periods not overlap; give either parent or parents"),
                );
                break;
            }
        }
        let administers = r.tenures("administers");
        let aliases = r.lines("aliases", 120).into_iter().map(Into::into).collect();
        let codes = r.objects("codes", DatedCode::read);
        let valid_from = r.date("validFrom");
        let retired_on = r.date("retiredOn");
        let successors = r.codes("successors");
        if retired_on.is_none() && !successors.is_empty() {
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
                Message::new("撤销日不晚于设立日", "it is retired before it came to be"),
                Message::new("撤销日应晚于 validFrom", "let retiredOn be after validFrom"),
            );
        }
        let provenance = Provenance::read(r);
        Some(Self {
            code: code?,
            name,
            english_name,
            kind: kind?,
            parents,
            administers,
            aliases,
            codes,
            valid_from,
            retired: retired_on.map(|on| Retirement { on, successors }),
            provenance,
        })
    }

    /// The district as it is revised: what people fill in is entered as a whole; its codes, its end and where it came
    /// from stay unless others are stated. Under a new parent from a day on, it stood under the old one until then.
    #[must_use]
    pub fn revised(self, details: Self, parent_from: Option<Date>) -> Self {
        let parents = match (details.parents.as_slice(), parent_from) {
            ([only], _) if only.period == Period::ALWAYS && self.parents.last().is_some_and(|last| last.district == only.district) => self.parents,
            ([only], Some(from)) if only.period == Period::ALWAYS => {
                let before = self.parents.into_iter().filter(|tenure| tenure.period.from.is_none_or(|began| began < from));
                let ended = before.map(|tenure| Tenure { period: tenure.period.and(Period::new(None, from.pred_opt())), ..tenure });
                ended.chain([Tenure { district: only.district, period: Period::new(Some(from), None) }]).collect()
            }
            _ => details.parents,
        };
        Self {
            parents,
            codes: if details.codes.is_empty() { self.codes } else { details.codes },
            retired: details.retired.or(self.retired),
            provenance: self.provenance.unless_stated(details.provenance),
            code: self.code,
            name: details.name,
            english_name: details.english_name,
            kind: details.kind,
            administers: details.administers,
            aliases: details.aliases,
            valid_from: details.valid_from,
        }
    }

    /// On no day a district stands below itself. `known` finds a district by any of its codes.
    pub fn check_parents<'a>(&self, known: impl Fn(DistrictCode) -> Option<&'a Self>) -> Result<(), Problem> {
        let mut ways: Vec<(Period, &Tenure, u32)> = self.parents.iter().map(|tenure| (tenure.period, tenure, 0)).collect();
        while let Some((days, tenure, steps)) = ways.pop() {
            let Some(parent) = known(tenure.district).filter(|_| !days.is_backwards()) else { continue };
            if parent.code == self.code {
                return Err(own_ancestor());
            }
            // Deeper than any real one: a knot of others.
            if steps < DEEPEST {
                ways.extend(parent.parents.iter().map(|tenure| (days.and(tenure.period), tenure, steps + 1)));
            }
        }
        Ok(())
    }

    /// Whom it stands under on a day.
    pub fn parent(&self, on: Date) -> Option<DistrictCode> {
        self.parents.iter().find(|tenure| tenure.period.includes(on)).map(|tenure| tenure.district)
    }

    /// Is it no more on that day?
    pub fn is_retired(&self, on: Date) -> bool {
        self.retired.as_ref().is_some_and(|retired| retired.on <= on)
    }

    pub fn successors(&self) -> &[DistrictCode] {
        self.retired.as_ref().map_or(&[], |retired| &retired.successors)
    }

    /// Every code that means this district, in a form that can be looked up.
    pub fn all_codes(&self) -> impl Iterator<Item = DistrictCode> {
        std::iter::once(self.code).chain(self.codes.iter().filter_map(|code| code.value.parse().ok()).filter(|code| *code != self.code))
    }

    /// The codes with their dates, the one it is known by among them.
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
            let path = if self.parents.len() == 1 && tenure.period == Period::ALWAYS { "parent".to_owned() } else { format!("parents.{i}.district") };
            references.push(Reference::district(path, tenure.district));
        }
        references.extend(self.administers.iter().enumerate().map(|(i, tenure)| Reference::district(format!("administers.{i}"), tenure.district)));
        references.extend(self.successors().iter().enumerate().map(|(i, code)| Reference::district(format!("successors.{i}"), *code)));
        references
    }
}

/// More steps than any line of parents has.
const DEEPEST: u32 = 32;

fn own_ancestor() -> Problem {
    let message = Message::new("该区域成了自己的上级", "the district stands below itself");
    Problem::new(ProblemCode::Invalid, vec!["parent".to_owned()], "OWN_ANCESTOR", message)
        .remedy("请更正上级区域，使隶属关系不成环", "correct the parents so that they form no circle")
}

impl Tenure {
    pub(crate) fn read(r: &mut Reader<'_>) -> Option<Self> {
        let district = r.code("district");
        let period = r.period("validFrom", "validTo");
        Some(Self { district: district?, period })
    }
}

impl DatedCode {
    fn read(r: &mut Reader<'_>) -> Self {
        let scheme = r.line("scheme", 40).into();
        let value = r.line("value", 40).into();
        let period = r.period("from", "to");
        Self { scheme, value, from: period.from, to: period.to }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn district(fields: &serde_json::Value) -> District {
        let mut problems = Vec::new();
        let district = crate::reading::read(fields, &mut problems, District::read).flatten().expect("it reads");
        assert_eq!(problems, []);
        district
    }

    #[test]
    fn no_district_stands_below_itself() {
        let under = |code: &str, parents: &serde_json::Value| {
            district(&serde_json::json!({ "code": code, "name": "某区", "kind": "COUNTY", "parents": parents }))
        };
        let [city, county] = [under("440100", &serde_json::json!([])), under("440115", &serde_json::json!(["440100"]))];
        let check = |district: &District| {
            let known = [city.clone(), county.clone()];
            district.check_parents(|code| known.iter().find(|known| known.code == code)).map_err(|problem| problem.rule)
        };
        assert_eq!(check(&county), Ok(()));
        assert_eq!(check(&under("440100", &serde_json::json!(["440115"]))), Err("OWN_ANCESTOR"));
        assert_eq!(check(&under("440100", &serde_json::json!(["440100"]))), Err("OWN_ANCESTOR"));
        // One after the other is no circle.
        let until = under("440115", &serde_json::json!([{ "district": "440100", "validTo": "2020-12-31" }]));
        let since = under("440100", &serde_json::json!([{ "district": "440115", "validFrom": "2021-01-01" }]));
        assert!(since.check_parents(|code| [&until].into_iter().find(|known| known.code == code)).is_ok());
    }

    #[test]
    fn under_a_new_parent_from_a_day_on_the_past_stays_true() {
        let held = district(&serde_json::json!({ "code": "370116", "name": "莱芜区", "kind": "COUNTY", "parent": "371200" }));
        let details = district(&serde_json::json!({ "code": "370116", "name": "莱芜区", "kind": "COUNTY", "parent": "370100" }));
        let day = |text: &str| text.parse::<Date>().expect("a day");
        let moved = held.clone().revised(details.clone(), Some(day("2019-01-09")));
        assert_eq!(moved.parent(day("2019-01-08")).map(|code| code.to_string()), Some("371200".to_owned()));
        assert_eq!(moved.parent(day("2019-01-09")).map(|code| code.to_string()), Some("370100".to_owned()));
        // Said again, it changes nothing; without a day it is a correction.
        assert_eq!(moved.clone().revised(details.clone(), None), moved);
        assert_eq!(held.revised(details.clone(), None).parents, details.parents);
    }
}
