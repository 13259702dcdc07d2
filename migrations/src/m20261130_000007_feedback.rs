//! Feedback: cases with their words, and apart from them the telephone numbers, which are erased.

use sea_orm_migration::prelude::{ColumnDef, Index, MigrationTrait, SchemaManager, Table};
use sea_orm_migration::sea_orm::DbErr;
use sea_orm_migration::{MigrationName, async_trait};

#[derive(Debug)]
pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261130_000007_feedback"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let feedback = Table::create()
            .table("feedback")
            .col(ColumnDef::new("id").big_integer().not_null().primary_key())
            .col(ColumnDef::new("revision").big_integer().not_null())
            .col(ColumnDef::new("case_number").text().not_null())
            .col(ColumnDef::new("about").text().not_null())
            .col(ColumnDef::new("is_open").boolean().not_null())
            .col(ColumnDef::new("words").text().not_null())
            .col(ColumnDef::new("reply").text().null())
            .col(ColumnDef::new("body").text().not_null())
            .to_owned();
        manager.create_table(feedback).await?;
        let by_case = Index::create().name("feedback_case_number").table("feedback").col("case_number").unique().to_owned();
        manager.create_index(by_case).await?;
        let by_record = Index::create().name("feedback_about").table("feedback").col("about").to_owned();
        manager.create_index(by_record).await?;
        let phone = Table::create()
            .table("feedback_phone")
            .col(ColumnDef::new("feedback").big_integer().not_null().primary_key())
            .col(ColumnDef::new("phone").text().not_null())
            .col(ColumnDef::new("erased_on").text().null())
            .to_owned();
        manager.create_table(phone).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["feedback_phone", "feedback"] {
            manager.drop_table(Table::drop().table(table).to_owned()).await?;
        }
        Ok(())
    }
}
