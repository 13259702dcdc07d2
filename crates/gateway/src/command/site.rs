//! The options of the footer: who runs the site. What is not given does not appear.

use std::path::PathBuf;

use clap::Args;
use domain::{Calendar, Message};

use super::failure::Failure;
use super::said::of_system;

#[derive(Debug, Args)]
#[command(next_help_heading = "Footer of pages")]
pub(super) struct Site {
    /// The organisation that runs the site (主办单位), in the footer of pages
    #[arg(long, env = "TONGBAN_SITE_OWNER", value_name = "TEXT")]
    site_owner: Option<String>,
    /// How to reach it (联系方式)
    #[arg(long, env = "TONGBAN_SITE_CONTACT", value_name = "TEXT")]
    site_contact: Option<String>,
    /// The identification code of a government site (网站标识码)
    #[arg(long, env = "TONGBAN_SITE_CODE", value_name = "TEXT")]
    site_code: Option<String>,
    /// The number of the ICP filing (ICP备案)
    #[arg(long, env = "TONGBAN_SITE_ICP", value_name = "TEXT")]
    site_icp: Option<String>,
    /// The number of the public security filing (公安备案)
    #[arg(long, env = "TONGBAN_SITE_POLICE", value_name = "TEXT")]
    site_police: Option<String>,
    /// The announced holidays and worked weekends, a line for each day: `2026-10-01 休` or `2026-10-10 班`. Without it
    /// pages say that the windows' announcements decide
    #[arg(long, env = "TONGBAN_HOLIDAYS", value_name = "FILE")]
    holidays: Option<PathBuf>,
}

impl Site {
    /// The site; empty texts are absent.
    pub(super) fn site(&self) -> pages::site::Site {
        let given =
            |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        pages::site::Site {
            owner: given(&self.site_owner),
            contact: given(&self.site_contact),
            code: given(&self.site_code),
            icp: given(&self.site_icp),
            police: given(&self.site_police),
        }
    }

    /// The announced holidays.
    pub(super) fn calendar(&self) -> Result<Calendar, Failure> {
        let Some(path) = &self.holidays else { return Ok(Calendar::default()) };
        let fault = |what: Message| {
            let option = format!("--holidays {}", path.display());
            Failure::said(format!("{option}：{}", what.zh), format!("{option}: {}", what.en))
        };
        let text = std::fs::read_to_string(path).map_err(|error| fault(of_system(&error)))?;
        text.parse().map_err(|unread: domain::calendar::Unreadable| {
            let (line, Message { zh, en }) = (unread.line, unread.message);
            fault(Message::new(format!("第 {line} 行：{zh}"), format!("line {line}: {en}")))
        })
    }

    /// The effective settings.
    pub(super) fn effective(&self) -> [(&'static str, String); 6] {
        let pages::site::Site { owner, contact, code, icp, police } = self.site();
        let said = |text: Option<String>| text.unwrap_or_else(|| "not shown".to_owned());
        [
            ("site owner", said(owner)),
            ("site contact", said(contact)),
            ("site code", said(code)),
            ("site ICP filing", said(icp)),
            ("site police filing", said(police)),
            ("holidays", self.holidays.as_ref().map_or("not given".to_owned(), |path| path.display().to_string())),
        ]
    }
}
