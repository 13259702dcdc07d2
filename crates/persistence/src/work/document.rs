//! Documents of agreements.

use std::collections::BTreeSet;

use domain::journal::Action;
use domain::visibility::audience;
use domain::{Agreement, Date, Document, EntryAudience, Record, RecordKind, Recorded};

use super::result::Put;
use super::unit_of_work::Work;
use crate::document;
use crate::error::Result;
use crate::journal::append::Access;
use crate::number::column;
use crate::table::{self, RowContext, StoredRecord, Table as _};

impl Work {
    /// Removes the documents of an agreement.
    pub(super) async fn remove_documents(&mut self, agreement: &Agreement, action: Action) -> Result<()> {
        for stored in document::of_agreement(&self.tx, agreement.number).await? {
            let before = stored.clone().read::<Document>()?.record;
            self.load_districts(BTreeSet::from([before.party])).await?;
            let districts = vec![self.code_index.district(before.party)?];
            let access = self.access_of_document(agreement, Some(&before), None).await?;
            table::delete::<Document>(&self.tx, stored.id).await?;
            self.append(RecordKind::Document, action, Some(stored.id.unsigned_abs()), None, districts, access);
        }
        Ok(())
    }

    /// Records changes for documents that become visible or invisible to someone because their agreement or the date
    /// changed.
    pub(super) async fn record_documents_moved(
        &mut self,
        before: (&Agreement, Date),
        after: (&Agreement, Date),
    ) -> Result<()> {
        for stored in document::of_agreement(&self.tx, after.0.number).await? {
            let document = stored.clone().read::<Document>()?.record;
            if let Some(readers) = audience::audience_of_document_visibility(&document, before, after) {
                self.record_document_moved(&stored, &document, readers).await?;
            }
        }
        Ok(())
    }

    async fn record_document_moved(
        &mut self,
        stored: &StoredRecord,
        document: &Document,
        readers: EntryAudience,
    ) -> Result<()> {
        self.load_districts(BTreeSet::from([document.party])).await?;
        let districts = vec![self.code_index.district(document.party)?];
        let access = self.access_for(readers).await?;
        let record = Some(stored.id.unsigned_abs());
        let change =
            self.append(RecordKind::Document, Action::Attached, record, Some(stored.body.clone()), districts, access);
        let row = document.row(RowContext {
            id: stored.id,
            revision: column(change.revision),
            body: &stored.body,
            code_index: &self.code_index,
        })?;
        table::write::<Document>(&self.tx, Vec::new(), vec![row]).await
    }

    /// Stores the content of a document, and writes the document.
    pub async fn attach(&mut self, document: Document, content: &[u8]) -> Result<Put> {
        // The document may come from an import, which brings no content.
        self.writes += 1;
        self.has_side_writes |= self.contents.save(&self.tx, document.digest, content).await?;
        self.act(Record::Document(document), Action::Attached).await
    }

    /// The document of the same agreement and party with the same content.
    pub async fn document(&mut self, document: &Document) -> Result<Option<Recorded<Document>>> {
        self.load_districts(BTreeSet::from([document.party])).await?;
        document::same(&self.tx, document, &self.code_index).await?.map(StoredRecord::read).transpose()
    }

    /// Readers of a change of a document.
    pub(super) async fn access_of_document(
        &mut self,
        agreement: &Agreement,
        before: Option<&Document>,
        after: Option<&Document>,
    ) -> Result<Access> {
        let readers = audience::audience_of_document(agreement, before, after, self.by.today);
        self.access_for(readers).await
    }
}
