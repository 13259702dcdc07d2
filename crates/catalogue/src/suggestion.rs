//! What somebody may be about to type: asked at every keystroke, so it looks at names alone.

use domain::{Date, District, DistrictCode, Matter};

use crate::availability::Question;
use crate::bits::Bits;
use crate::listing::{mark_district, mark_matter};
use crate::search::{Found, Query, Rank, Within};
use crate::snapshot::{Handle, Kept, Snapshot};
use crate::table::handle_of;

/// Something that may be meant by what has been typed so far.
#[derive(Debug, Clone)]
pub struct Suggestion {
    /// By which name it was found, with what was hit.
    pub found: Found,
    pub what: Suggested,
}

#[derive(Debug, Clone)]
pub enum Suggested {
    Matter(Kept<Matter>),
    District(Kept<District>),
    /// Nothing is called by what was typed, but something by these words.
    Words,
}

impl Snapshot {
    /// At most so many suggestions, likeliest first. Between two districts, or on one side of one, only matters that
    /// are available; else all that are active, and districts.
    pub fn suggest(
        &self,
        query: &Query,
        receiving: Option<DistrictCode>,
        competent: Option<DistrictCode>,
        on: Date,
        limit: usize,
    ) -> Vec<Suggestion> {
        let anywhere = receiving.is_none() && competent.is_none();
        let matters = if anywhere { self.active_matters(on) } else { self.all_available(&between(receiving, competent, on)) };
        let districts = if anywhere { self.standing_districts(on) } else { Bits::default() };

        let matter_names = &self.matter_directory.names;
        let found = matter_names.find(query, Within::These(&matters)).into_iter();
        let mut ranked: Vec<(u32, Rank, Place)> = found.map(|(at, rank)| (self.relevance(at, rank), rank, Place::Matter(at))).collect();
        let found = if anywhere { self.find_districts(query, Within::These(&districts)) } else { Vec::new() };
        ranked.extend(found.into_iter().map(|(at, rank)| (0, rank, Place::District(at))));
        // As well as they fit; what is a matter first, and of these the one that more districts offer.
        let key = |(relevance, rank, place): &(u32, Rank, Place)| (*rank, matches!(place, Place::District(_)), *relevance, self.code_of(*place));
        if ranked.len() > limit {
            ranked.select_nth_unstable_by_key(limit, key);
            ranked.truncate(limit);
        }
        ranked.sort_unstable_by_key(key);
        if !ranked.is_empty() {
            return ranked.into_iter().map(|(.., place)| self.suggested(query, place)).collect();
        }

        let mut words = matter_names.near(query, Within::These(&matters), limit);
        words.extend(self.district_directory.names.near(query, Within::These(&districts), limit.saturating_sub(words.len())));
        words.into_iter().map(|words| Suggestion { found: Found::unmarked(words), what: Suggested::Words }).collect()
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
                Suggestion { found: mark_matter(query, matter), what: Suggested::Matter(matter.clone()) }
            }
            Place::District(at) => {
                let district = &self.district_at(at).district;
                Suggestion { found: mark_district(query, district), what: Suggested::District(district.clone()) }
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

fn between(receiving: Option<DistrictCode>, competent: Option<DistrictCode>, on: Date) -> Question {
    Question { receiving, competent, on, modes: Vec::new(), domains: Vec::new(), audiences: Vec::new(), search: None, with_guide: false }
}
