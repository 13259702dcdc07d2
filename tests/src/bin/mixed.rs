//! A busy day in some minutes:
//!
//! ```sh
//! tools/load/national --scale 0.1 > tenth.ndjson
//! cargo run --release -p scenarios --bin mixed -- --seconds 720 tenth.ndjson
//! ```
//!
//! Two gateways over a PostgreSQL of its own, which writes to the disk as in production; clients that ask and write one
//! thing after another, of a hundred acts five writes, at either gateway, each from the newest revision on that it has
//! seen (`Tongban-Min-Revision`). What is asked about follows Zipf's law. It fails when an answer is an error, a client
//! sees a revision go back, memory grows, or `tongban verify` finds something in the end.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use scenarios::cluster;
use scenarios::mixed::mixed;
use scenarios::mixed::workload::Plan;

/// Readers and writers on two gateways over one PostgreSQL
#[derive(Debug, Parser)]
struct Mixed {
    /// The duration in seconds
    #[arg(long, default_value_t = 720)]
    seconds: u64,
    /// The number of clients
    #[arg(long, default_value_t = 64)]
    clients: usize,
    /// Acts a second, of all together; without it each acts again as soon as it is answered
    #[arg(long)]
    rate: Option<f64>,
    /// The seed of the random choices
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Files of records for `tongban import`; the demo's, if there are none
    records: Vec<PathBuf>,
}

fn main() -> ExitCode {
    let Mixed { seconds, clients, rate, seed, records } = Mixed::parse();
    if !cluster::can_be_made() {
        return ExitCode::FAILURE;
    }
    let report = mixed(Plan { seconds, clients, seed, rate, records });
    // The exit code reports a failure even if stdout is closed.
    drop(write!(std::io::stdout(), "{report}"));
    if report.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
