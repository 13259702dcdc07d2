//! The command line: a file for each command. Results go to stdout, everything else to stderr; the exit code is 0 for
//! success, 1 for failure, 2 for wrong usage. `ask` has more.

mod ask;
mod audit;
mod backup;
mod check_config;
mod completion;
mod export;
mod failure;
mod health;
mod help;
mod import;
mod key;
mod language;
mod migrate;
mod oidc;
mod operation;
mod records;
mod registry;
mod restore;
mod safety;
mod said;
mod schema;
mod serve;
mod settings;
mod site;
mod template;
mod terminal;
mod verify;

use std::io::{self, IsTerminal};
use std::process::ExitCode;

use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};
use domain::text::shown_lines;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

use crate::traces::Traces;
use failure::Failure;
use language::Language;
use registry::database;

/// The registry of cross-district handling agreements (跨域通办).
#[derive(Debug, Parser)]
#[command(
    name = "tongban",
    version,
    about = "The registry of cross-district handling agreements (跨域通办)",
    max_term_width = 100
)]
struct Tongban {
    #[command(flatten)]
    options: GlobalOptions,
    #[command(subcommand)]
    command: Command,
}

/// Options of every command.
#[derive(Debug, Args)]
struct GlobalOptions {
    /// The language of messages for people; by default that of LC_ALL, LC_MESSAGES or LANG, else zh
    #[arg(long, global = true, env = "TONGBAN_LOCALE", value_name = "LANGUAGE", value_enum)]
    locale: Option<Language>,
    /// Whether the log is in colours; with auto if stderr is a terminal and NO_COLOR is not set
    #[arg(long, global = true, env = "TONGBAN_COLOR", value_name = "WHEN", default_value = "auto", value_enum)]
    color: Color,
    /// The log filter, such as info, debug or gateway=debug; the log goes to stderr [default: info, on a terminal warn;
    /// serve always info]
    #[arg(long, global = true, env = "TONGBAN_LOG", value_name = "FILTER")]
    log: Option<String>,
    /// The format of the log
    #[arg(long, global = true, env = "TONGBAN_LOG_FORMAT", value_name = "FORMAT", default_value = "text", value_enum)]
    log_format: LogFormat,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

impl Color {
    /// See <https://no-color.org>.
    fn is_on(self) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|set| set.is_empty()),
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Load the registry and answer over HTTP
    Serve(serve::Serve),
    /// Ask whether a matter of one district can be handled in another, and how
    Ask(ask::Ask),
    /// Import records from files: all of them, or none
    Import(import::Import),
    /// Say what an import would do, and write nothing
    Plan(import::Plan),
    /// Show what an import would do, and do it after a confirmation
    Apply(import::Apply),
    /// Export the whole registry at one revision, in lines that import reads
    Export(export::Export),
    /// Write a workbook to fill in and import
    Template(template::Template),
    /// Print the GraphQL schema
    Schema,
    /// Print the guide to the records that import reads, as Markdown
    Records,
    /// Print the completion of a shell
    Completion(completion::Completion),
    /// Print the manual page
    Man,
    /// Issue, list and revoke API keys
    #[command(subcommand)]
    Key(key::Key),
    /// Verify the hash chain of the journal, and that the records match it
    Verify(verify::Verify),
    /// Back up the database to a file, while the registry runs
    Backup(backup::Backup),
    /// Restore a backup into an empty database, and verify it
    Restore(restore::Restore),
    /// Migrate the tables to this version
    Migrate(migrate::Migrate),
    /// Check the settings of serve
    CheckConfig(check_config::CheckConfig),
    /// Is the gateway on this machine ready to answer?
    ///
    /// A gateway with TLS is asked over TLS. The check takes whatever certificate it has: that names the public address
    /// and not this machine, which the request does not leave.
    Health(health::Health),
}

impl Command {
    /// Commands that change a registry, or copy it, are written to the system log.
    fn audited(&self) -> Option<(&'static str, String)> {
        let (name, registry) = match self {
            Self::Import(import) => ("import", &import.files.registry),
            Self::Apply(apply) => ("apply", &apply.files.registry),
            Self::Export(export) => ("export", &export.registry),
            Self::Key(key::Key::Issue(issue)) => ("key issue", &issue.registry),
            Self::Key(key::Key::Revoke(revoke)) => ("key revoke", &revoke.registry),
            Self::Backup(backup) => ("backup", &backup.registry),
            Self::Restore(restore) => ("restore", &restore.registry),
            Self::Migrate(migrate) => ("migrate", &migrate.registry),
            Self::Serve(_)
            | Self::Ask(_)
            | Self::Plan(_)
            | Self::Template(_)
            | Self::Schema
            | Self::Records
            | Self::Completion(_)
            | Self::Man
            | Self::Key(key::Key::List(_))
            | Self::Verify(_)
            | Self::CheckConfig(_)
            | Self::Health(_) => {
                return None;
            }
        };
        Some((name, database(registry.database.as_ref()).map_or_else(|_| "…".to_owned(), |url| url.to_string())))
    }
}

/// Parses the command line and runs the command. `commit`: what the program was built of.
pub fn run(commit: Option<&str>) -> ExitCode {
    let Tongban { options, command } = match Tongban::try_parse() {
        Ok(parsed) => parsed,
        Err(error) => return help::print::<Tongban>(error, commit),
    };
    let language = Language::chosen(options.locale);
    let locale = language.into();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let failure =
                Failure::said(format!("无法启动运行环境：{error}"), format!("the runtime cannot be started: {error}"));
            terminal::print_error(failure.message().text(locale));
            return ExitCode::FAILURE;
        }
    };
    let traces = if let Command::Serve(serve) = &command { serve.traces(runtime.handle()) } else { Ok(None) };
    let traces = match traces.and_then(|traces| start_log(&options, &command, traces.as_ref()).map(|()| traces)) {
        Ok(traces) => traces,
        Err(fault) => {
            terminal::print_error(fault.message().text(locale));
            return ExitCode::from(2);
        }
    };
    let audit = command.audited();
    let done = runtime.block_on(async {
        match command {
            Command::Serve(serve) => serve.run(locale).await,
            Command::Ask(ask) => ask.run(locale).await,
            Command::Import(import) => import.run(locale).await,
            Command::Plan(plan) => plan.run(locale).await,
            Command::Apply(apply) => apply.run(locale).await,
            Command::Export(export) => export.run().await,
            Command::Template(template) => template.run().await,
            Command::Schema => schema::run(),
            Command::Records => records::run(locale),
            Command::Completion(completion) => completion.run(Tongban::command(), language),
            Command::Man => completion::manual(Tongban::command(), language),
            Command::Key(key) => key.run(locale).await,
            Command::Verify(verify) => verify.run().await,
            Command::Backup(backup) => backup.run().await,
            Command::Restore(restore) => restore.run().await,
            Command::Migrate(migrate) => migrate.run().await,
            Command::CheckConfig(check) => check.run().await,
            Command::Health(health) => health.run().await,
        }
    });
    if let Some(traces) = traces {
        traces.shut_down();
    }
    if let Some((command, registry)) = audit {
        audit::log(command, &registry, done.is_ok());
    }
    match done {
        Ok(()) => ExitCode::SUCCESS,
        // The reader of the pipe has closed it.
        Err(Failure::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(Failure::Reported) => ExitCode::FAILURE,
        Err(Failure::Exit(code, message)) => {
            let message = message.text(locale);
            if !message.is_empty() {
                terminal::print_error(message);
            }
            ExitCode::from(code)
        }
        Err(failure) => {
            tracing::error!("{}", shown_lines(failure.message().text(locale)));
            ExitCode::FAILURE
        }
    }
}

/// A person at a terminal is told what is wrong, and nothing else unless it is asked for.
fn default_filter(is_server: bool, on_terminal: bool) -> &'static str {
    if on_terminal && !is_server { "warn" } else { "info,sqlx=warn,sea_orm_migration=warn" }
}

/// A server logs time and module; other commands log the message alone.
fn start_log(options: &GlobalOptions, command: &Command, traces: Option<&Traces>) -> Result<(), Failure> {
    let is_server = matches!(command, Command::Serve(_));
    let filter = options.log.as_deref().unwrap_or_else(|| default_filter(is_server, io::stderr().is_terminal()));
    let filter = EnvFilter::try_new(filter)
        .map_err(|error| Failure::said(format!("--log {filter}：{error}"), format!("--log {filter}: {error}")))?;
    let log = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_ansi(options.color.is_on());
    let log = match (options.log_format, command) {
        (LogFormat::Json, _) => log.json().flatten_event(true).boxed(),
        (LogFormat::Text, Command::Serve(_)) => log.boxed(),
        (LogFormat::Text, _) => log.without_time().with_target(false).boxed(),
    };
    tracing_subscriber::registry().with(log.with_filter(filter)).with(traces.map(Traces::layer)).init();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Tongban::command().debug_assert();
    }

    #[test]
    fn a_person_at_a_terminal_is_told_what_is_wrong_only() {
        assert_eq!(default_filter(false, true), "warn");
        assert!(default_filter(true, true).starts_with("info") && default_filter(false, false).starts_with("info"));
    }

    /// Standard variables of OpenTelemetry.
    const STANDARD: [&str; 2] = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_SERVICE_NAME"];

    #[test]
    fn every_option_has_an_environment_variable() {
        fn check(command: &clap::Command) {
            for argument in command.get_arguments().filter(|argument| {
                !argument.is_positional() && !["help", "version"].contains(&argument.get_id().as_str())
            }) {
                let variable = argument.get_env().and_then(|name| name.to_str()).unwrap_or_default();
                assert!(
                    variable.starts_with("TONGBAN_") || STANDARD.contains(&variable),
                    "{} of {}",
                    argument.get_id(),
                    command.get_name()
                );
            }
            command.get_subcommands().for_each(check);
        }
        check(&Tongban::command());
    }
}
