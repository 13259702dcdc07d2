use std::process::ExitCode;

use mimalloc::MiMalloc;

/// A registry is very many small allocations. `no_thp`: with huge pages they took up to a third more memory.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// The commit that the build was made of, if the build was told. Read here and not in the library, so that another
/// commit compiles this file alone.
const COMMIT: Option<&str> = option_env!("TONGBAN_COMMIT");

fn main() -> ExitCode {
    gateway::command::run(COMMIT)
}
