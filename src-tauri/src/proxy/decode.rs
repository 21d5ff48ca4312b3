//! Reading compressed answers: they pass as they are, and are undone here for whoever watches them.

use std::io::{self, Write};

use flate2::write::{MultiGzDecoder, ZlibDecoder};

/// Undoes an encoding, piece by piece.
pub enum Decode {
    Gzip(MultiGzDecoder<Bound>),
    Deflate(ZlibDecoder<Bound>),
    Brotli(Box<brotli::DecompressorWriter<Bound>>),
    Zstd(zstd::stream::write::Decoder<'static, Bound>),
}

/// How a body is encoded.
pub enum Encoding {
    Plain,
    Encoded(Box<Decode>),
    /// In a way that is not known here, or in several at once.
    Unknown,
}

/// How much one piece of a body may come to: what is smaller and comes to more is made to harm.
const PIECE_BYTES_MAX: usize = 64 << 20;

/// What has been read of a piece.
#[derive(Default)]
pub struct Bound(Vec<u8>);

impl Write for Bound {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > PIECE_BYTES_MAX {
            return Err(io::Error::other("a piece of the body is too large"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

const BUFFER_BYTES: usize = 16 * 1024;

impl Encoding {
    pub fn of(content_encoding: Option<&str>) -> Encoding {
        let decode = match content_encoding.map(|name| name.trim().to_ascii_lowercase()).as_deref() {
            None | Some("" | "identity") => return Encoding::Plain,
            Some("gzip" | "x-gzip") => Decode::Gzip(MultiGzDecoder::new(Bound::default())),
            Some("deflate") => Decode::Deflate(ZlibDecoder::new(Bound::default())),
            Some("br") => Decode::Brotli(Box::new(brotli::DecompressorWriter::new(Bound::default(), BUFFER_BYTES))),
            Some("zstd") => match zstd::stream::write::Decoder::new(Bound::default()) {
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
        let read = match self {
            Decode::Gzip(decoder) => decoder.get_mut(),
            Decode::Deflate(decoder) => decoder.get_mut(),
            Decode::Brotli(decoder) => decoder.get_mut(),
            Decode::Zstd(decoder) => decoder.get_mut(),
        };
        Ok(std::mem::take(&mut read.0))
    }
}
