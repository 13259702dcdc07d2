//! The second pass of an import: checks every record against the rules, the registry and the other lines. Nothing is
//! written.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use domain::agreement::Submission;
use domain::district_graph::{DistrictGraph, Relations};
use domain::record::Submitted;
use domain::reference::{Reference, Referent};
use domain::{
    AgreementClause, AgreementNumber, Date, District, DistrictCode, Document, Id, Life, Matter, Message, Offering, Policy, Problem, ProblemCode,
    Record, Recorded, Revision, Version, Window, reading,
};
use sea_orm::DatabaseTransaction;
use sha2::{Digest, Sha256};

use super::agreements::{Candidates, Match, is_nameless};
use super::batch::{Batch, Batches, Clauses, Item, ParsedLine};
use super::fault::{Faults, Location, duplicate};
use super::faulty::{FaultyLine, names};
use super::plan::{Kind, Plan};
use super::{OnProgress, Progress, Step};
use crate::agreement::fingerprint;
use crate::code_index::CodeIndex;
use crate::error::Result;
use crate::imported_line;
use crate::policy::PolicyIndex;
use crate::problem;
use crate::table;

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

pub(crate) async fn check(tx: &DatabaseTransaction, plan: &Arc<Plan>, mut faults: Faults, today: Date, progress: OnProgress<'_>) -> Result<Checked> {
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
        for reference in faulty.names().into_iter().take(MAX_UNRESOLVED.saturating_sub(self.named.len())) {
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
            self.faults.push(at, duplicate(field, *first, self.plan));
        } else {
            self.seen.insert(key_digest, at);
        }
    }

    async fn districts(&mut self) -> Result<()> {
        if self.plan.count(Kind::District) == 0 {
            return Ok(());
        }
        let mut relations_of = DistrictRelations::of(self.tx, &self.code_index).await?;
        let mut handed_in = Vec::new();
        let mut batches = self.batches(Kind::District);
        while let Some(mut batch) = batches.next().await? {
            let items = self.open(&mut batch);
            let known = items.iter().filter_map(|(_, item)| match item {
                Item::Valid(ParsedLine { record: Submitted::District(district), .. }) => self.code_index.find_district(district.code),
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
                            Some(stored) => self.readable(at, district.clone().over(stored.clone(), line.end), &district),
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
            self.faults.push(at, duplicate("code", *first, self.plan));
            return None;
        }
        self.seen.insert(key_digest, at);
        if self.code_index.find_district(district.code).is_none() {
            self.code_index.insert_district(district.code, id);
        }
        Some(id)
    }

    /// The merged district must be valid too: new dates may not fit the stored ones.
    fn readable(&mut self, at: Location, merged: District, line: &District) -> District {
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
                let Some(Submitted::Offering(offering)) = item.reads(&["district", "matter", "sourceCode"]) else { continue };
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
        self.ensure_unique(at, field, key_digest(&["offering", &crate::offering::natural_key_of(offering, district, matter)]));
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

    async fn agreements(&mut self) -> Result<()> {
        let mut numbers = HashSet::new();
        let mut joined = HashSet::new();
        let mut unnumbered = 0;
        let mut batches = self.batches(Kind::Agreement);
        while let Some(mut batch) = batches.next().await? {
            let items = self.open(&mut batch);
            let valid: Vec<_> = items.iter().filter_map(|(_, item)| item.submission()).collect();
            let candidates = Candidates::of(self.tx, valid.iter(), &self.code_index).await?;
            let mut valid = valid.into_iter();
            for (at, item) in items {
                match item {
                    Item::Valid(_) => {
                        let Some(line) = valid.next() else { continue };
                        let submission = line.record.clone();
                        numbers.extend(submission.number);
                        joined.extend(self.clauses.locations(submission.key(), submission.number.map(|number| number.to_string()).as_deref()));
                        self.last_serial = self.last_serial.max(submission.number.map_or(0, AgreementNumber::serial));
                        self.unique_agreement(at, &submission);
                        self.agreement(at, &submission);
                        match candidates.match_line(line, &self.code_index)? {
                            Match::New(_) => unnumbered += u32::from(submission.number.is_none()),
                            // It is not written, so its references need no check.
                            Match::Same(..) => continue,
                            Match::Conflict(problems) => problems.into_iter().for_each(|problem| self.faults.push(at, problem)),
                        }
                        self.agreement_references(at, &submission);
                    }
                    Item::Faulty(faulty) => {
                        numbers.extend(faulty.text("number").and_then(|number| number.parse::<AgreementNumber>().ok()));
                        self.faulty_agreement(at, &faulty, &mut joined);
                    }
                }
            }
        }
        self.serials(unnumbered).await?;
        self.documents().await?;
        self.agreements_named(&numbers).await?;
        self.clauses_without_agreement(&joined);
        Ok(())
    }

    /// Reports an agreement that occurs twice.
    fn unique_agreement(&mut self, at: Location, submission: &Submission) {
        if let Some(number) = submission.number {
            self.ensure_unique(at, "number", key_digest(&["agreement", &number.to_string()]));
        }
        if let Some(key) = submission.key() {
            self.ensure_unique(at, "key", key_digest(&["agreement key", key]));
        }
        if is_nameless(submission) {
            self.ensure_unique(at, "title", key_digest(&["agreement content", &fingerprint(submission.content(), &self.code_index)]));
        }
    }

    fn faulty_agreement(&mut self, at: Location, faulty: &FaultyLine, joined: &mut HashSet<Location>) {
        match faulty.own {
            Some(_) => joined.extend(self.clauses.locations(faulty.text("key"), faulty.text("number"))),
            None => {
                // Its clauses were not read as a part of it.
                let clauses = self.clauses.clone();
                for (place, clause) in clauses.of(&faulty.line) {
                    joined.insert(*place);
                    self.clause(*place, clause);
                }
            }
        }
        let natural_key = match (faulty.text("number"), faulty.text("key")) {
            (None, None) => &["title", "parties", "signedOn", "number", "key"][..],
            _ => &["number", "key"],
        };
        if let Some(Submitted::Agreement(submission)) = faulty.reads(natural_key) {
            self.unique_agreement(at, submission);
        }
        if let Some(Submitted::Agreement(submission)) = faulty.reads(&["number", "parties", "versions", "draft", "proposal"]) {
            self.agreement(at, submission);
        }
        if let Some(Submitted::Agreement(submission)) = faulty.reads(&["signedOn", "versions", "draft", "proposal"]) {
            let early = submission.content().versions.iter().find_map(|version| version.ensure_signed_by(self.today).err());
            early.into_iter().for_each(|problem| self.faults.push(at, problem));
        }
    }

    fn agreement_references(&mut self, at: Location, submission: &Submission) {
        for reference in submission.content().references() {
            match reference.to {
                Referent::Agreement(number) => self.unresolved_agreements.push((at, number, reference.dangling())),
                Referent::District(_) | Referent::Matter(_) if self.code_index.resolves(&reference) => {}
                Referent::District(_) | Referent::Matter(_) => self.fault_of(at, submission, reference.dangling()),
            }
        }
        let many = submission.content().versions.len() > 1;
        for (n, version) in submission.content().versions.iter().enumerate() {
            let dangling = acting(version).into_iter().filter(|reference| !self.code_index.resolves(reference)).map(|reference| reference.dangling());
            let early = version.ensure_signed_by(self.today).err();
            for mut problem in dangling.chain(early).collect::<Vec<_>>() {
                problem.path.splice(0..0, many.then(|| ["versions".to_owned(), n.to_string()]).into_iter().flatten());
                self.faults.push(at, problem);
            }
        }
    }

    fn agreement(&mut self, at: Location, submission: &Submission) {
        let content = submission.content();
        for (n, version) in content.versions.iter().enumerate() {
            let version_path = if content.versions.len() > 1 { vec!["versions".to_owned(), n.to_string()] } else { Vec::new() };
            // An agreement with a number is an export in any state; one without a number was signed on paper.
            if version.term().is_none() && submission.number.is_none() {
                let path = version_path.iter().cloned().chain(["version".to_owned()]).collect();
                self.faults.push(at, not_concluded(path, version.number));
            }
            let mut parties = BTreeMap::new();
            for (i, party) in version.parties.iter().enumerate() {
                let Some(id) = self.code_index.find_district(party.district) else { continue };
                if let Some(other) = parties.insert(id, party.district).filter(|other| *other != party.district) {
                    self.faults.push(at, party_twice(version_path.clone(), i, party.district, other));
                }
            }
        }
    }

    /// Reports a problem on the right line: a clause may have its own.
    fn fault_of(&mut self, at: Location, submission: &Submission, problem: Problem) {
        let number = submission.number.map(|number| number.to_string());
        let added = self.clauses.locations(submission.key(), number.as_deref());
        let all = submission.content().latest().schedule.len();
        let [schedule, index, rest @ ..] = problem.path.as_slice() else { return self.faults.push(at, problem) };
        let own = all.saturating_sub(added.len());
        let place = index.parse::<usize>().ok().filter(|_| schedule == "schedule").and_then(|index| added.get(index.checked_sub(own)?));
        match place {
            Some(place) => self.faults.push(*place, Problem { path: rest.to_vec(), ..problem }),
            None => self.faults.push(at, problem),
        }
    }

    async fn documents(&mut self) -> Result<()> {
        let mut batches = self.batches(Kind::Document);
        while let Some(mut batch) = batches.next().await? {
            for (at, item) in self.open(&mut batch) {
                let Some(Submitted::Document(document)) = item.reads(&["agreement", "party", "digest"]) else { continue };
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
                key_digest(&["document", &document.agreement.to_string(), &party.to_string(), &document.digest.to_string()]),
            );
        }
    }

    /// Are there enough numbers for new agreements?
    async fn serials(&mut self, unnumbered: u32) -> Result<()> {
        let last = crate::head::Head::read(self.tx).await?.agreements.max(self.last_serial);
        if unnumbered > AgreementNumber::MAX_SERIAL.saturating_sub(last) {
            let message = Message::new("协议编号已用尽", "there are no agreement numbers left");
            let problem = Problem::new(ProblemCode::Refused, vec!["number".to_owned()], "NUMBERS_EXHAUSTED", message);
            let remedy = "the greatest number that was given or stated leaves no room; correct the stated ones";
            self.faults.push(Location::new(0, 1), problem.remedy("已给出或写明的最大序号之后不够分配，请更正写明的编号", remedy));
        }
        Ok(())
    }

    /// Agreements that lines refer to as a framework, a predecessor or the agreement of a document.
    async fn agreements_named(&mut self, numbers: &HashSet<AgreementNumber>) -> Result<()> {
        let named = std::mem::take(&mut self.unresolved_agreements);
        let outside: Vec<_> = named.into_iter().filter(|(_, number, _)| !numbers.contains(number)).collect();
        for chunk in outside.chunks(1_000) {
            let asked = chunk.iter().map(|(_, number, _)| number.to_string()).collect();
            let known = crate::agreement::find_any(self.tx, asked, Vec::new(), Vec::new()).await?;
            let known: HashSet<_> = known.into_iter().map(|known| known.number).collect();
            for (at, _, problem) in chunk.iter().filter(|(_, number, _)| !known.contains(&number.to_string())) {
                self.faults.push(*at, problem.clone());
            }
        }
        Ok(())
    }

    /// Clauses whose agreement is not in the files.
    fn clauses_without_agreement(&mut self, joined: &HashSet<Location>) {
        let clauses = self.clauses.clone();
        for (name, at, clause) in clauses.all().filter(|(_, at, _)| !joined.contains(at)) {
            if let Some(name) = name {
                self.faults.push(at, no_such_agreement(name));
            }
            self.clause(at, clause);
        }
    }

    /// Checks a clause by itself if it is not read as a part of its agreement.
    fn clause(&mut self, at: Location, clause: &serde_json::Value) {
        let mut problems = Vec::new();
        reading::read(clause, &mut problems, AgreementClause::read);
        problems.into_iter().for_each(|problem| self.faults.push(at, problem));
        for reference in names(clause) {
            let problem = reference.dangling();
            self.named(at, reference, problem);
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

/// References to districts that acted or may act on a version.
fn acting(version: &Version) -> Vec<Reference> {
    let mut acting: Vec<Reference> = Vec::new();
    match &version.life {
        Life::Draft(draft) => acting.push(Reference::district("draft.author", draft.author)),
        Life::Proposal(proposal) => {
            acting.push(Reference::district("proposal.by", proposal.by));
            acting.extend(proposal.signers.iter().enumerate().map(|(i, signer)| Reference::district(format!("proposal.signers.{i}"), *signer)));
        }
        Life::Paper(paper) => acting.extend(paper.recorder.map(|recorder| Reference::district("recorder", recorder))),
    }
    let newcomers = version.accessions.iter().enumerate();
    acting.extend(newcomers.map(|(i, accession)| Reference::district(format!("accessions.{i}.party.district"), accession.party.district)));
    acting
}

/// Only concluded agreements can be imported; drafts and proposals are made in the registry.
fn not_concluded(path: Vec<String>, version: u32) -> Problem {
    let message = Message::new(format!("第 {version} 版尚未签订"), format!("version {version} is not concluded"));
    Problem::invalid(path, "NOT_CONCLUDED", message)
        .remedy("只能导入已签订的协议；草稿和送签请在平台办理", "import what was signed; draft and propose the rest in the registry")
}

fn party_twice(mut path: Vec<String>, at: usize, code: DistrictCode, other: DistrictCode) -> Problem {
    path.extend(["parties".to_owned(), at.to_string(), "district".to_owned()]);
    let message = Message::new(format!("{code} 与 {other} 是同一区域的两个代码"), format!("{code} and {other} are two codes of one district"));
    Problem::new(ProblemCode::Invalid, path, "PARTY_TWICE", message).remedy("每个签约方只列一次", "name every party once")
}

fn no_such_agreement(name: &str) -> Problem {
    let message =
        Message::new(format!("文件中没有 key 或编号为“{name}”的协议"), format!("there is no agreement with the key or number “{name}” in the files"));
    Problem::new(ProblemCode::NotFound, vec!["agreement".to_owned()], "UNKNOWN_AGREEMENT", message)
        .remedy("请同时导入该协议的 agreement 行，或更正名称", "import the line of the agreement with it, or correct the name")
}
