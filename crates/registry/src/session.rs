//! Sessions of browsers. The browser has a random token; the database has its digest, so that every gateway knows the
//! session and a copy of the database opens none.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use domain::person::Person;
use domain::{ApiKey, Id, Role};
use persistence::{Store, StoredSession};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;

use crate::secret;

/// A session ends when it was not used for so long.
pub const IDLE_TIMEOUT: TimeDelta = TimeDelta::minutes(30);
/// A session ends after this time, however much it is used.
pub const LIFETIME: TimeDelta = TimeDelta::hours(12);
/// How long signing in with an identity provider may take.
pub const SIGN_IN_TIMEOUT: TimeDelta = TimeDelta::minutes(15);
/// How often the use of a session is recorded.
const TOUCH_INTERVAL: TimeDelta = TimeDelta::minutes(1);

/// What is stored of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    pub identity: Identity,
    /// Forms carry it; another site cannot know it (CSRF).
    pub csrf: String,
    /// The district that the caller acts for, when there are several; see `people::Capacity`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<String>,
    pub signed_in_at: DateTime<Utc>,
    /// The last time that the caller proved its identity: signing asks for it again.
    pub confirmed_at: DateTime<Utc>,
}

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "by")]
pub enum Identity {
    /// A browser on its way to the identity provider and back.
    SigningIn(SigningIn),
    Key {
        /// Such as `key_3f`.
        key: String,
    },
    #[serde(rename_all = "camelCase")]
    Person {
        issuer: String,
        subject: String,
        name: String,
        /// Roles that the provider's claims grant, where that is configured.
        claimed: Option<Claimed>,
    },
}

/// The state of a sign-in by authorization code (RFC 6749) with PKCE (RFC 7636).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SigningIn {
    pub state: String,
    pub nonce: String,
    pub verifier: String,
    /// The page to go to afterwards.
    pub to: String,
    /// The form that was sent when the last session had ended.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub kept: String,
}

/// The roles that claims of the provider grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Claimed {
    pub roles: Vec<String>,
    pub district: Option<String>,
    pub subtree: bool,
}

impl Session {
    pub fn of_key(key: Id<ApiKey>, now: DateTime<Utc>) -> Result<Self, getrandom::Error> {
        Self::new(Identity::Key { key: key.to_string() }, now)
    }

    pub fn new(identity: Identity, now: DateTime<Utc>) -> Result<Self, getrandom::Error> {
        Ok(Self { identity, csrf: random_text()?, capacity: None, signed_in_at: now, confirmed_at: now })
    }

    /// The reference of the caller in the journal; empty while somebody is signing in.
    pub fn client(&self) -> String {
        match &self.identity {
            Identity::SigningIn(_) => String::new(),
            Identity::Key { key } => key.clone(),
            Identity::Person { issuer, subject, .. } => {
                Person { issuer: issuer.clone(), subject: subject.clone() }.reference()
            }
        }
    }

    /// Is this the token of the session's forms? Compared in constant time.
    pub fn accepts(&self, csrf: &str) -> bool {
        self.csrf.as_bytes().ct_eq(csrf.as_bytes()).into()
    }
}

impl Claimed {
    pub fn roles(&self) -> Vec<Role> {
        self.roles.iter().filter_map(|role| role.parse().ok()).collect()
    }
}

/// 256 random bits in base64url.
pub fn random_text() -> Result<String, getrandom::Error> {
    let mut bits = [0; 32];
    getrandom::fill(&mut bits)?;
    Ok(URL_SAFE_NO_PAD.encode(bits))
}

/// Stores a session, and returns the token for the browser.
pub async fn begin(store: &Store, session: &Session, now: DateTime<Utc>) -> Result<String, BeginError> {
    let token = random_text().map_err(BeginError::Randomness)?;
    let lifetime = if matches!(session.identity, Identity::SigningIn(_)) { SIGN_IN_TIMEOUT } else { LIFETIME };
    let stored = StoredSession {
        token: secret::hash(&token),
        client: session.client(),
        body: serde_json::to_string(session).expect("a session is text"),
        seen_at: now,
        expires_at: now + lifetime,
    };
    store.begin_session(stored, now).await.map_err(BeginError::Database)?;
    Ok(token)
}

/// Why no session could be begun.
#[derive(Debug)]
pub enum BeginError {
    Randomness(getrandom::Error),
    Database(persistence::Error),
}

/// The session of a browser's token. `None`: there is none, or it has ended. Its use is recorded about once a minute.
pub async fn find(store: &Store, token: &str, now: DateTime<Utc>) -> persistence::Result<Option<Session>> {
    let digest = secret::hash(token);
    let Some(stored) = store.session(&digest).await? else { return Ok(None) };
    if now >= stored.expires_at || now - stored.seen_at > IDLE_TIMEOUT {
        return Ok(None);
    }
    if now - stored.seen_at > TOUCH_INTERVAL {
        store.record_session_use(&digest, now).await?;
    }
    Ok(serde_json::from_str(&stored.body).ok())
}

/// Stores a changed session.
pub async fn change(store: &Store, token: &str, session: &Session) -> persistence::Result<()> {
    store.change_session(&secret::hash(token), &serde_json::to_string(session).expect("a session is text")).await
}

pub async fn end(store: &Store, token: &str) -> persistence::Result<()> {
    store.end_session(&secret::hash(token)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_read_as_it_was_stored() {
        let now = "2026-11-30T08:00:00Z".parse().expect("a time");
        let claimed =
            Claimed { roles: vec!["REGISTRAR".to_owned()], district: Some("440115".to_owned()), subtree: true };
        for identity in [
            Identity::Key { key: "key_1".to_owned() },
            Identity::Person {
                issuer: "https://id.example.cn".to_owned(),
                subject: "7".to_owned(),
                name: "王芳".to_owned(),
                claimed: Some(claimed),
            },
        ] {
            let session = Session::new(identity, now).expect("randomness");
            let stored = serde_json::to_string(&session).expect("text");
            assert_eq!(serde_json::from_str::<Session>(&stored).expect("a session"), session);
            assert!(session.accepts(&session.csrf) && !session.accepts("") && !session.accepts("x"));
        }
    }
}
