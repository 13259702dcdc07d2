//! `tongban completion` and `tongban man`: files for the shell, made from the description of the command line.

use clap::{Args, Command};
use clap_complete::Shell;

use super::failure::Failure;
use super::language::Language;
use super::{help, terminal};

#[derive(Debug, Args)]
pub(super) struct Completion {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Completion {
    pub(super) fn run(self, command: Command, language: Language) -> Result<(), Failure> {
        let mut command = help::translated(command, language);
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, "tongban", &mut script);
        Ok(terminal::print_raw(&String::from_utf8_lossy(&script))?)
    }
}

/// The manual page of the program, with a section for each command.
pub(super) fn manual(command: Command, language: Language) -> Result<(), Failure> {
    let command = help::manual(command, language);
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    for subcommand in command.get_subcommands().filter(|subcommand| !subcommand.is_hide_set()) {
        let heading = match language {
            Language::Zh => format!(".SH \"命令 {}\"\n", subcommand.get_name()),
            Language::En => format!(".SH \"COMMAND {}\"\n", subcommand.get_name().to_uppercase()),
        };
        page.extend_from_slice(heading.as_bytes());
        let section = clap_mangen::Man::new(subcommand.clone());
        section.render_synopsis_section(&mut page)?;
        section.render_description_section(&mut page)?;
        section.render_options_section(&mut page)?;
    }
    let page = String::from_utf8_lossy(&page);
    match language {
        Language::Zh => terminal::print_raw(&with_chinese_headings(&page))?,
        Language::En => terminal::print_raw(&page)?,
    }
    Ok(())
}

/// The headings of sections, which are English in every language.
const HEADINGS: [(&str, &str); 7] = [
    (".SH NAME", ".SH 名称"),
    (".SH SYNOPSIS", ".SH 用法"),
    (".SH DESCRIPTION", ".SH 说明"),
    (".SH OPTIONS", ".SH 选项"),
    (".SH SUBCOMMANDS", ".SH 命令"),
    (".SH EXTRA", ".SH 其他"),
    (".SH VERSION", ".SH 版本"),
];

fn with_chinese_headings(page: &str) -> String {
    let heading = |line: &str| HEADINGS.iter().find(|(en, _)| *en == line).map(|(_, zh)| *zh);
    page.lines().map(|line| heading(line).unwrap_or(line).to_owned() + "\n").collect()
}
