//! The answer as GraphQL gives it.

use domain::Date;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Handling {
    pub(super) answer: String,
    pub(super) verdict: String,
    pub(super) from: Option<Date>,
    pub(super) until: Option<Date>,
    pub(super) on: Date,
    pub(super) revision: u64,
    pub(super) matter: Option<Matter>,
    pub(super) receiving: Option<District>,
    pub(super) competent: Option<District>,
    pub(super) routes: Vec<Route>,
    pub(super) reasons: Vec<Reason>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Matter {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) english_name: Option<String>,
    provenance: Provenance,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct District {
    pub(super) code: String,
    pub(super) full_name: String,
    provenance: Provenance,
}

/// The actor's district of a duty.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Place {
    pub(super) name: String,
    pub(super) english_name: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct Provenance {
    synthetic: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Route {
    pub(super) mode: String,
    pub(super) mode_label: Option<String>,
    pub(super) valid_from: Option<Date>,
    pub(super) valid_to: Option<Date>,
    pub(super) basis: Basis,
    pub(super) clause: Clause,
    pub(super) terms: Terms,
    #[serde(default)]
    pub(super) duties: Vec<Duty>,
    pub(super) windows: Option<Windows>,
    #[serde(default)]
    pub(super) offerings: Vec<Offering>,
    pub(super) notices: Vec<Reason>,
}

/// A version of an agreement, or a policy.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Basis {
    pub(super) title: String,
    pub(super) document_number: Option<String>,
    pub(super) signed_on: Option<Date>,
    pub(super) agreement: Option<Agreement>,
    #[serde(default)]
    pub(super) issued_by: Vec<String>,
    provenance: Option<Provenance>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Agreement {
    pub(super) number: String,
    provenance: Provenance,
}

#[derive(Debug, Deserialize)]
pub(super) struct Clause {
    pub(super) batch: Option<String>,
}

/// The terms of handling online; those of other modes are not asked for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Terms {
    pub(super) url: Option<String>,
    pub(super) identity_level: Option<String>,
    #[serde(default)]
    pub(super) certificates_accepted: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Duty {
    pub(super) actor: String,
    pub(super) district: Option<Place>,
    pub(super) task: String,
    pub(super) days: Option<u32>,
    pub(super) day_kind: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Windows {
    edges: Vec<WindowEdge>,
}

#[derive(Debug, Deserialize)]
struct WindowEdge {
    node: Window,
}

#[derive(Debug, Deserialize)]
pub(super) struct Window {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) address: String,
    pub(super) hours: Option<String>,
    pub(super) phone: Option<String>,
    provenance: Provenance,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Offering {
    pub(super) name: String,
    pub(super) authority: Option<Authority>,
    pub(super) conditions: Option<String>,
    pub(super) statutory_days: Option<u32>,
    pub(super) promised_days: Option<u32>,
    pub(super) day_kind: Option<String>,
    pub(super) visits: u32,
    pub(super) url: Option<String>,
    pub(super) fee: Option<String>,
    pub(super) result: Option<String>,
    pub(super) delivery: Option<String>,
    pub(super) appointment: Option<String>,
    pub(super) verified_on: Option<Date>,
    provenance: Provenance,
    pub(super) materials: Vec<Material>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Authority {
    pub(super) name: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Material {
    pub(super) name: String,
    pub(super) necessity: String,
    pub(super) medium: Option<String>,
    pub(super) copies: Option<u32>,
    pub(super) deferrable_days: Option<u32>,
    pub(super) check: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Reason {
    pub(super) message: String,
    pub(super) remedy: Option<String>,
    #[serde(default)]
    subject: Option<Subject>,
}

#[derive(Debug, Deserialize)]
struct Subject {
    provenance: Option<Provenance>,
}

impl Route {
    pub(super) fn windows(&self) -> impl Iterator<Item = &Window> {
        self.windows.iter().flat_map(|windows| &windows.edges).map(|edge| &edge.node)
    }

    fn provenances(&self) -> impl Iterator<Item = Provenance> {
        let basis = self.basis.agreement.as_ref().map(|agreement| agreement.provenance).or(self.basis.provenance);
        let offerings = self.offerings.iter().map(|offering| offering.provenance);
        basis.into_iter().chain(offerings).chain(self.windows().map(|window| window.provenance))
    }
}

impl Handling {
    /// Is any record of the answer synthetic? The text must say so.
    pub(super) fn has_synthetic(&self) -> bool {
        let matter = self.matter.iter().map(|matter| matter.provenance);
        let districts = [&self.receiving, &self.competent].into_iter().flatten().map(|district| district.provenance);
        let reasons = self.reasons.iter().filter_map(|reason| reason.subject.as_ref()?.provenance);
        let routes = self.routes.iter().flat_map(Route::provenances);
        matter.chain(districts).chain(reasons).chain(routes).any(|provenance| provenance.synthetic)
    }
}
