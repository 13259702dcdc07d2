//! The claims of an access token: which claims name the person, and its roles and district.

use domain::person::Person;
use domain::text::cleaned;
use domain::{DistrictCode, Role};
use registry::session::Claimed;
use serde_json::{Map, Value};

/// The longest name of a person, in characters.
const MAX_NAME_LENGTH: usize = 120;

/// The names of claims. A name may be a path: `realm_access.roles`.
#[derive(Debug, Clone)]
pub struct ClaimNames {
    /// `None`: the claims say who somebody is, and grant no roles.
    pub roles: Option<String>,
    /// The provider's names of roles; empty: they have our own names.
    pub role_map: Vec<(String, Role)>,
    pub district: Option<String>,
    pub subtree: Option<String>,
}

/// Who presents a verified token, and what its claims grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimant {
    pub person: Person,
    pub name: Option<String>,
    pub claimed: Option<Claimed>,
}

impl ClaimNames {
    /// The person that verified claims describe. Without a role, or with an unknown district, the caller is signed in
    /// and may do no more than an anonymous one.
    pub(super) fn claimant(&self, claims: &Map<String, Value>, issuer: &str) -> Result<Claimant, &'static str> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        if text("iss") != Some(issuer) {
            return Err("its issuer is a list");
        }
        let subject = text("sub").ok_or("its subject is empty")?;
        let names = [text("name"), text("preferred_username"), Some(subject)];
        // It is stored with what the caller does, and databases do not take every character.
        let name = names.into_iter().flatten().map(|name| cleaned(name, MAX_NAME_LENGTH)).find(|name| !name.is_empty());
        let claimed = self.roles.as_deref().map(|roles| self.claimed(claims, roles));
        Ok(Claimant { person: Person { issuer: issuer.to_owned(), subject: subject.to_owned() }, name, claimed })
    }

    fn claimed(&self, claims: &Map<String, Value>, roles: &str) -> Claimed {
        let mut roles: Vec<Role> = words(claim(claims, roles)).filter_map(|word| self.role(word)).collect();
        roles.sort_unstable();
        roles.dedup();
        // Some providers have the code as a number.
        let named = self.district.as_deref().and_then(|name| claim(claims, name)).filter(|value| !value.is_null()).map(
            |value| match value {
                Value::String(code) => code.trim().to_owned(),
                other => other.to_string(),
            },
        );
        let district: Option<DistrictCode> = named.as_deref().and_then(|code| code.parse().ok());
        if named.is_some() && district.is_none() {
            tracing::warn!(claim = self.district, "the district claim of a token is not a district code");
        }
        let subtree = self.subtree.as_deref().and_then(|name| claim(claims, name));
        Claimed {
            roles: roles.iter().map(|role| role.name().to_owned()).collect(),
            district: district.map(|code| code.to_string()),
            subtree: subtree.is_some_and(is_true),
        }
    }

    fn role(&self, word: &str) -> Option<Role> {
        if self.role_map.is_empty() {
            return word.parse().ok();
        }
        self.role_map.iter().find(|(theirs, _)| theirs == word).map(|(_, role)| *role)
    }
}

/// A claim by its name, else by its path.
fn claim<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    claims.get(name).or_else(|| {
        let mut steps = name.split('.');
        let first = claims.get(steps.next()?)?;
        steps.try_fold(first, |value, step| value.get(step))
    })
}

/// The words of a list, or of one text as in `scope`.
fn words(value: Option<&Value>) -> impl Iterator<Item = &str> {
    let listed = value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    listed.chain(value.and_then(Value::as_str).into_iter().flat_map(str::split_whitespace))
}

fn is_true(value: &Value) -> bool {
    match value {
        Value::Bool(value) => *value,
        Value::String(text) => ["true", "yes", "subtree"].iter().any(|word| text.eq_ignore_ascii_case(word)),
        Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_claim_is_found_by_its_name_or_its_path() {
        let claims = json!({ "roles": "a b", "realm_access": { "roles": ["c", 7] }, "https://x.cn/roles": ["d"] });
        let claims = claims.as_object().expect("an object");
        let found = |name| words(claim(claims, name)).collect::<Vec<_>>();
        assert_eq!(found("roles"), ["a", "b"]);
        assert_eq!(found("realm_access.roles"), ["c"]);
        assert_eq!(found("https://x.cn/roles"), ["d"]);
        assert!(found("realm_access.groups").is_empty() && found("nothing").is_empty());
    }
}
