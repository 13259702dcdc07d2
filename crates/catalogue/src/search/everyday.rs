//! Everyday words: what people type when they do not know the official name of a matter. 我要换身份证 means
//! 居民身份证换领, 公积金提取 means 提取住房公积金.

use super::fold::fold;
use super::query::{MAX_CHARACTERS, MAX_WORDS, Query};

/// Words that say nothing about the matter, longest first where one begins with another.
const FILLERS: [&str; 34] = [
    "请问一下",
    "请问",
    "我想要",
    "我想",
    "我要",
    "我的",
    "想要",
    "需要",
    "帮我",
    "怎么样",
    "怎么",
    "怎样",
    "如何",
    "在哪里",
    "哪里",
    "哪儿",
    "在哪",
    "能不能",
    "可不可以",
    "可以",
    "办理",
    "办一下",
    "一下",
    "过期了",
    "过期",
    "到期了",
    "到期",
    "丢失了",
    "丢了",
    "不见了",
    "手续",
    "流程",
    "了",
    "吗",
];

/// The fewest characters that are searched in any order: two are in too many names.
const FEWEST: usize = 3;

/// Other queries for the same text, the closest first: without the words that say nothing, then its characters in any
/// order. None for a text of several words or of other scripts.
pub(crate) fn everyday(typed: &str) -> Vec<Query> {
    let folded = fold(typed.trim());
    if typed.trim().contains(char::is_whitespace) || folded.chars().count() > MAX_CHARACTERS {
        return Vec::new();
    }
    let bare = FILLERS.iter().fold(folded.clone(), |text, filler| text.replace(filler, ""));
    let is_han = |character: char| ('\u{4e00}'..='\u{9fff}').contains(&character);
    let mut queries = Vec::new();
    if bare != folded && bare.chars().count() > 1 {
        queries.extend(Query::new(&bare));
    }
    let mut characters: Vec<char> = Vec::new();
    for character in bare.chars() {
        if !characters.contains(&character) {
            characters.push(character);
        }
    }
    if (FEWEST..=MAX_WORDS).contains(&characters.len()) && characters.iter().copied().all(is_han) {
        let apart: Vec<String> = characters.iter().map(char::to_string).collect();
        queries.extend(Query::new(&apart.join(" ")));
    }
    queries
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::text::Text;

    #[test]
    fn everyday_words_find_official_names() {
        for (typed, name) in [
            ("我要换身份证", "居民身份证换领"),
            ("换领身份证", "居民身份证换领"),
            ("身份证过期了", "居民身份证换领"),
            ("公积金提取", "正常退休提取住房公积金"),
            ("住房公积金提取", "正常退休提取住房公积金"),
        ] {
            let text = Text::new(name, []);
            assert!(!Query::new(typed).expect("a query").matches(&text), "{typed} needs no help");
            assert!(everyday(typed).iter().any(|query| query.matches(&text)), "{typed}");
        }
    }

    #[test]
    fn other_texts_are_left_alone() {
        assert!(["", "！！", "社保", "renew", "公积金 提取", "办理"].iter().all(|typed| everyday(typed).is_empty()));
        let other = Text::new("居民身份证丢失补领", []);
        assert!(everyday("我要换身份证").iter().all(|query| !query.matches(&other)));
    }
}
