//! Server-sent events, taken apart as they arrive, in pieces of any size: of each event the bytes of its `data`, and
//! whether its name is `error`. Nothing is gathered: a line of any length costs no memory.
//! Source: the HTML standard's section on parsing an event stream.
//!
//! Deliberately not here: `id` and `retry`, which carry nothing that is metered, and what data means.

use memchr::memchr2;

/// What comes out of a stream.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// More of the event's data.
    Data(&'a [u8]),
    /// The event is over.
    End { error: bool },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// In a line's name, of which so many bytes are in `name`.
    Name(usize),
    /// Behind the colon of a `data` line; one space there is not data.
    Colon,
    Data,
    /// In the value of an `event` line, of which so many bytes are in `name`.
    Event(usize),
    /// In a line that says nothing here.
    Rest,
}

/// The longest name or event of interest, and one more to tell longer ones by.
const NAME_BYTES: usize = 8;

#[derive(Debug)]
pub struct Sse {
    at: At,
    name: [u8; NAME_BYTES],
    /// The last byte was a carriage return: a line feed now belongs to it.
    returned: bool,
    /// The event has data already.
    data: bool,
    error: bool,
}

impl Sse {
    pub fn new() -> Sse {
        Sse { at: At::Name(0), name: [0; NAME_BYTES], returned: false, data: false, error: false }
    }

    /// Takes the next piece of the stream.
    pub fn push(&mut self, mut bytes: &[u8], tell: &mut impl FnMut(Piece<'_>)) {
        if self.returned && bytes.first() == Some(&b'\n') {
            bytes = &bytes[1..];
            self.returned = false;
        }
        while !bytes.is_empty() {
            self.returned = false;
            let end = memchr2(b'\n', b'\r', bytes);
            self.line(&bytes[..end.unwrap_or(bytes.len())], tell);
            let Some(end) = end else { return };
            self.end_of_line(tell);
            let returned = bytes[end] == b'\r';
            bytes = &bytes[end + 1..];
            if returned {
                match bytes.first() {
                    Some(b'\n') => bytes = &bytes[1..],
                    Some(_) => {}
                    None => self.returned = true,
                }
            }
        }
    }

    /// An event that the stream broke off after its data is told too: what it reports has been spent.
    pub fn finish(&mut self, tell: &mut impl FnMut(Piece<'_>)) {
        if self.data {
            tell(Piece::End { error: self.error });
            self.data = false;
        }
    }

    /// A piece of one line.
    fn line(&mut self, mut piece: &[u8], tell: &mut impl FnMut(Piece<'_>)) {
        while let Some((&byte, rest)) = piece.split_first() {
            match self.at {
                At::Name(length) => {
                    if byte == b':' {
                        self.at = match &self.name[..length] {
                            b"data" => {
                                self.begin_data(tell);
                                At::Colon
                            }
                            b"event" => At::Event(0),
                            _ => At::Rest,
                        };
                    } else if length < NAME_BYTES {
                        self.name[length] = byte;
                        self.at = At::Name(length + 1);
                    } else {
                        self.at = At::Rest;
                    }
                    piece = rest;
                }
                At::Colon => {
                    self.at = At::Data;
                    if byte == b' ' {
                        piece = rest;
                    }
                }
                At::Data => {
                    tell(Piece::Data(piece));
                    return;
                }
                At::Event(length) => {
                    if byte != b' ' || length > 0 {
                        if length < NAME_BYTES {
                            self.name[length] = byte;
                        }
                        self.at = At::Event((length + 1).min(NAME_BYTES));
                    }
                    piece = rest;
                }
                At::Rest => return,
            }
        }
    }

    /// Data of several lines is joined by line feeds.
    fn begin_data(&mut self, tell: &mut impl FnMut(Piece<'_>)) {
        if self.data {
            tell(Piece::Data(b"\n"));
        }
        self.data = true;
    }

    fn end_of_line(&mut self, tell: &mut impl FnMut(Piece<'_>)) {
        match self.at {
            At::Name(0) => {
                if self.data {
                    tell(Piece::End { error: self.error });
                }
                self.data = false;
                self.error = false;
            }
            At::Event(length) => self.error = &self.name[..length] == b"error",
            // A name alone has an empty value.
            At::Name(4) if self.name.starts_with(b"data") => self.begin_data(tell),
            _ => {}
        }
        self.at = At::Name(0);
    }
}
