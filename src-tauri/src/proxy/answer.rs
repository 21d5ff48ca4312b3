//! An answer on its way to the client: every piece is watched as it passes, and the end, whichever it is, settles the call.
//!
//! The client does not wait for any of that: a piece is looked at when the next one has come, and the last one, with the
//! settling, when all has been written to the client. Only where something is taken out of it a piece is looked at first.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use super::background::Background;
use super::decode::Encoding;
use super::ending::{End, settlement};
use crate::eager::afterwards;
use crate::meter::Held;
use crate::providers::{Watch, Without};

/// What is done with the call once its answer is over.
pub enum Ending {
    /// The call was held: it is settled, or is kept here while its response goes on without it.
    Settle(Box<Held>, Arc<Background>),
    /// It was not: whatever it reports is told to this.
    Tell(Box<dyn FnOnce(crate::providers::Seen) + Send>),
}

/// Watching an answer.
pub struct Watching {
    pub watch: Watch,
    pub status: u16,
    pub encoding: Encoding,
    pub ending: Ending,
}

/// The body of an answer.
pub struct Answer {
    body: Incoming,
    /// None once it is over.
    watching: Option<Box<Watching>>,
    /// What has gone on to the client and is yet to be watched.
    behind: Option<Bytes>,
    /// There where the client did not ask for a report of usage that the stream has.
    without: Option<Without>,
    /// Why it broke, to be said once what had come before is passed on.
    broken: Option<hyper::Error>,
}

impl Answer {
    pub fn new(body: Incoming, watching: Watching, without: Option<Without>) -> Answer {
        Answer { body, watching: Some(Box::new(watching)), behind: None, without, broken: None }
    }

    /// What goes on to the client of a piece.
    fn pass(&mut self, data: Bytes) -> Bytes {
        let Some(watching) = &mut self.watching else { return data };
        let Some(without) = &mut self.without else {
            if let Some(behind) = self.behind.replace(data.clone()) {
                watching.see(&behind, |_| {});
            }
            return data;
        };
        let mut rest = None;
        watching.see(&data, |seen| rest = Some(Bytes::from(without.push(seen))));
        rest.unwrap_or(data)
    }

    /// The end of the body; what was held back of it.
    fn end(&mut self, end: End) -> Option<Bytes> {
        let mut watching = self.watching.take()?;
        if let Ending::Settle(held, _) = &mut watching.ending {
            held.is_over();
        }
        let behind = self.behind.take();
        afterwards(move || {
            if let Some(behind) = behind {
                watching.see(&behind, |_| {});
            }
            watching.over(end);
        });
        let rest = self.without.take()?.finish();
        (!rest.is_empty()).then(|| Bytes::from(rest))
    }
}

impl Watching {
    /// Watches a piece, and shows it decoded where it can be read.
    fn see(&mut self, data: &[u8], shown: impl FnOnce(&[u8])) {
        let decoded;
        let plain = match &mut self.encoding {
            Encoding::Plain => data,
            Encoding::Encoded(decode) => match decode.push(data) {
                Ok(bytes) => {
                    decoded = bytes;
                    &decoded
                }
                Err(_) => {
                    self.encoding = Encoding::Unknown;
                    return;
                }
            },
            Encoding::Unknown => return,
        };
        self.watch.push(plain);
        shown(plain);
    }

    fn over(self: Box<Self>, end: End) {
        let Watching { watch, status, ending, .. } = *self;
        let mut seen = watch.finish();
        match ending {
            Ending::Settle(held, background) => match seen.background.take() {
                Some(id) => background.keep(id, *held, settlement(seen, status, end)),
                None => held.settle(settlement(seen, status, end)),
            },
            Ending::Tell(tell) => tell(seen),
        }
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        if let Some(e) = self.broken.take() {
            return Poll::Ready(Some(Err(e)));
        }
        loop {
            let frame = match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
                Some(Ok(frame)) => frame,
                Some(Err(e)) => {
                    let Some(rest) = self.end(End::Broken) else { return Poll::Ready(Some(Err(e))) };
                    self.broken = Some(e);
                    return Poll::Ready(Some(Ok(Frame::data(rest))));
                }
                None => return Poll::Ready(self.end(End::Whole).map(|rest| Ok(Frame::data(rest)))),
            };
            match frame.into_data() {
                Ok(data) => {
                    let mut data = self.pass(data);
                    // The server does not ask again for a body that says it is over.
                    if self.body.is_end_stream()
                        && let Some(rest) = self.end(End::Whole)
                    {
                        data = [data, rest].concat().into();
                    }
                    if !data.is_empty() {
                        return Poll::Ready(Some(Ok(Frame::data(data))));
                    }
                }
                Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.watching.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        if self.without.is_some() { SizeHint::default() } else { self.body.size_hint() }
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.end(if self.body.is_end_stream() { End::Whole } else { End::Left });
    }
}
