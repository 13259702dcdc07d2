//! Offerings in the catalogue. There are millions of them, so each is a packed entry; the body is in the database.

use chrono::Datelike as _;
use domain::{Date, Id, Offering, Period, Recorded, Revision};

use crate::handle::Handle;

/// The fields of an offering that answers, sorting and findings need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfferingBrief {
    pub id: Id<Offering>,
    /// The newest change of the offering. Its body is fetched by id and revision.
    pub revision: Revision,
    /// The number of days it takes, for sorting routes.
    pub days: Option<u32>,
    pub visits: u32,
    pub has_url: bool,
    pub has_invalid_code: bool,
    pub verified_on: Option<Date>,
    /// The days on which it is published.
    pub period: Period,
}

impl OfferingBrief {
    /// Extracts the fields that the catalogue holds.
    pub fn of(offering: &Recorded<Offering>) -> Self {
        Self {
            id: offering.id,
            revision: offering.revision,
            days: offering.days(),
            visits: offering.visits,
            has_url: offering.url.is_some(),
            has_invalid_code: offering.has_invalid_code(),
            verified_on: offering.verified_on,
            period: offering.published(),
        }
    }
}

/// An offering packed in 31 bytes. Zero means absent, so values that may be zero are stored plus one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OfferingEntry {
    id: Small<6>,
    revision: Small<6>,
    district: Small<3>,
    matter: Small<3>,
    verified_on: Small<3>,
    from: Small<3>,
    to: Small<3>,
    days: Small<2>,
    visits: Small<1>,
    flags: u8,
}

const HAS_URL: u8 = 1;

const HAS_INVALID_CODE: u8 = 2;

/// A number in a fixed number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Small<const BYTES: usize>([u8; BYTES]);

impl<const BYTES: usize> Small<BYTES> {
    fn new(number: u64) -> Option<Self> {
        let (kept, rest) =
            number.to_le_bytes().split_first_chunk().map(|(kept, rest)| (*kept, rest.iter().all(|byte| *byte == 0)))?;
        rest.then_some(Self(kept))
    }

    fn get(self) -> u64 {
        let mut bytes = [0; 8];
        bytes[..BYTES].copy_from_slice(&self.0);
        u64::from_le_bytes(bytes)
    }

    fn of_date(date: Option<Date>) -> Option<Self> {
        Self::new(
            date.map_or(Some(0), |date| {
                u64::try_from(date.num_days_from_ce() + YEAR_ZERO).ok().filter(|day| *day > 0)
            })?,
        )
    }

    fn date(self) -> Option<Date> {
        let day = i32::try_from(self.get()).ok().filter(|day| *day > 0)?;
        Date::from_num_days_from_ce_opt(day - YEAR_ZERO)
    }
}

/// Offset of the days, so that the first day of year 0 is 1.
const YEAR_ZERO: i32 = 366;

impl OfferingEntry {
    /// `None`: a number does not fit.
    pub(crate) fn new(district: Handle, matter: Option<Handle>, brief: &OfferingBrief) -> Option<Self> {
        let OfferingBrief { id, revision, days, visits, has_url, has_invalid_code, verified_on, period } = *brief;
        let one_more = |number: Option<u32>| number.map_or(0, |number| u64::from(number) + 1);
        Some(Self {
            id: Small::new(id.number())?,
            revision: Small::new(revision)?,
            district: Small::new(district.into())?,
            matter: Small::new(one_more(matter))?,
            verified_on: Small::of_date(verified_on)?,
            from: Small::of_date(period.from)?,
            to: Small::of_date(period.to)?,
            days: Small::new(one_more(days))?,
            visits: Small::new(visits.into())?,
            flags: if has_url { HAS_URL } else { 0 } | if has_invalid_code { HAS_INVALID_CODE } else { 0 },
        })
    }

    pub(crate) fn id(&self) -> Id<Offering> {
        Id::new(self.id.get())
    }

    pub(crate) fn district(&self) -> Handle {
        self.district.get() as Handle
    }

    pub(crate) fn matter(&self) -> Option<Handle> {
        (self.matter.get() as Handle).checked_sub(1)
    }

    pub(crate) fn period(&self) -> Period {
        Period::new(self.from.date(), self.to.date())
    }

    /// Whether it is published on every day.
    pub(crate) fn is_undated(&self) -> bool {
        self.from.get() == 0 && self.to.get() == 0
    }

    pub(crate) fn brief(&self) -> OfferingBrief {
        OfferingBrief {
            id: self.id(),
            revision: self.revision.get(),
            days: (self.days.get() as u32).checked_sub(1),
            visits: self.visits.get() as u32,
            has_url: self.flags & HAS_URL != 0,
            has_invalid_code: self.flags & HAS_INVALID_CODE != 0,
            verified_on: self.verified_on.date(),
            period: self.period(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn date() -> impl Strategy<Value = Option<Date>> {
        prop::option::of((0..3_652_424i32).prop_map(|day| {
            Date::from_num_days_from_ce_opt(day - YEAR_ZERO + 1).expect("a day of the years 0 to 9999")
        }))
    }

    proptest! {
        #[test]
        fn a_packed_offering_reads_back(
            (id, revision) in (1u64..1 << 48, 1u64..1 << 48), (days, visits) in (prop::option::of(0u32..=3_660), 0u32..=99),
            (has_url, has_invalid_code) in (any::<bool>(), any::<bool>()), verified_on in date(), from in date(), to in date(),
            district in 0u32..1 << 24, matter in prop::option::of(0u32..(1 << 24) - 1),
        ) {
            let brief = OfferingBrief { id: Id::new(id), revision, days, visits, has_url, has_invalid_code, verified_on, period: Period::new(from, to) };
            let entry = OfferingEntry::new(district, matter, &brief).expect("there is room");
            prop_assert_eq!((entry.district(), entry.matter(), entry.id()), (district, matter, brief.id));
            prop_assert_eq!(entry.is_undated(), brief.period == Period::ALWAYS);
            prop_assert_eq!(entry.brief(), brief);
        }
    }

    #[test]
    fn an_offering_takes_31_bytes() {
        assert_eq!(size_of::<OfferingEntry>(), 31);
    }
}
