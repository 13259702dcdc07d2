//! One side of the search: the district of a code, a name or a part of a name. Many districts share a name, so an
//! ambiguous name is never guessed: the page offers a choice.

use catalogue::search::Query;
use catalogue::{DistrictFilter, Kept, Order, Slice, Snapshot};
use domain::{Date, District, DistrictCode, Locale};
use registry::presentation::place;

#[derive(Debug)]
pub(crate) enum Side {
    /// The field is empty.
    Open,
    Known(Kept<District>),
    /// The name is ambiguous; the best match is first.
    Several(Vec<Kept<District>>),
    /// There is no district with this code or name.
    Unknown,
}

/// The most districts to choose from.
const MAX_CHOICES: usize = 12;

impl Side {
    pub(crate) fn read(text: &str, snapshot: &Snapshot, on: Date) -> Self {
        let text = text.trim();
        if text.is_empty() {
            return Self::Open;
        }
        if let Some(code) = code_in(text) {
            return snapshot.district(code).map_or(Self::Unknown, |district| Self::Known(district.clone()));
        }
        let filter = DistrictFilter { search: Query::new(text), ..DistrictFilter::default() };
        if filter.search.is_none() {
            return Self::Unknown;
        }
        let mut found: Vec<Kept<District>> =
            snapshot.list_districts(&filter, &Slice::all(Order::Relevance)).items().cloned().collect();
        let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_lowercase();
        let written = bare(text);
        let is_path = |district: &&Kept<District>| {
            [Locale::Zh, Locale::En].into_iter().any(|locale| bare(&place(snapshot, district, on, locale)) == written)
        };
        let is_name = |district: &&Kept<District>| {
            let names = std::iter::once(&district.name).chain(&district.english_name).chain(&district.aliases);
            names.into_iter().any(|name| bare(name) == written)
        };
        let only = |of: Vec<&Kept<District>>| if let [one] = of[..] { Some(one.clone()) } else { None };
        let exact =
            only(found.iter().filter(is_path).collect()).or_else(|| only(found.iter().filter(is_name).collect()));
        match (exact, found.len()) {
            (Some(district), _) => Self::Known(district),
            (None, 0) => Self::Unknown,
            (None, 1) => Self::Known(found.swap_remove(0)),
            (None, _) => {
                found.truncate(MAX_CHOICES);
                Self::Several(found)
            }
        }
    }

    pub(crate) fn known(&self) -> Option<&Kept<District>> {
        match self {
            Self::Known(district) => Some(district),
            Self::Open | Self::Several(_) | Self::Unknown => None,
        }
    }
}

/// A code alone, or in brackets after a name, as the suggestions of the page have it.
fn code_in(text: &str) -> Option<DistrictCode> {
    if let Ok(code) = text.parse() {
        return Some(code);
    }
    let bracketed = text.strip_suffix(['）', ')'])?;
    let start = bracketed.rfind(['（', '('])?;
    bracketed[start..].trim_start_matches(['（', '(']).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_after_a_name() {
        let nansha = "440115".parse().ok();
        assert_eq!(code_in("440115"), nansha);
        assert_eq!(code_in("广东省 广州市 南沙区（440115）"), nansha);
        assert_eq!(code_in("Nansha (440115)"), nansha);
        assert_eq!(code_in("南沙区"), None);
        assert_eq!(code_in("）"), None);
    }
}
