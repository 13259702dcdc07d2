use std::process::ExitCode;

use mimalloc::MiMalloc;

/// A registry is very many small allocations. `no_thp`: with huge pages they took up to a third more memory.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    gateway::command::run()
}
