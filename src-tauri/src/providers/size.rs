//! How many tokens text may be, judged by its bytes: high rather than low, and by what a byte is, since a digit, a sign
//! of code and a letter of a word are very differently dear.
//!
//! Deliberately not here: tokenizers. Every provider has its own, some unpublished; what a call really took is what its
//! provider reports, and this stands only until then, or where nothing is ever reported.

use super::dialect::Dialect;

/// Text, by kinds of bytes. It is counted as it is spelled in JSON, escapes included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Text {
    /// Letters and spaces: English has about 4.4 of them to a token, German and Finnish about 3, code about 3.
    plain: u64,
    /// Some tokenizers (Gemini's, Mistral's) make a token of each.
    digits: u64,
    /// How often digits end: most tokenizers let nothing before or after them into their token, so that a comma or a space
    /// between two numbers is one by itself.
    numbers: u64,
    /// Whether the last byte was a digit.
    in_number: bool,
    /// Punctuation, signs of code, and the escapes.
    marks: u64,
    /// Bytes of other scripts: a Chinese character has three and is one token or a little more.
    others: u64,
    /// Bytes of long strings without spaces, in which tokens are as short as one and a half bytes.
    dense: u64,
    /// Digits, and ends of digits, in such strings.
    dense_digits: u64,
}

/// A string with fewer spaces than one in so many bytes is no prose.
const SPACES_ONE_IN: usize = 32;
const DENSE_BYTES_MIN: usize = 1024;

impl Text {
    /// Adds a piece. Whether it is dense can be seen only of a whole string.
    pub fn add(&mut self, piece: &[u8]) {
        let (mut letters, mut spaces, mut digits, mut others, mut numbers) = (0, 0, 0, 0, 0);
        // Of a length whose counts fit a byte, so that the machine counts sixteen bytes or more at a time.
        for block in piece.chunks(255) {
            let (mut l, mut s, mut d, mut o) = (0_u8, 0_u8, 0_u8, 0_u8);
            for &byte in block {
                l += u8::from((byte | 0x20).wrapping_sub(b'a') < 26);
                s += u8::from(byte == b' ');
                d += u8::from(is_digit(byte));
                o += byte >> 7;
            }
            letters += usize::from(l);
            spaces += usize::from(s);
            digits += usize::from(d);
            others += usize::from(o);
            let ends = |(byte, next): (&u8, &u8)| u8::from(is_digit(*byte) && !is_digit(*next));
            let (first, rest) = block.split_first().unwrap_or((&0, &[]));
            numbers += usize::from(self.in_number && !is_digit(*first));
            numbers += usize::from(block.iter().zip(rest).map(ends).sum::<u8>());
            self.in_number = block.last().is_some_and(|last| is_digit(*last));
        }
        if piece.len() >= DENSE_BYTES_MIN && spaces < piece.len() / SPACES_ONE_IN && others < piece.len() / 4 {
            self.dense += piece.len() as u64;
            self.dense_digits += (digits + numbers) as u64;
            return;
        }
        self.plain += (letters + spaces) as u64;
        self.digits += digits as u64;
        self.numbers += numbers as u64;
        self.marks += (piece.len() - letters - spaces - digits - others) as u64;
        self.others += others as u64;
    }

    /// Tokens, erring high. Anthropic's newer models take up to 1.35 times the tokens of its older ones for the same
    /// text, which were themselves above OpenAI's. Source: Anthropic's migration guide.
    pub fn tokens(&self, dialect: Dialect) -> u64 {
        let spelled = self.plain * 2 + self.digits * 6 + self.numbers * 4 + self.marks * 4 + self.others * 3;
        let sixths = spelled + self.dense * 4 + self.dense_digits * 2;
        match dialect {
            Dialect::Anthropic => sixths.div_ceil(5),
            Dialect::OpenAi | Dialect::Gemini => sixths.div_ceil(6),
        }
    }
}

fn is_digit(byte: u8) -> bool {
    byte.wrapping_sub(b'0') < 10
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> u64 {
        let mut size = Text::default();
        size.add(text.as_bytes());
        size.tokens(Dialect::OpenAi)
    }

    /// Counts of OpenAI's `o200k_base`, and for digits of Gemini's rule of one token each.
    #[test]
    fn text_is_judged_high_but_within_reason() {
        for (text, real) in [
            ("The quick brown fox jumps over the lazy dog.", 10),
            ("你好,世界", 4),
            ("3.14159265358979", 16),
            ("fn main() { println!(\\\"hi\\\"); }", 11),
        ] {
            let judged = tokens(text);
            assert!((real..=real * 3).contains(&judged), "{text}: {judged}, in truth {real}");
        }
    }

    /// OpenAI's tokenizers split digits from whatever stands between them: each byte of these is a token.
    #[test]
    fn tables_of_numbers_are_a_token_a_byte() {
        for row in ["1,0,", "1 0 ", "7;", "3\t5\t"] {
            for times in [10, 10_000] {
                let text = row.repeat(times);
                let judged = tokens(&text);
                assert!((text.len() as u64..=2 * text.len() as u64).contains(&(judged + 1)), "{row} {times}: {judged}");
            }
        }
        assert!(tokens(&"3141592653".repeat(3_000)) >= 30_000, "Gemini makes a token of each digit");
    }

    #[test]
    fn a_long_string_without_spaces_is_dearer_than_prose() {
        assert!(tokens(&"aGVsbG8gd29ybGQK".repeat(100)) > tokens(&"hello world and ".repeat(100)));
    }

    #[test]
    fn pieces_count_as_their_whole() {
        let text = "Größe 12 cm, 你好 { \"a\": 1 }".as_bytes();
        let mut whole = Text::default();
        whole.add(text);
        let mut pieces = Text::default();
        text.iter().for_each(|byte| pieces.add(&[*byte]));
        assert_eq!(whole, pieces);
    }
}
