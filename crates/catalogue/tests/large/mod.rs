//! A generated registry of any size, for tests and benchmarks that depend on size.

use catalogue::{Head, OfferingBrief, Snapshot, SnapshotBuilder};
use chrono::DateTime;
use domain::journal::Action;
use domain::{Agreement, Change, Digest, Id, Period, Record, RecordKind, Recorded, Revision};
use serde_json::{Value, json};

/// The numbers of records.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) districts: u64,
    pub(crate) matters: u64,
    pub(crate) offerings_of_a_district: u64,
    pub(crate) agreements: u64,
    /// For every agreement.
    pub(crate) parties: u64,
    pub(crate) matters_of_a_clause: u64,
}

pub(crate) fn district_code(district: u64) -> String {
    format!("{:06}", 110_000 + district)
}

pub(crate) fn matter_code(matter: u64) -> String {
    format!("0001{matter:08}")
}

pub(crate) fn district(district: u64, name: &str) -> Record {
    let parent = (district > 0).then(|| district_code(district / 16));
    read(
        &json!({ "type": "district", "code": district_code(district), "name": name, "kind": "COUNTY", "parent": parent }),
    )
}

pub(crate) fn matter(matter: u64, name: &str) -> Record {
    read(
        &json!({ "type": "matter", "code": matter_code(matter), "name": name, "domain": "OTHER", "audience": ["NATURAL_PERSON"] }),
    )
}

pub(crate) fn offering(size: &Size, district: u64, nth: u64, visits: u64) -> Record {
    read(
        &json!({ "type": "offering", "district": district_code(district), "matter": matter_code(matter_of(size, district, nth)), "visits": visits }),
    )
}

pub(crate) fn agreement(size: &Size, agreement: u64, title: &str) -> Record {
    let parties: Vec<Value> = (0..size.parties)
        .map(|party| json!({ "district": district_code((agreement * 7 + party * 3) % size.districts) }))
        .collect();
    let matters = |clause: u64| -> Vec<String> {
        (0..size.matters_of_a_clause)
            .map(|nth| matter_code((agreement * 31 + clause * 997 + nth * 13) % size.matters))
            .collect()
    };
    let schedule: Vec<Value> = ["FULL_ONLINE", "PROXY_COLLECTION", "MULTI_SITE_JOINT"]
        .iter()
        .zip(0..)
        .map(|(mode, clause)| json!({ "mode": mode, "matters": matters(clause) }))
        .collect();
    let number = format!("TB-2021-{:06}", agreement + 1);
    read(&json!({
        "type": "agreement", "number": number, "title": title, "signedOn": "2021-05-06", "parties": parties, "schedule": schedule,
    }))
}

fn matter_of(size: &Size, district: u64, nth: u64) -> u64 {
    (district * 11 + nth * 7_919) % size.matters
}

fn read(line: &Value) -> Record {
    Record::from_line(&line.to_string()).unwrap_or_else(|problems| panic!("{line}: {problems:?}"))
}

pub(crate) fn head(revision: Revision) -> Head {
    Head { epoch: "test".to_owned(), revision, digest: Digest::GENESIS, recorded_at: DateTime::UNIX_EPOCH }
}

/// The record of a kind at an index.
impl Size {
    pub(crate) fn district_id(&self, district: u64) -> Revision {
        1 + district
    }

    pub(crate) fn matter_id(&self, matter: u64) -> Revision {
        1 + self.districts + matter
    }

    pub(crate) fn offering_id(&self, district: u64, nth: u64) -> Revision {
        1 + self.districts + self.matters + district * self.offerings_of_a_district + nth
    }

    pub(crate) fn agreement_id(&self, agreement: u64) -> Revision {
        1 + self.districts + self.matters + self.districts * self.offerings_of_a_district + agreement
    }

    /// The snapshot with all records.
    pub(crate) fn load(&self) -> Snapshot {
        let mut builder = SnapshotBuilder::new(head(self.agreement_id(self.agreements) - 1));
        for at in 0..self.districts {
            if let Record::District(record) = district(at, &format!("第{at}区")) {
                builder.district(kept(record, self.district_id(at)));
            }
        }
        for at in 0..self.matters {
            if let Record::Matter(record) = matter(at, &format!("第{at}号居民身份证换领")) {
                builder.matter(kept(record, self.matter_id(at)));
            }
        }
        for at in 0..self.agreements {
            if let Record::Agreement(record) = agreement(self, at, &format!("第{at}号政务服务“跨区域通办”合作协议"))
            {
                builder.agreement(kept::<Agreement>(*record, self.agreement_id(at)));
            }
        }
        for district in 0..self.districts {
            for nth in 0..self.offerings_of_a_district {
                let id = self.offering_id(district, nth);
                let brief = OfferingBrief {
                    id: Id::new(id),
                    revision: id,
                    days: Some(5),
                    visits: 1,
                    has_url: true,
                    has_invalid_code: false,
                    verified_on: None,
                    period: Period::ALWAYS,
                };
                let matter = Id::new(self.matter_id(matter_of(self, district, nth)));
                builder.offering(Id::new(self.district_id(district)), Some(matter), brief).expect("both are there");
            }
        }
        builder.finish().expect("every reference resolves")
    }
}

fn kept<T>(record: T, revision: Revision) -> Recorded<T> {
    Recorded { id: Id::new(revision), revision, record }
}

/// The next change of a registry.
pub(crate) fn change(snapshot: &Snapshot, kind: RecordKind, id: Revision, record: &Record) -> Change {
    Change {
        revision: snapshot.revision() + 1,
        recorded_at: DateTime::UNIX_EPOCH,
        actor: "test".to_owned(),
        on_behalf_of: None,
        kind,
        action: Action::Registered,
        record: id,
        document: Some(record.line()),
        previous: Digest::GENESIS,
        digest: Digest::GENESIS,
    }
}
