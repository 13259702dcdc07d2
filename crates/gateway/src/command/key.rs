//! `tongban key`: API keys. The secret is shown once, when the key is issued; the registry stores its hash.

use std::fmt::Write as _;

use chrono::{DateTime, TimeDelta, Utc};
use clap::builder::{FalseyValueParser, PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use domain::reading;
use domain::{ApiKey, DistrictCode, Extent, Id, Locale, Role, calendar};
use registry::clock;
use registry::presentation::Say;
use registry::secret::{NewSecret, new_secret};
use serde_json::json;

use super::failure::Failure;
use super::registry::{Migration, Missing, Registry};
use super::said::Said;
use super::{audit, terminal};

/// The default lifetime of a key in days. A steward may do everything, so that key expires sooner.
const DAYS: i64 = 365;
const DAYS_OF_A_STEWARD: i64 = 90;

#[derive(Debug, Subcommand)]
pub(super) enum Key {
    /// Issue a key; prints the secret, alone, once
    Issue(Issue),
    /// List the keys, without secrets
    List(Registry),
    /// End a key at once
    Revoke(Revoke),
}

#[derive(Debug, Args)]
pub(super) struct Issue {
    #[command(flatten)]
    pub(super) registry: Registry,
    #[command(flatten)]
    migration: Migration,
    /// What its bearer may do; may be given several times
    #[arg(long = "role", env = "TONGBAN_ROLE", value_name = "ROLE", required = true, value_delimiter = ',', value_parser = role())]
    roles: Vec<Role>,
    /// The district for which its bearer acts
    #[arg(long, env = "TONGBAN_DISTRICT", value_name = "CODE")]
    district: Option<DistrictCode>,
    /// … and for all below it
    #[arg(long, env = "TONGBAN_SUBTREE", requires = "district", value_parser = FalseyValueParser::new())]
    subtree: bool,
    /// Whose key it is
    #[arg(long, env = "TONGBAN_NAME", value_name = "TEXT")]
    name: String,
    /// How many days it is valid [default: 365, with the role steward 90]
    #[arg(long, env = "TONGBAN_DAYS", value_name = "N", value_parser = clap::value_parser!(u32).range(1..=36_500))]
    days: Option<u32>,
}

#[derive(Debug, Args)]
pub(super) struct Revoke {
    #[command(flatten)]
    pub(super) registry: Registry,
    #[command(flatten)]
    migration: Migration,
    /// The key's id, such as key_1f3; `tongban key list` shows it
    #[arg(value_name = "ID", value_parser = id)]
    id: Id<ApiKey>,
}

fn role() -> impl TypedValueParser<Value = Role> {
    PossibleValuesParser::new(["partner", "registrar", "signatory", "steward"])
        .map(|name| name.to_ascii_uppercase().parse().expect("one of the roles"))
}

fn id(text: &str) -> Result<Id<ApiKey>, Said> {
    text.parse().map_err(|_| Said::new("密钥编号形如 key_1f3", "a key's id looks like key_1f3"))
}

impl Key {
    pub(super) async fn run(self, locale: Locale) -> Result<(), Failure> {
        match self {
            Self::Issue(issue) => issue.run(locale).await,
            Self::List(registry) => list(&registry, locale).await,
            Self::Revoke(revoke) => revoke.run().await,
        }
    }
}

impl Issue {
    async fn run(self, locale: Locale) -> Result<(), Failure> {
        let now = clock::now();
        let key = self.read(now, locale)?;
        let store = self.registry.open_to_write(self.migration, Missing::Refused).await?;
        let made = new_secret().map_err(|error| {
            Failure::said(
                format!("系统没有可用于密钥的随机数：{error}"),
                format!("the system has no random numbers for a secret: {error}"),
            )
        })?;
        let NewSecret { secret, prefix, hash } = made;
        let mut work = store.begin(audit::by(now)).await?;
        work.name_actor(&audit::person()).await?;
        let key = work.issue_key(ApiKey { prefix, ..key }, hash).await?;
        work.commit().await?;
        store.close().await?;
        let until = key
            .expires_at
            .map_or_else(String::new, |until| calendar::in_china(until).format("%Y-%m-%d %H:%M").to_string());
        let id = key.id;
        terminal::print_error(&match locale {
            Locale::Zh => format!("已签发 {id}，有效至 {until}；标准输出上的密钥内容不再显示"),
            Locale::En => format!("issued {id}, valid until {until}; the secret on stdout is not shown again"),
        });
        Ok(terminal::print(&format!("{secret}\n"))?)
    }

    /// Reads the options like the input of the mutation.
    fn read(&self, now: DateTime<Utc>, locale: Locale) -> Result<ApiKey, Failure> {
        let usual = if self.roles.contains(&Role::Steward) { DAYS_OF_A_STEWARD } else { DAYS };
        let days = self.days.map_or(usual, i64::from);
        let said = json!({
            "name": self.name,
            "roles": self.roles,
            "district": self.district,
            "extent": if self.subtree { Extent::Subtree } else { Extent::Itself },
            "expiresAt": now + TimeDelta::days(days),
        });
        let mut problems = Vec::new();
        let key = reading::read(&said, &mut problems, ApiKey::read_input);
        let messages = problems.iter().map(|problem| {
            let remedy =
                problem.remedy.as_ref().map_or_else(String::new, |remedy| format!(" — {}", remedy.text(locale)));
            format!("{}: {}{remedy}", problem.field(), problem.message.text(locale))
        });
        let messages: Vec<String> = messages.collect();
        key.filter(|_| messages.is_empty()).ok_or_else(|| Failure::because(messages.join("; ")))
    }
}

impl Revoke {
    async fn run(self) -> Result<(), Failure> {
        let now = clock::now();
        let store = self.registry.open_to_write(self.migration, Missing::Refused).await?;
        let mut work = store.begin(audit::by(now)).await?;
        work.name_actor(&audit::person()).await?;
        let key = work.revoke_key(self.id, now).await?;
        work.commit().await?;
        store.close().await?;
        match key {
            Some(key) => Ok(terminal::print(&format!("{} {}\n", key.id, key.name))?),
            None => Err(Failure::said(format!("没有密钥 {}", self.id), format!("there is no key {}", self.id))),
        }
    }
}

async fn list(registry: &Registry, locale: Locale) -> Result<(), Failure> {
    let store = registry.open_to_read().await?;
    let now = clock::now();
    let uses: std::collections::HashMap<_, _> = store.key_uses().await?.into_iter().collect();
    let moment = |at: DateTime<Utc>| calendar::in_china(at).format("%Y-%m-%d %H:%M").to_string();
    let heads = match locale {
        Locale::Zh => ["编号", "前缀", "名称", "角色", "区域", "状态", "最近使用"],
        Locale::En => ["id", "prefix", "name", "roles", "district", "state", "last used"],
    };
    let mut rows = vec![heads.map(str::to_owned)];
    for key in store.keys().await? {
        let roles: Vec<_> = key.roles.iter().map(|role| role.label(locale)).collect();
        let state = match (key.revoked_at, key.expires_at) {
            (Some(revoked), _) => format!("{} {}", locale.say("已吊销", "revoked"), moment(revoked)),
            (None, Some(expires)) if expires <= now => {
                format!("{} {}", locale.say("已过期", "expired"), moment(expires))
            }
            (None, Some(expires)) => format!("{} {}", locale.say("有效至", "valid until"), moment(expires)),
            (None, None) => locale.say("有效", "valid").to_owned(),
        };
        let district = key.district.map_or_else(String::new, |code| match key.extent {
            Extent::Itself => code.to_string(),
            Extent::Subtree => format!("{code} {}", key.extent.label(locale)),
        });
        let used = uses.get(&key.id).copied().flatten().map_or_else(|| "—".to_owned(), moment);
        rows.push([
            key.id.to_string(),
            format!("{}…", key.prefix),
            key.name.clone(),
            roles.join(locale.say("、", ", ")),
            district,
            state,
            used,
        ]);
    }
    let mut out = String::new();
    for line in terminal::columns(&rows) {
        let _ = writeln!(out, "{line}");
    }
    Ok(terminal::print(&out)?)
}
