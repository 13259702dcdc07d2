//! Input values and variables, as the specification has them: where they may stand, and how they are coerced.

pub(super) mod coerce;
pub(super) mod long_text;
pub(super) mod types;
pub(super) mod validate;
