//! Windows (通办窗口): places of a district that serve applicants of other districts.

use serde::Serialize;

use crate::calendar::Calendar;
use crate::code::{DistrictCode, MatterCode};
use crate::handling::HandlingMode;
use crate::id::RecordType;
use crate::kind::RecordKind;
use crate::matter::{Matter, MatterDomain};
use crate::opening::{OpenDay, Opening, open_day};
use crate::period::{Date, Period};
use crate::problem::{Message, Problem, ProblemCode};
use crate::provenance::Provenance;
use crate::reading::Reader;
use crate::reference::Reference;
use crate::words::words;

words! {
    /// The kind of a window. Records keep the word that they came with; a word that is not in the list is shown as
    /// `Other`.
    WindowKind {
        Hall = "HALL", "政务服务大厅", "service hall";
        DepartmentHall = "DEPARTMENT_HALL", "部门办事大厅", "hall of a department";
        Township = "TOWNSHIP", "乡镇（街道）便民服务中心", "township";
        Community = "COMMUNITY", "村（社区）便民服务站", "community";
        BankOutlet = "BANK_OUTLET", "银行网点", "bank outlet";
        PostOutlet = "POST_OUTLET", "邮政网点", "post outlet";
        SelfService = "SELF_SERVICE", "自助终端", "self-service";
        RemoteVideo = "REMOTE_VIDEO", "远程视频", "remote video";
        Other = "OTHER", "其他", "other";
    }
}

/// A window (通办窗口), identified by (district, name).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Window {
    pub district: DistrictCode,
    pub name: Box<str>,
    /// `HALL`, `DEPARTMENT_HALL`, `TOWNSHIP`, `COMMUNITY`, `BANK_OUTLET`, `POST_OUTLET`, `SELF_SERVICE`,
    /// `REMOTE_VIDEO` …
    pub kind: Box<str>,
    pub address: Box<str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hours: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<Box<str>>,
    /// Where complaints about the window are taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub complaint_phone: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub appointment_url: Option<Box<str>>,
    /// The opening hours as data; `hours` has them as a text.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub opening: Vec<Opening>,
    /// Single days on which it is not open.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub closed_dates: Vec<Date>,
    /// How to get there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transport: Option<Box<str>>,
    /// The modes it serves; empty: all that need a window.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub modes: Vec<HandlingMode>,
    /// The domains it serves; empty: all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub domains: Vec<MatterDomain>,
    /// The matters it serves; empty: all of its domains.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub matters: Vec<MatterCode>,
    /// The planned days.
    #[serde(flatten)]
    pub period: Period,
    /// The first day on which it is closed, regardless of the planned days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_on: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_reason: Option<Box<str>>,
    #[serde(skip_serializing_if = "Provenance::is_unstated")]
    pub provenance: Provenance,
}

impl RecordType for Window {
    const KIND: RecordKind = RecordKind::Window;
    const PREFIX: &'static str = "win";
}

impl Window {
    /// Reads the form. If there are problems, the result is the window as far as it can be read.
    pub fn read(r: &mut Reader<'_>) -> Self {
        let district = r.code("district").unwrap_or(DistrictCode::UNREAD);
        let name = r.name("name", 120).into();
        let kind = r.optional_line("kind", 40).unwrap_or_else(|| "HALL".to_owned()).into();
        let address = r.line("address", 400).into();
        let hours = r.optional_text("hours", 400).map(Into::into);
        let phone = r.optional_number_text("phone", 120).map(Into::into);
        let complaint_phone = r.phone("complaintPhone").map(Into::into);
        let appointment_url = r.url("appointmentUrl").map(Into::into);
        let opening = r.objects("opening", Opening::read);
        r.bounded("opening", opening.len(), 50);
        let closed_dates = r.dates("closedDates", 100);
        let transport = r.optional_text("transport", 1_000).map(Into::into);
        let modes = r.words("modes");
        let domains = r.words("domains");
        let matters = r.codes("matters");
        let (period, closed_on, closed_reason) = r.planned_and_ended("closedOn", "closedReason");
        let closed_reason = closed_reason.map(Into::into);
        let provenance = Provenance::read(r);
        Self {
            district,
            name,
            kind,
            address,
            hours,
            phone,
            complaint_phone,
            appointment_url,
            opening,
            closed_dates,
            transport,
            modes,
            domains,
            matters,
            period,
            closed_on,
            closed_reason,
            provenance,
        }
    }

    /// The window as registered again: all fields are replaced, but for the provenance. This reopens a closed window.
    #[must_use]
    pub fn revised(self, details: Self) -> Self {
        Self { provenance: self.provenance.unless_stated(details.provenance), ..details }
    }

    /// Closes the window from today on: yesterday was its last day. Earlier days and the planned days stay.
    pub fn close(self, reason: Box<str>, today: Date) -> Result<Self, Problem> {
        if self.open().ended_before(today) {
            return Err(Problem::new(
                ProblemCode::Refused,
                vec!["name".to_owned()],
                "ALREADY_CLOSED",
                Message::new("该窗口已关闭", "the window has been closed already"),
            )
            .remedy("无需重复关闭", "nothing to do"));
        }
        Ok(Self { closed_on: Some(today), closed_reason: Some(reason), ..self })
    }

    /// The days on which it is open: the planned days up to the closing.
    pub fn open(&self) -> Period {
        self.period.ended_from(self.closed_on)
    }

    /// Whether it is open on a day, as far as its opening hours are data.
    pub fn open_on(&self, day: Date, calendar: &Calendar) -> OpenDay<'_> {
        open_day(&self.opening, &self.closed_dates, day, calendar)
    }

    /// Whether it serves this matter in this mode. See `open` for the days.
    pub fn serves(&self, mode: HandlingMode, matter: &Matter) -> bool {
        (self.modes.is_empty() || self.modes.contains(&mode))
            && (self.domains.is_empty() || self.domains.contains(&matter.domain))
            && (self.matters.is_empty() || self.matters.contains(&matter.code))
    }

    pub fn references(&self) -> Vec<Reference> {
        let matters = self.matters.iter().enumerate().map(|(i, code)| Reference::matter(format!("matters.{i}"), *code));
        std::iter::once(Reference::district("district", self.district)).chain(matters).collect()
    }
}
