//! The PNG surface: every mark as rectangles, text in an embedded Inter.
//!
//! Text is set here with `ab_glyph` rather than by plotters, which rounds every
//! glyph to whole pixels, drops its left bearing, and looks fonts up in a process-wide table.
//!
//! Not here: pixels and their encoding, see `picture`; files, system fonts, shaping. The fonts in `font/` are Latin
//! subsets with tabular figures; a character they lack is drawn as a box.

use super::ChartError;
use super::marks::{Dash, PX, Surface};
use super::picture::Picture;
use ab_glyph::{Font, FontRef, PxScale, ScaleFont, point};
use plotters_backend::text_anchor::HPos;
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind, FontStyle,
};
use std::convert::Infallible;

const REGULAR: &[u8] = include_bytes!("font/Inter-Regular.otf");
const SEMIBOLD: &[u8] = include_bytes!("font/Inter-SemiBold.otf");

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

/// A picture being drawn.
pub(super) struct Canvas<'a> {
    picture: &'a mut Picture,
    regular: FontRef<'static>,
    semibold: FontRef<'static>,
}

impl<'a> Canvas<'a> {
    /// # Errors
    /// [`ChartError::Font`] if an embedded font cannot be read.
    pub(super) fn new(picture: &'a mut Picture) -> Result<Self, ChartError> {
        let font = |bytes| FontRef::try_from_slice(bytes).map_err(|_| ChartError::Font);
        Ok(Self { picture, regular: font(REGULAR)?, semibold: font(SEMIBOLD)? })
    }

    /// A 1 px stroke between two points on a level or upright line.
    fn stroke(&mut self, from: BackendCoord, to: BackendCoord, colour: BackendColor) {
        let half = PX / 2;
        let (left, right) = (from.0.min(to.0), from.0.max(to.0));
        let (top, bottom) = (from.1.min(to.1), from.1.max(to.1));
        if top == bottom {
            self.picture.fill((left, top - half), (right, top + half), colour);
        } else {
            self.picture.fill((left - half, top), (left + half, bottom), colour);
        }
    }

    /// Dashes along a level or upright line. `walked` is how far the pattern has come, in tenths of a pixel.
    fn dashes(&mut self, from: BackendCoord, to: BackendCoord, colour: BackendColor, dash: Dash, walked: i32) {
        let (on, period) = (dash.on_px * PX, (dash.on_px + dash.off_px) * PX);
        let (step_x, step_y) = ((to.0 - from.0).signum(), (to.1 - from.1).signum());
        let length = (to.0 - from.0).abs().max((to.1 - from.1).abs());
        let at = |way: i32| (from.0 + step_x * way, from.1 + step_y * way);
        let mut way = -walked.rem_euclid(period.max(1));
        while way < length && period > 0 {
            let (start, end) = (way.max(0), (way + on).min(length));
            if start < end {
                self.stroke(at(start), at(end), colour);
            }
            way += period;
        }
    }
}

impl DrawingBackend for Canvas<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        (self.picture.size.width * PX as u32, self.picture.size.height * PX as u32)
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): BackendCoord, colour: BackendColor) -> Drawn {
        self.picture.fill((x, y), (x + 1, y + 1), colour);
        Ok(())
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        lower_right: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Drawn {
        if fill {
            self.picture.fill(upper_left, lower_right, style.color());
        } else {
            let [a, b, c, d] = corners(upper_left, lower_right);
            for (from, to) in [(a, b), (b, c), (c, d), (d, a)] {
                self.stroke(from, to, style.color());
            }
        }
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Drawn {
        let points: Vec<_> = path.into_iter().collect();
        for ends in points.windows(2) {
            self.stroke(ends[0], ends[1], style.color());
        }
        Ok(())
    }

    fn draw_text<T: BackendTextStyle>(&mut self, text: &str, style: &T, (x, y): BackendCoord) -> Drawn {
        let font = match style.style() {
            FontStyle::Bold => self.semibold.clone(),
            FontStyle::Normal | FontStyle::Oblique | FontStyle::Italic => self.regular.clone(),
        };
        // ab_glyph scales by ascent plus descent, CSS by the em.
        let em = font.units_per_em().unwrap_or(1000.0);
        let scale = PxScale::from(style.size() as f32 * font.height_unscaled() / em);
        let advance = |c| font.as_scaled(scale).h_advance(font.glyph_id(c));
        let width: f32 = text.chars().map(advance).sum();
        let start = match style.anchor().h_pos {
            HPos::Left => 0.0,
            HPos::Center => -width / 2.0,
            HPos::Right => -width,
        };
        let (mut x, y) = (x as f32 / PX as f32 + start, y as f32 / PX as f32);
        for c in text.chars() {
            let glyph = font.glyph_id(c).with_scale_and_position(scale, point(x, y));
            if let Some(outline) = font.outline_glyph(glyph) {
                let corner = outline.px_bounds().min;
                outline.draw(|dx, dy, cover| {
                    let (x, y) = (corner.x as i32 + dx as i32, corner.y as i32 + dy as i32);
                    self.picture.blend(x, y, style.color(), cover);
                });
            }
            x += advance(c);
        }
        Ok(())
    }
}

impl Surface for Canvas<'_> {
    fn dashed_line(&mut self, from: BackendCoord, to: BackendCoord, stroke: BackendColor, dash: Dash) {
        self.dashes(from, to, stroke, dash, 0);
    }

    fn dashed_rect(
        &mut self,
        upper_left: BackendCoord,
        lower_right: BackendCoord,
        fill: BackendColor,
        stroke: BackendColor,
        dash: Dash,
    ) {
        self.picture.fill(upper_left, lower_right, fill);
        // As SVG does: clockwise from the upper left, the pattern running on around the corners.
        let [a, b, c, d] = corners(upper_left, lower_right);
        let mut walked = 0;
        for (from, to) in [(a, b), (b, c), (c, d), (d, a)] {
            self.dashes(from, to, stroke, dash, walked);
            walked += (to.0 - from.0).abs() + (to.1 - from.1).abs();
        }
    }
}

/// Clockwise from the upper left.
fn corners((left, top): BackendCoord, (right, bottom): BackendCoord) -> [BackendCoord; 4] {
    [(left, top), (right, top), (right, bottom), (left, bottom)]
}
