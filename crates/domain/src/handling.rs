//! Handling modes (通办方式), and the terms that the parties agree for each mode. What belongs to one mode is in a file
//! of its own.

pub mod actor;
pub mod full_online;
mod heap;
pub(crate) mod mode_terms;
pub mod multi_site_joint;
pub mod proxy_collection;
pub mod statement;

use serde::Serialize;

use crate::code::DistrictCode;
use crate::duty::{Duty, Sides};
use crate::handling::full_online::FullOnlineTerms;
use crate::handling::mode_terms::{FieldText, ModeTerms};
use crate::handling::multi_site_joint::MultiSiteJointTerms;
use crate::handling::proxy_collection::ProxyCollectionTerms;
use crate::handling::statement::Statement;
use crate::offering::Offering;
use crate::problem::{Locale, Message, ProblemCode};
use crate::reading::Reader;
use crate::reading::shape::{Field, shape};
use crate::reference::Reference;
use crate::words::words;

macro_rules! modes {
    ($($variant:ident($terms:ident as $field:literal) = $wire:literal, $zh:literal, $en:literal;)+) => {
        words! {
            /// A handling mode (通办方式), after 国办发〔2020〕35号. Open. In the order of preference: best first.
            HandlingMode { $($variant = $wire, $zh, $en;)+ }
        }

        impl HandlingMode {
            /// The field of a record that holds the terms of the mode.
            pub fn terms_field(self) -> &'static str {
                match self { $(Self::$variant => $field,)+ }
            }

            /// The fields of its terms.
            pub fn fields(self) -> Vec<Field> {
                match self { $(Self::$variant => shape($terms::read),)+ }
            }

            /// The words that lists use for the mode, in small letters and without punctuation.
            pub fn synonyms(self) -> &'static [&'static str] {
                match self { $(Self::$variant => $terms::SYNONYMS,)+ }
            }

            /// The mode in plain words for applicants.
            pub fn explanation(self, locale: Locale) -> &'static str {
                let [zh, en] = match self { $(Self::$variant => $terms::EXPLANATION,)+ };
                match locale {
                    Locale::Zh => zh,
                    Locale::En => en,
                }
            }

            /// Whether the applicant goes to a window of the receiving district.
            pub fn needs_window(self) -> bool {
                match self { $(Self::$variant => $terms::NEEDS_WINDOW,)+ }
            }

            /// The meanings of the fields of its terms.
            pub(crate) fn texts(self) -> &'static [FieldText] {
                match self { $(Self::$variant => $terms::TEXTS,)+ }
            }
        }

        /// The terms that the partners agreed for one mode. The variant is the mode.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
        pub enum Terms {
            $(#[serde(rename = $field)] $variant($terms),)+
        }

        impl Terms {
            pub fn mode(&self) -> HandlingMode {
                match self { $(Self::$variant(_) => HandlingMode::$variant,)+ }
            }

            /// The terms of a clause that states only its mode.
            pub fn default_of(mode: HandlingMode) -> Self {
                match mode { $(HandlingMode::$variant => Self::$variant($terms::default()),)+ }
            }

            fn read_of(mode: HandlingMode, r: &mut Reader<'_>) -> Option<Self> {
                match mode { $(HandlingMode::$variant => r.object($field, $terms::read).map(Self::$variant),)+ }
            }

            fn duties_between(&self, sides: &Sides<'_>) -> Vec<Duty> {
                match self { $(Self::$variant(terms) => terms.duties(sides),)+ }
            }

            /// What was agreed, point by point, for people.
            pub fn statements(&self) -> Vec<Statement<'_>> {
                match self { $(Self::$variant(terms) => terms.statements(),)+ }
            }

            pub(crate) fn references(&self) -> Vec<Reference> {
                match self { $(Self::$variant(terms) => terms.references(),)+ }
            }

            /// The heap memory that the terms own, in bytes.
            pub fn heap_bytes(&self) -> usize {
                match self { $(Self::$variant(terms) => terms.heap_bytes(),)+ }
            }
        }
    };
}

// Each mode: the type of its terms, the field that holds them, its name on the wire and its labels.
modes! {
    FullOnline(FullOnlineTerms as "fullOnline") = "FULL_ONLINE", "全程网办", "full online";
    MultiSiteJoint(MultiSiteJointTerms as "multiSiteJoint") = "MULTI_SITE_JOINT", "多地联办", "multi-site joint";
    ProxyCollection(ProxyCollectionTerms as "proxyCollection") = "PROXY_COLLECTION", "异地代收代办", "proxy collection";
}

impl Terms {
    /// The table of duties, in order. The competent side's days run from acceptance (受理), not from receipt (收件).
    pub fn duties(&self, receiving: DistrictCode, competent: DistrictCode, offering: Option<&Offering>) -> Vec<Duty> {
        self.duties_between(&Sides { receiving, competent, offering })
    }

    /// Reads `mode` and `terms`, which must be of the same mode.
    pub(crate) fn read(r: &mut Reader<'_>) -> Self {
        let mode = r.word("mode");
        let terms = r.object("terms", |r| {
            HandlingMode::ALL.iter().filter_map(|mode| Self::read_of(*mode, r)).collect::<Vec<_>>()
        });
        let Some(mut terms) = terms else { return Self::default_of(mode.unwrap_or(HandlingMode::FullOnline)) };
        // Of terms that are refused, the districts that they name are checked all the same.
        terms.sort_by_key(|terms| terms.references().len());
        let last = terms.pop();
        let Some(mode) = mode else { return last.unwrap_or_else(|| Self::default_of(HandlingMode::FullOnline)) };
        match last {
            Some(of_mode) if terms.is_empty() && of_mode.mode() == mode => of_mode,
            other => {
                r.refuse(
                    ProblemCode::Invalid,
                    "terms",
                    "TERMS_OF_OTHER_MODE",
                    Message::new("办理条件与通办方式不符", "the terms are not those of the mode"),
                    Message::new(
                        format!("只填写{}的条件", mode.label(Locale::Zh)),
                        format!("give the terms of {mode} alone"),
                    ),
                );
                other.unwrap_or_else(|| Self::default_of(mode))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;
    use crate::problem::Problems;
    use crate::reading;

    fn read(mode: HandlingMode) -> Terms {
        let clause = json!({ "mode": mode.name(), "terms": { mode.terms_field(): {} } });
        let mut problems = Problems::new();
        let terms = reading::read(&clause, &mut problems, Terms::read);
        // Some terms have fields that are required.
        terms.unwrap_or_else(|| panic!("{mode}: {problems:?}"))
    }

    #[test]
    fn every_mode_is_written_as_it_is_read() {
        for mode in HandlingMode::ALL.iter().copied() {
            let terms = read(mode);
            assert_eq!((terms.mode(), Terms::default_of(mode).mode()), (mode, mode));
            let written = serde_json::to_value(&terms).expect("terms are JSON");
            assert!(written.get(mode.terms_field()).is_some(), "{written}");
            let fields = mode.fields();
            assert!(fields.iter().all(|field| {
                mode.texts().iter().any(|(key, ..)| *key == format!("{}.{}", mode.terms_field(), field.name))
            }));
            let [receiving, competent] = ["440115", "310112"].map(|code| code.parse().expect("a code"));
            assert!(!terms.duties(receiving, competent, None).is_empty(), "{mode}");
        }
    }

    #[test]
    fn every_mode_is_explained_and_its_synonyms_are_its_own() {
        let mut all = BTreeSet::new();
        for mode in HandlingMode::ALL {
            assert!([Locale::Zh, Locale::En].iter().all(|locale| !mode.explanation(*locale).is_empty()), "{mode}");
            assert!(mode.synonyms().contains(&mode.label(Locale::Zh)), "{mode}");
            for synonym in mode.synonyms() {
                assert!(synonym.chars().all(|c| c.is_alphanumeric() && !c.is_uppercase()), "{synonym}");
                assert!(all.insert(synonym), "{synonym} means two modes");
            }
        }
    }
}
