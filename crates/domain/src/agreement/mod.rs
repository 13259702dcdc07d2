//! Agreements (协议) between two or more districts: a list of versions, and the standing on a day. The standing is
//! derived from dates and suspensions, so no scheduled job is needed.

pub mod acts;
pub mod clause;
mod clock;
pub mod diff;
mod digest;
pub mod form;
pub mod lifecycle;
pub mod membership;
pub mod objection;
pub mod office;
pub mod party;
pub(crate) mod private;
pub mod refusal;
pub mod remark;
pub mod standing;
pub mod supposition;
pub mod suspension;
mod term;
pub mod version;

use std::borrow::Cow;

use serde::{Serialize, Serializer};

use crate::agreement::suspension::Suspension;
use crate::agreement::version::Version;
use crate::code::{AgreementNumber, DistrictCode};
use crate::id::RecordType;
use crate::kind::RecordKind;
use crate::period::Date;
use crate::problem::{Message, ProblemCode};
use crate::provenance::Provenance;
use crate::reading::Reader;
use crate::reference::Reference;

/// Maximum number of versions of an agreement.
const MAX_VERSIONS: usize = 10_000;

/// An agreement (协议).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    pub number: AgreementNumber,
    /// The importer's own key, kept and exported.
    pub key: Option<Box<str>>,
    /// In the order of their numbers; never empty.
    pub versions: Vec<Version>,
    pub suspensions: Vec<Suspension>,
    pub notices: Vec<Notice>,
    /// The number of the newest discarded draft, if no version has this number or a greater one. It prevents reuse of
    /// the number, and is visible to the draft's author and to stewards.
    pub discarded: Option<Discarded>,
    /// Set if the record was entered in error.
    pub voided: Option<Voiding>,
    pub provenance: Provenance,
}

/// The number of a discarded draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Discarded {
    pub version: u32,
    pub author: DistrictCode,
}

impl RecordType for Agreement {
    const KIND: RecordKind = RecordKind::Agreement;
    const PREFIX: &'static str = "agr";
}

/// A party's notice of withdrawal (退出通知). `ends_on` is its last day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Notice {
    pub party: DistrictCode,
    pub ends_on: Date,
    /// The law changed, so the notice period is waived.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub law_changed: bool,
    pub reason: Box<str>,
}

/// The act that voided a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Voiding {
    pub on: Date,
    pub reason: Box<str>,
}

/// A submitted agreement, before the registry assigns a number.
#[derive(Debug, Clone)]
pub struct Submission {
    /// The stated number, of an exported record.
    pub number: Option<AgreementNumber>,
    agreement: Agreement,
}

impl Submission {
    /// The agreement with its assigned number.
    pub fn numbered(self, number: AgreementNumber) -> Agreement {
        Agreement { number, ..self.agreement }
    }

    pub fn key(&self) -> Option<&str> {
        self.agreement.key.as_deref()
    }

    /// The submitted content; its number is a placeholder.
    pub fn content(&self) -> &Agreement {
        &self.agreement
    }
}

impl Agreement {
    /// Reads the line of a paper record or of an exported agreement.
    pub fn read(r: &mut Reader<'_>) -> Option<Submission> {
        let number = r.optional_code("number");
        let key = r.optional_number_text("key", 200).map(Into::into);
        let versions = if r.has("versions") {
            let mut versions: Vec<Version> = r.objects("versions", Version::read);
            versions.sort_by_key(|version| version.number);
            if versions.windows(2).any(|pair| pair[0].number == pair[1].number) || versions.len() > MAX_VERSIONS {
                r.refuse(
                    ProblemCode::Invalid,
                    "versions",
                    "VERSION_TWICE",
                    Message::new("版本号重复", "a version number occurs twice"),
                    Message::new("每个版本用一个版本号", "give every version a number of its own"),
                );
            }
            versions
        } else {
            vec![Version::read(r)]
        };
        let suspensions = r.objects("suspensions", Suspension::read).into_iter().flatten().collect();
        let notices = r.objects("notices", Notice::read).into_iter().flatten().collect();
        let discarded = r.object("discarded", |r| {
            let (version, author) = (r.required_number("version", 1_000_000), r.code("author"));
            Some(Discarded { version, author: author? })
        });
        let voided = r.object("voided", |r| {
            r.require("on");
            let on = r.date("on");
            let reason = r.line("reason", 2_000).into();
            Some(Voiding { on: on?, reason })
        });
        let provenance = Provenance::read(r);
        // A placeholder that `numbered` replaces.
        let unnumbered = AgreementNumber::new(1949, 1)?;
        let agreement = Self {
            number: unnumbered,
            key,
            versions,
            suspensions,
            notices,
            discarded: discarded.flatten(),
            voided: voided.flatten(),
            provenance,
        };
        (!agreement.versions.is_empty()).then_some(Submission { number, agreement })
    }

    pub fn latest(&self) -> &Version {
        self.versions.last().expect("an agreement has a version")
    }

    pub fn version(&self, number: u32) -> Option<&Version> {
        self.versions.iter().find(|version| version.number == number)
    }

    /// The framework agreement that this one belongs to.
    pub fn framework(&self) -> Option<AgreementNumber> {
        self.latest().framework
    }

    /// The agreement that this one replaced.
    pub fn replaces(&self) -> Option<AgreementNumber> {
        self.latest().replaces
    }

    pub(super) fn of_one_version(number: AgreementNumber, version: Version) -> Self {
        Self {
            number,
            key: None,
            versions: vec![version],
            suspensions: Vec::new(),
            notices: Vec::new(),
            discarded: None,
            voided: None,
            provenance: Provenance::default(),
        }
    }

    pub fn references(&self) -> Vec<Reference> {
        let many = self.versions.len() > 1;
        let of = |(i, version): (usize, &Version)| {
            let references = version.references();
            let place =
                move |reference: Reference| if many { reference.within(format!("versions.{i}")) } else { reference };
            references.into_iter().map(place).collect::<Vec<_>>()
        };
        let stopped = self.suspensions.iter().enumerate().flat_map(|(i, suspension)| {
            let references = suspension.scope.references().into_iter();
            references.map(move |reference| reference.within(format!("suspensions.{i}.scope")))
        });
        self.versions.iter().enumerate().flat_map(of).chain(stopped).collect()
    }
}

impl Notice {
    fn read(r: &mut Reader<'_>) -> Option<Self> {
        let party = r.code("party");
        r.require("endsOn");
        let ends_on = r.date("endsOn");
        let law_changed = r.flag("lawChanged");
        let reason = r.line("reason", 2_000).into();
        Some(Self { party: party?, ends_on: ends_on?, law_changed, reason })
    }
}

impl Serialize for Agreement {
    /// A single version is written flat, several as a list.
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Line<'a> {
            number: AgreementNumber,
            #[serde(skip_serializing_if = "Option::is_none")]
            key: Option<&'a str>,
            #[serde(flatten)]
            only: Option<Cow<'a, Version>>,
            #[serde(skip_serializing_if = "Vec::is_empty")]
            versions: Vec<Cow<'a, Version>>,
            #[serde(rename = "suspensions", skip_serializing_if = "<[_]>::is_empty")]
            suspensions: &'a [Suspension],
            #[serde(skip_serializing_if = "<[_]>::is_empty")]
            notices: &'a [Notice],
            #[serde(skip_serializing_if = "Option::is_none")]
            discarded: Option<Discarded>,
            #[serde(skip_serializing_if = "Option::is_none")]
            voided: Option<&'a Voiding>,
            #[serde(skip_serializing_if = "Provenance::is_unstated")]
            provenance: &'a Provenance,
        }
        let mut versions: Vec<_> = self.versions.iter().map(Version::with_confirmations).collect();
        let only = if versions.len() == 1 { versions.pop() } else { None };
        Line {
            number: self.number,
            key: self.key.as_deref(),
            only,
            versions,
            suspensions: &self.suspensions,
            notices: &self.notices,
            discarded: self.discarded,
            voided: self.voided.as_ref(),
            provenance: &self.provenance,
        }
        .serialize(s)
    }
}
