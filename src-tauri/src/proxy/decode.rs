//! Reading compressed answers: they pass as they are, and are undone here for whoever watches them.

use std::io::{self, Write};

use flate2::write::{MultiGzDecoder, ZlibDecoder};

/// Undoes an encoding, piece by piece.
pub enum Decode {
    Gzip(MultiGzDecoder<Vec<u8>>),
    Deflate(ZlibDecoder<Vec<u8>>),
    Brotli(Box<brotli::DecompressorWriter<Vec<u8>>>),
    Zstd(zstd::stream::write::Decoder<'static, Vec<u8>>),
}

/// How a body is encoded.
pub enum Encoding {
    Plain,
    Encoded(Box<Decode>),
    /// In a way that is not known here, or in several at once.
    Unknown,
}

const BUFFER_BYTES: usize = 16 * 1024;

impl Encoding {
    pub fn of(content_encoding: Option<&str>) -> Encoding {
        let decode = match content_encoding.map(|name| name.trim().to_ascii_lowercase()).as_deref() {
            None | Some("" | "identity") => return Encoding::Plain,
            Some("gzip" | "x-gzip") => Decode::Gzip(MultiGzDecoder::new(Vec::new())),
            Some("deflate") => Decode::Deflate(ZlibDecoder::new(Vec::new())),
            Some("br") => Decode::Brotli(Box::new(brotli::DecompressorWriter::new(Vec::new(), BUFFER_BYTES))),
            Some("zstd") => match zstd::stream::write::Decoder::new(Vec::new()) {
                Ok(decoder) => Decode::Zstd(decoder),
                Err(_) => return Encoding::Unknown,
            },
            Some(_) => return Encoding::Unknown,
        };
        Encoding::Encoded(Box::new(decode))
    }
}

impl Decode {
    /// What these bytes add.
    ///
    /// # Errors
    /// They are not what they are said to be; nothing after them can be read.
    pub fn push(&mut self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        // Flushing hands out all that can be read so far: an event must not wait for the next one.
        match self {
            Decode::Gzip(decoder) => decoder.write_all(bytes).and_then(|()| decoder.flush())?,
            Decode::Deflate(decoder) => decoder.write_all(bytes).and_then(|()| decoder.flush())?,
            Decode::Brotli(decoder) => decoder.write_all(bytes).and_then(|()| decoder.flush())?,
            Decode::Zstd(decoder) => decoder.write_all(bytes).and_then(|()| decoder.flush())?,
        }
        Ok(std::mem::take(match self {
            Decode::Gzip(decoder) => decoder.get_mut(),
            Decode::Deflate(decoder) => decoder.get_mut(),
            Decode::Brotli(decoder) => decoder.get_mut(),
            Decode::Zstd(decoder) => decoder.get_mut(),
        }))
    }
}
