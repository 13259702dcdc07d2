//! `tongban import`, `plan` and `apply`: imports the records of files, all of them or none; says what an import would do;
//! does it after a confirmation.

mod files;
mod report;
mod schedule;
mod summary;

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use clap::Args;
use clap::builder::FalseyValueParser;
use domain::Locale;
use persistence::{Mode, Report};
use registry::presentation::Say as _;

use super::failure::Failure;
use super::registry::{Migration, Missing};
use files::Files;
use schedule::Draft;

/// The exit code of a plan with changes.
const CHANGES: u8 = 2;

#[derive(Debug, Args)]
pub(super) struct Import {
    #[command(flatten)]
    pub(super) files: Files,
    #[command(flatten)]
    draft: Draft,
    #[command(flatten)]
    migration: Migration,
    /// Find every problem and write nothing
    #[arg(long, env = "TONGBAN_CHECK", value_parser = FalseyValueParser::new())]
    check: bool,
}

/// What an import would do; nothing is written.
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 nothing would change, 1 faults or failure, 2 something would change")]
pub(super) struct Plan {
    #[command(flatten)]
    files: Files,
}

#[derive(Debug, Args)]
pub(super) struct Apply {
    #[command(flatten)]
    pub(super) files: Files,
    #[command(flatten)]
    migration: Migration,
    /// Write without asking
    #[arg(long, env = "TONGBAN_YES", value_parser = FalseyValueParser::new())]
    yes: bool,
}

impl Import {
    pub(super) async fn run(self, locale: Locale) -> Result<(), Failure> {
        let Self { files, draft, migration, check } = self;
        files.check()?;
        let store = files.registry.open_to_write(migration, Missing::CreatedIfNamed).await?;
        if files.is_schedule() {
            return draft.import(store, &files, check, locale).await;
        }
        let mode = if check { Mode::Check } else { Mode::Write };
        let report = files.import(&store, mode, None, locale).await;
        store.close().await?;
        let report = report?;
        files.tell(&report, mode, locale)?;
        faultless(&report)
    }
}

impl Plan {
    pub(super) async fn run(self, locale: Locale) -> Result<(), Failure> {
        records_only(&self.files)?;
        self.files.check()?;
        let untouched = Migration { no_migrate: true, trust_clock: false };
        let store = self.files.registry.open_to_write(untouched, Missing::Refused).await?;
        let report = self.files.import(&store, Mode::Check, None, locale).await;
        store.close().await?;
        let report = report?;
        self.files.tell(&report, Mode::Check, locale)?;
        faultless(&report)?;
        if changes(&report) > 0 { Err(Failure::code(CHANGES)) } else { Ok(()) }
    }
}

impl Apply {
    pub(super) async fn run(self, locale: Locale) -> Result<(), Failure> {
        records_only(&self.files)?;
        self.files.check()?;
        let asks = io::stdin().is_terminal() && io::stderr().is_terminal();
        if !self.yes && !asks {
            return Err(Failure::said(
                "这里不是终端，无法确认：请加 --yes，或先用 tongban plan 查看",
                "there is no terminal to confirm at: add --yes, or look with tongban plan first",
            ));
        }
        let store = self.files.registry.open_to_write(self.migration, Missing::Refused).await?;
        let base = if self.yes {
            None
        } else {
            let report = self.files.import(&store, Mode::Check, None, locale).await?;
            self.files.tell(&report, Mode::Check, locale)?;
            faultless(&report)?;
            if changes(&report) == 0 || !is_confirmed(locale)? {
                return Ok(store.close().await?);
            }
            Some(report.revision)
        };
        let report = self.files.import(&store, Mode::Write, base, locale).await;
        store.close().await?;
        let report = report?;
        self.files.tell(&report, Mode::Write, locale)?;
        faultless(&report)
    }
}

fn changes(report: &Report) -> u64 {
    report.registered + report.revised
}

fn faultless(report: &Report) -> Result<(), Failure> {
    if report.fault_count > 0 { Err(Failure::Reported) } else { Ok(()) }
}

fn records_only(files: &Files) -> Result<(), Failure> {
    if !files.is_schedule() {
        return Ok(());
    }
    Err(Failure::said(
        "协议清单请用 tongban import --kind schedule --check 查看，去掉 --check 写入",
        "look at a schedule with tongban import --kind schedule --check, and write it without --check",
    ))
}

/// Asks the person at the terminal.
fn is_confirmed(locale: Locale) -> io::Result<bool> {
    let mut to = io::stderr();
    write!(to, "{}", locale.say("写入以上变更吗？输入 yes 写入：", "Write these changes? Enter yes to write: "))?;
    to.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(is_yes(&answer))
}

fn is_yes(answer: &str) -> bool {
    matches!(answer.trim().to_lowercase().as_str(), "yes" | "y" | "是" | "确认")
}

#[cfg(test)]
mod tests {
    use super::is_yes;

    #[test]
    fn only_a_yes_is_a_confirmation() {
        assert!(is_yes("yes\n") && is_yes(" Y") && is_yes("是\n"));
        assert!(!is_yes("") && !is_yes("\n") && !is_yes("no") && !is_yes("yess"));
    }
}
