//! Looks into OLE files (compound files) for the names of their streams. The entries of the directory are blocks of
//! 128 bytes; no chain of sectors is followed.

/// What an OLE file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OleContent {
    Workbook,
    /// A workbook or document protected by a password.
    Encrypted,
    Other,
}

pub(crate) const SIGNATURE: [u8; 8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

const ENTRY: usize = 128;

/// What the file holds, by the names of its streams.
pub(crate) fn content(bytes: &[u8]) -> OleContent {
    let has = |name: &str| bytes.chunks_exact(ENTRY).any(|entry| is_entry(entry, name));
    if has("EncryptedPackage") {
        OleContent::Encrypted
    } else if has("Workbook") || has("Book") || has("WORKBOOK") || has("BOOK") {
        OleContent::Workbook
    } else {
        OleContent::Other
    }
}

/// Whether the block is a directory entry with this name: 64 bytes of UTF-16, its length with the zero at its end, the
/// type of a stream.
fn is_entry(entry: &[u8], name: &str) -> bool {
    const STREAM: u8 = 2;
    let bytes: Vec<u8> = name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
    entry.starts_with(&bytes)
        && usize::from(u16::from_le_bytes([entry[64], entry[65]])) == bytes.len()
        && entry[66] == STREAM
}
