//! What search engines read: which addresses to leave alone, and which there are.

use std::fmt::Write as _;

use catalogue::{AgreementFilter, MatterFilter, Order, Slice};
use domain::Scope;

use crate::response::PageResponse;
use crate::visit::Visit;
use crate::xml::escaped;

/// A site map has at most 50,000 addresses.
const MAX_ADDRESSES: usize = 50_000;

/// The addresses that cost one point.
const ADDRESSES_PER_POINT: usize = 20;

const PAGES: [&str; 10] = [
    "/",
    "/matters",
    "/districts",
    "/agreements",
    "/policies",
    "/notices",
    "/network",
    "/help",
    "/developers",
    "/about",
];

/// Searches have no end, so they are left alone.
pub(crate) fn robots(visit: &Visit) -> PageResponse {
    let base = &visit.context.public_url;
    let text = format!(
        "User-agent: *\nDisallow: /*?\nDisallow: /between/\nDisallow: /graphql\nDisallow: /export\nDisallow: /documents/\n\nSitemap: {base}/sitemap.xml\n"
    );
    PageResponse::text("text/plain; charset=utf-8", text)
}

pub(crate) fn sitemap(visit: &Visit) -> PageResponse {
    let snapshot = &visit.context.snapshot;
    let matters = snapshot.list_matters(&MatterFilter::default(), &Slice::all(Order::Code));
    let everything = AgreementFilter { on: visit.on(), ..AgreementFilter::default() };
    let agreements = snapshot.list_agreements(&everything, &Scope::Public);
    let addresses: Vec<String> = PAGES
        .iter()
        .map(|path| (*path).to_owned())
        .chain(snapshot.list_policies(None).iter().map(|listed| format!("/policy/{}", listed.item.id)))
        .chain(matters.items().map(|matter| format!("/matter/{}", matter.code)))
        .chain(agreements.iter().map(|listed| format!("/agreement/{}", listed.item.number)))
        .take(MAX_ADDRESSES)
        .collect();
    let base = escaped(&visit.context.public_url);
    let mut map =
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n"
            .to_owned();
    for address in &addresses {
        let _ = writeln!(map, "<url><loc>{base}{address}</loc></url>");
    }
    map += "</urlset>\n";
    PageResponse::text("application/xml; charset=utf-8", map).costing((addresses.len() / ADDRESSES_PER_POINT) as u64)
}
