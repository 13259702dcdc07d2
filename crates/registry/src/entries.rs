//! Fields of offerings and windows that people write as lines of text: materials, forms, questions, opening hours.

use domain::{Locale, Message, Problem};
use exchange::value::{entries, opening};
use serde_json::Value as Json;

/// Is the field a list with an entry a line and parts between bars?
pub fn is_written(field: &str) -> bool {
    entries::is_written(field)
}

/// The entries of such a field. What is no entry is refused when the record is read.
pub fn read(field: &str, text: &str) -> Vec<Json> {
    entries::read(field, text)
}

/// The entries of a record, as `read` takes them.
pub fn written(field: &str, list: &[Json], locale: Locale) -> String {
    entries::written(field, list, locale)
}

/// What people call a part of an entry.
pub fn label(field: &str, part: &str) -> Option<Message> {
    entries::label(field, part)
}

/// Opening hours: `周一至周五 09:00-17:00`.
pub fn read_hours(text: &str) -> Result<Vec<Json>, Problem> {
    opening::opening(text)
}

/// The opening hours of a line, as `read_hours` takes them.
pub fn written_hours(entries: &[Json]) -> String {
    opening::written_line(entries)
}
