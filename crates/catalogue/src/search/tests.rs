use proptest::prelude::*;

use super::fold::fold;
use super::query::{MAX_CHARACTERS, MAX_WORDS, Query, first_words};
use super::rank::Rank;
use super::sort_key;
use super::text::Text;

fn rank(typed: &str, name: &str, others: &[&str]) -> Option<Rank> {
    let query = Query::new(typed).expect("something is typed");
    let text = Text::new(name, others.iter().copied());
    let rank = query.rank(&text);
    assert_eq!(query.matches(&text), rank.is_some());
    rank
}

#[test]
fn a_long_query_is_truncated() {
    assert_eq!(first_words(&"证 ".repeat(4_000)), vec!["证"; MAX_WORDS]);
    assert_eq!(first_words(&"证".repeat(4_000)), ["证".repeat(MAX_CHARACTERS)]);
    assert_eq!(first_words(&format!("{} {}", "a".repeat(60), "b".repeat(60))), ["a".repeat(60), "b".repeat(4)]);
    assert_eq!(first_words(&format!("{} 证", "%".repeat(4_000))), Vec::<String>::new());
    assert!(
        is_found(&format!("{} 未提到", "身份证 ".repeat(MAX_WORDS)), "居民身份证换领"),
        "a ninth word is not looked for"
    );
}

fn is_found(typed: &str, name: &str) -> bool {
    rank(typed, name, &[]).is_some()
}

#[test]
fn a_blank_query_is_no_filter_and_punctuation_finds_nothing() {
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
fn a_hit_never_spans_two_names() {
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
fn all_words_must_match() {
    assert!(is_found("身份证 补领", "居民身份证遗失补领"));
    assert!(is_found("补领\u{3000}sfz", "居民身份证遗失补领"));
    assert!(!is_found("身份证 换领", "居民身份证遗失补领"));
}

#[test]
fn several_words_rank_as_the_worst_of_them_unless_they_match_joined() {
    assert_eq!(rank("居民 补领", "居民身份证补领", &[]), Some(Rank::InName));
    assert_eq!(rank("social security", "社会保障卡", &["Social Security"]), Some(Rank::WholeAlias));
}

#[test]
fn colloquial_names_find_official_ones() {
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
fn names_are_sorted_by_their_syllables() {
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
    fn names_are_found_like_by_a_plain_scan(name in NAME, typed in NAME) {
        let has_letters = !plain(&typed).is_empty();
        let scanned = has_letters && typed.split_whitespace().all(|word| plain(&name).contains(&plain(word)));

        if let Some(query) = Query::new(&typed) {
            let found = query.rank(&Text::new(&name, [])).is_some_and(|rank| rank <= Rank::InName);
            prop_assert_eq!(found, scanned);
        }
    }

    #[test]
    fn aliases_are_found_like_by_a_plain_scan(name in NAME, alias in NAME, typed in "[居民身份证补领社会保障ETC25]{1,4}") {
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
    fn matching_agrees_with_ranking(name in NAME, alias in NAME, typed in "[a-z身份证社保驾照 ]{0,6}") {
        let text = Text::new(&name, [alias.as_str()]);

        if let Some(query) = Query::new(&typed) {
            prop_assert_eq!(query.matches(&text), query.rank(&text).is_some());
        }
    }

    #[test]
    fn arbitrary_names_and_queries_do_not_panic(name in any::<String>(), alias in any::<String>(), typed in any::<String>()) {
        let text = Text::new(&name, [alias.as_str()]);
        let _ = Query::new(&typed).map(|query| query.rank(&text));
        let _ = sort_key(&name);
    }
}
