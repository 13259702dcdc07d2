//! The headers that lists use for a field.

use super::field::Field;
use crate::value::mode::mode_of;
use crate::value::narrow::folded;

/// The synonyms of a field in small letters, the usual ones first: when two columns give the same field, the one with
/// the earlier synonym is read.
fn synonyms(field: Field) -> &'static [&'static str] {
    match field {
        Field::Ordinal => &["序号", "编号", "序", "no", "no.", "#"],
        Field::Name => &[
            "事项名称",
            "政务服务事项名称",
            "政务服务事项",
            "通办事项名称",
            "通办事项",
            "跨域通办事项",
            "业务名称",
            "业务事项",
            "办理事项",
            "服务事项",
            "服务事项名称",
            "业务办理项名称",
            "业务办理项",
            "事项",
            "子项名称",
            "子项",
            "名称",
            "主项名称",
            "主项",
            "name",
            "matter",
            "mattername",
            "item",
        ],
        Field::Matter => &[
            "基本编码",
            "事项基本编码",
            "事项编码",
            "事项代码",
            "国家基本编码",
            "业务编码",
            "事项编号",
            "业务编号",
            "编码",
            "代码",
            "code",
            "mattercode",
            "mattercodes",
        ],
        Field::Domain => &[
            "领域",
            "所属领域",
            "业务领域",
            "类别",
            "事项类别",
            "部门",
            "主管部门",
            "牵头部门",
            "牵头单位",
            "实施部门",
            "实施机关",
            "责任部门",
            "责任单位",
            "所属部门",
            "domain",
        ],
        Field::Mode => &[
            "通办方式",
            "办理方式",
            "通办模式",
            "业务模式",
            "办理模式",
            "实现方式",
            "办理形式",
            "方式",
            "mode",
            "handlingmode",
        ],
        Field::ModeMark(_) => &[],
        Field::ModeLabel => &["方式名称", "模式名称", "modelabel", "nameofthemode"],
        Field::Receiving => &[
            "收件地",
            "受理地",
            "代收地",
            "收件地区",
            "受理地区",
            "代收地区",
            "收件区域",
            "收件方",
            "受理方",
            "收件城市",
            "申请地",
            "receiving",
            "receivingdistrict",
        ],
        Field::Competent => &[
            "业务属地",
            "办理地",
            "审批地",
            "属地",
            "业务办理地",
            "办理地区",
            "审批地区",
            "办理方",
            "审批方",
            "办件地",
            "业务所属地",
            "事权地",
            "competent",
            "competentdistrict",
        ],
        Field::PromisedDays => &[
            "办理时限",
            "承诺时限",
            "承诺办结时限",
            "承诺办理时限",
            "办结时限",
            "时限",
            "办理时间",
            "完成时限",
            "promiseddays",
            "days",
        ],
        Field::Remark => &["备注", "说明", "注", "remark", "remarks", "note", "notes"],
        Field::Key => &["条款编号", "条款键", "条款key", "clausekey", "clause", "key"],
        Field::Batch => &["批次", "清单批次", "通办批次", "batch"],
        Field::ValidFrom => &[
            "生效日期",
            "起始日期",
            "开始日期",
            "生效时间",
            "起始时间",
            "生效日",
            "起始日",
            "实施日期",
            "validfrom",
            "from",
        ],
        Field::ValidTo => &[
            "失效日期",
            "截止日期",
            "终止日期",
            "结束日期",
            "失效时间",
            "截止时间",
            "失效日",
            "截止日",
            "validto",
            "to",
            "until",
        ],
    }
}

/// The field that a header means, and how usual the header is for it: 0 is the most usual.
pub(crate) fn field_of(header: &str) -> Option<(Field, usize)> {
    let whole = folded(header);
    if whole.is_empty() || whole.chars().count() > 24 {
        return None;
    }
    if let Ok(field) = whole.parse::<Field>() {
        return Some((field, 0));
    }
    // 办理时限（工作日）
    [whole.as_str(), without_bracket(&whole)].into_iter().find_map(of_folded)
}

fn of_folded(header: &str) -> Option<(Field, usize)> {
    let named = Field::ALL.into_iter().find_map(|field| {
        let rank = synonyms(field).iter().position(|synonym| *synonym == header)?;
        Some((field, rank))
    });
    named.or_else(|| mode_of(header).map(|mode| (Field::ModeMark(mode), 0)))
}

fn without_bracket(header: &str) -> &str {
    header.split_once('(').map_or(header, |(before, _)| before)
}

#[cfg(test)]
mod tests {
    use domain::{HandlingMode, Locale};

    use super::*;

    #[test]
    fn headers_are_recognised_by_their_synonyms() {
        for (header, field) in [
            ("事项名称", Field::Name),
            (" 事 项\n名 称 ", Field::Name),
            ("政务服务事项", Field::Name),
            ("事项编码", Field::Matter),
            ("通办方式", Field::Mode),
            ("受理地", Field::Receiving),
            ("审批地", Field::Competent),
            ("承诺时限（工作日）", Field::PromisedDays),
            ("备注", Field::Remark),
            ("validFrom", Field::ValidFrom),
            ("全程网办", Field::ModeMark(HandlingMode::FullOnline)),
            ("mode.FULL_ONLINE", Field::ModeMark(HandlingMode::FullOnline)),
        ] {
            assert_eq!(field_of(header).map(|(field, _)| field), Some(field), "{header}");
        }
        assert_eq!(field_of("设定依据"), None);
    }

    #[test]
    fn no_synonym_has_two_meanings_and_labels_are_synonyms() {
        let mut all: Vec<&str> = Field::ALL.into_iter().flat_map(|field| synonyms(field).iter().copied()).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
        for field in Field::ALL {
            assert_eq!(field_of(field.label(Locale::Zh)).map(|(field, _)| field), Some(field), "{field}");
            assert_eq!(field_of(field.name()).map(|(field, _)| field), Some(field), "{field}");
        }
    }
}
