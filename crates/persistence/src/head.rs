//! The head of the journal: one row that every writer locks first, so that writes are serial.

use chrono::{DateTime, SecondsFormat, Utc};
use domain::reading::format::parse_date;
use domain::{Date, Digest, Revision};
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QuerySelect};

use crate::error::{Error, Result};
use crate::number::{column, revision};

const TABLE: &str = "head";

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) epoch: String,
    pub(crate) revision: Revision,
    pub(crate) digest: Digest,
    pub(crate) recorded_at: DateTime<Utc>,
    /// The last serial number of an agreement.
    pub(crate) agreements: u32,
    /// The last day whose date-driven changes were recorded; `None`: none yet.
    pub(crate) dates_recorded_through: Option<Date>,
}

impl Head {
    pub(crate) async fn read(db: &impl ConnectionTrait) -> Result<Self> {
        found(row::Entity::find_by_id(1).one(db).await?)
    }

    /// Locks the row. Other writers wait.
    pub(crate) async fn lock(tx: &impl ConnectionTrait) -> Result<Self> {
        found(row::Entity::find_by_id(1).lock_exclusive().one(tx).await?)
    }

    /// Were the date-driven changes recorded up to and including this day?
    pub(crate) fn has_recorded_dates(&self, day: Date) -> bool {
        self.dates_recorded_through.is_some_and(|told| day <= told)
    }

    pub(crate) async fn write(&self, tx: &impl ConnectionTrait) -> Result<()> {
        row::Model::from(self).into_active_model().reset_all().update(tx).await?;
        Ok(())
    }
}

fn found(row: Option<row::Model>) -> Result<Head> {
    row.ok_or_else(|| Error::corrupt(TABLE, "id", 1))?.try_into()
}

impl From<&Head> for catalogue::Head {
    fn from(head: &Head) -> Self {
        let Head { epoch, revision, digest, recorded_at, agreements: _, dates_recorded_through: _ } = head.clone();
        Self { epoch, revision, digest, recorded_at }
    }
}

/// With microseconds, so that times sort as text.
pub(crate) fn time_text(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}

pub(crate) fn time(text: &str) -> Option<DateTime<Utc>> {
    Some(DateTime::parse_from_rfc3339(text).ok()?.with_timezone(&Utc)).filter(|time| time_text(*time) == text)
}

mod row {
    use sea_orm::entity::prelude::{
        ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
        PrimaryKeyTrait,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "head")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: i32,
        pub(crate) epoch: String,
        pub(crate) revision: i64,
        pub(crate) digest: String,
        pub(crate) recorded_at: String,
        pub(crate) agreements: i64,
        pub(crate) told_through: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl From<&Head> for row::Model {
    fn from(head: &Head) -> Self {
        let Head { epoch, revision, digest, recorded_at, agreements, dates_recorded_through } = head;
        Self {
            id: 1,
            epoch: epoch.clone(),
            revision: column(*revision),
            digest: digest.to_string(),
            recorded_at: time_text(*recorded_at),
            agreements: i64::from(*agreements),
            told_through: dates_recorded_through.map(|day| day.to_string()),
        }
    }
}

impl TryFrom<row::Model> for Head {
    type Error = Error;

    fn try_from(row: row::Model) -> Result<Self> {
        let row::Model { id, epoch, revision: number, digest, recorded_at, agreements, told_through } = row;
        let corrupt = |column| Error::corrupt(TABLE, column, id);
        Ok(Self {
            epoch,
            revision: revision(number, TABLE, "revision")?,
            digest: digest.parse().map_err(|_| corrupt("digest"))?,
            recorded_at: time(&recorded_at).ok_or_else(|| corrupt("recorded_at"))?,
            agreements: u32::try_from(agreements).map_err(|_| corrupt("agreements"))?,
            dates_recorded_through: told_through
                .map(|day| parse_date(&day).ok_or_else(|| corrupt("told_through")))
                .transpose()?,
        })
    }
}
