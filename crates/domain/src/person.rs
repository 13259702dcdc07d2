//! People who sign in by an identity provider, and the roles that they are granted (分级授权). The provider says who
//! somebody is; grants say what they may do.

use serde::Serialize;

use crate::clause::Extent;
use crate::code::DistrictCode;
use crate::id::{Id, RecordType};
use crate::journal::Digest;
use crate::key::Role;
use crate::kind::RecordKind;
use crate::matter::MatterDomain;
use crate::period::Date;
use crate::problem::{Message, ProblemCode};
use crate::reading::Reader;

/// The prefix of references to people in the journal.
pub const REFERENCE: &str = "oidc_";
/// The longest delegation of signing, in days.
pub const MAX_DELEGATION_DAYS: i64 = 90;

/// Somebody who signs in by an identity provider. The name for people is no part of the record, so that it can be
/// erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Person {
    /// The `iss` of the provider.
    pub issuer: String,
    /// The `sub` that the provider gives.
    pub subject: String,
}

impl RecordType for Person {
    const KIND: RecordKind = RecordKind::Person;
    const PREFIX: &'static str = "per";
}

impl Person {
    pub fn read(r: &mut Reader<'_>) -> Self {
        Self { issuer: r.line("issuer", 300), subject: r.line("subject", 300) }
    }

    /// Identifies the person by issuer and subject.
    pub fn digest(&self) -> Digest {
        Digest::of(format!("{}\0{}", self.issuer, self.subject).as_bytes())
    }

    /// The reference in the journal, which names nobody.
    pub fn reference(&self) -> String {
        let digest = self.digest().to_string();
        format!("{REFERENCE}{}", &digest[Digest::PREFIX.len()..][..16])
    }
}

/// A role of a person for a district, for a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Grant {
    #[serde(serialize_with = "as_text")]
    pub person: Id<Person>,
    pub role: Role,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub district: Option<DistrictCode>,
    pub extent: Extent,
    /// The domains of matters that it is for; empty: all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub domains: Vec<MatterDomain>,
    pub from: Date,
    /// The last day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// The signatory who delegated signing.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_optional_text")]
    pub delegated_by: Option<Id<Person>>,
    /// Why it was given, for a delegation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked_on: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked_because: Option<String>,
}

impl RecordType for Grant {
    const KIND: RecordKind = RecordKind::Grant;
    const PREFIX: &'static str = "gra";
}

impl Grant {
    /// Is it valid on a day? A revoked grant ends at once.
    pub fn holds_on(&self, day: Date) -> bool {
        self.revoked_on.is_none() && self.from <= day && self.until.is_none_or(|until| day <= until)
    }

    /// Reads a stored grant.
    pub fn read(r: &mut Reader<'_>) -> Option<Self> {
        let (person, delegated_by) = (r.line("person", 40).parse().ok(), r.optional_line("delegatedBy", 40));
        let role = r.word("role");
        let terms = Terms::read(r);
        Some(Self {
            person: person?,
            role: role?,
            district: terms.district,
            extent: terms.extent,
            domains: terms.domains,
            from: terms.from?,
            until: terms.until,
            delegated_by: delegated_by.and_then(|id| id.parse().ok()),
            reason: r.optional_line("reason", 500),
            revoked_on: r.date("revokedOn"),
            revoked_because: r.optional_line("revokedBecause", 500),
        })
    }
}

fn as_text<S: serde::Serializer>(id: &Id<Person>, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(id)
}

fn as_optional_text<S: serde::Serializer>(id: &Option<Id<Person>>, to: S) -> Result<S::Ok, S::Error> {
    match id {
        Some(id) => to.collect_str(id),
        None => to.serialize_none(),
    }
}

/// The terms of a grant, as they are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    pub district: Option<DistrictCode>,
    pub extent: Extent,
    pub domains: Vec<MatterDomain>,
    pub from: Option<Date>,
    pub until: Option<Date>,
}

impl Terms {
    pub fn read(r: &mut Reader<'_>) -> Self {
        Self {
            district: r.optional_code("district"),
            extent: r.optional_word("extent").unwrap_or(Extent::Itself),
            domains: r.words("domains"),
            from: r.date("from"),
            until: r.date("until"),
        }
    }

    /// Notes problems of the terms for a role.
    pub fn check(&self, r: &mut Reader<'_>, role: Option<Role>) {
        if matches!(role, Some(Role::Registrar | Role::Signatory)) && !r.has("district") {
            r.refuse(
                ProblemCode::Invalid,
                "district",
                "REQUIRED",
                Message::new("经办人和签发人须有所属区域", "a registrar or signatory acts for a district"),
                Message::new("请填写 district", "give district"),
            );
        }
        if let (Some(from), Some(until)) = (self.from, self.until)
            && until < from
        {
            r.refuse(
                ProblemCode::Invalid,
                "until",
                "ENDS_BEFORE_IT_BEGINS",
                Message::new("截止日期早于开始日期", "it would end before it begins"),
                Message::new("请填写不早于开始日期的日期", "give a day that is not before its first day"),
            );
        }
        if r.repeats("domains") {
            r.refuse(
                ProblemCode::Invalid,
                "domains",
                "DUPLICATE",
                Message::new("领域重复", "a domain is named twice"),
                Message::new("每个领域只列一次", "name every domain once"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading;

    fn day(text: &str) -> Date {
        text.parse().expect("a date")
    }

    #[test]
    fn a_grant_holds_from_its_first_to_its_last_day_unless_it_is_revoked() {
        let grant = Grant {
            person: Id::new(7),
            role: Role::Registrar,
            district: "440115".parse().ok(),
            extent: Extent::Itself,
            domains: Vec::new(),
            from: day("2026-11-01"),
            until: Some(day("2026-11-30")),
            delegated_by: None,
            reason: None,
            revoked_on: None,
            revoked_because: None,
        };
        let holds = |text| grant.holds_on(day(text));
        assert_eq!(["2026-10-31", "2026-11-01", "2026-11-30", "2026-12-01"].map(holds), [false, true, true, false]);
        let revoked = Grant { revoked_on: Some(day("2026-11-10")), ..grant.clone() };
        assert!(!revoked.holds_on(day("2026-11-10")));
        let line = serde_json::to_value(&grant).expect("a grant is text");
        let mut problems = Vec::new();
        assert_eq!(reading::read(&line, &mut problems, Grant::read).flatten(), Some(grant));
        assert!(problems.is_empty(), "{problems:?}");
    }
}
