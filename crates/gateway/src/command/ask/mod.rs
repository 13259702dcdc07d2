//! `tongban ask`: answers, for a person on a terminal, whether and how a matter can be handled.

mod text;

use std::borrow::Cow;
use std::fmt::Write as _;

use catalogue::{Answer, Kept, Snapshot};
use clap::builder::FalseyValueParser;
use clap::{ArgGroup, Args};
use domain::reading::format::parse_date;
use domain::text::shown;
use domain::{Date, District, DistrictCode, Locale, Matter, MatterCode, Message};
use graphql::engine::run::execute_document;
use registry::clock;
use registry::follower::Follower;
use registry::naming::{self, Named};
use registry::presentation::{self, matter_name, place};
use registry::request_context::RequestContext;
use registry::viewer::Viewer;
use serde_json::json;

use super::failure::Failure;
use super::registry::Registry;
use super::said::Said;
use super::terminal;
use text::bracketed;

/// The exit code of a no.
const NO: u8 = 3;
/// The exit code when a matter or a district is unknown or ambiguous.
const UNKNOWN: u8 = 4;

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("of").args(["name", "matter"]).required(true))]
#[command(group = ArgGroup::new("here").args(["receiving_name", "receiving"]).required(true))]
#[command(group = ArgGroup::new("there").args(["competent_name", "competent"]).required(true))]
#[command(
    after_help = "Exit codes: 0 yes, 1 failure, 2 wrong usage, 3 no, 4 a matter or district is unknown or ambiguous"
)]
pub(super) struct Ask {
    #[command(flatten)]
    registry: Registry,
    /// The matter: its name, an alias, or its code
    #[arg(value_name = "MATTER")]
    name: Option<String>,
    /// The district where the applicant is (收件地): its name, its path, or its code
    #[arg(long = "in", env = "TONGBAN_IN", value_name = "DISTRICT")]
    receiving_name: Option<String>,
    /// The district whose authority decides (业务属地): its name, its path, or its code
    #[arg(long = "for", env = "TONGBAN_FOR", value_name = "DISTRICT")]
    competent_name: Option<String>,
    /// The matter: its 12-digit code, or the code that this registry gave it
    #[arg(long, env = "TONGBAN_MATTER", value_name = "CODE")]
    matter: Option<MatterCode>,
    /// The code of the district where the applicant is (收件地)
    #[arg(long, env = "TONGBAN_RECEIVING", value_name = "CODE")]
    receiving: Option<DistrictCode>,
    /// The code of the district whose authority decides (业务属地)
    #[arg(long, env = "TONGBAN_COMPETENT", value_name = "CODE")]
    competent: Option<DistrictCode>,
    /// The day, such as 2026-11-23; today when left out
    #[arg(long, env = "TONGBAN_ON", value_name = "DATE", value_parser = day)]
    on: Option<Date>,
    /// Print the GraphQL answer
    #[arg(long, env = "TONGBAN_JSON", value_parser = FalseyValueParser::new())]
    json: bool,
}

fn day(text: &str) -> Result<Date, Said> {
    parse_date(text).ok_or_else(|| Said::new("日期请写成 2026-10-01", "a day is written 2026-10-01"))
}

/// The query of `--json`.
const QUERY: &str = include_str!("../../../assets/ask.graphql");

impl Ask {
    pub(super) async fn run(self, locale: Locale) -> Result<(), Failure> {
        let store = self.registry.open_to_read().await?;
        let follower = Follower::load(store).await?;
        let context = RequestContext::new(follower, Viewer::default(), clock::now());
        let RequestContext { snapshot, store, today, .. } = &context;
        let on = self.on.unwrap_or(*today);
        let (matter, receiving, competent) = self.codes(snapshot, on, locale)?;
        let handling = snapshot.handling(matter, receiving, competent, on);
        let answer = handling.answer;
        if self.json {
            let variables = json!({ "matter": matter, "receiving": receiving, "competent": competent, "on": self.on, "locale": locale });
            let response = execute_document(QUERY, variables, context).await;
            let text = serde_json::to_string_pretty(&response).map_err(Failure::because)?;
            terminal::print_raw(&format!("{}\n", json_for_terminals(&text)))?;
            return if response.is_ok() { outcome(answer) } else { Err(Failure::Reported) };
        }
        let presented = presentation::present(handling, store).await;
        terminal::print(&text::answer(&presented, snapshot, locale))?;
        outcome(answer)
    }

    /// The codes of the question. If names are unknown or ambiguous, all of them are named, with what may be meant.
    fn codes(
        &self,
        snapshot: &Snapshot,
        on: Date,
        locale: Locale,
    ) -> Result<(MatterCode, DistrictCode, DistrictCode), Failure> {
        let mut problems = String::new();
        let matter = self.matter.or_else(|| {
            let name = self.name.as_deref()?;
            let listed = |matter: &Kept<Matter>| bracketed(matter_name(matter, locale), matter.code.as_str(), locale);
            one(name, naming::matter(name, snapshot), listed, locale, &mut problems).map(|matter| matter.code)
        });
        let mut district = |code: Option<DistrictCode>, name: &Option<String>| {
            let name = name.as_deref();
            code.or_else(|| {
                let listed = |district: &Kept<District>| {
                    bracketed(&place(snapshot, district, on, locale), district.code.as_str(), locale)
                };
                let named = naming::district(name?, snapshot, on);
                one(name?, named, listed, locale, &mut problems).map(|district| district.code)
            })
        };
        let receiving = district(self.receiving, &self.receiving_name);
        let competent = district(self.competent, &self.competent_name);
        if let (Some(matter), Some(receiving), Some(competent)) = (matter, receiving, competent) {
            return Ok((matter, receiving, competent));
        }
        Err(Failure::Exit(UNKNOWN, Message::new(problems.trim_end(), problems.trim_end())))
    }
}

/// The record that a name means. If it is not plain, the problem is added, with what may be meant.
fn one<T>(
    name: &str,
    named: Named<T>,
    listed: impl Fn(&T) -> String,
    locale: Locale,
    problems: &mut String,
) -> Option<T> {
    let candidates: Vec<String> = match named {
        Named::One(record) => return Some(record),
        Named::Several(records) => {
            let _ = match locale {
                Locale::Zh => writeln!(problems, "“{name}”可能指："),
                Locale::En => writeln!(problems, "“{name}” may mean:"),
            };
            records.iter().map(listed).collect()
        }
        Named::Unknown(suggestions) => {
            let _ = match locale {
                Locale::Zh => {
                    writeln!(problems, "没有找到“{name}”{}", if suggestions.is_empty() { "" } else { "。是否要找：" })
                }
                Locale::En => writeln!(
                    problems,
                    "“{name}” is not known{}",
                    if suggestions.is_empty() { "" } else { "; did you mean:" }
                ),
            };
            suggestions
        }
    };
    candidates.iter().for_each(|candidate| {
        let _ = writeln!(problems, "  {candidate}");
    });
    None
}

/// The exit code of an answer.
fn outcome(answer: Answer) -> Result<(), Failure> {
    match answer {
        Answer::Available => Ok(()),
        Answer::NotOffered | Answer::NotCovered => Err(Failure::code(NO)),
        Answer::UnknownMatter | Answer::UnknownDistrict | Answer::Malformed => Err(Failure::code(UNKNOWN)),
    }
}

/// Escapes the characters of JSON that a terminal would execute or not show.
fn json_for_terminals(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for character in json.chars() {
        let plain = character == '\n' || matches!(shown(character.encode_utf8(&mut [0; 4])), Cow::Borrowed(_));
        if plain {
            out.push(character);
        } else {
            character.encode_utf16(&mut [0; 2]).iter().for_each(|unit| {
                let _ = write!(out, "\\u{unit:04x}");
            });
        }
    }
    out
}
