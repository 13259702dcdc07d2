//! Who holds one to three characters, and who holds them as most do: few words of Chinese are longer, so most searches end
//! here, however many names they find.

use std::ops::Range;
use std::sync::Arc;

use roaring::RoaringBitmap;

use super::index::{LISTS, in_all, scattered};
use super::{Rank, View, begins_line, lines};

/// One to three characters that follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Gram(u64);

impl Gram {
    const LONGEST: usize = 3;

    fn of(characters: &[char]) -> Self {
        /// What a character takes, and one more than it is: so a shorter piece is no longer one.
        const BITS: u32 = 21;
        debug_assert!((1..=Self::LONGEST).contains(&characters.len()), "no piece is longer");
        Self(characters.iter().fold(0, |so_far, character| so_far << BITS | (u64::from(*character) + 1)))
    }

    fn list(self) -> usize {
        scattered(self.0).into()
    }

    /// The pieces of what is written in a text.
    pub(super) fn written(text: View<'_>) -> Pieces {
        Self::all(text.lines(), 1, |place| text.rank_of(&place), usual_rank)
    }

    /// The pieces of the initials of a text: a single letter begins some syllable of nearly every name.
    pub(super) fn initials(text: View<'_>) -> Pieces {
        let initials = text.initials();
        let rank = |place: Range<usize>| if begins_line(initials, place.start) { Rank::InitialsPrefix } else { Rank::Initials };
        Self::all(lines(initials), 2, rank, |_| Rank::Initials)
    }

    fn all<'a>(
        lines: impl Iterator<Item = &'a str>,
        shortest: usize,
        rank: impl Fn(Range<usize>) -> Rank,
        usual: impl Fn(&[char]) -> Rank,
    ) -> Pieces {
        let mut ranked = Vec::new();
        let mut start = 0;
        for line in lines {
            let characters: Vec<char> = line.chars().collect();
            let ends: Vec<usize> = line.char_indices().map(|(at, _)| start + at).chain([start + line.len()]).collect();
            for length in shortest..=Self::LONGEST {
                let places = ends.iter().zip(ends.iter().skip(length)).map(|(start, end)| *start..*end);
                ranked.extend(characters.windows(length).zip(places).map(|(piece, place)| {
                    let rank = rank(place);
                    (Self::of(piece), rank, rank != usual(piece))
                }));
            }
            start += line.len() + 1;
        }
        // Of a piece that stands in several places the best counts.
        ranked.sort_unstable();
        ranked.dedup_by_key(|(piece, ..)| *piece);
        ranked.into_iter().map(|(piece, _, otherwise)| (piece, otherwise)).collect()
    }
}

/// Pieces in their order, each once, with whether its rank in the text is another than usual.
pub(super) type Pieces = Vec<(Gram, bool)>;

/// As what a piece is found in most texts: letters and digits stand in codes.
fn usual_rank(characters: &[char]) -> Rank {
    if characters.iter().all(char::is_ascii) { Rank::InAlias } else { Rank::InName }
}

#[derive(Debug, Clone, Default)]
struct Holders {
    all: RoaringBitmap,
    /// Those of them in which its rank is another than usual.
    otherwise: RoaringBitmap,
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
    fn holders(&self, piece: Gram) -> Option<&Holders> {
        let (_, holders) = self.0[piece.list()].as_deref()?.iter().find(|(known, _)| *known == piece)?;
        Some(holders)
    }

    /// The texts that hold a piece; of something longer, those that hold all its pieces.
    pub(super) fn holding(&self, folded: &str) -> RoaringBitmap {
        let characters: Vec<char> = folded.chars().collect();
        let pieces = characters.windows(characters.len().clamp(1, Gram::LONGEST));
        let holders: Option<Vec<&RoaringBitmap>> = pieces.map(|piece| Some(&self.holders(Gram::of(piece))?.all)).collect();
        holders.map_or_else(RoaringBitmap::new, in_all)
    }

    /// The texts that hold a piece as most do; none of something longer.
    pub(super) fn usual(&self, folded: &str) -> RoaringBitmap {
        let characters: Vec<char> = folded.chars().take(Gram::LONGEST + 1).collect();
        let is_piece = (1..=Gram::LONGEST).contains(&characters.len());
        let holders = is_piece.then(|| self.holders(Gram::of(&characters))).flatten();
        holders.map_or_else(RoaringBitmap::new, |Holders { all, otherwise }| all - otherwise)
    }

    /// How well something written fits those that hold it as most do.
    pub(super) fn usual_rank(folded: &str) -> Rank {
        usual_rank(&folded.chars().collect::<Vec<char>>())
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

    /// What it takes of the memory, without what is in its lists.
    pub(super) fn room(&self) -> usize {
        let lists = self.0.iter().flatten().map(|list| 2 * size_of::<usize>() + size_of::<List>() + list.capacity() * size_of::<(Gram, Arc<()>)>());
        self.0.capacity() * size_of::<Option<Arc<()>>>() + lists.sum::<usize>()
    }

    pub(super) fn lists(&self) -> impl Iterator<Item = &RoaringBitmap> {
        self.0.iter().flatten().flat_map(|list| list.iter()).flat_map(|(_, holders)| [&holders.all, &holders.otherwise])
    }
}
