//! Static files. The address contains a hash of the content, so browsers may cache it for ever.

use std::sync::OnceLock;

use sha2::{Digest as _, Sha256};

/// A file that is embedded in the binary.
#[derive(Debug)]
pub struct Asset {
    pub name: &'static str,
    pub media: &'static str,
    pub content: &'static [u8],
    address: OnceLock<String>,
}

pub const CSS: &str = "text/css; charset=utf-8";
pub const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

pub static STYLE: Asset = Asset::new("portal.css", CSS, include_bytes!("../assets/portal.css"));
pub static SCRIPT: Asset = Asset::new("portal.js", JAVASCRIPT, include_bytes!("../assets/portal.js"));
pub static CONSOLE_STYLE: Asset = Asset::new("console.css", CSS, include_bytes!("../assets/console.css"));
pub static CONSOLE_SCRIPT: Asset = Asset::new("console.js", JAVASCRIPT, include_bytes!("../assets/console.js"));
/// Loaded by the page of a schedule alone.
pub static SHEET_SCRIPT: Asset = Asset::new("sheet.js", JAVASCRIPT, include_bytes!("../assets/sheet.js"));
pub static ICON: Asset = Asset::new("icon.svg", "image/svg+xml", include_bytes!("../assets/icon.svg"));

impl Asset {
    pub const fn new(name: &'static str, media: &'static str, content: &'static [u8]) -> Self {
        Self { name, media, content, address: OnceLock::new() }
    }

    /// The path at which it is served.
    pub fn address(&self) -> &str {
        self.address.get_or_init(|| {
            let hash = hex::encode(Sha256::digest(self.content));
            format!("/assets/{}/{}", &hash[..16], self.name)
        })
    }
}
