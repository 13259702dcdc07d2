//! `tongban check-config`: checks the settings of `serve` without starting it. Nothing is written.

use clap::Args;

use super::failure::Failure;
use super::settings::Settings;
use super::terminal;

#[derive(Debug, Args)]
pub(super) struct CheckConfig {
    #[command(flatten)]
    settings: Settings,
}

impl CheckConfig {
    pub(super) async fn run(self) -> Result<(), Failure> {
        self.settings.check()?;
        let listener = self.settings.bind().await?;
        drop(listener);
        self.settings.tls()?;
        let database = self.settings.describe_database().await?;
        self.settings.check_provider().await?;
        self.settings.warn();
        let mut out = String::new();
        for (name, value) in self.settings.effective() {
            terminal::entry(&mut out, 0, name, 16, &value);
        }
        terminal::entry(&mut out, 0, "registry", 16, &database);
        Ok(terminal::print(&out)?)
    }
}
