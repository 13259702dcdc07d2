//! The limits of a request. `registry.limits` shows them to clients.

use std::time::Duration;

/// The longest body of a request.
pub const MAX_REQUEST_BYTES: usize = 256 * 1024;
/// The same with a credential: a variable may be a file in base64.
pub const MAX_SIGNED_IN_REQUEST_BYTES: usize = domain::document::MAX_BYTES.div_ceil(3) * 4 + MAX_REQUEST_BYTES;
/// The most bytes outside of strings in a body longer than `MAX_REQUEST_BYTES`. They become JSON values, which take a
/// hundred times as much memory.
pub const MAX_NON_TEXT_BYTES: usize = MAX_REQUEST_BYTES / 2;
/// The most tokens of a document, counted before it is parsed.
pub const MAX_TOKENS: usize = 5_000;
/// So many tokens of a document that is not cached are free; the others cost a point for each `TOKENS_PER_POINT`.
pub const FREE_TOKENS: usize = 100;
pub const TOKENS_PER_POINT: usize = 8;
/// So many bytes of a request are free; the others cost a point for each `BYTES_PER_POINT`.
pub const FREE_BYTES: usize = 4 * 1024;
pub const BYTES_PER_POINT: usize = 256;
/// The most operations of a document. Only one of them runs.
pub const MAX_OPERATIONS: usize = 10;
/// The most root fields of an operation.
pub const MAX_ROOT_FIELDS: u64 = 20;
/// The most fields of a document with its fragments expanded.
pub const MAX_FIELDS: u64 = 2_000;
/// The most aliases, with fragments expanded.
pub const MAX_ALIASES: u64 = 50;
/// The most directives, with fragments expanded.
pub const MAX_DIRECTIVES: u64 = 40;
/// The most levels of nested fields. Introspection has a limit of its own.
pub const MAX_DEPTH: u64 = 20;
/// The most levels of introspection. The usual tools need 15.
pub const MAX_INTROSPECTION_DEPTH: u64 = 25;
/// The most nested lists of introspection, as in `types { fields { type { fields`. More of them are circular, and their
/// responses grow exponentially. The usual tools need 2.
pub const MAX_INTROSPECTION_LISTS: u64 = 2;
/// The fewest points that an operation costs.
pub const MIN_COST: u64 = 2;
/// The most points that an operation may cost.
pub const MAX_COST: u64 = 50_000;
/// An operation that costs more, or more for work alone, runs on a low-priority thread of its own.
pub const OFFLOAD_COST: u64 = 1_000;
pub const OFFLOAD_WORK: u64 = 500;
/// An operation that may cost more checks its deadline before every field.
pub const DEADLINE_CHECK_COST: u64 = 10_000;
/// The points that it costs to run an operation on another thread.
pub const OFFLOADING: u64 = 1;
/// An export costs a point for so many lines.
pub const EXPORT_LINES_PER_POINT: u64 = 10;
/// The most entries of a page.
pub const MAX_PAGE_SIZE: usize = 100;
/// The entries of a page by default.
pub const DEFAULT_PAGE_SIZE: usize = 20;
/// The longest response.
pub const MAX_RESPONSE_BYTES: usize = 8 * 1024 * 1024;
/// The most errors of a response.
pub const MAX_ERRORS: usize = 10;
/// How long the next request of an address is delayed that has spent much lately.
pub const THROTTLE_DELAY: Duration = Duration::from_millis(50);
/// How long 429 and 401 responses are delayed.
pub const REFUSAL_DELAY: Duration = Duration::from_millis(200);
/// How long an operation may run.
pub const OPERATION_TIMEOUT: Duration = Duration::from_secs(10);
