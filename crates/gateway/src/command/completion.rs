//! `tongban completion` and `tongban man`: files for the shell, made from the description of the command line.

use clap::{Args, Command};
use clap_complete::Shell;

use super::failure::Failure;
use super::terminal;

#[derive(Debug, Args)]
pub(super) struct Completion {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Completion {
    pub(super) fn run(self, mut command: Command) -> Result<(), Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, "tongban", &mut script);
        Ok(terminal::print_raw(&String::from_utf8_lossy(&script))?)
    }
}

/// The manual page of the program, with a section for each command.
pub(super) fn manual(mut command: Command) -> Result<(), Failure> {
    // Gives subcommands their full names.
    command.build();
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    for subcommand in command.get_subcommands().filter(|subcommand| !subcommand.is_hide_set()) {
        page.extend_from_slice(format!(".SH \"COMMAND {}\"\n", subcommand.get_name().to_uppercase()).as_bytes());
        let section = clap_mangen::Man::new(subcommand.clone());
        section.render_synopsis_section(&mut page)?;
        section.render_description_section(&mut page)?;
        section.render_options_section(&mut page)?;
    }
    Ok(terminal::print_raw(&String::from_utf8_lossy(&page))?)
}
