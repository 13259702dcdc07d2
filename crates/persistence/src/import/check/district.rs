//! Checks districts: their codes, and cycles between them.

use std::collections::{BTreeSet, HashMap};

use domain::district_graph::{DistrictGraph, Relations};
use domain::record::Submitted;
use domain::{District, DistrictCode, Record};
use sea_orm::DatabaseTransaction;

use super::{Check, key_digest};
use crate::code_index::CodeIndex;
use crate::error::Result;
use crate::import::batch::{Item, ParsedLine};
use crate::import::fault::{Location, duplicate};
use crate::import::kind::Kind;
use crate::{imported_line, problem, table};

impl Check<'_> {
    pub(super) async fn districts(&mut self) -> Result<()> {
        if self.plan.count(Kind::District) == 0 {
            return Ok(());
        }
        let mut relations_of = DistrictRelations::of(self.tx, &self.code_index).await?;
        let mut handed_in = Vec::new();
        let mut batches = self.batches(Kind::District);
        while let Some(mut batch) = batches.next().await? {
            let items = self.open(&mut batch);
            let known = items.iter().filter_map(|(_, item)| match item {
                Item::Valid(ParsedLine { record: Submitted::District(district), .. }) => {
                    self.code_index.find_district(district.code)
                }
                Item::Valid(_) | Item::Faulty(_) => None,
            });
            let last_lines = imported_line::by_record(self.tx, known.filter(|id| *id > 0)).await?;
            for (at, item) in items {
                match item {
                    Item::Valid(line) => {
                        let Submitted::District(district) = line.record else { continue };
                        let Some(id) = self.unique_district(at, &district) else { continue };
                        if last_lines.get(&id) == Some(&line.digest) {
                            continue;
                        }
                        let references = district.references();
                        let district = match relations_of.stored.get(&id) {
                            Some(stored) => {
                                self.merged_or_faulty(at, district.clone().over(stored.clone(), line.end), &district)
                            }
                            None => district,
                        };
                        self.codes(at, id, &district, &relations_of);
                        relations_of.relations.insert(id, Relations::of(&district));
                        handed_in.push((at, id, references));
                    }
                    Item::Faulty(faulty) => {
                        let Some(Submitted::District(district)) = faulty.reads(&["code"]) else { continue };
                        let Some(id) = self.unique_district(at, district) else { continue };
                        if faulty.reads(&["codes"]).is_some() {
                            self.codes(at, id, district, &relations_of);
                        }
                        if faulty.reads(&["parent", "parents", "administers", "successors"]).is_some() {
                            relations_of.relations.insert(id, Relations::of(district));
                            handed_in.push((at, id, Vec::new()));
                        }
                    }
                }
            }
        }
        let relations = relations_of.relations.iter().map(|(id, relations)| (*id, relations));
        let graph = DistrictGraph::new(relations, |code| self.code_index.find_district(code));
        for (at, id, references) in handed_in {
            self.references(at, &references);
            graph.cycles(id).into_iter().for_each(|problem| self.faults.push(at, problem));
        }
        Ok(())
    }

    /// The id of a district, unless it occurs twice.
    fn unique_district(&mut self, at: Location, district: &District) -> Option<i64> {
        let id = self.code_index.find_district(district.code).unwrap_or_else(|| {
            self.unwritten -= 1;
            self.unwritten
        });
        let key_digest = key_digest(&["district", &id.to_string()]);
        if let Some(first) = self.seen.get(&key_digest) {
            self.faults.push(at, duplicate("code", *first, self.plan.path(first.file())));
            return None;
        }
        self.seen.insert(key_digest, at);
        if self.code_index.find_district(district.code).is_none() {
            self.code_index.insert_district(district.code, id);
        }
        Some(id)
    }

    /// The merged district must be valid too: new dates may not fit the stored ones.
    fn merged_or_faulty(&mut self, at: Location, merged: District, line: &District) -> District {
        if merged != *line
            && let Err(problems) = Record::from_line(&Record::District(merged.clone()).line())
        {
            problems.into_iter().for_each(|problem| self.faults.push(at, problem));
        }
        merged
    }

    fn codes(&mut self, at: Location, id: i64, district: &District, relations_of: &DistrictRelations) {
        for code in district.all_codes() {
            match self.code_index.find_district(code) {
                Some(other) if other != id => self.faults.push(at, problem::code_taken(code, vec!["codes".to_owned()])),
                Some(_) => {}
                None => self.code_index.insert_district(code, id),
            }
        }
        let now: BTreeSet<_> = district.all_codes().collect();
        for code in relations_of.codes.get(&id).into_iter().flatten().filter(|code| !now.contains(code)) {
            self.faults.push(at, problem::code_dropped(*code));
        }
    }
}

/// Districts and their relations, in the registry and in the files.
struct DistrictRelations {
    /// The districts of the registry.
    stored: HashMap<i64, District>,
    relations: HashMap<i64, Relations>,
    /// All codes of the registered districts.
    codes: HashMap<i64, Vec<DistrictCode>>,
}

impl DistrictRelations {
    async fn of(tx: &DatabaseTransaction, code_index: &CodeIndex) -> Result<Self> {
        let mut relations_of = Self { stored: HashMap::new(), relations: HashMap::new(), codes: HashMap::new() };
        for (code, id) in code_index.districts() {
            relations_of.codes.entry(id).or_default().push(code);
        }
        let mut after = 0;
        loop {
            let page = table::page::<District>(tx, after, 1_000).await?;
            let Some(last) = page.last() else { return Ok(relations_of) };
            after = last.id;
            for stored in page {
                let id = stored.id;
                let district = stored.read::<District>()?.record;
                relations_of.relations.insert(id, Relations::of(&district));
                relations_of.stored.insert(id, district);
            }
        }
    }
}
