//! Differences between two versions of an agreement.

use async_graphql::{Context, Json, Object, SimpleObject};
use domain::agreement::diff::{self, Field};
use domain::{DistrictCode, Locale as Language, MatterCode};
use exchange::header::field::Field as RowField;
use registry::error::Error;
use registry::request_context::RequestContext;

use super::party::Party;
use super::version::AgreementVersion;
use crate::clause::Clause;
use crate::context::{language, request_context};
use crate::district::District;
use crate::enums::agreement::DifferenceKind;
use crate::enums::caller::Locale;
use crate::matter::Matter;

/// A clause that differs between two versions.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct ClauseChange {
    /// The key of the clause.
    pub(super) key: String,
    /// The kind of difference.
    pub(super) kind: DifferenceKind,
    /// The names of the parts that differ: `receiving`, `competent`, `matters`, `mode`, `modeLabel`, `terms`, `batch`,
    /// `validFrom`, `validTo`. Empty for a clause that was added or removed.
    pub(super) changed: Vec<String>,
    /// The clause in the earlier version. Null when it was added.
    pub(super) before: Option<Clause>,
    /// The clause in the later version. Null when it was removed.
    pub(super) after: Option<Clause>,
    /// Receiving parties that only the later version names.
    pub(super) added_receiving: Vec<District>,
    /// Receiving parties that only the earlier version names.
    pub(super) removed_receiving: Vec<District>,
    /// Competent parties that only the later version names.
    pub(super) added_competent: Vec<District>,
    /// Competent parties that only the earlier version names.
    pub(super) removed_competent: Vec<District>,
    /// Matters that only the later version contains.
    pub(super) added_matters: Vec<Matter>,
    /// Matters that only the earlier version contains.
    pub(super) removed_matters: Vec<Matter>,
}

/// The differences between two versions, apart from the schedule.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct VersionChanges {
    /// The fields that differ.
    pub(super) fields: Vec<FieldChange>,
    /// The parties that were added or removed, or whose extent changed.
    pub(super) parties: Vec<PartyChange>,
}

/// A field that differs.
#[derive(Debug)]
pub struct FieldChange {
    pub(crate) field: ChangedField,
    pub(crate) before: Option<Json<serde_json::Value>>,
    pub(crate) after: Option<Json<serde_json::Value>>,
}

/// The field of a version, of a row of a list for a schedule, or of a record.
#[derive(Debug, Clone)]
pub(crate) enum ChangedField {
    Version(Field),
    Row(RowField),
    Record(String),
}

impl ChangedField {
    fn name(&self) -> &str {
        match self {
            Self::Version(field) => field.name(),
            Self::Row(field) => field.name(),
            Self::Record(field) => field,
        }
    }

    fn label(&self, locale: Language) -> &str {
        match self {
            Self::Version(field) => field.label(locale),
            Self::Row(field) => field.label(locale),
            Self::Record(field) => match locale {
                Language::Zh => exchange::record::column::label(field).unwrap_or(field),
                Language::En => field,
            },
        }
    }
}

/// A field that differs between two versions, or between a draft and a row of an imported list.
#[Object(serial)]
impl FieldChange {
    /// The name of the field, as in the inputs, such as `title` or `effectiveTo`. More may be added: clients need a
    /// fallback.
    async fn field(&self) -> &str {
        self.field.name()
    }

    /// The label of the field.
    async fn label(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The language of the text. Default: the first language of the `Accept-Language` header that the registry has, else Chinese."
        )]
        locale: Option<Locale>,
    ) -> &str {
        self.field.label(language(request_context(ctx), locale))
    }

    /// The value in the earlier version, as in the inputs. Null when it is not stated.
    async fn before(&self) -> &Option<Json<serde_json::Value>> {
        &self.before
    }

    /// The value in the later version, as in the inputs. Null when it is not stated.
    async fn after(&self) -> &Option<Json<serde_json::Value>> {
        &self.after
    }
}

/// A party that differs between two versions.
#[derive(Debug, SimpleObject)]
#[graphql(serial)]
pub struct PartyChange {
    /// The district.
    pub(super) district: District,
    /// The kind of difference.
    pub(super) kind: DifferenceKind,
    /// The party in the earlier version. Null when it was added.
    pub(super) before: Option<Party>,
    /// The party in the later version. Null when it was removed.
    pub(super) after: Option<Party>,
}

impl AgreementVersion {
    /// The version to compare with: the requested one, else the base, else the one before.
    pub(super) fn compared_with(&self, from: Option<i32>) -> Result<Option<Self>, Error> {
        if let Some(from) = from {
            let request = u32::try_from(from).ok().and_then(|number| Self::numbered(&self.agreement, number));
            return request.map(Some).ok_or_else(|| {
                Error::bad_input(
                    "from",
                    domain::Message::new(
                        format!("协议没有第 {from} 版"),
                        format!("the agreement has no version {from}"),
                    ),
                )
            });
        }
        // The caller may not be allowed to see the base, a proposal.
        let base = self.of().base_version.and_then(|base| Self::numbered(&self.agreement, base));
        let before = self.version.checked_sub(1).map(|version| Self { agreement: self.agreement.clone(), version });
        Ok(base.or(before))
    }

    pub(super) fn clause(&self, key: &str) -> Option<Clause> {
        let clause = self.of().schedule.iter().position(|clause| *clause.key == *key)?;
        Some(Clause::Agreement { agreement: self.agreement.clone(), version: self.version, clause })
    }

    pub(super) fn party(&self, code: DistrictCode) -> Option<Party> {
        let party = self.of().parties.iter().position(|party| party.district == code)?;
        Some(Party { version: self.clone(), party })
    }

    /// A field as the line of the version contains it.
    pub(super) fn written(&self, field: Field) -> Option<Json<serde_json::Value>> {
        // A line leaves default values out.
        if field == Field::ObjectionDays {
            return Some(Json(self.of().objection_days.into()));
        }
        let mut line = serde_json::to_value(self.of()).ok()?;
        line.get_mut(field.name()).map(|value| Json(value.take()))
    }
}

impl AgreementVersion {
    /// The clauses that differ from another version.
    pub(super) fn clause_changes(
        &self,
        request: &RequestContext,
        from: Option<i32>,
    ) -> Result<Vec<ClauseChange>, Error> {
        let base = self.compared_with(from)?;
        let matters =
            |codes: &[MatterCode]| codes.iter().map(|code| Matter::named(request, *code)).collect::<Result<_, Error>>();
        let districts = |codes: &[DistrictCode]| {
            codes.iter().map(|code| District::named(request, *code)).collect::<Result<_, Error>>()
        };
        let change = |change: diff::ClauseChange<'_>| {
            Ok(ClauseChange {
                key: change.key.to_owned(),
                kind: change.edit.kind().into(),
                changed: change.parts.iter().map(|part| part.name().to_owned()).collect(),
                before: base
                    .as_ref()
                    .filter(|_| change.edit.before().is_some())
                    .and_then(|base| base.clause(change.key)),
                after: self.clause(change.key).filter(|_| change.edit.after().is_some()),
                added_matters: matters(&change.added_matters)?,
                removed_matters: matters(&change.removed_matters)?,
                added_receiving: districts(&change.added_receiving)?,
                removed_receiving: districts(&change.removed_receiving)?,
                added_competent: districts(&change.added_competent)?,
                removed_competent: districts(&change.removed_competent)?,
            })
        };
        diff::difference(base.as_ref().map(Self::of), self.of()).clauses.into_iter().map(change).collect()
    }

    /// The fields and parties that differ from another version.
    pub(super) fn other_changes(&self, request: &RequestContext, from: Option<i32>) -> Result<VersionChanges, Error> {
        let base = self.compared_with(from)?;
        let difference = diff::difference(base.as_ref().map(Self::of), self.of());
        let field = |field: Field| FieldChange {
            field: ChangedField::Version(field),
            before: base.as_ref().and_then(|base| base.written(field)),
            after: self.written(field),
        };
        let party = |edit: diff::Edit<'_, domain::Party>| {
            let (before, after) = (edit.before(), edit.after());
            let code = after.or(before).map(|party| party.district);
            let code = code
                .ok_or_else(|| Error::Internal("a party that differs was there before, or is there now".to_owned()))?;
            Ok(PartyChange {
                district: District::named(request, code)?,
                kind: edit.kind().into(),
                before: before.and_then(|_| base.as_ref()?.party(code)),
                after: after.and_then(|_| self.party(code)),
            })
        };
        Ok(VersionChanges {
            fields: difference.fields.into_iter().map(field).collect(),
            parties: difference.parties.into_iter().map(party).collect::<Result<_, Error>>()?,
        })
    }
}
