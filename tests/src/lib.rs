//! The test harness: a separate registry for every scenario, on every database.

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

/// Makes two tests of each scenario, one for each database. Without `TEST_DATABASE_URL` the tests for PostgreSQL do
/// nothing; `./check` reports that.
#[macro_export]
macro_rules! on_every_database {
    ($($scenario:ident),+ $(,)?) => {$(
        mod $scenario {
            #[tokio::test]
            async fn on_sqlite() {
                super::$scenario($crate::TestRegistry::new($crate::Engine::Sqlite).await).await;
            }

            // A connection that is being opened blocks dropping the database: another thread must finish it while the
            // scenario's thread drops the database.
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

/// The binary. Cargo does not build it for tests of another package, so it is built here once.
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
    // Cargo's variables for the tested package would make the build rebuild libraries.
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(about_a_package)) {
        build.env_remove(name);
    }
    if folder.ends_with("release") {
        // With the features of the whole workspace, as in measurements.
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
