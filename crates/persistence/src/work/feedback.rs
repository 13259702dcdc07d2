//! Feedback.

use std::collections::BTreeSet;

use domain::journal::Action;
use domain::{DistrictCode, Feedback, Id, RecordKind, Recorded};

use super::unit_of_work::Work;
use crate::error::Result;
use crate::feedback::{self, FeedbackCase};
use crate::journal::append::Access;
use crate::number::column;

impl Work {
    /// Stores a case. It is found by the districts that it is about. The telephone number is not in the journal.
    pub async fn submit_feedback(
        &mut self,
        case: Feedback,
        text: String,
        phone: Option<String>,
    ) -> Result<Recorded<Feedback>> {
        let found_by = self.feedback_districts(&case.districts).await?;
        let line = feedback::line(&case);
        let change = self.append(RecordKind::Feedback, Action::Registered, None, Some(line), found_by, Access::Open);
        feedback::insert(&self.tx, column(change.revision), &case, text, phone).await?;
        Ok(Recorded { id: Id::new(change.revision), revision: change.revision, record: case })
    }

    /// Stores the answer to a case.
    pub async fn answer_feedback(&mut self, mut case: Recorded<Feedback>, reply: &str) -> Result<Recorded<Feedback>> {
        let found_by = self.feedback_districts(&case.record.districts).await?;
        let (line, id) = (feedback::line(&case.record), case.id.number());
        let change = self.append(RecordKind::Feedback, Action::Revised, Some(id), Some(line), found_by, Access::Open);
        case.revision = change.revision;
        feedback::answer(&self.tx, &case, reply).await?;
        Ok(case)
    }

    pub async fn feedback(&mut self, id: Id<Feedback>) -> Result<Option<FeedbackCase>> {
        feedback::by_id(&self.tx, id).await
    }

    /// How many open cases a record has.
    pub async fn open_feedback_about(&mut self, about: &str) -> Result<u64> {
        feedback::open_about(&self.tx, about).await
    }

    /// Erases telephone numbers whose day has come. They are in no journal, so there is no entry.
    pub(crate) async fn erase_feedback_phones(&mut self) -> Result<()> {
        let erased = feedback::erase_phones(&self.tx, self.by.today).await?;
        self.has_side_writes |= erased > 0;
        Ok(())
    }

    async fn feedback_districts(&mut self, codes: &[DistrictCode]) -> Result<Vec<i64>> {
        self.code_index.load(&self.tx, codes.iter().copied().collect::<BTreeSet<_>>(), BTreeSet::new()).await?;
        codes.iter().map(|code| self.code_index.district(*code)).collect()
    }
}
