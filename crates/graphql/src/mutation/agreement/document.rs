//! Documents that parties attach to an agreement.

use async_graphql::{Context, InputObject, Object};
use registry::acts::agreement as acts;
use registry::error::Error;

use super::AgreementPayload;
use crate::context::request_context;
use crate::enums::agreement::DocumentKind;
use crate::input::WriteOptionsInput;
use crate::scalar::{AgreementNumber, DistrictCode};
use crate::write::{Submitted, acted};

#[derive(Debug, Default)]
pub struct DocumentMutation;

#[Object(serial)]
impl DocumentMutation {
    /// Attaches a document to an agreement (附上文件). The same content for the same party is the same document:
    /// another request changes its name and, when `released` is given, who may read it. Only for registrars and
    /// signatories of the party.
    async fn attach_document(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The file, the agreement and the party that attaches it.")] input: Submitted<
            AttachDocumentInput,
        >,
    ) -> Result<AgreementPayload, Error> {
        let (fields, content) = input.fields_and_text("content");
        acted(ctx, acts::document::attach(request_context(ctx), fields, content)).await.map(AgreementPayload)
    }
}

/// A file that is attached to an agreement, such as a scan of the signed paper or an annex.
#[derive(Debug, InputObject)]
pub struct AttachDocumentInput {
    /// The number of the agreement.
    number: AgreementNumber,
    /// The party that attaches the file.
    party: DistrictCode,
    /// The file name.
    name: String,
    /// What the document is. `OTHER` does not change the kind of a file that is attached already.
    #[graphql(default_with = "Some(DocumentKind::Other)")]
    kind: Option<DocumentKind>,
    /// The number of the version that the document belongs to. Default: none; unchanged for a file that is attached
    /// already.
    version: Option<i32>,
    /// The document number (发文字号). Default: none; unchanged for a file that is attached already.
    document_number: Option<String>,
    /// The media type: `application/pdf`, `application/ofd`, `image/jpeg`, `image/png`, `image/tiff` or `image/webp`.
    /// The content must be of this type.
    media_type: String,
    /// The content in base64; at most 10 MiB before encoding.
    content: String,
    /// True: readers of the agreement may read the file. False: only its parties may. Default: unchanged; false
    /// for a new file.
    released: Option<bool>,
    #[graphql(flatten)]
    options: WriteOptionsInput,
}
