//! Answers that were made and are not read yet. They lie in memory for as long as their readers take, so each address may have
//! so many bytes of them, and all together so many.

use std::collections::HashMap;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::response::Response;
use domain::Message;
use http_body::{Frame, SizeHint};

use super::budget::Client;
use super::refusal::Refusal;

/// Of one address, in bytes.
const MOST_OF_ONE: usize = 32 * 1024 * 1024;
/// Of all together.
const MOST: usize = 256 * 1024 * 1024;
/// A shorter answer lies in the buffers of the connection, of which there are not many.
const COUNTED: u64 = 16 * 1024;
/// As much is handed over at once: what is handed over is out of our hands.
const PIECE: usize = 64 * 1024;

#[derive(Debug, Default)]
pub(crate) struct Unsent(Mutex<Shares>);

#[derive(Debug, Default)]
struct Shares {
    all: usize,
    by_address: HashMap<Client, usize>,
}

/// The bytes of one answer that are not sent yet.
#[derive(Debug)]
struct Share {
    unsent: Arc<Unsent>,
    address: Client,
    bytes: usize,
}

impl Unsent {
    /// May one more answer be made for this address?
    pub(super) fn check(&self, address: IpAddr) -> Result<(), Refusal> {
        let shares = self.shares();
        let own = shares.by_address.get(&Client::at(address)).copied().unwrap_or_default();
        if own < MOST_OF_ONE && shares.all < MOST { Ok(()) } else { Err(unread()) }
    }

    /// Counts an answer until it is sent.
    pub(super) fn count(self: &Arc<Self>, address: IpAddr, response: Response) -> Result<Response, Refusal> {
        let Some(bytes) = response.body().size_hint().exact().filter(|bytes| *bytes >= COUNTED) else { return Ok(response) };
        let (address, bytes) = (Client::at(address), usize::try_from(bytes).unwrap_or(usize::MAX));
        let mut shares = self.shares();
        let own = shares.by_address.get(&address).copied().unwrap_or_default();
        if own.saturating_add(bytes) > MOST_OF_ONE || shares.all.saturating_add(bytes) > MOST {
            return Err(unread());
        }
        *shares.by_address.entry(address.clone()).or_default() += bytes;
        shares.all += bytes;
        drop(shares);
        let share = Share { unsent: self.clone(), address, bytes };
        Ok(response.map(|body| Body::new(Sent { body, piece: Bytes::new(), share })))
    }

    fn shares(&self) -> MutexGuard<'_, Shares> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn unread() -> Refusal {
    Refusal::unavailable(Message::new(
        "先前的答案还没有读取：请先读取，或稍后再问",
        "earlier answers are not read yet: read them first, or ask again later",
    ))
}

impl Shares {
    /// Of an address alone.
    fn give_back(&mut self, address: &Client, bytes: usize) {
        if let Some(own) = self.by_address.get_mut(address) {
            *own -= bytes;
            if *own == 0 {
                self.by_address.remove(address);
            }
        }
    }
}

impl Share {
    fn give_back(&mut self, bytes: usize) {
        let bytes = bytes.min(self.bytes);
        self.bytes -= bytes;
        let mut shares = self.unsent.shares();
        shares.all -= bytes;
        shares.give_back(&self.address, bytes);
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.give_back(self.bytes);
    }
}

/// A body that is handed over piece by piece, as fast as it is read.
#[derive(Debug)]
struct Sent {
    body: Body,
    piece: Bytes,
    share: Share,
}

impl HttpBody for Sent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.piece.is_empty() {
            match Pin::new(&mut self.body).poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) => self.piece = data,
                    Err(other) => return Poll::Ready(Some(Ok(other))),
                },
                other => return other,
            }
        }
        let length = self.piece.len().min(PIECE);
        let piece = self.piece.split_to(length);
        self.share.give_back(length);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.piece.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let left = self.body.size_hint().exact().map(|left| left + self.piece.len() as u64);
        left.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    fn answer(bytes: usize) -> Response {
        Response::new(Body::from(vec![b' '; bytes]))
    }

    #[tokio::test]
    async fn an_address_has_so_many_unread_bytes_and_no_more() {
        let unsent = Arc::new(Unsent::default());
        let [one, other]: [IpAddr; 2] = ["192.0.2.1", "192.0.2.2"].map(|address| address.parse().expect("an address"));
        const LONG: usize = 8 * 1024 * 1024;
        let mut unread: Vec<Response> = (0..4).map(|_| unsent.count(one, answer(LONG)).expect("there is room")).collect();
        assert!(unsent.check(one).is_err() && unsent.count(one, answer(LONG)).is_err());
        assert!(unsent.count(one, answer(1_000)).is_ok(), "a short one is not counted");
        assert!(unsent.check(other).is_ok() && unsent.count(other, answer(LONG)).is_ok());
        // What is read makes room, and so does who goes away.
        let read = unread.pop().expect("one").into_body().collect().await.expect("it is read").to_bytes();
        assert_eq!(read.len(), LONG);
        let mut half = unread.pop().expect("one").into_body();
        let first = half.frame().await.expect("a piece").expect("a piece").into_data().expect("bytes");
        assert_eq!((first.len(), half.size_hint().exact()), (PIECE, Some((LONG - PIECE) as u64)));
        drop(half);
        assert_eq!(unsent.shares().by_address[&Client::at(one)], 2 * LONG);
        drop(unread);
        let shares = unsent.shares();
        assert_eq!((shares.all, shares.by_address.len()), (0, 0));
    }

    #[test]
    fn all_together_have_an_end() {
        let unsent = Arc::new(Unsent::default());
        let answers = (0..20_u8).flat_map(|at| [(at, ()), (at, ())]).map(|(at, ())| {
            let address = IpAddr::from([192, 0, 2, at]);
            unsent.count(address, answer(15 * 1024 * 1024))
        });
        let counted = answers.collect::<Vec<_>>().into_iter().filter(Result::is_ok).count();
        assert_eq!(counted, 17);
    }
}
