//! Tells rows of data from titles, sections, totals, notes, repeated headers and blank rows.

use crate::header::field::Field;
use crate::header::mapping::Mapping;
use crate::header::synonyms::field_of;
use crate::record::column::EXAMPLE;
use crate::sheet::cell::{Origin, Row};
use crate::value::narrow::folded;

/// What a row below the header is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RowKind {
    Data,
    Blank,
    /// The heading of a group of rows: 一、民政类.
    Section,
    /// 合计, 总计, 共 60 项.
    Total,
    /// 注：…, 填表人：….
    Note,
    /// The header once more, as on each printed page.
    Header,
    /// An example of a template.
    Example,
}

/// Rows that are no data, by kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SkippedRows {
    /// Rows above the header.
    pub titles: u32,
    pub sections: u32,
    pub totals: u32,
    pub notes: u32,
    pub blank: u32,
    pub repeated_headers: u32,
    pub examples: u32,
}

impl SkippedRows {
    pub(crate) fn count(&mut self, kind: RowKind) {
        match kind {
            RowKind::Data => {}
            RowKind::Blank => self.blank += 1,
            RowKind::Section => self.sections += 1,
            RowKind::Total => self.totals += 1,
            RowKind::Note => self.notes += 1,
            RowKind::Header => self.repeated_headers += 1,
            RowKind::Example => self.examples += 1,
        }
    }
}

/// The kind of a row below the header.
pub fn kind(row: &Row, mapping: &Mapping) -> RowKind {
    let filled: Vec<(usize, String)> = row.filled().map(|(i, cell)| (i, folded(&cell.value.text()))).collect();
    // A value that spans rows does not make a row.
    let own: Vec<&(usize, String)> =
        filled.iter().filter(|(column, _)| row.cells[*column].origin == Origin::Own).collect();
    let Some((column, first)) = own.first() else { return RowKind::Blank };
    if is_repeated_header(&filled, mapping) {
        return RowKind::Header;
    }
    let is_name = |column: usize| mapping.field(column) == Some(Field::Name);
    if filled.iter().any(|(column, text)| is_name(*column) && text.starts_with(&folded(EXAMPLE))) {
        return RowKind::Example;
    }
    if is_total(first) && own.len() <= 3 {
        return RowKind::Total;
    }
    let names_matter = |column: usize| matches!(mapping.field(column), Some(Field::Name | Field::Matter));
    if own.len() <= 2 && is_note(first, own.len() == 1 && !names_matter(*column)) {
        return RowKind::Note;
    }
    if own.iter().any(|(column, _)| names_matter(*column)) && own.len() > 1 {
        return RowKind::Data;
    }
    let is_merged_across = row.cells.get(column + 1).is_some_and(|cell| cell.origin == Origin::MergedRight);
    match own.len() {
        1 if is_merged_across || is_section(first) => RowKind::Section,
        1 if names_matter(*column) => RowKind::Data,
        // A number without anything else is a row that was prepared and not filled in.
        1 if mapping.field(*column) == Some(Field::Ordinal) && first.chars().all(|c| c.is_ascii_digit()) => {
            RowKind::Blank
        }
        1 => RowKind::Section,
        _ => RowKind::Data,
    }
}

fn is_repeated_header(filled: &[(usize, String)], mapping: &Mapping) -> bool {
    let same = filled.iter().filter(|(column, text)| {
        mapping.field(*column).is_some_and(|field| field_of(text).is_some_and(|(found, _)| found == field))
    });
    same.count() >= 2
}

pub(crate) fn is_total(text: &str) -> bool {
    let bare = text.trim_matches(['(', ')']);
    let is_count = bare.starts_with('共')
        && bare.ends_with(['项', '条', '个'])
        && bare.contains(|character: char| character.is_ascii_digit() || NUMERALS.contains(&character));
    is_count || ["合计", "总计", "小计", "共计", "总数", "total"].iter().any(|word| text.starts_with(word))
}

/// Whether a row of a list of records that begins with this text is a remark: `# …`, `注：…`, `填表人：…`, `合计`.
pub(crate) fn is_remark(first: &str, filled: usize) -> bool {
    first.starts_with('#') || is_total(first) && filled <= 3 || is_note(first, filled == 1) && filled <= 2
}

/// A note has a colon after its word, or stands `alone` where no matter is named.
fn is_note(text: &str, alone: bool) -> bool {
    const WORDS: [&str; 13] =
        ["注", "注释", "备注", "说明", "填表", "制表", "审核", "填报", "联系人", "联系电话", "附注", "note", "notes"];
    let is_word = WORDS.iter().any(|word| text.starts_with(word));
    text.starts_with('#') || is_word && (alone || text.chars().take(8).any(|character| character == ':'))
}

const NUMERALS: [char; 11] = ['一', '二', '三', '四', '五', '六', '七', '八', '九', '十', '百'];

/// `一、民政类`, `（二）公安`, `第一部分`.
fn is_section(text: &str) -> bool {
    let bare = text.trim_start_matches(['(', '第']);
    let rest = bare.trim_start_matches(NUMERALS);
    rest.len() < bare.len() && rest.starts_with(['、', '.', ')', ':', '部', '类', '章'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::header::find::Header;
    use crate::sheet::cell::{Cell, Value};

    fn kind_of(texts: &[&str]) -> RowKind {
        let columns = ["序号", "事项名称", "领域", "通办方式", "备注"].map(str::to_owned).to_vec();
        let mapping = Mapping::new(&Header { row: 1, last_row: 1, columns }, &[]).expect("columns");
        let cells = texts.iter().map(|text| Cell::own(Value::of_text(text))).collect();
        kind(&Row { number: 2, cells }, &mapping)
    }

    #[test]
    fn rows_are_told_apart() {
        for (texts, expected) in [
            (&["1", "婚姻登记", "民政", "全程网办"][..], RowKind::Data),
            (&["", "婚姻登记"], RowKind::Data),
            (&["", "说明材料出具", "", "全程网办", "无"], RowKind::Data),
            (&["", "", "", ""], RowKind::Blank),
            (&["7", "", "", ""], RowKind::Blank),
            (&["一、民政类", "", ""], RowKind::Section),
            (&["", "（二）公安（共12项）", ""], RowKind::Section),
            (&["合计", "", "", "", "62项"], RowKind::Total),
            (&["共60项"], RowKind::Total),
            (&["注：1.本清单自签订之日起施行。"], RowKind::Note),
            (&["填表人：", "张三"], RowKind::Note),
            (&["注1 见通知"], RowKind::Note),
            (&["", "说明书备案", "", "全程网办"], RowKind::Data),
            (&["", "共有产权住房事项", "", "全程网办"], RowKind::Data),
            (&["序号", "事项名称", "领域", "通办方式"], RowKind::Header),
            (&["8", "", "", "全程网办"], RowKind::Data),
            (&["1", "（示例）婚姻登记", "民政", "全程网办"], RowKind::Example),
        ] {
            assert_eq!(kind_of(texts), expected, "{texts:?}");
        }
    }

    #[test]
    fn a_row_merged_across_is_a_section() {
        let mapping =
            Mapping::new(&Header { row: 1, last_row: 1, columns: vec!["事项名称".to_owned(), "备注".to_owned()] }, &[]);
        let text = Value::of_text("民政部门");
        let cells = vec![Cell::own(text.clone()), Cell { value: text, origin: Origin::MergedRight }];
        assert_eq!(kind(&Row { number: 2, cells }, &mapping.expect("columns")), RowKind::Section);
    }
}
