//! Parts of offerings in the schema: the deciding body, materials, forms and questions.

use async_graphql::SimpleObject;
use graphql_macros::DirectJson;

use super::enums;
use super::enums::offering::{MaterialMedium, MaterialNecessity};
use super::scalar::{CreditCode, Url, int};

/// The body that decides (实施主体).
#[derive(Debug, SimpleObject, DirectJson)]
#[graphql(serial)]
pub struct Authority {
    /// The name of the body.
    name: String,
    /// The unified social credit code of the body, as the district gave it. Null when it is not stated.
    credit_code: Option<CreditCode>,
    /// The administrative level at which the body decides (行使层级). Null when it is not stated.
    level: Option<String>,
}

impl From<&domain::Authority> for Authority {
    fn from(authority: &domain::Authority) -> Self {
        let domain::Authority { name, credit_code, level } = authority;
        Self { name: name.clone(), credit_code: credit_code.map(CreditCode), level: level.clone() }
    }
}

/// One material of an application (申请材料).
#[derive(Debug, SimpleObject, DirectJson)]
#[graphql(serial)]
pub struct Material {
    /// The name of the material.
    name: String,
    /// Whether the material is required.
    necessity: MaterialNecessity,
    /// The form in which the material is submitted. Null when it is not stated.
    medium: Option<MaterialMedium>,
    /// The number of copies. Null when it is not stated.
    copies: Option<i32>,
    /// For a deferrable material: the number of days within which it may be supplied later. Null for others.
    deferrable_days: Option<i32>,
    /// The criteria that the window checks (受理标准). Null when it is not stated.
    check: Option<String>,
}

impl From<&domain::Material> for Material {
    fn from(material: &domain::Material) -> Self {
        let domain::Material { name, necessity, medium, copies, deferrable_days, check } = material;
        Self {
            name: name.clone(),
            necessity: enums::from_text(necessity, domain::Necessity::Other),
            medium: medium.as_deref().map(|medium| enums::from_text(medium, domain::Medium::Other)),
            copies: copies.map(int),
            deferrable_days: deferrable_days.map(int),
            check: check.clone(),
        }
    }
}

/// A form to fill in, or a sample of a filled one (样表).
#[derive(Debug, SimpleObject, DirectJson)]
#[graphql(serial)]
pub struct FormFile {
    /// The name of the form.
    name: String,
    /// The address of the file.
    url: Url,
    /// True: a filled sample. False: a blank form.
    sample: bool,
}

impl From<&domain::FormFile> for FormFile {
    fn from(form: &domain::FormFile) -> Self {
        let domain::FormFile { name, url, sample } = form;
        Self { name: name.clone(), url: Url(url.clone()), sample: *sample }
    }
}

/// A question that applicants often ask, with its answer.
#[derive(Debug, SimpleObject, DirectJson)]
#[graphql(serial)]
pub struct Question {
    /// The question.
    question: String,
    /// The answer.
    answer: String,
}

impl From<&domain::Question> for Question {
    fn from(asked: &domain::Question) -> Self {
        let domain::Question { question, answer } = asked;
        Self { question: question.clone(), answer: answer.clone() }
    }
}
