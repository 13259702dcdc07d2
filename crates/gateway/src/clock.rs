//! The one place that reads the clock. Days are calendar days in China, which has one time zone and no
//! summer time.

use std::time::{Duration, Instant};

use chrono::{DateTime, DurationRound, FixedOffset, TimeDelta, Utc};
use domain::Date;

const CHINA: FixedOffset = FixedOffset::east_opt(8 * 3600).expect("eight hours is an offset");

/// Now, to the microsecond: what both databases keep.
#[expect(clippy::disallowed_methods, reason = "this is the gateway's clock")]
pub fn now() -> DateTime<Utc> {
    let now = Utc::now();
    now.duration_trunc(TimeDelta::microseconds(1)).unwrap_or(now)
}

/// The moment as people in China read it on the wall.
pub fn in_china(moment: DateTime<Utc>) -> DateTime<FixedOffset> {
    moment.with_timezone(&CHINA)
}

/// The calendar day that it is in China at that moment.
pub fn day_in_china(moment: DateTime<Utc>) -> Date {
    in_china(moment).date_naive()
}

/// By how much the clock on the wall may run ahead of a steady one between two looks.
const DRIFT: TimeDelta = TimeDelta::minutes(5);
/// How long a clock that jumped ahead must stay there to be believed.
const PROOF: Duration = Duration::from_secs(3600);
/// A stamp that lies so far ahead does harm for so long. A machine that slept for less may write at once.
const SLEEP: TimeDelta = TimeDelta::days(1);
/// After so long without anybody, a registry that has no other clock waits whether this one is put right.
const REST: TimeDelta = TimeDelta::days(366);

/// Doubts a clock that jumps ahead, as after a wrong answer from a time server: what the passing of days brought is told
/// once, and cannot be taken back. Whether it was put right is seen within the hour; a machine that slept was right.
#[derive(Debug, Default)]
pub struct Doubt {
    last: Option<(Instant, DateTime<Utc>)>,
    /// Since when, and by how much it jumped.
    since: Option<(Instant, TimeDelta)>,
}

impl Doubt {
    /// A process that starts: `known` is when somebody was here for certain.
    pub fn starting(steady: Instant, wall: DateTime<Utc>, known: Option<DateTime<Utc>>) -> Self {
        let rest = known.map(|known| wall - known).filter(|rest| *rest > REST);
        if let Some(rest) = rest {
            tracing::warn!(
                days = rest.num_days(),
                "the clock says that nobody was here for long: nothing is written for an hour, unless it is put right; with --trust-clock at once"
            );
        }
        Self { last: Some((steady, wall)), since: rest.map(|rest| (steady, rest)) }
    }

    /// Is it safe to say that it is this late? `steady` is a clock that nobody can set.
    pub fn believes(&mut self, steady: Instant, wall: DateTime<Utc>) -> bool {
        self.look(steady, wall);
        self.since.is_none_or(|(since, _)| steady.saturating_duration_since(since) >= PROOF)
    }

    /// May an entry of the journal bear this stamp?
    pub fn lets_write(&mut self, steady: Instant, wall: DateTime<Utc>) -> bool {
        self.believes(steady, wall) || self.since.is_none_or(|(_, ahead)| ahead < SLEEP)
    }

    fn look(&mut self, steady: Instant, wall: DateTime<Utc>) {
        let Some((then, before)) = self.last.replace((steady, wall)) else { return };
        let passed = TimeDelta::from_std(steady.saturating_duration_since(then)).unwrap_or(TimeDelta::MAX);
        let ahead = wall - before - passed;
        if ahead > DRIFT {
            tracing::warn!(
                seconds = ahead.num_seconds(),
                "the clock jumped ahead; what the days brought is told when it has stayed there for an hour"
            );
            self.since = Some((steady, ahead));
        } else if ahead < -DRIFT {
            tracing::warn!(seconds = ahead.num_seconds(), "the clock was put back");
            self.since = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_jumps_ahead_is_believed_once_it_has_stayed_there() {
        let (start, noon) = (Instant::now(), "2026-11-22T04:00:00Z".parse::<DateTime<Utc>>().expect("a time"));
        let mut doubt = Doubt::default();
        let mut believes = |minute: u64, ahead: i64| {
            let passed = Duration::from_secs(60 * minute);
            doubt.believes(start + passed, noon + passed + TimeDelta::minutes(ahead))
        };
        assert!(believes(0, 0) && believes(1, 0) && believes(2, 1));
        let year = 365 * 24 * 60;
        assert!(!believes(3, year) && !believes(4, year));
        assert!(believes(5, 0), "it was put right");
        assert!(!believes(6, 600) && !believes(65, 600));
        assert!(believes(66, 600), "a machine that slept");
        assert!(believes(67, 0), "what is told is told");
    }

    #[test]
    fn a_clock_that_jumped_by_a_day_or_after_a_long_rest_stamps_nothing_until_it_has_stayed_there() {
        let (start, noon) = (Instant::now(), "2026-11-22T04:00:00Z".parse::<DateTime<Utc>>().expect("a time"));
        let at = |minute: u64, ahead: i64| {
            let passed = Duration::from_secs(60 * minute);
            (start + passed, noon + passed + TimeDelta::minutes(ahead))
        };
        let mut doubt = Doubt::starting(start, noon, Some(noon - TimeDelta::days(365)));
        let mut lets = |(steady, wall)| doubt.lets_write(steady, wall);
        assert!(lets(at(0, 0)) && lets(at(1, 600)), "a machine that slept for some hours");
        let year = 365 * 24 * 60;
        assert!(!lets(at(2, year)) && lets(at(3, 0)), "it was put right");
        assert!(!lets(at(4, year)) && !lets(at(63, year)) && lets(at(64, year)));
        let mut doubt = Doubt::starting(start, noon, Some(noon - TimeDelta::days(400)));
        let mut lets = |(steady, wall)| doubt.lets_write(steady, wall);
        assert!(!lets(at(0, 0)) && !lets(at(59, 0)) && lets(at(60, 0)));
        let mut doubt = Doubt::starting(start, noon, Some(noon - TimeDelta::days(400)));
        assert!(doubt.lets_write(start + Duration::from_secs(60), noon - TimeDelta::days(60)), "it was put right");
    }

    #[test]
    fn the_day_begins_eight_hours_before_greenwich() {
        let moment = |text: &str| text.parse::<DateTime<Utc>>().expect("a time");
        assert_eq!(day_in_china(moment("2026-11-22T15:59:59Z")).to_string(), "2026-11-22");
        assert_eq!(day_in_china(moment("2026-11-22T16:00:00Z")).to_string(), "2026-11-23");
    }
}
