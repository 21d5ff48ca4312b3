//! The tray's picture: the state by shape and colour, and the gauge filled by the fullest budget's share.
//!
//! The shapes are the pictures in `icons/`; only the gauge's arc is drawn here, over the one in the picture, with the
//! same geometry. Solid states have no gauge to fill, and get a light rim: a panel may be as dark as they are, and of
//! those it matters most that they are seen. Deliberately not here: any other drawing.

use tauri::image::Image;
use tray_icon::Icon;

use super::status::Status;

/// What is to be seen. Two equal pictures look alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    state: State,
    fill_percent: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Ok,
    Warning,
    Critical,
    Exceeded,
    Paused,
}

impl Picture {
    pub fn of(status: &Status) -> Picture {
        let state = match status.state.as_str() {
            "warning" => State::Warning,
            "critical" => State::Critical,
            "exceeded" => State::Exceeded,
            "paused" => State::Paused,
            _ => State::Ok,
        };
        let fill_percent = if state.has_gauge() { status.fill_percent() } else { 100 };
        Picture { state, fill_percent }
    }
}

impl State {
    fn has_gauge(self) -> bool {
        matches!(self, State::Ok | State::Warning)
    }

    /// One size serves everywhere: panels scale it down, and twice the usual 22 pixels is sharp on fine screens.
    #[cfg(not(target_os = "macos"))]
    fn picture(self) -> Image<'static> {
        match self {
            State::Ok => tauri::include_image!("icons/tray-ok-44.png"),
            State::Warning => tauri::include_image!("icons/tray-warning-44.png"),
            State::Critical => tauri::include_image!("icons/tray-critical-44.png"),
            State::Exceeded => tauri::include_image!("icons/tray-exceeded-44.png"),
            State::Paused => tauri::include_image!("icons/tray-paused-44.png"),
        }
    }

    /// The menu bar colours its own pictures.
    #[cfg(target_os = "macos")]
    fn picture(self) -> Image<'static> {
        match self {
            State::Ok => tauri::include_image!("icons/tray-ok-Template@2x.png"),
            State::Warning => tauri::include_image!("icons/tray-warning-Template@2x.png"),
            State::Critical => tauri::include_image!("icons/tray-critical-Template@2x.png"),
            State::Exceeded => tauri::include_image!("icons/tray-exceeded-Template@2x.png"),
            State::Paused => tauri::include_image!("icons/tray-paused-Template@2x.png"),
        }
    }
}

/// The picture as the tray takes it.
///
/// # Errors
/// The tray's library does not take it.
pub fn drawn(picture: &Picture) -> Result<Icon, tray_icon::BadIcon> {
    let (rgba, side) = pixels(picture);
    Icon::from_rgba(rgba, side, side)
}

fn pixels(picture: &Picture) -> (Vec<u8>, u32) {
    let base = picture.state.picture();
    let mut rgba = base.rgba().to_vec();
    if picture.state.has_gauge() {
        fill_gauge(&mut rgba, base.width(), picture.fill_percent);
    } else if cfg!(not(target_os = "macos")) {
        // The menu bar there gives its own colour to what is drawn.
        lay_rim(&mut rgba, base.width());
    }
    (rgba, base.width())
}

/// The gauge on its grid of 22: centre, radius and width of the stroke, and where it starts and how far it runs, in
/// degrees clockwise from the right. It is open at the bottom.
mod gauge {
    pub const GRID: f32 = 22.0;
    pub const CENTRE: (f32, f32) = (11.0, 9.5);
    pub const RADIUS: (f32, f32) = (6.0, 8.5);
    pub const START: f32 = 130.0;
    pub const SWEEP: f32 = 280.0;
    /// What is not filled is shown this strongly.
    pub const TRACK: f32 = 0.32;
}

/// Looks at this many points across a pixel: enough for smooth edges.
const SAMPLES: u8 = 8;

/// Draws the arc anew over the one in the picture, in the picture's own colour.
fn fill_gauge(rgba: &mut [u8], side: u32, fill_percent: u8) {
    let colour = strongest(rgba);
    for (pixel, i) in rgba.chunks_exact_mut(4).zip(0_u32..) {
        if let Some(cover) = cover(i % side, i / side, side, f32::from(fill_percent) / 100.0)
            && let [r, g, b, a] = pixel
        {
            (*r, *g, *b) = colour;
            *a = level(cover);
        }
    }
}

/// How strongly the gauge covers a pixel; none where the gauge is not.
fn cover(x: u32, y: u32, side: u32, filled: f32) -> Option<f32> {
    let scale = gauge::GRID / small(side);
    let middle = |pixel: u32| (small(pixel) + 0.5) * scale;
    let from_centre = (middle(x) - gauge::CENTRE.0).hypot(middle(y) - gauge::CENTRE.1);
    if from_centre < gauge::RADIUS.0 - scale || from_centre > gauge::RADIUS.1 + scale {
        return None;
    }
    let points = (0..SAMPLES).flat_map(|i| (0..SAMPLES).map(move |j| (i, j)));
    let (mut sum, mut touched) = (0.0, false);
    for (i, j) in points {
        let at = |pixel: u32, sample: u8| (small(pixel) + (f32::from(sample) + 0.5) / f32::from(SAMPLES)) * scale;
        let (dx, dy) = (at(x, i) - gauge::CENTRE.0, at(y, j) - gauge::CENTRE.1);
        let along = (dy.atan2(dx).to_degrees() - gauge::START).rem_euclid(360.0) / gauge::SWEEP;
        if along <= 1.0 && (gauge::RADIUS.0..=gauge::RADIUS.1).contains(&dx.hypot(dy)) {
            touched = true;
            sum += if along < filled { 1.0 } else { gauge::TRACK };
        }
    }
    touched.then(|| sum / f32::from(SAMPLES) / f32::from(SAMPLES))
}

/// How far the rim reaches beyond the shape, of the picture's width in 44ths: across half of what is cut out of it, too.
const RIM: u32 = 3;

/// Lays white under the shape and a little around it.
fn lay_rim(rgba: &mut [u8], side: u32) {
    let reach = i64::from(RIM * side / 44).max(1);
    let alphas: Vec<u8> = rgba.chunks_exact(4).filter_map(|pixel| pixel.last().copied()).collect();
    let alpha = |x: i64, y: i64| {
        let inside = (0..i64::from(side)).contains(&x) && (0..i64::from(side)).contains(&y);
        let at = usize::try_from(y * i64::from(side) + x).ok().filter(|_| inside);
        at.and_then(|at| alphas.get(at)).copied().unwrap_or(0)
    };
    let near: Vec<(i64, i64)> = (-reach..=reach)
        .flat_map(|dx| (-reach..=reach).map(move |dy| (dx, dy)))
        .filter(|(dx, dy)| dx * dx + dy * dy <= reach * reach)
        .collect();
    for (pixel, i) in rgba.chunks_exact_mut(4).zip(0_i64..) {
        let (x, y) = (i % i64::from(side), i / i64::from(side));
        let under = near.iter().map(|(dx, dy)| alpha(x + dx, y + dy)).max().unwrap_or(0);
        if let [r, g, b, a] = pixel {
            let (over, under) = (u32::from(*a), u32::from(under));
            // The shape over the white: what it covers of a pixel keeps its colour.
            let all = over + under * (255 - over) / 255;
            for part in [r, g, b] {
                let mixed = (u32::from(*part) * over + 255 * (all - over)).checked_div(all);
                *part = u8::try_from(mixed.unwrap_or(0)).unwrap_or(u8::MAX);
            }
            *a = u8::try_from(all).unwrap_or(u8::MAX);
        }
    }
}

/// The colour of the picture: that of its most solid pixel.
fn strongest(rgba: &[u8]) -> (u8, u8, u8) {
    let solid = rgba.chunks_exact(4).max_by_key(|pixel| pixel.last().copied());
    if let Some([r, g, b, _]) = solid { (*r, *g, *b) } else { (0, 0, 0) }
}

/// A coordinate in a picture, which is at most some hundred pixels wide.
fn small(n: u32) -> f32 {
    f32::from(u16::try_from(n).unwrap_or(u16::MAX))
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to what a byte holds")]
fn level(cover: f32) -> u8 {
    (cover * 255.0).round().clamp(0.0, 255.0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alphas(state: State, fill_percent: u8) -> Vec<u8> {
        pixels(&Picture { state, fill_percent }).0.chunks_exact(4).map(|pixel| pixel[3]).collect()
    }

    fn sum(state: State, fill_percent: u8) -> u64 {
        alphas(state, fill_percent).into_iter().map(u64::from).sum()
    }

    #[test]
    fn the_gauge_fills_with_what_is_spent() {
        for state in [State::Ok, State::Warning] {
            for percent in (0..100).step_by(4) {
                assert!(sum(state, percent) < sum(state, percent + 4), "{state:?} from {percent} %");
            }
        }
    }

    #[test]
    fn solid_states_are_the_pictures_themselves() {
        for state in [State::Critical, State::Exceeded, State::Paused] {
            assert_eq!(alphas(state, 0), alphas(state, 100), "{state:?}");
        }
    }

    /// The contrast of two colours, as WCAG 2.2 has it.
    fn contrast(one: [u8; 3], other: [u8; 3]) -> f64 {
        let light = |colour: [u8; 3]| {
            let [r, g, b] = colour.map(|part| {
                let part = f64::from(part) / 255.0;
                if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
            });
            0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05
        };
        light(one).max(light(other)) / light(one).min(light(other))
    }

    #[test]
    fn solid_states_are_seen_on_every_panel() {
        for state in [State::Critical, State::Exceeded, State::Paused] {
            let (rgba, side) = pixels(&Picture { state, fill_percent: 100 });
            let solid: Vec<[u8; 3]> = rgba
                .chunks_exact(4)
                .filter(|pixel| pixel[3] == 255)
                .map(|pixel| [pixel[0], pixel[1], pixel[2]])
                .collect();
            assert!(solid.len() > 200 && side == 44);
            for panel in [[0xf6; 3], [0x80; 3], [0x33; 3], [0x1e; 3]] {
                let best = solid.iter().map(|colour| contrast(*colour, panel)).fold(0.0, f64::max);
                assert!(best >= 3.0, "{state:?} on {panel:?}: its shape has a contrast of {best:.1}");
            }
            let white = solid.iter().filter(|colour| **colour == [255; 3]).count();
            let own = solid.iter().map(|colour| contrast(*colour, [255; 3])).fold(0.0, f64::max);
            assert!(white > 40 && own >= 3.0, "{state:?}: what is cut out of it is told from it by {own:.1}");
        }
    }

    #[test]
    fn drawn_as_full_as_the_picture_it_is_the_picture() {
        let picture = |state: State| state.picture().rgba().chunks_exact(4).map(|pixel| pixel[3]).collect::<Vec<_>>();
        for (state, percent) in [(State::Ok, 56), (State::Warning, 80)] {
            let apart = picture(state).iter().zip(alphas(state, percent)).map(|(a, b)| a.abs_diff(b)).max();
            assert!(apart.is_some_and(|apart| apart < 80), "{state:?}: {apart:?}, the geometry has moved");
        }
    }
}
