//! Consultation on a draft (征求意见), and remarks on a version.

use crate::agreement::Agreement;
use crate::agreement::acts::When;
use crate::agreement::lifecycle::{Life, VersionState};
use crate::agreement::office::Consultation;
use crate::agreement::refusal::{not_a_party, refused, unknown_clauses, wrong_state};
use crate::agreement::remark::{MAX_REMARKS, Remark, RemarkContent};
use crate::agreement::version::MAX_PARTIES;
use crate::code::DistrictCode;
use crate::period::Date;
use crate::problem::{Message, Problem, ProblemCode, Problems};

impl Agreement {
    /// Shows a draft to districts for their remarks, up to and including a day. Consulting again replaces the districts
    /// and the day; no districts end the consultation.
    pub fn consult(
        mut self,
        number: u32,
        with: Vec<DistrictCode>,
        answer_by: Date,
        when: When,
    ) -> Result<Self, Problems> {
        let mut problems = Problems::new();
        if answer_by < when.today {
            problems.push(refused(
                "answerBy",
                "ANSWER_BY_PAST",
                Message::new(
                    format!("答复期限 {answer_by} 已过"),
                    format!("the last day for an answer, {answer_by}, has passed"),
                ),
                Message::new("答复期限应为今天或以后", "give today or a later day"),
            ));
        }
        if with.len() > MAX_PARTIES {
            problems.push(Problem {
                code: ProblemCode::Invalid,
                ..refused(
                    "with",
                    "TOO_MANY",
                    Message::new(format!("超过 {MAX_PARTIES} 个"), format!("more than {MAX_PARTIES}")),
                    Message::new("请减少征求意见的区域", "consult fewer districts"),
                )
            });
        }
        let at = match self.draft_at(number, ("征求意见", "consulted on"), when.today) {
            Ok(at) => at,
            Err(problem) => return Err(std::iter::once(problem).chain(problems).collect()),
        };
        let version = &mut self.versions[at];
        if let Some(own) = with.iter().position(|code| version.author() == Some(*code)) {
            problems.push(Problem {
                path: vec!["with".to_owned(), own.to_string()],
                ..refused(
                    "with",
                    "OWN_DRAFT",
                    Message::new("草稿由该区域起草", "the draft is this district's own"),
                    Message::new("请删去这一项", "leave it out"),
                )
            });
        }
        let running = version.office().consultation.as_ref().filter(|running| running.runs(when.today));
        let since = running.map_or(when.today, |running| running.since);
        if with.is_empty() && running.is_none() {
            problems.push(refused(
                "with",
                "NOT_CONSULTED",
                Message::new("草稿没有在征求意见", "the draft is not being consulted on"),
                Message::new("请列出征求意见的区域", "name the districts to consult"),
            ));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let consultation = (!with.is_empty()).then_some(Consultation { with, since, answer_by });
        version.change_office(|office| office.consultation = consultation);
        Ok(self)
    }

    /// Adds remarks of a district: on a draft on which it is consulted, or of a party on a proposal.
    pub fn remark(
        mut self,
        number: u32,
        party: DistrictCode,
        remarks: Vec<RemarkContent>,
        when: When,
    ) -> Result<Self, Problems> {
        self.ensure_not_voided()?;
        let at = self.index(number)?;
        let version = &mut self.versions[at];
        let is_proposed = match &version.life {
            Life::Draft(_) if version.consults(party, when.today) => Ok(false),
            Life::Draft(_) => Err(refused(
                "party",
                "NOT_CONSULTED",
                Message::new(
                    format!("该草稿没有在征求 {party} 的意见"),
                    format!("{party} is not consulted on the draft"),
                ),
                Message::new("请由起草方征求意见，或直接修改草稿", "have its author consult it, or revise the draft"),
            )),
            Life::Proposal(proposal) => match version.state(when.today) {
                VersionState::Proposed | VersionState::Rejected
                    if version.party(party).is_some() || proposal.signers.contains(&party) =>
                {
                    Ok(true)
                }
                VersionState::Proposed | VersionState::Rejected => Err(not_a_party(party)),
                state => Err(wrong_state(state, "提出意见", "remarked on")),
            },
            Life::Paper(_) => Err(wrong_state(version.state(when.today), "提出意见", "remarked on")),
        };
        let unknown = unknown_clauses(version, &remarks);
        let before = version.office().remarks.iter().filter(|remark| remark.party == party).count();
        let too_many = (before + remarks.len() > MAX_REMARKS).then(|| {
            refused(
                "remarks",
                "TOO_MANY_REMARKS",
                Message::new(
                    format!("每个区域对一个版本最多提 {MAX_REMARKS} 条意见"),
                    format!("a district may make {MAX_REMARKS} remarks on a version at most"),
                ),
                Message::new("请合并意见", "put remarks together"),
            )
        });
        let is_proposed = match is_proposed {
            Ok(is_proposed) if unknown.is_empty() && too_many.is_none() => is_proposed,
            refused => return Err(refused.err().into_iter().chain(unknown).chain(too_many).collect()),
        };
        let made = |remark: RemarkContent| Remark { on_draft: !is_proposed, ..remark.by(party, when.at) };
        version.change_office(|office| office.remarks.extend(remarks.into_iter().map(made)));
        Ok(self)
    }
}
