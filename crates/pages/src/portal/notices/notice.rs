//! What the registry tells everybody: stops, ends, new agreements, and changes of districts. All of it is read from the
//! published part of the records.

use catalogue::{AgreementFilter, DistrictFilter, Kept, Order, Slice, Snapshot};
use domain::{Agreement, AgreementNumber, Date, District, DistrictCode, Locale, Message, Scope, Suspension, Version};
use registry::presentation::district_name;

/// The kind of a notice, in the order of the filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Stop,
    End,
    New,
    District,
}

#[derive(Debug)]
pub(crate) struct Notice {
    pub(crate) day: Date,
    pub(crate) kind: Kind,
    pub(crate) subject: Subject,
    pub(crate) text: Message,
    /// The expected end of a stop.
    pub(crate) until: Option<Date>,
    /// Whether it is a stop that applies today.
    pub(crate) running: bool,
    pub(crate) synthetic: bool,
}

#[derive(Debug)]
pub(crate) enum Subject {
    Agreement(AgreementNumber, Box<str>),
    District(DistrictCode, Message),
}

impl Kind {
    pub(crate) const ALL: [Self; 4] = [Self::Stop, Self::End, Self::New, Self::District];

    /// The value of the parameter `kind`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::End => "end",
            Self::New => "new",
            Self::District => "district",
        }
    }

    pub(crate) fn label(self) -> Message {
        match self {
            Self::Stop => Message::new("暂停与恢复", "Stops"),
            Self::End => Message::new("到期与退出", "Ends"),
            Self::New => Message::new("新签协议", "New agreements"),
            Self::District => Message::new("区划调整", "Districts"),
        }
    }
}

impl Notice {
    /// All notices, the newest first.
    pub(crate) fn all(snapshot: &Snapshot) -> Vec<Self> {
        let today = snapshot.today();
        let everything = AgreementFilter { on: today, ..AgreementFilter::default() };
        let mut notices: Vec<Self> = snapshot
            .list_agreements(&everything, &Scope::Public)
            .iter()
            .flat_map(|listed| Writer { snapshot, today, agreement: &listed.item }.notices())
            .collect();
        let districts = snapshot.list_districts(&DistrictFilter::default(), &Slice::all(Order::Code));
        notices.extend(districts.items().flat_map(|district| of_district(snapshot, district)));
        notices.sort_by_key(|notice| std::cmp::Reverse(notice.day));
        notices
    }
}

/// Writes the notices of an agreement.
struct Writer<'a> {
    snapshot: &'a Snapshot,
    today: Date,
    agreement: &'a Agreement,
}

impl Writer<'_> {
    fn notices(&self) -> Vec<Notice> {
        let Agreement { versions, suspensions, notices, voided, .. } = self.agreement;
        let conclusions = versions.iter().filter_map(|version| self.conclusion(version));
        let stops = suspensions.iter().flat_map(|suspension| self.stop(suspension));
        let leavings = notices.iter().map(|notice| {
            let party = self.named(notice.party);
            let text = Message::new(
                format!("{}退出，最后一日 {}", party.zh, notice.ends_on),
                format!("{} leaves; its last day is {}", party.en, notice.ends_on),
            );
            self.notice(notice.ends_on, Kind::End, text)
        });
        let voided = voided.iter().map(|voided| {
            self.notice(voided.on, Kind::End, Message::new("登记有误，已作废", "was recorded in error, and is void"))
        });
        conclusions.chain(stops).chain(leavings).chain(voided).chain(self.end()).collect()
    }

    fn notice(&self, day: Date, kind: Kind, text: Message) -> Notice {
        let Agreement { number, provenance, .. } = self.agreement;
        let subject = Subject::Agreement(*number, self.agreement.latest().title.clone());
        Notice { day, kind, subject, text, until: None, running: false, synthetic: provenance.synthetic }
    }

    fn conclusion(&self, version: &Version) -> Option<Notice> {
        let signed = version.signed_on()?;
        let from = version.term().and_then(|term| term.from).unwrap_or(signed);
        let is_first = self.agreement.versions.first().is_some_and(|first| first.number == version.number);
        let text = if is_first {
            Message::new(format!("签订，{from} 起生效"), format!("concluded; in force from {from}"))
        } else {
            let number = version.number;
            Message::new(
                format!("签订第 {number} 版，{from} 起生效"),
                format!("version {number} concluded; in force from {from}"),
            )
        };
        Some(self.notice(signed, Kind::New, text))
    }

    /// A suspension, and its end.
    fn stop(&self, suspension: &Suspension) -> Vec<Notice> {
        let scope =
            suspension.party.map_or_else(|| Message::new("全部", "the whole agreement"), |party| self.named(party));
        let scope = if suspension.scope.is_everything() {
            scope
        } else {
            Message::new(format!("{}（部分）", scope.zh), format!("a part of {}", scope.en))
        };
        let told = suspension.public_text.as_ref().map_or_else(String::new, |told| format!("：{told}"));
        let text = Message::new(format!("{}暂停{told}", scope.zh), format!("{} is stopped{told}", scope.en));
        let begin = Notice {
            until: suspension.until,
            running: suspension.applies_on(self.today),
            ..self.notice(suspension.since, Kind::Stop, text)
        };
        let resumed = suspension.cleared_on.map(|day| {
            let text = Message::new(format!("{}恢复办理", scope.zh), format!("{} is resumed", scope.en));
            self.notice(day, Kind::Stop, text)
        });
        std::iter::once(begin).chain(resumed).collect()
    }

    /// The last day of the version that began last, if it has one.
    fn end(&self) -> Option<Notice> {
        if self.agreement.voided.is_some() {
            return None;
        }
        let last = self.agreement.version_begun(self.today)?.term()?.to?;
        let text = if last < self.today {
            Message::new("已到期", "expired")
        } else {
            Message::new("到期，之后不能再按本协议办理", "ends; nothing can be done under it afterwards")
        };
        Some(self.notice(last, Kind::End, text))
    }

    fn named(&self, code: DistrictCode) -> Message {
        name_of(self.snapshot, code)
    }
}

fn name_of(snapshot: &Snapshot, code: DistrictCode) -> Message {
    snapshot.district(code).map_or_else(
        || Message::new(code.to_string(), code.to_string()),
        |found| Message::new(district_name(found, Locale::Zh), district_name(found, Locale::En)),
    )
}

/// The establishment and the retirement of a district, if their days are recorded.
fn of_district(snapshot: &Snapshot, district: &Kept<District>) -> Vec<Notice> {
    let notice = |day: Date, text: Message| Notice {
        day,
        kind: Kind::District,
        subject: Subject::District(district.code, name_of(snapshot, district.code)),
        text,
        until: None,
        running: false,
        synthetic: district.provenance.synthetic,
    };
    let founded = district.valid_from.map(|day| notice(day, Message::new("设立", "is established")));
    let retired = district.retired.as_ref().map(|retired| {
        let successors: Vec<Message> = retired.successors.iter().map(|code| name_of(snapshot, *code)).collect();
        let zh: Vec<&str> = successors.iter().map(|name| name.zh.as_str()).collect();
        let en: Vec<&str> = successors.iter().map(|name| name.en.as_str()).collect();
        let text = if successors.is_empty() {
            Message::new("撤销", "is retired")
        } else {
            Message::new(format!("撤销，由{}承接", zh.join("、")), format!("is succeeded by {}", en.join(", ")))
        };
        notice(retired.on, text)
    });
    founded.into_iter().chain(retired).collect()
}

/// When a stop is expected to end.
pub(crate) fn expected_end(until: Option<Date>, locale: Locale) -> String {
    match (until, locale) {
        (Some(until), Locale::Zh) => format!("预计 {until} 后恢复"),
        (Some(until), Locale::En) => format!("expected to end after {until}"),
        (None, Locale::Zh) => "恢复日期未定".to_owned(),
        (None, Locale::En) => "its end is not known yet".to_owned(),
    }
}
