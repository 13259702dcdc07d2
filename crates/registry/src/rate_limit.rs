//! Rate limits: a token bucket for each client, counted in this process. With several gateways each counts for itself.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::viewer::Viewer;

/// A full bucket holds the points of so many seconds.
const BUCKET_SECONDS: u32 = 60;
/// A client that has spent more than the points of so many seconds is throttled.
const BURST_SECONDS: u32 = 5;
/// The most that a client can have spent, in full buckets: the one that it had, and a debt of one more.
const MAX_SPENT_BUCKETS: f64 = 2.0;
/// The most clients with a bucket. A client that was dropped starts again with a full bucket.
const MAX_CLIENTS: usize = 100_000;

/// The points that are refilled per second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimits {
    /// For each address without a credential.
    pub anonymous: u32,
    /// For each API key or person.
    pub signed_in: u32,
}

/// The size of a client's bucket, and how many points are refilled per second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    pub points: u32,
    pub per_second: u32,
}

/// The client that a bucket belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Client {
    Address(IpAddr),
    SignedIn(String),
}

impl Client {
    pub fn at(address: IpAddr) -> Self {
        Self::Address(match address.to_canonical() {
            // One subscriber usually has a whole /64 network of IPv6.
            IpAddr::V6(six) => IpAddr::V6(Ipv6Addr::from_bits(six.to_bits() & (u128::MAX << 64))),
            four @ IpAddr::V4(_) => four,
        })
    }

    pub fn of(viewer: &Viewer, address: IpAddr) -> Self {
        viewer.client.clone().map_or_else(|| Self::at(address), Self::SignedIn)
    }
}

/// The size of a client's bucket, and how many points are left in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    pub allowance: Allowance,
    pub remaining: u32,
}

impl Quota {
    /// Has the client spent so much lately that its next request is delayed?
    pub fn is_throttled(self) -> bool {
        self.allowance.points - self.remaining > self.allowance.per_second.saturating_mul(BURST_SECONDS)
    }
}

/// The bucket does not hold enough points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuotaExceeded {
    pub quota: Quota,
    /// In how many seconds it will; `None`: it is more than a full bucket holds.
    pub retry_after: Option<u64>,
}

#[derive(Debug)]
pub struct RateLimiter {
    limits: RateLimits,
    buckets: Mutex<HashMap<Client, Bucket>>,
}

/// The points that a client had spent and not got back at that moment.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    spent: f64,
    at: Instant,
}

impl Bucket {
    fn spent(self, per_second: u32, now: Instant) -> f64 {
        let refilled = now.saturating_duration_since(self.at).as_secs_f64() * f64::from(per_second);
        (self.spent - refilled).max(0.0)
    }
}

impl RateLimiter {
    pub fn new(limits: RateLimits) -> Self {
        Self { limits, buckets: Mutex::default() }
    }

    pub fn allowance(&self, client: &Client) -> Allowance {
        let per_second = match client {
            Client::Address(_) => self.limits.anonymous,
            Client::SignedIn(_) => self.limits.signed_in,
        };
        Allowance { points: per_second.saturating_mul(BUCKET_SECONDS), per_second }
    }

    /// Spends the points, or says how long to wait for them. A refusal spends nothing.
    pub fn spend(&self, client: Client, points: u64, now: Instant) -> Result<Quota, QuotaExceeded> {
        let allowance = self.allowance(&client);
        let mut buckets = self.buckets();
        let before = buckets.get(&client).map_or(0.0, |bucket| bucket.spent(allowance.per_second, now));
        let after = after(allowance, before, points)?;
        self.store(&mut buckets, client, after, now);
        Ok(Quota { allowance, remaining: whole(f64::from(allowance.points) - after) })
    }

    /// Replaces the price that was paid beforehand by the actual cost. A debt delays the next request.
    pub fn settle(&self, client: Client, paid: u64, actual: u64, now: Instant) -> Quota {
        let allowance = self.allowance(&client);
        let full = f64::from(allowance.points);
        let points = |points: u64| f64::from(u32::try_from(points).unwrap_or(u32::MAX));
        let mut buckets = self.buckets();
        let before = buckets.get(&client).map_or(0.0, |bucket| bucket.spent(allowance.per_second, now));
        let after = (before + points(actual) - points(paid)).clamp(0.0, MAX_SPENT_BUCKETS * full);
        self.store(&mut buckets, client, after, now);
        Quota { allowance, remaining: whole(full - after) }
    }

    /// Could the points be spent?
    pub fn check(&self, client: &Client, points: u64, now: Instant) -> Result<(), QuotaExceeded> {
        let allowance = self.allowance(client);
        let before = self.buckets().get(client).map_or(0.0, |bucket| bucket.spent(allowance.per_second, now));
        after(allowance, before, points).map(|_| ())
    }

    /// Takes the points, or as many as are left.
    pub fn penalize(&self, client: Client, points: u32, now: Instant) {
        let allowance = self.allowance(&client);
        let mut buckets = self.buckets();
        let before = buckets.get(&client).map_or(0.0, |bucket| bucket.spent(allowance.per_second, now));
        self.store(&mut buckets, client, (before + f64::from(points)).min(f64::from(allowance.points)), now);
    }

    fn buckets(&self) -> MutexGuard<'_, HashMap<Client, Bucket>> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn store(&self, buckets: &mut HashMap<Client, Bucket>, client: Client, spent: f64, now: Instant) {
        if buckets.len() >= MAX_CLIENTS && !buckets.contains_key(&client) {
            buckets.retain(|client, bucket| bucket.spent(self.allowance(client).per_second, now) > 0.0);
            if buckets.len() >= MAX_CLIENTS {
                buckets.clear();
            }
        }
        buckets.insert(client, Bucket { spent, at: now });
    }
}

/// The points that are spent once these are spent too.
fn after(allowance: Allowance, before: f64, points: u64) -> Result<f64, QuotaExceeded> {
    let full = f64::from(allowance.points);
    // A number beyond `u32` is more than any bucket holds.
    let points = f64::from(u32::try_from(points).unwrap_or(u32::MAX));
    let after = before + points;
    if after <= full {
        return Ok(after);
    }
    let retry_after = (points <= full).then(|| seconds((after - full) / f64::from(allowance.per_second.max(1))));
    Err(QuotaExceeded { quota: Quota { allowance, remaining: whole(full - before) }, retry_after })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is between zero and a full bucket")]
fn whole(points: f64) -> u32 {
    points.max(0.0) as u32
}

fn seconds(wait: f64) -> u64 {
    Duration::try_from_secs_f64(wait.ceil()).map_or(u64::MAX, |wait| wait.as_secs().max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: RateLimits = RateLimits { anonymous: 10, signed_in: 100 };

    fn address(text: &str) -> Client {
        Client::at(text.parse().expect("an address"))
    }

    #[test]
    fn a_bucket_drains_and_refills() {
        let limiter = RateLimiter::new(LIMITS);
        let start = Instant::now();
        let client = || address("192.0.2.1");
        assert_eq!(
            limiter.spend(client(), 600, start).map(|quota| quota.remaining),
            Ok(0),
            "a full bucket can be spent at once"
        );
        let exceeded = limiter.spend(client(), 25, start).expect_err("the bucket is empty");
        assert_eq!(exceeded.retry_after, Some(3));
        assert!(limiter.spend(client(), 25, start + Duration::from_secs(2)).is_err());
        assert_eq!(limiter.spend(client(), 25, start + Duration::from_secs(3)).map(|quota| quota.remaining), Ok(5));
        let throttled = |points, after| {
            limiter.spend(client(), points, start + Duration::from_secs(after)).map(Quota::is_throttled)
        };
        assert_eq!(
            [throttled(50, 500), throttled(1, 500), throttled(0, 501)],
            [Ok(false), Ok(true), Ok(false)],
            "throttled above the points of five seconds"
        );
        assert_eq!(
            limiter.spend(client(), 0, start + Duration::from_secs(1_000)).map(|quota| quota.remaining),
            Ok(600),
            "a bucket is never more than full"
        );
        assert_eq!(
            limiter.spend(client(), 601, start + Duration::from_secs(2_000)).expect_err("never").retry_after,
            None
        );
    }

    #[test]
    fn a_payment_is_settled_and_a_debt_delays_the_next_request() {
        let limiter = RateLimiter::new(LIMITS);
        let start = Instant::now();
        let client = || address("192.0.2.1");
        assert_eq!(limiter.spend(client(), 500, start).map(|quota| quota.remaining), Ok(100));
        assert_eq!(limiter.settle(client(), 500, 20, start).remaining, 580, "unused points are given back");
        assert_eq!(limiter.settle(client(), 20, 900, start).remaining, 0, "more than was paid becomes a debt");
        assert_eq!(limiter.spend(client(), 1, start).expect_err("300 points are owed").retry_after, Some(31));
        assert!(limiter.spend(client(), 1, start + Duration::from_secs(31)).is_ok());
        limiter.settle(client(), 0, u64::MAX, start + Duration::from_secs(31));
        assert!(
            limiter.spend(client(), 1, start + Duration::from_secs(31 + 61)).is_ok(),
            "the debt is at most one bucket"
        );
    }

    #[test]
    fn each_client_has_its_own_bucket() {
        let limiter = RateLimiter::new(LIMITS);
        let now = Instant::now();
        assert!(limiter.spend(address("192.0.2.1"), 600, now).is_ok());
        assert!(limiter.spend(address("192.0.2.1"), 1, now).is_err());
        assert!(limiter.spend(address("::ffff:192.0.2.1"), 1, now).is_err(), "the same address in another notation");
        assert!(limiter.spend(address("192.0.2.2"), 600, now).is_ok());
        assert!(limiter.spend(address("2001:db8::1"), 600, now).is_ok());
        assert!(limiter.spend(address("2001:db8::ffff:1"), 1, now).is_err(), "the same network");
        assert_eq!(
            limiter.spend(Client::SignedIn("key_1".to_owned()), 600, now).map(|quota| quota.remaining),
            Ok(5_400)
        );
    }

    #[test]
    fn the_number_of_buckets_is_bounded() {
        let limiter = RateLimiter::new(LIMITS);
        let now = Instant::now();
        for at in 0..=u32::try_from(MAX_CLIENTS).expect("few") {
            let _ = limiter.spend(Client::Address(IpAddr::V4(at.into())), 1, now);
        }
        assert!(limiter.buckets.lock().expect("a lock").len() <= MAX_CLIENTS);
    }
}
