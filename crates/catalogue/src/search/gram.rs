//! Who holds one to three characters or syllables, and who holds them as most do: few words of Chinese are longer, so most
//! searches end here, however many names they find.

use std::ops::Range;
use std::sync::Arc;

use roaring::RoaringBitmap;

use super::index::{LISTS, in_all, scattered};
use super::syllable::Syllable;
use super::{Rank, View, begins_line, lines};

/// One to three characters or syllables that follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Gram(u64);

impl Gram {
    pub(super) const LONGEST: usize = 3;

    /// Of characters by their code, of syllables by their number.
    pub(super) fn of(codes: &[u32]) -> Self {
        /// What a character takes, and one more than it is: so a shorter piece is no longer one.
        const BITS: u32 = 21;
        debug_assert!((1..=Self::LONGEST).contains(&codes.len()), "no piece is longer");
        Self(codes.iter().fold(0, |so_far, code| so_far << BITS | (u64::from(*code) + 1)))
    }

    fn list(self) -> usize {
        scattered(self.0).into()
    }

    /// The pieces of what is written in a text.
    pub(super) fn written(text: View<'_>) -> Pieces {
        Self::all(text.lines().map(Line::of_characters), 1, |place| text.rank_of(&place), usual_rank)
    }

    /// The pieces of what a text reads as.
    pub(super) fn read(text: View<'_>) -> Pieces {
        let read = text.read();
        let rank = |place: Range<usize>| if begins_line(read, place.start) { Rank::PinyinPrefix } else { Rank::Pinyin };
        Self::all(lines(read).map(Line::of_syllables), 1, rank, |_| Rank::Pinyin)
    }

    /// The pieces of the initials of a text: a single letter begins some syllable of nearly every name.
    pub(super) fn initials(text: View<'_>) -> Pieces {
        let initials = text.initials();
        let rank = |place: Range<usize>| if begins_line(initials, place.start) { Rank::InitialsPrefix } else { Rank::Initials };
        Self::all(lines(initials).map(Line::of_characters), 2, rank, |_| Rank::Initials)
    }

    fn all(lines: impl Iterator<Item = Line>, shortest: usize, rank: impl Fn(Range<usize>) -> Rank, usual: impl Fn(&[u32]) -> Rank) -> Pieces {
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
        // Of a piece that stands in several places the best counts.
        ranked.sort_unstable();
        ranked.dedup_by_key(|(piece, ..)| *piece);
        ranked.into_iter().map(|(piece, _, otherwise)| (piece, otherwise)).collect()
    }
}

/// What pieces are made of, and where each of it begins and the last ends, in bytes.
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

/// Pieces in their order, each once, with whether its rank in the text is another than usual.
pub(super) type Pieces = Vec<(Gram, bool)>;

/// As what a piece is found in most texts: letters and digits stand in codes.
fn usual_rank(characters: &[u32]) -> Rank {
    if characters.iter().all(|character| *character < 0x80) { Rank::InAlias } else { Rank::InName }
}

#[derive(Debug, Clone, Default)]
pub(super) struct Holders {
    pub(super) all: RoaringBitmap,
    /// Those of them in which its rank is another than usual.
    pub(super) otherwise: RoaringBitmap,
}

/// Who holds each piece. Copying it copies the way to the lists alone.
#[derive(Debug, Clone)]
pub(super) struct Grams(Vec<Option<Arc<List>>>);

/// The pieces that are scattered to one place.
type List = Vec<(Gram, Arc<Holders>)>;

impl Default for Grams {
    fn default() -> Self {
        Self(vec![None; LISTS])
    }
}

impl Grams {
    pub(super) fn holders(&self, piece: Gram) -> Option<&Holders> {
        let (_, holders) = self.0[piece.list()].as_deref()?.iter().find(|(known, _)| *known == piece)?;
        Some(holders)
    }

    /// The texts that hold a piece; of something longer, those that hold all its pieces.
    pub(super) fn holding(&self, folded: &str) -> RoaringBitmap {
        let characters: Vec<u32> = codes(folded).collect();
        let pieces = characters.windows(characters.len().clamp(1, Gram::LONGEST));
        let holders: Option<Vec<&RoaringBitmap>> = pieces.map(|piece| Some(&self.holders(Gram::of(piece))?.all)).collect();
        holders.map_or_else(RoaringBitmap::new, in_all)
    }

    /// The texts that hold a piece; of something longer `None`, as no list tells.
    pub(super) fn exactly(&self, folded: &str) -> Option<&Holders> {
        let characters: Vec<u32> = codes(folded).take(Gram::LONGEST + 1).collect();
        let is_piece = (1..=Gram::LONGEST).contains(&characters.len());
        is_piece.then(|| self.holders(Gram::of(&characters))).flatten()
    }

    /// How well something written fits those that hold it as most do.
    pub(super) fn usual_rank(folded: &str) -> Rank {
        usual_rank(&codes(folded).collect::<Vec<u32>>())
    }

    pub(super) fn change(&mut self, place: u32, old: &Pieces, new: &Pieces) {
        for (piece, _) in old.iter().filter(|(piece, _)| new.binary_search_by_key(piece, |(piece, _)| *piece).is_err()) {
            let holders = self.holders_mut(*piece);
            holders.all.remove(place);
            holders.otherwise.remove(place);
            if holders.all.is_empty() {
                self.forget(*piece);
            }
        }
        for (piece, otherwise) in new.iter().filter(|piece| old.binary_search(piece).is_err()) {
            let holders = self.holders_mut(*piece);
            holders.all.insert(place);
            if *otherwise {
                holders.otherwise.insert(place);
            } else {
                holders.otherwise.remove(place);
            }
        }
    }

    fn holders_mut(&mut self, piece: Gram) -> &mut Holders {
        let list = Arc::make_mut(self.0[piece.list()].get_or_insert_default());
        let at = list.iter().position(|(known, _)| *known == piece).unwrap_or_else(|| {
            list.push((piece, Arc::default()));
            list.len() - 1
        });
        Arc::make_mut(&mut list[at].1)
    }

    /// Names come and go, and what no name holds any more would add up.
    fn forget(&mut self, piece: Gram) {
        if let Some(list) = &mut self.0[piece.list()] {
            Arc::make_mut(list).retain(|(known, _)| *known != piece);
        }
    }

    /// A copy takes no more room than what is in it.
    pub(super) fn compact(&mut self) {
        for list in self.0.iter_mut().flatten() {
            let compacted = list.iter().map(|(piece, holders)| (*piece, Arc::new((**holders).clone()))).collect();
            *list = Arc::new(compacted);
        }
    }

    /// What it takes of the memory, without what is in its lists.
    pub(super) fn room(&self) -> usize {
        let lists = self.0.iter().flatten().map(|list| 2 * size_of::<usize>() + size_of::<List>() + list.capacity() * size_of::<(Gram, Arc<()>)>());
        self.0.capacity() * size_of::<Option<Arc<()>>>() + lists.sum::<usize>()
    }

    pub(super) fn lists(&self) -> impl Iterator<Item = &RoaringBitmap> {
        self.0.iter().flatten().flat_map(|list| list.iter()).flat_map(|(_, holders)| [&holders.all, &holders.otherwise])
    }
}
