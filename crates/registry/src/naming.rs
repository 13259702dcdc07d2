//! What people mean by a name: its code, name, alias or path. Many districts share a name, so an ambiguous name is never
//! guessed.

use catalogue::search::Query;
use catalogue::{DistrictFilter, Kept, MatterFilter, Order, Slice, Snapshot};
use domain::{Date, District, DistrictCode, Locale, Matter, MatterCode};

use crate::presentation::place;

/// What a text names.
#[derive(Debug)]
pub enum Named<T> {
    One(T),
    /// It is ambiguous; the best matches, best first.
    Several(Vec<T>),
    /// Nothing has this code or name. With it, other searches to try.
    Unknown(Vec<String>),
}

/// The most records to choose from.
const MAX_CHOICES: usize = 12;

/// The district that a text names.
pub fn district(text: &str, snapshot: &Snapshot, on: Date) -> Named<Kept<District>> {
    if let Some(code) = code_in::<DistrictCode>(text) {
        return snapshot.district(code).map_or(Named::Unknown(Vec::new()), |district| Named::One(district.clone()));
    }
    let filter = DistrictFilter { search: Query::new(text), ..DistrictFilter::default() };
    if filter.search.is_none() {
        return Named::Unknown(Vec::new());
    }
    let found = snapshot.list_districts(&filter, &Slice::all(Order::Relevance)).items().cloned().collect();
    let is_path = |district: &Kept<District>| {
        [Locale::Zh, Locale::En].into_iter().any(|locale| is_written(text, &place(snapshot, district, on, locale)))
    };
    let is_name = |district: &Kept<District>| {
        let names = std::iter::once(&district.name).chain(&district.english_name).chain(&district.aliases);
        names.into_iter().any(|name| is_written(text, name))
    };
    choose(found, &[&is_path, &is_name], || snapshot.suggest_districts(&filter))
}

/// The matter that a text names.
pub fn matter(text: &str, snapshot: &Snapshot) -> Named<Kept<Matter>> {
    if let Some(code) = code_in::<MatterCode>(text) {
        return snapshot.matter(code).map_or(Named::Unknown(Vec::new()), |matter| Named::One(matter.clone()));
    }
    let filter = MatterFilter { search: snapshot.matter_query(text), ..MatterFilter::default() };
    if filter.search.is_none() {
        return Named::Unknown(Vec::new());
    }
    let found = snapshot.list_matters(&filter, &Slice::all(Order::Relevance)).items().cloned().collect();
    let is_called = |matter: &Kept<Matter>| {
        std::iter::once(&matter.name).chain(&matter.english_name).any(|name| is_written(text, name))
    };
    let is_alias = |matter: &Kept<Matter>| matter.aliases.iter().any(|name| is_written(text, name));
    choose(found, &[&is_called, &is_alias], || snapshot.suggest_matters(&filter))
}

/// The only record that is exactly what was written, by the first rule that finds one; else all that were found.
pub fn choose<T: Clone>(
    mut found: Vec<T>,
    exactly: &[&dyn Fn(&T) -> bool],
    suggestions: impl FnOnce() -> Vec<String>,
) -> Named<T> {
    for is_meant in exactly {
        let mut meant = found.iter().filter(|record| is_meant(record));
        if let (Some(one), None) = (meant.next(), meant.next()) {
            return Named::One(one.clone());
        }
    }
    match found.len() {
        0 => Named::Unknown(suggestions()),
        1 => Named::One(found.swap_remove(0)),
        _ => {
            found.truncate(MAX_CHOICES);
            Named::Several(found)
        }
    }
}

/// Is the text this name, but for spaces and the case of letters?
pub fn is_written(text: &str, name: &str) -> bool {
    bare(text) == bare(name)
}

fn bare(text: &str) -> String {
    text.chars().filter(|character| !character.is_whitespace()).collect::<String>().to_lowercase()
}

/// A code alone, or in brackets after a name, as pages and answers show it.
pub fn code_in<C: std::str::FromStr>(text: &str) -> Option<C> {
    let text = text.trim();
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
        assert_eq!(code_in::<DistrictCode>(" 440115"), nansha);
        assert_eq!(code_in::<DistrictCode>("广东省 广州市 南沙区（440115）"), nansha);
        assert_eq!(code_in::<DistrictCode>("Nansha (440115)"), nansha);
        assert_eq!(code_in::<DistrictCode>("南沙区"), None);
        assert_eq!(code_in::<DistrictCode>("）"), None);
    }

    #[test]
    fn only_an_exact_name_decides_between_several() {
        let is = |wanted: &'static str| move |text: &&str| *text == wanted;
        let found = vec!["鼓楼区", "鼓楼", "鼓楼街道"];
        assert!(matches!(choose(found.clone(), &[&is("鼓楼")], Vec::new), Named::One("鼓楼")));
        assert!(matches!(choose(found, &[&is("鼓")], Vec::new), Named::Several(all) if all.len() == 3));
        assert!(matches!(choose(vec!["鼓楼区"], &[], Vec::new), Named::One("鼓楼区")));
        assert!(
            matches!(choose(Vec::<&str>::new(), &[], || vec!["姑苏".to_owned()]), Named::Unknown(other) if other == ["姑苏"])
        );
    }
}
