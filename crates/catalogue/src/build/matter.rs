//! Adds matters.

use std::sync::Arc;

use domain::{Matter, Recorded};

use crate::build::SnapshotBuilder;
use crate::entry::{MatterEntry, MatterKinds};
use crate::handle::Handle;
use crate::list::names::other_names_of_matter;
use crate::search::text::Text;

impl SnapshotBuilder {
    pub(super) fn matter_mut(&mut self, at: Handle) -> &mut MatterEntry {
        Arc::make_mut(self.snapshot.matters.get_mut(at))
    }

    pub fn matter(&mut self, matter: Recorded<Matter>) {
        let text = Text::new(&matter.name, other_names_of_matter(&matter));
        let (id, code, retires) = (matter.id, matter.code, matter.retired_on.is_some());
        let handle = if let Some(handle) = self.snapshot.matters.search(&id, |entry| entry.matter.id) {
            let before = std::mem::replace(&mut self.matter_mut(handle).matter, Arc::new(matter));
            let after = &self.snapshot.matter_at(handle).matter;
            if (before.domain, before.retired_on) != (after.domain, after.retired_on) {
                self.invalidation.redefined.insert(handle);
            }
            handle
        } else {
            self.follows(self.snapshot.matters.last().map(|entry| entry.matter.id), id);
            let (offerings, offered_by) = (Arc::default(), Arc::default());
            Arc::make_mut(&mut self.snapshot.offered_in).push(0);
            let handle =
                self.snapshot.matters.push(Arc::new(MatterEntry { matter: Arc::new(matter), offerings, offered_by }));
            Arc::make_mut(&mut self.snapshot.matter_codes).insert(code, handle);
            handle
        };
        self.invalidation.matters.insert(handle);
        self.reopened |= retires || self.snapshot.retiring.contains(handle);
        if retires != self.snapshot.retiring.contains(handle) {
            let retiring = Arc::make_mut(&mut self.snapshot.retiring);
            if retires {
                retiring.insert(handle)
            } else {
                retiring.remove(handle)
            };
        }
        let matter = self.snapshot.matter_at(handle).matter.clone();
        if !self.snapshot.matter_kinds.has(handle, &matter) {
            Arc::make_mut(&mut self.snapshot.matter_kinds).put(handle, &matter);
        }
        if !self.snapshot.matter_directory.has(handle, matter.code, &text) {
            Arc::make_mut(&mut self.snapshot.matter_directory).put(handle, matter.code, &matter.name, &text);
            self.matters_renamed += 1;
        }
    }
}

impl MatterKinds {
    /// Whether the matter is indexed correctly.
    fn has(&self, at: Handle, matter: &Matter) -> bool {
        self.domains.iter().all(|(domain, matters)| matters.contains(at) == (*domain == matter.domain))
            && self.domains.contains_key(&matter.domain)
            && self
                .audiences
                .iter()
                .all(|(audience, matters)| matters.contains(at) == matter.audience.contains(audience))
            && matter.audience.iter().all(|audience| self.audiences.contains_key(audience))
    }

    fn put(&mut self, at: Handle, matter: &Matter) {
        self.domains.values_mut().chain(self.audiences.values_mut()).for_each(|matters| matters.remove(at));
        self.domains.entry(matter.domain).or_default().insert(at);
        for audience in &matter.audience {
            self.audiences.entry(*audience).or_default().insert(at);
        }
    }
}
