//! Sends the same requests to a registry in this process again and again, for counting instructions and profiling.
//!
//! ```sh
//! cargo run --release -p scenarios --bin hot -- --database sqlite:///tmp/some.db --rounds 20 bodies.jsonl
//! valgrind --tool=callgrind --toggle-collect='*asked_once*' target/release/hot --database … bodies.jsonl
//! ```
//!
//! Each line of a file is the body of a request. The response cache is off, unless `--kept` is given. For each file it
//! prints the number of requests and the microseconds of one, from the faster half of the rounds. With `--bearer` each
//! round is sent without and with the credential, and the two are compared.

use std::io::Write as _;
use std::path::PathBuf;
use std::time::Instant;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use clap::Parser;
use gateway::app::App;
use gateway::http;
use gateway::http::service::HttpService;
use gateway::http::settings::Settings;
use persistence::{OpenOptions, Store};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt as _;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Sends the same requests to a registry repeatedly
#[derive(Debug, Parser)]
struct Hot {
    /// The URL of the database
    #[arg(long)]
    database: String,
    /// How many times each file is sent
    #[arg(long, default_value_t = 1)]
    rounds: usize,
    /// Use the response cache
    #[arg(long)]
    kept: bool,
    /// The secret of a credential, with which every round is sent again
    #[arg(long)]
    bearer: Option<String>,
    /// Files with one request body per line
    #[arg(required = true)]
    bodies: Vec<PathBuf>,
}

/// The measured part: from the request to the last byte of its answer.
#[inline(never)]
fn asked_once(runtime: &Runtime, router: HttpService, body: &str, bearer: Option<&str>) -> usize {
    let mut request = Request::post("/graphql").header(header::CONTENT_TYPE, "application/json");
    if let Some(bearer) = bearer {
        request = request.header(header::AUTHORIZATION, format!("Bearer {bearer}"));
    }
    let request = request.body(Body::from(body.to_owned())).expect("a request");
    runtime.block_on(async {
        let response = router.oneshot(request).await.expect("an answer");
        assert_eq!(response.status(), StatusCode::OK);
        to_bytes(response.into_body(), usize::MAX).await.expect("a body").len()
    })
}

fn main() {
    let Hot { database, rounds, kept, bearer, bodies } = Hot::parse();
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let app = runtime.block_on(async {
        let store = Store::open(&database, OpenOptions { without_notify: true, ..OpenOptions::default() })
            .await
            .expect("it opens");
        App::load(store).await.expect("it loads")
    });
    let router = http::router(
        app,
        if kept { Settings::default() } else { Settings { response_cache_bytes: 0, ..Settings::default() } },
    );
    let mut said = std::io::stdout();
    for file in bodies {
        let text = std::fs::read_to_string(&file).expect("a file");
        let lines: Vec<&str> = text.lines().collect();
        let name = file.file_stem().unwrap_or_default().display();
        // Without a credential and with it, in turn: the speed of the machine varies.
        let callers: Vec<Option<&str>> = [None].into_iter().chain(bearer.as_deref().map(Some)).collect();
        let first = lines.first().expect("a question");
        // Caches are filled first.
        let answers: Vec<usize> =
            callers.iter().map(|caller| asked_once(&runtime, router.clone(), first, *caller)).collect();
        let mut took = vec![Vec::new(); callers.len()];
        for _ in 0..rounds {
            for (caller, took) in callers.iter().zip(&mut took) {
                let began = Instant::now();
                for line in &lines {
                    asked_once(&runtime, router.clone(), line, *caller);
                }
                took.push(began.elapsed().as_secs_f64() * 1e6 / lines.len() as f64);
            }
        }
        let means: Vec<f64> = took.into_iter().map(mean_of_faster_half).collect();
        for ((caller, mean), answer) in callers.iter().zip(&means).zip(answers) {
            let who = if caller.is_some() { ", signed in" } else { "" };
            writeln!(said, "{name}{who}: {} asked, {mean:.1} µs, {answer} bytes", lines.len() * rounds)
                .expect("somebody who reads");
        }
        if let [anonymous, signed_in] = means[..] {
            writeln!(said, "{name}, signed in / anonymous: {:.3}", signed_in / anonymous).expect("somebody who reads");
        }
    }
}

fn mean_of_faster_half(mut took: Vec<f64>) -> f64 {
    took.sort_by(f64::total_cmp);
    let quiet = &took[..took.len().div_ceil(2)];
    quiet.iter().sum::<f64>() / quiet.len() as f64
}
