//! The table of agreements, found by number, by the importer's key, or by title, parties and day of signing.

use std::collections::BTreeSet;

use domain::{Agreement, AgreementNumber, Date, DistrictCode, Scope, Version};
use sea_orm::sea_query::{Cond, Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use sha2::{Digest, Sha256};

use crate::code_index::CodeIndex;
use crate::error::Result;
use crate::table::{RowContext, StoredRecord, Table};

impl Table for Agreement {
    const NAME: &'static str = "agreement";
    type Entity = row::Entity;
    type Active = row::ActiveModel;
    type Row = row::Model;

    fn row(&self, context: RowContext<'_>) -> Result<row::Model> {
        let RowContext { id, revision, body, code_index } = context;
        Ok(row::Model {
            id,
            revision,
            number: self.number.to_string(),
            key: self.key.as_deref().map(str::to_owned),
            fingerprint: fingerprint(self, code_index),
            body: body.to_owned(),
        })
    }

    fn districts(&self) -> Vec<DistrictCode> {
        let parties = self.versions.iter().flat_map(|version| &version.parties).map(|party| party.district);
        let consulted = self.versions.iter().flat_map(Version::consulted);
        parties.chain(consulted).collect::<BTreeSet<_>>().into_iter().collect()
    }
}

/// The districts by which a journal entry is found. For a public entry these are the parties that were published on its
/// day, so that the index does not reveal drafts and proposals; for any other entry they are all parties.
pub(crate) fn found_by(agreement: &Agreement, open_on: Option<Date>) -> Vec<DistrictCode> {
    match open_on.and_then(|day| agreement.seen_by(&Scope::Public, day)) {
        Some(published) => Table::districts(&*published),
        None => Table::districts(agreement),
    }
}

/// Identifies an agreement that has neither number nor key: title, parties and day of signing of its first version.
pub(crate) fn fingerprint(agreement: &Agreement, code_index: &CodeIndex) -> String {
    let first = &agreement.versions[0];
    // Several codes may mean the same district.
    let mut parties: Vec<String> = first
        .parties
        .iter()
        .map(|party| {
            code_index.find_district(party.district).map_or_else(|| party.district.to_string(), |id| id.to_string())
        })
        .collect();
    parties.sort_unstable();
    let mut hash = Sha256::new();
    for part in [&*first.title, &parties.join(","), &first.signed_on().map(|day| day.to_string()).unwrap_or_default()] {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    hex::encode(&hash.finalize()[..16])
}

/// An agreement with the values that identify it.
#[derive(Debug, Clone)]
pub(crate) struct IdentifiedAgreement {
    pub(crate) number: String,
    pub(crate) key: Option<String>,
    pub(crate) fingerprint: String,
    pub(crate) stored: StoredRecord,
}

pub(crate) async fn by_number(db: &impl ConnectionTrait, number: AgreementNumber) -> Result<Option<StoredRecord>> {
    let row = row::Entity::find().filter(row::Column::Number.eq(number.to_string())).one(db).await?;
    Ok(row.map(|row::Model { id, revision, body, .. }| StoredRecord { id, revision, body }))
}

/// The agreements with one of these numbers, keys or fingerprints.
pub(crate) async fn find_any(
    db: &impl ConnectionTrait,
    numbers: Vec<String>,
    keys: Vec<String>,
    fingerprints: Vec<String>,
) -> Result<Vec<IdentifiedAgreement>> {
    let any = Cond::any()
        .add(row::Column::Number.is_in(numbers))
        .add(Expr::col(row::Column::Key).is_in(keys))
        .add(row::Column::Fingerprint.is_in(fingerprints));
    let rows = row::Entity::find().filter(any).all(db).await?;
    let known = |row::Model { id, revision, number, key, fingerprint, body }| IdentifiedAgreement {
        number,
        key,
        fingerprint,
        stored: StoredRecord { id, revision, body },
    };
    Ok(rows.into_iter().map(known).collect())
}

mod row {
    use sea_orm::entity::prelude::{
        ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
        PrimaryKeyTrait,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "agreement")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: i64,
        pub(crate) revision: i64,
        pub(crate) number: String,
        pub(crate) key: Option<String>,
        pub(crate) fingerprint: String,
        pub(crate) body: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
