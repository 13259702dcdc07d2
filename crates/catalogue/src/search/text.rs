//! The searchable text of a record.

use std::ops::Range;

use super::fold::{Folded, fold};
use super::pronunciation::syllables;
use super::rank::Rank;
use super::signature::Signature;

/// The searchable text of a record, folded when the record is added to the catalogue. It is one block of memory, with
/// signatures that reject most texts without a scan.
#[derive(Debug, Clone)]
pub struct Text {
    pub(super) parts: Box<[u8]>,
    pub(super) ends: Ends,
    pub(super) signatures: Signatures,
}

/// The ends of the parts of a text: the written names (the name, then the others), their pinyin (`ShenFenZheng`), their
/// initials (`sfz`). The rest are the offsets at which words of the name begin. In the first three parts each line is a
/// name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ends {
    pub(super) name: u32,
    pub(super) written: u32,
    pub(super) read: u32,
    pub(super) initials: u32,
}

impl Ends {
    pub(super) const BYTES: usize = size_of::<Self>();

    pub(super) fn to_bytes(self) -> [u8; Self::BYTES] {
        let Self { name, written, read, initials } = self;
        let mut bytes = [0; Self::BYTES];
        for (place, end) in bytes.as_chunks_mut().0.iter_mut().zip([name, written, read, initials]) {
            *place = end.to_le_bytes();
        }
        bytes
    }

    pub(super) fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        let mut ends = bytes.as_chunks().0.iter().map(|end| u32::from_le_bytes(*end));
        let mut next = || ends.next().unwrap_or_default();
        Self { name: next(), written: next(), read: next(), initials: next() }
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Signatures {
    pub(super) written: Signature,
    pub(super) read: Signature,
    pub(super) initials: Signature,
}

impl Text {
    /// `others` are aliases, English names and codes.
    pub fn new<'a>(name: &str, others: impl IntoIterator<Item = &'a str>) -> Self {
        let Folded { text: name, word_starts, .. } = Folded::new(name);
        let mut names = vec![name];
        for other in others.into_iter().map(fold) {
            if !other.is_empty() && !names.contains(&other) {
                names.push(other);
            }
        }

        let (read, initials) = sounds(&names);
        let written = names.join("\n");
        let mut parts = Vec::with_capacity(written.len() + read.len() + initials.len() + 2 * word_starts.len());
        parts.extend(written.bytes());
        parts.extend(read.bytes());
        parts.extend(initials.bytes());
        // In a title over 64 KiB the last words would only rank lower.
        parts.extend(word_starts.into_iter().map_while(|at| u16::try_from(at).ok()).flat_map(u16::to_le_bytes));

        let end = |length: usize| u32::try_from(length).expect("no record has names of four gigabytes");
        Self {
            parts: parts.into(),
            ends: Ends {
                name: end(names[0].len()),
                written: end(written.len()),
                read: end(written.len() + read.len()),
                initials: end(written.len() + read.len() + initials.len()),
            },
            signatures: Signatures {
                written: Signature::characters(&written),
                read: Signature::pairs(&read),
                initials: Signature::pairs(&initials),
            },
        }
    }

    /// Memory in bytes.
    pub(crate) fn heap_bytes(&self) -> usize {
        size_of::<Self>() + self.parts.len()
    }

    pub(super) fn view(&self) -> View<'_> {
        View { parts: &self.parts, ends: self.ends, signatures: Some(&self.signatures) }
    }
}

/// A borrowed text.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) parts: &'a [u8],
    pub(super) ends: Ends,
    /// `None`: the caller has filtered already.
    pub(super) signatures: Option<&'a Signatures>,
}

impl<'a> View<'a> {
    pub(super) fn written(self) -> &'a [u8] {
        &self.parts[..self.ends.written as usize]
    }

    /// The folded names.
    pub(super) fn lines(self) -> impl Iterator<Item = &'a str> {
        lines(self.written())
    }

    pub(super) fn read(self) -> &'a [u8] {
        &self.parts[self.ends.written as usize..self.ends.read as usize]
    }

    pub(super) fn initials(self) -> &'a [u8] {
        &self.parts[self.ends.read as usize..self.ends.initials as usize]
    }

    pub(super) fn has_word_at(self, start: usize) -> bool {
        let (starts, _) = self.parts[self.ends.initials as usize..].as_chunks();
        starts.iter().any(|at| usize::from(u16::from_le_bytes(*at)) == start)
    }

    pub(super) fn has_word_after(self, place: usize) -> bool {
        let (starts, _) = self.parts[self.ends.initials as usize..].as_chunks();
        starts.last().is_some_and(|at| usize::from(u16::from_le_bytes(*at)) > place)
    }

    /// The rank of a hit in the written names.
    pub(super) fn rank_of(self, hit: &Range<usize>) -> Rank {
        let written = self.written();
        let begins = hit.start == 0 || written[hit.start - 1] == b'\n';
        let ends = hit.end == written.len() || written[hit.end] == b'\n';
        match (hit.start < self.ends.name as usize, begins, ends) {
            (true, true, true) => Rank::WholeName,
            (true, true, false) => Rank::NamePrefix,
            (true, false, _) if self.has_word_at(hit.start) => Rank::WordStart,
            (true, false, _) => Rank::InName,
            (false, true, true) => Rank::WholeAlias,
            (false, true, false) => Rank::AliasPrefix,
            (false, false, _) => Rank::InAlias,
        }
    }
}

pub(super) fn lines(part: &[u8]) -> impl Iterator<Item = &str> {
    std::str::from_utf8(part).expect("what was folded is text").split('\n')
}

/// The pinyin and the initials of the names, each name on its line. Each syllable begins with a capital: `XiAn` has an
/// `An`, `Xian` has none.
pub(super) fn sounds(names: &[String]) -> (String, String) {
    let mut read = Vec::new();
    let mut initials = Vec::new();
    for name in names.iter().filter(|name| !name.is_ascii()) {
        let syllables = syllables(name);
        read.push(syllables.iter().copied().map(capitalized).collect::<String>());
        initials.push(syllables.iter().filter_map(|syllable| syllable.chars().next()).collect::<String>());
    }
    (read.join("\n"), initials.join("\n"))
}

pub(super) fn capitalized(syllable: &str) -> String {
    let mut syllable = syllable.to_owned();
    if let Some(first) = syllable.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    syllable
}
