//! The offerings and windows of a district for cross-district applicants.

use std::cell::OnceCell;
use std::sync::Arc;

use domain::{Date, HandlingMode, Window};

use crate::bits::Bits;
use crate::handle::{Handle, Kept};
use crate::offering_entry::OfferingEntry;
use crate::snapshot::Snapshot;

/// The offerings and windows of a district for cross-district applicants.
#[derive(Debug)]
pub(super) struct Readiness {
    pub(super) published: Arc<Bits>,
    /// Matters with a published offering that needs a visit or has no URL. Computed lazily, since it scans all
    /// offerings of the district.
    pub(super) offline: OnceCell<Bits>,
    /// Windows for proxy collection, including those of the districts that it succeeds.
    windows: Vec<Kept<Window>>,
    /// One of them serves every matter.
    serves_all: bool,
}

impl Readiness {
    pub(super) fn of(snapshot: &Snapshot, district: Handle, on: Date) -> Self {
        let mut districts = vec![district];
        snapshot.succeeded_by(district, on, &mut |predecessor| districts.push(predecessor));
        let windows = districts.into_iter().flat_map(|handle| snapshot.district_at(handle).windows.iter());
        let for_proxy =
            |window: &&Kept<Window>| window.modes.is_empty() || window.modes.contains(&HandlingMode::ProxyCollection);
        let windows: Vec<_> = windows.filter(|window| window.open().includes(on)).filter(for_proxy).cloned().collect();
        let serves_all = windows.iter().any(|window| window.domains.is_empty() && window.matters.is_empty());
        Self { published: snapshot.offered(district, on).published, offline: OnceCell::new(), windows, serves_all }
    }

    pub(super) fn serves(&self, matter: &domain::Matter) -> bool {
        self.serves_all || self.windows.iter().any(|window| window.serves(HandlingMode::ProxyCollection, matter))
    }
}

pub(super) fn offline_matters(snapshot: &Snapshot, district: Handle, on: Date) -> Bits {
    let is_offline = |offering: &&OfferingEntry| {
        let brief = offering.brief();
        brief.period.includes(on) && (brief.visits > 0 || !brief.has_url)
    };
    snapshot.offerings_in(district).filter(is_offline).filter_map(OfferingEntry::matter).collect()
}
