//! The options that name an identity provider.

use std::path::PathBuf;
use std::time::Duration;

use axum::http::Uri;
use clap::Args;
use domain::Role;

use crate::http::oidc::claims::ClaimNames;
use crate::http::oidc::provider::{KeySource, Settings, is_safe};

/// The least time between two fetches of keys. A token with a new key waits for it.
const MIN_FETCH_INTERVAL: Duration = Duration::from_secs(2);

#[derive(Debug, Args)]
#[command(next_help_heading = "Sign-in with an identity provider")]
pub(super) struct Oidc {
    /// Believe the access tokens of this OpenID Connect provider, as it stands in their `iss`
    #[arg(long = "oidc-issuer", env = "TONGBAN_OIDC_ISSUER", value_name = "URL", requires = "audience", value_parser = issuer)]
    issuer: Option<String>,
    /// What the tokens' `aud` must name
    #[arg(long = "oidc-audience", env = "TONGBAN_OIDC_AUDIENCE", value_name = "TEXT")]
    audience: Option<String>,
    /// Where the provider's keys are [default: as its discovery document says]
    #[arg(long = "oidc-jwks", env = "TONGBAN_OIDC_JWKS", value_name = "URL-OR-FILE", value_parser = keys)]
    jwks: Option<KeySource>,
    /// The claim that lists the bearer's roles; a dot leads into an object
    #[arg(long = "oidc-roles-claim", env = "TONGBAN_OIDC_ROLES_CLAIM", value_name = "NAME", default_value = "roles")]
    roles_claim: String,
    /// What the provider calls a role: `their-name=REGISTRAR`; may be given several times. Without any, roles go by our own names
    #[arg(long = "oidc-role-map", env = "TONGBAN_OIDC_ROLE_MAP", value_name = "THEIRS=ROLE", value_delimiter = ',', value_parser = mapping)]
    role_map: Vec<(String, Role)>,
    /// The claim that names the district by its code
    #[arg(long = "oidc-district-claim", env = "TONGBAN_OIDC_DISTRICT_CLAIM", value_name = "NAME")]
    district_claim: Option<String>,
    /// The claim that says whether the bearer acts for all below the district too
    #[arg(long = "oidc-subtree-claim", env = "TONGBAN_OIDC_SUBTREE_CLAIM", value_name = "NAME")]
    subtree_claim: Option<String>,
}

impl Oidc {
    pub(super) fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// `None`: only API keys are accepted.
    pub(super) fn settings(&self) -> Option<Settings> {
        Some(Settings {
            issuer: self.issuer.clone()?,
            audience: self.audience.clone()?,
            keys: self.jwks.clone().unwrap_or(KeySource::Discovered),
            claims: ClaimNames {
                roles: self.roles_claim.clone(),
                role_map: self.role_map.clone(),
                district: self.district_claim.clone(),
                subtree: self.subtree_claim.clone(),
            },
            min_fetch_interval: MIN_FETCH_INTERVAL,
        })
    }
}

const UNSAFE: &str = "an address that begins with https://, since whoever can change the keys on the way can make any token";

fn issuer(text: &str) -> Result<String, &'static str> {
    let address: Option<Uri> = text.parse().ok();
    address.filter(is_safe).map(|_| text.to_owned()).ok_or(UNSAFE)
}

fn keys(text: &str) -> Result<KeySource, &'static str> {
    if !text.contains("://") {
        return Ok(KeySource::File(PathBuf::from(text)));
    }
    let address: Option<Uri> = text.parse().ok();
    address.filter(is_safe).map(KeySource::Address).ok_or(UNSAFE)
}

fn mapping(text: &str) -> Result<(String, Role), &'static str> {
    let expected = "what the provider calls it, `=`, and one of PARTNER, REGISTRAR, SIGNATORY, STEWARD";
    let (theirs, ours) = text.rsplit_once('=').ok_or(expected)?;
    let role = ours.trim().to_ascii_uppercase().parse().map_err(|()| expected)?;
    if theirs.trim().is_empty() { Err(expected) } else { Ok((theirs.trim().to_owned(), role)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_provider_calls_a_role_is_its_own_affair() {
        assert_eq!(mapping("经办人=registrar"), Ok(("经办人".to_owned(), Role::Registrar)));
        assert_eq!(mapping("cn=clerks=SIGNATORY"), Ok(("cn=clerks".to_owned(), Role::Signatory)));
        assert!(mapping("REGISTRAR").is_err() && mapping("=STEWARD").is_err() && mapping("x=BOSS").is_err());
    }

    #[test]
    fn keys_are_in_a_file_or_at_a_safe_address() {
        assert_eq!(keys("/etc/tongban/keys.json"), Ok(KeySource::File(PathBuf::from("/etc/tongban/keys.json"))));
        assert!(keys("https://id.example.cn/keys").is_ok() && keys("http://id.example.cn/keys").is_err());
        assert!(issuer("https://id.example.cn/realms/gov").is_ok() && issuer("http://id.example.cn").is_err() && issuer("id").is_err());
    }
}
