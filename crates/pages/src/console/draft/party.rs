//! The fields of one party: how far it binds, and the bodies that sign for it.

use domain::{Extent, Locale, MatterDomain, Party, SigningBody};
use maud::{Markup, html};
use registry::presentation::{Say as _, sentence};
use serde_json::{Map, Value as Json};

use crate::console::field::{Field, Kind};
use crate::console::trouble::Trouble;
use crate::submission::Submission;

/// The signs between the parts of a line: name, credit code, domains.
const BETWEEN: [char; 3] = ['|', '｜', '\t'];
/// The signs between domains.
const BETWEEN_DOMAINS: [char; 6] = ['、', '，', ',', ';', '；', ' '];

pub(super) fn extent_id(code: &str) -> String {
    format!("extent.{code}")
}

pub(super) fn bodies_id(code: &str) -> String {
    format!("bodies.{code}")
}

pub(super) fn removal_id(code: &str) -> String {
    format!("remove.{code}")
}

/// What stands in the fields of a party of the draft.
pub(super) fn values(party: &Party, locale: Locale) -> Vec<(String, String)> {
    let code = party.district.as_str();
    let bodies: Vec<String> = party.bodies.iter().map(|body| line(body, locale)).collect();
    vec![(extent_id(code), party.extent.name().to_owned()), (bodies_id(code), bodies.join("\n"))]
}

fn line(body: &SigningBody, locale: Locale) -> String {
    let domains: Vec<&str> = body.domains.iter().map(|domain| domain.label(locale)).collect();
    let credit = body.credit_code.map(|code| code.to_string()).unwrap_or_default();
    let parts = [body.name.to_string(), credit, domains.join("、")];
    parts.join(" | ").trim_end_matches([' ', '|']).to_owned()
}

/// A party of the input with what its fields say.
pub(super) fn change(party: &mut Map<String, Json>, code: &str, form: &Submission) {
    if form.has(&extent_id(code)) {
        party.insert("extent".to_owned(), form.get(&extent_id(code)).into());
    }
    if !form.has(&bodies_id(code)) {
        return;
    }
    let before = party.get("bodies").and_then(Json::as_array).cloned().unwrap_or_default();
    let lines = form.get(&bodies_id(code)).lines().map(str::trim).filter(|line| !line.is_empty());
    let bodies = lines.map(|line| {
        let parts: Vec<&str> = line.split(BETWEEN).map(str::trim).collect();
        let name = parts[0];
        let known = before.iter().find(|body| body.get("name").and_then(Json::as_str) == Some(name));
        let mut body = known.and_then(Json::as_object).cloned().unwrap_or_default();
        body.insert("name".to_owned(), name.into());
        let domains: Vec<&str> = parts.get(2).map_or("", |domains| domains).split(BETWEEN_DOMAINS).collect();
        let domains: Vec<Json> =
            domains.into_iter().filter(|word| !word.is_empty()).map(|word| domain_name(word).into()).collect();
        let credit = parts.get(1).filter(|code| !code.is_empty());
        body.insert("creditCode".to_owned(), credit.map_or(Json::Null, |code| (*code).into()));
        body.insert("domains".to_owned(), domains.into());
        Json::Object(body)
    });
    party.insert("bodies".to_owned(), bodies.collect());
}

/// The name of a domain on the wire. A word that is none is passed on, so that the act names the problem.
fn domain_name(word: &str) -> String {
    let labels = |domain: &MatterDomain| [domain.label(Locale::Zh), domain.label(Locale::En), domain.name()];
    let known =
        MatterDomain::ALL.iter().find(|domain| labels(domain).iter().any(|label| label.eq_ignore_ascii_case(word)));
    known.map_or_else(|| word.to_owned(), |domain| domain.name().to_owned())
}

pub(super) fn draw(party: &Party, form: &Submission, trouble: &Trouble, locale: Locale) -> Markup {
    let code = party.district.as_str();
    let extents = Extent::ALL.iter().map(|extent| (extent.name().to_owned(), sentence(extent.label(locale)))).collect();
    let extent = Field::new(extent_id(code), Kind::Choice(extents), "范围", "Extent").required();
    let bodies = Field::new(bodies_id(code), Kind::Lines, "签署部门", "Signing bodies").hint(
        "每行一个：名称 | 统一社会信用代码 | 负责的领域。后两项可不填。例：南沙区政务服务数据管理局 | 11440115MB2C00001X | 公安、民政",
        "One a line: name | unified social credit code | domains. The last two may be left out.",
    );
    html! {
        (extent.draw(form, &trouble.at(&extent.name), locale))
        (bodies.draw(form, &trouble.at(&bodies.name), locale))
        p class="check" {
            input type="checkbox" id=(removal_id(code)) name=(removal_id(code)) value="1" checked[form.has(&removal_id(code))] {}
            " " label for=(removal_id(code)) { (locale.say("移出签约方", "Remove this party")) }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_line_of_a_body_becomes_its_fields_and_keeps_what_the_line_does_not_show() {
        let form = Submission {
            fields: vec![(bodies_id("440115"), "数据局 | 11440115MB2C00001X | 公安、民政\n\n妇联".to_owned())],
            files: Vec::new(),
        };
        let mut party = json!({ "district": "440115", "bodies": [{ "name": "数据局", "phone": "1" }] });
        let party = party.as_object_mut().expect("an object");
        change(party, "440115", &form);
        let bodies = json!([
            { "name": "数据局", "phone": "1", "creditCode": "11440115MB2C00001X", "domains": ["PUBLIC_SECURITY", "CIVIL_AFFAIRS"] },
            { "name": "妇联", "creditCode": null, "domains": [] },
        ]);
        assert_eq!(party["bodies"], bodies);
    }
}
