//! A proxy between registry and database that can delay, drop or redirect connections.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// Forwards connections with a delay.
#[derive(Debug)]
pub(crate) struct Proxy {
    port: u16,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    /// The target of new connections.
    to: String,
    /// Delay of everything that comes from the database.
    delay: Duration,
    /// Connections before this number carry nothing any more and stay open.
    silent_before: usize,
    connections: Vec<TcpStream>,
}

impl Proxy {
    /// A proxy for the database of a URL.
    pub(crate) fn before(url: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("a port").port();
        let state = State { to: place(url), delay: Duration::ZERO, silent_before: 0, connections: Vec::new() };
        let state = Arc::new(Mutex::new(state));
        let shared = state.clone();
        thread::spawn(move || {
            for (number, client) in listener.incoming().flatten().enumerate() {
                let to = shared.lock().expect("nobody panicked with it").to.clone();
                let Ok(server) = TcpStream::connect(to) else { continue };
                let copy = |stream: &TcpStream| stream.try_clone().expect("a socket");
                shared.lock().expect("nobody panicked with it").connections.extend([copy(&client), copy(&server)]);
                let (asking, answering) = ((copy(&client), copy(&server)), (server, client));
                let (one, other) = (shared.clone(), shared.clone());
                thread::spawn(move || {
                    carry(&asking.0, &asking.1, || {
                        one.lock().map(|state| (Duration::ZERO, number < state.silent_before))
                    });
                });
                thread::spawn(move || {
                    carry(&answering.0, &answering.1, || {
                        other.lock().map(|state| (state.delay, number < state.silent_before))
                    });
                });
            }
        });
        Self { port, state }
    }

    /// The URL of the same database through the proxy.
    pub(crate) fn url(&self, url: &str) -> String {
        url.replace(&place(url), &format!("127.0.0.1:{}", self.port))
    }

    pub(crate) fn delay(&self, delay: Duration) {
        self.state.lock().expect("nobody panicked with it").delay = delay;
    }

    /// The machine at the other end is lost, without closing connections.
    pub(crate) fn fall_silent(&self) {
        let mut state = self.state.lock().expect("nobody panicked with it");
        state.silent_before = state.connections.len() / 2;
    }

    /// Redirects new connections, as an address that follows the primary.
    pub(crate) fn lead_to(&self, url: &str) {
        let mut state = self.state.lock().expect("nobody panicked with it");
        state.to = place(url);
        for connection in state.connections.iter() {
            drop(connection.shutdown(Shutdown::Both));
        }
    }
}

/// `host:port` of a URL.
fn place(url: &str) -> String {
    let rest = url.split_once("://").expect("a URL").1;
    let authority = rest.split('/').next().expect("a place");
    authority.rsplit('@').next().expect("a place").to_owned()
}

fn carry<E>(mut from: &TcpStream, mut to: &TcpStream, manner: impl Fn() -> Result<(Duration, bool), E>) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        let Ok((delay, silent)) = manner() else { break };
        thread::sleep(delay);
        if !silent && to.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    drop(to.shutdown(Shutdown::Both));
}
