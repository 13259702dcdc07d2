//! The reads of a mutation before it writes, within its unit of work.

use std::collections::{BTreeMap, BTreeSet};

use domain::calendar::day_in_china;
use domain::district_graph::{DistrictGraph, Relations};
use domain::journal::Action;
use domain::reference::{Reference, Referent};
use domain::{
    Agreement, Date, District, DistrictCode, Matter, MatterCode, Offering, Policy, Problems, RecordKind, Recorded,
    Revision, Window,
};

use super::unit_of_work::Work;
use crate::error::Result;
use crate::idempotency::{self, StoredResult};
use crate::journal::append::Access;
use crate::journal::reader::JournalReader;
use crate::journal::{self, ChangeQuery};
use crate::number::column;
use crate::policy::PolicyIndex;
use crate::table::{self, RowContext, StoredRecord, Table as _};
use crate::{actor, district, offering, problem, window};

impl Work {
    pub(super) async fn policies(&self) -> Result<PolicyIndex> {
        PolicyIndex::read(table::page::<Policy>(&self.tx, 0, u64::from(u32::MAX)).await?)
    }

    /// The newest change of a record that a reader may see, including those of this unit of work.
    pub async fn last_seen(&mut self, record: Revision, reader: &JournalReader) -> Result<Option<Revision>> {
        Ok(journal::last_seen(&self.tx, &[record], domain::id::MAX_REVISION, reader).await?.remove(&record))
    }

    /// The district with this present or former code.
    pub async fn district(&mut self, code: DistrictCode) -> Result<Option<Recorded<District>>> {
        self.load_districts(BTreeSet::from([code])).await?;
        let id = self.code_index.find_district(code);
        table::by_id::<District>(&self.tx, id).await?.into_values().next().map(StoredRecord::read).transpose()
    }

    /// The cycles that a district would close by its references to other districts.
    pub async fn relation_cycles(&mut self, district: &District) -> Result<Problems> {
        let mut known = BTreeMap::from([(district.code, Relations::of(district))]);
        let mut codes: BTreeMap<DistrictCode, Option<DistrictCode>> =
            district.all_codes().map(|code| (code, Some(district.code))).collect();
        for stored in district::administering(&self.tx).await? {
            let zone = stored.read::<District>()?.record;
            known.entry(zone.code).or_insert_with(|| Relations::of(&zone));
        }
        let mut next: Vec<DistrictCode> =
            known.values().flat_map(Relations::named).chain(known.keys().copied()).collect();
        while let Some(code) = next.pop() {
            if codes.contains_key(&code) {
                continue;
            }
            let found = self.district(code).await?.map(|stored| stored.record);
            codes.insert(code, found.as_ref().map(|found| found.code));
            if let Some(found) = found {
                let relations = known.entry(found.code).or_insert_with(|| Relations::of(&found));
                next.extend(relations.named());
            }
        }
        Ok(DistrictGraph::new(known.iter().map(|(code, relations)| (*code, relations)), |code| {
            codes.get(&code).copied().flatten()
        })
        .cycles(district.code))
    }

    pub async fn matter(&mut self, code: MatterCode) -> Result<Option<Recorded<Matter>>> {
        self.code_index.load(&self.tx, BTreeSet::new(), BTreeSet::from([code])).await?;
        let id = self.code_index.find_matter(code);
        table::by_id::<Matter>(&self.tx, id).await?.into_values().next().map(StoredRecord::read).transpose()
    }

    /// The offering of a district with a source code, or else the one of a matter that has no source code.
    pub async fn offering(
        &mut self,
        district: DistrictCode,
        matter: Option<MatterCode>,
        source_code: Option<&str>,
    ) -> Result<Option<Recorded<Offering>>> {
        self.code_index.load(&self.tx, BTreeSet::from([district]), matter.into_iter().collect()).await?;
        let matter = matter.and_then(|code| self.code_index.find_matter(code));
        let Some(district) = self.code_index.find_district(district) else { return Ok(None) };
        let Some(natural_key) = offering::natural_key(district, matter, source_code) else { return Ok(None) };
        offering::by_natural_key(&self.tx, vec![natural_key])
            .await?
            .into_values()
            .next()
            .map(StoredRecord::read)
            .transpose()
    }

    /// The window of a district with a name.
    pub async fn window(&mut self, district: DistrictCode, name: &str) -> Result<Option<Recorded<Window>>> {
        self.load_districts(BTreeSet::from([district])).await?;
        let Some(district) = self.code_index.find_district(district) else { return Ok(None) };
        window::of_districts(&self.tx, BTreeSet::from([district]))
            .await?
            .remove(&(district, name.to_owned()))
            .map(StoredRecord::read)
            .transpose()
    }

    /// The registered policy that a submitted one means: by key, else by document number, else by title.
    pub async fn policy(&mut self, submitted: &Policy) -> Result<Option<Recorded<Policy>>> {
        self.policies().await?.find(submitted).map(StoredRecord::read).transpose()
    }

    /// Problems for references to records that do not exist. An agreement that is not public counts as missing, unless
    /// the agreement named it before: what a caller may not see looks like what does not exist, and a draft may be
    /// removed.
    pub async fn dangling(&mut self, references: &[Reference], before: Option<&Agreement>) -> Result<Problems> {
        let (mut districts, mut matters, mut numbers) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for reference in references {
            match reference.to {
                Referent::District(code) => districts.extend([code]),
                Referent::Matter(code) => matters.extend([code]),
                Referent::Agreement(number) => numbers.extend([number]),
            }
        }
        self.code_index.load(&self.tx, districts, matters).await?;
        let named_before: Vec<Referent> = before
            .filter(|_| !numbers.is_empty())
            .into_iter()
            .flat_map(Agreement::references)
            .map(|reference| reference.to)
            .collect();
        let mut known = BTreeSet::new();
        for number in numbers {
            let named_before = named_before.contains(&Referent::Agreement(number));
            let agreement = self.agreement(number).await?;
            known.extend(
                agreement.filter(|agreement| named_before || agreement.is_public(self.by.today)).map(|_| number),
            );
        }
        let resolves = |reference: &Reference| match reference.to {
            Referent::District(_) | Referent::Matter(_) => self.code_index.resolves(reference),
            Referent::Agreement(number) => known.contains(&number),
        };
        // A reference that could not be read has a problem already.
        Ok(references
            .iter()
            .filter(|reference| !reference.is_unread() && !resolves(reference))
            .map(Reference::dangling)
            .collect())
    }

    /// Problems with the other codes of a district: a code of another district, or one of its own that is missing.
    pub async fn code_problems(&mut self, district: &District, stored: Option<&District>) -> Result<Problems> {
        let mut problems = Problems::new();
        for code in district.all_codes().filter(|code| *code != district.code) {
            if self.district(code).await?.is_some_and(|found| stored.is_none_or(|stored| stored.code != found.code)) {
                problems.push(problem::code_taken(code, vec!["codes".to_owned()]));
            }
        }
        let now: BTreeSet<_> = district.all_codes().collect();
        let dropped = stored.into_iter().flat_map(District::all_codes).filter(|code| !now.contains(code));
        problems.extend(dropped.map(problem::code_dropped));
        Ok(problems)
    }

    /// Districts that changed after a revision.
    pub(crate) async fn districts_changed_since(&self, since: Revision) -> Result<Vec<DistrictCode>> {
        let kinds = vec![RecordKind::District];
        let limit = self.before.saturating_sub(since);
        let query = ChangeQuery {
            since,
            through: self.before,
            kinds,
            seen_by: JournalReader::All,
            limit,
            ..ChangeQuery::default()
        };
        let ids = journal::changes(&self.tx, &query).await?.into_iter().map(|change| column(change.record));
        let stored = table::by_id::<District>(&self.tx, ids).await?;
        stored.into_values().map(|stored| Ok(stored.read::<District>()?.record.code)).collect()
    }

    /// Records the planned retirement of a district on its day, so that followers notice it.
    pub(crate) async fn record_retirement(&mut self, code: DistrictCode, since: Date) -> Result<()> {
        self.load_districts(BTreeSet::from([code])).await?;
        let stored =
            table::by_id::<District>(&self.tx, self.code_index.find_district(code)).await?.into_values().next();
        let Some(stored) = stored else { return Ok(()) };
        let district = stored.clone().read::<District>()?.record;
        let Some(retired) =
            district.retired.as_ref().filter(|retired| since < retired.on && retired.on <= self.by.today)
        else {
            return Ok(());
        };
        let newest = journal::at(&self.tx, [stored.revision.unsigned_abs()]).await?.pop();
        if newest.is_none_or(|newest| day_in_china(newest.recorded_at) >= retired.on) {
            return Ok(());
        }
        let districts = vec![stored.id];
        let record = Some(stored.id.unsigned_abs());
        let change = self.append(
            RecordKind::District,
            Action::Retired,
            record,
            Some(stored.body.clone()),
            districts,
            Access::Open,
        );
        let row = district.row(RowContext {
            id: stored.id,
            revision: column(change.revision),
            body: &stored.body,
            code_index: &self.code_index,
        })?;
        table::write::<District>(&self.tx, Vec::new(), vec![row]).await
    }

    /// Saves the current name of the actor. It can be erased; the journal has only the reference.
    pub async fn name_actor(&mut self, name: &str) -> Result<()> {
        self.writes += 1;
        actor::set_name(&self.tx, &self.by.actor, name).await
    }

    /// The result of an earlier mutation of this client with the same idempotency key.
    pub async fn stored_result(&mut self, client: &str, mutation: &str, key: &str) -> Result<Option<StoredResult>> {
        idempotency::find(&self.tx, idempotency::IdempotencyKey { client, mutation, key }, self.by.now).await
    }

    /// Stores the result of this mutation for repeated requests.
    pub async fn store_result(&mut self, client: &str, mutation: &str, key: &str, result: &StoredResult) -> Result<()> {
        self.has_side_writes = true;
        self.writes += 1;
        idempotency::save(&self.tx, idempotency::IdempotencyKey { client, mutation, key }, result, self.by.now).await
    }

    /// Notes that date-driven changes are recorded up to a day.
    pub(crate) fn set_dates_recorded_through(&mut self, day: Date) {
        self.head.dates_recorded_through = Some(day);
        self.has_side_writes = true;
    }
}
