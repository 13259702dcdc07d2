//! Documents (文件) in the schema.

use async_graphql::Object;
use catalogue::Kept;
use graphql_macros::direct_json;
use registry::error::Error;
use registry::request_context::RequestContext;

use super::agreement::version::AgreementVersion;
use super::district::District;
use super::enums::agreement::DocumentKind;
use super::ids::GlobalId;
use super::scalar::{Date, Digest, Url, int};

#[derive(Debug, Clone)]
pub struct Document(pub Kept<domain::Document>);

/// A document (文件) attached to an agreement, such as a scan of the signed paper. The content itself is downloaded
/// from `url`.
#[direct_json]
#[Object(serial)]
impl Document {
    /// The global id. `node(id:)` returns the record again.
    pub(super) fn id(&self) -> GlobalId {
        GlobalId::Document(self.0.id)
    }

    /// The file name given when the document was attached.
    fn name(&self) -> &str {
        &self.0.name
    }

    /// What the document is.
    fn kind(&self) -> DocumentKind {
        self.0.kind.into()
    }

    /// The version that the document belongs to. Null when it belongs to none, and when the caller may not see it.
    fn version(&self, request: &RequestContext) -> Option<AgreementVersion> {
        let version = self.0.version?;
        AgreementVersion::numbered(&request.snapshot.agreement(self.0.agreement, &request.scope)?, version)
    }

    /// The document number (发文字号). Null when there is none.
    fn document_number(&self) -> Option<&str> {
        self.0.document_number.as_deref()
    }

    /// The media type, detected from the content: `application/pdf`, `application/ofd`, `image/jpeg`, `image/png`,
    /// `image/tiff` or `image/webp`. More may be added: clients need a fallback.
    fn media_type(&self) -> &str {
        self.0.media_type.name()
    }

    /// The size of the content in bytes.
    fn size(&self) -> i32 {
        int(self.0.size)
    }

    /// The digest of the content.
    fn digest(&self) -> Digest {
        Digest(self.0.digest)
    }

    /// The party that attached the document.
    fn party(&self, request: &RequestContext) -> Result<District, Error> {
        District::named(request, self.0.party)
    }

    /// True: readers of the agreement may read the document. False: only its parties may.
    fn released(&self) -> bool {
        self.0.released
    }

    /// The day on which the document was first attached.
    fn attached_on(&self) -> Date {
        Date(self.0.attached_on)
    }

    /// The absolute address of the content. It requires the same credential as this request. Null when the registry
    /// does not know its public address.
    fn url(&self, request: &RequestContext) -> Option<Url> {
        Some(Url(format!("{}/documents/{}", request.public_url, self.0.id)))
    }
}
