//! The columns of lists of records: the field that each gives, its usual header, and other headers for it.

use super::kind::ListKind;
use super::words::Words;
use crate::value::narrow::folded;

/// A column of a list of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordColumn {
    /// The path of the field in a line: `authority.name`.
    pub path: &'static str,
    /// The header in templates.
    pub header: &'static str,
    /// Other headers, in small letters.
    synonyms: &'static [&'static str],
    pub words: Words,
    /// The values of two example rows.
    pub examples: [&'static str; 2],
}

const fn column(
    path: &'static str,
    header: &'static str,
    synonyms: &'static [&'static str],
    examples: [&'static str; 2],
) -> RecordColumn {
    RecordColumn { path, header, synonyms, words: Words::Any, examples }
}

const fn worded(
    path: &'static str,
    header: &'static str,
    synonyms: &'static [&'static str],
    words: Words,
    examples: [&'static str; 2],
) -> RecordColumn {
    RecordColumn { path, header, synonyms, words, examples }
}

const VALID_FROM: RecordColumn =
    column("validFrom", "生效日期", &["启用日期", "开始日期", "起始日期"], ["", "2026-01-01"]);
const VALID_TO: RecordColumn = column("validTo", "失效日期", &["停用日期", "结束日期", "截止日期"], ["", ""]);
const DISTRICT: RecordColumn = column(
    "district",
    "区域代码",
    &["行政区划代码", "区划代码", "地区代码", "属地代码", "业务属地", "区域"],
    ["440115", "440115"],
);

const DISTRICTS: &[RecordColumn] = &[
    column("code", "区域代码", &["行政区划代码", "区划代码", "地区代码", "代码"], ["440115", "320583"]),
    column("name", "区域名称", &["名称", "行政区划名称", "地区名称", "区域"], ["（示例）南沙区", "（示例）昆山市"]),
    column("englishName", "英文名称", &["英文名"], ["Nansha District", ""]),
    worded("kind", "区域类型", &["类型", "级别", "区划级别"], Words::DistrictKinds, ["县级", "县级"]),
    column("parent", "上级区域代码", &["上级代码", "上级区划代码", "上级区域"], ["440100", "320500"]),
    column("administers", "代管区域代码", &["代管区域"], ["", ""]),
    column("aliases", "别名", &["简称", "又名", "其他名称"], ["广州南沙", ""]),
    column("hotline", "服务热线", &["政务服务热线", "热线"], ["020-12345", ""]),
    column("complaintPhone", "监督投诉电话", &["投诉电话", "监督电话"], ["", ""]),
    column("portal", "政务服务网址", &["网站", "网址", "政务服务网"], ["", ""]),
    column("validFrom", "设立日期", &["生效日期", "开始日期"], ["", ""]),
];

const MATTERS: &[RecordColumn] = &[
    column(
        "code",
        "基本编码",
        &["事项编码", "事项基本编码", "国家基本编码", "编码", "代码"],
        ["000109001000", "LGA000000012"],
    ),
    column("name", "事项名称", &["名称", "事项", "政务服务事项"], ["（示例）居民身份证换领", "（示例）普通护照签发"]),
    column("englishName", "英文名称", &["英文名"], ["", ""]),
    column("aliases", "别名", &["又名", "其他名称"], ["换身份证；身份证换新", ""]),
    worded("domain", "领域", &["所属领域", "业务领域", "类别"], Words::Domains, ["公安", "公安"]),
    worded("audience", "服务对象", &["办理对象", "申请人类型"], Words::Audiences, ["个人", "个人"]),
    column("leadDepartment", "牵头部门", &["主管部门", "国家部门"], ["公安部", "国家移民管理局"]),
    column("competentBy", "属地依据", &["业务属地依据", "管辖依据"], ["户籍地", ""]),
];

const OFFERINGS: &[RecordColumn] = &[
    DISTRICT,
    column(
        "matter",
        "基本编码",
        &["事项编码", "事项基本编码", "国家基本编码", "事项代码"],
        ["000109001000", "LGA000000012"],
    ),
    column("name", "事项名称", &["本地名称", "名称", "事项"], ["（示例）居民身份证换领", "（示例）普通护照签发"]),
    column("code", "实施编码", &["实施清单编码"], ["", ""]),
    column("sourceCode", "本地编码", &["系统编码", "业务编码", "内部编码"], ["", "NS-0002"]),
    column(
        "authority.name",
        "实施主体",
        &["实施机关", "实施部门", "办理部门", "审批部门"],
        ["广州市公安局南沙区分局", "广州市公安局南沙区分局"],
    ),
    column("authority.creditCode", "实施主体信用代码", &["统一社会信用代码", "实施主体编码"], ["", ""]),
    column("authority.level", "行使层级", &[], ["县级", "县级"]),
    column("statutoryDays", "法定办结时限", &["法定时限"], ["60", "30"]),
    column("promisedDays", "承诺办结时限", &["承诺时限", "办理时限", "办结时限"], ["20", "7"]),
    worded("dayKind", "时限单位", &["时限类型"], Words::DayKinds, ["工作日", "工作日"]),
    column("visits", "到现场次数", &["到办事现场次数", "跑动次数", "到场次数"], ["1", "1"]),
    column("url", "网办地址", &["在线办理地址", "办理网址", "网址"], ["", ""]),
    column("conditions", "受理条件", &["申请条件", "办理条件"], ["本人申请", "本人申请"]),
    column("fee", "收费标准", &["收费", "费用"], ["20元/证", "120元/本"]),
    column("result", "办理结果", &["审批结果", "结果名称"], ["居民身份证", "普通护照"]),
    column("delivery", "送达方式", &["结果送达", "送达"], ["邮寄或自取", "邮寄或自取"]),
    column("appointment", "预约办理", &["预约"], ["可网上预约", ""]),
    column("legalBasis", "设定依据", &["法律依据", "办理依据"], ["《居民身份证法》", "《护照法》"]),
    column("materials", "材料明细", &[], ["居民身份证 | 必要 | 原件 | 1", ""]),
    column("forms", "表格明细", &[], ["申领登记表 | https://example.gov.cn/forms/id.pdf | 样表", ""]),
    column("questions", "问答明细", &[], ["可以请人代领吗？ | 可以，代领人须带本人身份证。", ""]),
    column("consultPhone", "咨询电话", &["咨询方式"], ["020-12345678", ""]),
    column("complaintPhone", "监督投诉电话", &["投诉电话", "监督电话", "监督投诉方式"], ["020-12345", ""]),
    column("appointmentUrl", "预约地址", &["预约网址", "网上预约地址"], ["", ""]),
    column("resultSample", "结果样本地址", &["结果样本"], ["", ""]),
    column("verifiedOn", "最近核对日", &["最近核对日期", "核对日", "校核日期"], ["2026-01-15", "2026-01-15"]),
    VALID_FROM,
    VALID_TO,
];

const WINDOWS: &[RecordColumn] = &[
    DISTRICT,
    column("name", "窗口名称", &["名称", "窗口"], ["（示例）跨域通办专窗", "（示例）远程视频窗口"]),
    worded("kind", "窗口类型", &["类型"], Words::WindowKinds, ["政务服务大厅", "政务服务大厅"]),
    column("address", "地址", &["窗口地址", "办公地址", "办理地址"], ["政务服务中心一楼A区1号", "政务服务中心二楼"]),
    column("hours", "办公时间", &["工作时间", "受理时间", "开放时间"], ["工作日 9:00–12:00，13:00–17:00", ""]),
    column("phone", "联系电话", &["电话", "咨询电话"], ["020-12345678", ""]),
    column("complaintPhone", "监督投诉电话", &["投诉电话", "监督电话"], ["020-12345", ""]),
    column("appointmentUrl", "预约地址", &["预约网址", "网上预约地址"], ["", ""]),
    column("opening", "每周开放时段", &["开放时段", "办公时段"], ["周一至周五 09:00-12:00，13:00-17:00", ""]),
    column("closedDates", "临时不开放日期", &["不开放日期", "闭馆日期"], ["", ""]),
    column("transport", "交通指引", &["交通", "乘车路线", "公交线路"], ["地铁4号线蕉门站B口", ""]),
    worded("modes", "通办方式", &["办理方式"], Words::Modes, ["异地代收代办", "全程网办"]),
    worded("domains", "领域", &["业务领域", "所属领域"], Words::Domains, ["公安", ""]),
    column("matters", "可办事项编码", &["事项编码", "基本编码"], ["000109001000", ""]),
    VALID_FROM,
    VALID_TO,
];

/// The columns of a kind, in the order of a template.
pub fn columns(kind: ListKind) -> &'static [RecordColumn] {
    match kind {
        ListKind::District => DISTRICTS,
        ListKind::Matter => MATTERS,
        ListKind::Offering => OFFERINGS,
        ListKind::Window => WINDOWS,
    }
}

impl RecordColumn {
    /// The column that a header means: the usual header, another one, or the path of the field. A unit in brackets is
    /// left out: `承诺办结时限（工作日）`.
    pub fn find(kind: ListKind, header: &str) -> Option<&'static Self> {
        let whole = folded(header);
        let bare = whole.split_once('(').map_or(whole.as_str(), |(before, _)| before);
        let names = |column: &Self, name: &str| {
            folded(column.header) == name || column.synonyms.contains(&name) || column.path.eq_ignore_ascii_case(name)
        };
        [whole.as_str(), bare].into_iter().find_map(|name| columns(kind).iter().find(|column| names(column, name)))
    }
}

/// The header of the column of a field, as its label.
pub fn label(path: &str) -> Option<&'static str> {
    let mut all = ListKind::ALL.into_iter().flat_map(columns);
    all.find(|column| column.path == path).map(|column| column.header)
}

/// Begins the name of a record in an example row of a template. Such rows are left out.
pub const EXAMPLE: &str = "（示例）";

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use domain::record::shapes;

    use super::*;

    #[test]
    fn every_column_is_a_field_of_its_kind_and_no_header_means_two() {
        for kind in ListKind::ALL {
            let (_, fields) = shapes().into_iter().find(|(name, _)| *name == kind.name()).expect("a kind of lines");
            let mut headers = HashSet::new();
            for column in columns(kind) {
                let first = column.path.split('.').next().expect("a step");
                assert!(fields.iter().any(|field| field.name == first), "{}: {}", kind.name(), column.path);
                for header in column.synonyms.iter().chain([&column.header]) {
                    assert!(headers.insert(*header), "{}: {header}", kind.name());
                    assert_eq!(RecordColumn::find(kind, header), Some(column), "{header}");
                }
                assert_eq!(RecordColumn::find(kind, column.path), Some(column));
                for example in column.examples.iter().filter(|example| !example.is_empty()) {
                    assert!(column.words == Words::Any || column.words.wire(example).is_some(), "{example}");
                }
            }
        }
        let days = RecordColumn::find(ListKind::Offering, "承诺时限（工作日）").map(|column| column.path);
        assert_eq!(days, Some("promisedDays"));
    }
}
