//! What every new agreement takes: its parties, and the one among them that the caller acts for.

use domain::{DistrictCode, Role};
use maud::{Markup, html};
use registry::presentation::Say as _;
use registry::session::random_text;

use crate::console::field::{Field, Kind};
use crate::console::home::acts;
use crate::console::names::{FIELD, Names, named};
use crate::console::trouble::Trouble;
use crate::submission::Submission;
use crate::visit::Visit;

/// The field for the party that the caller acts for.
pub(super) const PROPOSER: &str = "proposer";
/// A form that is submitted twice makes one agreement.
pub(super) const KEY: &str = "idempotencyKey";

/// The parties of a form.
#[derive(Debug)]
pub(super) struct Start {
    names: Names,
    pub(super) parties: Vec<DistrictCode>,
    /// The parties that the caller may act for.
    own: Vec<DistrictCode>,
}

impl Start {
    pub(super) fn read(visit: &Visit, form: &Submission, trouble: &mut Trouble) -> Self {
        let names = Names::read(visit, form, FIELD);
        names.trouble(visit, trouble);
        let parties = names.codes();
        let context = &visit.context;
        let ours = context.viewer.districts(&context.snapshot, context.today);
        let may = |code: &DistrictCode| acts(visit, Role::Steward) || ours.contains(code);
        let own: Vec<DistrictCode> = parties.iter().copied().filter(may).collect();
        let start = Self { names, parties, own };
        let locale = visit.locale;
        if trouble.is_empty() && start.parties.len() < 2 {
            trouble.add(FIELD, locale.say("至少写两个签约方", "Name two parties at least"));
        }
        if trouble.is_empty() && start.own.is_empty() {
            trouble.add(
                FIELD,
                locale.say("签约方中没有您所在的区域，请补上", "Your own district is not among the parties: add it"),
            );
        }
        if trouble.is_empty() && start.proposer(form).is_none() {
            trouble.add(PROPOSER, locale.say("请选择由哪一方起草", "Choose the party that you act for"));
        }
        start
    }

    /// The form of an agreement that is new: the caller's own district is a party.
    pub(super) fn blank(visit: &Visit, parties: &[DistrictCode]) -> Submission {
        let own = visit.context.viewer.district.filter(|_| parties.is_empty());
        let lines: Vec<String> = own.iter().chain(parties).map(|code| named(visit, *code)).collect();
        let text = lines.iter().map(|line| format!("{line}\n")).collect();
        let key = random_text().unwrap_or_default();
        Submission { fields: vec![(FIELD.to_owned(), text), (KEY.to_owned(), key)], files: Vec::new() }
    }

    /// The points for looking up the names.
    pub(super) fn cost(&self) -> u64 {
        self.names.cost()
    }

    /// The party that the caller acts for: the only one of its own, else the chosen one.
    pub(super) fn proposer(&self, form: &Submission) -> Option<DistrictCode> {
        match self.own[..] {
            [one] => Some(one),
            _ => form.get(PROPOSER).parse().ok().filter(|chosen| self.own.contains(chosen)),
        }
    }

    pub(super) fn draw(&self, visit: &Visit, form: &Submission, trouble: &Trouble) -> Markup {
        let locale = visit.locale;
        let options = self.own.iter().map(|code| (code.to_string(), named(visit, *code)));
        html! {
            (self.names.draw(
                visit,
                locale.say("签约方", "Parties"),
                locale.say(
                    "一行一个，可从文件中粘贴。按平常的写法：昆山市、上海 闵行、苏州昆山、320583 都可以；不止一处的会请您选择。",
                    "One a line, as people write them: name, path or code. You are asked where a name is not plain.",
                ),
                trouble,
            ))
            @if self.own.len() > 1 {
                (Field::new(PROPOSER, Kind::Choice(options.collect()), "由哪一方起草（登记）", "Party that you act for").required().draw(form, &trouble.at(PROPOSER), locale))
            }
            input type="hidden" name=(KEY) value=(form.get(KEY)) {}
        }
    }
}

/// The element of a problem of a new agreement.
pub(super) fn place(path: &[String], fields: &[&str]) -> String {
    match path.first().map(String::as_str) {
        Some("parties" | "lead" | "proposer" | "recorder") => FIELD.to_owned(),
        Some(field) if fields.contains(&field) => field.to_owned(),
        Some(_) | None => String::new(),
    }
}
