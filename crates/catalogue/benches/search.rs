//! Benchmarks of searches among the names of a registry, and among a hundred times as many.

use std::hint::black_box;

use catalogue::search::{Index, Query, Rank, Text, Within};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};

const WHOSE: [&str; 80] = [
    "城镇职工",
    "城乡居民",
    "灵活就业人员",
    "外商投资企业",
    "个体工商户",
    "农民专业合作社",
    "高校毕业生",
    "退役军人",
    "残疾人",
    "老年人",
    "未成年人",
    "新生儿",
    "港澳居民",
    "台湾居民",
    "外国人",
    "华侨",
    "归侨",
    "农村居民",
    "流动人口",
    "失业人员",
    "退休人员",
    "机关事业单位",
    "社会团体",
    "民办非企业单位",
    "基金会",
    "有限责任公司",
    "股份有限公司",
    "合伙企业",
    "个人独资企业",
    "分公司",
    "代表机构",
    "学校",
    "医疗机构",
    "药品经营企业",
    "食品经营者",
    "餐饮服务单位",
    "道路运输企业",
    "出租汽车",
    "网约车",
    "货运车辆",
    "客运车辆",
    "驾驶员",
    "教师",
    "医师",
    "护士",
    "药师",
    "律师",
    "会计师",
    "建造师",
    "造价工程师",
    "监理工程师",
    "消防工程师",
    "房地产经纪机构",
    "物业服务企业",
    "建筑施工企业",
    "勘察设计单位",
    "劳务派遣单位",
    "人力资源服务机构",
    "旅行社",
    "导游",
    "演出经纪机构",
    "娱乐场所",
    "出版物零售单位",
    "印刷企业",
    "种子生产经营者",
    "兽药经营企业",
    "动物诊疗机构",
    "水产养殖户",
    "林木采伐者",
    "取水单位",
    "排污单位",
    "危险化学品企业",
    "烟花爆竹经营者",
    "矿山企业",
    "测绘单位",
    "地质勘查单位",
    "特种设备使用单位",
    "计量器具制造企业",
    "检验检测机构",
    "广告经营者",
];

const WHAT: [&str; 94] = [
    "居民身份证",
    "居民户口簿",
    "居住证",
    "往来港澳通行证",
    "普通护照",
    "出入境通行证",
    "出生医学证明",
    "结婚登记",
    "离婚登记",
    "收养登记",
    "社会保障卡",
    "养老保险关系",
    "基本医疗保险",
    "生育保险待遇",
    "工伤保险待遇",
    "失业保险金",
    "住房公积金",
    "不动产权证书",
    "房屋所有权",
    "土地使用权",
    "抵押权",
    "预告登记",
    "机动车行驶证",
    "机动车驾驶证",
    "道路运输证",
    "从业资格证",
    "营业执照",
    "经营范围",
    "法定代表人",
    "注册资本",
    "食品经营许可证",
    "药品经营许可证",
    "医疗机构执业许可证",
    "医师执业证书",
    "护士执业证书",
    "教师资格证",
    "律师执业证",
    "公证",
    "法律援助",
    "最低生活保障",
    "特困人员供养",
    "临时救助",
    "残疾人证",
    "两项补贴",
    "高龄津贴",
    "优待证",
    "抚恤金",
    "户籍证明",
    "无犯罪记录证明",
    "亲属关系证明",
    "死亡证明",
    "纳税证明",
    "完税凭证",
    "增值税发票",
    "个人所得税",
    "契税",
    "车船税",
    "社会保险费",
    "参保缴费记录",
    "异地就医备案",
    "门诊慢特病",
    "转诊备案",
    "学籍",
    "学历认证",
    "入学申请",
    "助学贷款",
    "职业技能等级",
    "职称评审",
    "劳动合同备案",
    "就业登记",
    "失业登记",
    "创业担保贷款",
    "人事档案",
    "建设工程规划许可证",
    "施工许可证",
    "竣工验收备案",
    "消防验收",
    "排水许可证",
    "取水许可证",
    "林木采伐许可证",
    "采矿许可证",
    "排污许可证",
    "环境影响评价",
    "辐射安全许可证",
    "种子生产许可证",
    "动物防疫条件",
    "兽医资格",
    "渔业捕捞许可证",
    "网络文化经营许可证",
    "营业性演出",
    "文物经营许可",
    "旅行社业务",
    "导游证",
    "广播电视节目",
];

const HOW: [&str; 40] = [
    "申领",
    "补领",
    "换领",
    "首次登记",
    "变更登记",
    "注销登记",
    "转移接续",
    "信息查询",
    "备案",
    "延续",
    "遗失补办",
    "损毁换发",
    "核准",
    "年度审验",
    "提取",
    "贷款",
    "缴存",
    "转入",
    "转出",
    "认定",
    "复核",
    "撤销",
    "公示",
    "登记",
    "审批",
    "初审",
    "终止",
    "恢复",
    "暂停",
    "打印",
    "开具",
    "领取",
    "发放",
    "退费",
    "补缴",
    "资格确认",
    "信息修改",
    "状态查询",
    "预约",
    "咨询",
];

/// Distinct names in a shuffled order.
fn names(count: usize) -> impl Iterator<Item = (String, String)> {
    let all = WHOSE.len() * WHAT.len() * HOW.len();
    (0..count).map(move |at| {
        let place = at * 7_919 % all;
        let (whose, what, how) = (WHOSE[place % 80], WHAT[place / 80 % 94], HOW[place / 80 / 94]);
        (format!("{whose}{what}{how}"), format!("{place:012}"))
    })
}

fn index(count: usize) -> Index {
    let mut index = Index::default();
    for ((name, code), place) in names(count).zip(0..) {
        index.put(place, &Text::new(&name, [code.as_str()]));
    }
    index
}

/// The first page of results.
fn page(index: &Index, query: &Query) -> Vec<(Rank, u32)> {
    let mut found: Vec<(Rank, u32)> =
        index.find(query, Within::All).into_iter().map(|(place, rank)| (rank, place)).collect();
    if found.len() > 20 {
        found.select_nth_unstable(20);
        found.truncate(20);
    }
    found.sort_unstable();
    found
}

fn search(criterion: &mut Criterion) {
    for count in [3_000, 300_000] {
        let index = index(count);
        let mut group = criterion.benchmark_group(format!("search {count} names"));
        for (what, typed) in [
            ("two characters", "医师"),
            ("two characters in one of six names", "登记"),
            ("three characters", "身份证"),
            ("four characters", "驾驶证换"),
            ("two words", "公积金 提取"),
            ("three characters in one of seven names", "许可证"),
            ("pinyin", "shenfenzheng"),
            ("pinyin in one of six names", "dengji"),
            ("pinyin half typed", "gongjij"),
            ("initials", "sfz"),
            ("initials in one of six names", "dj"),
            ("synonym", "驾照"),
            ("code", "00012345"),
            ("nothing", "天文台"),
        ] {
            let query = Query::new(typed).expect("something is typed");
            let found = index.find(&query, Within::All).len();
            group.bench_function(BenchmarkId::new(what, format!("{typed}, {found} found")), |bencher| {
                bencher.iter(|| page(&index, black_box(&query)));
            });
        }
        for (what, typed) in [
            ("near miss by sound", "身分证"),
            ("near miss by character", "公积款"),
            ("near miss by letter", "shengfenzheng"),
        ] {
            let query = Query::new(typed).expect("something is typed");
            let meant = index.corrections(&query, Within::All, 3).join(" ");
            group.bench_function(BenchmarkId::new(what, format!("{typed}, {meant}")), |bencher| {
                bencher.iter(|| index.corrections(black_box(&query), Within::All, 3));
            });
        }
        group.bench_function("any 2 to 4 characters, 1,000 of them", |bencher| {
            let queries: Vec<Query> = names(count)
                .step_by(count / 1_000)
                .zip(0usize..)
                .filter_map(|((name, _), at)| {
                    let characters: Vec<char> = name.chars().collect();
                    let (length, start) = (2 + at % 3, at % (characters.len() - 4));
                    Query::new(&characters[start..start + length].iter().collect::<String>())
                })
                .collect();
            bencher.iter(|| queries.iter().map(|query| page(&index, query).len()).sum::<usize>());
        });
        group.bench_function("what it takes to read a query", |bencher| {
            bencher.iter(|| Query::new(black_box("身份证补办")));
        });
        group.bench_function("a name changes", |bencher| {
            bencher.iter(|| {
                let mut next = index.clone();
                next.put(17, &Text::new("居民身份证首次申领", ["000117051000"]));
                next
            });
        });
        group.finish();
    }
}

criterion_group! { name = benches; config = Criterion::default().sample_size(30).measurement_time(std::time::Duration::from_secs(1)).warm_up_time(std::time::Duration::from_millis(300)); targets = search }
criterion_main!(benches);
