//! The page at `/`: which one it is depends on the two districts.

use maud::Markup;

use super::partners::Role;
use super::side::Side;
use super::visit::Visit;
use super::{choice, list, partners, start};

pub(crate) fn page(visit: &Visit) -> Markup {
    match (&visit.receiving, &visit.competent) {
        (Side::Known(receiving), Side::Known(competent)) => list::list(visit, receiving, competent),
        (Side::Open, Side::Open) => start::start(visit),
        (Side::Known(district), Side::Open) => partners::partners(visit, district, Role::Receiving),
        (Side::Open, Side::Known(district)) => partners::partners(visit, district, Role::Competent),
        _ => choice::choose(visit),
    }
}

/// The cost of the page in addition to that of other pages, in points. The matters of each partner are counted, as
/// `PartnerEdge.mattersIn` counts them for the same price.
pub(crate) fn additional_cost(visit: &Visit) -> u64 {
    match (&visit.receiving, &visit.competent) {
        (Side::Known(district), Side::Open) | (Side::Open, Side::Known(district)) => {
            visit.context.snapshot.partners(district.code, visit.on()).len() as u64
        }
        _ => 0,
    }
}
