//! The journal: a gap-free, hash-chained log of every change. It is the change feed, the history and the audit trail,
//! and replicas follow it.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Serialize, Serializer};
use sha2::{Digest as _, Sha256};

use crate::code::DistrictCode;
use crate::id::Revision;
use crate::kind::RecordKind;
use crate::problem::Malformed;
use crate::words::words;

words! {
    /// The action that changed a record. Date-driven actions are recorded by the registry when their day begins.
    Action {
        Registered = "REGISTERED", "登记", "registered";
        Revised = "REVISED", "修订", "revised";
        /// A matter is retired; or, date-driven, a district is retired from this day on.
        Retired = "RETIRED", "取消", "retired";
        /// An offering is no longer offered.
        Withdrawn = "WITHDRAWN", "撤销", "withdrawn";
        /// A window closes.
        Closed = "CLOSED", "关闭", "closed";
        Issued = "ISSUED", "签发", "issued";
        Revoked = "REVOKED", "吊销", "revoked";
        Drafted = "DRAFTED", "起草", "drafted";
        /// A draft that amends a version.
        Amended = "AMENDED", "起草修订", "amended";
        DraftRevised = "DRAFT_REVISED", "修改草稿", "draft revised";
        DraftDiscarded = "DRAFT_DISCARDED", "删除草稿", "draft discarded";
        /// A draft is submitted to its own signatory.
        Submitted = "SUBMITTED", "送审", "submitted for approval";
        Approved = "APPROVED", "审核通过", "approved";
        GivenBack = "GIVEN_BACK", "审核退回", "given back";
        /// Districts may read and remark on a draft.
        Consulted = "CONSULTED", "征求意见", "consulted on";
        Remarked = "REMARKED", "提出意见", "remarked on";
        BodyConfirmed = "BODY_CONFIRMED", "部门会签", "opinion of a signing body";
        Reminded = "REMINDED", "催办", "reminded";
        Proposed = "PROPOSED", "发送签约方", "proposed";
        ProposalWithdrawn = "PROPOSAL_WITHDRAWN", "撤回已发送签约方的版本", "proposal withdrawn";
        Signed = "SIGNED", "签署", "signed";
        /// Concluded by the last signature, or date-driven.
        Concluded = "CONCLUDED", "签订", "concluded";
        Rejected = "REJECTED", "不同意", "rejected";
        /// Rejected with a request for changes.
        Returned = "RETURNED", "退回修改", "returned for changes";
        RejectionUndone = "REJECTION_UNDONE", "收回退回", "rejection taken back";
        Acceded = "ACCEDED", "申请加入", "acceded";
        Admitted = "ADMITTED", "同意加入", "admitted";
        Recorded = "RECORDED", "登记纸质协议", "recorded from paper";
        Confirmed = "CONFIRMED", "确认", "confirmed";
        Contested = "CONTESTED", "提出异议", "contested";
        Corrected = "CORRECTED", "更正", "corrected";
        Voided = "VOIDED", "作废", "voided";
        Suspended = "SUSPENDED", "暂停", "suspended";
        Resumed = "RESUMED", "恢复", "resumed";
        NoticeGiven = "NOTICE_GIVEN", "发出退出通知", "notice given";
        NoticeRevoked = "NOTICE_REVOKED", "撤销退出通知", "notice revoked";
        /// The registry's emergency stop.
        Stopped = "STOPPED", "紧急停用", "stopped by the registry";
        Released = "RELEASED", "解除停用", "released by the registry";
        /// A party objects to the renewal.
        RenewalOpposed = "RENEWAL_OPPOSED", "反对续期", "renewal opposed";
        /// A document is attached, or released to the public.
        Attached = "ATTACHED", "附上文件", "attached";
        /// Date-driven: the day for answers has passed.
        Lapsed = "LAPSED", "逾期未签", "lapsed";
        /// Date-driven.
        TookEffect = "TOOK_EFFECT", "生效", "took effect";
        /// Date-driven.
        Expired = "EXPIRED", "到期", "expired";
        /// Date-driven: fewer than two parties remain.
        Terminated = "TERMINATED", "终止", "terminated";
        /// Date-driven: renewed for another term.
        Renewed = "RENEWED", "续期", "renewed";
        /// Date-driven: a party's last day has passed.
        Left = "LEFT", "退出", "a party left";
        /// Date-driven: the last day for remarks on a draft has passed.
        ConsultationEnded = "CONSULTATION_ENDED", "征求意见结束", "consultation ended";
        /// Date-driven: the first day of a suspension that was set before.
        SuspensionBegan = "SUSPENSION_BEGAN", "暂停开始", "suspension began";
        /// Date-driven: the last day of a suspension has passed.
        SuspensionEnded = "SUSPENSION_ENDED", "暂停期满", "suspension ended";
    }
}

/// A SHA-256 digest. Its text begins with the algorithm, `sha-256:…`, so that another algorithm can be added.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The predecessor of the first change.
    pub const GENESIS: Self = Self([0; 32]);
    /// What stands before the hexadecimal digits in its text.
    pub const PREFIX: &'static str = "sha-256:";

    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The first eight bytes as a number.
    pub(crate) fn first_word(self) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = self.0;
        u64::from_be_bytes([a, b, c, d, e, f, g, h])
    }

    /// The digest of a value's `Display` text, without a copy of the text.
    pub fn of_displayed(shown: impl fmt::Display) -> Self {
        let mut hashing = Hashing::default();
        // Writing to a hash never fails.
        let _ = fmt::write(&mut hashing, format_args!("{shown}"));
        hashing.digest()
    }
}

/// Computes the digest of bytes that come in parts.
#[derive(Debug, Clone, Default)]
pub struct Hashing(Sha256);

impl Hashing {
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub fn digest(self) -> Digest {
        Digest(self.0.finalize().into())
    }
}

impl fmt::Write for Hashing {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.update(text.as_bytes());
        Ok(())
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
    /// In microseconds, the precision of both databases.
    pub recorded_at: DateTime<Utc>,
    /// A pseudonymous reference of the actor.
    pub actor: String,
    pub on_behalf_of: Option<DistrictCode>,
    pub kind: RecordKind,
    pub action: Action,
    /// The revision that created the record.
    pub record: Revision,
    /// The line of the record after the change; `None` if it was removed.
    pub document: Option<String>,
    /// The digest of the previous entry.
    pub previous: Digest,
    pub digest: Digest,
}

impl Change {
    /// SHA-256 over the fields of the entry. Each field is prefixed with its length, so that bytes cannot move between
    /// fields.
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

    /// Whether the digest matches the content.
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
    fn a_changed_entry_is_detected() {
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
    fn the_digest_of_a_displayed_value_is_that_of_its_text() {
        let shown = serde_json::json!({ "title": "协议", "parties": [1, 2] });
        assert_eq!(
            Digest::of_displayed(format_args!("{shown}{:?}", Some(3))),
            Digest::of(format!("{shown}{:?}", Some(3)).as_bytes())
        );
    }
}
