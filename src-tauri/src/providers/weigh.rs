//! A request's strings, weighed as they go by: text by its size, and pictures, documents and sound by what they can
//! come to, since their spelling in base64 tells little of their tokens.
//!
//! Deliberately not here: the request's own fields (`asked`).

use super::dialect::Dialect;
use super::sieve::Ear;
use super::size::Text;
use super::sound;
use super::units::UNSEEN_SECONDS;

/// A picture at its dearest. Anthropic: at most 4,784 tokens; OpenAI: 1,445 by tiles, 1,536 patches at up to 2.46 tokens
/// each; Gemini: 258 a tile, up to 2,240 at its highest resolution. Source: each provider's guide to vision.
pub const PICTURE_TOKENS: u64 = 5_000;
/// For gpt-4o-mini alone a picture is 2,833 and eight tiles of 5,667. Source: OpenAI's guide to images.
pub const PICTURE_TOKENS_4O_MINI: u64 = 48_169;
/// What is named by an address or an id, or stands in a conversation that the provider keeps: its size is not in the
/// request. A document of a dozen pages (Anthropic: 1,500 to 3,000 tokens a page, and each page a picture).
pub const UNSEEN_TOKENS: u64 = 50_000;
/// An inlined document, at its most: about a hundred pages.
const DOCUMENT_TOKENS_MAX: u64 = 400_000;
const DOCUMENT_TOKENS_MIN: u64 = 5_000;

/// Sound as telephones sample it.
const SAMPLES_BYTES_A_SECOND_MIN: u64 = 8_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inlined {
    Picture,
    Document,
    Sound,
    /// Sound as it is sampled, at least 8 kB a second.
    Samples,
    /// Reasoning that a provider has sealed, to be sent back to it.
    Sealed,
}

/// What has been weighed.
#[derive(Debug, Default)]
pub struct Weigh {
    pub text: Text,
    /// All bytes of strings that counted.
    pub heard_bytes: u64,
    /// Tokens of what is inlined, pictures excepted.
    inlined_tokens: u64,
    pictures: u64,
    /// Parts that the request calls pictures. Where a dialect names its parts, these are all of them.
    named_pictures: u64,
    named_documents: u64,
    /// Things named by an id or address that is no picture's.
    unseen: u64,
    /// Sources of Anthropic's parts that are addresses.
    addresses: u64,
    /// Files of Gemini, and of those media types how many are pictures.
    files: u64,
    types: u64,
    picture_types: u64,
    pub audio: bool,
    unseen_sounds: u64,
    /// Bytes of documents, and seconds of sound, as base64 spells them.
    document_bytes: u64,
    inlined_seconds: u64,
    inlined: Option<Inlined>,
    /// Bytes of the inlined string at hand.
    inlined_bytes: u64,
}

impl Ear for Weigh {
    fn begins(&mut self, key: &[u8], rest: &[u8]) {
        self.inlined = None;
        self.inlined_bytes = 0;
        match key {
            b"type" => self.part(value(rest)),
            b"mimeType" | b"mime_type" | b"media_type" => self.media(value(rest)),
            b"file_id" | b"file_url" | b"document_url" if !rest.starts_with(b"data:") => self.unseen += 1,
            b"fileUri" | b"file_uri" => self.files += 1,
            // Mistral's word for sound by its address, too.
            b"input_audio" if !looks_base64(rest) => {
                self.unseen += 1;
                self.unseen_sounds += 1;
            }
            b"signature" | b"thoughtSignature" | b"thought_signature" | b"encrypted_content" => {
                self.inlined = Some(Inlined::Sealed);
            }
            b"data" | b"file_data" | b"b64_json" | b"bytesBase64Encoded" | b"input_audio" if looks_base64(rest) => {
                self.inlined = Some(inlined(rest));
            }
            _ if rest.starts_with(b"data:") => self.inlined = labelled(rest),
            _ => {}
        }
        if self.inlined == Some(Inlined::Picture) {
            self.pictures += 1;
        }
        self.audio |= matches!(self.inlined, Some(Inlined::Sound | Inlined::Samples));
    }

    fn hears(&mut self, piece: &[u8]) {
        self.heard_bytes += piece.len() as u64;
        match self.inlined {
            None => self.text.add(piece),
            Some(_) => self.inlined_bytes += piece.len() as u64,
        }
    }

    fn ends(&mut self) {
        let bytes = self.inlined_bytes;
        match self.inlined {
            Some(Inlined::Document) => self.document_bytes += bytes,
            Some(Inlined::Sound) => self.inlined_seconds += held(bytes).div_ceil(sound::BYTES_A_SECOND_MIN),
            Some(Inlined::Samples) => self.inlined_seconds += held(bytes).div_ceil(SAMPLES_BYTES_A_SECOND_MIN),
            _ => {}
        }
        self.inlined_tokens += match self.inlined {
            None | Some(Inlined::Picture) => 0,
            // A page of nothing but text is about 3 kB, and up to 3,000 tokens with a picture of it.
            Some(Inlined::Document) => (bytes / 2).clamp(DOCUMENT_TOKENS_MIN, DOCUMENT_TOKENS_MAX),
            // Speech at its smallest is 1 kB a second, and at most 32 tokens a second (Gemini; video about 300 at 10 kB).
            Some(Inlined::Sound) => 100 + bytes / 40,
            Some(Inlined::Samples) => 100 + bytes / 300,
            Some(Inlined::Sealed) => bytes / 4,
        };
        self.inlined = None;
    }

    fn skips(&self, _: &[u8]) -> bool {
        false
    }
}

impl Weigh {
    /// A content part says what it is.
    fn part(&mut self, kind: &[u8]) {
        match kind {
            b"image" | b"image_url" | b"input_image" => self.named_pictures += 1,
            b"document" => self.named_documents += 1,
            b"input_audio" | b"audio_url" => self.audio = true,
            b"video_url" | b"input_video" => self.unseen += 2,
            b"url" => self.addresses += 1,
            _ => {}
        }
    }

    fn media(&mut self, kind: &[u8]) {
        self.types += 1;
        self.picture_types += u64::from(kind.starts_with(b"image/"));
        self.audio |= kind.starts_with(b"audio/");
    }

    /// Tokens of all that is no plain text.
    pub fn other_tokens(&self, model: Option<&str>) -> u64 {
        let mini = model.is_some_and(|model| model.contains("gpt-4o-mini"));
        let picture = if mini { PICTURE_TOKENS_4O_MINI } else { PICTURE_TOKENS };
        let (mut pictures, mut unseen) = (self.pictures(), self.unseen);
        unseen += self.addresses.min(self.named_documents);
        if self.types > 0 && self.types == self.picture_types {
            pictures = pictures.max(self.picture_types);
        } else {
            unseen += self.files;
        }
        self.inlined_tokens + pictures * picture + unseen * UNSEEN_TOKENS
    }

    /// Pictures, however they are named.
    pub fn pictures(&self) -> u64 {
        self.pictures.max(self.named_pictures)
    }

    /// The size of the documents that are in the request.
    pub fn document_bytes(&self) -> u64 {
        held(self.document_bytes)
    }

    /// How long the sound may be that goes in, in seconds.
    pub fn sound_seconds(&self) -> u64 {
        self.inlined_seconds + self.unseen_sounds * UNSEEN_SECONDS
    }

    /// Tokens of all strings, as `dialect` counts them.
    pub fn text_tokens(&self, dialect: Dialect) -> u64 {
        self.text.tokens(dialect)
    }
}

/// Bytes that base64 of this length holds.
fn held(bytes: u64) -> u64 {
    (bytes * 3).div_ceil(4)
}

/// The string that begins, if it is a short word.
fn value(rest: &[u8]) -> &[u8] {
    let near = &rest[..rest.len().min(32)];
    near.split(|&byte| byte == b'"').next().unwrap_or_default()
}

/// Too long for a word, and nothing but base64 in its beginning.
fn looks_base64(rest: &[u8]) -> bool {
    let near = &rest[..rest.len().min(64)];
    rest.starts_with(b"data:")
        || near.len() == 64
            && near.iter().all(|&b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_' | b'='))
}

/// What base64 holds, by how files of its kind begin.
fn inlined(rest: &[u8]) -> Inlined {
    if rest.starts_with(b"data:") {
        return labelled(rest).unwrap_or(Inlined::Document);
    }
    let begins = |prefixes: &[&[u8]]| prefixes.iter().any(|prefix| rest.starts_with(prefix));
    // JPEG, PNG, GIF, BMP and TIFF; WebP and WAVE share their first bytes.
    if begins(&[b"/9j/", b"iVBORw", b"R0lGOD", b"Qk0", b"SUkq", b"TU0A"]) {
        Inlined::Picture
    } else if begins(&[b"UklGR"]) {
        if rest.get(12..16) == Some(b"RUJQ") { Inlined::Picture } else { Inlined::Samples }
    // MP3, Ogg, FLAC, Matroska, MP4.
    } else if begins(&[b"SUQz", b"//", b"T2dnUw", b"ZkxhQ", b"GkXfo"]) || rest.get(5..11) == Some(b"ZnR5cG") {
        Inlined::Sound
    } else {
        Inlined::Document
    }
}

/// What a `data:` address says that it holds.
fn labelled(rest: &[u8]) -> Option<Inlined> {
    let kind = &rest[5..];
    let begins = |prefix: &[u8]| kind.starts_with(prefix);
    if begins(b"image/") {
        Some(Inlined::Picture)
    } else if begins(b"audio/wav") || begins(b"audio/x-wav") || begins(b"audio/pcm") {
        Some(Inlined::Samples)
    } else if begins(b"audio/") || begins(b"video/") {
        Some(Inlined::Sound)
    } else if begins(b"application/") || begins(b"text/") {
        Some(Inlined::Document)
    } else {
        None
    }
}
