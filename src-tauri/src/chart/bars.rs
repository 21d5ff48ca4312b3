//! What stands in one column: its segments stacked, and what is still expected on top of them.
//!
//! Not here: the axes and everything else that is drawn once, see `draw`.

use super::draw::{Sheet, amount};
use super::marks::{Dash, DashedRect, PX, Surface};
use super::{ChartError, Column};
use plotters::style::{Color, RGBColor};

/// Between stacked segments, and between the lowest and the axis.
const GAP: i32 = PX;
/// However little was spent, it shows.
pub(super) const LEAST: i32 = 2 * PX;
/// A projection's outline.
const PROJECTED: Dash = Dash { on_px: 2, off_px: 2 };

/// Draws column `index` with its series' colours.
///
/// # Errors
/// [`ChartError::Series`] for a segment without its series.
pub(super) fn draw<S: Surface>(
    sheet: &Sheet<S>,
    index: usize,
    column: &Column,
    colours: &[RGBColor],
) -> Result<(), ChartError> {
    // 15 % of the column on either side, to the nearest half pixel: the bar is 70 %.
    let inset = (sheet.column_width * 3 + 50) / 100 * 5;
    let left = sheet.x(2 * index) + inset;
    let right = left + (sheet.column_width - 2 * inset).max(1);

    let floor = sheet.y(0);
    let (mut spent, mut base) = (0, floor);
    let mut largest: Option<(i128, RGBColor)> = None;
    let mut bars = Vec::with_capacity(column.segments.len());
    for segment in &column.segments {
        let (series, count) = (segment.series, colours.len());
        let colour = *colours.get(series).ok_or(ChartError::Series { series, count })?;
        let value = amount(segment.value);
        spent += value;
        let top = sheet.y(spent);
        // The gap below is the segment's own, as far as it has the height to give.
        let tall = (base - top - GAP).max((base - top).min(PX / 2));
        bars.push((top, top + tall, colour));
        base = top;
        if largest.is_none_or(|(most, _)| value > most) {
            largest = Some((value, colour));
        }
    }
    if let Some((_, colour)) = largest.filter(|_| spent > 0 && floor - base < LEAST) {
        base = floor - LEAST;
        bars = vec![(base, floor - GAP, colour)];
    }
    for (top, bottom, colour) in bars {
        if top < bottom {
            sheet.rect((left, top), (right, bottom), colour)?;
        }
    }

    let top = sheet.y(spent + amount(column.projected));
    let bottom = if spent > 0 { base - GAP } else { floor };
    if column.projected > 0 && top < bottom {
        // The stroke is centred on the edge, so half of it would lie outside the bar.
        let half = if right - left > 2 * PX { PX / 2 } else { 0 };
        sheet.page.draw(&DashedRect {
            corners: [(left + half, top), (right - half, bottom)],
            fill: sheet.ink.ghost.to_backend_color(),
            stroke: sheet.ink.ghost_edge.to_backend_color(),
            dash: PROJECTED,
        })?;
    }
    Ok(())
}
