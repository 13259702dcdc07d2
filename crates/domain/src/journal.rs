//! The journal: every change of the registry, gap-free, each chained to the one before it. It is the
//! change feed, the history, the audit trail and what replicas follow.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Serialize, Serializer};
use sha2::{Digest as _, Sha256};

use crate::code::{DistrictCode, Malformed};
use crate::id::Revision;
use crate::words::words;

words! {
    /// What a change is about. Open.
    RecordKind {
        District = "DISTRICT", "区域", "district";
        Matter = "MATTER", "事项", "matter";
        Offering = "OFFERING", "实施清单", "offering";
        Window = "WINDOW", "通办窗口", "window";
        Agreement = "AGREEMENT", "协议", "agreement";
        Policy = "POLICY", "政策依据", "policy";
        Document = "DOCUMENT", "文件", "document";
        ApiKey = "API_KEY", "接口密钥", "API key";
        Finding = "FINDING", "自查问题", "finding";
    }
}

words! {
    /// What happened to a record.
    Action {
        Registered = "REGISTERED", "登记", "registered";
        Revised = "REVISED", "修订", "revised";
        /// A matter leaves the catalogue; told by the clock: a district exists no more from this day on.
        Retired = "RETIRED", "取消", "retired";
        /// An offering is no longer offered.
        Withdrawn = "WITHDRAWN", "撤销", "withdrawn";
        /// A window closes.
        Closed = "CLOSED", "关闭", "closed";
        Issued = "ISSUED", "签发", "issued";
        Revoked = "REVOKED", "吊销", "revoked";
        /// An agreement is drafted.
        Drafted = "DRAFTED", "起草", "drafted";
        /// A draft is made over a version.
        Amended = "AMENDED", "起草修订", "amended";
        DraftRevised = "DRAFT_REVISED", "修改草稿", "draft revised";
        DraftDiscarded = "DRAFT_DISCARDED", "删除草稿", "draft discarded";
        Proposed = "PROPOSED", "送签", "proposed";
        ProposalWithdrawn = "PROPOSAL_WITHDRAWN", "撤回送签", "proposal withdrawn";
        Signed = "SIGNED", "签署", "signed";
        /// The last signature, or the clock, concluded it.
        Concluded = "CONCLUDED", "签订", "concluded";
        Rejected = "REJECTED", "退回", "rejected";
        RejectionUndone = "REJECTION_UNDONE", "收回退回", "rejection taken back";
        Acceded = "ACCEDED", "申请加入", "acceded";
        Admitted = "ADMITTED", "同意加入", "admitted";
        /// A paper agreement is recorded.
        Recorded = "RECORDED", "登记纸质协议", "recorded from paper";
        Confirmed = "CONFIRMED", "确认", "confirmed";
        Contested = "CONTESTED", "提出异议", "contested";
        Corrected = "CORRECTED", "更正", "corrected";
        Voided = "VOIDED", "作废", "voided";
        Suspended = "SUSPENDED", "暂停", "suspended";
        Resumed = "RESUMED", "恢复", "resumed";
        NoticeGiven = "NOTICE_GIVEN", "告知退出", "notice given";
        NoticeRevoked = "NOTICE_REVOKED", "撤销退出告知", "notice revoked";
        /// The registry's emergency stop.
        Stopped = "STOPPED", "紧急停用", "stopped by the registry";
        Released = "RELEASED", "解除停用", "released by the registry";
        /// A party objects to the renewal.
        RenewalOpposed = "RENEWAL_OPPOSED", "反对续期", "renewal opposed";
        /// A document is attached, or released to everybody.
        Attached = "ATTACHED", "附上文件", "attached";
        /// Told by the clock: the day for answers passed.
        Lapsed = "LAPSED", "逾期未签", "lapsed";
        /// Told by the clock.
        TookEffect = "TOOK_EFFECT", "生效", "took effect";
        /// Told by the clock.
        Expired = "EXPIRED", "到期", "expired";
        /// Told by the clock: fewer than two parties remain.
        Terminated = "TERMINATED", "终止", "terminated";
        /// Told by the clock: prolonged for another term.
        Renewed = "RENEWED", "续期", "renewed";
        /// Told by the clock: a party's last day has passed.
        Left = "LEFT", "退出", "a party left";
        /// Told by the clock: the last day of a suspension has passed.
        SuspensionEnded = "SUSPENSION_ENDED", "暂停期满", "suspension ended";
    }
}

/// A SHA-256 with the name of its algorithm, so that another can stand beside it: `sha-256:…`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// What the first change is chained to.
    pub const GENESIS: Self = Self([0; 32]);

    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Of what is displayed, without a copy of the text.
    pub fn of_displayed(shown: impl fmt::Display) -> Self {
        struct Hashing(Sha256);
        impl fmt::Write for Hashing {
            fn write_str(&mut self, text: &str) -> fmt::Result {
                self.0.update(text);
                Ok(())
            }
        }
        let mut hashing = Hashing(Sha256::new());
        // Writing to a hash never fails.
        let _ = fmt::write(&mut hashing, format_args!("{shown}"));
        Self(hashing.0.finalize().into())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha-256:{}", hex::encode(self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Digest {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let mut bytes = [0; 32];
        let digits = text.strip_prefix("sha-256:").filter(|digits| !digits.bytes().any(|b| b.is_ascii_uppercase()));
        hex::decode_to_slice(digits.ok_or(Malformed::Digest)?, &mut bytes).map_err(|_| Malformed::Digest)?;
        Ok(Self(bytes))
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

/// One entry of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub revision: Revision,
    /// To the microsecond: what both databases keep.
    pub recorded_at: DateTime<Utc>,
    /// Who did it, by a reference that names no person.
    pub actor: String,
    pub on_behalf_of: Option<DistrictCode>,
    pub kind: RecordKind,
    pub action: Action,
    /// The revision that created the record.
    pub record: Revision,
    /// The record after the act, as a line that import reads; `None` when it was removed.
    pub document: Option<String>,
    /// The digest of the entry before.
    pub previous: Digest,
    pub digest: Digest,
}

impl Change {
    /// The digest of an entry: SHA-256 over its fields, each with its length in front, so that nothing can
    /// move from one to the next.
    pub fn computed_digest(&self) -> Digest {
        let mut hash = Sha256::new();
        let mut field = |bytes: &[u8]| {
            hash.update(u64::try_from(bytes.len()).expect("a length fits in 64 bits").to_be_bytes());
            hash.update(bytes);
        };
        field(b"tongban journal 1");
        field(&self.previous.0);
        field(&self.revision.to_be_bytes());
        field(self.recorded_at.to_rfc3339_opts(SecondsFormat::Micros, true).as_bytes());
        field(self.actor.as_bytes());
        field(self.on_behalf_of.as_ref().map_or("", DistrictCode::as_str).as_bytes());
        field(self.kind.name().as_bytes());
        field(self.action.name().as_bytes());
        field(&self.record.to_be_bytes());
        match &self.document {
            Some(document) => field(document.as_bytes()),
            None => field(b"\0removed"),
        }
        Digest(hash.finalize().into())
    }

    /// Is the entry what it was when it was sealed?
    pub fn is_intact(&self) -> bool {
        self.computed_digest() == self.digest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change() -> Change {
        let mut change = Change {
            revision: 1,
            recorded_at: DateTime::from_timestamp(1_622_505_600, 0).expect("a time"),
            actor: "import".to_owned(),
            on_behalf_of: None,
            kind: RecordKind::District,
            action: Action::Registered,
            record: 1,
            document: Some("{}".to_owned()),
            previous: Digest::GENESIS,
            digest: Digest::GENESIS,
        };
        change.digest = change.computed_digest();
        change
    }

    #[test]
    fn a_changed_entry_shows() {
        let whole = change();
        assert!(whole.is_intact());
        assert!(!Change { actor: "imporu".to_owned(), ..whole.clone() }.is_intact());
        assert!(!Change { document: None, ..whole.clone() }.is_intact());
        assert!(!Change { revision: 2, ..whole.clone() }.is_intact());
        assert!(!Change { on_behalf_of: "440115".parse().ok(), ..whole }.is_intact());
    }

    #[test]
    fn a_digest_names_its_algorithm() {
        let digest = Digest::of(b"abc");
        assert_eq!(digest.to_string(), "sha-256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(digest.to_string().parse(), Ok(digest));
        assert!("sm3:00".parse::<Digest>().is_err());
    }

    #[test]
    fn a_digest_of_what_is_displayed_is_that_of_its_text() {
        let shown = serde_json::json!({ "title": "协议", "parties": [1, 2] });
        assert_eq!(Digest::of_displayed(format_args!("{shown}{:?}", Some(3))), Digest::of(format!("{shown}{:?}", Some(3)).as_bytes()));
    }
}
