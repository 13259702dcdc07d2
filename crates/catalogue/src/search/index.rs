//! The inverted index of the names of a kind of record, so that a search visits only candidates.
//!
//! It has postings of one to three written characters, one to three pinyin syllables, and two or three initials (see
//! [`NgramIndex`]), which answer short queries exactly. For spelling corrections, triples of pinyin letters are hashed
//! into a fixed number of lists; a list may have false positives, and the text decides.

use std::hint::black_box;
use std::sync::Arc;

use roaring::RoaringBitmap;

use super::block::Block;
use super::buckets::{LISTS, in_all, scattered};
use super::ngram::{self, Ngram, NgramIndex, Postings};
use super::pinyin_match::PinyinMatches;
use super::query::{Needle, Query, Term};
use super::rank::Rank;
use super::text::{Text, View};
use crate::bits::Bits;

/// Texts per block. A change copies one block.
const BLOCK: usize = 256;
/// Texts that are prefetched at a time.
const FETCHED: usize = 32;

/// The texts of all records of a kind, by handle. Copy-on-write: a clone shares everything that does not change.
#[derive(Debug, Clone, Default)]
pub struct Index {
    blocks: Vec<Arc<Block>>,
    written: NgramIndex,
    read: NgramIndex,
    initials: NgramIndex,
    letters: Lists,
}

impl Index {
    /// The number of texts.
    pub fn len(&self) -> usize {
        self.blocks.last().map_or(0, |last| (self.blocks.len() - 1) * BLOCK + last.starts.len())
    }

    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// Replaces the text of a handle, or appends the next one.
    pub fn put(&mut self, place: u32, text: &Text) {
        let at = place as usize;
        debug_assert!(at <= self.len(), "places follow each other");
        let (new, old) = (Pieces::of(text.view()), (at < self.len()).then(|| Pieces::of(self.text(place))));
        let none = Pieces::default();
        let old = old.as_ref().unwrap_or(&none);
        self.written.change(place, &old.written, &new.written);
        self.read.change(place, &old.read, &new.read);
        self.initials.change(place, &old.initials, &new.initials);
        self.letters.change(place, &old.letters, &new.letters);
        if at == self.blocks.len() * BLOCK {
            self.blocks.push(Arc::default());
        }
        Arc::make_mut(&mut self.blocks[at / BLOCK]).put(at % BLOCK, text);
    }

    /// Gives back the spare capacity of lists, most of which are short.
    pub(crate) fn compact(&mut self) {
        [&mut self.written, &mut self.read, &mut self.initials].into_iter().for_each(NgramIndex::compact);
        for list in self.letters.0.iter_mut().flatten() {
            *list = Arc::new((**list).clone());
        }
    }

    pub(super) fn text(&self, place: u32) -> View<'_> {
        self.blocks[place as usize / BLOCK].text(place as usize % BLOCK)
    }

    /// The folded names of a record: its own, then the others.
    pub(crate) fn names(&self, place: u32) -> impl Iterator<Item = &str> {
        self.text(place).lines()
    }

    /// Prefetches a text, so that the cache misses of several texts overlap.
    fn fetch(&self, place: u32) {
        let block = &self.blocks[place as usize / BLOCK];
        black_box(block.bytes[block.start(place as usize % BLOCK)]);
    }

    /// Whether the record has exactly this text.
    pub fn has(&self, place: u32, text: &Text) -> bool {
        (place as usize) < self.len() && *self.text(place).parts == *text.parts && self.text(place).ends == text.ends
    }

    /// The matching records, each with its rank, in the order of their handles.
    pub fn find(&self, query: &Query, within: Within<'_>) -> Vec<(u32, Rank)> {
        let mut found = Vec::new();
        let others = match &query.words[..] {
            [word] => {
                let (mut others, mut better) = (RoaringBitmap::new(), RoaringBitmap::new());
                for Way { may, sure } in self.ways(word) {
                    others |= &may - &better;
                    for (sure, rank) in sure {
                        let sure = sure - &better;
                        others -= &sure;
                        found.extend(
                            sure.into_iter().filter(|place| within.includes(*place)).map(|place| (place, rank)),
                        );
                    }
                    better |= may;
                }
                others
            }
            _ => self.all_candidates(query),
        };
        let looked_at: Vec<u32> = others.into_iter().filter(|place| within.includes(*place)).collect();
        for some in looked_at.chunks(FETCHED) {
            some.iter().for_each(|place| self.fetch(*place));
            found.extend(some.iter().filter_map(|place| Some((*place, self.rank(query, *place)?))));
        }
        // A few sorted runs.
        found.sort_by_key(|(place, _)| *place);
        found
    }

    /// Whether any record matches. Stops at the first.
    pub(crate) fn matches_any(&self, query: &Query) -> bool {
        self.all_candidates(query).into_iter().any(|place| query.is_in(self.text(place)))
    }

    /// The rank of a text.
    pub fn rank(&self, query: &Query, place: u32) -> Option<Rank> {
        query.rank_in(self.text(place))
    }

    /// Memory in bytes, without the bitmaps.
    pub(crate) fn heap_bytes(&self) -> usize {
        let blocks = self.blocks.iter().map(|block| {
            2 * size_of::<usize>()
                + size_of::<Block>()
                + block.bytes.capacity()
                + block.starts.capacity() * size_of::<u32>()
        });
        let letters = self.letters.0.capacity() * size_of::<Option<Arc<RoaringBitmap>>>();
        let pieces = [&self.written, &self.read, &self.initials].map(NgramIndex::heap_bytes).iter().sum::<usize>();
        self.blocks.capacity() * size_of::<Arc<Block>>() + blocks.sum::<usize>() + pieces + letters
    }

    /// Its bitmaps.
    pub(crate) fn lists(&self) -> impl Iterator<Item = &RoaringBitmap> {
        let pieces = [&self.written, &self.read, &self.initials].into_iter().flat_map(NgramIndex::lists);
        pieces.chain(self.letters.0.iter().flatten().map(|list| &**list))
    }

    /// The texts that may match.
    pub(super) fn candidates<'a>(&self, query: &Query, within: Within<'a>) -> impl Iterator<Item = u32> + use<'a> {
        self.all_candidates(query).into_iter().filter(move |place| within.includes(*place))
    }

    fn all_candidates(&self, query: &Query) -> RoaringBitmap {
        let may_fit = |word| self.ways(word).into_iter().fold(RoaringBitmap::new(), |all, way| all | way.may);
        query.words.iter().map(may_fit).reduce(|all, word| all & word).unwrap_or_default()
    }

    /// The kinds of match of a word, best first.
    fn ways(&self, word: &Term) -> Vec<Way> {
        let typed = word.typed();
        let needles = word.synonyms.iter().map(Needle::typed).chain([typed]);
        let mut ways = vec![Way {
            may: needles.fold(RoaringBitmap::new(), |found, needle| found | self.holding(needle)),
            sure: self
                .written
                .exactly(typed)
                .map(|postings| (&postings.all - &postings.otherwise, NgramIndex::usual_rank(typed)))
                .into_iter()
                .collect(),
        }];
        if word.spelled.is_some() {
            let PinyinMatches { sure, begin, may } = self.read.reading(typed.as_bytes());
            ways.push(Way {
                may: &sure | &may,
                sure: vec![(&begin - &may, Rank::PinyinPrefix), (sure - begin - may, Rank::Pinyin)],
            });
            let initials = self.initials.exactly(typed).map(|Postings { all, otherwise }| {
                vec![(otherwise.clone(), Rank::InitialsPrefix), (all - otherwise, Rank::Initials)]
            });
            ways.push(Way { may: self.initials.holding(typed), sure: initials.unwrap_or_default() });
        }
        ways
    }

    /// The texts that may contain a written text. Exact up to the length of an n-gram.
    pub(super) fn holding(&self, folded: &str) -> RoaringBitmap {
        self.written.holding(folded)
    }

    /// The texts whose pinyin may have these letters from the beginning of a syllable.
    pub(super) fn reading(&self, letters: &[u8]) -> RoaringBitmap {
        let PinyinMatches { sure, may, .. } = self.read.reading(letters);
        sure | may
    }

    /// The texts whose pinyin may contain these letters.
    pub(super) fn sounding(&self, letters: &[u8]) -> RoaringBitmap {
        self.letters.all(letters.windows(3).map(triple))
    }
}

/// Restricts a search to a set of records.
#[derive(Debug, Clone, Copy)]
pub enum Within<'a> {
    All,
    These(&'a Bits),
}

impl Within<'_> {
    pub(crate) fn includes(self, place: u32) -> bool {
        match self {
            Self::All => true,
            Self::These(these) => these.contains(place),
        }
    }
}

/// One kind of match of a word.
struct Way {
    may: RoaringBitmap,
    /// The texts among them whose rank is known without a scan, unless a better kind applies.
    sure: Vec<(RoaringBitmap, Rank)>,
}

/// The texts that may contain each triple of letters.
#[derive(Debug, Clone)]
struct Lists(Vec<Option<Arc<RoaringBitmap>>>);

impl Default for Lists {
    fn default() -> Self {
        Self(vec![None; LISTS])
    }
}

impl Lists {
    /// The texts that may contain all of these triples.
    fn all(&self, pieces: impl IntoIterator<Item = u16>) -> RoaringBitmap {
        let lists: Option<Vec<&RoaringBitmap>> =
            pieces.into_iter().map(|piece| self.0[usize::from(piece)].as_deref()).collect();
        lists.map_or_else(RoaringBitmap::new, in_all)
    }

    /// `old` and `new` must be sorted and without duplicates.
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

/// The index keys of a text, sorted.
#[derive(Debug, Default)]
struct Pieces {
    written: ngram::Pieces,
    read: ngram::Pieces,
    initials: ngram::Pieces,
    letters: Vec<u16>,
}

impl Pieces {
    fn of(text: View<'_>) -> Self {
        let mut letters: Vec<u16> =
            text.read().split(|byte| *byte == b'\n').flat_map(|line| line.windows(3)).map(triple).collect();
        letters.sort_unstable();
        letters.dedup();
        Self { written: Ngram::written(text), read: Ngram::read(text), initials: Ngram::initials(text), letters }
    }
}

/// Ignores case, and treats `v` as `u`.
fn alike(letter: u8) -> u64 {
    if letter.eq_ignore_ascii_case(&b'v') { b'u'.into() } else { letter.to_ascii_lowercase().into() }
}

fn triple(letters: &[u8]) -> u16 {
    scattered(letters.iter().fold(0, |all, letter| all << 8 | alike(*letter)))
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
        let ranked =
            names.iter().zip(0..).map(|((name, alias), place)| (place, query.rank(&Text::new(name, [alias.as_str()]))));
        ranked.filter_map(|(place, rank)| Some((place, rank?))).collect()
    }

    #[test]
    fn removed_names_leave_no_postings() {
        let names = [("居民身份证补领", ""), ("户口登记", "")].map(|(name, alias)| (name.to_owned(), alias.to_owned()));
        let mut index = index(&names);
        let lists = |index: &Index| [&index.written, &index.read, &index.initials].map(|pieces| pieces.lists().count());
        let before = lists(&index);
        for name in ('一'..='十').map(|character| format!("{character}级建造师{character}")).chain([names[0].0.clone()])
        {
            index.put(0, &Text::new(&name, [""]));
        }
        assert_eq!(lists(&index), before);
    }

    /// Few different characters, so that hits and near misses are common.
    const NAME: &str = "[居民身份证补领社会保障医疗户口登记女安西县ETCVtc25（）、“” ]{0,16}";

    /// Incomplete pinyin, as while typing: whole syllables, and the beginning of another.
    fn pinyin() -> impl Strategy<Value = String> {
        const SYLLABLES: [&str; 24] = [
            "ju", "min", "shen", "fen", "zheng", "bu", "ling", "she", "hui", "bao", "zhang", "yi", "hu", "kou", "deng",
            "ji", "nv", "nu", "an", "xi", "xian", "e", "t", "v",
        ];
        let syllables = prop::collection::vec(prop::sample::select(&SYLLABLES[..]), 1..6);
        (syllables, 0..4usize).prop_map(|(syllables, short)| {
            let letters = syllables.concat();
            letters[..letters.len().saturating_sub(short).max(1)].to_owned()
        })
    }

    proptest! {
        #[test]
        fn the_index_finds_what_a_plain_scan_finds(
            names in prop::collection::vec((NAME, NAME), 0..90),
            typed in prop_oneof!["[居民身份证补领社会保障户口登记ETC25a-z ]{1,6}", "[jmsfzbldc]{2,4}", pinyin()],
            only in prop::collection::btree_set(0u32..90, 0..40),
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

        /// With as many syllables as a name has.
        #[test]
        fn pinyin_of_a_part_of_a_name_finds_what_a_plain_scan_finds(
            names in prop::collection::vec((NAME, NAME), 1..30), whose in any::<prop::sample::Index>(), start in any::<prop::sample::Index>(), length in 2..60usize,
        ) {
            let (name, alias) = whose.get(&names);
            let text = Text::new(name, [alias.as_str()]);
            let read = std::str::from_utf8(text.view().read()).expect("letters").to_owned() + " ";
            let typed: String = read[start.index(read.len())..].to_ascii_lowercase().chars().take(length).collect();
            if let Some(query) = Query::new(&typed) {
                prop_assert_eq!(index(&names).find(&query, Within::All), scanned(&names, &query));
            }
        }

        #[test]
        fn a_name_is_found_by_any_part_of_it(name in ".{2,20}", start in any::<prop::sample::Index>(), length in 1..5usize) {
            let characters: Vec<char> = name.chars().collect();
            let part: String = characters[start.index(characters.len())..].iter().take(length).collect();
            if let Some(query) = Query::new(&part) {
                // Punctuation alone finds nothing.
                prop_assert_eq!(index(&[(name, String::new())]).find(&query, Within::All).len(), usize::from(!crate::search::fold(&part).is_empty()));
            }
        }

        #[test]
        fn a_changed_name_is_found_by_its_new_text(
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
