//! What is true: the office's words and rules. Nothing here reads a clock, a file, a socket or a
//! random source; time and ids are arguments.

pub mod act;
pub mod agreement;
pub mod clause;
pub mod code;
pub mod derived;
pub mod diff;
pub mod district;
pub mod document;
pub mod handling;
pub mod id;
pub mod input;
pub mod journal;
pub mod key;
pub mod life;
pub mod matter;
pub mod offering;
pub mod period;
pub mod policy;
pub mod problem;
pub mod provenance;
pub mod reading;
pub mod record;
pub mod sight;
pub mod window;
mod words;

pub use agreement::{Agreement, Confirmation, Flag, Notice, Party, SigningBody, Standing, Version};
pub use clause::{AgreementClause, Clause, Extent, PolicyClause, Reach, Territory};
pub use code::{AgreementNumber, CreditCode, DistrictCode, MatterCode, OfferingCode};
pub use district::{DatedCode, District, DistrictKind, Retirement, Tenure};
pub use document::Document;
pub use handling::{Actor, Duty, HandlingMode, Terms};
pub use id::{Id, Noun, Recorded, Revision};
pub use journal::{Change, Digest, RecordKind};
pub use key::{ApiKey, Role};
pub use life::Life;
pub use matter::{Audience, Matter, MatterDomain};
pub use offering::{Authority, Material, Offering};
pub use period::{Date, Period};
pub use policy::Policy;
pub use problem::{Locale, Message, Problem, ProblemCode, Problems};
pub use provenance::Provenance;
pub use record::{Record, Reference};
pub use sight::{Eyes, Readers};
pub use window::Window;
