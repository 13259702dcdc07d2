//! Synonyms: colloquial names such as 驾照 for 机动车驾驶证.

/// The synonyms of a term. A colloquial name is also replaced inside a longer term: 社保转移 becomes 社会保险转移.
pub(super) fn synonyms(term: &str) -> Vec<String> {
    let mut names = vec![term.to_owned()];
    for (said, called) in SHORT {
        let others: Vec<String> = names.iter().flat_map(|name| exchanged(name, said, called)).collect();
        names.extend(others);
        names.truncate(ENOUGH);
    }
    for (said, called) in SAID {
        let others: Vec<String> = names.iter().flat_map(|name| replaced(name, said, called)).collect();
        names.extend(others);
        names.truncate(ENOUGH);
    }
    // A synonym that contains the term is redundant.
    names.retain(|name| !name.contains(term));
    names.sort();
    names.dedup();
    names
}

/// All colloquial names.
pub(super) fn sayings() -> impl Iterator<Item = &'static str> {
    SHORT.iter().chain(SAID).map(|(said, _)| *said)
}

/// Maximum number of synonyms, which multiply in a long text.
const ENOUGH: usize = 16;

fn exchanged(name: &str, short: &str, long: &[&str]) -> Vec<String> {
    if name.contains(short) && !long.iter().any(|long| name.contains(long)) {
        return replaced(name, short, long);
    }
    long.iter().filter(|long| name.contains(**long)).map(|long| name.replace(long, short)).collect()
}

fn replaced(name: &str, said: &str, called: &[&str]) -> Vec<String> {
    if !name.contains(said) {
        return Vec::new();
    }
    called.iter().map(|called| name.replace(said, called)).collect()
}

/// Short and full names, which replace each other.
const SHORT: &[(&str, &[&str])] = &[
    ("社保", &["社会保险", "社会保障"]),
    ("医保", &["医疗保险", "医疗保障"]),
    ("公积金", &["住房公积金"]),
    ("低保", &["最低生活保障"]),
    ("驾照", &["机动车驾驶证", "驾驶证"]),
    ("个体户", &["个体工商户"]),
    ("出生证", &["出生医学证明"]),
    ("港澳通行证", &["往来港澳通行证"]),
    ("残疾证", &["残疾人证"]),
    ("失业金", &["失业保险金"]),
    ("户口", &["户籍"]),
    ("户口簿", &["户口本", "居民户口簿"]),
    ("异地就医", &["跨省就医"]),
    ("五保", &["特困"]),
];

/// Colloquial names that are replaced by official ones, but not the other way round: a search for 不动产 does not mean
/// 房本.
const SAID: &[(&str, &[&str])] = &[
    ("房产证", &["不动产权证", "不动产"]),
    ("房本", &["不动产权证", "不动产"]),
    ("房产", &["不动产"]),
    ("营业执照", &["设立登记"]),
    ("注册公司", &["企业设立登记", "公司设立登记", "设立登记"]),
    ("开公司", &["企业设立登记", "公司设立登记", "设立登记"]),
    ("上户口", &["出生登记"]),
    ("落户", &["户口迁移", "迁入"]),
    ("迁户口", &["户口迁移"]),
    ("准生证", &["生育登记"]),
    ("驾驶本", &["驾驶证"]),
    ("驾本", &["驾驶证"]),
    ("结婚证", &["结婚登记", "婚姻登记"]),
    ("离婚证", &["离婚登记", "婚姻登记"]),
    ("暂住证", &["居住证"]),
    ("无犯罪证明", &["无犯罪记录证明", "无犯罪记录"]),
    ("食品经营许可证", &["食品经营许可"]),
    ("养老金", &["养老保险待遇", "基本养老金"]),
    ("补办", &["补领", "补发"]),
    ("换证", &["换领", "换发"]),
    ("年审", &["年检", "审验"]),
    ("年检", &["年审", "检验"]),
    ("退税", &["退抵税"]),
    ("五险", &["社会保险"]),
    ("社保号", &["社会保障号码"]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::fold::fold;

    #[test]
    fn a_colloquial_name_has_official_synonyms() {
        assert_eq!(synonyms("社保"), ["社会保险", "社会保障"]);
        assert!(synonyms("准生证").contains(&"生育登记".to_owned()));
        assert!(synonyms("社保卡补办").contains(&"社会保障卡补领".to_owned()));
    }

    #[test]
    fn the_synonym_of_a_full_name_is_only_its_short_name() {
        assert_eq!(synonyms("社会保险"), ["社保"]);
    }

    #[test]
    fn a_term_without_a_colloquial_name_has_no_synonyms() {
        assert!(synonyms("护照").is_empty());
        assert!(synonyms("房").is_empty());
    }

    #[test]
    fn the_number_of_synonyms_is_bounded() {
        assert!(synonyms(&"社保医保驾照户口房本结婚证补办".repeat(20)).len() <= ENOUGH);
    }

    #[test]
    fn the_tables_are_written_as_terms_are_folded() {
        for (said, called) in SHORT.iter().chain(SAID) {
            assert_eq!(fold(said), *said);
            called.iter().for_each(|called| assert_eq!(fold(called), *called));
        }
    }
}
