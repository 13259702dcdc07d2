//! Every number that bounds what one request may be, in one place. `registry.limits` tells them.

use std::time::Duration;

/// The longest body of a request: a document with its variables.
pub const MAX_REQUEST_BYTES: usize = 256 * 1024;
/// The same for who has a credential: among the variables there may be a file in base64.
pub const MAX_SIGNED_IN_REQUEST_BYTES: usize = domain::document::MAX_BYTES.div_ceil(3) * 4 + MAX_REQUEST_BYTES;
/// How much of a body longer than `MAX_REQUEST_BYTES` may be other than text: what is not text becomes values, which take a hundred times
/// as much of the memory.
pub const MAX_NON_TEXT_BYTES: usize = MAX_REQUEST_BYTES / 2;
/// The most tokens of a document: what there is to read before anything is understood.
pub const MAX_TOKENS: usize = 5_000;
/// So many tokens of a document that is not known yet are read for nothing; from there on a point buys `TOKENS_PER_POINT`.
pub const FREE_TOKENS: usize = 100;
pub const TOKENS_PER_POINT: usize = 8;
/// So many bytes of a request, likewise.
pub const FREE_BYTES: usize = 4 * 1024;
pub const BYTES_PER_POINT: usize = 256;
/// The most operations of a document, of which only one runs.
pub const MAX_OPERATIONS: usize = 10;
/// The most fields at the top of an operation.
pub const MAX_ROOT_FIELDS: u64 = 20;
/// The most fields of a document with its fragments spread out.
pub const MAX_FIELDS: u64 = 2_000;
/// The most fields under other names, spread out likewise.
pub const MAX_ALIASES: u64 = 50;
/// The most directives, spread out likewise.
pub const MAX_DIRECTIVES: u64 = 40;
/// The deepest that fields may be nested. What is asked about the schema itself has a depth of its own.
pub const MAX_DEPTH: u64 = 20;
/// The deepest that questions about the schema may be nested: those of the usual tools need 15.
pub const MAX_INTROSPECTION_DEPTH: u64 = 25;
/// How often questions about the schema may lead through a list of it into another, `types { fields { type { fields`.
/// Such questions go in circles and their answers explode; the usual tools need 2.
pub const MAX_INTROSPECTION_LISTS: u64 = 2;
/// The most points that one operation may cost.
pub const MAX_COST: u64 = 50_000;
/// What may cost more points than this, or more for work alone, computes beside the threads that answer everybody.
pub const OFFLOAD_COST: u64 = 1_000;
pub const OFFLOAD_WORK: u64 = 500;
/// What may cost more than this looks at its deadline before every field.
pub const DEADLINE_CHECK_COST: u64 = 10_000;
/// So many lines of an export cost a point.
pub const EXPORT_LINES_PER_POINT: u64 = 10;
/// The most entries of one page.
pub const MAX_PAGE_SIZE: usize = 100;
/// How many entries come when the caller does not say.
pub const DEFAULT_PAGE_SIZE: usize = 20;
/// The longest answer.
pub const MAX_RESPONSE_BYTES: usize = 8 * 1024 * 1024;
/// The most errors of one answer.
pub const MAX_ERRORS: usize = 10;
/// How long an address that has spent much lately waits before its next question is looked at.
pub const THROTTLE_DELAY: Duration = Duration::from_millis(50);
/// How long an answer is held back that says no for want of points or of a credential that is valid.
pub const REFUSAL_DELAY: Duration = Duration::from_millis(200);
/// How long an operation may take.
pub const OPERATION_TIMEOUT: Duration = Duration::from_secs(10);
