//! Agreements: removal, date-driven changes, readers of their changes, numbers.

use domain::calendar::day_in_china;
use domain::journal::Action;
use domain::visibility::audience;
use domain::{Agreement, AgreementNumber, Change, Date, EntryAudience, RecordKind, Recorded, Reference, Revision};

use super::unit_of_work::Work;
use crate::agreement;
use crate::error::{Error, Result};
use crate::journal::append::Access;
use crate::journal::reader::{JournalReader, reader};
use crate::journal::{self, ChangeQuery};
use crate::number::column;
use crate::table::{self, RowContext, StoredRecord, Table as _};

impl Work {
    /// The agreement with a number.
    pub async fn agreement(&mut self, number: AgreementNumber) -> Result<Option<Recorded<Agreement>>> {
        agreement::by_number(&self.tx, number).await?.map(StoredRecord::read).transpose()
    }

    /// Removes an agreement that was never more than a draft. Its number is not used again.
    pub async fn remove_agreement(&mut self, number: AgreementNumber, action: Action) -> Result<Change> {
        let (stored, before) = self.existing_agreement(number).await?;
        self.remove_documents(&before, action).await?;
        let access = self.access(Some(&before), None).await?;
        let districts = self.districts_of(&before, &access).await?;
        table::delete::<Agreement>(&self.tx, stored.id).await?;
        Ok(self.append(RecordKind::Agreement, action, Some(stored.id.unsigned_abs()), None, districts, access))
    }

    /// Records a change of an agreement that follows from the date and is not in its record.
    pub async fn record_date_change(&mut self, number: AgreementNumber, action: Action, day: Date) -> Result<Change> {
        let (stored, agreement) = self.existing_agreement(number).await?;
        let access = match action {
            Action::Lapsed => self.access_for(audience::audience_of_lapse(&agreement, day)).await?,
            Action::ConsultationEnded => {
                self.access_for(audience::audience_of_consultation_end(&agreement, day)).await?
            }
            // All who see the agreement see the change.
            _ => self.access(None, Some(&agreement)).await?,
        };
        let districts = self.districts_of(&agreement, &access).await?;
        let change = self.append(
            RecordKind::Agreement,
            action,
            Some(stored.id.unsigned_abs()),
            Some(stored.body.clone()),
            districts,
            access,
        );
        let revision = column(change.revision);
        let row =
            agreement.row(RowContext { id: stored.id, revision, body: &stored.body, code_index: &self.code_index })?;
        table::write::<Agreement>(&self.tx, Vec::new(), vec![row]).await?;
        if let Some(before) = day.pred_opt() {
            self.record_documents_moved((&agreement, before), (&agreement, day)).await?;
        }
        Ok(change)
    }

    pub(super) async fn existing_agreement(&mut self, number: AgreementNumber) -> Result<(StoredRecord, Agreement)> {
        let unknown = || Error::refused(Reference::agreement("number", number).dangling());
        let stored = agreement::by_number(&self.tx, number).await?.ok_or_else(unknown)?;
        let agreement = stored.clone().read::<Agreement>()?.record;
        Ok((stored, agreement))
    }

    /// The day of a public entry.
    pub(super) fn open_on(&self, access: &Access) -> Option<Date> {
        match access {
            Access::Open => Some(day_in_china(self.by.now)),
            Access::Only(_) => None,
        }
    }

    async fn districts_of(&mut self, agreement: &Agreement, access: &Access) -> Result<Vec<i64>> {
        let codes = agreement::found_by(agreement, self.open_on(access));
        self.load_districts(codes.iter().copied().collect()).await?;
        codes.into_iter().map(|code| self.code_index.district(code)).collect()
    }

    /// Readers of a change of an agreement.
    pub(super) async fn access(&mut self, before: Option<&Agreement>, after: Option<&Agreement>) -> Result<Access> {
        let readers = audience::audience_of_change(before, after, self.by.today);
        self.access_for(readers).await
    }

    pub(super) async fn access_for(&mut self, readers: EntryAudience) -> Result<Access> {
        match readers {
            EntryAudience::Everybody => Ok(Access::Open),
            EntryAudience::Only(codes) => {
                self.load_districts(codes.keys().copied().collect()).await?;
                let reader = |(code, readership)| Some(reader(self.code_index.find_district(code)?, readership));
                Ok(Access::Only(codes.into_iter().filter_map(reader).collect()))
            }
        }
    }

    /// Agreements that changed after a revision.
    pub(crate) async fn agreements_changed_since(&self, since: Revision) -> Result<Vec<AgreementNumber>> {
        let kinds = vec![RecordKind::Agreement];
        let limit = self.before.saturating_sub(since);
        let query = ChangeQuery {
            since,
            through: self.before,
            kinds,
            seen_by: JournalReader::All,
            limit,
            ..ChangeQuery::default()
        };
        let ids = journal::changes(&self.tx, &query).await?.into_iter().map(|change| column(change.record));
        let stored = table::by_id::<Agreement>(&self.tx, ids).await?;
        stored.into_values().map(|stored| Ok(stored.read::<Agreement>()?.record.number)).collect()
    }

    /// The next free number of an agreement.
    pub fn next_agreement_number(&mut self, year: u16) -> Option<AgreementNumber> {
        let number = AgreementNumber::new(year, self.head.agreements.checked_add(1)?)?;
        self.head.agreements = number.serial();
        Some(number)
    }

    /// Releases numbers after this one that were given and not used.
    pub(crate) fn reset_serial(&mut self, serial: u32) {
        self.head.agreements = serial;
    }

    /// Continues the serial numbers after this one.
    pub(crate) fn reserve_serials(&mut self, serial: u32) {
        self.head.agreements = self.head.agreements.max(serial);
    }
}
