//! Highlights the characters of a name that a search has hit. Folding and pinyin are mapped back to the name as
//! written.

use std::ops::Range;

use super::fold::Folded;
use super::pronunciation::syllables_at;
use super::query::{Query, Term, reads};

/// The name by which a record was found, in parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// As written: the record's name, else an alias, an English name or a code.
    pub text: String,
    pub parts: Vec<Part>,
}

/// A part of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub text: String,
    /// Whether it was hit.
    pub hit: bool,
}

impl Found {
    /// A text without hits.
    pub(crate) fn without_hits(text: String) -> Self {
        Self { parts: vec![Part { text: text.clone(), hit: false }], text }
    }

    /// The parts that were hit.
    pub fn hits(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter(|part| part.hit).map(|part| part.text.as_str())
    }
}

impl Query {
    /// Highlights the first of these names that has a hit, the record's own name first.
    pub fn highlight<'a>(&self, name: &'a str, others: impl IntoIterator<Item = &'a str>) -> Found {
        let highlighted = std::iter::once(name).chain(others).find_map(|name| {
            let hits = self.hits(&Spoken::new(name));
            (!hits.is_empty()).then(|| Found { text: name.to_owned(), parts: parts(name, hits) })
        });
        highlighted.unwrap_or_else(|| Found { text: name.to_owned(), parts: parts(name, Vec::new()) })
    }

    fn hits(&self, name: &Spoken) -> Vec<Range<usize>> {
        self.words.iter().flat_map(|word| word.hits(name)).collect()
    }
}

impl Term {
    /// The byte ranges of its best kind of hit in the name as written.
    fn hits(&self, name: &Spoken) -> Vec<Range<usize>> {
        let needles = std::iter::once(&self.written).chain(&self.synonyms);
        let written = needles.map(|needle| {
            let length = needle.finder.needle().len();
            needle
                .finder
                .find_iter(name.folded.text.as_bytes())
                .map(|start| name.written(start..start + length))
                .collect::<Vec<_>>()
        });
        let spelled = self.spelled.iter().flat_map(|letters| {
            let letters = letters.finder.needle();
            [name.read_as(letters), name.begin_as(letters)]
        });
        written.chain(spelled).find(|hits| !hits.is_empty()).unwrap_or_default()
    }
}

/// A name with the mapping from its folded text and its pinyin back to the written text.
struct Spoken {
    folded: Folded,
    /// The syllables, with the offsets of their characters in the folded name.
    syllables: Vec<(usize, &'static str)>,
    /// All syllables joined, and the offset of each.
    read: String,
    begins: Vec<usize>,
}

impl Spoken {
    fn new(name: &str) -> Self {
        let folded = Folded::new(name);
        let syllables = if folded.text.is_ascii() { Vec::new() } else { syllables_at(&folded.text) };
        let (mut read, mut begins) = (String::new(), Vec::new());
        for (_, syllable) in &syllables {
            begins.push(read.len());
            read.push_str(syllable);
        }
        Self { folded, syllables, read, begins }
    }

    /// The written text of a range of the folded name.
    fn written(&self, folded: Range<usize>) -> Range<usize> {
        self.folded.written(&folded)
    }

    /// The written text of these syllables.
    fn spoken(&self, syllables: Range<usize>) -> Range<usize> {
        let start = self.syllables[syllables.start].0;
        let last = self.syllables[syllables.end - 1].0;
        let length = self.folded.text[last..].chars().next().map_or(0, char::len_utf8);
        self.written(start..last + length)
    }

    /// Where the pinyin has these letters, from the beginning of a syllable.
    fn read_as(&self, letters: &[u8]) -> Vec<Range<usize>> {
        let starts = (0..self.begins.len()).filter(|at| reads(&self.read.as_bytes()[self.begins[*at]..], letters));
        starts
            .map(|at| self.spoken(at..self.begins.partition_point(|begin| *begin < self.begins[at] + letters.len())))
            .collect()
    }

    /// Where the initials have these letters.
    fn begin_as(&self, letters: &[u8]) -> Vec<Range<usize>> {
        let begins_with = |(syllable, letter): (&(usize, &str), &u8)| syllable.1.as_bytes().first() == Some(letter);
        let windows = self.syllables.windows(letters.len()).enumerate();
        let hits = windows.filter(|(_, window)| window.iter().zip(letters).all(begins_with));
        hits.map(|(at, window)| self.spoken(at..at + window.len())).collect()
    }
}

/// Splits a text at its hits.
fn parts(text: &str, mut hits: Vec<Range<usize>>) -> Vec<Part> {
    hits.sort_unstable_by_key(|hit| hit.start);
    let mut parts: Vec<Part> = Vec::new();
    let mut push = |text: &str, hit: bool| match parts.last_mut() {
        _ if text.is_empty() => {}
        Some(last) if last.hit == hit => last.text.push_str(text),
        _ => parts.push(Part { text: text.to_owned(), hit }),
    };
    let mut at = 0;
    for hit in hits {
        push(&text[at..hit.start.max(at)], false);
        push(&text[hit.start.max(at)..hit.end.max(at)], true);
        at = hit.end.max(at);
    }
    push(&text[at..], false);
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::text::Text;
    use super::*;

    /// The name, with the hits in brackets.
    fn highlighted(typed: &str, name: &str, others: &[&str]) -> String {
        let found = Query::new(typed).expect("something is typed").highlight(name, others.iter().copied());
        assert_eq!(found.parts.iter().map(|part| part.text.as_str()).collect::<String>(), found.text);
        found.parts.iter().map(|part| if part.hit { format!("[{}]", part.text) } else { part.text.clone() }).collect()
    }

    #[test]
    fn a_hit_is_highlighted_in_the_original_spelling() {
        for (typed, name, expected) in [
            ("身份证", "居民身份证补领", "居民[身份证]补领"),
            ("身份證", "居民身份证补领", "居民[身份证]补领"),
            ("身份证", "居民身份證補領", "居民[身份證]補領"),
            ("证补", "居民身份证（补领）", "居民身份[证（补]领）"),
            ("ｅｔｃ", "高速ETC办理", "高速[ETC]办理"),
            ("etc办", "ＥＴＣ 办理", "[ＥＴＣ 办]理"),
            ("一", "㈠（市级）", "[㈠]（市级）"),
            ("居民 补领", "居民身份证补领", "[居民]身份证[补领]"),
            ("居民 民身", "居民身份证", "[居民身]份证"),
            ("登记", "户口登记、登记变更", "户口[登记]、[登记]变更"),
            ("护照", "居民身份证", "居民身份证"),
        ] {
            assert_eq!(highlighted(typed, name, &[]), expected, "{typed}");
        }
    }

    #[test]
    fn pinyin_and_initials_mark_the_characters_that_they_spell() {
        for (typed, name, expected) in [
            ("shenfenzheng", "居民身份证补领", "居民[身份证]补领"),
            ("shenfenz", "居民身份证补领", "居民[身份证]补领"),
            ("shenf", "居民“身份”证", "居民“[身份]”证"),
            ("sfz", "居民身份证补领", "居民[身份证]补领"),
            ("chongqing", "重庆市", "[重庆]市"),
            ("lushi", "律师执业", "[律师]执业"),
            ("etcbl", "ETC办理", "[ETC办理]"),
        ] {
            assert_eq!(highlighted(typed, name, &[]), expected, "{typed}");
        }
    }

    #[test]
    fn a_colloquial_query_highlights_the_official_name() {
        assert_eq!(highlighted("驾照", "机动车驾驶证换领", &[]), "[机动车驾驶证]换领");
        assert_eq!(highlighted("社保", "社会保险关系转移", &[]), "[社会保险]关系转移");
    }

    #[test]
    fn an_alias_is_shown_where_the_name_was_not_hit() {
        assert_eq!(highlighted("社保卡", "保障卡申领", &["一卡通", "社保卡申领"]), "[社保卡]申领");
        assert_eq!(highlighted("1170", "户口登记", &["000117051000"]), "000[1170]51000");
    }

    proptest! {
        #[test]
        fn every_match_has_a_highlight(
            name in "[居民身份證补领社会保障户口女ETC25（）、 ]{1,16}", alias in "[居民身份证a-c]{0,6}", typed in "[居民身份证社保驾照户口a-z ]{1,4}",
        ) {
            if let Some(query) = Query::new(&typed) {
                let found = query.highlight(&name, [alias.as_str()]);
                let is_found = query.words.iter().any(|word| word.rank(Text::new(&name, [alias.as_str()]).view()).is_some());
                prop_assert_eq!(found.hits().next().is_some(), is_found);
                prop_assert_eq!(found.parts.iter().map(|part| part.text.as_str()).collect::<String>(), found.text);
            }
        }

        #[test]
        fn highlighting_any_text_does_not_panic(name in any::<String>(), typed in any::<String>()) {
            if let Some(query) = Query::new(&typed) {
                let found = query.highlight(&name, []);
                prop_assert_eq!(found.parts.iter().map(|part| part.text.as_str()).collect::<String>(), found.text);
            }
        }
    }
}
