//! Where each piece of a text occurs, so that a search looks only at texts that may fit.
//!
//! Pieces are single characters and pairs of what is written, triples of the letters that it reads as, and pairs of
//! initials. They are scattered over a fixed number of lists, so two pieces may share one: a list says who may hold
//! a piece, and the text itself says who does. That is what keeps the lists from ever being wrong.

use std::sync::Arc;

use roaring::RoaringBitmap;

use super::{Ends, Query, Rank, Term, Text, View};
use crate::bits::Bits;

/// How many lists there are of each kind of piece.
const LISTS: usize = 4096;
/// How many texts lie together, and are copied when one of them changes.
const BLOCK: usize = 256;

/// The texts of all records of a kind, by their places. Cloning it is cheap, and a clone that changes shares with
/// the other all that did not.
#[derive(Debug, Clone, Default)]
pub struct Index {
    blocks: Vec<Arc<Block>>,
    written: Lists,
    read: Lists,
    initials: Lists,
}

impl Index {
    /// How many texts it has.
    pub fn len(&self) -> usize {
        self.blocks.last().map_or(0, |last| (self.blocks.len() - 1) * BLOCK + last.heads.len())
    }

    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// Puts a text in its place: one that it has, or the next.
    pub fn put(&mut self, place: u32, text: &Text) {
        let at = place as usize;
        debug_assert!(at <= self.len(), "places follow each other");
        let (new, old) = (Pieces::of(text.view()), (at < self.len()).then(|| Pieces::of(self.text(place))));
        let none = Pieces::default();
        let old = old.as_ref().unwrap_or(&none);
        self.written.change(place, &old.written, &new.written);
        self.read.change(place, &old.read, &new.read);
        self.initials.change(place, &old.initials, &new.initials);
        if at == self.blocks.len() * BLOCK {
            self.blocks.push(Arc::default());
        }
        Arc::make_mut(&mut self.blocks[at / BLOCK]).put(at % BLOCK, text);
    }

    pub(super) fn text(&self, place: u32) -> View<'_> {
        self.blocks[place as usize / BLOCK].text(place as usize % BLOCK)
    }

    /// Is this the text in its place?
    pub fn has(&self, place: u32, text: &Text) -> bool {
        (place as usize) < self.len() && *self.text(place).parts == *text.parts && self.text(place).ends == text.ends
    }

    /// The texts that fit, by their places, each with how well.
    pub fn find(&self, query: &Query, within: Within<'_>) -> Vec<(u32, Rank)> {
        self.candidates(query, within).filter_map(|place| Some((place, query.rank_in(self.text(place))?))).collect()
    }

    /// How well a text fits.
    pub fn rank(&self, query: &Query, place: u32) -> Option<Rank> {
        query.rank_in(self.text(place))
    }

    /// What it takes of the memory, without what is in its lists.
    pub(crate) fn room(&self) -> usize {
        let blocks = self
            .blocks
            .iter()
            .map(|block| 2 * size_of::<usize>() + size_of::<Block>() + block.bytes.capacity() + block.heads.capacity() * size_of::<Head>());
        let lists = [&self.written, &self.read, &self.initials].map(|lists| lists.0.capacity() * size_of::<Option<Arc<RoaringBitmap>>>());
        self.blocks.capacity() * size_of::<Arc<Block>>() + blocks.sum::<usize>() + lists.iter().sum::<usize>()
    }

    /// Its lists.
    pub(crate) fn lists(&self) -> impl Iterator<Item = &RoaringBitmap> {
        [&self.written, &self.read, &self.initials].into_iter().flat_map(|lists| lists.0.iter().flatten()).map(|list| &**list)
    }

    /// All texts that may fit.
    pub(super) fn candidates<'a>(&self, query: &Query, within: Within<'a>) -> impl Iterator<Item = u32> + use<'a> {
        let each = query.words.iter().map(|word| self.candidates_for(word));
        let all = each.reduce(|all, word| all & word).unwrap_or_default();
        all.into_iter().filter(move |place| within.includes(*place))
    }

    fn candidates_for(&self, word: &Term) -> RoaringBitmap {
        let mut found = RoaringBitmap::new();
        for needle in std::iter::once(&word.written).chain(&word.synonyms) {
            found |= self.holding(needle.finder.needle());
        }
        if let Some(spelled) = &word.spelled {
            let letters = spelled.finder.needle();
            found |= self.reading(letters);
            found |= self.initials.all(letters.windows(2).map(pair_of_letters));
        }
        found
    }

    /// The texts that may hold something written.
    pub(super) fn holding(&self, folded: &[u8]) -> RoaringBitmap {
        let text = std::str::from_utf8(folded).expect("what was folded is text");
        let mut characters = text.chars();
        match (characters.next(), characters.next()) {
            (None, _) => RoaringBitmap::new(),
            (Some(only), None) => self.written.all([character(only)]),
            (Some(_), Some(_)) => self.written.all(pairs(text)),
        }
    }

    /// The texts that may read so from the beginning of some syllable on.
    pub(super) fn reading(&self, letters: &[u8]) -> RoaringBitmap {
        let triples = letters.windows(3).map(triple);
        self.read.all(letters.get(..2).map(beginning).into_iter().chain(triples))
    }

    /// The texts that may have these letters somewhere in what they read as.
    pub(super) fn sounding(&self, letters: &[u8]) -> RoaringBitmap {
        self.read.all(letters.windows(3).map(triple))
    }
}

/// Texts that lie together in memory: whoever looks at one is likely to look at its neighbours.
#[derive(Debug, Clone, Default)]
struct Block {
    bytes: Vec<u8>,
    heads: Vec<Head>,
}

/// Where a text begins in its block, and its parts end from there on.
#[derive(Debug, Clone, Copy)]
struct Head {
    start: u32,
    length: u32,
    ends: Ends,
}

impl Block {
    fn text(&self, at: usize) -> View<'_> {
        let Head { start, length, ends } = self.heads[at];
        View { parts: &self.bytes[start as usize..][..length as usize], ends, sieves: None }
    }

    fn put(&mut self, at: usize, text: &Text) {
        let length = u32::try_from(text.parts.len()).expect("no record has names of four gigabytes");
        if let Some(known) = self.heads.get(at).copied() {
            let (start, end) = (known.start as usize, (known.start + known.length) as usize);
            self.bytes.splice(start..end, text.parts.iter().copied());
            self.heads[at] = Head { start: known.start, length, ends: text.ends };
            for later in &mut self.heads[at + 1..] {
                later.start = later.start - known.length + length;
            }
        } else {
            let start = u32::try_from(self.bytes.len()).expect("a block is small");
            self.bytes.extend(&text.parts);
            self.heads.push(Head { start, length, ends: text.ends });
        }
    }
}

/// Which texts are looked at.
#[derive(Debug, Clone, Copy)]
pub enum Within<'a> {
    All,
    These(&'a Bits),
}

impl Within<'_> {
    pub(super) fn includes(self, place: u32) -> bool {
        match self {
            Self::All => true,
            Self::These(these) => these.contains(place),
        }
    }
}

/// Who may hold each piece.
#[derive(Debug, Clone)]
struct Lists(Vec<Option<Arc<RoaringBitmap>>>);

impl Default for Lists {
    fn default() -> Self {
        Self(vec![None; LISTS])
    }
}

impl Lists {
    /// Who may hold all of these pieces; without any, nobody.
    fn all(&self, pieces: impl IntoIterator<Item = u16>) -> RoaringBitmap {
        let lists: Option<Vec<&RoaringBitmap>> = pieces.into_iter().map(|piece| self.0[usize::from(piece)].as_deref()).collect();
        let Some(mut lists) = lists else { return RoaringBitmap::new() };
        lists.sort_unstable_by_key(|list| list.len());
        match lists[..] {
            [] => RoaringBitmap::new(),
            [only] => only.clone(),
            [shortest, second, ref rest @ ..] => rest.iter().fold(shortest & second, |all, list| all & *list),
        }
    }

    /// Both are sorted, and have each piece once.
    fn change(&mut self, place: u32, old: &[u16], new: &[u16]) {
        for piece in old.iter().filter(|piece| new.binary_search(piece).is_err()) {
            if let Some(list) = &mut self.0[usize::from(*piece)] {
                Arc::make_mut(list).remove(place);
            }
        }
        for piece in new.iter().filter(|piece| old.binary_search(piece).is_err()) {
            Arc::make_mut(self.0[usize::from(*piece)].get_or_insert_default()).insert(place);
        }
    }
}

/// The lists in which a text stands, in their order.
#[derive(Debug, Default)]
struct Pieces {
    written: Vec<u16>,
    read: Vec<u16>,
    initials: Vec<u16>,
}

impl Pieces {
    fn of(text: View<'_>) -> Self {
        let written = std::str::from_utf8(text.written()).expect("what was folded is text");
        let lines = |bytes: &[u8], pieces: &mut dyn FnMut(&[u8])| bytes.split(|byte| *byte == b'\n').for_each(pieces);
        let mut of = Self::default();
        for line in written.split('\n') {
            of.written.extend(line.chars().map(character));
            of.written.extend(pairs(line));
        }
        lines(text.read(), &mut |line| {
            of.read.extend(line.windows(3).map(triple));
            of.read.extend(line.windows(2).filter(|pair| pair[0].is_ascii_uppercase()).map(beginning));
        });
        lines(text.initials(), &mut |line| of.initials.extend(line.windows(2).map(pair_of_letters)));
        for pieces in [&mut of.written, &mut of.read, &mut of.initials] {
            pieces.sort_unstable();
            pieces.dedup();
        }
        of
    }
}

fn character(character: char) -> u16 {
    scattered(character.into())
}

fn pairs(text: &str) -> impl Iterator<Item = u16> {
    text.chars().zip(text.chars().skip(1)).map(|(first, second)| scattered((u64::from(first) + 1) << 32 | u64::from(second)))
}

fn pair_of_letters(pair: &[u8]) -> u16 {
    scattered(u64::from(pair[0]) << 8 | u64::from(pair[1]))
}

/// Case is no difference, nor are `v` and `u`.
fn alike(letter: u8) -> u64 {
    if letter.eq_ignore_ascii_case(&b'v') { b'u'.into() } else { letter.to_ascii_lowercase().into() }
}

fn triple(letters: &[u8]) -> u16 {
    scattered(letters.iter().fold(0, |all, letter| all << 8 | alike(*letter)))
}

/// The first two letters of a syllable.
fn beginning(letters: &[u8]) -> u16 {
    scattered(1 << 32 | alike(letters[0]) << 8 | alike(letters[1]))
}

/// Neighbours in Unicode share a radical and turn up together; a multiplication parts them.
fn scattered(piece: u64) -> u16 {
    const BITS: u32 = LISTS.ilog2();
    let place = piece.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - BITS);
    u16::try_from(place).expect("there are fewer lists than that")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn index(names: &[(String, String)]) -> Index {
        let mut index = Index::default();
        for ((name, alias), place) in names.iter().zip(0..) {
            index.put(place, &Text::new(name, [alias.as_str()]));
        }
        index
    }

    fn scanned(names: &[(String, String)], query: &Query) -> Vec<(u32, Rank)> {
        let ranked = names.iter().zip(0..).map(|((name, alias), place)| (place, query.rank(&Text::new(name, [alias.as_str()]))));
        ranked.filter_map(|(place, rank)| Some((place, rank?))).collect()
    }

    /// Few different characters, so that hits and near misses are common.
    const NAME: &str = "[居民身份证补领社会保障医疗户口登记女ETCtc25（）、“” ]{0,16}";

    proptest! {
        #[test]
        fn what_is_found_is_what_a_plain_scan_finds(
            names in prop::collection::vec((NAME, NAME), 0..90), typed in "[居民身份证补领社会保障户口登记ETC25a-z ]{1,6}", only in prop::collection::btree_set(0u32..90, 0..40),
        ) {
            let index = index(&names);
            prop_assert_eq!(index.len(), names.len());
            if let Some(query) = Query::new(&typed) {
                let scanned = scanned(&names, &query);
                let only: Bits = only.into_iter().collect();
                let some: Vec<_> = scanned.iter().copied().filter(|(place, _)| only.contains(*place)).collect();
                prop_assert_eq!(index.find(&query, Within::These(&only)), some);
                prop_assert_eq!(index.find(&query, Within::All), scanned);
            }
        }

        #[test]
        fn any_part_of_any_name_finds_it(name in ".{2,20}", start in any::<prop::sample::Index>(), length in 1..5usize) {
            let characters: Vec<char> = name.chars().collect();
            let part: String = characters[start.index(characters.len())..].iter().take(length).collect();
            if let Some(query) = Query::new(&part) {
                prop_assert_eq!(index(&[(name, String::new())]).find(&query, Within::All).len(), 1);
            }
        }

        #[test]
        fn a_name_that_changed_is_found_by_what_it_is_now(
            before in prop::collection::vec((NAME, NAME), 1..80), after in prop::collection::vec((any::<prop::sample::Index>(), NAME, NAME), 0..20), typed in "[居民身份证补领社会保障a-z]{1,4}",
        ) {
            let first = index(&before);
            let (mut next, mut names) = (first.clone(), before.clone());
            for (at, name, alias) in after {
                let at = at.index(names.len());
                next.put(u32::try_from(at).expect("few"), &Text::new(&name, [alias.as_str()]));
                names[at] = (name, alias);
            }
            if let Some(query) = Query::new(&typed) {
                prop_assert_eq!(next.find(&query, Within::All), scanned(&names, &query));
                prop_assert_eq!(first.find(&query, Within::All), scanned(&before, &query), "the one before stays as it was");
            }
        }
    }
}
