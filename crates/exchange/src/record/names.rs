//! The matters of offerings that are named and not coded, as offices keep their lists.

use domain::{MatterCode, Problem};
use serde_json::Value as Json;

use super::list::RecordList;
use crate::matching::{self, Choices, Likely, Match, MatterIndex};

/// Matters that are offered for a name that is not known.
const OFFERED: usize = 3;

impl RecordList {
    /// Gives each offering without a code the matter of its name. A name that means no matter, or several, is a problem
    /// of its row.
    pub fn match_matters(&mut self, index: &dyn MatterIndex) {
        for row in &mut self.rows {
            let Ok(line) = &mut row.line else { continue };
            let Some(name) = name_without_code(line) else { continue };
            match matching::matter(index, &Choices::default(), None, Some(&name)) {
                Match::Found { code, .. } => {
                    if let Some(fields) = line.as_object_mut() {
                        fields.insert("matter".to_owned(), code.as_str().into());
                    }
                }
                Match::Confirm { problem, candidates } | Match::Unknown { problem, candidates } => {
                    row.line = Err(vec![with_candidates(problem, &name, &candidates, index)]);
                }
                Match::Skipped => {}
            }
        }
    }
}

fn name_without_code(line: &Json) -> Option<String> {
    let is_offering = line.get("type")?.as_str()? == "offering";
    let has_code = line.get("matter").is_some() || line.get("sourceCode").is_some();
    (is_offering && !has_code).then(|| line.get("name")?.as_str().map(str::to_owned)).flatten()
}

fn with_candidates(problem: Problem, name: &str, candidates: &[MatterCode], index: &dyn MatterIndex) -> Problem {
    let likely = index.likeliest(name, OFFERED);
    let named = |code: &MatterCode| {
        let known = likely.iter().find(|likely| likely.code == *code);
        known.map_or_else(|| code.to_string(), |Likely { name, code }| format!("{name} {code}"))
    };
    let candidates: Vec<String> = candidates.iter().map(named).collect();
    match (&problem.remedy, candidates.is_empty()) {
        (Some(remedy), false) => {
            let zh = format!("{}（相近的有：{}）", remedy.zh, candidates.join("、"));
            let en = format!("{} (alike are: {})", remedy.en, candidates.join(", "));
            problem.remedy(zh, en)
        }
        (Some(_) | None, _) => problem,
    }
}
