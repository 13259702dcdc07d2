//! Groups equal problems, so that 1,000 faults of one kind are one sentence.

use std::collections::HashMap;

use domain::{Message, Problem, ProblemCode};

use super::problem::CellProblem;

/// Ranges of rows that are listed.
const RANGES: usize = 10;

/// Problems of one rule in one column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    pub code: ProblemCode,
    pub rule: &'static str,
    pub column: Option<String>,
    pub count: usize,
    /// Ranges of rows, both ends included.
    pub rows: Vec<(u32, u32)>,
    /// One sentence for all of them.
    pub message: Message,
    pub remedy: Option<Message>,
}

/// The problems by rule and column, in the order of their first rows.
pub fn summaries<'a>(problems: impl IntoIterator<Item = &'a CellProblem>) -> Vec<Summary> {
    let mut groups: Vec<Vec<&CellProblem>> = Vec::new();
    let mut known: HashMap<(&str, Option<&str>), usize> = HashMap::new();
    for problem in problems {
        let group = *known.entry((problem.problem.rule, problem.column.as_deref())).or_insert_with(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        groups[group].push(problem);
    }
    groups.iter().filter_map(|group| summary(group)).collect()
}

fn summary(group: &[&CellProblem]) -> Option<Summary> {
    let first = group.first()?;
    let rows = ranges(group.iter().map(|problem| problem.row).collect());
    let Problem { code, rule, message, remedy, .. } = &first.problem;
    let is_same = group.iter().all(|problem| problem.problem.message == *message);
    let (example_zh, example_en) = if is_same { ("", "") } else { ("如", "for example ") };
    let count = group.len();
    let (many_zh, many_en) = if count == 1 {
        (String::new(), String::new())
    } else {
        (format!("（共 {count} 行）"), format!(" ({count} in all)"))
    };
    let (column_zh, column_en) = first.column.as_ref().map_or((String::new(), String::new()), |column| {
        let column = domain::text::quoted(column);
        (format!("“{column}”列"), format!(", column “{column}”"))
    });
    let (listed_zh, listed_en) = listed(&rows);
    let row = if count == 1 { "row" } else { "rows" };
    Some(Summary {
        code: *code,
        rule,
        column: first.column.clone(),
        count,
        message: Message::new(
            format!("第 {listed_zh} 行{many_zh}{column_zh}：{example_zh}{}", message.zh),
            format!("{row} {listed_en}{many_en}{column_en}: {example_en}{}", message.en),
        ),
        remedy: remedy.clone(),
        rows,
    })
}

/// Consecutive rows as ranges.
fn ranges(mut rows: Vec<u32>) -> Vec<(u32, u32)> {
    rows.sort_unstable();
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for row in rows {
        match ranges.last_mut() {
            Some((_, last)) if row <= last.saturating_add(1) => *last = row,
            Some(_) | None => ranges.push((row, row)),
        }
    }
    ranges
}

fn listed(ranges: &[(u32, u32)]) -> (String, String) {
    let range = |(first, last): &(u32, u32)| {
        if first == last { first.to_string() } else { format!("{first}–{last}") }
    };
    let texts: Vec<String> = ranges.iter().take(RANGES).map(range).collect();
    let (more_zh, more_en) = if ranges.len() > RANGES { (" 等", " and others") } else { ("", "") };
    (texts.join("、") + more_zh, texts.join(", ") + more_en)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(row: u32, rule: &'static str, text: &str) -> CellProblem {
        let message = Message::new(format!("“{text}”不是日期"), format!("“{text}” is not a date"));
        CellProblem {
            row,
            column: Some("生效日期".to_owned()),
            address: None,
            value: Some(text.to_owned()),
            problem: Problem::invalid(Vec::new(), rule, message),
        }
    }

    #[test]
    fn a_thousand_equal_faults_are_one_sentence() {
        let problems: Vec<CellProblem> = (6..=1_005).map(|row| problem(row, "DATE", "六月")).collect();
        let summaries = summaries(&problems);
        assert_eq!((summaries.len(), summaries[0].count), (1, 1_000));
        assert_eq!(summaries[0].rows, [(6, 1_005)]);
        assert_eq!(summaries[0].message.zh, "第 6–1005 行（共 1000 行）“生效日期”列：“六月”不是日期");
        assert_eq!(summaries[0].message.en, "rows 6–1005 (1000 in all), column “生效日期”: “六月” is not a date");
    }

    #[test]
    fn different_faults_are_listed_apart_with_an_example() {
        let problems = [problem(2, "DATE", "六月"), problem(4, "DATE", "七月"), problem(3, "FLAG", "也许")];
        let texts: Vec<String> = summaries(&problems).into_iter().map(|summary| summary.message.zh).collect();
        assert_eq!(texts[0], "第 2、4 行（共 2 行）“生效日期”列：如“六月”不是日期");
        assert_eq!(texts[1], "第 3 行“生效日期”列：“也许”不是日期");
    }
}
