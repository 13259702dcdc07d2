//! The URL of a database. It is shown without its secrets.

use std::borrow::Cow;
use std::fmt;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

use crate::error::Error;

/// Hint for a password that is not percent-encoded.
const ENCODE: &str = "in a password write @ as %40, / as %2F, : as %3A, ? as %3F, # as %23 and % as %25";

/// Parameters of PostgreSQL's driver. It logs unknown ones with their values.
const KNOWN: [&str; 19] = [
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "statement-cache-capacity",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
    "mode",
];
/// Parameters whose values are not secret.
const SHOWN: [&str; 14] = [
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "statement-cache-capacity",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "application_name",
    "mode",
    "cache",
];

/// A database URL. `Display` and `Debug` show no password.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    Sqlite {
        /// `None`: in memory.
        file: Option<PathBuf>,
        /// The text for the driver.
        text: String,
    },
    PostgreSql {
        text: String,
    },
}

impl DatabaseUrl {
    /// The text for the driver, with secrets.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Sqlite { text, .. } | Self::PostgreSql { text } => text,
        }
    }

    /// The file of a SQLite database.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::Sqlite { file, .. } => file.as_deref(),
            Self::PostgreSql { .. } => None,
        }
    }

    /// The same database with another path to its file.
    pub fn with_file(&self, path: PathBuf) -> Self {
        match self {
            Self::Sqlite { file: Some(_), text } => {
                let query = text.split_once('?').map_or_else(String::new, |(_, query)| format!("?{query}"));
                Self::Sqlite {
                    text: format!("sqlite://{}{query}", utf8_percent_encode(&path.to_string_lossy(), &IN_PATH)),
                    file: Some(path),
                }
            }
            Self::Sqlite { file: None, .. } | Self::PostgreSql { .. } => self.clone(),
        }
    }

    /// Is it a SQLite file that does not exist?
    pub fn is_missing(&self) -> bool {
        self.file().is_some_and(|file| !file.exists())
    }
}

impl FromStr for DatabaseUrl {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let scheme = text.split_once(':').map(|(scheme, _)| scheme);
        match scheme {
            Some("sqlite") => sqlite(text),
            Some("postgres" | "postgresql") => postgres(text),
            _ if text.is_empty() => Err(Error::Url("the address of the database is empty".to_owned())),
            _ => Err(Error::Url("the address of a database begins with sqlite:// or postgres://".to_owned())),
        }
    }
}

/// Characters of a path that must be encoded in a URL.
const IN_PATH: AsciiSet = CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'`')
    .add(b'{')
    .add(b'}')
    .add(b'\\');

fn sqlite(text: &str) -> Result<DatabaseUrl, Error> {
    let rest = text.strip_prefix("sqlite:").unwrap_or(text);
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let (path, query) = rest.split_once('?').map_or((rest, None), |(path, query)| (path, Some(query)));
    let fault = |what: &str| Error::Url(format!("{}: {what}", without_secrets(text)));
    if path.is_empty() {
        return Err(fault("it names no file"));
    }
    let decoded = percent_decode_str(path).decode_utf8().map_err(|_| fault("its path is not UTF-8"))?;
    let in_memory = path == ":memory:" || query.is_some_and(|query| query.split('&').any(|pair| pair == "mode=memory"));
    let query = query.map_or_else(String::new, |query| format!("?{query}"));
    Ok(DatabaseUrl::Sqlite {
        text: if path == ":memory:" {
            text.to_owned()
        } else {
            format!("sqlite://{}{query}", utf8_percent_encode(&decoded, &IN_PATH))
        },
        file: (!in_memory).then(|| PathBuf::from(&*decoded)),
    })
}

fn postgres(text: &str) -> Result<DatabaseUrl, Error> {
    let fault = |what: &str| Error::Url(format!("{}: {what}", without_secrets(text)));
    let url = url::Url::parse(text).map_err(|error| fault(&format!("{error}; {ENCODE}")))?;
    // Everything before the last @ is meant as user and password, and a character in it ended them too early.
    if url.path().contains('@') || url.fragment().is_some() {
        return Err(fault(&format!("the host cannot be told from the password; {ENCODE}")));
    }
    let credentials = text.rsplit_once('@').map_or("", |(credentials, _)| credentials);
    let is_encoded = |at: usize| {
        credentials.as_bytes().get(at + 1..at + 3).is_some_and(|next| next.iter().all(u8::is_ascii_hexdigit))
    };
    if credentials.match_indices('%').any(|(at, _)| !is_encoded(at)) {
        return Err(fault(&format!("a % in the password is followed by no two hexadecimal digits; {ENCODE}")));
    }
    // The parameter is not named: it may be a part of the password.
    if url.query_pairs().any(|(key, _)| !KNOWN.contains(&&*key) && !key.starts_with("options[")) {
        return Err(fault(&format!("it has a parameter that is not known, or a ? in the password; {ENCODE}")));
    }
    Ok(DatabaseUrl::PostgreSql { text: text.to_owned() })
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite { file: Some(file), .. } => write!(f, "sqlite://{}", file.display()),
            Self::Sqlite { file: None, text } | Self::PostgreSql { text } => f.write_str(&without_secrets(text)),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A URL without passwords and without values of parameters that may be secret. It also takes invalid URLs, so it
/// assumes nothing about their form.
pub fn without_secrets(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once(':') else { return "…".to_owned() };
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let mut shown = format!("{scheme}://");
    // A password may contain any character, so everything up to the last @ is treated as user and password.
    let credentials = if scheme == "sqlite" { None } else { rest.rsplit_once('@') };
    let place = match credentials {
        Some((credentials, place)) => {
            let user = credentials.split([':', '/', '?', '#', '@', '&', '=']).next().unwrap_or_default();
            shown += user;
            shown += if user.len() < credentials.len() { ":…@" } else { "@" };
            place
        }
        None => rest,
    };
    let (place, hidden) = place.split_once('#').map_or((place, ""), |(place, _)| (place, "#…"));
    let (place, query) = place.split_once('?').map_or((place, None), |(place, query)| (place, Some(query)));
    shown += place;
    for (at, pair) in query.into_iter().flat_map(|query| query.split('&')).enumerate() {
        shown.push(if at == 0 { '?' } else { '&' });
        let (key, value) = pair.split_once('=').unwrap_or(("", pair));
        let plain: Cow<'_, str> = percent_decode_str(key).decode_utf8_lossy();
        if SHOWN.contains(&&*plain) {
            let _ = write!(shown, "{key}={value}");
        } else if KNOWN.contains(&&*plain) {
            let _ = write!(shown, "{key}=…");
        } else {
            shown.push('…');
        }
    }
    shown + hidden
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_of_a_url_is_shown() {
        for (given, shown) in [
            ("postgres://tongban:SECRET@db.example/tongban", "postgres://tongban:…@db.example/tongban"),
            ("postgres://tongban:SE@CRET@db.example/tongban", "postgres://tongban:…@db.example/tongban"),
            ("postgres://tongban:SE/CRET@db.example/tongban", "postgres://tongban:…@db.example/tongban"),
            ("postgres://tongban:SE?CR#ET@db.example/tongban", "postgres://tongban:…@db.example/tongban"),
            (
                "postgres://tongban@db/tongban?sslmode=require&password=SECRET",
                "postgres://tongban@db/tongban?sslmode=require&password=…",
            ),
            ("postgres://tongban@db/tongban?p%61ssword=SECRET", "postgres://tongban@db/tongban?p%61ssword=…"),
            ("postgres://db/tongban?password=SE@CRET", "postgres://db:…@CRET"),
            ("postgres://db/tongban?user=u&Password=SECRET", "postgres://db/tongban?user=u&…"),
            ("postgres://db/tongban?SECRET", "postgres://db/tongban?…"),
            ("postgres://db/tongban#SECRET", "postgres://db/tongban#…"),
            ("postgres:tongban:SECRET@db/tongban", "postgres://tongban:…@db/tongban"),
            ("http://user:SECRET@collector.example:4318/", "http://user:…@collector.example:4318/"),
            ("sqlite://tongban.db", "sqlite://tongban.db"),
            ("sqlite:///data/a@b.db?mode=rw", "sqlite:///data/a@b.db?mode=rw"),
            ("SECRET", "…"),
        ] {
            assert_eq!(without_secrets(given), shown, "{given}");
        }
    }

    #[test]
    fn an_unencoded_password_is_reported_without_showing_it() {
        for wrong in [
            "postgres://tongban:SE/CRET@db/tongban",
            "postgres://tongban:12/SECRET@db/tongban",
            "postgres://tongban:SE?CRET@db/tongban",
            "postgres://tongban:12?SECRET@db/tongban",
            "postgres://tongban:SE#CRET@db/tongban",
            "postgres://tongban:12#SECRET@db/tongban",
            "postgres://tongban:SE%CRET@db/tongban",
            "postgres://tongban:SECRET%@db/tongban",
        ] {
            let shown = wrong.parse::<DatabaseUrl>().expect_err("it is wrong").to_string();
            assert!(
                shown.contains("%40") && shown.contains("tongban:…@db/tongban") && !shown.contains("CRET"),
                "{wrong}: {shown}"
            );
        }
        for right in [
            "postgres://tongban:SE@CRET@db/tongban",
            "postgres://tongban:SE%40CRET@db/tongban",
            "postgres:///tongban?host=/run/postgresql",
        ] {
            assert!(right.parse::<DatabaseUrl>().is_ok(), "{right}");
        }
        for wrong in ["", "mysql://SECRET", "SECRET", "sqlite://", "postgres://db/tongban?Password=SECRET"] {
            let shown = wrong.parse::<DatabaseUrl>().expect_err("it is wrong").to_string();
            assert!(!shown.contains("SECRET"), "{shown}");
        }
    }

    #[test]
    fn the_file_of_a_url_is_decoded() {
        for (given, file) in [
            ("sqlite://tongban.db", Some("tongban.db")),
            ("sqlite:tongban.db", Some("tongban.db")),
            ("sqlite:///data/a%2Fb.db?mode=rwc", Some("/data/a/b.db")),
            ("sqlite:///data/通办 一%3F.db", Some("/data/通办 一?.db")),
            ("sqlite::memory:", None),
            ("sqlite://x?mode=memory", None),
        ] {
            let url: DatabaseUrl = given.parse().expect("an address");
            assert_eq!(url.file(), file.map(Path::new), "{given}");
            assert!(url::Url::parse(url.text()).is_ok(), "{given}: {}", url.text());
        }
    }
}
