//! The pinyin of a name, without tones; ü is written `v` as on a keyboard.
//!
//! Characters with several readings depend on the word: 重庆 is `chong qing`, 重大 is `zhong da`. The longest phrase of
//! [`PHRASES`] at a position is read as a whole, any other character by its usual reading.

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use pinyin::ToPinyin;

/// The syllables of a folded name. An ASCII letter or digit is a syllable of its own; a character without pinyin has
/// none.
pub(super) fn syllables(folded: &str) -> Vec<&'static str> {
    syllables_at(folded).into_iter().map(|(_, syllable)| syllable).collect()
}

/// The syllables, each with the byte offset of its character.
pub(super) fn syllables_at(folded: &str) -> Vec<(usize, &'static str)> {
    let mut syllables = Vec::with_capacity(folded.len() / 3 + 1);
    let mut at = 0;
    while let Some(character) = folded[at..].chars().next() {
        if character.is_ascii() {
            syllables.push((at, itself(character)));
        } else if let Some((phrase, reading)) = phrase_at(character, &folded[at..]) {
            syllables
                .extend(phrase.char_indices().zip(reading.split(' ')).map(|((of, _), syllable)| (at + of, syllable)));
            at += phrase.len();
            continue;
        } else {
            syllables.extend(character.to_pinyin().map(|reading| (at, typed(reading.plain()))));
        }
        at += character.len_utf8();
    }
    syllables
}

/// All possible syllables, sorted.
pub(super) fn all_syllables() -> Vec<&'static str> {
    // All blocks with Han characters.
    let readings = ('\u{3000}'..='\u{3ffff}').filter_map(|character| Some(typed(character.to_pinyin()?.plain())));
    let all: BTreeSet<&str> = readings
        .chain(THEMSELVES.chars().map(itself))
        .chain(PHRASES.iter().flat_map(|(_, reading)| reading.split(' ')))
        .collect();
    all.into_iter().collect()
}

/// An ASCII letter or digit as it is folded.
fn itself(character: char) -> &'static str {
    THEMSELVES.find(character).map_or("", |at| &THEMSELVES[at..=at])
}

const THEMSELVES: &str = "0123456789abcdefghijklmnopqrstuvwxyz";

fn phrase_at(first: char, text: &str) -> Option<(&'static str, &'static str)> {
    BY_FIRST.get(&first)?.iter().copied().find(|(phrase, _)| text.starts_with(phrase))
}

fn typed(reading: &'static str) -> &'static str {
    match reading {
        "lü" => "lv",
        "lüe" => "lve",
        "nü" => "nv",
        "nüe" => "nve",
        "ê" => "e",
        other => other,
    }
}

type Phrase = (&'static str, &'static str);

/// [`PHRASES`] by their first character, the longest first.
static BY_FIRST: LazyLock<HashMap<char, Vec<Phrase>>> = LazyLock::new(|| {
    let mut phrases = HashMap::<char, Vec<Phrase>>::new();
    for (phrase, reading) in PHRASES {
        phrases.entry(phrase.chars().next().unwrap_or_default()).or_default().push((phrase, reading));
    }
    for starting_alike in phrases.values_mut() {
        starting_alike.sort_by_key(|(phrase, _)| std::cmp::Reverse(phrase.len()));
    }
    phrases
});

/// Readings that differ from the first reading of the `pinyin` crate in names of places, matters and
/// authorities. Some phrases are read as expected and are listed to keep their last character from
/// the next phrase: without 执行, 执行业务 would hold a 行业. Before adding one, think of what else
/// its characters may be part of: 车行 is a shop, but also the middle of 机动车行驶证.
#[rustfmt::skip]
const PHRASES: &[Phrase] = &[
    // Characters whose usual reading here is another one.
    ("什", "shi"), ("佛", "fo"), ("勒", "le"), ("卜", "bu"), ("晟", "sheng"), ("泊", "bo"), ("给", "ji"), ("薄", "bo"),
    ("蚌", "beng"), ("辗", "zhan"), ("还", "huan"), ("都", "du"), ("陂", "pi"),

    // 重
    ("重庆", "chong qing"), ("重新", "chong xin"), ("重复", "chong fu"), ("重建", "chong jian"),
    ("重组", "chong zu"), ("重置", "chong zhi"), ("重启", "chong qi"), ("重做", "chong zuo"), ("重修", "chong xiu"),
    ("重审", "chong shen"), ("重写", "chong xie"), ("重填", "chong tian"), ("重印", "chong yin"),
    ("重发", "chong fa"), ("重申", "chong shen"), ("重整", "chong zheng"), ("重报", "chong bao"),
    ("重婚", "chong hun"), ("重返", "chong fan"), ("重叠", "chong die"), ("重阳", "chong yang"),
    ("重考", "chong kao"), ("重办", "chong ban"), ("重开", "chong kai"), ("重签", "chong qian"),
    ("重评", "chong ping"), ("双重", "shuang chong"), ("严重", "yan zhong"), ("多重残疾", "duo chong can ji"),
    ("注重", "zhu zhong"), ("着重", "zhuo zhong"),

    // 行
    ("银行", "yin hang"), ("行业", "hang ye"), ("农商行", "nong shang hang"), ("支行", "zhi hang"),
    ("行长", "hang zhang"), ("典当行", "dian dang hang"), ("闵行", "min hang"), ("太行", "tai hang"),
    ("执行", "zhi xing"), ("进行", "jin xing"), ("实行", "shi xing"), ("施行", "shi xing"), ("推行", "tui xing"),
    ("发行", "fa xing"), ("运行", "yun xing"), ("试行", "shi xing"), ("通行", "tong xing"), ("飞行", "fei xing"),
    ("航行", "hang xing"), ("旅行", "lv xing"), ("履行", "lv xing"), ("举行", "ju xing"), ("自行", "zi xing"),
    ("先行", "xian xing"), ("现行", "xian xing"), ("代行", "dai xing"), ("出行", "chu xing"),

    // 会
    ("会计", "kuai ji"), ("会稽", "kuai ji"), ("财会", "cai kuai"), ("社会", "she hui"), ("协会", "xie hui"),
    ("委员会", "wei yuan hui"), ("理事会", "li shi hui"), ("居委会", "ju wei hui"), ("村委会", "cun wei hui"),

    // 长
    ("长沙", "chang sha"), ("长治", "chang zhi"), ("长春", "chang chun"), ("长安", "chang an"),
    ("长海", "chang hai"), ("长岭", "chang ling"), ("长白", "chang bai"), ("长宁", "chang ning"),
    ("长兴", "chang xing"), ("长丰", "chang feng"), ("天长市", "tian chang shi"), ("长乐", "chang le"),
    ("长泰", "chang tai"), ("长汀", "chang ting"), ("长清", "chang qing"), ("长垣", "chang yuan"),
    ("长葛", "chang ge"), ("长阳", "chang yang"), ("长洲", "chang zhou"), ("长寿", "chang shou"),
    ("长武", "chang wu"), ("长顺", "chang shun"), ("长岛", "chang dao"), ("长江", "chang jiang"),
    ("长城", "chang cheng"), ("长征", "chang zheng"), ("长三角", "chang san jiao"), ("长株潭", "chang zhu tan"),
    ("长吉", "chang ji"), ("长青", "chang qing"), ("长河", "chang he"), ("长湖", "chang hu"),
    ("长山", "chang shan"), ("长桥", "chang qiao"), ("长途", "chang tu"), ("长期", "chang qi"),
    ("长久", "chang jiu"), ("长远", "chang yuan"), ("长效", "chang xiao"), ("长度", "chang du"),
    ("长短", "chang duan"), ("长假", "chang jia"), ("长护", "chang hu"), ("长租", "chang zu"),
    ("长输", "chang shu"), ("长廊", "chang lang"), ("长跑", "chang pao"), ("长波", "chang bo"),
    ("长龙", "chang long"), ("长虹", "chang hong"), ("特长", "te chang"), ("擅长", "shan chang"),
    ("专长", "zhuan chang"), ("时长", "shi chang"), ("延长", "yan chang"), ("全长", "quan chang"),
    ("波长", "bo chang"), ("周长", "zhou chang"), ("超长", "chao chang"), ("加长", "jia chang"),
    ("最长", "zui chang"), ("较长", "jiao chang"), ("成长", "cheng zhang"), ("家长", "jia zhang"),
    ("增长", "zeng zhang"), ("国家", "guo jia"),

    // 乐 (`yue` in music and in 乐清)
    ("音乐", "yin yue"), ("乐器", "yue qi"), ("乐团", "yue tuan"), ("乐队", "yue dui"), ("乐曲", "yue qu"),
    ("乐谱", "yue pu"), ("声乐", "sheng yue"), ("器乐", "qi yue"), ("民乐团", "min yue tuan"), ("乐清", "yue qing"),
    ("乐亭", "lao ting"), ("乐陵", "lao ling"), ("娱乐", "yu le"), ("康乐", "kang le"),

    // 调
    ("调解", "tiao jie"), ("调整", "tiao zheng"), ("调节", "tiao jie"), ("调剂", "tiao ji"), ("调控", "tiao kong"),
    ("调试", "tiao shi"), ("调理", "tiao li"), ("调味", "tiao wei"), ("调料", "tiao liao"), ("调停", "tiao ting"),
    ("调频", "tiao pin"), ("调价", "tiao jia"), ("调峰", "tiao feng"), ("调蓄", "tiao xu"), ("调休", "tiao xiu"),
    ("调薪", "tiao xin"), ("调压", "tiao ya"), ("协调", "xie tiao"), ("空调", "kong tiao"), ("烹调", "peng tiao"),
    ("失调", "shi tiao"), ("上调", "shang tiao"), ("下调", "xia tiao"),

    // 还
    ("还是", "hai shi"), ("还有", "hai you"), ("还要", "hai yao"), ("还需", "hai xu"), ("还可", "hai ke"),
    ("还应", "hai ying"), ("还能", "hai neng"), ("还会", "hai hui"), ("还未", "hai wei"), ("还没", "hai mei"),
    ("返还", "fan huan"), ("退还", "tui huan"), ("归还", "gui huan"), ("偿还", "chang huan"),

    // 给, 供, 便, 差, 降, 解, 单, 参, 藏
    ("发给", "fa gei"), ("交给", "jiao gei"), ("送给", "song gei"), ("还给", "huan gei"), ("卖给", "mai gei"),
    ("便宜", "pian yi"), ("出差", "chu chai"), ("差旅", "chai lv"), ("投降", "tou xiang"), ("解州", "hai zhou"),
    ("解姓", "xie xing"), ("解氏", "xie shi"), ("单县", "shan xian"), ("单姓", "shan xing"), ("参茸", "shen rong"),
    ("参差", "cen ci"), ("西藏", "xi zang"), ("藏族", "zang zu"), ("藏医", "zang yi"), ("藏药", "zang yao"),
    ("藏语", "zang yu"), ("藏文", "zang wen"), ("藏传", "zang chuan"), ("藏区", "zang qu"), ("藏青", "zang qing"),
    ("川藏", "chuan zang"), ("青藏", "qing zang"), ("进藏", "jin zang"), ("援藏", "yuan zang"),
    ("宝藏", "bao zang"), ("藏獒", "zang ao"), ("大藏经", "da zang jing"), ("清单", "qing dan"),
    ("名单", "ming dan"), ("馆藏", "guan cang"), ("收藏", "shou cang"), ("珍藏", "zhen cang"), ("贮藏", "zhu cang"),
    ("储藏", "chu cang"), ("冷藏", "leng cang"),

    // Other words with more than one reading.
    ("什么", "shen me"), ("率先", "shuai xian"), ("率领", "shuai ling"), ("效率", "xiao lv"), ("湖泊", "hu po"),
    ("校验", "jiao yan"), ("校对", "jiao dui"), ("校准", "jiao zhun"), ("校正", "jiao zheng"), ("校核", "jiao he"),
    ("审校", "shen jiao"), ("畜牧", "xu mu"), ("畜产", "xu chan"), ("角色", "jue se"), ("主角", "zhu jue"),
    ("开拓", "kai tuo"), ("拓片", "ta pian"), ("厌恶", "yan wu"), ("标识", "biao zhi"), ("着陆", "zhuo lu"),
    ("着装", "zhuo zhuang"), ("着火", "zhao huo"), ("着力", "zhuo li"), ("着手", "zhuo shou"),
    ("无着", "wu zhuo"), ("了解", "liao jie"), ("终了", "zhong liao"), ("了结", "liao jie"),
    ("目的", "mu di"), ("大夫", "dai fu"), ("大厦", "da sha"), ("反省", "fan xing"), ("呼吁", "hu yu"),
    ("龟裂", "jun lie"), ("刹车", "sha che"), ("模样", "mu yang"), ("模板", "mu ban"), ("模具", "mu ju"),
    ("阿胶", "e jiao"), ("阿弥陀", "e mi tuo"), ("雪茄", "xue jia"), ("番茄", "fan qie"), ("茄子", "qie zi"), ("杉木", "sha mu"),
    ("鸭绿江", "ya lu jiang"), ("曾孙", "zeng sun"), ("曾祖", "zeng zu"), ("曾姓", "zeng xing"),
    ("仇姓", "qiu xing"), ("查姓", "zha xing"), ("瑜伽", "yu jia"), ("学校", "xue xiao"), ("高校", "gao xiao"),
    ("院校", "yuan xiao"), ("驾校", "jia xiao"), ("在校", "zai xiao"), ("离校", "li xiao"), ("技校", "ji xiao"),
    ("项目", "xiang mu"), ("科目", "ke mu"), ("节目", "jie mu"), ("规模", "gui mo"), ("为了", "wei le"),
    ("除了", "chu le"),

    // Places
    ("六安", "lu an"), ("六合区", "lu he qu"), ("南京六合", "nan jing lu he"), ("厦门", "xia men"),
    ("番禺", "pan yu"), ("东阿", "dong e"), ("尉犁", "yu li"), ("莘庄", "xin zhuang"), ("莘松", "xin song"),
    ("铅山", "yan shan"), ("召陵", "shao ling"), ("伽师", "jia shi"), ("龙圩", "long xu"), ("宝坻", "bao di"),
    ("大埔", "da bu"), ("吴堡", "wu bu"), ("红寺堡", "hong si bu"), ("崆峒", "kong tong"), ("繁峙", "fan shi"),
    ("曾都", "zeng du"), ("枞阳", "zong yang"), ("穆棱", "mu ling"), ("泌阳", "bi yang"), ("洪洞", "hong tong"),
    ("浚县", "xun xian"), ("涡阳", "guo yang"), ("牟平", "mu ping"), ("中牟", "zhong mu"), ("犍为", "qian wei"),
    ("珲春", "hun chun"), ("称多", "chen duo"), ("筠连", "jun lian"), ("荥经", "ying jing"), ("蔚县", "yu xian"),
    ("覃塘", "qin tang"), ("大城县", "dai cheng xian"), ("宕昌", "tan chang"), ("浒墅关", "xu shu guan"),
    ("名称", "ming cheng"),
];

#[cfg(test)]
mod tests {
    use pinyin::ToPinyinMulti;

    use super::*;

    fn reading(name: &str) -> String {
        syllables(name).join(" ")
    }

    #[test]
    fn a_place_name_has_its_local_reading() {
        for (place, expected) in [
            ("重庆市", "chong qing shi"),
            ("厦门", "xia men"),
            ("长沙", "chang sha"),
            ("长治", "chang zhi"),
            ("长春", "chang chun"),
            ("长子县", "zhang zi xian"),
            ("朝阳", "chao yang"),
            ("乐山", "le shan"),
            ("单县", "shan xian"),
            ("六安", "lu an"),
            ("六盘水", "liu pan shui"),
            ("台州", "tai zhou"),
            ("丽水", "li shui"),
            ("蚌埠", "beng bu"),
            ("亳州", "bo zhou"),
            ("番禺", "pan yu"),
            ("吐鲁番", "tu lu fan"),
            ("东阿", "dong e"),
            ("尉犁", "yu li"),
            ("尉氏", "wei shi"),
            ("莘县", "shen xian"),
            ("莘庄", "xin zhuang"),
            ("铅山", "yan shan"),
            ("西藏", "xi zang"),
            ("喀什", "ka shi"),
            ("佛山", "fo shan"),
            ("闵行", "min hang"),
            ("乾县", "qian xian"),
            ("吕梁", "lv liang"),
            ("阿勒泰", "a le tai"),
            ("疏勒县", "shu le xian"),
            ("策勒县", "ce le xian"),
            ("库尔勒市", "ku er le shi"),
            ("霍林郭勒市", "huo lin guo le shi"),
            ("尼勒克县", "ni le ke xian"),
            ("克孜勒苏", "ke zi le su"),
            ("弥勒市", "mi le shi"),
            ("茄子河区", "qie zi he qu"),
        ] {
            assert_eq!(reading(place), expected, "{place}");
        }
    }

    #[test]
    fn the_reading_of_a_character_depends_on_its_word() {
        for (words, expected) in [
            ("工商行政", "gong shang xing zheng"),
            ("机动车行驶证", "ji dong che xing shi zheng"),
            ("馆藏文物", "guan cang wen wu"),
            ("冷藏药品", "leng cang yao pin"),
            ("个人参保", "ge ren can bao"),
            ("学校验收", "xue xiao yan shou"),
            ("项目的确认", "xiang mu de que ren"),
            ("全市长期护理", "quan shi chang qi hu li"),
            ("国家长期", "guo jia chang qi"),
            ("娱乐器材", "yu le qi cai"),
            ("清单县级", "qing dan xian ji"),
            ("遗失重新申领", "yi shi chong xin shen ling"),
            ("起重设备", "qi zhong she bei"),
            ("银行", "yin hang"),
            ("行政", "xing zheng"),
            ("执行业务", "zhi xing ye wu"),
            ("会计", "kuai ji"),
            ("社会计划", "she hui ji hua"),
            ("参保", "can bao"),
            ("参加", "can jia"),
            ("成长期", "cheng zhang qi"),
            ("长期", "chang qi"),
            ("家长", "jia zhang"),
            ("校长", "xiao zhang"),
            ("增长", "zeng zhang"),
            ("音乐", "yin yue"),
            ("还清", "huan qing"),
            ("还款", "huan kuan"),
            ("重新", "chong xin"),
            ("重复", "chong fu"),
            ("重建", "chong jian"),
            ("重度", "zhong du"),
            ("严重复杂", "yan zhong fu za"),
            ("调动", "diao dong"),
            ("调解", "tiao jie"),
            ("处理", "chu li"),
            ("首都", "shou du"),
            ("宣传", "xuan chuan"),
            ("收藏", "shou cang"),
            ("税率", "shui lv"),
            ("给付", "ji fu"),
            ("供给", "gong ji"),
            ("提供", "ti gong"),
            ("空间", "kong jian"),
            ("便民", "bian min"),
            ("更新", "geng xin"),
            ("变更", "bian geng"),
            ("差额", "cha e"),
            ("应急", "ying ji"),
            ("强制", "qiang zhi"),
            ("数据", "shu ju"),
            ("降级", "jiang ji"),
            ("结婚", "jie hun"),
            ("血站", "xue zhan"),
            ("薄弱", "bo ruo"),
            ("解除", "jie chu"),
            ("单位", "dan wei"),
            ("校验", "jiao yan"),
            ("学校", "xue xiao"),
            ("妇女", "fu nv"),
        ] {
            assert_eq!(reading(words), expected, "{words}");
        }
    }

    #[test]
    fn ascii_is_read_letter_by_letter() {
        assert_eq!(reading("etc办理"), "e t c ban li");
    }

    #[test]
    fn each_phrase_has_a_syllable_for_each_character() {
        for (phrase, reading) in PHRASES {
            assert_eq!(phrase.chars().count(), reading.split(' ').count(), "{phrase}");
        }
    }

    #[test]
    fn every_reading_is_among_all_syllables() {
        let all = all_syllables();
        for character in '\0'..=char::MAX {
            for syllable in syllables(character.encode_utf8(&mut [0; 4])) {
                assert!(syllable.is_empty() || all.binary_search(&syllable).is_ok(), "{character}: {syllable}");
                assert!(
                    syllable.bytes().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit()),
                    "{character}: {syllable}"
                );
            }
        }
    }

    #[test]
    fn no_phrase_is_listed_twice() {
        let mut phrases: Vec<_> = PHRASES.iter().map(|(phrase, _)| phrase).collect();
        phrases.sort();
        let twice: Vec<_> = phrases.windows(2).filter(|pair| pair[0] == pair[1]).collect();

        assert!(twice.is_empty(), "{twice:?}");
    }

    /// A typing error in the table would be a syllable that its character does not have.
    #[test]
    fn each_syllable_of_a_phrase_is_a_reading_of_its_character() {
        // Read so in one place only; no dictionary of characters has them.
        const LOCAL: [(char, &str); 3] = [('乐', "lao"), ('解', "hai"), ('宕', "tan")];
        for (phrase, reading) in PHRASES {
            for (character, syllable) in phrase.chars().zip(reading.split(' ')) {
                let known = character
                    .to_pinyin_multi()
                    .is_some_and(|readings| readings.into_iter().any(|known| typed(known.plain()) == syllable));
                assert!(known || LOCAL.contains(&(character, syllable)), "{phrase}: {character} {syllable}");
            }
        }
    }
}
