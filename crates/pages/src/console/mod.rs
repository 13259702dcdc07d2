//! The console for registrars, signatories and stewards: which page answers which address. A page reads the snapshot as
//! its caller may see it, and every form runs an act of the registry: nothing can be done here that the API cannot do.

mod act;
mod agreement;
mod agreements;
mod catalogue;
mod change;
mod draft;
mod effect;
mod feedback;
mod field;
mod find;
mod findings;
mod form;
mod home;
mod journal;
mod keep;
mod keys;
mod list;
mod names;
mod new;
mod people;
mod records;
mod refusal;
mod remap;
mod scope;
mod settings;
pub mod sign_in;
mod status;
mod stops;
mod task;
mod tasks;
mod token;
mod trouble;
mod workspace;

use domain::Message;
use domain::import::Kind;
use maud::html;
use registry::presentation::Say as _;

use crate::request::PageRequest;
use crate::response::PageResponse;
use crate::view::{VIEW, View};
use crate::visit::Visit;
use workspace::Workspace;

/// A page of the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    Home,
    Keys,
    People,
    Tasks,
    Findings,
    Journal,
    Status,
    Settings,
    Agreement,
    Suspension,
    Notice,
    Confirmation,
    Accession,
    Renewal,
    Document,
    Version,
    Sign,
    Receipt,
    Difference,
    Withdrawal,
    Agreements,
    NewAgreement,
    DraftParties,
    DraftTerms,
    DraftSchedule,
    DraftImport,
    DraftCheck,
    Office,
    Stops,
    CatalogueDistricts,
    CatalogueMatters,
    CataloguePolicies,
    Offerings,
    Offering,
    OfferingSheet,
    OfferingExport,
    Windows,
    Window,
    WindowSheet,
    WindowExport,
    Feedback,
}

/// The pages by the patterns of their paths. Each is read by GET, and takes its forms by POST.
pub const PAGES: &[(&str, Page)] = &[
    ("/console", Page::Home),
    ("/console/keys", Page::Keys),
    ("/console/people", Page::People),
    ("/console/tasks", Page::Tasks),
    ("/console/findings", Page::Findings),
    ("/console/journal", Page::Journal),
    ("/console/status", Page::Status),
    ("/console/settings", Page::Settings),
    ("/console/agreements/{number}", Page::Agreement),
    ("/console/agreements/{number}/suspend", Page::Suspension),
    ("/console/agreements/{number}/notice", Page::Notice),
    ("/console/agreements/{number}/confirm", Page::Confirmation),
    ("/console/agreements/{number}/accession", Page::Accession),
    ("/console/agreements/{number}/renewal", Page::Renewal),
    ("/console/agreements/{number}/documents/{id}", Page::Document),
    ("/console/agreements/{number}/versions/{version}", Page::Version),
    ("/console/agreements/{number}/versions/{version}/sign", Page::Sign),
    ("/console/agreements/{number}/versions/{version}/receipt", Page::Receipt),
    ("/console/agreements/{number}/versions/{version}/diff", Page::Difference),
    ("/console/agreements/{number}/versions/{version}/withdraw", Page::Withdrawal),
    ("/console/agreements", Page::Agreements),
    ("/console/agreements/new", Page::NewAgreement),
    ("/console/agreements/{number}/draft/parties", Page::DraftParties),
    ("/console/agreements/{number}/draft/terms", Page::DraftTerms),
    ("/console/agreements/{number}/draft/schedule", Page::DraftSchedule),
    ("/console/agreements/{number}/draft/schedule/import", Page::DraftImport),
    ("/console/agreements/{number}/draft/check", Page::DraftCheck),
    ("/console/agreements/{number}/versions/{version}/office", Page::Office),
    ("/console/stops", Page::Stops),
    ("/console/catalogue/districts", Page::CatalogueDistricts),
    ("/console/catalogue/matters", Page::CatalogueMatters),
    ("/console/catalogue/policies", Page::CataloguePolicies),
    ("/console/offerings", Page::Offerings),
    ("/console/offerings/sheet", Page::OfferingSheet),
    ("/console/offerings/export.xlsx", Page::OfferingExport),
    ("/console/offerings/{code}", Page::Offering),
    ("/console/windows", Page::Windows),
    ("/console/windows/sheet", Page::WindowSheet),
    ("/console/windows/export.xlsx", Page::WindowExport),
    ("/console/windows/{id}", Page::Window),
    ("/console/feedback", Page::Feedback),
];

/// The answer of a page, for a caller who has signed in.
pub async fn answer(page: Page, request: PageRequest) -> PageResponse {
    let visit = Visit::new(request);
    // A switch of the view leads back to the same page.
    if let (None, Some(view)) = (&visit.submission, View::named(visit.address.get(VIEW))) {
        return PageResponse::switch(view, visit.address.clone().without(VIEW).text());
    }
    match page {
        Page::Home => home::answer(&visit).await,
        Page::Keys => keys::answer(&visit).await,
        Page::People => people::answer(&visit).await,
        Page::Tasks => tasks::answer(&visit).await,
        Page::Findings => findings::answer(&visit).await,
        Page::Journal => journal::answer(&visit).await,
        Page::Status => status::answer(&visit).await,
        Page::Settings => settings::answer(&visit),
        Page::Agreement => agreement::answer(&visit).await,
        Page::Suspension => agreement::suspension::answer(&visit).await,
        Page::Notice => agreement::notice::answer(&visit).await,
        Page::Confirmation => agreement::confirmation::answer(&visit).await,
        Page::Accession => agreement::accession::answer(&visit).await,
        Page::Renewal => agreement::renewal::answer(&visit).await,
        Page::Document => agreement::documents::download(&visit).await,
        Page::Version => agreement::version::answer(&visit).await,
        Page::Sign => agreement::sign::answer(&visit).await,
        Page::Receipt => agreement::receipt::answer(&visit).await,
        Page::Difference => agreement::difference::answer(&visit),
        Page::Withdrawal => agreement::withdrawal::answer(&visit).await,
        Page::Agreements => agreements::answer(&visit),
        Page::NewAgreement => new::answer(&visit).await,
        Page::DraftParties => draft::parties::answer(&visit).await,
        Page::DraftTerms => draft::terms::answer(&visit).await,
        Page::DraftSchedule => draft::schedule::page::answer(&visit).await,
        Page::DraftImport => draft::schedule::import::answer(&visit).await,
        Page::DraftCheck => draft::check::answer(&visit).await,
        Page::Office => agreement::office::answer(&visit).await,
        Page::Stops => stops::answer(&visit).await,
        Page::CatalogueDistricts => catalogue::districts::answer(&visit).await,
        Page::CatalogueMatters => catalogue::matters::answer(&visit).await,
        Page::CataloguePolicies => catalogue::policies::answer(&visit).await,
        Page::Offerings => records::offerings::answer(&visit).await,
        Page::Offering => records::offering::answer(&visit).await,
        Page::OfferingSheet => records::sheet::answer(&visit, Kind::Offering).await,
        Page::OfferingExport => records::sheet::export(&visit, Kind::Offering).await,
        Page::Windows => records::windows::answer(&visit),
        Page::Window => records::window::answer(&visit).await,
        Page::WindowSheet => records::sheet::answer(&visit, Kind::Window).await,
        Page::WindowExport => records::sheet::export(&visit, Kind::Window).await,
        Page::Feedback => feedback::answer(&visit).await,
    }
}

/// The page for a form that did not come from this session: nothing was done.
pub fn forged(request: PageRequest) -> PageResponse {
    let visit = Visit::unresolved(request);
    let locale = visit.locale;
    let title = Message::new("请再提交一次", "Submit it once more");
    let content = html! {
        p class="lead" {
            (locale.say(
                "表单不是在这次登录中打开的，所以没有执行。请核对后再提交。",
                "The form was not opened in this session, so nothing was done. Check it, then submit it again.",
            ))
        }
        (keep::resubmit(&visit))
    };
    Workspace::new(&visit, title.text(locale)).response(403, &content)
}
