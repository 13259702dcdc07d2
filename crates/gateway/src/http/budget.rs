//! How much each client may ask: points that are spent by asking and come back by the second, a bucket for
//! everybody. It is counted here, in this process; with several gateways each counts for itself.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::graphql::registry::Allowance;
use crate::viewer::Viewer;

/// How many seconds' worth of points a full bucket holds.
const DEPTH: u32 = 60;
/// How many seconds' worth may be spent at once without being paced.
const HASTE: u32 = 5;
/// How many full buckets a client may have spent, the one that it had and what it owes.
const DEEPEST_DEBT: f64 = 2.0;
/// The most clients that are remembered. Who is forgotten begins with a full bucket.
const MOST_CLIENTS: usize = 100_000;

/// How many points come back in a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimits {
    /// For each address that nobody signs in from.
    pub anonymous: u32,
    /// For each key or person.
    pub signed_in: u32,
}

/// Whose points are spent.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Client {
    Address(IpAddr),
    Known(String),
}

impl Client {
    pub(crate) fn at(address: IpAddr) -> Self {
        Self::Address(match address.to_canonical() {
            // Whoever has one address of IPv6 has all of its network.
            IpAddr::V6(six) => IpAddr::V6(Ipv6Addr::from_bits(six.to_bits() & (u128::MAX << 64))),
            four @ IpAddr::V4(_) => four,
        })
    }

    pub(crate) fn of(viewer: &Viewer, address: IpAddr) -> Self {
        viewer.client.clone().map_or_else(|| Self::at(address), Self::Known)
    }
}

/// Where a client stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) allowance: Allowance,
    pub(crate) remaining: u32,
}

impl Standing {
    /// Has so much been asked lately that the next question may well come a little later?
    pub(crate) fn is_in_haste(self) -> bool {
        self.allowance.points - self.remaining > self.allowance.per_second.saturating_mul(HASTE)
    }
}

/// Too much at once: so many seconds later the same may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spent {
    pub(crate) standing: Standing,
    /// `None`: it is more than a full bucket holds.
    pub(crate) wait: Option<u64>,
}

#[derive(Debug)]
pub(crate) struct Budget {
    rates: RateLimits,
    spent: Mutex<HashMap<Client, Bucket>>,
}

/// What a client has spent and did not get back by that moment.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    spent: f64,
    at: Instant,
}

impl Bucket {
    fn spent(self, per_second: u32, now: Instant) -> f64 {
        let back = now.saturating_duration_since(self.at).as_secs_f64() * f64::from(per_second);
        (self.spent - back).max(0.0)
    }
}

impl Budget {
    pub(crate) fn new(rates: RateLimits) -> Self {
        Self { rates, spent: Mutex::default() }
    }

    pub(crate) fn allowance(&self, client: &Client) -> Allowance {
        let per_second = match client {
            Client::Address(_) => self.rates.anonymous,
            Client::Known(_) => self.rates.signed_in,
        };
        Allowance { points: per_second.saturating_mul(DEPTH), per_second }
    }

    /// Spends the points, or says how long to wait for them. Who is refused spends nothing.
    pub(crate) fn spend(&self, client: Client, points: u64, now: Instant) -> Result<Standing, Spent> {
        let allowance = self.allowance(&client);
        let mut all = self.all();
        let before = all.get(&client).map_or(0.0, |bucket| bucket.spent(allowance.per_second, now));
        let after = after(allowance, before, points)?;
        self.note(&mut all, client, after, now);
        Ok(Standing { allowance, remaining: whole(f64::from(allowance.points) - after) })
    }

    /// Puts right what was paid beforehand. What is owed delays the next question.
    pub(crate) fn settle(&self, client: Client, paid: u64, actual: u64, now: Instant) -> Standing {
        let allowance = self.allowance(&client);
        let full = f64::from(allowance.points);
        let points = |points: u64| f64::from(u32::try_from(points).unwrap_or(u32::MAX));
        let mut all = self.all();
        let before = all.get(&client).map_or(0.0, |bucket| bucket.spent(allowance.per_second, now));
        let after = (before + points(actual) - points(paid)).clamp(0.0, DEEPEST_DEBT * full);
        self.note(&mut all, client, after, now);
        Standing { allowance, remaining: whole(full - after) }
    }

    /// Could the points be spent?
    pub(crate) fn check(&self, client: &Client, points: u64, now: Instant) -> Result<(), Spent> {
        let allowance = self.allowance(client);
        let before = self.all().get(client).map_or(0.0, |bucket| bucket.spent(allowance.per_second, now));
        after(allowance, before, points).map(|_| ())
    }

    /// Takes the points, or what is left, from who did not ask for it.
    pub(crate) fn fine(&self, client: Client, points: u32, now: Instant) {
        let allowance = self.allowance(&client);
        let mut all = self.all();
        let before = all.get(&client).map_or(0.0, |bucket| bucket.spent(allowance.per_second, now));
        self.note(&mut all, client, (before + f64::from(points)).min(f64::from(allowance.points)), now);
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Client, Bucket>> {
        self.spent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, all: &mut HashMap<Client, Bucket>, client: Client, spent: f64, now: Instant) {
        if all.len() >= MOST_CLIENTS && !all.contains_key(&client) {
            all.retain(|client, bucket| bucket.spent(self.allowance(client).per_second, now) > 0.0);
            if all.len() >= MOST_CLIENTS {
                all.clear();
            }
        }
        all.insert(client, Bucket { spent, at: now });
    }
}

/// What is spent once these points are spent, too.
fn after(allowance: Allowance, before: f64, points: u64) -> Result<f64, Spent> {
    let full = f64::from(allowance.points);
    // Any more is too much as well.
    let points = f64::from(u32::try_from(points).unwrap_or(u32::MAX));
    let after = before + points;
    if after <= full {
        return Ok(after);
    }
    let wait = (points <= full).then(|| seconds((after - full) / f64::from(allowance.per_second.max(1))));
    Err(Spent { standing: Standing { allowance, remaining: whole(full - before) }, wait })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is between nothing and a full bucket")]
fn whole(points: f64) -> u32 {
    points.max(0.0) as u32
}

fn seconds(wait: f64) -> u64 {
    Duration::try_from_secs_f64(wait.ceil()).map_or(u64::MAX, |wait| wait.as_secs().max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATES: RateLimits = RateLimits { anonymous: 10, signed_in: 100 };

    fn address(text: &str) -> Client {
        Client::at(text.parse().expect("an address"))
    }

    #[test]
    fn a_bucket_drains_and_refills() {
        let budget = Budget::new(RATES);
        let start = Instant::now();
        let client = || address("192.0.2.1");
        assert_eq!(budget.spend(client(), 600, start).map(|standing| standing.remaining), Ok(0), "all of it at once");
        let spent = budget.spend(client(), 25, start).expect_err("nothing is left");
        assert_eq!(spent.wait, Some(3));
        assert!(budget.spend(client(), 25, start + Duration::from_secs(2)).is_err());
        assert_eq!(budget.spend(client(), 25, start + Duration::from_secs(3)).map(|standing| standing.remaining), Ok(5));
        let hasty = |points, after| budget.spend(client(), points, start + Duration::from_secs(after)).map(Standing::is_in_haste);
        assert_eq!([hasty(50, 500), hasty(1, 500), hasty(0, 501)], [Ok(false), Ok(true), Ok(false)], "five seconds' worth");
        assert_eq!(budget.spend(client(), 0, start + Duration::from_secs(1_000)).map(|standing| standing.remaining), Ok(600), "no more than full");
        assert_eq!(budget.spend(client(), 601, start + Duration::from_secs(2_000)).expect_err("never").wait, None);
    }

    #[test]
    fn what_was_paid_is_put_right_and_a_debt_delays_the_next_question() {
        let budget = Budget::new(RATES);
        let start = Instant::now();
        let client = || address("192.0.2.1");
        assert_eq!(budget.spend(client(), 500, start).map(|standing| standing.remaining), Ok(100));
        assert_eq!(budget.settle(client(), 500, 20, start).remaining, 580, "what was not used is given back");
        assert_eq!(budget.settle(client(), 20, 900, start).remaining, 0, "what was used beyond is owed");
        assert_eq!(budget.spend(client(), 1, start).expect_err("300 points are owed").wait, Some(31));
        assert!(budget.spend(client(), 1, start + Duration::from_secs(31)).is_ok());
        budget.settle(client(), 0, u64::MAX, start + Duration::from_secs(31));
        assert!(budget.spend(client(), 1, start + Duration::from_secs(31 + 61)).is_ok(), "and no more than a bucket is owed");
    }

    #[test]
    fn everybody_has_a_bucket_of_their_own() {
        let budget = Budget::new(RATES);
        let now = Instant::now();
        assert!(budget.spend(address("192.0.2.1"), 600, now).is_ok());
        assert!(budget.spend(address("192.0.2.1"), 1, now).is_err());
        assert!(budget.spend(address("::ffff:192.0.2.1"), 1, now).is_err(), "the same address, written otherwise");
        assert!(budget.spend(address("192.0.2.2"), 600, now).is_ok());
        assert!(budget.spend(address("2001:db8::1"), 600, now).is_ok());
        assert!(budget.spend(address("2001:db8::ffff:1"), 1, now).is_err(), "the same network");
        assert_eq!(budget.spend(Client::Known("key_1".to_owned()), 600, now).map(|standing| standing.remaining), Ok(5_400));
    }

    #[test]
    fn only_so_many_clients_are_remembered() {
        let budget = Budget::new(RATES);
        let now = Instant::now();
        for at in 0..=u32::try_from(MOST_CLIENTS).expect("few") {
            let _ = budget.spend(Client::Address(IpAddr::V4(at.into())), 1, now);
        }
        assert!(budget.spent.lock().expect("a lock").len() <= MOST_CLIENTS);
    }
}
