//! People and their grants. Only stewards read the entries in the journal.

use std::collections::BTreeSet;

use domain::journal::Action;
use domain::person::{Grant, Person};
use domain::{Date, Id, RecordKind, Recorded};

use super::unit_of_work::Work;
use crate::error::Result;
use crate::journal::append::Access;
use crate::number::{column, key};
use crate::person;

impl Work {
    /// The person with this issuer and subject; registered if there is none.
    pub async fn person(&mut self, wanted: Person, name: &str) -> Result<Id<Person>> {
        if let Some(row) = person::by_subject(&self.tx, &wanted).await? {
            return Ok(row.person.id);
        }
        let line = person::line(&wanted);
        let access = Access::Only(BTreeSet::new());
        let revision =
            self.append(RecordKind::Person, Action::Registered, None, Some(line), Vec::new(), access).revision;
        person::insert_person(&self.tx, column(revision), &wanted, name).await?;
        Ok(Id::new(revision))
    }

    pub async fn grant(&mut self, grant: &Grant) -> Result<Recorded<Grant>> {
        let districts = self.grant_districts(grant).await?;
        let (line, access) = (person::line(grant), Access::Only(BTreeSet::new()));
        let revision = self.append(RecordKind::Grant, Action::Issued, None, Some(line), districts, access).revision;
        person::insert_grant(&self.tx, column(revision), grant).await?;
        Ok(Recorded { id: Id::new(revision), revision, record: grant.clone() })
    }

    /// Ends a grant at once. One that was revoked before is left as it is.
    pub async fn revoke_grant(&mut self, held: Recorded<Grant>, on: Date, reason: String) -> Result<Recorded<Grant>> {
        if held.revoked_on.is_some() {
            return Ok(held);
        }
        let mut revoked = held;
        (revoked.record.revoked_on, revoked.record.revoked_because) = (Some(on), Some(reason));
        let districts = self.grant_districts(&revoked.record).await?;
        let (line, access) = (person::line(&revoked.record), Access::Only(BTreeSet::new()));
        let record = Some(revoked.id.number());
        revoked.revision =
            self.append(RecordKind::Grant, Action::Revoked, record, Some(line), districts, access).revision;
        person::replace_grant(&self.tx, key(revoked.id), column(revoked.revision), &revoked.record).await?;
        Ok(revoked)
    }

    pub async fn grant_by_id(&mut self, id: Id<Grant>) -> Result<Option<Recorded<Grant>>> {
        person::grant(&self.tx, id).await
    }

    pub async fn knows_person(&mut self, id: Id<Person>) -> Result<bool> {
        person::exists(&self.tx, id).await
    }

    /// The grants of a person.
    pub async fn grants_of(&mut self, id: Id<Person>) -> Result<Vec<Recorded<Grant>>> {
        person::grants(&self.tx, Some(id)).await
    }

    async fn grant_districts(&mut self, grant: &Grant) -> Result<Vec<i64>> {
        let Some(code) = grant.district else { return Ok(Vec::new()) };
        self.code_index.load(&self.tx, BTreeSet::from([code]), BTreeSet::new()).await?;
        Ok(vec![self.code_index.district(code)?])
    }
}
