//! The language of messages: the option, else the locale of the environment, else Chinese.

use std::ffi::OsString;

use clap::ValueEnum;
use domain::Locale;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Language {
    Zh,
    En,
}

impl Language {
    pub(super) fn chosen(option: Option<Self>) -> Self {
        option.unwrap_or_else(|| Self::of_environment(|name| std::env::var(name).ok()))
    }

    /// The language that arguments name, though they may not be a valid command line.
    pub(super) fn of_arguments(arguments: &[OsString]) -> Self {
        let texts: Vec<&str> = arguments.iter().filter_map(|argument| argument.to_str()).collect();
        let texts: Vec<&str> = texts.into_iter().take_while(|text| *text != "--").collect();
        let beside = texts.iter().find_map(|text| text.strip_prefix("--locale="));
        let behind = || texts.windows(2).find_map(|pair| (pair[0] == "--locale").then_some(pair[1]));
        let named = beside.or_else(behind).map(str::to_owned).or_else(|| std::env::var("TONGBAN_LOCALE").ok());
        Self::chosen(named.and_then(|name| Self::from_str(&name, false).ok()))
    }

    /// The first variable that is set decides (POSIX, 8.2). `C` and languages without messages of their own are Chinese.
    fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set =
            ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(|name| variable(name).filter(|set| !set.is_empty()));
        if set.is_some_and(|set| set.to_ascii_lowercase().starts_with("en")) { Self::En } else { Self::Zh }
    }
}

impl From<Language> for Locale {
    fn from(language: Language) -> Self {
        match language {
            Language::Zh => Self::Zh,
            Language::En => Self::En,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_known_though_the_arguments_are_wrong() {
        let language =
            |arguments: &[&str]| Language::of_arguments(&arguments.iter().map(OsString::from).collect::<Vec<_>>());
        assert_eq!(language(&["tongban", "fly", "--locale", "en"]), Language::En);
        assert_eq!(language(&["tongban", "--locale=en", "fly"]), Language::En);
        assert_eq!(language(&["tongban", "--locale=zh", "--help"]), Language::Zh);
    }

    #[test]
    fn the_first_variable_that_is_set_decides() {
        let language = |set: &[(&str, &str)]| {
            let find = |name: &str| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
            Language::of_environment(find)
        };
        assert_eq!(language(&[]), Language::Zh);
        assert_eq!(language(&[("LANG", "C.UTF-8")]), Language::Zh);
        assert_eq!(language(&[("LANG", "en_GB.UTF-8")]), Language::En);
        assert_eq!(language(&[("LC_ALL", "zh_CN.UTF-8"), ("LANG", "en_GB.UTF-8")]), Language::Zh);
        assert_eq!(language(&[("LC_ALL", ""), ("LC_MESSAGES", "en_US"), ("LANG", "zh_CN")]), Language::En);
    }
}
