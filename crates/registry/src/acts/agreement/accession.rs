//! Accession of newcomers, and the consent of parties.

use domain::journal::Action;
use domain::reading::Reader;
use domain::{AgreementNumber, Digest, DistrictCode, Message, Party, ProblemCode, Version};

use super::{number, party};
use crate::acts::write::write;
use crate::acts::{Input, Outcome};
use crate::error::Error;
use crate::request_context::RequestContext;

/// The form of an accession or of a consent, as far as it could be read.
struct Accession {
    number: Option<AgreementNumber>,
    digest: Digest,
    party: DistrictCode,
    newcomer: Option<Party>,
}

impl Accession {
    fn read(r: &mut Reader<'_>) -> Self {
        r.require("newcomer");
        let newcomer = r.object("newcomer", Party::named).filter(|newcomer| !newcomer.district.is_unread());
        Self { number: number(r), digest: r.code("digest").unwrap_or(Digest::GENESIS), party: party(r), newcomer }
    }
}

pub async fn accede(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    let read = |r: &mut Reader<'_>| {
        let accession = Accession::read(r);
        let is_other = |newcomer: &Party| newcomer.district != accession.party && !accession.party.is_unread();
        if accession.newcomer.as_ref().is_some_and(is_other) {
            r.refuse(
                ProblemCode::Invalid,
                "newcomer.district",
                "NOT_THE_NEWCOMER",
                Message::new("只能为本区域申请加入", "a newcomer can accede only for itself"),
                Message::new(
                    "party 与 newcomer.district 应为同一区域",
                    "party and newcomer.district must be the same district",
                ),
            );
        }
        accession
    };
    write(request, "accedeToAgreement", input, read, async |work, accession| {
        let Some(agreement) = work.agreement(accession.number).await? else { return Ok(None) };
        let Some(newcomer) = &accession.newcomer else {
            work.noted(agreement.ensure_standing_digest(accession.digest, work.today()));
            return Ok(None);
        };
        let newcomer = Party { district: work.as_written(&agreement, newcomer.district), ..newcomer.clone() };
        let district = newcomer.district;
        let acceded = work.noted(agreement.accede(newcomer, accession.digest, work.when()));
        let waits = |version: &Version| version.accessions.iter().any(|accession| accession.party.district == district);
        let is_in = acceded.as_ref().is_some_and(|acceded| !acceded.versions.iter().any(waits));
        work.save_standing(acceded, if is_in { Action::Admitted } else { Action::Acceded }).await
    })
    .await
}

pub async fn admit(request: &RequestContext, input: Input) -> Result<Outcome, Error> {
    write(request, "admitParty", input, Accession::read, async |work, accession| {
        let Some(agreement) = work.agreement(accession.number).await? else { return Ok(None) };
        work.noted(agreement.ensure_standing_digest(accession.digest, work.today()));
        let Some(newcomer) = &accession.newcomer else { return Ok(None) };
        let by = work.party(&agreement, accession.party);
        let admitted = work.noted(agreement.admit(by, newcomer.district, work.when()));
        work.save_standing(admitted, Action::Admitted).await
    })
    .await
}
