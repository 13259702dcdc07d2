//! The fields of the form of a guide.

use domain::{DayKind, Locale, MatterCode};
use registry::presentation::Say as _;
use serde_json::{Map, Value as Json};

use crate::console::field::{Field, Kind};

/// The fields, with those that identify a new record.
pub(super) fn fields(line: &Map<String, Json>, is_new: bool, locale: Locale) -> Vec<Field> {
    let mut fields = Vec::new();
    let has_source = line.contains_key("sourceCode");
    // What identifies a record is not changed: another key would be another record.
    if (is_new && !line.contains_key("matter")) || has_source {
        fields.push(
            Field::new("matter", Kind::Line, "基本编码", "Matter code").hint(
                "事项的 12 位编码；不填则为未匹配",
                "the code of the matter; without it the guide is not matched",
            ),
        );
    }
    if is_new {
        fields.push(Field::new("sourceCode", Kind::Line, "本地编码", "Local code").hint(
            "本地系统中的编码；基本编码与本地编码至少填一个",
            "the code in your system; either this or the matter is required",
        ));
    }
    fields.extend([
        Field::new("name", Kind::Line, "本地名称", "Local name")
            .hint("不填则用事项名称", "without it the name of the matter"),
        Field::new("code", Kind::Line, "实施编码", "Implementing code"),
        Field::new("authority.name", Kind::Line, "实施主体", "Deciding body"),
        Field::new("authority.creditCode", Kind::Line, "实施主体统一社会信用代码", "Credit code of the body"),
        Field::new("authority.level", Kind::Line, "行使层级", "Level of the body"),
        Field::new("statutoryDays", Kind::Number, "法定办结时限", "Statutory days"),
        Field::new("promisedDays", Kind::Number, "承诺办结时限", "Promised days"),
        Field::new("dayKind", Kind::Choice(day_kinds(line, locale)), "时限单位", "Unit of days"),
        Field::new("visits", Kind::Number, "到现场次数", "Visits").required(),
        Field::new("url", Kind::Line, "网办地址", "Address of the online service"),
        Field::new("conditions", Kind::Text, "受理条件", "Conditions"),
        lines("materials", "申请材料", "Materials").hint(
            "每行一项：名称 | 必要性 | 形式 | 份数，如：居民身份证 | 必要 | 原件 | 1；可续写容缺天数和核对要点",
            "one a line: name | 必要 | 原件 | 1, then the days to follow and what is checked",
        ),
        lines("forms", "表格和样表", "Forms").hint(
            "每行一项：名称 | 网址，样表在其后加 | 样表",
            "one a line: name | address, and | sample for a filled one",
        ),
        Field::new("fee", Kind::Text, "收费标准", "Fee"),
        Field::new("result", Kind::Text, "办理结果", "Result"),
        Field::new("resultSample", Kind::Line, "结果样本地址", "Address of a sample of the result"),
        Field::new("delivery", Kind::Text, "送达方式", "Delivery"),
        Field::new("appointment", Kind::Text, "预约办理", "Appointment"),
        Field::new("appointmentUrl", Kind::Line, "预约地址", "Address for appointments"),
        Field::new("legalBasis", Kind::Text, "设定依据", "Legal basis"),
        lines("questions", "常见问题", "Questions").hint("每行一项：问题 | 答复", "one a line: question | answer"),
        Field::new("consultPhone", Kind::Line, "咨询电话", "Telephone for questions"),
        Field::new("complaintPhone", Kind::Line, "监督投诉电话", "Telephone for complaints"),
        Field::new("verifiedOn", Kind::Date, "指南核对日期", "Verified on").hint(
            "核对无误的日子；超过 12 个月会被提示",
            "the day on which it was last checked; after 12 months it is a finding",
        ),
        Field::new("validFrom", Kind::Date, "生效日期", "First day"),
        Field::new("validTo", Kind::Date, "失效日期", "Last day"),
    ]);
    fields
}

fn lines(name: &'static str, zh: &str, en: &str) -> Field {
    Field::new(name, Kind::Lines, zh, en)
}

/// The units, and that of the record if it is another word.
fn day_kinds(line: &Map<String, Json>, locale: Locale) -> Vec<(String, String)> {
    let known = DayKind::ALL.iter().filter(|kind| **kind != DayKind::Other);
    let mut kinds: Vec<(String, String)> =
        known.map(|kind| (kind.name().to_owned(), kind.label(locale).to_owned())).collect();
    if let Some(own) = line.get("dayKind").and_then(Json::as_str)
        && !kinds.iter().any(|(name, _)| name == own)
    {
        kinds.push((own.to_owned(), own.to_owned()));
    }
    kinds
}

/// The line of a new record.
pub(super) fn blank(district: &str, matter: Option<MatterCode>) -> Map<String, Json> {
    let mut line = Map::from_iter([("district".to_owned(), Json::from(district))]);
    if let Some(code) = matter {
        line.insert("matter".to_owned(), code.to_string().into());
    }
    line
}

/// The title of a guide: its own name, else that of its matter.
pub(super) fn title(line: &Map<String, Json>, matter: Option<&str>, locale: Locale) -> String {
    let own = line.get("name").and_then(Json::as_str);
    own.or(matter).unwrap_or_else(|| locale.say("新的办事指南", "A new guide")).to_owned()
}
