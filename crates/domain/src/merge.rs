//! Merges an imported line into the stored record. A field that the line omits is cleared, with three exceptions that
//! stay until a line states them: the act that ended the record, and the dated parents and administered districts of a
//! district.

use crate::district::District;
use crate::matter::Matter;
use crate::offering::Offering;
use crate::period::{Date, Period};
use crate::reading::EndField;
use crate::record::Record;
use crate::tenure::Tenure;
use crate::window::Window;

impl Record {
    /// The record that results when this one, read from a line, is merged into the stored one.
    #[must_use]
    pub fn over(self, held: Self, end: EndField) -> Self {
        match (self, held) {
            (Self::District(line), Self::District(held)) => Self::District(line.over(held, end)),
            (Self::Matter(line), Self::Matter(held)) => Self::Matter(line.over(held, end)),
            (Self::Offering(line), Self::Offering(held)) => Self::Offering(Box::new(line.over(*held, end))),
            (Self::Window(line), Self::Window(held)) => Self::Window(line.over(held, end)),
            (line, _) => line,
        }
    }
}

impl District {
    /// The district that results when this one, read from a line, is merged into the stored one.
    #[must_use]
    pub fn over(self, held: Self, end: EndField) -> Self {
        Self {
            retired: if end == EndField::Stated { self.retired } else { held.retired },
            parents: parents(self.parents, held.parents),
            administers: administered(&self.administers, &held.administers),
            ..self
        }
    }
}

impl Matter {
    fn over(self, held: Self, end: EndField) -> Self {
        match end {
            EndField::Stated => self,
            EndField::LeftOut => Self {
                retired_on: held.retired_on,
                retired_reason: self.retired_reason.or(held.retired_reason),
                ..self
            },
        }
    }
}

impl Offering {
    fn over(self, held: Self, end: EndField) -> Self {
        match end {
            EndField::Stated => self,
            EndField::LeftOut => {
                Self { withdrawn_on: held.withdrawn_on, withdrawn_reason: held.withdrawn_reason, ..self }
            }
        }
    }
}

impl Window {
    fn over(self, held: Self, end: EndField) -> Self {
        match end {
            EndField::Stated => self,
            EndField::LeftOut => Self { closed_on: held.closed_on, closed_reason: held.closed_reason, ..self },
        }
    }
}

fn is_dated(tenure: &Tenure) -> bool {
    !tenure.is_undated()
}

fn names(list: &[Tenure], tenure: &Tenure) -> bool {
    list.iter().any(|named| named.district == tenure.district)
}

/// Merges parents. A line with one undated parent corrects the current parent and does not undo a move; dated parents
/// replace the stored parents on their days.
fn parents(line: Vec<Tenure>, held: Vec<Tenure>) -> Vec<Tenure> {
    if !held.iter().any(is_dated) {
        return line;
    }
    match line.as_slice() {
        [] => held,
        [only] if !is_dated(only) && names(&held, only) => held,
        [only] if !is_dated(only) => {
            let (mut ended, running): (Vec<_>, Vec<_>) =
                held.into_iter().partition(|tenure| tenure.period.to.is_some());
            let after = |last: Date| last.succ_opt();
            let began = running.first().map_or_else(
                || ended.iter().filter_map(|tenure| tenure.period.to).max().and_then(after),
                |it| it.period.from,
            );
            ended.push(Tenure { district: only.district, period: Period::new(began, None) });
            ended
        }
        dated => {
            let others = held.iter().filter(|tenure| is_dated(tenure) && !names(dated, tenure));
            let kept: Vec<Tenure> = others.flat_map(|tenure| outside(*tenure, dated)).collect();
            if kept.is_empty() {
                return line;
            }
            let mut all = [dated, &kept].concat();
            all.sort_by_key(|tenure| tenure.period.from);
            all
        }
    }
}

/// The days of a tenure that none of the others covers.
fn outside(tenure: Tenure, others: &[Tenure]) -> Vec<Tenure> {
    let mut left = vec![tenure.period];
    for other in others {
        let before = other.period.from.map(|from| Period::new(None, from.pred_opt()));
        let after = other.period.to.map(|to| Period::new(to.succ_opt(), None));
        let around: Vec<Period> = before.into_iter().chain(after).collect();
        left = left
            .iter()
            .flat_map(|days| around.iter().map(|around| days.and(*around)))
            .filter(|days| !days.is_backwards())
            .collect();
    }
    left.into_iter().map(|period| Tenure { period, ..tenure }).collect()
}

/// Merges the districts that a zone administers. A stored dated tenure stays if the line omits it or names it without
/// days.
fn administered(line: &[Tenure], held: &[Tenure]) -> Vec<Tenure> {
    let mut all: Vec<Tenure> = held
        .iter()
        .copied()
        .filter(|tenure| is_dated(tenure) && !line.iter().any(|it| it.district == tenure.district && is_dated(it)))
        .collect();
    let stated: Vec<Tenure> = line.iter().copied().filter(|tenure| is_dated(tenure) || !names(&all, tenure)).collect();
    all.extend(stated);
    // Keep the stored order.
    let place = |tenure: &Tenure| {
        held.iter()
            .position(|other| other == tenure)
            .or_else(|| held.iter().position(|other| other.district == tenure.district))
    };
    all.sort_by_key(|tenure| place(tenure).unwrap_or(usize::MAX));
    all
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn record(line: &Value) -> Record {
        Record::from_line(&line.to_string()).expect("it reads")
    }

    /// Merges a line into a stored record.
    fn over(line: &Value, held: &Value) -> Record {
        record(line).over(record(held), EndField::of(line))
    }

    #[test]
    fn the_end_of_a_record_stays_until_a_line_states_it() {
        let plain = [
            json!({ "type": "matter", "code": "000109001000", "name": "换领", "domain": "PUBLIC_SECURITY" }),
            json!({ "type": "offering", "district": "310112", "matter": "000109001000", "visits": 1, "validTo": "2030-12-31" }),
            json!({ "type": "window", "district": "310112", "name": "窗", "address": "一楼", "validTo": "2030-12-31" }),
            json!({ "type": "district", "code": "370202", "name": "市南区", "kind": "COUNTY" }),
        ];
        let ends = [
            json!({ "retiredOn": "2026-11-01", "retiredReason": "并入" }),
            json!({ "withdrawnOn": "2026-11-01", "withdrawnReason": "停办" }),
            json!({ "closedOn": "2026-11-01", "closedReason": "装修" }),
            json!({ "retiredOn": "2026-11-01", "successors": ["370203"] }),
        ];
        for (plain, end) in plain.iter().zip(ends) {
            let with = |more: &Value| {
                let mut line = plain.clone();
                line.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
                line
            };
            let ended = with(&end);
            assert_eq!(over(plain, &ended), record(&ended));
            assert_eq!(over(&ended, plain), record(&ended));
            let day = end.as_object().expect("an object").keys().find(|key| key.ends_with("On")).expect("a day");
            assert_eq!(over(&with(&json!({ day: null })), &ended), record(plain), "null takes it back");
            let later = with(&json!({ day: "2026-12-01" }));
            assert_eq!(over(&later, &ended), record(&later));
        }
    }

    #[test]
    fn of_a_planned_end_and_an_act_the_earlier_applies() {
        let day = |text: &str| text.parse::<Date>().expect("a day");
        let offering = |more: &Value| {
            let mut line = json!({ "type": "offering", "district": "310112", "matter": "000109001000", "visits": 1 });
            line.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
            match record(&line) {
                Record::Offering(offering) => *offering,
                other => panic!("{other:?}"),
            }
        };
        let last = |more: &Value| offering(more).published().to;
        assert_eq!(last(&json!({ "validTo": "2026-12-31", "withdrawnOn": "2026-11-01" })), Some(day("2026-10-31")));
        assert_eq!(last(&json!({ "validTo": "2026-10-01", "withdrawnOn": "2026-11-01" })), Some(day("2026-10-01")));
        assert_eq!(last(&json!({ "validTo": "2026-10-01" })), Some(day("2026-10-01")));
        // The format of earlier releases.
        let earlier =
            offering(&json!({ "validFrom": "2026-11-01", "validTo": "2026-10-31", "withdrawnReason": "停办" }));
        assert_eq!(
            (earlier.withdrawn_on, earlier.period.to, earlier.published().to),
            (Some(day("2026-11-01")), None, Some(day("2026-10-31")))
        );
        assert_eq!(last(&json!({ "withdrawnOn": "0000-01-01" })), Some(day("0000-01-01")));
    }

    #[test]
    fn dated_parents_and_administered_districts_stay_until_a_line_dates_them() {
        let zone = |more: &Value| {
            let mut line =
                json!({ "type": "district", "code": "130600-Z01", "name": "雄安", "kind": "FUNCTIONAL_ZONE" });
            line.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
            line
        };
        let held = zone(&json!({
            "parents": [{ "district": "130600", "validTo": "2020-12-31" }, { "district": "130000", "validFrom": "2021-01-01" }],
            "administers": [{ "district": "130629", "validFrom": "2024-06-01" }, { "district": "130632", "validTo": "2024-12-31" }, "130638"],
        }));
        let same = record(&held);
        for unchanged in [
            json!({ "parent": "130600", "administers": ["130629", "130638"] }),
            json!({ "parent": "130000", "administers": ["130638", "130632", "130629"] }),
            json!({ "administers": ["130638"] }),
        ] {
            assert_eq!(over(&zone(&unchanged), &held), same, "{unchanged}");
        }
        let Record::District(moved) = over(&zone(&json!({ "parent": "130700", "administers": [] })), &held) else {
            panic!("a district")
        };
        let written = |tenures: &[Tenure]| {
            tenures
                .iter()
                .map(|it| format!("{} {:?} {:?}", it.district, it.period.from, it.period.to))
                .collect::<Vec<_>>()
        };
        assert_eq!(written(&moved.parents), ["130600 None Some(2020-12-31)", "130700 Some(2021-01-01) None"]);
        assert_eq!(written(&moved.administers), ["130629 Some(2024-06-01) None", "130632 None Some(2024-12-31)"]);
        let line = zone(&json!({
            "parents": [{ "district": "130700", "validFrom": "2020-01-01", "validTo": "2022-12-31" }],
            "administers": [{ "district": "130629", "validFrom": "2024-07-01" }],
        }));
        let Record::District(dated) = over(&line, &held) else { panic!("a district") };
        assert_eq!(
            written(&dated.parents),
            [
                "130600 None Some(2019-12-31)",
                "130700 Some(2020-01-01) Some(2022-12-31)",
                "130000 Some(2023-01-01) None"
            ]
        );
        assert_eq!(written(&dated.administers), ["130629 Some(2024-07-01) None", "130632 None Some(2024-12-31)"]);
        // Without stored dates the line replaces everything.
        assert_eq!(
            over(&zone(&json!({})), &zone(&json!({ "parent": "130600", "administers": ["130638"] }))),
            record(&zone(&json!({})))
        );
    }
}
