//! Findings about a draft: what the rules would find if it held today. They are computed when they are asked for.

use std::sync::Arc;

use domain::{AgreementNumber, District, Message, Scope};

use super::check::{Checked, Checker};
use super::{CompactFinding, NOBODY, Rule, Severity};
use crate::handle::{Handle, Kept};
use crate::snapshot::Snapshot;

/// What a rule finds in a draft.
#[derive(Debug)]
pub struct DraftFinding {
    pub rule: Rule,
    pub severity: Severity,
    /// The key of the clause.
    pub clause: Option<Box<str>>,
    /// The district that lacks something.
    pub district: Option<Kept<District>>,
    /// The agreement that says otherwise.
    pub contradicts: Option<AgreementNumber>,
    /// How many matters, parties or steps.
    pub count: usize,
    pub message: Message,
    pub remedy: Message,
}

/// Rules about agreements that hold already.
const OF_THE_CONCLUDED: [Rule; 2] = [Rule::AgreementEndsSoon, Rule::OneSided];

impl Snapshot {
    /// The findings about a version that the caller sees.
    pub fn findings_of_draft(&self, number: AgreementNumber, version: u32, scope: &Scope) -> Vec<DraftFinding> {
        let Some(at) = self.agreement_numbers.get(number) else { return Vec::new() };
        let Some(entry) = self.agreement_visible_to(at, scope) else { return Vec::new() };
        let place = entry.agreement.versions.iter().position(|other| other.number == version);
        let Some(place) = place else { return Vec::new() };
        let checked = Checked { entry: &entry, at: place };
        let mut checker = Checker::new(self, self.today);
        let mut found = checker.of_record(checked);
        checker.duties(checked, None, &mut found);
        let parties = checked.version().parties.iter().filter_map(|party| self.district_handle(party.district));
        let others = checker.sharing_parties(parties, |other| other != at);
        found.extend(others.into_iter().filter_map(|other| checker.clash(checked, other)));
        found.retain(|found| !OF_THE_CONCLUDED.contains(&found.rule));
        found.sort_by_key(|found| (found.rule.rank(), found.clause, found.owner));
        found.into_iter().map(|found| self.of_draft(checked, found)).collect()
    }

    fn of_draft(&self, checked: Checked<'_>, found: CompactFinding) -> DraftFinding {
        let rule = found.rule;
        let is_of_clause = !matches!(
            rule,
            Rule::PartyRetired
                | Rule::DomainWithoutBody
                | Rule::RenewalWithoutEnd
                | Rule::EffectiveBeforeSigned
                | Rule::ContradictoryTerms
        );
        let clause = checked.version().schedule.get(usize::from(found.clause)).filter(|_| is_of_clause);
        let named = match rule {
            Rule::PartyRetired => Some(found.other),
            Rule::MatterWithoutOffering
            | Rule::ProxyWithoutWindow
            | Rule::OnlineAgainstOffering
            | Rule::DomainWithoutBody => Some(found.owner),
            _ => None,
        };
        let district = |at: Handle| (at != NOBODY).then(|| Arc::clone(&self.district_at(at).district));
        let contradicts = (rule == Rule::ContradictoryTerms).then(|| self.agreement_at(found.other)).flatten();
        DraftFinding {
            rule,
            severity: rule.severity(),
            clause: clause.map(|clause| clause.key.clone()),
            district: named.and_then(district),
            contradicts: contradicts.map(|entry| entry.agreement.number),
            count: found.count as usize,
            message: rule.message(),
            remedy: rule.remedy(),
        }
    }
}
