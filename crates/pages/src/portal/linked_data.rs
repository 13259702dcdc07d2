//! A matter as search engines read it: schema.org `GovernmentService` in JSON-LD.

use domain::Matter;
use maud::{Markup, PreEscaped, html};
use serde_json::json;

pub(crate) fn service(matter: &Matter) -> Markup {
    let mut service = json!({
        "@context": "https://schema.org",
        "@type": "GovernmentService",
        "name": matter.name,
        "alternateName": matter.aliases,
        "identifier": matter.code.as_str(),
        "serviceType": matter.domain.label(domain::Locale::Zh),
    });
    if let Some(department) = &matter.lead_department {
        service["provider"] = json!({ "@type": "GovernmentOrganization", "name": department });
    }
    // A text of the record must not end the script.
    let data = service.to_string().replace('<', "\\u003c");
    html! { script type="application/ld+json" { (PreEscaped(data)) } }
}
