//! Clients that leave in the middle of an answer pay for it.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use persistence::OpenOptions;
use scenarios::TestRegistry;
use scenarios::cluster::{self, Cluster};
use scenarios::records::NANSHA_AND_MINHANG;
use scenarios::server::{self, Server};
use serde_json::json;

/// So few points come back in a second that they do not matter.
const POINTS_PER_SECOND: u64 = 2;
const PAGE_COST: u64 = 50;
/// A page that reads a guide from the database.
const PAGE: &str = "/matter/000109001000?receiving=440115&competent=310112&on=2026-10-01";
/// Reads the journal from the database.
const FEED: &str =
    "{ a: changes(first: 1) { edges { node { actor } } } b: changes(first: 1) { edges { node { actor } } } }";

/// A served registry whose database can stand still. What is only in memory is answered meanwhile.
struct Limited {
    server: Server,
    cluster: Cluster,
    _registry: TestRegistry,
}

impl Limited {
    async fn new() -> Self {
        let cluster = Cluster::new();
        let registry = TestRegistry::at(&cluster.url(), OpenOptions { migrate: true, ..OpenOptions::default() }).await;
        registry.import(NANSHA_AND_MINHANG).await;
        let rate = POINTS_PER_SECOND.to_string();
        let server = Server::of(&cluster.url(), &["--rate-limit", &rate, "--rate-limit-signed-in", &rate]);
        Self { server, cluster, _registry: registry }
    }

    /// The points that the address has left, after one small question.
    fn remaining(&self) -> u64 {
        let answer = server::ask(&self.server.address(), "", "{ __typename }").expect("an answer");
        answer["extensions"]["cost"]["remaining"].as_u64().unwrap_or_else(|| panic!("{answer}"))
    }

    /// Sends a request, and leaves without reading the answer when it has been charged and runs. Returns the points
    /// that stay paid.
    fn paid_by_a_client_that_leaves(&self, request: &str) -> u64 {
        let before = self.remaining();
        let began = Instant::now();
        self.cluster.stand_still();
        let stream = sent(&self.server, request);
        while self.remaining() + 20 > before {
            assert!(began.elapsed() < Duration::from_secs(5), "it was not charged");
            thread::sleep(Duration::from_millis(20));
        }
        // Now it has got its permit, and waits for the database.
        thread::sleep(Duration::from_millis(300));
        drop(stream);
        thread::sleep(Duration::from_millis(700));
        let left = self.remaining();
        self.cluster.go_on();
        let came_back = (began.elapsed().as_secs() + 1) * POINTS_PER_SECOND;
        before.saturating_sub(left) + came_back
    }
}

fn sent(server: &Server, request: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.address()).expect("it listens");
    stream.write_all(request.as_bytes()).expect("it is sent");
    stream
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: here\r\nAccept: text/html\r\n\r\n")
}

fn post(query: &str) -> String {
    let body = json!({ "query": query }).to_string();
    let length = body.len();
    format!(
        "POST /graphql HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_leaves_while_its_page_is_made_pays_for_the_page() {
    if !cluster::can_be_made() {
        return;
    }
    let limited = Limited::new().await;
    let paid = limited.paid_by_a_client_that_leaves(&get(PAGE));
    assert!(paid >= PAGE_COST, "{paid}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_leaves_while_its_operation_runs_pays_for_the_operation() {
    if !cluster::can_be_made() {
        return;
    }
    let limited = Limited::new().await;
    let paid = limited.paid_by_a_client_that_leaves(&post(FEED));
    assert!(paid >= 40, "{paid}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_leaves_while_it_is_sent_an_answer_pays_for_all_of_it() {
    if !cluster::can_be_made() {
        return;
    }
    for (request, cost) in [(get(PAGE), PAGE_COST), (post(FEED), 40)] {
        let limited = Limited::new().await;
        let before = limited.remaining();
        let began = Instant::now();
        let mut stream = sent(&limited.server, &request);
        let mut first = [0; 12];
        stream.read_exact(&mut first).expect("an answer begins");
        assert_eq!(&first, b"HTTP/1.1 200");
        drop(stream);
        thread::sleep(Duration::from_millis(300));
        let came_back = (began.elapsed().as_secs() + 1) * POINTS_PER_SECOND;
        let paid = before.saturating_sub(limited.remaining()) + came_back;
        assert!(paid >= cost, "{request}: {paid}");
    }
}
