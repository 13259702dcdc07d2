//! When a version is concluded, and which text of a clause binds each party after objections.

use chrono::Days;
use domain::Date;
use serde_json::Value;

use super::{Agreement, Party, Version, day, list};

/// The text of a clause that holds under a version: its own, or an older one that still binds parties that objected.
pub(crate) struct Text {
    /// The index of the version that has the text, and of the clause in it.
    pub(super) version: usize,
    pub(super) clause: usize,
    /// For each party of the version under which it holds: is the party bound by this text?
    binds: Vec<bool>,
}

impl Text {
    /// A version's own text needs both sides; an older one holds between a party that objected and everybody.
    pub(super) fn holds_between(&self, under: usize, receiving: usize, competent: usize) -> bool {
        let [receiving, competent] = [receiving, competent].map(|party| self.binds[party]);
        if under == self.version { receiving && competent } else { receiving || competent }
    }
}

impl Version {
    /// The first day on which the objection days are over.
    pub(crate) fn day_after_objections(&self) -> Option<Date> {
        let proposed = day(&self.proposal.as_ref()?["on"])?;
        proposed.checked_add_days(Days::new(self.objection_days + 1))
    }

    pub(crate) fn answers(&self, field: &str) -> &[Value] {
        self.proposal.as_ref().map_or(&[], |proposal| list(&proposal[field]))
    }

    pub(crate) fn needs(&self, needs: &str) -> bool {
        self.proposal.as_ref().is_some_and(|proposal| proposal["needs"] == needs)
    }

    pub(crate) fn answer_by(&self) -> Option<Date> {
        self.proposal.as_ref().and_then(|proposal| day(&proposal["answerBy"]))
    }

    pub(crate) fn is_withdrawn(&self) -> bool {
        self.proposal.as_ref().is_some_and(|proposal| proposal.get("withdrawnOn").is_some())
    }

    /// The day on which a proposal has the consent that it needs, if no other version is concluded before it.
    fn consented_on(&self) -> Option<Date> {
        let signatures = self.answers("signatures");
        let have_all_signed =
            self.answers("signers").iter().all(|signer| signatures.iter().any(|it| it["party"] == *signer));
        let last = signatures.iter().filter_map(|it| day(&it["on"])).max();
        if self.is_withdrawn() {
            return None;
        }
        if self.needs("NO_OBJECTION") {
            let signed = last.filter(|_| have_all_signed)?;
            return self.day_after_objections().map(|over| signed.max(over));
        }
        if self.needs("SIGNATORIES") {
            let deadline = self.answer_by().and_then(|answer_by| answer_by.succ_opt());
            return (if have_all_signed { last } else { deadline }).filter(|_| signatures.len() >= 2);
        }
        last.filter(|_| have_all_signed && self.answers("rejections").is_empty())
    }
}

impl Agreement {
    /// Finds the days of the conclusions, then the texts of the clauses.
    pub(super) fn resolve(&mut self) {
        for version in self.versions.iter_mut().filter(|version| version.proposal.is_none() && !version.is_draft) {
            version.concluded_on = Some(version.signed_on);
        }
        let mut consents: Vec<(Date, usize)> =
            (0..self.versions.len()).filter_map(|at| Some((self.versions[at].consented_on()?, at))).collect();
        consents.sort_unstable();
        let mut concluded: Vec<usize> = Vec::new();
        for (on, at) in consents {
            // A proposal that is not built on a version that is concluded before it is over.
            if concluded.iter().all(|earlier| self.is_built_on(at, *earlier)) {
                self.versions[at].concluded_on = Some(Some(on));
                concluded.push(at);
            }
        }
        self.texts = (0..self.versions.len()).map(|at| self.texts_under(at)).collect();
    }

    fn is_built_on(&self, at: usize, other: usize) -> bool {
        let base = self.versions[at]
            .base_version
            .and_then(|base| self.versions.iter().position(|version| version.number == base));
        base.is_some_and(|base| base == other || base < at && self.is_built_on(base, other))
    }

    /// The version that a concluded one replaces: the newest concluded with a smaller number.
    fn replaced(&self, at: usize) -> Option<usize> {
        let counts = |version: &Version| {
            version.concluded_on.is_some() && version.parties.iter().filter(|party| version.binds(party)).count() >= 2
        };
        self.versions[at].base_version.and_then(|_| (0..at).rev().find(|before| counts(&self.versions[*before])))
    }

    /// The text with this key that binds a district under a version; `None`: there is no such clause for it.
    fn text_for(&self, at: usize, key: &str, district: usize) -> Option<(usize, usize)> {
        let version = &self.versions[at];
        let place = |at: usize| {
            self.versions[at].clauses.iter().position(|clause| clause.key == key).map(|clause| (at, clause))
        };
        let own = place(at);
        let has_agreed = |party: &Party| party.signed.is_some() || party.joined_on.is_some();
        let (Some(_), Some(before)) = (&version.proposal, self.replaced(at)) else { return own };
        if version.parties.iter().find(|party| party.district == district).is_none_or(has_agreed) {
            return own;
        }
        let older = self.text_for(before, key, district);
        let text =
            |place: Option<(usize, usize)>| place.map(|(version, clause)| &self.versions[version].clauses[clause].text);
        if text(place(before)) == text(own) {
            return if older == place(before) { own } else { older };
        }
        let objects = version.needs("NO_OBJECTION") && version.objectors.contains(&district);
        if objects { older } else { own }
    }

    /// The texts that hold under a version.
    fn texts_under(&self, at: usize) -> Vec<Text> {
        let version = &self.versions[at];
        let mut keys: Vec<&str> =
            self.versions[..=at].iter().flat_map(|version| &version.clauses).map(|clause| &*clause.key).collect();
        keys.sort_unstable();
        keys.dedup();
        let mut texts: Vec<Text> = Vec::new();
        for key in keys {
            for (party, district) in version.parties.iter().map(|party| party.district).enumerate() {
                let Some((of, clause)) = self.text_for(at, key, district) else { continue };
                let known = texts.iter().position(|text| (text.version, text.clause) == (of, clause));
                let known = known.unwrap_or_else(|| {
                    texts.push(Text { version: of, clause, binds: vec![false; version.parties.len()] });
                    texts.len() - 1
                });
                texts[known].binds[party] = true;
            }
        }
        texts
    }

    /// The exported lines say which parties are left out of which clause.
    pub(crate) fn ensure_exclusions(&self, today: Date) {
        let is_concluded = |version: &Version| {
            version.concluded_on.is_some_and(|on| version.proposal.is_none() || on.is_some_and(|on| on <= today))
        };
        for (at, version) in self.versions.iter().enumerate().filter(|(_, version)| is_concluded(version)) {
            for (place, clause) in version.clauses.iter().enumerate() {
                let left_out = |party: &&Party| self.text_for(at, &clause.key, party.district) != Some((at, place));
                let mut excluded: Vec<usize> =
                    version.parties.iter().filter(left_out).map(|party| party.district).collect();
                excluded.sort_unstable();
                let stated = || self.versions.iter().map(|version| (version.number, &version.line)).collect::<Vec<_>>();
                assert_eq!(
                    clause.excluded,
                    excluded,
                    "left out of clause {} of {} version {}\n{:#?}",
                    clause.key,
                    self.number,
                    version.number,
                    stated()
                );
            }
        }
    }
}
