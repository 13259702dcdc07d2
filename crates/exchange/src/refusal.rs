//! Refusals of whole files: each says what the file is and what to do.

use domain::text::quoted;
use domain::{Message, Problem, ProblemCode};

/// A file that is something else than a table.
fn other_file(rule: &'static str, zh: &str, en: &str) -> Problem {
    Problem::invalid(Vec::new(), rule, Message::new(zh, en))
}

pub(crate) fn empty() -> Problem {
    other_file("FILE_EMPTY", "文件为空", "the file is empty").remedy(
        "请确认选对了文件，并在保存后再上传",
        "make sure that it is the right file, and save it before you upload it",
    )
}

pub(crate) fn unreadable(error: &std::io::Error) -> Problem {
    other_file("FILE_UNREADABLE", "读取文件时出错", &format!("the file cannot be read: {error}"))
        .remedy("请重试；若仍出错，请换一份副本", "try again, or use another copy of the file")
}

pub(crate) fn encrypted() -> Problem {
    other_file("FILE_ENCRYPTED", "工作簿设有打开密码", "the workbook is protected by a password").remedy(
        "请用密码打开后取消密码（文件—信息—保护工作簿），另存再导入",
        "open it, take the password off (File, Info, Protect Workbook), save it, and import that",
    )
}

pub(crate) fn damaged_workbook(detail: &str) -> Problem {
    let message = Message::new(
        "工作簿已损坏或不符合格式",
        format!("the workbook is damaged or not as its format says ({})", quoted(detail)),
    );
    Problem::invalid(Vec::new(), "WORKBOOK_DAMAGED", message).remedy(
        "请用 Excel 或 WPS 打开，另存为 XLSX 后再导入",
        "open it with Excel or WPS, save it as XLSX, and import that",
    )
}

pub(crate) fn web_page() -> Problem {
    other_file(
        "FILE_IS_HTML",
        "这是网页（HTML），只是扩展名像工作簿：有的系统这样导出",
        "this is a web page (HTML) under the name of a workbook, which is how some systems export",
    )
    .remedy(
        "请用 Excel 或 WPS 打开，另存为 XLSX 后再导入",
        "open it with Excel or WPS, save it as XLSX, and import that",
    )
}

pub(crate) fn xml_spreadsheet() -> Problem {
    other_file("FILE_IS_XML", "这是 XML 表格（2003）或其他 XML 文件", "this is an XML Spreadsheet 2003 or other XML")
        .remedy(
            "请用 Excel 或 WPS 打开，另存为 XLSX 后再导入",
            "open it with Excel or WPS, save it as XLSX, and import that",
        )
}

pub(crate) fn open_document() -> Problem {
    other_file("FILE_IS_ODS", "这是 OpenDocument 表格（ODS），不支持", "this is an OpenDocument spreadsheet (ODS)")
        .remedy("请另存为 XLSX 或 CSV 后再导入", "save it as XLSX or CSV, and import that")
}

pub(crate) fn binary_workbook() -> Problem {
    other_file("FILE_IS_XLSB", "这是二进制工作簿（XLSB），不支持", "this is a binary workbook (XLSB)")
        .remedy("请另存为 XLSX 后再导入", "save it as XLSX, and import that")
}

pub(crate) fn not_a_workbook(zh: &str, en: &str) -> Problem {
    other_file("FILE_NOT_A_TABLE", &format!("这是{zh}，不是表格"), &format!("this is {en}, not a table")).remedy(
        "请导入 XLSX、XLS、CSV 或 TSV；如清单在文档或图片中，请先录入表格，或下载模板填写",
        "import XLSX, XLS, CSV or TSV; a list in a document or picture has to be entered in a table or in the template",
    )
}

pub(crate) fn ole_without_workbook() -> Problem {
    not_a_workbook(
        "旧版 Office 或 WPS 的文件（OLE），其中没有工作簿",
        "an old file of Office or WPS (OLE) without a workbook",
    )
}

pub(crate) fn lines_where_a_table_is_needed() -> Problem {
    other_file("FILE_IS_NDJSON", "这是 NDJSON（每行一个 JSON），此处应为表格", "this is NDJSON where a table is needed")
        .remedy("请导入 XLSX、XLS、CSV 或 TSV", "import XLSX, XLS, CSV or TSV")
}

pub(crate) fn schedule_where_records_are_needed() -> Problem {
    other_file(
        "FILE_IS_SCHEDULE",
        "这是协议清单（列有事项和通办方式），不是事项、实施清单等记录",
        "this is a schedule of an agreement, with matters and handling modes, and no list of records",
    )
    .remedy(
        "请导入到协议草稿：tongban import --kind schedule --agreement 编号 --draft 版本号 --party 区域代码，或接口 importSchedule；确为记录的请用 --kind 指明种类",
        "import it into the draft of an agreement: tongban import --kind schedule --agreement NUMBER --draft VERSION --party DISTRICT, or importSchedule; say by --kind if they are records",
    )
}

pub(crate) fn encoding_unknown(line: u64) -> Problem {
    let message = Message::new(
        format!("第 {line} 行不是 UTF-8、UTF-16 或 GB18030 编码的文字"),
        format!("line {line} is text in none of UTF-8, UTF-16 and GB18030"),
    );
    Problem::invalid(Vec::new(), "ENCODING", message).remedy(
        "请用 Excel 选“CSV UTF-8（逗号分隔）”另存；若只有一行如此，请改正该行",
        "save it from Excel as CSV UTF-8 (comma delimited); if it is this line alone, correct the line",
    )
}

pub(crate) fn too_large(zh: impl Into<String>, en: impl Into<String>) -> Problem {
    Problem::new(ProblemCode::Refused, Vec::new(), "FILE_TOO_LARGE", Message::new(zh, en)).remedy(
        "请只留需要的工作表和行列，去掉图片，另存为 XLSX 后再导入；或分成几个文件",
        "keep only the sheet, rows and columns that are needed, without pictures, and save it as XLSX; or make several files",
    )
}

pub(crate) fn too_many_rows(most: u32) -> Problem {
    let message = Message::new(format!("数据超过 {most} 行"), format!("more than {most} rows of data"));
    Problem::new(ProblemCode::Refused, Vec::new(), "USE_UPLOAD", message)
        .remedy("请改用文件上传，或分成几个文件", "upload the file instead, or split it")
}

pub(crate) fn cell_out_of_bounds(row: u32, column: u32) -> Problem {
    let place = format!("{}{row}", crate::sheet::cell::column_letters(column));
    let message = Message::new(
        format!("{place} 单元格有内容，超出了可读的 200 列 × 1,048,576 行"),
        format!("cell {place} has content beyond the 200 columns and 1,048,576 rows that are read"),
    );
    Problem::invalid(Vec::new(), "CELL_OUT_OF_BOUNDS", message).remedy(
        format!("请清除 {place} 及其附近多余的内容后另存"),
        format!("clear what stands at {place} and around it, and save the file"),
    )
}

pub(crate) fn sheet_not_found(name: &str, sheets: &[&str]) -> Problem {
    let (name, sheets) = (quoted(name), sheets.join("、"));
    let message = Message::new(format!("没有名为“{name}”的工作表"), format!("there is no sheet “{name}”"));
    Problem::new(ProblemCode::NotFound, vec!["sheet".to_owned()], "SHEET_NOT_FOUND", message)
        .remedy(format!("工作表有：{}", quoted(&sheets)), format!("the sheets are: {}", quoted(&sheets)))
}

pub(crate) fn header_not_found() -> Problem {
    let message = Message::new(
        "没有找到表头：前 40 行中没有“事项名称”或“基本编码”这样的列名",
        "no header found: none of the first 40 rows has a column such as 事项名称 or 基本编码",
    );
    Problem::invalid(vec!["headerRow".to_owned()], "HEADER_NOT_FOUND", message).remedy(
        "请指明表头所在的行，或用 columns 指明各列是什么",
        "say which row is the header, or by columns what each column is",
    )
}
