//! The secret of an API key: made once, shown once, kept as a hash.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// By which a key is told from any other bearer token, and found when it leaks.
pub(crate) const MARK: &str = "tb_";
/// How many of a secret's characters people may see, to tell keys apart.
const SHOWN: usize = 7;

/// A new secret, with what the registry keeps of it.
pub(crate) struct NewSecret {
    /// For whoever gets the key, now and never again.
    pub(crate) secret: String,
    /// The first characters, which people may see.
    pub(crate) prefix: String,
    /// By which the key is found.
    pub(crate) hash: String,
}

/// 256 random bits behind the mark.
pub(crate) fn new_secret() -> Result<NewSecret, getrandom::Error> {
    let mut bits = [0; 32];
    getrandom::fill(&mut bits)?;
    let secret = format!("{MARK}{}", URL_SAFE_NO_PAD.encode(bits));
    Ok(NewSecret { prefix: secret[..SHOWN].to_owned(), hash: hash(&secret), secret })
}

/// What is kept of a secret: the hexadecimal SHA-256. 256 random bits need no salt and no slow hash.
pub(crate) fn hash(secret: &str) -> String {
    hex::encode(Sha256::digest(secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_256_random_bits_behind_its_mark() {
        let (one, other) = (new_secret().expect("randomness"), new_secret().expect("randomness"));
        assert_ne!(one.secret, other.secret);
        assert_eq!(one.secret.len(), 46);
        assert_eq!(URL_SAFE_NO_PAD.decode(one.secret.strip_prefix(MARK).expect("its mark")).expect("base64url").len(), 32);
        assert_eq!(hash("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!((one.prefix.as_str(), &one.hash), (&one.secret[..7], &hash(&one.secret)));
    }
}
