//! One side of the question: the district that somebody means by a code, a name or a part of it. Names
//! repeat all over the country, so a name that means several is asked back, never guessed.

use catalogue::search::Query;
use catalogue::{DistrictFilter, Kept, Order, Slice, Snapshot};
use domain::{Date, District, DistrictCode, Locale};

use crate::presentation::place;

/// What was written for one side, and which district it means.
#[derive(Debug)]
pub(crate) enum Side {
    /// Nothing was written.
    Open,
    Known(Kept<District>),
    /// The name means several districts, the likeliest first.
    Several(Vec<Kept<District>>),
    /// No district is known by this code or name.
    Nobody,
}

/// How many districts a person can choose from at a glance.
const MOST_CHOICES: usize = 12;

impl Side {
    pub(crate) fn read(text: &str, snapshot: &Snapshot, on: Date) -> Self {
        let text = text.trim();
        if text.is_empty() {
            return Self::Open;
        }
        if let Some(code) = code_in(text) {
            return snapshot.district(code).map_or(Self::Nobody, |district| Self::Known(district.clone()));
        }
        let filter = DistrictFilter { search: Query::new(text), ..DistrictFilter::default() };
        if filter.search.is_none() {
            return Self::Nobody;
        }
        let mut found: Vec<Kept<District>> = snapshot.list_districts(&filter, &Slice::all(Order::Relevance)).items().cloned().collect();
        let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_lowercase();
        let written = bare(text);
        let is_path =
            |district: &&Kept<District>| [Locale::Zh, Locale::En].into_iter().any(|locale| bare(&place(snapshot, district, on, locale)) == written);
        let is_name = |district: &&Kept<District>| {
            let names = std::iter::once(&district.name).chain(&district.english_name).chain(&district.aliases);
            names.into_iter().any(|name| bare(name) == written)
        };
        let only = |of: Vec<&Kept<District>>| if let [one] = of[..] { Some(one.clone()) } else { None };
        let exact = only(found.iter().filter(is_path).collect()).or_else(|| only(found.iter().filter(is_name).collect()));
        match (exact, found.len()) {
            (Some(district), _) => Self::Known(district),
            (None, 0) => Self::Nobody,
            (None, 1) => Self::Known(found.swap_remove(0)),
            (None, _) => {
                found.truncate(MOST_CHOICES);
                Self::Several(found)
            }
        }
    }

    pub(crate) fn known(&self) -> Option<&Kept<District>> {
        match self {
            Self::Known(district) => Some(district),
            Self::Open | Self::Several(_) | Self::Nobody => None,
        }
    }
}

/// A code alone, or in brackets behind a name, as the page's own suggestions write it.
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
    fn a_code_is_found_behind_a_name() {
        let nansha = "440115".parse().ok();
        assert_eq!(code_in("440115"), nansha);
        assert_eq!(code_in("广东省 广州市 南沙区（440115）"), nansha);
        assert_eq!(code_in("Nansha (440115)"), nansha);
        assert_eq!(code_in("南沙区"), None);
        assert_eq!(code_in("）"), None);
    }
}
