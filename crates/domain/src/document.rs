//! Documents (文件): scans and annexes that parties attach to an agreement. The media type is detected from the
//! content. A document is identified by its agreement, its party and the digest of its content.

use serde::Serialize;

use crate::agreement::Agreement;
use crate::agreement::lifecycle::Life;
use crate::agreement::version::Version;
use crate::code::{AgreementNumber, DistrictCode};
use crate::id::RecordType;
use crate::journal::Digest;
use crate::kind::RecordKind;
use crate::period::Date;
use crate::problem::{Message, Problem, ProblemCode};
use crate::reading::Reader;
use crate::reference::Reference;
use crate::words::words;

/// Maximum size of the content.
pub const MAX_BYTES: usize = 10 << 20;
/// Maximum number of documents of one agreement, and of one party to it.
pub const MAX_OF_AGREEMENT: usize = 300;
pub const MAX_OF_PARTY: usize = 30;

/// Refuses another document if the agreement or the party has the maximum number.
pub fn ensure_room(of_agreement: usize, of_party: usize) -> Result<(), Problem> {
    if of_agreement < MAX_OF_AGREEMENT && of_party < MAX_OF_PARTY {
        return Ok(());
    }
    let message = Message::new(
        format!("附件已满：每份协议最多 {MAX_OF_AGREEMENT} 个，其中每个签约方最多 {MAX_OF_PARTY} 个"),
        format!(
            "the maximum number of documents is reached: {MAX_OF_AGREEMENT} for an agreement, {MAX_OF_PARTY} for each party"
        ),
    );
    let problem = Problem::invalid(vec!["content".to_owned()], "TOO_MANY_DOCUMENTS", message);
    Err(Problem {
        code: ProblemCode::Refused,
        ..problem.remedy("请将多个文件合并为一个 PDF 后再上传", "put several files together in one PDF")
    })
}

words! {
    /// The media types that are accepted.
    MediaType {
        Pdf = "application/pdf", "PDF 文件", "a PDF";
        /// GB/T 33190-2016.
        Ofd = "application/ofd", "OFD 版式文件", "an OFD";
        Jpeg = "image/jpeg", "JPEG 图像", "a JPEG image";
        Png = "image/png", "PNG 图像", "a PNG image";
        Tiff = "image/tiff", "TIFF 图像", "a TIFF image";
        Webp = "image/webp", "WebP 图像", "a WebP image";
    }
}

impl MediaType {
    /// Detects the media type by the first bytes of the content.
    pub fn of(content: &[u8]) -> Option<Self> {
        match content {
            [b'%', b'P', b'D', b'F', b'-', ..] => Some(Self::Pdf),
            [0xFF, 0xD8, 0xFF, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Some(Self::Png),
            [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => Some(Self::Tiff),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::Webp),
            [b'P', b'K', 3, 4, ..] if zip_has(content, b"OFD.xml") => Some(Self::Ofd),
            _ => None,
        }
    }
}

/// Whether a ZIP archive has a file of this name, by its central directory.
fn zip_has(zip: &[u8], name: &[u8]) -> bool {
    const END: &[u8] = b"PK\x05\x06";
    const ENTRY: &[u8] = b"PK\x01\x02";
    const FILE: &[u8] = b"PK\x03\x04";
    let number = |at: usize, bytes: usize| -> Option<usize> {
        let bytes = zip.get(at..at.checked_add(bytes)?)?;
        bytes.iter().rev().try_fold(0_usize, |number, byte| number.checked_mul(256)?.checked_add(usize::from(*byte)))
    };
    let begins = |at: usize, signature: &[u8]| zip.get(at..).is_some_and(|rest| rest.starts_with(signature));
    // A comment of up to 64 KiB may follow the end record.
    let from = zip.len().saturating_sub(22 + 0xFFFF);
    let Some(end) = (from..zip.len().saturating_sub(21)).rev().find(|at| begins(*at, END)) else { return false };
    let (Some(entries), Some(mut at)) = (number(end + 10, 2), number(end + 16, 4)) else { return false };
    for _ in 0..entries {
        let (Some(length), Some(extra), Some(comment), Some(file)) =
            (number(at + 28, 2), number(at + 30, 2), number(at + 32, 2), number(at + 42, 4))
        else {
            return false;
        };
        if !begins(at, ENTRY) {
            return false;
        }
        if zip.get(at + 46..at + 46 + length) == Some(name) {
            return begins(file, FILE) && number(file + 26, 2) == Some(length) && begins(file + 30, name);
        }
        at += 46 + length + extra + comment;
    }
    false
}

words! {
    /// The kind of a document.
    DocumentKind {
        SignedCopy = "SIGNED_COPY", "签署件", "signed copy";
        SealedCopy = "SEALED_COPY", "用印件", "sealed copy";
        Annex = "ANNEX", "附件", "annex";
        Approval = "APPROVAL", "请示批复", "approval";
        Publication = "PUBLICATION", "公布文件", "publication";
        Other = "OTHER", "其他", "other";
    }
}

impl DocumentKind {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
    fn is_other(&self) -> bool {
        *self == Self::Other
    }
}

/// The metadata of a document (文件). The content is stored by its digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Document {
    pub agreement: AgreementNumber,
    /// The party that attached it.
    pub party: DistrictCode,
    pub name: Box<str>,
    #[serde(skip_serializing_if = "DocumentKind::is_other")]
    pub kind: DocumentKind,
    /// The number of the version that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document_number: Option<Box<str>>,
    pub media_type: MediaType,
    /// In bytes.
    pub size: u32,
    pub digest: Digest,
    /// Whether everybody who sees the agreement sees the document, or its parties alone.
    pub released: bool,
    pub attached_on: Date,
}

impl RecordType for Document {
    const KIND: RecordKind = RecordKind::Document;
    const PREFIX: &'static str = "doc";
}

impl Document {
    /// Reads a line.
    pub fn read(r: &mut Reader<'_>) -> Option<Self> {
        let agreement = r.code("agreement");
        let party = r.code("party");
        let name = file_name(r);
        let details = Details::read(r);
        let media_type = r.word("mediaType");
        let size = r.required_number("size", u32::try_from(MAX_BYTES).unwrap_or(u32::MAX));
        let digest = r.code("digest");
        let released = r.flag("released");
        r.require("attachedOn");
        let attached_on = r.date("attachedOn");
        Some(Self {
            agreement: agreement?,
            party: party?,
            name,
            kind: details.kind,
            version: details.version,
            document_number: details.number,
            media_type: media_type?,
            size,
            digest: digest?,
            released,
            attached_on: attached_on?,
        })
    }

    pub fn references(&self) -> Vec<Reference> {
        vec![Reference::agreement("agreement", self.agreement), Reference::district("party", self.party)]
    }
}

/// What a document is, and of which version.
#[derive(Debug, Clone)]
struct Details {
    kind: DocumentKind,
    version: Option<u32>,
    number: Option<Box<str>>,
}

impl Details {
    fn read(r: &mut Reader<'_>) -> Self {
        Self {
            kind: r.optional_word("kind").unwrap_or(DocumentKind::Other),
            version: r.number("version", 1_000_000),
            number: r.optional_number_text("documentNumber", 120).map(Into::into),
        }
    }
}

/// Reads a file name without folders.
fn file_name(r: &mut Reader<'_>) -> Box<str> {
    let name = r.name("name", 200);
    if name.contains(['/', '\\']) || name == "." || name == ".." {
        let message = Message::new(format!("“{name}”不是文件名"), format!("“{name}” is not the name of a file"));
        let remedy = Message::new(
            "文件名不含目录，也不含 / 和 \\",
            "give the name of the file alone, without folders, / and \\",
        );
        r.refuse(ProblemCode::Invalid, "name", "FILE_NAME", message, remedy);
    }
    name.into()
}

/// A file uploaded for a party.
#[derive(Debug, Clone)]
pub struct Attachment {
    /// `None`: it could not be read.
    pub number: Option<AgreementNumber>,
    pub party: DistrictCode,
    name: Box<str>,
    details: Details,
    media_type: MediaType,
    /// `None`: unchanged; a new document is for the parties alone.
    released: Option<bool>,
    pub content: Vec<u8>,
    digest: Digest,
}

impl Attachment {
    /// Reads the form, and the content in base64. If there are problems, the result is the attachment as far as it can
    /// be read.
    pub fn read(r: &mut Reader<'_>, content: Option<&[u8]>) -> Self {
        let number = r.code("number");
        let party = r.code("party").unwrap_or(DistrictCode::UNREAD);
        let name = file_name(r);
        let details = Details::read(r);
        let stated = r.word::<MediaType>("mediaType");
        let content = r.content("content", content, MAX_BYTES);
        let released = r.has("released").then(|| r.flag("released"));
        let media_type = content.as_deref().and_then(|content| sniffed(r, stated, content));
        let media_type = media_type.or(stated).unwrap_or(MediaType::Pdf);
        let content = content.unwrap_or_default();
        let digest = Digest::of(&content);
        Self { number, party, name, details, media_type, released, content, digest }
    }

    /// The number of the version that the document belongs to.
    pub fn version(&self) -> Option<u32> {
        self.details.version
    }

    /// The document that results. If the same content is attached again, its name, its release and what it is may
    /// change; `OTHER`, the default, does not replace a kind.
    pub fn document(
        &self,
        agreement: AgreementNumber,
        party: DistrictCode,
        held: Option<&Document>,
        today: Date,
    ) -> Document {
        Document {
            agreement,
            party,
            name: self.name.clone(),
            kind: match (self.details.kind, held) {
                (DocumentKind::Other, Some(held)) => held.kind,
                (kind, _) => kind,
            },
            version: self.details.version.or(held.and_then(|held| held.version)),
            document_number: (self.details.number.clone()).or_else(|| held?.document_number.clone()),
            media_type: self.media_type,
            size: u32::try_from(self.content.len()).unwrap_or(u32::MAX),
            digest: self.digest,
            released: self.released.or(held.map(|held| held.released)).unwrap_or_default(),
            attached_on: held.map_or(today, |held| held.attached_on),
        }
    }
}

fn sniffed(r: &mut Reader<'_>, stated: Option<MediaType>, content: &[u8]) -> Option<MediaType> {
    let Some(found) = MediaType::of(content) else {
        let message = Message::new("无法识别文件内容", "the content is of no known type");
        let kinds = MediaType::ALL.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", ");
        let remedy = Message::new(format!("可附的类型：{kinds}"), format!("attach one of {kinds}"));
        r.refuse(ProblemCode::Invalid, "content", "UNKNOWN_CONTENT", message, remedy);
        return None;
    };
    if let Some(stated) = stated.filter(|stated| *stated != found) {
        let (is, said) = (found.label(crate::problem::Locale::Zh), stated.name());
        let message = Message::new(
            format!("内容是 {is}，不是 {said}"),
            format!("the content is {}, not {said}", found.label(crate::problem::Locale::En)),
        );
        let remedy = Message::new(
            format!("请填写 {found}，或改附所说的文件"),
            format!("state {found}, or attach the file that you mean"),
        );
        r.refuse(ProblemCode::Invalid, "mediaType", "MEDIA_TYPE", message, remedy);
    }
    Some(found)
}

impl Agreement {
    /// Only a party, or a district that is asked to become one, may attach a document.
    pub fn ensure_attaching(&self, party: DistrictCode, on: Date) -> Result<(), Problem> {
        if self.is_party_or_asked(party, on) { Ok(()) } else { Err(crate::agreement::refusal::not_a_party(party)) }
    }

    /// A document may belong to a version that its readers see: no draft, unless there are only drafts.
    pub fn ensure_documented(&self, version: u32) -> Result<(), Problem> {
        let is_draft = |version: &Version| matches!(version.life, Life::Draft(_));
        match self.version(version) {
            Some(of) if !is_draft(of) || self.versions.iter().all(is_draft) => Ok(()),
            Some(_) => Err(crate::agreement::refusal::refused(
                "version",
                "STILL_A_DRAFT",
                Message::new(format!("第 {version} 版还是草稿"), format!("version {version} is still a draft")),
                Message::new(
                    "请待发送签约方后再附上，或不填 version",
                    "attach it once it is proposed, or leave version out",
                ),
            )),
            None => Err(crate::agreement::refusal::no_such_version(version)),
        }
    }
}

#[cfg(test)]
mod tests;
