//! Taking out again what was added: of an OpenAI stream the one event that has usage and no choices, since a client that
//! did not ask for it may trip over it. Every other byte passes as it came, as soon as its event is whole.
//!
//! Deliberately not here: reading that usage (`watch`, which sees the stream before this does).

use memchr::{memchr2, memmem};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// An event larger than this is no report of usage, and is not held back any further.
const EVENT_BYTES_MAX: usize = 64 * 1024;

/// See the module's own words.
#[derive(Debug, Default)]
pub struct Without {
    /// The event at hand, as far as it has come.
    held: Vec<u8>,
    /// Something of the line at hand has come already.
    within_line: bool,
    /// The event at hand has been let go already.
    passing: bool,
    /// The last byte was a carriage return.
    returned: bool,
    /// A line feed right now belongs to an event that was taken out.
    taken: bool,
}

impl Without {
    pub fn new() -> Without {
        Without::default()
    }

    /// What may go on to the client of this piece and of what was held back before it.
    pub fn push(&mut self, mut bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.held.len() + bytes.len());
        while let Some(&first) = bytes.first() {
            if first == b'\n' && std::mem::take(&mut self.returned) {
                // It belongs to the carriage return before it, and goes the way of that.
                if !std::mem::take(&mut self.taken) {
                    if self.held.is_empty() { out.push(first) } else { self.keep(&[first], &mut out) }
                }
                bytes = &bytes[1..];
                continue;
            }
            (self.returned, self.taken) = (false, false);
            let end = memchr2(b'\n', b'\r', bytes);
            let (line, rest) = bytes.split_at(end.map_or(bytes.len(), |end| end + 1));
            self.keep(line, &mut out);
            bytes = rest;
            let Some(end) = end else {
                self.within_line |= !line.is_empty();
                break;
            };
            self.returned = line[end] == b'\r';
            let blank = end == 0 && !std::mem::take(&mut self.within_line);
            self.within_line = false;
            if blank {
                self.end(&mut out);
            }
        }
        if self.held.len() > EVENT_BYTES_MAX {
            self.passing = true;
            out.append(&mut self.held);
        }
        out
    }

    /// The stream is over: what is still held.
    pub fn finish(mut self) -> Vec<u8> {
        if is_usage_alone(&self.held) { Vec::new() } else { std::mem::take(&mut self.held) }
    }

    fn keep(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        if self.passing { out.extend_from_slice(bytes) } else { self.held.extend_from_slice(bytes) }
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        if self.passing {
            self.passing = false;
        } else if is_usage_alone(&self.held) {
            self.held.clear();
            self.taken = self.returned;
        } else {
            out.append(&mut self.held);
        }
    }
}

/// Whether the event is the chunk that reports usage and nothing else.
fn is_usage_alone(event: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Chunk {
        choices: Vec<IgnoredAny>,
        usage: serde_json::Map<String, serde_json::Value>,
    }
    if memmem::find(event, b"\"usage\"").is_none() {
        return false;
    }
    let lines = event.split(|byte| matches!(byte, b'\n' | b'\r'));
    let data: Vec<&[u8]> = lines.filter_map(|line| line.strip_prefix(b"data:")).collect();
    serde_json::from_slice::<Chunk>(&data.join(&b'\n'))
        .is_ok_and(|chunk| chunk.choices.is_empty() && !chunk.usage.is_empty())
}
