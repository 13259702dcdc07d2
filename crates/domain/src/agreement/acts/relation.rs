//! Relations between agreements: the framework, and the agreement that is replaced.

use std::collections::BTreeSet;

use crate::agreement::refusal::refused;
use crate::code::AgreementNumber;
use crate::problem::{Message, Problem};
use crate::reference::Reference;

/// Checks that the replaced agreement exists and does not itself replace this one. `replaced` returns what an agreement
/// replaces, and `None` if there is no such agreement.
pub fn check_replaces(
    number: Option<AgreementNumber>,
    replaces: AgreementNumber,
    replaced: impl Fn(AgreementNumber) -> Option<Option<AgreementNumber>>,
) -> Result<(), Problem> {
    let circle = || {
        refused(
            "replaces",
            "REPLACES_CIRCLE",
            Message::new(format!("{replaces} 本身接替了本协议"), format!("{replaces} itself replaces this agreement")),
            Message::new("请写明更早的协议", "name an earlier agreement"),
        )
    };
    check_line("replaces", number, replaces, replaced, circle)
}

/// Checks that the framework exists and does not belong to this agreement. `above` returns the framework of an
/// agreement, and `None` if there is no such agreement.
pub fn check_framework(
    number: Option<AgreementNumber>,
    framework: AgreementNumber,
    above: impl Fn(AgreementNumber) -> Option<Option<AgreementNumber>>,
) -> Result<(), Problem> {
    let circle = || {
        refused(
            "framework",
            "FRAMEWORK_CIRCLE",
            Message::new(
                format!("框架协议 {framework} 处于本协议之下"),
                format!("the framework {framework} belongs to this agreement"),
            ),
            Message::new("请更正框架协议，使其不成环", "name another framework, so that there is no cycle"),
        )
    };
    check_line("framework", number, framework, above, circle)
}

/// Follows a chain of agreements from the named one: it must exist, and the chain must have no cycle.
fn check_line(
    field: &'static str,
    number: Option<AgreementNumber>,
    named: AgreementNumber,
    next: impl Fn(AgreementNumber) -> Option<Option<AgreementNumber>>,
    circle: impl Fn() -> Problem,
) -> Result<(), Problem> {
    let mut met: BTreeSet<AgreementNumber> = number.into_iter().collect();
    let mut following = Some(named);
    while let Some(at) = following {
        if !met.insert(at) {
            return Err(circle());
        }
        following = match next(at) {
            Some(next) => next,
            None if at == named => return Err(Reference::agreement(field, named).dangling()),
            None => None,
        };
    }
    Ok(())
}
