//! Permissions: one table of what the public, a role or a party may read and do, and the function that applies it to
//! every mutation. A test compares the table with the schema, so that nothing is missing.
//!
//! Reading also depends on the record: a record that the caller may not see looks exactly like one that does not exist
//! (`domain::visibility`). Mutations are checked before anything is looked up, so that a refusal reveals nothing.

use std::collections::BTreeSet;
use std::fmt;

use catalogue::Snapshot;
use domain::visibility::Scope;
use domain::{Date, DistrictCode, Extent, Locale, Message, Role};

use crate::viewer::Viewer;

/// What a caller needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requirement {
    /// Nothing: it is public.
    Public,
    /// To see the record. For other callers it does not exist.
    Visible,
    /// To act for one of the parties, or to be a steward.
    Party,
    /// A credential.
    SignedIn,
    /// To be a registrar of the district that the mutation is for, or a steward.
    Registrar,
    /// To be a signatory of the district that the mutation is for. A steward is none.
    Signatory,
    /// To be a registrar or a signatory of that district, or a steward.
    RegistrarOrSignatory,
    /// To be a steward.
    Steward,
}

use Requirement::{Party, Public, Registrar, RegistrarOrSignatory, Signatory, SignedIn, Steward, Visible};

/// What it takes to read the fields of an object, or a single field if that differs. Every field of `Query` has a row.
/// Connections and edges are like their nodes, and the members of a union with a row are like the union.
pub const READ_RULES: &[(&str, Requirement)] = &[
    ("Query.registry", Public),
    ("Query.viewer", Public),
    ("Query.vocabularies", Public),
    ("Vocabulary", Public),
    ("VocabularyValue", Public),
    ("Query.node", Visible),
    ("Query.nodeAsRecorded", Visible),
    ("Query.nodes", Visible),
    ("Query.district", Public),
    ("Query.districts", Public),
    ("Query.matter", Public),
    ("Query.matters", Public),
    ("Query.suggest", Public),
    ("Query.offering", Public),
    ("Query.offerings", Public),
    ("Query.availableMatters", Public),
    ("Query.handling", Public),
    ("Query.handlings", Public),
    ("Query.agreement", Visible),
    ("Query.agreements", Visible),
    ("Query.policies", Public),
    ("Query.changes", Visible),
    ("Query.findings", Visible),
    ("Query.coverage", Public),
    ("Query.feedback", Visible),
    ("Registry", Public),
    ("RegistryCounts", Public),
    ("Limits", Public),
    ("Viewer", Public),
    ("District", Public),
    ("DatedCode", Public),
    ("Matter", Public),
    ("Offering", Public),
    ("Authority", Public),
    ("Material", Public),
    ("FormFile", Public),
    ("Question", Public),
    ("Opening", Public),
    ("ExternalCode", Public),
    ("Window", Public),
    ("Policy", Public),
    ("Territory", Public),
    ("Provenance", Public),
    ("Handling", Public),
    ("AskedQuestion", Public),
    ("HandlingRoute", Public),
    ("Duty", Public),
    ("Reason", Public),
    ("ModeTerms", Public),
    ("JointStep", Public),
    ("FoundName", Public),
    ("TextPart", Public),
    ("Suggestion", Public),
    ("AvailableMatterFacets", Public),
    ("ModeCount", Public),
    ("DomainCount", Public),
    ("AudienceCount", Public),
    ("CoverageCell", Public),
    ("Agreement", Visible),
    ("AgreementVersion", Visible),
    ("Party", Visible),
    ("SigningBody", Visible),
    ("Clause", Visible),
    ("ClauseChange", Visible),
    ("VersionChanges", Visible),
    ("FieldChange", Visible),
    ("PartyChange", Visible),
    ("Proposal", Visible),
    ("Rejection", Visible),
    ("Remark", Visible),
    ("Consultation", Visible),
    ("DraftApproval", Visible),
    ("BodyConfirmation", Visible),
    ("Reminder", Visible),
    ("Accession", Visible),
    ("Renewal", Visible),
    ("Task", Visible),
    ("Signature", Visible),
    ("Suspension", Visible),
    ("StopScope", Visible),
    ("Effect", Visible),
    ("EffectCell", Visible),
    ("Notice", Visible),
    ("Document", Visible),
    ("Change", Visible),
    ("Finding", Visible),
    ("ImportReport", Visible),
    ("ImportColumn", Visible),
    ("ImportRow", Visible),
    ("ImportRemoval", Visible),
    ("Query.apiKeys", Steward),
    ("Feedback", Visible),
    ("ApiKey", Steward),
    ("Query.people", Visible),
    ("Person", Visible),
    ("Grant", Visible),
    ("PageInfo", Public),
    ("Problem", Public),
];

/// What each mutation takes: its name, the requirement, and the input field with the district that it is for. Without
/// such a field the role is checked here, and the district when the record is loaded.
pub const MUTATION_RULES: &[(&str, Requirement, Option<&str>)] = &[
    ("registerDistrict", Steward, None),
    ("reviseDistrict", Steward, None),
    ("registerMatter", Steward, None),
    ("reviseMatter", Steward, None),
    ("retireMatter", Steward, None),
    ("registerPolicy", Steward, None),
    ("revisePolicy", Steward, None),
    ("publishOffering", Registrar, Some("district")),
    ("publishOfferings", Registrar, Some("district")),
    ("withdrawOffering", Registrar, Some("district")),
    ("registerWindow", Registrar, Some("district")),
    ("registerWindows", Registrar, Some("district")),
    ("closeWindow", Registrar, Some("district")),
    ("importRecords", Registrar, Some("district")),
    ("draftAgreement", Registrar, Some("proposer")),
    ("amendAgreement", Registrar, Some("proposer")),
    ("reviseDraft", Registrar, Some("proposer")),
    ("importSchedule", Registrar, Some("party")),
    ("discardDraft", Registrar, None),
    ("submitDraft", Registrar, None),
    ("approveDraft", Signatory, None),
    ("consultOnDraft", Registrar, None),
    ("remarkOnVersion", Registrar, Some("party")),
    ("confirmBody", Registrar, Some("party")),
    ("remindParty", Registrar, None),
    ("proposeVersion", Registrar, None),
    ("withdrawProposal", Registrar, None),
    ("signVersion", Signatory, Some("party")),
    ("rejectVersion", Signatory, Some("party")),
    ("undoRejection", Signatory, Some("party")),
    ("accedeToAgreement", Signatory, Some("party")),
    ("admitParty", Signatory, Some("party")),
    ("opposeRenewal", Signatory, Some("party")),
    ("recordPaperAgreement", Registrar, Some("recorder")),
    ("confirmRecord", Signatory, Some("party")),
    ("contestRecord", Signatory, Some("party")),
    ("correctRecord", Registrar, Some("recorder")),
    ("voidAgreement", Steward, None),
    ("suspendAgreement", Signatory, Some("party")),
    ("resumeAgreement", Signatory, Some("party")),
    ("giveNotice", Signatory, Some("party")),
    ("revokeNotice", Signatory, Some("party")),
    ("stopAgreement", Steward, None),
    ("releaseAgreement", Steward, None),
    ("stop", Steward, None),
    ("endStop", Steward, None),
    ("attachDocument", RegistrarOrSignatory, Some("party")),
    ("submitFeedback", Public, None),
    ("answerFeedback", Registrar, None),
    ("issueApiKey", Steward, None),
    ("revokeApiKey", Steward, None),
    ("rotateApiKey", Steward, None),
    // The acts tell for which districts.
    ("grantRole", Registrar, None),
    ("revokeGrant", RegistrarOrSignatory, None),
    ("delegateSigning", Signatory, Some("district")),
];

/// The input field with the district that a mutation is for.
pub fn district_field(mutation: &str) -> Option<&'static str> {
    MUTATION_RULES.iter().find(|(name, _, _)| *name == mutation).and_then(|(_, _, field)| *field)
}

/// Checks that the caller may do this for this district. Only the hierarchy of districts is looked up; an unknown
/// district is not the caller's.
pub fn authorize(
    viewer: &Viewer,
    mutation: &str,
    district: Option<DistrictCode>,
    snapshot: &Snapshot,
    today: Date,
) -> Result<(), Forbidden> {
    // A mutation without a row is forbidden.
    let row = MUTATION_RULES.iter().find(|(name, _, _)| *name == mutation);
    let &(mutation, requirement, named) = row.unwrap_or(&("this", Steward, Some("")));
    let is_theirs = match (named, district) {
        (None, _) => true,
        (Some(_), Some(district)) => viewer.districts(snapshot, today).contains(&district),
        (Some(_), None) => false,
    };
    let has = |role| viewer.roles.contains(&role);
    let allowed = match requirement {
        Public => true,
        Visible | Party | SignedIn => viewer.client.is_some(),
        Registrar => has(Role::Steward) || has(Role::Registrar) && is_theirs,
        Signatory => has(Role::Signatory) && is_theirs,
        RegistrarOrSignatory => has(Role::Steward) || (has(Role::Registrar) || has(Role::Signatory)) && is_theirs,
        Steward => has(Role::Steward) && row.is_some(),
    };
    let district = district.filter(|_| named.is_some());
    if allowed { Ok(()) } else { Err(Forbidden { mutation, requirement, district, holds: Holds::of(viewer) }) }
}

/// The refusal of a caller that lacks a requirement.
pub(crate) fn forbidden(
    viewer: &Viewer,
    mutation: &'static str,
    requirement: Requirement,
    district: Option<DistrictCode>,
) -> Forbidden {
    Forbidden { mutation, requirement, district, holds: Holds::of(viewer) }
}

impl Viewer {
    /// The districts that the caller acts for, with all their codes.
    pub fn districts(&self, snapshot: &Snapshot, today: Date) -> BTreeSet<DistrictCode> {
        self.district.map_or_else(BTreeSet::new, |district| snapshot.acts_for(district, self.extent, today))
    }

    /// Which records the caller may see.
    pub fn scope(&self, snapshot: &Snapshot, today: Date) -> Scope {
        if self.roles.contains(&Role::Steward) {
            return Scope::Steward;
        }
        // A credential without a role sees what is public.
        let districts = if self.roles.is_empty() { BTreeSet::new() } else { self.districts(snapshot, today) };
        if districts.is_empty() {
            Scope::Public
        } else if self.roles.iter().all(|role| *role == Role::Partner) {
            Scope::Partner(districts)
        } else {
            Scope::Districts(districts)
        }
    }
}

/// The caller may not do that: what it needs, and what it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forbidden {
    mutation: &'static str,
    requirement: Requirement,
    district: Option<DistrictCode>,
    holds: Holds,
}

/// The permissions of a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Holds {
    /// There was no credential.
    Nothing,
    Roles {
        roles: Vec<Role>,
        district: Option<DistrictCode>,
        extent: Extent,
    },
}

impl Holds {
    fn of(viewer: &Viewer) -> Self {
        if viewer.client.is_none() && viewer.roles.is_empty() {
            return Self::Nothing;
        }
        Self::Roles { roles: viewer.roles.clone(), district: viewer.district, extent: viewer.extent }
    }
}

impl Forbidden {
    /// What the caller lacks, in words for people.
    pub fn lack(&self) -> Message {
        let (zh, en) = match self.requirement {
            Public | Visible | Party | SignedIn => ("须先登录", "sign in first"),
            Registrar => ("须由该区域的经办人办理", "a registrar of the district does this"),
            Signatory => ("须由该区域的签发人办理", "a signatory of the district does this"),
            RegistrarOrSignatory => {
                ("须由该区域的经办人或签发人办理", "a registrar or a signatory of the district does this")
            }
            Steward => ("须由平台管理员办理", "a steward does this"),
        };
        match &self.holds {
            Holds::Roles { roles, .. } if !roles.is_empty() => {
                let labels = |locale| roles.iter().map(move |role| role.label(locale)).collect::<Vec<_>>();
                let (zh_roles, en_roles) = (labels(Locale::Zh).join("、"), labels(Locale::En).join(", "));
                Message::new(format!("{zh}；您现在的身份是{zh_roles}"), format!("{en}; you act as {en_roles}"))
            }
            Holds::Nothing | Holds::Roles { .. } => Message::new(zh, en),
        }
    }

    pub fn message(&self) -> Message {
        let who = match self.requirement {
            Public | Visible | Party | SignedIn => "持有凭证",
            Registrar => "经办人角色 REGISTRAR",
            Signatory => "签发人角色 SIGNATORY",
            RegistrarOrSignatory => "经办人或签发人角色 REGISTRAR、SIGNATORY",
            Steward => "平台管理员角色 STEWARD",
        };
        let district = self.district.map_or_else(String::new, |district| format!("（区域 {district}）"));
        let holds = match &self.holds {
            Holds::Nothing => "未提供凭证".to_owned(),
            Holds::Roles { roles, district, extent } => {
                let roles: Vec<&str> = roles.iter().map(|role| role.name()).collect();
                let roles = if roles.is_empty() {
                    "没有角色".to_owned()
                } else {
                    format!("的角色为 {}", roles.join("、"))
                };
                let district = match (district, extent) {
                    (None, _) => String::new(),
                    (Some(district), Extent::Itself) => format!("（区域 {district}）"),
                    (Some(district), Extent::Subtree) => format!("（区域 {district} 及其下辖）"),
                };
                format!("该凭证{roles}{district}")
            }
        };
        Message::new(format!("{} 需要{who}{district}；{holds}", self.mutation), self.to_string())
    }
}

impl std::error::Error for Forbidden {}

impl fmt::Display for Forbidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let who = match self.requirement {
            Public | Visible | Party | SignedIn => "a credential",
            Registrar => "the role REGISTRAR",
            Signatory => "the role SIGNATORY",
            RegistrarOrSignatory => "the role REGISTRAR or SIGNATORY",
            Steward => "the role STEWARD",
        };
        write!(f, "{} needs {who}", self.mutation)?;
        if let Some(district) = self.district {
            write!(f, " for district {district}")?;
        }
        match &self.holds {
            Holds::Nothing => f.write_str("; no credential was given"),
            Holds::Roles { roles, district, extent } => {
                let roles: Vec<&str> = roles.iter().map(|role| role.name()).collect();
                let roles = if roles.is_empty() { "no role".to_owned() } else { roles.join(", ") };
                write!(f, "; this credential has {roles}")?;
                match (district, extent) {
                    (None, _) => Ok(()),
                    (Some(district), Extent::Itself) => write!(f, " for district {district}"),
                    (Some(district), Extent::Subtree) => write!(f, " for district {district} and all below it"),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
