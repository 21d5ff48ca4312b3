//! The two dashed marks, as plotters elements, and what a backend must offer to draw them.
//!
//! plotters cuts a dashed path into many short ones; an SVG says it in one attribute. So a dash is part of the mark
//! here, and each backend draws it in its own way. Not here: solid marks, which are plotters' own elements, and where
//! anything stands, see `draw`.

use plotters::element::{Drawable, PointCollection};
use plotters_backend::{BackendColor, BackendCoord, DrawingBackend, DrawingErrorKind};
use std::convert::Infallible;

/// Coordinates are tenths of a pixel; this many make one.
pub(super) const PX: i32 = 10;

/// A dash and the gap after it, in pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dash {
    pub on_px: i32,
    pub off_px: i32,
}

/// A plotters backend on a grid of tenths of a pixel, with 1 px dashed strokes centred on their coordinates.
///
/// Rectangles are half-open: from `upper_left` to, and not including, `lower_right`. A text's y is its baseline.
pub(super) trait Surface: DrawingBackend<ErrorType = Infallible> {
    fn dashed_line(&mut self, from: BackendCoord, to: BackendCoord, stroke: BackendColor, dash: Dash);

    fn dashed_rect(
        &mut self,
        upper_left: BackendCoord,
        lower_right: BackendCoord,
        fill: BackendColor,
        stroke: BackendColor,
        dash: Dash,
    );
}

/// A dashed line, 1 px wide.
pub(super) struct DashedLine {
    pub ends: [BackendCoord; 2],
    pub stroke: BackendColor,
    pub dash: Dash,
}

/// A filled rectangle with a dashed outline, 1 px wide.
pub(super) struct DashedRect {
    pub corners: [BackendCoord; 2],
    pub fill: BackendColor,
    pub stroke: BackendColor,
    pub dash: Dash,
}

impl<'a> PointCollection<'a, BackendCoord> for &'a DashedLine {
    type Point = &'a BackendCoord;
    type IntoIter = &'a [BackendCoord; 2];

    fn point_iter(self) -> Self::IntoIter {
        &self.ends
    }
}

impl<S: Surface> Drawable<S> for DashedLine {
    fn draw<I: Iterator<Item = BackendCoord>>(
        &self,
        mut points: I,
        surface: &mut S,
        _: (u32, u32),
    ) -> Result<(), DrawingErrorKind<S::ErrorType>> {
        if let (Some(from), Some(to)) = (points.next(), points.next()) {
            surface.dashed_line(from, to, self.stroke, self.dash);
        }
        Ok(())
    }
}

impl<'a> PointCollection<'a, BackendCoord> for &'a DashedRect {
    type Point = &'a BackendCoord;
    type IntoIter = &'a [BackendCoord; 2];

    fn point_iter(self) -> Self::IntoIter {
        &self.corners
    }
}

impl<S: Surface> Drawable<S> for DashedRect {
    fn draw<I: Iterator<Item = BackendCoord>>(
        &self,
        mut points: I,
        surface: &mut S,
        _: (u32, u32),
    ) -> Result<(), DrawingErrorKind<S::ErrorType>> {
        if let (Some(upper_left), Some(lower_right)) = (points.next(), points.next()) {
            surface.dashed_rect(upper_left, lower_right, self.fill, self.stroke, self.dash);
        }
        Ok(())
    }
}
