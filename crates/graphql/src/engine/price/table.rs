//! The tables that prices are made of: work for fields, and usual lengths of lists.

use catalogue::Lengths;
use registry::limits::MIN_COST;

/// The least price of an operation.
pub(crate) const LEAST: u64 = MIN_COST;
/// The number of fields of a response that cost one point.
pub(crate) const FIELDS_PER_POINT: u64 = 10;
/// The estimated length of a list of which nothing is known.
pub(crate) const USUAL_LENGTH: u64 = 3;
/// A search scans every name.
pub(crate) const SEARCH: u64 = 20;
/// A search among agreements has no index of titles.
pub(crate) const SEARCH_OF_TITLES: u64 = 80;
/// Sorting the offerings of a district by name.
pub(crate) const SORT_BY_NAME: u64 = 3;
/// An offering that is read from the database counts as so many fields.
pub(crate) const FIELDS_PER_ROW: u64 = 2;
/// Sorting by promised days scans the offerings of all competent districts.
pub(crate) const SORT_BY_PROMISE: u64 = 200;
/// Entries of the journal are looked up by district as well.
pub(crate) const CHANGES_OF_DISTRICT: u64 = 2;
/// So many bytes of the line of a change cost another point: it is parsed, and written again as the caller may see it.
pub(crate) const BYTES_PER_POINT: u64 = 8 * 1024;
/// Introspection of the schema.
pub(crate) const INTROSPECTION: u64 = 100;

/// The work for a field in points; for a list argument, for each of its values.
pub(crate) fn work(of: &str, field: &str) -> u64 {
    match (of, field) {
        // A change is validated and written to the journal.
        ("Mutation", _) => 100,
        // The availability of all matters is filtered, and counted for every facet.
        ("Query", "availableMatters") => 50,
        ("Query", "handling" | "handlings" | "node" | "nodes") => 5,
        // A database query.
        ("Query", "offering") => 4,
        // A line of the journal is looked up and parsed.
        ("Query", "nodeAsRecorded") => 6,
        // Every name is scanned, and the availability of matters.
        ("Query", "suggest") => 10,
        // The districts on the other side of all clauses of the competent district.
        ("Handling", "elsewhere") => 10,
        // The agreements of two districts are examined.
        ("AvailableMatterConnection", "suspended" | "suspensions") => 1,
        // Edit distances between the search and all names.
        (_, "didYouMean") => 20,
        // All offerings of the district are scanned.
        ("Query" | "District", "offerings") => 1,
        // The version is written as canonical JSON, or compared with another one.
        ("AgreementVersion", "digest") => 4,
        ("AgreementVersion", "changes") => 3,
        // Two registries are built with other contents of the agreement; each pair of districts that is compared is
        // counted as it is.
        ("AgreementVersion" | "AgreementPayload" | "StopPayload", "effect") => 50,
        // The matters available between two districts are counted.
        ("PartnerEdge", "mattersIn" | "mattersOut") => 1,
        // Each pair of districts is counted over all matters.
        ("Query", "coverage") => 2,
        // All agreements are scanned, or those of a district, of which some need a closer look.
        ("Query", "agreements") | ("Change", "document") => 1,
        ("District", "partners" | "agreements") => 2,
        // Database queries, or all findings.
        ("Query", "changes" | "findings") | ("Viewer", "tasks") | (_, "history" | "diff") => 20,
        _ => 0,
    }
}

/// The usual length of a list; `None`: not known.
pub(crate) fn usual_length(lengths: &Lengths, of: &str, field: &str) -> Option<u64> {
    Some(match (of, field) {
        ("Query", "districts") => lengths.districts,
        ("Query", "matters" | "availableMatters") => lengths.matters,
        ("Query", "agreements") => lengths.agreements,
        ("Query", "policies") => lengths.policies,
        ("Query" | "District", "offerings") => lengths.offerings_of_district,
        ("District" | "HandlingRoute", "windows") => lengths.windows_of_district,
        ("District", "agreements") => lengths.agreements_of_district,
        ("Matter", "offerings") => lengths.offerings_of_matter,
        ("Agreement", "versions") => lengths.versions,
        ("AgreementVersion", "parties" | "signatures" | "rejections") => lengths.parties,
        ("AgreementVersion" | "Policy", "schedule") => lengths.clauses,
        (_, "matters") => lengths.matters_of_clause,
        ("Handling", "routes") | ("FoundName", "parts") => 2,
        ("HandlingRoute", "duties") => 7,
        ("Offering", "materials") => 5,
        ("HandlingRoute", "offerings") | (_, "reasons" | "notices" | "problems") => 1,
        ("AvailableMatterFacets", "domains") => 10,
        _ => return None,
    })
}
