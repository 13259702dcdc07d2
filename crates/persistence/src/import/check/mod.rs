//! The second pass of an import: checks every record against the rules, the registry and the other lines. Nothing is
//! written.

mod agreement;
mod clause;
mod district;

use std::collections::HashMap;
use std::sync::Arc;

use domain::record::Submitted;
use domain::reference::{Reference, Referent};
use domain::{AgreementNumber, Date, Document, Id, Matter, Offering, Policy, Problem, Recorded, Revision, Window};
use sea_orm::DatabaseTransaction;
use sha2::{Digest, Sha256};

use super::batch::{Batch, Batches, Clauses, Item};
use super::fault::{Faults, Location, duplicate};
use super::faulty::FaultyLine;
use super::kind::Kind;
use super::plan::Plan;
use super::progress::{OnProgress, Progress, Step};
use crate::code_index::CodeIndex;
use crate::error::Result;
use crate::policy::PolicyIndex;
use crate::{offering, table};

/// The result of the check.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) faults: Faults,
    pub(crate) warnings: Faults,
    /// The largest serial number in the lines.
    pub(crate) last_serial: u32,
}

/// Half a SHA-256 of a natural key.
type KeyDigest = [u8; 16];

struct Check<'a> {
    tx: &'a DatabaseTransaction,
    plan: &'a Arc<Plan>,
    clauses: Arc<Clauses>,
    progress: OnProgress<'a>,
    done: u64,
    faults: Faults,
    warnings: Faults,
    /// Codes of the registry and of the lines. New records get negative ids.
    code_index: CodeIndex,
    unwritten: i64,
    /// The records in the files, by natural key.
    seen: HashMap<KeyDigest, Location>,
    /// References of faulty lines, with the problem if they are dangling.
    named: Vec<(Location, Reference, Problem)>,
    /// Agreements that lines refer to, with the problem if they are missing.
    unresolved_agreements: Vec<(Location, AgreementNumber, Problem)>,
    last_serial: u32,
    /// The day in China.
    today: Date,
}

/// The most references of faulty lines that are checked: more faults than are listed.
const MAX_UNRESOLVED: usize = 10_000;

pub(crate) async fn check(
    tx: &DatabaseTransaction,
    plan: &Arc<Plan>,
    mut faults: Faults,
    today: Date,
    progress: OnProgress<'_>,
) -> Result<Checked> {
    let (clauses, of_clauses) = Clauses::read(plan).await?;
    faults.append(of_clauses);
    let code_index = CodeIndex::all(tx).await?;
    let done = plan.count(Kind::Clause);
    let clauses = Arc::new(clauses);
    let mut check = Check {
        tx,
        plan,
        clauses,
        progress,
        done,
        faults,
        warnings: Faults::default(),
        code_index,
        unwritten: 0,
        seen: HashMap::new(),
        named: Vec::new(),
        unresolved_agreements: Vec::new(),
        last_serial: 0,
        today,
    };
    check.districts().await?;
    check.matters().await?;
    check.policies().await?;
    check.offerings().await?;
    check.windows().await?;
    check.agreements().await?;
    check.named_by_faulty_lines();
    Ok(Checked { faults: check.faults, warnings: check.warnings, last_serial: check.last_serial })
}

fn key_digest(parts: &[&str]) -> KeyDigest {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    let mut key_digest = KeyDigest::default();
    key_digest.copy_from_slice(&hash.finalize()[..16]);
    key_digest
}

impl Check<'_> {
    fn batches(&self, kind: Kind) -> Batches {
        Batches::read(self.plan, kind, &self.clauses)
    }

    /// Takes over the faults of a batch and reports progress.
    fn open(&mut self, batch: &mut Batch) -> Vec<(Location, Item)> {
        self.faults.append(std::mem::take(&mut batch.faults));
        self.warnings.append(std::mem::take(&mut batch.warnings));
        self.done += batch.lines;
        (self.progress)(Progress { step: Step::Checking, done: self.done, of: self.plan.read });
        let items = std::mem::take(&mut batch.items);
        for (at, item) in &items {
            if let Item::Faulty(faulty) = item {
                self.name(*at, faulty);
            }
        }
        items
    }

    /// Collects the references of a faulty line.
    fn name(&mut self, at: Location, faulty: &FaultyLine) {
        for reference in faulty.references().into_iter().take(MAX_UNRESOLVED.saturating_sub(self.named.len())) {
            let (at, problem) = self.clauses.locate(at, faulty, reference.dangling());
            self.named(at, reference, problem);
        }
    }

    fn named(&mut self, at: Location, reference: Reference, problem: Problem) {
        match reference.to {
            Referent::Agreement(number) => self.unresolved_agreements.push((at, number, problem)),
            Referent::District(_) | Referent::Matter(_) => self.named.push((at, reference, problem)),
        }
    }

    /// Dangling references of faulty lines are reported too, so that all problems can be corrected at once.
    fn named_by_faulty_lines(&mut self) {
        for (at, reference, problem) in std::mem::take(&mut self.named) {
            if !self.code_index.resolves(&reference) {
                self.faults.push(at, problem);
            }
        }
    }

    fn references(&mut self, at: Location, references: &[Reference]) {
        for reference in references {
            match reference.to {
                Referent::Agreement(number) => self.unresolved_agreements.push((at, number, reference.dangling())),
                Referent::District(_) | Referent::Matter(_) if self.code_index.resolves(reference) => {}
                Referent::District(_) | Referent::Matter(_) => self.faults.push(at, reference.dangling()),
            }
        }
    }

    /// Reports a record that occurs twice.
    fn ensure_unique(&mut self, at: Location, field: &str, key_digest: KeyDigest) {
        if let Some(first) = self.seen.get(&key_digest) {
            self.faults.push(at, duplicate(field, *first, self.plan.path(first.file())));
        } else {
            self.seen.insert(key_digest, at);
        }
    }

    async fn matters(&mut self) -> Result<()> {
        let mut batches = self.batches(Kind::Matter);
        while let Some(mut batch) = batches.next().await? {
            for (at, item) in self.open(&mut batch) {
                let Some(Submitted::Matter(Matter { code, .. })) = item.reads(&["code"]) else { continue };
                self.ensure_unique(at, "code", key_digest(&["matter", code.as_str()]));
                if self.code_index.find_matter(*code).is_none() {
                    self.unwritten -= 1;
                    self.code_index.insert_matter(*code, self.unwritten);
                }
            }
        }
        Ok(())
    }

    async fn policies(&mut self) -> Result<()> {
        let mut known = PolicyIndex::read(table::page::<Policy>(self.tx, 0, u64::from(u32::MAX)).await?)?;
        let mut unwritten = Revision::MAX >> 2;
        let mut batches = self.batches(Kind::Policy);
        while let Some(mut batch) = batches.next().await? {
            for (at, item) in self.open(&mut batch) {
                let Some(Submitted::Policy(policy)) = item.reads(&["key", "documentNumber", "title"]) else { continue };
                if matches!(item, Item::Valid(_)) {
                    self.references(at, &policy.references());
                }
                let id = known.find(policy).map(|stored| stored.id).unwrap_or_else(|| {
                    unwritten += 1;
                    known.add(Recorded { id: Id::new(unwritten), revision: 0, record: (**policy).clone() });
                    crate::number::column(unwritten)
                });
                self.ensure_unique(at, "", key_digest(&["policy", &id.to_string()]));
            }
        }
        Ok(())
    }

    async fn offerings(&mut self) -> Result<()> {
        let mut batches = self.batches(Kind::Offering);
        while let Some(mut batch) = batches.next().await? {
            for (at, item) in self.open(&mut batch) {
                let Some(Submitted::Offering(offering)) = item.reads(&["district", "matter", "sourceCode"]) else {
                    continue;
                };
                if matches!(item, Item::Valid(_)) {
                    self.references(at, &offering.references());
                }
                self.offering(at, offering);
            }
        }
        Ok(())
    }

    fn offering(&mut self, at: Location, offering: &Offering) {
        let Some(district) = self.code_index.find_district(offering.district) else { return };
        let matter = offering.matter.and_then(|code| self.code_index.find_matter(code));
        if offering.source_code.is_none() && matter.is_none() {
            return;
        }
        let field = if offering.source_code.is_some() { "sourceCode" } else { "matter" };
        self.ensure_unique(at, field, key_digest(&["offering", &offering::natural_key_of(offering, district, matter)]));
    }

    async fn windows(&mut self) -> Result<()> {
        let mut batches = self.batches(Kind::Window);
        while let Some(mut batch) = batches.next().await? {
            for (at, item) in self.open(&mut batch) {
                let Some(Submitted::Window(window)) = item.reads(&["district", "name"]) else { continue };
                if matches!(item, Item::Valid(_)) {
                    self.references(at, &window.references());
                }
                self.window(at, window);
            }
        }
        Ok(())
    }

    fn window(&mut self, at: Location, window: &Window) {
        if let Some(district) = self.code_index.find_district(window.district) {
            self.ensure_unique(at, "name", key_digest(&["window", &district.to_string(), &window.name]));
        }
    }

    async fn documents(&mut self) -> Result<()> {
        let mut batches = self.batches(Kind::Document);
        while let Some(mut batch) = batches.next().await? {
            for (at, item) in self.open(&mut batch) {
                let Some(Submitted::Document(document)) = item.reads(&["agreement", "party", "digest"]) else {
                    continue;
                };
                if matches!(item, Item::Valid(_)) {
                    self.references(at, &document.references());
                }
                self.document(at, document);
            }
        }
        Ok(())
    }

    fn document(&mut self, at: Location, document: &Document) {
        if let Some(party) = self.code_index.find_district(document.party) {
            self.ensure_unique(
                at,
                "digest",
                key_digest(&[
                    "document",
                    &document.agreement.to_string(),
                    &party.to_string(),
                    &document.digest.to_string(),
                ]),
            );
        }
    }
}
