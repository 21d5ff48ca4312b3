//! The glance: the small window that a click on the tray's light opens beside it, and that goes when it is left.
//!
//! Where the desktop does not say where the light is, it opens in the corner where lights usually are; where programs may
//! not place their windows (Wayland), wherever the desktop puts it. Deliberately not here: what it shows, which is a page.

use std::time::{Duration, Instant};

use tauri::{AppHandle, Manager, Monitor, PhysicalPosition, WebviewUrl, WebviewWindowBuilder};

/// The label of its window.
pub const GLANCE: &str = "glance";

const WIDTH: f64 = 360.0;

/// What stands around the budgets, and each of them, in logical pixels.
const AROUND: f64 = 192.0;
const ROW: f64 = 48.0;
const ROWS_MAX: usize = 8;

/// Between the window, the light and the screen's edges.
const GAP: f64 = 8.0;

/// A click on the light takes the focus from the window first, which closes it, and then asks for it again.
const SAME_CLICK: Duration = Duration::from_millis(400);

/// Whether it is open, was looked at, and when it was left.
#[derive(Default)]
pub struct Glance {
    looked_at: bool,
    left: Option<Instant>,
}

impl Glance {
    /// Whether a click means that it is to open, rather than to go. One that is open is closed by it.
    pub fn opens(&mut self, handle: &AppHandle) -> bool {
        if self.close(handle) {
            return false;
        }
        self.left.take().is_none_or(|left| left.elapsed() > SAME_CLICK)
    }

    /// Its window has got or lost the focus: one that has had it and lost it is left.
    pub fn focused(&mut self, handle: &AppHandle, focused: bool) {
        if focused {
            self.looked_at = true;
        } else if self.looked_at && self.close(handle) {
            self.left = Some(Instant::now());
        }
    }

    /// Closes it; whether it was open.
    pub fn close(&mut self, handle: &AppHandle) -> bool {
        self.looked_at = false;
        let Some(window) = handle.get_webview_window(GLANCE) else { return false };
        if let Err(error) = window.close() {
            tracing::debug!(%error, "the glance did not close");
        }
        true
    }
}

/// Opens it near the light, with room for so many budgets.
///
/// # Errors
/// The desktop made no window.
pub fn open(handle: &AppHandle, light: (f64, f64), budgets: usize) -> tauri::Result<()> {
    let rows = u32::try_from(budgets.clamp(1, ROWS_MAX)).unwrap_or(1);
    let (width, height) = (WIDTH, AROUND + ROW * f64::from(rows));
    let window = WebviewWindowBuilder::new(handle, GLANCE, WebviewUrl::App("glance.html".into()))
        .title("Spendlight at a glance")
        .inner_size(width, height)
        .resizable(false)
        .maximizable(false)
        .minimizable(false)
        .decorations(false)
        .always_on_top(true)
        .skip_taskbar(true)
        .visible(false)
        .build()?;
    if let Some(screen) = screen_of(handle, light)? {
        let scale = screen.scale_factor();
        let (x, y) = beside(light, (width * scale, height * scale), &Area::of(&screen), GAP * scale);
        window.set_position(PhysicalPosition::new(x, y))?;
    }
    window.show()?;
    window.set_focus()
}

/// The screen that the light is on; the first one where the light is nowhere.
fn screen_of(handle: &AppHandle, light: (f64, f64)) -> tauri::Result<Option<Monitor>> {
    let holds = |screen: &Monitor| {
        let (at, size) = (screen.position(), screen.size());
        let within = |value: f64, from: i32, length: u32| {
            (f64::from(from)..f64::from(from) + f64::from(length)).contains(&value)
        };
        within(light.0, at.x, size.width) && within(light.1, at.y, size.height)
    };
    match handle.available_monitors()?.into_iter().find(holds) {
        Some(screen) => Ok(Some(screen)),
        None => handle.primary_monitor(),
    }
}

/// What panels leave of a screen.
struct Area {
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

impl Area {
    fn of(screen: &Monitor) -> Area {
        let area = screen.work_area();
        let (left, top) = (f64::from(area.position.x), f64::from(area.position.y));
        Area { left, top, right: left + f64::from(area.size.width), bottom: top + f64::from(area.size.height) }
    }
}

/// Where a window of `size` goes: under the light or over it, as near as the area lets it. A light that is nowhere is
/// taken to be in the upper right corner.
fn beside(light: (f64, f64), size: (f64, f64), area: &Area, gap: f64) -> (f64, f64) {
    let (x, y) = if light == (0.0, 0.0) { (area.right, area.top) } else { light };
    let below = y < f64::midpoint(area.top, area.bottom);
    let fit = |at: f64, from: f64, to: f64| at.min(to - gap).max(from + gap);
    let top = if below { y + gap } else { y - gap - size.1 };
    (fit(x - size.0 / 2.0, area.left, area.right - size.0), fit(top, area.top, area.bottom - size.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_opens_beside_the_light_and_within_what_panels_leave() {
        let (top_panel, bottom_panel) = (
            Area { left: 0.0, top: 30.0, right: 1280.0, bottom: 900.0 },
            Area { left: 1280.0, top: 0.0, right: 2560.0, bottom: 860.0 },
        );
        let size = (360.0, 400.0);
        for (light, area, wanted) in [
            ((700.0, 12.0), &top_panel, (520.0, 38.0)),
            ((1270.0, 12.0), &top_panel, (912.0, 38.0)),
            ((0.0, 0.0), &top_panel, (912.0, 38.0)),
            ((1500.0, 880.0), &bottom_panel, (1320.0, 452.0)),
            ((1290.0, 880.0), &bottom_panel, (1288.0, 452.0)),
        ] {
            assert_eq!(beside(light, size, area, 8.0), wanted, "a light at {light:?}");
        }
    }
}
