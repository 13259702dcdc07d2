//! The table of API keys. The hash of the secret is a column beside the record and never part of it.

use chrono::{DateTime, Utc};
use domain::reading::{self, Reader};
use domain::{ApiKey, Digest, Extent, Id, Recorded};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use serde::Serialize;

use crate::error::{Error, Result};
use crate::head::{time, time_text};
use crate::number::{key, revision};

pub(crate) const TABLE: &str = "api_key";

/// The line of a key in the journal.
pub(crate) fn line(key: &ApiKey) -> String {
    #[derive(Serialize)]
    struct Line<'a> {
        r#type: &'static str,
        #[serde(flatten)]
        key: &'a ApiKey,
    }
    serde_json::to_string(&Line { r#type: "apiKey", key }).expect("a key is text and lists")
}

pub(crate) fn read_line(line: &str) -> Option<ApiKey> {
    let mut problems = Vec::new();
    let key = reading::read(&serde_json::from_str(line).ok()?, &mut problems, read).flatten();
    key.filter(|_| problems.is_empty())
}

fn read(r: &mut Reader<'_>) -> Option<ApiKey> {
    r.require("type");
    let name = r.line("name", 200);
    let roles = r.words("roles");
    let district = r.optional_code("district");
    let extent = r.optional_word("extent").unwrap_or(Extent::Itself);
    let prefix = r.line("prefix", 40);
    let seal = r.code("seal");
    let expires_at = moment(r, "expiresAt");
    let revoked_at = moment(r, "revokedAt");
    Some(ApiKey {
        name,
        roles,
        district,
        extent,
        prefix,
        seal: seal?,
        expires_at: expires_at?,
        revoked_at: revoked_at?,
    })
}

/// `None`: it is not a time.
fn moment(r: &mut Reader<'_>, field: &'static str) -> Option<Option<DateTime<Utc>>> {
    match r.optional_line(field, 40) {
        None => Some(None),
        Some(text) => DateTime::parse_from_rfc3339(&text).ok().map(|moment| Some(moment.with_timezone(&Utc))),
    }
}

/// A key with its columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) key: Recorded<ApiKey>,
    pub(crate) body: String,
    pub(crate) hash: String,
}

pub(crate) async fn by_hash(db: &impl ConnectionTrait, hash: &str) -> Result<Option<Recorded<ApiKey>>> {
    let row = row::Entity::find().filter(row::Column::Hash.eq(hash)).one(db).await?;
    Ok(row.map(Stored::try_from).transpose()?.map(|stored| stored.key))
}

pub(crate) async fn by_id(db: &impl ConnectionTrait, id: Id<ApiKey>) -> Result<Option<Stored>> {
    row::Entity::find_by_id(key(id)).one(db).await?.map(Stored::try_from).transpose()
}

pub(crate) async fn all(db: &impl ConnectionTrait) -> Result<Vec<Stored>> {
    row::Entity::find().order_by_asc(row::Column::Id).all(db).await?.into_iter().map(Stored::try_from).collect()
}

/// When each key was last used; `None`: never.
pub(crate) async fn last_uses(db: &impl ConnectionTrait) -> Result<Vec<(Id<ApiKey>, Option<DateTime<Utc>>)>> {
    let read = |row: row::Model| {
        let at =
            row.last_used_at.as_deref().map(|at| time(at).ok_or_else(|| Error::corrupt(TABLE, "last_used_at", row.id)));
        Ok((Id::new(revision(row.id, TABLE, "id")?), at.transpose()?))
    };
    row::Entity::find().order_by_asc(row::Column::Id).all(db).await?.into_iter().map(read).collect()
}

pub(crate) async fn insert(tx: &impl ConnectionTrait, id: i64, body: String, hash: String) -> Result<()> {
    let row = row::Model { id, revision: id, hash, last_used_at: None, body };
    row::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

pub(crate) async fn replace(tx: &impl ConnectionTrait, id: i64, revision: i64, body: String) -> Result<()> {
    let update = row::Entity::update_many().filter(row::Column::Id.eq(id));
    update
        .col_expr(row::Column::Revision, Expr::value(revision))
        .col_expr(row::Column::Body, Expr::value(body))
        .exec(tx)
        .await?;
    Ok(())
}

/// Records the last use, unless a later one is stored.
pub(crate) async fn touch(db: &impl ConnectionTrait, id: Id<ApiKey>, at: DateTime<Utc>) -> Result<()> {
    let at = time_text(at);
    let earlier = row::Column::LastUsedAt.is_null().or(row::Column::LastUsedAt.lt(at.clone()));
    let update = row::Entity::update_many().filter(row::Column::Id.eq(key(id))).filter(earlier);
    update.col_expr(row::Column::LastUsedAt, Expr::value(at)).exec(db).await?;
    Ok(())
}

/// Digest of the hash: it proves the hash without revealing it.
pub(crate) fn seal(hash: &str) -> Digest {
    Digest::of(hash.as_bytes())
}

mod row {
    use sea_orm::entity::prelude::{
        ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
        PrimaryKeyTrait,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "api_key")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: i64,
        pub(crate) revision: i64,
        pub(crate) hash: String,
        pub(crate) last_used_at: Option<String>,
        pub(crate) body: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl TryFrom<row::Model> for Stored {
    type Error = Error;

    fn try_from(row: row::Model) -> Result<Self> {
        let row::Model { id, revision: number, hash, last_used_at: _, body } = row;
        let record = read_line(&body).ok_or_else(|| Error::corrupt(TABLE, "body", id))?;
        let key = Recorded {
            id: Id::new(revision(id, TABLE, "id")?),
            revision: revision(number, TABLE, "revision")?,
            record,
        };
        Ok(Self { key, body, hash })
    }
}
