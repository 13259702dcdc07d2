//! The terms of a draft: title and days, how it changes and ends, and the terms of each handling mode.

use domain::agreement::version::{Admission, AmendmentRule, ConclusionRule};
use domain::{Date, Locale, Problem, Version};
use maud::html;
use registry::acts::Input;
use registry::presentation::{Say as _, sentence};
use serde_json::{Value as Json, json};

use super::open::Open;
use super::record;
use super::steps::{respond, to};
use super::terms_of_mode::{Group, groups};
use crate::console::act::{Acted, DONE};
use crate::console::field::{Field, Kind};
use crate::console::trouble::Trouble;
use crate::pager::Pager;
use crate::response::PageResponse;
use crate::submission::Submission;
use crate::visit::Visit;

/// How many forms of terms one page shows.
const GROUPS: usize = 6;
/// The fields of the renewal, which is an object of the input.
const MONTHS: &str = "renewal.months";
const OBJECTION: &str = "renewal.objectionDays";

pub(crate) async fn answer(visit: &Visit) -> PageResponse {
    let open = match Open::find(visit).await {
        Ok(open) => open,
        Err(missing) => return missing,
    };
    let version = open.version();
    let groups = groups(version);
    let pager = Pager::new(visit, groups.len(), GROUPS);
    let shown = pager.of(&groups);
    let Some(form) = &visit.submission else {
        let mut fields = values(version);
        fields.extend(shown.iter().flat_map(|group| group.values(visit)));
        let form = Submission { fields, files: Vec::new() };
        return page(visit, &open, &form, (shown, pager), &Trouble::default());
    };
    let mut input = record::revision(open.number(), version);
    change(&mut input, visit.locale, form);
    shown.iter().for_each(|group| group.change(visit, &mut input, form));
    let acted = open.revise(visit, form, input).await;
    if matches!(acted, Acted::Done(_)) {
        let next = if form.has("more") { "terms" } else { "schedule" };
        let address = visit.at(&open.path(next)).with("version", visit.address.get("version")).with(DONE, "saved");
        return PageResponse::redirect(address.text());
    }
    let trouble = Trouble::of(&acted, visit.locale, |problem| place(problem, shown));
    page(visit, &open, form, (shown, pager), &trouble)
}

/// The element of a problem.
fn place(problem: &Problem, groups: &[Group]) -> String {
    if let Some(id) = groups.iter().find_map(|group| group.place(problem)) {
        return id;
    }
    let steps: Vec<&str> = problem.path.iter().map(String::as_str).collect();
    match steps[..] {
        ["renewal"] => MONTHS.to_owned(),
        ["renewal", ..] => steps.join("."),
        [field, ..] if all_fields(Locale::Zh).any(|known| known.name == field) => field.to_owned(),
        _ => String::new(),
    }
}

fn all_fields(locale: Locale) -> impl Iterator<Item = Field> {
    sections(locale).into_iter().flat_map(|(_, _, fields)| fields)
}

/// The groups of fields: heading in both languages, fields.
fn sections(locale: Locale) -> Vec<(&'static str, &'static str, Vec<Field>)> {
    let rules = AmendmentRule::ALL.iter().map(|rule| (rule.name().to_owned(), sentence(rule.label(locale)))).collect();
    let conclusion =
        ConclusionRule::ALL.iter().map(|rule| (rule.name().to_owned(), sentence(rule.label(locale)))).collect();
    let admission = Admission::ALL.iter().map(|rule| (rule.name().to_owned(), sentence(rule.label(locale)))).collect();
    vec![
        (
            "名称与文号",
            "Title and document number",
            vec![
                Field::new("title", Kind::Line, "协议名称", "Title")
                    .required()
                    .hint("例：南沙区、昆山市“跨域通办”合作协议", "As it stands on the document"),
                Field::new("documentNumber", Kind::Line, "文号", "Document number")
                    .hint("例：南政数〔2026〕5号。签订前可以不填", "May follow later"),
            ],
        ),
        (
            "有效期",
            "Validity",
            vec![
                Field::new("effectiveFrom", Kind::Date, "生效日", "First day")
                    .hint("不填则为最后一方签署之日", "Left empty: the day of the last signature"),
                Field::new("effectiveTo", Kind::Date, "截止日（含当日）", "Last day")
                    .hint("不填则长期有效", "Left empty: without an end"),
                Field::new(MONTHS, Kind::Number, "到期自动续期的月数", "Renewal at the end, in months")
                    .hint("例：12。不填则不自动续期", "Such as 12. Left empty: no renewal"),
                Field::new(OBJECTION, Kind::Number, "不同意续期须提前几天提出", "Days before the end for an objection")
                    .hint("例：30。只在自动续期时有用", "Only with a renewal"),
            ],
        ),
        (
            "签订、修订与加入",
            "Conclusion, amendments, newcomers",
            vec![
                Field::new("concludes", Kind::Choice(conclusion), "首次签订", "First conclusion").required().hint(
                    "“已签署方”：答复期满时，已签署的各方之间成立",
                    "“those who signed in time”: it is concluded between them when the time for answers is over",
                ),
                Field::new("amendmentRule", Kind::Choice(rules), "清单修订由谁签署", "Who signs a changed schedule")
                    .required(),
                Field::new("objectionDays", Kind::Number, "异议期（天）", "Days for objections")
                    .required()
                    .hint("只在“无异议即生效”时有用。例：15", "Only with the rule “no objection”"),
                Field::new("admission", Kind::Choice(admission), "新成员加入", "Who consents to a newcomer").required(),
            ],
        ),
        (
            "退出与到期",
            "Leaving, and the end",
            vec![
                Field::new("noticeDays", Kind::Number, "退出须提前几天通知", "Days of notice")
                    .required()
                    .hint("例：30", "Such as 30"),
                Field::new("runOut", Kind::Text, "到期后在办件的处理", "Cases that are open at the end")
                    .hint("不填则按原约定办完", "Left empty: they are finished under the old terms"),
            ],
        ),
        (
            "与其他协议的关系",
            "Other agreements",
            vec![
                Field::new("framework", Kind::Line, "上级框架协议的编号", "Framework agreement")
                    .hint("例：TB-2020-000001", "Its number, such as TB-2020-000001"),
                Field::new("replaces", Kind::Line, "接替的协议的编号", "Agreement that it replaces")
                    .hint("例：TB-2019-000001", "Its number, such as TB-2019-000001"),
            ],
        ),
    ]
}

fn values(version: &Version) -> Vec<(String, String)> {
    let text = |text: &Option<Box<str>>| text.as_deref().unwrap_or_default().to_owned();
    let day = |day: Option<Date>| day.map_or_else(String::new, |day| day.to_string());
    let renewal = version.renewal;
    let pairs = [
        ("title", version.title.to_string()),
        ("documentNumber", text(&version.document_number)),
        ("effectiveFrom", day(version.effective_from)),
        ("effectiveTo", day(version.effective_to)),
        (MONTHS, renewal.map_or_else(String::new, |renewal| renewal.months.to_string())),
        (OBJECTION, renewal.map_or_else(String::new, |renewal| renewal.objection_days.to_string())),
        ("concludes", version.concludes.name().to_owned()),
        ("amendmentRule", version.amendment_rule.name().to_owned()),
        ("objectionDays", version.objection_days.to_string()),
        ("admission", version.admission.name().to_owned()),
        ("noticeDays", version.notice_days.to_string()),
        ("runOut", text(&version.run_out)),
        ("framework", version.framework.map_or_else(String::new, |number| number.to_string())),
        ("replaces", version.replaces.map_or_else(String::new, |number| number.to_string())),
    ];
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Writes the fields of the form into the input. An empty field clears the term.
fn change(input: &mut Input, locale: Locale, form: &Submission) {
    for field in all_fields(locale).filter(|field| ![MONTHS, OBJECTION].contains(&&*field.name)) {
        if form.has(&field.name) {
            input.insert(field.name.to_string(), field.read(form, |_| None).unwrap_or(Json::Null));
        }
    }
    if form.has(MONTHS) {
        let number = |name: &str| form.get(name).parse::<i64>().map_or_else(|_| Json::from(form.get(name)), Json::from);
        let renewal = match (form.get(MONTHS), form.get(OBJECTION)) {
            ("", _) => Json::Null,
            (_, "") => json!({ "months": number(MONTHS) }),
            _ => json!({ "months": number(MONTHS), "objectionDays": number(OBJECTION) }),
        };
        input.insert("renewal".to_owned(), renewal);
    }
}

fn page(
    visit: &Visit,
    open: &Open,
    form: &Submission,
    (groups, pager): (&[Group], Pager),
    trouble: &Trouble,
) -> PageResponse {
    let locale = visit.locale;
    let status = if trouble.is_empty() { 200 } else { 422 };
    let content = html! {
        (trouble.summary(locale))
        form method="post" action=(visit.address.clone().without(DONE)) class="form" data-autosave="more=1" {
            (open.hidden(visit))
            @for (zh, en, fields) in sections(locale) {
                section {
                    h2 { (locale.say(zh, en)) }
                    @for field in &fields { (field.draw(form, &trouble.at(&field.name), locale)) }
                }
            }
            section {
                h2 { (locale.say("各通办方式的办理条件", "Terms of each handling mode")) }
                @if groups.is_empty() {
                    p class="hint" { (locale.say("清单里有了事项后，在这里填写各方式的办理条件。不填则用国办发〔2020〕35号的一般规定。", "They can be filled in when the schedule lists matters. Without them the general rules apply.")) }
                }
                @for group in groups { (group.draw(form, trouble, locale)) }
                (pager.links(visit))
            }
            p class="buttons" {
                (open.button(visit, locale.say("保存并继续", "Save and continue")))
                @if open.off.is_none() { button class="button quiet" type="submit" name="more" value="1" { (locale.say("保存，留在本页", "Save and stay")) } }
                a class="button quiet" href=(to(visit, open, "schedule")) { (locale.say("不改，下一步", "Next, without saving")) }
            }
        }
    };
    respond(visit, open, "terms", status, &content)
}
