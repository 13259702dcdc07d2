//! The terms agreed for a handling mode, one type and one input for each mode.

use async_graphql::{Context, InputObject, Object, OneofObject, SimpleObject, Union};
use registry::error::Error;

use super::context::request_context;
use super::district::District;
use super::enums;
use super::enums::handling::{Payer, WindowTask};
use super::scalar::{DistrictCode, Url, UrlRef, int};

/// The terms agreed for a handling mode (办理条件): one type for each mode. More types may be added: clients need a
/// fallback.
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
pub struct FullOnlineTerms(domain::handling::full_online::FullOnlineTerms);

/// Terms of the handling mode full online (全程网办): the applicant submits on the website of the competent district.
#[Object(serial)]
impl FullOnlineTerms {
    /// The address where the application is submitted. Null: the address of the offering.
    async fn url(&self) -> Option<UrlRef<'_>> {
        self.0.url.as_deref().map(UrlRef)
    }

    /// The required level of identification of the applicant, as the parties name it. Null when none is agreed.
    async fn identity_level(&self) -> Option<&str> {
        self.0.identity_level.as_deref()
    }

    /// Electronic certificates (电子证照) that are accepted in place of paper.
    async fn certificates_accepted(&self) -> Vec<&str> {
        self.0.certificates_accepted.iter().map(|certificate| &**certificate).collect()
    }

    /// How the result reaches the applicant. Null when it is not agreed.
    async fn result_delivery(&self) -> Option<&str> {
        self.0.result_delivery.as_deref()
    }
}

#[derive(Debug)]
pub struct ProxyCollectionTerms(domain::handling::proxy_collection::ProxyCollectionTerms);

/// Terms of the handling mode proxy collection (异地代收代办): a window of the receiving district takes the materials
/// and forwards them. The competent district decides.
#[Object(serial)]
impl ProxyCollectionTerms {
    /// The tasks of the receiving window.
    async fn window_depth(&self) -> Vec<WindowTask> {
        enums::to_schema(&self.0.window_depth)
    }

    /// The channel by which the materials reach the competent district. Null when none is agreed.
    async fn transfer_channel(&self) -> Option<&str> {
        self.0.transfer_channel.as_deref()
    }

    /// The number of working days within which the materials are forwarded. Null when no limit is agreed.
    async fn transfer_days(&self) -> Option<i32> {
        self.0.transfer_days.map(int)
    }

    /// Who pays the postage of the materials. Null when it is not agreed.
    async fn material_postage(&self) -> Option<Payer> {
        self.0.material_postage.map(Into::into)
    }

    /// Who pays the postage of the result. Null when it is not agreed.
    async fn result_postage(&self) -> Option<Payer> {
        self.0.result_postage.map(Into::into)
    }

    /// How the result is returned. Null when it is not agreed.
    async fn result_return(&self) -> Option<&str> {
        self.0.result_return.as_deref()
    }

    /// How missing materials are supplied later (补正). Null when it is not agreed.
    async fn supplement_rule(&self) -> Option<&str> {
        self.0.supplement_rule.as_deref()
    }
}

#[derive(Debug)]
pub struct MultiSiteJointTerms(domain::handling::multi_site_joint::MultiSiteJointTerms);

/// Terms of the handling mode multi-site joint (多地联办): one place takes the application, several work on it.
#[Object(serial)]
impl MultiSiteJointTerms {
    /// The steps, in their order.
    async fn steps(&self, ctx: &Context<'_>) -> Result<Vec<JointStep>, Error> {
        let request = request_context(ctx);
        let step = |(order, step): (i32, &domain::handling::multi_site_joint::JointStep)| {
            Ok(JointStep {
                order,
                district: step.district.map(|code| District::named(request, code)).transpose()?,
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
    /// The position of the step, from 1.
    order: i32,
    /// The district that does the step. Null when only `role` is agreed.
    district: Option<District>,
    /// The role of the district: `LEAD` (牵头地), `COOPERATING` (协同地), or another word of the parties. Null when
    /// none is agreed.
    role: Option<String>,
    /// The work that is done in this step.
    task: String,
    /// The limit of the step in working days. Null when none is agreed.
    days: Option<i32>,
}

/// The terms agreed for a handling mode. Give exactly the one that belongs to the mode of the clause.
#[derive(Debug, OneofObject)]
pub enum ModeTermsInput {
    /// Terms for the mode `FULL_ONLINE`.
    FullOnline(FullOnlineTermsInput),
    /// Terms for the mode `PROXY_COLLECTION`.
    ProxyCollection(ProxyCollectionTermsInput),
    /// Terms for the mode `MULTI_SITE_JOINT`.
    MultiSiteJoint(MultiSiteJointTermsInput),
}

/// Terms of the handling mode full online (全程网办).
#[derive(Debug, InputObject)]
pub struct FullOnlineTermsInput {
    /// The address where the application is submitted. Null: the address of the offering.
    url: Option<Url>,
    /// The required level of identification of the applicant, as the parties name it.
    identity_level: Option<String>,
    /// Electronic certificates (电子证照) that are accepted in place of paper.
    certificates_accepted: Option<Vec<String>>,
    /// How the result reaches the applicant.
    result_delivery: Option<String>,
}

/// Terms of the handling mode proxy collection (异地代收代办).
#[derive(Debug, InputObject)]
pub struct ProxyCollectionTermsInput {
    /// The tasks of the receiving window. Default: receive, check the form, check the identity, and give one notice of
    /// everything that is missing.
    window_depth: Option<Vec<WindowTask>>,
    /// The channel by which the materials reach the competent district.
    transfer_channel: Option<String>,
    /// The number of working days within which the materials are forwarded.
    transfer_days: Option<i32>,
    /// Who pays the postage of the materials.
    material_postage: Option<Payer>,
    /// Who pays the postage of the result.
    result_postage: Option<Payer>,
    /// How the result is returned.
    result_return: Option<String>,
    /// How missing materials are supplied later (补正).
    supplement_rule: Option<String>,
}

/// Terms of the handling mode multi-site joint (多地联办).
#[derive(Debug, InputObject)]
pub struct MultiSiteJointTermsInput {
    /// The steps, in their order.
    steps: Vec<JointStepInput>,
}

/// One step of joint handling.
#[derive(Debug, InputObject)]
pub struct JointStepInput {
    /// The district that does the step. Null: only `role` is agreed.
    district: Option<DistrictCode>,
    /// The role of the district: `LEAD` (牵头地), `COOPERATING` (协同地), or another word of the parties.
    role: Option<String>,
    /// The work that is done in this step.
    task: String,
    /// The limit of the step in working days. Null: none.
    days: Option<i32>,
}
