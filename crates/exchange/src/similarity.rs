//! How alike two names are.

use std::collections::HashMap;

/// The share of pairs of neighbouring characters that two folded names have in common (Sørensen–Dice), from 0 to 1.
pub fn similarity(one: &str, other: &str) -> f64 {
    let (ones, others) = (bigrams(one), bigrams(other));
    let total: usize = ones.values().sum::<usize>() + others.values().sum::<usize>();
    if total == 0 {
        return if one == other { 1.0 } else { 0.0 };
    }
    let common: usize = ones.iter().map(|(pair, count)| others.get(pair).map_or(0, |other| *count.min(other))).sum();
    2.0 * common as f64 / total as f64
}

fn bigrams(text: &str) -> HashMap<(char, char), usize> {
    let mut counts = HashMap::new();
    for pair in text.chars().zip(text.chars().skip(1)) {
        *counts.entry(pair).or_default() += 1;
    }
    counts
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
}
