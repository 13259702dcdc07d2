//! Opening hours as offices write them: `周一至周五 9:00-12:00，13:00-17:00；周六 9:00-12:00`. Hours of some days of the year
//! have the first and the last day after them: `周六 9:00-12:00 | 2026-06-01 | 2026-09-30`.

use domain::opening::Opening;
use domain::text::quoted;
use domain::{Locale, Message, Problem, Weekday};
use serde_json::{Value, json};

use super::narrow::narrow;

/// The entries, as lines have them. Times without weekdays belong to the weekdays before them.
pub fn opening(text: &str) -> Result<Vec<Value>, Problem> {
    let plain = narrow(text).replace("星期", "周").replace("礼拜", "周").replace(['–', '—', '~', '～', '到'], "至");
    let mut days = Vec::new();
    let mut entries = Vec::new();
    for entry in plain.split([';', '；', '。', '\n']).map(str::trim).filter(|entry| !entry.is_empty()) {
        let (entry, period) = entry.split_once('|').map_or((entry, ""), |(hours, period)| (hours.trim(), period));
        let (valid_from, valid_to) = period.split_once('|').unwrap_or((period, ""));
        let begin = entry.find(|character: char| character.is_ascii_digit()).ok_or_else(|| unreadable(entry))?;
        let (before, times) = entry.split_at(begin);
        let (named, half) = halves(before);
        if !named.is_empty() {
            days = weekdays(&named).ok_or_else(|| unreadable(entry))?;
        }
        if days.is_empty() {
            return Err(unreadable(entry));
        }
        let names: Vec<&str> = days.iter().map(|day: &Weekday| day.name()).collect();
        let times = format!("{half}{times}");
        for range in times.split([',', '，', '、', ' ']).map(str::trim).filter(|range| !range.is_empty()) {
            let (from, to) =
                range.replace('-', "至").split_once('至').and_then(times_of).ok_or_else(|| unreadable(entry))?;
            let mut hours = json!({ "days": names, "from": from, "to": to });
            for (field, day) in [("validFrom", valid_from.trim()), ("validTo", valid_to.trim())] {
                if !day.is_empty() {
                    hours[field] = day.into();
                }
            }
            entries.push(hours);
        }
    }
    if entries.is_empty() { Err(unreadable(text)) } else { Ok(entries) }
}

/// Opening hours as this module reads them.
pub fn written(hours: &[Opening]) -> String {
    let line = |hours: &Opening| {
        let text = format!("{} {}-{}", hours.days_text(Locale::Zh), hours.from, hours.to);
        let day = |day: Option<domain::Date>| day.map_or_else(String::new, |day| day.to_string());
        match (hours.period.from, hours.period.to) {
            (None, None) => text,
            (from, None) => format!("{text} | {}", day(from)),
            (from, to) => format!("{text} | {} | {}", day(from), day(to)),
        }
    };
    hours.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The same for the entries of a line.
pub fn written_line(entries: &[Value]) -> String {
    let mut problems = Vec::new();
    let mut read = |entry: &Value| domain::reading::read(entry, &mut problems, Opening::read);
    let hours: Vec<Opening> = entries.iter().filter_map(&mut read).collect();
    written(&hours)
}

/// The weekdays before the times, and 下午 where it stands directly before them.
fn halves(before: &str) -> (String, &'static str) {
    let before = before.trim().trim_end_matches([':', '：']).trim();
    let (days, half) = match (before.strip_suffix("上午"), before.strip_suffix("下午")) {
        (Some(days), _) => (days, ""),
        (None, Some(days)) => (days, "下午"),
        (None, None) => (before, ""),
    };
    (days.split_whitespace().collect(), half)
}

fn times_of((from, to): (&str, &str)) -> Option<(String, String)> {
    let is_late = from.contains("下午");
    let from = time(from, is_late)?;
    Some((from, time(to, is_late || to.contains("下午"))?))
}

/// `9:00`, `下午2:30`, `17时`.
fn time(text: &str, is_late: bool) -> Option<String> {
    let text = text.replace("上午", "").replace("下午", "").replace('时', ":").replace('分', "");
    let (hour, minute) = text.trim().split_once(':')?;
    let hour = hour.trim().parse::<u32>().ok()?;
    let minute = if minute.is_empty() { 0 } else { minute.trim().parse::<u32>().ok()? };
    let hour = if is_late && hour < 12 { hour + 12 } else { hour };
    (hour <= 24 && minute < 60).then(|| format!("{hour:02}:{minute:02}"))
}

/// `周一至周五`, `周六、日`, `工作日`, `每天`.
fn weekdays(text: &str) -> Option<Vec<Weekday>> {
    match text {
        "工作日" | "法定工作日" => return Some(Weekday::ALL[..5].to_vec()),
        "每天" | "每日" | "全年" | "全周" => return Some(Weekday::ALL.to_vec()),
        _ => {}
    }
    let mut days = Vec::new();
    for part in text.split(['、', ',', '，', '和', '及']).filter(|part| !part.is_empty()) {
        let range = part.replace('-', "至");
        match range.split_once('至') {
            Some((first, last)) => {
                let (first, last) = (weekday(first)?, weekday(last)?);
                days.extend(Weekday::ALL.iter().copied().filter(|day| (first..=last).contains(day)));
            }
            None => days.push(weekday(part)?),
        }
    }
    days.sort_unstable();
    days.dedup();
    (!days.is_empty()).then_some(days)
}

fn weekday(text: &str) -> Option<Weekday> {
    let text = text.strip_prefix('周').unwrap_or(text);
    let text = if text == "天" { "日" } else { text };
    Weekday::ALL.iter().copied().find(|day| day.label(Locale::Zh).strip_prefix('周') == Some(text))
}

fn unreadable(text: &str) -> Problem {
    let given = quoted(text);
    let message = Message::new(
        format!("“{given}”看不出是星期几、几点到几点"),
        format!("“{given}” does not say on which weekdays, from when to when"),
    );
    Problem::invalid(Vec::new(), "OPENING", message).remedy(
        "请写成“周一至周五 09:00-17:00”，几段之间用；分隔",
        "write it like “周一至周五 09:00-17:00”, with ; between several",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_read_as_offices_write_them() {
        let week = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY"];
        let plain = json!([{ "days": week, "from": "09:00", "to": "17:00" }]);
        for text in [
            "周一至周五 09:00-17:00",
            "周一到周五9:00—17:00",
            "工作日：9：00～17：00",
            "星期一至星期五 9时-17时",
            "周一至周五上午9:00至下午5:00",
        ] {
            assert_eq!(Value::Array(opening(text).expect(text)), plain, "{text}");
        }
        let split = opening("周一至周五 9:00–12:00，13:30–17:00；周六、日 10:00-16:00").expect("it reads");
        assert_eq!(split.len(), 3);
        assert_eq!(split[1], json!({ "days": week, "from": "13:30", "to": "17:00" }));
        assert_eq!(split[2], json!({ "days": ["SATURDAY", "SUNDAY"], "from": "10:00", "to": "16:00" }));
        let halves = opening("周一至周五 上午9:00-12:00；下午2:00-5:30").expect("it reads");
        assert_eq!(halves[1], json!({ "days": week, "from": "14:00", "to": "17:30" }));
        let summer =
            opening("周六 9:00-12:00 | 2026-06-01 | 2026-09-30\n周日 9:00-12:00 | | 2026-09-30").expect("it reads");
        assert_eq!(
            summer,
            [
                json!({ "days": ["SATURDAY"], "from": "09:00", "to": "12:00", "validFrom": "2026-06-01", "validTo": "2026-09-30" }),
                json!({ "days": ["SUNDAY"], "from": "09:00", "to": "12:00", "validTo": "2026-09-30" }),
            ]
        );
        for text in ["09:00-17:00", "周一至周五", "周八 9:00-17:00", "周一 九点到五点", "周一 25:00-26:00", "见公告"]
        {
            assert_eq!(opening(text).map_err(|problem| problem.rule), Err("OPENING"), "{text}");
        }
    }
}
