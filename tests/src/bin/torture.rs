//! Runs the torture test manually, for any duration:
//!
//! ```sh
//! cargo run -p scenarios --bin torture -- --seconds 180 --seed 7
//! ```
//!
//! The seed determines the acts of each task and the order of the faults, but not their exact times.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser;
use scenarios::cluster;
use scenarios::torture::{Plan, torture};

/// Writers, readers and followers on two gateways over one PostgreSQL, while processes are killed, paused and
/// restarted
#[derive(Debug, Parser)]
struct Torture {
    /// The duration in seconds
    #[arg(long, default_value_t = 180)]
    seconds: u64,
    /// The seed of the random choices
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn main() -> ExitCode {
    let Torture { seconds, seed } = Torture::parse();
    if !cluster::can_be_made() {
        return ExitCode::FAILURE;
    }
    let (said, code) = match torture(Plan { seconds, seed, tells: true }) {
        Ok(summary) => (summary, ExitCode::SUCCESS),
        Err(broken) => (broken, ExitCode::FAILURE),
    };
    // The exit code reports a failure even if stdout is closed.
    drop(writeln!(std::io::stdout(), "{said}"));
    code
}
