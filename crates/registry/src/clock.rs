//! The only place that reads the system clock.

use std::time::{Duration, Instant};

use chrono::{DateTime, DurationRound, TimeDelta, Utc};

/// Now, to the microsecond: both databases store no more.
#[expect(clippy::disallowed_methods, reason = "this is the gateway's clock")]
pub fn now() -> DateTime<Utc> {
    let now = Utc::now();
    now.duration_trunc(TimeDelta::microseconds(1)).unwrap_or(now)
}

/// How far the system clock may run ahead of the monotonic clock between two checks.
const MAX_DRIFT: TimeDelta = TimeDelta::minutes(5);
/// A clock that jumped ahead is trusted when it was not set back for so long.
const CONFIRMATION_TIME: Duration = Duration::from_secs(3600);
/// After a smaller jump the process may write at once: probably the machine was suspended, and a stamp that is too late
/// does little harm.
const HARMLESS_JUMP: TimeDelta = TimeDelta::days(1);
/// A registry that was not used for longer, and has no other clock, waits before it trusts this one.
const MAX_IDLE: TimeDelta = TimeDelta::days(366);

/// Detects a system clock that jumps ahead, as after a wrong answer of a time server. Date changes are recorded once
/// and cannot be taken back, so they wait for an hour after a jump: a wrong clock is set back by then, and that of a
/// suspended machine was right.
#[derive(Debug, Default)]
pub struct JumpDetector {
    last: Option<(Instant, DateTime<Utc>)>,
    /// When it jumped, and how far.
    jump: Option<(Instant, TimeDelta)>,
}

impl JumpDetector {
    /// For a process that starts: the registry was last used at `known`.
    pub fn at_start(monotonic: Instant, wall: DateTime<Utc>, known: Option<DateTime<Utc>>) -> Self {
        let idle = known.map(|known| wall - known).filter(|idle| *idle > MAX_IDLE);
        if let Some(idle) = idle {
            tracing::warn!(
                days = idle.num_days(),
                "by this clock the registry was not used for very long: nothing is written for an hour, unless the clock is set back; with --trust-clock at once"
            );
        }
        Self { last: Some((monotonic, wall)), jump: idle.map(|idle| (monotonic, idle)) }
    }

    /// May date changes be recorded by this clock?
    pub fn trusts(&mut self, monotonic: Instant, wall: DateTime<Utc>) -> bool {
        self.check(monotonic, wall);
        self.jump.is_none_or(|(at, _)| monotonic.saturating_duration_since(at) >= CONFIRMATION_TIME)
    }

    /// May entries of the journal be stamped by this clock?
    pub fn may_stamp(&mut self, monotonic: Instant, wall: DateTime<Utc>) -> bool {
        self.trusts(monotonic, wall) || self.jump.is_none_or(|(_, ahead)| ahead < HARMLESS_JUMP)
    }

    fn check(&mut self, monotonic: Instant, wall: DateTime<Utc>) {
        let Some((then, before)) = self.last.replace((monotonic, wall)) else { return };
        let passed = TimeDelta::from_std(monotonic.saturating_duration_since(then)).unwrap_or(TimeDelta::MAX);
        let ahead = wall - before - passed;
        if ahead > MAX_DRIFT {
            tracing::warn!(
                seconds = ahead.num_seconds(),
                "the clock jumped ahead; date changes are recorded when it was not set back for an hour"
            );
            self.jump = Some((monotonic, ahead));
        } else if ahead < -MAX_DRIFT {
            tracing::warn!(seconds = ahead.num_seconds(), "the clock was set back");
            self.jump = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_jumped_ahead_is_trusted_after_an_hour() {
        let (start, noon) = (Instant::now(), "2026-11-22T04:00:00Z".parse::<DateTime<Utc>>().expect("a time"));
        let mut jumps = JumpDetector::default();
        let mut trusts = |minute: u64, ahead: i64| {
            let passed = Duration::from_secs(60 * minute);
            jumps.trusts(start + passed, noon + passed + TimeDelta::minutes(ahead))
        };
        assert!(trusts(0, 0) && trusts(1, 0) && trusts(2, 1));
        let year = 365 * 24 * 60;
        assert!(!trusts(3, year) && !trusts(4, year));
        assert!(trusts(5, 0), "it was set back");
        assert!(!trusts(6, 600) && !trusts(65, 600));
        assert!(trusts(66, 600), "the machine was suspended");
        assert!(trusts(67, 0), "a small step back changes nothing");
    }

    #[test]
    fn a_clock_that_jumped_by_a_day_or_after_a_long_pause_stamps_nothing_for_an_hour() {
        let (start, noon) = (Instant::now(), "2026-11-22T04:00:00Z".parse::<DateTime<Utc>>().expect("a time"));
        let at = |minute: u64, ahead: i64| {
            let passed = Duration::from_secs(60 * minute);
            (start + passed, noon + passed + TimeDelta::minutes(ahead))
        };
        let mut jumps = JumpDetector::at_start(start, noon, Some(noon - TimeDelta::days(365)));
        let mut may_stamp = |(monotonic, wall)| jumps.may_stamp(monotonic, wall);
        assert!(may_stamp(at(0, 0)) && may_stamp(at(1, 600)), "the machine was suspended for some hours");
        let year = 365 * 24 * 60;
        assert!(!may_stamp(at(2, year)) && may_stamp(at(3, 0)), "it was set back");
        assert!(!may_stamp(at(4, year)) && !may_stamp(at(63, year)) && may_stamp(at(64, year)));
        let mut jumps = JumpDetector::at_start(start, noon, Some(noon - TimeDelta::days(400)));
        let mut may_stamp = |(monotonic, wall)| jumps.may_stamp(monotonic, wall);
        assert!(!may_stamp(at(0, 0)) && !may_stamp(at(59, 0)) && may_stamp(at(60, 0)));
        let mut jumps = JumpDetector::at_start(start, noon, Some(noon - TimeDelta::days(400)));
        assert!(jumps.may_stamp(start + Duration::from_secs(60), noon - TimeDelta::days(60)), "it was set back");
    }
}
