//! What an act would change: the matters between two districts that start and end when some agreements are replaced.
//! Two snapshots are compared, with one coverage each; nothing is decided here.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use domain::visibility::Scope;
use domain::{Agreement, AgreementNumber, Date, District, DistrictCode, HandlingMode, MatterCode, Recorded};

use crate::between::{Between, Participation};
use crate::bits::Bits;
use crate::build::{BuildError, SnapshotBuilder};
use crate::finding::{Finding, FindingKey};
use crate::handle::{Handle, Kept};
use crate::handling::reason::Subject;
use crate::snapshot::Snapshot;

/// Maximum number of ordered pairs of districts that are compared.
pub const MAX_PAIRS: usize = 10_000;

/// What would change on a day.
#[derive(Debug, Clone)]
pub struct Effect {
    pub on: Date,
    /// By receiving district, competent district and mode.
    pub starting: Vec<EffectCell>,
    pub ending: Vec<EffectCell>,
    /// The number of different matters.
    pub matters: usize,
    /// Contradictions with other agreements that begin.
    pub contradictions: Vec<Finding>,
}

impl Effect {
    /// The number of routes that start or end: matters by direction and mode.
    pub fn routes(&self) -> usize {
        self.starting.iter().chain(&self.ending).map(|cell| cell.matters.len()).sum()
    }
}

/// The matters that start or end between two districts in one mode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EffectCell {
    pub receiving: Kept<District>,
    pub competent: Kept<District>,
    pub mode: HandlingMode,
    /// By code.
    pub matters: Vec<MatterCode>,
}

/// Which answers are compared: those of all districts, or of one that receives or is competent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Narrowing {
    pub receiving: Option<DistrictCode>,
    pub competent: Option<DistrictCode>,
}

/// More pairs of districts are concerned than can be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooManyPairs;

/// A comparison that runs in steps, since it may take long.
#[derive(Debug)]
pub struct EffectComparison {
    before: Snapshot,
    after: Snapshot,
    on: Date,
    agreements: Vec<Handle>,
    pairs: Vec<(Handle, Handle)>,
    next: usize,
    participations: HashMap<Handle, Arc<[Participation]>>,
    starting: Vec<Change>,
    ending: Vec<Change>,
}

/// Receiving and competent district, mode, matters.
type Change = (Handle, Handle, HandlingMode, Bits);

impl Snapshot {
    /// The registry with other contents of some of its agreements.
    pub fn supposing(&self, agreements: impl IntoIterator<Item = Agreement>) -> Result<Self, BuildError> {
        let mut builder = SnapshotBuilder::over(self.clone());
        for record in agreements {
            let Some(id) = self.agreement_id(record.number) else { continue };
            builder.agreement(Recorded { id, revision: self.revision(), record });
        }
        let mut supposed = builder.finish()?;
        // The caches of the registry must not learn of it.
        supposed.derived = Arc::default();
        supposed.findings = Arc::default();
        Ok(supposed)
    }

    /// Begins to compare this registry with another one, in which some agreements differ.
    pub fn compare_with(
        self,
        after: Self,
        numbers: &[AgreementNumber],
        on: Date,
        narrowing: Narrowing,
    ) -> Result<EffectComparison, TooManyPairs> {
        let agreements: Vec<Handle> = numbers.iter().filter_map(|number| self.agreement_numbers.get(*number)).collect();
        let mut pairs = HashSet::new();
        let mut sides: HashSet<[Vec<Handle>; 2]> = HashSet::new();
        for at in &agreements {
            for snapshot in [&self, &after] {
                snapshot.add_pairs(*at, on, narrowing, &mut sides, &mut pairs)?;
            }
        }
        let mut pairs: Vec<(Handle, Handle)> = pairs.into_iter().collect();
        let code = |handle: Handle| self.district_at(handle).district.code;
        pairs.sort_unstable_by_key(|(receiving, competent)| (code(*receiving), code(*competent)));
        Ok(EffectComparison {
            before: self,
            after,
            on,
            agreements,
            pairs,
            next: 0,
            participations: HashMap::new(),
            starting: Vec::new(),
            ending: Vec::new(),
        })
    }

    /// Adds the pairs of districts between which clauses of an agreement apply on a day.
    fn add_pairs(
        &self,
        at: Handle,
        on: Date,
        narrowing: Narrowing,
        known: &mut HashSet<[Vec<Handle>; 2]>,
        pairs: &mut HashSet<(Handle, Handle)>,
    ) -> Result<(), TooManyPairs> {
        let Some(current) = self.version_in_force(at, on) else { return Ok(()) };
        let parties: Vec<_> = (0u16..).zip(current.version.parties()).collect();
        let mut roles = BTreeSet::new();
        for clause in current.version.clauses().filter(|clause| clause.is_in_date(on)) {
            let side = |include: &dyn Fn(u16) -> bool| {
                let present = parties.iter().map(|(place, _)| *place).filter(|place| current.is_present(*place));
                present.filter(|place| include(*place)).collect::<Vec<u16>>()
            };
            roles.insert([
                side(&|place| clause.receiving.include(place)),
                side(&|place| clause.competent.include(place)),
            ]);
        }
        let narrowed =
            [narrowing.receiving, narrowing.competent].map(|code| code.map(|code| self.district_handle(code)));
        for roles in roles {
            let mut sides = roles.map(|places| {
                let of = |place: &u16| {
                    let party = parties[usize::from(*place)].1;
                    self.named_with(party.district, party.subtree, on)
                };
                crate::bits::sorted(places.iter().flat_map(of).collect())
            });
            for (side, only) in sides.iter_mut().zip(narrowed) {
                side.retain(|district| only.is_none_or(|only| only == Some(*district)));
            }
            if known.contains(&sides) {
                continue;
            }
            let [receiving, competent] = &sides;
            // A rectangle has at least so many different pairs.
            if (receiving.len() * competent.len()).saturating_sub(receiving.len().min(competent.len())) > MAX_PAIRS {
                return Err(TooManyPairs);
            }
            for a in receiving {
                pairs.extend(competent.iter().filter(|c| *c != a).map(|c| (*a, *c)));
            }
            if pairs.len() > MAX_PAIRS {
                return Err(TooManyPairs);
            }
            known.insert(sides);
        }
        Ok(())
    }

    /// The contradictions of an agreement with others on a day, by key.
    fn contradictions_of(&self, at: Handle, on: Date) -> BTreeMap<FindingKey, (Finding, Vec<Handle>)> {
        self.contradictions(at, on)
            .into_iter()
            .map(|(finding, matters)| (finding.key.clone(), (finding, matters)))
            .collect()
    }
}

impl EffectComparison {
    /// The number of pairs that are compared.
    pub fn pairs(&self) -> usize {
        self.pairs.len()
    }

    /// Compares some more pairs; `false`: all are compared.
    pub fn advance(&mut self, count: usize) -> bool {
        let end = self.pairs.len().min(self.next + count);
        while self.next < end {
            let (receiving, competent) = self.pairs[self.next];
            self.compare(receiving, competent);
            self.next += 1;
        }
        self.next < self.pairs.len()
    }

    fn compare(&mut self, receiving: Handle, competent: Handle) {
        let on = self.on;
        let [receiving_as, competent_as] = [receiving, competent].map(|district| {
            let known = self.participations.entry(district);
            known.or_insert_with(|| self.before.participations(district, on).into()).clone()
        });
        let between = Between { receiving, competent, receiving_as: &receiving_as, competent_as: &competent_as, on };
        let [before, after] = [&self.before, &self.after].map(|snapshot| snapshot.matters_between(&between));
        for mode in HandlingMode::ALL {
            let of = |matters: &BTreeMap<HandlingMode, Bits>| matters.get(mode).cloned().unwrap_or_default();
            let (was, is) = (of(&before), of(&after));
            for (matters, list) in [(is.without(&was), &mut self.starting), (was.without(&is), &mut self.ending)] {
                if !matters.is_empty() {
                    list.push((receiving, competent, *mode, matters));
                }
            }
        }
    }

    /// The effect, after all pairs are compared. Contradictions are about agreements as this scope sees them.
    pub fn finish(self, scope: &Scope) -> Effect {
        let Self { before, after, on, agreements, starting, ending, .. } = self;
        let mut matters = Bits::default();
        starting.iter().chain(&ending).for_each(|(.., changed)| matters |= changed);
        let cell = |(receiving, competent, mode, changed): Change| {
            let mut matters: Vec<MatterCode> = changed.iter().map(|m| before.matter_at(m).matter.code).collect();
            matters.sort_unstable();
            let district = |handle| before.district_at(handle).district.clone();
            EffectCell { receiving: district(receiving), competent: district(competent), mode, matters }
        };
        let mut contradictions = BTreeMap::new();
        for at in agreements {
            let known = before.contradictions_of(at, on);
            let new = after.contradictions_of(at, on).into_iter().filter(|(key, (_, matters))| {
                known.get(key).is_none_or(|(_, before)| matters.iter().any(|matter| !before.contains(matter)))
            });
            contradictions.extend(new.map(|(key, (finding, _))| (key, finding)));
        }
        // The subject is the agreement as it is, not as it is supposed to be.
        let contradictions = contradictions.into_values().map(|finding| {
            let subject = match finding.subject {
                Some(Subject::Agreement(supposed)) => before.agreement(supposed.number, scope).map(Subject::Agreement),
                other => other,
            };
            Finding { subject, ..finding }
        });
        let contradictions = contradictions.collect();
        Effect {
            on,
            starting: starting.into_iter().map(cell).collect(),
            ending: ending.into_iter().map(cell).collect(),
            matters: matters.len(),
            contradictions,
        }
    }
}
