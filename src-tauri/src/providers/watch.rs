//! An answer, watched as it passes: what it reports of its usage, how it ended, and how much was in it as far as seen.
//! The pieces may be cut anywhere, and the memory is the same for an answer of any size.
//!
//! Every event, or the answer itself, is reduced to the fields that are read (`sieve`), and these are folded into one
//! response (`fold`), which the same readers read as read whole responses.
//!
//! Deliberately not here: compression, which is undone before the bytes come here; and what to do about any of it.

use serde_json_borrow::OwnedValue;

use super::Reported;
use super::dialect::Dialect;
use super::endpoint::{Api, Endpoint};
use super::fold::Fold;
use super::heard::Heard;
use super::sieve::Sieve;
use super::sse::{Piece, Sse};
use super::taste::ANSWER;

/// What was seen of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// What the provider reported, by the last word it had.
    pub reported: Option<Reported>,
    /// Whether the answer broke off after a report that runs along with it (Anthropic's opening, Gemini's totals): the
    /// input is the provider's own, the output is at least what was seen, and neither is its last word.
    pub provisional: bool,
    pub model: Option<String>,
    pub service_tier: Option<String>,
    /// Tokens of what was produced as far as it was seen, erring high. Reasoning that is not shown is not in it.
    pub output_tokens: u64,
    /// The body ended as its kind ends: whole JSON, or the event that ends a stream.
    pub complete: bool,
    /// A status of failure, or an error within an answer that began well.
    pub failed: bool,
    /// The provider's own word for the error, never its message: at most 64 of `a-z0-9_.-`.
    pub error_type: Option<String>,
    /// The id of a response that the provider goes on making when this answer is over.
    pub background: Option<String>,
    /// The id of a response that is over by its own word.
    pub ended: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Nothing has come yet but white space.
    Unknown,
    Json,
    /// Gemini's stream of JSON: one array, whose items come one by one.
    Items,
    Events,
    /// Sound, or whatever is neither.
    Opaque,
}

/// See the module's own words.
#[derive(Debug)]
pub struct Watch {
    provider: String,
    dialect: Dialect,
    api: Api,
    status: u16,
    says_events: bool,
    kind: Kind,
    sse: Sse,
    sieve: Sieve<Heard>,
    fold: Fold,
    /// The first bytes of an event's data: `[DONE]` is no JSON.
    word: Vec<u8>,
    /// What was kept of the event before: an event that says the same says nothing new.
    before: Vec<u8>,
    bytes: u64,
}

const DONE: &[u8] = b"[DONE]";

impl Watch {
    pub fn new(provider: &str, endpoint: &Endpoint, content_type: Option<&str>, status: u16) -> Watch {
        let kind = content_type.unwrap_or_default().trim_start();
        let says = |name: &str| kind.get(..name.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(name));
        // A transcript may come as mere text, which could begin like anything.
        let transcribed = endpoint.api == Api::Transcriptions && (says("text/plain") || says("text/vtt"));
        Watch {
            provider: provider.to_owned(),
            dialect: endpoint.dialect,
            api: endpoint.api,
            status,
            says_events: says("text/event-stream"),
            kind: if says("audio/") || transcribed { Kind::Opaque } else { Kind::Unknown },
            sse: Sse::new(),
            sieve: Sieve::new(&ANSWER, Heard::default()),
            fold: Fold::new(endpoint),
            word: Vec::new(),
            before: Vec::new(),
            bytes: 0,
        }
    }

    /// The request was for a response that goes on by itself.
    pub fn goes_on(&mut self) {
        self.fold.goes_on();
    }

    /// Takes the next bytes of the body, decoded.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        let mut bytes = bytes;
        if self.kind == Kind::Unknown {
            // White space, and a mark of UTF-8, may stand before either.
            let first =
                bytes.iter().position(|byte| !matches!(byte, b' ' | b'\n' | b'\r' | b'\t' | 0xef | 0xbb | 0xbf));
            let Some(first) = first else { return };
            bytes = &bytes[first..];
            self.kind = match bytes[0] {
                b'{' => Kind::Json,
                b'[' => Kind::Items,
                _ if self.says_events => Kind::Events,
                b'd' | b'e' | b'i' | b'r' | b':' => Kind::Events,
                _ => Kind::Opaque,
            };
        }
        match self.kind {
            Kind::Json | Kind::Items => {
                let (fold, streamed) = (&mut self.fold, self.kind == Kind::Items);
                self.sieve.push(bytes, &mut |kept| {
                    if let Ok(document) = OwnedValue::from_slice(kept) {
                        fold.add(document, streamed);
                    }
                });
            }
            Kind::Events => self.events(bytes),
            Kind::Unknown | Kind::Opaque => {}
        }
    }

    fn events(&mut self, bytes: &[u8]) {
        let Watch { sse, sieve, fold, word, before, .. } = self;
        sse.push(bytes, &mut |piece| event(piece, sieve, fold, word, before));
    }

    /// The bytes held for this answer, beyond a constant.
    #[cfg(test)]
    pub fn held_bytes(&self) -> usize {
        self.sieve.held_bytes() + self.before.capacity() + self.word.capacity()
    }

    /// The body is over, or has broken off.
    pub fn finish(mut self) -> Seen {
        if self.kind == Kind::Events {
            let Watch { sse, sieve, fold, word, before, .. } = &mut self;
            sse.finish(&mut |piece| event(piece, sieve, fold, word, before));
        }
        let complete = match self.kind {
            Kind::Json | Kind::Items => self.sieve.ended(),
            Kind::Events => self.fold.terminal,
            // Sound and mere text have no end that can be seen.
            Kind::Opaque => matches!(self.api, Api::Speech | Api::Transcriptions),
            Kind::Unknown => false,
        };
        let mut output_tokens = self.sieve.ear.tokens(self.dialect);
        if self.kind == Kind::Opaque {
            output_tokens += match self.api {
                // About 20 tokens a second, of 1 kB or more in the smallest format.
                Api::Speech => self.bytes / 50,
                // Mere text.
                Api::Transcriptions => self.bytes.div_ceil(3),
                _ => 0,
            };
        }
        if self.api.has_no_output() {
            output_tokens = 0;
        }
        let whole = complete || self.fold.last_word;
        let mut reported = self.fold.reported(&self.provider);
        let provisional = reported.is_some() && !whole;
        if let (true, Some(reported)) = (provisional, &mut reported) {
            let usage = &mut reported.usage;
            usage.output_tokens = usage.output_tokens.max(output_tokens);
        }
        let failed = self.status >= 400 || self.fold.failed;
        Seen {
            provisional,
            model: reported.as_ref().and_then(|reported| reported.model.clone()).or(self.fold.model.take()),
            service_tier: reported.as_ref().and_then(|r| r.service_tier.clone()).or(self.fold.service_tier.take()),
            reported,
            output_tokens,
            complete,
            background: self.fold.background.take(),
            ended: self.fold.ended.take(),
            error_type: if failed { self.fold.error_type.take() } else { None },
            failed,
        }
    }
}

/// One piece of a stream of events.
fn event(piece: Piece<'_>, sieve: &mut Sieve<Heard>, fold: &mut Fold, word: &mut Vec<u8>, before: &mut Vec<u8>) {
    match piece {
        Piece::Data(data) => {
            let room = (DONE.len() + 1).saturating_sub(word.len());
            word.extend_from_slice(&data[..data.len().min(room)]);
            sieve.push(data, &mut |kept| {
                if kept != before.as_slice() {
                    before.clear();
                    before.extend_from_slice(kept);
                    if let Ok(document) = OwnedValue::from_slice(kept) {
                        fold.add(document, true);
                    }
                }
            });
        }
        Piece::End { error } => {
            fold.terminal |= word.trim_ascii_end() == DONE;
            fold.failed |= error;
            word.clear();
            sieve.reset();
        }
    }
}
