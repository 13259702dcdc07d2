//! An agreement with and without one of its versions, to compare what each covers on a day.

use crate::agreement::Agreement;
use crate::agreement::lifecycle::{Draft, Life, Paper, VersionState};
use crate::agreement::version::Version;
use crate::period::Date;

/// The two sides of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supposition {
    /// The concluded versions before the version; of a version that is not concluded, all other concluded ones.
    pub without: Agreement,
    /// The same, and the version in force on the day.
    pub with: Agreement,
}

impl Agreement {
    /// Two forms of the agreement to compare: without a version, and with it in force on a day. The version's own dates
    /// and signatures do not matter. Suspensions and notices stay.
    pub fn suppose(&self, number: u32, on: Date, today: Date) -> Option<Supposition> {
        let version = self.version(number)?;
        let is_concluded = |version: &Version| version.state(today) == VersionState::Concluded;
        let stays = |other: &&Version| {
            is_concluded(other) && other.number != number && (!is_concluded(version) || other.number < number)
        };
        let before: Vec<Version> = self.versions.iter().filter(stays).cloned().collect();
        let mut with = Self { discarded: None, versions: before.clone(), ..self.clone() };
        if is_concluded(version) {
            with.versions.push(in_force_by(version.clone(), on));
        } else {
            let newest = before.last().map_or(0, |version| version.number);
            with.versions.push(Version { number: number.max(newest + 1), ..signed_by_all(version.clone(), on) });
            // A party that signs it is a party again.
            with.notices.retain(|notice| notice.ends_on >= on);
        }
        let without = if before.is_empty() {
            // A draft covers nothing.
            vec![Version { life: Life::Draft(Draft { author: version.lead }), ..version.clone() }]
        } else {
            before
        };
        Some(Supposition { without: Self { discarded: None, versions: without, ..self.clone() }, with })
    }
}

/// A version that is not concluded, as if all its parties had signed it.
fn signed_by_all(version: Version, on: Date) -> Version {
    let paper = Paper { signed_on: None, recorded_on: None, recorder: None, corrections: Vec::new() };
    within_term(Version { life: Life::Paper(paper), ..version }, on)
}

/// A concluded version, as if it had been concluded early enough and had not ended.
fn in_force_by(mut version: Version, on: Date) -> Version {
    if let Some(late) = version.signed_on().filter(|signed| on < *signed).map(|signed| signed - on)
        && let Life::Proposal(proposal) = &mut version.life
    {
        for day in [&mut proposal.on, &mut proposal.answer_by]
            .into_iter()
            .chain(proposal.signatures.iter_mut().map(|signature| &mut signature.on))
            .chain(proposal.rejections.iter_mut().map(|rejection| &mut rejection.on))
        {
            *day = day.checked_sub_signed(late).unwrap_or(Date::MIN);
        }
    }
    within_term(version, on)
}

fn within_term(mut version: Version, on: Date) -> Version {
    let term = version.term();
    if term.is_some_and(|term| term.begins_after(on)) {
        version.effective_from = Some(on);
    }
    if term.is_some_and(|term| term.ended_before(on)) {
        version.effective_to = None;
    }
    version
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading;

    fn agreement(value: &serde_json::Value) -> Agreement {
        let mut problems = Vec::new();
        let submission = reading::read(value, &mut problems, Agreement::read).flatten().expect("it reads");
        assert_eq!(problems, []);
        submission.numbered("TB-2021-000001".parse().expect("a number"))
    }

    fn day(text: &str) -> Date {
        text.parse().expect("a day")
    }

    /// The number and whether it is in force, of the newest version without and with the supposed one.
    fn supposed(agreement: &Agreement, number: u32, on: &str) -> [Option<u32>; 2] {
        let Supposition { without, with } = agreement.suppose(number, day(on), day("2026-06-01")).expect("a version");
        [without, with].map(|it| it.version_in_force(day(on)).map(|version| version.number))
    }

    #[test]
    fn a_version_is_compared_with_the_one_before() {
        let parties = serde_json::json!([{"district": "440115"}, {"district": "310112"}]);
        let three = agreement(&serde_json::json!({ "versions": [
            { "version": 1, "title": "一", "signedOn": "2026-01-01", "parties": parties, "schedule": [] },
            { "version": 2, "title": "二", "signedOn": "2026-03-01", "effectiveTo": "2026-03-31", "parties": parties, "schedule": [] },
            { "version": 3, "title": "三", "effectiveFrom": "2026-09-01", "draft": { "author": "440115" }, "parties": parties, "schedule": [] },
        ] }));
        // Nothing before the first; a draft holds on any day, and is compared with what holds then.
        assert_eq!(supposed(&three, 1, "2026-02-01"), [None, Some(1)]);
        assert_eq!(supposed(&three, 1, "2025-02-01"), [None, Some(1)]);
        assert_eq!(supposed(&three, 2, "2026-02-01"), [Some(1), Some(2)]);
        assert_eq!(supposed(&three, 2, "2026-05-01"), [Some(1), Some(2)]);
        assert_eq!(supposed(&three, 3, "2026-03-10"), [Some(2), Some(3)]);
        assert_eq!(supposed(&three, 3, "2026-06-01"), [None, Some(3)]);
    }

    #[test]
    fn a_version_that_was_signed_later_is_supposed_to_be_signed_in_time() {
        let digest = format!("sha-256:{}", "0".repeat(64));
        let sign = |party: &str| serde_json::json!({ "party": party, "at": "2026-05-20T02:00:00Z", "on": "2026-05-20", "digest": digest });
        let proposed = agreement(&serde_json::json!({
            "title": "一", "parties": [{"district": "440115"}, {"district": "310112"}], "schedule": [],
            "proposal": {
                "by": "440115", "on": "2026-05-10", "answerBy": "2026-05-30", "needs": "ALL", "signers": ["310112", "440115"],
                "signatures": [sign("440115"), sign("310112")],
            },
        }));
        assert_eq!(supposed(&proposed, 1, "2026-05-25"), [None, Some(1)]);
        assert_eq!(supposed(&proposed, 1, "2026-02-01"), [None, Some(1)]);
    }
}
