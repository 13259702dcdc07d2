//! The catalogue: an immutable, indexed snapshot of the registry in memory, and the answers computed from it. It reads neither a
//! database nor a clock.

pub mod availability;
mod bits;
pub mod build;
mod chunked_vec;
mod coverage;
mod day_index;
mod derived_cache;
mod district_path;
pub mod finding;
pub mod length;
pub mod listing;
pub mod memory;
pub mod offering;
pub mod order;
mod page;
pub mod reason;
pub mod resolver;
mod schedule;
pub mod search;
pub mod snapshot;
pub mod suggestion;
pub mod task;
pub mod territory;
mod validity;
mod version;

pub use availability::{Available, AvailableMatter, CoverageCell, Facets, Question, Spread};
pub use bits::Bits;
pub use build::{BuildError, SnapshotBuilder};
pub use finding::{Finding, FindingKey, FindingList, Rule, Severity};
pub use length::Lengths;
pub use listing::{
    AgreementFilter, AgreementList, DistrictFilter, Listed, MatterFilter, Partner, PartnerList, highlight_district, highlight_matter,
    highlight_offering,
};
pub use memory::Share;
pub use offering::{OfferingBrief, OfferingList, PlacedOffering};
pub use order::{By, Order, Side, Slice, Sliced, Spot, UNPROMISED};
pub use reason::{Reason, ReasonCode, Subject};
pub use resolver::{Answer, Basis, Detail, Handling, Route};
pub use snapshot::{Counts, Head, Kept, Snapshot, UNKNOWN};
pub use suggestion::{Suggested, Suggestion};
pub use task::{Task, TaskKind, TaskSubject};
