//! What to do after a yes: apply online, make an appointment, call.

use catalogue::Route;
use domain::{Locale, Terms};
use maud::{Markup, html};
use registry::presentation::{Presentation, RoutePresentation, Say as _, district_name};

use crate::visit::Visit;

/// A link with its label.
struct Step {
    address: String,
    label: String,
    is_outside: bool,
}

/// The buttons beside a yes; the first is the primary one.
pub(crate) fn steps(visit: &Visit, presented: &Presentation) -> Markup {
    let locale = visit.locale;
    let routes = || presented.handling.routes.iter().zip(&presented.routes);
    let online = routes().find_map(|(route, details)| online(route, details)).map(|address| Step {
        address,
        label: locale.say("去网上办理", "Apply online").to_owned(),
        is_outside: true,
    });
    let windows = || presented.handling.routes.iter().flat_map(|route| &route.windows);
    let appointment = windows().find_map(|window| window.appointment_url.clone()).map(|address| Step {
        address: address.into(),
        label: locale.say("预约", "Make an appointment").to_owned(),
        is_outside: true,
    });
    let steps: Vec<Step> = [online, appointment, call(presented, locale)].into_iter().flatten().collect();
    html! {
        @if !steps.is_empty() {
            p class="remedies" {
                @for (at, step) in steps.iter().enumerate() {
                    @if step.is_outside {
                        a class={ "button outside" @if at > 0 { " quiet" } } href=(step.address) rel="external noopener noreferrer" { (step.label) }
                    } @else {
                        a class={ "button" @if at > 0 { " quiet" } } href=(step.address) { (step.label) }
                    }
                    " "
                }
            }
        }
    }
}

/// The address of the application, where it is made online.
fn online(route: &Route, details: &RoutePresentation) -> Option<String> {
    let Terms::FullOnline(terms) = route.terms() else { return None };
    let of_guide = || details.offerings.iter().find_map(|offering| offering.url.clone());
    terms.url.as_deref().map(str::to_owned).or_else(of_guide)
}

/// Whom to call: the window, else the competent district's office, else the receiving district's service line.
fn call(presented: &Presentation, locale: Locale) -> Option<Step> {
    let routes = || presented.handling.routes.iter().zip(&presented.routes);
    let window = routes().flat_map(|(route, _)| &route.windows).find_map(|window| {
        let phone = window.phone.as_deref()?;
        Some((phone.to_owned(), window.name.to_string()))
    });
    let office = || {
        routes().find_map(|(route, details)| {
            let phone = details.offerings.iter().find_map(|offering| offering.consult_phone.clone())?;
            Some((phone, district_name(&route.competent, locale).to_owned()))
        })
    };
    let line = || {
        routes().find_map(|(route, _)| {
            let sides = [&route.receiving, &route.competent];
            sides
                .into_iter()
                .find_map(|side| Some((side.hotline.as_deref()?.to_owned(), district_name(side, locale).to_owned())))
        })
    };
    let (phone, whose) = window.or_else(office).or_else(line)?;
    let digits: String = phone.chars().filter(|character| character.is_ascii_digit() || *character == '+').collect();
    let label = match locale {
        Locale::Zh => format!("打电话 {phone}（{whose}）"),
        Locale::En => format!("Call {phone} ({whose})"),
    };
    (digits.len() >= 3).then(|| Step { address: format!("tel:{digits}"), label, is_outside: false })
}
