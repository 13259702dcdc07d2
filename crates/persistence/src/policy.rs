//! The table of policies. A registry has few.

use std::collections::HashMap;

use domain::calendar::day_in_china;
use domain::{Change, Date, DistrictCode, Id, InRecord as _, Policy, Record, RecordKind, Recorded, Revision};
use sea_orm::ConnectionTrait;

use crate::error::{Error, Result};
use crate::journal::reader::JournalReader;
use crate::journal::{self, ChangeQuery};
use crate::number::{column, key};
use crate::table::{RowContext, StoredRecord, Table};

const PAGE: u64 = 1_000;

/// The previous version of each revised policy, and the day of its newest revision.
pub(crate) async fn replaced(db: &impl ConnectionTrait) -> Result<HashMap<Id<Policy>, (Policy, Date)>> {
    let (mut known, mut replaced): (HashMap<Revision, Change>, HashMap<Revision, (Change, Date)>) = <_>::default();
    let mut since = 0;
    loop {
        let kinds = vec![RecordKind::Policy];
        let query = ChangeQuery {
            since,
            through: Revision::MAX >> 1,
            kinds,
            seen_by: JournalReader::All,
            limit: PAGE,
            ..ChangeQuery::default()
        };
        let page = journal::changes(db, &query).await?;
        let Some(last) = page.last() else { break };
        since = last.revision;
        for change in page {
            let (record, day) = (change.record, day_in_china(change.recorded_at));
            if let Some(before) = known.insert(record, change) {
                replaced.insert(record, (before, day));
            }
        }
    }
    let policy = |(record, (before, day)): (Revision, (Change, Date))| {
        let read =
            before.document.as_deref().and_then(|line| Record::from_line(line).ok()).and_then(Policy::from_record);
        let policy = read.ok_or_else(|| Error::corrupt(journal::row::TABLE, "document", before.revision))?;
        Ok((Id::new(record), (policy, day)))
    };
    replaced.into_iter().map(policy).collect()
}

/// All policies, found by key, else by document number, else by title.
#[derive(Debug, Default)]
pub(crate) struct PolicyIndex(Vec<(Recorded<Policy>, StoredRecord)>);

impl PolicyIndex {
    pub(crate) fn read(stored: Vec<StoredRecord>) -> Result<Self> {
        stored.into_iter().map(|stored| Ok((stored.clone().read::<Policy>()?, stored))).collect::<Result<_>>().map(Self)
    }

    /// The registered policy that a submitted one means.
    pub(crate) fn find(&self, policy: &Policy) -> Option<StoredRecord> {
        self.find_entry(policy).map(|(_, stored)| stored.clone())
    }

    fn find_entry(&self, policy: &Policy) -> Option<&(Recorded<Policy>, StoredRecord)> {
        let by = |same: &dyn Fn(&Policy) -> bool| self.0.iter().find(|(known, _)| same(&known.record));
        by(&|known| known.key.is_some() && known.key == policy.key)
            .or_else(|| by(&|known| known.document_number.is_some() && known.document_number == policy.document_number))
            .or_else(|| {
                by(&|known| {
                    known.title == policy.title
                        && (known.key.is_none() || policy.key.is_none())
                        && (known.document_number.is_none() || policy.document_number.is_none())
                })
            })
    }

    /// The policy with the key of the registered one, if it has none itself.
    pub(crate) fn keyed(&self, mut policy: Policy) -> Policy {
        if policy.key.is_none() {
            policy.key = self.find_entry(&policy).and_then(|(known, _)| known.record.key.clone());
        }
        policy
    }

    /// Adds a policy, so that later lines of an import find it.
    pub(crate) fn add(&mut self, known: Recorded<Policy>) {
        let stored = StoredRecord { id: key(known.id), revision: column(known.revision), body: String::new() };
        self.0.push((known, stored));
    }
}

impl Table for Policy {
    const NAME: &'static str = "policy";
    type Entity = row::Entity;
    type Active = row::ActiveModel;
    type Row = row::Model;

    fn row(&self, context: RowContext<'_>) -> Result<row::Model> {
        let RowContext { id, revision, body, code_index: _ } = context;
        Ok(row::Model {
            id,
            revision,
            key: self.key.as_deref().map(str::to_owned),
            document_number: self.document_number.as_deref().map(str::to_owned),
            body: body.to_owned(),
        })
    }

    fn districts(&self) -> Vec<DistrictCode> {
        Vec::new()
    }
}

mod row {
    use sea_orm::entity::prelude::{
        ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
        PrimaryKeyTrait,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "policy")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: i64,
        pub(crate) revision: i64,
        pub(crate) key: Option<String>,
        pub(crate) document_number: Option<String>,
        pub(crate) body: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
