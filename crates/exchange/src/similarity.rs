//! How alike two names are, and which names are most like a text.

use std::collections::HashMap;

type Pair = (char, char);

/// The share of pairs of neighbouring characters that two folded names have in common (Sørensen–Dice), from 0 to 1. The
/// function of the crate `strsim` divides by bytes, which is a third of the value for Chinese.
pub fn similarity(one: &str, other: &str) -> f64 {
    let (ones, others) = (bigrams(one), bigrams(other));
    let total = count(&ones) + count(&others);
    if total == 0 {
        return if one == other { 1.0 } else { 0.0 };
    }
    let common: usize = ones.iter().map(|(pair, count)| others.get(pair).map_or(0, |other| *count.min(other))).sum();
    2.0 * common as f64 / total as f64
}

fn bigrams(text: &str) -> HashMap<Pair, usize> {
    let mut counts = HashMap::new();
    for pair in text.chars().zip(text.chars().skip(1)) {
        *counts.entry(pair).or_default() += 1;
    }
    counts
}

fn count(bigrams: &HashMap<Pair, usize>) -> usize {
    bigrams.values().sum()
}

/// An inverted index of pairs of characters: only names that share a pair with a text are compared with it.
#[derive(Debug)]
pub(crate) struct Likeness<C> {
    /// Each with the number of its pairs.
    names: Vec<(C, usize)>,
    /// The names that have a pair, and how often.
    postings: HashMap<Pair, Vec<(u32, usize)>>,
}

impl<C: Ord + Copy> Likeness<C> {
    /// Of folded names.
    pub(crate) fn new(names: impl IntoIterator<Item = (C, String)>) -> Self {
        let mut index = Self { names: Vec::new(), postings: HashMap::new() };
        for (at, (code, name)) in (0..).zip(names) {
            let pairs = bigrams(&name);
            index.names.push((code, count(&pairs)));
            for (pair, count) in pairs {
                index.postings.entry(pair).or_default().push((at, count));
            }
        }
        index
    }

    /// The names that are most like a folded text, best first.
    pub(crate) fn likeliest(&self, text: &str, most: usize) -> Vec<C> {
        let asked = bigrams(text);
        let mut common: HashMap<u32, usize> = HashMap::new();
        for (pair, count) in &asked {
            for (at, other) in self.postings.get(pair).into_iter().flatten() {
                *common.entry(*at).or_default() += count.min(other);
            }
        }
        let total = count(&asked);
        let scored = common.into_iter().map(|(at, common)| {
            let (code, pairs) = self.names[at as usize];
            (2.0 * common as f64 / (total + pairs) as f64, code)
        });
        let mut scored: Vec<(f64, C)> = scored.collect();
        scored.sort_by(|one, other| other.0.total_cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
        scored.into_iter().take(most).map(|(_, code)| code).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_mean_the_same_are_more_alike_than_others() {
        let asked = "居民身份证办理";
        assert!(similarity(asked, "居民身份证换领") > 0.6);
        assert!(similarity(asked, "食品经营许可") < 0.1);
        assert!((similarity(asked, asked) - 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn the_index_finds_what_a_comparison_with_every_name_finds() {
        let names = ["居民身份证换领", "居民身份证补领", "居住证申领", "食品经营许可", "食品食品食品", "证"];
        let index = Likeness::new((0_u32..).zip(names.map(str::to_owned)));
        for asked in ["居民身份证办理", "食品流通许可", "食品食品", "火星", "证"] {
            let mut all: Vec<(f64, u32)> = (0..).zip(names).map(|(at, name)| (similarity(asked, name), at)).collect();
            all.retain(|(score, at)| *score > 0.0 && names[*at as usize].chars().count() > 1);
            all.sort_by(|one, other| other.0.total_cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
            let wanted: Vec<u32> = all.into_iter().take(3).map(|(_, at)| at).collect();
            assert_eq!(index.likeliest(asked, 3), wanted, "{asked}");
        }
    }
}
