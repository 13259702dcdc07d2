//! Signing in by authorization code (OpenID Connect Core 3.1) with PKCE (RFC 7636): the address at the provider, and the
//! exchange of the code for tokens.

use std::sync::Arc;

use axum::http::header;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::decode_header;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::application::Endpoints;
use super::claims::Claimant;
use super::provider::{FetchError, Invalid, Provider, is_safe};

/// What a sign-in sends to the provider, to know it again.
#[derive(Debug)]
pub struct Challenge<'a> {
    pub state: &'a str,
    pub nonce: &'a str,
    pub verifier: &'a str,
    /// The provider asks for the password even if somebody is signed in there.
    pub again: bool,
}

impl Provider {
    /// Can people sign in to the console with this provider?
    pub fn signs_in(&self) -> bool {
        self.settings.application.is_some()
    }

    /// The origin of the page of signing in, for the policy of forms; `None`: people cannot sign in, or it is not known
    /// yet.
    pub fn sign_in_origin(&self) -> Option<String> {
        self.settings.application.as_ref()?;
        let known = self.endpoints.load_full();
        let address = known
            .map_or_else(|| self.settings.issuer.parse().ok(), |endpoints| Some(endpoints.authorization.clone()))?;
        Some(format!("{}://{}", address.scheme_str()?, address.authority()?))
    }

    async fn endpoints(&self) -> Result<Arc<Endpoints>, FetchError> {
        if let Some(known) = self.endpoints.load_full() {
            return Ok(known);
        }
        let document = self.discovery_document().await?;
        let endpoints = Endpoints::of(&document, is_safe).ok_or_else(|| {
            FetchError::Unreachable("the discovery document has no addresses for signing in".to_owned())
        })?;
        let endpoints = Arc::new(endpoints);
        self.endpoints.store(Some(endpoints.clone()));
        Ok(endpoints)
    }

    /// The address at which somebody signs in.
    pub async fn sign_in_address(&self, back: &str, challenge: &Challenge<'_>) -> Result<String, FetchError> {
        let no_application = || FetchError::Unreachable("no application is configured".to_owned());
        let application = self.settings.application.as_ref().ok_or_else(no_application)?;
        let endpoints = self.endpoints().await?;
        let hashed = URL_SAFE_NO_PAD.encode(Sha256::digest(challenge.verifier));
        let mut query = form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", &application.client_id)
            .append_pair("redirect_uri", back)
            .append_pair("scope", &application.scopes)
            .append_pair("state", challenge.state)
            .append_pair("nonce", challenge.nonce)
            .append_pair("code_challenge", &hashed)
            .append_pair("code_challenge_method", "S256");
        if challenge.again {
            query.append_pair("prompt", "login").append_pair("max_age", "0");
        }
        let joint = if endpoints.authorization.query().is_some() { '&' } else { '?' };
        Ok(format!("{}{joint}{}", endpoints.authorization, query.finish()))
    }

    /// Exchanges the code for tokens, and returns the person that the ID token names. The roles are those of the access
    /// token where it is one for this registry, else those of the ID token.
    pub async fn exchange(&self, code: &str, back: &str, verifier: &str, nonce: &str) -> Result<Claimant, Invalid> {
        let Some(application) = &self.settings.application else { return Err(Invalid::NoKeys) };
        let unreachable = |error: FetchError| {
            tracing::warn!(%error, "the identity provider gives no tokens");
            Invalid::NoKeys
        };
        let endpoints = self.endpoints().await.map_err(unreachable)?;
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", back)
            .append_pair("code_verifier", verifier)
            .append_pair("client_id", &application.client_id)
            .finish();
        let mut headers = vec![(header::CONTENT_TYPE, "application/x-www-form-urlencoded".to_owned())];
        if let Some(secret) = &application.client_secret {
            let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            let pair = format!("{}:{}", encode(&application.client_id), encode(secret));
            headers.push((header::AUTHORIZATION, format!("Basic {}", STANDARD.encode(pair))));
        }
        let answer = self.post(endpoints.token.clone(), &headers, form).await.map_err(unreachable)?;
        let answer: Value = serde_json::from_slice(&answer).map_err(|_| Invalid::because("the tokens are not JSON"))?;
        let id_token = answer["id_token"].as_str().ok_or_else(|| Invalid::because("there is no ID token"))?;
        let claims = self.id_claims(id_token, &application.client_id, nonce).await?;
        let mut claimant = self.settings.claims.claimant(&claims, &self.settings.issuer).map_err(Invalid::because)?;
        if let Some(access_token) = answer["access_token"].as_str()
            && let Ok(access) = self.claimant(access_token).await
            && access.person == claimant.person
        {
            claimant.claimed = access.claimed;
        }
        Ok(claimant)
    }

    async fn id_claims(&self, token: &str, client_id: &str, nonce: &str) -> Result<Map<String, Value>, Invalid> {
        let header = decode_header(token).map_err(|_| Invalid::because("the header of the ID token cannot be read"))?;
        let key = self.key(header.kid.as_deref()).await?;
        if header.alg != key.algorithm {
            return Err(Invalid::because("the algorithm of the ID token is not that of its key"));
        }
        let mut validation = self.validation(key.algorithm);
        validation.set_audience(&[client_id]);
        let claims = jsonwebtoken::decode::<Map<String, Value>>(token, &key.key, &validation)
            .map_err(|error| self.invalid(error.kind(), token, client_id))?
            .claims;
        if claims.get("nonce").and_then(Value::as_str) != Some(nonce) {
            return Err(Invalid::because("the ID token is for another sign-in"));
        }
        // With several audiences the token names the one that it was issued to.
        if claims.get("azp").is_some_and(|party| party != client_id) {
            return Err(Invalid::because("the ID token was issued to another application"));
        }
        Ok(claims)
    }
}
