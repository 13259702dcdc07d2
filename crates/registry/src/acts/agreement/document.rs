//! Documents that parties attach to an agreement.

use bytes::Bytes;
use domain::document::{Attachment, ensure_room};
use domain::{RecordKind, Scope};

use crate::acts::write::write_with_content;
use crate::acts::writing::saved;
use crate::acts::{Input, Outcome};
use crate::error::Error;
use crate::request_context::RequestContext;

/// `content`: the field of this name, in base64. It is apart from the others, since it is large.
pub async fn attach(request: &RequestContext, input: Input, content: Option<Bytes>) -> Result<Outcome, Error> {
    write_with_content(request, "attachDocument", (input, content), Attachment::read, async |work, attachment| {
        let Some(agreement) = work.agreement(attachment.number).await? else { return Ok(None) };
        let today = work.today();
        // The caller may see only a part of the agreement.
        let Some(seen) = agreement.seen_by(work.scope(), today) else { return Ok(None) };
        let party = work.party(&seen, attachment.party);
        let version = attachment.version().filter(|version| work.sees(&agreement, *version, "version"));
        version.map(|version| work.noted(agreement.ensure_documented(version)));
        if work.noted(agreement.ensure_attaching(party, today)).is_none() {
            return Ok(None);
        }
        let held = work.work.document(&attachment.document(agreement.number, party, None, today)).await?;
        if held.is_none() {
            let all = work.request.snapshot.documents(agreement.number, &Scope::Steward);
            work.noted(ensure_room(all.len(), all.iter().filter(|document| document.party == party).count()));
        }
        if !work.is_sound() {
            return Ok(None);
        }
        let document = attachment.document(agreement.number, party, held.as_deref(), today);
        let put = work.work.attach(document, &attachment.content).await?;
        Ok(Some(saved(RecordKind::Document, &put, None)))
    })
    .await
}
