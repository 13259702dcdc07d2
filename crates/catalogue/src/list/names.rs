//! The searchable names of records, highlighting, and suggestions for searches.

use domain::{District, Matter};

use crate::handle::{Handle, Kept};
use crate::search::highlight::Found;
use crate::search::index::{Index, Within};
use crate::search::query::Query;
use crate::search::rank::Rank;

/// Maximum number of suggestions for a search without results.
const MAX_CORRECTIONS: usize = 3;

/// Maximum number of names whose pinyin is considered.
const MAX_SPELLED: usize = 20;

/// A search rank as a number, with popularity as the second key.
pub(super) fn rank_of(rank: Rank, popularity: u64) -> u32 {
    let popularity = u16::try_from(popularity).unwrap_or(u16::MAX);
    (rank as u32) << 16 | u32::from(u16::MAX - popularity)
}

/// The other searchable names of a matter.
pub(crate) fn other_names_of_matter(matter: &Matter) -> impl Iterator<Item = &str> {
    matter.aliases.iter().map(AsRef::as_ref).chain(matter.english_name.as_deref()).chain([matter.code.as_str()])
}

/// The other searchable names of a district.
pub(crate) fn other_names_of_district(district: &District) -> impl Iterator<Item = &str> {
    let aliases = district.aliases.iter().map(AsRef::as_ref);
    let codes = district.codes.iter().map(|code| &*code.value).chain([district.code.as_str()]);
    aliases.chain(district.english_name.as_deref()).chain(codes)
}

/// The name by which a search finds a matter, highlighted.
pub fn highlight_matter(query: &Query, matter: &Matter) -> Found {
    query.highlight(&matter.name, other_names_of_matter(matter))
}

/// The name by which a search finds a district, highlighted.
pub fn highlight_district(query: &Query, district: &District) -> Found {
    query.highlight(&district.name, other_names_of_district(district))
}

/// The name by which a search finds an offering, highlighted: its own name, or one of its matter.
pub fn highlight_offering(query: &Query, own: Option<&str>, matter: Option<&Kept<Matter>>) -> Found {
    let matters =
        matter.into_iter().flat_map(|matter| std::iter::once(&*matter.name).chain(other_names_of_matter(matter)));
    let mut names = own.into_iter().chain(matters);
    query.highlight(names.next().unwrap_or_default(), names)
}

/// Suggestions for a query: spelling corrections if nothing matches, or the names that match as pinyin.
pub(crate) fn suggest(query: &Query, names: &Index, within: Within<'_>, mark: impl Fn(Handle) -> Found) -> Vec<String> {
    let mut found = names.find(query, within);
    match found.iter().map(|(_, rank)| *rank).min() {
        None => names.corrections(query, within, MAX_CORRECTIONS),
        Some(best) if best >= Rank::PinyinPrefix => {
            found.sort_unstable_by_key(|(at, rank)| (*rank, *at));
            let mut spelled: Vec<String> = Vec::new();
            for (at, _) in found.into_iter().take(MAX_SPELLED) {
                let hits = mark(at).hits().collect::<Vec<_>>().join(" ");
                if spelled.len() < MAX_CORRECTIONS && !spelled.contains(&hits) {
                    spelled.push(hits);
                }
            }
            spelled
        }
        Some(_) => Vec::new(),
    }
}
