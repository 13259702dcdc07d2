//! What the partners agreed for one handling mode: one record for each mode.

use async_graphql::{Context, Object, SimpleObject, Union};

use super::asked;
use super::district::District;
use super::error::Fault;
use super::scalar::{Url, int};
use super::words::{self, Payer, WindowTask};

/// What the partners agreed for the mode (办理条件); which of the records it is follows from the mode. Open:
/// clients need a fallback.
#[derive(Debug, Union)]
pub enum ModeTerms {
    FullOnline(FullOnlineTerms),
    ProxyCollection(ProxyCollectionTerms),
    MultiSiteJoint(MultiSiteJointTerms),
}

impl From<&domain::Terms> for ModeTerms {
    fn from(terms: &domain::Terms) -> Self {
        match terms.clone() {
            domain::Terms::FullOnline(terms) => Self::FullOnline(FullOnlineTerms(terms)),
            domain::Terms::ProxyCollection(terms) => Self::ProxyCollection(ProxyCollectionTerms(terms)),
            domain::Terms::MultiSiteJoint(terms) => Self::MultiSiteJoint(MultiSiteJointTerms(terms)),
        }
    }
}

#[derive(Debug)]
pub struct FullOnlineTerms(domain::handling::FullOnlineTerms);

/// The terms of handling fully online (全程网办): the applicant hands in on the competent district's site.
#[Object(serial)]
impl FullOnlineTerms {
    /// Where to hand in; null: at the offering's own address.
    async fn url(&self) -> Option<Url> {
        Url::new(self.0.url.as_deref())
    }

    /// How surely the applicant must be identified.
    async fn identity_level(&self) -> Option<&str> {
        self.0.identity_level.as_deref()
    }

    /// Electronic certificates (电子证照) that stand for paper.
    async fn certificates_accepted(&self) -> Vec<&str> {
        self.0.certificates_accepted.iter().map(|certificate| &**certificate).collect()
    }

    /// How the result reaches the applicant.
    async fn result_delivery(&self) -> Option<&str> {
        self.0.result_delivery.as_deref()
    }
}

#[derive(Debug)]
pub struct ProxyCollectionTerms(domain::handling::ProxyCollectionTerms);

/// The terms of proxy collection (异地代收代办): a window of the receiving district takes the materials in and
/// forwards them; the powers of the competent district do not move.
#[Object(serial)]
impl ProxyCollectionTerms {
    /// How deep the window's work goes.
    async fn window_depth(&self) -> Vec<WindowTask> {
        words::schema(&self.0.window_depth)
    }

    /// By which channel the materials travel.
    async fn transfer_channel(&self) -> Option<&str> {
        self.0.transfer_channel.as_deref()
    }

    /// Within how many working days the materials are on their way.
    async fn transfer_days(&self) -> Option<i32> {
        self.0.transfer_days.map(int)
    }

    /// Payer of the postage of the materials.
    async fn material_postage(&self) -> Option<Payer> {
        self.0.material_postage.map(Into::into)
    }

    /// Payer of the postage of the result.
    async fn result_postage(&self) -> Option<Payer> {
        self.0.result_postage.map(Into::into)
    }

    /// How the result comes back.
    async fn result_return(&self) -> Option<&str> {
        self.0.result_return.as_deref()
    }

    /// How missing materials are handled (补正).
    async fn supplement_rule(&self) -> Option<&str> {
        self.0.supplement_rule.as_deref()
    }
}

#[derive(Debug)]
pub struct MultiSiteJointTerms(domain::handling::MultiSiteJointTerms);

/// The terms of joint handling at several sites (多地联办): one place takes the application, several work on it.
#[Object(serial)]
impl MultiSiteJointTerms {
    /// Who does what, in this order.
    async fn steps(&self, ctx: &Context<'_>) -> Result<Vec<JointStep>, Fault> {
        let asked = asked(ctx);
        let step = |(order, step): (i32, &domain::handling::JointStep)| {
            Ok(JointStep {
                order,
                district: step.district.map(|code| District::named(asked, code)).transpose()?,
                role: step.role.as_deref().map(Into::into),
                task: step.task.to_string(),
                days: step.days.map(int),
            })
        };
        (1..).zip(&self.0.steps).map(step).collect()
    }
}

/// One step of joint handling.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct JointStep {
    /// Its place in the order, from 1.
    order: i32,
    /// Who does it; null where the partners named a role alone.
    district: Option<District>,
    /// `LEAD` (牵头地), `COOPERATING` (协同地), or the partners' own word. Open: clients need a fallback.
    role: Option<String>,
    /// The work.
    task: String,
    /// Within how many working days.
    days: Option<i32>,
}
