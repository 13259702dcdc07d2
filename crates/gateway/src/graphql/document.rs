//! Documents (文件) as callers see them.

use async_graphql::{Context, ID, Object};
use catalogue::Kept;

use super::asked;
use super::district::District;
use super::error::Fault;
use super::scalar::{Date, Digest, Url, int};

#[derive(Debug, Clone)]
pub struct Document(pub Kept<domain::Document>);

/// A document (文件) attached to an agreement, such as a scan of what was signed.
#[Object(serial)]
impl Document {
    /// The global id, for `node`.
    pub(super) async fn id(&self) -> ID {
        ID(self.0.id.to_string())
    }

    /// Its name, as it was attached.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Its media type, as its content shows: `application/pdf`, `application/ofd`, `image/jpeg`, `image/png`, `image/tiff`,
    /// `image/webp`. Open: clients need a fallback.
    async fn media_type(&self) -> &str {
        self.0.media_type.name()
    }

    /// How long its content is, in bytes.
    async fn size(&self) -> i32 {
        int(self.0.size)
    }

    /// The digest of its content.
    async fn digest(&self) -> Digest {
        Digest(self.0.digest)
    }

    /// The party that attached it.
    async fn party(&self, ctx: &Context<'_>) -> Result<District, Fault> {
        District::named(asked(ctx), self.0.party)
    }

    /// Is it for everybody who sees the agreement? Else it is for the parties alone.
    async fn released(&self) -> bool {
        self.0.released
    }

    /// The day on which it was attached first.
    async fn attached_on(&self) -> Date {
        Date(self.0.attached_on)
    }

    /// Where its content is fetched, with the same credential: an absolute address, under the public address of the registry.
    async fn url(&self, ctx: &Context<'_>) -> Option<Url> {
        Some(Url(format!("{}/documents/{}", asked(ctx).public_url, self.0.id)))
    }
}
