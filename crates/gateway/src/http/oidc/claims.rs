//! The claims of an access token: which claim names the caller's roles and district.

use domain::text::cleaned;
use domain::{DistrictCode, Extent, Role};
use registry::viewer::Viewer;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

/// The longest name of a person, in characters.
const MAX_NAME_LENGTH: usize = 120;

/// The names of claims. A name may be a path: `realm_access.roles`.
#[derive(Debug, Clone)]
pub struct ClaimNames {
    pub roles: String,
    /// The provider's names of roles; empty: they have our own names.
    pub role_map: Vec<(String, Role)>,
    pub district: Option<String>,
    pub subtree: Option<String>,
}

impl ClaimNames {
    /// The caller that verified claims describe. Without a role, or with an unknown district, the caller is signed in
    /// and may do no more than an anonymous one.
    pub(super) fn viewer(&self, claims: &Map<String, Value>, issuer: &str) -> Result<Viewer, &'static str> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        if text("iss") != Some(issuer) {
            return Err("its issuer is a list");
        }
        let subject = text("sub").ok_or("its subject is empty")?;
        let person = Sha256::digest(format!("{issuer}\0{subject}"));
        let mut roles: Vec<Role> = words(claim(claims, &self.roles)).filter_map(|word| self.role(word)).collect();
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
        let extent = if subtree.is_some_and(is_true) { Extent::Subtree } else { Extent::Itself };
        let names = [text("name"), text("preferred_username"), Some(subject)];
        // It is stored with what the caller does, and databases do not take every character.
        let name = names.into_iter().flatten().map(|name| cleaned(name, MAX_NAME_LENGTH)).find(|name| !name.is_empty());
        Ok(Viewer { client: Some(format!("oidc_{}", &hex::encode(person)[..16])), name, roles, district, extent })
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
