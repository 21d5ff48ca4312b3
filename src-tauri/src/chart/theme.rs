//! The chart's own ink, light and dark: everything that is not a series.
//!
//! Not here: the colours of providers and models, see `palette`. The values are those of the windows' tokens and of
//! mixtures with the surface, written out because an SVG in an `<img>` cannot see the page's custom properties.

use super::{ChartError, Theme};
use plotters::style::RGBColor;

/// The colours of one theme.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ink {
    pub background: RGBColor,
    /// Under the current column.
    pub band: RGBColor,
    /// The line at zero, and those above it.
    pub axis: RGBColor,
    pub grid: RGBColor,
    /// A projection's inside and outline.
    pub ghost: RGBColor,
    pub ghost_edge: RGBColor,
    /// Axis labels; the current column's label; the rule and its label.
    pub label: RGBColor,
    pub label_current: RGBColor,
    pub rule: RGBColor,
}

const LIGHT: Ink = Ink {
    background: RGBColor(0xff, 0xff, 0xff),
    band: RGBColor(0xf4, 0xf5, 0xf7),
    axis: RGBColor(0xc9, 0xce, 0xd6),
    grid: RGBColor(0xea, 0xec, 0xf0),
    ghost: RGBColor(0xf0, 0xf2, 0xf5),
    ghost_edge: RGBColor(0x8a, 0x91, 0x9d),
    label: RGBColor(0x65, 0x6c, 0x79),
    label_current: RGBColor(0x15, 0x18, 0x1e),
    rule: RGBColor(0x53, 0x5a, 0x66),
};

const DARK: Ink = Ink {
    background: RGBColor(0x16, 0x19, 0x1e),
    band: RGBColor(0x1d, 0x21, 0x27),
    axis: RGBColor(0x3c, 0x43, 0x4e),
    grid: RGBColor(0x26, 0x2b, 0x33),
    ghost: RGBColor(0x1f, 0x24, 0x2b),
    ghost_edge: RGBColor(0x69, 0x71, 0x7e),
    label: RGBColor(0x8b, 0x93, 0xa1),
    label_current: RGBColor(0xec, 0xee, 0xf2),
    rule: RGBColor(0xa7, 0xae, 0xba),
};

impl Ink {
    pub(super) fn of(theme: Theme) -> Self {
        match theme {
            Theme::Light => LIGHT,
            Theme::Dark => DARK,
        }
    }
}

/// Reads `#RRGGBB`.
///
/// # Errors
/// [`ChartError::Colour`] for anything else.
pub(super) fn hex(text: &str) -> Result<RGBColor, ChartError> {
    let wrong = || ChartError::Colour(text.to_owned());
    let digits = text.strip_prefix('#').ok_or_else(wrong)?;
    // from_str_radix would take a sign, and a slice by bytes needs ASCII.
    if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(wrong());
    }
    let rgb = u32::from_str_radix(digits, 16).map_err(|_| wrong())?;
    let [_, red, green, blue] = rgb.to_be_bytes();
    Ok(RGBColor(red, green, blue))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_is_a_hash_and_six_hex_digits() {
        assert_eq!(hex("#16A08b").unwrap(), RGBColor(0x16, 0xa0, 0x8b));
        for wrong in ["", "#", "16A08B", "#16A08", "#16A08BB", "#+6A08B", "#€€", "red"] {
            assert!(hex(wrong).is_err(), "{wrong:?} must be refused");
        }
    }
}
