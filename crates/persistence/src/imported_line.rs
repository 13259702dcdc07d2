//! The digest of the line that was last imported for each record. Importing the same line again changes nothing, even
//! if the record was changed since.

use std::collections::HashMap;
use std::io;

use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::error::{Error, Result};

/// Half a SHA-256, which is enough to tell lines apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct LineDigest([u8; 16]);

impl LineDigest {
    /// Independent of the order of the fields.
    pub(crate) fn of(line: &Value) -> Self {
        let mut hash = Hash(Sha256::new());
        serde_json::to_writer(&mut hash, line).expect("text, numbers and lists can be written");
        let mut digest = [0; 16];
        digest.copy_from_slice(&hash.0.finalize()[..16]);
        Self(digest)
    }
}

struct Hash(Sha256);

impl io::Write for Hash {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The last imported line of each record.
pub(crate) async fn by_record(
    db: &impl ConnectionTrait,
    records: impl IntoIterator<Item = i64>,
) -> Result<HashMap<i64, LineDigest>> {
    let records: Vec<i64> = records.into_iter().collect();
    if records.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = row::Entity::find().filter(row::Column::Record.is_in(records)).all(db).await?;
    rows.into_iter().map(|row| Ok((row.record, read(&row)?))).collect()
}

/// The agreements whose last imported line is one of these.
pub(crate) async fn agreements(
    db: &impl ConnectionTrait,
    digests: impl IntoIterator<Item = LineDigest>,
) -> Result<HashMap<LineDigest, i64>> {
    let digests: Vec<Vec<u8>> = digests.into_iter().map(|digest| digest.0.to_vec()).collect();
    if digests.is_empty() {
        return Ok(HashMap::new());
    }
    let agreements = Query::select().column("id").from("agreement").to_owned();
    let lines = row::Entity::find()
        .filter(row::Column::Digest.is_in(digests))
        .filter(Expr::col("record").in_subquery(agreements));
    lines.all(db).await?.into_iter().map(|row| Ok((read(&row)?, row.record))).collect()
}

fn read(row: &row::Model) -> Result<LineDigest> {
    let digest = row.digest.as_slice().try_into().map_err(|_| Error::corrupt("imported_line", "digest", row.record))?;
    Ok(LineDigest(digest))
}

/// Stores the line of each record.
pub(crate) async fn save(tx: &impl ConnectionTrait, lines: &[(i64, LineDigest)]) -> Result<()> {
    if lines.is_empty() {
        return Ok(());
    }
    let rows = lines
        .iter()
        .map(|(record, digest)| row::Model { record: *record, digest: digest.0.to_vec() }.into_active_model());
    let replace = OnConflict::column("record").update_column("digest").to_owned();
    row::Entity::insert_many(rows).on_conflict(replace).exec_without_returning(tx).await?;
    Ok(())
}

/// Removes the line of a record that was removed.
pub(crate) async fn forget(tx: &impl ConnectionTrait, record: i64) -> Result<()> {
    row::Entity::delete_many().filter(row::Column::Record.eq(record)).exec(tx).await?;
    Ok(())
}

mod row {
    use sea_orm::entity::prelude::{
        ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
        PrimaryKeyTrait,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "imported_line")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) record: i64,
        pub(crate) digest: Vec<u8>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
