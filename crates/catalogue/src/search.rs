//! Full-text search in Chinese names.
//!
//! Chinese has no blanks between words, so a name is found by any substring, without a dictionary. It is also found by its
//! pinyin (`shenfenzheng`), its initials (`sfz`) and by synonyms (驾照). Names and queries are folded (see [`fold`]), so width,
//! case, traditional forms, blanks and punctuation make no difference.
//!
//! An [`Index`] selects the candidates among many texts, and ranks short words without looking at the texts. A test compares
//! it with a plain scan.

mod buckets;
mod fold;
pub mod highlight;
pub mod index;
mod lookalike;
mod ngram;
mod pinyin_match;
mod pronunciation;
mod signature;
mod spelling;
mod syllable;
mod synonym;

use std::ops::Range;

use memchr::memchr_iter;
use memchr::memmem::Finder;

use self::fold::Folded;
pub(crate) use self::fold::fold;
pub use self::highlight::{Found, Part};
pub use self::index::{Index, Within};
use self::pronunciation::syllables;
use self::signature::Signature;
use self::synonym::synonyms;

/// The searchable text of a record, folded when the record is added to the catalogue. It is one block of memory, with signatures
/// that reject most texts without a scan.
#[derive(Debug, Clone)]
pub struct Text {
    parts: Box<[u8]>,
    ends: Ends,
    signatures: Signatures,
}

/// The ends of the parts of a text: the written names (the name, then the others), their pinyin (`ShenFenZheng`), their initials
/// (`sfz`). The rest are the offsets at which words of the name begin. In the first three parts each line is a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ends {
    name: u32,
    written: u32,
    read: u32,
    initials: u32,
}

impl Ends {
    const BYTES: usize = size_of::<Self>();

    fn to_bytes(self) -> [u8; Self::BYTES] {
        let Self { name, written, read, initials } = self;
        let mut bytes = [0; Self::BYTES];
        for (place, end) in bytes.as_chunks_mut().0.iter_mut().zip([name, written, read, initials]) {
            *place = end.to_le_bytes();
        }
        bytes
    }

    fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        let mut ends = bytes.as_chunks().0.iter().map(|end| u32::from_le_bytes(*end));
        let mut next = || ends.next().unwrap_or_default();
        Self { name: next(), written: next(), read: next(), initials: next() }
    }
}

#[derive(Debug, Clone, Copy)]
struct Signatures {
    written: Signature,
    read: Signature,
    initials: Signature,
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
            signatures: Signatures { written: Signature::characters(&written), read: Signature::pairs(&read), initials: Signature::pairs(&initials) },
        }
    }

    /// Memory in bytes.
    pub(crate) fn bytes(&self) -> usize {
        size_of::<Self>() + self.parts.len()
    }

    fn view(&self) -> View<'_> {
        View { parts: &self.parts, ends: self.ends, signatures: Some(&self.signatures) }
    }
}

/// A borrowed text.
#[derive(Debug, Clone, Copy)]
struct View<'a> {
    parts: &'a [u8],
    ends: Ends,
    /// `None`: the caller has filtered already.
    signatures: Option<&'a Signatures>,
}

impl<'a> View<'a> {
    fn written(self) -> &'a [u8] {
        &self.parts[..self.ends.written as usize]
    }

    /// The folded names.
    fn lines(self) -> impl Iterator<Item = &'a str> {
        lines(self.written())
    }

    fn read(self) -> &'a [u8] {
        &self.parts[self.ends.written as usize..self.ends.read as usize]
    }

    fn initials(self) -> &'a [u8] {
        &self.parts[self.ends.read as usize..self.ends.initials as usize]
    }

    fn has_word_at(self, start: usize) -> bool {
        let (starts, _) = self.parts[self.ends.initials as usize..].as_chunks();
        starts.iter().any(|at| usize::from(u16::from_le_bytes(*at)) == start)
    }

    fn has_word_after(self, place: usize) -> bool {
        let (starts, _) = self.parts[self.ends.initials as usize..].as_chunks();
        starts.last().is_some_and(|at| usize::from(u16::from_le_bytes(*at)) > place)
    }

    /// The rank of a hit in the written names.
    fn rank_of(self, hit: &Range<usize>) -> Rank {
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

fn lines(part: &[u8]) -> impl Iterator<Item = &str> {
    std::str::from_utf8(part).expect("what was folded is text").split('\n')
}

/// The pinyin and the initials of the names, each name on its line. Each syllable begins with a capital: `XiAn` has an `An`,
/// `Xian` has none.
fn sounds(names: &[String]) -> (String, String) {
    let mut read = Vec::new();
    let mut initials = Vec::new();
    for name in names.iter().filter(|name| !name.is_ascii()) {
        let syllables = syllables(name);
        read.push(syllables.iter().copied().map(capitalized).collect::<String>());
        initials.push(syllables.iter().filter_map(|syllable| syllable.chars().next()).collect::<String>());
    }
    (read.join("\n"), initials.join("\n"))
}

fn capitalized(syllable: &str) -> String {
    let mut syllable = syllable.to_owned();
    if let Some(first) = syllable.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    syllable
}

/// A folded query. A text must match all of its words.
#[derive(Debug, Clone)]
pub struct Query {
    /// Empty if the query has only punctuation: no text matches.
    words: Vec<Term>,
    /// Several words joined: `social security` may be a whole alias.
    together: Option<Term>,
}

impl Query {
    /// `None` for a blank query, which is no filter. A query of punctuation alone finds nothing. A long query is truncated.
    pub fn new(typed: &str) -> Option<Self> {
        let words = first_words(typed);
        match words.len() {
            0 if typed.trim().is_empty() => None,
            0 => Some(Self { words: Vec::new(), together: None }),
            1 => Some(Self { words: vec![Term::new(&words[0])], together: None }),
            _ => Some(Self { together: Some(Term::new(&words.concat())), words: words.iter().map(|word| Term::new(word)).collect() }),
        }
    }

    /// The folded query without blanks.
    pub(crate) fn joined(&self) -> &str {
        self.together.as_ref().or(self.words.first()).map_or("", Term::typed)
    }

    /// The rank of a match, best first by `Ord`; `None`: no match. Several words rank as the worst of them, or better if they
    /// match joined.
    pub fn rank(&self, text: &Text) -> Option<Rank> {
        self.rank_in(text.view())
    }

    /// Whether the text matches. Faster than `rank`.
    pub fn matches(&self, text: &Text) -> bool {
        self.is_in(text.view())
    }

    fn rank_in(&self, text: View<'_>) -> Option<Rank> {
        if self.words.is_empty() {
            return None;
        }
        let apart = self.words.iter().try_fold(Rank::WholeName, |worst, word| Some(worst.max(word.rank(text)?)))?;
        let together = self.together.as_ref().and_then(|words| words.rank(text));
        Some(together.map_or(apart, |together| together.min(apart)))
    }

    fn is_in(&self, text: View<'_>) -> bool {
        !self.words.is_empty() && self.words.iter().all(|word| word.is_in(text))
    }
}

/// Maximum number of words and characters of a query.
const MAX_WORDS: usize = 8;
const MAX_CHARACTERS: usize = 64;

fn first_words(typed: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut left = MAX_CHARACTERS;
    for word in typed.split_whitespace() {
        let end = word.char_indices().nth(left).map_or(word.len(), |(end, _)| end);
        let word = &word[..end];
        left -= word.chars().count();
        words.extend(Some(fold(word)).filter(|word| !word.is_empty()));
        if left == 0 || words.len() == MAX_WORDS {
            break;
        }
    }
    words
}

/// How well a text matches a query, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rank {
    /// The whole name.
    WholeName,
    /// The beginning of the name.
    NamePrefix,
    /// The beginning of a word of the name: after punctuation or a blank, or between Chinese and ASCII.
    WordStart,
    /// Elsewhere in the name.
    InName,
    /// A whole alias, English name or code.
    WholeAlias,
    /// The beginning of an alias, an English name or a code.
    AliasPrefix,
    /// Elsewhere in one of them.
    InAlias,
    /// A synonym in the name or an alias.
    Synonym,
    /// Pinyin at the beginning of the name or an alias.
    PinyinPrefix,
    /// Pinyin elsewhere, from the beginning of a syllable.
    Pinyin,
    /// Initials at the beginning of the name or an alias.
    InitialsPrefix,
    /// Initials elsewhere.
    Initials,
}

/// One word of a query, with its synonyms and its pinyin.
#[derive(Debug, Clone)]
struct Term {
    written: Needle,
    synonyms: Vec<Needle>,
    spelled: Option<Spelled>,
}

impl Term {
    /// The word itself, folded.
    fn typed(&self) -> &str {
        self.written.typed()
    }

    fn new(word: &str) -> Self {
        Self { written: Needle::new(word), synonyms: synonyms(word).iter().map(|name| Needle::new(name)).collect(), spelled: Spelled::new(word) }
    }

    fn rank(&self, text: View<'_>) -> Option<Rank> {
        let synonym = || self.synonyms.iter().any(|name| name.is_in(text)).then_some(Rank::Synonym);
        let spelled = || self.spelled.as_ref()?.rank(text);
        self.written.rank(text).or_else(synonym).or_else(spelled)
    }

    fn is_in(&self, text: View<'_>) -> bool {
        self.written.is_in(text)
            || self.synonyms.iter().any(|name| name.is_in(text))
            || self.spelled.as_ref().is_some_and(|letters| letters.rank(text).is_some())
    }
}

/// A substring to find in the written names.
#[derive(Debug, Clone)]
struct Needle {
    finder: Finder<'static>,
    signature: Signature,
}

impl Needle {
    fn new(folded: &str) -> Self {
        Self { finder: Finder::new(folded).into_owned(), signature: Signature::characters(folded) }
    }

    fn typed(&self) -> &str {
        std::str::from_utf8(self.finder.needle()).expect("what was folded is text")
    }

    fn is_in(&self, text: View<'_>) -> bool {
        text.signatures.is_none_or(|signatures| signatures.written.may_contain(self.signature)) && self.finder.find(text.written()).is_some()
    }

    fn rank(&self, text: View<'_>) -> Option<Rank> {
        if text.signatures.is_some_and(|signatures| !signatures.written.may_contain(self.signature)) {
            return None;
        }
        let (written, length) = (text.written(), self.finder.needle().len());
        let mut best: Option<Rank> = None;
        let mut from = 0;
        while let Some(start) = self.finder.find(&written[from..]).map(|at| from + at) {
            let rank = text.rank_of(&(start..start + length));
            best = Some(best.map_or(rank, |best| best.min(rank)));
            // Without a later word start in the name, no better rank is possible.
            if start < text.ends.name as usize && !text.has_word_after(start) {
                break;
            }
            from = start + 1;
        }
        best
    }
}

/// Letters that may be pinyin or initials.
#[derive(Debug, Clone)]
struct Spelled {
    finder: Finder<'static>,
    signature: Signature,
}

impl Spelled {
    /// At least two letters: a single letter matches nearly every name.
    fn new(word: &str) -> Option<Self> {
        let spells = word.len() >= 2 && word.bytes().all(|letter| letter.is_ascii_lowercase());
        spells.then(|| Self { finder: Finder::new(word).into_owned(), signature: Signature::pairs(word) })
    }

    fn rank(&self, text: View<'_>) -> Option<Rank> {
        self.pinyin(text).or_else(|| self.initials(text))
    }

    fn pinyin(&self, text: View<'_>) -> Option<Rank> {
        if text.signatures.is_some_and(|signatures| !signatures.read.may_contain(self.signature)) {
            return None;
        }
        let (read, letters) = (text.read(), self.finder.needle());
        let mut best = None;
        for start in memchr_iter(letters[0].to_ascii_uppercase(), read).filter(|start| reads(&read[*start..], letters)) {
            if begins_line(read, start) {
                return Some(Rank::PinyinPrefix);
            }
            best = Some(Rank::Pinyin);
        }
        best
    }

    fn initials(&self, text: View<'_>) -> Option<Rank> {
        if text.signatures.is_some_and(|signatures| !signatures.initials.may_contain(self.signature)) {
            return None;
        }
        let initials = text.initials();
        self.finder.find_iter(initials).map(|start| if begins_line(initials, start) { Rank::InitialsPrefix } else { Rank::Initials }).min()
    }
}

fn begins_line(lines: &[u8], at: usize) -> bool {
    at == 0 || lines[at - 1] == b'\n'
}

/// Whether the pinyin begins with these letters. `ü` may be typed as `v` or `u`.
fn reads(reading: &[u8], letters: &[u8]) -> bool {
    // The query is in lower case, and no other byte of the pinyin becomes a lower-case letter by this bit.
    const CASE: u8 = 0x20;
    reading.len() >= letters.len() && reading.iter().zip(letters).all(|(read, typed)| read | CASE == *typed || (*read == b'v' && *typed == b'u'))
}

/// The sort key of a name in pinyin order, without tones. Syllables are compared one by one, so 西宁 (`xi ning`) comes before
/// 仙桃 (`xian tao`).
pub fn sort_key(name: &str) -> String {
    syllables(&fold(name)).join(" ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rank(typed: &str, name: &str, others: &[&str]) -> Option<Rank> {
        let query = Query::new(typed).expect("something is typed");
        let text = Text::new(name, others.iter().copied());
        let rank = query.rank(&text);
        assert_eq!(query.matches(&text), rank.is_some());
        rank
    }

    #[test]
    fn only_the_beginning_of_a_long_query_is_looked_for() {
        assert_eq!(first_words(&"证 ".repeat(4_000)), vec!["证"; MAX_WORDS]);
        assert_eq!(first_words(&"证".repeat(4_000)), ["证".repeat(MAX_CHARACTERS)]);
        assert_eq!(first_words(&format!("{} {}", "a".repeat(60), "b".repeat(60))), ["a".repeat(60), "b".repeat(4)]);
        assert_eq!(first_words(&format!("{} 证", "%".repeat(4_000))), Vec::<String>::new());
        assert!(is_found(&format!("{} 未提到", "身份证 ".repeat(MAX_WORDS)), "居民身份证换领"), "a ninth word is not looked for");
    }

    fn is_found(typed: &str, name: &str) -> bool {
        rank(typed, name, &[]).is_some()
    }

    #[test]
    fn blanks_alone_are_no_filter_and_signs_alone_find_nothing() {
        assert!(Query::new("").is_none());
        assert!(Query::new(" \t\u{3000}").is_none());
        for signs in ["“ ”、（）", "😀", "！！", "\u{FFFD}", "\u{200B}"] {
            assert_eq!(rank(signs, "居民身份证（首次）", &["！"]), None, "{signs}");
        }
    }

    #[test]
    fn a_name_ranks_by_where_it_was_hit() {
        let ranks = |name| rank("身份证", name, &[]);

        assert_eq!(ranks("身份证"), Some(Rank::WholeName));
        assert_eq!(ranks("身份证补领"), Some(Rank::NamePrefix));
        assert_eq!(ranks("补领（身份证）"), Some(Rank::WordStart));
        assert_eq!(ranks("居民身份证（身份证）"), Some(Rank::WordStart), "the best hit counts");
        assert_eq!(ranks("居民身份证补领"), Some(Rank::InName));
        assert_eq!(rank("aa", "xa aa", &[]), Some(Rank::WordStart), "though another hit runs into it");
        assert_eq!(ranks("护照"), None);
    }

    #[test]
    fn an_alias_ranks_after_the_name() {
        let ranks = |alias| rank("社保卡", "社会保障卡申领", &[alias]);

        assert_eq!(ranks("社保卡"), Some(Rank::WholeAlias));
        assert_eq!(ranks("社保卡申领"), Some(Rank::AliasPrefix));
        assert_eq!(ranks("办社保卡"), Some(Rank::InAlias));
        assert!(Rank::InName < Rank::WholeAlias);
    }

    #[test]
    fn a_hit_never_runs_from_one_name_into_the_next() {
        assert_eq!(rank("证护", "身份证", &["护照"]), None);
        assert_eq!(rank("zhenghu", "身份证", &["护照"]), None);
        assert_eq!(rank("zhz", "身份证", &["护照"]), None);
    }

    #[test]
    fn a_code_is_found_by_any_part_of_it() {
        assert_eq!(rank("0117-05", "户口登记", &["000117051000"]), Some(Rank::InAlias));
        assert_eq!(rank("mat_01HZ", "户口登记", &["mat_01hzx9"]), Some(Rank::AliasPrefix));
    }

    #[test]
    fn width_case_punctuation_and_traditional_forms_make_no_difference() {
        assert!(is_found("ｅｔｃ", "ETC办理"));
        assert!(is_found("身份證", "居民身份证"));
        assert!(is_found("户口", "戶口登記"));
        assert!(is_found("\"一件事\"", "新生儿“一件事”"));
        assert!(is_found("备案技术", "项目备案（技术改造）"));
        assert_eq!(rank("etc 办理", "ＥＴＣ办理", &[]), Some(Rank::WholeName));
    }

    #[test]
    fn all_words_have_to_fit() {
        assert!(is_found("身份证 补领", "居民身份证遗失补领"));
        assert!(is_found("补领\u{3000}sfz", "居民身份证遗失补领"));
        assert!(!is_found("身份证 换领", "居民身份证遗失补领"));
    }

    #[test]
    fn several_words_rank_as_the_worst_of_them_unless_they_stand_together() {
        assert_eq!(rank("居民 补领", "居民身份证补领", &[]), Some(Rank::InName));
        assert_eq!(rank("social security", "社会保障卡", &["Social Security"]), Some(Rank::WholeAlias));
    }

    #[test]
    fn what_people_say_finds_what_it_is_called() {
        for (said, called) in [
            ("社保", "社会保险关系转移"),
            ("社保卡", "社会保障卡申领"),
            ("医保", "基本医疗保险参保"),
            ("公积金", "住房公积金提取"),
            ("驾照", "机动车驾驶证换领"),
            ("房产证", "不动产登记"),
            ("房本", "不动产登记"),
            ("营业执照", "企业设立登记"),
            ("户口", "户籍证明"),
            ("准生证", "生育登记"),
            ("低保", "最低生活保障"),
            ("补办 身份证", "居民身份证补领"),
        ] {
            assert!(is_found(said, called), "{said} {called}");
        }
        assert_eq!(rank("驾照", "机动车驾驶证", &[]), Some(Rank::Synonym));
    }

    #[test]
    fn a_name_is_found_by_its_pinyin_from_any_syllable_on() {
        assert_eq!(rank("shenfenzheng", "身份证补领", &[]), Some(Rank::PinyinPrefix));
        assert_eq!(rank("shenfenzheng", "居民身份证", &[]), Some(Rank::Pinyin));
        assert_eq!(rank("shenf", "居民身份证", &[]), Some(Rank::Pinyin), "while it is being typed");
        assert_eq!(rank("Shēn fèn zhèng", "居民身份证", &[]), Some(Rank::Pinyin));
        assert!(is_found("yinhang", "商业银行"));
        assert!(is_found("chongqing", "重庆市"));
        assert!(!is_found("zhongqing", "重庆市"));
        assert!(!is_found("enzheng", "居民身份证"), "a syllable is not entered in the middle");
    }

    #[test]
    fn a_name_is_found_by_its_initials_from_any_syllable_on() {
        assert_eq!(rank("sfz", "身份证补领", &[]), Some(Rank::InitialsPrefix));
        assert_eq!(rank("sfz", "居民身份证", &[]), Some(Rank::Initials));
        assert_eq!(rank("cq", "重庆市", &[]), Some(Rank::InitialsPrefix));
        assert_eq!(rank("sbk", "社会保障卡", &["社保卡"]), Some(Rank::InitialsPrefix));
        assert_eq!(rank("etcbl", "ETC办理", &[]), Some(Rank::InitialsPrefix));
        assert!(!is_found("s", "身份证"), "one letter would find nearly everything");
    }

    #[test]
    fn u_with_dots_is_typed_v_or_u() {
        for typed in ["lvshi", "lushi", "lüshi"] {
            assert!(is_found(typed, "律师执业"), "{typed}");
        }
        assert!(is_found("nvxing", "女性"));
        assert!(is_found("vling", "V领"), "the letter itself");
        assert!(!is_found("uling", "V领"));
        assert!(!is_found("lv", "道路"));
    }

    #[test]
    fn names_stand_in_the_order_of_their_syllables() {
        let mut names = ["张家口市", "仙桃市", "重庆市", "西宁市", "成都市", "长沙市", "3号窗口", "安康市"];
        names.sort_by_cached_key(|name| sort_key(name));

        assert_eq!(names, ["3号窗口", "安康市", "长沙市", "成都市", "重庆市", "西宁市", "仙桃市", "张家口市"]);
        assert_eq!(sort_key("重慶市"), "chong qing shi");
    }

    /// Few different characters, so that hits and near misses are common.
    const NAME: &str = "[居民身份证补领社会保障医疗户口登记ETCtc25（）、“” ]{0,16}";

    /// What folding leaves of simplified Chinese and plain ASCII, without the folding.
    fn plain(text: &str) -> String {
        text.chars().filter(|character| character.is_alphanumeric()).collect::<String>().to_ascii_lowercase()
    }

    proptest! {
        #[test]
        fn a_name_is_found_by_all_its_parts(name in ".{1,40}", start in any::<prop::sample::Index>(), length in 1..8_usize) {
            let characters: Vec<char> = name.chars().collect();
            let part: String = characters[start.index(characters.len())..].iter().take(length).collect();
            let text = Text::new(&name, []);

            if let Some(query) = Query::new(&part).filter(|_| !fold(&part).is_empty()) {
                prop_assert!(query.rank(&text).is_some_and(|rank| rank <= Rank::InName));
                prop_assert!(query.matches(&text));
            }
        }

        #[test]
        fn what_is_found_in_a_name_is_what_a_plain_scan_finds(name in NAME, typed in NAME) {
            let has_letters = !plain(&typed).is_empty();
            let scanned = has_letters && typed.split_whitespace().all(|word| plain(&name).contains(&plain(word)));

            if let Some(query) = Query::new(&typed) {
                let found = query.rank(&Text::new(&name, [])).is_some_and(|rank| rank <= Rank::InName);
                prop_assert_eq!(found, scanned);
            }
        }

        #[test]
        fn what_is_found_in_an_alias_is_what_a_plain_scan_finds(name in NAME, alias in NAME, typed in "[居民身份证补领社会保障ETC25]{1,4}") {
            let scanned = plain(&name).contains(&plain(&typed)) || plain(&alias).contains(&plain(&typed));
            let query = Query::new(&typed).expect("something is typed");

            let found = query.rank(&Text::new(&name, [alias.as_str()])).is_some_and(|rank| rank <= Rank::InAlias);

            prop_assert_eq!(found, scanned);
        }

        #[test]
        fn a_name_is_found_by_its_own_initials_and_pinyin(name in "[重庆银行长沙身份证社保乐山律师]{2,8}") {
            let syllables: Vec<String> = sort_key(&name).split(' ').map(str::to_owned).collect();
            let initials: String = syllables.iter().map(|syllable| &syllable[..1]).collect();
            let text = Text::new(&name, []);

            for spelled in [initials, syllables.concat()] {
                prop_assert!(Query::new(&spelled).expect("something is typed").matches(&text), "{}", spelled);
            }
        }

        #[test]
        fn asking_whether_it_fits_agrees_with_asking_how_well(name in NAME, alias in NAME, typed in "[a-z身份证社保驾照 ]{0,6}") {
            let text = Text::new(&name, [alias.as_str()]);

            if let Some(query) = Query::new(&typed) {
                prop_assert_eq!(query.matches(&text), query.rank(&text).is_some());
            }
        }

        #[test]
        fn nothing_typed_or_named_is_too_odd(name in any::<String>(), alias in any::<String>(), typed in any::<String>()) {
            let text = Text::new(&name, [alias.as_str()]);
            let _ = Query::new(&typed).map(|query| query.rank(&text));
            let _ = sort_key(&name);
        }
    }
}
