//! The codes of what people name: a district or a matter by its name, an alias or its path.

use std::fmt::Write as _;

use domain::{DistrictCode, Locale, MatterCode};
use registry::naming::{Named, choose, code_in, is_written};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};

use super::super::failure::Failure;
use super::source::Source;
use super::text::bracketed;

const FIND_DISTRICT: &str = include_str!("../../../assets/find_district.graphql");
const FIND_MATTER: &str = include_str!("../../../assets/find_matter.graphql");

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FoundDistrict {
    code: String,
    name: String,
    english_name: Option<String>,
    aliases: Vec<String>,
    full_name: String,
    in_chinese: String,
    in_english: String,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FoundMatter {
    code: String,
    name: String,
    english_name: Option<String>,
    aliases: Vec<String>,
}

/// Looks names up, and collects what is unknown or ambiguous.
pub(super) struct Names<'a> {
    pub(super) source: &'a Source,
    pub(super) locale: Locale,
    /// What is not plain, with what may be meant.
    pub(super) problems: String,
}

impl Names<'_> {
    /// The code of the matter, `None` with a problem.
    pub(super) async fn matter(&mut self, name: &str) -> Result<Option<MatterCode>, Failure> {
        if let Some(code) = code_in::<MatterCode>(name) {
            return Ok(Some(code));
        }
        let (found, other) = self.found::<FoundMatter>(FIND_MATTER, "matters", json!({ "text": name })).await?;
        let is_called = |matter: &FoundMatter| {
            std::iter::once(&matter.name).chain(&matter.english_name).any(|known| is_written(name, known))
        };
        let is_alias = |matter: &FoundMatter| matter.aliases.iter().any(|known| is_written(name, known));
        let named = choose(found, &[&is_called, &is_alias], || other);
        let locale = self.locale;
        let listed = |matter: &FoundMatter| {
            let name = match locale {
                Locale::Zh => &matter.name,
                Locale::En => matter.english_name.as_ref().unwrap_or(&matter.name),
            };
            bracketed(name, &matter.code, locale)
        };
        Ok(self.one(name, named, listed).and_then(|matter| matter.code.parse().ok()))
    }

    /// The code of the district, `None` with a problem.
    pub(super) async fn district(&mut self, name: &str) -> Result<Option<DistrictCode>, Failure> {
        if let Some(code) = code_in::<DistrictCode>(name) {
            return Ok(Some(code));
        }
        let locale = self.locale;
        let variables = json!({ "text": name, "locale": locale });
        let (found, other) = self.found::<FoundDistrict>(FIND_DISTRICT, "districts", variables).await?;
        let is_path = |district: &FoundDistrict| {
            [&district.in_chinese, &district.in_english].into_iter().any(|known| is_written(name, known))
        };
        let is_name = |district: &FoundDistrict| {
            let names = std::iter::once(&district.name).chain(&district.english_name).chain(&district.aliases);
            names.into_iter().any(|known| is_written(name, known))
        };
        let named = choose(found, &[&is_path, &is_name], || other);
        let listed = |district: &FoundDistrict| bracketed(&district.full_name, &district.code, locale);
        Ok(self.one(name, named, listed).and_then(|district| district.code.parse().ok()))
    }

    /// What a search finds, and other searches to try.
    async fn found<T: DeserializeOwned>(
        &self,
        document: &str,
        field: &str,
        variables: Json,
    ) -> Result<(Vec<T>, Vec<String>), Failure> {
        let mut data = self.source.data(document, variables, self.locale).await?;
        let edges = data[field]["edges"].as_array_mut().map(std::mem::take).unwrap_or_default();
        let nodes = edges.into_iter().map(|mut edge| serde_json::from_value(edge["node"].take()));
        let found = nodes.collect::<Result<_, _>>().map_err(|error| self.source.unreadable(&error))?;
        let other = serde_json::from_value(data[field]["didYouMean"].take()).unwrap_or_default();
        Ok((found, other))
    }

    /// The record that a name means. If it is not plain, the problem is added, with what may be meant.
    fn one<T>(&mut self, name: &str, named: Named<T>, listed: impl Fn(&T) -> String) -> Option<T> {
        let (problem, candidates): (_, Vec<String>) = match named {
            Named::One(record) => return Some(record),
            Named::Several(records) => (
                match self.locale {
                    Locale::Zh => format!("“{name}”可能指："),
                    Locale::En => format!("“{name}” may mean:"),
                },
                records.iter().map(listed).collect(),
            ),
            Named::Unknown(suggestions) => (
                match (self.locale, suggestions.is_empty()) {
                    (Locale::Zh, true) => format!("没有找到“{name}”"),
                    (Locale::Zh, false) => format!("没有找到“{name}”。是否要找："),
                    (Locale::En, true) => format!("“{name}” is not known"),
                    (Locale::En, false) => format!("“{name}” is not known; did you mean:"),
                },
                suggestions,
            ),
        };
        let _ = writeln!(self.problems, "{problem}");
        for candidate in candidates {
            let _ = writeln!(self.problems, "  {candidate}");
        }
        None
    }
}
