//! The address of a page: the two districts, words and filters, the day, and the language. Every page can be linked to,
//! and a link on a page changes one parameter and keeps the others.

use catalogue::Order;
use domain::{Audience, Date, HandlingMode, Locale, MatterDomain, Message};

use crate::address::MAX_TEXT_LENGTH;
use crate::language::{self, lang};

/// The parameters of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link {
    /// As typed: a code or a name.
    pub(crate) receiving: String,
    pub(crate) competent: String,
    pub(crate) search: String,
    pub(crate) modes: Vec<HandlingMode>,
    pub(crate) domains: Vec<MatterDomain>,
    pub(crate) audiences: Vec<Audience>,
    pub(crate) order: Order,
    pub(crate) on: Option<Date>,
    pub(crate) lang: Option<Locale>,
    /// How many matters to list, if more than by default.
    pub(crate) show: Option<usize>,
    pub(crate) swap: Swap,
}

impl Default for Link {
    fn default() -> Self {
        let (receiving, competent, search) = (String::new(), String::new(), String::new());
        let (modes, domains, audiences) = (Vec::new(), Vec::new(), Vec::new());
        Self {
            receiving,
            competent,
            search,
            modes,
            domains,
            audiences,
            order: Order::Relevance,
            on: None,
            lang: None,
            show: None,
            swap: Swap::Keep,
        }
    }
}

/// Was the button pressed that swaps the districts?
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Swap {
    #[default]
    Keep,
    Turn,
}

/// The values of `sort`; the default order has none.
const ORDERS: [(Order, &str); 3] = [(Order::Name, "name"), (Order::PromisedDays, "days"), (Order::Code, "code")];

/// The path of the list of all matters.
pub(crate) const MATTERS: &str = "/matters";

/// The most matters on one page.
const MAX_SHOWN: usize = 2_000;

impl Link {
    /// Reads the query of an address. Invalid parameters are left out and reported.
    pub(crate) fn read(query: &str) -> (Self, Vec<Message>) {
        let mut link = Self::default();
        let mut faults = Vec::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let value: String = value.trim().chars().take(MAX_TEXT_LENGTH).collect();
            if value.is_empty() {
                continue;
            }
            match &*name {
                "receiving" => link.receiving = value,
                "competent" => link.competent = value,
                "q" => link.search = value,
                "mode" => choose(&mut link.modes, &value, &mut faults),
                "domain" => choose(&mut link.domains, &value, &mut faults),
                "audience" => choose(&mut link.audiences, &value, &mut faults),
                "sort" => match ORDERS.iter().find(|(_, name)| *name == value) {
                    Some((order, _)) => link.order = *order,
                    None => faults.push(Message::new(
                        format!("没有“{value}”这种排序。"),
                        format!("There is no sort order “{value}”."),
                    )),
                },
                "on" => match value.parse() {
                    Ok(date) => link.on = Some(date),
                    Err(_) => faults.push(Message::new(
                        format!("“{value}”不是日期。日期写作 2026-11-23。"),
                        format!("“{value}” is not a date. A date is written 2026-11-23."),
                    )),
                },
                "lang" => link.lang = language::named(&value),
                "show" => link.show = value.parse().ok().map(|show: usize| show.clamp(1, MAX_SHOWN)),
                "swap" => link.swap = Swap::Turn,
                _ => {}
            }
        }
        (link, faults)
    }

    /// The query of the address; the same for the same parameters.
    pub(crate) fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let mut text = |name: &str, value: &str| {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        };
        text("receiving", &self.receiving);
        text("competent", &self.competent);
        text("q", &self.search);
        self.modes.iter().for_each(|mode| text("mode", mode.name()));
        self.domains.iter().for_each(|domain| text("domain", domain.name()));
        self.audiences.iter().for_each(|audience| text("audience", audience.name()));
        text("sort", self.sort().unwrap_or_default());
        text("on", &self.on.map_or_else(String::new, |on| on.to_string()));
        text("show", &self.show.map_or_else(String::new, |show| show.to_string()));
        text("lang", self.lang.map_or("", lang));
        query.finish()
    }

    /// The value of `sort`, if the order is not the default.
    pub(crate) fn sort(&self) -> Option<&'static str> {
        ORDERS.iter().find(|(order, _)| *order == self.order).map(|(_, name)| *name)
    }

    pub(crate) fn address(&self, path: &str) -> String {
        let query = self.query();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }

    /// The address of the list of matters.
    pub(crate) fn to_list(&self) -> String {
        self.address("/")
    }

    /// The list of the two districts, or that of all matters if one is open.
    pub(crate) fn to_any_list(&self) -> String {
        if self.receiving.is_empty() || self.competent.is_empty() { self.address(MATTERS) } else { self.to_list() }
    }

    /// The address of a matter, for the same districts and day. Words and filters stay, so that the way back leads to
    /// the same list.
    pub(crate) fn to_matter(&self, code: domain::MatterCode) -> String {
        self.address(&format!("/matter/{code}"))
    }

    #[must_use]
    pub(crate) fn on_day(&self, on: Date) -> Self {
        Self { on: Some(on), show: None, ..self.clone() }
    }

    #[must_use]
    pub(crate) fn turned(&self) -> Self {
        let (receiving, competent) = (self.competent.clone(), self.receiving.clone());
        Self { receiving, competent, swap: Swap::Keep, show: None, ..self.clone() }
    }

    #[must_use]
    pub(crate) fn between(&self, receiving: &str, competent: &str) -> Self {
        Self { receiving: receiving.to_owned(), competent: competent.to_owned(), ..self.clone() }
    }

    #[must_use]
    pub(crate) fn without_filters(&self) -> Self {
        let bare = Self::default();
        Self {
            modes: bare.modes,
            domains: bare.domains,
            audiences: bare.audiences,
            search: bare.search,
            show: None,
            ..self.clone()
        }
    }

    pub(crate) fn has_filters(&self) -> bool {
        !(self.modes.is_empty() && self.domains.is_empty() && self.audiences.is_empty() && self.search.is_empty())
    }
}

fn choose<T: std::str::FromStr + PartialEq>(chosen: &mut Vec<T>, value: &str, faults: &mut Vec<Message>) {
    match value.parse() {
        Ok(value) if chosen.contains(&value) => {}
        Ok(value) => chosen.push(value),
        Err(_) => {
            faults.push(Message::new(format!("没有“{value}”这个筛选条件。"), format!("There is no filter “{value}”.")));
        }
    }
}

/// A list with a value added, or removed if it was there, as a click on a filter does.
pub(crate) fn toggled<T: Copy + PartialEq>(chosen: &[T], value: T) -> Vec<T> {
    let mut next: Vec<T> = chosen.iter().copied().filter(|other| *other != value).collect();
    if next.len() == chosen.len() {
        next.push(value);
    }
    next
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_reads_back() {
        let query = "receiving=440115&competent=310112&q=%E8%BA%AB%E4%BB%BD&mode=FULL_ONLINE&domain=HEALTH&sort=days&on=2026-11-23&lang=en";
        let (link, faults) = Link::read(query);
        assert!(faults.is_empty());
        assert_eq!(link.search, "身份");
        assert_eq!(link.query(), query);
        assert_eq!(
            link.turned().to_list(),
            format!("/?{}", query.replace("receiving=440115&competent=310112", "receiving=310112&competent=440115"))
        );
    }

    #[test]
    fn invalid_parameters_are_reported_and_left_out() {
        let (link, faults) = Link::read("on=2026-02-30&mode=CARRIER_PIGEON&q=&lang=fr&show=99999&sort=luck");
        assert_eq!(faults.len(), 3);
        assert_eq!((link.on, link.modes.len(), link.lang, link.show), (None, 0, None, Some(MAX_SHOWN)));
    }

    #[test]
    fn a_click_on_a_filter_toggles_it() {
        use HandlingMode::{FullOnline, ProxyCollection};
        assert_eq!(toggled(&[FullOnline], ProxyCollection), [FullOnline, ProxyCollection]);
        assert_eq!(toggled(&[FullOnline, ProxyCollection], FullOnline), [ProxyCollection]);
    }
}
