//! What of an answer has been heard so far: its text by size, for calls whose usage is never reported.
//!
//! Deliberately not here: reasoning that a provider does not show, of which nothing is heard.

use super::dialect::Dialect;
use super::sieve::Ear;
use super::size::Text;

/// The answer's text, weighed.
#[derive(Debug, Default)]
pub struct Heard {
    text: Text,
    /// Strings with anything in them: a piece of a stream is at least a token.
    pieces: u64,
    /// Bytes of pictures and sound in base64.
    inlined_bytes: u64,
    inlined: bool,
    any: bool,
}

impl Ear for Heard {
    fn begins(&mut self, key: &[u8], _: &[u8]) {
        self.inlined = matches!(key, b"data" | b"b64_json" | b"result" | b"partial_image_b64");
        self.any = false;
    }

    fn hears(&mut self, piece: &[u8]) {
        self.any |= !piece.is_empty();
        if self.inlined {
            self.inlined_bytes += piece.len() as u64;
        } else {
            self.text.add(piece);
        }
    }

    fn ends(&mut self) {
        self.pieces += u64::from(self.any && !self.inlined);
    }

    /// Labels and seals within an answer are no tokens of it.
    fn skips(&self, key: &[u8]) -> bool {
        const LABELS: [&[u8]; 18] = [
            b"role",
            b"id",
            b"type",
            b"index",
            b"status",
            b"call_id",
            b"item_id",
            b"tool_use_id",
            b"signature",
            b"thoughtSignature",
            b"thought_signature",
            b"encrypted_content",
            b"mimeType",
            b"logprobs",
            b"annotations",
            b"stop_reason",
            b"extra_content",
            b"format",
        ];
        LABELS.contains(&key)
    }
}

impl Heard {
    /// Tokens of the answer as far as it was seen, erring high.
    pub fn tokens(&self, dialect: Dialect) -> u64 {
        // A picture is 1,000 to 8,000 tokens in 100 kB to 3 MB; a second of sound about 20 in 4 kB or more.
        self.text.tokens(dialect).max(self.pieces) + self.inlined_bytes.div_ceil(64)
    }
}
