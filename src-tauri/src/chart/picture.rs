//! Pixels: filled by exact coverage, and encoded as a PNG.
//!
//! Every mark of the chart is a rectangle with upright edges, so a grid of tenths of a pixel gives each pixel its
//! coverage in hundredths, without a rasterizer. Not here: what a mark is, see `raster`; files.

use super::marks::PX;
use super::{ChartError, Size};
use plotters_backend::{BackendColor, BackendCoord};

const CHANNELS: usize = 3;

/// Rows of red, green and blue, 8 bits each.
pub(super) struct Picture {
    pixels: Vec<u8>,
    pub(super) size: Size,
}

impl Picture {
    pub(super) fn black(size: Size) -> Self {
        let bytes = size.width as usize * size.height as usize * CHANNELS;
        Self { pixels: vec![0; bytes], size }
    }

    /// Lays `colour` over a pixel, `cover` of it from 0 to 1; outside the picture nothing.
    pub(super) fn blend(&mut self, x: i32, y: i32, colour: BackendColor, cover: f32) {
        let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y)) else {
            return;
        };
        if x >= self.size.width || y >= self.size.height {
            return;
        }
        let first = (y as usize * self.size.width as usize + x as usize) * CHANNELS;
        let (red, green, blue) = colour.rgb;
        let cover = cover.clamp(0.0, 1.0);
        for (under, over) in self.pixels[first..first + CHANNELS].iter_mut().zip([red, green, blue]) {
            let mixed = f32::from(*under) * (1.0 - cover) + f32::from(over) * cover;
            *under = mixed.round() as u8;
        }
    }

    /// Fills from `from` up to `to`, in tenths of a pixel, each pixel by the part of it that is covered.
    pub(super) fn fill(&mut self, from: BackendCoord, to: BackendCoord, colour: BackendColor) {
        let covered = |pixel: i32, from: i32, to: i32| (to.min((pixel + 1) * PX) - from.max(pixel * PX)).clamp(0, PX);
        let Size { width, height } = self.size;
        let (right, bottom) = (width as i32 * PX, height as i32 * PX);
        let (left, top) = (from.0.max(0), from.1.max(0));
        let (right, bottom) = (to.0.min(right), to.1.min(bottom));
        for y in top / PX..(bottom + PX - 1) / PX {
            for x in left / PX..(right + PX - 1) / PX {
                let tenths = covered(x, left, right) * covered(y, top, bottom);
                self.blend(x, y, colour, tenths as f32 / (PX * PX) as f32);
            }
        }
    }

    /// # Errors
    /// What the encoder refuses.
    pub(super) fn encode(&self) -> Result<Vec<u8>, ChartError> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, self.size.width, self.size.height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&self.pixels)?;
        writer.finish()?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pixel_takes_the_part_of_a_colour_that_covers_it() {
        let (width, height) = (4, 3);
        let mut picture = Picture::black(Size { width, height });
        let white = BackendColor { alpha: 1.0, rgb: (255, 255, 255) };
        // From 0.5 to 2 across and 1 to 1.5 down, and once outside on every side.
        picture.fill((5, 10), (20, 15), white);
        picture.fill((-50, -50), (0, 80), white);
        picture.fill((40, 0), (90, 90), white);
        let reds: Vec<_> = picture.pixels.iter().step_by(CHANNELS).copied().collect();
        assert_eq!(reds, [0, 0, 0, 0, 64, 128, 0, 0, 0, 0, 0, 0]);
    }
}
