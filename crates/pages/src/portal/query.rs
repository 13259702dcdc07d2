//! Queries of the catalogue that several pages share.

use catalogue::{AgreementFilter, Question};
use domain::{District, DistrictCode, Scope, Standing};

use crate::link::Link;
use crate::visit::Visit;

pub(crate) fn in_force(visit: &Visit, covering: Option<DistrictCode>) -> AgreementFilter {
    AgreementFilter {
        parties: Vec::new(),
        covering,
        standing: vec![Standing::InForce],
        on: visit.on(),
        matter: None,
        modes: Vec::new(),
        search: None,
        ending_before: None,
    }
}

/// Is any agreement or policy of this district synthetic?
pub(crate) fn has_synthetic_basis(visit: &Visit, district: &District) -> bool {
    let snapshot = &visit.context.snapshot;
    let agreements = snapshot.list_agreements(&in_force(visit, Some(district.code)), &Scope::Public);
    agreements.iter().any(|listed| listed.item.provenance.synthetic)
        || snapshot.list_policies(Some(visit.on())).iter().any(|listed| listed.item.provenance.synthetic)
}

pub(crate) fn asked_for(visit: &Visit, receiving: &District, competent: &District, link: &Link) -> Question {
    asked_about(visit, Some(receiving.code), Some(competent.code), link)
}

/// The question about two districts, or about one.
pub(crate) fn asked_about(
    visit: &Visit,
    receiving: Option<DistrictCode>,
    competent: Option<DistrictCode>,
    link: &Link,
) -> Question {
    Question {
        receiving,
        competent,
        on: visit.on(),
        modes: link.modes.clone(),
        domains: link.domains.clone(),
        audiences: link.audiences.clone(),
        search: visit.context.snapshot.matter_query(&link.search),
        with_guide: false,
    }
}
