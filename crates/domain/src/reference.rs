//! References: one record names another.

use crate::code::{AgreementNumber, DistrictCode, MatterCode};
use crate::problem::{Message, Problem, ProblemCode};

/// A reference to another record, with the path of the field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The path of the field, with dots between its steps.
    pub path: String,
    pub to: Referent,
}

/// The record that a reference names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Referent {
    District(DistrictCode),
    Matter(MatterCode),
    Agreement(AgreementNumber),
}

impl Reference {
    /// Whether the code could not be parsed.
    pub fn is_unread(&self) -> bool {
        match self.to {
            Referent::District(code) => code.is_unread(),
            Referent::Matter(code) => code.is_unread(),
            Referent::Agreement(_) => false,
        }
    }

    pub fn district(path: impl Into<String>, code: DistrictCode) -> Self {
        Self { path: path.into(), to: Referent::District(code) }
    }

    pub fn matter(path: impl Into<String>, code: MatterCode) -> Self {
        Self { path: path.into(), to: Referent::Matter(code) }
    }

    pub fn agreement(path: impl Into<String>, number: AgreementNumber) -> Self {
        Self { path: path.into(), to: Referent::Agreement(number) }
    }

    /// The reference with its path prefixed by an outer field.
    #[must_use]
    pub fn within(self, outer: impl AsRef<str>) -> Self {
        Self { path: format!("{}.{}", outer.as_ref(), self.path), ..self }
    }

    /// The problem to report if there is no such record.
    pub fn dangling(&self) -> Problem {
        let path = self.path.split('.').map(Into::into).collect();
        let (rule, message, remedy) = match self.to {
            Referent::District(code) => (
                "UNKNOWN_DISTRICT",
                Message::new(format!("没有代码为 {code} 的区域"), format!("there is no district {code}")),
                Message::new("请先登记该区域，或更正代码", "register the district first, or correct the code"),
            ),
            Referent::Matter(code) => (
                "UNKNOWN_MATTER",
                Message::new(format!("没有代码为 {code} 的事项"), format!("there is no matter {code}")),
                Message::new("请先登记该事项，或更正代码", "register the matter first, or correct the code"),
            ),
            Referent::Agreement(number) => (
                "UNKNOWN_AGREEMENT",
                Message::new(format!("没有编号为 {number} 的协议"), format!("there is no agreement {number}")),
                Message::new("请更正协议编号", "correct the number"),
            ),
        };
        Problem { remedy: Some(remedy), ..Problem::new(ProblemCode::NotFound, path, rule, message) }
    }
}
