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
