//! How it is kept: SeaORM on SQLite and PostgreSQL, the journal, import and export. Nothing is written
//! outside a unit of work, and no unit of work is done without its journal entries.

mod actor;
mod agreement;
mod answered;
mod backup;
mod bodies;
mod clock;
mod content;
mod district;
mod document;
mod error;
mod export;
mod head;
pub mod import;
mod imported;
mod journal;
mod key;
mod matter;
mod number;
mod offering;
mod places;
mod policy;
mod private;
mod problem;
mod spreadsheet;
mod store;
mod table;
mod together;
mod url;
mod verify;
mod watch;
mod window;
mod work;

pub use answered::Remembered;
pub use backup::{Backup, restore};
pub use error::{Error, Result, Trouble, Witness};
pub use export::{Export, Form};
pub use import::{Fault, Mode, Progress, Report, Skipped, Step, import};
pub use journal::{ChangesAsked, Order, Seen};
pub use private::{Existing, WholeFile};
pub use store::{Health, OpenOptions, Pool, SPANS, Store};
pub use together::{Act, Sharing};
pub use url::{DatabaseUrl, without_secrets};
pub use verify::{Break, Verified};
pub use watch::Look;
pub use work::{By, Put, Work};
