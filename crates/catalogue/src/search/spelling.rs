//! Spelling corrections for searches without results: 公集金 sounds like 公积金, 身份政 differs from 身份证 in one
//! character, `shengfenzheng` has one letter too many.
//!
//! Only a limited number of texts is compared, those that share nearly all characters or sounds with the query.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use roaring::RoaringBitmap;

use super::alignment::{LIKE_SOUND, Line, Spoken, TOO_MANY};
use super::index::{Index, Within};
use super::lookalike;
use super::query::{Query, Term};
use super::synonym::sayings;
use super::text::View;

/// Maximum number of texts compared with a word.
const MAX_COMPARED: u64 = 400;
/// Maximum number of words of a query that are corrected.
const MAX_CORRECTED_WORDS: usize = 2;
/// Maximum length of a corrected word, in characters and in letters.
const MAX_WORD: usize = 12;
const MAX_LETTERS: usize = 30;

/// A part of a name that may have been meant.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    cost: u32,
    names: usize,
}

impl Index {
    /// Corrections of a query, most likely first, each of which finds something. Empty if every single word finds
    /// something.
    pub fn corrections(&self, query: &Query, within: Within<'_>, most: usize) -> Vec<String> {
        let words: Vec<&str> = query.words.iter().map(Term::typed).collect();
        let is_wrong = |at: &usize| !Query::new(words[*at]).is_some_and(|word| self.finds(&word, within));
        let wrong: Vec<usize> = (0..words.len()).filter(is_wrong).collect();
        if wrong.len() > MAX_CORRECTED_WORDS {
            return Vec::new();
        }
        let meant: Vec<Vec<String>> = wrong.iter().map(|at| self.corrections_of_word(words[*at], within)).collect();
        let choices = match &meant[..] {
            [] => 0,
            [only] => only.len(),
            // With several wrong words, only the best correction of each is combined.
            several => several.iter().map(Vec::len).min().unwrap_or_default().min(1),
        };
        let sentence = |choice: usize| {
            let mut words = words.clone();
            wrong.iter().zip(&meant).for_each(|(at, meant)| words[*at] = &meant[choice]);
            words.join(" ")
        };
        let finds = |text: &String| Query::new(text).is_some_and(|query| self.finds(&query, within));
        (0..choices).map(sentence).filter(finds).take(most).collect()
    }

    fn finds(&self, query: &Query, within: Within<'_>) -> bool {
        self.candidates(query, within).any(|place| query.is_in(self.text(place)))
    }

    fn corrections_of_word(&self, word: &str, within: Within<'_>) -> Vec<String> {
        let mut pieces = BTreeMap::new();
        if word.is_ascii() {
            self.similar_letters(word, within, &mut pieces);
        } else {
            self.similar_characters(word, within, &mut pieces);
        }
        let mut pieces: Vec<(String, Candidate)> = pieces.into_iter().collect();
        pieces.sort_by(|(a, near_a), (b, near_b)| {
            (near_a.cost, Reverse(near_a.names), a).cmp(&(near_b.cost, Reverse(near_b.names), b))
        });
        pieces.into_iter().map(|(piece, _)| piece).collect()
    }

    fn similar_characters(&self, word: &str, within: Within<'_>, pieces: &mut BTreeMap<String, Candidate>) {
        let typed = Line::of(word);
        let most = match typed.0.len() {
            2 => LIKE_SOUND,
            3..=MAX_WORD => TOO_MANY,
            _ => return,
        };
        let alike: Vec<RoaringBitmap> = typed.0.iter().map(|spoken| self.with(*spoken)).collect();
        let all = alike.iter().cloned().reduce(|all, one| all & one).unwrap_or_default();
        let but_one = if alike.len() > 2 { all_but_one(&alike) } else { RoaringBitmap::new() };
        for text in self.compared([all, but_one], within) {
            let lines = Line::all(text);
            let near = lines.iter().filter_map(|line| line.nearest(&typed, most)).min_by_key(|(cost, _)| *cost);
            near.into_iter().for_each(|(cost, piece)| count(pieces, piece, cost));
        }
        for saying in sayings() {
            let near = Line::of(saying).nearest(&typed, most).filter(|(_, piece)| piece == saying);
            near.into_iter().for_each(|(cost, piece)| count(pieces, piece, cost));
        }
    }

    /// The texts that may contain a character, or one that sounds or looks similar.
    fn with(&self, spoken: Spoken) -> RoaringBitmap {
        let written = self.holding(spoken.character.encode_utf8(&mut [0; 4]));
        let looking = lookalike::alike(spoken.character)
            .fold(written, |all, alike| all | self.holding(alike.encode_utf8(&mut [0; 4])));
        spoken.sound.map_or_else(RoaringBitmap::new, |sound| self.reading(sound.as_bytes())) | looking
    }

    fn similar_letters(&self, word: &str, within: Within<'_>, pieces: &mut BTreeMap<String, Candidate>) {
        let letters = word.as_bytes();
        let most = match letters.len() {
            4..=9 => 1,
            10..=MAX_LETTERS => 2,
            _ => return,
        };
        if !letters.iter().all(u8::is_ascii_lowercase) {
            return;
        }
        // With n mistakes, one of n + 1 parts is intact.
        let length = (letters.len() / (most + 1)).max(3);
        let parts = (0..=most).map(|part| &letters[(part * length).min(letters.len() - length)..][..length]);
        let sounding = parts.fold(RoaringBitmap::new(), |all, part| all | self.sounding(part));
        for text in self.compared([sounding, RoaringBitmap::new()], within) {
            let lines = Line::all(text);
            let near = lines.iter().filter_map(|line| line.nearest_read(letters, most)).min_by_key(|(cost, _)| *cost);
            near.into_iter().for_each(|(cost, piece)| count(pieces, piece, cost));
        }
    }

    fn compared<'a>(&'a self, candidates: [RoaringBitmap; 2], within: Within<'_>) -> impl Iterator<Item = View<'a>> {
        let [first, then] = candidates.map(|candidates| {
            candidates.into_iter().filter(|place| within.includes(*place)).collect::<RoaringBitmap>()
        });
        let then = then - &first;
        let rest = MAX_COMPARED.saturating_sub(first.len());
        let places = first.into_iter().take(clamped(MAX_COMPARED)).chain(then.into_iter().take(clamped(rest)));
        places.map(|place| self.text(place))
    }
}

fn clamped(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

fn count(pieces: &mut BTreeMap<String, Candidate>, piece: String, cost: u32) {
    let near = pieces.entry(piece).or_insert(Candidate { cost, names: 0 });
    near.cost = near.cost.min(cost);
    near.names += 1;
}

/// The texts that are in all of these sets except at most one.
fn all_but_one(sets: &[RoaringBitmap]) -> RoaringBitmap {
    let mut from: Vec<RoaringBitmap> = vec![sets[sets.len() - 1].clone()];
    for set in sets[1..sets.len() - 1].iter().rev() {
        from.push(&from[from.len() - 1] & set);
    }
    // The last element is the intersection of all sets from the second on.
    let mut found = from[from.len() - 1].clone();
    let mut up_to = sets[0].clone();
    for (at, set) in sets.iter().enumerate().skip(1) {
        match from.len().checked_sub(at + 1) {
            Some(rest) => found |= &up_to & &from[rest],
            None => found |= &up_to,
        }
        up_to &= set;
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::text::Text;
    use super::*;
    use crate::bits::Bits;

    const NAMES: [&str; 9] = [
        "居民身份证补领",
        "居民身份证换领",
        "住房公积金提取",
        "公积金贷款",
        "户籍证明",
        "机动车驾驶证换领",
        "社会保障卡申领",
        "不动产登记",
        "重庆市",
    ];

    fn index(names: &[&str]) -> Index {
        let mut index = Index::default();
        for (name, place) in names.iter().zip(0..) {
            index.put(place, &Text::new(name, []));
        }
        index
    }

    fn corrections(typed: &str) -> Vec<String> {
        index(&NAMES).corrections(&Query::new(typed).expect("something is typed"), Within::All, 3)
    }

    #[test]
    fn a_homophone_is_corrected() {
        for (typed, expected) in [
            ("身分证", "身份证"),
            ("公集金", "公积金"),
            ("户藉", "户籍"),
            ("架照", "驾照"),
            ("身分政补领", "身份证补领"),
            ("社会宝障卡", "社会保障卡"),
            ("重轻", "重庆"),
            ("公基斤", "公积金"),
        ] {
            assert_eq!(corrections(typed).first().map(String::as_str), Some(expected), "{typed}");
        }
    }

    #[test]
    fn a_similar_character_is_corrected() {
        let index = index(&["亳州市", "荥阳市", "蚌埠市", "菏泽市", "杭州市", "贵阳市", "阜阳市"]);
        for (typed, expected) in
            [("毫州", "亳州"), ("荣阳", "荥阳"), ("蚌阜", "蚌埠"), ("荷泽", "菏泽"), ("毫州市", "亳州市")]
        {
            let meant = index.corrections(&Query::new(typed).expect("something is typed"), Within::All, 3);
            assert_eq!(meant.first().map(String::as_str), Some(expected), "{typed}");
        }
    }

    #[test]
    fn one_character_or_letter_may_be_wrong() {
        for (typed, expected) in [
            ("身份卡", "身份证"),
            ("公积款金", "公积金"),
            ("不动登记", "不动产登记"),
            ("shengfenzheng", "身份证"),
            ("shefenzheng", "身份证"),
            ("gongjijing", "公积金"),
            ("gonjijin", "公积金"),
            ("bucongchandengji", "不动产登记"),
        ] {
            assert_eq!(corrections(typed).first().map(String::as_str), Some(expected), "{typed}");
        }
    }

    #[test]
    fn only_words_without_a_match_are_corrected() {
        assert_eq!(corrections("换领 身分证"), ["换领 身份证"]);
        assert_eq!(corrections("提取 换领"), Vec::<String>::new(), "each finds something");
        assert_eq!(corrections("身分证 天文台"), Vec::<String>::new(), "nothing is like the second");
    }

    #[test]
    fn a_query_unlike_any_name_has_no_suggestion() {
        for typed in ["天文台", "xyzxyzxyz", "1234567", "天", "x"] {
            assert_eq!(corrections(typed), Vec::<String>::new(), "{typed}");
        }
    }

    #[test]
    fn corrections_come_only_from_the_searched_records() {
        let only = Bits::from_iter([2]);
        let index = index(&NAMES);
        assert!(index.corrections(&Query::new("身分证").expect("a query"), Within::These(&only), 3).is_empty());
        assert_eq!(index.corrections(&Query::new("公集金").expect("a query"), Within::These(&only), 3), ["公积金"]);
    }

    proptest! {
        #[test]
        fn all_but_one_equals_a_scan_of_the_sets(sets in prop::collection::vec(prop::collection::btree_set(0u32..30, 0..20), 3..6)) {
            let bitmaps: Vec<RoaringBitmap> = sets.iter().map(|set| set.iter().copied().collect()).collect();
            let expected: Vec<u32> = (0..30).filter(|place| sets.iter().filter(|set| set.contains(place)).count() + 1 >= sets.len()).collect();
            prop_assert_eq!(all_but_one(&bitmaps).into_iter().collect::<Vec<_>>(), expected);
        }

        #[test]
        fn suggestions_find_something(typed in "[居民身分政补领公集金户藉社会a-z ]{1,8}") {
            let index = index(&NAMES);
            if let Some(query) = Query::new(&typed) {
                for meant in index.corrections(&query, Within::All, 3) {
                    prop_assert!(!index.find(&Query::new(&meant).expect("a name"), Within::All).is_empty());
                }
            }
        }
    }
}
