//! Which fields are written as JSON directly: for the test that compares them with the same fields resolved by
//! async-graphql.

use async_graphql::OutputType;

use crate::agreement::accession::Accession;
use crate::agreement::effect::{EffectCell, EffectConnection, EffectEdge};
use crate::agreement::notice::Notice;
use crate::agreement::office::{BodyConfirmation, Consultation, DraftApproval, Remark, Reminder};
use crate::agreement::party::{Party, PartyConnection, PartyEdge, SigningBody};
use crate::agreement::proposal::{Proposal, Rejection, RejectionConnection, RejectionEdge};
use crate::agreement::renewal::Renewal;
use crate::agreement::signature::{Signature, SignatureConnection, SignatureEdge};
use crate::agreement::suspension::{StopScope, Suspension};
use crate::agreement::version::{AgreementVersion, AgreementVersionConnection, AgreementVersionEdge};
use crate::agreement::{Agreement, AgreementConnection, AgreementEdge};
use crate::api_key::{ApiKey, ApiKeyConnection, ApiKeyEdge};
use crate::availability::AvailableMatterEdge;
use crate::clause::{Clause, ClauseConnection, ClauseEdge, Territory};
use crate::connection::page::PageInfo;
use crate::district::{DatedCode, District, DistrictConnection, DistrictEdge, Provenance};
use crate::document::Document;
use crate::engine::direct_json::WriteJson;
use crate::finding::{Finding, FindingConnection, FindingEdge};
use crate::found_name::{FoundName, TextPart};
use crate::handling::route::HandlingRoute;
use crate::matter::{ExternalCode, Matter, MatterConnection, MatterEdge};
use crate::offering::{Offering, OfferingConnection, OfferingEdge};
use crate::offering_part::{Authority, FormFile, Material, Question};
use crate::person::{Grant, Person, PersonConnection, PersonEdge};
use crate::policy::{Policy, PolicyConnection, PolicyEdge};
use crate::task::{Task, TaskConnection, TaskEdge};
use crate::window::{Opening, Window, WindowConnection, WindowEdge};

/// The names of these fields, by the name of their object.
pub fn direct_fields() -> Vec<(String, &'static [&'static str])> {
    macro_rules! of_objects {
        ($($object:ty),* $(,)?) => { vec![$((<$object as OutputType>::type_name().into_owned(), <$object as WriteJson>::FIELDS)),*] };
    }
    of_objects![
        Accession,
        Agreement,
        AgreementConnection,
        AgreementEdge,
        AgreementVersion,
        AgreementVersionConnection,
        AgreementVersionEdge,
        ApiKey,
        ApiKeyConnection,
        ApiKeyEdge,
        Authority,
        AvailableMatterEdge,
        BodyConfirmation,
        Clause,
        ClauseConnection,
        ClauseEdge,
        Consultation,
        DatedCode,
        District,
        DistrictConnection,
        DistrictEdge,
        Document,
        DraftApproval,
        EffectCell,
        EffectConnection,
        EffectEdge,
        ExternalCode,
        Finding,
        FindingConnection,
        FindingEdge,
        FormFile,
        FoundName,
        Grant,
        HandlingRoute,
        Material,
        Matter,
        MatterConnection,
        MatterEdge,
        Notice,
        Offering,
        OfferingConnection,
        OfferingEdge,
        Opening,
        PageInfo,
        Party,
        PartyConnection,
        PartyEdge,
        Person,
        PersonConnection,
        PersonEdge,
        Policy,
        PolicyConnection,
        PolicyEdge,
        Proposal,
        Provenance,
        Question,
        Rejection,
        RejectionConnection,
        RejectionEdge,
        Remark,
        Reminder,
        Renewal,
        Signature,
        SignatureConnection,
        SignatureEdge,
        SigningBody,
        StopScope,
        Suspension,
        Task,
        TaskConnection,
        TaskEdge,
        Territory,
        TextPart,
        Window,
        WindowConnection,
        WindowEdge,
    ]
}
