//! `tongban ask`: answers, for a person on a terminal, whether and how a matter can be handled.

mod answer;
mod names;
mod source;
mod text;

use std::borrow::Cow;
use std::fmt::Write as _;

use catalogue::Answer;
use clap::builder::FalseyValueParser;
use clap::{ArgGroup, Args};
use domain::reading::format::parse_date;
use domain::text::shown;
use domain::{Date, DistrictCode, Locale, MatterCode, Message};
use registry::clock;
use registry::follower::Follower;
use registry::request_context::RequestContext;
use registry::viewer::Viewer;
use serde_json::json;

use super::failure::Failure;
use super::registry::{Registry, Secret, secret};
use super::said::Said;
use super::terminal;
use answer::Handling;
use names::Names;
use source::{Remote, Server, Source, first_error, server};
use text::answer_of;

/// The exit code of a no.
const NO: u8 = 3;
/// The exit code when a matter or a district is unknown or ambiguous.
const UNKNOWN: u8 = 4;

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("of").args(["name", "matter"]).required(true))]
#[command(group = ArgGroup::new("here").args(["receiving_name", "receiving"]).required(true))]
#[command(group = ArgGroup::new("there").args(["competent_name", "competent"]).required(true))]
#[command(
    after_help = "Exit codes: 0 yes, 1 failure, 2 wrong usage, 3 no, 4 a matter or district is unknown or ambiguous, 5 the server cannot be reached or refuses"
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
    /// Ask this running registry instead of a database
    #[arg(long, env = "TONGBAN_SERVER", value_name = "URL", value_parser = server)]
    server: Option<Server>,
    /// The API key for --server, or @FILE with a file that contains it [default: none; what everybody may see]
    #[arg(long, env = "TONGBAN_KEY", value_name = "KEY", hide_env_values = true, value_parser = secret)]
    key: Option<Secret>,
    /// Print the GraphQL answer
    #[arg(long, env = "TONGBAN_JSON", value_parser = FalseyValueParser::new())]
    json: bool,
}

fn day(text: &str) -> Result<Date, Said> {
    parse_date(text).ok_or_else(|| Said::new("日期请写成 2026-10-01", "a day is written 2026-10-01"))
}

/// The query.
const QUERY: &str = include_str!("../../../assets/ask.graphql");

impl Ask {
    pub(super) async fn run(self, locale: Locale) -> Result<(), Failure> {
        let source = self.source().await?;
        let (matter, receiving, competent) = self.codes(&source, locale).await?;
        let variables = |guides: bool| {
            json!({
                "matter": matter, "receiving": receiving, "competent": competent, "on": self.on, "locale": locale,
                "guides": guides,
            })
        };
        let mut answer = source.answer(QUERY, variables(true), locale).await?;
        if self.json {
            let text = serde_json::to_string_pretty(&answer).map_err(Failure::because)?;
            terminal::print_raw(&format!("{}\n", json_for_terminals(&text)))?;
            let handling = serde_json::from_value::<Handling>(answer["data"]["handling"].take()).ok();
            return match handling {
                Some(handling) if answer.get("errors").is_none() => outcome(answer_of(&handling)),
                Some(_) | None => Err(source.reported()),
            };
        }
        // The guides are in the database, which may be down while the catalogue answers.
        let has_guides = first_error(&answer).is_none();
        if !has_guides {
            answer = source.answer(QUERY, variables(false), locale).await?;
        }
        if let Some(error) = first_error(&answer) {
            return Err(source.refused(&error));
        }
        let handling: Handling =
            serde_json::from_value(answer["data"]["handling"].take()).map_err(|error| source.unreadable(&error))?;
        terminal::print(&text::answer(&handling, has_guides, locale))?;
        outcome(answer_of(&handling))
    }

    async fn source(&self) -> Result<Source, Failure> {
        if let Some(server) = &self.server {
            return Ok(Source::Remote(Remote { server: server.clone(), key: self.key.clone() }));
        }
        let follower = Follower::load(self.registry.open_to_read().await?).await?;
        Ok(Source::Local(Box::new(RequestContext::new(follower, Viewer::default(), clock::now()))))
    }

    /// The codes of the question. If names are unknown or ambiguous, all of them are named, with what may be meant.
    async fn codes(
        &self,
        source: &Source,
        locale: Locale,
    ) -> Result<(MatterCode, DistrictCode, DistrictCode), Failure> {
        let mut names = Names { source, locale, problems: String::new() };
        let matter = match (self.matter, &self.name) {
            (None, Some(name)) => names.matter(name).await?,
            (code, _) => code,
        };
        let receiving = match (self.receiving, &self.receiving_name) {
            (None, Some(name)) => names.district(name).await?,
            (code, _) => code,
        };
        let competent = match (self.competent, &self.competent_name) {
            (None, Some(name)) => names.district(name).await?,
            (code, _) => code,
        };
        if let (Some(matter), Some(receiving), Some(competent)) = (matter, receiving, competent) {
            return Ok((matter, receiving, competent));
        }
        let problems = names.problems.trim_end();
        Err(Failure::Exit(UNKNOWN, Message::new(problems, problems)))
    }
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
