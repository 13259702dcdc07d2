//! The torture by hand, for as long as wanted:
//!
//! ```sh
//! cargo run -p scenarios --bin torture -- --seconds 180 --seed 7
//! ```
//!
//! The seed draws what everybody does and which faults come in which order; when exactly they meet, it does not.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser;
use scenarios::cluster;
use scenarios::torture::{Plan, torture};

/// Writers, readers and followers on two gateways over one PostgreSQL, while what they stand on is killed, paused and
/// restarted
#[derive(Debug, Parser)]
struct Torture {
    /// How long
    #[arg(long, default_value_t = 180)]
    seconds: u64,
    /// What is drawn
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
    // The exit code reports it even if nobody reads the output.
    drop(writeln!(std::io::stdout(), "{said}"));
    code
}
