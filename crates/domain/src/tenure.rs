//! Dated relations between districts: parents and administered districts. A change applies from its day on, and the
//! past is kept.

use serde::{Serialize, Serializer};

use crate::code::DistrictCode;
use crate::period::{Date, Period};
use crate::reading::Reader;

/// A relation to another district for a period. An undated one is written as the bare code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tenure {
    pub district: DistrictCode,
    pub period: Period,
}

impl Serialize for Tenure {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Dated {
            district: DistrictCode,
            #[serde(flatten)]
            period: Period,
        }
        if self.is_undated() {
            self.district.serialize(s)
        } else {
            Dated { district: self.district, period: self.period }.serialize(s)
        }
    }
}

impl Tenure {
    pub(crate) fn read(r: &mut Reader<'_>) -> Self {
        let district = r.code("district").unwrap_or(DistrictCode::UNREAD);
        Self { district, period: r.period("validFrom", "validTo") }
    }

    /// Reads a list of tenures: each a bare code, or an object with dates.
    pub fn read_list(r: &mut Reader<'_>, field: &'static str) -> Vec<Self> {
        r.codes_or_objects(
            field,
            |district| Self { district: district.unwrap_or(DistrictCode::UNREAD), period: Period::ALWAYS },
            Self::read,
        )
    }

    pub fn is_undated(&self) -> bool {
        self.period == Period::ALWAYS
    }

    /// The part within some days, if there is any.
    fn within(self, days: Period) -> Option<Self> {
        let period = self.period.and(days);
        (!period.is_backwards()).then_some(Self { period, ..self })
    }
}

/// Merges a list that describes `today` into the stored tenures:
/// - an undated entry continues the stored tenure, or begins today;
/// - a stored tenure of today that the list omits ended yesterday;
/// - a dated entry replaces the stored tenures of that district on its days; a missing first day is the stored one, else today;
/// - past and planned tenures stay unless a dated entry replaces them.
pub fn continued(held: &[Tenure], list: &[Tenure], today: Date) -> Vec<Tenure> {
    let dated: Vec<Tenure> =
        list.iter().filter(|stated| !stated.is_undated()).map(|stated| begun(*stated, held, today)).collect();
    let is_replaced = |tenure: &&Tenure| {
        !dated.iter().any(|stated| stated.district == tenure.district && stated.within(tenure.period).is_some())
    };
    let mut kept: Vec<Tenure> = Vec::new();
    for tenure in held.iter().filter(is_replaced) {
        let is_named = list.iter().any(|stated| stated.district == tenure.district);
        let is_over = !is_named && tenure.period.includes(today);
        kept.extend(if is_over { tenure.within(Period::new(None, today.pred_opt())) } else { Some(*tenure) });
    }
    for stated in list.iter().filter(|stated| stated.is_undated()) {
        let own = || kept.iter().chain(&dated).filter(|tenure| tenure.district == stated.district);
        if !own().any(|tenure| tenure.period.includes(today)) {
            let planned = own().filter_map(|tenure| tenure.period.from).filter(|from| today < *from).min();
            kept.push(Tenure { period: Period::new(Some(today), planned.and_then(|from| from.pred_opt())), ..*stated });
        }
    }
    kept.extend(dated);
    merged(kept)
}

/// Fills in a missing first day: the stored one, else today.
fn begun(stated: Tenure, held: &[Tenure], today: Date) -> Tenure {
    if stated.period.from.is_some() {
        return stated;
    }
    let own =
        || held.iter().filter(|tenure| tenure.district == stated.district && stated.within(tenure.period).is_some());
    let from = match own().find(|tenure| tenure.period.includes(today)).or_else(|| own().next_back()) {
        Some(tenure) => tenure.period.from,
        None => Some(today).filter(|today| stated.period.includes(*today)),
    };
    Tenure { period: Period::new(from, stated.period.to), ..stated }
}

/// The parents after a move to `parent` from a day on. Earlier days stay.
pub fn moved(held: &[Tenure], parent: Option<DistrictCode>, from: Date) -> Vec<Tenure> {
    let before = held.iter().filter_map(|tenure| tenure.within(Period::new(None, from.pred_opt())));
    let after = parent.map(|district| Tenure { district, period: Period::new(Some(from), None) });
    merged(before.chain(after).collect())
}

/// The parents after a move without a stated day: a new parent applies from today on, up to the next planned change.
pub fn moved_today(held: &[Tenure], parent: Option<DistrictCode>, today: Date) -> Vec<Tenure> {
    let now = held.iter().find(|tenure| tenure.period.includes(today)).map(|tenure| tenure.district);
    if now == parent {
        return held.to_vec();
    }
    let planned = |tenure: &&Tenure| tenure.period.begins_after(today);
    let until = held.iter().filter(planned).filter_map(|tenure| tenure.period.from?.pred_opt()).min();
    let mut all = moved(held, parent, today);
    if let Some(until) = until {
        all = all.into_iter().filter_map(|tenure| tenure.within(Period::new(None, Some(until)))).collect();
    }
    all.extend(held.iter().filter(planned));
    merged(all)
}

/// Joins adjacent tenures of one district.
fn merged(tenures: Vec<Tenure>) -> Vec<Tenure> {
    let mut merged: Vec<Tenure> = Vec::new();
    for tenure in tenures {
        match merged.iter_mut().find(|other| other.district == tenure.district && touch(other.period, tenure.period)) {
            Some(other) => other.period = around(other.period, tenure.period),
            None => merged.push(tenure),
        }
    }
    merged
}

fn touch(a: Period, b: Period) -> bool {
    let reaches = |a: Period, b: Period| {
        a.to.is_none_or(|to| b.from.is_none_or(|from| to.succ_opt().is_none_or(|after| from <= after)))
    };
    reaches(a, b) && reaches(b, a)
}

fn around(a: Period, b: Period) -> Period {
    Period::new(a.from.zip(b.from).map(|(a, b)| a.min(b)), a.to.zip(b.to).map(|(a, b)| a.max(b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().expect("a day")
    }

    /// `130629 2024-06-01..2024-12-31`; a missing end is open.
    fn tenures(texts: &[&str]) -> Vec<Tenure> {
        let tenure = |text: &&str| {
            let (district, days) = text.split_once(' ').unwrap_or((text, ".."));
            let (from, to) = days.split_once("..").expect("two ends");
            let end = |text: &str| (!text.is_empty()).then(|| day(text));
            Tenure { district: district.parse().expect("a code"), period: Period::new(end(from), end(to)) }
        };
        texts.iter().map(tenure).collect()
    }

    #[test]
    fn an_undated_list_keeps_the_past() {
        let today = day("2026-10-01");
        let held = tenures(&["130629 2024-06-01..", "130632 ..2024-12-31", "130638"]);
        let after = |list: &[&str]| continued(&held, &tenures(list), today);
        assert_eq!(after(&["130629", "130638"]), held);
        assert_eq!(after(&["130629"]), tenures(&["130629 2024-06-01..", "130632 ..2024-12-31", "130638 ..2026-09-30"]));
        assert_eq!(
            after(&[]),
            tenures(&["130629 2024-06-01..2026-09-30", "130632 ..2024-12-31", "130638 ..2026-09-30"])
        );
        let again = tenures(&["130629 2024-06-01..", "130632 ..2024-12-31", "130638", "130632 2026-10-01.."]);
        assert_eq!(after(&["130629", "130638", "130632"]), again);
        // A change that is taken back on the same day leaves no trace.
        let ended = after(&["130629"]);
        assert_eq!(continued(&ended, &tenures(&["130629", "130638"]), today), held);
        assert_eq!(continued(&again, &tenures(&["130629", "130638"]), today), held);
    }

    #[test]
    fn a_dated_entry_replaces_the_stored_tenures_on_its_days() {
        let today = day("2026-10-01");
        let held = tenures(&["130629 2024-06-01..", "130629 2010-01-01..2012-12-31", "130638 2027-01-01.."]);
        let after = |list: &[&str]| continued(&held, &tenures(list), today);
        let first = "130629 2010-01-01..2012-12-31";
        // A planned end and another first day; a planned tenure stays.
        assert_eq!(
            after(&["130629 ..2026-12-31"]),
            tenures(&[first, "130638 2027-01-01..", "130629 2024-06-01..2026-12-31"])
        );
        assert_eq!(after(&["130629 2024-07-01.."]), tenures(&[first, "130638 2027-01-01..", "130629 2024-07-01.."]));
        assert_eq!(after(&["130629", "130632 ..2027-12-31"])[3..], tenures(&["130632 2026-10-01..2027-12-31"]));
        // An undated entry starts a planned tenure today.
        assert_eq!(after(&["130629", "130638"])[2..], tenures(&["130638 2026-10-01.."]));
    }

    #[test]
    fn a_move_applies_from_its_day_on() {
        let (today, old, new) = (day("2026-10-01"), "371200".parse().ok(), "370100".parse().ok());
        let held = tenures(&["371200"]);
        let expected = tenures(&["371200 ..2019-01-08", "370100 2019-01-09.."]);
        assert_eq!(moved(&held, new, day("2019-01-09")), expected);
        assert_eq!(moved(&expected, new, day("2019-01-09")), expected);
        assert_eq!(moved(&held, old, day("2019-01-09")), held);
        assert_eq!(moved_today(&expected, new, today), expected);
        assert_eq!(moved_today(&held, new, today), tenures(&["371200 ..2026-09-30", "370100 2026-10-01.."]));
        assert_eq!(moved_today(&held, None, today), tenures(&["371200 ..2026-09-30"]));
        // A planned move stays planned.
        let planned = moved(&held, new, day("2027-01-01"));
        assert_eq!(moved_today(&planned, old, today), planned);
        let between = tenures(&["371200 ..2026-09-30", "370200 2026-10-01..2026-12-31", "370100 2027-01-01.."]);
        assert_eq!(moved_today(&planned, "370200".parse().ok(), today), between);
    }
}
