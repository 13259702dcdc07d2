//! The language of a response: Chinese or English, whichever `Accept-Language` prefers; else Chinese.

use axum::http::{HeaderMap, header};
use domain::Locale;
use pages::language::named;

/// The preferred language of a request.
pub(crate) fn of(headers: &HeaderMap) -> Locale {
    headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).map_or(Locale::Zh, preferred)
}

/// The supported language with the highest quality; Chinese if there is none.
fn preferred(accept_language: &str) -> Locale {
    let mut ranked: Vec<(f32, Locale)> = accept_language
        .split(',')
        .filter_map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let locale = named(parts.next()?)?;
            let quality = parts.find_map(|part| part.strip_prefix("q=")).map_or(Ok(1.0), str::parse).unwrap_or(0.0);
            (quality > 0.0).then_some((quality, locale))
        })
        .collect();
    // The sort is stable: of equal qualities the first one wins.
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
    ranked.first().map_or(Locale::Zh, |(_, locale)| *locale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_negotiated_and_chinese_by_default() {
        assert_eq!(preferred("en-GB,en;q=0.9,zh;q=0.5"), Locale::En);
        assert_eq!(preferred("fr,zh-CN;q=0.8,en;q=0.7"), Locale::Zh);
        assert_eq!(preferred("fr"), Locale::Zh);
        assert_eq!(preferred("*"), Locale::Zh);
        assert_eq!(preferred("zh;q=0, en;q=0.1"), Locale::En);
        assert_eq!(of(&HeaderMap::new()), Locale::Zh);
    }
}
