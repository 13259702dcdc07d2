//! The test bench: a registry of its own for every scenario, on every database.

pub mod agreement;
pub mod cluster;
mod database;
mod forger;
pub mod hostile;
pub mod mixed;
pub mod records;
mod registry;
pub mod server;
pub mod torture;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

pub use agreement::{Hand, TestAgreement};
pub use database::{Engine, Scratch};
pub use forger::{Cell, Forger};
pub use registry::{Caller, TestRegistry};

/// Makes two tests of each scenario, named for the database. Where there is no PostgreSQL
/// (`TEST_DATABASE_URL`), its tests have nothing to run on; `./check` says so.
#[macro_export]
macro_rules! on_every_database {
    ($($scenario:ident),+ $(,)?) => {$(
        mod $scenario {
            #[tokio::test]
            async fn on_sqlite() {
                super::$scenario($crate::TestRegistry::new($crate::Engine::Sqlite).await).await;
            }

            // A connection that is only being made holds up the end of every database until it is made or given up:
            // somebody must go on with it while the scenario's own thread drops one.
            #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
            async fn on_postgresql() {
                if $crate::Engine::PostgreSql.is_there() {
                    super::$scenario($crate::TestRegistry::new($crate::Engine::PostgreSql).await).await;
                }
            }
        }
    )+};
}

/// The files of the demo.
pub fn demo() -> Vec<PathBuf> {
    let files = ["districts", "matters", "policies", "offerings", "windows", "agreements"];
    files.map(|file| workspace().join(format!("crates/gateway/demo/{file}.ndjson"))).into()
}

/// The built binary. Cargo does not build it for the tests of another package, so it is asked to here, once; it
/// has nothing to do when it was built before.
pub fn tongban() -> Command {
    static BUILT: LazyLock<PathBuf> = LazyLock::new(build);
    Command::new(&*BUILT)
}

fn build() -> PathBuf {
    let program = std::env::current_exe().expect("a program knows where it is");
    let folder = program.parent().expect("target/debug, and deps below it for a test");
    let folder = if folder.ends_with("deps") { folder.parent().expect("target/debug") } else { folder };
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--quiet", "--locked", "--bin", "tongban"]).current_dir(workspace());
    // What cargo says of the package under test means another package to the build, and builds libraries anew.
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(about_a_package)) {
        build.env_remove(name);
    }
    if folder.ends_with("release") {
        // As it is built to be measured: with the features of all together.
        build.args(["--release", "--workspace"]);
    } else {
        build.args(["--package", "gateway"]);
    }
    assert!(build.status().expect("cargo").success(), "the binary builds");
    folder.join("tongban")
}

fn about_a_package(name: &str) -> bool {
    ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_CRATE_", "CARGO_BIN_"].iter().any(|prefix| name.starts_with(prefix))
}

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace")
}
