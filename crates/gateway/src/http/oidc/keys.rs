//! The keys that an identity provider publishes (RFC 7517).

use std::collections::HashMap;

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::Value;

/// The smallest RSA modulus, in bytes.
const MIN_MODULUS_BYTES: usize = 256;

#[derive(Default)]
pub(super) struct KeySet {
    by_name: HashMap<String, Key>,
    nameless: Vec<Key>,
}

/// A key is used with one algorithm, whatever a token says.
#[derive(Clone)]
pub(super) struct Key {
    pub(super) algorithm: Algorithm,
    pub(super) key: DecodingKey,
}

impl KeySet {
    /// Reads a key set. Keys that cannot or may not verify signatures are left out.
    pub(super) fn read(document: &[u8]) -> Result<Self, String> {
        let document: Value = serde_json::from_slice(document).map_err(|_| "the key set is not JSON".to_owned())?;
        let listed = document["keys"].as_array().ok_or("the key set has no `keys`")?;
        let mut keys = Self::default();
        for (name, key) in listed.iter().filter_map(|key| Key::read(&serde_json::from_value(key.clone()).ok()?)) {
            match name {
                Some(name) => drop(keys.by_name.insert(name, key)),
                None => keys.nameless.push(key),
            }
        }
        if keys.len() == 0 {
            Err("the key set has no key for signatures that can be used".to_owned())
        } else {
            Ok(keys)
        }
    }

    pub(super) fn len(&self) -> usize {
        self.by_name.len() + self.nameless.len()
    }

    /// The key of that name. A token may leave the name out if there is only one key (OpenID Connect Core, 10.1).
    pub(super) fn find(&self, name: Option<&str>) -> Option<Key> {
        match name {
            Some(name) => self.by_name.get(name).cloned(),
            None if self.len() == 1 => self.by_name.values().chain(&self.nameless).next().cloned(),
            None => None,
        }
    }
}

impl Key {
    fn read(jwk: &Jwk) -> Option<(Option<String>, Self)> {
        if jwk.common.public_key_use.as_ref().is_some_and(|purpose| *purpose != PublicKeyUse::Signature) {
            return None;
        }
        let name = jwk.common.key_id.clone();
        let key = DecodingKey::from_jwk(jwk).ok()?;
        // The default algorithm of each kind of key, if the provider names none.
        let usual = match &jwk.algorithm {
            AlgorithmParameters::RSA(_) => {
                let jsonwebtoken::DecodingKeyKind::RsaModulusExponent { n, .. } = key.kind() else { return None };
                (n.len() >= MIN_MODULUS_BYTES).then_some(Algorithm::RS256)?
            }
            AlgorithmParameters::EllipticCurve(parameters) => match parameters.curve {
                EllipticCurve::P256 => Algorithm::ES256,
                EllipticCurve::P384 => Algorithm::ES384,
                _ => return None,
            },
            AlgorithmParameters::OctetKeyPair(parameters) if parameters.curve == EllipticCurve::Ed25519 => {
                Algorithm::EdDSA
            }
            // A symmetric key must not be published.
            _ => return None,
        };
        let algorithm = match jwk.common.key_algorithm {
            None => usual,
            Some(KeyAlgorithm::RS256) => Algorithm::RS256,
            Some(KeyAlgorithm::RS384) => Algorithm::RS384,
            Some(KeyAlgorithm::RS512) => Algorithm::RS512,
            Some(KeyAlgorithm::PS256) => Algorithm::PS256,
            Some(KeyAlgorithm::PS384) => Algorithm::PS384,
            Some(KeyAlgorithm::PS512) => Algorithm::PS512,
            Some(KeyAlgorithm::ES256) => Algorithm::ES256,
            Some(KeyAlgorithm::ES384) => Algorithm::ES384,
            Some(KeyAlgorithm::EdDSA) => Algorithm::EdDSA,
            Some(_) => return None,
        };
        // An elliptic curve has exactly one algorithm.
        let fits = if usual == Algorithm::RS256 { algorithm.family() == usual.family() } else { algorithm == usual };
        fits.then_some((name, Self { algorithm, key }))
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_key_is_used_with_one_algorithm_or_not_at_all() {
        let modulus = |bytes| URL_SAFE_NO_PAD.encode(vec![0xc5; bytes]);
        let read = |key: Value| Key::read(&serde_json::from_value(key).ok()?).map(|(_, key)| key.algorithm);
        let rsa = |more: Value| {
            let mut key = json!({ "kty": "RSA", "kid": "1", "n": modulus(256), "e": "AQAB" });
            key.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
            key
        };
        assert_eq!(read(rsa(json!({}))), Some(Algorithm::RS256));
        assert_eq!(read(rsa(json!({ "alg": "PS256", "use": "sig" }))), Some(Algorithm::PS256));
        assert_eq!(read(rsa(json!({ "kid": null }))), Some(Algorithm::RS256), "a key need not have a name");
        for wrong in [
            json!({ "alg": "HS256" }),
            json!({ "alg": "ES256" }),
            json!({ "alg": "none" }),
            json!({ "alg": "RSA-OAEP" }),
            json!({ "use": "enc" }),
            json!({ "n": modulus(128) }),
        ] {
            assert_eq!(read(rsa(wrong.clone())), None, "{wrong}");
        }
        assert_eq!(read(json!({ "kty": "oct", "kid": "1", "k": "c2VjcmV0", "alg": "HS256" })), None);
        let p256 = json!({ "kty": "EC", "crv": "P-256", "kid": "1", "x": modulus(32), "y": modulus(32) });
        assert_eq!(read(p256), Some(Algorithm::ES256));
        assert_eq!(
            read(json!({ "kty": "OKP", "crv": "Ed25519", "kid": "1", "x": modulus(32) })),
            Some(Algorithm::EdDSA)
        );
        assert_eq!(read(json!({ "kty": "OKP", "crv": "X25519", "kid": "1", "x": modulus(32) })), None);
    }
}
