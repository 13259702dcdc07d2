//! Finds districts by their path of names, as people write places: 北京朝阳, 福建省福州市鼓楼区, 朝阳区，北京市,
//! `Nansha District, Guangzhou`. A name may be shortened to its first characters, and names in between may be omitted.

use domain::DistrictCode;

use crate::handle::Handle;
use crate::search::index::Within;
use crate::search::query::Query;
use crate::search::rank::Rank;
use crate::snapshot::Snapshot;

/// Minimum number of characters of a name in a path: 北京, 鼓楼.
const SHORTEST_STEP: usize = 2;
/// Maximum number of characters of a path.
const LONGEST_PATH: usize = 96;
/// Maximum number of names in a path: province, prefecture, county, zone, and one to spare.
const DEEPEST: usize = 5;

/// One district of a path, and whether the path must name it.
#[derive(Debug, Clone, Copy)]
struct Step {
    district: Handle,
    named: bool,
}

impl Snapshot {
    /// Finds districts by their names; if there is none, by their paths.
    pub(crate) fn find_districts(&self, query: &Query, within: Within<'_>) -> Vec<(Handle, Rank)> {
        let by_name = self.district_directory.names.find(query, within);
        if by_name.is_empty() { self.districts_by_path(query.joined(), within) } else { by_name }
    }

    /// Whether only paths match, and no name.
    pub(crate) fn is_path_of_district(&self, query: &Query, within: Within<'_>) -> bool {
        self.district_directory.names.find(query, within).is_empty()
            && !self.districts_by_path(query.joined(), within).is_empty()
    }

    /// Finds districts by a folded path, from the largest district to the smallest or the other way round.
    fn districts_by_path(&self, path: &str, within: Within<'_>) -> Vec<(Handle, Rank)> {
        if path.chars().count() > LONGEST_PATH {
            return Vec::new();
        }
        let is_meant = |district: &Handle| {
            within.includes(*district) && self.may_be_in(path, *district) && {
                let mut steps = self.steps_to(*district);
                self.spells(path, &steps) || {
                    steps.reverse();
                    self.spells(path, &steps)
                }
            }
        };
        (0..).take(self.districts.len()).filter(is_meant).map(|district| (district, Rank::WholeAlias)).collect()
    }

    /// Quick filter: whether the path contains the shortest form of any name of the district.
    fn may_be_in(&self, path: &str, district: Handle) -> bool {
        let shortest = |name: &str| name.char_indices().nth(SHORTEST_STEP).map_or(name.len(), |(end, _)| end);
        self.district_directory.names.names(district).any(|name| path.contains(&name[..shortest(name)]))
    }

    /// The path from the topmost district down to this one.
    fn steps_to(&self, district: Handle) -> Vec<Step> {
        let mut steps = vec![Step { district, named: true }];
        let parent = |of: Handle| {
            self.district_at(of).district.parent(self.today).and_then(|code: DistrictCode| self.district_handle(code))
        };
        while let Some(above) = steps.last().and_then(|last| parent(last.district))
            && steps.len() < DEEPEST
        {
            steps.push(Step { district: above, named: false });
        }
        steps.reverse();
        steps
    }

    /// Whether the text consists of these names in this order.
    fn spells(&self, path: &str, steps: &[Step]) -> bool {
        let [first, others @ ..] = steps else { return path.is_empty() };
        let left_out = !first.named && self.spells(path, others);
        left_out
            || self
                .district_directory
                .names
                .names(first.district)
                .any(|name| step_ends(path, name).any(|end| self.spells(&path[end..], others)))
    }
}

/// The offsets at which a shortened name may end: after each common prefix that is long enough, longest first.
fn step_ends(path: &str, name: &str) -> impl Iterator<Item = usize> {
    let common = path.chars().zip(name.chars()).take_while(|(written, called)| written == called);
    let ends: Vec<usize> = common
        .scan(0, |end, (character, _)| {
            *end += character.len_utf8();
            Some(*end)
        })
        .collect();
    ends.into_iter().skip(SHORTEST_STEP - 1).rev()
}
