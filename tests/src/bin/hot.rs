//! Sends the same requests to a registry in this process again and again, for counting instructions and profiling.
//!
//! ```sh
//! cargo run --release -p scenarios --bin hot -- --database sqlite:///tmp/some.db --rounds 20 bodies.jsonl
//! valgrind --tool=callgrind --toggle-collect='*asked_once*' target/release/hot --database … bodies.jsonl
//! ```
//!
//! Each line of a file is the body of a request. The response cache is off, unless `--kept` is given. For each file it
//! prints the number of requests and the microseconds of one, from the faster half of the rounds.

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
    /// Files with one request body per line
    #[arg(required = true)]
    bodies: Vec<PathBuf>,
}

/// The measured part: from the request to the last byte of its answer.
#[inline(never)]
fn asked_once(runtime: &Runtime, router: HttpService, body: &str) -> usize {
    let request = Request::post("/graphql").header(header::CONTENT_TYPE, "application/json");
    let request = request.body(Body::from(body.to_owned())).expect("a request");
    runtime.block_on(async {
        let response = router.oneshot(request).await.expect("an answer");
        assert_eq!(response.status(), StatusCode::OK);
        to_bytes(response.into_body(), usize::MAX).await.expect("a body").len()
    })
}

fn main() {
    let Hot { database, rounds, kept, bodies } = Hot::parse();
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
        // Caches are filled first.
        let first = lines.first().expect("a question");
        let answer = asked_once(&runtime, router.clone(), first);
        let mut took: Vec<f64> = (0..rounds)
            .map(|_| {
                let began = Instant::now();
                for line in &lines {
                    asked_once(&runtime, router.clone(), line);
                }
                began.elapsed().as_secs_f64() * 1e6 / lines.len() as f64
            })
            .collect();
        took.sort_by(f64::total_cmp);
        let quiet = &took[..took.len().div_ceil(2)];
        let mean = quiet.iter().sum::<f64>() / quiet.len() as f64;
        let name = file.file_stem().unwrap_or_default().display();
        writeln!(said, "{name}: {} asked, {mean:.1} µs, {answer} bytes", lines.len() * rounds)
            .expect("somebody who reads");
    }
}
