//! The ways of an answer: routes that differ in their basis alone are one way, and ways of one mode say what differs.

use catalogue::Route;
use domain::{Locale, Terms};
use registry::presentation::{Presentation, RoutePresentation, Say as _};

/// Routes that are done in the same way.
pub(crate) struct Way<'a> {
    /// The first of the routes, which stands for all.
    pub(crate) route: &'a Route,
    pub(crate) details: &'a RoutePresentation,
    pub(crate) others: Vec<&'a Route>,
    /// The first way of the same mode, counted from 1, and what is different here.
    pub(crate) differs: Option<(usize, Vec<&'static str>)>,
}

impl<'a> Way<'a> {
    pub(crate) fn routes(&self) -> impl Iterator<Item = &'a Route> {
        std::iter::once(self.route).chain(self.others.iter().copied())
    }
}

/// The ways of an answer, in the order of its routes.
pub(crate) fn ways(presented: &Presentation, locale: Locale) -> Vec<Way<'_>> {
    let mut ways: Vec<Way<'_>> = Vec::new();
    for (route, details) in presented.handling.routes.iter().zip(&presented.routes) {
        let is_same = |way: &&mut Way<'_>| {
            way.route.mode == route.mode
                && way.route.terms() == route.terms()
                && way.route.clause().mode_label == route.clause().mode_label
        };
        if let Some(way) = ways.iter_mut().find(is_same) {
            way.others.push(route);
            continue;
        }
        let first = ways.iter().position(|way| way.route.mode == route.mode);
        let differs = first.map(|at| (at + 1, differences(ways[at].route, route, locale)));
        ways.push(Way { route, details, others: Vec::new(), differs });
    }
    ways
}

/// What two routes of one mode agree on differently.
fn differences(first: &Route, second: &Route, locale: Locale) -> Vec<&'static str> {
    let mut found = Vec::new();
    let mut note = |differs: bool, zh: &'static str, en: &'static str| {
        if differs {
            found.push(locale.say(zh, en));
        }
    };
    match (first.terms(), second.terms()) {
        (Terms::FullOnline(a), Terms::FullOnline(b)) => {
            note(a.url != b.url, "网址", "address");
            note(a.identity_level != b.identity_level, "身份核验", "identity");
            note(a.certificates_accepted != b.certificates_accepted, "认可的电子证照", "electronic certificates");
            note(a.result_delivery != b.result_delivery, "结果送达", "delivery of the result");
        }
        (Terms::ProxyCollection(a), Terms::ProxyCollection(b)) => {
            note(a.window_depth != b.window_depth, "窗口代办的内容", "what the window does");
            note(a.transfer_channel != b.transfer_channel, "材料流转渠道", "channel");
            note(a.transfer_days != b.transfer_days, "材料流转天数", "days of the transfer");
            note(a.material_postage != b.material_postage, "寄送材料的邮费", "postage of the materials");
            note(a.result_postage != b.result_postage, "寄送结果的邮费", "postage of the result");
            note(a.result_return != b.result_return, "结果如何送回", "return of the result");
            note(a.supplement_rule != b.supplement_rule, "补正规则", "rule for missing materials");
        }
        (Terms::MultiSiteJoint(a), Terms::MultiSiteJoint(b)) => note(a.steps != b.steps, "办理步骤", "steps"),
        (Terms::FullOnline(_) | Terms::ProxyCollection(_) | Terms::MultiSiteJoint(_), _) => {}
    }
    note(first.clause().mode_label != second.clause().mode_label, "原文的称呼", "name in the document");
    found
}
