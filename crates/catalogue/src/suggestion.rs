//! Search suggestions while typing. They use names alone, since they are requested at every keystroke.

use domain::{Date, District, DistrictCode, Matter};

use crate::bits::Bits;
use crate::coverage::question::Question;
use crate::handle::{Handle, Kept, handle_of};
use crate::list::names::{highlight_district, highlight_matter};
use crate::search::highlight::Found;
use crate::search::index::Within;
use crate::search::query::Query;
use crate::search::rank::Rank;
use crate::snapshot::Snapshot;

/// A suggestion.
#[derive(Debug, Clone)]
pub struct Suggestion {
    /// The name by which it was found, highlighted.
    pub found: Found,
    pub what: Suggested,
}

#[derive(Debug, Clone)]
pub enum Suggested {
    Matter(Kept<Matter>),
    District(Kept<District>),
    /// A spelling correction: nothing matches the query, but these words match.
    Words,
}

impl Snapshot {
    /// At most `limit` suggestions, best first. With a receiving or a competent district only available matters, else
    /// all active matters and districts.
    pub fn suggest(
        &self,
        query: &Query,
        receiving: Option<DistrictCode>,
        competent: Option<DistrictCode>,
        on: Date,
        limit: usize,
    ) -> Vec<Suggestion> {
        let anywhere = receiving.is_none() && competent.is_none();
        let matters = if anywhere {
            self.active_matters(on)
        } else {
            self.all_available(&Question::unfiltered(receiving, competent, on))
        };
        let districts = if anywhere { self.standing_districts(on) } else { Bits::default() };

        let matter_names = &self.matter_directory.names;
        let found = matter_names.find(query, Within::These(&matters)).into_iter();
        let mut ranked: Vec<(u32, Rank, Place)> =
            found.map(|(at, rank)| (self.relevance(at, rank), rank, Place::Matter(at))).collect();
        let found = if anywhere { self.find_districts(query, Within::These(&districts)) } else { Vec::new() };
        ranked.extend(found.into_iter().map(|(at, rank)| (0, rank, Place::District(at))));
        // By rank; then matters before districts, and matters that more districts offer first.
        let key = |(relevance, rank, place): &(u32, Rank, Place)| {
            (*rank, matches!(place, Place::District(_)), *relevance, self.code_of(*place))
        };
        if ranked.len() > limit {
            ranked.select_nth_unstable_by_key(limit, key);
            ranked.truncate(limit);
        }
        ranked.sort_unstable_by_key(key);
        if !ranked.is_empty() {
            return ranked.into_iter().map(|(.., place)| self.suggested(query, place)).collect();
        }

        let mut words = matter_names.corrections(query, Within::These(&matters), limit);
        words.extend(self.district_directory.names.corrections(
            query,
            Within::These(&districts),
            limit.saturating_sub(words.len()),
        ));
        words
            .into_iter()
            .map(|words| Suggestion { found: Found::without_hits(words), what: Suggested::Words })
            .collect()
    }

    fn code_of(&self, place: Place) -> &str {
        match place {
            Place::Matter(at) => self.matter_at(at).matter.code.as_str(),
            Place::District(at) => self.district_at(at).district.code.as_str(),
        }
    }

    fn suggested(&self, query: &Query, place: Place) -> Suggestion {
        match place {
            Place::Matter(at) => {
                let matter = &self.matter_at(at).matter;
                Suggestion { found: highlight_matter(query, matter), what: Suggested::Matter(matter.clone()) }
            }
            Place::District(at) => {
                let district = &self.district_at(at).district;
                Suggestion { found: highlight_district(query, district), what: Suggested::District(district.clone()) }
            }
        }
    }

    fn active_matters(&self, on: Date) -> Bits {
        let mut active = Bits::below(handle_of(self.matters.len()));
        active -= &self.retired_matters(on);
        active
    }

    fn standing_districts(&self, on: Date) -> Bits {
        (0..).take(self.districts.len()).filter(|at| !self.is_retired(*at, on)).collect()
    }
}

#[derive(Debug, Clone, Copy)]
enum Place {
    Matter(Handle),
    District(Handle),
}
