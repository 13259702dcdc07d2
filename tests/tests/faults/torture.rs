//! All faults together, for a short time. `cargo run -p scenarios --bin torture` runs longer.

use scenarios::cluster;
use scenarios::torture::{Plan, torture};

#[test]
fn acknowledged_writes_survive_kills_pauses_and_restarts() {
    if !cluster::can_be_made() {
        return;
    }
    if let Err(broken) = torture(Plan { seconds: 20, seed: 1, tells: false }) {
        panic!("{broken}");
    }
}
