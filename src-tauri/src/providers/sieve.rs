//! JSON, reduced as it arrives: of a document of any size, in pieces of any size, the few fields that a taste names are
//! kept, and the text in the places it names is handed to an ear. What is kept is JSON again, for the same readers
//! that read whole responses.
//!
//! No parser that builds values, and none that hands out whole strings, holds 10 MB of picture in constant memory;
//! this holds the brackets that are open, one key, and what is kept. It is lenient: what it must tell is whether a
//! document has ended, not whether each of its numbers is well spelled; the kept part is parsed strictly afterwards.
//!
//! The same pass reads requests: at 200 kB it takes about as long as a lazy parser (sonic-rs) takes to find the fields
//! without weighing any text.
//!
//! Deliberately not here: what the fields mean, and lines or frames around a document.

use memchr::memchr2;

use super::taste::{Keep, Node};

/// The most that is kept of one document, in bytes. Usage with a long list of iterations is some ten kilobytes.
const KEPT_BYTES_MAX: usize = 256 * 1024;
/// The most brackets that may be open at once; a document beyond that is not read. Real ones have about twenty.
const DEPTH_MAX: usize = 512;
/// Longer keys are nobody's: they match no field.
const KEY_BYTES_MAX: usize = 64;

/// Who hears the text of a document: each string value that counts, in pieces.
pub trait Ear {
    /// A string begins, the value of `key`, or an item of its list; `rest` is as much of what follows as is at hand.
    fn begins(&mut self, key: &[u8], rest: &[u8]);
    fn hears(&mut self, piece: &[u8]);
    fn ends(&mut self);
    /// Whether everything within the value of `key` is no text of the document.
    fn skips(&self, key: &[u8]) -> bool;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Value,
    Key,
    Colon,
    After,
    /// Inside a string: a key, or a value.
    String {
        key: bool,
    },
    Escape {
        key: bool,
    },
    Literal,
    /// Inside an object or a list that is kept whole and whose text does not count; so many brackets are open in it.
    Whole {
        open: usize,
        string: bool,
        escape: bool,
    },
    End,
    /// This is no JSON.
    Broken,
}

/// A bracket that is open.
#[derive(Debug, Clone, Copy)]
struct Level {
    object: bool,
    /// What to keep of the values in it; nothing where `None`.
    node: Option<&'static Node>,
    /// It was written to `kept`.
    written: bool,
    /// A comma is due before the next thing written in it.
    comma: bool,
    counts: bool,
    /// A list at the root: each of its items is a document.
    documents: bool,
}

/// See the module's own words.
#[derive(Debug)]
pub struct Sieve<E> {
    root: &'static Node,
    at: At,
    levels: Vec<Level>,
    kept: Vec<u8>,
    spilled: bool,
    key: Vec<u8>,
    /// How deep the value is that is being copied whole.
    copying: Option<usize>,
    /// The scalar at hand is written to `kept`, or heard.
    copies: bool,
    heard: bool,
    pub ear: E,
}

impl<E: Ear> Sieve<E> {
    pub fn new(root: &'static Node, ear: E) -> Sieve<E> {
        Sieve {
            root,
            at: At::Value,
            levels: Vec::with_capacity(16),
            kept: Vec::with_capacity(256),
            spilled: false,
            key: Vec::with_capacity(KEY_BYTES_MAX),
            copying: None,
            copies: false,
            heard: false,
            ear,
        }
    }

    /// Begins a new document; the ear goes on.
    pub fn reset(&mut self) {
        self.at = At::Value;
        self.levels.clear();
        self.forget();
        self.copying = None;
    }

    /// Whether the document has come to its end, with nothing but white space after it.
    pub fn ended(&self) -> bool {
        self.at == At::End
    }

    #[cfg(test)]
    pub fn held_bytes(&self) -> usize {
        self.kept.capacity() + self.key.capacity() + self.levels.capacity() * size_of::<Level>()
    }

    /// Takes the next piece. `document` is told what has been kept of each document that ends in it.
    pub fn push(&mut self, mut bytes: &[u8], document: &mut impl FnMut(&[u8])) {
        while let Some(&byte) = bytes.first() {
            match self.at {
                At::String { key } => bytes = self.string(key, bytes),
                At::Escape { key } => {
                    self.take(key, &bytes[..1]);
                    self.at = At::String { key };
                    bytes = &bytes[1..];
                }
                At::Literal => bytes = self.literal(bytes, document),
                At::Whole { open, string, escape } => bytes = self.whole((open, string, escape), bytes, document),
                At::Broken => return,
                _ => {
                    bytes = &bytes[1..];
                    self.mark(byte, bytes, document);
                }
            }
        }
    }

    /// One byte between strings and literals.
    fn mark(&mut self, byte: u8, rest: &[u8], document: &mut impl FnMut(&[u8])) {
        if matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
            return;
        }
        let object = self.levels.last().map(|level| level.object);
        match (self.at, byte) {
            (At::Value, b'{' | b'[') => self.open(byte),
            (At::Value, b'"') => {
                self.begin(Keep::Whole);
                if self.heard {
                    self.ear.begins(&self.key, rest);
                }
                self.copy(b"\"");
                self.at = At::String { key: false };
            }
            (At::Value, b'-' | b'0'..=b'9' | b't' | b'f' | b'n' | b'N' | b'I') => {
                self.begin(if byte == b'n' { Keep::Shape } else { Keep::Whole });
                self.heard = false;
                self.copy(&[byte]);
                self.at = At::Literal;
            }
            // After a comma this is one too many; it does no harm.
            (At::Value | At::After, b']') if object == Some(false) => self.close(byte, document),
            (At::Key | At::After, b'}') if object == Some(true) => self.close(byte, document),
            (At::Key, b'"') => {
                self.key.clear();
                self.copy_within(b"\"");
                self.at = At::String { key: true };
            }
            (At::Colon, b':') => {
                self.copy_within(b":");
                self.at = At::Value;
            }
            (At::After, b',') => {
                self.copy_within(b",");
                self.at = if object == Some(true) { At::Key } else { At::Value };
            }
            _ => self.at = At::Broken,
        }
    }

    /// Inside a string, to its end or to the end of what is at hand.
    fn string<'a>(&mut self, key: bool, bytes: &'a [u8]) -> &'a [u8] {
        let mut end = 0;
        loop {
            match quote_or_escape(&bytes[end..]) {
                None => {
                    self.take(key, bytes);
                    return &[];
                }
                Some(at) if bytes[end + at] == b'"' => {
                    end += at;
                    break;
                }
                Some(at) => {
                    end += at + 2;
                    if end > bytes.len() {
                        self.take(key, bytes);
                        self.at = At::Escape { key };
                        return &[];
                    }
                }
            }
        }
        self.take(key, &bytes[..end]);
        if key {
            self.copy_within(b"\"");
            if self.key.contains(&b'\\') {
                self.unescape();
            }
            self.at = At::Colon;
        } else {
            self.copy(b"\"");
            if self.heard {
                self.ear.ends();
            }
            self.at = At::After;
        }
        &bytes[end + 1..]
    }

    /// Inside a number, `true`, `false` or `null`.
    fn literal<'a>(&mut self, bytes: &'a [u8], document: &mut impl FnMut(&[u8])) -> &'a [u8] {
        let end = bytes.iter().position(|byte| matches!(byte, b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t'));
        let (literal, rest) = bytes.split_at(end.unwrap_or(bytes.len()));
        self.copy(literal);
        if end.is_some() {
            self.after(document);
        }
        rest
    }

    /// Inside a value that is copied as it stands, to its closing bracket or to the end of what is at hand. Whether it is
    /// well made is seen when what was kept is parsed.
    fn whole<'a>(
        &mut self,
        (mut open, mut string, mut escape): (usize, bool, bool),
        bytes: &'a [u8],
        document: &mut impl FnMut(&[u8]),
    ) -> &'a [u8] {
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            if escape {
                escape = false;
            } else if string {
                at += quote_or_escape(&bytes[at..]).unwrap_or(bytes.len() - at);
                match bytes.get(at) {
                    Some(b'"') => string = false,
                    Some(_) => escape = true,
                    None => break,
                }
            } else {
                match byte {
                    b'"' => string = true,
                    b'{' | b'[' => open += 1,
                    b'}' | b']' => open -= 1,
                    _ => {}
                }
                if open == 0 {
                    let (value, rest) = bytes.split_at(at + 1);
                    self.write(value);
                    self.key.clear();
                    self.after(document);
                    return rest;
                }
            }
            at += 1;
        }
        self.at = At::Whole { open, string, escape };
        self.write(bytes);
        &[]
    }

    /// A piece of a key, or of a string value.
    fn take(&mut self, key: bool, piece: &[u8]) {
        if key {
            let room = (KEY_BYTES_MAX + 1).saturating_sub(self.key.len());
            self.key.extend_from_slice(&piece[..piece.len().min(room)]);
            self.copy_within(piece);
        } else {
            self.copy(piece);
            if self.heard {
                self.ear.hears(piece);
            }
        }
    }

    fn open(&mut self, byte: u8) {
        if self.levels.len() >= DEPTH_MAX {
            self.at = At::Broken;
            return;
        }
        let object = byte == b'{';
        let documents = self.levels.is_empty() && !object;
        let (node, counts) = self.taste();
        let keep = self.value(node, Keep::Fields);
        let whole = self.copying.is_none() && keep == Some(Keep::Whole);
        let written = self.copying.is_none() && !documents && keep.is_some();
        if self.copying.is_some() || written {
            self.write(&[byte]);
        }
        if whole && !counts {
            self.at = At::Whole { open: 1, string: false, escape: false };
            return;
        }
        if whole {
            self.copying = Some(self.levels.len());
        }
        let inner = match keep {
            Some(Keep::Fields) => node,
            _ if documents => node,
            _ => None,
        };
        self.levels.push(Level { object, node: inner, written, comma: false, counts, documents });
        self.at = if object { At::Key } else { At::Value };
    }

    fn close(&mut self, byte: u8, document: &mut impl FnMut(&[u8])) {
        let level = self.levels.pop();
        if self.copying.is_some() || level.is_some_and(|level| level.written) {
            self.write(&[byte]);
        }
        if self.copying == Some(self.levels.len()) {
            self.copying = None;
        }
        // What follows in the list above is no value of the last key within.
        self.key.clear();
        self.after(document);
    }

    /// A value has ended.
    fn after(&mut self, document: &mut impl FnMut(&[u8])) {
        self.at = At::After;
        match self.levels.as_slice() {
            [] => {
                self.at = At::End;
                self.deliver(document);
            }
            [list] if list.documents => self.deliver(document),
            _ => {}
        }
    }

    fn deliver(&mut self, document: &mut impl FnMut(&[u8])) {
        if !self.spilled && !self.kept.is_empty() {
            document(&self.kept);
        }
        self.forget();
    }

    fn forget(&mut self) {
        self.kept.clear();
        self.spilled = false;
    }

    /// What to keep of the value that begins, and whether text in it counts.
    fn taste(&self) -> (Option<&'static Node>, bool) {
        let Some(parent) = self.levels.last() else { return (Some(self.root), self.root.counts) };
        let node = if parent.object { parent.node.and_then(|node| node.field(&self.key)) } else { parent.node };
        let own = parent.object && node.is_some_and(|node| node.counts);
        (node, (own || parent.counts) && !self.ear.skips(&self.key))
    }

    /// A value begins that `whole` would be kept of; what is kept of it. Writes the comma and the key before it.
    fn value(&mut self, node: Option<&'static Node>, whole: Keep) -> Option<Keep> {
        if self.copying.is_some() {
            return None;
        }
        let Some(parent) = self.levels.last_mut() else { return Some(self.root.keep) };
        let item = !parent.object && !parent.documents;
        let keep = match (node?.keep, whole) {
            (Keep::Nothing, _) => return None,
            // A list that is passed through keeps its objects, not its texts and numbers.
            (Keep::Fields, Keep::Whole | Keep::Shape) if item => return None,
            (Keep::Whole, _) => Keep::Whole,
            // `null` as it is.
            (Keep::Shape | Keep::Fields, Keep::Shape) => Keep::Whole,
            (keep, _) => keep,
        };
        let comma = std::mem::replace(&mut parent.comma, true) && !parent.documents;
        let object = parent.object;
        if comma {
            self.write(b",");
        }
        if object {
            let key = std::mem::take(&mut self.key);
            self.write(b"\"");
            self.write(&key);
            self.write(b"\":");
            self.key = key;
        }
        Some(keep)
    }

    /// A scalar begins that `whole` would be kept of.
    fn begin(&mut self, whole: Keep) {
        let (node, counts) = self.taste();
        let keep = self.value(node, whole);
        self.copies = self.copying.is_some() || keep == Some(Keep::Whole);
        let inside = !self.levels.is_empty();
        if !self.copies && keep.is_some() && inside {
            self.write(b"true");
        }
        self.heard = inside && counts;
    }

    fn copy(&mut self, piece: &[u8]) {
        if self.copies {
            self.write(piece);
        }
    }

    /// What stands between values is kept only within a value that is copied whole.
    fn copy_within(&mut self, piece: &[u8]) {
        if self.copying.is_some() {
            self.write(piece);
        }
    }

    fn write(&mut self, piece: &[u8]) {
        if self.kept.len() + piece.len() > KEPT_BYTES_MAX {
            self.spilled = true;
        }
        if !self.spilled {
            self.kept.extend_from_slice(piece);
        }
    }

    fn unescape(&mut self) {
        let quoted = [b"\"", self.key.as_slice(), b"\""].concat();
        if let Ok(key) = serde_json::from_slice::<String>(&quoted) {
            self.key = key.into_bytes();
        }
    }
}

/// The first quotation mark or escape. Most strings of an event are shorter than it takes to begin a search by vectors: the
/// first bytes are looked at eight at a time.
fn quote_or_escape(bytes: &[u8]) -> Option<usize> {
    const NEAR: usize = 4;
    let mut at = 0;
    for word in bytes.chunks_exact(8).take(NEAR) {
        let word = u64::from_le_bytes(word.try_into().unwrap_or_default());
        let found = has_byte(word, b'"') | has_byte(word, b'\\');
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    memchr2(b'"', b'\\', &bytes[at..]).map(|further| at + further)
}

/// The high bit of each byte of `word` that is `byte`; above the lowest of them, of some others too. Source: the
/// well-known test for a zero byte, `(x - 0x01…) & !x & 0x80…`.
fn has_byte(word: u64, byte: u8) -> u64 {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    let zeros = word ^ (ONES * u64::from(byte));
    zeros.wrapping_sub(ONES) & !zeros & (ONES << 7)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::quote_or_escape;

    proptest! {
        /// With bytes beside those that are looked for, which the search by words must not take for them.
        #[test]
        fn the_first_quote_or_escape_is_found(bytes in prop::collection::vec(prop::sample::select(b"!\"#[\\]\xa2\xdc\x00a".to_vec()), 0..80), plain in 0..80_usize) {
            let bytes = [vec![b'#'; plain], bytes].concat();
            prop_assert_eq!(quote_or_escape(&bytes), bytes.iter().position(|byte| matches!(byte, b'"' | b'\\')));
        }
    }
}
