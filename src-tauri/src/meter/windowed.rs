//! A sum over the current window, which knows when the window has passed.
//!
//! A call may be dated a few minutes ahead, into a window that has not begun: its part waits until the window does.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::domain::window::{Window, WindowKind};
use crate::ledger::usage::Totals;

/// What can be summed up over a window.
pub trait Sum: Copy + Default {
    fn add(&mut self, part: &Self);
}

impl Sum for i64 {
    fn add(&mut self, part: &i64) {
        *self = self.saturating_add(*part);
    }
}

impl Sum for Totals {
    fn add(&mut self, part: &Totals) {
        Totals::add(self, part);
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Windowed<S> {
    pub window: Window,
    pub zone: Tz,
    pub sum: S,
    /// Parts of windows to come, by their window.
    ahead: Vec<(Window, S)>,
}

impl<S: Sum> Windowed<S> {
    pub fn new(kind: WindowKind, now: DateTime<Utc>, zone: Tz) -> Windowed<S> {
        Windowed { window: Window::holding(kind, now, zone), zone, sum: S::default(), ahead: Vec::new() }
    }

    /// Moves on to the window that holds `now`. A clock that is set back does not bring a window back.
    pub fn roll(&mut self, now: DateTime<Utc>) -> bool {
        if now < self.window.end {
            return false;
        }
        self.window = Window::holding(self.window.kind, now, self.zone);
        let current = self.window;
        self.sum = self.ahead.iter().find(|(window, _)| *window == current).map_or(S::default(), |(_, sum)| *sum);
        self.ahead.retain(|(window, _)| window.start >= current.end);
        true
    }

    /// Counts a part dated `at`: now, later, or not any more.
    pub fn count(&mut self, at: DateTime<Utc>, part: &S) {
        if self.window.contains(at) {
            self.sum.add(part);
        } else if at >= self.window.end {
            let window = Window::holding(self.window.kind, at, self.zone);
            match self.ahead.iter_mut().find(|(ahead, _)| *ahead == window) {
                Some((_, sum)) => sum.add(part),
                None => self.ahead.push((window, *part)),
            }
        }
    }
}
