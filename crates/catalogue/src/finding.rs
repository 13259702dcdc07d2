//! Findings (自查问题): contradictions and gaps in what the registry holds, numbered, with a remedy. One
//! for a rule and a record, district, or clause and district: with a count, never millions.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::agreement::VersionState;
use domain::life::{LapseReason, Life};
use domain::sight::Eyes;
use domain::{Agreement, Date, District, DistrictCode, HandlingMode, Message, Recorded, Standing, Terms, Window};
use roaring::RoaringBitmap;

use crate::listing::Listed;
use crate::offering::OfferingEntry;
use crate::reason::Subject;
use crate::resolver::{ENDS_SOON_DAYS, GUIDE_OLD_MONTHS, english, parties_as, reference_version};
use crate::search::fold;
use crate::snapshot::{AgreementEntry, DistrictEntry, Handle, Kept, Snapshot};
use crate::version::{ClauseEntry, Roles, VersionEntry};

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    Error,
    Warning,
    Note,
}

impl Severity {
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "ERROR",
            Self::Warning => "WARNING",
            Self::Note => "NOTE",
        }
    }
}

macro_rules! rules {
    ($($(#[$doc:meta])* $variant:ident = $number:literal, $wire:literal, $severity:ident, $zh:literal, $en:literal, $remedy_zh:literal, $remedy_en:literal;)+) => {
        /// A numbered rule. A new one starts as a warning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule { $($(#[$doc])* $variant,)+ }

        impl Rule {
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            pub fn number(self) -> u32 {
                match self { $(Self::$variant => $number,)+ }
            }

            /// The stable name: the number and what it is about.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => concat!("R", $number, "_", $wire),)+ }
            }

            pub fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)+ }
            }

            fn message(self) -> Message {
                match self { $(Self::$variant => Message::new($zh, $en),)+ }
            }

            fn remedy(self) -> Message {
                match self { $(Self::$variant => Message::new($remedy_zh, $remedy_en),)+ }
            }
        }
    };
}

rules! {
    MatterWithoutOffering = 101, "MATTER_WITHOUT_OFFERING", Warning,
        "清单所列事项在业务属地没有已发布的实施清单", "matters of the clause have no published offering in the competent district",
        "请业务属地发布实施清单（办事指南）", "the competent district publishes its offerings";
    ProxyWithoutWindow = 102, "PROXY_WITHOUT_WINDOW", Warning,
        "约定异地代收代办，但收件地没有登记通办窗口", "proxy collection is agreed, but the receiving district has no window for it",
        "请收件地登记通办窗口", "the receiving district registers a window";
    OnlineAgainstOffering = 103, "ONLINE_AGAINST_OFFERING", Warning,
        "约定全程网办，但实施清单要求到现场或没有网址", "full online is agreed, but the offering asks for a visit or has no address",
        "请更正实施清单的到现场次数、网址，或改用其他通办方式", "correct the offering's visits and address, or agree another mode";
    ClauseOutsideAgreement = 104, "CLAUSE_OUTSIDE_AGREEMENT", Warning,
        "条款的有效期超出协议的有效期", "the clause's dates lie outside the agreement's",
        "请调整条款的有效期", "adjust the clause's dates";
    PartyRetired = 105, "PARTY_RETIRED", Warning,
        "签约方是已撤销的区域", "a party is a retired district",
        "请由承继区域确认或修订协议", "have the successor confirm, or amend the agreement";
    ContradictoryTerms = 106, "CONTRADICTORY_TERMS", Warning,
        "相同两地、相同事项在不同协议中的通办条件不一致", "two agreements say different things about the same matters between the same parties",
        "请双方确认以哪一份为准，并修订另一份", "the parties say which one holds, and amend the other";
    DomainWithoutBody = 107, "DOMAIN_WITHOUT_BODY", Warning,
        "清单涉及的领域没有签署部门确认（部门未确认）", "no signing body of the competent party stands for a domain of the schedule",
        "请补登签署部门及其领域", "register the signing body and its domains";
    AgreementEndsSoon = 108, "AGREEMENT_ENDS_SOON", Note,
        "协议将在 90 天内到期", "the agreement ends within 90 days",
        "请及时续签", "renew it in time";
    OneSided = 109, "RECORDED_BY_ONE_SIDE", Warning,
        "协议按纸质文本登记，签署满 30 天仍未由签约方确认", "recorded from paper, signed more than 30 days ago and not confirmed by its parties",
        "请签约方确认或提出异议", "have the parties confirm or contest the record";
    OfferingNotVerified = 110, "OFFERING_NOT_VERIFIED", Warning,
        "实施清单超过 12 个月未核对", "offerings have not been verified for 12 months",
        "请核对并更新核对日期", "verify them and say when";
    InvalidAgencyCode = 111, "INVALID_AGENCY_CODE", Warning,
        "实施编码或实施主体代码校验不通过", "implementing codes or agency codes fail their check",
        "请核对统一社会信用代码（GB 32100）和基本编码", "check the credit code (GB 32100) and the basic code";
    JointWithoutOneLead = 112, "JOINT_WITHOUT_ONE_LEAD", Error,
        "多地联办应有且仅有一个牵头地", "joint handling needs exactly one lead",
        "请在步骤中指定一个牵头地", "name one lead among the steps";
    DuplicateWindow = 113, "DUPLICATE_WINDOW", Note,
        "同一区域有多个窗口的名称或地址相同（不计全角半角、空格和标点）",
        "windows of a district have the same name or address, but for width, blanks and punctuation",
        "请合并重复窗口，或写明区别", "merge them, or say how they differ";
    Unanswered = 114, "UNANSWERED_PAST_ITS_DATE", Warning,
        "送签的版本已过答复期限，仍未签订", "proposed, and not concluded by the day for answers",
        "请撤回，或修订后另行送签", "withdraw it, or propose it anew";
    OfferingWithoutMatter = 115, "OFFERING_WITHOUT_MATTER", Warning,
        "实施清单尚未匹配事项（未匹配）", "offerings wait for their matter",
        "请匹配基本目录中的事项", "match them to matters of the common catalogue";
    ProvinceCodeForm = 116, "PROVINCE_CODE_FORM", Warning,
        "省级区域的代码不以 0000 结尾", "the code of a province does not end in 0000",
        "请核对代码与区域类别", "check the code and the kind";
    MatterIsPower = 117, "MATTER_IS_POWER", Warning,
        "事项的类型是行政处罚、强制、征收或检查，不属于通办事项", "the event type of the matter is a power, not a service",
        "请核对基本编码，或取消该事项", "check the basic code, or retire the matter";
    MatterRetired = 118, "RETIRED_MATTER_IN_CLAUSE", Warning,
        "清单列有已取消的事项", "a clause lists retired matters",
        "请修订清单", "amend the schedule";
    RenewalWithoutEnd = 119, "RENEWAL_WITHOUT_END", Warning,
        "约定了自动续期，但没有截止日，续期不起作用", "a renewal is agreed without a last day, so there is nothing to prolong",
        "请补填截止日，或去掉自动续期", "state the last day, or take the renewal away";
    ClauseNeverHolds = 120, "CLAUSE_NEVER_HOLDS", Warning,
        "条款的收件地与业务属地只有同一个签约方，任何两地之间都不成立", "both sides of the clause are one and the same party, so it can hold for nobody",
        "请补充另一方的签约方", "name another party on one of the sides";
    JointStepOfNonParty = 121, "JOINT_STEP_OF_NON_PARTY", Warning,
        "多地联办的步骤由签约方以外的区域承担", "a step of joint handling is for a district that is no party",
        "请更正步骤的区域，或将其列为签约方", "correct the step's district, or make it a party";
    EffectiveBeforeSigned = 122, "EFFECTIVE_BEFORE_SIGNED", Warning,
        "生效日早于签署日", "it takes effect before it was signed",
        "请核对生效日与签署日", "check both days";
}

/// One finding.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Rule and record: the same finding has the same key from day to day.
    pub key: String,
    pub rule: Rule,
    pub severity: Severity,
    /// Who should mend it.
    pub district: Option<Kept<District>>,
    pub subject: Option<Subject>,
    pub count: usize,
    pub message: Message,
    pub remedy: Message,
}

const LISTED: usize = 5;

struct Collecting<'a> {
    snapshot: &'a Snapshot,
    on: Date,
    eyes: &'a Eyes,
    wanted: &'a dyn Fn(Rule) -> bool,
    found: Vec<Finding>,
}

impl Snapshot {
    /// What these eyes see of what is contradictory or missing on a day: errors first, then by rule.
    pub fn findings(
        &self,
        on: Date,
        district: Option<DistrictCode>,
        severities: &[Severity],
        rules: &[String],
        eyes: &Eyes,
    ) -> Vec<Listed<String, Finding>> {
        let wanted = |rule: Rule| {
            (severities.is_empty() || severities.contains(&rule.severity())) && (rules.is_empty() || rules.iter().any(|name| name == rule.name()))
        };
        let found = match district {
            None => {
                let mut collecting = Collecting { snapshot: self, on, eyes, wanted: &wanted, found: Vec::new() };
                collecting.everywhere();
                collecting.found
            }
            Some(code) => self.findings_of(&self.district_handle(code).into_iter().collect(), on, &wanted, eyes),
        };
        let mut list: Vec<Listed<String, Finding>> = found
            .into_iter()
            .map(|finding| Listed { rank: (finding.severity as u32) << 16 | finding.rule.number(), code: finding.key.clone(), item: finding })
            .collect();
        list.sort_unstable_by(|a, b| (a.rank, &a.code).cmp(&(b.rank, &b.code)));
        list
    }

    /// What some districts have to mend.
    pub(crate) fn findings_of(&self, districts: &BTreeSet<Handle>, on: Date, wanted: &dyn Fn(Rule) -> bool, eyes: &Eyes) -> Vec<Finding> {
        let mut collecting = Collecting { snapshot: self, on, eyes, wanted, found: Vec::new() };
        let mut agreements = RoaringBitmap::new();
        for handle in districts {
            collecting.of_district(*handle);
            agreements |= &*self.district_at(*handle).agreements;
        }
        agreements.iter().for_each(|at| collecting.of_file(at));
        let owners: BTreeSet<_> = districts.iter().map(|handle| self.district_at(*handle).district.id).collect();
        let mut found = collecting.found;
        found.retain(|finding| finding.district.as_ref().is_some_and(|owner| owners.contains(&owner.id)));
        found
    }
}

impl Collecting<'_> {
    fn everywhere(&mut self) {
        let snapshot = self.snapshot;
        for handle in 0..snapshot.districts.len() as Handle {
            self.of_district(handle);
        }
        for entry in snapshot.matters.iter().filter(|entry| entry.matter.code.is_power()) {
            let matter = &entry.matter;
            self.push(
                Rule::MatterIsPower,
                &matter.id.to_string(),
                None,
                Some(Subject::Matter(matter.clone())),
                1,
                &matter.name,
                matter.english_name.as_deref().unwrap_or(&matter.name),
            );
        }
        for at in (0..).take(snapshot.agreements.len()) {
            self.of_file(at);
        }
    }

    /// What is published is everybody's to see; of the rest, what these eyes see.
    fn of_file(&mut self, at: Handle) {
        let snapshot = self.snapshot;
        if let Some(entry) = snapshot.agreement_at(at) {
            self.of_agreement(entry);
        }
        if snapshot.guarded.contains(at)
            && let Some(entry) = snapshot.agreement_through(at, self.eyes)
        {
            self.of_proposals(&entry);
        }
    }

    /// The newest proposal, when its day for answers has passed in vain.
    fn of_proposals(&mut self, entry: &AgreementEntry) {
        let agreement = &entry.agreement;
        let proposed = agreement.versions.iter().rev().find(|version| version.state(self.on) != VersionState::Draft);
        let Some((version, proposal)) = proposed.and_then(|version| Some((version, version.proposal()?))) else { return };
        if version.lapse_reason(self.on) != Some(LapseReason::AnswerByPassed) || agreement.voided.is_some() {
            return;
        }
        let owner = self.snapshot.district(proposal.by).cloned();
        let told = format!("{} · {} · {}", agreement.number, version.number, proposal.answer_by);
        let subject = Some(Subject::Agreement(agreement.clone()));
        let of = format!("{}/{}", agreement.id, version.number);
        self.push(Rule::Unanswered, &of, owner.as_ref(), subject, proposal.outstanding().len(), &told, &told);
    }

    #[expect(clippy::too_many_arguments, reason = "a finding's parts, each of its own type")]
    fn push(&mut self, rule: Rule, of: &str, district: Option<&Kept<District>>, subject: Option<Subject>, count: usize, zh: &str, en: &str) {
        if !(self.wanted)(rule) {
            return;
        }
        let told = rule.message();
        let part = |text: &str, what: &str, colon: &str| if what.is_empty() { text.to_owned() } else { format!("{text}{colon}{what}") };
        self.found.push(Finding {
            key: format!("{}/{of}", rule.number()),
            rule,
            severity: rule.severity(),
            district: district.cloned(),
            subject,
            count,
            message: Message::new(part(&told.zh, zh, "："), part(&told.en, en, ": ")),
            remedy: rule.remedy(),
        });
    }

    fn of_district(&mut self, handle: Handle) {
        let snapshot = self.snapshot;
        let entry: &DistrictEntry = snapshot.district_at(handle);
        let district = &entry.district;
        let id = district.id.to_string();
        let subject = || Some(Subject::District(district.clone()));
        if district.kind == domain::DistrictKind::Province && !district.code.as_str().ends_with("0000") {
            self.push(Rule::ProvinceCodeForm, &id, Some(district), subject(), 1, district.code.as_str(), district.code.as_str());
        }
        let old = self.on.checked_sub_months(chrono::Months::new(GUIDE_OLD_MONTHS));
        let (mut unverified, mut invalid, mut unmatched) = (0, 0, 0);
        for offering in snapshot.offerings_in(handle).filter(|offering| offering.period().includes(self.on)) {
            let brief = offering.brief();
            unverified += usize::from(old.zip(brief.verified_on).is_some_and(|(old, verified)| verified < old));
            invalid += usize::from(brief.has_invalid_code);
            unmatched += usize::from(offering.matter().is_none());
        }
        for (rule, count) in [(Rule::OfferingNotVerified, unverified), (Rule::InvalidAgencyCode, invalid), (Rule::OfferingWithoutMatter, unmatched)] {
            if count > 0 {
                self.push(rule, &id, Some(district), subject(), count, &district.name, english(district));
            }
        }
        let windows: Vec<&Recorded<Window>> = entry.windows.iter().map(|window| &**window).filter(|window| window.open().includes(self.on)).collect();
        let alike = alike(&windows);
        if let Some(first) = alike.first() {
            self.push(Rule::DuplicateWindow, &id, Some(district), subject(), alike.len(), &first.name, &first.name);
        }
    }

    fn of_agreement(&mut self, entry: &AgreementEntry) {
        let snapshot = self.snapshot;
        let on = self.on;
        let agreement = &entry.agreement;
        match agreement.standing(on) {
            Standing::InForce | Standing::Suspended | Standing::Scheduled => {}
            Standing::NotConcluded | Standing::Expired | Standing::Terminated | Standing::Voided => return,
        }
        let Some(at) = reference_version(entry, on) else { return };
        let (version, resolved) = (&agreement.versions[at], &entry.versions[at]);
        let subject = || Some(Subject::Agreement(agreement.clone()));
        let id = agreement.id.to_string();
        let number = agreement.number.to_string();
        let owner = snapshot.district(version.lead).cloned();

        if let Some(to) = version.term().and_then(|term| term.to).filter(|to| *to >= on && (*to - on).num_days() <= ENDS_SOON_DAYS) {
            let told = format!("{number} {to}");
            self.push(Rule::AgreementEndsSoon, &id, owner.as_ref(), subject(), 1, &told, &told);
        }
        let open = version.unconfirmed().count();
        if open > 0 && version.recorded_on().is_some_and(|recorded| (on - recorded).num_days() > 30) {
            self.push(Rule::OneSided, &id, owner.as_ref(), subject(), open, &number, &number);
        }
        if version.renewal.is_some() && version.effective_to.is_none() {
            self.push(Rule::RenewalWithoutEnd, &id, owner.as_ref(), subject(), 1, &number, &number);
        }
        if let (Life::Paper(paper), Some(from)) = (&version.life, version.effective_from)
            && paper.signed_on.is_some_and(|signed| from < signed)
        {
            self.push(Rule::EffectiveBeforeSigned, &id, owner.as_ref(), subject(), 1, &number, &number);
        }
        for party in resolved.parties() {
            let district = &snapshot.district_at(party.district).district;
            if district.is_retired(on) {
                self.push(Rule::PartyRetired, &format!("{id}/{}", district.id), owner.as_ref(), subject(), 1, &district.name, english(district));
            }
        }
        self.of_bodies(entry, at);
        for (place, (clause, written)) in resolved.clauses().zip(&version.schedule).enumerate() {
            let of = format!("{id}/{}", written.key);
            let told = format!("{number} · {}", written.key);
            let period = written.period;
            if version.term().is_some_and(|term| outside(period, term)) {
                self.push(Rule::ClauseOutsideAgreement, &of, owner.as_ref(), subject(), 1, &told, &told);
            }
            if let ([one], [other]) = (&*written.receiving, &*written.competent)
                && one == other
            {
                self.push(Rule::ClauseNeverHolds, &of, owner.as_ref(), subject(), 1, &told, &told);
            }
            if let Terms::MultiSiteJoint(terms) = &written.terms {
                let is_party = |code: DistrictCode| {
                    let handle = snapshot.district_handle(code);
                    handle.is_some_and(|handle| !parties_as(resolved, &snapshot.standpoints(handle, on)).is_empty())
                };
                let strangers = terms.steps.iter().filter(|step| step.district.is_some_and(|code| !is_party(code))).count();
                if strangers > 0 {
                    self.push(Rule::JointStepOfNonParty, &of, owner.as_ref(), subject(), strangers, &told, &told);
                }
            }
            if let Terms::MultiSiteJoint(terms) = &written.terms
                && !terms.steps.is_empty()
                && terms.steps.iter().filter(|step| step.is_lead()).count() != 1
            {
                self.push(Rule::JointWithoutOneLead, &of, owner.as_ref(), subject(), 1, &told, &told);
            }
            let is_retired = |matter: &Handle| snapshot.retiring.contains(*matter) && !snapshot.matter_at(*matter).matter.is_active(on);
            let retired: RoaringBitmap = clause.matters.iter().filter(is_retired).collect();
            if !retired.is_empty() {
                self.push_matters(Rule::MatterRetired, &of, owner.as_ref(), agreement, &retired);
            }
            // These walk through parties and matters: only for somebody who wants to know.
            let of_parties = [Rule::MatterWithoutOffering, Rule::OnlineAgainstOffering, Rule::ProxyWithoutWindow];
            if period.includes(on) && of_parties.into_iter().any(self.wanted) {
                self.of_clause(entry, at, place, &clause);
            }
        }
        if (self.wanted)(Rule::ContradictoryTerms) {
            self.contradictions(entry, at);
        }
    }

    fn push_matters(&mut self, rule: Rule, of: &str, district: Option<&Kept<District>>, agreement: &Kept<Agreement>, matters: &RoaringBitmap) {
        let names = |english_names: bool| {
            let name = |at: Handle| {
                let matter = &self.snapshot.matter_at(at).matter;
                if english_names { matter.english_name.as_deref().unwrap_or(&matter.name).to_owned() } else { matter.name.to_string() }
            };
            let mut names: Vec<String> = matters.iter().take(LISTED).map(name).collect();
            if matters.len() as usize > LISTED {
                names.push("…".to_owned());
            }
            names.join(if english_names { ", " } else { "、" })
        };
        let (zh, en) = (format!("{} {}", agreement.number, names(false)), format!("{} {}", agreement.number, names(true)));
        self.push(rule, of, district, Some(Subject::Agreement(agreement.clone())), matters.len() as usize, &zh, &en);
    }

    fn of_clause(&mut self, entry: &AgreementEntry, at: usize, place: usize, clause: &ClauseEntry<'_>) {
        let snapshot = self.snapshot;
        let on = self.on;
        let agreement = &entry.agreement;
        let written = &agreement.versions[at].schedule[place];
        for (party, named) in (0u16..).zip(entry.versions[at].parties()) {
            let district = &snapshot.district_at(named.district).district;
            let of = format!("{}/{}/{}", agreement.id, written.key, district.id);
            if clause.competent.include(party) {
                let offered = snapshot.offered(named.district, on);
                let missing: RoaringBitmap = clause.matters.iter().filter(|matter| !offered.published.contains(*matter)).collect();
                if !missing.is_empty() {
                    self.push_matters(Rule::MatterWithoutOffering, &of, Some(district), agreement, &missing);
                }
                if written.mode() == HandlingMode::FullOnline {
                    let of_clause = |offering: &&OfferingEntry| offering.matter().is_some_and(|matter| clause.matters.contains(matter));
                    let is_against = |offering: &&OfferingEntry| {
                        let brief = offering.brief();
                        brief.period.includes(on) && (brief.visits > 0 || !brief.has_url)
                    };
                    let against = snapshot.offerings_in(named.district).filter(of_clause).filter(is_against);
                    let against: RoaringBitmap = against.filter_map(OfferingEntry::matter).collect();
                    if !against.is_empty() {
                        self.push_matters(Rule::OnlineAgainstOffering, &of, Some(district), agreement, &against);
                    }
                }
            }
            if clause.receiving.include(party) && written.mode() == HandlingMode::ProxyCollection {
                let served = |matter: Handle| {
                    !snapshot.windows_for(named.district, HandlingMode::ProxyCollection, &snapshot.matter_at(matter).matter, on).is_empty()
                };
                let unserved: RoaringBitmap = clause.matters.iter().filter(|matter| !served(*matter)).collect();
                if !unserved.is_empty() {
                    self.push_matters(Rule::ProxyWithoutWindow, &of, Some(district), agreement, &unserved);
                }
            }
        }
    }

    /// A competent party that named signing bodies has one for each domain of the schedule.
    fn of_bodies(&mut self, entry: &AgreementEntry, at: usize) {
        let snapshot = self.snapshot;
        let agreement = &entry.agreement;
        let version = &agreement.versions[at];
        for (place, party) in (0u16..).zip(&version.parties) {
            if party.bodies.is_empty() || party.bodies.iter().any(|body| body.domains.is_empty()) {
                continue;
            }
            let mut missing = BTreeSet::new();
            for clause in entry.versions[at].clauses().filter(|clause| clause.competent.include(place)) {
                let domains = clause.matters.iter().map(|matter| snapshot.matter_at(matter).matter.domain);
                missing.extend(domains.filter(|domain| !party.bodies.iter().any(|body| body.domains.contains(domain))));
            }
            if missing.is_empty() {
                continue;
            }
            let Some(district) = snapshot.district(party.district).cloned() else { continue };
            let labels = |locale| missing.iter().map(|domain| domain.label(locale)).collect::<Vec<_>>().join(", ");
            let (zh, en) = (labels(domain::Locale::Zh), labels(domain::Locale::En));
            let of = format!("{}/{}", agreement.id, district.id);
            self.push(Rule::DomainWithoutBody, &of, Some(&district), Some(Subject::Agreement(agreement.clone())), missing.len(), &zh, &en);
        }
    }

    /// Another agreement in force between the same parties says something else about the same matters in the
    /// same mode. Told once, of the later one.
    fn contradictions(&mut self, entry: &AgreementEntry, at: usize) {
        let snapshot = self.snapshot;
        let on = self.on;
        let (agreement, resolved) = (&entry.agreement, &entry.versions[at]);
        let Some(own) = snapshot.agreement_numbers.get(agreement.number) else { return };
        let mut shared: BTreeMap<Handle, usize> = BTreeMap::new();
        for party in resolved.parties() {
            for other in snapshot.district_at(party.district).agreements.iter().filter(|other| *other < own) {
                *shared.entry(other).or_default() += 1;
            }
        }
        for (other, _) in shared.into_iter().filter(|(_, parties)| *parties >= 2) {
            let Some(before) = snapshot.agreement_at(other) else { continue };
            if before.agreement.standing(on) != Standing::InForce {
                continue;
            }
            let Some(version) = reference_version(before, on) else { continue };
            let mut clashing = RoaringBitmap::new();
            for (clause, written) in resolved.clauses().zip(&agreement.versions[at].schedule) {
                for (earlier, said) in before.versions[version].clauses().zip(&before.agreement.versions[version].schedule) {
                    let meet =
                        written.mode() == said.mode() && written.terms != said.terms && written.period.includes(on) && said.period.includes(on);
                    if meet && overlap(&clause, resolved, &earlier, &before.versions[version]) {
                        clashing.extend(clause.matters.iter().filter(|matter| earlier.matters.contains(*matter)));
                    }
                }
            }
            if !clashing.is_empty() {
                let owner = snapshot.district(agreement.versions[at].lead).cloned();
                self.push_matters(
                    Rule::ContradictoryTerms,
                    &format!("{}/{}", agreement.id, before.agreement.id),
                    owner.as_ref(),
                    agreement,
                    &clashing,
                );
            }
        }
    }
}

/// Does a stated end of the one lie beyond the stated end of the other? An open end claims nothing.
/// The windows of a district whose name or address is that of another, but for what people do not see or do not mind.
fn alike<'a>(windows: &[&'a Recorded<Window>]) -> Vec<&'a Recorded<Window>> {
    let folded: Vec<[String; 2]> = windows.iter().map(|window| [fold(&window.name), fold(&window.address)]).collect();
    let mut count: [HashMap<&str, usize>; 2] = Default::default();
    for window in &folded {
        for (count, text) in count.iter_mut().zip(window) {
            *count.entry(text).or_default() += 1;
        }
    }
    let is_alike = |window: &[String; 2]| count.iter().zip(window).any(|(count, text)| !text.is_empty() && count[text.as_str()] > 1);
    windows.iter().zip(&folded).filter(|(_, folded)| is_alike(folded)).map(|(window, _)| *window).collect()
}

fn outside(period: domain::Period, term: domain::Period) -> bool {
    let earlier = matches!((period.from, term.from), (Some(from), Some(begins)) if from < begins);
    let later = matches!((period.to, term.to), (Some(to), Some(ends)) if ends < to);
    earlier || later
}

/// Do two clauses have a receiving and a competent party in common?
fn overlap(a: &ClauseEntry<'_>, of_a: &VersionEntry, b: &ClauseEntry<'_>, of_b: &VersionEntry) -> bool {
    let districts = |side: Roles<'_>, version: &VersionEntry| -> RoaringBitmap {
        (0u16..).zip(version.parties()).filter(|(place, _)| side.include(*place)).map(|(_, party)| party.district).collect()
    };
    let receiving = districts(a.receiving, of_a) & districts(b.receiving, of_b);
    let competent = districts(a.competent, of_a) & districts(b.competent, of_b);
    receiving.iter().any(|receiving| competent.iter().any(|competent| competent != receiving))
}
