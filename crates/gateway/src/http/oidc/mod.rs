//! The identity provider (OIDC): its access tokens beside API keys, and people who sign in with it. They are JWTs signed with a key that the provider
//! publishes. A token never says how it is verified: the algorithm and the key are the provider's, `kid` only chooses
//! among its keys, and addresses in a token are not followed.

pub mod application;
pub mod claims;
mod keys;
pub mod provider;
pub mod sign_in;
