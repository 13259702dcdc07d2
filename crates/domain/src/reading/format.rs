//! Formats of dates, timestamps and URLs.

use chrono::{DateTime, Datelike as _, Utc};
use url::Url;

use crate::period::Date;

/// Whether the text is an `http` or `https` URL with a host and without a user, parsed as browsers do (WHATWG). Texts
/// that could mislead a reader about the host are refused.
pub fn is_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let misleads = |character: char| character.is_whitespace() || matches!(character, '"' | '<' | '>' | '\\');
    let plain = matches!(scheme, "https" | "http")
        && !authority.is_empty()
        && !authority.contains('@')
        && !text.contains(misleads);
    plain && Url::parse(text).is_ok_and(|url| url.has_host())
}

/// A timestamp in RFC 3339 whose year has four digits in UTC, too.
pub fn parse_moment(text: &str) -> Option<DateTime<Utc>> {
    let moment = DateTime::parse_from_rfc3339(text).ok()?.to_utc();
    (0..=9999).contains(&moment.year()).then_some(moment)
}

/// A day written as `2021-05-28`.
pub fn parse_date(text: &str) -> Option<Date> {
    let form = text.len() == 10
        && text.bytes().enumerate().all(|(i, b)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() });
    form.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_can_be_written_in_utc() {
        for (text, utc) in [
            ("2021-05-28T09:30:00+08:00", "2021-05-28T01:30:00+00:00"),
            ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59+00:00"),
            ("2016-12-31T23:59:60Z", "2016-12-31T23:59:60+00:00"),
        ] {
            assert_eq!(parse_moment(text).expect(text).to_rfc3339(), utc);
        }
        for elsewhere in ["9999-12-31T23:59:59-08:00", "0000-01-01T00:00:00+08:00"] {
            assert_eq!(parse_moment(elsewhere), None, "{elsewhere}");
        }
    }

    #[test]
    fn a_url_that_misleads_about_its_host_is_refused() {
        for right in [
            "https://www.gov.cn/",
            "http://zwfw.example.cn:8080/a?b=c#d",
            "https://政务.example/办事",
            "https://192.0.2.1/a@b",
        ] {
            assert!(is_url(right), "{right}");
        }
        for wrong in [
            "https://user:pw@evil.example/",
            "https://@evil.example/",
            "https://evil.example\\@gov.cn/",
            "https://[::1",
            "http://%",
            "https:///gov.cn/",
            "https:gov.cn",
            "https://xn--a/",
            "https://a b.cn/",
            "javascript:alert(1)",
            "ftp://gov.cn/",
            "//gov.cn/",
            "https://",
        ] {
            assert!(!is_url(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_date_has_one_format() {
        assert!(parse_date("2024-02-29").is_some());
        for wrong in ["2023-02-29", "2021-5-28", "+12021-05-28", "-2021-05-28", "2021-05-28 ", "２021-05-28"] {
            assert_eq!(parse_date(wrong), None, "{wrong}");
        }
    }
}
