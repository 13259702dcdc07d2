//! Maps codes of districts and matters to the ids that rows refer to.

use std::collections::{BTreeSet, HashMap};

use domain::reference::{Reference, Referent};
use domain::{DistrictCode, MatterCode};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::error::{Error, Result};

/// The ids of districts and matters by code, as far as they were loaded.
#[derive(Debug, Clone, Default)]
pub(crate) struct CodeIndex {
    districts: HashMap<DistrictCode, i64>,
    matters: HashMap<MatterCode, i64>,
}

#[derive(Debug, FromQueryResult)]
struct CodeRow {
    code: String,
    id: i64,
}

impl CodeIndex {
    /// Loads all codes.
    pub(crate) async fn all(db: &impl ConnectionTrait) -> Result<Self> {
        let mut index = Self::default();
        let select =
            Query::select().column("code").expr_as(Expr::col("district"), "id").from("district_code").to_owned();
        index.read_districts(CodeRow::find_by_statement(db.get_database_backend().build(&select)).all(db).await?)?;
        let select = Query::select().columns(["code", "id"]).from("matter").to_owned();
        index.read_matters(CodeRow::find_by_statement(db.get_database_backend().build(&select)).all(db).await?)?;
        Ok(index)
    }

    /// Loads the codes that are not loaded yet. Codes that do not exist are left out.
    pub(crate) async fn load(
        &mut self,
        db: &impl ConnectionTrait,
        districts: BTreeSet<DistrictCode>,
        matters: BTreeSet<MatterCode>,
    ) -> Result<()> {
        let unknown: Vec<_> =
            districts.iter().filter(|code| !self.districts.contains_key(*code)).map(DistrictCode::as_str).collect();
        for chunk in unknown.chunks(10_000) {
            let codes = Expr::col("code").is_in(chunk.iter().copied());
            let select = Query::select()
                .column("code")
                .expr_as(Expr::col("district"), "id")
                .from("district_code")
                .and_where(codes)
                .to_owned();
            self.read_districts(CodeRow::find_by_statement(db.get_database_backend().build(&select)).all(db).await?)?;
        }
        let unknown: Vec<_> =
            matters.iter().filter(|code| !self.matters.contains_key(*code)).map(MatterCode::as_str).collect();
        for chunk in unknown.chunks(10_000) {
            let select = Query::select()
                .columns(["code", "id"])
                .from("matter")
                .and_where(Expr::col("code").is_in(chunk.iter().copied()))
                .to_owned();
            self.read_matters(CodeRow::find_by_statement(db.get_database_backend().build(&select)).all(db).await?)?;
        }
        Ok(())
    }

    fn read_districts(&mut self, rows: Vec<CodeRow>) -> Result<()> {
        for CodeRow { code, id } in rows {
            self.districts.insert(code.parse().map_err(|_| Error::corrupt("district_code", "code", &code))?, id);
        }
        Ok(())
    }

    fn read_matters(&mut self, rows: Vec<CodeRow>) -> Result<()> {
        for CodeRow { code, id } in rows {
            self.matters.insert(code.parse().map_err(|_| Error::corrupt("matter", "code", id))?, id);
        }
        Ok(())
    }

    pub(crate) fn find_district(&self, code: DistrictCode) -> Option<i64> {
        self.districts.get(&code).copied()
    }

    pub(crate) fn find_matter(&self, code: MatterCode) -> Option<i64> {
        self.matters.get(&code).copied()
    }

    /// The id of a district that must exist.
    pub(crate) fn district(&self, code: DistrictCode) -> Result<i64> {
        self.find_district(code).ok_or_else(|| Error::refused(Reference::district("district", code).dangling()))
    }

    /// The id of a matter that must exist.
    pub(crate) fn matter(&self, code: MatterCode) -> Result<i64> {
        self.find_matter(code).ok_or_else(|| Error::refused(Reference::matter("matter", code).dangling()))
    }

    pub(crate) fn insert_district(&mut self, code: DistrictCode, id: i64) {
        self.districts.insert(code, id);
    }

    pub(crate) fn insert_matter(&mut self, code: MatterCode, id: i64) {
        self.matters.insert(code, id);
    }

    pub(crate) fn districts(&self) -> impl Iterator<Item = (DistrictCode, i64)> {
        self.districts.iter().map(|(code, id)| (*code, *id))
    }

    /// Does the referenced district or matter exist? References to agreements are not checked here.
    pub(crate) fn resolves(&self, reference: &Reference) -> bool {
        match reference.to {
            Referent::District(code) => self.districts.contains_key(&code),
            Referent::Matter(code) => self.matters.contains_key(&code),
            Referent::Agreement(_) => true,
        }
    }
}
