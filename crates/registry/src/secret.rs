//! The secret of an API key: generated once, shown once, stored as a hash.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// Tells an API key from other bearer tokens, and lets scanners find a leaked one.
pub const PREFIX: &str = "tb_";
/// How many characters of a secret are shown in lists, to tell keys apart.
pub const PREFIX_LENGTH: usize = 7;

/// A new secret, with its stored prefix and hash.
pub struct NewSecret {
    /// Shown once.
    pub secret: String,
    /// The first characters, shown in lists.
    pub prefix: String,
    /// Keys are looked up by it.
    pub hash: String,
}

impl fmt::Debug for NewSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewSecret")
    }
}

/// A prefix and 256 random bits.
pub fn new_secret() -> Result<NewSecret, getrandom::Error> {
    let mut bits = [0; 32];
    getrandom::fill(&mut bits)?;
    let secret = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bits));
    Ok(NewSecret { prefix: secret[..PREFIX_LENGTH].to_owned(), hash: hash(&secret), secret })
}

/// A case number: the day, and 50 random bits, so that nobody reads the answer to another case by guessing.
pub fn case_number(today: domain::Date) -> Result<String, getrandom::Error> {
    /// Without letters and digits that people mistake for others.
    const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    let mut bits = [0; 10];
    getrandom::fill(&mut bits)?;
    let random: String = bits.iter().map(|bits| char::from(ALPHABET[usize::from(bits % 32)])).collect();
    Ok(format!("JC{}-{random}", today.format("%y%m%d")))
}

/// The hexadecimal SHA-256. 256 random bits need no salt and no slow hash.
pub fn hash(secret: &str) -> String {
    hex::encode(Sha256::digest(secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_a_prefix_and_256_random_bits() {
        let (one, other) = (new_secret().expect("randomness"), new_secret().expect("randomness"));
        assert_ne!(one.secret, other.secret);
        assert_eq!(one.secret.len(), 46);
        assert_eq!(
            URL_SAFE_NO_PAD.decode(one.secret.strip_prefix(PREFIX).expect("its prefix")).expect("base64url").len(),
            32
        );
        assert_eq!(hash("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!((one.prefix.as_str(), &one.hash), (&one.secret[..7], &hash(&one.secret)));
    }
}
