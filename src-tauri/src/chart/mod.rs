//! The chart: what was spent, column by column, drawn from numbers as an SVG for a page or a PNG for anywhere else.
//!
//! Not here: the clock, the ledger, files, and any choice of what to show. The caller brings columns, series, colours
//! and words; this room finds the scale and draws.
//!
//! plotters carries the drawing: its areas, coordinate system and elements. Its own two backends do not fit: they
//! know whole pixels only, have no dash arrays and place text by a width they measure with a font of their own.
//! So [`svg`] and [`raster`] implement plotters' `DrawingBackend` on a grid of tenths of a pixel, [`marks`] adds the
//! two dashed marks, and one [`draw`] serves both.
//!
//! Geometry, in pixels: margins left 38, right 6, top 10, bottom 22. Column `i` of `n` starts at
//! `38 + i * (width - 44) / n`; a page may lay its own bands and tooltips over the picture by that rule.

mod bars;
mod draw;
mod labels;
mod marks;
mod palette;
mod picture;
mod raster;
mod rule;
mod scale;
mod svg;
#[cfg(test)]
mod tests;
mod theme;

pub use palette::{REST, SeriesColour, palette};
use thiserror::Error;

/// Widths and heights that can be drawn, in pixels.
const WIDTHS: std::ops::RangeInclusive<u32> = 160..=4096;
const HEIGHTS: std::ops::RangeInclusive<u32> = 120..=2048;

/// Which of the two sets of colours to draw with; the background is part of the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    Light,
    Dark,
}

/// What the values of a chart count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Values are nano-US-dollars.
    Usd,
    /// Values are tokens.
    Tokens,
}

/// One series' part of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Index into [`Chart::series`].
    pub series: usize,
    /// In the chart's unit, at least 0; what is below counts as 0.
    pub value: i64,
}

/// One hour, day or month. Segments are stacked in their order, the first at the bottom.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Column {
    /// Present only where an axis label may stand; those that would collide are left out.
    pub label: Option<String>,
    /// The column of now: it stands on a band and its label is bold.
    pub current: bool,
    pub segments: Vec<Segment>,
    /// What is still expected on top of the segments, in the chart's unit; 0 for none.
    pub projected: i64,
}

/// A provider, model, project or session, and how it is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    /// `None`: spending that is not attributed.
    pub key: Option<String>,
    pub provider: Option<String>,
    pub colour: SeriesColour,
}

/// The dashed line of even spending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// In the chart's unit.
    pub value: i64,
    /// Stands beside the line, as far right as it covers no column; above all columns where there is no such place.
    pub label: String,
}

/// All that is drawn. No columns, or columns of nothing, make an empty axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    pub unit: Unit,
    pub columns: Vec<Column>,
    pub series: Vec<Series>,
    pub rule: Option<Rule>,
}

/// The picture's size in pixels: 160 to 4096 by 120 to 2048.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    pub width: u32,
    pub height: u32,
}

/// Why a chart was not drawn.
#[derive(Debug, Error)]
pub enum ChartError {
    #[error("a chart is 160 to 4096 by 120 to 2048 pixels, not {width} by {height}")]
    Size { width: u32, height: u32 },
    #[error("a segment names series {series}, and there are {count}")]
    Series { series: usize, count: usize },
    #[error("{0:?} is not a colour like #16A08B")]
    Colour(String),
    #[error("the embedded font cannot be read")]
    Font,
    #[error("the chart cannot be drawn: {0}")]
    Draw(String),
    #[error("the picture cannot be encoded: {0}")]
    Encode(#[from] png::EncodingError),
}

/// Draws the chart as an SVG document of `rect`, `line` and `text` alone, fit for `<img>` under a strict CSP.
///
/// # Errors
/// A size out of bounds, a segment without its series, or a colour that is none.
pub fn svg(chart: &Chart, theme: Theme, size: Size) -> Result<String, ChartError> {
    check(size)?;
    let mut document = String::new();
    draw::draw(svg::Document::new(&mut document, size), chart, theme, size)?;
    Ok(document)
}

/// Draws the same chart as a PNG of exactly `size`, 8 bits of red, green and blue, its text in the embedded Inter.
///
/// # Errors
/// As [`svg`], and if the picture cannot be encoded.
pub fn png(chart: &Chart, theme: Theme, size: Size) -> Result<Vec<u8>, ChartError> {
    check(size)?;
    let mut picture = picture::Picture::black(size);
    draw::draw(raster::Canvas::new(&mut picture)?, chart, theme, size)?;
    picture.encode()
}

fn check(size: Size) -> Result<(), ChartError> {
    let Size { width, height } = size;
    if WIDTHS.contains(&width) && HEIGHTS.contains(&height) { Ok(()) } else { Err(ChartError::Size { width, height }) }
}
