//! Lists of findings, and the texts of a finding.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use domain::visibility::Scope;
use domain::{Date, DistrictCode, Locale, Message};
use roaring::RoaringBitmap;

use super::cache::ComputedFindings;
use super::check::{Checker, newest_proposal};
use super::{About, CompactFinding, Finding, FindingKey, NOBODY, Rule, Severity};
use crate::entry::AgreementSlot;
use crate::handle::Handle;
use crate::handling::reason::{Subject, english};
use crate::order::Listed;
use crate::snapshot::Snapshot;

/// Maximum number of matters that a message names.
const NAMED: usize = 5;

/// Findings, errors first. Entries are built on demand, page by page.
#[derive(Debug)]
pub struct FindingList<'a> {
    /// Shared, so that lookups of a district are reused by the entries of a page.
    checker: RefCell<Checker<'a>>,
    scope: &'a Scope,
    made: Arc<ComputedFindings>,
    parts: Vec<(Rule, Part)>,
}

/// The findings of one rule.
#[derive(Debug)]
enum Part {
    /// All cached findings of the rule, with their number.
    Whole(usize),
    These(Vec<(Handle, CompactFinding)>),
}

impl Part {
    fn len(&self) -> usize {
        match self {
            Self::Whole(count) => *count,
            Self::These(found) => found.len(),
        }
    }
}

impl FindingList<'_> {
    pub fn len(&self) -> usize {
        self.parts.iter().map(|(_, part)| part.len()).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The finding at an index of the list.
    pub fn get(&self, place: usize) -> Option<Listed<FindingKey, Finding>> {
        let mut rest = place;
        let (rule, part) = self.parts.iter().find(|(_, part)| {
            let is_here = rest < part.len();
            rest -= if is_here { 0 } else { part.len() };
            is_here
        })?;
        let (record, found) = match (part, rule.about()) {
            (Part::These(found), _) => *found.get(rest)?,
            (Part::Whole(_), About::District) => self.made.districts.get(*rule, rest)?,
            (Part::Whole(_), About::Matter) => self.made.matters.get(*rule, rest)?,
            (Part::Whole(_), About::Policy) => self.made.policies.get(*rule, rest)?,
            (Part::Whole(_), About::Agreement | About::Proposal) => self.made.agreements.get(*rule, rest)?,
        };
        let item = self.checker.borrow_mut().describe(record, found, self.scope)?;
        Some(Listed { rank: rule.rank(), code: item.key.clone(), item })
    }

    pub fn iter(&self) -> impl Iterator<Item = Listed<FindingKey, Finding>> {
        (0..self.len()).filter_map(|place| self.get(place))
    }
}

impl Snapshot {
    /// The visible findings on a day, errors first, then by rule; of the given rules and severities, if any.
    pub fn findings<'a>(
        &'a self,
        on: Date,
        district: Option<DistrictCode>,
        severities: &[Severity],
        rules: &[Rule],
        scope: &'a Scope,
    ) -> FindingList<'a> {
        let is_wanted = |rule: &Rule| {
            (severities.is_empty() || severities.contains(&rule.severity()))
                && (rules.is_empty() || rules.contains(rule))
        };
        let mut wanted: Vec<Rule> = Rule::ALL.iter().copied().filter(is_wanted).collect();
        wanted.sort_unstable_by_key(|rule| rule.rank());
        let made = self.computed_findings(on);
        let parts = match district {
            None => wanted.into_iter().map(|rule| (rule, self.all_of_rule(&made, rule, on, scope))).collect(),
            Some(code) => {
                let districts: BTreeSet<Handle> = self.district_handle(code).into_iter().collect();
                let found = self.found_of(&made, &districts, &wanted, on, scope);
                let of = |rule| found.iter().copied().filter(|(_, found)| found.rule == rule).collect();
                wanted.into_iter().map(|rule| (rule, Part::These(of(rule)))).collect()
            }
        };
        FindingList { checker: RefCell::new(Checker::new(self, on)), scope, made, parts }
    }

    fn all_of_rule(&self, made: &ComputedFindings, rule: Rule, on: Date, scope: &Scope) -> Part {
        match rule.about() {
            About::District => Part::Whole(made.districts.count(rule)),
            About::Matter => Part::Whole(made.matters.count(rule)),
            About::Policy => Part::Whole(made.policies.count(rule)),
            About::Agreement => Part::Whole(made.agreements.count(rule)),
            About::Proposal => {
                let checker = Checker::new(self, on);
                Part::These(self.guarded.iter().filter_map(|at| Some((at, checker.of_proposals(at, scope)?))).collect())
            }
        }
    }

    /// The findings that some districts should fix or that concern them.
    fn found_of(
        &self,
        made: &ComputedFindings,
        districts: &BTreeSet<Handle>,
        rules: &[Rule],
        on: Date,
        scope: &Scope,
    ) -> Vec<(Handle, CompactFinding)> {
        let mut agreements = RoaringBitmap::new();
        for handle in districts {
            agreements |= &*self.district_at(*handle).agreements;
            self.succeeded_by(*handle, on, &mut |retired| agreements |= &*self.district_at(retired).agreements);
        }
        let concerned =
            |found: &CompactFinding| found.concerns(self, on).is_some_and(|district| districts.contains(&district));
        let is_theirs = |found: &CompactFinding| {
            rules.contains(&found.rule) && (districts.contains(&found.owner) || concerned(found))
        };
        let of_districts =
            districts.iter().flat_map(|at| made.districts.of(*at).iter().map(move |found| (*at, *found)));
        let of_agreements =
            agreements.iter().flat_map(|at| made.agreements.of(at).iter().map(move |found| (at, *found)));
        let mut all: Vec<(Handle, CompactFinding)> =
            of_districts.chain(of_agreements).filter(|(_, found)| is_theirs(found)).collect();
        if rules.contains(&Rule::Unanswered) {
            let checker = Checker::new(self, on);
            let proposals =
                (agreements & &*self.guarded).into_iter().filter_map(|at| Some((at, checker.of_proposals(at, scope)?)));
            all.extend(proposals.filter(|(_, found)| is_theirs(found)));
        }
        all
    }

    /// The findings of some rules that some districts should fix today or that concern them.
    pub(crate) fn findings_of(&self, districts: &BTreeSet<Handle>, rules: &[Rule], scope: &Scope) -> Vec<Finding> {
        let made = self.computed_findings(self.today);
        let mut checker = Checker::new(self, self.today);
        let found = self.found_of(&made, districts, rules, self.today, scope);
        found.into_iter().filter_map(|(record, found)| checker.describe(record, found, scope)).collect()
    }

    /// The findings of a rule about agreements that a district should fix today.
    pub(super) fn found_by_rule(&self, district: Handle, rule: Rule) -> Vec<(Handle, CompactFinding)> {
        let made = self.computed_findings(self.today);
        self.found_of(&made, &BTreeSet::from([district]), &[rule], self.today, &Scope::Public)
    }

    /// The finding with a key, if it exists today.
    pub fn finding(&self, key: &FindingKey, scope: &Scope) -> Option<Finding> {
        let rule = key.rule()?;
        let made = self.computed_findings(self.today);
        let mut checker = Checker::new(self, self.today);
        let (record, found) = match rule.about() {
            About::District => {
                let at = self.districts.search(&domain::Id::new(key.record), |entry| entry.district.id)?;
                (at, made.districts.of(at))
            }
            About::Matter => {
                let at = self.matters.search(&domain::Id::new(key.record), |entry| entry.matter.id)?;
                (at, made.matters.of(at))
            }
            About::Policy => {
                let id = domain::Id::new(key.record);
                let at = self.policies.binary_search_by_key(&id, |entry| entry.policy.id).ok()? as Handle;
                (at, made.policies.of(at))
            }
            About::Agreement => {
                let at = self.agreements.search(&domain::Id::new(key.record), AgreementSlot::id)?;
                (at, made.agreements.of(at))
            }
            About::Proposal => {
                let at = self.agreements.search(&domain::Id::new(key.record), AgreementSlot::id)?;
                let found = self.guarded.contains(at).then(|| checker.of_proposals(at, scope))??;
                return checker.describe(at, found, scope).filter(|finding| finding.key == *key);
            }
        };
        let found = found
            .iter()
            .find(|found| found.rule == rule && checker.key(record, **found).is_some_and(|known| known == *key))?;
        checker.describe(record, *found, scope)
    }
}

impl CompactFinding {
    /// The successor of a party that is retired.
    fn concerns(&self, snapshot: &Snapshot, on: Date) -> Option<Handle> {
        if self.rule == Rule::PartyRetired { snapshot.counts_for(self.other, on) } else { None }
    }
}

impl Checker<'_> {
    /// Sorts the findings of an agreement.
    pub(super) fn sort(&self, record: Handle, found: &mut [CompactFinding]) {
        found.sort_by_cached_key(|found| (found.rule.rank(), self.key(record, *found)));
    }

    fn key(&self, record: Handle, found: CompactFinding) -> Option<FindingKey> {
        let snapshot = self.snapshot;
        let number = found.rule.number();
        let district = || &snapshot.district_at(found.other).district.id;
        let (id, rest) = match found.rule.about() {
            About::District => (
                snapshot.district_at(record).district.id.number(),
                format!("{}", snapshot.district_at(record).district.id),
            ),
            About::Matter => {
                (snapshot.matter_at(record).matter.id.number(), format!("{}", snapshot.matter_at(record).matter.id))
            }
            About::Policy => {
                let id = snapshot.policies[record as usize].policy.id;
                (id.number(), id.to_string())
            }
            About::Agreement | About::Proposal => {
                let id = snapshot.agreements[record].id();
                let clause = || Some(&self.checked(record)?.version().schedule.get(usize::from(found.clause))?.key);
                let rest = match found.rule {
                    Rule::MatterWithoutOffering | Rule::ProxyWithoutWindow | Rule::OnlineAgainstOffering => {
                        format!("{id}/{}/{}", clause()?, district())
                    }
                    Rule::ClauseOutsideAgreement
                    | Rule::JointWithoutOneLead
                    | Rule::MatterRetired
                    | Rule::ClauseNeverHolds
                    | Rule::JointStepOfNonParty => format!("{id}/{}", clause()?),
                    Rule::PartyRetired | Rule::DomainWithoutBody => format!("{id}/{}", district()),
                    Rule::ContradictoryTerms => format!("{id}/{}", snapshot.agreements[found.other].id()),
                    Rule::Unanswered => format!("{id}/{}", found.other),
                    Rule::AgreementEndsSoon
                    | Rule::OneSided
                    | Rule::RenewalWithoutEnd
                    | Rule::EffectiveBeforeSigned
                    | Rule::OfferingNotVerified
                    | Rule::InvalidAgencyCode
                    | Rule::DuplicateWindow
                    | Rule::OfferingWithoutMatter
                    | Rule::ProvinceCodeForm
                    | Rule::MatterIsPower
                    | Rule::MatterWithoutAudience
                    | Rule::PolicyWithoutIssuer
                    | Rule::PolicyTakenAway => id.to_string(),
                };
                (id.number(), rest)
            }
        };
        Some(FindingKey { record: id, text: format!("{number}/{rest}").into() })
    }

    /// The finding with its texts; `None`: it does not exist any more.
    pub(super) fn describe(&mut self, record: Handle, found: CompactFinding, scope: &Scope) -> Option<Finding> {
        let key = self.key(record, found)?;
        let (subject, what) = match found.rule.about() {
            About::District => (
                Subject::District(self.snapshot.district_at(record).district.clone()),
                self.of_that_district(record, found),
            ),
            About::Matter => {
                let matter = &self.snapshot.matter_at(record).matter;
                let name = matter.english_name.as_deref().unwrap_or(&matter.name);
                (Subject::Matter(matter.clone()), (matter.name.to_string(), name.to_owned()))
            }
            About::Policy => {
                let policy = &self.snapshot.policies[record as usize].policy;
                let about = |english| match found.rule {
                    Rule::PolicyTakenAway => {
                        format!(
                            "{} {}",
                            policy.title,
                            self.names(&self.taken_away(record), english).join(if english { ", " } else { "、" })
                        )
                    }
                    _ => policy.title.to_string(),
                };
                (Subject::Policy(policy.clone()), (about(false), about(true)))
            }
            About::Agreement => {
                (Subject::Agreement(self.checked(record)?.agreement().clone()), self.of_that_agreement(record, found)?)
            }
            About::Proposal => {
                let entry = self.snapshot.agreement_visible_to(record, scope)?;
                let (version, proposal) = newest_proposal(&entry.agreement, self.on)?;
                let told = format!("{} · {} · {}", entry.agreement.number, version.number, proposal.answer_by);
                (Subject::Agreement(entry.agreement.clone()), (told.clone(), told))
            }
        };
        let message = found.rule.message();
        let part = |text: &str, what: &str, colon: &str| {
            if what.is_empty() { text.to_owned() } else { format!("{text}{colon}{what}") }
        };
        Some(Finding {
            key,
            rule: found.rule,
            severity: found.rule.severity(),
            district: (found.owner != NOBODY).then(|| self.snapshot.district_at(found.owner).district.clone()),
            concerns: found
                .concerns(self.snapshot, self.on)
                .map(|district| self.snapshot.district_at(district).district.clone()),
            subject: Some(subject),
            count: found.count as usize,
            message: Message::new(part(&message.zh, &what.0, "："), part(&message.en, &what.1, ": ")),
            remedy: found.rule.remedy(),
        })
    }

    /// The details of the message, in both languages.
    fn of_that_district(&self, record: Handle, found: CompactFinding) -> (String, String) {
        let district = &self.snapshot.district_at(record).district;
        match found.rule {
            Rule::ProvinceCodeForm => (district.code.to_string(), district.code.to_string()),
            Rule::DuplicateWindow => {
                let name = self.windows_alike(record).first().map_or("", |window| &*window.name);
                (name.to_owned(), name.to_owned())
            }
            _ => (district.name.to_string(), english(district).to_owned()),
        }
    }

    fn of_that_agreement(&mut self, record: Handle, found: CompactFinding) -> Option<(String, String)> {
        let checked = self.checked(record)?;
        let (number, version) = (checked.agreement().number, checked.version());
        let both = |told: String| (told.clone(), told);
        Some(match found.rule {
            Rule::AgreementEndsSoon => both(format!("{number} {}", version.term()?.to?)),
            Rule::OneSided | Rule::RenewalWithoutEnd | Rule::EffectiveBeforeSigned => both(number.to_string()),
            Rule::PartyRetired => {
                let district = &self.snapshot.district_at(found.other).district;
                (district.name.to_string(), english(district).to_owned())
            }
            Rule::DomainWithoutBody => {
                let place = version
                    .parties
                    .iter()
                    .position(|party| self.snapshot.district_handle(party.district) == Some(found.other))?;
                let missing = self.domains_without_body(checked, u16::try_from(place).ok()?);
                let labels = |locale| missing.iter().map(|domain| domain.label(locale)).collect::<Vec<_>>().join(", ");
                (labels(Locale::Zh), labels(Locale::En))
            }
            Rule::ClauseOutsideAgreement
            | Rule::JointWithoutOneLead
            | Rule::ClauseNeverHolds
            | Rule::JointStepOfNonParty => {
                both(format!("{number} · {}", version.schedule.get(usize::from(found.clause))?.key))
            }
            _ => {
                let matters = match found.rule {
                    Rule::MatterRetired => self.retired(&checked.clause(found.clause)?),
                    Rule::ContradictoryTerms => self.clashing(checked, found.other),
                    _ => self.unprepared_matters(checked, found),
                };
                let names = |english: bool| self.names(&matters, english).join(if english { ", " } else { "、" });
                (format!("{number} {}", names(false)), format!("{number} {}", names(true)))
            }
        })
    }

    fn names(&self, matters: &RoaringBitmap, english: bool) -> Vec<String> {
        let name = |at: Handle| {
            let matter = &self.snapshot.matter_at(at).matter;
            if english {
                matter.english_name.as_deref().unwrap_or(&matter.name).to_owned()
            } else {
                matter.name.to_string()
            }
        };
        let more = (matters.len() as usize > NAMED).then(|| "…".to_owned());
        matters.iter().take(NAMED).map(name).chain(more).collect()
    }
}
