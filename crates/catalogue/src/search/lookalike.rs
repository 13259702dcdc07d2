//! Characters that are confused because they look alike but sound different: 毫州 for 亳州. Characters that sound alike
//! need no table.

use std::sync::LazyLock;

/// Groups of similar characters, mostly a rare one in a place name and the common one written instead.
const ALIKE: &[&str] = &[
    "亳毫豪",
    "荥荣",
    "埠阜",
    "菏荷",
    "颍颖",
    "汨汩泪",
    "泸沪",
    "邗邢邦",
    "宕岩",
    "莘幸辛",
    "睢雎",
    "盱盯吁",
    "邳丕坯",
    "眙胎",
    "鄄甄",
    "兖衮",
    "郯剡",
    "歙翕",
    "砀荡",
    "枞纵松",
    "柘拓",
    "漯螺",
    "渑绳",
    "浚俊峻",
    "郏夹",
    "鄢焉",
    "濮璞",
    "沭沐",
    "溧漂栗",
    "邛邓",
    "涪培陪",
    "綦纂基",
    "郴彬",
    "耒来",
    "澧灃",
    "溆叙",
    "攸修",
    "岑芩",
    "儋檐瞻",
    "阆阎朗",
    "犍健键",
    "筠均",
    "珙拱",
    "郫碑",
    "勐猛",
    "濞鼻",
    "瓮翁",
    "洮桃",
    "迭选",
    "碌绿录",
    "湟煌",
    "祁邪",
    "羌恙",
    "耆者",
    "隰湿",
    "稷谡",
    "芮内",
    "沁泌心",
    "岢可",
    "蓟鱼",
    "栾峦弯",
    "藁槁",
    "蔚尉",
    "涿逐啄",
    "淖悼",
    "珲辉晖浑",
    "讷纳呐",
    "滁除",
    "埇桶涌",
    "蕲靳",
    "秭姊",
    "猇虎",
    "醴酆",
    "潼僮",
    "酂赞",
    "鄞勤",
    "嵊乘",
    "缙晋",
    "衢瞿",
    "婺婆",
    "弋戈",
    "鄱翻",
    "芗乡",
    "灞坝霸",
    "鄠户",
    "畲畬",
    "阳阴",
    "己已巳",
    "戌戍戊",
    "天夭夫",
    "未末",
    "士土",
    "日曰",
    "大太犬",
    "人入",
    "千干于",
];

/// All pairs of similar characters in both directions, sorted.
static PAIRS: LazyLock<Vec<(char, char)>> = LazyLock::new(|| {
    let of_group = |group: &'static str| group.chars().flat_map(|one| group.chars().map(move |other| (one, other)));
    let mut pairs: Vec<_> = ALIKE.iter().copied().flat_map(of_group).filter(|(one, other)| one != other).collect();
    pairs.sort_unstable();
    pairs.dedup();
    pairs
});

/// The characters that look like a character.
pub(super) fn alike(character: char) -> impl Iterator<Item = char> {
    let start = PAIRS.partition_point(|(one, _)| *one < character);
    PAIRS[start..].iter().take_while(move |(one, _)| *one == character).map(|(_, other)| *other)
}

pub(super) fn looks_like(one: char, other: char) -> bool {
    PAIRS.binary_search(&(one, other)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn similarity_is_symmetric() {
        assert!(looks_like('毫', '亳') && looks_like('亳', '毫') && !looks_like('亳', '亳') && !looks_like('亳', '荣'));
        assert_eq!(alike('颖').collect::<String>(), "颍");
    }

    #[test]
    fn a_group_has_a_character_once() {
        for group in ALIKE {
            let mut characters: Vec<char> = group.chars().collect();
            characters.sort_unstable();
            characters.dedup();
            assert!(characters.len() > 1 && characters.len() == group.chars().count(), "{group}");
        }
    }
}
