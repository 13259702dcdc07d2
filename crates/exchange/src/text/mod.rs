//! Text files: their encoding, their delimiter, and their content as UTF-8.

pub(crate) mod bounded;
pub mod decode;
pub mod delimiter;
pub mod encoding;
