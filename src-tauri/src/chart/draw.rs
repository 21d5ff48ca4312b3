//! What stands where: the one drawing that every surface shows, in tenths of a pixel.
//!
//! Not here: what stands in a column, see `bars`; how a surface writes a mark, see `svg` and `raster`; round steps,
//! see `scale`; colours, see `theme` and `palette`. Nothing is placed by a measured width.

use super::bars;
use super::labels;
use super::marks::{Dash, DashedLine, PX, Surface};
use super::rule;
use super::scale::{Across, Scale};
use super::theme::{self, Ink};
use super::{Chart, ChartError, Column, Rule, Size, Theme};
use plotters::coord::cartesian::Cartesian2d;
use plotters::coord::{CoordTranslate, Shift};
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea};
use plotters::element::{PathElement, Rectangle, Text};
use plotters::style::{Color, FontDesc, FontFamily, FontStyle, RGBColor, TextStyle};
use plotters_backend::BackendCoord;
use plotters_backend::text_anchor::{HPos, Pos, VPos};
use std::convert::Infallible;

const LEFT: i32 = 38 * PX;
const RIGHT: i32 = 6 * PX;
const TOP: i32 = 10 * PX;
const BOTTOM: i32 = 22 * PX;

/// The rule's.
const EVEN: Dash = Dash { on_px: 4, off_px: 3 };
/// A rule higher than this many times the highest column leaves the picture, or it would press the columns flat.
const RULE_REACH: i128 = 4;

/// Pixels, and smaller where a label has more than five characters, so that it stays within its margin.
const FONT_SIZE: f64 = 11.0;
const FONT_SIZE_LONG: f64 = 9.0;

impl From<DrawingAreaErrorKind<Infallible>> for ChartError {
    fn from(error: DrawingAreaErrorKind<Infallible>) -> Self {
        Self::Draw(error.to_string())
    }
}

/// Draws `chart` onto a surface of `size`.
///
/// # Errors
/// A segment without its series, or a colour that is none. The surface is then left half drawn.
pub(super) fn draw<S: Surface>(surface: S, chart: &Chart, theme: Theme, size: Size) -> Result<(), ChartError> {
    let tallest = chart.columns.iter().map(height).max().unwrap_or(0);
    let even = chart.rule.as_ref().map_or(0, |rule| i128::from(rule.value));
    let rule_fits = tallest == 0 || even <= tallest.saturating_mul(RULE_REACH);
    let highest = if rule_fits { tallest.max(even) } else { tallest };
    // The caller's bounds keep both far from i32's.
    let (width, height) = (size.width as i32 * PX, size.height as i32 * PX);
    let plane = |scale: &Scale| {
        let (across, up) = (LEFT..width - RIGHT, height - BOTTOM..TOP);
        Cartesian2d::<Across, Scale>::new(Across::of(chart.columns.len()), scale.clone(), (across, up))
    };
    let mut scale = Scale::reaching(highest, chart.unit);
    let mut place = words_of_rule(chart, &plane(&scale), width, rule_fits);
    if place.is_none() && chart.rule.is_some() {
        let room = rule::with_room_above(highest, height - BOTTOM - TOP, TOP);
        let roomy = Scale::reaching(room, chart.unit);
        place = words_of_rule(chart, &plane(&roomy), width, rule_fits);
        // Words that do not fit at all make no room.
        scale = if place.is_some() { roomy } else { scale };
    }
    let page = surface.into_drawing_area();
    let sheet = Sheet {
        plot: page.apply_coord_spec(plane(&scale)),
        page,
        ink: Ink::of(theme),
        width,
        height,
        column_width: div_round(width - LEFT - RIGHT, chart.columns.len()),
    };
    sheet.page.fill(&sheet.ink.background)?;
    sheet.band(&chart.columns)?;
    sheet.lines(&scale)?;
    let colours = colours(chart, theme)?;
    for (index, column) in chart.columns.iter().enumerate() {
        bars::draw(&sheet, index, column, &colours)?;
    }
    if let Some(rule) = &chart.rule {
        sheet.rule(rule, rule_fits, place)?;
    }
    sheet.labels(&chart.columns)?;
    sheet.page.present()?;
    Ok(())
}

/// Where the rule's words cover no column.
fn words_of_rule(chart: &Chart, plane: &Cartesian2d<Across, Scale>, width: i32, fits: bool) -> Option<rule::Place> {
    let rule = chart.rule.as_ref()?;
    let x = |half_columns| plane.translate(&(half_columns, 0)).0;
    let y = |value| plane.translate(&(0, value)).1;
    let floor = y(0);
    let taken = |(index, column): (usize, &Column)| rule::Taken {
        left: x(2 * index),
        right: x(2 * index + 2),
        top: y(height(column)).min(if height(column) > 0 { floor - bars::LEAST } else { floor }),
        current: column.current,
    };
    let taken: Vec<_> = chart.columns.iter().enumerate().map(taken).collect();
    let plot = rule::Plot { left: LEFT, right: width - RIGHT, floor };
    rule::place(&rule::words(rule, fits), fits.then(|| y(amount(rule.value))), &taken, plot)
}

/// What a column holds and is expected to hold.
fn height(column: &Column) -> i128 {
    let spent: i128 = column.segments.iter().map(|segment| amount(segment.value)).sum();
    spent + amount(column.projected)
}

/// What a value counts for: nothing below 0, and wide enough to be summed.
pub(super) fn amount(value: i64) -> i128 {
    i128::from(value.max(0))
}

/// Halves upwards; an axis without columns is divided as for one.
fn div_round(length: i32, columns: usize) -> i32 {
    let columns = i32::try_from(columns).unwrap_or(i32::MAX).max(1);
    let whole = length / columns;
    if length % columns >= columns - length % columns { whole + 1 } else { whole }
}

fn colours(chart: &Chart, theme: Theme) -> Result<Vec<RGBColor>, ChartError> {
    let colours = chart.series.iter().map(|series| match theme {
        Theme::Light => theme::hex(&series.colour.light),
        Theme::Dark => theme::hex(&series.colour.dark),
    });
    colours.collect()
}

/// A picture being drawn: `page` in tenths of a pixel, `plot` in half columns and the chart's unit.
pub(super) struct Sheet<S: Surface> {
    pub(super) page: DrawingArea<S, Shift>,
    plot: DrawingArea<S, Cartesian2d<Across, Scale>>,
    pub(super) ink: Ink,
    width: i32,
    height: i32,
    pub(super) column_width: i32,
}

impl<S: Surface> Sheet<S> {
    pub(super) fn x(&self, half_columns: usize) -> i32 {
        self.plot.map_coordinate(&(half_columns, 0)).0
    }

    pub(super) fn y(&self, value: i128) -> i32 {
        self.plot.map_coordinate(&(0, value)).1
    }

    pub(super) fn rect(&self, from: BackendCoord, to: BackendCoord, colour: RGBColor) -> Result<(), ChartError> {
        Ok(self.page.draw(&Rectangle::new([from, to], colour.filled()))?)
    }

    fn text(
        &self,
        text: &str,
        at: BackendCoord,
        anchor: HPos,
        (size, style): (f64, FontStyle),
        colour: RGBColor,
    ) -> Result<(), ChartError> {
        let style = TextStyle {
            font: FontDesc::new(FontFamily::SansSerif, size, style),
            color: colour.to_backend_color(),
            pos: Pos::new(anchor, VPos::Bottom),
        };
        Ok(self.page.draw(&Text::new(text, at, style))?)
    }

    fn band(&self, columns: &[Column]) -> Result<(), ChartError> {
        if let Some(current) = columns.iter().position(|column| column.current) {
            let left = self.x(2 * current);
            let right = left + self.column_width;
            self.rect((left, TOP), (right, self.y(0)), self.ink.band)?;
        }
        Ok(())
    }

    fn lines(&self, scale: &Scale) -> Result<(), ChartError> {
        let labels: Vec<_> = scale.lines().map(|value| (value, scale.label(value))).collect();
        let long = labels.iter().any(|(_, label)| label.len() > 5);
        let size = if long { FONT_SIZE_LONG } else { FONT_SIZE };
        for (value, label) in &labels {
            let y = self.y(*value);
            let colour = if *value == 0 { self.ink.axis } else { self.ink.grid };
            let ends = [(LEFT, y), (self.width - RIGHT, y)];
            self.page.draw(&PathElement::new(ends, colour))?;
            let at = (LEFT - 6 * PX, y + 35);
            self.text(label, at, HPos::Right, (size, FontStyle::Normal), self.ink.label)?;
        }
        Ok(())
    }

    /// A rule beyond the scale keeps its words, at the top and with an arrow.
    fn rule(&self, rule: &Rule, fits: bool, place: Option<rule::Place>) -> Result<(), ChartError> {
        let line = |from, to| DashedLine { ends: [from, to], stroke: self.ink.rule.to_backend_color(), dash: EVEN };
        if fits {
            let y = self.y(amount(rule.value));
            self.page.draw(&line((LEFT, y), (self.width - RIGHT, y)))?;
        }
        let Some(rule::Place { left, right, top, sampled }) = place else {
            return Ok(());
        };
        // Nothing but the grid is behind it.
        self.rect((left, top), (right, top + rule::HEIGHT), self.ink.background)?;
        if sampled {
            let middle = top + rule::HEIGHT / 2;
            self.page.draw(&line((left, middle), (left + rule::SAMPLE, middle)))?;
        }
        let font = (FONT_SIZE, FontStyle::Normal);
        self.text(&rule::words(rule, fits), (right, top + 11 * PX), HPos::Right, font, self.ink.rule)
    }

    fn labels(&self, columns: &[Column]) -> Result<(), ChartError> {
        for place in labels::choose(columns, |index| self.x(2 * index + 1), self.width) {
            let Some(column) = columns.get(place.column) else {
                continue;
            };
            let (style, colour) = if column.current {
                (FontStyle::Bold, self.ink.label_current)
            } else {
                (FontStyle::Normal, self.ink.label)
            };
            let label = column.label.as_deref().unwrap_or_default();
            let at = (place.x, self.height - 6 * PX);
            self.text(label, at, place.anchor, (FONT_SIZE, style), colour)?;
        }
        Ok(())
    }
}
