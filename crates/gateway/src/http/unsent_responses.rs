//! Back-pressure: responses stay in memory until their clients have read them, so the unsent bytes of each address, and
//! of all together, are limited.

use std::collections::HashMap;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::response::Response;
use domain::Message;
use http_body::{Frame, SizeHint};
use registry::rate_limit::Client;

use super::refusal::Refusal;

/// The most unsent bytes of one address.
const MAX_BYTES_PER_ADDRESS: usize = 32 * 1024 * 1024;
/// The most unsent bytes of all addresses.
const MAX_BYTES: usize = 256 * 1024 * 1024;
/// Shorter responses are not counted: they fit into the buffers of their connection, and connections are limited.
const MIN_COUNTED_BYTES: u64 = 16 * 1024;
/// A response is handed to its connection in chunks.
const CHUNK_BYTES: usize = 64 * 1024;

#[derive(Debug, Default)]
pub(crate) struct UnsentResponses(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    all: usize,
    by_address: HashMap<Client, usize>,
}

/// The unsent bytes of one response.
#[derive(Debug)]
struct Share {
    unsent: Arc<UnsentResponses>,
    address: Client,
    bytes: usize,
}

impl UnsentResponses {
    /// May another response be made for this address?
    pub(super) fn check(&self, address: IpAddr) -> Result<(), Refusal> {
        let counts = self.counts();
        let own = counts.by_address.get(&Client::at(address)).copied().unwrap_or_default();
        if own < MAX_BYTES_PER_ADDRESS && counts.all < MAX_BYTES { Ok(()) } else { Err(too_many_unread()) }
    }

    /// Counts a response until it is sent.
    pub(super) fn count(self: &Arc<Self>, address: IpAddr, response: Response) -> Result<Response, Refusal> {
        let Some(bytes) = response.body().size_hint().exact().filter(|bytes| *bytes >= MIN_COUNTED_BYTES) else {
            return Ok(response);
        };
        let (address, bytes) = (Client::at(address), usize::try_from(bytes).unwrap_or(usize::MAX));
        let mut counts = self.counts();
        let own = counts.by_address.get(&address).copied().unwrap_or_default();
        if own.saturating_add(bytes) > MAX_BYTES_PER_ADDRESS || counts.all.saturating_add(bytes) > MAX_BYTES {
            return Err(too_many_unread());
        }
        *counts.by_address.entry(address.clone()).or_default() += bytes;
        counts.all += bytes;
        drop(counts);
        let share = Share { unsent: self.clone(), address, bytes };
        Ok(response.map(|body| Body::new(CountedBody { body, chunk: Bytes::new(), share })))
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn too_many_unread() -> Refusal {
    Refusal::unavailable(Message::new(
        "先前的响应尚未读取：请先读取，或稍后重试",
        "earlier responses are not read yet: read them first, or retry later",
    ))
}

impl Counts {
    fn subtract(&mut self, address: &Client, bytes: usize) {
        if let Some(own) = self.by_address.get_mut(address) {
            *own -= bytes;
            if *own == 0 {
                self.by_address.remove(address);
            }
        }
    }
}

impl Share {
    /// Splits off the bytes of a part of the response.
    fn split(&mut self, bytes: usize) -> Self {
        let bytes = bytes.min(self.bytes);
        self.bytes -= bytes;
        Self { unsent: self.unsent.clone(), address: self.address.clone(), bytes }
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut counts = self.unsent.counts();
        counts.all -= self.bytes;
        counts.subtract(&self.address, self.bytes);
    }
}

/// Bytes that are counted until the last chunk of them is dropped: each chunk keeps the whole buffer in memory.
#[derive(Debug)]
struct CountedBytes {
    bytes: Bytes,
    _share: Share,
}

impl AsRef<[u8]> for CountedBytes {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// A body that is handed over in chunks, as fast as the client reads.
#[derive(Debug)]
struct CountedBody {
    body: Body,
    chunk: Bytes,
    share: Share,
}

impl HttpBody for CountedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.chunk.is_empty() {
            match Pin::new(&mut self.body).poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(bytes) => {
                        let share = self.share.split(bytes.len());
                        self.chunk = Bytes::from_owner(CountedBytes { bytes, _share: share });
                    }
                    Err(other) => return Poll::Ready(Some(Ok(other))),
                },
                other => return other,
            }
        }
        let length = self.chunk.len().min(CHUNK_BYTES);
        let chunk = self.chunk.split_to(length);
        Poll::Ready(Some(Ok(Frame::data(chunk))))
    }

    fn is_end_stream(&self) -> bool {
        self.chunk.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let left = self.body.size_hint().exact().map(|left| left + self.chunk.len() as u64);
        left.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    fn response(bytes: usize) -> Response {
        Response::new(Body::from(vec![b' '; bytes]))
    }

    #[tokio::test]
    async fn the_unread_bytes_of_an_address_are_limited() {
        let unsent = Arc::new(UnsentResponses::default());
        let [one, other]: [IpAddr; 2] = ["192.0.2.1", "192.0.2.2"].map(|address| address.parse().expect("an address"));
        const LONG: usize = 8 * 1024 * 1024;
        let mut unread: Vec<Response> =
            (0..4).map(|_| unsent.count(one, response(LONG)).expect("there is room")).collect();
        assert!(unsent.check(one).is_err() && unsent.count(one, response(LONG)).is_err());
        assert!(unsent.count(one, response(1_000)).is_ok(), "a short one is not counted");
        assert!(unsent.check(other).is_ok() && unsent.count(other, response(LONG)).is_ok());
        // Reading a response frees its bytes, and so does closing the connection.
        let read = unread.pop().expect("one").into_body().collect().await.expect("it is read").to_bytes();
        assert_eq!(read.len(), LONG);
        let mut half = unread.pop().expect("one").into_body();
        let first = half.frame().await.expect("a chunk").expect("a chunk").into_data().expect("bytes");
        assert_eq!((first.len(), half.size_hint().exact()), (CHUNK_BYTES, Some((LONG - CHUNK_BYTES) as u64)));
        drop(half);
        assert_eq!(unsent.counts().by_address[&Client::at(one)], 3 * LONG, "a chunk keeps the whole buffer");
        drop(first);
        assert_eq!(unsent.counts().by_address[&Client::at(one)], 2 * LONG);
        drop(unread);
        let counts = unsent.counts();
        assert_eq!((counts.all, counts.by_address.len()), (0, 0));
    }

    #[test]
    fn the_unread_bytes_of_all_addresses_are_limited() {
        let unsent = Arc::new(UnsentResponses::default());
        let responses = (0..20_u8).flat_map(|at| [(at, ()), (at, ())]).map(|(at, ())| {
            let address = IpAddr::from([192, 0, 2, at]);
            unsent.count(address, response(15 * 1024 * 1024))
        });
        let counted = responses.collect::<Vec<_>>().into_iter().filter(Result::is_ok).count();
        assert_eq!(counted, 17);
    }
}
