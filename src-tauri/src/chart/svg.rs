//! The SVG surface: each mark is one `rect`, `line` or `text`, with one decimal.
//!
//! Not here: style elements and style attributes, which a page's CSP would refuse; gradients, patterns, paths, ids,
//! scripts. Text is placed by anchor and never measured. Everything that comes from outside is escaped.

use super::Size;
use super::marks::{Dash, PX, Surface};
use plotters_backend::text_anchor::HPos;
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind, FontStyle,
};
use std::convert::Infallible;
use std::fmt;

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

/// 11 px: the size of text that does not say otherwise.
const FONT_SIZE: f64 = 11.0;

/// An SVG document being written; closed when plotters presents it.
pub(super) struct Document<'a> {
    out: &'a mut String,
    size: Size,
}

impl<'a> Document<'a> {
    pub(super) fn new(out: &'a mut String, size: Size) -> Self {
        let Size { width, height } = size;
        let mut document = Self { out, size };
        document.put(format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" font-family=\"Inter, system-ui, sans-serif\" \
             font-size=\"{FONT_SIZE}\" font-variant=\"tabular-nums\">"
        ));
        document
    }

    fn put(&mut self, line: fmt::Arguments<'_>) {
        // Writing to a String cannot fail.
        let _ = fmt::Write::write_fmt(self.out, line);
        self.out.push('\n');
    }

    fn rect(&mut self, from: BackendCoord, to: BackendCoord, paint: fmt::Arguments<'_>) {
        let (width, height) = (to.0 - from.0, to.1 - from.1);
        if width > 0 && height > 0 {
            self.put(format_args!(
                "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" {paint}/>",
                Tenths(from.0),
                Tenths(from.1),
                Tenths(width),
                Tenths(height),
            ));
        }
    }

    fn line(&mut self, from: BackendCoord, to: BackendCoord, paint: fmt::Arguments<'_>) {
        self.put(format_args!(
            "<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" {paint}/>",
            Tenths(from.0),
            Tenths(from.1),
            Tenths(to.0),
            Tenths(to.1),
        ));
    }
}

impl DrawingBackend for Document<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        (self.size.width * PX as u32, self.size.height * PX as u32)
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        self.out.push_str("</svg>\n");
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): BackendCoord, colour: BackendColor) -> Drawn {
        self.draw_rect((x, y), (x + 1, y + 1), &colour, true)
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn {
        let stroke = Hex(style.color());
        self.line(from, to, format_args!("stroke=\"{stroke}\" stroke-width=\"1\""));
        Ok(())
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        lower_right: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Drawn {
        let colour = Hex(style.color());
        if fill {
            self.rect(upper_left, lower_right, format_args!("fill=\"{colour}\""));
        } else {
            let paint = format_args!("fill=\"none\" stroke=\"{colour}\" stroke-width=\"1\"");
            self.rect(upper_left, lower_right, paint);
        }
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Drawn {
        let points: Vec<_> = path.into_iter().collect();
        for ends in points.windows(2) {
            self.draw_line(ends[0], ends[1], style)?;
        }
        Ok(())
    }

    fn draw_text<T: BackendTextStyle>(&mut self, text: &str, style: &T, (x, y): BackendCoord) -> Drawn {
        let anchor = match style.anchor().h_pos {
            HPos::Left => "start",
            HPos::Center => "middle",
            HPos::Right => "end",
        };
        let weight = match style.style() {
            FontStyle::Bold => " font-weight=\"600\"",
            FontStyle::Normal | FontStyle::Oblique | FontStyle::Italic => "",
        };
        let fill = Hex(style.color());
        let (x, y, text) = (Tenths(x), Tenths(y), Escaped(text));
        if style.size() == FONT_SIZE {
            self.put(format_args!(
                "<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\" fill=\"{fill}\"{weight}>{text}</text>"
            ));
        } else {
            let size = style.size();
            self.put(format_args!(
                "<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\" fill=\"{fill}\"{weight} font-size=\"{size}\">{text}</text>"
            ));
        }
        Ok(())
    }
}

impl Surface for Document<'_> {
    fn dashed_line(&mut self, from: BackendCoord, to: BackendCoord, stroke: BackendColor, dash: Dash) {
        let (stroke, dash) = (Hex(stroke), Dashes(dash));
        let paint = format_args!("stroke=\"{stroke}\" stroke-width=\"1\" stroke-dasharray=\"{dash}\"");
        self.line(from, to, paint);
    }

    fn dashed_rect(
        &mut self,
        upper_left: BackendCoord,
        lower_right: BackendCoord,
        fill: BackendColor,
        stroke: BackendColor,
        dash: Dash,
    ) {
        let (fill, stroke, dash) = (Hex(fill), Hex(stroke), Dashes(dash));
        let paint = format_args!("fill=\"{fill}\" stroke=\"{stroke}\" stroke-width=\"1\" stroke-dasharray=\"{dash}\"");
        self.rect(upper_left, lower_right, paint);
    }
}

/// Tenths of a pixel as pixels: 1642 is `164.2`, 1730 is `173`.
struct Tenths(i32);

impl fmt::Display for Tenths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, tenth) = (self.0.unsigned_abs() / 10, self.0.unsigned_abs() % 10);
        match tenth {
            0 => write!(f, "{sign}{whole}"),
            _ => write!(f, "{sign}{whole}.{tenth}"),
        }
    }
}

struct Hex(BackendColor);

impl fmt::Display for Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (red, green, blue) = self.0.rgb;
        write!(f, "#{red:02X}{green:02X}{blue:02X}")
    }
}

struct Dashes(Dash);

impl fmt::Display for Dashes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0.on_px, self.0.off_px)
    }
}

/// Text as XML: marks that mean something are escaped, characters that XML 1.0 does not know are replaced.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write;
        self.0.chars().try_for_each(|c| match c {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '"' => f.write_str("&quot;"),
            '\'' => f.write_str("&#39;"),
            '\t' | '\n' | '\r' => f.write_char(' '),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => f.write_char('\u{fffd}'),
            _ => f.write_char(c),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_have_one_decimal_or_none() {
        let written = [1642, 1730, 5, 0, -5, -20].map(|tenths| Tenths(tenths).to_string());
        assert_eq!(written, ["164.2", "173", "0.5", "0", "-0.5", "-2"]);
    }

    #[test]
    fn text_is_escaped_and_has_no_character_that_xml_lacks() {
        let escaped = Escaped("a<b>&\"'\u{0}\u{1b}\nü€").to_string();
        assert_eq!(escaped, "a&lt;b&gt;&amp;&quot;&#39;\u{fffd}\u{fffd} ü€");
    }
}
