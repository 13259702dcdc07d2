//! Help and usage errors in the language of the person. Parsing needs none of this: it happens only when there is help to
//! print.

mod table;
mod usage;
mod values;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::{self, IsTerminal};
use std::process::ExitCode;

use clap::builder::{StyledStr, Styles};
use clap::error::ErrorKind;
use clap::{Arg, Command, CommandFactory, Error};

use super::language::Language;
use table::Table;

/// The groups of commands, in Chinese and English.
const GROUPS: [(&str, &str, &[&str]); 4] = [
    ("查询与数据", "Questions and records", &["ask", "import", "plan", "apply", "export", "template", "records"]),
    ("运行", "Running the registry", &["serve", "check-config", "health", "migrate", "key"]),
    ("备份与验证", "Backup and proof", &["backup", "restore", "verify"]),
    ("供程序使用", "For programs", &["schema", "completion", "man", "help"]),
];

/// The texts of the command line in a language, for completion and the manual page.
pub(super) fn translated(mut command: Command, language: Language) -> Command {
    // Gives subcommands their full names, and adds help and version.
    command.build();
    match language {
        Language::En => command,
        Language::Zh => texts(command, &Table::new()),
    }
}

/// The same for the manual page, where default values and the like stand in the texts.
pub(super) fn manual(command: Command, language: Language) -> Command {
    match language {
        Language::En => translated(command, language),
        Language::Zh => values::in_texts(translated(command, language)),
    }
}

/// Prints help, the version or a usage error. The command line is parsed again with texts in the right language.
pub(super) fn print<T: CommandFactory>(first: Error, commit: Option<&str>) -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let language = Language::of_arguments(&arguments);
    let command = framed(manual(T::command(), language), language);
    let headings = headings(&command);
    let error = command.try_get_matches_from(&arguments).err().unwrap_or(first);
    let to_stderr = error.use_stderr();
    let text = match language {
        _ if error.kind() == ErrorKind::DisplayVersion => version(commit),
        Language::Zh if to_stderr && usage::is_fault(&error) => usage::message(&error),
        Language::Zh => headings.iter().fold(styled(&error.render()), |text, heading| {
            // The colon behind a heading is clap's.
            text.replace(&format!("{heading}:"), &format!("{heading}："))
        }),
        Language::En => styled(&error.render()),
    };
    // If nobody reads it, there is nowhere else to write.
    drop(if to_stderr { write(io::stderr(), &text) } else { write(io::stdout(), &text) });
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

/// `tongban 0.1.0 (5bbe9f9c1d2a)`; without a commit the version alone.
fn version(commit: Option<&str>) -> String {
    let commit = commit.map(str::trim).filter(|commit| !commit.is_empty());
    let commit = commit.map_or_else(String::new, |commit| format!(" ({})", commit.get(..12).unwrap_or(commit)));
    format!("tongban {}{commit}\n", env!("CARGO_PKG_VERSION"))
}

fn styled(text: &StyledStr) -> String {
    text.ansi().to_string()
}

fn write(mut to: impl io::Write + IsTerminal, text: &str) -> io::Result<()> {
    let in_colours = to.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|set| set.is_empty());
    let plain = || StyledStr::from(text.to_owned()).to_string();
    to.write_all(if in_colours { text.to_owned() } else { plain() }.as_bytes())
}

/// Replaces every text of a command and of the commands below it.
fn texts(mut command: Command, table: &Table) -> Command {
    let translated = |text: Option<&StyledStr>| text.map(|text| table.text(&text.to_string()));
    let [about, long_about] = [command.get_about(), command.get_long_about()].map(translated);
    let [after, before] = [command.get_after_help(), command.get_before_help()].map(translated);
    if let Some(about) = about {
        command = command.about(about);
    }
    if let Some(about) = long_about {
        command = command.long_about(about);
    }
    if let Some(after) = after {
        command = command.after_help(after);
    }
    if let Some(before) = before {
        command = command.before_help(before);
    }
    command.mut_args(|argument| of_argument(argument, table)).mut_subcommands(|command| texts(command, table))
}

fn of_argument(mut argument: Arg, table: &Table) -> Arg {
    let translated = |text: Option<&StyledStr>| text.map(|text| table.text(&text.to_string()));
    let [help, long_help] = [argument.get_help(), argument.get_long_help()].map(translated);
    let heading = argument.get_help_heading().and_then(|heading| table.find(heading));
    if let Some(help) = help {
        argument = argument.help(help);
    }
    if let Some(help) = long_help {
        argument = argument.long_help(help);
    }
    match heading {
        Some(heading) => argument.help_heading(heading),
        None => argument,
    }
}

/// The headings of help. Clap has its own ones in English only, so that each argument gets one.
fn framed(command: Command, language: Language) -> Command {
    let root = groups(&command, language);
    let command = match language {
        Language::En => command,
        Language::Zh => in_chinese(command),
    };
    let head = |text: &str| heading(text, command.get_styles());
    let (usage, options) = match language {
        Language::Zh => (head("用法："), head("选项：")),
        Language::En => (head("Usage:") + " ", head("Options:")),
    };
    let template = format!("{{about-with-newline}}\n{usage}{{usage}}\n\n{root}{options}\n{{options}}{{after-help}}");
    command.help_template(template)
}

fn in_chinese(mut command: Command) -> Command {
    let usage = heading("用法：", command.get_styles());
    command = command.subcommand_value_name("命令").subcommand_help_heading("命令");
    let shown = styled(&command.render_usage());
    // The first word is “Usage:”.
    let shown = shown.split_once(' ').map_or("", |(_, shown)| shown).replace("[OPTIONS]", "[选项]");
    let with_heading = |argument: Arg| match argument.get_help_heading() {
        Some(_) => argument,
        None if argument.is_positional() => argument.help_heading("参数"),
        None => argument.help_heading("选项"),
    };
    command
        .override_usage(shown)
        .help_template(format!("{{about-with-newline}}\n{usage}{{usage}}\n\n{{all-args}}{{after-help}}"))
        .mut_args(with_heading)
        .mut_subcommands(in_chinese)
}

fn heading(text: &str, styles: &Styles) -> String {
    let style = styles.get_header();
    format!("{style}{text}{style:#}")
}

/// The headings to which clap adds a colon.
fn headings(command: &Command) -> BTreeSet<String> {
    let own = command.get_arguments().filter_map(Arg::get_help_heading).map(str::to_owned);
    let mut headings: BTreeSet<String> = own.collect();
    headings.extend(command.get_subcommand_help_heading().map(str::to_owned));
    headings.extend(command.get_subcommands().flat_map(self::headings));
    headings
}

/// The list of commands, by groups.
fn groups(command: &Command, language: Language) -> String {
    let literal = command.get_styles().get_literal();
    let mut out = String::new();
    for (zh, en, names) in GROUPS {
        let title = match language {
            Language::Zh => format!("{zh}："),
            Language::En => format!("{en}:"),
        };
        let _ = writeln!(out, "{}", heading(&title, command.get_styles()));
        for name in names {
            let about = command.find_subcommand(name).and_then(Command::get_about).map(ToString::to_string);
            let _ = writeln!(out, "  {literal}{name:12}{literal:#}  {}", about.unwrap_or_default());
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::Tongban;
    use super::*;

    fn each_text(command: &Command, take: &mut impl FnMut(&str)) {
        let texts = [
            command.get_about(),
            command.get_long_about(),
            command.get_after_help(),
            command.get_after_long_help(),
            command.get_before_help(),
        ];
        texts.into_iter().flatten().for_each(|text| take(&text.to_string()));
        for argument in command.get_arguments() {
            [argument.get_help(), argument.get_long_help()]
                .into_iter()
                .flatten()
                .for_each(|text| take(&text.to_string()));
            argument.get_help_heading().into_iter().for_each(&mut *take);
            for value in argument.get_possible_values() {
                value.get_help().into_iter().for_each(|text| take(&text.to_string()));
            }
        }
        command.get_subcommands().for_each(|command| each_text(command, take));
    }

    #[test]
    fn every_text_is_translated_and_no_translation_is_unused() {
        let table = Table::new();
        let (mut missing, mut used) = (BTreeSet::new(), BTreeSet::new());
        let command = translated(Tongban::command(), Language::En);
        each_text(&command, &mut |text| {
            for paragraph in text.split("\n\n") {
                used.insert(paragraph.to_owned());
                if table.find(paragraph).is_none() {
                    missing.insert(paragraph.to_owned());
                }
            }
        });
        assert!(missing.is_empty(), "help/zh.txt lacks:\n{}", Vec::from_iter(missing).join("\n"));
        let unused: Vec<&str> = table.texts().filter(|text| !used.contains(*text)).collect();
        assert!(unused.is_empty(), "help/zh.txt has more than the command line:\n{}", unused.join("\n"));
    }

    #[test]
    fn the_version_names_the_commit_if_the_build_was_told() {
        let plain = format!("tongban {}\n", env!("CARGO_PKG_VERSION"));
        assert_eq!(version(None), plain);
        assert_eq!(version(Some("")), plain);
        let commit = version(Some("5bbe9f9c1d2a4b6c8d0e"));
        assert_eq!(commit, format!("{} (5bbe9f9c1d2a)\n", plain.trim_end()));
    }

    #[test]
    fn every_command_is_in_one_group() {
        let command = translated(Tongban::command(), Language::En);
        let mut grouped: Vec<&str> = GROUPS.iter().flat_map(|(_, _, names)| *names).copied().collect();
        grouped.sort_unstable();
        let mut visible: Vec<&str> =
            command.get_subcommands().filter(|command| !command.is_hide_set()).map(Command::get_name).collect();
        visible.sort_unstable();
        assert_eq!(grouped, visible);
    }

    #[test]
    fn no_english_text_of_clap_is_left_in_chinese_help() {
        fn check(command: &mut Command) {
            for text in [command.render_help().to_string(), command.render_long_help().to_string()] {
                for english in ["Usage", "Options", "Arguments", "Commands", "[default", "[env", "[possible", "Print"] {
                    assert!(!text.contains(english), "{english} in the help of {}:\n{text}", command.get_name());
                }
            }
            command.get_subcommands_mut().filter(|command| command.get_name() != "help").for_each(check);
        }
        check(&mut framed(manual(Tongban::command(), Language::Zh), Language::Zh));
    }
}
