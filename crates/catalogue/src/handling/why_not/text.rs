//! The texts of reasons.

use domain::{AgreementNumber, Date, DistrictCode, Matter, MatterCode, Message};

use crate::handle::{Handle, Kept};
use crate::handling::reason::{Reason, ReasonCode, Subject, english};
use crate::offering::OfferingsOf;
use crate::snapshot::Snapshot;

impl Snapshot {
    pub(super) fn not_offered(&self, offerings: &OfferingsOf, m: Handle, c: Handle) -> Reason {
        let competent = &self.district_at(c).district;
        match offerings.withdrawn {
            Some(withdrawn) => Reason::new(
                ReasonCode::OfferingWithdrawn,
                Some(Subject::Offering(withdrawn.id)),
                match withdrawn.period.to {
                    Some(to) => Message::new(
                        format!("{}的实施清单已撤销，最后一日为 {to}", competent.name),
                        format!("{} has withdrawn its offering; its last day was {to}", english(competent)),
                    ),
                    None => Message::new(
                        format!("{}的实施清单已撤销", competent.name),
                        format!("{} has withdrawn its offering", english(competent)),
                    ),
                },
                Message::new("请向业务属地咨询", "ask the competent district"),
            ),
            None => Reason::new(
                ReasonCode::OfferingMissing,
                Some(Subject::Matter(self.matter_at(m).matter.clone())),
                Message::new(
                    format!("{}尚未发布该事项的实施清单", competent.name),
                    format!("{} has published no offering of the matter", english(competent)),
                ),
                Message::new("请业务属地登记实施清单", "the competent district has to publish one"),
            ),
        }
    }

    pub(crate) fn same_district(&self, at: Handle) -> Reason {
        Reason::new(
            ReasonCode::SameDistrict,
            Some(Subject::District(self.district_at(at).district.clone())),
            Message::new(
                "收件地与业务属地相同，不属于跨域办理",
                "the receiving and the competent district are the same: this is not cross-district handling",
            ),
            Message::new("请在本地直接办理", "have it done locally"),
        )
    }

    pub(crate) fn nothing_offered(&self, competent: Handle) -> Reason {
        let competent = &self.district_at(competent).district;
        Reason::new(
            ReasonCode::OfferingMissing,
            Some(Subject::District(competent.clone())),
            Message::new(
                format!("{}尚未发布清单所列事项的实施清单", competent.name),
                format!("{} has published no offering of the matters that are listed", english(competent)),
            ),
            Message::new("请业务属地登记实施清单", "the competent district has to publish them"),
        )
    }

    pub(crate) fn only_other_direction(&self, competent: Handle) -> Reason {
        let competent = &self.district_at(competent).district;
        Reason::new(
            ReasonCode::OnlyOtherDirection,
            Some(Subject::District(competent.clone())),
            Message::new("清单只约定了反方向的办理", "the schedule has the other direction only"),
            Message::new(
                "请查看反方向，或到业务属地办理",
                "look at the other direction, or go to the competent district",
            ),
        )
    }

    pub(crate) fn nothing_in_date(&self, competent: Handle) -> Reason {
        let competent = &self.district_at(competent).district;
        Reason::new(
            ReasonCode::ClauseNotInDate,
            Some(Subject::District(competent.clone())),
            Message::new("清单中没有在该日有效的条款", "no clause of the schedule applies on that day"),
            Message::new("请按条款的有效期查询", "ask for a day within the clauses' dates"),
        )
    }

    pub(super) fn no_common_basis(&self, a: Handle, c: Handle) -> Reason {
        let (a, c) = (&self.district_at(a).district, &self.district_at(c).district);
        Reason::new(
            ReasonCode::NoCommonBasis,
            Some(Subject::District(c.clone())),
            Message::new(
                format!("{}与{}之间没有共同的协议或政策依据", a.name, c.name),
                format!("no agreement or policy joins {} and {}", english(a), english(c)),
            ),
            Message::new("可由双方签订跨域通办协议", "the two may sign an agreement"),
        )
    }

    pub(crate) fn district_retired(&self, handle: Handle) -> Reason {
        let entry = self.district_at(handle);
        let names = |english_names: bool| {
            let name = |at: &Handle| {
                let district = &self.district_at(*at).district;
                let name = if english_names { english(district) } else { &district.name };
                format!("{name}（{}）", district.code)
            };
            entry.successors.iter().map(name).collect::<Vec<_>>().join(if english_names { ", " } else { "、" })
        };
        let on = entry.district.retired.as_ref().map_or(String::new(), |retired| retired.on.to_string());
        let remedy = if entry.successors.is_empty() {
            Message::new("请改用现行区域代码", "ask with the code of an existing district")
        } else {
            Message::new(
                format!("请改查承继区域：{}", names(false)),
                format!("ask about its successors: {}", names(true)),
            )
        };
        Reason::new(
            ReasonCode::DistrictRetired,
            Some(Subject::District(entry.district.clone())),
            Message::new(
                format!("{}已于 {on} 撤销", entry.district.name),
                format!("{} was retired on {on}", english(&entry.district)),
            ),
            remedy,
        )
    }

    /// The split districts of which this one is a successor.
    pub(super) fn split_before(&self, district: Handle, on: Date) -> Vec<Handle> {
        let split = |predecessor: &Handle| {
            self.district_at(*predecessor).successors.len() > 1 && self.is_retired(*predecessor, on)
        };
        self.district_at(district).predecessors.iter().copied().filter(split).collect()
    }
}

pub(super) fn left_message(number: AgreementNumber) -> Message {
    Message::new(format!("协议 {number} 对这两地已不再有效"), format!("agreement {number} no longer binds the two"))
}

pub(super) fn renew_remedy() -> Message {
    Message::new("请双方续签，或查询其他依据", "the parties may renew it; or look for another basis")
}

pub(super) fn wait_remedy() -> Message {
    Message::new("请按生效日之后的日期查询", "ask for a day after it begins")
}

pub(crate) fn unknown_district(code: DistrictCode) -> Reason {
    Reason::new(
        ReasonCode::UnknownDistrict,
        None,
        Message::new(format!("没有代码为 {code} 的区域"), format!("there is no district {code}")),
        Message::new("请核对区域代码", "check the code"),
    )
}

pub(crate) fn unknown_matter(code: MatterCode) -> Reason {
    Reason::new(
        ReasonCode::UnknownMatter,
        None,
        Message::new(format!("没有代码为 {code} 的事项"), format!("there is no matter {code}")),
        Message::new("请核对事项编码，或按名称检索", "check the code, or search by name"),
    )
}

pub(super) fn matter_retired(matter: &Kept<Matter>) -> Reason {
    let on = matter.retired_on.map_or(String::new(), |on| on.to_string());
    Reason::new(
        ReasonCode::MatterRetired,
        Some(Subject::Matter(matter.clone())),
        Message::new(format!("该事项已于 {on} 取消"), format!("the matter has been retired since {on}")),
        Message::new("请检索替代事项", "search for the matter that replaces it"),
    )
}
