//! Checks agreements: conflicts with registered ones, parties, numbers, and references.

use std::collections::{BTreeMap, HashSet};

use domain::agreement::Submission;
use domain::record::Submitted;
use domain::reference::{Reference, Referent};
use domain::{AgreementNumber, DistrictCode, Life, Message, Problem, ProblemCode, Version};

use super::{Check, key_digest};
use crate::agreement::{self, fingerprint};
use crate::error::Result;
use crate::head::Head;
use crate::import::agreements::{Candidates, Match, is_nameless};
use crate::import::batch::Item;
use crate::import::fault::Location;
use crate::import::faulty::FaultyLine;
use crate::import::kind::Kind;

impl Check<'_> {
    pub(super) async fn agreements(&mut self) -> Result<()> {
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
                        joined.extend(self.clauses.locations(
                            submission.key(),
                            submission.number.map(|number| number.to_string()).as_deref(),
                        ));
                        self.last_serial = self.last_serial.max(submission.number.map_or(0, AgreementNumber::serial));
                        self.unique_agreement(at, &submission);
                        self.agreement(at, &submission);
                        match candidates.match_line(line, &self.code_index)? {
                            Match::New(_) => unnumbered += u32::from(submission.number.is_none()),
                            // It is not written, so its references need no check.
                            Match::Same(..) => continue,
                            Match::Conflict(problems) => {
                                problems.into_iter().for_each(|problem| self.faults.push(at, problem));
                            }
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
            self.ensure_unique(
                at,
                "title",
                key_digest(&["agreement content", &fingerprint(submission.content(), &self.code_index)]),
            );
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
        if let Some(Submitted::Agreement(submission)) =
            faulty.reads(&["number", "parties", "versions", "draft", "proposal"])
        {
            self.agreement(at, submission);
        }
        if let Some(Submitted::Agreement(submission)) = faulty.reads(&["signedOn", "versions", "draft", "proposal"]) {
            let early =
                submission.content().versions.iter().find_map(|version| version.ensure_signed_by(self.today).err());
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
            let dangling = acting(version)
                .into_iter()
                .filter(|reference| !self.code_index.resolves(reference))
                .map(|reference| reference.dangling());
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
            let version_path =
                if content.versions.len() > 1 { vec!["versions".to_owned(), n.to_string()] } else { Vec::new() };
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
        let place = index
            .parse::<usize>()
            .ok()
            .filter(|_| schedule == "schedule")
            .and_then(|index| added.get(index.checked_sub(own)?));
        match place {
            Some(place) => self.faults.push(*place, Problem { path: rest.to_vec(), ..problem }),
            None => self.faults.push(at, problem),
        }
    }

    /// Are there enough numbers for new agreements?
    async fn serials(&mut self, unnumbered: u32) -> Result<()> {
        let last = Head::read(self.tx).await?.agreements.max(self.last_serial);
        if unnumbered > AgreementNumber::MAX_SERIAL.saturating_sub(last) {
            let message = Message::new("协议编号已用尽", "there are no agreement numbers left");
            let problem = Problem::new(ProblemCode::Refused, vec!["number".to_owned()], "NUMBERS_EXHAUSTED", message);
            let remedy = "the greatest number that was given or stated leaves no room; correct the stated ones";
            self.faults.push(
                Location::new(0, 1),
                problem.remedy("已给出或写明的最大序号之后不够分配，请更正写明的编号", remedy),
            );
        }
        Ok(())
    }

    /// Agreements that lines refer to as a framework, a predecessor or the agreement of a document.
    async fn agreements_named(&mut self, numbers: &HashSet<AgreementNumber>) -> Result<()> {
        let named = std::mem::take(&mut self.unresolved_agreements);
        let outside: Vec<_> = named.into_iter().filter(|(_, number, _)| !numbers.contains(number)).collect();
        for chunk in outside.chunks(1_000) {
            let asked = chunk.iter().map(|(_, number, _)| number.to_string()).collect();
            let known = agreement::find_any(self.tx, asked, Vec::new(), Vec::new()).await?;
            let known: HashSet<_> = known.into_iter().map(|known| known.number).collect();
            for (at, _, problem) in chunk.iter().filter(|(_, number, _)| !known.contains(&number.to_string())) {
                self.faults.push(*at, problem.clone());
            }
        }
        Ok(())
    }
}

/// References to districts that acted or may act on a version.
fn acting(version: &Version) -> Vec<Reference> {
    let mut acting: Vec<Reference> = Vec::new();
    match &version.life {
        Life::Draft(draft) => acting.push(Reference::district("draft.author", draft.author)),
        Life::Proposal(proposal) => {
            acting.push(Reference::district("proposal.by", proposal.by));
            acting.extend(
                proposal
                    .signers
                    .iter()
                    .enumerate()
                    .map(|(i, signer)| Reference::district(format!("proposal.signers.{i}"), *signer)),
            );
        }
        Life::Paper(paper) => acting.extend(paper.recorder.map(|recorder| Reference::district("recorder", recorder))),
    }
    let newcomers = version.accessions.iter().enumerate();
    acting.extend(
        newcomers.map(|(i, accession)| {
            Reference::district(format!("accessions.{i}.party.district"), accession.party.district)
        }),
    );
    acting
}

/// Only concluded agreements can be imported; drafts and proposals are made in the registry.
fn not_concluded(path: Vec<String>, version: u32) -> Problem {
    let message = Message::new(format!("第 {version} 版尚未签订"), format!("version {version} is not concluded"));
    Problem::invalid(path, "NOT_CONCLUDED", message).remedy(
        "只能导入已签订的协议；起草和发送签约方请在平台办理",
        "import what was signed; draft and propose the rest in the registry",
    )
}

fn party_twice(mut path: Vec<String>, at: usize, code: DistrictCode, other: DistrictCode) -> Problem {
    path.extend(["parties".to_owned(), at.to_string(), "district".to_owned()]);
    let message = Message::new(
        format!("{code} 与 {other} 是同一区域的两个代码"),
        format!("{code} and {other} are two codes of one district"),
    );
    Problem::new(ProblemCode::Invalid, path, "PARTY_TWICE", message)
        .remedy("每个签约方只列一次", "name every party once")
}
