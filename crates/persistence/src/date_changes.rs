//! Records changes that follow from the date alone, once a day.

use std::collections::BTreeSet;

use catalogue::{AgreementFilter, Snapshot};
use domain::{AgreementNumber, Change, DistrictCode, Scope};

use crate::error::Result;
use crate::head::Head;
use crate::store::Store;
use crate::work::context::WriteContext;

impl Store {
    /// Records date-driven changes since the last recorded day, up to and including today. Only one process records
    /// them. On the first run nothing is recorded for earlier days. The snapshot says which records to look at.
    pub async fn record_date_changes(&self, by: WriteContext, snapshot: &Snapshot) -> Result<Vec<Change>> {
        let today = by.today;
        if Head::read(self.reader()).await?.has_recorded_dates(today) {
            return Ok(Vec::new());
        }
        let mut work = self.begin(by).await?;
        if work.head().has_recorded_dates(today) {
            return Ok(Vec::new());
        }
        let Some(since) = work.head().dates_recorded_through.or_else(|| today.pred_opt()) else {
            return Ok(Vec::new());
        };
        let everything = AgreementFilter { on: today, ..AgreementFilter::default() };
        let listed = snapshot.list_agreements(&everything, &Scope::Steward);
        let mut numbers: BTreeSet<AgreementNumber> = listed
            .iter()
            .filter(|listed| !listed.item.date_changes(since, today).is_empty())
            .map(|listed| listed.code)
            .collect();
        numbers.extend(work.agreements_changed_since(snapshot.revision()).await?);
        let mut retired: BTreeSet<DistrictCode> =
            snapshot.districts_retired_between(since, today).map(|district| district.code).collect();
        retired.extend(work.districts_changed_since(snapshot.revision()).await?);
        for code in retired {
            work.record_retirement(code, since).await?;
        }
        let mut recorded = Vec::new();
        for number in numbers {
            let Some(agreement) = work.agreement(number).await? else { continue };
            recorded.extend(agreement.date_changes(since, today).into_iter().map(|(on, action)| (on, number, action)));
        }
        recorded.sort_unstable();
        for (day, number, action) in recorded {
            work.record_date_change(number, action, day).await?;
        }
        work.erase_feedback_phones().await?;
        work.set_dates_recorded_through(today);
        work.commit().await
    }
}
