//! The routes between each two districts.

use std::collections::BTreeSet;

use domain::Date;

use super::{Answer, District, Party, Registry, Route};

impl Registry {
    fn is_retired(&self, district: usize, on: Date) -> bool {
        self.districts[district].retired_on.is_some_and(|retired| retired <= on)
    }

    /// The district that a named one stands for: itself, or after its retirement its single successor.
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
        let administers = |zone: usize| {
            self.districts[zone].administers.iter().any(|(other, days)| *other == district && days.has(on))
        };
        district == above
            || steps > 0
                && (self.parent(district, on).is_some_and(|parent| self.is_below(parent, above, on, steps - 1))
                    || (0..self.districts.len())
                        .any(|zone| administers(zone) && self.is_below(zone, above, on, steps - 1)))
    }

    /// The member as which a district takes part when another one is named.
    fn as_whom(&self, named: usize, subtree: bool, district: usize, on: Date) -> Option<usize> {
        let counts_for = self.counts_for(named, on)?;
        (counts_for == district || subtree && self.is_below(district, counts_for, on, self.districts.len()))
            .then_some(counts_for)
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

    /// The answers on a day, for each receiving district, competent district and matter.
    pub(crate) fn answers(&self, on: Date) -> Vec<Answer> {
        let count = self.districts.len();
        let mut as_whom = Vec::new();
        for named in 0..count {
            for subtree in [false, true] {
                as_whom.extend((0..count).map(|district| self.as_whom(named, subtree, district, on)));
            }
        }
        let whom = |named: usize, subtree: bool, district: usize| {
            as_whom[(named * 2 + usize::from(subtree)) * count + district]
        };
        let pairs = (0..count).flat_map(|a| (0..count).map(move |c| (a, c)));
        let mut answers = Vec::new();
        for (a, c) in pairs {
            let mut found: Vec<(Route, Vec<&str>, bool)> = Vec::new();
            if a != c && !self.is_retired(a, on) && !self.is_retired(c, on) {
                for agreement in &self.agreements {
                    let Some(version) = agreement.in_force(on, self.today) else { continue };
                    let flags: Vec<_> = agreement.flags.iter().filter(|flag| flag.applies(on)).collect();
                    let takes_part = |party: &Party| agreement.is_member(version, party, on);
                    let side = |district: usize| {
                        let parties = version.parties.iter().enumerate().filter(|(_, party)| takes_part(party));
                        parties
                            .filter_map(|(at, party)| {
                                Some((at, party.district, whom(party.district, party.subtree, district)?))
                            })
                            .collect::<Vec<_>>()
                    };
                    let (receiving, competent) = (side(a), side(c));
                    let under = agreement
                        .versions
                        .iter()
                        .position(|other| other.number == version.number)
                        .expect("it is one of them");
                    for text in &agreement.texts[under] {
                        let source = &agreement.versions[text.version];
                        let clause = &source.clauses[text.clause];
                        let named = |side: &[usize], party: usize| side.is_empty() || side.contains(&party);
                        let lies = |above: usize, district: usize| whom(above, true, district).is_some();
                        let covers = |matter: &str| {
                            receiving.iter().any(|(p, named_p, for_p)| {
                                let other = |(q, named_q, for_q): &(usize, usize, usize)| {
                                    let stops = || {
                                        flags.iter().any(|flag| {
                                            flag.stops((&clause.key, matter), (a, *named_p), (c, *named_q), lies)
                                        })
                                    };
                                    for_p != for_q
                                        && named(&clause.competent, *named_q)
                                        && text.holds_between(under, *p, *q)
                                        && !stops()
                                };
                                named(&clause.receiving, *named_p) && competent.iter().any(other)
                            })
                        };
                        if clause.days.has(on) {
                            let position = (source.number, text.clause);
                            let matters = clause.matters.iter().map(String::as_str).filter(|matter| covers(matter));
                            found.push((
                                (agreement.number.clone(), version.number, position, clause.mode.clone()),
                                matters.collect(),
                                false,
                            ));
                        }
                    }
                }
                for policy in self.policies.iter().filter(|policy| policy.days.has(on)) {
                    for (place, clause) in policy.clauses.iter().enumerate().filter(|(_, clause)| clause.days.has(on)) {
                        let lies = |side: &[(usize, bool)], district: usize| {
                            side.is_empty()
                                || side.iter().any(|(named, subtree)| whom(*named, *subtree, district).is_some())
                        };
                        if lies(&clause.receiving, a)
                            && lies(&clause.competent, c)
                            && self.reaches(&clause.reach, a, c, on)
                        {
                            found.push((
                                (policy.number.clone(), 0, (0, place), clause.mode.clone()),
                                clause.matters.iter().map(String::as_str).collect(),
                                true,
                            ));
                        }
                    }
                }
            }
            answers.extend(self.matters.iter().map(|matter| self.let_through(matter, c, &found, on)));
        }
        answers
    }

    /// The covering clauses that the matter and the competent district's offerings allow.
    fn let_through(
        &self,
        (matter, retired_on): &(String, Option<Date>),
        c: usize,
        found: &[(Route, Vec<&str>, bool)],
        on: Date,
    ) -> Answer {
        let mut answer = Answer { routes: BTreeSet::new(), is_blocked: false };
        if retired_on.is_some_and(|retired| retired <= on) {
            return answer;
        }
        let own = || self.offerings.iter().filter(|offering| offering.district == c && offering.matter == *matter);
        let is_published = own().any(|offering| offering.days.has(on));
        let is_withdrawn = !is_published && own().any(|offering| offering.days.1.is_some_and(|last| last < on));
        for (route, _, of_a_policy) in found.iter().filter(|(_, matters, _)| matters.contains(&matter.as_str())) {
            if if *of_a_policy { is_published } else { !is_withdrawn } {
                answer.routes.insert(route.clone());
            } else {
                answer.is_blocked = true;
            }
        }
        answer
    }
}
