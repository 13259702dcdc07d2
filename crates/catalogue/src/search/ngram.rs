//! Postings of n-grams: sequences of one to three characters or syllables. Few Chinese words are longer, so most
//! searches are answered from postings alone.

use std::ops::Range;
use std::sync::Arc;

use roaring::RoaringBitmap;

use super::buckets::{LISTS, in_all, scattered};
use super::query::begins_line;
use super::rank::Rank;
use super::syllable::Syllable;
use super::text::{View, lines};

/// A sequence of one to three characters or syllables, packed in one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ngram(u64);

impl Ngram {
    pub(super) const LONGEST: usize = 3;

    /// Of code points, or of numbers of syllables.
    pub(super) fn of(codes: &[u32]) -> Self {
        /// Bits per code. Codes are stored plus one, so that n-grams of different lengths differ.
        const BITS: u32 = 21;
        debug_assert!((1..=Self::LONGEST).contains(&codes.len()), "no piece is longer");
        Self(codes.iter().fold(0, |so_far, code| so_far << BITS | (u64::from(*code) + 1)))
    }

    fn list(self) -> usize {
        scattered(self.0).into()
    }

    /// The n-grams of the written names of a text.
    pub(super) fn written(text: View<'_>) -> Pieces {
        Self::all(text.lines().map(Line::of_characters), 1, |place| text.rank_of(&place), usual_rank)
    }

    /// The n-grams of the pinyin of a text.
    pub(super) fn read(text: View<'_>) -> Pieces {
        let read = text.read();
        let rank = |place: Range<usize>| if begins_line(read, place.start) { Rank::PinyinPrefix } else { Rank::Pinyin };
        Self::all(lines(read).map(Line::of_syllables), 1, rank, |_| Rank::Pinyin)
    }

    /// The n-grams of the initials of a text, from two letters on: a single letter occurs in nearly every name.
    pub(super) fn initials(text: View<'_>) -> Pieces {
        let initials = text.initials();
        let rank = |place: Range<usize>| {
            if begins_line(initials, place.start) { Rank::InitialsPrefix } else { Rank::Initials }
        };
        Self::all(lines(initials).map(Line::of_characters), 2, rank, |_| Rank::Initials)
    }

    fn all(
        lines: impl Iterator<Item = Line>,
        shortest: usize,
        rank: impl Fn(Range<usize>) -> Rank,
        usual: impl Fn(&[u32]) -> Rank,
    ) -> Pieces {
        let mut ranked = Vec::new();
        let mut start = 0;
        for Line { codes, ends } in lines {
            for length in shortest..=Self::LONGEST {
                let places = ends.iter().zip(ends.iter().skip(length)).map(|(from, to)| start + from..start + to);
                ranked.extend(codes.windows(length).zip(places).map(|(piece, place)| {
                    let rank = rank(place);
                    (Self::of(piece), rank, rank != usual(piece))
                }));
            }
            start += ends.last().map_or(0, |end| end + 1);
        }
        // Keep the best rank of each n-gram.
        ranked.sort_unstable();
        ranked.dedup_by_key(|(piece, ..)| *piece);
        ranked.into_iter().map(|(piece, _, otherwise)| (piece, otherwise)).collect()
    }
}

/// The codes of a line, and the byte offsets of their boundaries.
struct Line {
    codes: Vec<u32>,
    ends: Vec<usize>,
}

impl Line {
    fn of_characters(line: &str) -> Self {
        Self { codes: codes(line).collect(), ends: line.char_indices().map(|(at, _)| at).chain([line.len()]).collect() }
    }

    fn of_syllables(line: &str) -> Self {
        let begins = |at: &usize| !line.as_bytes()[*at].is_ascii_lowercase();
        let ends: Vec<usize> = (0..line.len()).filter(begins).chain([line.len()]).collect();
        Self { codes: ends.windows(2).map(|ends| Syllable::of(&line[ends[0]..ends[1]]).code()).collect(), ends }
    }
}

fn codes(written: &str) -> impl Iterator<Item = u32> {
    written.chars().map(u32::from)
}

/// Sorted n-grams without duplicates, each with whether its rank in the text differs from the usual rank.
pub(super) type Pieces = Vec<(Ngram, bool)>;

/// The rank of an n-gram in most texts. Letters and digits mostly occur in codes.
fn usual_rank(characters: &[u32]) -> Rank {
    if characters.iter().all(|character| *character < 0x80) { Rank::InAlias } else { Rank::InName }
}

#[derive(Debug, Clone, Default)]
pub(super) struct Postings {
    pub(super) all: RoaringBitmap,
    /// The texts among them in which its rank differs from the usual rank.
    pub(super) otherwise: RoaringBitmap,
}

/// The postings of each n-gram. A clone shares the lists.
#[derive(Debug, Clone)]
pub(super) struct NgramIndex(Vec<Option<Arc<List>>>);

/// The n-grams of one hash bucket.
type List = Vec<(Ngram, Arc<Postings>)>;

impl Default for NgramIndex {
    fn default() -> Self {
        Self(vec![None; LISTS])
    }
}

impl NgramIndex {
    pub(super) fn postings(&self, piece: Ngram) -> Option<&Postings> {
        let (_, postings) = self.0[piece.list()].as_deref()?.iter().find(|(known, _)| *known == piece)?;
        Some(postings)
    }

    /// The texts that contain an n-gram; for a longer text, those that contain all its n-grams.
    pub(super) fn holding(&self, folded: &str) -> RoaringBitmap {
        let characters: Vec<u32> = codes(folded).collect();
        let pieces = characters.windows(characters.len().clamp(1, Ngram::LONGEST));
        let postings: Option<Vec<&RoaringBitmap>> =
            pieces.map(|piece| Some(&self.postings(Ngram::of(piece))?.all)).collect();
        postings.map_or_else(RoaringBitmap::new, in_all)
    }

    /// The exact postings of an n-gram; `None` for a longer text.
    pub(super) fn exactly(&self, folded: &str) -> Option<&Postings> {
        let characters: Vec<u32> = codes(folded).take(Ngram::LONGEST + 1).collect();
        let is_piece = (1..=Ngram::LONGEST).contains(&characters.len());
        is_piece.then(|| self.postings(Ngram::of(&characters))).flatten()
    }

    /// The usual rank of a written text.
    pub(super) fn usual_rank(folded: &str) -> Rank {
        usual_rank(&codes(folded).collect::<Vec<u32>>())
    }

    pub(super) fn change(&mut self, place: u32, old: &Pieces, new: &Pieces) {
        for (piece, _) in old.iter().filter(|(piece, _)| new.binary_search_by_key(piece, |(piece, _)| *piece).is_err())
        {
            let postings = self.postings_mut(*piece);
            postings.all.remove(place);
            postings.otherwise.remove(place);
            if postings.all.is_empty() {
                self.forget(*piece);
            }
        }
        for (piece, otherwise) in new.iter().filter(|piece| old.binary_search(piece).is_err()) {
            let postings = self.postings_mut(*piece);
            postings.all.insert(place);
            if *otherwise {
                postings.otherwise.insert(place);
            } else {
                postings.otherwise.remove(place);
            }
        }
    }

    fn postings_mut(&mut self, piece: Ngram) -> &mut Postings {
        let list = Arc::make_mut(self.0[piece.list()].get_or_insert_default());
        let at = list.iter().position(|(known, _)| *known == piece).unwrap_or_else(|| {
            list.push((piece, Arc::default()));
            list.len() - 1
        });
        Arc::make_mut(&mut list[at].1)
    }

    /// Removes an n-gram without postings, so that unused n-grams do not accumulate.
    fn forget(&mut self, piece: Ngram) {
        if let Some(list) = &mut self.0[piece.list()] {
            Arc::make_mut(list).retain(|(known, _)| *known != piece);
        }
    }

    /// Gives spare capacity back: a copy is as large as its content.
    pub(super) fn compact(&mut self) {
        for list in self.0.iter_mut().flatten() {
            let compacted = list.iter().map(|(piece, postings)| (*piece, Arc::new((**postings).clone()))).collect();
            *list = Arc::new(compacted);
        }
    }

    /// Memory in bytes, without the bitmaps.
    pub(super) fn heap_bytes(&self) -> usize {
        let lists =
            self.0.iter().flatten().map(|list| {
                2 * size_of::<usize>() + size_of::<List>() + list.capacity() * size_of::<(Ngram, Arc<()>)>()
            });
        self.0.capacity() * size_of::<Option<Arc<()>>>() + lists.sum::<usize>()
    }

    pub(super) fn lists(&self) -> impl Iterator<Item = &RoaringBitmap> {
        self.0
            .iter()
            .flatten()
            .flat_map(|list| list.iter())
            .flat_map(|(_, postings)| [&postings.all, &postings.otherwise])
    }
}
