//! The rules of routes and standings as loops over the lines of an export. Nothing of the product is used but the lines, so
//! a fault of the product is not repeated here.

use std::collections::BTreeSet;

use domain::Date;
use serde_json::Value;

/// From a first to a last day; an end that is left out is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Days(pub(crate) Option<Date>, pub(crate) Option<Date>);

impl Days {
    fn of(line: &Value, from: &str, to: &str) -> Self {
        Self(day(&line[from]), day(&line[to]))
    }

    pub(crate) fn has(self, on: Date) -> bool {
        self.0.is_none_or(|from| from <= on) && self.1.is_none_or(|to| on <= to)
    }

    pub(crate) fn is_dated(self) -> bool {
        self.0.is_some() || self.1.is_some()
    }
}

fn day(value: &Value) -> Option<Date> {
    value.as_str().map(|text| text.parse().expect("a day"))
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

pub(crate) struct District {
    pub(crate) code: String,
    kind: String,
    pub(crate) parents: Vec<(usize, Days)>,
    pub(crate) administers: Vec<(usize, Days)>,
    pub(crate) retired_on: Option<Date>,
    pub(crate) successors: Vec<usize>,
}

pub(crate) struct Offering {
    pub(crate) district: usize,
    pub(crate) matter: String,
    pub(crate) days: Days,
}

pub(crate) struct Agreement {
    pub(crate) number: String,
    pub(crate) versions: Vec<Version>,
    pub(crate) flags: Vec<(Option<usize>, Days, Option<Date>)>,
    pub(crate) notices: Vec<(usize, Date)>,
    voided: bool,
}

pub(crate) struct Version {
    pub(crate) number: u32,
    pub(crate) parties: Vec<Party>,
    pub(crate) clauses: Vec<Clause>,
    pub(crate) effective_from: Option<Date>,
    pub(crate) effective_to: Option<Date>,
    signed_on: Option<Date>,
    recorder: bool,
    proposal: Option<Value>,
    is_draft: bool,
}

pub(crate) struct Party {
    pub(crate) district: usize,
    subtree: bool,
    pub(crate) joined_on: Option<Date>,
    earlier: Vec<Days>,
    confirmed: bool,
    signed: Option<Date>,
}

pub(crate) struct Clause {
    receiving: Vec<usize>,
    competent: Vec<usize>,
    matters: Vec<String>,
    mode: String,
    pub(crate) days: Days,
}

pub(crate) struct Policy {
    pub(crate) number: String,
    pub(crate) days: Days,
    clauses: Vec<PolicyClause>,
}

struct PolicyClause {
    receiving: Vec<(usize, bool)>,
    competent: Vec<(usize, bool)>,
    matters: Vec<String>,
    mode: String,
    days: Days,
    reach: String,
}

/// Basis, version, place of the clause, mode.
pub(crate) type Route = (String, u32, usize, String);

/// What is answered to one question on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) routes: BTreeSet<Route>,
    /// A clause covers it, and the offering blocks it.
    pub(crate) is_blocked: bool,
}

pub(crate) struct Registry {
    pub(crate) today: Date,
    pub(crate) districts: Vec<District>,
    pub(crate) matters: Vec<(String, Option<Date>)>,
    pub(crate) offerings: Vec<Offering>,
    pub(crate) agreements: Vec<Agreement>,
    pub(crate) policies: Vec<Policy>,
}

impl Registry {
    pub(crate) fn read(export: &str, today: Date) -> Self {
        let lines: Vec<Value> = export.lines().map(|line| serde_json::from_str(line).expect("a line")).collect();
        let of = |kind: &str| lines.iter().filter(move |line| line["type"] == kind).collect::<Vec<_>>();
        let codes: Vec<String> = of("district").iter().map(|line| text(&line["code"])).collect();
        let place = |value: &Value| codes.iter().position(|code| *code == *value.as_str().expect("a code")).expect("it is registered");
        let places = |value: &Value| list(value).iter().map(place).collect::<Vec<_>>();
        let tenure = |value: &Value| match value {
            Value::String(_) => (place(value), Days(None, None)),
            dated => (place(&dated["district"]), Days::of(dated, "validFrom", "validTo")),
        };
        let territories = |value: &Value| list(value).iter().map(|it| (place(&it["district"]), it["extent"] == "SUBTREE")).collect::<Vec<_>>();
        let districts = of("district").into_iter().map(|line| District {
            code: text(&line["code"]),
            kind: text(&line["kind"]),
            parents: line.get("parent").into_iter().chain(list(&line["parents"])).map(tenure).collect(),
            administers: list(&line["administers"]).iter().map(tenure).collect(),
            retired_on: day(&line["retiredOn"]),
            successors: places(&line["successors"]),
        });
        let offering = |line: &Value| {
            let Days(from, to) = Days::of(line, "validFrom", "validTo");
            let withdrawn = day(&line["withdrawnOn"]).and_then(|on| on.pred_opt());
            Offering { district: place(&line["district"]), matter: text(&line["matter"]), days: Days(from, to.into_iter().chain(withdrawn).min()) }
        };
        let version = |line: &Value| {
            let party = |party: &Value| {
                let signatures = list(&line["proposal"]["signatures"]);
                Party {
                    district: place(&party["district"]),
                    subtree: party["extent"] == "SUBTREE",
                    joined_on: day(&party["joinedOn"]),
                    earlier: list(&party["earlier"]).iter().map(|days| Days::of(days, "validFrom", "validTo")).collect(),
                    confirmed: party["confirmation"] == "CONFIRMED",
                    signed: signatures.iter().find(|it| it["party"] == party["district"]).and_then(|it| day(&it["on"])),
                }
            };
            let clause = |clause: &Value| Clause {
                receiving: places(&clause["receiving"]),
                competent: places(&clause["competent"]),
                matters: list(&clause["matters"]).iter().map(text).collect(),
                mode: text(&clause["mode"]),
                days: Days::of(clause, "validFrom", "validTo"),
            };
            Version {
                number: line["version"].as_u64().map_or(1, |number| number.try_into().expect("a number")),
                parties: list(&line["parties"]).iter().map(party).collect(),
                clauses: list(&line["schedule"]).iter().map(clause).collect(),
                effective_from: day(&line["effectiveFrom"]),
                effective_to: day(&line["effectiveTo"]),
                signed_on: day(&line["signedOn"]),
                recorder: line.get("recorder").is_some(),
                proposal: line.get("proposal").cloned(),
                is_draft: line.get("draft").is_some(),
            }
        };
        let agreement = |line: &Value| Agreement {
            number: text(&line["number"]),
            versions: line.get("versions").map_or_else(|| vec![version(line)], |versions| list(versions).iter().map(version).collect()),
            flags: list(&line["suspensions"])
                .iter()
                .map(|flag| (flag.get("party").map(place), Days::of(flag, "since", "until"), day(&flag["clearedOn"])))
                .collect(),
            notices: list(&line["notices"]).iter().map(|notice| (place(&notice["party"]), day(&notice["endsOn"]).expect("a day"))).collect(),
            voided: line.get("voided").is_some(),
        };
        let policy = |line: &Value| {
            let side = |clause: &Value, field: &str| {
                let own = territories(&clause[field]);
                if own.is_empty() { territories(&line[field]) } else { own }
            };
            let clause = |clause: &Value| PolicyClause {
                receiving: side(clause, "receiving"),
                competent: side(clause, "competent"),
                matters: list(&clause["matters"]).iter().map(text).collect(),
                mode: text(&clause["mode"]),
                days: Days::of(clause, "validFrom", "validTo"),
                reach: clause["reach"].as_str().unwrap_or("ANY").to_owned(),
            };
            Policy {
                number: text(&line["documentNumber"]),
                days: Days::of(line, "effectiveFrom", "effectiveTo"),
                clauses: list(&line["schedule"]).iter().map(clause).collect(),
            }
        };
        Self {
            today,
            districts: districts.collect(),
            matters: of("matter").into_iter().map(|line| (text(&line["code"]), day(&line["retiredOn"]))).collect(),
            offerings: of("offering").into_iter().map(offering).collect(),
            agreements: of("agreement").into_iter().map(agreement).collect(),
            policies: of("policy").into_iter().map(policy).collect(),
        }
    }

    fn is_retired(&self, district: usize, on: Date) -> bool {
        self.districts[district].retired_on.is_some_and(|retired| retired <= on)
    }

    /// For whom a named district counts: itself, or from its end on its single successor.
    fn counts_for(&self, district: usize, on: Date) -> Option<usize> {
        let mut at = district;
        for _ in 0..self.districts.len() {
            if !self.is_retired(at, on) {
                return Some(at);
            }
            match self.districts[at].successors[..] {
                [successor] => at = successor,
                _ => return None,
            }
        }
        None
    }

    fn parent(&self, district: usize, on: Date) -> Option<usize> {
        self.districts[district].parents.iter().find(|(_, days)| days.has(on)).map(|(parent, _)| *parent)
    }

    fn is_below(&self, district: usize, above: usize, on: Date, steps: usize) -> bool {
        let administers = |zone: usize| self.districts[zone].administers.iter().any(|(other, days)| *other == district && days.has(on));
        district == above
            || steps > 0
                && (self.parent(district, on).is_some_and(|parent| self.is_below(parent, above, on, steps - 1))
                    || (0..self.districts.len()).any(|zone| administers(zone) && self.is_below(zone, above, on, steps - 1)))
    }

    /// As whom a district takes part when another one is named.
    fn as_whom(&self, named: usize, subtree: bool, district: usize, on: Date) -> Option<usize> {
        let counts_for = self.counts_for(named, on)?;
        (counts_for == district || subtree && self.is_below(district, counts_for, on, self.districts.len())).then_some(counts_for)
    }

    fn nearest(&self, district: usize, kind: &str, on: Date) -> Option<usize> {
        let mut at = district;
        for _ in 0..=self.districts.len() {
            let District { code, kind: own, .. } = &self.districts[at];
            let municipality = own == "PROVINCE" && ["110000", "120000", "310000", "500000"].contains(&&**code);
            if own == kind || kind == "PREFECTURE" && municipality {
                return Some(at);
            }
            at = self.parent(at, on)?;
        }
        None
    }

    fn reaches(&self, reach: &str, a: usize, c: usize, on: Date) -> bool {
        let both = |kind| Some((self.nearest(a, kind, on)?, self.nearest(c, kind, on)?));
        match reach {
            "ACROSS_PROVINCES" => both("PROVINCE").is_some_and(|(a, c)| a != c),
            "WITHIN_PROVINCE" => both("PROVINCE").is_some_and(|(a, c)| a == c),
            "WITHIN_PREFECTURE" => both("PREFECTURE").is_some_and(|(a, c)| a == c),
            _ => true,
        }
    }

    /// What is answered on a day: for each receiving district, each competent district and each matter.
    pub(crate) fn answers(&self, on: Date) -> Vec<Answer> {
        let count = self.districts.len();
        let mut as_whom = Vec::new();
        for named in 0..count {
            for subtree in [false, true] {
                as_whom.extend((0..count).map(|district| self.as_whom(named, subtree, district, on)));
            }
        }
        let whom = |named: usize, subtree: bool, district: usize| as_whom[(named * 2 + usize::from(subtree)) * count + district];
        let pairs = (0..count).flat_map(|a| (0..count).map(move |c| (a, c)));
        let mut answers = Vec::new();
        for (a, c) in pairs {
            let mut found: Vec<(Route, &[String], bool)> = Vec::new();
            if a != c && !self.is_retired(a, on) && !self.is_retired(c, on) {
                for agreement in &self.agreements {
                    let Some(version) = agreement.in_force(on, self.today).filter(|_| !agreement.is_flagged(None, on)) else { continue };
                    let takes_part = |party: &&Party| agreement.is_member(version, party, on) && !agreement.is_flagged(Some(party.district), on);
                    let side = |district: usize| {
                        let parties = version.parties.iter().filter(takes_part);
                        parties.filter_map(|party| Some((party.district, whom(party.district, party.subtree, district)?))).collect::<Vec<_>>()
                    };
                    let (receiving, competent) = (side(a), side(c));
                    for (place, clause) in version.clauses.iter().enumerate().filter(|(_, clause)| clause.days.has(on)) {
                        let named = |side: &[usize], party: usize| side.is_empty() || side.contains(&party);
                        let covers = receiving.iter().any(|(p, for_p)| {
                            let other = |(q, for_q): &(usize, usize)| for_p != for_q && named(&clause.competent, *q);
                            named(&clause.receiving, *p) && competent.iter().any(other)
                        });
                        if covers {
                            found.push(((agreement.number.clone(), version.number, place, clause.mode.clone()), &clause.matters, false));
                        }
                    }
                }
                for policy in self.policies.iter().filter(|policy| policy.days.has(on)) {
                    for (place, clause) in policy.clauses.iter().enumerate().filter(|(_, clause)| clause.days.has(on)) {
                        let lies = |side: &[(usize, bool)], district: usize| {
                            side.is_empty() || side.iter().any(|(named, subtree)| whom(*named, *subtree, district).is_some())
                        };
                        if lies(&clause.receiving, a) && lies(&clause.competent, c) && self.reaches(&clause.reach, a, c, on) {
                            found.push(((policy.number.clone(), 0, place, clause.mode.clone()), &clause.matters, true));
                        }
                    }
                }
            }
            answers.extend(self.matters.iter().map(|matter| self.let_through(matter, c, &found, on)));
        }
        answers
    }

    /// What the matter and the competent district's offerings leave of what covers two districts.
    fn let_through(&self, (matter, retired_on): &(String, Option<Date>), c: usize, found: &[(Route, &[String], bool)], on: Date) -> Answer {
        let mut answer = Answer { routes: BTreeSet::new(), is_blocked: false };
        if retired_on.is_some_and(|retired| retired <= on) {
            return answer;
        }
        let own = || self.offerings.iter().filter(|offering| offering.district == c && offering.matter == *matter);
        let is_published = own().any(|offering| offering.days.has(on));
        let is_withdrawn = !is_published && own().any(|offering| offering.days.1.is_some_and(|last| last < on));
        for (route, _, of_a_policy) in found.iter().filter(|(_, matters, _)| matters.contains(matter)) {
            if if *of_a_policy { is_published } else { !is_withdrawn } {
                answer.routes.insert(route.clone());
            } else {
                answer.is_blocked = true;
            }
        }
        answer
    }
}

impl Version {
    /// The day on which it was, or will be, concluded.
    fn concluded_on(&self) -> Option<Option<Date>> {
        let Some(proposal) = &self.proposal else { return (!self.is_draft).then_some(self.signed_on) };
        let has_signed = |signer: &Value| list(&proposal["signatures"]).iter().any(|it| it["party"] == *signer);
        let is_complete = list(&proposal["signers"]).iter().all(has_signed) && list(&proposal["rejections"]).is_empty();
        let last = list(&proposal["signatures"]).iter().filter_map(|it| day(&it["on"])).max();
        let superseded = day(&proposal["supersededOn"]);
        let concluded =
            last.filter(|last| is_complete && proposal.get("withdrawnOn").is_none() && superseded.is_none_or(|superseded| *last < superseded));
        concluded.map(Some)
    }

    fn first_day(&self) -> Option<Option<Date>> {
        let concluded = self.concluded_on()?;
        Some(if self.proposal.is_some() { self.effective_from.max(concluded) } else { self.effective_from.or(concluded) })
    }

    fn has_begun(&self, on: Date) -> bool {
        self.first_day().is_some_and(|first| first.is_none_or(|first| first <= on))
    }

    fn binds(&self, party: &Party) -> bool {
        !self.is_draft && (!self.recorder || party.confirmed)
    }

    fn is_published(&self, today: Date) -> bool {
        let is_concluded = self.concluded_on().is_some_and(|on| self.proposal.is_none() || on.is_some_and(|on| on <= today));
        is_concluded && self.parties.iter().filter(|party| self.binds(party)).count() >= 2
    }
}

impl Agreement {
    fn begun(&self, on: Date, today: Date) -> Option<&Version> {
        self.versions.iter().filter(|version| version.is_published(today) && version.has_begun(on)).max_by_key(|version| version.number)
    }

    fn in_force(&self, on: Date, today: Date) -> Option<&Version> {
        self.begun(on, today).filter(|version| !self.voided && version.effective_to.is_none_or(|to| on <= to))
    }

    fn is_member(&self, version: &Version, party: &Party, on: Date) -> bool {
        let back = party.signed.max(party.joined_on);
        let left = self.notices.iter().any(|(who, last)| *who == party.district && back.is_none_or(|back| back <= *last) && *last < on);
        let joined = party.joined_on.is_none_or(|joined| joined <= on);
        version.binds(party) && (party.earlier.iter().any(|days| days.has(on)) || joined && !left)
    }

    fn is_flagged(&self, party: Option<usize>, on: Date) -> bool {
        self.flags.iter().any(|(who, days, cleared)| *who == party && days.has(on) && cleared.is_none_or(|cleared| on < cleared))
    }

    /// What it is worth on a day.
    pub(crate) fn standing(&self, on: Date, today: Date) -> &'static str {
        if self.voided {
            return "VOIDED";
        }
        let Some(version) = self.begun(on, today) else {
            return if self.versions.iter().any(|version| version.is_published(today)) { "SCHEDULED" } else { "NOT_CONCLUDED" };
        };
        let members = |on: Date| version.parties.iter().filter(|party| self.is_member(version, party, on)).collect::<Vec<_>>();
        // It ends when fewer than two remain: on the day after somebody's last day.
        let first = version.first_day().flatten().unwrap_or(Date::MIN);
        let leavings = self.notices.iter().filter_map(|(_, last)| last.succ_opt()).map(|after| after.max(first));
        let terminated = leavings.filter(|after| *after <= on && members(*after).len() < 2).min();
        let expired = version.effective_to.filter(|to| *to < on);
        match (expired, terminated) {
            (Some(to), Some(after)) if after <= to => "TERMINATED",
            (Some(_), _) => "EXPIRED",
            (None, Some(_)) => "TERMINATED",
            (None, None) => {
                let free = members(on).into_iter().filter(|party| !self.is_flagged(Some(party.district), on)).count();
                if self.is_flagged(None, on) || free < 2 { "SUSPENDED" } else { "IN_FORCE" }
            }
        }
    }
}
