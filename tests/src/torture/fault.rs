//! Faults: kills, pauses, shutdowns and restarts, in an order drawn from the seed.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;
use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DbErr};

use super::gateway::Gateway;
use super::{Ground, STANDSTILL, locked};

/// Runs of at least this many seconds include one pause of a minute.
const LONG: u64 = 120;
/// Time for running requests at shutdown, and a little more.
const FAREWELL: Duration = Duration::from_secs(20);
/// Time for a gateway to start.
const START: Duration = Duration::from_secs(30);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    /// kill -9, and a new process after a while.
    Kill,
    /// The process is paused for some seconds.
    Pause,
    /// The same for a minute.
    LongPause,
    /// It is shut down, and a new process starts.
    End,
    /// The database loses power and restarts.
    DatabaseStop,
    /// The database is paused for some seconds.
    DatabasePause,
    /// All connections to the database are closed.
    Disconnect,
    /// The head is locked for some seconds.
    Hold,
}

impl Fault {
    fn name(self) -> &'static str {
        match self {
            Self::Kill => "kills",
            Self::Pause => "pauses",
            Self::LongPause => "pauses of a minute",
            Self::End => "endings",
            Self::DatabaseStop => "power cuts of the database",
            Self::DatabasePause => "pauses of the database",
            Self::Disconnect => "disconnections",
            Self::Hold => "slow moments",
        }
    }
}

pub(super) struct Faults<'a> {
    ground: &'a Ground,
    rng: Rng,
    /// Until when a gateway is paused.
    paused: [Option<Instant>; 2],
    befallen: BTreeMap<Fault, usize>,
}

impl<'a> Faults<'a> {
    pub(super) fn new(ground: &'a Ground) -> Self {
        let rng = Rng::with_seed(ground.plan.seed);
        Self { ground, rng, paused: [None; 2], befallen: BTreeMap::new() }
    }

    pub(super) fn summary(&self) -> String {
        let told: Vec<String> =
            self.befallen.iter().map(|(fault, count)| format!("{count} {}", fault.name())).collect();
        told.join(", ")
    }

    /// Applies faults one after the other until the time is over; then everything runs again.
    pub(super) fn befall(&mut self) {
        let began = Instant::now();
        let all = Duration::from_secs(self.ground.plan.seconds);
        let mut long_pause = (self.ground.plan.seconds >= LONG).then(|| all / 3);
        // Let some work be done first.
        self.waits(Duration::from_millis(800));
        while began.elapsed() < all {
            let fault = if long_pause.take_if(|from| began.elapsed() >= *from).is_some() {
                Fault::LongPause
            } else {
                self.draws()
            };
            self.befalls(fault);
            let quiet = Duration::from_millis(self.rng.u64(300..2_000));
            self.waits(quiet);
            self.looks_for_a_standstill();
        }
        for at in 0..2 {
            self.resumes(at);
        }
    }

    fn draws(&mut self) -> Fault {
        match self.rng.u8(0..12) {
            0..3 => Fault::Kill,
            3..5 => Fault::Pause,
            5..7 => Fault::End,
            7 | 8 => Fault::DatabaseStop,
            9 => Fault::DatabasePause,
            10 => Fault::Disconnect,
            _ => Fault::Hold,
        }
    }

    fn befalls(&mut self, fault: Fault) {
        let mut at = self.rng.usize(0..2);
        let of_a_gateway = matches!(fault, Fault::Pause | Fault::LongPause | Fault::End);
        if of_a_gateway && self.paused[at].is_some() {
            at = 1 - at;
            if self.paused[at].is_some() {
                return;
            }
        }
        *self.befallen.entry(fault).or_default() += 1;
        self.ground.tell(&format!("{:?}: {} of {at}", registry::clock::now().time(), fault.name()));
        let some = |rng: &mut Rng, from: u64, to: u64| Duration::from_millis(rng.u64(from..to));
        let cluster = &self.ground.cluster;
        match fault {
            Fault::Kill => {
                let gateway = self.gateway(at);
                // A paused gateway may be killed too.
                self.paused[at] = None;
                if let Some(server) = locked(&gateway.server).take() {
                    server.kill();
                }
                let down = some(&mut self.rng, 0, 2_000);
                self.waits(down);
                self.starts(at);
            }
            Fault::Pause | Fault::LongPause => {
                if let Some(server) = &*locked(&self.gateway(at).server) {
                    server.pause();
                }
                let long =
                    if fault == Fault::LongPause { Duration::from_secs(60) } else { some(&mut self.rng, 2_000, 7_000) };
                self.paused[at] = Some(Instant::now() + long);
            }
            Fault::End => self.ends(at),
            Fault::DatabaseStop => {
                cluster.stop();
                let down = some(&mut self.rng, 300, 3_000);
                self.waits(down);
                cluster.start();
            }
            Fault::DatabasePause => {
                cluster.stand_still();
                let down = some(&mut self.rng, 500, 7_000);
                self.waits(down);
                cluster.go_on();
            }
            Fault::Disconnect => {
                let all = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'";
                self.does_in_the_database(all, Duration::ZERO);
            }
            Fault::Hold => {
                let long = some(&mut self.rng, 500, 5_000);
                self.does_in_the_database("BEGIN; SELECT 1 FROM head FOR UPDATE", long);
            }
        }
    }

    fn gateway(&self, at: usize) -> &'a Gateway {
        &self.ground.gateways[at]
    }

    fn starts(&self, at: usize) {
        if !self.gateway(at).starts(START) {
            self.ground.broke(format!("gateway {at} does not start within {} seconds", START.as_secs()));
        }
    }

    /// Running requests are answered, and it ends without an error.
    fn ends(&mut self, at: usize) {
        let Some(mut server) = locked(&self.gateway(at).server).take() else { return };
        server.end();
        let began = Instant::now();
        loop {
            match server.has_ended() {
                Some(true) => break,
                Some(false) => {
                    self.ground.broke(format!("gateway {at} was told to end, and failed"));
                    break;
                }
                None if began.elapsed() > FAREWELL => {
                    self.ground.broke(format!(
                        "gateway {at} was told to end, and goes on after {} seconds",
                        FAREWELL.as_secs()
                    ));
                    break;
                }
                None => self.waits(Duration::from_millis(20)),
            }
        }
        drop(server);
        self.starts(at);
    }

    /// Waits, and resumes gateways whose pause is over.
    fn waits(&mut self, long: Duration) {
        let until = Instant::now() + long;
        loop {
            let now = Instant::now();
            for at in 0..2 {
                if self.paused[at].is_some_and(|until| until <= now) {
                    self.resumes(at);
                }
            }
            if now >= until {
                return;
            }
            thread::sleep((until - now).min(Duration::from_millis(50)));
        }
    }

    fn resumes(&mut self, at: usize) {
        if self.paused[at].take().is_some()
            && let Some(server) = &*locked(&self.gateway(at).server)
        {
            server.go_on();
        }
    }

    fn looks_for_a_standstill(&self) {
        let mut pace = locked(&self.ground.pace);
        let still = pace.last.elapsed();
        if still > STANDSTILL {
            pace.longest = pace.longest.max(still);
            pace.last = Instant::now();
            drop(pace);
            self.ground.broke(format!("for {} seconds nothing was acknowledged", still.as_secs()));
        }
    }

    /// By a client that is neither gateway, on a connection that stays open for a while.
    fn does_in_the_database(&mut self, statement: &str, long: Duration) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let done = runtime.block_on(async {
            let mut options = ConnectOptions::new(self.ground.cluster.url());
            options.max_connections(1).sqlx_logging(false);
            let db = Database::connect(options).await?;
            db.execute_unprepared(statement).await?;
            Ok::<_, DbErr>(db)
        });
        self.waits(long);
        // A paused gateway may be up to date, and then nothing happens.
        if let Err(error) = done {
            self.ground.tell(&format!("it could not be done in the database: {error}"));
        }
    }
}
