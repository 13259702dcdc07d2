//! Policies (政策依据): a unilateral basis with clauses of the same shape as an agreement's, such as the
//! State Council's national list. It needs no signatures.

use serde::Serialize;

use crate::clause::{MAX_CLAUSES, PolicyClause, Territory, key_clauses, territories};
use crate::id::RecordType;
use crate::kind::RecordKind;
use crate::period::{Date, Period};
use crate::problem::{Message, ProblemCode};
use crate::provenance::Provenance;
use crate::reading::Reader;
use crate::reference::Reference;

/// A policy (政策依据).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Policy {
    /// The importer's own key, kept and exported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<Box<str>>,
    pub title: Box<str>,
    /// 发文字号, such as 国办发〔2020〕35号. It identifies the policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document_number: Option<Box<str>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub issued_by: Vec<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effective_from: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effective_to: Option<Date>,
    /// Where applications are received; empty: everywhere.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub receiving: Vec<Territory>,
    /// Whose matters; empty: everywhere.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub competent: Vec<Territory>,
    pub schedule: Vec<PolicyClause>,
    #[serde(skip_serializing_if = "Provenance::is_unstated")]
    pub provenance: Provenance,
}

impl RecordType for Policy {
    const KIND: RecordKind = RecordKind::Policy;
    const PREFIX: &'static str = "pol";
}

impl Policy {
    /// Reads the form.
    pub fn read(r: &mut Reader<'_>) -> Self {
        let key = r.optional_number_text("key", 200).map(Into::into);
        let title = r.name("title", 400).into();
        let document_number: Option<Box<str>> = r.optional_number_text("documentNumber", 120).map(Into::into);
        let issued_by = r.lines("issuedBy", 200).into_iter().map(Into::into).collect();
        let period = r.period("effectiveFrom", "effectiveTo");
        let receiving = r.objects("receiving", Territory::read);
        let competent = r.objects("competent", Territory::read);
        let mut schedule = r.objects("schedule", PolicyClause::read);
        if schedule.len() > MAX_CLAUSES {
            r.refuse(
                ProblemCode::Invalid,
                "schedule",
                "TOO_MANY",
                Message::new(format!("条款超过 {MAX_CLAUSES} 条"), format!("more than {MAX_CLAUSES} clauses")),
                Message::new("请合并条款：一个条款可列多个事项", "join clauses: one clause may list many matters"),
            );
        }
        key_clauses(schedule.iter_mut().map(|clause| &mut clause.clause), r);
        if !r.has("key") && !r.has("documentNumber") {
            r.refuse(
                ProblemCode::Invalid,
                "documentNumber",
                "REQUIRED",
                Message::new("政策没有发文字号，无法识别", "a policy without a document number cannot be identified"),
                Message::new("请填写 documentNumber（发文字号）", "give documentNumber"),
            );
        }
        let provenance = Provenance::read(r);
        Self {
            key,
            title,
            document_number,
            issued_by,
            effective_from: period.from,
            effective_to: period.to,
            receiving,
            competent,
            schedule,
            provenance,
        }
    }

    /// The revised policy: all fields are replaced, but for the importer's key and the provenance.
    #[must_use]
    pub fn revised(self, details: Self) -> Self {
        Self { key: details.key.or(self.key), provenance: self.provenance.unless_stated(details.provenance), ..details }
    }

    pub fn period(&self) -> Period {
        Period::new(self.effective_from, self.effective_to)
    }

    /// Where a clause's applications are received: its own territories, else the policy's; empty: everywhere.
    pub fn receiving_of<'a>(&'a self, clause: &'a PolicyClause) -> &'a [Territory] {
        if clause.receiving.is_empty() { &self.receiving } else { &clause.receiving }
    }

    /// Whose matters a clause covers: its own territories, else the policy's; empty: everywhere.
    pub fn competent_of<'a>(&'a self, clause: &'a PolicyClause) -> &'a [Territory] {
        if clause.competent.is_empty() { &self.competent } else { &clause.competent }
    }

    pub fn references(&self) -> Vec<Reference> {
        let sides = territories("receiving", &self.receiving).chain(territories("competent", &self.competent));
        let clauses = self.schedule.iter().enumerate().flat_map(|(i, clause)| {
            clause.references().into_iter().map(move |reference| reference.within(format!("schedule.{i}")))
        });
        sides.chain(clauses).collect()
    }
}
