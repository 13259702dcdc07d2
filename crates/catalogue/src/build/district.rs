//! Adds districts, and resolves the relations between them.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::{District, DistrictCode, Period, Recorded, Tenure};

use crate::build::{BuildError, SnapshotBuilder, unreadable};
use crate::entry::DistrictEntry;
use crate::handle::{Handle, handle_of};
use crate::list::names::other_names_of_district;
use crate::search::text::Text;

impl SnapshotBuilder {
    pub(super) fn district_mut(&mut self, at: Handle) -> &mut DistrictEntry {
        Arc::make_mut(self.snapshot.districts.get_mut(at))
    }

    pub fn district(&mut self, district: Recorded<District>) {
        let text = Text::new(&district.name, other_names_of_district(&district));
        let id = district.id;
        let codes: Vec<DistrictCode> = district.all_codes().collect();
        let Some(handle) = self.snapshot.districts.search(&id, |entry| entry.district.id) else {
            self.follows(self.snapshot.districts.last().map(|entry| entry.district.id), id);
            let handle = self.snapshot.districts.push(Arc::new(DistrictEntry {
                district: Arc::new(district),
                parents: Arc::default(),
                administrators: Arc::default(),
                children: Arc::default(),
                successors: Arc::default(),
                predecessors: Arc::default(),
                windows: Arc::default(),
                offerings: Arc::default(),
                always_offered: Arc::default(),
                dated_offered: Arc::default(),
                agreements: Arc::default(),
                agreements_as_of: 0,
            }));
            let by_code = Arc::make_mut(&mut self.snapshot.district_codes);
            for code in codes {
                self.codes_moved |= by_code.insert(code, handle).is_some();
            }
            self.related.insert(handle, None);
            self.invalidation.districts.insert(handle);
            self.invalidation.moved = true;
            self.name_district(handle, &text);
            return;
        };
        let entry = self.district_mut(handle);
        let before = std::mem::replace(&mut entry.district, Arc::new(district));
        let is_succeeded_otherwise = before.retired != entry.district.retired;
        self.invalidation.moved |=
            before.parents != entry.district.parents || before.administers != entry.district.administers;
        self.invalidation.everything |= is_succeeded_otherwise || !before.all_codes().eq(codes.iter().copied());
        self.invalidation.districts.insert(handle);
        if !before.all_codes().eq(codes.iter().copied()) {
            let by_code = Arc::make_mut(&mut self.snapshot.district_codes);
            by_code.retain(|_, other| *other != handle);
            by_code.extend(codes.into_iter().map(|code| (code, handle)));
            self.codes_moved = true;
        }
        self.related.entry(handle).or_insert(Some(before));
        self.name_district(handle, &text);
    }

    fn name_district(&mut self, handle: Handle, text: &Text) {
        let district = self.snapshot.district_at(handle).district.clone();
        if !self.snapshot.district_directory.has(handle, district.code, text) {
            Arc::make_mut(&mut self.snapshot.district_directory).put(handle, district.code, &district.name, text);
            self.districts_renamed += 1;
        }
    }

    pub(super) fn known(&self, code: DistrictCode, whose: &str) -> Result<Handle, BuildError> {
        self.snapshot
            .district_handle(code)
            .map_or_else(|| unreadable(format!("{whose} names the unknown district {code}")), Ok)
    }

    fn relations(&self, district: &Recorded<District>) -> Result<Relations, BuildError> {
        let whose = district.id.to_string();
        let tenures = |tenures: &[Tenure]| {
            tenures
                .iter()
                .map(|tenure| Ok((self.known(tenure.district, &whose)?, tenure.period)))
                .collect::<Result<Vec<_>, BuildError>>()
        };
        Ok(Relations {
            parents: tenures(&district.parents)?,
            administers: tenures(&district.administers)?,
            successors: district.successors().iter().map(|code| self.known(*code, &whose)).collect::<Result<_, _>>()?,
        })
    }

    /// Updates the relations of a district and of the districts that it names or named.
    pub(super) fn relate_district(
        &mut self,
        at: Handle,
        before: Option<&Recorded<District>>,
    ) -> Result<(), BuildError> {
        let before = before.map(|before| self.relations(before)).transpose()?.unwrap_or_default();
        let after = self.relations(&self.snapshot.district_at(at).district.clone())?;
        if before == after {
            return Ok(());
        }
        let entry = self.district_mut(at);
        (entry.parents, entry.successors) = (after.parents.as_slice().into(), after.successors.as_slice().into());
        let others: BTreeSet<Handle> = before.named().chain(after.named()).collect();
        for other in others {
            let periods: Vec<_> = after
                .administers
                .iter()
                .filter(|(administered, _)| *administered == other)
                .map(|(_, period)| (at, *period))
                .collect();
            let entry = self.district_mut(other);
            let mut administrators: Vec<_> =
                entry.administrators.iter().copied().filter(|(administrator, _)| *administrator != at).collect();
            administrators.extend(periods);
            administrators.sort_by_key(|(administrator, _)| *administrator);
            entry.administrators = administrators.into();
            with(&mut entry.predecessors, at, after.successors.contains(&other));
            let above = entry.administrators.iter().any(|(administrator, _)| *administrator == at)
                || entry.parents.iter().any(|(parent, _)| *parent == at);
            with(&mut self.district_mut(at).children, other, above);
            let is_above = |above: &[(Handle, Period)]| above.iter().any(|(above, _)| *above == other);
            let entry = self.snapshot.district_at(at);
            let above = is_above(&entry.parents) || is_above(&entry.administrators);
            with(&mut self.district_mut(other).children, at, above);
        }
        Ok(())
    }

    pub(super) fn relate_districts(&mut self) -> Result<(), BuildError> {
        #[derive(Default)]
        struct Related {
            parents: Vec<(Handle, Period)>,
            administrators: Vec<(Handle, Period)>,
            children: Vec<Handle>,
            successors: Vec<Handle>,
            predecessors: Vec<Handle>,
        }
        let count = self.snapshot.districts.len();
        let mut all: Vec<Related> = std::iter::repeat_with(Related::default).take(count).collect();
        for (at, entry) in self.snapshot.districts.iter().enumerate() {
            let Relations { parents, administers, successors } = self.relations(&entry.district)?;
            parents.iter().for_each(|(parent, _)| all[*parent as usize].children.push(handle_of(at)));
            for (administered, period) in administers {
                all[administered as usize].administrators.push((handle_of(at), period));
                all[at].children.push(administered);
            }
            successors.iter().for_each(|successor| all[*successor as usize].predecessors.push(handle_of(at)));
            (all[at].parents, all[at].successors) = (parents, successors);
        }
        for (at, mut related) in (0..).zip(all) {
            related.children.sort_unstable();
            related.children.dedup();
            let entry = self.snapshot.district_at(at);
            let is_same = *entry.parents == *related.parents
                && *entry.administrators == *related.administrators
                && *entry.children == *related.children
                && *entry.successors == *related.successors
                && *entry.predecessors == *related.predecessors;
            if !is_same {
                let entry = self.district_mut(at);
                entry.parents = related.parents.into();
                entry.administrators = related.administrators.into();
                entry.children = related.children.into();
                entry.successors = related.successors.into();
                entry.predecessors = related.predecessors.into();
            }
        }
        Ok(())
    }
}

/// The relations in the record of a district.
#[derive(Debug, Default, PartialEq)]
struct Relations {
    parents: Vec<(Handle, Period)>,
    administers: Vec<(Handle, Period)>,
    successors: Vec<Handle>,
}

impl Relations {
    fn named(&self) -> impl Iterator<Item = Handle> {
        self.parents.iter().chain(&self.administers).map(|(named, _)| *named).chain(self.successors.iter().copied())
    }
}

/// Inserts a handle into a sorted list, or removes it.
fn with(places: &mut Arc<[Handle]>, place: Handle, is_in: bool) {
    let (Ok(at) | Err(at)) = places.binary_search(&place);
    let was_in = places.get(at) == Some(&place);
    if was_in != is_in {
        let mut changed = places.to_vec();
        changed.splice(at..at + usize::from(was_in), is_in.then_some(place));
        *places = changed.into();
    }
}
