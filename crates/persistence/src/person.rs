//! The tables of people and of their grants. The name of a person is a column beside the record and never part of it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use domain::person::{Grant, Person};
use domain::reading::{self, Reader};
use domain::{Id, RecordType, Recorded};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use serde::Serialize;

use crate::error::{Error, Result};
use crate::head::{time, time_text};
use crate::number::{key, revision};
use crate::store::Store;

pub(crate) const PEOPLE: &str = "person";
pub(crate) const GRANTS: &str = "role_grant";

/// A person with the columns that are no part of the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRow {
    pub person: Recorded<Person>,
    /// Empty: erased.
    pub name: String,
    pub last_seen_at: Option<DateTime<Utc>>,
}

impl Store {
    pub async fn people(&self) -> Result<Vec<PersonRow>> {
        let rows = person_row::Entity::find().order_by_asc(person_row::Column::Id).all(self.reader()).await?;
        rows.into_iter().map(PersonRow::try_from).collect()
    }

    pub async fn person(&self, id: Id<Person>) -> Result<Option<PersonRow>> {
        person_row::Entity::find_by_id(key(id)).one(self.reader()).await?.map(PersonRow::try_from).transpose()
    }

    /// The grants of one person, or of all.
    pub async fn grants(&self, of: Option<Id<Person>>) -> Result<Vec<Recorded<Grant>>> {
        grants(self.reader(), of).await
    }

    /// Finds a person by issuer and subject.
    pub async fn person_by_subject(&self, wanted: &Person) -> Result<Option<PersonRow>> {
        by_subject(self.reader(), wanted).await
    }

    /// Records that a person signed in, and the name that the provider gives. This is not a change of a record, so it is
    /// not in the journal.
    pub async fn record_sign_in(&self, id: Id<Person>, name: &str, at: DateTime<Utc>) -> Result<()> {
        let update = person_row::Entity::update_many().filter(person_row::Column::Id.eq(key(id)));
        update
            .col_expr(person_row::Column::Name, Expr::value(name))
            .col_expr(person_row::Column::LastSeenAt, Expr::value(time_text(at)))
            .exec(self.writer()?)
            .await?;
        Ok(())
    }
}

pub(crate) async fn exists(db: &impl ConnectionTrait, id: Id<Person>) -> Result<bool> {
    Ok(person_row::Entity::find_by_id(key(id)).one(db).await?.is_some())
}

pub(crate) async fn by_subject(db: &impl ConnectionTrait, wanted: &Person) -> Result<Option<PersonRow>> {
    let subject = person_row::Column::Subject.eq(wanted.digest().to_string());
    person_row::Entity::find().filter(subject).one(db).await?.map(PersonRow::try_from).transpose()
}

pub(crate) async fn grants(db: &impl ConnectionTrait, of: Option<Id<Person>>) -> Result<Vec<Recorded<Grant>>> {
    let mut select = grant_row::Entity::find();
    if let Some(person) = of {
        select = select.filter(grant_row::Column::Person.eq(key(person)));
    }
    select.order_by_asc(grant_row::Column::Id).all(db).await?.iter().map(read_grant).collect()
}

pub(crate) async fn grant(db: &impl ConnectionTrait, id: Id<Grant>) -> Result<Option<Recorded<Grant>>> {
    grant_row::Entity::find_by_id(key(id)).one(db).await?.as_ref().map(read_grant).transpose()
}

pub(crate) async fn insert_person(tx: &impl ConnectionTrait, id: i64, record: &Person, name: &str) -> Result<()> {
    let row = person_row::Model {
        id,
        revision: id,
        subject: record.digest().to_string(),
        name: name.to_owned(),
        last_seen_at: None,
        body: line(record),
    };
    person_row::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

pub(crate) async fn insert_grant(tx: &impl ConnectionTrait, id: i64, record: &Grant) -> Result<()> {
    let row = grant_row::Model { id, revision: id, person: key(record.person), body: line(record) };
    grant_row::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

pub(crate) async fn replace_grant(tx: &impl ConnectionTrait, id: i64, revision: i64, record: &Grant) -> Result<()> {
    let update = grant_row::Entity::update_many().filter(grant_row::Column::Id.eq(id));
    update
        .col_expr(grant_row::Column::Revision, Expr::value(revision))
        .col_expr(grant_row::Column::Body, Expr::value(line(record)))
        .exec(tx)
        .await?;
    Ok(())
}

/// The line of a person or a grant in the journal.
pub(crate) fn line<T: RecordType + Serialize>(record: &T) -> String {
    #[derive(Serialize)]
    struct Line<'a, T> {
        r#type: &'static str,
        #[serde(flatten)]
        record: &'a T,
    }
    let r#type = if T::KIND == Person::KIND { "person" } else { "grant" };
    serde_json::to_string(&Line { r#type, record }).expect("a record is text and lists")
}

pub(crate) fn read_line<T>(line: &str, read: impl FnOnce(&mut Reader<'_>) -> Option<T>) -> Option<T> {
    let mut problems = Vec::new();
    let value = serde_json::from_str(line).ok()?;
    let typed = |r: &mut Reader<'_>| {
        r.require("type");
        read(r)
    };
    reading::read(&value, &mut problems, typed).flatten().filter(|_| problems.is_empty())
}

/// The rows as they are verified: number, newest revision, line.
pub(crate) async fn stored(db: &impl ConnectionTrait) -> Result<Vec<(&'static str, i64, i64, String)>> {
    let people = person_row::Entity::find().order_by_asc(person_row::Column::Id).all(db).await?;
    let grants = grant_row::Entity::find().order_by_asc(grant_row::Column::Id).all(db).await?;
    let people = people.into_iter().map(|row| (PEOPLE, row.id, row.revision, row.body));
    Ok(people.chain(grants.into_iter().map(|row| (GRANTS, row.id, row.revision, row.body))).collect())
}

/// The districts by which the entries of a grant are found.
pub(crate) fn districts(line: &str) -> BTreeSet<domain::DistrictCode> {
    read_line(line, Grant::read).and_then(|grant| grant.district).into_iter().collect()
}

impl TryFrom<person_row::Model> for PersonRow {
    type Error = Error;

    fn try_from(row: person_row::Model) -> Result<Self> {
        let person_row::Model { id, revision: number, subject: _, name, last_seen_at, body } = row;
        let record = read_line(&body, |r| Some(Person::read(r))).ok_or_else(|| Error::corrupt(PEOPLE, "body", id))?;
        let last_seen_at =
            last_seen_at.map(|at| time(&at).ok_or_else(|| Error::corrupt(PEOPLE, "last_seen_at", id))).transpose()?;
        let (id, number) = (revision(id, PEOPLE, "id")?, revision(number, PEOPLE, "revision")?);
        Ok(Self { person: Recorded { id: Id::new(id), revision: number, record }, name, last_seen_at })
    }
}

fn read_grant(row: &grant_row::Model) -> Result<Recorded<Grant>> {
    let record = read_line(&row.body, Grant::read).ok_or_else(|| Error::corrupt(GRANTS, "body", row.id))?;
    Ok(Recorded {
        id: Id::new(revision(row.id, GRANTS, "id")?),
        revision: revision(row.revision, GRANTS, "revision")?,
        record,
    })
}

mod person_row {
    use sea_orm::entity::prelude::{
        ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
        PrimaryKeyTrait,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "person")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: i64,
        pub(crate) revision: i64,
        pub(crate) subject: String,
        pub(crate) name: String,
        pub(crate) last_seen_at: Option<String>,
        pub(crate) body: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod grant_row {
    use sea_orm::entity::prelude::{
        ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
        PrimaryKeyTrait,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "role_grant")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: i64,
        pub(crate) revision: i64,
        pub(crate) person: i64,
        pub(crate) body: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
