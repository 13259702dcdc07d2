//! The enums of matters.

use async_graphql::Enum;
use graphql_macros::DirectJson;

/// The field of administration of a matter. More may be added: clients need a fallback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, DirectJson)]
#[graphql(remote = "domain::MatterDomain")]
pub enum MatterDomain {
    /// Public security (公安): identity cards, household registration, entry and exit.
    PublicSecurity,
    /// Medical insurance (医保).
    MedicalInsurance,
    /// Market regulation (市场监管): companies, licences.
    MarketRegulation,
    /// Real estate registration (不动产).
    RealEstate,
    /// Health (卫健).
    Health,
    /// Civil affairs (民政): marriage, social assistance.
    CivilAffairs,
    /// Transport (交通).
    Transport,
    /// Human resources and social security (人社).
    HumanResourcesSocialSecurity,
    /// Housing provident fund (公积金).
    HousingFund,
    /// Education (教育).
    Education,
    /// Justice (司法).
    Justice,
    /// Taxation (税务).
    Taxation,
    /// Housing and construction (住建).
    Construction,
    /// Natural resources (自然资源).
    NaturalResources,
    /// Ecology and environment (生态环境).
    Environment,
    /// Water (水利).
    Water,
    /// Agriculture and rural affairs (农业农村).
    Agriculture,
    /// Culture and tourism (文旅).
    CultureTourism,
    /// Emergency management (应急).
    Emergency,
    /// Veterans affairs (退役军人).
    Veterans,
    /// Affairs of people with disabilities (残联).
    Disability,
    /// Any other field (其他).
    Other,
}

/// Kinds of applicants. More may be added: clients need a fallback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, DirectJson)]
#[graphql(remote = "domain::Audience")]
pub enum Audience {
    /// Natural persons (个人).
    NaturalPerson,
    /// Companies and other organisations (法人和其他组织).
    Organisation,
}
