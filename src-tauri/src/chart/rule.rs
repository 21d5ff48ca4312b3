//! Where the rule's words stand: beside their line where no column is, else above all columns.
//!
//! Widths are guessed, and guessed wide, as those of `labels`. Not here: the line itself, see `draw`.

use super::Rule;
use super::marks::PX;

/// A character of 11 px text, and the air around words; tenths of a pixel.
const CHARACTER: i32 = 56;
const AIR: i32 = 4 * PX;
/// How high words are, and how far from the line.
pub(super) const HEIGHT: i32 = 14 * PX;
const OFF: i32 = 2 * PX;
/// A piece of the line before words that stand away from it, and its share of the room.
pub(super) const SAMPLE: i32 = 15 * PX;

/// The room a column takes: all of its width, from its highest mark down.
#[derive(Debug, Clone, Copy)]
pub(super) struct Taken {
    pub left: i32,
    pub right: i32,
    pub top: i32,
    /// Words that hid a part of today's band would cut it in two.
    pub current: bool,
}

/// What the words may not leave, in tenths of a pixel.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plot {
    pub left: i32,
    pub right: i32,
    pub floor: i32,
}

/// Where words stand, and whether a piece of the line goes before them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub left: i32,
    pub right: i32,
    pub top: i32,
    pub sampled: bool,
}

/// The words of a rule; those of one beyond the scale point to it.
pub(super) fn words(rule: &Rule, fits: bool) -> String {
    if fits || rule.label.is_empty() { rule.label.clone() } else { format!("\u{2191} {}", rule.label) }
}

/// What `words` take across.
pub(super) fn width(words: &str) -> i32 {
    i32::try_from(words.chars().count()).unwrap_or(i32::MAX).saturating_mul(CHARACTER).saturating_add(AIR)
}

/// As far right as they can stand without covering a column: above the line at `line`, below it, or at the picture's
/// top. None where every place is taken, or no words are short enough for the plot.
pub(super) fn place(words: &str, line: Option<i32>, columns: &[Taken], plot: Plot) -> Option<Place> {
    let width = width(words);
    if words.is_empty() || width > plot.right - plot.left {
        return None;
    }
    let beside = line.into_iter().flat_map(|line| [line - OFF - HEIGHT, line + OFF]).map(|top| (top, false));
    let sampled = line.is_some() && width + SAMPLE <= plot.right - plot.left;
    let tops = beside.chain([(0, sampled)]).filter(|(top, _)| *top >= 0 && top + HEIGHT <= plot.floor);
    let tops: Vec<_> = tops.collect();
    [true, false].into_iter().find_map(|spare_today| {
        tops.iter().find_map(|&(top, sampled)| {
            let width = if sampled { width + SAMPLE } else { width };
            let bars = columns.iter().filter(|c| (spare_today && c.current) || c.top < top + HEIGHT + PX);
            let on_line = sampled && line.is_some_and(|line| line < top + HEIGHT);
            let right = if on_line { None } else { gap(width, bars, plot) };
            right.map(|right| Place { left: right - width, right, top, sampled })
        })
    })
}

/// The right end of the rightmost gap between `taken` that is wide enough.
fn gap<'a>(width: i32, taken: impl DoubleEndedIterator<Item = &'a Taken>, plot: Plot) -> Option<i32> {
    let mut right = plot.right;
    for column in taken.rev() {
        if right - column.right >= width {
            return Some(right);
        }
        right = right.min(column.left);
    }
    (right - plot.left >= width).then_some(right)
}

/// The height in the chart's unit at which columns of `highest` leave room for words above them.
pub(super) fn with_room_above(highest: i128, plot_height: i32, top: i32) -> i128 {
    let (whole, room) = (i128::from(plot_height), i128::from(HEIGHT + OFF - top));
    highest * whole / (whole - room).max(1) + 1
}
