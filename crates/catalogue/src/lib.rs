//! What follows from what is true: the registry at one revision, in memory, indexed. It answers
//! without a database, never changes once made, and knows neither clock nor chance.

pub mod availability;
mod bits;
mod cutting;
mod days;
pub mod finding;
mod gathered;
pub mod length;
pub mod listing;
pub mod loading;
pub mod memory;
pub mod offering;
mod open;
mod opening;
pub mod order;
mod place;
pub mod reason;
pub mod resolver;
mod schedule;
pub mod search;
pub mod snapshot;
mod span;
pub mod suggestion;
mod table;
pub mod task;
pub mod territory;
mod version;

pub use availability::{Available, AvailableMatter, CoverageCell, Facets, Question, Spread};
pub use bits::Bits;
pub use finding::{Finding, FindingKey, FindingList, Rule, Severity};
pub use length::Lengths;
pub use listing::{
    AgreementFilter, AgreementList, DistrictFilter, Listed, MatterFilter, Partner, PartnerList, mark_district, mark_matter, mark_offering,
};
pub use loading::{Loading, Unreadable};
pub use memory::Share;
pub use offering::{OfferingBrief, OfferingList, PlacedOffering};
pub use order::{By, Order, Side, Slice, Sliced, Spot, UNPROMISED};
pub use reason::{Reason, ReasonCode, Subject};
pub use resolver::{Answer, Basis, Detail, Handling, Route};
pub use snapshot::{Counts, Head, Kept, Snapshot, UNKNOWN};
pub use suggestion::{Suggested, Suggestion};
pub use task::{Task, TaskKind, TaskSubject};
