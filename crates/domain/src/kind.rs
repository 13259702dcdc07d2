//! The kinds of records.

use crate::words::words;

words! {
    /// The kind of the changed record. Open.
    RecordKind {
        District = "DISTRICT", "区域", "district";
        Matter = "MATTER", "事项", "matter";
        Offering = "OFFERING", "实施清单", "offering";
        Window = "WINDOW", "通办窗口", "window";
        Agreement = "AGREEMENT", "协议", "agreement";
        Policy = "POLICY", "政策依据", "policy";
        Document = "DOCUMENT", "文件", "document";
        ApiKey = "API_KEY", "接口密钥", "API key";
        Person = "PERSON", "人员", "person";
        Grant = "GRANT", "授权", "grant";
        Feedback = "FEEDBACK", "纠错", "feedback";
        Finding = "FINDING", "数据问题", "finding";
    }
}
