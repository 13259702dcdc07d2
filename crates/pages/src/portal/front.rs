//! The page at `/`: which one it is depends on the two districts.

use domain::{District, DistrictCode, Message};

use super::partners::Role;
use super::{choice, fault, list, partners, start};
use crate::link::MATTERS;
use crate::response::PageResponse;
use crate::side::Side;
use crate::visit::Visit;

pub(crate) fn answer(visit: &Visit, query: &str) -> PageResponse {
    if let Some(address) = visit.canonical_address("/", query) {
        return PageResponse::redirect(address);
    }
    // Words without two districts are looked up among all matters.
    let (receiving, competent) = visit.districts();
    if !visit.link.search.is_empty() && visit.status() == 200 && (receiving.is_none() || competent.is_none()) {
        let is_open = |side: &Side| matches!(side, Side::Open | Side::Known(_));
        if is_open(&visit.receiving) && is_open(&visit.competent) {
            return PageResponse::redirect(visit.link.address(MATTERS));
        }
    }
    // The matters of each partner are counted, as `PartnerEdge.mattersIn` counts them for the same price; the best route
    // of each listed matter is computed.
    let partners = |district: &District| visit.context.snapshot.partners(district.code, visit.on()).len() as u64;
    let (page, additional_cost) = match (&visit.receiving, &visit.competent) {
        (Side::Known(receiving), Side::Known(competent)) => {
            (list::list(visit, receiving, competent), visit.link.show.unwrap_or(list::PAGE_SIZE) as u64)
        }
        (Side::Open, Side::Open) => start::start(visit),
        (Side::Known(district), Side::Open) => {
            (partners::partners(visit, district, Role::Receiving), partners(district))
        }
        (Side::Open, Side::Known(district)) => {
            (partners::partners(visit, district, Role::Competent), partners(district))
        }
        _ => (choice::choose(visit), 0),
    };
    PageResponse::page(visit.status(), page).costing(additional_cost)
}

/// The permanent address of a pair of districts leads to its list.
pub(crate) fn between(visit: &Visit) -> PageResponse {
    let [receiving, competent] = &visit.segments[..] else { return start_again(visit, "") };
    for code in [receiving, competent] {
        match code.parse::<DistrictCode>() {
            Ok(code) if visit.context.snapshot.district(code).is_some() => {}
            Ok(_) => return start_again(visit, code),
            Err(malformed) => {
                let kind = Message::new("区域代码", "the code of a district");
                return fault::bad_code(visit, &kind, code, &malformed.expected());
            }
        }
    }
    PageResponse::redirect(visit.link.between(receiving, competent).to_list())
}

fn start_again(visit: &Visit, code: &str) -> PageResponse {
    fault::no_record(visit, &Message::new("区域", "district"), code)
}
