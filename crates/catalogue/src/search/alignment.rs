//! Edit distances between a query and parts of a name, by characters and by pinyin letters.

use super::lookalike;
use super::pronunciation::syllables_at;
use super::text::View;

/// Edit costs: replacing a character by one that sounds the same, sounds similar, looks similar, or is unrelated;
/// adding a missing character; dropping a character, the most expensive, since it was typed on purpose.
const SAME_SOUND: u32 = 1;
pub(super) const LIKE_SOUND: u32 = 2;
const LIKE_LOOK: u32 = 2;
const OTHER: u32 = 4;
const MISSING: u32 = 4;
pub(super) const TOO_MANY: u32 = 5;

/// A character and its pinyin.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spoken {
    pub(super) character: char,
    pub(super) sound: Option<&'static str>,
}

impl Spoken {
    fn cost(self, other: Self) -> u32 {
        if self.character == other.character {
            return 0;
        }
        match (self.sound, other.sound) {
            (Some(one), Some(two)) if one == two => SAME_SOUND,
            (Some(one), Some(two)) if sounds_like(one, two) => LIKE_SOUND,
            (_, _) if lookalike::looks_like(self.character, other.character) => LIKE_LOOK,
            (_, _) => OTHER,
        }
    }
}

/// Whether two sounds are often confused: retroflex or not, `n` and `l`, `in` and `ing`.
fn sounds_like(one: &str, two: &str) -> bool {
    fn plain(sound: &str) -> (&str, &str, &str) {
        let (initial, rest) = ["zh", "ch", "sh"]
            .iter()
            .find_map(|initial| Some((&initial[..1], sound.strip_prefix(initial)?)))
            .unwrap_or(("", sound));
        let (initial, rest) = match rest.strip_prefix(['n', 'l']) {
            Some(rest) if initial.is_empty() && !rest.is_empty() => ("n", rest),
            Some(_) | None => (initial, rest),
        };
        let (initial, rest) = match rest.strip_prefix(['z', 'c', 's']) {
            Some(after) if initial.is_empty() => (&rest[..1], after),
            Some(_) | None => (initial, rest),
        };
        match rest.strip_suffix('g') {
            Some(rest) if rest.ends_with('n') => (initial, rest, ""),
            Some(_) | None => (initial, rest, ""),
        }
    }
    // Quick check: most pairs differ in their first letter.
    let begins = |sound: &str| sound.bytes().next().map(|first| if first == b'l' { b'n' } else { first });
    begins(one) == begins(two) && plain(one) == plain(two)
}

/// A name as a sequence of characters with pinyin.
pub(super) struct Line(pub(super) Vec<Spoken>);

impl Line {
    pub(super) fn of(folded: &str) -> Self {
        let mut sounds = syllables_at(folded).into_iter().peekable();
        let spoken = folded.char_indices().map(|(at, character)| Spoken {
            character,
            sound: sounds.next_if(|(of, _)| *of == at).map(|(_, sound)| sound),
        });
        Self(spoken.collect())
    }

    /// The names of a text that are not only ASCII.
    pub(super) fn all(text: View<'_>) -> Vec<Self> {
        text.lines().filter(|line| !line.is_ascii()).map(Self::of).collect()
    }

    fn piece(&self, start: usize, end: usize) -> String {
        self.0[start..end].iter().map(|spoken| spoken.character).collect()
    }

    /// The substring with the least edit distance to the query, up to a maximum (Sellers' algorithm).
    pub(super) fn nearest(&self, typed: &Self, most: u32) -> Option<(u32, String)> {
        let mut column: Vec<(u32, usize)> =
            (0..).step_by(TOO_MANY as usize).take(typed.0.len() + 1).map(|cost| (cost, 0)).collect();
        let mut best: Option<(u32, usize, usize)> = None;
        for (at, here) in self.0.iter().enumerate() {
            let mut before = std::mem::replace(&mut column[0], (0, at + 1));
            // A match may start here or after this character.
            before.1 = at;
            for (row, wanted) in typed.0.iter().enumerate() {
                let exchanged = (before.0 + wanted.cost(*here), before.1);
                let missing = (column[row + 1].0 + MISSING, column[row + 1].1);
                let too_many = (column[row].0 + TOO_MANY, column[row].1);
                before = std::mem::replace(&mut column[row + 1], exchanged.min(missing).min(too_many));
            }
            let (cost, start) = column[typed.0.len()];
            if cost <= most && start < at + 1 && best.is_none_or(|(least, ..)| cost < least) {
                best = Some((cost, start, at + 1));
            }
        }
        best.filter(|(_, start, end)| end - start >= 2).map(|(cost, start, end)| (cost, self.piece(start, end)))
    }

    /// The sequence of whole syllables with the least edit distance to these letters.
    pub(super) fn nearest_read(&self, letters: &[u8], most: usize) -> Option<(u32, String)> {
        const FAR: usize = usize::MAX / 2;
        let mut column: Vec<(usize, usize)> = vec![(FAR, 0); letters.len() + 1];
        let mut best: Option<(usize, usize, usize)> = None;
        for (at, sound) in self.0.iter().enumerate().filter_map(|(at, spoken)| Some((at, spoken.sound?))) {
            if column[0].0 > 0 || column[0].1 != at {
                column[0] = (0, at);
                for row in 0..letters.len() {
                    column[row + 1] = column[row + 1].min((column[row].0 + 1, column[row].1));
                }
            }
            for letter in sound.bytes() {
                let mut before = column[0];
                column[0].0 += 1;
                for (row, wanted) in letters.iter().enumerate() {
                    let same = letter == *wanted || (letter == b'v' && *wanted == b'u');
                    let exchanged = (before.0 + usize::from(!same), before.1);
                    let missing = (column[row + 1].0 + 1, column[row + 1].1);
                    let too_many = (column[row].0 + 1, column[row].1);
                    before = std::mem::replace(&mut column[row + 1], exchanged.min(missing).min(too_many));
                }
            }
            let (cost, start) = column[letters.len()];
            if cost <= most && best.is_none_or(|(least, ..)| cost < least) {
                best = Some((cost, start, at + 1));
            }
        }
        let (cost, start, end) = best.filter(|(_, start, end)| end - start >= 2)?;
        Some((u32::try_from(cost).ok()?, self.piece(start, end)))
    }
}
