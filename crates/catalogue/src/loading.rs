//! How a snapshot comes to be: from nothing but records, or from the snapshot before it and what changed.
//! Both go the same way; a table that nothing touches stays shared.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chrono::FixedOffset;
use domain::sight::Eyes;
use domain::{
    Agreement, Change, Date, District, DistrictCode, Document, Id, Matter, MatterCode, Offering, Policy, Record, RecordKind, Recorded, Revision,
    Territory, Version, Window,
};
use roaring::RoaringBitmap;

use crate::search::Text;
use crate::snapshot::{
    AgreementEntry, AgreementFile, ClauseEntry, DistrictEntry, Handle, Head, Kept, MatterEntry, OfferingBrief, OfferingEntry, PartyEntry, Place,
    PolicyClauseEntry, PolicyEntry, Published, Snapshot, VersionEntry, text_of,
};
use crate::territory::is_subtree;

/// A record that the catalogue cannot take: it names what does not exist, or is not what it says it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    pub what: String,
}

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Unreadable {}

fn unreadable<T>(what: impl Into<String>) -> Result<T, Unreadable> {
    Err(Unreadable { what: what.into() })
}

/// An offering with the ids of its district and matter.
type Placed = (Id<District>, Option<Id<Matter>>, OfferingBrief);

/// A snapshot in the making.
#[derive(Debug)]
pub struct Loading {
    snapshot: Snapshot,
    /// What waits until every district and matter is known.
    windows: Vec<Recorded<Window>>,
    agreements: BTreeSet<Handle>,
    policies: BTreeSet<Handle>,
    districts_changed: bool,
    offerings: Vec<Placed>,
    offered: BTreeSet<Handle>,
    /// The parties that an agreement had before it changed.
    left: BTreeMap<Handle, Vec<Handle>>,
}

impl Snapshot {
    /// A registry without records.
    pub fn empty(head: Head) -> Self {
        Self {
            today: day_in_china(&head),
            head: Arc::new(head),
            districts: Arc::default(),
            district_codes: Arc::default(),
            matters: Arc::default(),
            matter_codes: Arc::default(),
            retiring: Arc::default(),
            agreements: Arc::default(),
            guarded: Arc::default(),
            agreement_numbers: Arc::default(),
            policies: Arc::default(),
            documents: Arc::default(),
            places: Arc::default(),
        }
    }

    /// The next snapshot: this one and what changed since, in the order of the revisions.
    pub fn apply<'a>(&self, changes: impl IntoIterator<Item = &'a Change>) -> Result<Self, Unreadable> {
        let mut loading = Loading::over(self.clone());
        let mut head = self.head().clone();
        // Offerings and windows name districts and matters that may be new in the same batch.
        let mut offerings = Vec::new();
        for change in changes {
            if change.revision != head.revision + 1 {
                return unreadable(format!("revision {} does not follow {}", change.revision, head.revision));
            }
            head = Head { epoch: head.epoch, revision: change.revision, digest: change.digest, recorded_at: change.recorded_at };
            match change.kind {
                RecordKind::ApiKey | RecordKind::Finding => continue,
                RecordKind::District
                | RecordKind::Matter
                | RecordKind::Offering
                | RecordKind::Window
                | RecordKind::Agreement
                | RecordKind::Policy
                | RecordKind::Document => {}
            }
            let Some(line) = change.document.as_deref() else {
                loading.remove(change)?;
                continue;
            };
            let record = Record::from_line(line).map_err(|problems| Unreadable {
                what: format!("revision {}: {}", change.revision, problems.first().map_or("", |problem| &problem.message.en)),
            })?;
            match record {
                Record::District(record) => loading.district(recorded(change, record)),
                Record::Matter(record) => loading.matter(recorded(change, record)),
                Record::Window(record) => loading.window(recorded(change, record)),
                Record::Agreement(record) => loading.agreement(recorded(change, *record)),
                Record::Policy(record) => loading.policy(recorded(change, *record)),
                Record::Document(record) => loading.document(recorded(change, record)),
                Record::Offering(record) => offerings.push(recorded::<Offering>(change, *record)),
            }
        }
        for offering in offerings {
            let (district, matter, brief) = loading.brief(&offering)?;
            loading.offering(district, matter, brief);
        }
        loading.snapshot.today = loading.snapshot.today.max(day_in_china(&head));
        loading.snapshot.head = Arc::new(head);
        loading.finish()
    }
}

fn recorded<T>(change: &Change, record: T) -> Recorded<T> {
    Recorded { id: Id::new(change.record), revision: change.revision, record }
}

impl OfferingBrief {
    /// What the catalogue keeps of an offering.
    pub fn of(offering: &Recorded<Offering>) -> Self {
        Self {
            id: offering.id,
            revision: offering.revision,
            days: offering.days(),
            visits: offering.visits,
            has_url: offering.url.is_some(),
            has_invalid_code: offering.has_invalid_code(),
            verified_on: offering.verified_on,
            period: offering.period,
        }
    }
}

impl Loading {
    /// Begins with nothing.
    pub fn new(head: Head) -> Self {
        Self::over(Snapshot::empty(head))
    }

    fn over(snapshot: Snapshot) -> Self {
        Self {
            snapshot,
            windows: Vec::new(),
            agreements: BTreeSet::new(),
            policies: BTreeSet::new(),
            districts_changed: false,
            offerings: Vec::new(),
            offered: BTreeSet::new(),
            left: BTreeMap::new(),
        }
    }

    fn place(&self, id: Revision) -> Option<Place> {
        self.snapshot.places.get(&id).copied()
    }

    fn put_place(&mut self, id: Revision, place: Place) {
        if !self.snapshot.places.contains_key(&id) {
            Arc::make_mut(&mut self.snapshot.places).insert(id, place);
        }
    }

    fn district_mut(&mut self, at: Handle) -> &mut DistrictEntry {
        Arc::make_mut(&mut Arc::make_mut(&mut self.snapshot.districts)[at as usize])
    }

    fn matter_mut(&mut self, at: Handle) -> &mut MatterEntry {
        Arc::make_mut(&mut Arc::make_mut(&mut self.snapshot.matters)[at as usize])
    }

    pub fn district(&mut self, district: Recorded<District>) {
        self.districts_changed = true;
        let others =
            district.aliases.iter().map(AsRef::as_ref).chain(district.english_name.as_deref()).chain(district.codes.iter().map(|code| &*code.value));
        let text = Text::new(&district.name, others.chain([district.code.as_str()]));
        let id = district.id.number();
        let known = self.place(id);
        let codes: Vec<DistrictCode> = district.all_codes().collect();
        let districts = Arc::make_mut(&mut self.snapshot.districts);
        let handle = if let Some(Place::District(handle)) = known {
            let entry = Arc::make_mut(&mut districts[handle as usize]);
            entry.text = text;
            entry.district = Arc::new(district);
            handle
        } else {
            districts.push(Arc::new(DistrictEntry {
                district: Arc::new(district),
                text,
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
            }));
            handle_of(districts.len() - 1)
        };
        self.put_place(id, Place::District(handle));
        let by_code = Arc::make_mut(&mut self.snapshot.district_codes);
        if known.is_some() {
            by_code.retain(|_, other| *other != handle);
        }
        by_code.extend(codes.into_iter().map(|code| (code, handle)));
    }

    pub fn matter(&mut self, matter: Recorded<Matter>) {
        let others = matter.aliases.iter().map(AsRef::as_ref).chain(matter.english_name.as_deref()).chain([matter.code.as_str()]);
        let text = Text::new(&matter.name, others);
        let (id, code, retires) = (matter.id.number(), matter.code, matter.retired_on.is_some());
        let known = self.place(id);
        let matters = Arc::make_mut(&mut self.snapshot.matters);
        let handle = if let Some(Place::Matter(handle)) = known {
            let entry = Arc::make_mut(&mut matters[handle as usize]);
            entry.text = text;
            entry.matter = Arc::new(matter);
            handle
        } else {
            matters.push(Arc::new(MatterEntry { matter: Arc::new(matter), text, offered_by: Arc::default() }));
            handle_of(matters.len() - 1)
        };
        self.put_place(id, Place::Matter(handle));
        if known.is_none() {
            Arc::make_mut(&mut self.snapshot.matter_codes).insert(code, handle);
        }
        if retires != self.snapshot.retiring.contains(handle) {
            let retiring = Arc::make_mut(&mut self.snapshot.retiring);
            if retires {
                retiring.insert(handle)
            } else {
                retiring.remove(handle)
            };
        }
    }

    pub fn window(&mut self, window: Recorded<Window>) {
        self.windows.push(window);
    }

    pub fn agreement(&mut self, agreement: Recorded<Agreement>) {
        let (id, number) = (agreement.id.number(), agreement.number);
        let known = self.place(id);
        let whole = AgreementEntry { text: text_of(&agreement), agreement: Arc::new(agreement), versions: Arc::default() };
        let file = Some(Arc::new(AgreementFile { whole, published: Published::Whole }));
        let handle = if let Some(Place::Agreement(handle)) = known {
            self.replace(handle, file);
            handle
        } else {
            let agreements = Arc::make_mut(&mut self.snapshot.agreements);
            agreements.push(file);
            handle_of(agreements.len() - 1)
        };
        self.put_place(id, Place::Agreement(handle));
        if known.is_none() {
            Arc::make_mut(&mut self.snapshot.agreement_numbers).insert(number, handle);
        }
        self.agreements.insert(handle);
    }

    /// Puts another file in the place of one, and remembers whom that one named.
    fn replace(&mut self, handle: Handle, file: Option<Arc<AgreementFile>>) {
        let before = std::mem::replace(&mut Arc::make_mut(&mut self.snapshot.agreements)[handle as usize], file);
        let named = before.iter().flat_map(|before| before.whole.agreement.named());
        let named: Vec<Handle> = named.filter_map(|code| self.snapshot.district_handle(code)).collect();
        self.left.entry(handle).or_default().extend(named);
    }

    /// Nothing is left of a record: of an agreement whose only draft was discarded, and of its documents.
    fn remove(&mut self, change: &Change) -> Result<(), Unreadable> {
        match self.place(change.record) {
            Some(Place::Agreement(handle)) => {
                if let Some(file) = self.snapshot.file_at(handle) {
                    let number = file.whole.agreement.number;
                    Arc::make_mut(&mut self.snapshot.agreement_numbers).remove(&number);
                }
                Arc::make_mut(&mut self.snapshot.places).remove(&change.record);
                self.replace(handle, None);
                self.agreements.insert(handle);
                Ok(())
            }
            Some(Place::Document(number)) => {
                Arc::make_mut(&mut self.snapshot.places).remove(&change.record);
                let documents = Arc::make_mut(&mut self.snapshot.documents);
                if let Some(of_agreement) = documents.get_mut(&number) {
                    of_agreement.retain(|document| document.id.number() != change.record);
                    if of_agreement.is_empty() {
                        documents.remove(&number);
                    }
                }
                Ok(())
            }
            Some(Place::District(_) | Place::Matter(_) | Place::Policy(_) | Place::Window(_)) | None => {
                unreadable(format!("revision {}: a {} is not removed", change.revision, change.kind.label(domain::Locale::En)))
            }
        }
    }

    pub fn policy(&mut self, policy: Recorded<Policy>) {
        let id = policy.id.number();
        let known = self.place(id);
        let entry = PolicyEntry { policy: Arc::new(policy), clauses: Arc::default() };
        let policies = Arc::make_mut(&mut self.snapshot.policies);
        let handle = if let Some(Place::Policy(handle)) = known {
            policies[handle as usize] = entry;
            handle
        } else {
            policies.push(entry);
            handle_of(policies.len() - 1)
        };
        self.put_place(id, Place::Policy(handle));
        self.policies.insert(handle);
    }

    pub fn document(&mut self, document: Recorded<Document>) {
        self.put_place(document.id.number(), Place::Document(document.agreement));
        let of_agreement = Arc::make_mut(&mut self.snapshot.documents).entry(document.agreement).or_default();
        let place = of_agreement.partition_point(|known| known.id < document.id);
        let is_known = of_agreement.get(place).is_some_and(|known| known.id == document.id);
        let document = Arc::new(document);
        if is_known {
            of_agreement[place] = document;
        } else {
            of_agreement.insert(place, document);
        }
    }

    /// An offering, by the ids of its district and matter.
    pub fn offering(&mut self, district: Id<District>, matter: Option<Id<Matter>>, brief: OfferingBrief) {
        // What comes before its district or matter waits for them.
        if self.put_offering(district, matter, brief).is_err() {
            self.offerings.push((district, matter, brief));
        }
    }

    fn brief(&self, offering: &Recorded<Offering>) -> Result<Placed, Unreadable> {
        let Some(district) = self.snapshot.district(offering.district) else {
            return unreadable(format!("{} serves the unknown district {}", offering.id, offering.district));
        };
        let matter = match offering.matter {
            None => None,
            Some(code) => match self.snapshot.matter(code) {
                Some(matter) => Some(matter.id),
                None => return unreadable(format!("{} implements the unknown matter {code}", offering.id)),
            },
        };
        Ok((district.id, matter, OfferingBrief::of(offering)))
    }

    fn put_offering(&mut self, district: Id<District>, matter: Option<Id<Matter>>, brief: OfferingBrief) -> Result<(), Unreadable> {
        let Some(Place::District(at)) = self.place(district.number()) else {
            return unreadable(format!("{} serves the unknown district {district}", brief.id));
        };
        let matter = match matter.map(|id| (id, self.place(id.number()))) {
            None => None,
            Some((_, Some(Place::Matter(handle)))) => Some(handle),
            Some((id, _)) => return unreadable(format!("{} implements the unknown matter {id}", brief.id)),
        };
        let entry = OfferingEntry { matter, brief };
        let offerings = Arc::make_mut(&mut self.district_mut(at).offerings);
        let mut no_longer = None;
        match offerings.last() {
            Some(last) if last.brief.id >= brief.id => match offerings.binary_search_by_key(&brief.id, |known| known.brief.id) {
                Ok(known) => no_longer = std::mem::replace(&mut offerings[known], entry).matter.filter(|before| Some(*before) != matter),
                Err(place) => offerings.insert(place, entry),
            },
            _ => offerings.push(entry),
        }
        let still = |matter: Handle| offerings.iter().any(|offering| offering.matter == Some(matter));
        let no_longer = no_longer.filter(|matter| !still(*matter));
        self.offered.insert(at);
        let mut offered_by = |matter: Handle, offered: bool| {
            if self.snapshot.matters[matter as usize].offered_by.contains(at) != offered {
                let districts = Arc::make_mut(&mut self.matter_mut(matter).offered_by);
                if offered {
                    districts.insert(at)
                } else {
                    districts.remove(at)
                };
            }
        };
        if let Some(matter) = matter {
            offered_by(matter, true);
        }
        if let Some(matter) = no_longer {
            offered_by(matter, false);
        }
        Ok(())
    }

    /// Resolves what records name, and hands out the snapshot.
    pub fn finish(mut self) -> Result<Snapshot, Unreadable> {
        if self.districts_changed {
            self.relate_districts()?;
        }
        for (district, matter, brief) in std::mem::take(&mut self.offerings) {
            self.put_offering(district, matter, brief)?;
        }
        for at in std::mem::take(&mut self.offered) {
            let entry = self.district_mut(at);
            let of = |always: bool| {
                let offerings = entry.offerings.iter().filter(|offering| (offering.brief.period == domain::Period::ALWAYS) == always);
                Arc::new(offerings.filter_map(|offering| offering.matter).collect::<RoaringBitmap>())
            };
            (entry.always_offered, entry.dated_offered) = (of(true), of(false));
        }
        for window in std::mem::take(&mut self.windows) {
            self.put_window(window)?;
        }
        for at in std::mem::take(&mut self.agreements) {
            self.resolve_agreement(at)?;
        }
        for at in std::mem::take(&mut self.policies) {
            self.resolve_policy(at)?;
        }
        Ok(self.snapshot)
    }

    fn known(&self, code: DistrictCode, whose: &str) -> Result<Handle, Unreadable> {
        self.snapshot.district_handle(code).map_or_else(|| unreadable(format!("{whose} names the unknown district {code}")), Ok)
    }

    fn relate_districts(&mut self) -> Result<(), Unreadable> {
        #[derive(Default)]
        struct Relations {
            parents: Vec<(Handle, domain::Period)>,
            administrators: Vec<(Handle, domain::Period)>,
            children: Vec<Handle>,
            successors: Vec<Handle>,
            predecessors: Vec<Handle>,
        }
        let count = self.snapshot.districts.len();
        let mut relations: Vec<Relations> = std::iter::repeat_with(Relations::default).take(count).collect();
        for at in 0..count {
            let district = self.snapshot.districts[at].district.clone();
            let whose = district.id.to_string();
            for tenure in &district.parents {
                let parent = self.known(tenure.district, &whose)?;
                relations[at].parents.push((parent, tenure.period));
                relations[parent as usize].children.push(handle_of(at));
            }
            for tenure in &district.administers {
                let administered = self.known(tenure.district, &whose)?;
                relations[administered as usize].administrators.push((handle_of(at), tenure.period));
                relations[at].children.push(administered);
            }
            for &code in district.successors() {
                let successor = self.known(code, &whose)?;
                relations[at].successors.push(successor);
                relations[successor as usize].predecessors.push(handle_of(at));
            }
        }
        let districts = Arc::make_mut(&mut self.snapshot.districts);
        for (entry, mut related) in districts.iter_mut().map(Arc::make_mut).zip(relations) {
            related.children.sort_unstable();
            related.children.dedup();
            entry.parents = related.parents.into();
            entry.administrators = related.administrators.into();
            entry.children = related.children.into();
            entry.successors = related.successors.into();
            entry.predecessors = related.predecessors.into();
        }
        Ok(())
    }

    fn put_window(&mut self, window: Recorded<Window>) -> Result<(), Unreadable> {
        let at = self.known(window.district, &window.id.to_string())?;
        self.put_place(window.id.number(), Place::Window(at));
        let windows = Arc::make_mut(&mut self.district_mut(at).windows);
        windows.retain(|known| known.id != window.id);
        let place = windows.partition_point(|known| known.name <= window.name);
        windows.insert(place, Arc::new(window));
        Ok(())
    }

    fn resolve_agreement(&mut self, at: Handle) -> Result<(), Unreadable> {
        let mut named = BTreeSet::new();
        let mut is_guarded = false;
        if let Some(file) = self.snapshot.file_at(at) {
            let agreement: Kept<Agreement> = file.whole.agreement.clone();
            let whose = agreement.id.to_string();
            let resolve = |version: &Version| self.resolve_version(&agreement, version, &whose).map(Arc::new);
            let versions = agreement.versions.iter().map(resolve).collect::<Result<Vec<_>, _>>()?;
            named.extend(agreement.named().into_iter().filter_map(|code| self.snapshot.district_handle(code)));
            let whole = AgreementEntry { versions: versions.into(), ..file.whole.clone() };
            let published = published(&whole, day_in_china(self.snapshot.head()));
            is_guarded = matches!(published, Published::Parts(_));
            Arc::make_mut(&mut self.snapshot.agreements)[at as usize] = Some(Arc::new(AgreementFile { whole, published }));
        }
        for left in self.left.remove(&at).unwrap_or_default() {
            if !named.contains(&left) {
                Arc::make_mut(&mut self.district_mut(left).agreements).remove(at);
            }
        }
        for district in named {
            if !self.snapshot.district_at(district).agreements.contains(at) {
                Arc::make_mut(&mut self.district_mut(district).agreements).insert(at);
            }
        }
        if is_guarded != self.snapshot.guarded.contains(at) {
            let guarded = Arc::make_mut(&mut self.snapshot.guarded);
            if is_guarded {
                guarded.insert(at)
            } else {
                guarded.remove(at)
            };
        }
        Ok(())
    }

    fn resolve_version(&self, agreement: &Agreement, version: &Version, whose: &str) -> Result<VersionEntry, Unreadable> {
        let parties = version
            .parties
            .iter()
            .map(|party| Ok(PartyEntry { district: self.known(party.district, whose)?, subtree: is_subtree(party.extent) }))
            .collect::<Result<Vec<_>, Unreadable>>()?;
        let places: HashMap<DistrictCode, u16> = version.parties.iter().zip(0u16..).map(|(party, at)| (party.district, at)).collect();
        let side = |codes: &[DistrictCode]| {
            let mut side = codes
                .iter()
                .map(|code| places.get(code).copied().map_or_else(|| unreadable(format!("{whose} has a clause that names {code}, no party")), Ok))
                .collect::<Result<Vec<_>, _>>()?;
            side.sort_unstable();
            Ok::<Box<[u16]>, Unreadable>(side.into())
        };
        let clauses = version
            .schedule
            .iter()
            .map(|clause| {
                let excluded = agreement.excluded(version, clause);
                // Who objected to the clause is left out of it; a side that names nobody is all the others.
                let bound = |named: &[DistrictCode]| {
                    if excluded.is_empty() {
                        return side(named);
                    }
                    let everybody: Vec<DistrictCode> = version.parties.iter().map(|party| party.district).collect();
                    let named = if named.is_empty() { &everybody } else { named };
                    let left = side(&named.iter().copied().filter(|party| !excluded.contains(party)).collect::<Vec<_>>())?;
                    Ok(if left.is_empty() { NOBODY.into() } else { left })
                };
                Ok(ClauseEntry {
                    receiving: bound(&clause.receiving)?,
                    competent: bound(&clause.competent)?,
                    matters: self.resolve_matters(&clause.matters, whose)?,
                })
            })
            .collect::<Result<Vec<_>, Unreadable>>()?;
        Ok(VersionEntry { parties, clauses })
    }

    fn resolve_matters(&self, codes: &[MatterCode], whose: &str) -> Result<RoaringBitmap, Unreadable> {
        let mut handles = codes
            .iter()
            .map(|code| self.snapshot.matter_handle(*code).map_or_else(|| unreadable(format!("{whose} lists the unknown matter {code}")), Ok))
            .collect::<Result<Vec<_>, _>>()?;
        handles.sort_unstable();
        handles.dedup();
        Ok(RoaringBitmap::from_sorted_iter(handles).expect("sorted, each once"))
    }

    fn resolve_policy(&mut self, at: Handle) -> Result<(), Unreadable> {
        let policy: Kept<Policy> = self.snapshot.policies[at as usize].policy.clone();
        let whose = policy.id.to_string();
        let side = |territories: &[Territory]| {
            territories
                .iter()
                .map(|territory| Ok((self.known(territory.district, &whose)?, is_subtree(territory.extent))))
                .collect::<Result<Box<[_]>, Unreadable>>()
        };
        let clauses = policy
            .schedule
            .iter()
            .map(|clause| {
                Ok(PolicyClauseEntry {
                    matters: self.resolve_matters(&clause.matters, &whose)?,
                    receiving: side(policy.receiving_of(clause))?,
                    competent: side(policy.competent_of(clause))?,
                })
            })
            .collect::<Result<Vec<_>, Unreadable>>()?;
        Arc::make_mut(&mut self.snapshot.policies)[at as usize].clauses = clauses.into();
        Ok(())
    }
}

/// A side on which nobody is left: a place that no party has, since an empty side is everybody.
const NOBODY: [u16; 1] = [u16::MAX];

/// The day of a snapshot's newest change.
fn day_in_china(head: &Head) -> Date {
    const CHINA: FixedOffset = FixedOffset::east_opt(8 * 3600).expect("eight hours is an offset");
    head.recorded_at.with_timezone(&CHINA).date_naive()
}

/// What everybody sees of an agreement on a day, and from the days on which the clock shows more.
fn published(whole: &AgreementEntry, today: Date) -> Published {
    let agreement = &whole.agreement;
    let concluded = agreement.versions.iter().filter_map(|version| version.proposal()?.concluded_on(version.objection_days));
    let later: BTreeSet<Date> = concluded.filter(|concluded| *concluded > today).collect();
    let part = |from: Date, day: Date| Some((from, whole.seen_by(&Eyes::Public, day)?));
    let first = part(Date::MIN, today);
    if later.is_empty() && matches!(first, Some((_, Cow::Borrowed(_)))) {
        return Published::Whole;
    }
    let parts = first.into_iter().chain(later.into_iter().filter_map(|day| part(day, day)));
    Published::Parts(parts.map(|(from, entry)| (from, entry.into_owned())).collect())
}

fn handle_of(place: usize) -> Handle {
    Handle::try_from(place).expect("a registry has fewer than four thousand million records of a kind")
}

impl Snapshot {
    pub(crate) fn districts_with_offering(&self, id: Id<Offering>) -> Option<(&DistrictEntry, OfferingEntry)> {
        self.districts.iter().find_map(|entry| {
            let outside =
                entry.offerings.first().is_none_or(|first| id < first.brief.id) || entry.offerings.last().is_none_or(|last| last.brief.id < id);
            let place = if outside { return None } else { entry.offerings.binary_search_by_key(&id, |offering| offering.brief.id).ok()? };
            Some((&**entry, entry.offerings[place]))
        })
    }

    /// The matters a district publishes an offering of on a day, and those of which it has withdrawn the
    /// last one.
    pub(crate) fn offered(&self, district: Handle, on: Date) -> Offered {
        let entry = self.district_at(district);
        let mut published = entry.always_offered.clone();
        let mut withdrawn = RoaringBitmap::new();
        if !entry.dated_offered.is_empty() {
            for offering in entry.offerings.iter() {
                let Some(matter) = offering.matter else { continue };
                if offering.brief.period.includes(on) {
                    if !published.contains(matter) {
                        Arc::make_mut(&mut published).insert(matter);
                    }
                } else if offering.brief.period.ended_before(on) {
                    withdrawn.insert(matter);
                }
            }
            withdrawn -= &*published;
        }
        Offered { published, withdrawn }
    }
}

/// The state of a district's offerings on a day, by matter.
#[derive(Debug, Clone)]
pub(crate) struct Offered {
    pub(crate) published: Arc<RoaringBitmap>,
    /// Withdrawn, and no other is published.
    pub(crate) withdrawn: RoaringBitmap,
}
