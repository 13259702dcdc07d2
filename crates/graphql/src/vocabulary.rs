//! Vocabularies: the values of every enum with their labels.

use std::collections::HashMap;
use std::sync::LazyLock;

use async_graphql::SimpleObject;
use async_graphql::parser::types::{TypeKind, TypeSystemDefinition};
use domain::Locale;

/// The values of one enum, or of one closed list of names, with their labels.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct Vocabulary {
    /// The name of the enum in this schema, such as `HandlingMode`. `VersionField` and `ClausePart` are the lists for
    /// `FieldChange.field` and `ClauseChange.changed`; `ImportField` has the fields that columns of a list can give.
    name: String,
    /// The values, in the order of the schema.
    values: Vec<VocabularyValue>,
}

/// A value of an enum, with its label.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct VocabularyValue {
    /// The value as it is written in requests and answers.
    value: String,
    /// The label, in the language of the argument `locale`.
    label: String,
    /// The meaning, in English. Null in Chinese, and when the label says everything.
    description: Option<String>,
}

/// A value of an enum, with its label in Chinese and in English.
type Word = (&'static str, [&'static str; 2]);

macro_rules! vocabularies {
    ($($name:literal = $words:ty),+ $(,)?) => {
        /// The vocabularies of the domain, by their names in the schema.
        fn of_the_domain() -> Vec<(&'static str, Vec<Word>)> {
            vec![$((
                $name,
                <$words>::ALL.iter().map(|word| (word.name(), [word.label(Locale::Zh), word.label(Locale::En)])).collect(),
            )),+]
        }
    };
}

vocabularies! {
    "Admission" = domain::agreement::version::Admission,
    "AmendmentRule" = domain::agreement::version::AmendmentRule,
    "Audience" = domain::Audience,
    "BodyOpinion" = domain::agreement::office::BodyOpinion,
    "ChangeAction" = domain::journal::Action,
    "ClausePart" = domain::agreement::diff::Part,
    "ConclusionRule" = domain::agreement::version::ConclusionRule,
    "Confirmation" = domain::Confirmation,
    "DayKind" = domain::DayKind,
    "DifferenceKind" = domain::agreement::diff::DifferenceKind,
    "DistrictKind" = domain::DistrictKind,
    "DocumentKind" = domain::document::DocumentKind,
    "DraftApprovalState" = domain::agreement::office::ApprovalState,
    "DutyActor" = domain::Actor,
    "Extent" = domain::Extent,
    "FeedbackState" = domain::feedback::FeedbackState,
    "FindingRule" = catalogue::Rule,
    "HandlingAnswer" = catalogue::Answer,
    "HandlingMode" = domain::HandlingMode,
    "ImportDirection" = domain::import::Direction,
    "ImportFaults" = domain::import::Faults,
    "ImportField" = exchange::header::field::Field,
    "ImportKind" = domain::import::Kind,
    "ImportVerdict" = domain::import::Verdict,
    "LapseReason" = domain::agreement::lifecycle::LapseReason,
    "Locale" = Locale,
    "MaterialMedium" = domain::Medium,
    "MaterialNecessity" = domain::Necessity,
    "MatterDomain" = domain::MatterDomain,
    "Membership" = domain::Membership,
    "Payer" = domain::handling::actor::Payer,
    "ProblemCode" = domain::ProblemCode,
    "ProposalNeeds" = domain::agreement::lifecycle::Needs,
    "Reach" = domain::Reach,
    "ReasonCode" = catalogue::ReasonCode,
    "RecordKind" = domain::RecordKind,
    "RejectionKind" = domain::agreement::lifecycle::RejectionKind,
    "Role" = domain::Role,
    "Severity" = catalogue::Severity,
    "Standing" = domain::Standing,
    "TaskKind" = catalogue::TaskKind,
    "Verdict" = catalogue::Verdict,
    "VersionField" = domain::agreement::diff::Field,
    "VersionState" = domain::agreement::lifecycle::VersionState,
    "Weekday" = domain::Weekday,
    "WindowKind" = domain::WindowKind,
    "WindowTask" = domain::handling::actor::WindowTask,
}

const RELEVANCE: Word = ("RELEVANCE", ["相关度", "relevance"]);
const NAME: Word = ("NAME", ["名称（拼音）", "name"]);
const PROMISED_DAYS: Word = ("PROMISED_DAYS", ["承诺办结时限", "promised days"]);
const CODE: Word = ("CODE", ["代码", "code"]);

/// The enums of sort orders, which only the schema has.
const ORDERS: [(&str, &[Word]); 4] = [
    ("AvailableMatterOrder", &[RELEVANCE, NAME, PROMISED_DAYS, CODE]),
    ("DistrictOrder", &[RELEVANCE, NAME, CODE]),
    ("MatterOrder", &[RELEVANCE, NAME, CODE]),
    ("OfferingOrder", &[RELEVANCE, NAME, PROMISED_DAYS]),
];

/// The descriptions of enum values in the schema, by enum and value.
#[derive(Debug)]
pub(crate) struct EnumDescriptions(HashMap<(String, String), String>);

/// How resolvers reach them: the schema has them among its data. They are made from the printed schema on first use.
pub(crate) type SharedEnumDescriptions = &'static LazyLock<EnumDescriptions>;

impl EnumDescriptions {
    /// Collects the descriptions from a printed schema.
    pub(crate) fn of(sdl: &str) -> Self {
        let document =
            async_graphql::parser::parse_schema(sdl).expect("the schema is printed by the engine that reads it");
        let mut descriptions = HashMap::new();
        for definition in document.definitions {
            let TypeSystemDefinition::Type(definition) = definition else { continue };
            let TypeKind::Enum(of) = definition.node.kind else { continue };
            let name = definition.node.name.node;
            for value in of.values {
                if let Some(description) = value.node.description {
                    let one_line = description.node.split_whitespace().collect::<Vec<_>>().join(" ");
                    descriptions.insert((name.to_string(), value.node.value.node.to_string()), one_line);
                }
            }
        }
        Self(descriptions)
    }
}

impl Vocabulary {
    /// All vocabularies, by name.
    pub(crate) fn all(locale: Locale, descriptions: SharedEnumDescriptions) -> Vec<Self> {
        let mut all = of_the_domain();
        all.extend(ORDERS.iter().map(|(name, words)| (*name, words.to_vec())));
        all.sort_by_key(|(name, _)| *name);
        let value = |name: &str, (value, [zh, en]): Word| match locale {
            Locale::Zh => VocabularyValue { value: value.to_owned(), label: zh.to_owned(), description: None },
            Locale::En => {
                let description = descriptions.0.get(&(name.to_owned(), value.to_owned())).cloned();
                VocabularyValue { value: value.to_owned(), label: en.to_owned(), description }
            }
        };
        let with = |(name, words): (&str, Vec<Word>)| Self {
            name: name.to_owned(),
            values: words.into_iter().map(|word| value(name, word)).collect(),
        };
        all.into_iter().map(with).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::schema::ENUM_DESCRIPTIONS;

    fn vocabularies(locale: Locale) -> Vec<Vocabulary> {
        Vocabulary::all(locale, &ENUM_DESCRIPTIONS)
    }

    fn values_by_name(locale: Locale) -> BTreeMap<String, BTreeSet<String>> {
        let values = |vocabulary: &Vocabulary| vocabulary.values.iter().map(|value| value.value.clone()).collect();
        vocabularies(locale).iter().map(|vocabulary| (vocabulary.name.clone(), values(vocabulary))).collect()
    }

    #[test]
    fn every_enum_of_the_schema_has_a_vocabulary_in_both_languages() {
        let mut of_the_schema: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (name, value) in ENUM_DESCRIPTIONS.0.keys() {
            of_the_schema.entry(name.clone()).or_default().insert(value.clone());
        }
        let mut all = values_by_name(Locale::En);
        assert!(["VersionField", "ClausePart", "ImportField"].iter().all(|name| all.remove(*name).is_some()));
        assert_eq!(all, of_the_schema);
        assert_eq!(values_by_name(Locale::Zh).len(), all.len() + 3);
        for vocabulary in vocabularies(Locale::Zh) {
            assert!(vocabulary.values.iter().all(|value| !value.label.is_empty()), "{vocabulary:?}");
        }
        assert_eq!(vocabularies(Locale::En).len(), vocabularies(Locale::Zh).len());
    }
}
