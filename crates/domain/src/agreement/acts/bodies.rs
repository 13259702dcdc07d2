//! The opinions of signing bodies (部门会签).

use crate::agreement::Agreement;
use crate::agreement::acts::When;
use crate::agreement::lifecycle::VersionState;
use crate::agreement::office::{BodyConfirmation, BodyOpinion};
use crate::agreement::refusal::{not_a_party, refused, wrong_state};
use crate::code::DistrictCode;
use crate::problem::{Message, Problem};

/// Maximum number of bodies of a party that give their opinion on a version.
const MAX_BODIES: usize = 100;

/// The opinion of a body.
#[derive(Debug, Clone)]
pub struct Opinion {
    /// The name of the body.
    pub body: Box<str>,
    pub opinion: BodyOpinion,
    pub remark: Option<Box<str>>,
}

impl Agreement {
    /// Notes the opinion of a signing body of a party on a draft or a proposal. It replaces the body's earlier one.
    pub fn confirm_body(
        mut self,
        number: u32,
        party: DistrictCode,
        given: Opinion,
        when: When,
    ) -> Result<Self, Problem> {
        self.ensure_not_voided()?;
        let at = self.index(number)?;
        let version = &mut self.versions[at];
        let Some(named) = version.party(party) else { return Err(not_a_party(party)) };
        match version.state(when.today) {
            VersionState::Draft | VersionState::Proposed | VersionState::Rejected => {}
            state @ (VersionState::Withdrawn | VersionState::Lapsed | VersionState::Concluded) => {
                return Err(wrong_state(state, "会签", "countersigned by bodies"));
            }
        }
        let Opinion { body, opinion, remark } = given;
        let bodies: Vec<&str> = named.bodies.iter().map(|body| &*body.name).collect();
        // A party that names no bodies leaves open which ones sign.
        if !bodies.is_empty() && !bodies.contains(&&*body) {
            return Err(refused(
                "body",
                "UNKNOWN_BODY",
                Message::new(
                    format!("“{body}”不是该方的签署部门"),
                    format!("“{body}” is no signing body of the party"),
                ),
                Message::new(format!("签署部门：{}", bodies.join("、")), format!("one of {}", bodies.join(", "))),
            ));
        }
        let of_party = version.office().body_opinions.iter().filter(|before| before.party == party);
        if of_party.filter(|before| before.body != body).count() >= MAX_BODIES {
            return Err(refused(
                "body",
                "TOO_MANY_BODIES",
                Message::new(
                    format!("每方最多 {MAX_BODIES} 个部门会签"),
                    format!("a party has {MAX_BODIES} bodies at most"),
                ),
                Message::new("请更改已有部门的意见", "change the opinion of a body that has given one"),
            ));
        }
        let confirmation = BodyConfirmation { party, body, opinion, at: when.at, remark };
        version.change_office(|office| {
            let is_same = |before: &BodyConfirmation| (before.party, &before.body) == (party, &confirmation.body);
            match office.body_opinions.iter().position(is_same) {
                Some(before) => office.body_opinions[before] = confirmation,
                None => office.body_opinions.push(confirmation),
            }
        });
        Ok(self)
    }
}
