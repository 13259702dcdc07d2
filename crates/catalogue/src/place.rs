//! Finds districts by the path that leads to them, as people write places: 北京朝阳, 福建省福州市鼓楼区,
//! 朝阳区，北京市, `Nansha District, Guangzhou`. A step may be shortened to its first characters, and steps
//! between may be left out.

use domain::DistrictCode;

use crate::search::{Query, Rank, Within};
use crate::snapshot::{Handle, Snapshot};

/// A step names its district with two characters or more: 北京, 鼓楼.
const SHORTEST_STEP: usize = 2;
/// Longer texts are not a path of names.
const LONGEST_PATH: usize = 96;
/// A province, a prefecture, a county, a zone in it, and one to spare.
const DEEPEST: usize = 5;

/// One step of a path: a district, and whether the path has to name it.
#[derive(Debug, Clone, Copy)]
struct Step {
    district: Handle,
    named: bool,
}

impl Snapshot {
    /// Districts by their own names; when none is called so, by their paths.
    pub(crate) fn find_districts(&self, query: &Query, within: Within<'_>) -> Vec<(Handle, Rank)> {
        let by_name = self.district_directory.names.find(query, within);
        if by_name.is_empty() { self.districts_by_path(query.joined(), within) } else { by_name }
    }

    /// Is no district called so, but one found by its path?
    pub(crate) fn is_path_of_district(&self, query: &Query, within: Within<'_>) -> bool {
        self.district_directory.names.find(query, within).is_empty() && !self.districts_by_path(query.joined(), within).is_empty()
    }

    /// Districts whose path is written here, folded, from the largest to the smallest or the other way.
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

    /// Looks for the shortest step of any name of the district; most districts are passed over by it.
    fn may_be_in(&self, path: &str, district: Handle) -> bool {
        let shortest = |name: &str| name.char_indices().nth(SHORTEST_STEP).map_or(name.len(), |(end, _)| end);
        self.district_directory.names.names(district).any(|name| path.contains(&name[..shortest(name)]))
    }

    /// From the topmost district down to this one.
    fn steps_to(&self, district: Handle) -> Vec<Step> {
        let mut steps = vec![Step { district, named: true }];
        let parent = |of: Handle| self.district_at(of).district.parent(self.today).and_then(|code: DistrictCode| self.district_handle(code));
        while let Some(above) = steps.last().and_then(|last| parent(last.district))
            && steps.len() < DEEPEST
        {
            steps.push(Step { district: above, named: false });
        }
        steps.reverse();
        steps
    }

    /// Is the path these steps, one after the other?
    fn spells(&self, path: &str, steps: &[Step]) -> bool {
        let [first, others @ ..] = steps else { return path.is_empty() };
        let left_out = !first.named && self.spells(path, others);
        left_out || self.district_directory.names.names(first.district).any(|name| step_ends(path, name).any(|end| self.spells(&path[end..], others)))
    }
}

/// Where a step may end that names this district: after each common prefix that is long enough, the longest first.
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
