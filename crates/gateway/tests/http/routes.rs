//! The routes of a list of available matters.

use crate::TestServer;
use crate::direct_json::{Way, data, objects, ways};

#[tokio::test]
async fn each_selection_of_routes_has_its_own_limit() {
    let server = TestServer::new().await;
    let both = "{ availableMatters(receiving: \"440115\") { edges { none: routes(limit: 0) { mode } } } }";
    assert_eq!(server.ask(&[], both).await.code(), "BAD_USER_INPUT");
    for limit in ["0", "101", "-1", "2147483648", "\"1\""] {
        let query = format!(
            "{{ availableMatters(receiving: \"440115\") {{ edges {{ routes(limit: {limit}) {{ mode }} }} }} }}"
        );
        assert!(!server.ask(&[], &query).await.json()["errors"].is_null(), "{query}");
    }
    for limit in ["1", "100", "null"] {
        let query = format!(
            "{{ availableMatters(receiving: \"440115\") {{ edges {{ routes(limit: {limit}) {{ mode }} }} }} }}"
        );
        assert!(
            data(&server, &query).await["availableMatters"]["edges"][0]["routes"][0]["mode"].is_string(),
            "{query}"
        );
    }
}

/// A list loads only the selected fields of its routes, so each field is requested alone.
#[tokio::test]
async fn a_route_in_a_list_equals_the_route_of_handling() {
    let (server, objects) = (TestServer::new().await, objects());
    let pair = "receiving: \"440115\", competent: \"310112\"";
    for Way { selection: way, .. } in ways(&objects, "HandlingRoute", 2) {
        let list = data(
            &server,
            &format!("{{ availableMatters({pair}) {{ edges {{ node {{ code }} routes {{ {way} }} }} }} }}"),
        )
        .await;
        let edges = list["availableMatters"]["edges"].as_array().expect("a list");
        assert!(!edges.is_empty());
        for edge in edges {
            let matter = &edge["node"]["code"];
            let one =
                data(&server, &format!("{{ handling(matter: {matter}, {pair}) {{ routes {{ {way} }} }} }}")).await;
            assert_eq!(edge["routes"], one["handling"]["routes"], "{matter}: {way}");
        }
    }
}
