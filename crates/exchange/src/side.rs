//! The sides of a row: which parties receive, and which are competent.

use domain::{DistrictCode, Message, Problem, ProblemCode};

use crate::sheet::cell::Value;
use crate::value::line::plain;
use crate::value::list;
use crate::value::narrow::folded;

/// The parties of the agreement whose schedule is read.
pub trait PartyIndex {
    fn parties(&self) -> &[DistrictCode];
    /// The parties that a text may mean.
    fn resolve(&self, text: &str) -> Vec<DistrictCode>;
}

/// Words for all parties, and so for both directions.
const ALL: [&str; 20] = [
    "双方",
    "双向",
    "互办",
    "各方",
    "全部",
    "所有",
    "两地",
    "均可",
    "双向互办",
    "甲乙双方",
    "互相",
    "互认",
    "都可",
    "各地",
    "缔约各方",
    "协议各方",
    "全体",
    "both",
    "all",
    "two-way",
];

/// The parties that a cell names, each once. Empty if the cell is blank.
pub fn side(value: &Value, index: &dyn PartyIndex) -> Result<Vec<DistrictCode>, Problem> {
    let text = plain(value)?;
    if text.is_empty() {
        return Ok(Vec::new());
    }
    if ALL.contains(&folded(&text).as_str()) {
        return Ok(index.parties().to_vec());
    }
    let whole = index.resolve(&text);
    if let [one] = whole.as_slice() {
        return Ok(vec![*one]);
    }
    let mut named = Vec::new();
    for name in list::words(&text) {
        let party = match index.resolve(name).as_slice() {
            [one] => *one,
            [] => return Err(not_a_party(name, index)),
            _ => return Err(ambiguous(name)),
        };
        if !named.contains(&party) {
            named.push(party);
        }
    }
    Ok(named)
}

fn not_a_party(name: &str, index: &dyn PartyIndex) -> Problem {
    let name = domain::text::quoted(name);
    let parties: Vec<&str> = index.parties().iter().map(DistrictCode::as_str).collect();
    let message = Message::new(format!("“{name}”不是协议的参与方"), format!("“{name}” is no party of the agreement"));
    Problem::new(ProblemCode::NotFound, Vec::new(), "NOT_A_PARTY", message).remedy(
        format!("请填参与方的名称或代码（{}），或“双方”", parties.join("、")),
        format!("write the name or code of a party ({}), or 双方 for both", parties.join(", ")),
    )
}

fn ambiguous(name: &str) -> Problem {
    let name = domain::text::quoted(name);
    let message = Message::new(
        format!("“{name}”可能指几个参与方"),
        format!("“{name}” may mean several parties of the agreement"),
    );
    Problem::new(ProblemCode::Conflict, Vec::new(), "PARTY_UNCLEAR", message)
        .remedy("请填完整名称或代码", "write the whole name, or the code")
}

#[cfg(test)]
mod tests {
    use domain::District;
    use domain::reading::read;
    use serde_json::json;

    use super::*;
    use crate::memory_index::PartyNames;

    fn parties() -> PartyNames {
        let district = |code: &str, name: &str, parent: &str, alias: &str| {
            let value = json!({ "code": code, "name": name, "kind": "COUNTY", "parent": parent, "aliases": [alias] });
            read(&value, &mut Vec::new(), District::read).expect("a district")
        };
        PartyNames::new(&[
            district("440115", "南沙区", "440100", "广州南沙"),
            district("320583", "昆山市", "320500", "昆"),
            district("110105", "朝阳区", "110000", "北京朝阳"),
            district("211302", "朝阳市", "211300", "辽宁朝阳"),
        ])
    }

    fn named(text: &str) -> Result<Vec<String>, &'static str> {
        let side = side(&Value::of_text(text), &parties()).map_err(|problem| problem.rule)?;
        Ok(side.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn parties_are_found_by_name_short_name_alias_path_and_code() {
        for text in ["南沙区", "南沙", "广州南沙", "广东省广州市南沙区", "440115", "440115000000", " 南 沙\n区"]
        {
            assert_eq!(named(text), Ok(vec!["440115".to_owned()]), "{text}");
        }
        assert_eq!(named("昆山市、南沙"), Ok(vec!["320583".to_owned(), "440115".to_owned()]));
        assert_eq!(named("双方").map(|all| all.len()), Ok(4));
        assert_eq!(named(""), Ok(Vec::new()));
    }

    #[test]
    fn other_districts_and_unclear_names_are_refused() {
        assert_eq!(named("闵行区"), Err("NOT_A_PARTY"));
        assert_eq!(named("朝阳"), Err("PARTY_UNCLEAR"));
        assert_eq!(named("北京朝阳"), Ok(vec!["110105".to_owned()]));
    }
}
