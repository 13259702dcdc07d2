//! The options of the identity provider.

use std::path::PathBuf;
use std::time::Duration;

use axum::http::Uri;
use clap::Args;
use domain::Role;

use super::registry::{Secret, secret};
use super::said::Said;
use crate::http::oidc::application::Application;
use crate::http::oidc::claims::ClaimNames;
use crate::http::oidc::provider::{KeySource, Settings, is_safe};

/// The least time between two fetches of keys. A token with a new key waits for it.
const MIN_FETCH_INTERVAL: Duration = Duration::from_secs(2);

#[derive(Debug, Args)]
#[command(next_help_heading = "Sign-in with an identity provider")]
pub(super) struct Oidc {
    /// Accept access tokens of this OpenID Connect provider: the value of their `iss`
    #[arg(long = "oidc-issuer", env = "TONGBAN_OIDC_ISSUER", value_name = "URL", requires = "audience", value_parser = issuer)]
    issuer: Option<String>,
    /// The value that `aud` of the tokens must contain
    #[arg(long = "oidc-audience", env = "TONGBAN_OIDC_AUDIENCE", value_name = "TEXT")]
    audience: Option<String>,
    /// The provider's keys [default: the address in its discovery document]
    #[arg(long = "oidc-jwks", env = "TONGBAN_OIDC_JWKS", value_name = "URL-OR-FILE", value_parser = keys)]
    jwks: Option<KeySource>,
    /// The claim that grants roles; a dot goes into an object [default: none; roles are granted in the registry]
    #[arg(long = "oidc-roles-claim", env = "TONGBAN_OIDC_ROLES_CLAIM", value_name = "NAME")]
    roles_claim: Option<String>,
    /// Maps a role of the provider: `their-name=REGISTRAR`; may be given several times [default: the roles have our own
    /// names]
    #[arg(long = "oidc-role-map", env = "TONGBAN_OIDC_ROLE_MAP", value_name = "THEIRS=ROLE", value_delimiter = ',', value_parser = mapping)]
    role_map: Vec<(String, Role)>,
    /// The claim with the code of the district
    #[arg(long = "oidc-district-claim", env = "TONGBAN_OIDC_DISTRICT_CLAIM", value_name = "NAME")]
    district_claim: Option<String>,
    /// The claim that is true if the caller also acts for all districts below
    #[arg(long = "oidc-subtree-claim", env = "TONGBAN_OIDC_SUBTREE_CLAIM", value_name = "NAME")]
    subtree_claim: Option<String>,
    /// The client id of this registry: with it people sign in to the console with this provider. Their way back is
    /// `/console/signed-in` below `--public-url`
    #[arg(long = "oidc-client-id", env = "TONGBAN_OIDC_CLIENT_ID", value_name = "TEXT", requires = "issuer")]
    client_id: Option<String>,
    /// The client secret, or @FILE with a file that contains it [default: none; PKCE protects the sign-in]
    #[arg(long = "oidc-client-secret", env = "TONGBAN_OIDC_CLIENT_SECRET", value_name = "SECRET", hide_env_values = true, requires = "client_id", value_parser = secret)]
    client_secret: Option<Secret>,
    /// The scopes that a sign-in asks for
    #[arg(long = "oidc-scopes", env = "TONGBAN_OIDC_SCOPES", value_name = "TEXT", default_value = "openid profile")]
    scopes: String,
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
            application: self.client_id.clone().map(|client_id| Application {
                client_id,
                client_secret: self.client_secret.as_ref().map(|secret| secret.text().to_owned()),
                scopes: self.scopes.clone(),
            }),
            min_fetch_interval: MIN_FETCH_INTERVAL,
        })
    }
}

fn is_unsafe() -> Said {
    Said::new(
        "应为 https:// 开头的地址：公钥若在途中被篡改，任何令牌都可伪造",
        "an address that begins with https://: an attacker who can change the keys in transit can forge any token",
    )
}

fn issuer(text: &str) -> Result<String, Said> {
    let address: Option<Uri> = text.parse().ok();
    address.filter(is_safe).map(|_| text.to_owned()).ok_or_else(is_unsafe)
}

fn keys(text: &str) -> Result<KeySource, Said> {
    if !text.contains("://") {
        return Ok(KeySource::File(PathBuf::from(text)));
    }
    let address: Option<Uri> = text.parse().ok();
    address.filter(is_safe).map(KeySource::Address).ok_or_else(is_unsafe)
}

fn mapping(text: &str) -> Result<(String, Role), Said> {
    let expected = || {
        Said::new(
            "应写成：对方的角色名=PARTNER、REGISTRAR、SIGNATORY 或 STEWARD",
            "the provider's name, `=`, and one of PARTNER, REGISTRAR, SIGNATORY, STEWARD",
        )
    };
    let (theirs, ours) = text.rsplit_once('=').ok_or_else(expected)?;
    let role = ours.trim().to_ascii_uppercase().parse().map_err(|()| expected())?;
    if theirs.trim().is_empty() { Err(expected()) } else { Ok((theirs.trim().to_owned(), role)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_of_the_provider_may_have_any_name() {
        assert_eq!(mapping("经办人=registrar"), Ok(("经办人".to_owned(), Role::Registrar)));
        assert_eq!(mapping("cn=clerks=SIGNATORY"), Ok(("cn=clerks".to_owned(), Role::Signatory)));
        assert!(mapping("REGISTRAR").is_err() && mapping("=STEWARD").is_err() && mapping("x=BOSS").is_err());
    }

    #[test]
    fn keys_are_read_from_a_file_or_a_safe_address() {
        assert_eq!(keys("/etc/tongban/keys.json"), Ok(KeySource::File(PathBuf::from("/etc/tongban/keys.json"))));
        assert!(keys("https://id.example.cn/keys").is_ok() && keys("http://id.example.cn/keys").is_err());
        assert!(
            issuer("https://id.example.cn/realms/gov").is_ok()
                && issuer("http://id.example.cn").is_err()
                && issuer("id").is_err()
        );
    }
}
