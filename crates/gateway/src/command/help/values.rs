//! Default values, possible values and environment variables as part of the Chinese help texts. Clap writes them in
//! English only.

use clap::builder::{PossibleValue, StyledStr};
use clap::{Arg, Command};

/// Moves them into the texts of a command and of the commands below it.
pub(super) fn in_texts(command: Command) -> Command {
    command.mut_args(of_argument).mut_subcommands(in_texts)
}

fn of_argument(argument: Arg) -> Arg {
    let values = values(&argument);
    let [help, long_help] = [argument.get_help(), argument.get_long_help()].map(|text| text.map(StyledStr::to_string));
    let mut argument = argument.hide_env(true).hide_default_value(true).hide_possible_values(true);
    if values.is_empty() {
        return argument;
    }
    if let Some(help) = help {
        argument = argument.help(format!("{help} {values}"));
    }
    match long_help {
        Some(help) => argument.long_help(format!("{help}\n\n{values}")),
        None => argument,
    }
}

fn values(argument: &Arg) -> String {
    let mut values = Vec::new();
    let possible = argument.get_possible_values();
    let names: Vec<&str> = possible.iter().filter(|value| !value.is_hide_set()).map(PossibleValue::get_name).collect();
    if !argument.is_hide_possible_values_set() && !names.is_empty() {
        values.push(format!("[可选：{}]", names.join("、")));
    }
    let defaults: Vec<_> = argument.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    if argument.get_action().takes_values() && !argument.is_hide_default_value_set() && !defaults.is_empty() {
        values.push(format!("[默认：{}]", defaults.join(" ")));
    }
    if let Some(name) = argument.get_env().filter(|_| !argument.is_hide_env_set()) {
        let set = std::env::var_os(name).filter(|_| !argument.is_hide_env_values_set());
        let set = set.map_or_else(String::new, |set| format!("={}", set.to_string_lossy()));
        values.push(format!("[环境变量：{}{set}]", name.to_string_lossy()));
    }
    values.join(" ")
}
