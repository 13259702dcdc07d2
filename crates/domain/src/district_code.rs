//! Which codes a district of a kind may have.

use crate::code::DistrictCode;
use crate::problem::{Message, ProblemCode};
use crate::reading::Reader;

/// The code of the whole country in GB/T 2260.
const WHOLE_COUNTRY: &str = "000000";

/// The whole country is no province.
pub(crate) fn check_province(r: &mut Reader<'_>, code: Option<DistrictCode>) {
    if code.is_some_and(|code| code.as_str() == WHOLE_COUNTRY) {
        r.refuse(
            ProblemCode::Invalid,
            "code",
            "NO_PROVINCE",
            Message::new(
                "000000 是全国，不是省级区域的代码",
                "000000 is the whole country, not the code of a province",
            ),
            Message::new("请填写该省级区域的代码，如 440000", "give the code of the province, such as 440000"),
        );
    }
}

/// The code of a township is longer than those above it, and its parent is stated, never derived from the code.
pub(crate) fn check_township(r: &mut Reader<'_>, code: Option<DistrictCode>, is_without_parent: bool) {
    if code.is_some_and(|code| code.as_str().len() == 6) {
        r.refuse(
            ProblemCode::Invalid,
            "code",
            "TOWNSHIP_CODE",
            Message::new("乡级区域的代码应为 9 位", "the code of a township has 9 digits"),
            Message::new(
                "请填写 9 位代码（GB/T 10114），或补足为 12 位",
                "give the code of 9 digits (GB/T 10114), or of 12 ending in 000",
            ),
        );
    }
    if is_without_parent && !r.has("parent") {
        r.refuse(
            ProblemCode::Invalid,
            "parent",
            "REQUIRED",
            Message::new("乡级区域没有写明上级区域", "a township without a parent"),
            Message::new("请填写 parent", "give parent"),
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::district::District;
    use crate::problem::Problems;

    #[test]
    fn a_township_has_nine_digits_and_a_stated_parent() {
        let read = |code: &str, more: &str| {
            let text = format!(r#"{{ "code": "{code}", "name": "南沙街道", "kind": "TOWNSHIP" {more} }}"#);
            let value = serde_json::from_str(&text).expect("an object");
            let mut problems = Problems::new();
            let district = crate::reading::read(&value, &mut problems, District::read).expect("it reads");
            (district.code.to_string(), problems.iter().map(|problem| problem.rule).collect::<Vec<_>>())
        };
        let parent = r#", "parent": "440115""#;
        assert_eq!(read("440115001", parent), ("440115001".to_owned(), Vec::new()));
        assert_eq!(read("440115001000", parent), ("440115001".to_owned(), Vec::new()), "padded with zeros");
        assert_eq!(read("440115001", "").1, ["REQUIRED"]);
        assert_eq!(read("440115000000", parent).1, ["TOWNSHIP_CODE"]);
        assert_eq!(read("440115001001", parent).1, ["DISTRICT_CODE"]);
    }
}
