//! Memory of a snapshot by part: the bytes requested from the allocator, without its own overhead. Memory that
//! snapshots share is counted for each of them.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::agreement::lifecycle::{
    Correction, Draft, Needs, Objection, Paper, Proposal, Rejection, RejectionKind, Renewal, Signature,
};
use domain::agreement::office::{
    Approval, ApprovalState, BodyConfirmation, BodyOpinion, Consultation, Office, Reminder,
};
use domain::agreement::remark::{Remark, RemarkContent};
use domain::agreement::{
    Discarded, Voiding,
    party::Accession,
    version::{Admission, AmendmentRule, ConclusionRule},
};
use domain::document::{DocumentKind, MediaType};
use domain::{
    Agreement, AgreementClause, AgreementNumber, Audience, Clause, Confirmation, CreditCode, Date, DatedCode, Digest,
    District, DistrictCode, DistrictKind, Document, Extent, ExternalCode, HandlingMode, Life, Matter, MatterCode,
    MatterDomain, Notice, Opening, Party, Period, Policy, PolicyClause, Provenance, Reach, Recorded, Retirement,
    SigningBody, StopScope, Suspension, Tenure, Terms, Territory, TimeOfDay, Version, Weekday, Window,
};
use roaring::RoaringBitmap;

use crate::bits::Bits;
use crate::entry::{
    AgreementEntry, AgreementFile, AgreementSlot, DistrictEntry, MatterEntry, MatterKinds, PolicyClauseEntry,
    PolicyEntry, Published, Replaced,
};
use crate::handle::Handle;
use crate::heap_size::HeapSize;
use crate::order::Directory;
use crate::search::text::Text;
use crate::snapshot::Snapshot;
use crate::version::VersionEntry;

/// The memory of one part of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    pub part: &'static str,
    pub bytes: usize,
}

impl Snapshot {
    /// The memory of each part, in bytes. Visits every record, so it is too slow for every request.
    pub fn memory(&self) -> Vec<Share> {
        let Self {
            head: _,
            today: _,
            districts,
            district_codes,
            district_directory,
            matters,
            matter_codes,
            matter_directory,
            matter_kinds,
            offered_in,
            offerings,
            retiring,
            agreements,
            guarded,
            agreement_numbers,
            totals: _,
            schedules,
            policies,
            windows,
            derived,
            findings,
            documents,
        } = self;
        let mut parts = Parts::default();
        districts.iter().for_each(|entry| parts.district(entry));
        matters.iter().for_each(|entry| parts.matter(entry));
        agreements.iter().for_each(|slot| parts.agreement(slot));
        policies.iter().for_each(|entry| parts.policy(entry));
        parts.districts += districts.heap_bytes();
        parts.matters += matters.heap_bytes();
        parts.agreements += agreements.heap_bytes();
        parts.offerings += offerings.heap_bytes();
        parts.windows += windows.heap_bytes();
        parts.documents += documents.heap_bytes();
        let codes = district_codes.capacity() * size_of::<(DistrictCode, Handle, u8)>()
            + matter_codes.capacity() * size_of::<(MatterCode, Handle, u8)>();
        parts.search += directory_bytes(district_directory) + directory_bytes(matter_directory);
        let MatterKinds { domains, audiences } = &**matter_kinds;
        parts.indexes += domains
            .values()
            .chain(audiences.values())
            .map(|matters| size_of_val(matters) + matters.heap_bytes())
            .sum::<usize>();
        let (dense, sets) = schedules.memory();
        parts.indexes += dense + sets.map(|set| size_of_val(set) + set.heap_bytes()).sum::<usize>();
        parts.indexes += derived.heap_bytes() + findings.heap_bytes() + size_of_val(&offered_in[..]);
        parts.indexes += codes + agreement_numbers.heap_bytes() + retiring.heap_bytes() + guarded.heap_bytes();
        parts.shares()
    }
}

#[derive(Debug, Default)]
struct Parts {
    districts: usize,
    matters: usize,
    offerings: usize,
    windows: usize,
    agreements: usize,
    policies: usize,
    documents: usize,
    /// Versions and policies with resolved codes.
    clauses: usize,
    search: usize,
    /// Maps of codes, and bitmaps.
    indexes: usize,
}

impl Parts {
    fn shares(self) -> Vec<Share> {
        let Self { districts, matters, offerings, windows, agreements, policies, documents, clauses, search, indexes } =
            self;
        let parts = [
            ("districts", districts),
            ("matters", matters),
            ("offerings", offerings),
            ("windows", windows),
            ("agreements", agreements),
            ("policies", policies),
            ("documents", documents),
            ("clauses", clauses),
            ("search", search),
            ("indexes", indexes),
        ];
        parts.map(|(part, bytes)| Share { part, bytes }).into()
    }

    fn district(&mut self, entry: &DistrictEntry) {
        let DistrictEntry {
            district,
            parents,
            administrators,
            children,
            successors,
            predecessors,
            windows,
            offerings,
            always_offered,
            dated_offered,
            agreements,
            agreements_as_of: _,
        } = entry;
        self.districts += SHARED + size_of::<DistrictEntry>() + district.heap_bytes();
        let relations = [
            size_of_val(&**parents),
            size_of_val(&**administrators),
            size_of_val(&**children),
            size_of_val(&**successors),
        ];
        self.districts += relations.iter().sum::<usize>() + size_of_val(&**predecessors);
        self.windows += windows.capacity() * size_of::<Arc<Recorded<Window>>>()
            + windows.iter().map(HeapSize::heap_bytes).sum::<usize>();
        self.indexes += [offerings, agreements].into_iter().map(HeapSize::heap_bytes).sum::<usize>();
        self.indexes += [always_offered, dated_offered]
            .into_iter()
            .map(|matters| SHARED + size_of::<Bits>() + matters.heap_bytes())
            .sum::<usize>();
    }

    fn matter(&mut self, entry: &MatterEntry) {
        let MatterEntry { matter, offerings, offered_by } = entry;
        self.matters += SHARED + size_of::<MatterEntry>() + matter.heap_bytes();
        self.indexes += offerings.heap_bytes() + SHARED + size_of::<Bits>() + offered_by.heap_bytes();
    }

    fn agreement(&mut self, slot: &AgreementSlot) {
        let AgreementSlot::Kept { file, .. } = slot else { return };
        let AgreementFile { whole, published, documents } = &**file;
        self.agreements += SHARED + size_of::<AgreementFile>() - size_of::<Text>();
        self.seen(whole);
        self.documents += documents.iter().map(|document| size_of::<Arc<()>>() + document.heap_bytes()).sum::<usize>();
        if let Published::Parts(parts) = published {
            self.agreements += size_of_val(&**parts);
            parts.iter().for_each(|(_, entry)| self.seen(entry));
        }
    }

    fn seen(&mut self, entry: &AgreementEntry) {
        let AgreementEntry { agreement, text, versions } = entry;
        self.agreements += agreement.heap_bytes();
        self.search += text.heap_bytes();
        self.clauses += SHARED
            + versions.iter().map(|version| size_of::<VersionEntry>() + SHARED + version.heap_bytes()).sum::<usize>();
    }

    fn policy(&mut self, entry: &PolicyEntry) {
        let PolicyEntry { policy, replaced, clauses } = entry;
        self.policies += size_of::<PolicyEntry>() + policy.heap_bytes();
        self.policies +=
            replaced.as_ref().map_or(0, |replaced| SHARED + size_of::<Replaced>() + replaced.policy.heap_bytes());
        let sides = |clause: &PolicyClauseEntry| size_of_val(&*clause.receiving) + size_of_val(&*clause.competent);
        self.clauses += clauses
            .iter()
            .map(|clause| size_of::<PolicyClauseEntry>() + size_of_val(&*clause.matters) + sides(clause))
            .sum::<usize>();
    }
}

fn directory_bytes<C: Copy + Ord>(directory: &Directory<C>) -> usize {
    let lists = directory.names.lists().map(|list| SHARED + size_of::<RoaringBitmap>() + list.heap_bytes());
    directory.heap_bytes() + directory.names.heap_bytes() + lists.sum::<usize>()
}

/// The two reference counts of an `Arc`.
const SHARED: usize = 2 * size_of::<usize>();

impl HeapSize for RoaringBitmap {
    fn heap_bytes(&self) -> usize {
        /// Memory of a container beside its content.
        const CONTAINER: usize = 40;
        let statistics = self.statistics();
        // The crate reports four bytes for each value of an array container, which has two.
        let bytes = statistics.n_bytes_array_containers / 2
            + statistics.n_bytes_bitset_containers
            + statistics.n_bytes_run_containers;
        statistics.n_containers as usize * CONTAINER + bytes as usize
    }
}

impl HeapSize for Box<str> {
    fn heap_bytes(&self) -> usize {
        self.len()
    }
}

impl<T: HeapSize> HeapSize for Box<[T]> {
    fn heap_bytes(&self) -> usize {
        size_of_val(&**self) + self.iter().map(HeapSize::heap_bytes).sum::<usize>()
    }
}

impl<T: HeapSize> HeapSize for Box<T> {
    fn heap_bytes(&self) -> usize {
        size_of::<T>() + (**self).heap_bytes()
    }
}

impl<T: HeapSize> HeapSize for Vec<T> {
    fn heap_bytes(&self) -> usize {
        self.capacity() * size_of::<T>() + self.iter().map(HeapSize::heap_bytes).sum::<usize>()
    }
}

impl<T: HeapSize> HeapSize for Option<T> {
    fn heap_bytes(&self) -> usize {
        self.as_ref().map_or(0, HeapSize::heap_bytes)
    }
}

impl<T: HeapSize> HeapSize for Arc<T> {
    fn heap_bytes(&self) -> usize {
        SHARED + size_of::<T>() + (**self).heap_bytes()
    }
}

/// A list that several records share is divided among them.
impl<T: HeapSize> HeapSize for Arc<[T]> {
    fn heap_bytes(&self) -> usize {
        (SHARED + size_of_val(&**self) + self.iter().map(HeapSize::heap_bytes).sum::<usize>()) / Arc::strong_count(self)
    }
}

/// Types without heap memory.
macro_rules! flat {
    ($($type:ty),+ $(,)?) => { $(impl HeapSize for $type { fn heap_bytes(&self) -> usize { 0 } })+ };
}

/// Types whose heap memory is that of their fields. All fields are listed, so that a new one is not forgotten.
macro_rules! fields {
    ($($type:ident { $($field:ident),+ $(,)? })+) => {
        $(impl HeapSize for $type {
            fn heap_bytes(&self) -> usize {
                let Self { $($field),+ } = self;
                0 $(+ $field.heap_bytes())+
            }
        })+
    };
}

flat! {
    bool, u32, Date, DateTime<Utc>, Period, Digest,
    AgreementNumber, CreditCode, DistrictCode, MatterCode,
    Admission, AmendmentRule, Audience, ConclusionRule, Confirmation, DistrictKind, Extent, HandlingMode, MatterDomain, MediaType, Needs, Reach,
    ApprovalState, BodyOpinion, DocumentKind, RejectionKind, TimeOfDay, Weekday,
    Renewal, Tenure, Territory,
}

fields! {
    Provenance { source, licence, synthetic }
    District { code, name, english_name, kind, parents, administers, aliases, requires_approval, codes, hotline, complaint_phone, portal, valid_from, retired, provenance }
    DatedCode { scheme, value, from, to }
    Retirement { on, successors }
    Matter { code, name, english_name, aliases, domain, audience, lead_department, competent_by, codes, retired_on, retired_reason, provenance }
    ExternalCode { system, value }
    Window { district, name, kind, address, hours, phone, complaint_phone, appointment_url, opening, closed_dates, transport, modes, domains, matters, period, closed_on, closed_reason, provenance }
    Opening { days, from, to, period }
    Policy { key, title, document_number, issued_by, effective_from, effective_to, receiving, competent, schedule, provenance }
    PolicyClause { receiving, competent, reach, clause }
    Document { agreement, party, name, kind, version, document_number, media_type, size, digest, released, attached_on }
    Agreement { number, key, versions, suspensions, notices, discarded, voided, provenance }
    Discarded { version, author }
    Version {
        number, base_version, title, document_number, effective_from, effective_to, amendment_rule, concludes, admission, notice_days, objection_days,
        renewal, run_out, framework, replaces, lead, parties, schedule, accessions, accession_signatures, objections, office, life, known_until,
    }
    Office { approval, consultation, remarks, body_opinions, reminders }
    Approval { state, at, number, reason }
    Consultation { with, since, answer_by }
    Remark { party, at, on_draft, content }
    RemarkContent { clause, matter, field, text }
    BodyConfirmation { party, body, opinion, at, remark }
    Reminder { party, on }
    Party { district, extent, bodies, joined_on, earlier, confirmation }
    SigningBody { name, credit_code, domains }
    Accession { party, signature, consents }
    Suspension { party, scope, since, set_on, until, cleared_on, contests, reason, public_text, end_reason }
    StopScope { clauses, matters, receiving, competent }
    Notice { party, ends_on, law_changed, reason }
    Voiding { on, reason }
    AgreementClause { receiving, competent, clause }
    Clause { key, matters, mode, mode_label, terms, batch, period }
    Paper { signed_on, recorded_on, recorder, corrections }
    Correction { on, reason }
    Draft { author }
    Proposal { by, on, answer_by, needs, signers, signatures, rejections, withdrawn_on, withdrawn_reason, superseded_on }
    Signature { party, at, on, digest, approval_number, approved_on }
    Rejection { party, on, kind, reason, remarks }
    Objection { party, on }
}

impl HeapSize for Terms {
    fn heap_bytes(&self) -> usize {
        Self::heap_bytes(self)
    }
}

impl HeapSize for Life {
    fn heap_bytes(&self) -> usize {
        match self {
            Self::Draft(draft) => draft.heap_bytes(),
            Self::Proposal(proposal) => proposal.heap_bytes(),
            Self::Paper(paper) => paper.heap_bytes(),
        }
    }
}

impl<T: HeapSize> HeapSize for Recorded<T> {
    fn heap_bytes(&self) -> usize {
        let Self { id: _, revision: _, record } = self;
        record.heap_bytes()
    }
}
