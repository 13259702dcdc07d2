//! The feed of notices (RFC 4287).

use std::fmt::Write as _;

use chrono::{DateTime, NaiveTime, Utc};
use domain::{Date, Locale};
use registry::presentation::Say as _;

use super::notice::{Notice, Subject, expected_end};
use crate::language::html_lang;
use crate::visit::Visit;
use crate::xml::escaped;

/// How many notices the feed has.
const MAX_ENTRIES: usize = 50;

pub(super) fn feed(visit: &Visit, notices: &[Notice]) -> String {
    let locale = visit.locale;
    let base = escaped(&visit.context.public_url);
    let today = visit.context.today;
    let newest: Vec<&Notice> = notices.iter().filter(|notice| notice.day <= today).take(MAX_ENTRIES).collect();
    let updated = newest.first().map_or(visit.context.now, |notice| moment(notice.day));
    let own = escaped(&visit.to("/notices.atom"));
    let mut feed = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"{}\">\n<id>{base}/notices</id>\n<title>{}</title>\n<updated>{}</updated>\n<author><name>{}</name></author>\n<link rel=\"self\" href=\"{base}{own}\"/>\n<link rel=\"alternate\" href=\"{base}{}\"/>\n",
        html_lang(locale),
        locale.say("通办公告", "Tongban notices"),
        written(updated),
        escaped(visit.site.owner.as_deref().unwrap_or(locale.say("通办", "Tongban"))),
        escaped(&visit.to("/notices")),
    );
    for notice in newest {
        feed += &entry(visit, notice, &base);
    }
    feed + "</feed>\n"
}

fn entry(visit: &Visit, notice: &Notice, base: &str) -> String {
    let locale = visit.locale;
    let text = notice.text.text(locale);
    let (path, title) = match &notice.subject {
        Subject::Agreement(number, title) => {
            (format!("/agreement/{number}"), format!("{title}{}{text}", locale.say("：", ": ")))
        }
        Subject::District(code, name) => {
            (format!("/district/{code}"), format!("{}{}{text}", name.text(locale), locale.say("", " ")))
        }
    };
    let mut summary = title.clone();
    if let Some(until) = notice.until {
        summary += locale.say("；", "; ");
        summary += &expected_end(Some(until), locale);
    }
    let mut entry = String::new();
    // The address of the record, the day and the kind: the same entry keeps its id.
    let id = format!("{base}{path}#{}-{}-{}", notice.kind.name(), notice.day, checksum(notice.text.text(Locale::Zh)));
    let _ = writeln!(
        entry,
        "<entry><id>{id}</id><title>{}</title><updated>{}</updated><category term=\"{}\"/><link href=\"{base}{}\"/><summary>{}</summary></entry>",
        escaped(&title),
        written(moment(notice.day)),
        notice.kind.name(),
        escaped(&visit.to(&path)),
        escaped(&summary),
    );
    entry
}

/// Two notices of a day and a kind have different texts.
fn checksum(text: &str) -> u32 {
    text.bytes().fold(2_166_136_261, |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(16_777_619))
}

/// The beginning of a day.
fn moment(day: Date) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

fn written(moment: DateTime<Utc>) -> String {
    moment.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}
