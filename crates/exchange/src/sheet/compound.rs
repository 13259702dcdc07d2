//! Reads a stream of a compound file (OLE): the chain of its sectors by the table of sectors. Chains that end in a
//! circle or beyond the file are refused.

const END_OF_CHAIN: u32 = 0xFFFF_FFFE;
const FIRST_RESERVED: u32 = 0xFFFF_FFFA;
/// Streams below this length are kept in small sectors.
const SMALL_STREAM: usize = 4_096;
const SMALL_SECTOR: usize = 64;

/// A compound file in memory.
#[derive(Debug)]
pub(crate) struct Compound<'a> {
    bytes: &'a [u8],
    sector: usize,
    next: Vec<u32>,
    directory: Vec<u8>,
    small: Vec<u8>,
    next_small: Vec<u32>,
}

impl<'a> Compound<'a> {
    /// Reads the tables of the file. `None` if it is damaged.
    pub(crate) fn new(bytes: &'a [u8]) -> Option<Self> {
        let sector = match u16_at(bytes, 30)? {
            9 => 512,
            12 => 4_096,
            _ => return None,
        };
        let mut file =
            Self { bytes, sector, next: Vec::new(), directory: Vec::new(), small: Vec::new(), next_small: Vec::new() };
        for id in file.table_sectors()? {
            file.next.extend(numbers(file.sector_at(id)?));
        }
        file.directory = file.chain(u32_at(bytes, 48)?, usize::MAX)?;
        if u32_at(bytes, 64)? > 0 {
            let (start, length) = entry_place(file.directory.get(..128)?)?;
            file.small = file.chain(start, length)?;
            file.next_small = numbers(&file.chain(u32_at(bytes, 60)?, usize::MAX)?).collect();
        }
        Some(file)
    }

    /// The stream with a name, in capital letters or small ones.
    pub(crate) fn stream(&self, name: &str) -> Option<Vec<u8>> {
        let entry = self.directory.chunks_exact(128).find(|entry| entry_name(entry).eq_ignore_ascii_case(name))?;
        let (start, length) = entry_place(entry)?;
        if length >= SMALL_STREAM {
            return self.chain(start, length);
        }
        let sector = |id: u32| {
            let from = id as usize * SMALL_SECTOR;
            self.small.get(from..)?.get(..SMALL_SECTOR.min(self.small.len() - from))
        };
        follow(start, length, &self.next_small, sector)
    }

    /// The sectors of the table of sectors: 109 in the header, the others in a chain of their own.
    fn table_sectors(&self) -> Option<Vec<u32>> {
        let mut ids: Vec<u32> = numbers(self.bytes.get(76..512)?).collect();
        let mut at = u32_at(self.bytes, 68)?;
        for _ in 0..=self.bytes.len() / self.sector {
            if at >= FIRST_RESERVED {
                ids.retain(|id| *id < FIRST_RESERVED);
                return Some(ids);
            }
            ids.extend(numbers(self.sector_at(at)?));
            at = ids.pop()?;
        }
        None
    }

    fn sector_at(&self, id: u32) -> Option<&'a [u8]> {
        let from = (id as usize).checked_add(1)?.checked_mul(self.sector)?;
        let bytes = self.bytes.get(from..)?;
        // The last sector of a file may be shorter.
        (!bytes.is_empty()).then(|| &bytes[..self.sector.min(bytes.len())])
    }

    fn chain(&self, start: u32, length: usize) -> Option<Vec<u8>> {
        follow(start, length, &self.next, |id| self.sector_at(id))
    }
}

/// The bytes of a chain of sectors.
fn follow<'b>(start: u32, length: usize, next: &[u32], sector: impl Fn(u32) -> Option<&'b [u8]>) -> Option<Vec<u8>> {
    let (mut bytes, mut at) = (Vec::new(), start);
    // A chain has no sector twice.
    for _ in 0..=next.len() {
        if at == END_OF_CHAIN || bytes.len() >= length {
            bytes.truncate(length);
            return Some(bytes);
        }
        bytes.extend_from_slice(sector(at)?);
        at = *next.get(at as usize)?;
    }
    None
}

/// The name of a directory entry, up to its first zero.
fn entry_name(entry: &[u8]) -> String {
    let units = entry[..64].chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
    String::from_utf16_lossy(&units.take_while(|unit| *unit != 0).collect::<Vec<_>>())
}

/// The first sector and the length of a stream.
fn entry_place(entry: &[u8]) -> Option<(u32, usize)> {
    Some((u32_at(entry, 116)?, u32_at(entry, 120)? as usize))
}

fn numbers(bytes: &[u8]) -> impl Iterator<Item = u32> {
    bytes.chunks_exact(4).map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
}

pub(crate) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let two = bytes.get(at..at + 2)?;
    Some(u16::from_le_bytes([two[0], two[1]]))
}

pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at + 4)?;
    Some(u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
}
