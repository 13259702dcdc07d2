use std::process::ExitCode;

use mimalloc::MiMalloc;

/// A registry is thousands of small pieces: with the allocator of the C library loading them takes a quarter longer.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    gateway::command::run()
}
