//! The language of a page: Chinese or English.

use domain::Locale;

/// The language of a tag, if it is Chinese or English.
pub fn named(tag: &str) -> Option<Locale> {
    let primary = tag.split(['-', '_']).next().unwrap_or_default();
    match primary.to_ascii_lowercase().as_str() {
        "zh" => Some(Locale::Zh),
        "en" => Some(Locale::En),
        _ => None,
    }
}

/// The value of the parameter `lang`.
pub(crate) fn lang(locale: Locale) -> &'static str {
    match locale {
        Locale::Zh => "zh",
        Locale::En => "en",
    }
}

/// The value of `lang` in HTML.
pub(crate) fn html_lang(locale: Locale) -> &'static str {
    match locale {
        Locale::Zh => "zh-Hans",
        Locale::En => "en",
    }
}

/// Marks Chinese text on an English page, for screen readers and fonts.
pub(crate) fn chinese(locale: Locale) -> Option<&'static str> {
    match locale {
        Locale::Zh => None,
        Locale::En => Some(html_lang(Locale::Zh)),
    }
}
