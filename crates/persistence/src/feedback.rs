//! The tables of feedback. The journal has the record; the words are beside it, and the telephone number is apart.

use domain::reading::{self, Reader};
use domain::{Date, Digest, Feedback, Id, Recorded};
use sea_orm::sea_query::{Expr, ExprTrait as _, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait as _, QueryFilter, QueryOrder, Select,
};
use serde::Serialize;

use crate::error::{Error, Result};
use crate::number::{column, key, revision};

pub(crate) const TABLE: &str = "feedback";

/// The line of a case in the journal.
pub(crate) fn line(feedback: &Feedback) -> String {
    #[derive(Serialize)]
    struct Line<'a> {
        r#type: &'static str,
        #[serde(flatten)]
        feedback: &'a Feedback,
    }
    serde_json::to_string(&Line { r#type: "feedback", feedback }).expect("a case is text")
}

pub(crate) fn read_line(line: &str) -> Option<Feedback> {
    let mut problems = Vec::new();
    let feedback = reading::read(&serde_json::from_str(line).ok()?, &mut problems, read).flatten();
    feedback.filter(|_| problems.is_empty())
}

fn read(r: &mut Reader<'_>) -> Option<Feedback> {
    r.require("type");
    let case_number = r.line("caseNumber", 60);
    let about = r.line("about", 120);
    let districts = r.codes("districts");
    let received_at = r.moment("receivedAt");
    let due = r.date("due");
    let seal = r.code("seal");
    let answered_on = r.date("answeredOn");
    let reply_seal = r.optional_code("replySeal");
    Some(Feedback {
        case_number,
        about,
        districts,
        received_at: received_at?,
        due: due?,
        seal: seal?,
        answered_on,
        reply_seal,
    })
}

/// A case with its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedbackCase {
    pub feedback: Recorded<Feedback>,
    pub text: String,
    pub reply: Option<String>,
    pub(crate) body: String,
}

pub(crate) async fn by_id(db: &impl ConnectionTrait, id: Id<Feedback>) -> Result<Option<FeedbackCase>> {
    row::Entity::find_by_id(key(id)).one(db).await?.map(FeedbackCase::try_from).transpose()
}

pub(crate) async fn by_case_number(db: &impl ConnectionTrait, number: &str) -> Result<Option<FeedbackCase>> {
    let found = row::Entity::find().filter(row::Column::CaseNumber.eq(number)).one(db).await?;
    found.map(FeedbackCase::try_from).transpose()
}

/// All cases, or those that the journal finds by one of these districts; the newest first.
pub(crate) async fn list(db: &impl ConnectionTrait, districts: Option<&[i64]>, most: u64) -> Result<Vec<FeedbackCase>> {
    use sea_orm::QuerySelect as _;
    let select = of_districts(districts).order_by_desc(row::Column::Id).limit(most);
    select.all(db).await?.into_iter().map(FeedbackCase::try_from).collect()
}

/// How many of them are open.
pub(crate) async fn open_count(db: &impl ConnectionTrait, districts: Option<&[i64]>) -> Result<u64> {
    Ok(of_districts(districts).filter(row::Column::IsOpen.eq(true)).count(db).await?)
}

fn of_districts(districts: Option<&[i64]>) -> Select<row::Entity> {
    let select = row::Entity::find();
    let Some(districts) = districts else { return select };
    let found_by = Query::select()
        .column("revision")
        .from("journal_district")
        .and_where(Expr::col("district").is_in(districts.iter().copied()))
        .to_owned();
    select.filter(row::Column::Id.in_subquery(found_by))
}

pub(crate) async fn all(db: &impl ConnectionTrait) -> Result<Vec<FeedbackCase>> {
    row::Entity::find().order_by_asc(row::Column::Id).all(db).await?.into_iter().map(FeedbackCase::try_from).collect()
}

/// How many open cases a record has.
pub(crate) async fn open_about(db: &impl ConnectionTrait, about: &str) -> Result<u64> {
    let open = row::Entity::find().filter(row::Column::About.eq(about)).filter(row::Column::IsOpen.eq(true));
    Ok(open.count(db).await?)
}

pub(crate) async fn insert(
    tx: &impl ConnectionTrait,
    id: i64,
    feedback: &Feedback,
    words: String,
    phone: Option<String>,
) -> Result<()> {
    let row = row::Model {
        id,
        revision: id,
        case_number: feedback.case_number.clone(),
        about: feedback.about.clone(),
        is_open: true,
        words,
        reply: None,
        body: line(feedback),
    };
    row::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    if let Some(phone) = phone {
        let row = phone_row::Model { feedback: id, phone, erased_on: None };
        phone_row::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Stores the answer, and from which day on the telephone number is gone.
pub(crate) async fn answer(tx: &impl ConnectionTrait, case: &Recorded<Feedback>, reply: &str) -> Result<()> {
    let id = key(case.id);
    row::Entity::update_many()
        .filter(row::Column::Id.eq(id))
        .col_expr(row::Column::Revision, Expr::value(column(case.revision)))
        .col_expr(row::Column::IsOpen, Expr::value(false))
        .col_expr(row::Column::Reply, Expr::value(reply))
        .col_expr(row::Column::Body, Expr::value(line(&case.record)))
        .exec(tx)
        .await?;
    let erased_on = case.record.phone_erased_on().map(|day| day.to_string());
    phone_row::Entity::update_many()
        .filter(phone_row::Column::Feedback.eq(id))
        .col_expr(phone_row::Column::ErasedOn, Expr::value(erased_on))
        .exec(tx)
        .await?;
    Ok(())
}

/// The telephone number of a case, unless it is to be erased by this day.
pub(crate) async fn phone(db: &impl ConnectionTrait, id: Id<Feedback>, today: Date) -> Result<Option<String>> {
    let kept = phone_row::Column::ErasedOn.is_null().or(phone_row::Column::ErasedOn.gt(today.to_string()));
    let found = phone_row::Entity::find_by_id(key(id)).filter(kept).one(db).await?;
    Ok(found.map(|row| row.phone))
}

/// Erases the telephone numbers whose day has come; returns how many.
pub(crate) async fn erase_phones(tx: &impl ConnectionTrait, today: Date) -> Result<u64> {
    let due = phone_row::Column::ErasedOn.lte(today.to_string());
    Ok(phone_row::Entity::delete_many().filter(due).exec(tx).await?.rows_affected)
}

impl TryFrom<row::Model> for FeedbackCase {
    type Error = Error;

    fn try_from(row: row::Model) -> Result<Self> {
        let row::Model { id, revision: number, case_number, about, is_open, words, reply, body } = row;
        let corrupt = |column| Error::corrupt(TABLE, column, id);
        let record = read_line(&body).ok_or_else(|| corrupt("body"))?;
        if (&record.case_number, &record.about) != (&case_number, &about) || record.answered_on.is_none() != is_open {
            return Err(corrupt("body"));
        }
        let (id, revision) = (Id::new(revision(id, TABLE, "id")?), revision(number, TABLE, "revision")?);
        Ok(Self { feedback: Recorded { id, revision, record }, text: words, reply, body })
    }
}

impl FeedbackCase {
    /// Whether the record proves the words.
    pub(crate) fn is_sealed(&self) -> bool {
        let record = &self.feedback.record;
        record.seal == Digest::of(self.text.as_bytes())
            && record.reply_seal == self.reply.as_ref().map(|reply| Digest::of(reply.as_bytes()))
    }
}

mod row {
    use sea_orm::entity::prelude::{
        ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
        PrimaryKeyTrait,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "feedback")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: i64,
        pub(crate) revision: i64,
        pub(crate) case_number: String,
        pub(crate) about: String,
        pub(crate) is_open: bool,
        pub(crate) words: String,
        pub(crate) reply: Option<String>,
        pub(crate) body: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod phone_row {
    use sea_orm::entity::prelude::{
        ActiveModelBehavior, DeriveEntityModel, DerivePrimaryKey, DeriveRelation, EntityTrait, EnumIter,
        PrimaryKeyTrait,
    };

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "feedback_phone")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) feedback: i64,
        pub(crate) phone: String,
        pub(crate) erased_on: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
