//! Who may: the one table of what everybody, a role or a party may be told and may do, and the function
//! that holds every mutation to it. A test compares the table with the schema, so nothing is left out.
//!
//! Being told is a matter of the record, too: what one may not see looks exactly like what does not exist
//! (`domain::visibility`). Doing is decided here before anything is looked up, so that a refusal tells nothing.

use std::collections::BTreeSet;
use std::fmt;

use catalogue::Snapshot;
use domain::visibility::Scope;
use domain::{Date, DistrictCode, Extent, Message, Role};

use crate::viewer::Viewer;

/// What one must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Nothing: it is published.
    Anybody,
    /// Somebody who may see the record; for all others there is none.
    SeesIt,
    /// Somebody who acts for one of its parties, or a steward.
    Party,
    /// Somebody with a credential.
    SignedIn,
    /// A registrar of the district that the act is for, or a steward.
    Registrar,
    /// A signatory of the district that the act is for. A steward is none.
    Signatory,
    /// A registrar or a signatory of the district that the act is for, or a steward.
    RegistrarOrSignatory,
    /// A steward.
    Steward,
}

use Need::{Anybody, Party, Registrar, RegistrarOrSignatory, SeesIt, Signatory, SignedIn, Steward};

/// What it takes to be told: the fields of an object, or a single field where it differs. Every field of
/// `Query` has a row of its own. Connections and edges show what their nodes show.
pub const TOLD: &[(&str, Need)] = &[
    ("Query.registry", Anybody),
    ("Query.viewer", Anybody),
    ("Query.vocabularies", Anybody),
    ("Vocabulary", Anybody),
    ("VocabularyValue", Anybody),
    ("Query.node", SeesIt),
    ("Query.nodeAsRecorded", SeesIt),
    ("Query.nodes", SeesIt),
    ("Query.district", Anybody),
    ("Query.districts", Anybody),
    ("Query.matter", Anybody),
    ("Query.matters", Anybody),
    ("Query.suggest", Anybody),
    ("Query.offering", Anybody),
    ("Query.offerings", Anybody),
    ("Query.availableMatters", Anybody),
    ("Query.handling", Anybody),
    ("Query.handlings", Anybody),
    ("Query.agreement", SeesIt),
    ("Query.agreements", SeesIt),
    ("Query.policies", Anybody),
    ("Query.changes", SeesIt),
    ("Query.findings", SeesIt),
    ("Query.coverage", Anybody),
    ("Registry", Anybody),
    ("RegistryCounts", Anybody),
    ("Limits", Anybody),
    ("Viewer", Anybody),
    ("District", Anybody),
    ("DatedCode", Anybody),
    ("Matter", Anybody),
    ("Offering", Anybody),
    ("Authority", Anybody),
    ("Material", Anybody),
    ("Window", Anybody),
    ("Policy", Anybody),
    ("Territory", Anybody),
    ("Provenance", Anybody),
    ("Handling", Anybody),
    ("AskedQuestion", Anybody),
    ("HandlingRoute", Anybody),
    ("Duty", Anybody),
    ("Reason", Anybody),
    ("FullOnlineTerms", Anybody),
    ("ProxyCollectionTerms", Anybody),
    ("MultiSiteJointTerms", Anybody),
    ("JointStep", Anybody),
    ("FoundName", Anybody),
    ("TextPart", Anybody),
    ("Suggestion", Anybody),
    ("AvailableMatterFacets", Anybody),
    ("ModeCount", Anybody),
    ("DomainCount", Anybody),
    ("AudienceCount", Anybody),
    ("CoverageCell", Anybody),
    ("Agreement", SeesIt),
    ("AgreementVersion", SeesIt),
    ("Party", SeesIt),
    ("SigningBody", SeesIt),
    ("Clause", SeesIt),
    ("ClauseChange", SeesIt),
    ("VersionChanges", SeesIt),
    ("FieldChange", SeesIt),
    ("PartyChange", SeesIt),
    ("Proposal", SeesIt),
    ("Rejection", SeesIt),
    ("Accession", SeesIt),
    ("Renewal", SeesIt),
    ("Task", SeesIt),
    ("Signature", SeesIt),
    ("Suspension", SeesIt),
    ("Notice", SeesIt),
    ("Document", SeesIt),
    ("Change", SeesIt),
    ("Finding", SeesIt),
    ("ApiKey", Steward),
    ("PageInfo", Anybody),
    ("Problem", Anybody),
];

/// What it takes to do something: the mutation, who may, and the field of its input that names the district
/// it is done for. Where there is none the role is asked here, and whose record it is once it is loaded.
pub const DONE: &[(&str, Need, Option<&str>)] = &[
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
    ("draftAgreement", Registrar, Some("proposer")),
    ("amendAgreement", Registrar, Some("proposer")),
    ("reviseDraft", Registrar, Some("proposer")),
    ("discardDraft", Registrar, None),
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
    ("attachDocument", RegistrarOrSignatory, Some("party")),
    ("issueApiKey", Steward, None),
    ("revokeApiKey", Steward, None),
];

/// The field of a mutation's input that names the district it is done for.
pub fn district_field(mutation: &str) -> Option<&'static str> {
    DONE.iter().find(|(name, _, _)| *name == mutation).and_then(|(_, _, field)| *field)
}

/// May the caller do this, for this district? Nothing is looked up but who stands under whom: a district
/// that nobody knows is simply not the caller's.
pub fn may(viewer: &Viewer, mutation: &str, district: Option<DistrictCode>, snapshot: &Snapshot, today: Date) -> Result<(), Forbidden> {
    // What has no row, nobody may.
    let row = DONE.iter().find(|(name, _, _)| *name == mutation);
    let &(mutation, need, named) = row.unwrap_or(&("this", Steward, Some("")));
    let is_theirs = match (named, district) {
        (None, _) => true,
        (Some(_), Some(district)) => viewer.districts(snapshot, today).contains(&district),
        (Some(_), None) => false,
    };
    let has = |role| viewer.roles.contains(&role);
    let allowed = match need {
        Anybody => true,
        SeesIt | Party | SignedIn => viewer.client.is_some(),
        Registrar => has(Role::Steward) || has(Role::Registrar) && is_theirs,
        Signatory => has(Role::Signatory) && is_theirs,
        RegistrarOrSignatory => has(Role::Steward) || (has(Role::Registrar) || has(Role::Signatory)) && is_theirs,
        Steward => has(Role::Steward) && row.is_some(),
    };
    let district = district.filter(|_| named.is_some());
    if allowed { Ok(()) } else { Err(Forbidden { mutation, need, district, holds: Holds::of(viewer) }) }
}

impl Viewer {
    /// The districts that the caller acts for, by every code that they may be named by.
    pub fn districts(&self, snapshot: &Snapshot, today: Date) -> BTreeSet<DistrictCode> {
        self.district.map_or_else(BTreeSet::new, |district| snapshot.acts_for(district, self.extent, today))
    }

    /// Which records the caller may see.
    pub fn scope(&self, snapshot: &Snapshot, today: Date) -> Scope {
        if self.roles.contains(&Role::Steward) {
            return Scope::Steward;
        }
        // Without a role a credential opens nothing that is not public.
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

/// The caller may not do that; said with what it would take, and what the caller has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forbidden {
    mutation: &'static str,
    need: Need,
    district: Option<DistrictCode>,
    holds: Holds,
}

/// What a credential allows.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Holds {
    /// There was none.
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
    /// The same in both languages.
    pub(crate) fn message(&self) -> Message {
        let who = match self.need {
            Anybody | SeesIt | Party | SignedIn => "持有凭证",
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
                let roles = if roles.is_empty() { "没有角色".to_owned() } else { format!("的角色为 {}", roles.join("、")) };
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
        let who = match self.need {
            Anybody | SeesIt | Party | SignedIn => "somebody with a credential",
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
mod tests {
    use std::collections::HashMap;

    use async_graphql::parser::parse_schema;
    use async_graphql::parser::types::{TypeKind, TypeSystemDefinition};
    use catalogue::Head;
    use chrono::DateTime;
    use domain::journal::Action;
    use domain::{Change, Digest, Record};
    use serde_json::{Value, json};

    use super::*;

    /// The fields of every object and input, with their types.
    fn schema() -> HashMap<String, HashMap<String, String>> {
        let document = parse_schema(crate::graphql::plain_sdl()).expect("the schema parses");
        let definitions = document.definitions.into_iter().filter_map(|definition| match definition {
            TypeSystemDefinition::Type(definition) => Some(definition.node),
            TypeSystemDefinition::Schema(_) | TypeSystemDefinition::Directive(_) => None,
        });
        let fields = definitions.filter_map(|definition| {
            let fields = match definition.kind {
                TypeKind::Object(object) => {
                    // A mutation is told by what it takes.
                    let is_mutation = definition.name.node == "Mutation";
                    let input =
                        |field: &async_graphql::parser::types::FieldDefinition| field.arguments.first().map(|input| input.node.ty.to_string());
                    let told = |field: &async_graphql::parser::types::FieldDefinition| {
                        if is_mutation { input(field).unwrap_or_default() } else { field.ty.to_string() }
                    };
                    object.fields.iter().map(|field| (field.node.name.to_string(), told(&field.node))).collect()
                }
                TypeKind::InputObject(input) => input.fields.iter().map(|field| (field.node.name.to_string(), field.node.ty.to_string())).collect(),
                TypeKind::Scalar | TypeKind::Interface(_) | TypeKind::Union(_) | TypeKind::Enum(_) => return None,
            };
            Some((definition.name.to_string(), fields))
        });
        fields.collect()
    }

    fn shows_its_nodes(name: &str) -> bool {
        name.ends_with("Connection") || name.ends_with("Edge")
    }

    #[test]
    fn everything_in_the_schema_has_a_row_and_every_row_something_in_the_schema() {
        let schema = schema();
        let rows: BTreeSet<&str> = TOLD.iter().map(|(name, _)| *name).collect();
        assert_eq!(rows.len(), TOLD.len(), "a row stands twice");
        let document = parse_schema(crate::graphql::plain_sdl()).expect("the schema parses");
        for definition in &document.definitions {
            let TypeSystemDefinition::Type(definition) = definition else { continue };
            let TypeKind::Object(object) = &definition.node.kind else { continue };
            let name = definition.node.name.node.as_str();
            if name == "Query" {
                for field in &object.fields {
                    let row = format!("Query.{}", field.node.name);
                    assert!(rows.contains(row.as_str()), "{row} has no row in permission.rs");
                }
            } else if name != "Mutation" && !name.ends_with("Payload") && !shows_its_nodes(name) {
                assert!(rows.contains(name), "{name} has no row in permission.rs");
            }
        }
        for row in rows {
            let (name, field) = row.split_once('.').map_or((row, None), |(name, field)| (name, Some(field)));
            let fields = schema.get(name).unwrap_or_else(|| panic!("{row} is not in the schema"));
            assert!(field.is_none_or(|field| fields.contains_key(field)), "{row} is not in the schema");
        }
    }

    #[test]
    fn every_mutation_has_a_row_that_names_the_field_of_its_district() {
        let schema = schema();
        let rows: HashMap<&str, Option<&str>> = DONE.iter().map(|(name, _, named)| (*name, *named)).collect();
        assert_eq!(rows.len(), DONE.len(), "a row stands twice");
        for row in rows.keys() {
            assert!(schema["Mutation"].contains_key(*row), "{row} is not in the schema");
        }
        for (mutation, input) in &schema["Mutation"] {
            let Some(named) = rows.get(mutation.as_str()) else { panic!("{mutation} has no row in permission.rs") };
            // Of several at once each names its district.
            let input = &schema[input.trim_matches(['[', ']', '!'])];
            if let Some(named) = named {
                assert_eq!(input.get(*named).map(String::as_str), Some("DistrictCode!"), "{mutation}: {named}");
            }
        }
    }

    /// 广东 over 广州 over 南沙; 旧区 was merged into 南沙; 上海 over 闵行.
    fn snapshot() -> Snapshot {
        let lines: [Value; 6] = [
            json!({ "code": "440000", "name": "广东省", "kind": "PROVINCE" }),
            json!({ "code": "440100", "name": "广州市", "kind": "PREFECTURE", "parent": "440000" }),
            json!({ "code": "440115", "name": "南沙区", "kind": "COUNTY", "parent": "440100", "codes": [{ "scheme": "GB/T 2260", "value": "440181" }] }),
            json!({ "code": "440199", "name": "旧区", "kind": "COUNTY", "retiredOn": "2020-01-01", "successors": ["440115"] }),
            json!({ "code": "310000", "name": "上海市", "kind": "PROVINCE" }),
            json!({ "code": "310112", "name": "闵行区", "kind": "COUNTY", "parent": "310000" }),
        ];
        let change = |(mut line, revision): (Value, u64)| {
            line["type"] = json!("district");
            let record = Record::from_line(&line.to_string()).expect("a district");
            Change {
                revision,
                recorded_at: DateTime::UNIX_EPOCH,
                actor: "test".to_owned(),
                on_behalf_of: None,
                kind: record.kind(),
                action: Action::Registered,
                record: revision,
                document: Some(record.line()),
                previous: Digest::GENESIS,
                digest: Digest::GENESIS,
            }
        };
        let changes: Vec<Change> = lines.into_iter().zip(1..).map(change).collect();
        let head = Head { epoch: "test".to_owned(), revision: 0, digest: Digest::GENESIS, recorded_at: DateTime::UNIX_EPOCH };
        Snapshot::empty(head).apply(&changes).expect("every reference resolves")
    }

    fn today() -> Date {
        Date::from_ymd_opt(2026, 10, 1).expect("a day")
    }

    fn code(code: &str) -> DistrictCode {
        code.parse().expect("a code")
    }

    fn with(roles: &[Role], district: Option<&str>, extent: Extent) -> Viewer {
        let district = district.map(code);
        Viewer { client: Some("key_1".to_owned()), name: Some("一把钥匙".to_owned()), roles: roles.to_vec(), district, extent }
    }

    #[test]
    fn a_role_reaches_as_far_as_its_district() {
        let snapshot = snapshot();
        let is_allowed = |viewer: &Viewer, mutation, district: Option<&str>| may(viewer, mutation, district.map(code), &snapshot, today()).is_ok();
        let own = with(&[Role::Registrar], Some("440115"), Extent::Itself);
        for (district, expected) in
            [("440115", true), ("440115000000", true), ("440181", true), ("440199", true), ("440100", false), ("310112", false), ("999999", false)]
        {
            assert_eq!(is_allowed(&own, "draftAgreement", Some(district)), expected, "{district}");
        }
        let province = with(&[Role::Signatory], Some("440000"), Extent::Subtree);
        for (district, expected) in [("440000", true), ("440100", true), ("440115", true), ("440199", true), ("310112", false)] {
            assert_eq!(is_allowed(&province, "signVersion", Some(district)), expected, "{district}");
        }
        assert!(!is_allowed(&with(&[Role::Signatory], Some("440000"), Extent::Itself), "signVersion", Some("440115")));
        // Who worked for a district that is no more does not thereby work for the one that it became part of.
        let former = with(&[Role::Registrar], Some("440199"), Extent::Subtree);
        assert!(!is_allowed(&former, "draftAgreement", Some("440115")) && !is_allowed(&former, "draftAgreement", Some("440199")));
        assert!(!is_allowed(&with(&[Role::Registrar], None, Extent::Itself), "draftAgreement", Some("440115")));
        assert!(is_allowed(&own, "discardDraft", None) && !is_allowed(&own, "draftAgreement", None));
    }

    #[test]
    fn a_steward_registers_for_anyone_and_binds_nobody() {
        let snapshot = snapshot();
        let may = |viewer: &Viewer, mutation, district| may(viewer, mutation, Some(code(district)), &snapshot, today()).is_ok();
        let steward = with(&[Role::Steward], None, Extent::Itself);
        for (mutation, need, _) in DONE {
            assert_eq!(may(&steward, mutation, "999999"), *need != Signatory, "{mutation}");
        }
        assert!(!may(&with(&[Role::Steward], Some("440115"), Extent::Itself), "signVersion", "440115"));
        let both = with(&[Role::Steward, Role::Signatory], Some("440115"), Extent::Itself);
        assert!(may(&both, "signVersion", "440115") && !may(&both, "signVersion", "310112"));
        assert!(!may(&both, "abolishEverything", "440115"));
    }

    #[test]
    fn a_refusal_says_what_it_takes_and_what_there_is() {
        let snapshot = snapshot();
        let said = |viewer: &Viewer, mutation, district: Option<&str>| {
            may(viewer, mutation, district.map(code), &snapshot, today()).expect_err("it is forbidden").to_string()
        };
        let registrar = with(&[Role::Registrar], Some("440100"), Extent::Subtree);
        assert_eq!(
            said(&registrar, "signVersion", Some("310112")),
            "signVersion needs the role SIGNATORY for district 310112; this credential has REGISTRAR for district 440100 and all below it"
        );
        assert_eq!(said(&Viewer::default(), "voidAgreement", None), "voidAgreement needs the role STEWARD; no credential was given");
        assert_eq!(
            said(&with(&[], None, Extent::Itself), "discardDraft", None),
            "discardDraft needs the role REGISTRAR; this credential has no role"
        );
    }

    #[test]
    fn the_scope_of_a_caller_is_the_districts_that_it_acts_for() {
        let snapshot = snapshot();
        let scope = |viewer: &Viewer| viewer.scope(&snapshot, today());
        assert_eq!(scope(&Viewer::default()), Scope::Public);
        assert_eq!(scope(&with(&[Role::Partner], None, Extent::Itself)), Scope::Public);
        assert_eq!(scope(&with(&[], Some("440115"), Extent::Itself)), Scope::Public);
        assert_eq!(scope(&with(&[Role::Partner], Some("999999"), Extent::Subtree)), Scope::Public);
        assert_eq!(scope(&with(&[Role::Steward], Some("440115"), Extent::Itself)), Scope::Steward);
        let districts = |codes: &[&str]| Scope::Districts(codes.iter().map(|district| code(district)).collect());
        let partner = |codes: &[&str]| Scope::Partner(codes.iter().map(|district| code(district)).collect());
        assert_eq!(scope(&with(&[Role::Partner], Some("440181"), Extent::Itself)), partner(&["440115", "440181", "440199"]));
        // With another role the wider scope applies.
        assert_eq!(scope(&with(&[Role::Partner, Role::Registrar], Some("440181"), Extent::Itself)), districts(&["440115", "440181", "440199"]));
        assert_eq!(scope(&with(&[Role::Registrar], Some("310000"), Extent::Subtree)), districts(&["310000", "310112"]));
    }
}
