//! The second look: every record against the rules, the registry and the other lines. Nothing is written.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use domain::agreement::Submission;
use domain::kinship::{Kinship, Relations};
use domain::record::{Reference, Referent, Submitted};
use domain::{
    AgreementNumber, District, DistrictCode, Id, Life, Matter, Message, Offering, Policy, Problem, ProblemCode, Recorded, Revision, Version, Window,
};
use sea_orm::DatabaseTransaction;
use sha2::{Digest, Sha256};

use super::agreements::{Candidates, Meaning, is_nameless};
use super::fault::{Faults, Place, duplicate};
use super::items::{Batch, Batches, Clauses, Faulty};
use super::plan::{Kind, Plan};
use super::{Listener, Progress, Step, policies};
use crate::agreement::fingerprint;
use crate::error::Result;
use crate::places::Places;
use crate::problem;
use crate::table;

/// What checking found.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) faults: Faults,
    pub(crate) warnings: Faults,
    /// The greatest serial number that a line states.
    pub(crate) last_serial: u32,
}

/// Enough of a digest to tell names apart.
type Word = [u8; 16];

struct Check<'a> {
    tx: &'a DatabaseTransaction,
    plan: &'a Arc<Plan>,
    clauses: Arc<Clauses>,
    progress: Listener<'a>,
    done: u64,
    faults: Faults,
    warnings: Faults,
    /// Those of the registry, and of the lines: what is new has a number below zero until it is written.
    places: Places,
    unwritten: i64,
    /// What stands in the files, by what it is known by.
    seen: HashMap<Word, Place>,
    /// What lines at fault name, and what to say when it is not there.
    named: Vec<(Place, Reference, Problem)>,
    last_serial: u32,
}

/// How much of what lines at fault name is looked up: more faults than anybody is told.
const MOST_NAMED: usize = 10_000;

pub(crate) async fn check(tx: &DatabaseTransaction, plan: &Arc<Plan>, mut faults: Faults, progress: Listener<'_>) -> Result<Checked> {
    let (clauses, of_clauses) = Clauses::read(plan).await?;
    faults.append(of_clauses);
    let places = Places::all(tx).await?;
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
        places,
        unwritten: 0,
        seen: HashMap::new(),
        named: Vec::new(),
        last_serial: 0,
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

fn word(parts: &[&str]) -> Word {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    let mut word = Word::default();
    word.copy_from_slice(&hash.finalize()[..16]);
    word
}

impl Check<'_> {
    fn batches(&self, kind: Kind) -> Batches {
        Batches::read(self.plan, kind, &self.clauses)
    }

    /// Takes the faults of a batch and says how far it is.
    fn open(&mut self, batch: &mut Batch) -> Vec<(Place, Submitted)> {
        self.faults.append(std::mem::take(&mut batch.faults));
        self.warnings.append(std::mem::take(&mut batch.warnings));
        self.place_faulty(batch);
        self.done += batch.lines;
        (self.progress)(Progress { step: Step::Checking, done: self.done, of: self.plan.read });
        std::mem::take(&mut batch.records)
    }

    /// A district or matter whose line is at fault is there all the same for those that name it.
    fn place_faulty(&mut self, batch: &Batch) {
        let code = |line: &serde_json::Value| Some(line.get("code")?.as_str()?.to_owned());
        for faulty in &batch.faulty {
            for reference in faulty.names().into_iter().take(MOST_NAMED.saturating_sub(self.named.len())) {
                let (at, problem) = self.clauses.locate(faulty.at, &faulty.line, faulty.own, reference.dangling());
                self.named.push((at, reference, problem));
            }
        }
        for (line, code) in batch.faulty.iter().filter_map(|faulty| Some((&faulty.line, code(&faulty.line)?))) {
            self.unwritten -= 1;
            match line.get("type").and_then(serde_json::Value::as_str) {
                Some("district") => {
                    let code = code.parse().ok().filter(|code| self.places.find_district(*code).is_none());
                    code.into_iter().for_each(|code| self.places.place_district(code, self.unwritten));
                }
                Some("matter") => {
                    let code = code.parse().ok().filter(|code| self.places.find_matter(*code).is_none());
                    code.into_iter().for_each(|code| self.places.place_matter(code, self.unwritten));
                }
                _ => {}
            }
        }
    }

    /// A line at fault is told what it names in vain, too, so that mending it takes one round.
    fn named_by_faulty_lines(&mut self) {
        for (at, reference, problem) in std::mem::take(&mut self.named) {
            if !self.places.leads(&reference) {
                self.faults.push(at, problem);
            }
        }
    }

    fn references(&mut self, at: Place, references: &[Reference]) {
        for reference in references.iter().filter(|reference| !self.places.leads(reference)) {
            self.faults.push(at, reference.dangling());
        }
    }

    /// Reports a record that stands in the files twice.
    fn once(&mut self, at: Place, field: &str, word: Word) {
        if let Some(first) = self.seen.get(&word) {
            self.faults.push(at, duplicate(field, *first, self.plan));
        } else {
            self.seen.insert(word, at);
        }
    }

    async fn districts(&mut self) -> Result<()> {
        if self.plan.count(Kind::District) == 0 {
            return Ok(());
        }
        let mut family = Family::of(self.tx, &self.places).await?;
        let mut handed_in = Vec::new();
        let mut batches = self.batches(Kind::District);
        while let Some(mut batch) = batches.next().await? {
            for (at, record) in self.open(&mut batch) {
                let Submitted::District(district) = record else { continue };
                if let Some(id) = self.district(at, &district, &family) {
                    handed_in.push((at, id, district.references()));
                    family.relations.insert(id, Relations::of(&district));
                }
            }
        }
        let relations = family.relations.iter().map(|(id, relations)| (*id, relations));
        let kinship = Kinship::new(relations, |code| self.places.find_district(code));
        for (at, id, references) in handed_in {
            self.references(at, &references);
            kinship.circles(id).into_iter().for_each(|problem| self.faults.push(at, problem));
        }
        Ok(())
    }

    fn district(&mut self, at: Place, district: &District, family: &Family) -> Option<i64> {
        let id = self.places.find_district(district.code).unwrap_or_else(|| {
            self.unwritten -= 1;
            self.unwritten
        });
        let word = word(&["district", &id.to_string()]);
        if let Some(first) = self.seen.get(&word) {
            self.faults.push(at, duplicate("code", *first, self.plan));
            return None;
        }
        self.seen.insert(word, at);
        for code in district.all_codes() {
            match self.places.find_district(code) {
                Some(other) if other != id => self.faults.push(at, problem::code_taken(code, vec!["codes".to_owned()])),
                Some(_) => {}
                None => self.places.place_district(code, id),
            }
        }
        let now: BTreeSet<_> = district.all_codes().collect();
        for code in family.codes.get(&id).into_iter().flatten().filter(|code| !now.contains(code)) {
            self.faults.push(at, problem::code_dropped(*code));
        }
        Some(id)
    }

    async fn matters(&mut self) -> Result<()> {
        let mut batches = self.batches(Kind::Matter);
        while let Some(mut batch) = batches.next().await? {
            for (at, record) in self.open(&mut batch) {
                let Submitted::Matter(Matter { code, .. }) = record else { continue };
                self.once(at, "code", word(&["matter", code.as_str()]));
                if self.places.find_matter(code).is_none() {
                    self.unwritten -= 1;
                    self.places.place_matter(code, self.unwritten);
                }
            }
        }
        Ok(())
    }

    async fn policies(&mut self) -> Result<()> {
        let mut known = policies::Known::read(table::page::<Policy>(self.tx, 0, u64::from(u32::MAX)).await?)?;
        let mut unwritten = Revision::MAX >> 2;
        let mut batches = self.batches(Kind::Policy);
        while let Some(mut batch) = batches.next().await? {
            for (at, record) in self.open(&mut batch) {
                let Submitted::Policy(policy) = record else { continue };
                self.references(at, &policy.references());
                let id = known.find(&policy).map(|held| held.id).unwrap_or_else(|| {
                    unwritten += 1;
                    known.add(Recorded { id: Id::new(unwritten), revision: 0, record: *policy });
                    crate::number::column(unwritten)
                });
                self.once(at, "", word(&["policy", &id.to_string()]));
            }
        }
        Ok(())
    }

    async fn offerings(&mut self) -> Result<()> {
        let mut batches = self.batches(Kind::Offering);
        while let Some(mut batch) = batches.next().await? {
            for (at, record) in self.open(&mut batch) {
                let Submitted::Offering(offering) = record else { continue };
                self.references(at, &offering.references());
                self.offering(at, &offering);
            }
        }
        Ok(())
    }

    fn offering(&mut self, at: Place, offering: &Offering) {
        let Some(district) = self.places.find_district(offering.district) else { return };
        let matter = offering.matter.and_then(|code| self.places.find_matter(code));
        if offering.source_code.is_none() && matter.is_none() {
            return;
        }
        let field = if offering.source_code.is_some() { "sourceCode" } else { "matter" };
        self.once(at, field, word(&["offering", &crate::offering::name(offering, district, matter)]));
    }

    async fn windows(&mut self) -> Result<()> {
        let mut batches = self.batches(Kind::Window);
        while let Some(mut batch) = batches.next().await? {
            for (at, record) in self.open(&mut batch) {
                let Submitted::Window(window) = record else { continue };
                self.references(at, &window.references());
                self.window(at, &window);
            }
        }
        Ok(())
    }

    fn window(&mut self, at: Place, window: &Window) {
        if let Some(district) = self.places.find_district(window.district) {
            self.once(at, "name", word(&["window", &district.to_string(), &window.name]));
        }
    }

    async fn agreements(&mut self) -> Result<()> {
        let mut numbers = HashSet::new();
        let mut frameworks = Vec::new();
        let mut joined = HashSet::new();
        let mut unnumbered = 0;
        let mut batches = self.batches(Kind::Agreement);
        while let Some(mut batch) = batches.next().await? {
            let records: Vec<_> = self.open(&mut batch).into_iter().filter_map(|(at, record)| Some((at, submission(record)?))).collect();
            for Faulty { line, .. } in &batch.faulty {
                let name = |field| line.get(field).and_then(serde_json::Value::as_str);
                joined.extend(self.clauses.places(name("key"), name("number")));
            }
            let candidates = Candidates::of(self.tx, records.iter().map(|(_, submission)| submission), &self.places).await?;
            for (at, submission) in records {
                numbers.extend(submission.number);
                joined.extend(self.clauses.places(submission.key(), submission.number.map(|number| number.to_string()).as_deref()));
                self.last_serial = self.last_serial.max(submission.number.map_or(0, AgreementNumber::serial));
                self.agreement(at, &submission, &mut frameworks);
                let numbered = submission.number.is_some();
                match candidates.meaning(submission, &self.places)? {
                    Meaning::New(_) => unnumbered += u32::from(!numbered),
                    Meaning::Same(..) => {}
                    Meaning::Conflict(problems) => problems.into_iter().for_each(|problem| self.faults.push(at, problem)),
                }
            }
        }
        self.serials(unnumbered).await?;
        let of_documents = self.documents().await?;
        frameworks.extend(of_documents);
        self.agreements_named(frameworks, &numbers).await?;
        self.strays(&joined);
        Ok(())
    }

    fn agreement(&mut self, at: Place, submission: &Submission, frameworks: &mut Vec<(Place, Reference, AgreementNumber)>) {
        let content = submission.content();
        if let Some(number) = submission.number {
            self.once(at, "number", word(&["agreement", &number.to_string()]));
        }
        if let Some(key) = submission.key() {
            self.once(at, "key", word(&["agreement key", key]));
        }
        if is_nameless(submission) {
            self.once(at, "title", word(&["agreement content", &fingerprint(content, &self.places)]));
        }
        let references = content.references();
        for reference in &references {
            if !self.places.leads(reference) {
                self.fault_of(at, submission, reference.dangling());
            }
        }
        for reference in references {
            if let Referent::Agreement(number) = reference.to {
                frameworks.push((at, reference, number));
            }
        }
        for (n, version) in content.versions.iter().enumerate() {
            let version_path = if content.versions.len() > 1 { vec!["versions".to_owned(), n.to_string()] } else { Vec::new() };
            // A record that has a number was exported, as far as it had come; what has none was signed on paper.
            if version.term().is_none() && submission.number.is_none() {
                let path = version_path.iter().cloned().chain(["version".to_owned()]).collect();
                self.faults.push(at, not_concluded(path, version.number));
            }
            for reference in acting(version).into_iter().filter(|reference| !self.places.leads(reference)) {
                let mut problem = reference.dangling();
                problem.path.splice(0..0, version_path.iter().cloned());
                self.faults.push(at, problem);
            }
            let mut parties = BTreeMap::new();
            for (i, party) in version.parties.iter().enumerate() {
                let Some(id) = self.places.find_district(party.district) else { continue };
                if let Some(other) = parties.insert(id, party.district).filter(|other| *other != party.district) {
                    self.faults.push(at, party_twice(version_path.clone(), i, party.district, other));
                }
            }
        }
    }

    /// Reports a problem where it stands: a clause may have a line of its own.
    fn fault_of(&mut self, at: Place, submission: &Submission, problem: Problem) {
        let number = submission.number.map(|number| number.to_string());
        let added = self.clauses.places(submission.key(), number.as_deref());
        let all = submission.content().latest().schedule.len();
        let [schedule, index, rest @ ..] = problem.path.as_slice() else { return self.faults.push(at, problem) };
        let own = all.saturating_sub(added.len());
        let place = index.parse::<usize>().ok().filter(|_| schedule == "schedule").and_then(|index| added.get(index.checked_sub(own)?));
        match place {
            Some(place) => self.faults.push(*place, Problem { path: rest.to_vec(), ..problem }),
            None => self.faults.push(at, problem),
        }
    }

    /// Gives back which agreements they name.
    async fn documents(&mut self) -> Result<Vec<(Place, Reference, AgreementNumber)>> {
        let mut named = Vec::new();
        let mut batches = self.batches(Kind::Document);
        while let Some(mut batch) = batches.next().await? {
            for (at, record) in self.open(&mut batch) {
                let Submitted::Document(document) = record else { continue };
                let references = document.references();
                self.references(at, &references);
                let number = document.agreement;
                named.extend(references.into_iter().filter(|reference| reference.to == Referent::Agreement(number)).map(|to| (at, to, number)));
                if let Some(party) = self.places.find_district(document.party) {
                    self.once(at, "digest", word(&["document", &number.to_string(), &party.to_string(), &document.digest.to_string()]));
                }
            }
        }
        Ok(named)
    }

    /// There must be numbers left for those that have none.
    async fn serials(&mut self, unnumbered: u32) -> Result<()> {
        let last = crate::head::Head::read(self.tx).await?.agreements.max(self.last_serial);
        if unnumbered > AgreementNumber::MAX_SERIAL.saturating_sub(last) {
            let message = Message::new("协议编号已用尽", "there are no agreement numbers left");
            let problem = Problem::new(ProblemCode::Refused, vec!["number".to_owned()], "NUMBERS_EXHAUSTED", message);
            let remedy = "the greatest number that was given or stated leaves no room; correct the stated ones";
            self.faults.push(Place::new(0, 1), problem.remedy("已给出或写明的最大序号之后不够分配，请更正写明的编号", remedy));
        }
        Ok(())
    }

    /// Agreements that others name: as their framework, or as what they are attached to.
    async fn agreements_named(&mut self, named: Vec<(Place, Reference, AgreementNumber)>, numbers: &HashSet<AgreementNumber>) -> Result<()> {
        let outside: Vec<_> = named.into_iter().filter(|(_, _, number)| !numbers.contains(number)).collect();
        for chunk in outside.chunks(1_000) {
            let asked = chunk.iter().map(|(_, _, number)| number.to_string()).collect();
            let known = crate::agreement::known(self.tx, asked, Vec::new(), Vec::new()).await?;
            let known: HashSet<_> = known.into_iter().map(|known| known.number).collect();
            for (at, reference, _) in chunk.iter().filter(|(_, _, number)| !known.contains(&number.to_string())) {
                self.faults.push(*at, reference.dangling());
            }
        }
        Ok(())
    }

    /// Clauses of agreements that are not in the files.
    fn strays(&mut self, joined: &HashSet<Place>) {
        let clauses = self.clauses.clone();
        for (name, lines) in clauses.agreements() {
            for (at, _) in lines.iter().filter(|(at, _)| !joined.contains(at)) {
                self.faults.push(*at, no_such_agreement(name));
            }
        }
    }
}

fn submission(record: Submitted) -> Option<Submission> {
    match record {
        Submitted::Agreement(submission) => Some(*submission),
        Submitted::District(_)
        | Submitted::Matter(_)
        | Submitted::Offering(_)
        | Submitted::Window(_)
        | Submitted::Policy(_)
        | Submitted::Document(_) => None,
    }
}

/// How districts stand to each other, in the registry and in the files.
struct Family {
    relations: HashMap<i64, Relations>,
    /// The codes that districts of the registry bear or bore.
    codes: HashMap<i64, Vec<DistrictCode>>,
}

impl Family {
    async fn of(tx: &DatabaseTransaction, places: &Places) -> Result<Self> {
        let mut family = Self { relations: HashMap::new(), codes: HashMap::new() };
        for (code, id) in places.districts() {
            family.codes.entry(id).or_default().push(code);
        }
        let mut after = 0;
        loop {
            let page = table::page::<District>(tx, after, 1_000).await?;
            let Some(last) = page.last() else { return Ok(family) };
            after = last.id;
            for held in page {
                let id = held.id;
                family.relations.insert(id, Relations::of(&held.read::<District>()?.record));
            }
        }
    }
}

/// The districts that acted on a version, and those that still may.
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

/// What is not concluded is drafted and proposed here, by those who may; a file records what was signed.
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
