//! CSV files.

use std::collections::BTreeSet;

use persistence::{ExportFormat, Skipped};

use crate::common::{Registry, exported, faults};

const MATTERS: [&str; 3] = [
    "type,code,name,domain,aliases",
    "matter,000109001001,示例甲,OTHER,换证；换身份证",
    "matter,000109001002,示例乙,OTHER,",
];

const TABLE: &str = "\u{feff}type,code,name,kind,parent,district,matter,visits,key,agreement,title,signedOn,parties,receiving,matters,mode,terms.proxyCollection.windowDepth,provenance.source,provenance.synthetic,domain,aliases,materials\r
agreement,,,,,,,,k,,议,2021-05-28,440115;310112,,,,,,,,,\r
clause,,,,,,,,,k,,,,440115,000109001000,PROXY_COLLECTION,FORMAL_CHECK; DELIVER_RESULT,,,,,\r
district,440115,南沙区,COUNTY,,,,,,,,,,,,,,民政部,true,,,\r
district,310112,\"闵行\"\"区\"\"\",COUNTY,,,,,,,,,,,,,,,,,,\r
matter,000109001000,\"换领,\n身份证\",,,,,,,,,,,,,,,,,PUBLIC_SECURITY,换证;换身份证,\r
offering,,,,,310112,000109001000,1,,,,,,,,,,,,,,\"[{\"\"name\"\":\"\"户口簿\"\",\"\"necessity\"\":\"\"REQUIRED\"\"}]\"\r
";

#[tokio::test]
async fn a_csv_file_gives_the_same_records_as_lines() {
    let registry = Registry::new().await;
    let report = registry.import(&[registry.file("t.csv", TABLE)]).await;
    assert_eq!(faults(&report), [(6, "name".to_owned(), "CONTROL_CHARACTER")], "what names the matter is not at fault");
    let report = registry.import(&[registry.file("t.csv", TABLE.replace("换领,\n", "换领,"))]).await;
    assert_eq!((report.faults.as_slice(), report.registered, report.read), (&[][..], 5, 6));
    let lines = exported(&registry, ExportFormat::Ndjson).await;
    assert_eq!(
        lines[0],
        r#"{"type":"district","code":"440115","name":"南沙区","kind":"COUNTY","provenance":{"source":"民政部","synthetic":true}}"#
    );
    assert!(lines[1].contains(r#"闵行\"区\""#) && lines[2].contains(r#""aliases":["换证","换身份证"]"#));
    assert!(
        lines[4].contains(r#""receiving":["440115"]"#) && lines[4].contains(r#"["FORMAL_CHECK","DELIVER_RESULT"]"#),
        "{}",
        lines[4]
    );
}

#[tokio::test]
async fn csv_faults_have_the_right_line_for_any_line_break() {
    let registry = Registry::new().await;
    let district = "district,440115,南沙区,COUNTY";
    for rows in [
        ["type,code,name,kind", district, "matter,1"],
        ["type,code,name,kind\r", district, "matter,1"],
        ["type,code,name,kind", "district,440115,南沙区,COUNTY\r", "matter,1\r"],
        ["type,code,name,kind\r", "\r", "matter,1\r\n"],
        ["type,code,name,kind", ",,,", "matter,1\n"],
    ] {
        let returns = rows.iter().all(|row| !row.contains(['\r', '\n'])).then(|| rows.join("\r"));
        for content in returns.into_iter().chain([rows.join("\n")]) {
            let report = registry.import(&[registry.file("t.csv", &content)]).await;
            assert_eq!(
                report.faults.iter().map(|fault| fault.line).collect::<BTreeSet<_>>(),
                [3].into(),
                "{content:?}"
            );
        }
    }
    let late = format!("type,code,name,kind\n\n\r\n{district}\r\n\nmatter,1,,\n\nmatter,,x,");
    let report = registry.import(&[registry.file("t.csv", late)]).await;
    assert_eq!(report.faults.iter().map(|fault| fault.line).collect::<BTreeSet<_>>(), [6, 8].into());
}

#[tokio::test]
async fn each_fault_of_a_csv_file_is_reported() {
    let registry = Registry::new().await;
    let file = |content: &str| registry.file("t.csv", content);
    for (content, fault) in [
        ("code,name\n1,2\n", (1, "", "HEADER")),
        ("type,code,code\n", (1, "", "HEADER")),
        ("type,code,name,domain,nmae\nmatter,000109001000,示例,OTHER,x\n", (1, "nmae", "UNKNOWN_COLUMN")),
        ("type,code,\nmatter,000109001000,x\n", (2, "", "HEADER")),
        ("type,code,name\n", (1, "", "NO_RECORDS")),
        ("type,code,name\n,,\n", (1, "", "NO_RECORDS")),
        ("", (1, "", "HEADER")),
        ("type,code\nmatter,1,2\n", (2, "", "CELLS")),
        ("type,code,provenance,provenance.source\nmatter,1,x,y\n", (2, "provenance.source", "COLUMN_TWICE")),
        ("type,aliases\nmatter,[1\n", (2, "aliases", "JSON")),
    ] {
        let report = registry.import(&[file(content)]).await;
        let (line, field, rule) = fault;
        assert_eq!(faults(&report), [(line, field.to_owned(), rule)], "{content}");
    }
    let endless = format!("type,code\nmatter,\"{}", "x".repeat(9 << 20));
    assert_eq!(faults(&registry.import(&[file(&endless)]).await), [(2, String::new(), "LINE_TOO_LONG")]);
}

#[tokio::test]
async fn csv_files_are_read_with_any_line_break() {
    let mut all = BTreeSet::new();
    for end in ["\n", "\r\n", "\r"] {
        let registry = Registry::new().await;
        let report = registry.import(&[registry.file("t.csv", MATTERS.join(end) + end)]).await;
        assert_eq!((report.faults.as_slice(), report.registered), (&[][..], 2), "{end:?}");
        all.insert(exported(&registry, ExportFormat::Ndjson).await);
        let lines = all.iter().flatten().map(|line| line.to_owned() + end).collect::<String>();
        assert_eq!(registry.import(&[registry.file("t.ndjson", lines)]).await.unchanged, 2, "{end:?}");
    }
    assert_eq!(all.len(), 1);
}

#[tokio::test]
async fn blank_rows_columns_and_remarks_are_skipped_and_counted() {
    let registry = Registry::new().await;
    let table = "\r\n,,,,,,\r\nType, Code ,NAME,domain,,,\r\n# 说明：示例,,,\r\nMatter,'000109001001,示例甲,other\r\n,,,,,,\r\n 　,,\r\n\
        matter,=\"000109001002\",示例乙,OTHER,,,\r\n填表人：,,填表日期：,,,,\r\n";
    let report = registry.import(&[registry.file("t.csv", table)]).await;
    assert_eq!((report.faults.as_slice(), report.registered), (&[][..], 2));
    assert_eq!(report.skipped, Skipped { blank_rows: 3, remark_rows: 2, unnamed_columns: 3 });
    let tabs = MATTERS.map(|row| row.replace(',', "\t")).join("\n") + "\n";
    assert_eq!(registry.import(&[registry.file("t.tsv", tabs)]).await.registered, 0, "they are the same matters");
}

#[tokio::test]
async fn an_unreadable_file_format_is_named_in_one_fault() {
    let registry = Registry::new().await;
    let utf16 = |mark: &[u8]| {
        [mark, &MATTERS.join("\n").encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()].concat()
    };
    let gbk = [
        &b"type,code,name,domain\n"[..],
        b"matter,000109001001,\xca\xbe\xc0\xfd,OTHER\n",
        b"matter,000109001002,\xca\xbe\xc0\xfd,OTHER\n",
    ]
    .concat();
    for (content, form) in [(utf16(b"\xFF\xFE"), "CSV UTF-16"), (gbk, "CSV GB18030")] {
        let registry = Registry::new().await;
        let report = registry.import(&[registry.file("t.csv", content)]).await;
        assert_eq!((faults(&report), report.registered, report.lists[0].form.as_str()), (vec![], 2, form));
    }
    for (content, line, rule, named) in [
        (utf16(b""), 1, "UTF_8", "UTF-16"),
        (b"PK\x03\x04....".to_vec(), 0, "WORKBOOK_DAMAGED", "工作簿"),
        (b"\xD0\xCF\x11\xE0....".to_vec(), 0, "ENCODING", "GB18030"),
        (b"".to_vec(), 1, "HEADER", "空"),
    ] {
        let report = registry.import(&[registry.file("t.csv", content)]).await;
        assert_eq!(faults(&report), [(line, String::new(), rule)], "{named}");
        assert!(report.faults[0].problem.message.zh.contains(named), "{}", report.faults[0].problem.message.zh);
    }
    assert_eq!(
        faults(&registry.import(&[registry.file("t.ndjson", "\n \n")]).await),
        [(1, String::new(), "NO_RECORDS")]
    );
    let twice = r#"{"type":"matter","code":"000109001001","code":"000109001002","name":"示例","domain":"OTHER"}"#;
    assert_eq!(
        faults(&registry.import(&[registry.file("t.ndjson", twice)]).await),
        [(1, "code".to_owned(), "KEY_TWICE")]
    );
}
