use std::process::ExitCode;

fn main() -> ExitCode {
    gateway::command::run()
}
