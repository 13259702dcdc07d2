//! Acts on people: grant a role, revoke a grant, delegate signing.

use chrono::TimeDelta;
use domain::person::{Grant, MAX_DELEGATION_DAYS, Person, Terms};
use domain::reading::Reader;
use domain::{DistrictCode, Extent, Id, Message, Problem, ProblemCode, RecordKind, Recorded, Reference, Role, text};

use super::write::write;
use super::writing::{Writing, unknown};
use super::{Abort, Input, Outcome, Saved};
use crate::error::Error;
use crate::permission::{self, Requirement};
use crate::request_context::RequestContext;

/// The longest name of a person, in characters.
const MAX_NAME_LENGTH: usize = 120;

/// The form of a grant.
struct GrantForm {
    person: Person,
    name: String,
    role: Option<Role>,
    terms: Terms,
}

impl GrantForm {
    fn read(r: &mut Reader<'_>) -> Self {
        let issuer = r.url("issuer").unwrap_or_default();
        r.require("issuer");
        let person = Person { issuer, subject: r.line("subject", 300) };
        let name = text::cleaned(&r.name("displayName", MAX_NAME_LENGTH), MAX_NAME_LENGTH);
        let role = r.word("role");
        let terms = Terms::read(r);
        r.require("from");
        terms.check(r, role);
        Self { person, name, role, terms }
    }
}

/// Grants a role. A registrar for a district and all below it may grant roles below its own district, but not signing.
pub async fn grant(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    let named = input.get("district").and_then(|code| code.as_str()).and_then(|code| code.parse().ok());
    let role = input.get("role").and_then(|role| role.as_str()).and_then(|role| role.parse().ok());
    authorize_below(request, "grantRole", named, role)?;
    write(request, "grantRole", input, GrantForm::read, async |work, form| {
        names_district(work, form.terms.district).await?;
        if let Some(until) = form.terms.until
            && until < work.today()
        {
            work.note(ends_in_the_past());
        }
        let (Some(role), Some(from), true) = (form.role, form.terms.from, work.is_sound()) else { return Ok(None) };
        let person = work.work.person(form.person.clone(), &form.name).await?;
        let GrantForm { terms: Terms { district, extent, domains, until, .. }, .. } = form;
        let (district, extent, domains, until) = (*district, *extent, domains.clone(), *until);
        let grant = Grant {
            person,
            role,
            district,
            extent,
            domains,
            from,
            until,
            delegated_by: None,
            reason: None,
            revoked_on: None,
            revoked_because: None,
        };
        save(work, grant).await
    })
    .await
}

/// Revokes a grant. It ends at once. Whoever delegated signing may take it back.
pub async fn revoke(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    let read = |r: &mut Reader<'_>| {
        r.require("id");
        (r.optional_line("id", 60), r.line("reason", 500))
    };
    write(request, "revokeGrant", input, read, async |work, (id, reason)| {
        let id: Option<Id<Grant>> = id.as_deref().and_then(|id| id.parse().ok());
        let held = match id {
            Some(id) => work.work.grant_by_id(id).await?.filter(|held| may_revoke(work.request, held)),
            None => None,
        };
        if held.is_none() {
            work.note(unknown(RecordKind::Grant, "id"));
        }
        let (Some(held), true) = (held, work.is_sound()) else { return Ok(None) };
        let (person, today) = (held.person, work.today());
        let revoked = work.work.revoke_grant(held, today, reason.clone()).await?;
        Ok(Some(saved(person, revoked.revision)))
    })
    .await
}

/// Lets another person sign for a time (代理签署). Only a signatory who has the role itself, not by delegation.
pub async fn delegate(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    let read = |r: &mut Reader<'_>| {
        r.require("to");
        r.require("until");
        let to = r.optional_line("to", 60);
        (r.code("district").unwrap_or(DistrictCode::UNREAD), to, r.date("until"), r.line("reason", 500))
    };
    write(request, "delegateSigning", input, read, async |work, (district, to, until, reason)| {
        names_district(work, Some(*district)).await?;
        let to: Option<Id<Person>> = to.as_deref().and_then(|id| id.parse().ok());
        let known = match to {
            Some(to) => work.work.knows_person(to).await?,
            None => false,
        };
        if !known {
            work.note(unknown(RecordKind::Person, "to"));
        }
        let today = work.today();
        if let Some(until) = *until {
            if until < today {
                work.note(ends_in_the_past());
            }
            if until > today + TimeDelta::days(MAX_DELEGATION_DAYS) {
                let message = Message::new(
                    format!("代理签署最长 {MAX_DELEGATION_DAYS} 天"),
                    format!("signing is delegated for {MAX_DELEGATION_DAYS} days at most"),
                );
                let problem = Problem::invalid(vec!["until".to_owned()], "TOO_LONG", message);
                work.note(problem.remedy("请填写更早的日期", "give an earlier day"));
            }
        }
        let own = match work.request.viewer.person {
            Some(person) => signs_itself(work, person, *district).await?,
            None => None,
        };
        if own.is_none() {
            work.note(refused(
                "district",
                "NOT_A_SIGNATORY",
                Message::new(
                    "只有本人获授签发人角色的人员才能委托他人代签；接口密钥和受托人不能再委托",
                    "only a person who was granted the role of signatory can delegate it; a key or a delegate cannot",
                ),
            ));
        }
        if own.is_some() && own == to {
            work.note(refused("to", "SELF", Message::new("不能委托给本人", "signing cannot be delegated to oneself")));
        }
        let (Some(own), Some(to), Some(until), true) = (own, to, *until, work.is_sound()) else { return Ok(None) };
        let grant = Grant {
            person: to,
            role: Role::Signatory,
            district: Some(*district),
            extent: Extent::Itself,
            domains: Vec::new(),
            from: today,
            until: Some(until),
            delegated_by: Some(own),
            reason: Some(reason.clone()),
            revoked_on: None,
            revoked_because: None,
        };
        save(work, grant).await
    })
    .await
}

async fn save(work: &mut Writing<'_>, grant: Grant) -> Result<Option<Saved>, Abort> {
    let granted = work.work.grant(&grant).await?;
    Ok(Some(saved(grant.person, granted.revision)))
}

fn saved(person: Id<Person>, revision: domain::Revision) -> Saved {
    Saved { kind: RecordKind::Person, record: person.number(), revision, version: None, secret: None }
}

async fn names_district(work: &mut Writing<'_>, district: Option<DistrictCode>) -> Result<(), Abort> {
    let named: Vec<Reference> = district.map(|code| Reference::district("district", code)).into_iter().collect();
    work.names(&named, None).await
}

/// The person, if it has the role of signatory for a district by a grant of its own.
async fn signs_itself(
    work: &mut Writing<'_>,
    person: Id<Person>,
    district: DistrictCode,
) -> Result<Option<Id<Person>>, Abort> {
    let today = work.today();
    let snapshot = &work.request.snapshot;
    let grants = work.work.grants_of(person).await?;
    let signs = grants.iter().any(|grant| {
        grant.role == Role::Signatory
            && grant.delegated_by.is_none()
            && grant.holds_on(today)
            && grant.district.is_some_and(|own| snapshot.acts_for(own, grant.extent, today).contains(&district))
    });
    Ok(signs.then_some(person))
}

/// May the caller manage grants for a district and a role? Stewards may; a registrar with `SUBTREE` below its own
/// district, but neither signing nor running the registry.
pub fn may_grant(request: &RequestContext, district: Option<DistrictCode>, role: Option<Role>) -> bool {
    let viewer = &request.viewer;
    if viewer.roles.contains(&Role::Steward) {
        return true;
    }
    let (Some(own), Some(district)) = (viewer.district, district) else { return false };
    let itself = request.snapshot.acts_for(own, Extent::Itself, request.today);
    viewer.roles.contains(&Role::Registrar)
        && viewer.extent == Extent::Subtree
        && !itself.contains(&district)
        && viewer.districts(&request.snapshot, request.today).contains(&district)
        && role.is_none_or(|role| matches!(role, Role::Registrar | Role::Partner))
}

/// May the caller revoke a grant? Those who may give it, and whoever delegated it.
pub fn may_revoke(request: &RequestContext, grant: &Recorded<Grant>) -> bool {
    let is_delegator = grant.delegated_by.is_some() && grant.delegated_by == request.viewer.person;
    is_delegator || may_grant(request, grant.district, Some(grant.role))
}

fn authorize_below(
    request: &RequestContext,
    mutation: &'static str,
    district: Option<DistrictCode>,
    role: Option<Role>,
) -> Result<(), Error> {
    if may_grant(request, district, role) {
        return Ok(());
    }
    Err(permission::forbidden(&request.viewer, mutation, Requirement::Steward, district).into())
}

fn ends_in_the_past() -> Problem {
    let message = Message::new("截止日期已过", "it would have ended already");
    let problem = Problem::invalid(vec!["until".to_owned()], "ENDS_IN_THE_PAST", message);
    problem.remedy("请填写今天或以后的日期", "give today or a later day")
}

fn refused(field: &str, rule: &'static str, message: Message) -> Problem {
    let code = ProblemCode::Refused;
    Problem { code, ..Problem::invalid(vec![field.to_owned()], rule, message) }
        .remedy("请由本人签发人或平台管理员办理", "ask a signatory of the district, or a steward")
}
