//! Everything at once, for a short while. `cargo run -p scenarios --bin torture` does it for longer.

use scenarios::cluster;
use scenarios::torture::{Plan, torture};

#[test]
fn whatever_is_killed_paused_and_restarted_nothing_acknowledged_is_lost_doubled_or_torn() {
    if !cluster::can_be_made() {
        return;
    }
    if let Err(broken) = torture(Plan { seconds: 20, seed: 1, tells: false }) {
        panic!("{broken}");
    }
}
