//! Who sees which record.

use std::collections::BTreeMap;

use super::audience::{DistrictReaders, EntryAudience, audience_of_change};
use super::*;
use crate::agreement::acts::When;
use crate::reading;

fn agreement() -> Agreement {
    let value = serde_json::json!({
        "title": "试点协议", "signedOn": "2021-05-28",
        "parties": [{"district": "440115"}, {"district": "310112"}], "schedule": [],
    });
    let mut problems = Vec::new();
    let submission = reading::read(&value, &mut problems, Agreement::read).flatten().expect("it reads");
    assert_eq!(problems, []);
    submission.numbered("TB-2021-000001".parse().expect("a number"))
}

fn scope(code: &str) -> Scope {
    Scope::Districts(BTreeSet::from([code.parse().expect("a code")]))
}

#[test]
fn drafts_are_for_the_author_proposals_for_the_parties_and_concluded_versions_public() {
    let today = Date::from_ymd_opt(2026, 11, 23).expect("a day");
    let paper = agreement();
    assert!(matches!(paper.seen_by(&Scope::Public, today), Some(Cow::Borrowed(_))));
    let draft = paper.latest().clone();
    let author = "440115".parse().expect("a code");
    let drafted = paper.clone().amend(Version { title: "修订".into(), ..draft }, 1, author, today).expect("it may");
    let seen =
        |agreement: &Agreement, scope: &Scope| agreement.seen_by(scope, today).map_or(0, |seen| seen.versions.len());
    assert_eq!(
        [&Scope::Public, &scope("440115"), &scope("310112"), &Scope::Steward].map(|scope| seen(&drafted, scope)),
        [1, 2, 1, 2]
    );
    assert_eq!(
        audience_of_change(Some(&paper), Some(&drafted), today),
        EntryAudience::Only(BTreeMap::from([(author, DistrictReaders::Clerks)]))
    );
    let when = When { at: chrono::DateTime::UNIX_EPOCH, today };
    let proposed = drafted.clone().propose(2, today, when).expect("it may");
    assert_eq!(
        [&Scope::Public, &scope("440115"), &scope("310112"), &scope("320583")].map(|scope| seen(&proposed, scope)),
        [1, 2, 2, 1]
    );
    let parties =
        BTreeMap::from(["440115", "310112"].map(|code| (code.parse().expect("a code"), DistrictReaders::Partners)));
    assert_eq!(audience_of_change(Some(&drafted), Some(&proposed), today), EntryAudience::Only(parties));
    assert_eq!(audience_of_change(None, Some(&paper), today), EntryAudience::Everybody);
}
