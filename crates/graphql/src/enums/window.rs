//! The enums of windows.

use async_graphql::Enum;
use graphql_macros::DirectJson;

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, DirectJson)]
#[graphql(remote = "domain::Weekday")]
pub enum Weekday {
    /// 周一
    Monday,
    /// 周二
    Tuesday,
    /// 周三
    Wednesday,
    /// 周四
    Thursday,
    /// 周五
    Friday,
    /// 周六
    Saturday,
    /// 周日
    Sunday,
}

/// Kinds of windows. More may be added: clients need a fallback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, DirectJson)]
#[graphql(remote = "domain::WindowKind")]
pub enum WindowKind {
    /// A service hall (政务服务大厅).
    Hall,
    /// The hall of a department (部门办事大厅).
    DepartmentHall,
    /// A township or subdistrict (乡镇（街道）便民服务中心).
    Township,
    /// A village or community (村（社区）便民服务站).
    Community,
    /// An outlet of a bank (银行网点).
    BankOutlet,
    /// A post office (邮政网点).
    PostOutlet,
    /// A self-service terminal (自助终端).
    SelfService,
    /// A remote video desk (远程视频).
    RemoteVideo,
    /// Another kind (其他). The line of the record in `/export` contains it.
    Other,
}
