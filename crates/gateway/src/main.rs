use std::process::ExitCode;

use mimalloc::MiMalloc;

/// A registry is thousands of small pieces. `no_thp`: in huge pages they took up to a third more room.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    gateway::command::run()
}
